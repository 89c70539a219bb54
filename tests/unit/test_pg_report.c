#include "datasrc/pg_report.h"

#include "base/clock.h"
#include "tests/live/polled.h"
#include "tests/pg_rows.h"
#include "tests/tap.h"

#define FACTS  "standby|start|now|max|su|reserved|role|db|rights|io"
#define COUNTS "kind|n|query|xact|state|hidden"
#define SESSIONS                                                               \
	"pid|start|user|db|app|client|type|state|wtype|wait|query|xact|"       \
	"state_s|text|kind"
#define EDGES	  "waiter|blocker|waits|type|mode|relation"
#define DATABASES "name|hits|reads|commits|rollbacks|temp|deadlocks|reset"
#define REPLICAS  "name|client|state|sync|bytes|lag|pid"
#define SLOTS	  "name|active|retained|status"

static const struct pg_limits limits = {
	.connections_warn = 80,
	.connections_crit = 95,
	.lock_warn_ns = 5 * NS_PER_SEC,
	.lock_crit_ns = 60 * NS_PER_SEC,
	.query_warn_ns = 300 * NS_PER_SEC,
	.idle_warn_ns = 60 * NS_PER_SEC,
	.lag_warn_ns = 30 * NS_PER_SEC,
	.lag_crit_ns = 300 * NS_PER_SEC,
	.slot_warn = 1000,
	.xid_warn = 1000000000,
	.xid_crit = 1600000000,
};

static struct build *build;
static struct polled seen; /* looks rows up */

static void
begin(void)
{
	build = build_new();
}

static void
end(void)
{
	struct err err = ERR_INIT;

	payload_unref(seen.payload);
	seen.payload = build_finish(build, &err);
	build_free(build);
	ok(seen.payload != NULL, "the rows are made");
}

static const char *
detail(const char *target)
{
	const struct health *health = polled_health(&seen, target);

	return health != NULL ? health->detail.s : "(no row)";
}

static int
state(const char *target)
{
	const struct health *health = polled_health(&seen, target);

	return health != NULL ? (int)health->state : -1;
}

static struct pg_facts
facts_of(const char *row)
{
	struct pg_result *result = pg_rows(FACTS, row);
	struct pg_facts facts = { .version = 150018 };

	pg_facts_read(&facts, result);
	pg_result_free(result);
	return facts;
}

static void
counts_report(const char *rows)
{
	struct pg_facts facts = facts_of("f|1000|2000|100|3|0|app|shop|t|f");
	struct pg_result *result = pg_rows(COUNTS, rows);
	struct pg_counts counts;

	pg_counts_read(&counts, result, NULL);
	begin();
	pg_report_counts(build, &facts, &counts, &limits);
	end();
	pg_result_free(result);
}

static void
test_counts(void)
{
	counts_report("running|10|3|4|~|0\nidle|40|~|~|~|0\n"
		      "idle in tx|2|~|90|70|0\nwaiting|3|8|9|~|0\n");
	is_int(state("connections"), STATE_OK, "room enough");
	is_str(detail("connections"),
	    "56 of 97 (57.7 %): 10 running, 3 waiting, 2 idle in tx, 40 idle",
	    "who is there");
	is_near(polled_metric(&seen, "pg_connections_used", NULL), 56, 0,
	    "we count as well");
	is_near(polled_metric(&seen, "pg_connections", "idle"), 40, 0, "idle");
	is_near(polled_metric(&seen, "pg_longest_query_seconds", NULL), 8, 0,
	    "the longest query");
	is_int(state("transactions"), STATE_WARN, "idle for too long");
	ok(strstr(detail("transactions"), "idle in transaction 1m10s: it "
					  "keeps its locks") != NULL,
	    "words: %s", detail("transactions"));
	is_int(state("rights"), -1, "nothing is hidden");

	counts_report("idle|92|~|~|~|0\n");
	is_int(state("connections"), STATE_CRIT, "no room");
	is_near(polled_metric(&seen, "pg_longest_query_seconds", NULL), 0, 0,
	    "no query is no time");

	counts_report("other|12|~|~|~|12\nrunning|1|2|~|~|0\n");
	is_int(state("rights"), STATE_WARN, "hidden sessions");
	is_str(detail("rights"),
	    "12 of 14 sessions are hidden from us: GRANT pg_monitor TO app",
	    "and what to do");
	ok(isnan(polled_metric(&seen, "pg_idle_in_transaction_seconds", NULL)),
	    "what is hidden is missing, not 0");
}

/* Who has most of the connections is named, where it is one. */
static void
test_apps(void)
{
	struct pg_result *counts = pg_rows(COUNTS, "idle|4|~|~|~|0\n");
	struct pg_result *many = pg_rows("1|2|3|4|app|6|7|8|9|10|11|12|13|14|"
					 "kind",
	    "||||api||||||||||idle\n||||jobs||||||||||idle\n"
	    "||||api||||||||||running\n||||~||||||||||idle\n"
	    "||||api||||||||||idle\n||||walsender||||||||||other\n");
	char text[PG_COUNTS_TEXT_LEN];
	struct pg_counts read;

	pg_counts_read(&read, counts, many);
	is_str(read.app, "api", "the one with the most");
	is_str(pg_counts_text(&read, text), "4 idle; 3 are of api", "in words");
	pg_counts_read(&read, counts, NULL);
	is_str(pg_counts_text(&read, text), "4 idle", "nobody known");
	pg_result_free(counts);
	pg_result_free(many);
}

static void
test_server(void)
{
	struct pg_facts facts = facts_of("t|1000|~|100|3|2|app|shop|t|f");
	const struct pg_link link = {
		.took_ns = NS_PER_MS,
		.pooled = true,
		.open_text = true,
	};

	is_near(facts.room, 95, 0, "reserved ones are no room");
	begin();
	pg_report_server(build, "db", &facts, &link);
	end();
	is_str(detail("db"),
	    "up —, standby, database shop, through a pooler, not encrypted",
	    "the server");
	is_str(seen.payload->note.s, "postgres 15.18", "its version");
}

static void
changes(const char *before, const char *id, const char *after, const char *now)
{
	struct pg_facts a = facts_of(before), b = facts_of(after);

	snprintf(a.identity, sizeof(a.identity), "%s", id);
	snprintf(b.identity, sizeof(b.identity), "%s", now);
	begin();
	pg_report_changes(build, &a, &b, 5000000);
	end();
}

static void
test_changes(void)
{
	static const char *const first = "f|1000|2000|100|3|0|a|s|t|f";

	changes(first, "1", "f|1000|2005|100|3|0|a|s|t|f", "1");
	is_int((int64_t)seen.payload->event_count, 0, "nothing happened");
	changes(first, "1", "f|2001|2005|100|3|0|a|s|t|f", "1");
	is_int(polled_events(&seen, EVENT_RESTART), 1, "a restart");
	is_int(seen.payload->events[0].wall_ms, 5000000 - 4000,
	    "at the time it was");
	changes(first, "1", "t|1000|2005|100|3|0|a|s|t|f", "1");
	is_str(seen.payload->events[0].text.s, "failover: primary to standby",
	    "a failover");
	changes(first, "1", "f|1500|2005|100|3|0|a|s|t|f", "2");
	is_int(polled_events(&seen, EVENT_RESTART), 0, "no restart");
	ok(strstr(seen.payload->events[0].text.s, "another server answers") !=
		NULL,
	    "but another server");
	changes(first, "", "f|1500|2005|100|3|0|a|s|t|f", "2");
	is_int(polled_events(&seen, EVENT_RESTART), 1,
	    "an identity that was not known is no other");
}

static void
locks_report(const char *sessions, const char *edges)
{
	struct pg_result *a = pg_rows(SESSIONS, sessions);
	struct pg_result *b = pg_rows(EDGES, edges);
	struct pg_locks locks;
	struct err err = ERR_INIT;

	is_int(pg_locks_read(&locks, a, b, &err), ERR_OK, "locks are read");
	begin();
	pg_report_locks(build, &locks, &limits, NULL);
	pg_report_sessions(build, &locks, &limits, NULL);
	end();
	pg_locks_release(&locks);
	pg_result_free(a);
	pg_result_free(b);
}

static void
test_locks(void)
{
	locks_report("11|1001|app|shop|api|10.0.0.1|client backend|"
		     "idle in transaction|Client|ClientRead|~|90|80|"
		     "UPDATE\v  orders\v|idle in tx\n"
		     "12|1002|app|shop|jobs|local|client backend|active|Lock|"
		     "transactionid|7|7|7|UPDATE orders|waiting\n"
		     "13|1003|~|shop||~|autovacuum worker|active|~|~|1|1|1|"
		     "autovacuum: VACUUM|other\n"
		     "14|1004|x|shop|~|~|~|~|~|~|~|~|~|"
		     "<insufficient privilege>|other\n",
	    "12|11|7|transactionid|ShareLock|public.orders\n");
	is_str(polled_text(&seen, "sessions", "11:1001", "query"),
	    "UPDATE orders", "a text that spans lines");
	is_str(polled_text(&seen, "sessions", "12:1002", "wait"),
	    "Lock: transactionid", "what it waits for");
	is_str(polled_text(&seen, "sessions", "11:1001", "wait"), "",
	    "an idle client waits for nothing");
	is_str(polled_text(&seen, "sessions", "12:1002", "blocked_by"), "11",
	    "whom it waits for");
	is_near(polled_num(&seen, "sessions", "11:1001", "blocks"), 1, 0,
	    "who waits behind it");
	is_str(polled_text(&seen, "sessions", "13:1003", "app"),
	    "autovacuum worker", "a worker of the server");
	is_str(polled_text(&seen, "sessions", "14:1004", "state"), "hidden",
	    "one that we may not see");
	is_str(polled_text(&seen, "locks", "12:1002", "relation"), "orders",
	    "the table");
	is_str(polled_text(&seen, "locks", "12:1002", "mode"), "row",
	    "a lock of a row");
	is_str(
	    polled_text(&seen, "locks", "11:1001", "app"), "api", "the root");
	is_str(detail("locks"),
	    "1 wait, the longest 7 s; pid 11, app, idle in transaction, holds "
	    "up 1",
	    "in words");
	is_int(state("locks"), STATE_WARN, "for too long");
}

static void
test_lock_graph(void)
{
	locks_report("", "5|1|70|relation|AccessExclusiveLock|s.t\n"
			 "5|2|70|relation|AccessExclusiveLock|s.t\n"
			 "6|0|2|advisory|ExclusiveLock|~\n");
	is_int(polled_rows(&seen, "locks"), 6, "a row below each blocker");
	is_str(polled_text(&seen, "locks", "5:0<1", "mode"), "AccessExclusive",
	    "below one");
	is_str(polled_text(&seen, "locks", "5:0<2", "relation"), "s.t",
	    "and below the other");
	is_str(polled_text(&seen, "locks", "0:0", "state"),
	    "prepared transaction", "pid 0");
	is_str(polled_text(&seen, "locks", "6:0", "mode"), "advisory",
	    "an advisory lock");
	is_int(state("locks"), STATE_CRIT, "70 s is an alarm");
	ok(strstr(detail("locks"), "2 others the rest") != NULL, "words: %s",
	    detail("locks"));
	locks_report("", "");
	is_str(detail("locks"), "nobody waits for a lock", "peace");
	is_near(polled_metric(&seen, "pg_lock_wait_seconds", NULL), 0, 0,
	    "is no wait");
	locks_report("", "x|1|1|a|b|c\n-5|7|~|~|~|~\n99999999999|1|1|a|b|c\n");
	is_int(polled_rows(&seen, "locks"), 0, "pids that are none");
}

static void
databases_report(struct pg_databases *last, double now, const char *rows)
{
	struct pg_result *result = pg_rows(DATABASES, rows);

	begin();
	pg_report_databases(build, last, result, now);
	end();
	pg_result_free(result);
}

static void
test_databases(void)
{
	static struct pg_databases last;

	databases_report(&last, 100, "shop|900|100|50|5|0|1|~\n");
	ok(isnan(polled_metric(&seen, "pg_hit_ratio", NULL)),
	    "one reading has no ratio");
	is_near(polled_metric(&seen, "pg_commits", NULL), 50, 0, "a counter");
	databases_report(&last, 110,
	    "shop|975|125|150|25|4096|1|~\nnew|5|5|5|5|5|0|~\n"
	    "template1|0|0|0|0|0|0|~\n");
	is_near(polled_metric(&seen, "pg_hit_ratio", NULL), 0.75, 1e-9,
	    "75 of 100 since then");
	is_near(polled_num(&seen, "databases", "shop", "commits_s"), 10, 1e-9,
	    "commits a second");
	is_near(polled_num(&seen, "databases", "shop", "temp_bytes_s"), 409.6,
	    1e-9, "temporary bytes a second");
	ok(isnan(polled_num(&seen, "databases", "new", "commits_s")),
	    "a new one has no rate yet");
	is_int(polled_rows(&seen, "databases"), 2, "no templates");
	databases_report(&last, 120, "shop|10|1|2|3|4|0|~\n");
	ok(isnan(polled_metric(&seen, "pg_hit_ratio", NULL)),
	    "counters that began anew");
	ok(isnan(polled_num(&seen, "databases", "shop", "commits_s")),
	    "have no rate");
}

static void
replication_report(
    bool standby, const char *replicas, const char *own, const char *slots)
{
	struct pg_facts facts = { .standby = standby };
	struct pg_result *a = pg_rows(REPLICAS, replicas);
	struct pg_result *b = pg_rows("receivers|bytes|lag|paused", own);
	struct pg_result *c = pg_rows(SLOTS, slots);

	begin();
	pg_report_replication(build, &facts, a, b, c, &limits);
	end();
	pg_result_free(a);
	pg_result_free(b);
	pg_result_free(c);
}

static void
test_replication(void)
{
	replication_report(false, "", "", "");
	is_int(state("replication"), -1, "alone: no row");
	ok(isnan(polled_metric(&seen, "pg_replication_lag_seconds", NULL)),
	    "no lag");
	replication_report(false,
	    "a|10.0.0.2|streaming|async|0|~|7\nb|~|catchup|async|99|40|8\n", "",
	    "");
	is_int(state("replication"), STATE_WARN, "one lags");
	is_str(detail("replication"), "2 replicas, at most 40 s behind",
	    "in words");
	is_near(polled_num(&seen, "replicas", "7", "lag_s"), 0, 0,
	    "all there: no lag");
	replication_report(true, "", "0|0|400|f\n", "");
	is_int(state("replication"), STATE_CRIT, "a standby left alone");
	is_str(detail("replication"),
	    "standby, 6m40s behind, its primary is not connected", "says so");
	replication_report(true, "", "1|10|0|t\n", "");
	is_str(detail("replication"), "standby, 0 s behind, replay is paused",
	    "a paused one too");
	replication_report(false, "", "",
	    "s1|f|5000|reserved\ns2|t|10|reserved\ns3|f|~|lost\n");
	is_int(state("replication"), STATE_CRIT, "a slot is lost");
	is_str(detail("replication"),
	    "slot s1 keeps 5 kB, nobody reads it; slot s3 has lost its WAL, "
	    "nobody reads it",
	    "which, and why");
	replication_report(false, "", "", "s1|t|10|reserved\n");
	is_int(state("replication"), STATE_OK, "slots that are read");
}

static void
test_upkeep(void)
{
	struct pg_result *ages =
	    pg_rows("db|xid|multi|max", "shop|1200000000|5|200000000\n");
	struct pg_result *relations =
	    pg_rows("schema|name|bytes|live|dead|vacuum|xid",
		"public|orders|8192|60000|60000|1700000000|10\n"
		"audit|log|16|0|0|~|~\n");
	struct pg_result *bytes = pg_rows("bytes", "12345\n");
	struct pg_result *vacuum = pg_rows("pid|relation|phase|done|seconds",
	    "77|orders|scanning heap|0.25|9\n");

	begin();
	pg_report_ages(build, ages, &limits);
	pg_report_relations(build, relations, bytes);
	pg_report_vacuum(build, vacuum);
	end();
	is_int(state("wraparound"), STATE_WARN, "old transaction ids");
	ok(strstr(detail("wraparound"), "shop: 1.2G of 2.1G") != NULL,
	    "words: %s", detail("wraparound"));
	is_near(polled_num(&seen, "relations", "public.orders", "dead_ratio"),
	    0.5, 1e-9, "half of it is dead");
	is_str(polled_text(&seen, "relations", "public.orders", "relation"),
	    "orders", "its short name");
	is_str(polled_text(&seen, "relations", "audit.log", "relation"),
	    "audit.log", "another schema is named");
	ok(isnan(polled_num(&seen, "relations", "audit.log", "dead_ratio")),
	    "an empty table has no share");
	is_near(polled_num(&seen, "relations", "public.orders", "last_vacuum"),
	    1.7e12, 0, "a time of day");
	is_near(
	    polled_metric(&seen, "pg_database_bytes", NULL), 12345, 0, "size");
	is_near(polled_num(&seen, "vacuum", "77", "done_ratio"), 0.25, 0,
	    "progress");
	pg_result_free(ages);
	pg_result_free(relations);
	pg_result_free(bytes);
	pg_result_free(vacuum);
}

/* What was refused leaves no half a table behind. */
static void
test_nothing(void)
{
	static struct pg_databases last;
	struct pg_facts facts = { .known = false };
	struct pg_counts counts;

	pg_facts_read(&facts, NULL);
	pg_counts_read(&counts, NULL, NULL);
	begin();
	pg_report_counts(build, &facts, &counts, &limits);
	pg_report_databases(build, &last, NULL, NAN);
	pg_report_ages(build, NULL, &limits);
	pg_report_relations(build, NULL, NULL);
	pg_report_vacuum(build, NULL);
	pg_report_replication(build, &facts, NULL, NULL, NULL, &limits);
	end();
	is_int((int64_t)seen.payload->table_count, 0, "no tables");
	is_int((int64_t)seen.payload->health_count, 0, "no rows");
}

int
main(void)
{
	test_counts();
	test_apps();
	test_server();
	test_changes();
	test_locks();
	test_lock_graph();
	test_databases();
	test_replication();
	test_upkeep();
	test_nothing();
	payload_unref(seen.payload);
	return tap_done();
}
