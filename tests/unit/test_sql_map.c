#include "datasrc/sql_map.h"

#include "base/alloc.h"
#include "model/build.h"
#include "tests/live/polled.h"
#include "tests/pg_rows.h"
#include "tests/tap.h"

static struct polled seen; /* looks rows up */

struct conf {
	struct sql_map_conf map;
};
static const struct opt rows[] = { SQL_MAP_ROWS(struct conf, map) };
static const struct opt_table table = OPT_TABLE(rows);

/* Maps an answer as the YAML says; false when the YAML is wrong. */
static bool
fill(const char *yaml, const char *names, const char *values)
{
	static struct conf_errors errors;
	struct arena *arena = arena_new(CONF_ARENA_MAX);
	struct pg_result *result = pg_rows(names, values);
	struct build *build = build_new();
	const struct conf_node *root;
	struct conf conf = { .map.metrics = NULL };
	struct sql_map *map = NULL;
	struct err err = ERR_INIT;
	bool good;

	conf_errors_clear(&errors);
	good = arena != NULL && build != NULL &&
	       conf_parse("t", yaml, strlen(yaml), NULL, arena, &errors,
		   &root) == ERR_OK &&
	       opt_bind(&table, root, &conf, arena, &errors) == ERR_OK &&
	       sql_map_new(&conf.map, NULL, &map, &err) == ERR_OK;
	if (good)
		sql_map_fill(map, result, 1700000000000, build);
	else if (err.code != ERR_NOMEM && errors.errors > 0)
		printf("# %s %s\n", errors.items[0].msg, err_text(&err));
	payload_unref(seen.payload);
	seen.payload = build != NULL ? build_finish(build, &err) : NULL;
	build_free(build);
	sql_map_free(map);
	pg_result_free(result);
	arena_free(arena);
	return good;
}

static const char *
mapping(void)
{
	const struct health *row = polled_health(&seen, "mapping");

	return row != NULL ? row->detail.s : "(none)";
}

static void
test_metrics(void)
{
	ok(fill("metrics: {cost_today: {column: total, unit: dollars}, "
		"calls: {column: calls, kind: counter}}",
	       "total:1700|calls:20", "61.20|7\n"),
	    "one row");
	is_near(
	    polled_metric(&seen, "cost_today", NULL), 61.2, 1e-9, "numeric");
	is_int(seen.payload->metrics[0].unit, NUM_DOLLARS, "its unit");
	is_int(seen.payload->metrics[1].kind, METRIC_COUNTER, "a counter");
	is_str(mapping(), "(none)", "no problems");
	is_int((int64_t)seen.payload->table_count, 0, "no table");

	ok(fill("metrics: {jobs: {column: n, labels: {queue: name, a: b}}}",
	       "n:23|name|b", "5|mail|x\n7|pdf|y\n"),
	    "several rows");
	is_int((int64_t)seen.payload->metric_count, 2, "are several metrics");
	is_str(seen.payload->metrics[1].labels[1].value.s, "pdf", "by label");
	is_str(seen.payload->metrics[1].labels[0].key.s, "a", "sorted");

	ok(fill("metrics: {pool: {column: used, form: used/limit}}", "used",
	       "97/100\n"),
	    "a text with a limit");
	is_near(polled_metric(&seen, "pool_limit", NULL), 100, 0, "the limit");
	is_near(polled_metric(&seen, "pool_used_ratio", NULL), 0.97, 1e-9,
	    "and what is used");
	ok(fill("metrics: {a: {column: x}}", "x:1700", "~\n"), "null");
	ok(isnan(polled_metric(&seen, "a", NULL)) &&
		seen.payload->metric_count == 1,
	    "is known to be missing");
	ok(fill("metrics: {old: {column: at, form: age}}", "at:1184",
	       "2023-11-14 22:13:10+00\n"),
	    "a timestamp");
	is_near(polled_metric(&seen, "old", NULL), 10, 1e-3, "as its age");
}

static void
test_problems(void)
{
	fill("metrics: {cost: total}", "total", "abc\n");
	is_str(mapping(), "column total: text \"abc\", a number was wanted",
	    "a text instead of a number");
	fill("metrics: {cost: total}", "a|b", "1|2\n");
	is_str(mapping(), "no column total; there are: a, b", "no such column");
	fill("metrics: {cost: total}", "total:1700", "");
	is_str(mapping(), "column total: the query gave no row", "no row");
	fill("metrics: {cost: total}", "total:1700", "1\n2\n3\n");
	is_str(mapping(), "column total: 3 rows, and no labels tell them apart",
	    "too many rows");
	is_near(polled_metric(&seen, "cost", NULL), 1, 0, "the first counts");
	fill("metrics: {a: x, b: y, c: {column: z, optional: true}}", "n",
	    "1\n");
	is_str(mapping(), "no column x; there are: n; 1 more problem",
	    "several problems");
	is_int(polled_rows(&seen, "mapping"), 2, "are a table");
	fill("tables: {t: {columns: {when: {column: at, kind: time}}}}", "at",
	    "soon\n~\n");
	is_str(mapping(), "column at: text \"soon\", a time was wanted",
	    "in a table as well");
}

static void
test_health(void)
{
	ok(fill("health: {migrations: {column: state, ok: [done], "
		"detail: name}}",
	       "state|name", "failed|2024_add_users\n"),
	    "a state");
	is_int(polled_health(&seen, "migrations")->state, STATE_CRIT, "bad");
	is_str(polled_health(&seen, "migrations")->detail.s,
	    "failed, expected done; 2024_add_users", "in words");
	ok(fill("health: {queue: {column: n, ok: \"< 10\", warn: \"< 100\", "
		"name: q}}",
	       "n:23|q", "5|mail\n50|pdf\n500|sms\n"),
	    "numbers");
	is_int(polled_health(&seen, "queue mail")->state, STATE_OK, "good");
	is_int(polled_health(&seen, "queue pdf")->state, STATE_WARN, "warn");
	is_int(polled_health(&seen, "queue sms")->state, STATE_CRIT, "bad");
	fill("health: {a: ok}", "ok:16", "");
	is_int(polled_health(&seen, "a")->state, STATE_UNKNOWN, "no row");
	fill("health: {a: {column: [x, y]}}", "x|y", "up|down\nup|\n");
	is_int(polled_health(&seen, "a #1")->state, STATE_CRIT,
	    "of several the worst");
	is_int(polled_health(&seen, "a #2")->state, STATE_OK,
	    "that says something");
}

static void
test_tables(void)
{
	const struct table *t;

	ok(fill("table: audit", "id:20|action|at:1114|took:701|big:16",
	       "12345678|login\vfailed|2023-11-14 22:13:20|0.5|t\n"
	       "12345678|x|~|~|~\n"),
	    "all columns");
	t = payload_table(seen.payload, "audit");
	is_int(t->columns[0].kind, COLUMN_TEXT, "an id is not rounded");
	is_int(t->columns[2].kind, COLUMN_WALL, "a time");
	is_int(t->columns[3].kind, COLUMN_NUMBER, "a number");
	is_near(t->rows[0].cells[2].num, 1700000000000, 0, "in UTC");
	is_str(t->rows[0].cells[1].text.s, "login failed", "on one line");
	is_str(t->rows[0].key.s, "12345678", "a key");
	is_str(t->rows[1].key.s, "12345678#2", "that came before");
	ok(isnan(t->rows[1].cells[2].num) && isnan(t->rows[1].cells[3].num),
	    "null is missing");
	ok(fill("", "a|b", "1|2\n"), "nothing mapped");
	is_int(polled_rows(&seen, "result"), 1, "is a table of its own");

	ok(fill("tables: {ws: {key: name, columns: {name: name, spent: "
		"{column: spent, unit: dollars}, state: {column: s, kind: "
		"state}}, state: {column: s, ok: [fine], warn: [near]}}}",
	       "name|spent:1700|s", "a|1|fine\nb|2|near\nc|3|over\nd|~|~\n"),
	    "chosen columns");
	t = payload_table(seen.payload, "ws");
	is_int(t->columns[1].unit, NUM_DOLLARS, "with a unit");
	is_int(t->rows[1].state, STATE_WARN, "a row's state");
	is_str(t->rows[2].cells[2].text.s, "over", "and word");
	is_int(t->rows[3].state, STATE_UNKNOWN, "null is unknown");
}

static void
test_wrong(void)
{
	ok(!fill("metrics: {a: {path: x}}", "x", "1\n"), "a path is for JSON");
	ok(!fill("metrics: [a]", "x", "1\n"), "a list");
	ok(!fill("tables: {t: {columns: {s: {column: x, kind: state}}}}", "x",
	       "1\n"),
	    "a state of nothing");
}

static void
test_memory(void)
{
	size_t made, n = 0;

	do {
		mem_fail_at(++n, false);
		fill("metrics: {a: x}\ntable: t", "x:23|y", "1|2\n");
		made = mem_fail_at(0, false);
	} while (made >= n && n < 500);
	ok(n > 5 && n < 500, "no memory, at each of %zu places", n);
}

int
main(void)
{
	test_metrics();
	test_problems();
	test_health();
	test_tables();
	test_wrong();
	test_memory();
	payload_unref(seen.payload);
	return tap_done();
}
