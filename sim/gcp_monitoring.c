/*
 * Cloud Monitoring v3, timeSeries.list. Windows are counted back from the
 * end of the interval, the newest point comes first.
 *
 * A drill can't wait two minutes for every look: the newest window is filled
 * with the last ten seconds, scaled to its length. With the fault `lag` it
 * is as at Google: points are three minutes old.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"
#include "sim/gcp.h"
#include "sim/gcp_aggregate.h"
#include "sim/gcp_filter.h"
#include "sim/gcp_monitoring.h"

enum {
	MONITORING_PERIOD_S = 60,	 /* samples are taken that often */
	MONITORING_ZERO_MS = 300 * 1000, /* a series goes on with zeros */
};

/* Series that become one. */
struct monitoring_group {
	char key[SIM_GCP_PATH_MAX];
	struct gcp_series first;
	struct gcp_reduced *windows;
};

struct monitoring_ask {
	struct gcp_call *call;
	struct gcp_interval interval;
	enum gcp_aligner aligner;
	enum gcp_reducer reducer;
	const char *groups[SIM_GCP_GROUP_FIELDS];
	size_t group_count;
	const struct gcp_metric *metric;
	struct gcp_filter *filter;
	bool view_headers; /* without points */
	struct monitoring_group *list;
	size_t count;
};

static bool
monitoring_refuse(struct gcp_call *call, const char *field, const char *what)
{
	gcp_reply_error(call->reply, GCP_INVALID_ARGUMENT, NULL,
	    "Field %s had an invalid value: %s", field, what);
	return false;
}

static bool
monitoring_time(struct gcp_call *call, const char *name, int64_t *ret_ms)
{
	const char *text = httpd_arg(call->request, name);
	int64_t ns;

	if (text == NULL || !gcp_time_parse(text, &ns))
		return monitoring_refuse(
		    call, name, "a time as in RFC 3339 is required");
	*ret_ms = ns / NS_PER_MS;
	return true;
}

bool
gcp_interval_read(struct gcp_call *call, struct gcp_interval *ret)
{
	const char *period =
	    httpd_arg(call->request, "aggregation.alignmentPeriod");
	size_t len = period != NULL ? strlen(period) : 0;
	int64_t from_ms, to_ms;
	double seconds = MONITORING_PERIOD_S;

	if (!monitoring_time(call, "interval.startTime", &from_ms) ||
	    !monitoring_time(call, "interval.endTime", &to_ms))
		return false;
	if (from_ms > to_ms)
		return monitoring_refuse(
		    call, "interval.startTime", "it must not be after the end");
	if (period != NULL && (len < 2 || period[len - 1] != 's' ||
				  !num_parse_double(period, len - 1, &seconds)))
		return monitoring_refuse(call, "aggregation.alignmentPeriod",
		    "a duration such as 60s is required");
	if (!(seconds >= MONITORING_PERIOD_S) || seconds > 86400)
		return monitoring_refuse(call, "aggregation.alignmentPeriod",
		    "it must be at least 60 seconds");
	ret->period_ms = (int64_t)seconds * 1000;
	ret->to_ms = to_ms;
	ret->count = (size_t)((to_ms - from_ms) / ret->period_ms);
	if (ret->count == 0)
		ret->count = 1;
	if (ret->count > SIM_GCP_WINDOWS_MAX)
		ret->count = SIM_GCP_WINDOWS_MAX;
	return true;
}

bool
gcp_interval_window(const struct gcp *gcp, const struct gcp_interval *interval,
    size_t i, struct gcp_window *ret)
{
	int64_t to_ms = interval->to_ms - (int64_t)i * interval->period_ms;
	int64_t lag_ms = gcp_has(gcp, GCP_LAG) ? SIM_GCP_LAG_MS : 0;

	*ret = (struct gcp_window) { .from_ms = to_ms - interval->period_ms,
		.to_ms = to_ms,
		.factor = 1 };
	if (to_ms > gcp->wall_ms - lag_ms)
		return false;
	if (i > 0 || lag_ms > 0 ||
	    gcp->wall_ms - to_ms > 2 * interval->period_ms)
		return true;
	ret->from_ms = (gcp->wall_ms - SIM_GCP_FRESH_MS) / SIM_GCP_SLOT_MS *
		       SIM_GCP_SLOT_MS;
	ret->to_ms = gcp->wall_ms + SIM_GCP_SLOT_MS;
	ret->factor =
	    (double)interval->period_ms / (double)(gcp->wall_ms - ret->from_ms);
	return true;
}

void
gcp_interval_doc(const struct gcp_interval *interval, size_t i, bool delta,
    struct cJSON *doc)
{
	int64_t to_ms = interval->to_ms - (int64_t)i * interval->period_ms;

	doc = doc_put_map(doc, "interval");
	doc_put_time(
	    doc, "startTime", delta ? to_ms - interval->period_ms : to_ms);
	doc_put_time(doc, "endTime", to_ms);
}

static bool
monitoring_read_aggregation(struct monitoring_ask *ask)
{
	static const char aligner[] = "aggregation.perSeriesAligner";
	static const char reducer[] = "aggregation.crossSeriesReducer";
	const struct httpd_request *request = ask->call->request;

	if (!gcp_aligner_read(httpd_arg(request, aligner), &ask->aligner))
		return monitoring_refuse(ask->call, aligner, "no such aligner");
	if (!gcp_reducer_read(httpd_arg(request, reducer), &ask->reducer))
		return monitoring_refuse(ask->call, reducer, "no such reducer");
	if (ask->aligner == GCP_ALIGN_NONE && ask->reducer != GCP_REDUCE_NONE)
		return monitoring_refuse(
		    ask->call, aligner, "a reducer needs an aligner");
	if (ask->aligner != GCP_ALIGN_NONE &&
	    httpd_arg(request, "aggregation.alignmentPeriod") == NULL)
		return monitoring_refuse(ask->call,
		    "aggregation.alignmentPeriod", "an aligner needs it");
	for (size_t i = 0; i < request->arg_count; i++) {
		if (strcmp(request->args[i].name,
			"aggregation.groupByFields") != 0)
			continue;
		if (ask->group_count == SIM_GCP_GROUP_FIELDS)
			return monitoring_refuse(
			    ask->call, "aggregation.groupByFields", "too many");
		ask->groups[ask->group_count++] = request->args[i].value;
	}
	return true;
}

static bool
monitoring_read(struct monitoring_ask *ask)
{
	const char *type = gcp_filter_demand(ask->filter, "metric.type");

	if (!monitoring_read_aggregation(ask) ||
	    !gcp_interval_read(ask->call, &ask->interval))
		return false;
	if (type == NULL)
		return monitoring_refuse(
		    ask->call, "filter", "it must name one metric.type");
	ask->metric = gcp_metric_find(type);
	if (ask->metric == NULL) {
		gcp_reply_error(ask->call->reply, GCP_NOT_FOUND, NULL,
		    "Cannot find metric(s) that match type = \"%s\". If a "
		    "metric was created recently, it could take up to 10 "
		    "minutes to become available.",
		    type);
		return false;
	}
	return gcp_align_fits(ask->aligner, ask->metric) ||
	       monitoring_refuse(ask->call, "aggregation.perSeriesAligner",
		   "it does not fit the kind or the values of the metric");
}

/* The labels that are left, in one text. */
static void
monitoring_key(const struct monitoring_ask *ask,
    const struct gcp_series *series, char key[SIM_GCP_PATH_MAX])
{
	struct gcp_value value;
	size_t used = 0;

	key[0] = '\0';
	if (ask->reducer == GCP_REDUCE_NONE) {
		snprintf(key, SIM_GCP_PATH_MAX, "%s/%s/%u",
		    series->service != NULL ? series->service->conf->region
					    : "",
		    series->revision != NULL ? series->revision->name : "",
		    series->part);
		return;
	}
	for (size_t i = 0; i < ask->group_count; i++) {
		int n;

		gcp_series_value(series, ask->groups[i], &value);
		n = snprintf(key + used, SIM_GCP_PATH_MAX - used, "%.100s|",
		    value.kind == GCP_VALUE_TEXT ? value.text : "");
		used += n > 0 ? (size_t)n : 0;
	}
}

static struct monitoring_group *
monitoring_group(struct monitoring_ask *ask, const struct gcp_series *series)
{
	struct monitoring_group *group;
	char key[SIM_GCP_PATH_MAX];

	monitoring_key(ask, series, key);
	for (size_t i = 0; i < ask->count; i++)
		if (strcmp(ask->list[i].key, key) == 0)
			return &ask->list[i];
	if (ask->count == SIM_GCP_GROUPS_MAX)
		return NULL;
	group = &ask->list[ask->count];
	group->windows =
	    mem_calloc(ask->interval.count, sizeof(*group->windows));
	if (group->windows == NULL)
		return NULL;
	memcpy(group->key, key, sizeof(key));
	group->first = *series;
	ask->count++;
	return group;
}

/* A counter that has counted lately says 0 when nothing comes any more. */
static void
monitoring_sample(const struct gcp_series *series,
    const struct gcp_window *window, struct gcp_sample *sample)
{
	struct gcp_window before = { .from_ms =
					 window->from_ms - MONITORING_ZERO_MS,
		.to_ms = window->from_ms,
		.factor = 1 };

	gcp_series_get(series, window, sample);
	if (sample->any || !series->metric->delta ||
	    series->metric->shape == GCP_SHAPE_DIST)
		return;
	gcp_series_get(series, &before, sample);
	sample->number = 0;
}

static void
monitoring_add(struct monitoring_ask *ask, const struct gcp_series *series)
{
	struct monitoring_group *group = monitoring_group(ask, series);
	struct gcp_window window;
	struct gcp_sample sample;

	for (size_t i = 0; group != NULL && i < ask->interval.count; i++) {
		if (!gcp_interval_window(
			ask->call->gcp, &ask->interval, i, &window))
			continue;
		monitoring_sample(series, &window, &sample);
		gcp_align(ask->aligner, ask->metric,
		    (double)ask->interval.period_ms / 1000, &sample);
		gcp_reduce_add(&group->windows[i], &sample);
	}
}

static cJSON *
monitoring_value(const struct monitoring_ask *ask, enum gcp_shape shape,
    const struct gcp_reduced *reduced)
{
	double number = gcp_reduce_number(ask->reducer, reduced);
	cJSON *value = cJSON_CreateObject();

	if (shape == GCP_SHAPE_DIST)
		doc_put(
		    value, "distributionValue", gcp_dist_doc(&reduced->dist));
	else if (shape == GCP_SHAPE_INT)
		doc_put_i64(value, "int64Value", (int64_t)llround(number));
	else
		doc_put_num(value, "doubleValue", number);
	return value;
}

/* After a reduction only the labels stay that it was grouped by. */
static cJSON *
monitoring_labels(const struct monitoring_ask *ask,
    const struct monitoring_group *group, const char *of)
{
	bool metric = strcmp(of, "metric") == 0;
	cJSON *doc = metric ? gcp_series_metric(&group->first)
			    : gcp_series_resource(&group->first);
	cJSON *labels = doc_get(doc, "labels");
	cJSON *label = labels != NULL ? labels->child : NULL, *next;

	if (ask->reducer == GCP_REDUCE_NONE)
		return doc;
	for (; label != NULL; label = next) {
		size_t i = 0;

		next = label->next;
		while (i < ask->group_count) {
			const char *dot = strrchr(ask->groups[i], '.');

			if (strncmp(ask->groups[i], of, strlen(of)) == 0 &&
			    dot != NULL && strcmp(dot + 1, label->string) == 0)
				break;
			i++;
		}
		if (i == ask->group_count)
			cJSON_Delete(cJSON_DetachItemViaPointer(labels, label));
	}
	doc_prune(doc);
	return doc;
}

static void
monitoring_put_group(const struct monitoring_ask *ask, cJSON *list,
    const struct monitoring_group *group)
{
	static const char *const shapes[] = { "INT64", "DOUBLE",
		"DISTRIBUTION" };
	enum gcp_shape shape = gcp_reduce_shape(
	    ask->reducer, gcp_align_shape(ask->aligner, ask->metric));
	bool delta =
	    ask->metric->delta &&
	    (ask->aligner <= GCP_ALIGN_DELTA ||
		ask->aligner == GCP_ALIGN_SUM) &&
	    (ask->reducer == GCP_REDUCE_NONE || ask->reducer == GCP_REDUCE_SUM);
	cJSON *doc = doc_add_map(list), *points;

	doc_put(doc, "metric", monitoring_labels(ask, group, "metric"));
	doc_put(doc, "resource", monitoring_labels(ask, group, "resource"));
	doc_put_str(doc, "metricKind", delta ? "DELTA" : "GAUGE");
	doc_put_str(doc, "valueType", shapes[shape]);
	if (ask->view_headers)
		return;
	points = doc_put_list(doc, "points");
	for (size_t i = 0; i < ask->interval.count; i++) {
		cJSON *point;

		if (group->windows[i].count == 0)
			continue;
		point = doc_add_map(points);
		gcp_interval_doc(&ask->interval, i, delta, point);
		doc_put(point, "value",
		    monitoring_value(ask, shape, &group->windows[i]));
	}
}

static bool
monitoring_group_has_points(
    const struct monitoring_ask *ask, const struct monitoring_group *group)
{
	for (size_t i = 0; i < ask->interval.count; i++)
		if (group->windows[i].count > 0)
			return true;
	return false;
}

static void
monitoring_answer(struct monitoring_ask *ask)
{
	cJSON *root = cJSON_CreateObject(), *list = NULL;
	struct gcp_series series;
	size_t state = 0;

	while (gcp_series_next(ask->call->gcp, ask->metric, &state, &series))
		if (gcp_filter_match(ask->filter, gcp_series_value, &series))
			monitoring_add(ask, &series);
	for (size_t i = 0; i < ask->count; i++) {
		if (!monitoring_group_has_points(ask, &ask->list[i]))
			continue;
		if (list == NULL)
			list = doc_put_list(root, "timeSeries");
		monitoring_put_group(ask, list, &ask->list[i]);
	}
	doc_put_str(root, "unit", ask->metric->unit);
	gcp_reply_doc(ask->call->reply, root);
}

void
gcp_monitoring_list(struct gcp_call *call)
{
	const char *text = httpd_arg(call->request, "filter");
	const char *view = httpd_arg(call->request, "view");
	struct monitoring_ask ask = { .call = call };
	struct err err = ERR_INIT;

	if (text == NULL || text[0] == '\0') {
		monitoring_refuse(call, "filter", "it is required");
		return;
	}
	if (gcp_filter_parse(text, &ask.filter, &err) != ERR_OK) {
		monitoring_refuse(call, "filter", err_text(&err));
		return;
	}
	ask.view_headers = view != NULL && (strcmp(view, "HEADERS") == 0 ||
					       strcmp(view, "1") == 0);
	ask.list = mem_calloc(SIM_GCP_GROUPS_MAX, sizeof(*ask.list));
	if (gcp_slo_is_asked(ask.filter))
		gcp_slo_series(call, ask.filter);
	else if (ask.list != NULL && monitoring_read(&ask))
		monitoring_answer(&ask);
	for (size_t i = 0; i < ask.count; i++)
		mem_free(ask.list[i].windows);
	mem_free(ask.list);
	gcp_filter_free(ask.filter);
}
