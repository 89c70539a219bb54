/* Google Cloud in the practice world: what changes do to the load. */
#include <cjson/cJSON.h>

#include "base/alloc.h"
#include "base/json.h"
#include "sim/gcp.h"
#include "sim/gcp_slots.h"
#include "tests/tap.h"

enum {
	WALL_S = 1767398400,
	LONG_S = 60, /* of load, before it is looked at */
};

static const char *const people[] = { "ada@example.com" };
static const char *const tags[] = { "1", "2" };
static const struct gcp_variable variables[] = {
	{ "USE_X", "true", NULL },
	{ "SECRET", NULL, "secret" },
};
static const struct gcp_harm harms[] = {
	{ .fault = GCP_FIRECRAWL_DOWN,
	    .variable = "USE_X",
	    .error_share = 0.3,
	    .message = "x is down" },
	{ .fault = GCP_ALWAYS,
	    .tag = "3",
	    .error_share = 0.4,
	    .message = "bad" },
};
#define SERVICE                                                                \
	.region = "r", .image = "img", .tags = tags, .tag_count = 2,           \
	.first_number = 1, .people = people, .people_count = 1, .cpu = "2",    \
	.memory = "2Gi", .timeout = "300s", .concurrency = 80,                 \
	.median_s = 0.1, .sigma = 0.5, .per_cpu = 5, .memory_use = 0.4
static const struct gcp_service_conf services[] = {
	{ .name = "web",
	    SERVICE,
	    .variables = variables,
	    .variable_count = 2,
	    .harms = harms,
	    .harm_count = 2,
	    .rate = 40,
	    .min = 1,
	    .max = 20,
	    .bad_tag = "3",
	    .fix_tag = "4" },
	{ .name = "x", SERVICE, .rate = 5, .needed_by = "USE_X" },
};
static const struct gcp_conf conf = {
	.project = "p",
	.number = "1",
	.builder = "builder@example.com",
	.services = services,
	.service_count = 2,
};

static struct gcp *
world(void)
{
	struct gcp *gcp = mem_calloc(1, sizeof(*gcp));

	gcp->conf = &conf;
	gcp->seed = 5;
	gcp->rng = rng_make(5, 1);
	gcp->wall_ms = INT64_C(1000) * WALL_S;
	gcp->settle_ms = 3000;
	gcp_services_make(gcp);
	gcp_load_warm_up(gcp);
	return gcp;
}

static void
end(struct gcp *gcp)
{
	gcp_ops_free(gcp);
	gcp_services_free(gcp);
	gcp_builds_free(gcp);
	mem_free(gcp);
}

/* What all revisions of a service did in the last minute. */
static struct gcp_slot
minute(struct gcp *gcp, size_t service, double *ret_all)
{
	struct gcp_slot sum = { .begin_ms = 0 };
	int64_t to_ms = gcp->wall_ms + SIM_GCP_SLOT_MS;

	for (size_t i = 0; i < gcp->services[service].revision_count; i++) {
		struct gcp_slot one =
		    gcp_slots_sum(gcp->services[service].revisions[i]->slots,
			gcp->wall_ms - INT64_C(1000) * LONG_S, to_ms);

		for (unsigned c = 0; c < GCP_CLASSES; c++)
			sum.requests[c] += one.requests[c];
		for (unsigned b = 0; b < SIM_GCP_BUCKETS; b++)
			sum.latency[b] += one.latency[b];
	}
	*ret_all = 0;
	for (unsigned c = 0; c < GCP_CLASSES; c++)
		*ret_all += sum.requests[c];
	return sum;
}

static void
go_on(struct gcp *gcp)
{
	for (int i = 0; i < LONG_S * 1000 / SIM_TICK_MS; i++) {
		gcp->wall_ms += SIM_TICK_MS;
		gcp_load_step(gcp, SIM_TICK_MS / 1000.0);
	}
}

/* After a while: the share of requests that end with 5xx. */
static double
errors(struct gcp *gcp)
{
	struct gcp_slot sum;
	double all;

	go_on(gcp);
	go_on(gcp);
	sum = minute(gcp, 0, &all);
	return sum.requests[5] / all;
}

static double
slow_share(struct gcp *gcp)
{
	struct gcp_slot sum;
	double all, slow = 0;

	go_on(gcp);
	go_on(gcp);
	sum = minute(gcp, 0, &all);
	for (unsigned b = gcp_bucket_of(1000); b < SIM_GCP_BUCKETS; b++)
		slow += sum.latency[b];
	return slow / all;
}

/* Another memory limit, in force. */
static void
resize(struct gcp *gcp, const char *memory)
{
	struct gcp_service *web = &gcp->services[0];
	cJSON *doc = cJSON_Duplicate(web->doc, true);
	cJSON *template = doc_get(doc, "template");
	cJSON *container = doc_get(template, "containers")->child;

	doc_put(template, "revision", NULL);
	doc_put_str(doc_get(doc_get(container, "resources"), "limits"),
	    "memory", memory);
	(void)gcp_service_change(gcp, web, doc, true, "ada@example.com");
	gcp_ops_step(gcp, INT64_MAX);
}

/* Sets USE_X in the template, and lets the operation end. */
static struct gcp_op *
flip(struct gcp *gcp, const char *value)
{
	struct gcp_service *web = &gcp->services[0];
	cJSON *doc = cJSON_Duplicate(web->doc, true);
	cJSON *template = doc_get(doc, "template");
	cJSON *env = doc_get(doc_get(template, "containers")->child, "env");
	struct gcp_op *op;

	doc_put(template, "revision", NULL);
	doc_put_str(env->child, "value", value);
	op = gcp_service_change(gcp, web, doc, true, "ada@example.com");
	gcp_ops_step(gcp, INT64_MAX);
	return op;
}

static void
test_flag(void)
{
	struct gcp *gcp = world();
	struct gcp_service *web = &gcp->services[0];
	struct gcp_op *op;
	double all;

	is_near(errors(gcp), 0, 0.01, "calm");
	(void)minute(gcp, 1, &all);
	ok(all > 100, "the other service is asked");
	gcp->faults = 1U << GCP_FIRECRAWL_DOWN;
	is_near(errors(gcp), 0.3, 0.04, "it is down: a share of errors");
	op = flip(gcp, "false");
	ok(op->done && op->code == GCP_OK && web->revision_count == 3,
	    "a flip is a revision");
	is_near(errors(gcp), 0, 0.01, "without it all is well");
	(void)minute(gcp, 1, &all);
	is_near(all, 0, 0.5, "and it is not asked any more");
	gcp_service_pin(gcp, web, true);
	gcp_ops_step(gcp, INT64_MAX);
	(void)flip(gcp, "true");
	is_near(errors(gcp), 0, 0.01, "a pin holds the traffic");
	gcp_service_pin(gcp, web, false);
	gcp_ops_step(gcp, INT64_MAX);
	is_near(errors(gcp), 0.3, 0.04, "without the pin it is felt");
	end(gcp);
}

static void
test_release(void)
{
	struct gcp *gcp = world();
	struct gcp_service *web = &gcp->services[0];
	cJSON *doc, *target;

	gcp_service_release(gcp, web, "3");
	is_near(errors(gcp), 0, 0.01, "it takes nothing before it is ready");
	gcp_ops_step(gcp, INT64_MAX);
	is_near(errors(gcp), 0.4, 0.04, "a bad release");
	doc = cJSON_Duplicate(web->doc, true);
	target = doc_get(doc, "traffic")->child;
	doc_put_num(target, "percent", 50);
	target = doc_add_map(doc_get(doc, "traffic"));
	doc_put_str(target, "type", "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION");
	doc_put_str(target, "revision", web->revisions[1]->name);
	doc_put_num(target, "percent", 50);
	(void)gcp_service_change(gcp, web, doc, false, "ada@example.com");
	gcp_ops_step(gcp, INT64_MAX);
	is_near(errors(gcp), 0.2, 0.04, "half of the traffic, half of them");
	gcp->faults = 1U << GCP_LATE_FAILURE;
	gcp_service_release(gcp, web, "4");
	gcp_ops_step(gcp, INT64_MAX);
	ok(web->revisions[3]->failed && web->revisions[3]->share == 0,
	    "a release that fails late gets nothing");
	end(gcp);
}

static void
test_instances(void)
{
	struct gcp *gcp = world();
	struct gcp_service *web = &gcp->services[0];

	is_near(slow_share(gcp), 0, 0.01, "calm");
	ok(web->load.instances >= 5 && web->load.use < 0.75,
	    "as many instances as it takes");
	gcp->faults = 1U << GCP_TOO_FEW;
	gcp_service_cap(gcp, web, true);
	gcp_ops_step(gcp, INT64_MAX);
	ok(slow_share(gcp) > 0.3, "too few: requests wait");
	is_near(web->load.instances, SIM_GCP_CAP, 0.01, "not more than that");
	gcp_service_cap(gcp, web, false);
	gcp_ops_step(gcp, INT64_MAX);
	is_near(slow_share(gcp), 0, 0.01, "with more of them nobody waits");
	end(gcp);
}

static void
test_memory(void)
{
	struct gcp *gcp = world();

	gcp->faults = 1U << GCP_MEMORY_HIGH;
	is_near(errors(gcp), 0.06, 0.03, "instances are ended");
	resize(gcp, "4Gi");
	is_near(errors(gcp), 0, 0.01, "with more memory they are not");
	end(gcp);
}

static void
test_same(void)
{
	struct gcp *a = world(), *b = world();
	double x, y;

	go_on(a);
	go_on(b);
	(void)minute(a, 0, &x);
	(void)minute(b, 0, &y);
	ok(x == y && a->log.count == b->log.count, "same seed, same story");
	end(a);
	end(b);
}

int
main(void)
{
	RUN(test_flag);
	RUN(test_release);
	RUN(test_instances);
	RUN(test_memory);
	RUN(test_same);
	return tap_done();
}
