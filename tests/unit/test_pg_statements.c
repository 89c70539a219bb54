#include "datasrc/pg_statements.h"

#include "base/alloc.h"
#include "tests/pg_rows.h"
#include "tests/tap.h"

#define COLUMNS "queryid|userid|dbid|calls|ms|max|rows|io"

static struct pg_statements s;

static void
read_at(double now_s, const char *rows)
{
	struct pg_result *result = pg_rows(COLUMNS, rows);
	struct err err = ERR_INIT;

	if (pg_statements_read(&s, result, NULL, now_s, &err) != ERR_OK)
		printf("# %s\n", err_text(&err));
	pg_result_free(result);
}

static void
start(void)
{
	pg_statements_release(&s);
}

static void
test_growth(void)
{
	start();
	read_at(100, "7|10|5|1000|50000|90|1000|0\n8|10|5|10|10|2|0|0\n");
	is_near(s.span_s, 0, 0, "one reading says nothing");
	is_int((int64_t)s.top_count, 0, "so nothing is shown");
	read_at(110, "7|10|5|1010|50200|95|1020|100\n8|10|5|10|10|2|0|0\n");
	is_near(s.span_s, 10, 0, "two readings are 10 s apart");
	is_int((int64_t)s.top_count, 1, "one statement ran");
	is_int(s.top[0].id, 7, "this one");
	is_near(s.top[0].calls, 10, 0, "ten times");
	is_near(s.top[0].ms, 200, 1e-9, "in 200 ms, whatever it took before");
	is_near(s.top[0].max_ms, 95, 0, "the longest there ever was");
	is_near(s.top[0].rows, 20, 0, "rows");
	is_near(s.top[0].io_ms, 100, 0, "input and output");
	read_at(120, "7|10|5|1010|50200|95|1020|100\n8|10|5|10|10|2|0|0\n");
	is_int((int64_t)s.top_count, 0, "nothing ran");
	is_near(s.ms, 0, 0, "nothing took time");
}

static void
test_new_and_reset(void)
{
	start();
	read_at(10, "1|10|5|100|1000|9|0|0\n");
	read_at(20, "1|10|5|100|1000|9|0|0\n2|10|5|3|30|20|0|0\n");
	is_int(s.top[0].id, 2, "a new one has grown by all of it");
	is_near(s.top[0].calls, 3, 0, "three calls");
	read_at(30, "1|10|5|4|8|2|0|0\n2|10|5|3|30|20|0|0\n");
	is_int(s.top[0].id, 1, "one that was reset");
	is_near(s.top[0].calls, 4, 0, "counts from zero");
	is_near(s.top[0].ms, 8, 0, "in its time as well");
	read_at(25, "1|10|5|9|9|2|0|0\n");
	is_near(s.span_s, 0, 0, "a clock that went back gives no rates");
}

/* One statement of several users is one row. */
static void
test_users(void)
{
	start();
	read_at(10, "1|10|5|1|1|1|0|0\n1|11|5|1|1|1|0|0\n1|10|6|1|1|1|0|0\n");
	read_at(20, "1|10|6|3|5|4|0|0\n1|10|5|2|3|2|0|0\n1|11|5|1|1|1|0|0\n");
	is_int((int64_t)s.top_count, 1, "one row");
	is_near(s.top[0].calls, 3, 0, "calls of all");
	is_near(s.top[0].ms, 6, 0, "time of all");
	is_near(s.top[0].max_ms, 4, 0, "the longest of those that ran");
}

static void
test_order(void)
{
	char rows[8192], later[8192];
	size_t a = 0, b = 0;

	start();
	for (int i = 1; i <= 60; i++) {
		a += (size_t)snprintf(
		    rows + a, sizeof(rows) - a, "%d|1|1|1|1|1|0|0\n", i);
		b += (size_t)snprintf(later + b, sizeof(later) - b,
		    "%d|1|1|2|%d|1|0|0\n", i, 1 + i);
	}
	read_at(10, rows);
	read_at(20, later);
	is_int((int64_t)s.top_count, PG_TOP_MAX, "as many as are shown");
	is_int((int64_t)s.count, 60, "of all that ran");
	is_int(s.top[0].id, 60, "most time first");
	is_near(s.ms, 60 * 61 / 2, 1e-9, "the sum is that of all");
}

static void
test_texts(void)
{
	char ids[PG_IDS_TEXT_LEN];
	struct pg_result *texts =
	    pg_rows("queryid|query", "-7|SELECT 1\n9|not asked for\n");

	start();
	ok(!pg_statements_missing(&s, ids), "nothing to ask");
	read_at(10, "-7|1|1|1|1|1|0|0\n5|1|1|1|1|1|0|0\n");
	read_at(20, "-7|1|1|2|9|1|0|0\n5|1|1|2|2|1|0|0\n");
	ok(pg_statements_missing(&s, ids), "two texts to ask for");
	is_str(ids, "{-7,5}", "by their ids");
	is_int(pg_statements_texts(&s, texts, NULL), ERR_OK, "one comes");
	ok(pg_statements_missing(&s, ids), "the other");
	is_str(ids, "{5}", "is asked for again");
	pg_result_free(texts);
}

static void
test_garbage(void)
{
	start();
	read_at(10, "~|~|~|~|~|~|~|~\nx|1|1|x|1|1|0|0\n7|1|1|5|~|1|0|0\n");
	read_at(20, "7|1|1|5|1|~|~|~\n");
	is_int((int64_t)s.top_count, 1, "what can't be read is left out");
	ok(!isnan(s.top[0].calls) && isnan(s.top[0].rows),
	    "what is missing stays missing");
	read_at(30, "");
	is_int((int64_t)s.top_count, 0, "an empty view is no error");
}

static void
test_memory(void)
{
	struct pg_result *result = pg_rows(COLUMNS, "7|1|1|5|1|1|1|1\n");
	size_t made, n = 0;
	int odd = 0;

	start();
	do {
		enum err_code code;

		mem_fail_at(++n, false);
		code = pg_statements_read(&s, result, NULL, 10, NULL);
		made = mem_fail_at(0, false);
		odd += code != ERR_OK && code != ERR_NOMEM;
	} while (made >= n);
	is_int(odd, 0, "no memory is said");
	pg_result_free(result);
}

int
main(void)
{
	test_growth();
	test_new_and_reset();
	test_users();
	test_order();
	test_texts();
	test_garbage();
	test_memory();
	pg_statements_release(&s);
	return tap_done();
}
