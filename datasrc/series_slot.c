#include <string.h>

#include "base/alloc.h"
#include "base/redact.h"
#include "datasrc/limits.h"
#include "datasrc/series_impl.h"
#include "model/selector.h"

enum {
	SLOTS_FIRST = 32
};

/* How a new series is to be kept. */
enum keep {
	KEEP_NOT,
	KEEP_REFUSED, /* wanted, but there is no room */
	KEEP_SUM,
	KEEP_PER_TARGET,
};

static bool
ends_with(struct text name, const char *suffix)
{
	size_t len = strlen(suffix);

	return name.len >= len &&
	       memcmp(name.s + name.len - len, suffix, len) == 0;
}

/*
 * What rates and charts need to know. An untyped series is a counter only by
 * the name that counters have by convention.
 */
static enum metric_kind
kind_of(const struct expo_sample *sample, struct text name)
{
	switch (sample->type) {
	case EXPO_COUNTER:
		return sample->part == EXPO_VALUE ? METRIC_COUNTER
						  : METRIC_GAUGE;
	case EXPO_HISTOGRAM:
	case EXPO_SUMMARY:
		if (sample->part == EXPO_BUCKET)
			return METRIC_BUCKET;
		return sample->part == EXPO_SUM || sample->part == EXPO_COUNT
			   ? METRIC_COUNTER
			   : METRIC_GAUGE;
	case EXPO_UNTYPED:
		return ends_with(name, "_total") ? METRIC_COUNTER
						 : METRIC_GAUGE;
	default:
		return METRIC_GAUGE;
	}
}

/* By the base units that names end with (prometheus.io, "Metric naming"). */
static enum num_unit
unit_of(const struct expo_sample *sample, struct text name)
{
	static const struct {
		const char *suffix;
		enum num_unit unit;
	} rows[] = {
		{ "_timestamp_seconds", NUM_NONE }, /* points in time */
		{ "_time_seconds", NUM_NONE },
		{ "_seconds", NUM_SECONDS },
		{ "_seconds_total", NUM_SECONDS },
		{ "_seconds_sum", NUM_SECONDS },
		{ "_bytes", NUM_BYTES },
		{ "_bytes_total", NUM_BYTES },
		{ "_bytes_sum", NUM_BYTES },
		{ "_ratio", NUM_PERCENT },
		{ "_total", NUM_COUNT },
		{ "_count", NUM_COUNT },
	};
	size_t i;

	if (sample->part == EXPO_BUCKET || sample->part == EXPO_COUNT)
		return NUM_COUNT;
	if (sample->part == EXPO_CREATED)
		return NUM_NONE;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (ends_with(name, rows[i].suffix))
			return rows[i].unit;
	return NUM_NONE;
}

/* Raw text of a name or a label, unescaped, redacted and cleaned. */
static struct text
text_of(struct series *series, struct arena *arena, const char *raw, size_t len)
{
	if (memchr(raw, '\\', len) != NULL) {
		buf_clear(&series->scratch);
		if (buf_reserve(&series->scratch, len) == NULL)
			return text_ingest(series->rules.redactor, arena, raw,
			    0, SERIES_TEXT_MAX);
		len = expo_unescape(raw, len, series->scratch.data);
		raw = series->scratch.data;
	}
	return text_ingest(
	    series->rules.redactor, arena, raw, len, SERIES_TEXT_MAX);
}

static bool
is_left_out(const struct series_rules *rules, const struct expo_label *label)
{
	size_t i;

	for (i = 0; i < rules->without_count; i++)
		if (strlen(rules->without[i]) == label->name_len &&
		    memcmp(rules->without[i], label->name, label->name_len) ==
			0)
			return true;
	return false;
}

/*
 * Name and labels as they will be shown, sorted by key, in the arena. False
 * without memory.
 */
static bool
metric_read(struct series *series, struct arena *arena,
    const struct expo_sample *sample, struct metric *metric)
{
	struct expo_labels walk = expo_labels(sample);
	struct expo_label raw;
	struct label *labels, label;
	uint32_t count = 0, at;

	labels = arena_array(arena, EXPO_LABELS_MAX, sizeof(*labels));
	if (labels == NULL)
		return false;
	while (expo_labels_next(&walk, &raw)) {
		if (is_left_out(&series->rules, &raw))
			continue;
		label.key = text_of(series, arena, raw.name, raw.name_len);
		label.value = text_of(series, arena, raw.value, raw.value_len);
		for (at = count++; at > 0; at--) {
			if (text_cmp(labels[at - 1].key, label.key) <= 0)
				break;
			labels[at] = labels[at - 1];
		}
		labels[at] = label;
	}
	*metric = (struct metric) {
		.name = text_of(series, arena, sample->name, sample->name_len),
		.labels = labels,
		.label_count = count,
	};
	metric->kind = kind_of(sample, metric->name);
	metric->unit = unit_of(sample, metric->name);
	return !arena_failed(arena);
}

/* Whether one of the selectors could match a series of that raw name. */
static bool
name_is_selected(struct selector *const *selectors, size_t count,
    const struct expo_sample *sample)
{
	const char *name;
	size_t i;

	for (i = 0; i < count; i++) {
		name = selector_name(selectors[i]);
		if (name == NULL ||
		    (strlen(name) == sample->name_len &&
			memcmp(name, sample->name, sample->name_len) == 0))
			return true;
	}
	return false;
}

static bool
is_selected(struct selector *const *selectors, size_t count,
    const struct metric *metric)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (selector_match_metric(selectors[i], metric) == REGEX_MATCH)
			return true;
	return false;
}

static enum keep
keep_of(const struct series *series, const struct metric *metric,
    const struct expo_sample *sample)
{
	const struct series_rules *rules = &series->rules;

	if (is_selected(rules->per_target, rules->per_target_count, metric))
		return rules->all ? KEEP_SUM : KEEP_PER_TARGET;
	if (is_selected(rules->keep, rules->keep_count, metric))
		return KEEP_SUM;
	if (!rules->all || sample->part == EXPO_CREATED)
		return KEEP_NOT;
	return series->slot_used < SERIES_ALL_MAX ? KEEP_SUM : KEEP_REFUSED;
}

/* Copies texts and labels into the pool; false without memory there. */
static bool
metric_move(struct metric *metric, struct arena *arena)
{
	struct label *labels = NULL;
	uint32_t i;

	if (metric->label_count != 0) {
		labels =
		    arena_array(arena, metric->label_count, sizeof(*labels));
		if (labels == NULL)
			return false;
	}
	for (i = 0; i < metric->label_count; i++) {
		labels[i].key = text_copy(arena, metric->labels[i].key);
		labels[i].value = text_copy(arena, metric->labels[i].value);
	}
	metric->name = text_copy(arena, metric->name);
	metric->labels = labels;
	return !arena_failed(arena);
}

static bool
slots_grow(struct series *series)
{
	uint32_t cap =
	    series->slot_cap != 0 ? series->slot_cap * 2 : SLOTS_FIRST;
	struct series_slot *slots;
	uint64_t *ids;

	slots = mem_realloc(series->slots, cap, sizeof(*slots));
	if (slots == NULL)
		return false;
	series->slots = slots;
	ids = mem_realloc(series->ids, cap, sizeof(*ids));
	if (ids == NULL)
		return false;
	series->ids = ids;
	series->slot_cap = cap;
	return true;
}

/* A free slot, or SERIES_NONE without memory or room. */
static uint32_t
slot_free(struct series *series)
{
	uint32_t i, max = SERIES_KEPT_MAX;

	if (max > SERIES_VALUES_MAX / series->rules.target_count)
		max =
		    (uint32_t)(SERIES_VALUES_MAX / series->rules.target_count);
	if (series->slot_used < series->slot_count) {
		for (i = 0; series->slots[i].refs != 0; i++)
			continue;
		return i;
	}
	if (series->slot_count >= max)
		return SERIES_NONE;
	if (series->slot_count == series->slot_cap && !slots_grow(series)) {
		series->starved = true;
		return SERIES_NONE;
	}
	return series->slot_count++;
}

/* The slot of a metric: that of one with the same name and labels, or new. */
static uint32_t
slot_take(struct series *series, struct metric *metric, enum keep keep)
{
	uint64_t id =
	    metric_id(metric->name, metric->labels, metric->label_count);
	uint32_t at;

	for (at = 0; at < series->slot_count; at++)
		if (series->ids[at] == id && series->slots[at].refs != 0) {
			series->slots[at].refs++;
			return at;
		}
	if (!metric_move(metric, series->pool->arena))
		return SERIES_NONE;
	at = slot_free(series);
	if (at == SERIES_NONE)
		return at;
	metric->id = id;
	series->ids[at] = id;
	series->slots[at] = (struct series_slot) {
		.metric = *metric,
		.refs = 1,
		.per_target = keep == KEEP_PER_TARGET,
	};
	series->slot_used++;
	return at;
}

enum err_code
series_slot_for(
    struct series *series, const struct expo_sample *sample, uint32_t *ret_slot)
{
	const struct series_rules *rules = &series->rules;
	struct arena *arena;
	struct metric metric;
	enum err_code code = ERR_NOMEM;
	enum keep keep;

	*ret_slot = SERIES_NONE;
	if (!rules->all &&
	    !name_is_selected(rules->keep, rules->keep_count, sample) &&
	    !name_is_selected(
		rules->per_target, rules->per_target_count, sample))
		return ERR_OK;
	arena = arena_new(SERIES_SCRATCH_MAX);
	if (arena == NULL || !metric_read(series, arena, sample, &metric))
		goto out;
	code = ERR_OK;
	keep = keep_of(series, &metric, sample);
	if (keep != KEEP_NOT && keep != KEEP_REFUSED)
		*ret_slot = slot_take(series, &metric, keep);
	if (keep == KEEP_REFUSED ||
	    (keep != KEEP_NOT && *ret_slot == SERIES_NONE)) {
		*ret_slot = SERIES_REFUSED;
		series->pressed = true;
	}
out:
	arena_free(arena);
	return code;
}

void
series_slot_drop(struct series *series, uint32_t at)
{
	struct series_slot *slot;
	size_t i;

	if (at >= SERIES_REFUSED)
		return;
	slot = &series->slots[at];
	if (--slot->refs != 0)
		return;
	for (i = 0; i < series->rules.target_count; i++)
		if (at < series->targets[i].cap)
			series->targets[i].values[at].round = 0;
	mem_free(slot->each);
	slot->each = NULL;
	series->slot_used--;
}

bool
series_slots_move(struct series *series)
{
	struct pool *pool = pool_new(SERIES_TEXT_BYTES_MAX);
	uint32_t i;
	bool moved = pool != NULL;
	struct metric *metrics =
	    mem_calloc(series->slot_count, sizeof(*metrics));

	moved = moved && metrics != NULL;
	for (i = 0; moved && i < series->slot_count; i++) {
		metrics[i] = series->slots[i].metric;
		if (series->slots[i].refs != 0)
			moved = metric_move(&metrics[i], pool->arena);
	}
	for (i = 0; moved && i < series->slot_count; i++)
		series->slots[i].metric = metrics[i];
	if (moved)
		series_each_free(series);
	mem_free(metrics);
	if (!moved) {
		pool_unref(pool);
		return false;
	}
	pool_unref(series->pool);
	series->pool = pool;
	return true;
}

void
series_each_free(struct series *series)
{
	uint32_t i;

	for (i = 0; i < series->slot_count; i++) {
		mem_free(series->slots[i].each);
		series->slots[i].each = NULL;
	}
}

void
series_slots_release(struct series *series)
{
	series_each_free(series);
	mem_free(series->slots);
	mem_free(series->ids);
}
