/*
 * What Google's own clients are pointed at: a project with one of
 * everything, whoever brings a token may ask. Not shown in --list.
 */
#include "base/attr.h"
#include "sim/gcp.h"

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
	    .bad_tag = "3",
	    .fix_tag = "4",
	},
};

static const struct gcp_conf demo_conf = {
	.project = "demo",
	.number = "1",
	.builder = "1@cloudbuild.gserviceaccount.com",
	.platform = &platform_gcp_demo,
	.services = demo_services,
	.service_count = ARRAY_LEN(demo_services),
	.any_token = true,
	.limited = "web-limited",
	.flaky = "web-flaky",
	.settle_ms = 300,
};

static const struct fault demo_faults[] = { GCP_FAULT_ROWS };

static enum err_code
demo_start(
    const struct platform_start *start, void **ret_state, struct err *err)
{
	return gcp_start(&demo_conf, start, ret_state, err);
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
