/*
 * Answers of a PostgreSQL server made by hand: rows as lines, values between
 * bars, "~" for NULL, \v for a line feed.
 */
#ifndef SEV_TESTS_PG_ROWS_H
#define SEV_TESTS_PG_ROWS_H

struct pg_result;

/*
 * names: of the columns, between bars; "name:1700" has that type's OID, the
 * rest are texts. Free with pg_result_free().
 */
struct pg_result *pg_rows(const char *names, const char *rows);

#endif
