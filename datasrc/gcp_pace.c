#include "datasrc/gcp_pace.h"

#include <math.h>

#include "base/clock.h"
#include "datasrc/limits.h"

/*
 * In any minute at most what the bucket holds and what fills up meanwhile
 * can be asked: nine tenths of the share at an even pace, the rest at once.
 */
void
gcp_pace_init(
    struct gcp_pace *pace, double quota, int64_t dashboards, int64_t now)
{
	double share = quota / (double)dashboards;
	double even = floor(share * 0.9);

	/* Slower than one a minute is no tail any more. */
	if (even < 1)
		even = 1;
	*pace = (struct gcp_pace) {
		.own_ns = (int64_t)(60.0 * NS_PER_SEC / even),
		.capacity = share < even ? 1 : floor(share - even) + 1,
		.filled_at = now,
	};
	pace->every_ns = pace->own_ns;
	pace->left = pace->capacity;
}

static double
pace_now(const struct gcp_pace *pace, int64_t now)
{
	double left = pace->left +
		      (double)(now - pace->filled_at) / (double)pace->every_ns;

	return left < pace->capacity ? left : pace->capacity;
}

bool
gcp_pace_take(struct gcp_pace *pace, int64_t now)
{
	double left = pace_now(pace, now);

	if (left < 1)
		return false;
	pace->left = left - 1;
	pace->filled_at = now;
	return true;
}

int64_t
gcp_pace_wait_ns(const struct gcp_pace *pace, int64_t now)
{
	double lacks = 1 - pace_now(pace, now);

	/* Rounded up: after that time there is one. */
	return lacks > 0 ? (int64_t)(lacks * (double)pace->every_ns) + 1000 : 0;
}

void
gcp_pace_refused(struct gcp_pace *pace)
{
	int64_t slowest = GCP_PACE_SLOWEST_S * NS_PER_SEC;

	if (slowest < pace->own_ns)
		slowest = pace->own_ns;
	pace->every_ns =
	    pace->every_ns * 2 < slowest ? pace->every_ns * 2 : slowest;
	pace->calm = 0;
	pace->left = 0;
}

void
gcp_pace_answered(struct gcp_pace *pace)
{
	if (++pace->calm < GCP_PACE_CALM)
		return;
	pace->calm = 0;
	pace->every_ns /= 2;
	if (pace->every_ns < pace->own_ns)
		pace->every_ns = pace->own_ns;
}

bool
gcp_pace_is_slowed(const struct gcp_pace *pace)
{
	return pace->every_ns > pace->own_ns;
}
