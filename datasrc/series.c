#include "datasrc/series.h"

#include <math.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "datasrc/limits.h"
#include "datasrc/series_impl.h"

enum {
	ENTRIES_FIRST = 128 /* an ordinary page */
};

/* 64 by 64 bits, folded: every bit of the product counts. */
static inline uint64_t
mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Keyed, so that a page can't be made whose series all meet in one place. */
static uint64_t
hash_raw(uint64_t seed, const char *p, size_t len)
{
	uint64_t hash = seed ^ len, word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = mix(hash ^ word, UINT64_C(0x9e3779b97f4a7c15));
	}
	word = 0;
	memcpy(&word, p, len);
	return mix(hash ^ word, UINT64_C(0xa0761d6478bd642f));
}

enum err_code
series_new(const struct series_rules *rules, struct series **ret_series,
    struct err *err)
{
	struct series *series = mem_calloc(1, sizeof(*series));
	size_t i;

	if (series == NULL)
		goto fail;
	series->rules = *rules;
	series->first = SERIES_NONE;
	buf_init(&series->scratch, EXPO_LABEL_BYTES_MAX);
	if (getrandom(&series->seed, sizeof(series->seed), GRND_NONBLOCK) !=
	    sizeof(series->seed))
		series->seed = (uint64_t)clock_now();
	series->raws = arena_new(SERIES_RAW_BYTES_MAX);
	series->pool = pool_new(SERIES_TEXT_BYTES_MAX);
	series->targets =
	    mem_calloc(rules->target_count, sizeof(*series->targets));
	if (series->raws == NULL || series->pool == NULL ||
	    series->targets == NULL)
		goto fail;
	for (i = 0; i < rules->target_count; i++)
		series->targets[i].started = NAN;
	*ret_series = series;
	return ERR_OK;
fail:
	series_free(series);
	return err_set(err, ERR_NOMEM, "series", "no memory for series");
}

static void
targets_free(struct series *series)
{
	size_t i;

	for (i = 0; series->targets != NULL && i < series->rules.target_count;
	     i++)
		mem_free(series->targets[i].values);
	mem_free(series->targets);
}

struct series *
series_free(struct series *series)
{
	if (series == NULL)
		return NULL;
	targets_free(series);
	expo_release(&series->expo);
	buf_release(&series->scratch);
	mem_free(series->entries);
	mem_free(series->index);
	arena_free(series->raws);
	series_slots_release(series);
	pool_unref(series->pool);
	mem_free(series);
	return NULL;
}

enum err_code
series_retarget(struct series *series, const char *const *names,
    const size_t *from, size_t count, struct err *err)
{
	struct series_target *targets = mem_calloc(count, sizeof(*targets));
	size_t i;

	if (targets == NULL)
		return err_set(
		    err, ERR_NOMEM, "series", "no memory for series");
	for (i = 0; i < count; i++) {
		if (from[i] == SERIES_NEW) {
			targets[i].started = NAN;
			continue;
		}
		targets[i] = series->targets[from[i]];
		series->targets[from[i]].values = NULL;
	}
	targets_free(series);
	series_each_free(series);
	series->targets = targets;
	series->rules.targets = names;
	series->rules.target_count = count;
	return ERR_OK;
}

/* The place in the index where an entry is, or the free one for it. */
static uint32_t *
index_place(const struct series *series, uint64_t hash,
    const struct expo_sample *sample)
{
	uint32_t mask = series->index_cap - 1, i = (uint32_t)hash & mask;

	for (;; i = (i + 1) & mask) {
		const struct series_entry *entry;

		if (series->index[i] == 0)
			return &series->index[i];
		entry = &series->entries[series->index[i] - 1];
		if (entry->hash == hash &&
		    entry->known.series_len == sample->series_len &&
		    entry->known.type == sample->type &&
		    entry->known.part == sample->part &&
		    memcmp(entry->known.series, sample->series,
			sample->series_len) == 0)
			return &series->index[i];
	}
}

/* Enters all entries into an empty index. */
static void
index_fill(struct series *series)
{
	uint32_t i, at, mask = series->index_cap - 1;

	for (i = 0; i < series->entry_count; i++) {
		at = (uint32_t)series->entries[i].hash & mask;
		while (series->index[at] != 0)
			at = (at + 1) & mask;
		series->index[at] = i + 1;
	}
}

/* Room for one entry more; the index is at most half full. */
static bool
entries_grow(struct series *series)
{
	uint32_t cap =
	    series->entry_cap != 0 ? series->entry_cap * 2 : ENTRIES_FIRST;
	struct series_entry *entries;
	uint32_t *index;

	if (series->entry_count < series->entry_cap)
		return true;
	entries = mem_realloc(series->entries, cap, sizeof(*entries));
	if (entries == NULL)
		return false;
	series->entries = entries;
	index = mem_calloc((size_t)cap * 2, sizeof(*index));
	if (index == NULL)
		return false;
	mem_free(series->index);
	series->index = index;
	series->index_cap = cap * 2;
	series->entry_cap = cap;
	index_fill(series);
	return true;
}

static bool
is_start_time(const struct expo_sample *sample)
{
	static const char name[] = "process_start_time_seconds";

	return sample->name_len == sizeof(name) - 1 &&
	       sample->labels_len == 0 &&
	       memcmp(sample->name, name, sizeof(name) - 1) == 0;
}

/*
 * Adds an entry; *ret_entry is SERIES_NONE when there is no room for it.
 * One that is not kept is only remembered to save work, so that it leaves
 * the last quarter to those that are.
 */
static enum err_code
entry_add(struct series *series, const struct expo_sample *sample,
    uint64_t hash, uint32_t *ret_entry)
{
	uint32_t slot, room = SERIES_ENTRIES_MAX;
	struct series_entry *entry;
	enum err_code code;
	char *raw;

	*ret_entry = SERIES_NONE;
	code = series_slot_for(series, sample, &slot);
	if (code != ERR_OK)
		return code;
	if (slot >= SERIES_REFUSED)
		room = room / 4 * 3;
	raw = series->entry_count < room
		  ? arena_copy(series->raws, sample->series, sample->series_len)
		  : NULL;
	if (raw == NULL) {
		series->pressed = true;
		series->left_out += slot != SERIES_NONE;
		series_slot_drop(series, slot);
		return ERR_OK;
	}
	if (!entries_grow(series)) {
		series_slot_drop(series, slot);
		return ERR_NOMEM;
	}
	entry = &series->entries[series->entry_count];
	*entry = (struct series_entry) {
		.known = expo_known(&series->expo, sample, raw),
		.hash = hash,
		.next = SERIES_NONE,
		.slot = slot,
		.start = is_start_time(sample),
	};
	*index_place(series, hash, sample) = series->entry_count + 1;
	*ret_entry = series->entry_count++;
	return ERR_OK;
}

/* The entry of a sample whose name and labels were read, or a new one. */
static enum err_code
entry_find(struct series *series, const struct expo_sample *sample,
    uint32_t *ret_entry)
{
	uint64_t hash =
	    hash_raw(series->seed, sample->series, sample->series_len);

	if (series->index_cap != 0) {
		*ret_entry = *index_place(series, hash, sample) - 1;
		if (*ret_entry != SERIES_NONE)
			return ERR_OK;
	}
	return entry_add(series, sample, hash, ret_entry);
}

/* Takes note of a value; it counts when the whole page is sound. */
static void
entry_take(struct series *series, uint32_t at, double value, double *started,
    struct series_page *page)
{
	struct series_entry *entry = &series->entries[at];
	struct series_slot *slot;

	if (entry->stamp == series->stamp) {
		page->repeated++;
		return;
	}
	entry->stamp = series->stamp;
	entry->round = series->round;
	if (entry->start)
		*started = value;
	if (entry->slot >= SERIES_REFUSED) {
		series->left_out += entry->slot == SERIES_REFUSED;
		return;
	}
	page->kept++;
	slot = &series->slots[entry->slot];
	if (slot->stamp != series->stamp) {
		slot->stamp = series->stamp;
		slot->fresh = value;
	} else {
		slot->fresh += value;
	}
}

enum err_code
series_read(struct series *series, size_t target, enum expo_format format,
    const char *page, size_t len, struct series_page *ret_page, struct err *err)
{
	struct series_page seen = { .samples = 0 };
	struct expo *expo = &series->expo;
	uint32_t last = SERIES_NONE, hint = series->first, at;
	double started = NAN, *was = &series->targets[target].started;
	struct expo_sample sample;
	enum err_code code;

	series->stamp++;
	expo_start(expo, format, page, len);
	for (;;) {
		if (hint != SERIES_NONE)
			expo_hint(expo, &series->entries[hint].known);
		code = expo_next(expo, &sample, err);
		if (code != ERR_OK || sample.line == 0)
			break;
		at = hint;
		if (!sample.hinted)
			code = entry_find(series, &sample, &at);
		if (code != ERR_OK)
			break;
		if (at != SERIES_NONE && last != SERIES_NONE)
			series->entries[last].next = at;
		else if (at != SERIES_NONE && expo->samples == 1)
			series->first = at;
		last = at;
		hint = SERIES_NONE;
		if (at != SERIES_NONE) {
			entry_take(series, at, sample.value, &started, &seen);
			hint = series->entries[at].next;
		}
	}
	if (code == ERR_OK)
		code = series_commit(series, target, &seen);
	if (code == ERR_NOMEM)
		err_set(err, code, "series", "no memory for series");
	if (code != ERR_OK)
		return code;
	seen.samples = expo->samples;
	seen.restarted = started > *was;
	*was = started;
	if (ret_page != NULL)
		*ret_page = seen;
	return ERR_OK;
}

/* Forgets what was not seen for long, and compacts the texts. */
static void
series_sweep(struct series *series)
{
	struct arena *raws = arena_new(SERIES_RAW_BYTES_MAX);
	uint32_t i, kept = 0;
	char *raw;

	series->swept = series->round;
	if (raws == NULL)
		return;
	for (i = 0; i < series->entry_count; i++) {
		struct series_entry *entry = &series->entries[i];

		raw = NULL;
		/* What was refused is to be judged again. */
		if (entry->slot != SERIES_REFUSED &&
		    series->round - entry->round <= SERIES_FORGET_ROUNDS)
			raw = arena_copy(
			    raws, entry->known.series, entry->known.series_len);
		if (raw == NULL) {
			series_slot_drop(series, entry->slot);
			continue;
		}
		entry->known.series = raw;
		entry->next = SERIES_NONE;
		series->entries[kept++] = *entry;
	}
	arena_free(series->raws);
	series->raws = raws;
	series->entry_count = kept;
	series->first = SERIES_NONE;
	memset(series->index, 0, series->index_cap * sizeof(*series->index));
	index_fill(series);
	series_slots_move(series);
}

void
series_round(struct series *series)
{
	uint32_t i;
	bool starved = series->starved;

	series->round++;
	series->left_out = 0;
	for (i = 0; i < series->slot_count; i++) {
		series->slots[i].count = 0;
		series->slots[i].sum = 0;
	}
	/* Texts that failed long before their limit: memory was short. */
	if (arena_failed(series->pool->arena) &&
	    arena_used(series->pool->arena) < SERIES_TEXT_BYTES_MAX / 2)
		starved = true;
	if (series->entry_count != 0 &&
	    (starved || (series->pressed && series->round - series->swept >
						SERIES_FORGET_ROUNDS))) {
		series->pressed = false;
		series->starved = false;
		series_sweep(series);
	}
}

void
series_usage(const struct series *series, struct series_usage *ret_usage)
{
	*ret_usage = (struct series_usage) {
		.known = series->entry_count,
		.metrics = series->slot_used,
		.left_out = series->left_out,
		.bytes = arena_used(series->raws) +
			 arena_used(series->pool->arena) +
			 series->entry_cap * sizeof(*series->entries) +
			 series->slot_cap *
			     (sizeof(*series->slots) +
				 series->rules.target_count * sizeof(double)),
	};
}
