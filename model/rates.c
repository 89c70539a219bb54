#include "model/rates.h"

#include <math.h>

#include "base/clock.h"

struct rate_last {
	uint64_t key; /* 0: free */
	double value;
	int64_t at;
};

struct rates {
	struct history *history;
	struct rate_last *lasts; /* open addressing, at most half full */
	size_t cap;
	size_t count;
};

struct rates *
rates_new(struct history *history)
{
	struct rates *rates = mem_calloc(1, sizeof(*rates));

	if (rates != NULL)
		rates->history = history;
	return rates;
}

struct rates *
rates_free(struct rates *rates)
{
	if (rates != NULL)
		mem_free(rates->lasts);
	mem_free(rates);
	return NULL;
}

static struct rate_last *
rates_slot(struct rate_last *lasts, size_t cap, uint64_t key)
{
	size_t i = key & (cap - 1);

	while (lasts[i].key != 0 && lasts[i].key != key)
		i = (i + 1) & (cap - 1);
	return &lasts[i];
}

static bool
rates_grow(struct rates *rates)
{
	size_t cap = rates->cap != 0 ? rates->cap * 2 : 64;
	struct rate_last *lasts;

	if (cap > WATCH_SERIES_MAX * 2)
		return false;
	lasts = mem_calloc(cap, sizeof(*lasts));
	if (lasts == NULL)
		return false;
	for (size_t i = 0; i < rates->cap; i++) {
		if (rates->lasts[i].key != 0)
			*rates_slot(lasts, cap, rates->lasts[i].key) =
			    rates->lasts[i];
	}
	mem_free(rates->lasts);
	rates->lasts = lasts;
	rates->cap = cap;
	return true;
}

/* Rate since the last answer; NaN for the first, from zero after a reset. */
static double
rates_of(struct rates *rates, uint64_t key, double value, int64_t at)
{
	struct rate_last *last;
	double rate = NAN;

	if (rates->count >= rates->cap / 2 && !rates_grow(rates))
		return NAN;
	last = rates_slot(rates->lasts, rates->cap, key);
	if (last->key == 0) {
		last->key = key;
		rates->count++;
	} else if (at > last->at) {
		double from = value < last->value ? 0 : last->value;

		rate = (value - from) * (double)NS_PER_SEC /
		       (double)(at - last->at);
	}
	last->value = value;
	last->at = at;
	return rate;
}

void
rates_feed(struct rates *rates, size_t slot, const struct section *section)
{
	const struct payload *payload = section->payload;

	for (size_t i = 0; i < payload->metric_count; i++) {
		const struct metric *metric = &payload->metrics[i];
		uint64_t key = history_key(slot, metric->id);
		double value = metric->value;

		if (metric->kind == METRIC_BUCKET)
			continue;
		if (metric->kind == METRIC_COUNTER)
			value = rates_of(rates, key, value, section->good_at);
		if (!isnan(value))
			history_append(
			    rates->history, key, section->good_at, value);
	}
}
