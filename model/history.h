/*
 * What metrics were: one ring of points per series, bounded in bytes over
 * all. The watch thread appends; panels copy out what they are about to draw.
 * Gauges are kept as they are, counters as rates per second. When the bytes
 * are used up the series that was not appended to for longest makes room.
 * thread: append: watch; copy: any. Lock: the history's own, a leaf.
 */
#ifndef SEV_MODEL_HISTORY_H
#define SEV_MODEL_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct history;

struct history *history_new(size_t max_bytes) ATTR_MUST_USE;

/* The same for a clock that the caller chose; points lie at most an hour
 * before now. */
struct history *history_new_at(size_t max_bytes, int64_t now) ATTR_MUST_USE;

struct history *history_free(struct history *history); /* NULL is allowed */

/* Key of a metric of the source in slot. */
uint64_t history_key(size_t slot, uint64_t metric_id);

/*
 * Adds a point at clock_now() time at. A point closer than
 * HISTORY_SPACING_MS to the last one replaces it. NaN is a gap.
 */
void history_append(
    struct history *history, uint64_t key, int64_t at, double value);

/*
 * Fills out[0..n) with n equal buckets of the span that ends at now: the
 * highest value in each (an incident is a peak), NaN where there is none.
 * Returns how many buckets hold a value. n is at most HISTORY_POINTS_MAX.
 */
size_t history_copy(struct history *history, uint64_t key, int64_t now,
    int64_t span_ns, double *out, size_t n);

/* Bytes and series in use; for the sources panel. */
void history_usage(
    struct history *history, size_t *ret_bytes, size_t *ret_series);

#endif
