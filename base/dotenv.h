/*
 * .env files: NAME=value lines, as many frameworks read them. "export " in
 * front and blanks round the name are passed over; '#' starts a comment at
 * the beginning of a line and, behind a blank, after an unquoted value.
 * 'single' quotes keep everything, "double" ones undo \n \t \" \\ \$. A value
 * ends with its line. Nothing is expanded. The last line of a name counts.
 * thread: any.
 */
#ifndef SEV_BASE_DOTENV_H
#define SEV_BASE_DOTENV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

/*
 * Finds name in len bytes and replaces the content of out by its value.
 * False: no such line, its quote has no end, or out does not hold it; out
 * is then empty.
 */
bool dotenv_get(const char *bytes, size_t len, const char *name,
    struct buf *out) ATTR_MUST_USE;

/* Where the line that counts stands, in bytes. */
struct dotenv_place {
	size_t line;  /* where it begins */
	size_t value; /* its value, with quotes if it has any */
	size_t value_end;
	size_t end; /* behind its line end */
};

/* The last line of name. False: there is none, or its quote has no end. */
bool dotenv_find(const char *bytes, size_t len, const char *name,
    struct dotenv_place *ret_place) ATTR_MUST_USE;

/*
 * Appends value as it stands in a line, with quotes where it needs them.
 * False: it has a line end, or both ' and `, which no reader takes the same
 * way; or out is full.
 */
bool dotenv_quote(const char *value, struct buf *out) ATTR_MUST_USE;

#endif
