/*
 * What Google's own clients are pointed at: a project with one of
 * everything, whoever brings a token may ask. Not shown in --list.
 */
#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "sim/gcp.h"
#include "sim/gcp_slots.h"

static const char *const demo_people[] = { "someone@example.com" };
static const char *const demo_tags[] = { "1", "2" };

static const struct gcp_variable demo_variables[] = { { "A", "1", NULL } };

static const struct gcp_service_conf demo_services[] = {
	{
	    .name = "web",
	    .region = "us-central1",
	    .image = "img",
	    .tags = demo_tags,
	    .tag_count = ARRAY_LEN(demo_tags),
	    .first_number = 1,
	    .bare_names = true,
	    .people = demo_people,
	    .people_count = ARRAY_LEN(demo_people),
	    .variables = demo_variables,
	    .variable_count = ARRAY_LEN(demo_variables),
	    .cpu = "2",
	    .memory = "2Gi",
	    .timeout = "300s",
	    .concurrency = 80,
	    .min = 1,
	    .max = 20,
	    .connector = "link",
	    .bad_tag = "3",
	    .fix_tag = "4",
	},
};

static const struct gcp_redis_conf demo_redis = {
	.name = "cache",
	.region = "us-central1",
	.host = "10.0.0.3",
	.tier = "STANDARD_HA",
	.memory_gb = 1,
};

static const struct gcp_slo_conf demo_slos[] = {
	{ "web", 0, "availability", "99 % over a day", 0.99, "86400s", 0 },
};

static const struct gcp_conf demo_conf = {
	.project = "demo",
	.number = "1",
	.builder = "1@cloudbuild.gserviceaccount.com",
	.platform = &platform_gcp_demo,
	.services = demo_services,
	.service_count = ARRAY_LEN(demo_services),
	.redis = &demo_redis,
	.slos = demo_slos,
	.slo_count = ARRAY_LEN(demo_slos),
	.any_token = true,
	.limited = "web-limited",
	.flaky = "web-flaky",
	.settle_ms = 300,
};

static const struct fault demo_faults[] = { GCP_FAULT_ROWS };

#define DEMO_MS INT64_C(1767398400000) /* 2026-01-03T00:00:00Z */

/* A minute of the past in which 42 requests failed, and two log entries. */
static void
demo_fill(struct gcp *gcp)
{
	struct gcp_service *web = &gcp->services[0];
	struct gcp_revision *revision = gcp_service_serving(web);
	struct gcp_entry entry = { .service = web,
		.revision = revision->name,
		.ns = DEMO_MS * NS_PER_MS + 3 * NS_PER_SEC,
		.kind = GCP_ENTRY_REQUEST,
		.severity = 500,
		.status = 503,
		.seconds = 0.251F };
	struct gcp_slot *slot;

	gcp_log_add(gcp, &entry);
	entry.ns = DEMO_MS * NS_PER_MS + 5 * NS_PER_SEC + 2;
	entry.kind = GCP_ENTRY_APP;
	entry.message = "boom";
	gcp_log_add(gcp, &entry);
	revision->slots = mem_calloc(1, sizeof(*revision->slots));
	if (revision->slots == NULL)
		return;
	slot = gcp_slots_at(revision->slots, DEMO_MS);
	slot->seconds = SIM_GCP_SLOT_MS / 1000.0F;
	slot->active = slot->seconds;
	slot->cpu = 0.5F * slot->seconds;
	slot->memory = 0.4F * slot->seconds;
	slot->requests[5] = 42;
	slot->latency[gcp_bucket_of(250)] = 42;
	slot->latency_ms = 42 * 250;
}

static enum err_code
demo_start(
    const struct platform_start *start, void **ret_state, struct err *err)
{
	enum err_code rc = gcp_start(&demo_conf, start, ret_state, err);
	struct gcp *gcp;

	if (rc != ERR_OK)
		return rc;
	gcp = *ret_state;
	pthread_mutex_lock(&gcp->turn);
	demo_fill(gcp);
	pthread_mutex_unlock(&gcp->turn);
	return ERR_OK;
}

const struct platform platform_gcp_demo = {
	.name = "gcp-demo",
	.help = "Google Cloud for the clients of others",
	.hidden = true,
	.faults = demo_faults,
	.fault_count = ARRAY_LEN(demo_faults),
	.start = demo_start,
	.env = gcp_env,
	.told = gcp_told,
	.step = gcp_step,
	.status = gcp_status,
	.stop = gcp_stop,
};
