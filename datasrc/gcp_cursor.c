#include "datasrc/gcp_cursor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "datasrc/limits.h"
#include "model/logtime.h"

bool
gcp_stamp_parse(const char *s, struct gcp_stamp *ret)
{
	size_t len = strlen(s), digits = 0;
	const char *dot = memchr(s, '.', len);
	struct logtime time;
	int64_t seconds;
	int32_t ns = 0;

	if (!logtime_parse(s, len, 0, LOGTIME_UTC, &time) || time.len != len ||
	    !time.has_zone)
		return false;
	seconds = time.wall_ms / 1000 - (time.wall_ms % 1000 < 0);
	for (; dot != NULL && dot[1] >= '0' && dot[1] <= '9'; dot++) {
		if (digits++ < 9)
			ns = ns * 10 + (dot[1] - '0');
	}
	for (; digits > 0 && digits < 9; digits++)
		ns *= 10;
	*ret = (struct gcp_stamp) { .s = seconds, .ns = ns };
	return true;
}

char *
gcp_stamp_text(struct gcp_stamp stamp, char out[GCP_STAMP_LEN])
{
	char seconds[CLOCK_RFC3339_LEN];

	clock_rfc3339(stamp.s * 1000, seconds);
	/* Without ".000Z". */
	snprintf(out, GCP_STAMP_LEN, "%.*s.%09dZ", (int)strcspn(seconds, "."),
	    seconds, (int)stamp.ns);
	return out;
}

int64_t
gcp_stamp_ms(struct gcp_stamp stamp)
{
	return stamp.s * 1000 + stamp.ns / 1000000;
}

struct gcp_stamp
gcp_stamp_of(int64_t wall_ms)
{
	int64_t s = wall_ms / 1000 - (wall_ms % 1000 < 0);

	return (struct gcp_stamp) { .s = s,
		.ns = (int32_t)(wall_ms - s * 1000) * 1000000 };
}

int
gcp_stamp_order(struct gcp_stamp a, struct gcp_stamp b)
{
	if (a.s != b.s)
		return a.s < b.s ? -1 : 1;
	return (a.ns > b.ns) - (a.ns < b.ns);
}

void
gcp_cursor_init(struct gcp_cursor *cursor, struct gcp_stamp from)
{
	*cursor = (struct gcp_cursor) { .from = from, .newest = from };
}

void
gcp_cursor_release(struct gcp_cursor *cursor)
{
	mem_free(cursor->seen);
	*cursor = (struct gcp_cursor) { .seen = NULL };
}

static int
compare_ids(const void *a, const void *b)
{
	const struct gcp_mark *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int
compare_newest_first(const void *a, const void *b)
{
	const struct gcp_mark *x = a, *y = b;

	return gcp_stamp_order(y->at, x->at);
}

bool
gcp_cursor_seen(const struct gcp_cursor *cursor, const struct gcp_mark *mark)
{
	if (gcp_stamp_order(mark->at, cursor->from) < 0)
		return true;
	return cursor->seen_count > 0 &&
	       bsearch(mark, cursor->seen, cursor->seen_count, sizeof(*mark),
		   compare_ids) != NULL;
}

static bool
cursor_room(struct gcp_cursor *cursor, size_t count)
{
	size_t cap = cursor->seen_cap != 0 ? cursor->seen_cap : 1024;
	struct gcp_mark *grown;

	while (cap < count)
		cap *= 2;
	if (cap == cursor->seen_cap)
		return true;
	grown = mem_realloc(cursor->seen, cap, sizeof(*grown));
	if (grown == NULL)
		return false;
	cursor->seen = grown;
	cursor->seen_cap = cap;
	return true;
}

bool
gcp_cursor_take(struct gcp_cursor *cursor, const struct gcp_mark *marks,
    size_t count, struct gcp_stamp now)
{
	struct gcp_stamp from;
	size_t kept = 0;

	if (count == 0)
		return true;
	if (!cursor_room(cursor, cursor->seen_count + count))
		return false;
	memcpy(
	    cursor->seen + cursor->seen_count, marks, count * sizeof(*marks));
	cursor->seen_count += count;
	for (size_t i = 0; i < count; i++) {
		struct gcp_stamp at = marks[i].at;

		if (gcp_stamp_order(at, now) > 0)
			at = now;
		if (gcp_stamp_order(at, cursor->newest) > 0)
			cursor->newest = at;
	}
	from = cursor->newest;
	from.s -= GCP_LOG_OVERLAP_S;
	if (gcp_stamp_order(from, cursor->from) > 0)
		cursor->from = from;
	qsort(cursor->seen, cursor->seen_count, sizeof(*cursor->seen),
	    compare_newest_first);
	while (kept < cursor->seen_count && kept < GCP_LOG_SEEN_MAX &&
	       gcp_stamp_order(cursor->seen[kept].at, cursor->from) >= 0)
		kept++;
	/* What there is no room to know again is not asked for again. */
	if (kept == GCP_LOG_SEEN_MAX && kept < cursor->seen_count &&
	    gcp_stamp_order(cursor->seen[kept].at, cursor->from) >= 0) {
		cursor->from = cursor->seen[kept].at;
		if (++cursor->from.ns == 1000000000) {
			cursor->from.ns = 0;
			cursor->from.s++;
		}
	}
	cursor->seen_count = kept;
	qsort(cursor->seen, cursor->seen_count, sizeof(*cursor->seen),
	    compare_ids);
	return true;
}
