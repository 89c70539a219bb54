#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "datasrc/limits.h"
#include "datasrc/series_impl.h"

static bool
is_counter(const struct series_slot *slot)
{
	return slot->metric.kind != METRIC_GAUGE;
}

static bool
values_grow(struct series *series, struct series_target *target)
{
	struct series_value *values;

	if (target->cap >= series->slot_count)
		return true;
	values = mem_realloc(
	    target->values, series->slot_cap, sizeof(*target->values));
	if (values == NULL)
		return false;
	memset(values + target->cap, 0,
	    (series->slot_cap - target->cap) * sizeof(*values));
	target->values = values;
	target->cap = series->slot_cap;
	return true;
}

/*
 * How much a counter of a target grew. A series that is new on a target
 * which was there before counts from zero, so that the first error of a kind
 * is seen; a target that is new, or was away for long, adds nothing yet.
 * Only the first round of all takes values as they are.
 */
static double
growth(const struct series *series, const struct series_target *target,
    const struct series_value *before, double now, struct series_page *page)
{
	double grown;

	if (target->round == 0 ||
	    series->round - target->round > SERIES_GAP_ROUNDS)
		grown = series->round == series->first_round ? now : 0;
	else if (before->round == 0)
		grown = now;
	else if (now < before->value) {
		page->resets++;
		grown = now;
	} else
		grown = now - before->value;
	return isfinite(grown) ? grown : 0;
}

/* Adds a target's value to the round's. */
static void
slot_add(struct series_slot *slot, double value)
{
	if (slot->count == 0 || value < slot->min)
		slot->min = value;
	if (slot->count == 0 || value > slot->max)
		slot->max = value;
	slot->sum = slot->count == 0 ? value : slot->sum + value;
	slot->count++;
}

enum err_code
series_commit(struct series *series, size_t at, struct series_page *page)
{
	struct series_target *target = &series->targets[at];
	uint32_t i;

	if (!values_grow(series, target))
		return ERR_NOMEM;
	if (series->first_round == 0)
		series->first_round = series->round;
	for (i = 0; i < series->slot_count; i++) {
		struct series_slot *slot = &series->slots[i];
		struct series_value *value = &target->values[i];

		/* NaN says nothing, like a series that is not there. */
		if (slot->refs == 0 || slot->stamp != series->stamp ||
		    isnan(slot->fresh))
			continue;
		if (is_counter(slot))
			slot->total +=
			    growth(series, target, value, slot->fresh, page);
		value->value = slot->fresh;
		value->round = series->round;
		slot_add(slot, slot->fresh);
	}
	target->round = series->round;
	return ERR_OK;
}

/* The metric of a slot with a label for one target; NULL: no memory. */
static const struct metric *
slot_each(struct series *series, struct series_slot *slot, size_t at)
{
	const struct metric *sum = &slot->metric;
	struct arena *arena = series->pool->arena;
	struct metric *metric;
	struct label *labels, label;
	uint32_t i, to = 0;

	if (slot->each == NULL)
		slot->each =
		    mem_calloc(series->rules.target_count, sizeof(*slot->each));
	if (slot->each == NULL)
		return NULL;
	metric = &slot->each[at];
	if (metric->name.s != NULL)
		return metric;
	labels = arena_array(arena, sum->label_count + 1, sizeof(*labels));
	if (labels == NULL)
		return NULL;
	label.key = TEXT("target");
	label.value = text_clean_str(arena, series->rules.targets[at]);
	for (i = 0; i < sum->label_count; i++) {
		labels[i] = sum->labels[i];
		/* As Prometheus does with a label that it sets itself. */
		if (text_eq(labels[i].key, label.key))
			labels[i].key = TEXT("exported_target");
	}
	labels[i] = label;
	for (i = 1; i <= sum->label_count; i++) {
		label = labels[i];
		for (to = i; to > 0; to--) {
			if (text_cmp(labels[to - 1].key, label.key) <= 0)
				break;
			labels[to] = labels[to - 1];
		}
		labels[to] = label;
	}
	if (arena_failed(arena))
		return NULL;
	*metric = *sum;
	metric->labels = labels;
	metric->label_count = sum->label_count + 1;
	metric->id = metric_id(sum->name, labels, metric->label_count);
	return metric;
}

static void
publish_each(struct series *series, uint32_t slot, struct build *build)
{
	struct metric metric;
	size_t i;

	for (i = 0; i < series->rules.target_count; i++) {
		const struct series_target *target = &series->targets[i];
		const struct metric *each;

		if (slot >= target->cap ||
		    target->values[slot].round != series->round)
			continue;
		each = slot_each(series, &series->slots[slot], i);
		if (each == NULL)
			return;
		metric = *each;
		metric.value = target->values[slot].value;
		build_metric_of(build, &metric);
	}
}

/* What the targets that answered in this round come to. */
static double
slot_value(const struct series *series, const struct series_slot *slot)
{
	/* One target alone shows what it said, resets and all. */
	if (series->rules.all)
		return slot->sum;
	if (is_counter(slot))
		return slot->total;
	switch (series->rules.gauges) {
	case SERIES_AVG:
		return slot->sum / slot->count;
	case SERIES_MAX:
		return slot->max;
	case SERIES_MIN:
		return slot->min;
	case SERIES_SUM:
		break;
	}
	return slot->sum;
}

void
series_publish(struct series *series, struct build *build)
{
	struct metric metric;
	uint32_t i;

	build_share(build, series->pool);
	for (i = 0; i < series->slot_count; i++) {
		struct series_slot *slot = &series->slots[i];

		if (slot->refs == 0 || slot->count == 0)
			continue;
		if (slot->per_target) {
			publish_each(series, i, build);
			continue;
		}
		metric = slot->metric;
		metric.value = slot_value(series, slot);
		build_metric_of(build, &metric);
	}
}
