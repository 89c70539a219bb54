#include "model/history.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "model/limits.h"
#include "tests/tap.h"

enum {
	SPAN = 60
};

static void
test_copy(void)
{
	struct history *history = history_new(1 << 20);
	uint64_t key = history_key(0, 42);
	int64_t now = clock_now();
	double out[6];

	is_int(
	    (int64_t)history_copy(history, key, now, SPAN * NS_PER_SEC, out, 6),
	    0, "unknown series is empty");
	ok(isnan(out[0]), "and missing, not zero");
	for (int s = SPAN; s >= 0; s -= 2)
		history_append(history, key, now - s * NS_PER_SEC, s);
	is_int(
	    (int64_t)history_copy(history, key, now, SPAN * NS_PER_SEC, out, 6),
	    6, "all buckets filled");
	is_near(out[0], 60, 0, "the highest of the oldest bucket");
	is_near(out[5], 10, 0, "the highest of the newest bucket");
	history_append(history, key, now + 2 * NS_PER_SEC, NAN);
	history_copy(
	    history, key, now + 2 * NS_PER_SEC, 2 * NS_PER_SEC, out, 2);
	ok(isnan(out[1]), "a gap stays a gap");
	history_free(history);
}

static void
test_bounds(void)
{
	struct history *history = history_new(64 * 1024);
	int64_t now = clock_now();
	size_t bytes, series;
	double out[1];

	for (uint64_t id = 0; id < 500; id++) {
		for (int s = 0; s < 40; s++)
			history_append(history, history_key(1, id),
			    now + ((int64_t)id * 200 + s * 2) * NS_PER_SEC, 1);
	}
	history_usage(history, &bytes, &series);
	ok(series < 500, "old series made room (%zu left)", series);
	ok(bytes < 128 * 1024, "bytes stay bounded (%zu)", bytes);
	is_int(
	    (int64_t)history_copy(history, history_key(1, 499),
		now + (499 * 200 + 80) * NS_PER_SEC, 80 * NS_PER_SEC, out, 1),
	    1, "the newest series is there");
	is_int((int64_t)history_copy(history, history_key(1, 0), now + 80,
		   80 * NS_PER_SEC, out, 1),
	    0, "the oldest is gone");
	history_free(history);
}

static void
test_ring(void)
{
	struct history *history = history_new(1 << 20);
	uint64_t key = history_key(3, 7);
	int64_t now = clock_now();
	double out[1];

	for (int i = 0; i < 3 * HISTORY_POINTS_MAX; i++)
		history_append(history, key, now + i * 2 * NS_PER_SEC, i);
	history_copy(history, key,
	    now + 3 * HISTORY_POINTS_MAX * 2 * NS_PER_SEC, 100000 * NS_PER_SEC,
	    out, 1);
	is_near(out[0], 3 * HISTORY_POINTS_MAX - 1, 0, "newest is kept");
	history_copy(history, key, now + HISTORY_POINTS_MAX * 2 * NS_PER_SEC,
	    HISTORY_POINTS_MAX * 2 * NS_PER_SEC, out, 1);
	ok(isnan(out[0]), "oldest points made room");
	mem_fail_at(1, true);
	history_append(history, history_key(9, 9), now, 1);
	mem_fail_at(0, false);
	ok(history_copy(history, history_key(9, 9), now, NS_PER_SEC, out, 1) ==
		0,
	    "no memory: the series is left out");
	history_append(history, history_key(9, 9), now, 1);
	is_int((int64_t)history_copy(
		   history, history_key(9, 9), now, NS_PER_SEC, out, 1),
	    1, "and comes later");
	history_free(history);
}

int
main(void)
{
	RUN(test_copy);
	RUN(test_bounds);
	RUN(test_ring);
	return tap_done();
}
