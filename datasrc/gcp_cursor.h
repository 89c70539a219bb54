/*
 * Where a tail of Cloud Logging stands: what was shown already, and from
 * when on to ask. Entries come late and out of order, so the question
 * reaches back by GCP_LOG_OVERLAP_S, and what was shown is known by time,
 * log and insertId: Google, too, takes entries that have all of these in
 * common for one. The same insertId at another time is another entry.
 * thread: owner.
 */
#ifndef SEV_DATASRC_GCP_CURSOR_H
#define SEV_DATASRC_GCP_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/* Never a double: it has no nanoseconds. */
struct gcp_stamp {
	int64_t s; /* since 1970 */
	int32_t ns;
};

struct gcp_mark {
	struct gcp_stamp at;
	uint64_t id; /* of time, log and insertId together */
};

struct gcp_cursor {
	struct gcp_stamp from;	 /* to ask from; what is older is not wanted */
	struct gcp_stamp newest; /* of what was shown; from before that */
	struct gcp_mark *seen;	 /* at or after from, by id; owned */
	size_t seen_count;
	size_t seen_cap;
};

/* RFC 3339 with up to nine digits of fraction. False: it is none. */
bool gcp_stamp_parse(const char *s, struct gcp_stamp *ret) ATTR_MUST_USE;

enum {
	GCP_STAMP_LEN = 40
};
/* "2026-01-02T03:04:05.123456789Z"; returns out. */
char *gcp_stamp_text(struct gcp_stamp stamp, char out[GCP_STAMP_LEN]);
int64_t gcp_stamp_ms(struct gcp_stamp stamp);
struct gcp_stamp gcp_stamp_of(int64_t wall_ms);
/* Below 0, 0 or above 0. */
int gcp_stamp_order(struct gcp_stamp a, struct gcp_stamp b);

/* Begins at a time: nothing was shown. */
void gcp_cursor_init(struct gcp_cursor *cursor, struct gcp_stamp from);
void gcp_cursor_release(struct gcp_cursor *cursor);

/* Whether an entry was shown, or is too old to be shown. */
bool gcp_cursor_seen(
    const struct gcp_cursor *cursor, const struct gcp_mark *mark);

/*
 * Takes note of count entries that are shown now, in any order. now: the
 * server's time; an entry that claims to be from the future does not move
 * the cursor beyond it. False: no memory, and nothing has changed.
 */
bool gcp_cursor_take(struct gcp_cursor *cursor, const struct gcp_mark *marks,
    size_t count, struct gcp_stamp now) ATTR_MUST_USE;

#endif
