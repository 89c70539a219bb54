#include "model/rates.h"

#include <math.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "model/keytab.h"
#include "model/limits.h"

struct rate_last {
	uint64_t key;
	double value;
	int64_t at;
};

struct rates {
	struct history *history;
	struct keytab lasts; /* of struct rate_last */
};

struct rates *
rates_new(struct history *history)
{
	struct rates *rates = mem_calloc(1, sizeof(*rates));

	if (rates == NULL)
		return NULL;
	rates->history = history;
	keytab_init(&rates->lasts, sizeof(struct rate_last), WATCH_SERIES_MAX);
	return rates;
}

struct rates *
rates_free(struct rates *rates)
{
	if (rates != NULL)
		keytab_release(&rates->lasts);
	mem_free(rates);
	return NULL;
}

/* Rate since the last answer; NaN for the first, from zero after a reset. */
static double
rates_of(struct rates *rates, uint64_t key, double value, int64_t at)
{
	struct rate_last *last;
	double rate = NAN;
	bool new;

	last = keytab_row(&rates->lasts, key, &new);
	if (last == NULL)
		return NAN;
	if (!new &&at > last->at) {
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
