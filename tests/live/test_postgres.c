/*
 * The source "postgres" against real servers, private ones, in the states
 * that an incident brings: lock pile-ups, no room, stopped, restarted,
 * passwords, rights, TLS, a pooler; and against sockets that lie.
 */
#include <math.h>
#include <signal.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/attr.h"
#include "base/clock.h"
#include "datasrc/pg_session.h"
#include "tests/live/pg_server.h"
#include "tests/live/polled.h"
#include "tests/tap.h"

/* Long enough for a busy machine; only a failure takes that long. */
#define PATIENCE (20 * NS_PER_SEC)

static struct pg_server server;

/* A source on url, with more options behind it; false: no use to go on. */
static bool
open_url(struct polled *p, const char *url, const char *more)
{
	char yaml[512];

	snprintf(yaml, sizeof(yaml), "url: \"%s\"\n%s", url, more);
	return ok(polled_open(p, &src_postgres, yaml), "opens");
}

/* The server passes counters on once a second at most. */
static bool
poll_hits(struct polled *p)
{
	int64_t deadline = clock_now() + PATIENCE;

	while (clock_now() < deadline) {
		if (polled_once(p, PATIENCE) == ERR_OK &&
		    polled_metric(p, "pg_hit_ratio", NULL) > 0.5)
			return true;
		io_wait(-1, 0, clock_now() + 100 * NS_PER_MS, NULL, NULL);
	}
	return false;
}

static void
test_basics(void)
{
	const struct health *health;
	struct polled p;

	if (!open_url(&p, server.url, ""))
		return;
	is_int(polled_once(&p, PATIENCE), ERR_OK, "a poll");
	health = polled_health(&p, "here");
	ok(health != NULL && health->state == STATE_OK, "it is well");
	ok(health != NULL && health->latency_ns > 0, "its latency is measured");
	ok(strncmp(p.payload->note.s, "postgres ", 9) == 0, "note: %s",
	    p.payload->note.s);
	is_near(polled_metric(&p, "pg_connections_max", NULL), 97, 0,
	    "connections that ordinary roles may have");
	ok(polled_metric(&p, "pg_connections_used", NULL) >= 1, "used");
	ok(isnan(polled_metric(&p, "pg_hit_ratio", NULL)),
	    "no ratio before the second poll");
	is_near(polled_metric(&p, "pg_lock_waiters", NULL), 0, 0, "no waits");
	is_int(polled_rows(&p, "locks"), 0, "no locks");
	ok(poll_hits(&p), "the share of hits between two polls");
	ok(polled_metric(&p, "pg_commits", NULL) > 0, "commits");
	polled_close(&p);
}

/* Sessions that each wait for the one before; the first holds a row. */
enum {
	CHAIN = 5
};

static void
chain_start(PGconn *conns[CHAIN])
{
	char sql[128];

	for (int i = 0; i < CHAIN; i++) {
		snprintf(sql, sizeof(sql), "&application_name=link%d", i);
		conns[i] = pg_server_connect(&server, sql);
		snprintf(sql, sizeof(sql),
		    "BEGIN; UPDATE chain SET n = n + 1 WHERE id = %d", i);
		pg_do(conns[i], sql);
	}
	for (int i = 1; i < CHAIN; i++) {
		snprintf(sql, sizeof(sql),
		    "UPDATE chain SET n = n + 1 WHERE id = %d", i - 1);
		pg_begin(conns[i], sql);
	}
}

/* Polls until so many wait; the server needs a moment to block them. */
static bool
poll_waiters(struct polled *p, double count)
{
	int64_t deadline = clock_now() + PATIENCE;

	while (clock_now() < deadline) {
		if (polled_once(p, PATIENCE) == ERR_OK &&
		    polled_metric(p, "pg_lock_waiters", NULL) == count)
			return true;
		io_wait(-1, 0, clock_now() + 20 * NS_PER_MS, NULL, NULL);
	}
	return false;
}

static void
test_chain(void)
{
	PGconn *conns[CHAIN];
	const struct table *locks;
	const struct health *row;
	char root[64];
	struct polled p;
	bool tree = true;

	if (!open_url(&p, server.url, "lock_warn: 1ms"))
		return;
	chain_start(conns);
	ok(poll_waiters(&p, CHAIN - 1), "four of five wait");
	locks = payload_table(p.payload, "locks");
	is_int((int64_t)locks->row_count, CHAIN, "all of them are drawn");
	for (size_t i = 0; i < locks->row_count; i++) {
		const struct table_cell *cells = locks->rows[i].cells;

		tree = tree && cells[0].num == (double)i &&
		       cells[1].num == PQbackendPID(conns[i]) &&
		       cells[6].num == (double)(CHAIN - 1 - i);
	}
	ok(tree, "as a chain, each with those behind it");
	is_str(locks->rows[0].cells[3].text.s, "link0", "the root's name");
	is_str(locks->rows[0].cells[4].text.s, "idle in transaction",
	    "and what it does");
	is_str(locks->rows[1].cells[7].text.s, "row", "what is waited for");
	is_str(locks->rows[1].cells[8].text.s, "chain", "and of which table");
	row = polled_health(&p, "locks");
	snprintf(root, sizeof(root), "pid %d, ", PQbackendPID(conns[0]));
	ok(row != NULL && row->state == STATE_WARN &&
		strstr(row->detail.s, root) != NULL,
	    "the row names the root: %s", row != NULL ? row->detail.s : "");
	snprintf(root, sizeof(root), "%d", PQbackendPID(conns[3]));
	for (size_t i = 0; i < locks->row_count; i++)
		if (locks->rows[i].cells[1].num == PQbackendPID(conns[4]))
			is_str(polled_text(&p, "sessions", locks->rows[i].key.s,
				   "blocked_by"),
			    root, "sessions say so as well");
	for (int i = 0; i < CHAIN; i++)
		PQfinish(conns[i]);
	ok(poll_waiters(&p, 0), "and it dissolves");
	polled_close(&p);
}

/* Waits at most PATIENCE for what the last good poll must show. */
static bool
poll_until(struct polled *p, bool (*seen)(const struct polled *p))
{
	int64_t deadline = clock_now() + PATIENCE;

	while (clock_now() < deadline) {
		if (polled_once(p, PATIENCE) == ERR_OK && seen(p))
			return true;
		io_wait(-1, 0, clock_now() + 20 * NS_PER_MS, NULL, NULL);
	}
	return false;
}

static bool
health_has(const struct polled *p, const char *target, const char *words)
{
	const struct health *row = polled_health(p, target);

	return row != NULL && strstr(row->detail.s, words) != NULL;
}

/* Statements ------------------------------------------------------------------
 */

static bool
statements_ran(const struct polled *p)
{
	const struct table *table = payload_table(p->payload, "statements");

	for (size_t i = 0; table != NULL && i < table->row_count; i++) {
		const struct table_cell *cells = table->rows[i].cells;

		if (strstr(cells[6].text.s, "pg_sleep") != NULL &&
		    strstr(cells[6].text.s, "0.02") == NULL &&
		    cells[2].num >= 20 && cells[0].num > 0)
			return true;
	}
	return false;
}

static void
test_statements(void)
{
	PGconn *conn = pg_server_connect(&server, "");
	struct polled p;

	if (!open_url(&p, server.url, "statements_every: 1ms"))
		return;
	is_int(polled_once(&p, PATIENCE), ERR_OK, "without the extension");
	is_int(
	    polled_health(&p, "statements")->state, STATE_OK, "it is no alarm");
	ok(health_has(&p, "statements", "CREATE EXTENSION"), "words: %s",
	    polled_health(&p, "statements")->detail.s);
	is_int(polled_rows(&p, "statements"), -1, "no table");
	pg_do(conn, "CREATE SCHEMA \"Odd one\"; "
		    "CREATE EXTENSION pg_stat_statements SCHEMA \"Odd one\"");
	is_int(polled_once(&p, PATIENCE), ERR_OK, "with it");
	ok(health_has(&p, "statements", "the next reading"), "read once: %s",
	    polled_health(&p, "statements")->detail.s);
	pg_do(conn, "SELECT pg_sleep(0.02)");
	pg_do(conn, "SELECT pg_sleep(0.02)");
	ok(poll_until(&p, statements_ran), "a slow statement, as its shape");
	pg_do(conn, "DROP EXTENSION pg_stat_statements");
	is_int(polled_once(&p, PATIENCE), ERR_OK, "dropped");
	is_int(polled_once(&p, PATIENCE), ERR_OK, "and looked for");
	ok(health_has(&p, "statements", "CREATE EXTENSION"), "words: %s",
	    polled_health(&p, "statements")->detail.s);
	pg_do(conn, "CREATE EXTENSION pg_stat_statements");
	PQfinish(conn);
	polled_close(&p);
}

/* Rights ----------------------------------------------------------------------
 */

static bool
rights_whole(const struct polled *p)
{
	return polled_health(p, "rights") == NULL;
}

static void
test_rights(void)
{
	PGconn *conn = pg_server_connect(&server, "");
	PGconn *chain[CHAIN];
	struct polled p;
	char url[200];

	pg_do(conn, "CREATE ROLE plain LOGIN");
	snprintf(url, sizeof(url), "%s&user=plain", server.url);
	if (!open_url(&p, url, "statements_every: 1ms"))
		return;
	chain_start(chain);
	ok(poll_waiters(&p, CHAIN - 1), "who waits is seen without rights");
	is_int(polled_rows(&p, "locks"), CHAIN, "and by whom");
	ok(polled_metric(&p, "pg_connections_used", NULL) >= CHAIN + 2,
	    "hidden sessions count");
	is_int(polled_health(&p, "rights")->state, STATE_WARN, "they are said");
	ok(health_has(&p, "rights", "GRANT pg_monitor TO plain"), "words: %s",
	    polled_health(&p, "rights")->detail.s);
	ok(isnan(polled_metric(&p, "pg_idle_in_transaction_seconds", NULL)),
	    "what can't be seen is missing");
	pg_do(conn, "GRANT pg_monitor TO plain");
	ok(poll_until(&p, rights_whole), "granted: seen by itself");
	ok(polled_metric(&p, "pg_idle_in_transaction_seconds", NULL) > 0,
	    "with the times");
	for (int i = 0; i < CHAIN; i++)
		PQfinish(chain[i]);
	PQfinish(conn);
	polled_close(&p);
}

/* Time-outs -------------------------------------------------------------------
 */

static void
test_timeouts(void)
{
	PGconn *conn = pg_server_connect(&server, "");
	struct polled p;
	int64_t start;

	if (!open_url(&p, server.url, ""))
		return;
	is_int(polled_once(&p, PATIENCE), ERR_OK, "a poll");
	pg_do(conn, "BEGIN; LOCK pg_database IN ACCESS EXCLUSIVE MODE");
	start = clock_now();
	is_int(
	    polled_once(&p, PATIENCE), ERR_TIMEOUT, "the catalogue is locked");
	ok(strstr(err_text(&p.err), "a lock was not free in time") != NULL,
	    "says: %s", err_text(&p.err));
	ok(clock_now() - start < 5 * NS_PER_SEC,
	    "by the server's lock_timeout");
	pg_do(conn, "ROLLBACK");
	is_int(polled_once(&p, PATIENCE), ERR_OK, "and on it goes");
	is_int(polled_events(&p, EVENT_RESTART), 0, "without an event");
	PQfinish(conn);
	polled_close(&p);
}

/* A transaction that was prepared and forgotten holds a row. */
static void
test_prepared(void)
{
	PGconn *a = pg_server_connect(&server, "");
	PGconn *b = pg_server_connect(&server, "");
	struct polled p;

	if (!open_url(&p, server.url, ""))
		return;
	pg_do(a, "BEGIN; UPDATE chain SET n = 1 WHERE id = 9");
	pg_do(a, "PREPARE TRANSACTION 'forgotten'");
	pg_begin(b, "UPDATE chain SET n = 2 WHERE id = 9");
	ok(poll_waiters(&p, 1), "one waits");
	is_str(polled_text(&p, "locks", "0:0", "state"), "prepared transaction",
	    "for a prepared transaction");
	pg_do(a, "ROLLBACK PREPARED 'forgotten'");
	PQfinish(a);
	PQfinish(b);
	polled_close(&p);
}

/* Stopped, frozen, full -------------------------------------------------------
 */

static void
test_restart(void)
{
	struct polled p;
	enum err_code code;

	if (!open_url(&p, server.url, ""))
		return;
	is_int(polled_once(&p, PATIENCE), ERR_OK, "before");
	pg_server_stop(&server);
	code = polled_once(&p, PATIENCE);
	ok(code == ERR_REFUSED, "stopped: %s", err_text(&p.err));
	ok(pg_server_again(&server), "started");
	is_int(polled_once(&p, PATIENCE), ERR_OK, "after");
	is_int(polled_events(&p, EVENT_RESTART), 1, "it is an event");
	is_int(polled_once(&p, PATIENCE), ERR_OK, "later");
	is_int(polled_events(&p, EVENT_RESTART), 0, "told once");
	pg_server_stop(&server);
	ok(pg_server_again(&server), "a restart between two polls");
	is_int(polled_once(&p, PATIENCE), ERR_OK, "costs none");
	is_int(polled_events(&p, EVENT_RESTART), 1, "and is told");
	polled_close(&p);
}

/* The pid of the server's process that serves a source. */
static pid_t
own_backend(PGconn *conn)
{
	PGresult *result = PQexec(conn, "SELECT pid FROM pg_stat_activity "
					"WHERE application_name = 'sevtop'");
	pid_t pid = PQntuples(result) == 1
			? (pid_t)strtol(PQgetvalue(result, 0, 0), NULL, 10)
			: 0;

	PQclear(result);
	return pid;
}

static void
test_frozen(void)
{
	PGconn *conn = pg_server_connect(&server, "");
	struct polled p;
	int64_t start;
	pid_t pid;

	if (!open_url(&p, server.url, ""))
		return;
	is_int(polled_once(&p, PATIENCE), ERR_OK, "it answers");
	pid = own_backend(conn);
	ok(pid > 0, "our session's process");
	kill(pid, SIGSTOP);
	child_signal(&server.child, SIGSTOP);
	start = clock_now();
	is_int(polled_once(&p, 300 * NS_PER_MS), ERR_TIMEOUT,
	    "silence ends at the deadline");
	ok(strstr(err_text(&p.err), "no answer in time") != NULL, "says: %s",
	    err_text(&p.err));
	is_int(polled_once(&p, 300 * NS_PER_MS), ERR_TIMEOUT,
	    "on a new connection as well");
	ok(strstr(err_text(&p.err), "says nothing") != NULL, "says: %s",
	    err_text(&p.err));
	ok(clock_now() - start < 5 * NS_PER_SEC, "in time");
	child_signal(&server.child, SIGCONT);
	kill(pid, SIGCONT);
	is_int(polled_once(&p, PATIENCE), ERR_OK, "it goes on");
	is_int(polled_events(&p, EVENT_RESTART), 0, "without a restart");
	PQfinish(conn);
	polled_close(&p);
}

/* A server with seven places for ordinary roles. */
static void
test_full(void)
{
	static const char *const more[] = { "-c", "max_connections=10", NULL };
	struct pg_server small;
	PGconn *admin, *conns[8] = { NULL };
	struct polled p;
	char url[200];

	if (!ok(pg_server_start(&small, more), "a small server"))
		return;
	admin = pg_server_connect(&small, "");
	pg_do(admin, "CREATE ROLE app LOGIN; CREATE ROLE mon LOGIN; "
		     "GRANT pg_monitor TO mon; "
		     "CREATE EXTENSION pg_stat_statements");
	snprintf(url, sizeof(url), "%s&user=mon", small.url);
	if (!open_url(&p, url, ""))
		return;
	is_int(polled_once(&p, PATIENCE), ERR_OK, "there is room");
	ok(health_has(&p, "statements", "shared_preload_libraries"),
	    "an extension that is not loaded: %s",
	    polled_health(&p, "statements")->detail.s);
	for (size_t i = 0; i < 5; i++)
		conns[i] =
		    pg_server_connect(&small, "&user=app&application_name=api");
	is_int(polled_once(&p, PATIENCE), ERR_OK, "we keep our place");
	is_int(polled_health(&p, "connections")->state, STATE_CRIT,
	    "all are taken");
	ok(health_has(
	       &p, "connections", "7 of 7 (100 %): 6 idle; 5 are of api"),
	    "words: %s", polled_health(&p, "connections")->detail.s);
	pg_do(admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
		     "WHERE usename = 'mon'");
	while (conns[5] == NULL)
		conns[5] = pg_server_connect(&small, "&user=app");
	is_int(polled_once(&p, PATIENCE), ERR_LIMITED, "our place is lost");
	ok(strstr(err_text(&p.err), "connections exhausted: remaining") !=
		    NULL &&
		strstr(err_text(&p.err), "ago 7 of 7: 6 idle; 5") != NULL,
	    "says: %s", err_text(&p.err));
	PQfinish(conns[0]);
	conns[0] = NULL;
	while (polled_once(&p, PATIENCE) == ERR_LIMITED)
		io_wait(-1, 0, clock_now() + 20 * NS_PER_MS, NULL, NULL);
	is_int(p.err.code, ERR_OK, "room again: found by itself");
	for (size_t i = 0; i < ARRAY_LEN(conns); i++)
		PQfinish(conns[i]);
	PQfinish(admin);
	polled_close(&p);
	pg_server_remove(&small);
}

/* Replication -----------------------------------------------------------------
 */

static bool
replica_streams(const struct polled *p)
{
	return polled_rows(p, "replicas") == 1 &&
	       health_has(p, "replication", "1 replica") &&
	       polled_metric(p, "pg_replication_lag_seconds", NULL) < 60;
}

static bool
is_primary(const struct polled *p)
{
	return polled_metric(p, "pg_is_standby", NULL) == 0;
}

static void
test_failover(void)
{
	struct pg_server standby;
	PGconn *conn;
	struct polled p;

	if (!ok(pg_server_copy(&standby, &server), "a standby"))
		return;
	if (open_url(&p, server.url, "")) {
		ok(poll_until(&p, replica_streams),
		    "the primary sees it and its lag");
		polled_close(&p);
	}
	if (!open_url(&p, standby.url, ""))
		return;
	is_int(polled_once(&p, PATIENCE), ERR_OK, "a poll of the standby");
	ok(health_has(&p, "here", ", standby,"), "words: %s",
	    polled_health(&p, "here")->detail.s);
	ok(health_has(&p, "replication", "standby, "), "words: %s",
	    polled_health(&p, "replication")->detail.s);
	conn = pg_server_connect(&standby, "");
	ok(pg_do(conn, "SELECT pg_promote()"), "promoted");
	PQfinish(conn);
	ok(poll_until(&p, is_primary), "seen by itself");
	is_int(polled_events(&p, EVENT_STATE), 1, "as an event");
	is_str(p.payload->events[0].text.s, "failover: standby to primary",
	    "in words");
	polled_close(&p);
	pg_server_remove(&standby);
}

/* Queries ---------------------------------------------------------------------
 */

/* One poll of a query: the code, and words that are in why. */
static void
query_says(
    const char *query, const char *more, enum err_code want, const char *words)
{
	struct polled p;
	char yaml[1024];
	enum err_code code;

	snprintf(yaml, sizeof(yaml), "url: \"%s\"\nquery: \"%s\"\n%s",
	    server.url, query, more);
	if (!ok(polled_open(&p, &src_sql, yaml), "opens"))
		return;
	code = polled_once(&p, PATIENCE);
	ok(code == want && strstr(err_text(&p.err), words) != NULL, "%s: %s",
	    err_code_name(code), err_text(&p.err));
	if (want != ERR_TOOBIG)
		is_int(polled_once(&p, PATIENCE), want, "and again");
	polled_close(&p);
}

/* An answer that was taken back at the end of its transaction is none. */
static void
test_commit(void)
{
	static const struct pg_question make = {
		.sql = "CREATE TABLE once (n int UNIQUE DEFERRABLE INITIALLY "
		       "DEFERRED)",
	};
	static const struct pg_question twice = {
		.sql = "INSERT INTO once VALUES (1), (1) RETURNING n",
	};
	const struct pg_conf conf = { .url = server.url };
	struct pg_session session;
	struct pg_answers answers = PG_ANSWERS_INIT;
	struct err err = ERR_INIT;

	pg_session_init(&session, &conf, NULL, PATIENCE);
	session.options.write = session.options.wrap = true;
	is_int(pg_session_run(&session, &make, 1, clock_now() + PATIENCE, NULL,
		   &answers, &err),
	    ERR_OK, "a table");
	is_int(answers.list[0].why.code, ERR_OK, "that is made");
	pg_answers_release(&answers);
	is_int(pg_session_run(&session, &twice, 1, clock_now() + PATIENCE, NULL,
		   &answers, &err),
	    ERR_OK, "rows that are good until the end");
	ok(answers.list[0].why.code != ERR_OK && answers.list[0].result == NULL,
	    "were not added: %s", err_text(&answers.list[0].why));
	pg_answers_release(&answers);
	pg_session_close(&session);
}

static void
test_query(void)
{
	struct polled p;
	char yaml[1024];

	snprintf(yaml, sizeof(yaml),
	    "url: \"%s\"\nquery: \"SELECT sum(n) AS total, now() AS at, "
	    "true AS yes, 'x'::text AS word FROM chain\"\n"
	    "metrics: {sum_of: {column: total, unit: count}, age: {column: at, "
	    "form: age}, gone: nothing}\ntable: all\n",
	    server.url);
	if (!ok(polled_open(&p, &src_sql, yaml), "opens"))
		return;
	is_int(polled_once(&p, PATIENCE), ERR_OK, "a query");
	ok(polled_metric(&p, "sum_of", NULL) >= 0, "as a metric");
	ok(fabs(polled_metric(&p, "age", NULL)) < 10, "a time by its type");
	is_int(polled_rows(&p, "all"), 1, "as a table");
	ok(health_has(&p, "mapping",
	       "no column nothing; there are: total, at, "
	       "yes, word"),
	    "what does not fit is said");
	ok(health_has(&p, "here", "1 row in "), "and how long it took");
	polled_close(&p);
}

static void
test_query_errors(void)
{
	query_says("SELECT 1", "", ERR_OK, "");
	query_says("UPDATE chain SET n = 0", "", ERR_FORBIDDEN,
	    "sevtop only reads: cannot execute UPDATE");
	query_says("SELECT set_config('transaction_read_only', 'off', false)",
	    "", ERR_SERVER, "must be set before any query");
	query_says("SELECT pg_sleep(5)", "statement_timeout: 100ms",
	    ERR_TIMEOUT, "the statement was ended: canceling statement");
	query_says("SELECT * FROM nothing", "", ERR_NOTFOUND,
	    "no such table: relation");
	query_says("SELECT nothing FROM chain", "", ERR_BADDATA,
	    "does not fit the database: column");
	query_says("SELEKT 1", "", ERR_CONFIG, "is no SQL: syntax error");
	query_says(
	    "SELECT 1; DROP TABLE chain", "", ERR_CONFIG, "multiple commands");
	query_says("SELECT 1/0", "", ERR_BADDATA, "division by zero");
	query_says("COPY chain TO STDOUT", "", ERR_UNSUPPORTED, "COPY");
	query_says("BEGIN", "", ERR_OK, "");
	query_says("COMMIT", "", ERR_OK, "");
	query_says("SELECT repeat('x', 100000000)", "", ERR_TOOBIG,
	    "ask for fewer rows");
	query_says("SELECT repeat('x', 1000) FROM generate_series(1, 100000)",
	    "", ERR_TOOBIG, "ask for fewer rows");
}

/* Memory ----------------------------------------------------------------------
 */

static void
test_memory(void)
{
	PGconn *conns[CHAIN];
	struct polled p;

	if (!open_url(
		&p, server.url, "statements_every: 1ms\nsizes_every: 1ms"))
		return;
	chain_start(conns);
	ok(poll_waiters(&p, CHAIN - 1), "a chain");
	ok(polled_starve(&p, PATIENCE), "no memory does no harm");
	for (int i = 0; i < CHAIN; i++)
		PQfinish(conns[i]);
	polled_close(&p);
}

int
main(void)
{
	static const char *const more[] = { "-c",
		"shared_preload_libraries=pg_stat_statements", "-c",
		"max_prepared_transactions=2", NULL };
	PGconn *conn;

	if (!pg_server_available()) {
		skip("no PostgreSQL server is installed");
		return tap_done();
	}
	if (!ok(pg_server_start(&server, more), "a server"))
		return tap_done();
	conn = pg_server_connect(&server, "");
	pg_do(conn, "CREATE TABLE chain AS SELECT g AS id, 0 AS n "
		    "FROM generate_series(0, 9) g");
	PQfinish(conn);
	test_basics();
	test_chain();
	test_statements();
	test_rights();
	test_timeouts();
	test_prepared();
	test_commit();
	test_query();
	test_query_errors();
	test_memory();
	test_frozen();
	test_failover();
	test_restart();
	pg_server_remove(&server);
	test_full();
	return tap_done();
}
