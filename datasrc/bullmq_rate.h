/*
 * Jobs per second, in and out of a queue, from counters read at each poll
 * over a window of BULLMQ_WINDOW_MS. Pure arithmetic.
 *
 * In: every added job raises the counter "id". Out has three ways, best
 * first: the counters of a worker's metrics option; the finished sets
 * (finishedOn within the window), unless all they hold is in the window,
 * which means that finished jobs are removed; the balance, added jobs minus
 * the change of the backlog, which a retried or removed job puts off by one.
 * thread: owner.
 */
#ifndef SEV_DATASRC_BULLMQ_RATE_H
#define SEV_DATASRC_BULLMQ_RATE_H

#include <stddef.h>
#include <stdint.h>

#include "datasrc/limits.h"

/* One poll's counters; NaN is missing. */
struct bullmq_count {
	int64_t at;	  /* clock_now() */
	double added;	  /* key "id" */
	double done;	  /* metrics: completed plus failed, ever */
	double pending;	  /* jobs that are not finished */
	double in_window; /* completed and failed within the window */
	double kept;	  /* members of both sets */
};

struct bullmq_rates {
	struct bullmq_count ring[BULLMQ_RATE_POINTS];
	size_t count;
	size_t next;
};

enum bullmq_rate_way {
	BULLMQ_RATE_NONE,
	BULLMQ_RATE_METRICS,
	BULLMQ_RATE_SETS,
	BULLMQ_RATE_BALANCE,
};

struct bullmq_rate {
	double in;  /* per second; NaN until two polls were made */
	double out; /* per second; NaN when there is no way to tell */
	enum bullmq_rate_way way;
};

/* Takes this poll's counters in and tells the rates. */
struct bullmq_rate bullmq_rate_add(
    struct bullmq_rates *rates, const struct bullmq_count *now);

/* "worker metrics", "finished jobs", "balance", ""; never NULL. */
const char *bullmq_rate_way_name(enum bullmq_rate_way way);

#endif
