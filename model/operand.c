#include "model/operand.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "model/history.h"
#include "model/keytab.h"
#include "model/ring.h"
#include "model/selector.h"

/* What is remembered of one series of a counter. */
struct last {
	uint64_t key;
	double value;
	uint32_t bucket;
};

/* Newest aggregate of one slot's gauges, and whether it was seen at all. */
struct part {
	bool seen;
	bool matched;
	bool incomplete; /* the newest answer could not be taken in whole */
	size_t count;
	double sum, min, max;
};

struct operand {
	enum operand_kind kind;
	enum signal_agg agg;
	struct selector *selector;
	struct part parts[STORE_SLOTS_MAX];
	size_t part_count;   /* slots fed so far: highest + 1 */
	struct keytab lasts; /* of struct last */
	double *totals;	     /* running increase; one, or one per bucket */
	double *bounds;	     /* le of each bucket, in order of appearance */
	size_t total_count;
	size_t total_max;
	struct ring ring;
};

/* name{...} to name_bucket{...}: the series that hold a histogram's counts. */
static void
bucket_selector(const char *selector, char *out, size_t size)
{
	size_t name = strcspn(selector, "{");

	while (name > 0 && selector[name - 1] == ' ')
		name--;
	snprintf(
	    out, size, "%.*s_bucket%s", (int)name, selector, selector + name);
}

enum err_code
operand_new(const char *selector, enum operand_kind kind, enum signal_agg agg,
    int64_t window_ns, struct operand **ret_operand, struct err *err)
{
	struct operand *operand = mem_calloc(1, sizeof(*operand));
	enum err_code code = ERR_NOMEM;
	char name[OPERAND_SELECTOR_MAX];

	if (operand == NULL)
		goto nomem;
	keytab_init(&operand->lasts, sizeof(struct last), WATCH_SERIES_MAX);
	operand->kind = kind;
	operand->agg = agg;
	operand->total_max = kind == OPERAND_BUCKETS ? WATCH_BUCKETS_MAX : 1;
	operand->total_count = kind == OPERAND_BUCKETS ? 0 : 1;
	operand->totals =
	    mem_calloc(operand->total_max, sizeof(*operand->totals));
	operand->bounds =
	    mem_calloc(operand->total_max, sizeof(*operand->bounds));
	if (operand->totals == NULL || operand->bounds == NULL ||
	    !ring_init(&operand->ring, window_ns > 0 ? window_ns : 1,
		operand->total_max))
		goto nomem;
	snprintf(name, sizeof(name), "%s", selector);
	if (kind == OPERAND_BUCKETS)
		bucket_selector(selector, name, sizeof(name));
	code = selector_parse(name, &operand->selector, err);
	if (code != ERR_OK)
		goto out;
	*ret_operand = operand;
	return ERR_OK;
nomem:
	err_set(err, ERR_NOMEM, "signal", "no memory for a signal");
out:
	operand_free(operand);
	return code;
}

struct operand *
operand_free(struct operand *operand)
{
	if (operand == NULL)
		return NULL;
	selector_free(operand->selector);
	ring_release(&operand->ring);
	keytab_release(&operand->lasts);
	mem_free(operand->totals);
	mem_free(operand->bounds);
	mem_free(operand);
	return NULL;
}

/* The record of a series. NULL: no room. */
static struct last *
operand_last(struct operand *operand, size_t slot, uint64_t id)
{
	bool new;
	struct last *last =
	    keytab_row(&operand->lasts, history_key(slot, id), &new);

	if (last != NULL && new) {
		last->value = NAN;
		last->bucket = UINT32_MAX;
	}
	return last;
}

/* Index of the bucket with this bound; total_max when there is no room. */
static uint32_t
operand_bucket(struct operand *operand, const struct metric *metric)
{
	struct text le = metric_label(metric, "le");
	double bound;

	if (!num_parse_double(le.s, le.len, &bound) || isnan(bound))
		return (uint32_t)operand->total_max;
	for (size_t i = 0; i < operand->total_count; i++) {
		if (operand->bounds[i] == bound)
			return (uint32_t)i;
	}
	if (operand->total_count == operand->total_max)
		return (uint32_t)operand->total_max;
	operand->bounds[operand->total_count] = bound;
	return (uint32_t)operand->total_count++;
}

/* False: there is no room, or no memory, for the series. */
static bool
operand_count(struct operand *operand, size_t slot, bool slot_known,
    const struct metric *metric)
{
	struct last *last = operand_last(operand, slot, metric->id);
	double increase;

	if (last == NULL)
		return false;
	if (last->bucket == UINT32_MAX)
		last->bucket = operand->kind == OPERAND_BUCKETS
				   ? operand_bucket(operand, metric)
				   : 0;
	if (last->bucket >= operand->total_max)
		return false;
	if (isnan(metric->value))
		return true;
	if (isnan(last->value))
		increase = slot_known ? metric->value : 0;
	else if (metric->value < last->value)
		increase = metric->value;
	else
		increase = metric->value - last->value;
	last->value = metric->value;
	if (isfinite(increase))
		operand->totals[last->bucket] += increase;
	return true;
}

static void
part_add(struct part *part, double value)
{
	if (isnan(value))
		return;
	if (part->count++ == 0) {
		part->sum = part->min = part->max = value;
		return;
	}
	part->sum += value;
	part->min = value < part->min ? value : part->min;
	part->max = value > part->max ? value : part->max;
}

void
operand_feed(struct operand *operand, size_t slot,
    const struct payload *payload, int64_t good_at)
{
	struct part *part = &operand->parts[slot], next = *part;
	bool any = false;

	next.count = 0;
	next.incomplete = false;
	for (size_t i = 0; i < payload->metric_count; i++) {
		const struct metric *metric = &payload->metrics[i];
		enum regex_result hit =
		    selector_match_metric(operand->selector, metric);

		if (hit == REGEX_TOO_COSTLY)
			next.incomplete = true;
		if (hit != REGEX_MATCH)
			continue;
		any = true;
		if (operand->kind == OPERAND_GAUGE)
			part_add(&next, metric->value);
		else if (!operand_count(operand, slot, part->seen, metric))
			next.incomplete = true;
	}
	/*
	 * What was missed is new when it comes again: as in a first answer
	 * it then counts from there, and no window spans the gap.
	 */
	next.seen = !next.incomplete;
	next.matched |= any;
	*part = next;
	if (slot >= operand->part_count)
		operand->part_count = slot + 1;
	if (next.incomplete) {
		ring_clear(&operand->ring);
		return;
	}
	if (!next.matched && operand->kind != OPERAND_COUNTER)
		return;
	if (operand->kind == OPERAND_GAUGE) {
		double value = operand_value(operand);

		if (!isnan(value))
			ring_push(&operand->ring, good_at, &value);
	} else {
		ring_push(&operand->ring, good_at, operand->totals);
	}
}

bool
operand_matched(const struct operand *operand, size_t slot)
{
	if (slot != SIZE_MAX)
		return operand->parts[slot].matched;
	for (size_t i = 0; i < operand->part_count; i++) {
		if (operand->parts[i].matched)
			return true;
	}
	return false;
}

bool
operand_incomplete(const struct operand *operand)
{
	for (size_t i = 0; i < operand->part_count; i++) {
		if (operand->parts[i].incomplete)
			return true;
	}
	return false;
}

double
operand_value(const struct operand *operand)
{
	double sum = 0, min = INFINITY, max = -INFINITY;
	size_t count = 0;

	for (size_t i = 0; i < operand->part_count; i++) {
		const struct part *part = &operand->parts[i];

		if (part->count == 0)
			continue;
		count += part->count;
		sum += part->sum;
		min = part->min < min ? part->min : min;
		max = part->max > max ? part->max : max;
	}
	if (count == 0)
		return NAN;
	switch (operand->agg) {
	case SIGNAL_MAX:
		return max;
	case SIGNAL_MIN:
		return min;
	case SIGNAL_AVG:
		return sum / (double)count;
	case SIGNAL_SUM:
		break;
	}
	return sum;
}

double
operand_increase(const struct operand *operand, double *ret_seconds)
{
	const double *old, *new;
	int64_t span;

	if (!ring_window(&operand->ring, &old, &new, &span))
		return NAN;
	*ret_seconds = (double)span / 1e9;
	return new[0] - old[0];
}

double
operand_quantile(const struct operand *operand, double q)
{
	size_t order[WATCH_BUCKETS_MAX], n = operand->total_count;
	const double *old, *new;
	double total, rank, below = 0, lower = 0;
	int64_t span;

	if (n == 0 || !ring_window(&operand->ring, &old, &new, &span))
		return NAN;
	for (size_t i = 0; i < n; i++) {
		size_t at = i;

		while (at > 0 &&
		       operand->bounds[order[at - 1]] > operand->bounds[i]) {
			order[at] = order[at - 1];
			at--;
		}
		order[at] = i;
	}
	if (!isinf(operand->bounds[order[n - 1]]))
		return NAN;
	total = new[order[n - 1]] - old[order[n - 1]];
	if (total <= 0)
		return NAN;
	rank = q * total;
	for (size_t i = 0; i < n; i++) {
		double count = new[order[i]] - old[order[i]];
		double bound = operand->bounds[order[i]];

		if (count < rank) {
			below = count;
			lower = bound;
			continue;
		}
		if (isinf(bound))
			return i > 0 ? lower : NAN;
		if (i == 0 && bound <= 0)
			return bound;
		if (count <= below)
			return bound;
		return lower +
		       (bound - lower) * (rank - below) / (count - below);
	}
	return lower;
}
