#include "datasrc/bullmq_view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* Promotion happens within a second while a worker lives. */
#define OVERDUE_S 15.0

/*
 * How many workers there are. Living workers renew stalled-check every 30 s,
 * also those that CLIENT LIST can't show because the server does not let
 * them name their connection: once that was seen, none is not zero.
 */
static double
view_workers(
    const struct bullmq_queue *q, struct bullmq_track *track, bool list_known)
{
	bool renewed = q->check_ms > track->check_ms;

	track->check_ms = q->check_ms;
	if (track->workers.count > 0 || isnan(q->check_ms))
		track->unnamed = false;
	else if (renewed)
		track->unnamed = true;
	if (!list_known || track->unnamed)
		return NAN;
	return (double)track->workers.count;
}

static bool
is_positive(double v)
{
	return v > 0;
}

/* The first that applies, worst first. */
static void
view_judge(struct bullmq_view *v, int64_t backlog_ns)
{
	const struct bullmq_queue *q = v->queue;
	bool overdue = v->overdue_s > OVERDUE_S;
	bool old =
	    backlog_ns > 0 && q->oldest_s > (double)backlog_ns / NS_PER_SEC;
	const struct {
		bool is;
		enum state state;
		const char *word;
	} cases[] = {
		{ q->code != ERR_OK, STATE_UNKNOWN, "unreadable" },
		{ q->broken != NULL, STATE_CRIT, "broken" },
		{ !q->exists, STATE_UNKNOWN, "absent" },
		{ q->paused, STATE_WARN, "paused" },
		{ v->workers == 0 && (is_positive(q->waiting) ||
					 is_positive(q->active) || overdue),
		    STATE_CRIT, "no workers" },
		{ isnan(v->workers) && isnan(q->check_ms) &&
			is_positive(q->waiting),
		    STATE_WARN, "no sign" },
		{ is_positive(q->stalled), STATE_WARN, "stalled" },
		{ overdue, STATE_WARN, "overdue" },
		{ q->stray_waiting || (!q->paused && is_positive(q->held)),
		    STATE_WARN, "stray keys" },
		{ !isnan(q->limited_ms), STATE_OK, "limited" },
		{ old, STATE_WARN, "backlog" },
		{ v->workers == 0, STATE_WARN, "no workers" },
		{ q->concurrency > 0 && q->active >= q->concurrency, STATE_OK,
		    "maxed" },
		{ true, STATE_OK, "ok" },
	};
	size_t i = 0;

	while (!cases[i].is)
		i++;
	v->state = cases[i].state;
	v->word = cases[i].word;
}

void
bullmq_view_fill(struct bullmq_view *view, const struct bullmq_queue *queue,
    struct bullmq_track *track, const struct bullmq_rate *rate, int64_t now_ms,
    bool list_known, int64_t backlog_ns)
{
	double late = ((double)now_ms - queue->due_ms) / 1000;

	*view = (struct bullmq_view) {
		.queue = queue,
		.track = track,
		.rate = *rate,
		.workers = view_workers(queue, track, list_known),
		.overdue_s = late > 0 ? late : NAN,
	};
	view_judge(view, backlog_ns);
}

/* Sentences -----------------------------------------------------------------
 */

/* Why a queue is in a state that is not plainly ok. */
static struct text
view_reason(struct arena *arena, const struct bullmq_view *v)
{
	const struct bullmq_queue *q = v->queue;
	char a[NUM_TEXT_MAX];

	if (strcmp(v->word, "unreadable") == 0)
		return text_clean_str(arena, q->why);
	if (strcmp(v->word, "broken") == 0)
		return text_fmt(arena,
		    "%s%s holds a value of the wrong type: someone wrote to "
		    "it by hand",
		    v->track->base, q->broken);
	if (strcmp(v->word, "absent") == 0)
		return text_fmt(arena,
		    "nothing under %s: wrong name, prefix or database?",
		    v->track->base);
	if (strcmp(v->word, "stalled") == 0)
		return text_fmt(arena,
		    "%s%s active without a lock: their worker is gone",
		    q->active_cut ? "at least " : "",
		    num_int(a, (int64_t)q->stalled));
	if (strcmp(v->word, "overdue") == 0)
		return text_fmt(arena,
		    "delayed jobs are due since %s and nobody promotes them",
		    num_duration(a, (int64_t)(v->overdue_s * NS_PER_SEC)));
	if (strcmp(v->word, "stray keys") == 0)
		return q->stray_waiting
			   ? text_fmt(arena,
				 "%swaiting exists, but nothing reads it: "
				 "the list is called wait",
				 v->track->base)
			   : text_fmt(arena,
				 "%s ids in %spaused though the queue is not "
				 "paused: they do not run",
				 num_int(a, (int64_t)q->held), v->track->base);
	if (strcmp(v->word, "limited") == 0)
		return text_fmt(arena, "rate limit reached for %s",
		    isinf(q->limited_ms)
			? "ever: the key has no end"
			: num_duration(
			      a, (int64_t)(q->limited_ms * NS_PER_MS)));
	return TEXT("");
}

static struct text
view_standing(struct arena *arena, const struct bullmq_view *v)
{
	const struct bullmq_queue *q = v->queue;
	char a[NUM_TEXT_MAX];

	if (strcmp(v->word, "paused") == 0)
		return text_fmt(arena, "paused, %s held",
		    num_human(a, q->waiting, NUM_COUNT));
	if (strcmp(v->word, "no workers") == 0)
		return TEXT("no workers: nothing consumes this queue");
	if (strcmp(v->word, "no sign") == 0)
		return TEXT("no sign of a worker in 30 s (no stalled-check "
			    "key), and CLIENT LIST can't be read");
	if (strcmp(v->word, "maxed") == 0)
		return text_fmt(arena, "as many active as its limit of %s lets",
		    num_human(a, q->concurrency, NUM_COUNT));
	if (strcmp(v->word, "backlog") == 0)
		return text_fmt(arena, "the next job has waited %s",
		    num_duration(a, (int64_t)(q->oldest_s * NS_PER_SEC)));
	return TEXT("");
}

/* "1,204 waiting, 2 active, 38 failed". */
static struct text
view_counts(struct arena *arena, const struct bullmq_view *v)
{
	const struct bullmq_queue *q = v->queue;
	char a[NUM_TEXT_MAX], b[NUM_TEXT_MAX], c[NUM_TEXT_MAX];

	return text_fmt(arena, "%s waiting, %s active, %s failed",
	    num_human(a, q->waiting, NUM_COUNT),
	    num_human(b, q->active, NUM_COUNT),
	    num_human(c, q->failed, NUM_COUNT));
}

void
bullmq_view_health(struct build *build, const struct bullmq_view *v)
{
	struct arena *arena = build_arena(build);
	struct text parts[] = {
		view_reason(arena, v),
		TEXT("; "),
		view_counts(arena, v),
	};
	struct text why;

	if (parts[0].len == 0)
		parts[0] = view_standing(arena, v);
	if (v->state == STATE_UNKNOWN)
		why = parts[0];
	else if (parts[0].len == 0)
		why = parts[2];
	else
		why = text_join(arena, parts, ARRAY_LEN(parts));
	build_health(
	    build, text_clean_str(arena, v->track->name), v->state, why, -1);
}

void
bullmq_view_changes(struct build *build, const struct bullmq_view *v,
    struct bullmq_track *track, int64_t now_ms)
{
	const struct bullmq_queue *q = v->queue;

	if (q->code != ERR_OK)
		return;
	if (track->seen && q->exists && track->paused != q->paused)
		build_event(build, now_ms, EVENT_STATE,
		    text_clean_str(build_arena(build), track->name),
		    q->paused ? TEXT("queue paused") : TEXT("queue resumed"));
	track->seen = q->exists;
	track->paused = q->paused;
}

/* Numbers -------------------------------------------------------------------
 */

/*
 * The age of the longest wait of these jobs. Without a job that is no wait at
 * all, and a threshold on it is met; the table says "none" instead.
 */
static double
longest(double jobs, double age_s)
{
	return jobs == 0 && isnan(age_s) ? 0 : age_s;
}

void
bullmq_view_metrics(struct build *build, const struct bullmq_view *v)
{
	const struct bullmq_queue *q = v->queue;
	const struct {
		struct text name;
		enum num_unit unit;
		double value;
	} metrics[] = {
		{ TEXT("queue_waiting"), NUM_COUNT, q->waiting },
		{ TEXT("queue_active"), NUM_COUNT, q->active },
		{ TEXT("queue_delayed"), NUM_COUNT, q->delayed },
		{ TEXT("queue_prioritized"), NUM_COUNT, q->prioritized },
		{ TEXT("queue_failed"), NUM_COUNT, q->failed },
		{ TEXT("queue_failed_5m"), NUM_COUNT, q->failed_5m },
		{ TEXT("queue_completed"), NUM_COUNT, q->completed },
		{ TEXT("queue_oldest_seconds"), NUM_SECONDS,
		    longest(q->waiting, q->oldest_s) },
		{ TEXT("queue_running_seconds"), NUM_SECONDS,
		    longest(q->active, q->running_s) },
		{ TEXT("queue_overdue_seconds"), NUM_SECONDS,
		    longest(q->delayed, v->overdue_s) },
		{ TEXT("queue_in_rate"), NUM_PER_SECOND, v->rate.in },
		{ TEXT("queue_out_rate"), NUM_PER_SECOND, v->rate.out },
		{ TEXT("queue_workers"), NUM_COUNT, v->workers },
		{ TEXT("queue_stalled"), NUM_COUNT, q->stalled },
		{ TEXT("queue_paused"), NUM_NONE,
		    q->code == ERR_OK ? (q->paused ? 1 : 0) : NAN },
	};
	struct text name = text_clean_str(build_arena(build), v->track->name);

	for (size_t i = 0; i < ARRAY_LEN(metrics); i++)
		build_gauge_of(build, metrics[i].name, metrics[i].unit,
		    metrics[i].value, TEXT("queue"), name);
}

enum {
	COL_NAME,
	COL_STATE,
	COL_WAIT,
	COL_ACTIVE,
	COL_DELAYED,
	COL_PRIORITIZED,
	COL_FAILED,
	COL_COMPLETED,
	COL_OLDEST,
	COL_IN,
	COL_OUT,
	COL_WORKERS,
	COL_STALLED,
	COL_PAUSED,
	COL_FAILED_5M,
	COL_CHILDREN,
	COL_RUNNING,
	COL_OVERDUE,
	COL_DIALECT,
	COL_VERSION,
	COL_RATE_WAY,
	COL_DETAIL,
};

static const struct column queue_columns[] = {
	[COL_NAME] = { TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	[COL_STATE] = { TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	[COL_WAIT] = { TEXT_INIT("wait"), COLUMN_NUMBER, NUM_COUNT },
	[COL_ACTIVE] = { TEXT_INIT("active"), COLUMN_NUMBER, NUM_COUNT },
	[COL_DELAYED] = { TEXT_INIT("delayed"), COLUMN_NUMBER, NUM_COUNT },
	[COL_PRIORITIZED] = { TEXT_INIT("prioritized"), COLUMN_NUMBER,
	    NUM_COUNT },
	[COL_FAILED] = { TEXT_INIT("failed"), COLUMN_NUMBER, NUM_COUNT },
	[COL_COMPLETED] = { TEXT_INIT("completed"), COLUMN_NUMBER, NUM_COUNT },
	[COL_OLDEST] = { TEXT_INIT("oldest_s"), COLUMN_NUMBER, NUM_SECONDS },
	[COL_IN] = { TEXT_INIT("in_rate"), COLUMN_NUMBER, NUM_PER_SECOND },
	[COL_OUT] = { TEXT_INIT("out_rate"), COLUMN_NUMBER, NUM_PER_SECOND },
	[COL_WORKERS] = { TEXT_INIT("workers"), COLUMN_NUMBER, NUM_COUNT },
	[COL_STALLED] = { TEXT_INIT("stalled"), COLUMN_NUMBER, NUM_COUNT },
	[COL_PAUSED] = { TEXT_INIT("paused"), COLUMN_TEXT, NUM_NONE },
	[COL_FAILED_5M] = { TEXT_INIT("failed_5m"), COLUMN_NUMBER, NUM_COUNT },
	[COL_CHILDREN] = { TEXT_INIT("waiting_children"), COLUMN_NUMBER,
	    NUM_COUNT },
	[COL_RUNNING] = { TEXT_INIT("running_s"), COLUMN_NUMBER, NUM_SECONDS },
	[COL_OVERDUE] = { TEXT_INIT("overdue_s"), COLUMN_NUMBER, NUM_SECONDS },
	[COL_DIALECT] = { TEXT_INIT("dialect"), COLUMN_TEXT, NUM_NONE },
	[COL_VERSION] = { TEXT_INIT("version"), COLUMN_TEXT, NUM_NONE },
	[COL_RATE_WAY] = { TEXT_INIT("rates_from"), COLUMN_TEXT, NUM_NONE },
	[COL_DETAIL] = { TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
};

static void
table_row_numbers(struct build *build, const struct bullmq_view *v)
{
	const struct bullmq_queue *q = v->queue;

	build_cell_num(build, COL_WAIT, q->waiting);
	build_cell_num(build, COL_ACTIVE, q->active);
	build_cell_num(build, COL_DELAYED, q->delayed);
	build_cell_num(build, COL_PRIORITIZED, q->prioritized);
	build_cell_num(build, COL_FAILED, q->failed);
	build_cell_num(build, COL_COMPLETED, q->completed);
	build_cell_num(build, COL_OLDEST, q->oldest_s);
	build_cell_num(build, COL_IN, v->rate.in);
	build_cell_num(build, COL_OUT, v->rate.out);
	build_cell_num(build, COL_WORKERS, v->workers);
	build_cell_num(build, COL_STALLED, q->stalled);
	build_cell_num(build, COL_FAILED_5M, q->failed_5m);
	build_cell_num(build, COL_CHILDREN, q->children);
	build_cell_num(build, COL_RUNNING, q->running_s);
	build_cell_num(build, COL_OVERDUE, v->overdue_s);
}

static void
table_row_texts(
    struct build *build, const struct bullmq_view *v, struct text name)
{
	struct arena *arena = build_arena(build);
	const struct bullmq_queue *q = v->queue;
	struct text reason = view_reason(arena, v);

	build_cell_text(build, COL_NAME, name);
	build_cell_state(build, COL_STATE, v->state, text_lit(v->word));
	if (q->exists)
		build_cell_text(
		    build, COL_PAUSED, q->paused ? TEXT("yes") : TEXT("no"));
	if (q->exists)
		build_cell_text(build, COL_DIALECT,
		    text_fmt(arena, "%s%s", bullmq_dialect_name(q->dialect),
			q->dialect_sure ? "" : "?"));
	build_cell_text(
	    build, COL_VERSION, text_clean_str(arena, q->evidence.version));
	build_cell_text(
	    build, COL_RATE_WAY, text_lit(bullmq_rate_way_name(v->rate.way)));
	build_cell_text(build, COL_DETAIL,
	    reason.len > 0 ? reason : view_standing(arena, v));
}

void
bullmq_view_table(
    struct build *build, const struct bullmq_view *views, size_t n)
{
	build_table(
	    build, TEXT("queues"), queue_columns, ARRAY_LEN(queue_columns));
	for (size_t i = 0; i < n; i++) {
		struct text name =
		    text_clean_str(build_arena(build), views[i].track->name);

		build_row(build, name, views[i].state);
		table_row_texts(build, &views[i], name);
		if (views[i].queue->code == ERR_OK && views[i].queue->exists)
			table_row_numbers(build, &views[i]);
	}
}

static const struct column failure_columns[] = {
	{ TEXT_INIT("queue"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("count"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("reason"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("first"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("last"), COLUMN_WALL, NUM_NONE },
};

void
bullmq_view_failures(
    struct build *build, const struct bullmq_view *views, size_t n)
{
	struct arena *arena = build_arena(build);
	struct bullmq_reason reasons[BULLMQ_REASONS_MAX];

	build_table(build, TEXT("failures"), failure_columns,
	    ARRAY_LEN(failure_columns));
	for (size_t i = 0; i < n; i++) {
		size_t count = bullmq_fails_fold(
		    &views[i].track->fails, reasons, BULLMQ_REASONS_MAX);

		for (size_t r = 0; r < count; r++) {
			build_row(build,
			    text_fmt(arena, "%s %s", views[i].track->name,
				reasons[r].reason),
			    STATE_OK);
			build_cell_text(build, 0,
			    text_clean_str(arena, views[i].track->name));
			build_cell_num(build, 1, (double)reasons[r].count);
			build_cell_text(
			    build, 2, text_clean_str(arena, reasons[r].reason));
			build_cell_num(build, 3, reasons[r].first);
			build_cell_num(build, 4, reasons[r].last);
		}
	}
}

static const struct column job_columns[] = {
	{ TEXT_INIT("queue"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("id"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	{ TEXT_INIT("attempts"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("at"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("added"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("reason"), COLUMN_TEXT, NUM_NONE },
};

static void
jobs_row(struct build *build, const char *queue, const struct bullmq_fail *fail)
{
	struct arena *arena = build_arena(build);

	build_row(build, text_fmt(arena, "%s/%s", queue, fail->job), STATE_OK);
	build_cell_text(build, 0, text_clean_str(arena, queue));
	build_cell_text(build, 1, text_clean_str(arena, fail->job));
	build_cell_text(build, 2, text_clean_str(arena, fail->name));
	build_cell_state(build, 3, STATE_OK, TEXT("failed"));
	build_cell_num(build, 4, fail->attempts);
	build_cell_num(build, 5, fail->at);
	build_cell_num(build, 6, fail->added);
	build_cell_text(build, 7, text_clean_str(arena, fail->reason));
}

void
bullmq_view_jobs(struct build *build, const struct bullmq_view *views, size_t n)
{
	build_table(
	    build, TEXT("queue_jobs"), job_columns, ARRAY_LEN(job_columns));
	for (size_t i = 0; i < n; i++) {
		const struct bullmq_fails *fails = &views[i].track->fails;

		for (size_t k = 0; k < fails->count; k++)
			if (fails->list[k].known && fails->list[k].job[0])
				jobs_row(build, views[i].track->name,
				    &fails->list[k]);
	}
}
