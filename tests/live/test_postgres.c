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
	printf("# %s\n", err_text(&p.err));
	health = polled_health(&p, "here");
	ok(health != NULL && health->state == STATE_OK, "it is well");
	ok(health != NULL && health->latency_ns > 0, "its latency is measured");
	ok(strncmp(p.payload->note.s, "postgres ", 9) == 0, "note: %s",
	    p.payload->note.s);
	is_near(polled_metric(&p, "pg_connections_max", NULL), 97, 0,
	    "connections that ordinary roles may have");
	ok(polled_metric(&p, "pg_connections_used", NULL) >= 1, "used");
	ok(polled_metric(&p, "pg_commits", NULL) > 0, "commits");
	ok(isnan(polled_metric(&p, "pg_hit_ratio", NULL)),
	    "no ratio before the second poll");
	is_near(polled_metric(&p, "pg_lock_waiters", NULL), 0, 0, "no waits");
	is_int(polled_rows(&p, "locks"), 0, "no locks");
	ok(poll_hits(&p), "the share of hits between two polls");
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

int
main(void)
{
	static const char *const more[] = { "-c",
		"shared_preload_libraries=pg_stat_statements", NULL };
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
	pg_server_remove(&server);
	return tap_done();
}
