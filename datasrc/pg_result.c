#include "datasrc/pg_result.h"

#include <math.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/num.h"
#include "base/redact.h"
#include "datasrc/limits.h"

size_t
pg_result_rows(const struct pg_result *result)
{
	return result != NULL ? (size_t)PQntuples(result) : 0;
}

size_t
pg_result_columns(const struct pg_result *result)
{
	return result != NULL ? (size_t)PQnfields(result) : 0;
}

const char *
pg_result_name(const struct pg_result *result, size_t column)
{
	if (column >= pg_result_columns(result))
		return "";
	return PQfname(result, (int)column);
}

int
pg_result_column(const struct pg_result *result, const char *name)
{
	for (size_t i = 0; i < pg_result_columns(result); i++)
		if (strcmp(pg_result_name(result, i), name) == 0)
			return (int)i;
	return -1;
}

uint32_t
pg_result_type(const struct pg_result *result, size_t column)
{
	if (column >= pg_result_columns(result))
		return 0;
	return PQftype(result, (int)column);
}

bool
pg_result_str(const struct pg_result *result, size_t row, size_t column,
    const char **ret_value, size_t *ret_len)
{
	if (row >= pg_result_rows(result) ||
	    column >= pg_result_columns(result) ||
	    PQgetisnull(result, (int)row, (int)column))
		return false;
	*ret_value = PQgetvalue(result, (int)row, (int)column);
	*ret_len = (size_t)PQgetlength(result, (int)row, (int)column);
	return true;
}

double
pg_result_num(const struct pg_result *result, size_t row, size_t column)
{
	const char *s;
	size_t len;
	double value;

	if (!pg_result_str(result, row, column, &s, &len) ||
	    !num_parse_double(s, len, &value))
		return NAN;
	return value;
}

int64_t
pg_result_int(
    const struct pg_result *result, size_t row, size_t column, int64_t fallback)
{
	const char *s;
	size_t len;
	int64_t value;

	if (!pg_result_str(result, row, column, &s, &len) ||
	    !num_parse_i64(s, len, &value))
		return fallback;
	return value;
}

bool
pg_result_bool(const struct pg_result *result, size_t row, size_t column)
{
	const char *s;
	size_t len;

	return pg_result_str(result, row, column, &s, &len) && len == 1 &&
	       s[0] == 't';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* One line of s: blanks and line ends between words become one blank. */
static size_t
fold(const char *s, size_t len, char line[PG_TEXT_MAX])
{
	size_t n = 0;
	bool gap = false;

	for (size_t i = 0; i < len && n + 1 < PG_TEXT_MAX; i++) {
		if (is_blank(s[i])) {
			gap = n > 0;
			continue;
		}
		if (gap)
			line[n++] = ' ';
		gap = false;
		line[n++] = s[i];
	}
	return n;
}

struct text
pg_line(const char *s, size_t len, const struct redactor *redactor,
    struct arena *arena, size_t max_bytes)
{
	char line[PG_TEXT_MAX];

	return text_ingest(
	    redactor, arena, line, fold(s, len, line), max_bytes);
}

struct text
pg_result_text(const struct pg_result *result, size_t row, size_t column,
    const struct redactor *redactor, struct arena *arena, size_t max_bytes)
{
	const char *s;
	size_t len;

	if (!pg_result_str(result, row, column, &s, &len))
		return TEXT_EMPTY;
	return pg_line(s, len, redactor, arena, max_bytes);
}

struct pg_result *
pg_result_free(struct pg_result *result)
{
	PQclear(result);
	return NULL;
}
