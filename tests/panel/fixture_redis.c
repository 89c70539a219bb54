/* What a Redis server says: calm, or nearly full and slow. */
#include <math.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "tests/panel/fixture_impl.h"

enum {
	MANY_SLOW = 32
};

static const struct column keyspace_columns[] = {
	{ TEXT_INIT("db"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("keys"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("expires"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("avg_ttl"), COLUMN_NUMBER, NUM_SECONDS },
};

static const struct column slowlog_columns[] = {
	{ TEXT_INIT("at"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("took"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("command"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("client"), COLUMN_TEXT, NUM_NONE },
};

static const struct column latency_columns[] = {
	{ TEXT_INIT("event"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("at"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("last"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("max"), COLUMN_NUMBER, NUM_SECONDS },
};

static void
add_slow(struct maker *m, int id, int ago_s, double took, const char *command)
{
	build_row(
	    m->build, text_fmt(build_arena(m->build), "%d", id), STATE_OK);
	build_cell_num(
	    m->build, 0, num(m, (double)FIXTURE_WALL_MS - ago_s * 1000.0));
	build_cell_num(m->build, 1, num(m, took));
	build_cell_text(m->build, 2, name(m, command));
	build_cell_text(m->build, 3, TEXT("10.0.3.7:51712"));
}

static void
add_tables(struct maker *m)
{
	build_table(m->build, TEXT("keyspace"), keyspace_columns,
	    ARRAY_LEN(keyspace_columns));
	build_row(m->build, TEXT("db0"), STATE_OK);
	build_cell_text(m->build, 0, TEXT("db0"));
	build_cell_num(m->build, 1, num(m, burns(m) ? 1812043 : 41204));
	build_cell_num(m->build, 2, num(m, burns(m) ? 1204 : 39120));
	build_cell_num(m->build, 3, num(m, 3600));
	build_table(m->build, TEXT("slowlog"), slowlog_columns,
	    ARRAY_LEN(slowlog_columns));
	if (burns(m)) {
		add_slow(m, 203, 4, 2.31, "KEYS session:*");
		add_slow(m, 202, 31, 1.92, "KEYS session:*");
		add_slow(m, 201, 48, 0.041,
		    "EVAL --[[ moveToActive ]] local rcall = redis.call ... (3 "
		    "more arguments)");
	}
	for (int i = 0; m->kind == FIXTURE_MANY && i < MANY_SLOW; i++)
		add_slow(m, 100 - i, 60 + i, 0.011, "LRANGE prompts 0 -1");
	if (!burns(m))
		return;
	build_table(m->build, TEXT("latency"), latency_columns,
	    ARRAY_LEN(latency_columns));
	build_row(m->build, TEXT("command"), STATE_OK);
	build_cell_text(m->build, 0, TEXT("command"));
	build_cell_num(m->build, 1, num(m, (double)FIXTURE_WALL_MS - 4000));
	build_cell_num(m->build, 2, num(m, 2.31));
	build_cell_num(m->build, 3, num(m, 2.31));
}

static void
add_health(struct maker *m)
{
	bool bad = burns(m);

	build_health(m->build, TEXT("redis"), STATE_OK, TEXT("up 41d, 1,204/s"),
	    NS_PER_MS / 3);
	build_health(m->build, TEXT("memory"), bad ? STATE_CRIT : STATE_OK,
	    bad ? TEXT("3.9 GB of 4 GB (97.7 %), noeviction, at its limit it "
		       "refuses writes, fragmentation 1.08")
		: TEXT("1.2 GB, no limit set, fragmentation 1.03"),
	    -1);
	build_health(m->build, TEXT("clients"), STATE_OK,
	    bad ? TEXT("212 of 10,000, 9 blocked")
		: TEXT("23 of 10,000, 4 blocked"),
	    -1);
	build_health(m->build, TEXT("persistence"), STATE_OK,
	    TEXT("last snapshot ok, append-only file off"), -1);
	build_health(m->build, TEXT("replication"), STATE_OK,
	    TEXT("primary, 1 replica"), -1);
}

void
make_redis(struct maker *m)
{
	double max = burns(m) ? 4e9 : NAN;

	build_note(m->build, TEXT("redis 7.0.15"));
	add_health(m);
	gauge(m, "redis_ping_seconds", NUM_SECONDS, 0.0003, 0.0041);
	gauge(m, "redis_memory_used_bytes", NUM_BYTES, 1.2e9, 3.907e9);
	build_gauge_of(m->build, TEXT("redis_memory_max_bytes"), NUM_BYTES,
	    num(m, max), TEXT("policy"), name(m, "noeviction"));
	build_gauge(m->build, TEXT("redis_memory_used_ratio"), NUM_PERCENT,
	    num(m, 3.907e9 / max));
	build_gauge(m->build, TEXT("redis_memory_peak_bytes"), NUM_BYTES,
	    num(m, burns(m) ? 3.95e9 : 1.31e9));
	build_gauge(m->build, TEXT("redis_memory_fragmentation"), NUM_NONE,
	    num(m, burns(m) ? 1.08 : 1.03));
	gauge(m, "redis_clients", NUM_COUNT, 23, 212);
	build_gauge(
	    m->build, TEXT("redis_clients_max"), NUM_COUNT, num(m, 10000));
	gauge(m, "redis_clients_blocked", NUM_COUNT, 4, 9);
	gauge(m, "redis_ops", NUM_PER_SECOND, 1204, 8120);
	gauge(m, "redis_hit_ratio", NUM_PERCENT, 0.982, 0.61);
	build_gauge(m->build, TEXT("redis_hit_ratio_since_start"), NUM_PERCENT,
	    num(m, 0.971));
	build_gauge(m->build, TEXT("redis_keys"), NUM_COUNT,
	    num(m, burns(m) ? 1812043 : 41204));
	build_gauge(
	    m->build, TEXT("redis_uptime_seconds"), NUM_SECONDS, num(m, 3.6e6));
	build_gauge(m->build, TEXT("redis_replicas"), NUM_COUNT, num(m, 1));
	counter(m, "redis_evicted_total", NUM_COUNT, 12, 0, 0);
	counter(m, "redis_expired_total", NUM_COUNT, 1.2e6, 12, 1.1);
	counter(m, "redis_errors_total", NUM_COUNT, 31, 0, 2.1);
	counter(m, "redis_net_in_bytes_total", NUM_BYTES, 1e12, 1.2e6, 8.1e6);
	counter(m, "redis_net_out_bytes_total", NUM_BYTES, 3e12, 3.4e6, 12e6);
	add_tables(m);
}
