#include "datasrc/redis_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/redact.h"
#include "base/text.h"

/* From where on a share of a limit is worth a look, and an alarm. */
#define SHARE_WARN 0.85
#define SHARE_CRIT 0.97

/* Fragmentation of a small heap says nothing. */
#define FRAGMENTATION_WARN	 1.5
#define FRAGMENTATION_FROM_BYTES (256.0 * 1024 * 1024)

static enum state
state_of_share(double share)
{
	if (isnan(share) || share < SHARE_WARN)
		return STATE_OK;
	return share < SHARE_CRIT ? STATE_WARN : STATE_CRIT;
}

/* a / b, missing when either is or b is zero. */
static double
ratio(double a, double b)
{
	return b > 0 ? a / b : NAN;
}

/* Fields that are published as they are. */
static const struct {
	const char *key;
	struct text name;
	enum num_unit unit;
	enum metric_kind kind;
} report_fields[] = {
	{ "uptime_in_seconds", TEXT_INIT("redis_uptime_seconds"), NUM_SECONDS,
	    METRIC_GAUGE },
	{ "connected_clients", TEXT_INIT("redis_clients"), NUM_COUNT,
	    METRIC_GAUGE },
	{ "blocked_clients", TEXT_INIT("redis_clients_blocked"), NUM_COUNT,
	    METRIC_GAUGE },
	{ "maxclients", TEXT_INIT("redis_clients_max"), NUM_COUNT,
	    METRIC_GAUGE },
	{ "used_memory", TEXT_INIT("redis_memory_used_bytes"), NUM_BYTES,
	    METRIC_GAUGE },
	{ "used_memory_peak", TEXT_INIT("redis_memory_peak_bytes"), NUM_BYTES,
	    METRIC_GAUGE },
	{ "used_memory_rss", TEXT_INIT("redis_memory_rss_bytes"), NUM_BYTES,
	    METRIC_GAUGE },
	{ "mem_fragmentation_ratio", TEXT_INIT("redis_memory_fragmentation"),
	    NUM_NONE, METRIC_GAUGE },
	{ "instantaneous_ops_per_sec", TEXT_INIT("redis_ops"), NUM_PER_SECOND,
	    METRIC_GAUGE },
	{ "total_commands_processed", TEXT_INIT("redis_commands_total"),
	    NUM_COUNT, METRIC_COUNTER },
	{ "total_connections_received", TEXT_INIT("redis_connections_total"),
	    NUM_COUNT, METRIC_COUNTER },
	{ "rejected_connections", TEXT_INIT("redis_connections_rejected_total"),
	    NUM_COUNT, METRIC_COUNTER },
	{ "total_net_input_bytes", TEXT_INIT("redis_net_in_bytes_total"),
	    NUM_BYTES, METRIC_COUNTER },
	{ "total_net_output_bytes", TEXT_INIT("redis_net_out_bytes_total"),
	    NUM_BYTES, METRIC_COUNTER },
	{ "evicted_keys", TEXT_INIT("redis_evicted_total"), NUM_COUNT,
	    METRIC_COUNTER },
	{ "expired_keys", TEXT_INIT("redis_expired_total"), NUM_COUNT,
	    METRIC_COUNTER },
	{ "keyspace_hits", TEXT_INIT("redis_hits_total"), NUM_COUNT,
	    METRIC_COUNTER },
	{ "keyspace_misses", TEXT_INIT("redis_misses_total"), NUM_COUNT,
	    METRIC_COUNTER },
	{ "total_error_replies", TEXT_INIT("redis_errors_total"), NUM_COUNT,
	    METRIC_COUNTER },
	{ "connected_slaves", TEXT_INIT("redis_replicas"), NUM_COUNT,
	    METRIC_GAUGE },
	{ "rdb_changes_since_last_save", TEXT_INIT("redis_unsaved_changes"),
	    NUM_COUNT, METRIC_GAUGE },
};

static void
report_fields_as_metrics(struct build *build, const struct redis_info *info)
{
	for (size_t i = 0; i < ARRAY_LEN(report_fields); i++) {
		double v = redis_info_num(info, report_fields[i].key);

		if (!isnan(v))
			build_metric(build, report_fields[i].name,
			    report_fields[i].unit, report_fields[i].kind, v,
			    NULL, 0);
	}
}

/* Of the look-ups since the last report; missing when there were none. */
static void
report_hit_rate(struct build *build, const struct redis_info *info,
    const struct redis_sample *last, bool same_server)
{
	double hits = redis_info_num(info, "keyspace_hits");
	double misses = redis_info_num(info, "keyspace_misses");
	double now = NAN;

	if (last->known && same_server && hits >= last->hits &&
	    misses >= last->misses)
		now = ratio(hits - last->hits,
		    hits - last->hits + misses - last->misses);
	build_gauge(build, TEXT("redis_hit_ratio"), NUM_PERCENT, now);
	build_gauge(build, TEXT("redis_hit_ratio_since_start"), NUM_PERCENT,
	    ratio(hits, hits + misses));
}

static void
report_memory(struct build *build, const struct redis_info *info)
{
	struct arena *arena = build_arena(build);
	double used = redis_info_num(info, "used_memory");
	double max = redis_info_num(info, "maxmemory");
	double frag = redis_info_num(info, "mem_fragmentation_ratio");
	struct redis_word policy = redis_info_word(info, "maxmemory_policy");
	double share = ratio(used, max);
	enum state state = state_of_share(share);
	char a[NUM_TEXT_MAX], b[NUM_TEXT_MAX], c[NUM_TEXT_MAX];
	const char *full = "";

	if (isnan(used))
		return;
	build_gauge_of(build, TEXT("redis_memory_max_bytes"), NUM_BYTES,
	    max > 0 ? max : NAN, TEXT("policy"),
	    text_clean(arena, policy.at != NULL ? policy.at : "", policy.len,
		NAME_MAX_LEN));
	build_gauge(build, TEXT("redis_memory_used_ratio"), NUM_PERCENT, share);
	/* A cache that evicts may live at its limit; others refuse writes. */
	if (state != STATE_OK && !redis_word_is(policy, "noeviction")) {
		state = STATE_OK;
		full = ", at its limit it evicts keys";
	} else if (state != STATE_OK) {
		full = ", at its limit it refuses writes";
	}
	if (frag > FRAGMENTATION_WARN && used > FRAGMENTATION_FROM_BYTES)
		state = state_worst(state, STATE_WARN);
	if (max > 0)
		build_health(build, TEXT("memory"), state,
		    text_fmt(arena, "%s of %s (%s), %.*s%s, fragmentation %.2f",
			num_human(a, used, NUM_BYTES),
			num_human(b, max, NUM_BYTES),
			num_human(c, share, NUM_PERCENT), (int)policy.len,
			policy.at != NULL ? policy.at : "", full, frag),
		    -1);
	else
		build_health(build, TEXT("memory"), state,
		    text_fmt(arena, "%s, no limit set, fragmentation %.2f",
			num_human(a, used, NUM_BYTES), frag),
		    -1);
}

static void
report_clients(struct build *build, const struct redis_info *info,
    const struct redis_sample *last, bool same_server)
{
	double now = redis_info_num(info, "connected_clients");
	double max = redis_info_num(info, "maxclients");
	double blocked = redis_info_num(info, "blocked_clients");
	double rejected = redis_info_num(info, "rejected_connections");
	enum state state = state_of_share(ratio(now, max));
	bool refusing = last->known && same_server && rejected > last->rejected;
	char a[NUM_TEXT_MAX], b[NUM_TEXT_MAX], c[NUM_TEXT_MAX];

	if (isnan(now))
		return;
	if (refusing)
		state = STATE_CRIT;
	build_health(build, TEXT("clients"), state,
	    text_fmt(build_arena(build), "%s of %s, %s blocked%s",
		num_human(a, now, NUM_COUNT), num_human(b, max, NUM_COUNT),
		num_human(c, blocked, NUM_COUNT),
		refusing ? ", connections are being refused" : ""),
	    -1);
}

static void
report_persistence(struct build *build, const struct redis_info *info)
{
	const char *what = NULL;

	if (redis_info_is(info, "aof_last_write_status", "err"))
		what = "the append-only file can't be written: writes are "
		       "refused; look at disk space";
	else if (redis_info_is(info, "rdb_last_bgsave_status", "err"))
		what = "the last snapshot failed; look at disk space and "
		       "memory for the fork";
	else if (redis_info_is(info, "aof_last_bgrewrite_status", "err"))
		what = "the last rewrite of the append-only file failed";
	if (what != NULL)
		build_health(
		    build, TEXT("persistence"), STATE_CRIT, text_lit(what), -1);
	else if (redis_info_word(info, "rdb_last_bgsave_status").at != NULL)
		build_health(build, TEXT("persistence"), STATE_OK,
		    redis_info_num(info, "aof_enabled") > 0
			? TEXT("last snapshot ok, append-only file on")
			: TEXT("last snapshot ok, append-only file off"),
		    -1);
}

static void
report_replica(struct build *build, const struct redis_info *info)
{
	struct arena *arena = build_arena(build);
	struct redis_word host = redis_info_word(info, "master_host");
	double down = redis_info_num(info, "master_link_down_since_seconds");
	double io = redis_info_num(info, "master_last_io_seconds_ago");
	char a[NUM_TEXT_MAX];

	if (redis_info_is(info, "master_link_status", "up")) {
		build_gauge(build, TEXT("redis_replica_link_up"), NUM_NONE, 1);
		build_health(build, TEXT("replication"), STATE_OK,
		    text_fmt(arena, "replica of %.*s, heard %s ago",
			(int)host.len, host.at != NULL ? host.at : "",
			num_human(a, io < 0 ? NAN : io, NUM_SECONDS)),
		    -1);
		return;
	}
	build_gauge(build, TEXT("redis_replica_link_up"), NUM_NONE, 0);
	build_health(build, TEXT("replication"), STATE_CRIT,
	    text_fmt(arena,
		"replica has lost its primary %.*s%s%s: "
		"its data is old",
		(int)host.len, host.at != NULL ? host.at : "",
		down >= 0 ? " for " : "",
		down >= 0 ? num_human(a, down, NUM_SECONDS) : ""),
	    -1);
}

static void
report_replication(struct build *build, const struct redis_info *info)
{
	double replicas = redis_info_num(info, "connected_slaves");
	char a[NUM_TEXT_MAX];

	if (redis_info_is(info, "role", "slave")) {
		report_replica(build, info);
	} else if (redis_info_is(info, "role", "master")) {
		build_health(build, TEXT("replication"), STATE_OK,
		    text_fmt(build_arena(build), "primary, %s replica%s",
			num_human(a, replicas, NUM_COUNT),
			replicas == 1 ? "" : "s"),
		    -1);
	}
}

static const struct column keyspace_columns[] = {
	{ TEXT_INIT("db"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("keys"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("expires"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("avg_ttl"), COLUMN_NUMBER, NUM_SECONDS },
};

/* Lines "db0:keys=5,expires=0,avg_ttl=0". */
static void
report_keyspace(struct build *build, const struct redis_info *info)
{
	build_table(build, TEXT("keyspace"), keyspace_columns,
	    ARRAY_LEN(keyspace_columns));
	for (size_t i = 0; i < info->count; i++) {
		struct redis_word key = info->lines[i].key;
		struct redis_word value = info->lines[i].value;
		double ttl = redis_word_field(value, "avg_ttl");
		struct text name;

		if (!redis_word_starts(key, "db") || key.len < 3 ||
		    isnan(redis_word_field(value, "keys")))
			continue;
		name = text_clean(
		    build_arena(build), key.at, key.len, REDIS_RUN_ID_MAX);
		build_row(build, name, STATE_OK);
		build_cell_text(build, 0, name);
		build_cell_num(build, 1, redis_word_field(value, "keys"));
		build_cell_num(build, 2, redis_word_field(value, "expires"));
		build_cell_num(build, 3, ttl > 0 ? ttl / 1000 : NAN);
	}
}

/* Copies a word, cut to cap - 1 bytes. */
static void
word_keep(struct redis_word word, char *out, size_t cap)
{
	size_t n = word.len < cap - 1 ? word.len : cap - 1;

	if (word.at != NULL)
		memcpy(out, word.at, n);
	out[word.at != NULL ? n : 0] = '\0';
}

/* Restart, another server behind the same name, or a change of role. */
static void
report_changes(struct build *build, const struct redis_sample *last,
    const struct redis_sample *now)
{
	struct arena *arena = build_arena(build);
	bool young =
	    now->uptime >= 0 &&
	    now->uptime * 1000 < (double)(now->wall_ms - last->wall_ms) + 1000;
	char up[NUM_TEXT_MAX];

	if (!last->known)
		return;
	if (strcmp(last->run_id, now->run_id) != 0)
		build_event(build,
		    young ? now->wall_ms - (int64_t)(now->uptime * 1000)
			  : now->wall_ms,
		    EVENT_RESTART, TEXT("redis"),
		    young ? TEXT("the server was restarted")
			  : text_fmt(arena, "another server answers, up for %s",
				num_duration(up,
				    isnan(now->uptime)
					? 0
					: (int64_t)now->uptime * NS_PER_SEC)));
	if (strcmp(last->role, now->role) != 0)
		build_event(build, now->wall_ms, EVENT_STATE, TEXT("redis"),
		    text_fmt(arena, "role %s to %s", last->role, now->role));
}

void
redis_report_info(struct build *build, const struct redis_info *info,
    struct redis_sample *last, int64_t wall_ms)
{
	struct redis_sample now = {
		.known = true,
		.hits = redis_info_num(info, "keyspace_hits"),
		.misses = redis_info_num(info, "keyspace_misses"),
		.rejected = redis_info_num(info, "rejected_connections"),
		.uptime = redis_info_num(info, "uptime_in_seconds"),
		.wall_ms = wall_ms,
	};
	bool same;

	word_keep(
	    redis_info_word(info, "run_id"), now.run_id, sizeof(now.run_id));
	word_keep(redis_info_word(info, "role"), now.role, sizeof(now.role));
	same = strcmp(now.run_id, last->run_id) == 0;
	report_changes(build, last, &now);
	report_memory(build, info);
	report_clients(build, info, last, same);
	report_persistence(build, info);
	report_replication(build, info);
	report_fields_as_metrics(build, info);
	report_hit_rate(build, info, last, same);
	report_keyspace(build, info);
	*last = now;
}

char *
redis_report_loading(
    const struct redis_info *info, char out[REDIS_LOADING_TEXT_LEN])
{
	double percent = redis_info_num(info, "loading_loaded_perc");
	double eta = redis_info_num(info, "loading_eta_seconds");
	char a[NUM_TEXT_MAX], b[NUM_TEXT_MAX];

	snprintf(out, REDIS_LOADING_TEXT_LEN,
	    "LOADING: reading its data set, %s done, about %s to go",
	    num_human(a, percent / 100, NUM_PERCENT),
	    num_human(b, eta, NUM_SECONDS));
	return out;
}

static const struct column slowlog_columns[] = {
	{ TEXT_INIT("at"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("took"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("command"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("client"), COLUMN_TEXT, NUM_NONE },
};

/* The words of a command, a blank between, cut where it gets long. */
static struct text
slowlog_command(struct arena *arena, const struct redisReply *words,
    const struct redactor *redactor)
{
	struct buf line = BUF_INIT(REDIS_SLOW_LINE_MAX);
	struct text text;

	for (size_t i = 0; i < redis_reply_count(words); i++) {
		const char *s;
		size_t len, left = line.max - line.len;

		if (!redis_reply_str(redis_reply_at(words, i), &s, &len))
			break;
		if (i > 0 && !buf_char(&line, ' '))
			break;
		left = line.max - line.len;
		if (!buf_add(&line, s, len < left ? len : left))
			break;
	}
	text = text_ingest(
	    redactor, arena, buf_cstr(&line), line.len, REDIS_SLOW_TEXT_MAX);
	buf_release(&line);
	return text;
}

static void
slowlog_row(struct build *build, const struct redisReply *entry, int64_t id,
    const struct redactor *redactor)
{
	struct arena *arena = build_arena(build);
	const char *client;
	size_t len;
	double at = redis_reply_or_nan(redis_reply_at(entry, 1));
	double us = redis_reply_or_nan(redis_reply_at(entry, 2));

	build_row(build, text_fmt(arena, "%lld", (long long)id), STATE_OK);
	build_cell_num(build, 0, at * 1000);
	build_cell_num(build, 1, us / 1e6);
	build_cell_text(build, 2,
	    slowlog_command(arena, redis_reply_at(entry, 3), redactor));
	if (redis_reply_str(redis_reply_at(entry, 4), &client, &len))
		build_cell_text(
		    build, 3, text_clean(arena, client, len, NET_HOST_MAX));
}

void
redis_report_slowlog(struct build *build, const struct redisReply *reply,
    const struct redactor *redactor, int64_t *last_id)
{
	bool first = *last_id == INT64_MIN;
	int64_t newest = first ? -1 : *last_id, id;
	double fresh = first ? NAN : 0;

	if (redis_reply_check(reply, NULL) != ERR_OK)
		return;
	build_table(build, TEXT("slowlog"), slowlog_columns,
	    ARRAY_LEN(slowlog_columns));
	for (size_t i = 0;
	     i < redis_reply_count(reply) && i < REDIS_SLOW_ROWS_MAX; i++) {
		const struct redisReply *entry = redis_reply_at(reply, i);

		if (!redis_reply_int(redis_reply_at(entry, 0), &id))
			continue;
		fresh += id > *last_id ? 1 : 0;
		newest = id > newest ? id : newest;
		slowlog_row(build, entry, id, redactor);
	}
	/* A restarted server counts from 0 again. */
	if (redis_reply_int(redis_reply_at(redis_reply_at(reply, 0), 0), &id) &&
	    id < *last_id)
		newest = id;
	build_gauge(build, TEXT("redis_slow_new"), NUM_COUNT, fresh);
	*last_id = newest;
}

static const struct column latency_columns[] = {
	{ TEXT_INIT("event"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("at"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("last"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("max"), COLUMN_NUMBER, NUM_SECONDS },
};

void
redis_report_latency(struct build *build, const struct redisReply *reply)
{
	struct arena *arena = build_arena(build);

	if (redis_reply_count(reply) == 0)
		return;
	build_table(build, TEXT("latency"), latency_columns,
	    ARRAY_LEN(latency_columns));
	for (size_t i = 0;
	     i < redis_reply_count(reply) && i < REDIS_SLOW_ROWS_MAX; i++) {
		const struct redisReply *entry = redis_reply_at(reply, i);
		const char *event;
		size_t len;
		struct text name;

		if (!redis_reply_str(redis_reply_at(entry, 0), &event, &len))
			continue;
		name = text_clean(arena, event, len, NAME_MAX_LEN);
		build_row(build, name, STATE_OK);
		build_cell_text(build, 0, name);
		build_cell_num(build, 1,
		    redis_reply_or_nan(redis_reply_at(entry, 1)) * 1000);
		build_cell_num(build, 2,
		    redis_reply_or_nan(redis_reply_at(entry, 2)) / 1000);
		build_cell_num(build, 3,
		    redis_reply_or_nan(redis_reply_at(entry, 3)) / 1000);
	}
}
