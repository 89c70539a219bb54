/*
 * Inside of a view: private to model/logview.c, which does the work, and
 * model/logview_read.c, from which the UI reads its results.
 */
#ifndef SEV_MODEL_LOGVIEW_IMPL_H
#define SEV_MODEL_LOGVIEW_IMPL_H

#include <pthread.h>

#include "base/buf.h"
#include "base/thread.h"
#include "model/limits.h"
#include "model/logview.h"

/* A bucket of the histogram with the time it stands for. */
struct slot {
	int64_t bucket;
	struct logview_bucket count;
};

/* The last line of a source that others may go on with. */
struct head {
	bool seen;
	bool shown;
	uint64_t n; /* its number, when shown */
};

struct logview {
	struct logstore *logs;
	struct thread thread;

	/* The worker's own: no lock. */
	struct logfilter *filter; /* NULL: everything */
	struct logfilter *search; /* NULL: none */
	enum log_level level;
	uint64_t next_seq;
	struct head heads[LOG_SOURCES_MAX];
	uint64_t last_key;
	uint32_t last_run;
	struct buf scratch;
	struct log_line *lines; /* LOGVIEW_STEP_LINES of them */

	pthread_mutex_t lock;
	/* Wanted by the UI. */
	bool stop;
	bool watching; /* appends wake the thread by themselves */
	int64_t kicked_at;
	bool new_filter;
	bool new_search;
	struct logfilter *want_filter;
	struct logfilter *want_search;
	enum log_level want_level;
	int64_t now;
	int64_t wall_ms;
	/* Results. */
	struct logview_status status;
	uint64_t search_n; /* next match to search through */
	struct logmatch *ring;
	struct slot slots[LOGVIEW_BUCKETS];
};

/* Entry of match n, which is listed; below the lock. */
static inline struct logmatch *
match_at(const struct logview *view, uint64_t n)
{
	return &view->ring[n % LOGVIEW_MATCHES_MAX];
}

#endif
