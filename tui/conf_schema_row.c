/* The schema of one row of a table of options, by its kind. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"
#include "tui/conf_schema_impl.h"

enum {
	SCHEMA_TEXT_MAX = 4096, /* a description; the longest has 400 */
};

/* Scalars of YAML are texts to us, whatever their writer calls them. */
#define SCHEMA_SCALARS "string number boolean"

/* As base/num.h reads them. */
#define SCHEMA_DECIMAL	"[0-9]+(\\.[0-9]+)?"
#define SCHEMA_DURATION "0|(" SCHEMA_DECIMAL "(w|d|h|m|s|ms|us|ns))+"
#define SCHEMA_SIZE	SCHEMA_DECIMAL " ?([kKmMgGtTpP]i?)?[bB]?"
#define SCHEMA_WHOLE	"[-+]?[0-9]+"
#define SCHEMA_REAL	"[-+]?[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?"
#define SCHEMA_NAME	"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}"

cJSON *
schema_object(struct schema *schema)
{
	cJSON *object = cJSON_CreateObject();

	schema->failed = schema->failed || object == NULL;
	return object;
}

cJSON *
schema_array(struct schema *schema)
{
	cJSON *array = cJSON_CreateArray();

	schema->failed = schema->failed || array == NULL;
	return array;
}

void
schema_put(struct schema *schema, cJSON *to, const char *key, cJSON *item)
{
	bool good = to != NULL && item != NULL &&
		    (key != NULL ? cJSON_AddItemToObject(to, key, item)
				 : cJSON_AddItemToArray(to, item));

	if (!good) {
		cJSON_Delete(item);
		schema->failed = true;
	}
}

void
schema_text(struct schema *schema, cJSON *to, const char *key, const char *text)
{
	schema_put(schema, to, key, cJSON_CreateString(text));
}

void
schema_number(struct schema *schema, cJSON *to, const char *key, double value)
{
	schema_put(schema, to, key, cJSON_CreateNumber(value));
}

static void
schema_bool(struct schema *schema, cJSON *to, const char *key, bool value)
{
	schema_put(schema, to, key, cJSON_CreateBool(value));
}

void
schema_words(
    struct schema *schema, cJSON *to, const char *key, const char *words)
{
	cJSON *array;

	if (strchr(words, ' ') == NULL) {
		schema_text(schema, to, key, words);
		return;
	}
	array = schema_array(schema);
	while (*words != '\0') {
		size_t len = strcspn(words, " ");
		char word[NAME_MAX_LEN];

		snprintf(word, sizeof(word), "%.*s", (int)len, words);
		schema_text(schema, array, NULL, word);
		words += len + strspn(words + len, " ");
	}
	schema_put(schema, to, key, array);
}

cJSON *
schema_ref(struct schema *schema, const char *name)
{
	cJSON *object = schema_object(schema);
	char path[2 * NAME_MAX_LEN];

	snprintf(path, sizeof(path), "#/definitions/%s", name);
	schema_text(schema, object, "$ref", path);
	return object;
}

void
schema_describe(struct schema *schema, cJSON *object, const struct opt *opt)
{
	struct buf text = BUF_INIT(SCHEMA_TEXT_MAX);

	buf_fmt(&text, "%s (", opt->help);
	opt_describe(opt, &text);
	buf_str(&text, ")");
	schema->failed = schema->failed || text.failed;
	schema_text(schema, object, "description", buf_cstr(&text));
	buf_release(&text);
}

/* Texts: of the pattern, or with a variable in them. */
static void
row_pattern(struct schema *schema, cJSON *object, const char *pattern)
{
	char whole[SCHEMA_TEXT_MAX];

	snprintf(whole, sizeof(whole), "^(%s)$|" SCHEMA_VARIABLE, pattern);
	schema_text(schema, object, "pattern", whole);
}

/* Bounds of numbers, in the row's own unit. */
static void
row_bounds(struct schema *schema, cJSON *object, const struct opt *opt)
{
	if (opt->min == 0 && opt->max == 0)
		return;
	schema_number(schema, object, "minimum", (double)opt->min);
	schema_number(schema, object, "maximum", (double)opt->max);
}

/*
 * Text of any scalar. The most is in bytes, of which no character has less
 * than one; what a variable holds may be shorter than its name.
 */
static void
row_string(struct schema *schema, cJSON *object, const struct opt *opt)
{
	cJSON *either, *one;

	schema_words(schema, object, "type", SCHEMA_SCALARS);
	schema_number(schema, object, "minLength", 1);
	if (opt->max == 0)
		return;
	either = schema_array(schema);
	one = schema_object(schema);
	schema_number(schema, one, "maxLength", (double)opt->max);
	schema_put(schema, either, NULL, one);
	one = schema_object(schema);
	schema_text(schema, one, "pattern", SCHEMA_VARIABLE);
	schema_put(schema, either, NULL, one);
	schema_put(schema, object, "anyOf", either);
}

static void
row_url(struct schema *schema, cJSON *object, const struct opt *opt)
{
	struct buf pattern = BUF_INIT(SCHEMA_TEXT_MAX);

	schema_text(schema, object, "type", "string");
	buf_str(&pattern, opt->choices != NULL ? "(" : "[^:\\s]+");
	for (size_t i = 0; opt->choices != NULL && opt->choices[i] != NULL; i++)
		buf_fmt(&pattern, "%s%s", i > 0 ? "|" : "", opt->choices[i]);
	buf_str(&pattern, opt->choices != NULL ? ")" : "");
	buf_str(&pattern, "://[^/?#:\\s]\\S*");
	schema->failed = schema->failed || pattern.failed;
	row_pattern(schema, object, buf_cstr(&pattern));
	buf_release(&pattern);
}

/* A text, or {env: NAME}, {file: PATH}, {cmd: [word, ...]} */
static void
row_secret(struct schema *schema, cJSON *object)
{
	static const char *const keys[] = { "env", "file" };
	cJSON *properties = schema_object(schema), *one, *word;

	schema_words(schema, object, "type", SCHEMA_SCALARS " object");
	schema_number(schema, object, "minLength", 1);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		one = schema_object(schema);
		schema_words(schema, one, "type", SCHEMA_SCALARS);
		schema_number(schema, one, "minLength", 1);
		schema_put(schema, properties, keys[i], one);
	}
	one = schema_object(schema);
	schema_text(schema, one, "type", "array");
	schema_number(schema, one, "minItems", 1);
	word = schema_object(schema);
	schema_words(schema, word, "type", SCHEMA_SCALARS);
	schema_number(schema, word, "minLength", 1);
	schema_put(schema, one, "items", word);
	schema_put(schema, properties, "cmd", one);
	schema_put(schema, object, "properties", properties);
	schema_bool(schema, object, "additionalProperties", false);
	schema_number(schema, object, "minProperties", 1);
	schema_number(schema, object, "maxProperties", 1);
}

static void
row_choice(struct schema *schema, cJSON *object, const struct opt *opt)
{
	cJSON *either = schema_array(schema), *one = schema_object(schema);
	cJSON *words = schema_array(schema);

	for (size_t i = 0; opt->choices[i] != NULL; i++)
		schema_text(schema, words, NULL, opt->choices[i]);
	schema_put(schema, one, "enum", words);
	schema_put(schema, either, NULL, one);
	one = schema_object(schema);
	schema_text(schema, one, "type", "string");
	schema_text(schema, one, "pattern", SCHEMA_VARIABLE);
	schema_put(schema, either, NULL, one);
	schema_put(schema, object, "anyOf", either);
}

/* One text alone counts as a list of one; nothing as none. */
static void
row_list(struct schema *schema, cJSON *object, const struct opt *opt)
{
	cJSON *item = schema_object(schema);

	schema_words(schema, object, "type", "array " SCHEMA_SCALARS " null");
	schema_number(schema, object, "minLength", 1);
	schema_words(schema, item, "type", SCHEMA_SCALARS);
	schema_number(schema, item, "minLength", 1);
	schema_put(schema, object, "items", item);
	if (opt->min != 0 || opt->max != 0) {
		schema_number(schema, object, "minItems", (double)opt->min);
		schema_number(schema, object, "maxItems", (double)opt->max);
	}
}

static void
row_pairs(struct schema *schema, cJSON *object, const struct opt *opt)
{
	cJSON *value = schema_object(schema);

	schema_words(schema, object, "type", "object null");
	schema_words(schema, value, "type", SCHEMA_SCALARS);
	schema_put(schema, object, "additionalProperties", value);
	if (opt->min == 0 && opt->max == 0)
		return;
	schema_number(schema, object, "minProperties", (double)opt->min);
	schema_number(schema, object, "maxProperties", (double)opt->max);
}

/* A map of names to what the rows of its group say, or to one text. */
static void
row_node(struct schema *schema, cJSON *object, const struct opt *opt)
{
	cJSON *entry;

	if (opt->group == NULL)
		return;
	entry = schema_object(schema);
	schema_words(schema, entry, "type", "object " SCHEMA_SCALARS);
	schema_number(schema, entry, "minLength", 1);
	schema_rows(schema, entry, &opt->group, 1, NULL);
	schema_words(schema, object, "type", "object null");
	schema_put(schema, object, "additionalProperties", entry);
}

static bool
row_has_required(const struct opt_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->rows[i].required)
			return true;
	}
	return false;
}

/* "a, b" as a list. */
static void
row_default_list(struct schema *schema, cJSON *object, const char *preset)
{
	cJSON *list = schema_array(schema);
	char word[NAME_MAX_LEN];

	while (*preset != '\0') {
		size_t len = strcspn(preset, ",");

		snprintf(word, sizeof(word), "%.*s", (int)len, preset);
		schema_text(schema, list, NULL, word);
		preset += len + strspn(preset + len, ", ");
	}
	schema_put(schema, object, "default", list);
}

static void
row_default(struct schema *schema, cJSON *object, const struct opt *opt)
{
	double number;

	switch (opt->kind) {
	case OPT_BOOL:
		schema_bool(schema, object, "default",
		    strcmp(opt->preset, "true") == 0);
		break;
	case OPT_INT:
	case OPT_NUMBER:
		if (num_parse_double(opt->preset, strlen(opt->preset), &number))
			schema_number(schema, object, "default", number);
		break;
	case OPT_LIST:
		row_default_list(schema, object, opt->preset);
		break;
	default:
		schema_text(schema, object, "default", opt->preset);
		break;
	}
}

/* A number with a unit; without one only 0 (duration), or bytes (size). */
static void
row_span(struct schema *schema, cJSON *object, const struct opt *opt)
{
	bool size = opt->kind == OPT_SIZE;
	bool number = size || opt->min == 0;

	schema_words(
	    schema, object, "type", number ? "string integer" : "string");
	row_pattern(schema, object, size ? SCHEMA_SIZE : SCHEMA_DURATION);
	if (size)
		row_bounds(schema, object, opt);
	else if (number)
		schema_number(schema, object, "maximum", 0);
	if (number && !size)
		schema_number(schema, object, "minimum", 0);
}

static void
row_kind(struct schema *schema, cJSON *object, const struct opt *opt)
{
	switch (opt->kind) {
	case OPT_BOOL:
		schema_words(schema, object, "type", "boolean string");
		row_pattern(schema, object, "true|false");
		break;
	case OPT_INT:
		schema_words(schema, object, "type", "integer string");
		row_pattern(schema, object, SCHEMA_WHOLE);
		row_bounds(schema, object, opt);
		break;
	case OPT_NUMBER:
		schema_words(schema, object, "type", "number string");
		row_pattern(schema, object, SCHEMA_REAL);
		row_bounds(schema, object, opt);
		break;
	case OPT_DURATION:
	case OPT_SIZE:
		row_span(schema, object, opt);
		break;
	case OPT_URL:
		row_url(schema, object, opt);
		break;
	case OPT_SECRET:
		row_secret(schema, object);
		break;
	case OPT_CHOICE:
		row_choice(schema, object, opt);
		break;
	case OPT_LIST:
		row_list(schema, object, opt);
		break;
	case OPT_PAIRS:
		row_pairs(schema, object, opt);
		break;
	case OPT_NODE:
		row_node(schema, object, opt);
		break;
	case OPT_GROUP:
		schema_words(schema, object, "type",
		    row_has_required(opt->group) ? "object" : "object null");
		schema_rows(schema, object, &opt->group, 1, NULL);
		break;
	default:
		row_string(schema, object, opt);
		break;
	}
}

/* What may stand behind the key of this row. */
static cJSON *
schema_row(struct schema *schema, const struct opt *opt)
{
	cJSON *object = schema_object(schema);

	schema_describe(schema, object, opt);
	row_kind(schema, object, opt);
	if (opt->preset != NULL)
		row_default(schema, object, opt);
	return object;
}

void
schema_rows(struct schema *schema, cJSON *object,
    const struct opt_table *const *tables, size_t count,
    cJSON *(*each)(struct schema *schema, const struct opt *opt))
{
	cJSON *properties = schema_object(schema);
	cJSON *required = schema_array(schema);

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < tables[i]->count; k++) {
			const struct opt *opt = &tables[i]->rows[k];
			cJSON *own = each != NULL ? each(schema, opt) : NULL;

			schema_put(schema, properties, opt->name,
			    own != NULL ? own : schema_row(schema, opt));
			if (opt->required)
				schema_text(schema, required, NULL, opt->name);
		}
	}
	schema_put(schema, object, "properties", properties);
	if (cJSON_GetArraySize(required) > 0)
		schema_put(schema, object, "required", required);
	else
		cJSON_Delete(required);
	schema_bool(schema, object, "additionalProperties", false);
}

cJSON *
schema_named(struct schema *schema, cJSON *item, const char *types, int max)
{
	cJSON *object = schema_object(schema);
	cJSON *patterns = schema_object(schema);

	schema_words(schema, object, "type", types);
	schema_put(schema, patterns, "^" SCHEMA_NAME "$", item);
	schema_put(schema, object, "patternProperties", patterns);
	schema_bool(schema, object, "additionalProperties", false);
	schema_number(schema, object, "maxProperties", max);
	return object;
}
