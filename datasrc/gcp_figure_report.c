/*
 * What was answered for the figures, as metrics and as the table "use",
 * whose rows the services panel shows with those of gcp.run.
 */
#include "datasrc/gcp_figure.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "model/build.h"

/* What is told of one service; NaN: not known. */
struct use {
	struct text service;
	struct text region;
	double requests;
	double failed;
	double p95;
	double active;
	double idle;
	double instances;
	double cpu;
	double memory;
};

struct report {
	struct build *build;
	struct arena *arena;
	struct use *uses;
	size_t use_count;
};

static bool
is_metric(const struct gcp_figure *figure, const char *metric)
{
	return strcmp(figure->metric, metric) == 0;
}

static struct use *
use_of(struct report *r, const struct gcp_point *point)
{
	struct use *use;

	for (size_t i = 0; i < r->use_count; i++) {
		if (text_eq(r->uses[i].service, point->subject) &&
		    text_eq(r->uses[i].region, point->region))
			return &r->uses[i];
	}
	if (r->use_count == GCP_POINTS_MAX)
		return NULL;
	use = &r->uses[r->use_count++];
	*use = (struct use) { text_copy(r->arena, point->subject),
		text_copy(r->arena, point->region), NAN, NAN, NAN, NAN, NAN,
		NAN, NAN, NAN };
	return use;
}

/* The newest end among the parts of the same subject. */
static double
newest_part(const struct gcp_points *points, const struct gcp_point *like)
{
	double newest = like->end_ms;

	for (size_t i = 0; i < points->count; i++) {
		const struct gcp_point *point = &points->points[i];

		if (text_eq(point->subject, like->subject) &&
		    text_eq(point->region, like->region) &&
		    point->end_ms > newest)
			newest = point->end_ms;
	}
	return newest;
}

static void
add(double *sum, double value)
{
	*sum = isnan(*sum) ? value : *sum + value;
}

static void
keep_use(struct report *r, const struct gcp_figure *figure,
    const struct gcp_point *point, double value)
{
	struct use *use;

	if (strcmp(figure->key, "service") != 0)
		return;
	use = use_of(r, point);
	if (use == NULL)
		return;
	if (is_metric(figure, "run_requests")) {
		add(&use->requests, value);
		add(&use->failed,
		    text_eq(point->part, TEXT("5xx")) ? value : 0);
	} else if (is_metric(figure, "run_instances")) {
		add(&use->instances, value);
		if (text_eq(point->part, TEXT("active")))
			add(&use->active, value);
		else if (text_eq(point->part, TEXT("idle")))
			add(&use->idle, value);
	} else if (is_metric(figure, "run_latency_seconds")) {
		use->p95 = point->values[1];
	} else if (is_metric(figure, "run_cpu_ratio")) {
		use->cpu = value;
	} else if (is_metric(figure, "run_memory_ratio")) {
		use->memory = value;
	}
}

/* Labels are sorted: first, then region, then second. */
static void
put_metric(struct report *r, const struct gcp_figure *figure,
    const struct gcp_point *point, const char *split, struct text part,
    double value)
{
	struct label *labels = arena_array(r->arena, 3, sizeof(*labels));
	struct text region = text_copy(r->arena, point->region);
	struct text subject = text_copy(r->arena, point->subject);
	uint32_t n = 0;

	if (labels == NULL)
		return;
	if (split != NULL)
		labels[n++] = (struct label) { text_lit(split), part };
	/* "instance" comes before "region", "service" behind it. */
	if (strcmp(figure->key, "region") < 0)
		labels[n++] = (struct label) { text_lit(figure->key), subject };
	if (region.len != 0)
		labels[n++] = (struct label) { TEXT("region"), region };
	if (strcmp(figure->key, "region") > 0)
		labels[n++] = (struct label) { text_lit(figure->key), subject };
	build_metric(r->build, text_lit(figure->metric), figure->unit,
	    METRIC_GAUGE, value, labels, n);
}

static void
report_point(struct report *r, const struct gcp_question *question,
    const struct gcp_point *point)
{
	static const char *const quantiles[GCP_QUANTILES] = { "0.5", "0.95",
		"0.99" };
	const struct gcp_figure *figure = question->figure;
	double value = point->values[0];

	if (figure->part != NULL &&
	    newest_part(&question->points, point) - point->end_ms >
		GCP_SPLIT_LATE_S * 1000.0)
		value = 0;
	keep_use(r, figure, point, value);
	/* Summed first: report_use_metrics(). */
	if (is_metric(figure, "run_instances"))
		return;
	if (figure->spread) {
		for (size_t i = 0; i < GCP_QUANTILES; i++)
			put_metric(r, figure, point, "quantile",
			    text_lit(quantiles[i]), point->values[i]);
		return;
	}
	put_metric(r, figure, point, figure->split,
	    figure->fixed != NULL ? text_lit(figure->fixed)
				  : text_copy(r->arena, point->part),
	    value);
}

static void
put_use_metric(struct report *r, const struct use *use, const char *name,
    enum num_unit unit, double value)
{
	const struct gcp_figure figure = {
		.metric = name, .unit = unit, .key = "service"
	};
	const struct gcp_point point = { .subject = use->service,
		.region = use->region };

	put_metric(r, &figure, &point, NULL, TEXT_EMPTY, value);
}

static double
failed_share(const struct use *use)
{
	return use->requests > 0 ? use->failed / use->requests : NAN;
}

static void
report_use_metrics(struct report *r, const struct use *use)
{
	if (!isnan(use->requests))
		put_use_metric(
		    r, use, "run_error_ratio", NUM_PERCENT, failed_share(use));
	if (!isnan(use->instances))
		put_use_metric(
		    r, use, "run_instances", NUM_COUNT, use->instances);
	if (!isnan(use->active))
		put_use_metric(
		    r, use, "run_instances_active", NUM_COUNT, use->active);
	if (!isnan(use->idle))
		put_use_metric(
		    r, use, "run_instances_idle", NUM_COUNT, use->idle);
}

/* As gcp.run calls it. */
static struct text
use_key(const struct report *r, const struct use *use)
{
	const struct text parts[] = { use->region, TEXT("/"), use->service };

	return use->region.len != 0 ? text_join(r->arena, parts, 3)
				    : use->service;
}

static void
report_uses(struct report *r)
{
	static const struct column columns[] = {
		{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
		{ TEXT_INIT("instances"), COLUMN_NUMBER, NUM_COUNT },
		{ TEXT_INIT("idle"), COLUMN_NUMBER, NUM_COUNT },
		{ TEXT_INIT("cpu"), COLUMN_NUMBER, NUM_PERCENT },
		{ TEXT_INIT("memory"), COLUMN_NUMBER, NUM_PERCENT },
		{ TEXT_INIT("requests"), COLUMN_NUMBER, NUM_PER_SECOND },
		{ TEXT_INIT("errors"), COLUMN_NUMBER, NUM_PERCENT },
		{ TEXT_INIT("p95"), COLUMN_NUMBER, NUM_SECONDS },
	};

	if (r->use_count == 0)
		return;
	build_table(r->build, TEXT("use"), columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < r->use_count; i++) {
		const struct use *use = &r->uses[i];
		struct text key = use_key(r, use);

		build_row(r->build, key, STATE_OK);
		build_cell_text(r->build, 0, key);
		build_cell_num(r->build, 1, use->instances);
		build_cell_num(r->build, 2, use->idle);
		build_cell_num(r->build, 3, use->cpu);
		build_cell_num(r->build, 4, use->memory);
		build_cell_num(r->build, 5, use->requests);
		build_cell_num(r->build, 6, failed_share(use));
		build_cell_num(r->build, 7, use->p95);
	}
}

void
gcp_figures_report(const struct gcp_question *questions, size_t count,
    double oldest_ms, struct build *build)
{
	struct report r = { .build = build, .arena = build_arena(build) };

	r.uses = arena_array(r.arena, GCP_POINTS_MAX, sizeof(*r.uses));
	if (r.uses == NULL)
		return;
	for (size_t q = 0; q < count; q++) {
		const struct gcp_points *points = &questions[q].points;

		for (size_t i = 0; i < points->count; i++) {
			if (points->points[i].end_ms >= oldest_ms)
				report_point(
				    &r, &questions[q], &points->points[i]);
		}
	}
	for (size_t i = 0; i < r.use_count; i++)
		report_use_metrics(&r, &r.uses[i]);
	report_uses(&r);
}
