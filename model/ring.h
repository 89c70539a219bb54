/*
 * A window of points in time: a running total or a value, kept thin enough
 * that WATCH_POINTS_MAX points always cover the window. Where a point holds
 * several numbers (the buckets of a histogram) they are kept side by side.
 * thread: owner.
 */
#ifndef SEV_MODEL_RING_H
#define SEV_MODEL_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/limits.h"

struct ring {
	int64_t window_ns;
	size_t width; /* numbers of a point */
	size_t first;
	size_t count;
	int64_t at[WATCH_POINTS_MAX];
	double *values; /* WATCH_POINTS_MAX * width; owned */
};

/* False without memory. */
bool ring_init(
    struct ring *ring, int64_t window_ns, size_t width) ATTR_MUST_USE;
void ring_release(struct ring *ring);

/* Forgets all points. */
void ring_clear(struct ring *ring);

/* Adds a point; one closer than a hundredth of the window replaces. */
void ring_push(struct ring *ring, int64_t at, const double *values);

/*
 * Numbers of the newest point, and of the point where the window began: the
 * last one at or before its start, else the first there is. False with
 * fewer than two points in it. *ret_span_ns is the time between the two.
 */
bool ring_window(const struct ring *ring, const double **ret_old,
    const double **ret_new, int64_t *ret_span_ns);

#endif
