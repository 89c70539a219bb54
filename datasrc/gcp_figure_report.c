/*
 * What was answered for the figures, as metrics and as the table "use",
 * whose rows the services panel shows with those of gcp.run.
 */
#include "datasrc/gcp_figure.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "datasrc/limits.h"
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
	double sampled_ms; /* end of the newest sample */
};

struct report {
	struct build *build;
	struct arena *arena;
	const struct gcp_question *questions;
	size_t question_count;
	double oldest_ms;
	bool requests;	/* an answer told of them */
	bool instances; /* the same */
	struct use *uses;
	size_t use_count;
	size_t use_cap;
	bool starved;
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
	if (r->use_count == r->use_cap) {
		size_t cap = r->use_cap != 0 ? r->use_cap * 2 : 8;
		struct use *grown = mem_realloc(r->uses, cap, sizeof(*r->uses));

		if (grown == NULL) {
			r->starved = true;
			return NULL;
		}
		r->uses = grown;
		r->use_cap = cap;
	}
	use = &r->uses[r->use_count++];
	*use = (struct use) { text_copy(r->arena, point->subject),
		text_copy(r->arena, point->region), NAN, NAN, NAN, NAN, NAN,
		NAN, NAN, NAN, NAN };
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
	if (!(point->end_ms <= use->sampled_ms))
		use->sampled_ms = point->end_ms;
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
put_point(struct report *r, const struct gcp_figure *figure,
    const struct gcp_point *point, double value)
{
	static const char *const quantiles[GCP_QUANTILES] = { "0.5", "0.95",
		"0.99" };

	if (!figure->spread) {
		put_metric(r, figure, point, figure->split,
		    figure->fixed != NULL ? text_lit(figure->fixed)
					  : text_copy(r->arena, point->part),
		    value);
		return;
	}
	for (size_t i = 0; i < GCP_QUANTILES; i++)
		put_metric(r, figure, point, "quantile", text_lit(quantiles[i]),
		    point->values[i]);
}

static void
report_point(struct report *r, const struct gcp_question *question,
    const struct gcp_point *point)
{
	const struct gcp_figure *figure = question->figure;
	double value = point->values[0];

	if (figure->part != NULL &&
	    newest_part(&question->points, point) - point->end_ms >
		GCP_SPLIT_LATE_S * 1000.0)
		value = 0;
	keep_use(r, figure, point, value);
	/* Summed first: report_use_metrics(). */
	if (!is_metric(figure, "run_instances"))
		put_point(r, figure, point, value);
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
	if (r->requests)
		put_use_metric(
		    r, use, "run_error_ratio", NUM_PERCENT, failed_share(use));
	if (!r->instances)
		return;
	put_use_metric(r, use, "run_instances", NUM_COUNT, use->instances);
	put_use_metric(r, use, "run_instances_active", NUM_COUNT, use->active);
	put_use_metric(r, use, "run_instances_idle", NUM_COUNT, use->idle);
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
		{ TEXT_INIT("sampled"), COLUMN_WALL, NUM_NONE },
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
		build_cell_num(r->build, 8, use->sampled_ms);
	}
}

/* Nothing to measure of a subject that had points before. */
static void
report_quiet(struct report *r, const struct gcp_question *question,
    const struct gcp_point *known)
{
	const struct gcp_point *point =
	    gcp_points_find(&question->points, known);
	struct gcp_point none = *known;

	if (point != NULL && point->end_ms >= r->oldest_ms)
		return;
	for (size_t i = 0; i < GCP_QUANTILES; i++)
		none.values[i] = NAN;
	if (strcmp(question->figure->key, "service") == 0)
		use_of(r, known);
	if (!is_metric(question->figure, "run_instances"))
		put_point(r, question->figure, &none, NAN);
}

/* Whether an earlier question knows the subject, parts aside. */
static bool
is_known_before(const struct report *r, size_t until,
    const struct gcp_figure *figure, const struct gcp_point *known)
{
	for (size_t q = 0; q < until; q++) {
		const struct gcp_points *points = &r->questions[q].known;

		if (strcmp(r->questions[q].figure->key, figure->key) != 0)
			continue;
		for (size_t i = 0; i < points->count; i++) {
			if (text_eq(
				points->points[i].subject, known->subject) &&
			    text_eq(points->points[i].region, known->region))
				return true;
		}
	}
	return false;
}

/* What is not split is asked of everything that any figure knows. */
static void
report_quiet_all(struct report *r, const struct gcp_question *question)
{
	for (size_t q = 0; q < r->question_count; q++) {
		const struct gcp_question *other = &r->questions[q];

		if (strcmp(other->figure->key, question->figure->key) != 0)
			continue;
		for (size_t i = 0; i < other->known.count; i++) {
			struct gcp_point known = other->known.points[i];

			if (i > 0 &&
			    text_eq(known.subject,
				other->known.points[i - 1].subject) &&
			    text_eq(known.region,
				other->known.points[i - 1].region))
				continue;
			if (is_known_before(r, q, question->figure, &known))
				continue;
			known.part = TEXT_EMPTY;
			report_quiet(r, question, &known);
		}
	}
}

static void
report_question(
    struct report *r, const struct gcp_question *question, bool late)
{
	const struct gcp_points *points = &question->points;

	for (size_t i = 0; i < points->count; i++) {
		if (points->points[i].end_ms >= r->oldest_ms)
			report_point(r, question, &points->points[i]);
	}
	if (late || question->due.asked == 0 || question->why.code != ERR_OK)
		return;
	r->requests =
	    r->requests || is_metric(question->figure, "run_requests");
	r->instances =
	    r->instances || is_metric(question->figure, "run_instances");
	if (question->figure->part == NULL) {
		report_quiet_all(r, question);
		return;
	}
	for (size_t i = 0; i < question->known.count; i++)
		report_quiet(r, question, &question->known.points[i]);
}

bool
gcp_figures_report(const struct gcp_question *questions, size_t count,
    double oldest_ms, bool late, struct build *build)
{
	struct report r = { .build = build,
		.arena = build_arena(build),
		.questions = questions,
		.question_count = count,
		.oldest_ms = oldest_ms };

	for (size_t q = 0; q < count; q++)
		report_question(&r, &questions[q], late);
	for (size_t i = 0; i < r.use_count; i++)
		report_use_metrics(&r, &r.uses[i]);
	report_uses(&r);
	mem_free(r.uses);
	return !r.starved;
}
