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

#endif
