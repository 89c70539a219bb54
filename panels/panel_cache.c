/*
 * The cache: memory, hit rate, operations and clients of every Redis, its
 * slow log, latency events and key space. Everything comes from sources of
 * type "redis" (datasrc/redis_report.h); what Google says of an instance of
 * Memorystore stands beside it (datasrc/src_gcp_redis.c).
 */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "panels/pick.h"
#include "panels/server_panel.h"
#include "panels/table.h"

enum cache_view {
	CACHE_SLOW,
	CACHE_LATENCY,
	CACHE_KEYS,
	CACHE_VIEWS,
};

/* "98.2 % now, 97.1 % since start" */
static void
fact_hits(struct page *page, const struct server *server, bool brief)
{
	struct text_buf tb;

	tb_init(&tb);
	tb_num(&tb, server_metric(server, "redis_hit_ratio"), NUM_PERCENT);
	if (!brief) {
		tb_lit(&tb, " now, ");
		tb_num(&tb,
		    server_metric(server, "redis_hit_ratio_since_start"),
		    NUM_PERCENT);
		tb_lit(&tb, " since start");
	}
	page_fact(page, TEXT("hits"), tb_end(&tb), ROLE_TEXT);
}

/* "212 of 10,000, 9 blocked"; blocked ones of BullMQ wait for jobs. */
static void
fact_clients(struct page *page, const struct server *server, bool brief)
{
	double max = server_metric(server, "redis_clients_max");
	struct text_buf tb;

	tb_init(&tb);
	tb_num(&tb, server_metric(server, "redis_clients"), NUM_COUNT);
	if (!brief && !isnan(max)) {
		tb_lit(&tb, " of ");
		tb_num(&tb, max, NUM_COUNT);
	}
	tb_lit(&tb, ", ");
	tb_num(&tb, server_metric(server, "redis_clients_blocked"), NUM_COUNT);
	tb_lit(&tb, " blocked");
	page_fact(
	    page, TEXT("clients"), tb_end(&tb), server_role(server, "clients"));
}

/* Without a limit there is nothing that it could be full of. */
static void
fact_memory(struct page *page, const struct server *server, bool brief)
{
	const struct metric *limit =
	    payload_metric(server->section->payload, "redis_memory_max_bytes");
	double used = server_metric(server, "redis_memory_used_bytes");
	double max = server_metric(server, "redis_memory_max_bytes");

	page_share(page, "memory", used, max, NUM_BYTES,
	    server_role(server, "memory"));
	if (brief || limit == NULL || isnan(used))
		return;
	if (max > 0)
		page_fact(page, TEXT("policy"), metric_label(limit, "policy"),
		    ROLE_TEXT);
	else
		page_fact(page, TEXT("limit"), TEXT("none"), ROLE_TEXT);
}

/* What a health row says, as a fact. */
static void
fact_words(struct page *page, const struct server *server, const char *target)
{
	const struct health *health = pick_health(server->section, target);

	if (health != NULL && health->state == STATE_OK)
		page_fact(page, text_lit(target), health->detail, ROLE_TEXT);
}

static void
cache_page(struct page *page, const struct server *server, bool brief)
{
	struct text_buf up;

	page_dated(page, server);
	fact_memory(page, server, brief);
	fact_hits(page, server, brief);
	page_metric(page, server, "operations", "redis_ops", NUM_PER_SECOND);
	fact_clients(page, server, brief);
	page_metric(
	    page, server, "evicted", "redis_evicted_total", NUM_PER_SECOND);
	page_metric(page, server, "peak", "redis_memory_peak_bytes", NUM_BYTES);
	page_metric(page, server, "fragmentation", "redis_memory_fragmentation",
	    NUM_NONE);
	page_metric(
	    page, server, "expired", "redis_expired_total", NUM_PER_SECOND);
	page_metric(
	    page, server, "errors", "redis_errors_total", NUM_PER_SECOND);
	page_metric(page, server, "keys", "redis_keys", NUM_COUNT);
	tb_init(&up);
	put_seconds(&up, server_metric(server, "redis_uptime_seconds"));
	page_fact(page, TEXT("up"), tb_end(&up), ROLE_TEXT);
	page_metric(page, server, "ping", "redis_ping_seconds", NUM_SECONDS);
	page_metric(page, server, "in", "redis_net_in_bytes_total",
	    NUM_BYTES_PER_SECOND);
	page_metric(page, server, "out", "redis_net_out_bytes_total",
	    NUM_BYTES_PER_SECOND);
	fact_words(page, server, "replication");
	fact_words(page, server, "persistence");
}

static const struct server_chart charts[] = {
	{ "redis_memory_used_bytes", "memory", NUM_BYTES,
	    "redis_memory_max_bytes" },
	{ "redis_hit_ratio", "hit rate", NUM_PERCENT, NULL },
	{ "redis_ops", "operations", NUM_PER_SECOND, NULL },
	{ "redis_clients", "clients", NUM_COUNT, NULL },
	{ "redis_ping_seconds", "ping", NUM_SECONDS, NULL },
	{ "redis_evicted_total", "evicted keys", NUM_PER_SECOND, NULL },
	{ "redis_clients_blocked", "blocked clients", NUM_COUNT, NULL },
	{ "redis_net_out_bytes_total", "sent", NUM_BYTES_PER_SECOND, NULL },
};

#define SERVER                                                                 \
	{                                                                      \
		.list = { TEXT_INIT("server"), 8, 20, 1, false },              \
		.source = true                                                 \
	}

static const struct rows_column slow_columns[] = {
	{ .column = "at", .list = { TEXT_INIT("at"), 8, 14, 1, false } },
	{ .column = "took", .list = { TEXT_INIT("took"), 7, 8, 0, true } },
	SERVER,
	{ .column = "command",
	    .list = { TEXT_INIT("command"), 20, 0, 0, false } },
	{ .column = "client",
	    .list = { TEXT_INIT("client"), 16, 22, 2, false } },
};

static const struct rows_column latency_columns[] = {
	{ .column = "event", .list = { TEXT_INIT("event"), 16, 0, 0, false } },
	SERVER,
	{ .column = "at", .list = { TEXT_INIT("at"), 8, 14, 1, false } },
	{ .column = "last", .list = { TEXT_INIT("last"), 8, 10, 0, true } },
	{ .column = "max", .list = { TEXT_INIT("worst"), 8, 10, 0, true } },
};

/* How many of the keys never expire: what fills a cache for ever. */
static double
lasting(const struct table_ref *ref)
{
	return ref_num(ref, "keys") - ref_num(ref, "expires");
}

static void
put_lasting(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	(void)rows;
	tb_num(out, lasting(ref), NUM_COUNT);
}

static const struct rows_column key_columns[] = {
	{ .column = "db", .list = { TEXT_INIT("database"), 10, 0, 0, false } },
	SERVER,
	{ .column = "keys", .list = { TEXT_INIT("keys"), 10, 12, 0, true } },
	{ .list = { TEXT_INIT("never expire"), 12, 14, 1, true },
	    .put = put_lasting,
	    .num = lasting },
	{ .column = "expires",
	    .list = { TEXT_INIT("expire"), 10, 12, 2, true } },
	{ .column = "avg_ttl",
	    .list = { TEXT_INIT("in about"), 10, 12, 3, true },
	    .age = true },
};

#define ROWS(name, list)                                                       \
	{                                                                      \
		.table = (name), .columns = (list),                            \
		.column_count = ARRAY_LEN(list), .state_column = -1,           \
		.match = table_rows_words                                      \
	}

static const struct server_view views[CACHE_VIEWS] = {
	[CACHE_SLOW] = { .name = "slow",
	    .none = "the slow log is empty",
	    .missing = "no slow log: the user may need +slowlog",
	    .rows = ROWS("slowlog", slow_columns) },
	[CACHE_LATENCY] = { .name = "latency",
	    .none = "no latency event",
	    .missing = "no latency event; to have them recorded: CONFIG SET "
		       "latency-monitor-threshold 100",
	    .rows = ROWS("latency", latency_columns) },
	[CACHE_KEYS] = { .name = "key space",
	    .none = "no keys",
	    .target = "memory",
	    .rows = ROWS("keyspace", key_columns) },
};

/*
 * What is known of commands and events that are slow (redis.io/commands,
 * redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency).
 */
static const struct {
	const char *word; /* the first of a command, or an event */
	const char *next;
} advice[] = {
	{ "KEYS", "it walks all keys while everybody waits: use SCAN" },
	{ "SMEMBERS", "it reads a whole set: use SSCAN, or smaller sets" },
	{ "HGETALL", "it reads a whole hash: use HMGET or HSCAN" },
	{ "LRANGE", "ask for fewer elements, or split the list" },
	{ "ZRANGE", "ask for fewer elements" },
	{ "SORT", "it sorts on the server: sort in the client" },
	{ "DEL", "large values are freed at once: use UNLINK" },
	{ "FLUSHALL", "all data were deleted; ASYNC does not block" },
	{ "FLUSHDB", "all data were deleted; ASYNC does not block" },
	{ "EVAL", "nobody else is served while a script runs: make it do "
		  "less at a time" },
	{ "EVALSHA", "nobody else is served while a script runs: make it do "
		     "less at a time" },
	{ "command", "a command was slow: look at the slow log" },
	{ "fast-command", "even a short command was slow: look at the "
			  "machine (CPU, swap) and at the slow log" },
	{ "fork", "the fork for a snapshot was slow: much memory, or huge "
		  "pages are on" },
	{ "expire-cycle", "many keys expired together: spread their times" },
	{ "eviction-cycle", "memory is full: keys are evicted before each "
			    "write" },
	{ "aof-fsync-always", "the disk is slow: appendfsync everysec" },
	{ "aof-write", "the disk is slow: look at what else writes" },
	{ "aof-write-pending-fsync", "the disk is slow: look at what else "
				     "writes" },
};

static void
page_next(struct page *page, struct text word)
{
	word = text_cut(word, (uint32_t)strcspn(word.s, " "));
	for (size_t i = 0; i < ARRAY_LEN(advice); i++) {
		if (strncasecmp(advice[i].word, word.s, word.len) == 0 &&
		    strlen(advice[i].word) == word.len)
			page_text(page, TEXT("next"), text_lit(advice[i].next),
			    ROLE_TEXT);
	}
}

static void
cache_detail(
    struct page *page, const struct panel_ctx *ctx, const struct table_ref *ref)
{
	struct text command = ref_text(ref, "command");

	page_record(page, ctx, ref, "command");
	page_gap(page);
	page_next(page, command.len > 0 ? command : ref_text(ref, "event"));
	if (command.len > 0)
		page_text(page, TEXT("command"), command, ROLE_TEXT);
}

/* Whether a row's key, "cache" or "europe-west1/cache", is of an instance. */
static bool
is_instance(struct text key, struct text name)
{
	uint32_t before = key.len > name.len ? key.len - name.len : 0;

	return name.len > 0 && key.len >= name.len &&
	       memcmp(key.s + before, name.s, name.len) == 0 &&
	       (before == 0 || key.s[before - 1] == '/');
}

/* What Google's figures say of an instance; NULL: nothing, or nothing new. */
static const struct metric *
instance_metric(const struct panel_ctx *ctx, const char *name, struct text key,
    const struct section **ret_section)
{
	for (size_t slot = 0; slot < pick_source_count(ctx); slot++) {
		const struct section *section = pick_source(ctx, slot);

		if (section == NULL || section->payload == NULL ||
		    section_freshness(section, ctx->now) != FRESH_OK)
			continue;
		for (size_t m = 0; m < section->payload->metric_count; m++) {
			const struct metric *metric =
			    &section->payload->metrics[m];

			if (!text_eq(metric->name, text_lit(name)) ||
			    isnan(metric->value) ||
			    !is_instance(key, metric_label(metric, "instance")))
				continue;
			*ret_section = section;
			return metric;
		}
	}
	return NULL;
}

/* "; memory 62 %, 41 clients 2m ago", as far as that is known. */
static void
put_instance_use(
    struct text_buf *out, const struct panel_ctx *ctx, struct text key)
{
	const struct section *section = NULL;
	const struct metric *memory =
	    instance_metric(ctx, "redis_memory_ratio", key, &section);
	const struct metric *clients =
	    instance_metric(ctx, "redis_clients", key, &section);
	const struct metric *age;

	if (memory == NULL && clients == NULL)
		return;
	tb_lit(out, "; ");
	if (memory != NULL) {
		tb_lit(out, "memory ");
		tb_num(out, memory->value, NUM_PERCENT);
		tb_text(out, text_lit(clients != NULL ? ", " : ""));
	}
	if (clients != NULL) {
		tb_num(out, clients->value, NUM_COUNT);
		tb_lit(out, " clients");
	}
	age = payload_metric(section->payload, "run_sample_age_seconds");
	if (age != NULL && !isnan(age->value)) {
		tb_lit(out, " ");
		tb_duration(out, (int64_t)(age->value * NS_PER_SEC));
		tb_lit(out, " ago");
	}
}

static const struct server_panel cache = {
	.servers = {
		.title = "cache",
		.type = "redis",
		.example = "redis: {type: redis, url: env:REDIS_URL}",
		.page = cache_page,
		.told = (const char *const[]) { NULL },
		.hosted = "memorystore",
		.hosted_use = put_instance_use,
	},
	.views = views,
	.view_count = CACHE_VIEWS,
	.charts = charts,
	.chart_count = ARRAY_LEN(charts),
	.list_h = 5,
	.copy = "command",
	.detail = cache_detail,
};

static void
cache_draw(void *view, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	server_panel_draw(&cache, view, ctx, canvas, area);
}

static enum panel_result
cache_command(void *view, const struct panel_ctx *ctx, enum command command,
    struct panel_out *out)
{
	return server_panel_command(&cache, view, ctx, command, out);
}

static void
cache_show(void *view, const struct panel_ctx *ctx, struct text arg)
{
	(void)ctx;
	server_panel_show(&cache, view, arg);
}

static bool
cache_target(
    const void *view, const struct panel_ctx *ctx, struct panel_target *out)
{
	return server_panel_target(&cache, view, ctx, out);
}

const struct panel_ops panel_cache = {
	.name = "cache",
	.help = "Redis: memory, hit rate, clients, slow log, key space",
	.key = '6',
	.view_size = sizeof(struct views),
	.commands =
	    (const enum command[]) { SERVER_PANEL_COMMANDS, COMMAND_NONE },
	.release = list_panel_release,
	.draw = cache_draw,
	.command = cache_command,
	.typed = list_panel_typed,
	.show = cache_show,
	.target = cache_target,
};
