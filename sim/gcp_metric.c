#include "sim/gcp_metric.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "sim/gcp.h"
#include "sim/gcp_slots.h"

#define RUN	 "run.googleapis.com/"
#define REDIS	 "redis.googleapis.com/"
#define REVISION "cloud_run_revision"
#define INSTANCE "redis_instance"

static const char *const classes[] = { "", "", "2xx", "3xx", "4xx", "5xx" };
static const char *const codes[] = { "", "", "200", "304", "404", "500" };
static const char *const states[] = { "active", "idle" };

static void
get_requests(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	ret->number = sum->requests[series->part];
	ret->any = ret->number > 0;
}

static void
get_latency(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	(void)series;
	for (unsigned i = 0; i < SIM_GCP_BUCKETS; i++) {
		ret->dist.buckets[i] = sum->latency[i];
		ret->dist.count += sum->latency[i];
	}
	ret->dist.sum = sum->latency_ms;
	ret->any = ret->dist.count > 0;
}

static void
get_instances(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	double seconds = sum->seconds;

	ret->any = seconds > 0;
	if (ret->any)
		ret->number = round(
		    (series->part == 0 ? sum->active : sum->idle) / seconds);
}

static void
get_billable(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	(void)series;
	ret->number = sum->active;
	ret->any = sum->seconds > 0;
}

/* Instances do not all do the same: some more than the mean, some less. */
static void
get_spread(const struct gcp_slot *sum, double mean, struct gcp_sample *ret)
{
	static const struct {
		double factor, share;
	} spread[] = { { 0.86, 0.2 }, { 0.95, 0.25 }, { 1.0, 0.25 },
		{ 1.06, 0.25 }, { 1.13, 0.05 } };
	double samples = fmax(1, (sum->active + sum->idle) / 60);

	ret->any = sum->seconds > 0 && sum->active + sum->idle > 0;
	for (size_t i = 0; ret->any && i < ARRAY_LEN(spread); i++)
		gcp_dist_put(&ret->dist,
		    fmin(mean * spread[i].factor, ret->dist.even ? 0.99 : 1e9),
		    20 * samples * spread[i].share);
}

static void
get_cpu(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	(void)series;
	ret->dist.even = true;
	get_spread(sum, sum->cpu / fmax(sum->seconds, 0.001), ret);
}

static void
get_memory(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	(void)series;
	ret->dist.even = true;
	get_spread(sum, sum->memory / fmax(sum->seconds, 0.001), ret);
}

static void
get_concurrency(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	(void)series;
	get_spread(sum, 2 + sum->busy / fmax(sum->seconds, 0.001), ret);
}

static void
get_startup(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	(void)series;
	ret->any = sum->starts > 0;
	if (ret->any)
		gcp_dist_put(
		    &ret->dist, sum->start_ms / sum->starts, sum->starts);
}

static void
get_sent(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	(void)series;
	ret->number = sum->sent;
	ret->any = sum->seconds > 0;
}

static void
get_received(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	(void)series;
	ret->number = sum->received;
	ret->any = sum->seconds > 0;
}

/* Memorystore writes nothing while it is away. */
static bool
redis_is_there(const struct gcp_series *series, struct gcp_sample *ret)
{
	ret->any = !gcp_has(series->gcp, GCP_REDIS_GONE);
	return ret->any;
}

static void
get_usage(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	double hour = (double)series->gcp->wall_ms / 3.6e6;

	(void)sum;
	if (redis_is_there(series, ret))
		ret->number = 0.41 + 0.06 * sin(hour * 2 * M_PI);
}

static void
get_clients(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	const struct gcp_load *load = &series->gcp->services[0].load;

	(void)sum;
	if (redis_is_there(series, ret))
		ret->number = round(2 + 4 * load->instances);
}

static void
get_hits(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	(void)sum;
	if (redis_is_there(series, ret))
		ret->number = 0.93;
}

static void
get_none(const struct gcp_series *series, const struct gcp_slot *sum,
    struct gcp_sample *ret)
{
	(void)sum;
	(void)redis_is_there(series, ret);
}

static const struct gcp_metric gcp_metrics[] = {
	{ RUN "request_count", REVISION, "1", true, GCP_SHAPE_INT,
	    "response_code_class", GCP_CLASSES, classes, get_requests },
	{ RUN "request_latencies", REVISION, "ms", true, GCP_SHAPE_DIST, NULL,
	    1, NULL, get_latency },
	{ RUN "container/instance_count", REVISION, "1", false, GCP_SHAPE_INT,
	    "state", 2, states, get_instances },
	{ RUN "container/cpu/utilizations", REVISION, "10^2.%", true,
	    GCP_SHAPE_DIST, NULL, 1, NULL, get_cpu },
	{ RUN "container/memory/utilizations", REVISION, "10^2.%", true,
	    GCP_SHAPE_DIST, NULL, 1, NULL, get_memory },
	{ RUN "container/max_request_concurrencies", REVISION, "1", true,
	    GCP_SHAPE_DIST, NULL, 1, NULL, get_concurrency },
	{ RUN "container/startup_latencies", REVISION, "ms", true,
	    GCP_SHAPE_DIST, NULL, 1, NULL, get_startup },
	{ RUN "container/billable_instance_time", REVISION, "s", true,
	    GCP_SHAPE_DOUBLE, NULL, 1, NULL, get_billable },
	{ RUN "container/network/sent_bytes_count", REVISION, "By", true,
	    GCP_SHAPE_INT, NULL, 1, NULL, get_sent },
	{ RUN "container/network/received_bytes_count", REVISION, "By", true,
	    GCP_SHAPE_INT, NULL, 1, NULL, get_received },
	{ REDIS "stats/memory/usage_ratio", INSTANCE, "10^2.%", false,
	    GCP_SHAPE_DOUBLE, NULL, 1, NULL, get_usage },
	{ REDIS "stats/memory/system_memory_usage_ratio", INSTANCE, "10^2.%",
	    false, GCP_SHAPE_DOUBLE, NULL, 1, NULL, get_usage },
	{ REDIS "clients/connected", INSTANCE, "1", false, GCP_SHAPE_INT, NULL,
	    1, NULL, get_clients },
	{ REDIS "stats/cache_hit_ratio", INSTANCE, "10^2.%", false,
	    GCP_SHAPE_DOUBLE, NULL, 1, NULL, get_hits },
	{ REDIS "stats/evicted_keys", INSTANCE, "1", true, GCP_SHAPE_INT, NULL,
	    1, NULL, get_none },
	{ REDIS "stats/reject_connections_count", INSTANCE, "1", true,
	    GCP_SHAPE_INT, NULL, 1, NULL, get_none },
};

const struct gcp_metric *
gcp_metric_find(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(gcp_metrics); i++)
		if (strcmp(gcp_metrics[i].type, type) == 0)
			return &gcp_metrics[i];
	return NULL;
}

/* The series of that number; false: there are fewer. */
static bool
series_nth(const struct gcp *gcp, const struct gcp_metric *metric, size_t n,
    struct gcp_series *ret)
{
	*ret = (struct gcp_series) { .gcp = gcp, .metric = metric };
	if (strcmp(metric->resource, REVISION) != 0)
		return n == 0 && gcp->conf->redis != NULL;
	for (size_t s = 0; s < gcp->service_count; s++) {
		const struct gcp_service *service = &gcp->services[s];

		for (size_t r = 0; r < service->revision_count; r++) {
			if (service->revisions[r]->slots == NULL)
				continue;
			if (n >= metric->parts) {
				n -= metric->parts;
				continue;
			}
			ret->service = service;
			ret->revision = service->revisions[r];
			ret->part = (unsigned)n;
			return true;
		}
	}
	return false;
}

bool
gcp_series_next(const struct gcp *gcp, const struct gcp_metric *metric,
    size_t *state, struct gcp_series *ret_series)
{
	while (series_nth(gcp, metric, (*state)++, ret_series))
		if (metric->names == NULL ||
		    metric->names[ret_series->part][0] != '\0')
			return true;
	return false;
}

void
gcp_series_get(const struct gcp_series *series, const struct gcp_window *window,
    struct gcp_sample *ret_sample)
{
	struct gcp_slot sum = gcp_slots_sum(
	    series->revision != NULL ? series->revision->slots : NULL,
	    window->from_ms, window->to_ms);

	memset(ret_sample, 0, sizeof(*ret_sample));
	series->metric->get(series, &sum, ret_sample);
	if (!ret_sample->any || !series->metric->delta)
		return;
	ret_sample->number *= window->factor;
	gcp_dist_scale(&ret_sample->dist, window->factor);
	if (series->metric->shape == GCP_SHAPE_INT)
		ret_sample->number = round(ret_sample->number);
}

static const char *
series_resource_label(const struct gcp_series *series, const char *name,
    char store[SIM_GCP_VALUE_MAX])
{
	const struct gcp *gcp = series->gcp;
	const struct gcp_redis_conf *redis = gcp->conf->redis;

	if (strcmp(name, "project_id") == 0)
		return gcp->conf->project;
	if (series->service == NULL) {
		if (strcmp(name, "region") == 0)
			return redis->region;
		if (strcmp(name, "node_id") == 0)
			return "node-0";
		if (strcmp(name, "instance_id") != 0)
			return NULL;
		snprintf(store, SIM_GCP_VALUE_MAX,
		    "projects/%s/locations/%s/instances/%s", gcp->conf->project,
		    redis->region, redis->name);
		return store;
	}
	if (strcmp(name, "location") == 0)
		return series->service->conf->region;
	if (strcmp(name, "service_name") == 0 ||
	    strcmp(name, "configuration_name") == 0)
		return series->service->conf->name;
	if (strcmp(name, "revision_name") == 0)
		return series->revision->name;
	return NULL;
}

static const char *
series_metric_label(const struct gcp_series *series, const char *name)
{
	const struct gcp_metric *metric = series->metric;

	if (metric->label != NULL && strcmp(metric->label, name) == 0)
		return metric->names[series->part];
	if (metric->names == classes && strcmp(name, "response_code") == 0)
		return codes[series->part];
	return NULL;
}

/* Both .label. and .labels. are taken. */
void
gcp_series_value(
    const void *subject, const char *field, struct gcp_value *ret_value)
{
	const struct gcp_series *series = subject;
	const char *dot = strchr(field, '.'), *name, *text = NULL;
	bool metric = strncmp(field, "metric.", 7) == 0;

	ret_value->kind = GCP_VALUE_NONE;
	if (dot == NULL || (!metric && strncmp(field, "resource.", 9) != 0))
		return;
	name = strchr(dot + 1, '.');
	if (strcmp(dot, ".type") == 0)
		text = metric ? series->metric->type : series->metric->resource;
	else if (name == NULL || (strncmp(dot, ".label.", 7) != 0 &&
				     strncmp(dot, ".labels.", 8) != 0))
		return;
	else if (metric)
		text = series_metric_label(series, name + 1);
	else
		text =
		    series_resource_label(series, name + 1, ret_value->store);
	if (text == NULL)
		return;
	ret_value->kind = GCP_VALUE_TEXT;
	ret_value->text = text;
}

cJSON *
gcp_series_metric(const struct gcp_series *series)
{
	static const char *const names[] = { "response_code",
		"response_code_class", "state" };
	cJSON *doc = cJSON_CreateObject(), *labels;

	doc_put_str(doc, "type", series->metric->type);
	if (series->metric->label == NULL)
		return doc;
	labels = doc_put_map(doc, "labels");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *text = series_metric_label(series, names[i]);

		if (text != NULL)
			doc_put_str(labels, names[i], text);
	}
	return doc;
}

cJSON *
gcp_series_resource(const struct gcp_series *series)
{
	static const char *const names[] = { "configuration_name",
		"instance_id", "location", "node_id", "project_id", "region",
		"revision_name", "service_name" };
	cJSON *doc = cJSON_CreateObject(), *labels;
	char store[SIM_GCP_VALUE_MAX];

	doc_put_str(doc, "type", series->metric->resource);
	labels = doc_put_map(doc, "labels");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *text =
		    series_resource_label(series, names[i], store);

		if (text != NULL)
			doc_put_str(labels, names[i], text);
	}
	return doc;
}
