#include "datasrc/bullmq_rate.h"

#include <math.h>

#include "base/attr.h"
#include "base/clock.h"

static const char *const way_names[] = {
	[BULLMQ_RATE_NONE] = "",
	[BULLMQ_RATE_METRICS] = "worker metrics",
	[BULLMQ_RATE_SETS] = "finished jobs",
	[BULLMQ_RATE_BALANCE] = "balance",
};

const char *
bullmq_rate_way_name(enum bullmq_rate_way way)
{
	return (size_t)way < ARRAY_LEN(way_names) ? way_names[way] : "";
}

/* The oldest poll in the window that had a queue to count; NULL: none. */
static const struct bullmq_count *
rates_oldest(const struct bullmq_rates *rates, int64_t now)
{
	const struct bullmq_count *oldest = NULL;

	for (size_t i = 0; i < rates->count; i++) {
		const struct bullmq_count *c = &rates->ring[i];

		if (isnan(c->added) || c->at >= now ||
		    now - c->at > BULLMQ_WINDOW_MS * NS_PER_MS)
			continue;
		if (oldest == NULL || c->at < oldest->at)
			oldest = c;
	}
	return oldest;
}

static void
rates_push(struct bullmq_rates *rates, const struct bullmq_count *now)
{
	rates->ring[rates->next] = *now;
	rates->next = (rates->next + 1) % BULLMQ_RATE_POINTS;
	if (rates->count < BULLMQ_RATE_POINTS)
		rates->count++;
}

/* Growth per second; NaN when either is missing or the counter fell. */
static double
growth(double then, double now, double seconds)
{
	return now >= then && seconds > 0 ? (now - then) / seconds : NAN;
}

static double
rate_by_balance(const struct bullmq_count *then, const struct bullmq_count *now,
    double seconds)
{
	double out = now->added - then->added - (now->pending - then->pending);

	if (isnan(out) || seconds <= 0)
		return NAN;
	return out > 0 ? out / seconds : 0;
}

struct bullmq_rate
bullmq_rate_add(struct bullmq_rates *rates, const struct bullmq_count *now)
{
	struct bullmq_rate rate = { NAN, NAN, BULLMQ_RATE_NONE };
	const struct bullmq_count *then = rates_oldest(rates, now->at);
	double seconds =
	    then != NULL ? (double)(now->at - then->at) / NS_PER_SEC : 0;
	double metrics = NAN, balance = NAN;

	if (then != NULL && now->added < then->added) {
		/* Flushed or made anew: what came before says nothing. */
		rates->count = rates->next = 0;
		then = NULL;
	}
	if (then != NULL) {
		rate.in = growth(then->added, now->added, seconds);
		metrics = growth(then->done, now->done, seconds);
		balance = rate_by_balance(then, now, seconds);
	}
	if (!isnan(metrics)) {
		rate.out = metrics;
		rate.way = BULLMQ_RATE_METRICS;
	} else if (now->kept > now->in_window) {
		rate.out = now->in_window / (BULLMQ_WINDOW_MS / 1000.0);
		rate.way = BULLMQ_RATE_SETS;
	} else if (!isnan(balance)) {
		rate.out = balance;
		rate.way = BULLMQ_RATE_BALANCE;
	}
	rates_push(rates, now);
	return rate;
}
