/*
 * How the rules of base/redact_shape.c and base/redact_field.c look at the
 * input: never past its ends, never at bytes that were replaced.
 */
#ifndef SEV_BASE_REDACT_LOOK_H
#define SEV_BASE_REDACT_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/redact_value.h"

struct redact_in {
	const unsigned char *s;
	size_t len;
	size_t floor; /* what lies before was replaced, or is the beginning */
};

/* The byte before at: ']' behind what was replaced, 0 at the beginning. */
int redact_before(const struct redact_in *in, size_t at);

/* Whether word stands at position at; _any: ASCII letters in any case. */
bool redact_is(const struct redact_in *in, size_t at, const char *word);
bool redact_is_any(const struct redact_in *in, size_t at, const char *word);

/*
 * Whether word ends before position at, any case, not reaching into what
 * was replaced.
 */
bool redact_ends_any(const struct redact_in *in, size_t at, const char *word);

enum redact_class {
	REDACT_DIGIT,
	REDACT_ALNUM,
	REDACT_CAPITAL, /* A-Z 0-9 */
	REDACT_TOKEN,	/* alphanumeric, - and _ */
	REDACT_BEARER,	/* RFC 6750, section 2.1 */
	REDACT_PLAIN,	/* of an unquoted value */
	REDACT_HOST,	/* of user:password@host:port */
};

bool redact_in_class(int c, enum redact_class class);

/* End of the run of class that begins at from. */
size_t redact_run(
    const struct redact_in *in, size_t from, enum redact_class class);

/* Whether one of s[from, to) is a digit; looks at most at 64 bytes. */
bool redact_has_digit(const struct redact_in *in, size_t from, size_t to);

/*
 * A field whose name ends before position at: [quote] [:=] [quote] value.
 * The value goes up to its quote, or to a blank or separator.
 */
bool redact_field(
    const struct redact_in *in, size_t at, struct redact_span *ret_span);

/* The same for headers, whose values are more than one word. */
bool redact_header(
    const struct redact_in *in, size_t at, struct redact_span *ret_span);
bool redact_cookie(
    const struct redact_in *in, size_t at, struct redact_span *ret_span);

#endif
