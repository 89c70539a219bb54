#include "config.h"

#include "tui/conf_schema.h"

#include <string.h>

#include "base/limits.h"
#include "datasrc/source.h"
#include "model/depend_def.h"
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

static cJSON *
service_schema(struct schema *schema)
{
	const struct opt_table *table = &depend_service_opts;
	cJSON *object = schema_object(schema);

	schema_text(schema, object, "type", "object");
	schema_rows(schema, object, &table, 1, NULL);
	return object;
}

/* The name of its definition. */
static const char *
source_name(const struct source_ops *ops, char out[NAME_MAX_LEN])
{
	snprintf(out, NAME_MAX_LEN, "source-%s", ops->name);
	return out;
}

/* A source of one type, with all of its keys. */
static cJSON *
source_type_schema(struct schema *schema, const struct source_ops *ops)
{
	const struct opt_table *tables[] = { &platform_source_opts,
		ops->options };
	cJSON *object = schema_object(schema);

	schema_text(schema, object, "description", ops->help);
	schema_text(schema, object, "type", "object");
	schema_rows(schema, object, tables, ops->options != NULL ? 2 : 1, NULL);
	return object;
}

/* The types that there are, or a variable that names one. */
static cJSON *
source_type_names(struct schema *schema)
{
	cJSON *object = schema_object(schema), *either = schema_array(schema);
	cJSON *one = schema_object(schema), *names = schema_array(schema);

	for (size_t i = 0; source_table[i] != NULL; i++)
		schema_text(schema, names, NULL, source_table[i]->name);
	schema_put(schema, one, "enum", names);
	schema_put(schema, either, NULL, one);
	one = schema_object(schema);
	schema_text(schema, one, "type", "string");
	schema_text(schema, one, "pattern", SCHEMA_VARIABLE);
	schema_put(schema, either, NULL, one);
	schema_text(schema, object, "description", "kind of source");
	schema_put(schema, object, "anyOf", either);
	return object;
}

/* {if: {properties: {type: {const: NAME}}, required: [type]}, then: ...} */
static cJSON *
source_case(struct schema *schema, const struct source_ops *ops)
{
	cJSON *object = schema_object(schema), *test = schema_object(schema);
	cJSON *properties = schema_object(schema);
	cJSON *type = schema_object(schema), *required = schema_array(schema);
	char name[NAME_MAX_LEN];

	schema_text(schema, type, "const", ops->name);
	schema_put(schema, properties, "type", type);
	schema_put(schema, test, "properties", properties);
	schema_text(schema, required, NULL, "type");
	schema_put(schema, test, "required", required);
	schema_put(schema, object, "if", test);
	schema_put(
	    schema, object, "then", schema_ref(schema, source_name(ops, name)));
	return object;
}

static cJSON *
source_schema(struct schema *schema)
{
	cJSON *object = schema_object(schema), *all = schema_array(schema);
	cJSON *properties = schema_object(schema);
	cJSON *required = schema_array(schema);

	schema_text(schema, object, "type", "object");
	schema_put(schema, properties, "type", source_type_names(schema));
	schema_put(schema, object, "properties", properties);
	schema_text(schema, required, NULL, "type");
	schema_put(schema, object, "required", required);
	for (size_t i = 0; source_table[i] != NULL; i++)
		schema_put(
		    schema, all, NULL, source_case(schema, source_table[i]));
	schema_put(schema, object, "allOf", all);
	return object;
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

/* Commands by name, and "none". */
static cJSON *
keys_schema(struct schema *schema)
{
	cJSON *object = schema_object(schema), *value = schema_object(schema);
	cJSON *either = schema_array(schema), *one = schema_object(schema);
	cJSON *names = schema_array(schema);

	for (int c = COMMAND_NONE + 1; c < COMMAND_COUNT; c++) {
		if (c != COMMAND_PANEL) /* belongs to the digits */
			schema_text(
			    schema, names, NULL, command_name((enum command)c));
	}
	schema_text(schema, names, NULL, "none");
	schema_put(schema, one, "enum", names);
	schema_put(schema, either, NULL, one);
	one = schema_object(schema);
	schema_text(schema, one, "type", "string");
	schema_text(schema, one, "pattern", SCHEMA_VARIABLE);
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

	schema_put(schema, object, "source", source_schema(schema));
	for (size_t i = 0; source_table[i] != NULL; i++) {
		char name[NAME_MAX_LEN];

		schema_put(schema, object, source_name(source_table[i], name),
		    source_type_schema(schema, source_table[i]));
	}
	schema_put(schema, object, "signal", signal_schema(schema));
	schema_put(schema, object, "service", service_schema(schema));
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
