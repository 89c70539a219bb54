/*
 * JSON (RFC 8259) through cJSON, made strict. cJSON alone takes trailing
 * garbage, raw control bytes, bad UTF-8, "01" and "1."; it matches keys
 * without regard to case, takes the first of two equal keys, cuts strings
 * at \u0000 and reads 1e999 as infinity. Here the text is checked before
 * cJSON sees it and the values are reached only through the functions below.
 *
 * \u0000 and lone surrogates (what is left when a program cuts a string in
 * the middle of an emoji) read as U+FFFD: the rest of the answer is good.
 * thread: any; a document belongs to its owner and is read-only to others.
 */
#ifndef SEV_BASE_JSON_H
#define SEV_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

struct buf;
struct cJSON;

/*
 * Parses all len bytes. *ret_root: returned (free with json_free()).
 * ERR_BADDATA with what is wrong and where; ERR_TOOBIG: deeper than
 * JSON_DEPTH_MAX or more than JSON_VALUES_MAX values; ERR_NOMEM.
 */
enum err_code json_parse(const void *bytes, size_t len, struct cJSON **ret_root,
    struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct cJSON *json_free(struct cJSON *root);

/* The same for a document with secrets in it: its texts are wiped first. */
struct cJSON *json_wipe(struct cJSON *root);

/*
 * Member of an object. NULL when v is NULL or no object, has no such key, or
 * has it twice: which one is meant is then anybody's guess.
 */
const struct cJSON *json_member(const struct cJSON *v, const char *key);

/*
 * Children of an array or object in order; NULL at the end and for anything
 * else. json_name() is the key of a member of an object, NULL elsewhere.
 */
const struct cJSON *json_first(const struct cJSON *v);
const struct cJSON *json_next(const struct cJSON *v);
const char *json_name(const struct cJSON *v);

/* Children; 0 for anything but an array or object. Walks them all. */
size_t json_count(const struct cJSON *v);

/*
 * Values. False or NULL, outputs untouched, for NULL and other kinds: a
 * missing value never reads as 0.
 */
bool json_is_object(const struct cJSON *v);
bool json_is_array(const struct cJSON *v);
bool json_is_null(const struct cJSON *v);
bool json_bool(const struct cJSON *v, bool *ret) ATTR_MUST_USE;
const char *json_string(const struct cJSON *v);

/* Finite numbers only. */
bool json_double(const struct cJSON *v, double *ret) ATTR_MUST_USE;

/* Whole numbers that a double holds exactly: up to 2^53. */
bool json_int(const struct cJSON *v, int64_t *ret) ATTR_MUST_USE;

/*
 * How often an object has this key of key_len bytes; the first one's value
 * goes to *ret_value. 0 for anything but an object.
 */
int json_find(const struct cJSON *v, const char *key, size_t key_len,
    const struct cJSON **ret_value);

/* "a string", "a number", "null", "nothing" for NULL: for messages. */
const char *json_kind(const struct cJSON *v);

/* The same with a scalar's value: text "abc", number 12. */
bool json_describe(struct buf *out, const struct cJSON *v);

/* Appends a scalar bare, else its kind in brackets. False: out is full. */
bool json_show(struct buf *out, const struct cJSON *v);

/*
 * Documents made of something that is no JSON. NULL: no memory. A text may
 * hold any bytes; a NUL in it becomes U+FFFD.
 */
struct cJSON *json_new_list(void);
struct cJSON *json_new_object(void);
struct cJSON *json_new_text(const char *bytes, size_t len);
struct cJSON *json_new_number(double value);
struct cJSON *json_new_bool(bool value);
struct cJSON *json_new_null(void);

/* A copy of all of v, the caller's (free with json_free()). NULL: no memory,
 * or v is NULL. */
struct cJSON *json_copy(const struct cJSON *v);

/*
 * Takes child (NULL: no memory) into a list (key NULL) or an object. False,
 * and child is gone, without memory.
 */
bool json_put(struct cJSON *parent, const char *key, struct cJSON *child);

/* A part of the document root, which is the caller's, to be changed. */
struct cJSON *json_edit(struct cJSON *root, const struct cJSON *part);

/* Removes the members of that name; fine when there is none. */
void json_remove(struct cJSON *parent, const char *key);

/* Appends all of v as text, without blanks. False: out is full, no memory. */
bool json_write(struct buf *out, const struct cJSON *v);

#endif
