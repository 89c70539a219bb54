/*
 * The entries of one poll of Cloud Logging, collected page by page, newest
 * first, and then given in the order of their times. What was shown before
 * is left out.
 * thread: owner.
 */
#ifndef SEV_DATASRC_GCP_LOG_BATCH_H
#define SEV_DATASRC_GCP_LOG_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datasrc/gcp_cursor.h"
#include "datasrc/gcp_entry.h"
#include "datasrc/gcp_log_named.h"

struct cJSON;

struct gcp_log_item {
	struct gcp_entry entry;
	struct gcp_log_found found; /* by the named filters */
	size_t place;		    /* in which it was listed */
	bool lost; /* too large, or for want of memory: it has no line */
};

struct gcp_log_batch {
	struct arena *arena; /* texts of the entries */
	struct gcp_log_item *items;
	size_t count;
	size_t cap;
	struct gcp_mark *marks; /* of the entries, for the cursor */
	size_t listed;		/* by Google, also what was shown before */
	struct gcp_stamp oldest, newest; /* of what was listed */
	uint64_t lost;			 /* items without a line */
	bool starved;			 /* there was no memory for all items */
	struct buf names;
};

/* False: no memory. To be released in any case. */
bool gcp_log_batch_init(struct gcp_log_batch *batch);
void gcp_log_batch_release(struct gcp_log_batch *batch);

/* Takes the entries of a page that are new. False: it holds no list. */
bool gcp_log_batch_page(struct gcp_log_batch *batch, const struct cJSON *page,
    const struct gcp_cursor *cursor, struct gcp_entry_reader *reader,
    const struct gcp_log_named *named, int64_t now_ms);

/* Whether its texts leave no room for another page. */
bool gcp_log_batch_is_full(const struct gcp_log_batch *batch);

/* Puts entries and marks into the order of their times. */
void gcp_log_batch_sort(struct gcp_log_batch *batch);

/*
 * About how many entries there were between since and the oldest one that
 * was listed, by how close the listed ones are to each other; 0: no gap.
 */
uint64_t gcp_log_batch_gap(
    const struct gcp_log_batch *batch, struct gcp_stamp since);

#endif
