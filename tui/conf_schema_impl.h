/*
 * What tui/conf_schema.c (the file as a whole) and tui/conf_schema_row.c
 * (one row of a table) share. Nobody else includes it.
 * thread: main.
 */
#ifndef SEV_TUI_CONF_SCHEMA_IMPL_H
#define SEV_TUI_CONF_SCHEMA_IMPL_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/opt.h"

struct schema {
	bool failed; /* no memory: what was built is not whole */
};

/* "${" anywhere in a text: what it becomes is not known yet. */
#define SCHEMA_VARIABLE "\\$\\{"

/* A new object, or array, that belongs to the caller; NULL: failed. */
cJSON *schema_object(struct schema *schema);
cJSON *schema_array(struct schema *schema);

/* Puts item (taken) under key, or at the end of an array with key NULL. */
void schema_put(struct schema *schema, cJSON *to, const char *key, cJSON *item);

void schema_text(
    struct schema *schema, cJSON *to, const char *key, const char *text);
void schema_number(
    struct schema *schema, cJSON *to, const char *key, double value);

/* words: apart by blanks; one makes a text, several an array of them. */
void schema_words(
    struct schema *schema, cJSON *to, const char *key, const char *words);

/* {"$ref": "#/definitions/NAME"} */
cJSON *schema_ref(struct schema *schema, const char *name);

/*
 * Adds to object the keys "properties", "required" and
 * "additionalProperties" for the rows of count tables. each (may be NULL)
 * gives a row another schema; NULL from it: the usual one.
 */
void schema_rows(struct schema *schema, cJSON *object,
    const struct opt_table *const *tables, size_t count,
    cJSON *(*each)(struct schema *schema, const struct opt *opt));

/* A map (one of types) of names to item (taken), at most max of them. */
cJSON *schema_named(
    struct schema *schema, cJSON *item, const char *types, int max);

/* Adds the row's help and limits as "description". */
void schema_describe(
    struct schema *schema, cJSON *object, const struct opt *opt);

#endif
