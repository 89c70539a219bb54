#include "datasrc/gcp_figure.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "datasrc/gcp_distribution.h"
#include "datasrc/gcp_series.h"
#include "datasrc/url.h"

const double gcp_quantiles[GCP_QUANTILES] = { 0.5, 0.95, 0.99 };

#define RUN(name_, type_, aligner_, reducer_, metric_, unit_)                  \
	.name = (name_), .type = "run.googleapis.com/" type_,                  \
	.resource = "cloud_run_revision", .subject = "service_name",           \
	.place = "location", .aligner = (aligner_), .reducer = (reducer_),     \
	.metric = (metric_), .unit = (unit_), .key = "service"

#define REDIS(type_, aligner_, reducer_, metric_, unit_)                       \
	.name = "redis", .type = "redis.googleapis.com/" type_,                \
	.resource = "redis_instance", .subject = "instance_id",                \
	.place = "region", .aligner = (aligner_), .reducer = (reducer_),       \
	.metric = (metric_), .unit = (unit_), .key = "instance"

/* What changes fast and matters most comes first. */
const struct gcp_figure gcp_figures[] = {
	{
	    RUN("requests", "request_count", "RATE", "SUM", "run_requests",
		NUM_PER_SECOND),
	    .part = "response_code_class",
	    .split = "class",
	    .every = 1,
	},
	{
	    RUN("latency", "request_latencies", "DELTA", "SUM",
		"run_latency_seconds", NUM_SECONDS),
	    .spread = true,
	    .scale = 0.001,
	    .every = 1,
	},
	{
	    RUN("instances", "container/instance_count", "MAX", "SUM",
		"run_instances", NUM_COUNT),
	    .part = "state",
	    .every = 1,
	},
	{
	    RUN("cpu", "container/cpu/utilizations", "DELTA", "PERCENTILE_99",
		"run_cpu_ratio", NUM_PERCENT),
	    .every = 1,
	},
	{
	    RUN("memory", "container/memory/utilizations", "DELTA",
		"PERCENTILE_99", "run_memory_ratio", NUM_PERCENT),
	    .every = 1,
	},
	{
	    REDIS("stats/memory/usage_ratio", "MEAN", "MAX",
		"redis_memory_ratio", NUM_PERCENT),
	    .every = 1,
	},
	{
	    REDIS(
		"clients/connected", "MEAN", "SUM", "redis_clients", NUM_COUNT),
	    .every = 1,
	},
	{
	    RUN("network", "container/network/received_bytes_count", "RATE",
		"SUM", "run_network_bytes", NUM_BYTES_PER_SECOND),
	    .split = "direction",
	    .fixed = "in",
	    .every = 2,
	},
	{
	    RUN("network", "container/network/sent_bytes_count", "RATE", "SUM",
		"run_network_bytes", NUM_BYTES_PER_SECOND),
	    .split = "direction",
	    .fixed = "out",
	    .every = 2,
	},
	{
	    RUN("startup", "container/startup_latencies", "DELTA", "SUM",
		"run_startup_seconds", NUM_SECONDS),
	    .spread = true,
	    .scale = 0.001,
	    .every = 2,
	},
};
const size_t gcp_figure_count = ARRAY_LEN(gcp_figures);

static bool
add_parameter(struct buf *path, const char *key, const char *value)
{
	return buf_fmt(path, "&%s=", key) && url_encode(path, value);
}

/* " AND resource.labels.KEY=one_of("a","b")"; names have no quotes. */
static bool
add_one_of(struct buf *words, const char *key, const struct opt_list *names)
{
	bool good = true;

	if (names->count == 0)
		return true;
	good = buf_fmt(words, " AND resource.labels.%s=one_of(", key);
	for (size_t i = 0; i < names->count; i++)
		good = good && buf_fmt(words, "%s\"%s\"", i > 0 ? "," : "",
				   names->items[i]);
	return good && buf_str(words, ")");
}

static bool
figure_filter(struct buf *words, const struct gcp_figure *figure,
    const struct gcp_scope *scope)
{
	return buf_fmt(words, "metric.type=\"%s\" AND resource.type=\"%s\"",
		   figure->type, figure->resource) &&
	       add_one_of(words, figure->place, scope->regions) &&
	       (strcmp(figure->key, "service") != 0 ||
		   add_one_of(words, figure->subject, scope->services));
}

static bool
add_group(struct buf *path, const char *of, const char *label)
{
	return buf_fmt(
	    path, "&aggregation.groupByFields=%s.label.%s", of, label);
}

/* Everything up to the aligner. */
static bool
series_path(struct buf *out, const char *filter, const struct gcp_scope *scope)
{
	int64_t period_ms = scope->past ? 3600000 : 60000;
	int64_t end_ms = scope->wall_ms / period_ms * period_ms;
	int64_t window_ms =
	    scope->past ? GCP_PAST_H * period_ms : GCP_WINDOW_S * 1000;
	char from[CLOCK_RFC3339_LEN], to[CLOCK_RFC3339_LEN];

	clock_rfc3339(end_ms - window_ms, from);
	clock_rfc3339(end_ms, to);
	return buf_str(out, "/v3/projects/") &&
	       url_encode(out, scope->project) &&
	       buf_str(out, "/timeSeries?view=FULL") &&
	       add_parameter(out, "filter", filter) &&
	       add_parameter(out, "interval.startTime", from) &&
	       add_parameter(out, "interval.endTime", to) &&
	       buf_fmt(out, "&aggregation.alignmentPeriod=%ds",
		   (int)(period_ms / 1000));
}

bool
gcp_figure_path(struct buf *out, const struct gcp_figure *figure,
    const struct gcp_scope *scope)
{
	struct buf words = BUF_INIT(URL_MAX);
	bool good = figure_filter(&words, figure, scope) &&
		    series_path(out, buf_cstr(&words), scope) &&
		    buf_fmt(out,
			"&aggregation.perSeriesAligner=ALIGN_%s"
			"&aggregation.crossSeriesReducer=REDUCE_%s",
			figure->aligner, figure->reducer) &&
		    add_group(out, "resource", figure->subject);

	buf_release(&words);
	if (scope->regions->count > 1)
		good = good && add_group(out, "resource", figure->place);
	if (figure->part != NULL)
		good = good && add_group(out, "metric", figure->part);
	return good;
}

bool
gcp_selector_path(
    struct buf *out, const char *selector, const struct gcp_scope *scope)
{
	return series_path(out, selector, scope) &&
	       buf_str(out, "&aggregation.perSeriesAligner=ALIGN_MEAN");
}

void
gcp_points_release(struct gcp_points *points)
{
	arena_free(points->arena);
	mem_free(points->points);
	*points = (struct gcp_points) { .arena = NULL };
}

bool
gcp_points_clear(struct gcp_points *points)
{
	gcp_points_release(points);
	points->arena = arena_new(GCP_POINTS_BYTES_MAX);
	return points->arena != NULL;
}

/* What is past GCP_POINTS_MAX is left out. */
static void
points_push(struct gcp_points *points, const struct gcp_point *point)
{
	size_t cap = points->cap != 0 ? points->cap * 2 : 8;
	struct gcp_point *grown;

	if (points->count == GCP_POINTS_MAX)
		return;
	if (points->count == points->cap) {
		grown =
		    mem_realloc(points->points, cap, sizeof(*points->points));
		if (grown == NULL) {
			points->starved = true;
			return;
		}
		points->points = grown;
		points->cap = cap;
	}
	points->points[points->count++] = *point;
}

struct adder {
	struct gcp_points *points;
	const struct gcp_figure *figure;
	const struct gcp_scope *scope;
	const struct redactor *redactor;
};

static void
point_name(struct gcp_point *point, const struct adder *a,
    const struct gcp_sample *sample)
{
	const struct gcp_figure *f = a->figure;
	struct arena *arena = a->points->arena;

	if (f == NULL)
		return;
	point->subject = gcp_series_label(
	    sample, "resource", f->subject, a->redactor, arena);
	if (a->scope->regions->count > 1)
		point->region = gcp_series_label(
		    sample, "resource", f->place, a->redactor, arena);
	if (f->part != NULL)
		point->part = gcp_series_label(
		    sample, "metric", f->part, a->redactor, arena);
}

/* What is no distribution where one was asked for has no quantiles. */
static bool
point_fill(struct gcp_point *point, const struct gcp_figure *figure,
    const struct gcp_sample *sample)
{
	double scale = figure != NULL && figure->scale > 0 ? figure->scale : 1;
	struct gcp_distribution d;

	point->end_ms = sample->end_ms;
	for (size_t i = 0; i < GCP_QUANTILES; i++)
		point->values[i] = NAN;
	if (figure == NULL || !figure->spread) {
		point->values[0] = sample->value * scale;
		return !isnan(sample->value);
	}
	gcp_distribution_read(sample->distribution, &d);
	for (size_t i = 0; i < GCP_QUANTILES; i++)
		point->values[i] =
		    gcp_distribution_quantile(&d, gcp_quantiles[i]) * scale;
	return d.total > 0;
}

const struct gcp_point *
gcp_points_find(const struct gcp_points *points, const struct gcp_point *like)
{
	for (size_t i = 0; i < points->count; i++) {
		const struct gcp_point *point = &points->points[i];

		if (text_eq(point->subject, like->subject) &&
		    text_eq(point->region, like->region) &&
		    text_eq(point->part, like->part))
			return point;
	}
	return NULL;
}

static void
take_sample(void *ctx, const struct gcp_sample *sample)
{
	const struct adder *a = ctx;
	struct gcp_point point = {
		.subject = TEXT_EMPTY, .region = TEXT_EMPTY, .part = TEXT_EMPTY
	};
	const struct gcp_point *same;

	if (!point_fill(&point, a->figure, sample))
		return;
	point_name(&point, a, sample);
	same = gcp_points_find(a->points, &point);
	if (same != NULL) {
		if (point.end_ms > same->end_ms)
			a->points->points[same - a->points->points] = point;
	} else {
		points_push(a->points, &point);
	}
}

void
gcp_points_add(struct gcp_points *points, const struct gcp_figure *figure,
    const struct gcp_scope *scope, const struct redactor *redactor,
    const struct cJSON *page)
{
	struct adder a = { points, figure, scope, redactor };

	if (points->arena == NULL)
		return;
	gcp_series_read(page, scope->wall_ms, take_sample, &a);
	points->starved = points->starved || arena_failed(points->arena);
}

bool
gcp_points_keep(struct gcp_points *known, const struct gcp_points *points)
{
	if (known->arena == NULL && !gcp_points_clear(known))
		return false;
	for (size_t i = 0; i < points->count; i++) {
		const struct gcp_point *point = &points->points[i];
		struct gcp_point own;

		if (gcp_points_find(known, point) != NULL)
			continue;
		own = (struct gcp_point) {
			.subject = text_copy(known->arena, point->subject),
			.region = text_copy(known->arena, point->region),
			.part = text_copy(known->arena, point->part),
		};
		if (arena_failed(known->arena))
			return false;
		points_push(known, &own);
	}
	return !known->starved;
}
