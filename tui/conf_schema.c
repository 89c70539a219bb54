#include "config.h"

#include "tui/conf_schema.h"

#include <string.h>

#include "actions/action.h"
#include "actions/peek.h"
#include "base/limits.h"
#include "datasrc/flag_type.h"
#include "datasrc/source.h"
#include "model/depend_def.h"
#include "model/limits.h"
#include "model/platform.h"
#include "model/signal_def.h"
#include "panels/command.h"
#include "tui/conf_schema_impl.h"
#include "tui/keys.h"

/* How a comparison begins; model/signal_threshold.c reads the rest. */
#define SCHEMA_THRESHOLD "^ *(>=|<=|==|>|<) *\\$?[-+.]?[0-9]|" SCHEMA_VARIABLE

/* Thresholds are texts to the table; what they look like is known here. */
static cJSON *
signal_row(struct schema *schema, const struct opt *opt)
{
	static const char *const names[] = { "warn", "crit", "recover" };
	cJSON *row;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(opt->name, names[i]) != 0)
			continue;
		row = schema_object(schema);
		schema_describe(schema, row, opt);
		schema_text(schema, row, "type", "string");
		schema_text(schema, row, "pattern", SCHEMA_THRESHOLD);
		return row;
	}
	return NULL;
}

static cJSON *
signal_schema(struct schema *schema)
{
	const struct opt_table *table = &signal_def_opts;
	cJSON *object = schema_object(schema), *one = schema_array(schema);

	schema_text(schema, object, "type", "object");
	schema_rows(schema, object, &table, 1, signal_row);
	for (int kind = 0; kind < SIGNAL_KIND_COUNT; kind++) {
		cJSON *way = schema_object(schema), *key = schema_array(schema);

		schema_text(schema, key, NULL,
		    signal_kind_name((enum signal_kind)kind));
		schema_put(schema, way, "required", key);
		schema_put(schema, one, NULL, way);
	}
	schema_put(schema, object, "oneOf", one);
	return object;
}

/* A map with the keys of one table; each as in schema_rows(). */
static cJSON *
table_schema(struct schema *schema, const struct opt_table *table,
    cJSON *(*each)(struct schema *schema, const struct opt *opt))
{
	cJSON *object = schema_object(schema);

	schema_text(schema, object, "type", "object");
	schema_rows(schema, object, &table, 1, each);
	return object;
}

/* Maps whose "type" decides which keys they have. */
struct typed {
	const char *name; /* of the definition, and before those of its types */
	const struct opt_table *common;
	/* The type at index; false behind the last. */
	bool (*at)(size_t index, struct platform_type *ret);
	/* As in schema_rows(), for the common keys; NULL: none. */
	cJSON *(*each)(struct schema *schema, const struct opt *opt);
};

static bool
source_at(size_t index, struct platform_type *ret)
{
	return source_types.at(source_types.ctx, index, ret);
}

static bool
action_at(size_t index, struct platform_type *ret)
{
	return action_platform_types.at(action_platform_types.ctx, index, ret);
}

static bool
flag_at(size_t index, struct platform_type *ret)
{
	return flag_types.at(flag_types.ctx, index, ret);
}

/* A map with the keys of one definition; the words beside are the row's. */
static cJSON *
defined_row(struct schema *schema, const struct opt *opt, const char *name)
{
	cJSON *row = schema_object(schema), *all = schema_array(schema);

	schema_describe(schema, row, opt);
	schema_put(schema, all, NULL, schema_ref(schema, name));
	schema_put(schema, row, "allOf", all);
	return row;
}

/* What an action asks for and looks at has tables of its own. */
static cJSON *
action_row(struct schema *schema, const struct opt *opt)
{
	cJSON *row;

	if (strcmp(opt->name, "verify") == 0 ||
	    strcmp(opt->name, "targets_from") == 0)
		return defined_row(schema, opt, "look");
	if (strcmp(opt->name, "inputs") != 0)
		return NULL;
	row = schema_named(schema, schema_ref(schema, "input"), "object null",
	    ACTION_VALUES_MAX);
	schema_describe(schema, row, opt);
	return row;
}

static cJSON *
input_row(struct schema *schema, const struct opt *opt)
{
	return strcmp(opt->name, "from") == 0 ? defined_row(schema, opt, "look")
					      : NULL;
}

static const struct typed schema_source = {
	.name = "source",
	.common = &platform_source_opts,
	.at = source_at,
};

static const struct typed schema_action = {
	.name = "action",
	.common = &platform_action_opts,
	.at = action_at,
	.each = action_row,
};

static const struct typed schema_flag = {
	.name = "flag",
	.common = &platform_flag_opts,
	.at = flag_at,
};

/* The types that there are, or a variable that names one. */
static cJSON *
typed_names(struct schema *schema, const struct typed *typed)
{
	cJSON *object = schema_object(schema), *either = schema_array(schema);
	cJSON *one = schema_object(schema), *names = schema_array(schema);
	struct platform_type type;

	for (size_t i = 0; typed->at(i, &type); i++)
		schema_text(schema, names, NULL, type.name);
	schema_put(schema, one, "enum", names);
	schema_put(schema, either, NULL, one);
	one = schema_object(schema);
	schema_text(schema, one, "type", "string");
	schema_text(schema, one, "pattern", SCHEMA_VARIABLE);
	schema_put(schema, either, NULL, one);
	schema_text(schema, object, "description",
	    opt_find(typed->common, "type")->help);
	schema_put(schema, object, "anyOf", either);
	return object;
}

/* {if: {properties: {type: {const: NAME}}, required: [type]}, then: ...} */
static cJSON *
typed_case(struct schema *schema, const char *name, const char *definition)
{
	cJSON *object = schema_object(schema), *test = schema_object(schema);
	cJSON *properties = schema_object(schema);
	cJSON *type = schema_object(schema), *required = schema_array(schema);

	schema_text(schema, type, "const", name);
	schema_put(schema, properties, "type", type);
	schema_put(schema, test, "properties", properties);
	schema_text(schema, required, NULL, "type");
	schema_put(schema, test, "required", required);
	schema_put(schema, object, "if", test);
	schema_put(schema, object, "then", schema_ref(schema, definition));
	return object;
}

/* One definition that looks at the type, and one for each type. */
static void
typed_define(
    struct schema *schema, cJSON *definitions, const struct typed *typed)
{
	cJSON *object = schema_object(schema), *all = schema_array(schema);
	cJSON *properties = schema_object(schema);
	cJSON *required = schema_array(schema);
	struct platform_type type;

	schema_text(schema, object, "type", "object");
	schema_put(schema, properties, "type", typed_names(schema, typed));
	schema_put(schema, object, "properties", properties);
	schema_text(schema, required, NULL, "type");
	schema_put(schema, object, "required", required);
	for (size_t i = 0; typed->at(i, &type); i++) {
		const struct opt_table *tables[] = { typed->common,
			&type.opts };
		cJSON *one = schema_object(schema);
		char definition[2 * NAME_MAX_LEN];

		snprintf(definition, sizeof(definition), "%s-%s", typed->name,
		    type.name);
		schema_put(schema, all, NULL,
		    typed_case(schema, type.name, definition));
		schema_text(schema, one, "description", type.help);
		schema_text(schema, one, "type", "object");
		schema_rows(schema, one, tables, 2, typed->each);
		schema_put(schema, definitions, definition, one);
	}
	if (cJSON_GetArraySize(all) > 0)
		schema_put(schema, object, "allOf", all);
	else
		cJSON_Delete(all);
	schema_put(schema, definitions, typed->name, object);
}

/* A name, or a list of them. */
static cJSON *
needs_schema(struct schema *schema)
{
	cJSON *object = schema_object(schema), *name = schema_object(schema);

	schema_words(schema, object, "type", "array string");
	schema_text(schema, name, "type", "string");
	schema_put(schema, object, "items", name);
	return object;
}

/* Commands by name, "none", and actions of the file, whose names are any. */
static cJSON *
keys_schema(struct schema *schema)
{
	cJSON *object = schema_object(schema), *value = schema_object(schema);
	cJSON *either = schema_array(schema), *one = schema_object(schema);
	cJSON *names = schema_array(schema);

	for (int c = COMMAND_NONE + 1; c < COMMAND_COUNT; c++) {
		/* The one belongs to the digits, the other to the actions. */
		if (c != COMMAND_PANEL && c != COMMAND_ACT_NAMED)
			schema_text(
			    schema, names, NULL, command_name((enum command)c));
	}
	schema_text(schema, names, NULL, "none");
	schema_put(schema, one, "enum", names);
	schema_put(schema, either, NULL, one);
	one = schema_object(schema);
	schema_text(schema, one, "type", "string");
	schema_text(schema, one, "pattern",
	    "^(?!(panel|act-named)$)[A-Za-z0-9][A-Za-z0-9_.-]*$"
	    "|" SCHEMA_VARIABLE);
	schema_put(schema, either, NULL, one);
	schema_put(schema, value, "anyOf", either);
	schema_words(schema, object, "type", "object null");
	schema_put(schema, object, "additionalProperties", value);
	schema_number(schema, object, "maxProperties", PLATFORM_KEYS_MAX);
	return object;
}

/* Keys of the file whose values have tables of their own. */
static cJSON *
file_row(struct schema *schema, const struct opt *opt)
{
	cJSON *row = NULL;

	if (strcmp(opt->name, "sources") == 0) {
		row = schema_named(schema, schema_ref(schema, "source"),
		    "object", PLATFORM_SOURCES_MAX);
		schema_number(schema, row, "minProperties", 1);
	} else if (strcmp(opt->name, "signals") == 0) {
		row = schema_named(schema, schema_ref(schema, "signal"),
		    "object null", PLATFORM_SIGNALS_MAX);
	} else if (strcmp(opt->name, "services") == 0) {
		row = schema_named(schema, schema_ref(schema, "service"),
		    "object null", DEPEND_NODES_MAX);
	} else if (strcmp(opt->name, "actions") == 0) {
		row = schema_named(schema, schema_ref(schema, "action"),
		    "object null", PLATFORM_ACTIONS_MAX);
	} else if (strcmp(opt->name, "flags") == 0) {
		row = schema_named(schema, schema_ref(schema, "flag"),
		    "object null", PLATFORM_FLAGS_MAX);
	} else if (strcmp(opt->name, "kill") == 0) {
		row = schema_named(schema, needs_schema(schema), "object null",
		    PLATFORM_FLAGS_MAX);
	} else if (strcmp(opt->name, "dependencies") == 0) {
		row = schema_object(schema);
		schema_text(schema, row, "type", "object");
		schema_put(
		    schema, row, "additionalProperties", needs_schema(schema));
	} else if (strcmp(opt->name, "keys") == 0) {
		row = keys_schema(schema);
	}
	if (row == NULL)
		return NULL;
	schema_describe(schema, row, opt);
	if (opt->required) /* nothing behind the key is none at all */
		schema_number(schema, row, "minProperties", 1);
	return row;
}

static cJSON *
definitions_schema(struct schema *schema)
{
	cJSON *object = schema_object(schema);

	typed_define(schema, object, &schema_source);
	typed_define(schema, object, &schema_action);
	typed_define(schema, object, &schema_flag);
	schema_put(schema, object, "signal", signal_schema(schema));
	schema_put(schema, object, "service",
	    table_schema(schema, &depend_service_opts, NULL));
	schema_put(schema, object, "input",
	    table_schema(schema, &platform_input_opts, input_row));
	schema_put(
	    schema, object, "look", table_schema(schema, &peek_table, NULL));
	return object;
}

bool
conf_schema_print(FILE *out)
{
	const struct opt_table *table = &platform_opts;
	struct schema schema = { .failed = false };
	cJSON *root = schema_object(&schema);
	char *text = NULL;
	bool good;

	schema_text(&schema, root, "$schema",
	    "http://json-schema.org/draft-07/schema#");
	schema_text(&schema, root, "$comment",
	    "made by `sevtop schema` of sevtop " PACKAGE_VERSION);
	schema_text(&schema, root, "title", "sevtop.yaml: what sevtop watches");
	schema_text(&schema, root, "type", "object");
	schema_rows(&schema, root, &table, 1, file_row);
	schema_put(&schema, root, "definitions", definitions_schema(&schema));
	if (!schema.failed)
		text = cJSON_Print(root);
	good = text != NULL && fputs(text, out) >= 0 && fputc('\n', out) >= 0 &&
	       fflush(out) == 0;
	cJSON_free(text);
	cJSON_Delete(root);
	return good;
}
