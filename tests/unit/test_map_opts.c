#include "datasrc/map_opts.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "tests/problems.h"
#include "tests/tap.h"

static struct arena *arena;

static const struct conf_node *
parse(const char *text)
{
	const struct conf_node *root = NULL;

	conf_errors_clear(&errors);
	if (conf_parse("t.yaml", text, strlen(text), NULL, arena, &errors,
		&root) != ERR_OK)
		ok(false, "the test's own YAML is right");
	return root;
}

static void
test_rows(void)
{
	struct err err = ERR_INIT;

	for (int place = 0; place < MAP_PLACE_COUNT; place++) {
		ok(opt_table_check(&map_metric_opts[place], &err), "metrics %s",
		    err.msg);
		ok(opt_table_check(&map_health_opts[place], &err), "health %s",
		    err.msg);
		ok(opt_table_check(&map_table_opts[place], &err), "tables %s",
		    err.msg);
	}
}

static void
test_metrics(void)
{
	const struct map_metric *m;
	size_t count;

	is_int(map_metrics_read(
		   parse("memory_used: system.memory.used\n"
			 "allowance: {path: 'p.*.rateLimit', form: "
			 "remaining/limit, labels: {provider: $1}, "
			 "optional: true}\n"
			 "requests: {path: n, kind: counter, unit: count, "
			 "scale: 0.5}\n"),
		   MAP_PATH, arena, &errors, &m, &count),
	    ERR_OK, "metrics are read");
	is_str(problems(), "", "no problems");
	is_int((int64_t)count, 3, "three");
	is_str(m[0].name, "memory_used", "name");
	is_str(m[0].value.from, "system.memory.used", "short form");
	is_int(m[0].value.unit, MAP_UNIT_NONE, "no unit");
	is_near(m[0].value.scale, 1, 0, "no scale");
	is_int(m[0].kind, METRIC_GAUGE, "a gauge");
	is_int(m[1].value.form, MAP_FORM_LEFT, "form");
	ok(m[1].value.optional, "optional");
	is_int((int64_t)m[1].labels.count, 1, "label");
	is_str(m[1].labels.items[0].value, "$1", "its place");
	is_int(m[2].kind, METRIC_COUNTER, "a counter");
	is_int(m[2].value.unit, NUM_COUNT, "unit");
	is_near(m[2].value.scale, 0.5, 0, "scale");
	is_int(map_metrics_read(parse("n: {column: n, unit: seconds}"),
		   MAP_COLUMN, arena, &errors, &m, &count),
	    ERR_OK, "columns of a query");
	is_str(m[0].value.from, "n", "its column");
	is_int(map_metrics_read(NULL, MAP_PATH, arena, &errors, &m, &count),
	    ERR_OK, "none");
	is_int((int64_t)count, 0, "none at all");
}

static void
test_metric_problems(void)
{
	const struct map_metric *m;
	size_t count;

	is_int(map_metrics_read(parse("a-b: x\n"
				      "c: {column: x}\n"
				      "d: [x]\n"
				      "e: {path: x, scale: 0}\n"
				      "f: {path: x, form: age, unit: bytes}\n"
				      "1g: x\n"
				      "h: ''\n"
				      "good: {path: x}\n"),
		   MAP_PATH, arena, &errors, &m, &count),
	    ERR_CONFIG, "mistakes");
	is_str(problems(),
	    "t.yaml:1:1: \"a-b\" is no name for a metric: letters, digits and "
	    "_ only\n\tsuch as queue_waiting\n"
	    "t.yaml:2:1: \"c\" lacks \"path\"\n\tpath: where the value is\n"
	    "t.yaml:2:5: unknown key \"column\"\n"
	    "\tknown here: path, form, unit, scale, optional, kind, labels\n"
	    "t.yaml:3:4: \"d\" wants a text or a map, not a list\n"
	    "t.yaml:4:21: \"scale\" of \"e\" is 0: nothing would be left\n"
	    "t.yaml:5:31: \"f\" has the form age, which is in seconds\n"
	    "t.yaml:6:1: \"1g\" is no name for a metric: letters, digits and _ "
	    "only\n\tsuch as queue_waiting\n"
	    "t.yaml:7:4: \"h\" wants a text or a map, not an empty text\n",
	    "each with its place");
	is_int((int64_t)count, 1, "the good one is there");
}

static void
test_health(void)
{
	const struct map_health *h;
	size_t count;

	is_int(
	    map_health_read(parse("database: database\n"
				  "provider: {path: 'p.*.status', ok: "
				  "healthy, warn: [degraded], detail: why, "
				  "name: id}\n"
				  "keys: {path: keys, form: count, ok: '> 0'}\n"
				  "only: {path: [a, b], warn: slow}\n"
				  "soft: {path: a, ok: x, other: warn}\n"),
		MAP_PATH, arena, &errors, &h, &count),
	    ERR_OK, "health is read");
	is_str(problems(), "", "no problems");
	is_int((int64_t)count, 5, "five");
	is_str(h[0].state.from.items[0], "database", "short form");
	is_str(h[0].state.ok.items[0], "ok", "the usual words");
	is_int(h[0].state.other, STATE_UNKNOWN, "other words say nothing");
	is_str(h[1].state.ok.items[0], "healthy", "own words");
	is_int(h[1].state.other, STATE_CRIT, "all others are bad");
	is_str(h[1].name, "id", "names");
	is_str(h[1].detail, "why", "details");
	is_int(h[2].value.form, MAP_FORM_COUNT, "form");
	is_str(h[2].value.from, "keys", "place");
	is_int((int64_t)h[3].state.from.count, 2, "two places");
	is_int(h[3].state.other, STATE_OK, "what is not listed as bad");
	is_int(h[4].state.other, STATE_WARN, "as written");
}

static void
test_health_problems(void)
{
	const struct map_health *h;
	size_t count;

	is_int(map_health_read(parse("a: {path: ~}\nb: {path: []}\nc: {ok: "
				     "x}\nd: ~\n"),
		   MAP_PATH, arena, &errors, &h, &count),
	    ERR_CONFIG, "nothing to look at");
	is_str(problems(),
	    "t.yaml:1:1: \"a\" lacks \"path\"\n"
	    "\tpath: where the word is; of several the worst counts\n"
	    "t.yaml:2:11: \"path\"'s length is 0, the least is 1\n"
	    "t.yaml:3:1: \"c\" lacks \"path\"\n"
	    "\tpath: where the word is; of several the worst counts\n"
	    "t.yaml:4:4: \"d\" wants a text or a map, not nothing\n",
	    "each with its place");
	is_int((int64_t)count, 0, "none is left");
}

static void
test_tables(void)
{
	const struct map_table *t;
	size_t count;

	is_int(map_tables_read(
		   parse("services:\n"
			 "  rows: '[*]'\n  key: name\n"
			 "  columns: {name: name, state: {path: status, kind: "
			 "state}, memory: {path: monit.memory, unit: bytes}, "
			 "since: {path: up, kind: time}}\n"
			 "  state: {path: [status, health], ok: [online]}\n"
			 "disks: .\n"),
		   MAP_PATH, arena, &errors, &t, &count),
	    ERR_OK, "tables are read");
	is_str(problems(), "", "no problems");
	is_int((int64_t)count, 2, "two");
	is_str(t[0].rows, "[*]", "rows");
	is_str(t[0].key, "name", "key");
	is_int((int64_t)t[0].column_count, 4, "columns");
	is_int(t[0].columns[0].kind, MAP_COLUMN_AUTO, "what its values are");
	is_int(t[0].columns[1].kind, MAP_COLUMN_STATE, "a state");
	is_int(t[0].columns[2].kind, MAP_COLUMN_NUMBER, "a unit: a number");
	is_int(t[0].columns[3].kind, MAP_COLUMN_TIME, "a time");
	is_int((int64_t)t[0].state.from.count, 2, "two words");
	is_str(t[1].rows, ".", "short form");
	is_int((int64_t)t[1].column_count, 0, "all there are");
	is_int(
	    map_tables_read(parse("t: {key: id, columns: {id: id}, state: s}"),
		MAP_COLUMN, arena, &errors, &t, &count),
	    ERR_OK, "those of a query");
	ok(t[0].rows == NULL && t[0].has_state, "rows are the query's");
	is_str(t[0].state.from.items[0], "s", "state, short form");
}

static void
test_table_problems(void)
{
	const struct map_table *t;
	size_t count;

	is_int(map_tables_read(
		   parse("a: {columns: {x: {path: x, kind: state}}, rows: .}\n"
			 "b: {columns: [x]}\n"
			 "c: {rows: ., state: {ok: up}}\n"),
		   MAP_PATH, arena, &errors, &t, &count),
	    ERR_CONFIG, "mistakes");
	is_str(problems(),
	    "t.yaml:1:18: column \"x\" shows the state of a row, but the table "
	    "has no \"state\"\n\tstate: {path: status, ok: [running]}\n"
	    "t.yaml:2:1: \"b\" lacks \"rows\"\n"
	    "\trows: path of the rows: a list, a map, or a wildcard\n"
	    "t.yaml:3:14: \"state\" lacks \"path\"\n"
	    "\tpath: where the word is; of several the worst counts\n",
	    "each with its place");
	is_int((int64_t)count, 0, "none is left");
}

int
main(void)
{
	arena = arena_new(CONF_ARENA_MAX);
	RUN(test_rows);
	RUN(test_metrics);
	RUN(test_metric_problems);
	RUN(test_health);
	RUN(test_health_problems);
	RUN(test_tables);
	RUN(test_table_problems);
	arena_free(arena);
	return tap_done();
}
