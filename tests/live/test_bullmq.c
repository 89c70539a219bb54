/*
 * The source "bullmq" against queues made by the official libraries: what we
 * read must be what the library itself counts. Then queues in trouble, made
 * with plain commands as the runbooks do.
 */
#include <math.h>
#include <signal.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/clock.h"
#include "tests/live/polled.h"
#include "tests/live/redis_server.h"
#include "tests/tap.h"

/* Long enough for a busy machine; only a failure takes that long. */
#define PATIENCE (20 * NS_PER_SEC)

static const struct {
	const char *lib;     /* as tests/node/package.json names it */
	const char *dialect; /* as we must recognise it */
	bool rates;	     /* run jobs through it as well */
} libraries[] = {
	{ "bull", "bull 4", true },
	{ "bullmq3", "bullmq 3", false },
	{ "bullmq4", "bullmq 4", true },
	{ "bullmq50", "bullmq 5", false },
	{ "bullmq5", "bullmq 5", true },
	{ "bullmq6", "bullmq 6", true },
};

/* Runs tests/node/load.mjs; words are its arguments, ended by NULL. */
static bool
load_start(struct child *child, const char *lib, const char *url,
    const char *const words[])
{
	const char *argv[8] = { "node",
		child_source_path("tests/node/load.mjs") };
	size_t n = 2;

	setenv("BULL_LIB", lib, 1);
	setenv("REDIS_URL", url, 1);
	for (; words != NULL && *words != NULL && n < 7; words++)
		argv[n++] = *words;
	return child_start(child, argv, true);
}

static bool
load_do(const char *lib, const char *url, const char *command,
    const char *queue, const char *n)
{
	const char *words[] = { command, queue, n, NULL };
	struct child child;
	bool good = load_start(&child, lib, url, words);

	child_stop(&child);
	return ok(good, "%s %s %s with %s", command, queue, n, lib);
}

static int
counted(const struct child *child, const char *queue, const char *state)
{
	char key[64];

	snprintf(key, sizeof(key), "%s.%s", queue, state);
	return child_number(child, key);
}

static void
same(const struct polled *p, const char *queue, const char *column, int want)
{
	double got = polled_num(p, "queues", queue, column);

	ok(got == want, "%s.%s is %g, the library says %d", queue, column, got,
	    want);
}

/* Every count of a queue against getJobCounts(), isPaused(), getWorkers(). */
static void
compare(const struct polled *p, const struct child *lib, const char *queue)
{
	same(p, queue, "wait",
	    counted(lib, queue, "waiting") + counted(lib, queue, "paused") +
		counted(lib, queue, "prioritized"));
	same(p, queue, "prioritized", counted(lib, queue, "prioritized"));
	same(p, queue, "active", counted(lib, queue, "active"));
	same(p, queue, "delayed", counted(lib, queue, "delayed"));
	same(p, queue, "failed", counted(lib, queue, "failed"));
	same(p, queue, "completed", counted(lib, queue, "completed"));
	same(p, queue, "waiting_children",
	    counted(lib, queue, "waiting-children"));
	is_str(polled_text(p, "queues", queue, "paused"),
	    counted(lib, queue, "isPaused") ? "yes" : "no", queue);
}

static void
check_states(const struct polled *p)
{
	is_str(polled_text(p, "queues", "steady", "state"), "no workers",
	    "jobs wait and nobody works");
	ok(polled_health(p, "steady") != NULL &&
		strncmp(polled_health(p, "steady")->detail.s,
		    "no workers: nothing consumes this queue", 39) == 0,
	    "in words");
	is_str(polled_text(p, "queues", "held", "state"), "paused", "paused");
	is_str(polled_text(p, "queues", "busy", "state"), "ok", "busy is ok");
	same(p, "busy", "workers", 1);
	same(p, "steady", "workers", 0);
	ok(polled_num(p, "queues", "steady", "oldest_s") >= 0 &&
		polled_num(p, "queues", "steady", "oldest_s") < 120,
	    "the next job's age");
	ok(isnan(polled_num(p, "queues", "empty", "oldest_s")),
	    "nothing waits: no age");
	ok(polled_num(p, "queues", "busy", "running_s") >= 0,
	    "the longest active job");
	is_near(polled_metric(p, "queue_waiting", "busy"), 3, 0, "a metric");
	is_near(polled_metric(p, "queue_failed_5m", "steady"), 7, 0,
	    "failed in five minutes");
	is_near(polled_metric(p, "queue_paused", "held"), 1, 0, "paused");
}

static void
check_failures(const struct polled *p)
{
	static const struct {
		const char *key;
		int count;
	} want[] = {
		{ "steady provider timeout after #ms", 3 },
		{ "steady Rate limit exceeded (429) from perplexity", 3 },
		{ "steady connect ECONNREFUSED #", 1 },
	};

	is_int(polled_rows(p, "failures"), (int)ARRAY_LEN(want), "reasons");
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		double first, last;

		is_near(polled_num(p, "failures", want[i].key, "count"),
		    want[i].count, 0, want[i].key);
		first = polled_num(p, "failures", want[i].key, "first");
		last = polled_num(p, "failures", want[i].key, "last");
		ok(first > 1.6e12 && first <= last, "first before last");
	}
}

/* Each failed job by itself, as a key to act on. */
static void
check_jobs(const struct polled *p)
{
	const struct table *table = payload_table(p->payload, "queue_jobs");

	is_int(polled_rows(p, "queue_jobs"), 7, "every failed job is a row");
	for (size_t i = 0; table != NULL && i < table->row_count; i++) {
		const char *key = table->rows[i].key.s;

		ok(strncmp(key, "steady/", 7) == 0 &&
			strcmp(polled_text(p, "queue_jobs", key, "id"),
			    key + 7) == 0,
		    "%s is named by queue and id", key);
		is_str(polled_text(p, "queue_jobs", key, "name"), "run",
		    "its name");
		is_near(polled_num(p, "queue_jobs", key, "attempts"), 1, 0,
		    "its attempts");
		ok(polled_num(p, "queue_jobs", key, "added") <=
			polled_num(p, "queue_jobs", key, "at"),
		    "it failed after it was added");
	}
}

/* The locks of a killed worker run out after a second. */
static void
check_stalled(struct polled *p)
{
	int64_t deadline = clock_now() + PATIENCE;
	double stalled;

	do {
		polled_once(p, PATIENCE);
		stalled = polled_num(p, "queues", "stalled", "stalled");
	} while (stalled != 2 && clock_now() < deadline &&
		 io_wait(-1, 0, clock_now() + 100 * NS_PER_MS, NULL, NULL) ==
		     ERR_TIMEOUT);
	is_near(stalled, 2, 0, "two jobs lost their worker");
	is_near(polled_num(p, "queues", "busy", "stalled"), 0, 0,
	    "those of a living worker did not");
}

/* Ten jobs more between two polls, and ten finished. */
static void
check_rates(struct polled *p, const char *lib, const char *url)
{
	int64_t before, after;
	double rate;

	/* The first ten make the queue known to be there. */
	load_do(lib, url, "finish", "empty", "10");
	polled_once(p, PATIENCE);
	before = clock_now();
	load_do(lib, url, "finish", "empty", "10");
	polled_once(p, PATIENCE);
	after = clock_now();
	rate = polled_num(p, "queues", "empty", "in_rate");
	if (after - before > BULLMQ_WINDOW_MS * NS_PER_MS) {
		skip("the machine is too slow for a rate");
		return;
	}
	ok(rate > 0 && rate * (double)(after - before) / NS_PER_SEC < 11,
	    "in %g/s", rate);
	rate = polled_num(p, "queues", "empty", "out_rate");
	ok(rate > 0, "out %g/s, from %s", rate,
	    polled_text(p, "queues", "empty", "rates_from"));
	is_near(polled_num(p, "queues", "steady", "in_rate"), 0, 0,
	    "nothing came elsewhere");
}

static void
check_library(const char *lib, const char *dialect, bool rates, const char *url)
{
	bool bull = strcmp(lib, "bull") == 0;
	struct child load;
	struct polled p;
	char yaml[200];

	printf("# %s\n", lib);
	if (!ok(load_start(&load, lib, url, NULL), "%s fills queues", lib))
		return;
	printf("# %s\n", child_value(&load, "LIB"));
	snprintf(yaml, sizeof(yaml), "url: \"%s\"\n%s", url,
	    bull ? "queues: [steady, held, busy, stalled, empty]\n" : "");
	if (ok(polled_open(&p, &src_bullmq, yaml), "opens") &&
	    ok(polled_once(&p, PATIENCE) == ERR_OK, "a poll: %s",
		err_text(&p.err))) {
		is_int(polled_rows(&p, "queues"), 5, "queues were found");
		is_str(polled_text(&p, "queues", "steady", "dialect"), dialect,
		    "which library");
		compare(&p, &load, "steady");
		compare(&p, &load, "held");
		compare(&p, &load, "busy");
		compare(&p, &load, "stalled");
		/* Bull leaves no key behind until the first job. */
		if (!bull)
			compare(&p, &load, "empty");
		check_states(&p);
		check_failures(&p);
		check_jobs(&p);
		check_stalled(&p);
		if (rates)
			check_rates(&p, lib, url);
		check_failures(&p);
	}
	polled_close(&p);
	child_stop(&load);
}

static void
test_libraries(void)
{
	struct redis_server server;
	struct redis_conn *conn;

	if (access(child_source_path("tests/node/node_modules/bullmq6"),
		R_OK) != 0) {
		skip("no queue libraries: cd tests/node && npm ci");
		return;
	}
	if (!ok(redis_server_start(&server, NULL), "a server"))
		return;
	conn = redis_server_connect(server.url);
	for (size_t i = 0; i < ARRAY_LEN(libraries); i++) {
		ok(redis_server_do(conn, "FLUSHALL", NULL), "a clean start");
		check_library(libraries[i].lib, libraries[i].dialect,
		    libraries[i].rates, server.url);
	}
	redis_conn_close(conn);
	redis_server_remove(&server);
}

/* What the wrong commands of the runbooks do to a queue is seen and said. */
static void
test_harm(void)
{
	static const char *const commands[] = {
		"HSET bull:a:meta version bullmq:5.81.5 opts.maxLenEvents 9",
		"LPUSH bull:a:waiting job",
		"HSET bull:b:meta version bullmq:5.81.5 opts.maxLenEvents 9",
		"LPUSH bull:b:paused true",
		"HSET bull:c:meta version bullmq:5.81.5 opts.maxLenEvents 9",
		"SET bull:c:failed x",
		"HSET bull:d:meta version bullmq:5.81.5 opts.maxLenEvents 9",
		"ZADD bull:d:delayed 4096000000 1",
		"HSET bull:e:meta version bullmq:6.0.0 paused 1",
		"RPUSH bull:e:wait 1 2 3",
		"HSET bull:e:3 timestamp 1000 opts {}",
		"HSET bull:f:meta version bullmq:4.1.0 opts.maxLenEvents 9",
		"RPUSH bull:f:wait 0:0",
		"SET bull:g:meta x",
		"CONFIG SET maxmemory-policy allkeys-lru",
	};
	struct redis_server server;
	struct redis_conn *conn;
	struct polled p;
	char yaml[200];

	if (!ok(redis_server_start(&server, NULL), "a server"))
		return;
	conn = redis_server_connect(server.url);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		redis_server_do(conn, commands[i], NULL);
	snprintf(yaml, sizeof(yaml),
	    "url: \"%s\"\nqueues: [a, b, c, d, e, f, g, none]\n", server.url);
	if (polled_open(&p, &src_bullmq, yaml) &&
	    ok(polled_once(&p, PATIENCE) == ERR_OK, "a poll: %s",
		err_text(&p.err))) {
		is_str(polled_text(&p, "queues", "a", "state"), "stray keys",
		    "a list that nobody reads");
		is_str(polled_text(&p, "queues", "b", "state"), "stray keys",
		    "held jobs of a queue that is not paused");
		is_str(polled_text(&p, "queues", "c", "state"), "broken",
		    "a key of the wrong type");
		ok(isnan(polled_num(&p, "queues", "c", "failed")),
		    "its number is missing, not 0");
		ok(polled_num(&p, "queues", "d", "overdue_s") > 1e6,
		    "a delayed job that nobody promotes");
		is_str(polled_text(&p, "queues", "e", "state"), "paused",
		    "version 6 holds its jobs in wait");
		is_near(polled_num(&p, "queues", "e", "wait"), 3, 0, "three");
		ok(polled_num(&p, "queues", "e", "oldest_s") > 1e9,
		    "the last of the list is the next");
		is_near(polled_num(&p, "queues", "f", "wait"), 0, 0,
		    "a marker is no job");
		is_str(polled_text(&p, "queues", "g", "state"), "broken",
		    "a meta key that is no hash");
		is_str(polled_text(&p, "queues", "none", "state"), "absent",
		    "a queue that is not there");
		ok(isnan(polled_num(&p, "queues", "none", "wait")),
		    "has no numbers");
		is_int(polled_events(&p, EVENT_STATE), 0, "nothing changed");
		redis_server_do(conn, "HDEL bull:e:meta paused", NULL);
		polled_once(&p, PATIENCE);
		is_int(polled_events(&p, EVENT_STATE), 1, "a queue resumed");
		ok(polled_health(&p, "maxmemory-policy") != NULL,
		    "a server that may evict jobs");
		ok(polled_starve(&p, PATIENCE), "no memory does no harm");
	}
	polled_close(&p);
	redis_conn_close(conn);
	redis_server_remove(&server);
}

/* A user who may read the queues and nothing else. */
static void
test_rights(void)
{
	struct redis_server server;
	struct redis_conn *conn;
	struct polled p;
	char yaml[300];

	if (!ok(redis_server_start(&server, NULL), "a server"))
		return;
	conn = redis_server_connect(server.url);
	redis_server_do(conn,
	    "HSET bull:a:meta version bullmq:5.81.5 opts.maxLenEvents 9", NULL);
	redis_server_do(conn, "RPUSH bull:a:wait 1", NULL);
	redis_server_do(
	    conn, "ACL SETUSER viewer on >pw ~bull:* -@all +@read +ping", NULL);
	snprintf(yaml, sizeof(yaml), "url: \"unix://viewer:pw@%s\"\n",
	    server.socket);
	if (polled_open(&p, &src_bullmq, yaml) &&
	    ok(polled_once(&p, PATIENCE) == ERR_OK, "a poll: %s",
		err_text(&p.err))) {
		is_near(polled_num(&p, "queues", "a", "wait"), 1, 0, "counts");
		ok(isnan(polled_num(&p, "queues", "a", "workers")),
		    "workers are unknown, not 0");
		is_str(polled_text(&p, "queues", "a", "state"), "no sign",
		    "and it is said");
		redis_server_do(conn, "ACL SETUSER viewer resetkeys", NULL);
		is_int(polled_once(&p, PATIENCE), ERR_FORBIDDEN,
		    "no right to the keys");
		printf("# %s\n", err_text(&p.err));
	}
	polled_close(&p);
	redis_conn_close(conn);
	redis_server_remove(&server);
}

/* What a poll costs with long queues: a figure, no test. */
static void
test_cost(void)
{
	struct redis_server server;
	struct polled p;
	char yaml[200];
	double best = INFINITY, whole = INFINITY;

	if (access(child_source_path("tests/node/node_modules/bullmq5"),
		R_OK) != 0) {
		skip("no queue libraries: cd tests/node && npm ci");
		return;
	}
	if (!ok(redis_server_start(&server, NULL), "a server"))
		return;
	load_do("bullmq5", server.url, "bulk", "q1,q2,q3,q4", "20000");
	snprintf(yaml, sizeof(yaml), "url: \"%s\"\n", server.url);
	if (polled_open(&p, &src_bullmq, yaml)) {
		for (int i = 0; i < 20; i++) {
			int64_t start = clock_now();

			polled_once(&p, PATIENCE);
			whole = fmin(
			    whole, (double)(clock_now() - start) / NS_PER_MS);
			best = fmin(best,
			    polled_metric(&p, "queue_poll_seconds", NULL) *
				1000);
		}
		is_near(polled_num(&p, "queues", "q4", "wait") +
			    polled_num(&p, "queues", "q4", "delayed"),
		    20000, 0, "all jobs are counted");
		printf("# 4 queues of 20,000 jobs: first pass %.2f ms, whole "
		       "poll %.2f ms\n",
		    best, whole);
	}
	polled_close(&p);
	redis_server_remove(&server);
}

int
main(void)
{
	if (!redis_server_available()) {
		skip("no redis-server: apt-get install redis-server");
		return tap_done();
	}
	RUN(test_harm);
	RUN(test_rights);
	RUN(test_libraries);
	RUN(test_cost);
	return tap_done();
}
