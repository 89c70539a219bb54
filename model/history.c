#include "model/history.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "model/limits.h"

/*
 * A ring of points. Times are kept in tenths of a second since the history
 * began, so that a point is 12 bytes in two arrays without padding.
 */
struct series {
	uint64_t key; /* 0: free slot of the table */
	uint32_t *at;
	double *value;
	uint32_t cap;
	uint32_t first;
	uint32_t count;
	int64_t last_at; /* clock_now() of the newest point */
};

struct history {
	pthread_mutex_t lock; /* guards everything below */
	size_t max_bytes;
	size_t bytes;
	int64_t epoch;
	struct series *table; /* open addressing, power of two */
	size_t cap;
	size_t count;
	int64_t evict_at; /* nothing is quiet enough before */
};

enum {
	POINT_BYTES = sizeof(uint32_t) + sizeof(double)
};

static const int64_t tick_ns = 100 * NS_PER_MS;

struct history *
history_new(size_t max_bytes)
{
	return history_new_at(max_bytes, clock_now());
}

struct history *
history_new_at(size_t max_bytes, int64_t now)
{
	struct history *history = mem_calloc(1, sizeof(*history));

	if (history == NULL)
		return NULL;
	history->max_bytes = max_bytes;
	history->epoch = now - 3600 * NS_PER_SEC;
	/* At most half full, even if every series had the fewest points. */
	history->cap = 64;
	while (history->cap / 2 * HISTORY_POINTS_MAX * POINT_BYTES < max_bytes)
		history->cap *= 2;
	history->cap *= 2;
	history->table = mem_calloc(history->cap, sizeof(*history->table));
	if (history->table == NULL) {
		mem_free(history);
		return NULL;
	}
	pthread_mutex_init(&history->lock, NULL);
	return history;
}

static void
series_release(struct series *series)
{
	mem_free(series->at);
	mem_free(series->value);
	memset(series, 0, sizeof(*series));
}

struct history *
history_free(struct history *history)
{
	if (history == NULL)
		return NULL;
	for (size_t i = 0; i < history->cap; i++)
		series_release(&history->table[i]);
	mem_free(history->table);
	pthread_mutex_destroy(&history->lock);
	mem_free(history);
	return NULL;
}

uint64_t
history_key(size_t slot, uint64_t metric_id)
{
	uint64_t key = (metric_id + (slot + 1) * UINT64_C(0xd6e8feb86659fd93)) *
		       UINT64_C(0x9e3779b97f4a7c15);

	key ^= key >> 29;
	return key != 0 ? key : 1;
}

/* The slot that holds key, or the free one where it would go. */
static struct series *
history_slot(struct history *history, uint64_t key)
{
	size_t i = key & (history->cap - 1);

	while (history->table[i].key != 0 && history->table[i].key != key)
		i = (i + 1) & (history->cap - 1);
	return &history->table[i];
}

/*
 * The watch thread is the only one that changes a history, so it may look
 * without the lock. It takes the lock for the change itself, and allocates
 * and frees outside of it: readers never wait for the allocator.
 */

/* Unlinks a series and closes the gap in its run of the table. */
static struct series
history_unlink(struct history *history, struct series *series)
{
	size_t mask = history->cap - 1;
	size_t hole = (size_t)(series - history->table), i = hole;
	struct series gone = *series;

	memset(series, 0, sizeof(*series));
	history->bytes -= (size_t)gone.cap * POINT_BYTES;
	history->count--;
	for (;;) {
		size_t home;

		i = (i + 1) & mask;
		if (history->table[i].key == 0)
			return gone;
		home = history->table[i].key & mask;
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			history->table[hole] = history->table[i];
			memset(&history->table[i], 0, sizeof(struct series));
			hole = i;
		}
	}
}

/*
 * Drops the series that was quiet for longest, if that is long enough at
 * time at. Without that rule a page of more series than fit would push out
 * its own beginning at every poll, and keep nothing.
 */
static bool
history_evict(struct history *history, int64_t at)
{
	const int64_t quiet_ns = HISTORY_QUIET_MS * NS_PER_MS;
	struct series *oldest = NULL, gone;

	if (at < history->evict_at)
		return false;
	for (size_t i = 0; i < history->cap; i++) {
		struct series *series = &history->table[i];

		if (series->key == 0)
			continue;
		if (oldest == NULL || series->last_at < oldest->last_at)
			oldest = series;
	}
	if (oldest == NULL)
		return false;
	if (at - oldest->last_at < quiet_ns) {
		history->evict_at = oldest->last_at + quiet_ns;
		return false;
	}
	pthread_mutex_lock(&history->lock);
	gone = history_unlink(history, oldest);
	pthread_mutex_unlock(&history->lock);
	series_release(&gone);
	return true;
}

/* Doubles the room of the series of key; false without memory. */
static bool
history_grow(struct history *history, uint64_t key)
{
	struct series *series = history_slot(history, key);
	struct series old = *series, grown = old;

	grown.cap = old.cap != 0 ? old.cap * 2 : HISTORY_POINTS_FIRST;
	grown.first = 0;
	grown.key = key;
	grown.at = mem_alloc(grown.cap * sizeof(*grown.at));
	grown.value = mem_alloc(grown.cap * sizeof(*grown.value));
	if (grown.at == NULL || grown.value == NULL) {
		series_release(&grown);
		return false;
	}
	for (uint32_t i = 0; i < old.count; i++) {
		uint32_t from = (old.first + i) % old.cap;

		grown.at[i] = old.at[from];
		grown.value[i] = old.value[from];
	}
	pthread_mutex_lock(&history->lock);
	*series = grown;
	history->bytes += (size_t)(grown.cap - old.cap) * POINT_BYTES;
	history->count += old.key == 0;
	pthread_mutex_unlock(&history->lock);
	series_release(&old);
	return true;
}

/*
 * Makes room for one more point of key at time at. False when there is none
 * to be had: a new series is then left out, an old one keeps its length.
 */
static bool
history_room(struct history *history, uint64_t key, int64_t at)
{
	const struct series *series = history_slot(history, key);
	size_t more = series->cap != 0 ? series->cap : HISTORY_POINTS_FIRST;
	bool has_some = series->cap != 0;

	if (series->count < series->cap || series->cap >= HISTORY_POINTS_MAX)
		return true;
	while (history->bytes + more * POINT_BYTES > history->max_bytes ||
	       history->count >= history->cap / 2) {
		if (!history_evict(history, at))
			return has_some;
	}
	return history_grow(history, key) || has_some;
}

static void
series_add(struct series *series, uint32_t at, double value)
{
	uint32_t to;

	if (series->count == series->cap) {
		series->first = (series->first + 1) % series->cap;
		series->count--;
	}
	to = (series->first + series->count) % series->cap;
	series->at[to] = at;
	series->value[to] = value;
	series->count++;
}

void
history_append(struct history *history, uint64_t key, int64_t at, double value)
{
	/* Rounded up: a point belongs to the bucket that it begins. */
	int64_t tick = (at - history->epoch + tick_ns - 1) / tick_ns;
	struct series *series = history_slot(history, key);
	bool replace =
	    series->count > 0 &&
	    at - series->last_at < HISTORY_SPACING_MS * NS_PER_MS / 2;

	if (tick < 0 || tick > UINT32_MAX)
		return;
	if (!replace && !history_room(history, key, at))
		return;
	series = history_slot(history, key);
	pthread_mutex_lock(&history->lock);
	if (replace) {
		uint32_t last =
		    (series->first + series->count - 1) % series->cap;

		series->value[last] = value;
	} else {
		series->last_at = at;
		series_add(series, (uint32_t)tick, value);
	}
	pthread_mutex_unlock(&history->lock);
}

/* Points of one series, copied out under the lock, oldest first. */
struct points {
	uint32_t at[HISTORY_POINTS_MAX];
	double value[HISTORY_POINTS_MAX];
	uint32_t count;
};

static void
history_snapshot(struct history *history, uint64_t key, struct points *out)
{
	const struct series *series;

	out->count = 0;
	pthread_mutex_lock(&history->lock);
	series = history_slot(history, key);
	for (uint32_t i = 0; i < series->count; i++) {
		uint32_t from = (series->first + i) % series->cap;

		out->at[i] = series->at[from];
		out->value[i] = series->value[from];
	}
	out->count = series->count;
	pthread_mutex_unlock(&history->lock);
}

size_t
history_copy(struct history *history, uint64_t key, int64_t now,
    int64_t span_ns, double *out, size_t n)
{
	struct points points;
	int64_t start = now - span_ns;
	size_t filled = 0;

	for (size_t i = 0; i < n; i++)
		out[i] = NAN;
	if (n == 0 || span_ns <= 0)
		return 0;
	history_snapshot(history, key, &points);
	for (uint32_t i = 0; i < points.count; i++) {
		int64_t at = history->epoch + points.at[i] * tick_ns;
		double share = (double)(at - start) / (double)span_ns;
		size_t to;

		if (share < 0 || at > now + tick_ns || isnan(points.value[i]))
			continue;
		to = (size_t)(share * (double)n);
		if (to >= n)
			to = n - 1;
		if (isnan(out[to])) {
			filled++;
			out[to] = points.value[i];
		} else if (points.value[i] > out[to]) {
			out[to] = points.value[i];
		}
	}
	return filled;
}

void
history_usage(struct history *history, size_t *ret_bytes, size_t *ret_series)
{
	pthread_mutex_lock(&history->lock);
	*ret_bytes = history->bytes + history->cap * sizeof(struct series);
	*ret_series = history->count;
	pthread_mutex_unlock(&history->lock);
}
