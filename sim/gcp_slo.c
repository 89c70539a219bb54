/*
 * Services and service level objectives of Cloud Monitoring, and their
 * figures. What is older than the world was as on a calm day.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "sim/gcp.h"
#include "sim/gcp_filter.h"
#include "sim/gcp_metric.h"
#include "sim/gcp_monitoring.h"
#include "sim/gcp_slots.h"

#define SLO_CALM 0.0012 /* share of bad requests of the time before */

enum { /* parts of the paths */
	SLO_SERVICE = 1,
};

static void
slo_name(const struct gcp *gcp, const struct gcp_slo_conf *conf, char *out)
{
	snprintf(out, SIM_GCP_PATH_MAX,
	    "projects/%s/services/%s/serviceLevelObjectives/%s",
	    gcp->conf->project, conf->service_id, conf->id);
}

void
gcp_slo_services(struct gcp_call *call)
{
	struct gcp_page page = gcp_page_begin(call, "services", 100, 1000);
	const struct gcp_conf *conf = call->gcp->conf;

	for (size_t i = 0; i < conf->slo_count; i++) {
		const struct gcp_slo_conf *slo = &conf->slos[i];
		const struct gcp_service_conf *of = &conf->services[slo->of];
		cJSON *doc, *run;
		char name[SIM_GCP_PATH_MAX];

		if (i > 0 &&
		    strcmp(conf->slos[i - 1].service_id, slo->service_id) == 0)
			continue;
		doc = cJSON_CreateObject();
		snprintf(name, sizeof(name), "projects/%s/services/%s",
		    conf->project, slo->service_id);
		doc_put_str(doc, "name", name);
		doc_put_str(doc, "displayName", of->name);
		run = doc_put_map(doc, "cloudRun");
		doc_put_str(run, "serviceName", of->name);
		doc_put_str(run, "location", of->region);
		gcp_page_take(&page, doc);
		cJSON_Delete(doc);
	}
	gcp_page_end(&page, call);
}

void
gcp_slo_list(struct gcp_call *call)
{
	struct gcp_page page =
	    gcp_page_begin(call, "serviceLevelObjectives", 100, 1000);
	const struct gcp_conf *conf = call->gcp->conf;

	for (size_t i = 0; i < conf->slo_count; i++) {
		const struct gcp_slo_conf *slo = &conf->slos[i];
		cJSON *doc, *basic, *latency;
		char name[SIM_GCP_PATH_MAX];

		if (strcmp(slo->service_id, call->part[SLO_SERVICE]) != 0 &&
		    strcmp(call->part[SLO_SERVICE], "-") != 0)
			continue;
		doc = cJSON_CreateObject();
		slo_name(call->gcp, slo, name);
		doc_put_str(doc, "name", name);
		doc_put_str(doc, "displayName", slo->title);
		doc_put_num(doc, "goal", slo->goal);
		doc_put_str(doc, "rollingPeriod", slo->period);
		basic = doc_put_map(
		    doc_put_map(doc, "serviceLevelIndicator"), "basicSli");
		if (slo->threshold_s > 0) {
			latency = doc_put_map(basic, "latency");
			snprintf(name, sizeof(name), "%gs", slo->threshold_s);
			doc_put_str(latency, "threshold", name);
		} else {
			doc_put_map(basic, "availability");
		}
		gcp_page_take(&page, doc);
		cJSON_Delete(doc);
	}
	/* an empty "availability" says something: not pruned */
	if (page.bad)
		cJSON_Delete(page.root);
	else
		gcp_reply_doc(call->reply, page.root);
}

/* Good and all requests of the service in (now - seconds, now]. */
static void
slo_count(const struct gcp *gcp, const struct gcp_slo_conf *conf,
    double seconds, double *ret_good, double *ret_all)
{
	const struct gcp_service *service = &gcp->services[conf->of];
	int64_t to_ms = gcp->wall_ms + SIM_GCP_SLOT_MS;
	int64_t from_ms = gcp->wall_ms - (int64_t)(seconds * 1000);
	double all = 0, bad = 0,
	       known_s = SIM_GCP_SLOTS * SIM_GCP_SLOT_MS / 1e3;

	for (size_t i = 0; i < service->revision_count; i++) {
		struct gcp_slot sum =
		    gcp_slots_sum(service->revisions[i]->slots, from_ms, to_ms);

		for (unsigned c = 0; c < GCP_CLASSES; c++)
			all += sum.requests[c];
		if (conf->threshold_s > 0) {
			unsigned first = gcp_bucket_of(conf->threshold_s * 1e3);

			for (unsigned b = first + 1; b < SIM_GCP_BUCKETS; b++)
				bad += sum.latency[b];
		} else {
			bad += sum.requests[5];
		}
	}
	if (seconds > known_s) {
		double before = service->conf->rate * (seconds - known_s);

		all += before;
		bad += before * (conf->threshold_s > 0 ? (1 - conf->goal) / 4
						       : SLO_CALM);
	}
	*ret_all = all;
	*ret_good = all - bad;
}

/* NaN: there are no requests. */
static double
slo_value(const struct gcp *gcp, const struct gcp_slo_conf *conf,
    const char *name, double window_s)
{
	bool burn = strcmp(name, "select_slo_burn_rate") == 0;
	bool health = strcmp(name, "select_slo_health") == 0;
	double period_s, good, all, bad;

	if (!num_parse_double(
		conf->period, strcspn(conf->period, "s"), &period_s))
		period_s = 86400;
	slo_count(gcp, conf,
	    burn     ? window_s
	    : health ? SIM_GCP_FRESH_MS / 1e3
		     : period_s,
	    &good, &all);
	if (!(all > 0))
		return NAN;
	bad = 1 - good / all;
	if (burn)
		return bad / (1 - conf->goal);
	if (strcmp(name, "select_slo_budget_fraction") == 0)
		return 1 - bad / (1 - conf->goal);
	return good / all;
}

bool
gcp_slo_is_asked(const struct gcp_filter *filter)
{
	const char *name, *first, *second;

	return gcp_filter_call(filter, &name, &first, &second) &&
	       strncmp(name, "select_slo_", 11) == 0;
}

static const struct gcp_slo_conf *
slo_find(const struct gcp *gcp, const char *wanted)
{
	char name[SIM_GCP_PATH_MAX];

	for (size_t i = 0; i < gcp->conf->slo_count; i++) {
		slo_name(gcp, &gcp->conf->slos[i], name);
		if (strcmp(name, wanted) == 0)
			return &gcp->conf->slos[i];
	}
	return NULL;
}

static bool
slo_is_known(const char *name)
{
	return strcmp(name, "select_slo_health") == 0 ||
	       strcmp(name, "select_slo_compliance") == 0 ||
	       strcmp(name, "select_slo_budget_fraction") == 0 ||
	       strcmp(name, "select_slo_burn_rate") == 0;
}

/* "3600s", "6h": seconds. */
static bool
slo_window(const char *text, double *ret_s)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 } };
	size_t digits = strspn(text, "0123456789");

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(text + digits, units[i].unit) == 0 &&
		    num_parse_double(text, digits, ret_s) && *ret_s > 0) {
			*ret_s *= units[i].seconds;
			return true;
		}
	return false;
}

/* The one series that a selector means. */
static void
slo_answer(struct gcp_call *call, const struct gcp_slo_conf *conf,
    const char *name, double window_s, const struct gcp_interval *interval)
{
	double value = slo_value(call->gcp, conf, name, window_s);
	cJSON *root = cJSON_CreateObject(), *doc, *labels, *points;
	struct gcp_window window;
	char full[SIM_GCP_PATH_MAX];

	doc_put_str(root, "unit", "1");
	if (isnan(value)) {
		gcp_reply_doc(call->reply, root);
		return;
	}
	doc = doc_add_map(doc_put_list(root, "timeSeries"));
	slo_name(call->gcp, conf, full);
	labels = doc_put_map(doc, "metric");
	doc_put_str(labels, "type", full);
	labels = doc_put_map(doc, "resource");
	doc_put_str(labels, "type", "gae_app");
	doc_put_str(doc, "metricKind", "GAUGE");
	doc_put_str(doc, "valueType", "DOUBLE");
	points = doc_put_list(doc, "points");
	for (size_t i = 0; i < interval->count; i++) {
		cJSON *point;

		if (!gcp_interval_window(call->gcp, interval, i, &window))
			continue;
		point = doc_add_map(points);
		gcp_interval_doc(interval, i, false, point);
		doc_put_num(doc_put_map(point, "value"), "doubleValue", value);
	}
	gcp_reply_doc(call->reply, root);
}

void
gcp_slo_series(struct gcp_call *call, const struct gcp_filter *filter)
{
	const struct gcp_slo_conf *conf;
	struct gcp_interval interval;
	const char *name, *first, *second;
	double window_s = 0;

	if (!gcp_filter_call(filter, &name, &first, &second) ||
	    !slo_is_known(name) ||
	    (strcmp(name, "select_slo_burn_rate") == 0 &&
		(second == NULL || !slo_window(second, &window_s)))) {
		gcp_reply_error(call->reply, GCP_INVALID_ARGUMENT, NULL,
		    "The time series selector is not valid.");
		return;
	}
	conf = slo_find(call->gcp, first);
	if (conf == NULL) {
		gcp_reply_error(call->reply, GCP_NOT_FOUND, NULL,
		    "Could not find the service level objective %s.", first);
		return;
	}
	if (gcp_interval_read(call, &interval))
		slo_answer(call, conf, name, window_s, &interval);
}
