/* What INFO means: the same text gives the same rows. */
#include "datasrc/redis_report.h"

#include "base/attr.h"
#include "tests/tap.h"

static struct redis_info info;
static struct payload *payload;

/* A report on text; payload is then the rows. */
static void
report(const char *text, struct redis_sample *last, int64_t wall_ms)
{
	struct build *build = build_new();

	payload_unref(payload);
	redis_info_parse(&info, text, strlen(text));
	redis_report_info(build, &info, last, wall_ms);
	payload = build_finish(build, NULL);
	build_free(build);
}

static const struct health *
health(const char *target)
{
	for (size_t i = 0; i < payload->health_count; i++)
		if (strcmp(payload->health[i].target.s, target) == 0)
			return &payload->health[i];
	return NULL;
}

static void
expect(const char *text, const char *target, enum state state, const char *says)
{
	struct redis_sample last = { .known = false };
	const struct health *row;

	report(text, &last, 0);
	row = health(target);
	ok(row != NULL && row->state == state, "%s is %s", target,
	    state_name(state));
	ok(row != NULL && strstr(row->detail.s, says) != NULL, "says: %s",
	    row != NULL ? row->detail.s : "nothing");
}

static void
test_health(void)
{
	expect("used_memory:50\nmaxmemory:100\nmaxmemory_policy:noeviction\n",
	    "memory", STATE_OK, "50 B of 100 B (50 %)");
	expect("used_memory:90\nmaxmemory:100\nmaxmemory_policy:noeviction\n",
	    "memory", STATE_WARN, "refuses writes");
	expect("used_memory:99\nmaxmemory:100\nmaxmemory_policy:noeviction\n",
	    "memory", STATE_CRIT, "refuses writes");
	expect("used_memory:99\nmaxmemory:100\nmaxmemory_policy:allkeys-lru\n",
	    "memory", STATE_OK, "evicts");
	expect("used_memory:99\nmaxmemory:0\n", "memory", STATE_OK,
	    "no limit set");
	expect("used_memory:999999999\nmaxmemory:0\n"
	       "mem_fragmentation_ratio:1.9\n",
	    "memory", STATE_WARN, "1.90");
	expect("used_memory:999\nmaxmemory:0\nmem_fragmentation_ratio:9\n",
	    "memory", STATE_OK, "no limit");
	expect("connected_clients:9\nmaxclients:10\nblocked_clients:1\n",
	    "clients", STATE_WARN, "9 of 10, 1 blocked");
	expect("connected_clients:1\n", "clients", STATE_OK, "1 of \u2014");
	expect("rdb_last_bgsave_status:ok\naof_enabled:1\n", "persistence",
	    STATE_OK, "append-only file on");
	expect("rdb_last_bgsave_status:err\n", "persistence", STATE_CRIT,
	    "snapshot failed");
	expect("rdb_last_bgsave_status:ok\naof_last_write_status:err\n",
	    "persistence", STATE_CRIT, "writes are refused");
	expect("role:master\nconnected_slaves:2\n", "replication", STATE_OK,
	    "2 replicas");
	expect("role:slave\nmaster_host:h\nmaster_link_status:up\n"
	       "master_last_io_seconds_ago:3\n",
	    "replication", STATE_OK, "replica of h, heard 3 s ago");
	expect("role:slave\nmaster_host:h\nmaster_link_status:down\n"
	       "master_link_down_since_seconds:47\n",
	    "replication", STATE_CRIT, "lost its primary h for 47 s");
	expect("role:slave\nmaster_host:\x1b[2J\nmaster_link_status:down\n",
	    "replication", STATE_CRIT, "[2J");
	ok(strchr(health("replication")->detail.s, 0x1b) == NULL,
	    "controls are escaped");
}

static double
metric(const char *name)
{
	const struct metric *found = payload_metric(payload, name);

	return found != NULL ? found->value : NAN;
}

static void
test_memory(void)
{
	struct redis_sample last = { .known = false };
	const struct metric *max;

	report("used_memory:50\nused_memory_peak:70\nmaxmemory:100\n"
	       "maxmemory_policy:allkeys-lru\n",
	    &last, 0);
	is_near(metric("redis_memory_peak_bytes"), 70, 0, "the peak");
	max = payload_metric(payload, "redis_memory_max_bytes");
	is_near(metric("redis_memory_max_bytes"), 100, 0, "the limit");
	ok(max != NULL &&
		text_eq(metric_label(max, "policy"), TEXT("allkeys-lru")),
	    "with what happens there");
	is_near(metric("redis_memory_used_ratio"), 0.5, 0, "half full");
	report("used_memory:50\nmaxmemory:0\n", &last, 0);
	ok(isnan(metric("redis_memory_max_bytes")) &&
		isnan(metric("redis_memory_used_ratio")),
	    "without a limit it is not full of anything");
}

/* A fork that says little gets few rows, not wrong ones. */
static void
test_missing(void)
{
	struct redis_sample last = { .known = false };

	report("redis_version:7\n", &last, 0);
	is_int((int64_t)payload->health_count, 0, "nothing known, no health");
	for (size_t i = 0; i < payload->metric_count; i++)
		ok(isnan(payload->metrics[i].value), "%s is missing",
		    payload->metrics[i].name.s);
	report("used_memory:x\nkeyspace_hits:-\n", &last, 0);
	is_int((int64_t)payload->health_count, 0, "words are no numbers");
}

static int
events(const char *text, struct redis_sample *last, int64_t wall_ms)
{
	report(text, last, wall_ms);
	return (int)payload->event_count;
}

static void
test_changes(void)
{
	struct redis_sample last = { .known = false };
	static const char first[] =
	    "run_id:a\nrole:master\nuptime_in_seconds:1000\n"
	    "connected_clients:1\nrejected_connections:5\n";
	static const char again[] =
	    "run_id:b\nrole:master\nuptime_in_seconds:3\n"
	    "connected_clients:1\nrejected_connections:9\n";
	static const char other[] =
	    "run_id:c\nrole:slave\nuptime_in_seconds:9000\n";
	static const char refusing[] =
	    "run_id:a\nrole:master\nuptime_in_seconds:1010\n"
	    "connected_clients:1\nrejected_connections:6\n";

	is_int(events(first, &last, 100000), 0, "the first report");
	is_int(events(refusing, &last, 110000), 0, "the same server");
	ok(health("clients") != NULL && health("clients")->state == STATE_CRIT,
	    "it refuses connections");
	is_int(events(again, &last, 120000), 1, "another run");
	is_int(payload->events[0].kind, EVENT_RESTART, "is a restart");
	is_int(payload->events[0].wall_ms, 117000, "three seconds ago");
	ok(strstr(payload->events[0].text.s, "restarted") != NULL, "in words");
	ok(health("clients")->state == STATE_OK,
	    "counters of another run are not compared");
	is_int(events(other, &last, 130000), 2, "another server, another role");
	ok(strstr(payload->events[0].text.s, "another server") != NULL,
	    "an old one is no restart");
	ok(strstr(payload->events[1].text.s, "master to slave") != NULL,
	    "the role");
}

static void
test_loading(void)
{
	char out[REDIS_LOADING_TEXT_LEN];
	static const char text[] =
	    "loading:1\nloading_loaded_perc:40.5\nloading_eta_seconds:12\n";

	redis_info_parse(&info, text, sizeof(text) - 1);
	ok(strstr(redis_report_loading(&info, out), "40.5 %") != NULL &&
		strstr(out, "12 s") != NULL,
	    "%s", out);
}

int
main(void)
{
	RUN(test_health);
	RUN(test_memory);
	RUN(test_missing);
	RUN(test_changes);
	RUN(test_loading);
	payload_unref(payload);
	return tap_done();
}
