/*
 * Reading the rows of an answer. Values come as text; each function says
 * "not that" for NULL, for a column or row that is not there, and for what
 * does not parse, so that an older server or one that lies needs no checks
 * of its own. NULL is neither "" nor 0.
 * thread: any for reading.
 */
#ifndef SEV_DATASRC_PG_RESULT_H
#define SEV_DATASRC_PG_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct arena;
struct pg_result; /* libpq's PGresult */
struct redactor;

/* 0 for NULL. */
size_t pg_result_rows(const struct pg_result *result);
size_t pg_result_columns(const struct pg_result *result);

/* Name of a column, or "". Borrowed. */
const char *pg_result_name(const struct pg_result *result, size_t column);

/* Number of the column with this name, or -1. */
int pg_result_column(const struct pg_result *result, const char *name);

/* The type of a column, an OID of pg_type; 0: no such column. */
uint32_t pg_result_type(const struct pg_result *result, size_t column);

/* False for NULL. *ret_value is borrowed and NUL-terminated. */
bool pg_result_str(const struct pg_result *result, size_t row, size_t column,
    const char **ret_value, size_t *ret_len);

/* NaN when there is no number. */
double pg_result_num(const struct pg_result *result, size_t row, size_t column);

/* fallback when there is no whole number. */
int64_t pg_result_int(const struct pg_result *result, size_t row, size_t column,
    int64_t fallback);

/* "t" is true; NULL and all else is false. */
bool pg_result_bool(const struct pg_result *result, size_t row, size_t column);

/* Clean, redacted, on one line: runs of blanks and line ends are one blank. */
struct text pg_line(const char *s, size_t len, const struct redactor *redactor,
    struct arena *arena, size_t max_bytes);

/* The same of a value; "" for NULL. */
struct text pg_result_text(const struct pg_result *result, size_t row,
    size_t column, const struct redactor *redactor, struct arena *arena,
    size_t max_bytes);

/* NULL is allowed. Returns NULL. */
struct pg_result *pg_result_free(struct pg_result *result);

#endif
