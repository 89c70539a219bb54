/*
 * The part of RFC 8259 that cJSON does not enforce, checked before it runs:
 * UTF-8, control bytes, the form of numbers, escapes, depth, how many
 * values. Private to base/json.c.
 * thread: any.
 */
#ifndef SEV_BASE_JSON_CHECK_H
#define SEV_BASE_JSON_CHECK_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct json_check {
	const unsigned char *s; /* borrowed */
	size_t len;
	size_t at;     /* where the check ended */
	size_t depth;  /* now open */
	size_t values; /* commas and brackets: a bound on the values */
	size_t holes;  /* escapes that json_check_fill() would replace */
};

enum err_code json_check(
    struct json_check *check, struct err *err) ATTR_MUST_USE;

/*
 * Makes \ufffd of \u0000 and lone surrogates in a copy of the bytes that
 * passed the check; the length stays.
 */
void json_check_fill(char *copy, size_t len);

#endif
