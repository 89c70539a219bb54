/*
 * Fields of a structured log line, as one text "key=value key=value" (the
 * form called logfmt). A key or value that is empty or holds a blank, a
 * quote, '=' or a backslash stands in double quotes, in which \" and \\ mean
 * themselves.
 * thread: any.
 */
#ifndef SEV_MODEL_LOGFIELD_H
#define SEV_MODEL_LOGFIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;

/* Appends one field, a blank before it when out is not empty. */
bool logfield_add(struct buf *out, const char *key, size_t key_len,
    const char *value, size_t value_len);

struct logfield {
	const char *key; /* borrowed, with its quotes stripped */
	size_t key_len;
	const char *value; /* as above; still with its backslashes */
	size_t value_len;
	bool quoted; /* the value was: logfield_value() undoes backslashes */
	size_t end;  /* offset behind the field */
};

/*
 * The field at or after offset from; false when there is none. What is no
 * field is skipped: words without '=' between fields.
 */
bool logfield_next(const char *s, size_t len, size_t from,
    struct logfield *ret_field) ATTR_MUST_USE;

/* Appends the value without its backslashes. */
bool logfield_value(struct buf *out, const struct logfield *field);

/* Whether all of s is fields, at least min of them. */
bool logfield_all(const char *s, size_t len, size_t min) ATTR_MUST_USE;

/* The field called key; false when there is none. */
bool logfield_find(const char *s, size_t len, const char *key, size_t key_len,
    struct logfield *ret_field) ATTR_MUST_USE;

#endif
