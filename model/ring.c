#include "model/ring.h"

#include <string.h>

#include "base/alloc.h"

bool
ring_init(struct ring *ring, int64_t window_ns, size_t width)
{
	memset(ring, 0, sizeof(*ring));
	ring->window_ns = window_ns;
	ring->width = width;
	ring->values =
	    mem_calloc(WATCH_POINTS_MAX * width, sizeof(*ring->values));
	return ring->values != NULL;
}

void
ring_release(struct ring *ring)
{
	mem_free(ring->values);
	ring->values = NULL;
	ring->count = 0;
}

void
ring_clear(struct ring *ring)
{
	ring->first = 0;
	ring->count = 0;
}

static size_t
ring_index(const struct ring *ring, size_t i)
{
	return (ring->first + i) % WATCH_POINTS_MAX;
}

/* Drops points that no window can begin at any more. */
static void
ring_expire(struct ring *ring, int64_t now)
{
	int64_t start = now - ring->window_ns;

	while (ring->count > 2 && ring->at[ring_index(ring, 1)] <= start) {
		ring->first = ring_index(ring, 1);
		ring->count--;
	}
	if (ring->count == WATCH_POINTS_MAX) {
		ring->first = ring_index(ring, 1);
		ring->count--;
	}
}

void
ring_push(struct ring *ring, int64_t at, const double *values)
{
	int64_t spacing = ring->window_ns / (WATCH_POINTS_MAX - 28);
	size_t to;

	/*
	 * The newest point may move on as long as the one before it is close:
	 * then a window never loses its newest value, and never its shape.
	 */
	if (ring->count >= 2 &&
	    at - ring->at[ring_index(ring, ring->count - 2)] < spacing) {
		to = ring_index(ring, ring->count - 1);
	} else {
		ring_expire(ring, at);
		to = ring_index(ring, ring->count++);
	}
	ring->at[to] = at;
	memcpy(ring->values + to * ring->width, values,
	    ring->width * sizeof(*values));
}

bool
ring_window(const struct ring *ring, const double **ret_old,
    const double **ret_new, int64_t *ret_span_ns)
{
	size_t newest, oldest = 0;
	int64_t start;

	if (ring->count < 2)
		return false;
	newest = ring_index(ring, ring->count - 1);
	start = ring->at[newest] - ring->window_ns;
	for (size_t i = 0; i + 1 < ring->count; i++) {
		if (i > 0 && ring->at[ring_index(ring, i)] > start)
			break;
		oldest = ring_index(ring, i);
	}
	*ret_old = ring->values + oldest * ring->width;
	*ret_new = ring->values + newest * ring->width;
	*ret_span_ns = ring->at[newest] - ring->at[oldest];
	return *ret_span_ns > 0;
}
