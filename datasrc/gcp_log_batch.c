#include "datasrc/gcp_log_batch.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/json.h"
#include "datasrc/limits.h"

bool
gcp_log_batch_init(struct gcp_log_batch *batch)
{
	*batch = (struct gcp_log_batch) { .arena = NULL };
	buf_init(&batch->names, GCP_LOG_NAMES_MAX);
	/* A page more than is kept: the last one is read to its end. */
	batch->arena = arena_new(GCP_LOG_POLL_BYTES + GCP_LOG_BODY_MAX);
	return batch->arena != NULL;
}

void
gcp_log_batch_release(struct gcp_log_batch *batch)
{
	arena_free(batch->arena);
	mem_free(batch->items);
	mem_free(batch->marks);
	buf_release(&batch->names);
}

static bool
batch_room(struct gcp_log_batch *batch)
{
	size_t cap = batch->cap != 0 ? batch->cap * 2 : GCP_LOG_PAGE;
	struct gcp_log_item *items;
	struct gcp_mark *marks;

	if (batch->count < batch->cap)
		return true;
	items = mem_realloc(batch->items, cap, sizeof(*items));
	if (items == NULL)
		return false;
	batch->items = items;
	marks = mem_realloc(batch->marks, cap, sizeof(*marks));
	if (marks == NULL)
		return false;
	batch->marks = marks;
	batch->cap = cap;
	return true;
}

/* Twice in one answer: pages overlap while entries arrive. */
static bool
batch_has(const struct gcp_log_batch *batch, const struct gcp_mark *mark)
{
	for (size_t i = batch->count; i > 0; i--) {
		const struct gcp_mark *other = &batch->items[i - 1].entry.mark;

		if (other->id == mark->id)
			return true;
		/* They come in order; from here on they are newer. */
		if (gcp_stamp_order(other->at, mark->at) > 0)
			break;
	}
	return false;
}

static void
batch_add(struct gcp_log_batch *batch, const struct cJSON *v,
    const struct gcp_mark *mark, struct gcp_entry_reader *reader,
    const struct gcp_log_named *named)
{
	struct gcp_log_item *item;

	if (!batch_room(batch)) {
		batch->starved = true;
		return;
	}
	item = &batch->items[batch->count];
	item->place = batch->count;
	item->found = gcp_log_named_match(named, v, &batch->names);
	item->lost = !gcp_entry_read(reader, v, mark, buf_cstr(&batch->names),
	    batch->arena, &item->entry);
	batch->lost += item->lost;
	batch->count++;
}

bool
gcp_log_batch_page(struct gcp_log_batch *batch, const struct cJSON *page,
    const struct gcp_cursor *cursor, struct gcp_entry_reader *reader,
    const struct gcp_log_named *named, int64_t now_ms)
{
	const struct cJSON *list = json_member(page, "entries");
	const struct cJSON *v = json_first(list);

	/* None at all is how Google writes an empty list. */
	if (list != NULL && !json_is_array(list))
		return false;
	for (; v != NULL; v = json_next(v)) {
		struct gcp_mark mark;

		if (!json_is_object(v))
			continue;
		gcp_entry_mark(v, now_ms, &mark);
		if (batch->listed++ == 0)
			batch->oldest = batch->newest = mark.at;
		if (gcp_stamp_order(mark.at, batch->oldest) < 0)
			batch->oldest = mark.at;
		if (gcp_stamp_order(mark.at, batch->newest) > 0)
			batch->newest = mark.at;
		if (!gcp_cursor_seen(cursor, &mark) && !batch_has(batch, &mark))
			batch_add(batch, v, &mark, reader, named);
	}
	return true;
}

bool
gcp_log_batch_is_full(const struct gcp_log_batch *batch)
{
	return arena_used(batch->arena) > GCP_LOG_POLL_BYTES;
}

/* Of two at the same time the one that was listed later is the older. */
static int
compare_items(const void *a, const void *b)
{
	const struct gcp_log_item *x = a, *y = b;
	int order = gcp_stamp_order(x->entry.mark.at, y->entry.mark.at);

	return order != 0 ? order
			  : (x->place < y->place) - (x->place > y->place);
}

void
gcp_log_batch_sort(struct gcp_log_batch *batch)
{
	if (batch->count > 0)
		qsort(batch->items, batch->count, sizeof(*batch->items),
		    compare_items);
	for (size_t i = 0; i < batch->count; i++)
		batch->marks[i] = batch->items[i].entry.mark;
}

static double
seconds_between(struct gcp_stamp from, struct gcp_stamp to)
{
	return (double)(to.s - from.s) + (double)(to.ns - from.ns) / 1e9;
}

uint64_t
gcp_log_batch_gap(const struct gcp_log_batch *batch, struct gcp_stamp since)
{
	double span = seconds_between(batch->oldest, batch->newest);
	double gap = seconds_between(since, batch->oldest);
	double about;

	if (batch->listed == 0 || gap <= 0)
		return 0;
	if (span <= 0)
		return 1;
	about = (double)batch->listed * gap / span;
	return about < 1 ? 1 : about > 1e9 ? 1000000000 : (uint64_t)about;
}
