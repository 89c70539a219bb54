/* What a PostgreSQL server says: calm, or with a chain of blocked sessions. */
#include <math.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "tests/panel/fixture_impl.h"

enum {
	MANY_SESSIONS = 300
};

struct fixture_session {
	int pid;
	const char *user, *app, *kind, *state, *wait;
	double query_s, xact_s, state_s;
	const char *blocked_by;
	double blocks;
	const char *query;
	enum state row;
	double depth; /* in the tree of locks; NaN: not part of it */
	double waits_s;
	const char *mode, *relation;
};

static const char begin_sql[] =
    "update workspaces set credits = credits - 1 where id = 17";
static const char wait_sql[] = "select * from workspaces where id = 17 for "
			       "update";
static const char long_sql[] =
    "select w.id, w.name, sum(c.amount_usd) as spent, count(*) filter (where "
    "c.provider = 'perplexity') as perplexity from workspaces w join "
    "cost_ledger c on c.workspace_id = w.id where c.created_at > now() - "
    "interval '30 days' group by w.id, w.name order by spent desc limit 50";

static const struct fixture_session calm_sessions[] = {
	{ 4101, "api", "api", "running", "active", "", 0.004, 0.004, 0.004, "",
	    0, "select * from prompts where workspace_id = $1", STATE_OK, NAN,
	    NAN, "", "" },
	{ 4102, "api", "jobs", "running", "active", "IO: DataFileRead", 2.31,
	    2.31, 2.31, "", 0, long_sql, STATE_OK, NAN, NAN, "", "" },
	{ 4103, "api", "jobs", "idle in tx", "idle in transaction", "", 0.2,
	    0.31, 0.1, "", 0, begin_sql, STATE_OK, NAN, NAN, "", "" },
	{ 4104, "api", "api", "idle", "idle", "", 12.4, NAN, 12.4, "", 0,
	    "commit", STATE_OK, NAN, NAN, "", "" },
	{ 4105, "api", "api", "idle", "idle", "", 51, NAN, 51, "", 0, "commit",
	    STATE_OK, NAN, NAN, "", "" },
};

static const struct fixture_session bad_sessions[] = {
	{ 4711, "api", "jobs", "idle in tx", "idle in transaction", "", 2472,
	    2473, 2471, "", 5, begin_sql, STATE_CRIT, 0, 252, "", "" },
	{ 4712, "api", "api", "waiting", "active", "Lock: transactionid", 252,
	    252, 252, "4711", 3, wait_sql, STATE_CRIT, 1, 252, "row",
	    "workspaces" },
	{ 4715, "api", "api", "waiting", "active", "Lock: tuple", 238, 238, 238,
	    "4712", 2, wait_sql, STATE_WARN, 2, 238, "row", "workspaces" },
	{ 4716, "api", "api", "waiting", "active", "Lock: tuple", 121, 121, 121,
	    "4715", 1, wait_sql, STATE_WARN, 3, 121, "row", "workspaces" },
	{ 4718, "report", "metabase", "waiting", "active", "Lock: relation", 12,
	    40, 12, "4716", 0, "lock table workspaces in share mode",
	    STATE_WARN, 4, 12, "row", "workspaces" },
	{ 4720, "api", "jobs", "waiting", "active", "Lock: transactionid", 31,
	    31, 31, "4711", 0, begin_sql, STATE_WARN, 1, 31, "row",
	    "workspaces" },
	{ 5001, "migrate", "node-pg-migrate", "running", "active",
	    "IO: DataFileRead", 66, 66, 66, "", 1,
	    "create index cost_ledger_created_at on cost_ledger (created_at)",
	    STATE_WARN, 0, 9, "", "" },
	{ 5002, "api", "jobs", "waiting", "active", "Lock: relation", 9, 9, 9,
	    "5001", 0,
	    "insert into cost_ledger (workspace_id, amount_usd) "
	    "values ($1, $2)",
	    STATE_WARN, 1, 9, "RowExclusive", "cost_ledger" },
	{ 4102, "report", "metabase", "running", "active", "IO: DataFileRead",
	    131, 131, 131, "", 0, long_sql, STATE_WARN, NAN, NAN, "", "" },
	{ 4101, "api", "api", "running", "active", "", 0.004, 0.004, 0.004, "",
	    0, "select * from prompts where workspace_id = $1", STATE_OK, NAN,
	    NAN, "", "" },
	{ 4104, "api", "api", "idle", "idle", "", 12.4, NAN, 12.4, "", 0,
	    "commit", STATE_OK, NAN, NAN, "", "" },
	{ 4105, "api", "api", "idle", "idle", "", 51, NAN, 51, "", 0, "commit",
	    STATE_OK, NAN, NAN, "", "" },
};

static const struct column session_columns[] = {
	{ TEXT_INIT("pid"), COLUMN_NUMBER, NUM_NONE },
	{ TEXT_INIT("user"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("database"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("app"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("client"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("kind"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("wait"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("query_s"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("xact_s"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("state_s"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("blocked_by"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("blocks"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("query"), COLUMN_TEXT, NUM_NONE },
};

static const struct column lock_columns[] = {
	{ TEXT_INIT("depth"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("pid"), COLUMN_NUMBER, NUM_NONE },
	{ TEXT_INIT("user"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("app"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("waits_s"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("blocks"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("mode"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("relation"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("query"), COLUMN_TEXT, NUM_NONE },
};

static struct text
session_key(const struct maker *m, int pid)
{
	return text_fmt(build_arena(m->build), "%d:1795350000", pid);
}

static void
add_session(struct maker *m, const struct fixture_session *s, int pid)
{
	const struct text texts[] = { name(m, s->user), name(m, "visibility"),
		name(m, s->app), TEXT("10.0.3.7"), text_lit(s->kind),
		text_lit(s->state), name(m, s->wait) };

	build_row(m->build, session_key(m, pid), s->row);
	build_cell_num(m->build, 0, pid);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		build_cell_text(m->build, 1 + i, texts[i]);
	build_cell_num(m->build, 8, num(m, s->query_s));
	build_cell_num(m->build, 9, num(m, s->xact_s));
	build_cell_num(m->build, 10, num(m, s->state_s));
	build_cell_text(m->build, 11, text_lit(s->blocked_by));
	build_cell_num(m->build, 12, num(m, s->blocks));
	build_cell_text(m->build, 13, name(m, s->query));
}

static void
add_lock(struct maker *m, const struct fixture_session *s)
{
	build_row(m->build, session_key(m, s->pid), s->row);
	build_cell_num(m->build, 0, s->depth);
	build_cell_num(m->build, 1, s->pid);
	build_cell_text(m->build, 2, name(m, s->user));
	build_cell_text(m->build, 3, name(m, s->app));
	build_cell_text(m->build, 4, text_lit(s->state));
	build_cell_num(m->build, 5, num(m, s->waits_s));
	build_cell_num(m->build, 6, num(m, s->blocks));
	build_cell_text(m->build, 7, text_lit(s->mode));
	build_cell_text(m->build, 8, name(m, s->relation));
	build_cell_text(m->build, 9, name(m, s->query));
}

static void
add_sessions(struct maker *m)
{
	const struct fixture_session *list =
	    burns(m) ? bad_sessions : calm_sessions;
	size_t count =
	    burns(m) ? ARRAY_LEN(bad_sessions) : ARRAY_LEN(calm_sessions);

	build_table(m->build, TEXT("sessions"), session_columns,
	    ARRAY_LEN(session_columns));
	for (size_t i = 0; i < count; i++)
		add_session(m, &list[i], list[i].pid);
	for (int i = 0; m->kind == FIXTURE_MANY && i < MANY_SESSIONS; i++)
		add_session(m, &calm_sessions[i % 5], 10000 + i);
	build_table(
	    m->build, TEXT("locks"), lock_columns, ARRAY_LEN(lock_columns));
	for (size_t i = 0; i < count; i++) {
		if (!isnan(list[i].depth))
			add_lock(m, &list[i]);
	}
}

static const struct column statement_columns[] = {
	{ TEXT_INIT("calls_s"), COLUMN_NUMBER, NUM_PER_SECOND },
	{ TEXT_INIT("time_share"), COLUMN_NUMBER, NUM_PERCENT },
	{ TEXT_INIT("mean_ms"), COLUMN_NUMBER, NUM_NONE },
	{ TEXT_INIT("max_ms"), COLUMN_NUMBER, NUM_NONE },
	{ TEXT_INIT("rows_s"), COLUMN_NUMBER, NUM_PER_SECOND },
	{ TEXT_INIT("io_share"), COLUMN_NUMBER, NUM_PERCENT },
	{ TEXT_INIT("query"), COLUMN_TEXT, NUM_NONE },
};

static void
add_statement(
    struct maker *m, const char *key, const double nums[6], const char *query)
{
	build_row(m->build, text_lit(key), STATE_OK);
	for (size_t i = 0; i < 6; i++)
		build_cell_num(m->build, i, num(m, nums[i]));
	build_cell_text(m->build, 6, name(m, query));
}

static void
add_statements(struct maker *m)
{
	build_table(m->build, TEXT("statements"), statement_columns,
	    ARRAY_LEN(statement_columns));
	if (m->kind == FIXTURE_MISSING)
		return;
	add_statement(m, "-71293",
	    (double[]) { 0.4, 0.61, 1530, 9120, 20, 0.82 }, long_sql);
	add_statement(m, "88121", (double[]) { 212, 0.08, 0.38, 41, 212, 0.01 },
	    "select * from prompts where workspace_id = $1");
	add_statement(m, "17", (double[]) { 12.5, 0.02, 1.6, 120, 12.5, 0.2 },
	    "insert into cost_ledger (workspace_id, amount_usd) values ($1, "
	    "$2)");
}

static const struct column relation_columns[] = {
	{ TEXT_INIT("relation"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("bytes"), COLUMN_NUMBER, NUM_BYTES },
	{ TEXT_INIT("live"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("dead"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("dead_ratio"), COLUMN_NUMBER, NUM_PERCENT },
	{ TEXT_INIT("last_vacuum"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("xid_age"), COLUMN_NUMBER, NUM_COUNT },
};

static void
add_relation(struct maker *m, const char *relation, double bytes, double live,
    double dead, double vacuum_h, double xid_age)
{
	struct text key = name(m, relation);

	build_row(m->build, key, STATE_OK);
	build_cell_text(m->build, 0, key);
	build_cell_num(m->build, 1, num(m, bytes));
	build_cell_num(m->build, 2, num(m, live));
	build_cell_num(m->build, 3, num(m, dead));
	build_cell_num(m->build, 4, num(m, dead / (live + dead)));
	build_cell_num(m->build, 5,
	    num(m, (double)FIXTURE_WALL_MS - vacuum_h * 3600 * 1000));
	build_cell_num(m->build, 6, num(m, xid_age));
}

static const struct column vacuum_columns[] = {
	{ TEXT_INIT("pid"), COLUMN_NUMBER, NUM_NONE },
	{ TEXT_INIT("relation"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("phase"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("done_ratio"), COLUMN_NUMBER, NUM_PERCENT },
	{ TEXT_INIT("seconds"), COLUMN_NUMBER, NUM_SECONDS },
};

static const struct column replica_columns[] = {
	{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("addr"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("sync"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("lag_bytes"), COLUMN_NUMBER, NUM_BYTES },
	{ TEXT_INIT("lag_s"), COLUMN_NUMBER, NUM_SECONDS },
};

static const struct column database_columns[] = {
	{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("hit_ratio"), COLUMN_NUMBER, NUM_PERCENT },
	{ TEXT_INIT("commits_s"), COLUMN_NUMBER, NUM_PER_SECOND },
	{ TEXT_INIT("rollbacks_s"), COLUMN_NUMBER, NUM_PER_SECOND },
	{ TEXT_INIT("temp_bytes_s"), COLUMN_NUMBER, NUM_BYTES_PER_SECOND },
	{ TEXT_INIT("deadlocks"), COLUMN_NUMBER, NUM_COUNT },
};

/* Sizes, vacuum, replicas, databases. */
static void
add_upkeep(struct maker *m)
{
	build_table(m->build, TEXT("relations"), relation_columns,
	    ARRAY_LEN(relation_columns));
	add_relation(m, "public.cost_ledger", 41.2e9, 182e6,
	    burns(m) ? 61e6 : 1.2e6, 30, 181e6);
	add_relation(m, "public.prompts", 2.1e9, 4.1e6, 40e3, 2, 52e6);
	add_relation(m, "public.workspaces", 1.2e6, 8120, 12, 1, 52e6);
	build_table(m->build, TEXT("vacuum"), vacuum_columns,
	    ARRAY_LEN(vacuum_columns));
	if (burns(m)) {
		build_row(m->build, TEXT("901"), STATE_OK);
		build_cell_num(m->build, 0, 901);
		build_cell_text(m->build, 1, name(m, "public.cost_ledger"));
		build_cell_text(m->build, 2, TEXT("scanning heap"));
		build_cell_num(m->build, 3, num(m, 0.41));
		build_cell_num(m->build, 4, num(m, 1312));
	}
	build_table(m->build, TEXT("replicas"), replica_columns,
	    ARRAY_LEN(replica_columns));
	build_row(
	    m->build, TEXT("replica-1"), burns(m) ? STATE_WARN : STATE_OK);
	build_cell_text(m->build, 0, name(m, "replica-1"));
	build_cell_text(m->build, 1, TEXT("10.0.3.12"));
	build_cell_text(m->build, 2, TEXT("streaming"));
	build_cell_text(m->build, 3, TEXT("async"));
	build_cell_num(m->build, 4, num(m, burns(m) ? 412e6 : 0));
	build_cell_num(m->build, 5, num(m, burns(m) ? 38 : 0.004));
	build_table(m->build, TEXT("databases"), database_columns,
	    ARRAY_LEN(database_columns));
	build_row(m->build, TEXT("visibility"), STATE_OK);
	build_cell_text(m->build, 0, name(m, "visibility"));
	build_cell_num(m->build, 1, num(m, burns(m) ? 0.931 : 0.9987));
	build_cell_num(m->build, 2, num(m, burns(m) ? 41 : 412));
	build_cell_num(m->build, 3, num(m, 0.2));
	build_cell_num(m->build, 4, num(m, 0));
	build_cell_num(m->build, 5, num(m, 1));
}

static void
add_health(struct maker *m)
{
	bool bad = burns(m);

	build_health(m->build, TEXT("db"), STATE_OK,
	    TEXT("up 12d4h, primary, database visibility"), 3 * NS_PER_MS);
	build_health(m->build, TEXT("connections"), bad ? STATE_CRIT : STATE_OK,
	    bad ? TEXT("97 of 100 (97 %): 30 running, 67 idle")
		: TEXT("23 of 100 (23 %): 3 running, 20 idle"),
	    -1);
	build_health(m->build, TEXT("transactions"),
	    bad ? STATE_WARN : STATE_OK,
	    bad ? TEXT("longest query 4m12s, transaction 41m13s, idle in "
		       "transaction 41m11s: it keeps its locks")
		: TEXT("longest query 2.3 s, transaction 2.3 s, idle in "
		       "transaction 100 ms"),
	    -1);
	build_health(m->build, TEXT("locks"), bad ? STATE_CRIT : STATE_OK,
	    bad ? name(m, "6 wait, the longest 4m12s; pid 4711, api, idle in "
			  "transaction, holds up 5, 1 others the rest")
		: TEXT("nobody waits for a lock"),
	    -1);
	build_health(m->build, TEXT("replication"), bad ? STATE_WARN : STATE_OK,
	    bad ? name(m, "1 replica, at most 38 s behind")
		: TEXT("1 replica, at most 4 ms behind"),
	    -1);
	if (m->kind == FIXTURE_FIRST || m->kind == FIXTURE_MISSING)
		build_health(m->build, TEXT("statements"), STATE_OK,
		    TEXT("not watched: pg_stat_statements is not in database "
			 "visibility (CREATE EXTENSION pg_stat_statements)"),
		    -1);
	if (m->kind == FIXTURE_MISSING)
		build_health(m->build, TEXT("rights"), STATE_WARN,
		    TEXT("17 of 23 sessions are hidden from us: GRANT "
			 "pg_monitor TO sevtop"),
		    -1);
}

void
make_postgres(struct maker *m)
{
	static const char *const states[] = { "running", "idle", "idle in tx" };

	build_note(m->build, TEXT("postgres 15.18"));
	add_health(m);
	gauge(m, "pg_ping_seconds", NUM_SECONDS, 0.003, 0.004);
	build_gauge(m->build, TEXT("pg_uptime_seconds"), NUM_SECONDS,
	    num(m, 12.2 * 86400));
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		build_gauge_of(m->build, TEXT("pg_connections"), NUM_COUNT,
		    num(m, burns(m) ? 30 : 7), TEXT("state"),
		    text_lit(states[i]));
	gauge(m, "pg_connections_used", NUM_COUNT, 23, 97);
	build_gauge(
	    m->build, TEXT("pg_connections_max"), NUM_COUNT, num(m, 100));
	gauge(m, "pg_connections_used_ratio", NUM_PERCENT, 0.23, 0.97);
	gauge(m, "pg_lock_waiters", NUM_COUNT, 0, 6);
	gauge(m, "pg_lock_wait_seconds", NUM_SECONDS, 0, 252);
	gauge(m, "pg_longest_query_seconds", NUM_SECONDS, 2.3, 252);
	gauge(m, "pg_longest_transaction_seconds", NUM_SECONDS, 2.3, 2473);
	gauge(m, "pg_idle_in_transaction", NUM_COUNT, 1, 1);
	gauge(m, "pg_idle_in_transaction_seconds", NUM_SECONDS, 0.1, 2471);
	gauge(m, "pg_hit_ratio", NUM_PERCENT, 0.9987, 0.931);
	gauge(m, "pg_replication_lag_seconds", NUM_SECONDS, 0.004, 38);
	gauge(m, "pg_statement_seconds", NUM_SECONDS, 0.0011, 0.0212);
	counter(m, "pg_commits", NUM_COUNT, 812e6, 412, 41);
	counter(m, "pg_rollbacks", NUM_COUNT, 91e3, 0.2, 3.1);
	counter(m, "pg_deadlocks", NUM_COUNT, 1, 0, 0);
	add_sessions(m);
	add_statements(m);
	add_upkeep(m);
}
