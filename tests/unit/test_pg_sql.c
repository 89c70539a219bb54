#include "datasrc/pg_sql.h"

#include "tests/tap.h"

static const char *
text(enum pg_ask ask, const struct pg_dialect *dialect)
{
	static struct buf out;

	buf_release(&out);
	buf_init(&out, PG_SQL_MAX);
	return pg_sql_write(&out, ask, dialect) ? buf_cstr(&out) : "";
}

static bool
has(enum pg_ask ask, const struct pg_dialect *dialect, const char *part)
{
	return strstr(text(ask, dialect), part) != NULL;
}

static void
test_versions(void)
{
	const struct pg_dialect old = { .version = 120022, .rights = true };
	const struct pg_dialect new = { .version = 180004, .rights = true };

	ok(!has(PG_ASK_EDGES, &old, "waitstart"), "12 has no waitstart");
	ok(has(PG_ASK_EDGES, &new, "waitstart"), "18 has");
	ok(!has(PG_ASK_SLOTS, &old, "wal_status"), "12 has no wal_status");
	ok(has(PG_ASK_SLOTS, &new, "wal_status"), "18 has");
	ok(!has(PG_ASK_VACUUM, &old, "indexes_total"), "12 counts no indexes");
	ok(has(PG_ASK_VACUUM, &new, "indexes_total"), "18 does");
}

static void
test_rights(void)
{
	struct pg_dialect dialect = { .version = 150000, .rights = true };

	ok(has(PG_ASK_EDGES, &dialect, "wait_event_type = 'Lock'"),
	    "who waits, by activity");
	dialect.rights = false;
	ok(!has(PG_ASK_EDGES, &dialect, "wait_event_type"),
	    "by the lock table, where activity is hidden");
}

static void
test_extension(void)
{
	struct pg_dialect dialect = { .version = 150000 };
	struct pg_extension *e = &dialect.statements;

	snprintf(e->schema, sizeof(e->schema), "a \"b\"");
	ok(has(PG_ASK_STATEMENTS, &dialect,
	       "FROM \"a \"\"b\"\"\".pg_stat_statements(false)"),
	    "its schema is quoted");
	ok(has(PG_ASK_STATEMENTS, &dialect, " total_time"), "1.7: total_time");
	ok(!has(PG_ASK_STATEMENTS, &dialect, "toplevel"), "no toplevel");
	ok(has(PG_ASK_STATEMENTS, &dialect, " blk_read_time"), "its i/o");
	ok(has(PG_ASK_RESETS, &dialect, "NULL"), "no word of resets");
	*e = (struct pg_extension) {
		.schema = "public",
		.exec_time = true,
		.toplevel = true,
		.shared_io = true,
		.info = true,
	};
	ok(has(PG_ASK_STATEMENTS, &dialect, "total_exec_time"), "1.8");
	ok(has(PG_ASK_STATEMENTS, &dialect, "AND toplevel"), "1.9");
	ok(has(PG_ASK_STATEMENTS, &dialect, "shared_blk_read_time"), "1.11");
	ok(has(PG_ASK_RESETS, &dialect, "pg_stat_statements_info"), "resets");
}

/* The longest names fit, and nothing in a text ends it early. */
static void
test_all(void)
{
	struct pg_dialect dialect = { .version = 180000 };
	bool sound = true;

	memset(dialect.statements.schema, '"', PG_NAME_MAX - 1);
	dialect.statements.info = true;
	for (int i = 0; i < PG_ASK_COUNT; i++) {
		const char *sql = text((enum pg_ask)i, &dialect);

		sound = sound && sql[0] != '\0' && strchr(sql, ';') == NULL;
	}
	ok(sound, "all questions are whole");
	text(PG_ASK_FACTS, &dialect);
}

int
main(void)
{
	test_versions();
	test_rights();
	test_extension();
	test_all();
	return tap_done();
}
