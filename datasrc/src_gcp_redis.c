/*
 * Source type "gcp.redis": instances of Memorystore for Redis, as Google
 * manages them. What the server itself says needs a source of type redis.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/textbuf.h"
#include "datasrc/gcp_estate.h"

static const struct column redis_columns[] = {
	{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	{ TEXT_INIT("tier"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("memory"), COLUMN_NUMBER, NUM_BYTES },
	{ TEXT_INIT("version"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("replicas"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("host"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("zone"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("maintenance"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("snapshots"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("created"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("region"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
};

/* How bad a state is; one that is not known here is shown as it comes. */
static enum state
redis_state(struct text word)
{
	static const struct {
		const char *word;
		enum state state;
	} states[] = {
		{ "ready", STATE_OK },
		{ "repairing", STATE_CRIT },
		{ "failing over", STATE_CRIT },
		{ "deleting", STATE_CRIT },
		{ "suspended", STATE_CRIT },
		{ "unknown", STATE_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (text_eq(word, text_lit(states[i].word)))
			return states[i].state;
	}
	return STATE_WARN;
}

/* "REDIS_7_0" as "7.0". */
static struct text
redis_version(const struct gcp_value *to, const struct cJSON *v)
{
	struct text word = gcp_value_word(to, v, "redisVersion");
	struct text_buf tb;
	const char *s = word.s;

	if (strncmp(s, "redis ", 6) != 0)
		return word;
	tb_init(&tb);
	for (s += 6; *s != '\0'; s++)
		tb_fmt(&tb, "%c", *s == ' ' ? '.' : *s);
	return text_copy(to->arena, tb_end(&tb));
}

static struct text
redis_host(const struct gcp_value *to, const struct cJSON *v)
{
	struct text host = gcp_value_text(to, v, "host");
	double port = gcp_value_number(v, "port", 0);
	struct text_buf tb;

	if (host.len == 0 || !(port > 0))
		return host;
	tb_init(&tb);
	tb_text(&tb, host);
	tb_fmt(&tb, ":%.0f", port);
	return text_copy(to->arena, tb_end(&tb));
}

static struct text
redis_snapshots(const struct gcp_value *to, const struct cJSON *v)
{
	const struct cJSON *conf = json_member(v, "persistenceConfig");
	struct text mode = gcp_value_word(to, conf, "persistenceMode");

	if (!text_eq(mode, TEXT("rdb")))
		return TEXT("none");
	return gcp_value_word(to, conf, "rdbSnapshotPeriod");
}

/* "standard ha, 5 GiB, 1 replica, Redis 7.0"; after a failover where. */
static struct text
redis_detail(const struct gcp_value *to, const struct cJSON *v,
    const struct gcp_item *item)
{
	struct text why = gcp_value_text(to, v, "statusMessage");
	struct text home = gcp_value_text(to, v, "locationId");
	struct text_buf tb;

	tb_init(&tb);
	if (item->state != STATE_OK) {
		tb_text(&tb, item->word);
		tb_lit(&tb, ": ");
	}
	if (why.len > 0) {
		tb_text(&tb, why);
		return text_copy(to->arena, tb_end(&tb));
	}
	tb_text(&tb, item->cells[2].text);
	tb_lit(&tb, ", ");
	/* As Google calls its sizes, which are GiB. */
	tb_fmt(&tb, "%.0f GB", gcp_value_number(v, "memorySizeGb", 0));
	tb_lit(&tb, ", Redis ");
	tb_text(&tb, item->cells[4].text);
	if (item->cells[7].text.len > 0 && home.len > 0 &&
	    !text_eq(home, item->cells[7].text)) {
		tb_lit(&tb, "; failed over from ");
		tb_text(&tb, home);
		tb_lit(&tb, " to ");
		tb_text(&tb, item->cells[7].text);
	}
	return text_copy(to->arena, tb_end(&tb));
}

static void
redis_read(
    const struct gcp_value *to, const struct cJSON *v, struct gcp_item *ret)
{
	double gib = gcp_value_number(v, "memorySizeGb", 0);

	ret->name = gcp_value_base(to, v, "name");
	ret->word = gcp_value_word(to, v, "state");
	ret->state = redis_state(ret->word);
	ret->cells[2].text = gcp_value_word(to, v, "tier");
	ret->cells[3].num = gib * 1024 * 1024 * 1024;
	ret->cells[4].text = redis_version(to, v);
	ret->cells[5].num = gcp_value_number(v, "replicaCount", 0);
	ret->cells[6].text = redis_host(to, v);
	ret->cells[7].text = gcp_value_text(to, v, "currentLocationId");
	ret->cells[8].num = gcp_value_time(
	    to, json_member(v, "maintenanceSchedule"), "startTime");
	ret->cells[9].text = redis_snapshots(to, v);
	ret->cells[10].num = gcp_value_time(to, v, "createTime");
	ret->cells[11].text = ret->region;
	ret->detail = redis_detail(to, v, ret);
	ret->cells[12].text = ret->detail;
}

const struct gcp_estate_kind gcp_estate_redis = {
	.service = "Memorystore",
	.root = "https://redis.googleapis.com",
	.version = "v1",
	.collection = "instances",
	.member = "instances",
	.table = "memorystore",
	.columns = redis_columns,
	.column_count = ARRAY_LEN(redis_columns),
	.health = true,
	.read = redis_read,
	.tell = gcp_estate_tell_change,
};

static enum err_code
src_gcp_redis_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	return gcp_estate_open(&gcp_estate_redis, env, config, ret_state, err);
}

static const struct opt gcp_redis_rows[] = {
	GCP_CONF_ROWS,
	{
	    OPT_FIELD(struct gcp_estate_conf, regions, "regions", OPT_LIST),
	    .min = 1,
	    .max = GCP_REGIONS_MAX,
	    .preset = "-",
	    .help = "regions to look into, such as europe-west1; \"-\" is all "
		    "of them in one question",
	},
	{
	    OPT_FIELD(struct gcp_estate_conf, names, "instances", OPT_LIST),
	    .max = GCP_NAMES_MAX,
	    .help = "names of the instances to show; without it all of them",
	},
};

static const struct opt_table gcp_redis_table = OPT_TABLE(gcp_redis_rows);

const struct source_ops src_gcp_redis = {
	.name = "gcp.redis",
	.help = "instances of Google Memorystore for Redis",
	.options = &gcp_redis_table,
	.config_size = sizeof(struct gcp_estate_conf),
	.every_ns = 30 * NS_PER_SEC,
	.timeout_ns = 20 * NS_PER_SEC,
	.open = src_gcp_redis_open,
	.poll = gcp_estate_poll,
	.close = gcp_estate_close,
	.check = gcp_estate_check,
};
