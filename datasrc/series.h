/*
 * What a source of exposition pages knows about its series: which of them
 * it keeps, what they are called on screen, their last value for every
 * target, and the sums over the targets.
 *
 * A page of ten thousand bytes must cost next to nothing when the next one
 * looks like it, whichever target it comes from. So all targets share one
 * table from the raw text of a series (its name and labels as they stand in
 * the page) to what is to be done with it, and every entry remembers which
 * one came after it: most lines are recognised by comparing their bytes with
 * the expected series. Labels are read, cleaned and matched once.
 *
 * Series of several targets with the same name and labels are one metric,
 * added up (counters) or as the rules say (gauges), unless a rule keeps them
 * per target; they then carry a label "target". A sum of counters never goes
 * back: it grows by what each target's counter grew, a counter that went
 * back counts from zero, and a target that was silent for more than
 * SERIES_GAP_ROUNDS starts anew, so that its return is no burst.
 *
 * All tables are bounded. What did not fit is counted, and a series that is
 * gone for SERIES_FORGET_ROUNDS makes room when room is needed.
 * thread: owner.
 */
#ifndef SEV_DATASRC_SERIES_H
#define SEV_DATASRC_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "datasrc/expo.h"
#include "model/build.h"

struct redactor;
struct selector;
struct series;

/* How gauges of several targets become one number. */
enum series_gauges {
	SERIES_SUM,
	SERIES_AVG,
	SERIES_MAX,
	SERIES_MIN,
};

/* Everything is borrowed for as long as the table lives. */
struct series_rules {
	struct selector *const *keep; /* any of these */
	size_t keep_count;
	struct selector *const *per_target; /* kept, one for each target */
	size_t per_target_count;
	const char *const *without; /* labels to leave out and sum over */
	size_t without_count;
	const char *const *targets; /* value of the label target */
	size_t target_count;
	/*
	 * There is one target for good: keep what nobody named too, at most
	 * SERIES_ALL_MAX, and show counters as the target does.
	 */
	bool all;
	enum series_gauges gauges;
	const struct redactor *redactor; /* for text_ingest() */
};

/* What one page brought. */
struct series_page {
	size_t samples;
	size_t kept;
	size_t repeated; /* series that were there twice; the first counts */
	size_t resets;	 /* counters that went back */
	bool restarted;	 /* process_start_time_seconds changed */
};

/* What the table holds. */
struct series_usage {
	size_t known;	 /* entries, kept or not */
	size_t metrics;	 /* kept, targets not counted */
	size_t left_out; /* series of this round that should have been kept */
	size_t bytes;	 /* of texts and values, about */
};

/* ERR_NOMEM. *ret_series: returned, free with series_free(). */
enum err_code series_new(const struct series_rules *rules,
    struct series **ret_series, struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct series *series_free(struct series *series);

/*
 * Other targets from now on: names[0..count), borrowed like those of the
 * rules; from[i] is where target i was before, or SERIES_NEW. Sums go on.
 * ERR_NOMEM: nothing changed.
 */
#define SERIES_NEW SIZE_MAX
enum err_code series_retarget(struct series *series, const char *const *names,
    const size_t *from, size_t count, struct err *err) ATTR_MUST_USE;

/* Begins a round, in which every target is read once at most. */
void series_round(struct series *series);

/*
 * Reads the page of a target (expo.h: a NUL behind it). On failure nothing
 * of the page counts; errors as expo_next(). ret_page may be NULL.
 */
enum err_code series_read(struct series *series, size_t target,
    enum expo_format format, const char *page, size_t len,
    struct series_page *ret_page, struct err *err) ATTR_MUST_USE;

/* Adds the metrics that this round brought. */
void series_publish(struct series *series, struct build *build);

void series_usage(const struct series *series, struct series_usage *ret_usage);

#endif
