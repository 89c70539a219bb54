/*
 * What the readings of a queue mean, as rows of a payload: one state word
 * per queue, a sentence that says what to do, metrics and table cells. No
 * I/O: the same reading gives the same rows.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_BULLMQ_VIEW_H
#define SEV_DATASRC_BULLMQ_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "base/num.h"
#include "datasrc/bullmq_rate.h"
#include "datasrc/bullmq_read.h"
#include "model/build.h"

/* One queue as it is shown. */
struct bullmq_view {
	const struct bullmq_queue *queue; /* borrowed */
	const struct bullmq_track *track; /* borrowed */
	struct bullmq_rate rate;
	double workers;	  /* NaN: unknown */
	double overdue_s; /* the next delayed job should run since; NaN */
	enum state state;
	const char *word; /* "ok", "paused", "no workers"; a literal */
};

/*
 * Fills the view. now_ms: server's clock; list_known: CLIENT LIST was read;
 * backlog_ns: a next job older than this is a backlog, 0: never.
 */
void bullmq_view_fill(struct bullmq_view *view,
    const struct bullmq_queue *queue, struct bullmq_track *track,
    const struct bullmq_rate *rate, int64_t now_ms, bool list_known,
    int64_t backlog_ns);

/* The table "queues" with a row per view, in their order. */
void bullmq_view_table(
    struct build *build, const struct bullmq_view *views, size_t n);

/* The table "failures". */
void bullmq_view_failures(
    struct build *build, const struct bullmq_view *views, size_t n);

/* The table "queue_jobs": the newest failed ones that could be read. */
void bullmq_view_jobs(
    struct build *build, const struct bullmq_view *views, size_t n);

/* An event when the queue was paused or resumed since the last poll. */
void bullmq_view_changes(struct build *build, const struct bullmq_view *view,
    struct bullmq_track *track, int64_t now_ms);

/* Health row and metrics of one queue. */
void bullmq_view_health(struct build *build, const struct bullmq_view *view);
void bullmq_view_metrics(struct build *build, const struct bullmq_view *view);

#endif
