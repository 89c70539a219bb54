/*
 * Answers of a PostgreSQL server, or of one that lies: any values, any NULLs.
 * Every report comes to its end, everything in it can be drawn, all who wait
 * are in the tree, and NULL is never a number.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "datasrc/pg_report.h"
#include "datasrc/pg_statements.h"
#include "datasrc/sql_map.h"
#include "tests/pg_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As many columns as the widest answer has, of several types. */
#define NAMES "a|b:20|c:1700|d:1184|e|f:16|g:701|h|i|j:1114|k|l:23|m|n|kind"

static const char yaml[] =
    "metrics: {one: a, two: {column: b, labels: {x: c}}, "
    "old: {column: d, form: age}, pool: {column: e, form: used/limit}}\n"
    "health: {state: {column: [f, h], name: i}}\n"
    "table: all\n"
    "tables: {t: {key: a, columns: {g: g, at: {column: j, kind: time}, "
    "s: {column: k, kind: state}}, state: k}}\n";

struct conf {
	struct sql_map_conf map;
};

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_payload(struct build *build)
{
	struct payload *payload = build_finish(build, NULL);

	check(payload != NULL);
	for (size_t i = 0; i < payload->health_count; i++)
		check(text_is_valid(payload->health[i].detail) &&
		      text_is_valid(payload->health[i].target));
	for (size_t i = 0; i < payload->event_count; i++)
		check(text_is_valid(payload->events[i].text));
	for (size_t i = 0; i < payload->table_count; i++) {
		const struct table *t = &payload->tables[i];

		for (size_t r = 0; r < t->row_count; r++) {
			check(text_is_valid(t->rows[r].key));
			for (size_t c = 0; c < t->column_count; c++)
				check(t->rows[r].cells[c].text.s == NULL ||
				      text_is_valid(t->rows[r].cells[c].text));
		}
	}
	payload_unref(payload);
	build_free(build);
}

static void
check_reports(const struct pg_result *rows)
{
	static const struct pg_limits limits = { .lock_warn_ns = NS_PER_SEC };
	static struct pg_databases databases;
	const struct pg_link link = { .took_ns = 1 };
	struct pg_facts facts = { .version = 150000 }, last = facts;
	struct pg_counts counts;
	struct pg_locks locks;
	struct build *build = build_new();

	check(build != NULL);
	pg_facts_read(&facts, rows);
	pg_counts_read(&counts, rows, rows);
	last.known = true;
	check(pg_locks_read(&locks, rows, rows, NULL) == ERR_OK);
	pg_report_server(build, "here", &facts, &link);
	pg_report_changes(build, &last, &facts, 1700000000000);
	pg_report_counts(build, &facts, &counts, &limits);
	pg_report_locks(build, &locks, &limits, NULL);
	pg_report_sessions(build, &locks, &limits, NULL);
	pg_report_databases(build, &databases, rows, facts.now_s);
	pg_report_relations(build, rows, rows);
	pg_report_vacuum(build, rows);
	pg_report_ages(build, rows, &limits);
	pg_report_replication(build, &facts, rows, rows, rows, &limits);
	pg_locks_release(&locks);
	check_payload(build);
}

static void
check_statements(const struct pg_result *rows)
{
	struct pg_statements s = PG_STATEMENTS_INIT;
	struct build *build = build_new();
	char ids[PG_IDS_TEXT_LEN];

	check(build != NULL);
	check(pg_statements_read(&s, rows, rows, 10, NULL) == ERR_OK);
	check(pg_statements_read(&s, rows, rows, 20, NULL) == ERR_OK);
	if (pg_statements_missing(&s, ids))
		check(pg_statements_texts(&s, rows, NULL) == ERR_OK);
	pg_statements_report(build, &s, true, NULL);
	pg_statements_release(&s);
	check_payload(build);
}

static void
check_map(const struct pg_result *rows)
{
	static const struct opt opts[] = { SQL_MAP_ROWS(struct conf, map) };
	static const struct opt_table table = OPT_TABLE(opts);
	static struct conf_errors errors;
	struct arena *arena = arena_new(CONF_ARENA_MAX);
	struct build *build = build_new();
	const struct conf_node *root;
	struct conf conf = { .map.metrics = NULL };
	struct sql_map *map = NULL;

	check(arena != NULL && build != NULL);
	check(conf_parse("t", yaml, sizeof(yaml) - 1, NULL, arena, &errors,
		  &root) == ERR_OK);
	check(opt_bind(&table, root, &conf, arena, &errors) == ERR_OK);
	check(sql_map_new(&conf.map, NULL, &map, NULL) == ERR_OK);
	sql_map_fill(map, rows, 1700000000000, build);
	sql_map_free(map);
	arena_free(arena);
	check_payload(build);
}

/* A NULL reads as nothing, whatever is asked of it. */
static void
check_nulls(const struct pg_result *rows)
{
	const char *s;
	size_t len;

	for (size_t r = 0; r < pg_result_rows(rows); r++)
		for (size_t c = 0; c < pg_result_columns(rows); c++) {
			if (pg_result_str(rows, r, c, &s, &len))
				continue;
			check(isnan(pg_result_num(rows, r, c)));
			check(pg_result_int(rows, r, c, -77) == -77);
			check(!pg_result_bool(rows, r, c));
		}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[4096];
	struct pg_result *rows;

	size = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
	memcpy(text, data, size);
	text[size] = '\0';
	rows = pg_rows(NAMES, text);
	check_nulls(rows);
	check_reports(rows);
	check_statements(rows);
	check_map(rows);
	pg_result_free(rows);
	return 0;
}
