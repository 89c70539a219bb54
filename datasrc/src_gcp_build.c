/*
 * Source type "gcp.build": the newest builds of Cloud Build. One that began
 * or ended since the last poll is an event of what it builds.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/redact.h"
#include "base/textbuf.h"
#include "datasrc/gcp_estate.h"
#include "datasrc/json_value.h"

static const struct column build_columns[] = {
	{ TEXT_INIT("id"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	{ TEXT_INIT("of"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("created"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("took"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("branch"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("commit"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("trigger"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("who"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("image"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("region"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
};

/* What a status means; ends: the build is over. */
static const struct build_status {
	const char *word;
	const char *said;
	enum state state;
	bool ends;
} statuses[] = {
	{ "pending", "waiting", STATE_OK, false },
	{ "queued", "queued", STATE_OK, false },
	{ "working", "building", STATE_OK, false },
	{ "success", "built", STATE_OK, true },
	{ "failure", "failed", STATE_CRIT, true },
	{ "internal error", "failed by Google's fault", STATE_CRIT, true },
	{ "timeout", "timed out", STATE_CRIT, true },
	{ "cancelled", "cancelled", STATE_WARN, true },
	{ "expired", "expired", STATE_WARN, true },
};

static const struct build_status *
build_status(struct text word)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		if (text_eq(word, text_lit(statuses[i].word)) ||
		    text_eq(word, text_lit(statuses[i].said)))
			return &statuses[i];
	}
	return NULL;
}

/* Seconds from one time to the other; to now while it goes on. */
static double
build_took(const struct gcp_value *to, const struct cJSON *v, bool ends)
{
	double from = gcp_value_time(to, v, "startTime");
	double end = gcp_value_time(to, v, "finishTime");

	if (isnan(end) && !ends)
		end = (double)to->wall_ms;
	return end < from ? NAN : (end - from) / 1000;
}

/* "eu.gcr.io/p/web:1.2" as "web"; without images what is built from. */
static struct text
build_of(const struct gcp_value *to, const struct cJSON *v)
{
	const struct cJSON *given = json_member(v, "substitutions");
	const char *image = json_string(json_first(json_member(v, "images")));
	struct text name;
	const char *slash;

	if (image != NULL) {
		slash = strrchr(image, '/');
		if (slash != NULL)
			image = slash + 1;
		return text_ingest(to->redactor, to->arena, image,
		    strcspn(image, ":@"), JSON_TEXT_MAX);
	}
	name = gcp_value_text(to, given, "_SERVICE_NAME");
	if (name.len == 0)
		name = gcp_value_text(to, given, "REPO_NAME");
	return name.len > 0 ? name : TEXT("build");
}

/* Why it failed, in Google's words. */
static struct text
build_detail(const struct gcp_value *to, const struct cJSON *v)
{
	struct text words =
	    gcp_value_text(to, json_member(v, "failureInfo"), "detail");

	if (words.len == 0)
		words = gcp_value_text(to, v, "statusDetail");
	return words;
}

static void
build_read(
    const struct gcp_value *to, const struct cJSON *v, struct gcp_item *ret)
{
	const struct cJSON *given = json_member(v, "substitutions");
	struct text word = gcp_value_word(to, v, "status");
	const struct build_status *status = build_status(word);
	const struct cJSON *image = json_first(json_member(v, "images"));

	ret->name = gcp_value_text(to, v, "id");
	ret->word = status != NULL ? text_lit(status->said) : word;
	ret->state = status != NULL ? status->state : STATE_UNKNOWN;
	ret->subject = build_of(to, v);
	ret->cells[2].text = ret->subject;
	ret->cells[3].num = gcp_value_time(to, v, "createTime");
	ret->cells[4].num = build_took(to, v, status == NULL || status->ends);
	ret->cells[5].text = gcp_value_text(to, given, "BRANCH_NAME");
	ret->cells[6].text = gcp_value_text(to, given, "SHORT_SHA");
	ret->cells[7].text = gcp_value_text(to, given, "TRIGGER_NAME");
	if (ret->cells[7].text.len == 0)
		ret->cells[7].text = gcp_value_text(to, v, "buildTriggerId");
	ret->cells[8].text = gcp_value_base(to, v, "serviceAccount");
	if (json_string(image) != NULL)
		ret->cells[9].text = json_text(to->redactor, to->arena, image);
	ret->cells[10].text = ret->region;
	ret->detail = build_detail(to, v);
	ret->cells[11].text = ret->detail;
	ret->changed_ms = gcp_value_time(to, v, "finishTime");
	if (isnan(ret->changed_ms))
		ret->changed_ms = gcp_value_time(to, v, "startTime");
}

/* "build failed after 2m4s (main 1a2b3c4): step 3 …" */
static bool
build_tell(const struct gcp_item *item, const char *was, struct text_buf *out)
{
	const struct build_status *status = build_status(item->word);

	(void)was;
	if (status == NULL ||
	    (!status->ends && !text_eq(item->word, TEXT("building"))))
		return false;
	if (!status->ends) {
		tb_lit(out, "build began");
	} else {
		tb_lit(out, "build ");
		tb_text(out, text_eq(item->word, TEXT("built")) ? TEXT("done")
								: item->word);
		if (!isnan(item->cells[4].num)) {
			tb_lit(out, " after ");
			tb_duration(
			    out, (int64_t)(item->cells[4].num * NS_PER_SEC));
		}
	}
	if (item->cells[5].text.len > 0) {
		tb_lit(out, " (");
		tb_text(out, item->cells[5].text);
		if (item->cells[6].text.len > 0)
			tb_lit(out, " ");
		tb_text(out, item->cells[6].text);
		tb_lit(out, ")");
	}
	if (item->detail.len > 0) {
		tb_lit(out, ": ");
		tb_text(out, item->detail);
	}
	return true;
}

const struct gcp_estate_kind gcp_estate_build = {
	.service = "Cloud Build",
	.root = "https://cloudbuild.googleapis.com",
	.version = "v1",
	.collection = "builds",
	.member = "builds",
	.table = "builds",
	.columns = build_columns,
	.column_count = ARRAY_LEN(build_columns),
	.newest = true,
	.read = build_read,
	.tell = build_tell,
};

static enum err_code
src_gcp_build_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	return gcp_estate_open(&gcp_estate_build, env, config, ret_state, err);
}

static const struct opt gcp_build_rows[] = {
	GCP_CONF_ROWS,
	{
	    OPT_FIELD(struct gcp_estate_conf, regions, "regions", OPT_LIST),
	    .min = 1,
	    .max = GCP_REGIONS_MAX,
	    .preset = "global",
	    .help = "regions of the builds: global, or such as europe-west1",
	},
	{
	    OPT_FIELD(struct gcp_estate_conf, keep, "keep", OPT_INT),
	    .min = 1,
	    .max = GCP_BUILDS_MAX,
	    .preset = "20",
	    .help = "how many of the newest builds to show",
	},
};

static const struct opt_table gcp_build_table = OPT_TABLE(gcp_build_rows);

const struct source_ops src_gcp_build = {
	.name = "gcp.build",
	.help = "the newest builds of Google Cloud Build",
	.options = &gcp_build_table,
	.config_size = sizeof(struct gcp_estate_conf),
	.every_ns = 30 * NS_PER_SEC,
	.timeout_ns = 20 * NS_PER_SEC,
	.open = src_gcp_build_open,
	.poll = gcp_estate_poll,
	.close = gcp_estate_close,
	.check = gcp_estate_check,
};
