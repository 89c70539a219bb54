/* Google Cloud in the practice world: filters, masks, checks, figures. */
#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/json.h"
#include "sim/gcp.h"
#include "sim/gcp_aggregate.h"
#include "sim/gcp_check.h"
#include "sim/gcp_filter.h"
#include "sim/gcp_mask.h"
#include "sim/gcp_schema.h"
#include "sim/gcp_slots.h"
#include "tests/tap.h"

/* Subject: a document; paths lead into it. */
static void
doc_value(const void *subject, const char *field, struct gcp_value *ret)
{
	const cJSON *at = subject;
	char name[64];
	size_t len;

	ret->kind = GCP_VALUE_NONE;
	if (strcmp(field, "*") == 0) {
		ret->kind = GCP_VALUE_TEXT;
		ret->text = json_string(json_member(at, "message"));
		return;
	}
	for (; at != NULL && *field != '\0';
	     field += len + (field[len] == '.')) {
		len = strcspn(field, ".");
		snprintf(name, sizeof(name), "%.*s", (int)len, field);
		at = json_member(at, name);
	}
	if (at == NULL)
		return;
	ret->kind = GCP_VALUE_MAP;
	ret->text = json_string(at);
	if (json_double(at, &ret->number))
		ret->kind = GCP_VALUE_NUMBER;
	else if (ret->text != NULL && gcp_severity_rank(ret->text) >= 0)
		ret->kind = GCP_VALUE_RANK;
	else if (ret->text != NULL && gcp_time_parse(ret->text, &ret->ns))
		ret->kind = GCP_VALUE_TIME;
	else if (ret->text != NULL)
		ret->kind = GCP_VALUE_TEXT;
	if (ret->kind == GCP_VALUE_RANK)
		ret->number = gcp_severity_rank(ret->text);
}

static const char entry[] =
    "{\"severity\":\"ERROR\",\"timestamp\":\"2026-01-03T00:00:05.000000002Z\","
    "\"message\":\"Rate limit hit: try later\",\"status\":503,"
    "\"resource\":{\"type\":\"cloud_run_revision\","
    "\"labels\":{\"service_name\":\"web\"}},\"k8s/app\":\"x\"}";

static int
matches(const char *text)
{
	struct gcp_filter *filter = NULL;
	cJSON *doc = cJSON_Parse(entry);
	struct err err = ERR_INIT;
	int result = -1;

	if (gcp_filter_parse(text, &filter, &err) == ERR_OK)
		result = gcp_filter_match(filter, doc_value, doc);
	gcp_filter_free(filter);
	cJSON_Delete(doc);
	return result;
}

static void
test_filter(void)
{
	static const struct {
		const char *text;
		int want; /* -1: it is no filter */
	} cases[] = {
		{ "", 1 },
		{ "  ", 1 },
		{ "severity>=WARNING", 1 },
		{ "severity>=error", 1 },
		{ "severity=WARNING", 0 },
		{ "severity>ERROR", 0 },
		{ "severity<=500", 1 },
		{ "status=503 AND severity=ERROR", 1 },
		{ "status=503 severity=ERROR", 1 },
		{ "status>=500 status<600", 1 },
		{ "status=500 OR status=503", 1 },
		/* OR binds closer than AND */
		{ "status=503 OR status=1 AND status=2", 0 },
		{ "status=503 OR (status=1 AND status=2)", 1 },
		{ "NOT status=503", 0 },
		{ "-status=503", 0 },
		{ "NOT nothing=1", 1 },
		{ "nothing=1", 0 },
		{ "nothing!=1", 0 },
		{ "status!=1", 1 },
		{ "nothing:*", 0 },
		{ "resource:*", 1 },
		{ "resource.labels.service_name=\"WEB\"", 1 },
		{ "resource.labels.service_name=(\"a\" OR \"web\")", 1 },
		{ "resource.labels.service_name:e", 1 },
		{ "resource.labels.service_name=one_of(\"a\",\"web\")", 1 },
		{ "resource.type=starts_with(\"cloud_run\")", 1 },
		{ "resource.type=ends_with(\"job\")", 0 },
		{ "resource.type=monitoring.regex.full_match(\"cloud.*\")", 1 },
		{ "message=~\"[Rr]ate.*limit\"", 1 },
		{ "message=~\"rate.*limit\"", 0 },
		{ "message!~\"^x\"", 1 },
		{ "\"try LATER\"", 1 },
		{ "limit later", 1 },
		{ "limit -later", 0 },
		{ "SEARCH(\"later limit\")", 1 },
		{ "\"k8s/app\"=x", 1 },
		{ "timestamp>=\"2026-01-03T00:00:05.000000002Z\"", 1 },
		{ "timestamp>\"2026-01-03T00:00:05.000000002Z\"", 0 },
		{ "timestamp<\"2026-01-03T01:00:05+00:30\"", 1 },
		{ "message=\"a\\\"b\"", 0 },
		{ "(((status=503)))", 1 },
		{ "status=", -1 },
		{ "=503", -1 },
		{ "(status=503", -1 },
		{ "status=503)", -1 },
		{ "message=\"no end", -1 },
		{ "status=503 AND", -1 },
		{ "message=~\"(\"", -1 },
		{ "nothing(\"x\")", -1 },
		{ "status=what(\"x\")", -1 },
		{ "status=(503 OR", -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		tap_check(matches(cases[i].text) == cases[i].want, __FILE__,
		    __LINE__, "%s: %d", cases[i].text, cases[i].want);
}

static void
test_filter_asks(void)
{
	const char *name, *first, *second;
	struct gcp_filter *filter = NULL;
	struct err err = ERR_INIT;
	int64_t ns;

	is_int(gcp_filter_parse("metric.type=\"a\" AND (x=1 OR y=2) AND "
				"timestamp>=\"1970-01-01T00:00:09Z\"",
		   &filter, &err),
	    ERR_OK, "a filter");
	is_str(gcp_filter_demand(filter, "metric.type"), "a", "demanded");
	ok(gcp_filter_demand(filter, "x") == NULL, "not below OR");
	is_int(gcp_filter_since(filter), 9 * NS_PER_SEC, "since when");
	ok(!gcp_filter_call(filter, &name, &first, &second), "is no call");
	gcp_filter_free(filter);
	filter = NULL;
	is_int(gcp_filter_parse("select_slo_burn_rate(\"projects/p/x\", "
				"\"3600s\")",
		   &filter, &err),
	    ERR_OK, "a selector");
	ok(gcp_filter_call(filter, &name, &first, &second), "is a call");
	is_str(second, "3600s", "its second word");
	ok(gcp_filter_since(filter) == INT64_MIN, "no bound");
	gcp_filter_free(filter);
	ok(gcp_time_parse("1970-01-02T00:00:00.5+01:00", &ns) &&
		ns == 82800 * NS_PER_SEC + NS_PER_SEC / 2,
	    "a time with an offset");
	ok(!gcp_time_parse("1970-13-02T00:00:00Z", &ns), "no such month");
	ok(!gcp_time_parse("1970-01-02 00:00:00Z", &ns), "a blank for the T");
}

/* The document after a change; "refused: FIELD" when it was refused. */
static const char *
changed(const char *before, const char *body_text, const char *mask_text)
{
	static char out[2048];
	cJSON *doc = cJSON_Parse(before), *body = cJSON_Parse(body_text);
	struct gcp_fault_at fault;
	struct gcp_mask mask;
	char *text;

	if (!gcp_mask_parse(mask_text, &gcp_run_service, &mask, &fault) ||
	    !gcp_body_take(body, &gcp_run_service, &fault)) {
		snprintf(out, sizeof(out), "refused: %s", fault.field);
	} else {
		gcp_mask_merge(doc, body, &gcp_run_service, &mask);
		text = cJSON_PrintUnformatted(doc);
		snprintf(out, sizeof(out), "%s", text);
		cJSON_free(text);
	}
	cJSON_Delete(doc);
	cJSON_Delete(body);
	return out;
}

#define BEFORE                                                                 \
	"{\"name\":\"n\",\"labels\":{\"a\":\"b\"},"                            \
	"\"scaling\":{\"minInstanceCount\":1},\"traffic\":[{\"percent\":100}]" \
	"}"

static void
test_mask(void)
{
	is_str(changed(BEFORE,
		   "{\"labels\":{},\"template\":{\"labels\":{}},"
		   "\"scaling\":{\"max_instance_count\":9}}",
		   "scaling"),
	    "{\"name\":\"n\",\"labels\":{\"a\":\"b\"},\"traffic\":"
	    "[{\"percent\":100}],\"scaling\":{\"maxInstanceCount\":9}}",
	    "what is outside the mask stays, empty maps say nothing");
	is_str(changed(BEFORE, "{\"scaling\":{\"maxInstanceCount\":9}}",
		   "scaling.max_instance_count"),
	    "{\"name\":\"n\",\"labels\":{\"a\":\"b\"},"
	    "\"scaling\":{\"minInstanceCount\":1,\"maxInstanceCount\":9},"
	    "\"traffic\":[{\"percent\":100}]}",
	    "a part of a message");
	is_str(changed(BEFORE, "{}", "labels,scaling"),
	    "{\"name\":\"n\",\"traffic\":[{\"percent\":100}]}",
	    "named in the mask and not in the body: cleared");
	is_str(changed(BEFORE,
		   "{\"name\":\"other\",\"uri\":\"x\",\"traffic\":[{\"type\":1,"
		   "\"percent\":100}]}",
		   NULL),
	    "{\"name\":\"n\",\"traffic\":[{\"type\":"
	    "\"TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST\",\"percent\":100}]}",
	    "no mask: all that can be set, a number is a name");
	is_str(changed(BEFORE, "{}", "trafic"), "refused: update_mask",
	    "a mask that names nothing");
	is_str(changed(BEFORE, "{}", "traffic.percent"), "refused: update_mask",
	    "a mask below a list");
	is_str(changed(BEFORE,
		   "{\"template\":{\"scaling\":{\"minInstancesCount\":1}}}",
		   "template"),
	    "refused: service.template.scaling", "a misspelt field");
	is_str(changed(BEFORE, "{\"scaling\":{\"minInstanceCount\":\"1\"}}",
		   "scaling"),
	    "refused: service.scaling.minInstanceCount", "a text");
	is_str(
	    changed(BEFORE, "{\"traffic\":[{\"type\":\"LATEST\"}]}", "traffic"),
	    "refused: service.traffic.type", "no such name");
	is_str(changed(BEFORE,
		   "{\"scaling\":{\"minInstanceCount\":1,"
		   "\"min_instance_count\":2}}",
		   "scaling"),
	    "refused: service.scaling.minInstanceCount", "the same twice");
	is_str(changed(BEFORE, "{\"traffic\":{}}", "traffic"),
	    "refused: service.traffic", "no list");
	is_str(changed(BEFORE, "{\"template\":{\"timeout\":\"5m\"}}",
		   "template.timeout"),
	    "refused: service.template.timeout", "no duration");
}

static const char *
judged(const char *template, const char *traffic, const char *scaling)
{
	static struct gcp_service service;
	static struct gcp_revision good = { .name = "web-00001-abc" };
	static struct gcp_revision failed = { .name = "web-00002-def",
		.failed = true };
	static struct gcp_fault_at fault;
	cJSON *doc = cJSON_CreateObject();
	const char *result = "good";

	service.revisions[0] = &good;
	service.revisions[1] = &failed;
	service.revision_count = 2;
	doc_put(doc, "template", cJSON_Parse(template));
	doc_put(doc, "traffic", cJSON_Parse(traffic));
	doc_put(doc, "scaling", cJSON_Parse(scaling));
	if (!gcp_check_service(&service, doc, &fault))
		result = fault.field;
	cJSON_Delete(doc);
	return result;
}

#define LIMITS(cpu, memory)                                                    \
	"{\"containers\":[{\"image\":\"i\",\"resources\":{\"limits\":{"        \
	"\"cpu\":\"" cpu "\",\"memory\":\"" memory "\"}}}]}"
#define TO(name, percent) "{\"revision\":\"" name "\",\"percent\":" #percent "}"

static void
test_check(void)
{
	static const char plain[] = LIMITS("2", "2Gi");

	is_str(judged(plain, "[]", "{}"), "good", "no targets: the latest");
	is_str(judged(plain, "[" TO("web-00001-abc", 100) "]", "{}"), "good",
	    "a revision");
	is_str(judged(plain, "[" TO("web-00001-abc", 90) ",{\"percent\":10}]",
		   "{}"),
	    "good", "a split");
	is_str(judged(plain, "[" TO("web-00001-abc", 90) "]", "{}"),
	    "service.traffic", "90 percent");
	is_str(judged(plain, "[" TO("web-00009-xyz", 100) "]", "{}"),
	    "service.traffic.revision", "no such revision");
	is_str(judged(plain, "[" TO("web-00002-def", 100) "]", "{}"),
	    "service.traffic.revision", "one that failed");
	is_str(judged(plain, "[" TO("web-00001-abc", 100) "]",
		   "{\"minInstanceCount\":5,\"maxInstanceCount\":4}"),
	    "service.scaling", "least above most");
	is_str(judged(LIMITS("4", "1Gi"), "[]", "{}"),
	    "service.template.containers.resources.limits",
	    "4 CPUs need 2 GiB");
	is_str(judged(LIMITS("3", "2Gi"), "[]", "{}"),
	    "service.template.containers.resources.limits", "3 CPUs");
	is_str(judged(LIMITS("500m", "64Mi"), "[]", "{}"),
	    "service.template.containers.resources.limits", "too little");
	is_str(judged("{\"timeout\":\"5400s\",\"containers\":[{\"image\":"
		      "\"i\"}]}",
		   "[]", "{}"),
	    "service.template.timeout", "90 minutes");
	is_str(judged("{\"containers\":[{\"image\":\"i\",\"env\":[{\"name\":"
		      "\"A\"},{\"name\":\"A\"}]}]}",
		   "[]", "{}"),
	    "service.template.containers.env", "twice the same variable");
	is_str(judged("{}", "[]", "{}"), "service.template.containers",
	    "no container");
}

static void
test_figures(void)
{
	const struct gcp_metric *latency =
	    gcp_metric_find("run.googleapis.com/request_latencies");
	const struct gcp_metric *requests =
	    gcp_metric_find("run.googleapis.com/request_count");
	struct gcp_sample sample = { .any = true };
	struct gcp_reduced reduced = { .count = 0 };
	enum gcp_aligner aligner;
	enum gcp_reducer reducer;

	for (int i = 1; i <= 1000; i++)
		gcp_dist_put(&sample.dist, i, 1);
	is_near(gcp_dist_quantile(&sample.dist, 0.5), 500, 60, "p50");
	is_near(gcp_dist_quantile(&sample.dist, 0.95), 950, 120, "p95");
	ok(gcp_aligner_read("ALIGN_DELTA", &aligner) &&
		gcp_reducer_read("9", &reducer) && reducer == GCP_REDUCE_99,
	    "by name and by number");
	ok(!gcp_aligner_read("ALIGN_NOTHING", &aligner) &&
		!gcp_aligner_read("7", &aligner),
	    "no such aligner");
	ok(!gcp_align_fits(GCP_ALIGN_RATE, latency) &&
		gcp_align_fits(GCP_ALIGN_RATE, requests) &&
		!gcp_align_fits(GCP_ALIGN_95, requests),
	    "what fits what");
	gcp_align(GCP_ALIGN_DELTA, latency, 60, &sample);
	gcp_reduce_add(&reduced, &sample);
	gcp_reduce_add(&reduced, &sample);
	is_near(reduced.dist.count, 2000, 0.1, "two series, one distribution");
	is_near(
	    gcp_reduce_number(GCP_REDUCE_95, &reduced), 950, 120, "their p95");
	sample.dist.count = 0;
	sample.number = 120;
	gcp_align(GCP_ALIGN_RATE, requests, 60, &sample);
	is_near(sample.number, 2, 1e-9, "a rate");
	is_int(gcp_reduce_shape(
		   GCP_REDUCE_SUM, gcp_align_shape(GCP_ALIGN_DELTA, requests)),
	    GCP_SHAPE_INT, "sums of counts are whole");
}

static void
test_slots(void)
{
	struct gcp_slots *slots = calloc(1, sizeof(*slots));
	int64_t begin = INT64_C(1767398400000);
	struct gcp_slot sum;

	gcp_slots_at(slots, begin)->requests[2] = 1;
	gcp_slots_at(slots, begin + SIM_GCP_SLOT_MS)->requests[2] = 10;
	sum = gcp_slots_sum(slots, begin, begin + SIM_GCP_SLOT_MS);
	is_int(sum.requests[2], 1, "one slot");
	sum = gcp_slots_sum(slots, begin, begin + 2 * SIM_GCP_SLOT_MS);
	is_int(sum.requests[2], 11, "two slots");
	gcp_slots_at(slots, begin + SIM_GCP_SLOTS * SIM_GCP_SLOT_MS);
	sum = gcp_slots_sum(slots, begin, begin + SIM_GCP_SLOT_MS);
	is_int(sum.requests[2], 0, "an hour later it is forgotten");
	is_int(gcp_slots_sum(NULL, 0, begin).requests[2], 0, "no slots");
	free(slots);
}

int
main(void)
{
	RUN(test_filter);
	RUN(test_filter_asks);
	RUN(test_mask);
	RUN(test_check);
	RUN(test_figures);
	RUN(test_slots);
	return tap_done();
}
