/*
 * The parts of the series table: series.c finds entries and reads pages,
 * series_slot.c decides what a new series is and holds the values.
 * Private to them.
 */
#ifndef SEV_DATASRC_SERIES_IMPL_H
#define SEV_DATASRC_SERIES_IMPL_H

#include "base/buf.h"
#include "datasrc/series.h"

#define SERIES_NONE    UINT32_MAX
#define SERIES_REFUSED (UINT32_MAX - 1) /* should be kept, had no room */

/* A raw series, kept or not. */
struct series_entry {
	struct expo_known known; /* its text is in series.raws */
	uint64_t hash;
	uint64_t stamp; /* of the page that had it last */
	uint32_t next;	/* entry that followed it last, or SERIES_NONE */
	uint32_t slot;	/* SERIES_NONE or SERIES_REFUSED: not kept */
	uint32_t round; /* in which it was last seen */
	bool start;	/* process_start_time_seconds */
};

/* A metric that is kept. */
struct series_slot {
	struct metric metric; /* texts in series.pool */
	uint32_t refs;	      /* entries that lead here; 0: free */
	bool per_target;
	struct metric *each; /* per target, or NULL; name.s NULL: not made */
	/* of the page being read */
	uint64_t stamp;
	double fresh;
	/* of this round, over the targets read so far */
	uint32_t count;
	double sum;
	double min;
	double max;
	double total; /* of a counter */
};

/* What a target said last about a slot. */
struct series_value {
	double value;
	uint32_t round; /* in which that was; 0: never */
};

struct series_target {
	struct series_value *values; /* by slot */
	uint32_t cap;
	uint32_t round; /* of the last good page; 0: none yet */
	double started; /* process_start_time_seconds; NaN: not known */
};

struct series {
	struct series_rules rules;
	struct series_target *targets;
	struct expo expo;
	struct buf scratch; /* a label without its escapes */

	struct series_entry *entries;
	uint32_t entry_count;
	uint32_t entry_cap;
	uint32_t first;	 /* entry that began the last page */
	uint32_t *index; /* entry + 1 by hash; 0: free; cap a power of 2 */
	uint32_t index_cap;
	uint64_t seed;
	struct arena *raws;

	struct series_slot *slots;
	uint64_t *ids; /* metric ids of the slots, together for searching */
	uint32_t slot_count;
	uint32_t slot_cap;
	uint32_t slot_used;
	struct pool *pool;

	uint32_t round;
	uint32_t first_round; /* in which the first page was read; 0: none */
	uint32_t swept;	      /* round of the last sweep */
	uint64_t stamp;
	size_t left_out; /* in this round */
	bool pressed;	 /* something did not fit: sweep, but not often */
	bool starved;	 /* memory was short: sweep and try again */
};

/*
 * What a sample that is not in the table yet is: *ret_slot is the slot that
 * keeps it, or SERIES_NONE or SERIES_REFUSED. ERR_NOMEM. Not for hinted
 * samples.
 */
enum err_code series_slot_for(struct series *series,
    const struct expo_sample *sample, uint32_t *ret_slot) ATTR_MUST_USE;

/* Drops one entry's hold on a slot, if it has one; a slot held by none is free.
 */
void series_slot_drop(struct series *series, uint32_t slot);

/* Moves all texts in use to a new pool. False: no memory, nothing changed. */
bool series_slots_move(struct series *series);

/* The page is sound: its values become the target's. */
enum err_code series_commit(struct series *series, size_t target,
    struct series_page *page) ATTR_MUST_USE;

/* Forgets the metrics made for single targets. */
void series_each_free(struct series *series);

void series_slots_release(struct series *series);

#endif
