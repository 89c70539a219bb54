/*
 * One view on the log store: which of its lines pass a filter, how often
 * the same line came again, what a search matched, and how many came when.
 * Filtering and searching is the work of a thread of the view's own; the UI
 * only copies what it is about to draw. Without a subscriber of the store
 * there is nobody to tell about results, so no thread is started then and
 * logview_kick() does the work itself, step by step (tests, `sevtop logs`).
 *
 * Matches are numbered from 0 without gaps in the order of the store; a
 * number stays with its line until the filter changes (generation). Lines
 * that go on with another (LOG_CONT) belong to their head and have no
 * number, unless only they match. The list is bounded: the oldest numbers
 * leave with their lines.
 *
 * Consecutive lines that say the same make a run: the first is at 0 in it,
 * the next at 1, and so on. From level warn on, lines that differ in nothing
 * but numbers and identifiers say the same; below, only equal ones do, as
 * there the numbers are the news.
 * thread: UI, but for the view's own. Lock: the view's, a leaf.
 */
#ifndef SEV_MODEL_LOGVIEW_H
#define SEV_MODEL_LOGVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/logfilter.h"
#include "model/logstore.h"

struct logview;

/* One line that passed. */
struct logmatch {
	uint64_t seq;
	uint32_t run;	/* place in its run; 0: the first */
	uint16_t conts; /* lines that go on with it */
	uint8_t level;	/* enum log_level */
	uint8_t flags;	/* LOGMATCH_* */
};

enum {
	LOGMATCH_HIT = 1,    /* the search matched, in it or what goes on */
	LOGMATCH_COSTLY = 2, /* filter or search gave up on it */
};

/* logs is borrowed and outlives the view. */
struct logview *logview_new(
    struct logstore *logs, struct err *err) ATTR_MUST_USE;

/* Ends the thread. NULL is allowed. Returns NULL. */
struct logview *logview_free(struct logview *view);

/*
 * New filter (taken; NULL: everything) and lowest level shown. Everything
 * is looked at again; numbers begin at 0.
 */
void logview_set_filter(
    struct logview *view, struct logfilter *filter, enum log_level level);

/* New search (taken; NULL: none). */
void logview_set_search(struct logview *view, struct logfilter *search);

/*
 * Somebody looks at the view: for LOGVIEW_WATCH_MS from now its thread
 * follows new lines as they come and notifies the store's subscriber when
 * it found something. Does the work itself when there is no thread. now,
 * wall_ms: of this moment; the histogram counts by them.
 */
void logview_kick(struct logview *view, int64_t now, int64_t wall_ms);

/* One bounded piece of the work; true when there is more. */
bool logview_step(struct logview *view);

struct logview_status {
	uint64_t generation; /* grows with every filter */
	uint64_t first;	     /* oldest match still listed */
	uint64_t next;	     /* number of the next match */
	uint64_t matched;    /* lines that passed, those that go on too */
	uint64_t scanned;    /* lines looked at */
	uint64_t missed;     /* lines that went before they were looked at */
	uint64_t waiting;    /* lines not yet looked at */
	uint64_t costly;     /* lines that filter or search gave up on */
	uint64_t hits;	     /* matches of the search */
	uint64_t unsearched; /* matches that the search did not reach yet */
};
void logview_status(struct logview *view, struct logview_status *ret_status);

/* Copies matches n, n + 1, ...; returns how many (0: n is not listed). */
size_t logview_copy(
    struct logview *view, uint64_t n, struct logmatch *out, size_t max);

/* Number of the first match at or behind line seq; next when none. */
uint64_t logview_find(struct logview *view, uint64_t seq);

/* Number of the last match of the run that n is in. */
uint64_t logview_run_end(struct logview *view, uint64_t n);

enum logview_seek {
	LOGVIEW_ERROR, /* level error or above */
	LOGVIEW_HIT,   /* the search matched */
};

/* The next such match before or behind n; false: none. */
bool logview_seek(struct logview *view, uint64_t n, bool forward,
    enum logview_seek what, uint64_t *ret_n);

struct logview_bucket {
	uint32_t lines;
	uint32_t errors; /* of these, level error or above */
};

/*
 * How many lines passed in each of count buckets of LOGVIEW_BUCKET_MS, the
 * last of which holds end_ms. By the time in the line; one that claims to
 * be from the future counts when it was read.
 */
void logview_histogram(struct logview *view, int64_t end_ms,
    struct logview_bucket *out, size_t count);

/* A hash of what makes two lines "the same". */
uint64_t logview_key(const struct log_line *line);

#endif
