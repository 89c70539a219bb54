/* What the UI reads of a view: copies under the lock, nothing else. */
#include <string.h>

#include "model/logview_impl.h"

void
logview_status(struct logview *view, struct logview_status *ret_status)
{
	pthread_mutex_lock(&view->lock);
	*ret_status = view->status;
	ret_status->unsearched = view->new_search
				     ? view->status.next - view->status.first
				     : view->status.next - view->search_n;
	if (!view->new_search && view->search == NULL)
		ret_status->unsearched = 0;
	pthread_mutex_unlock(&view->lock);
}

size_t
logview_copy(struct logview *view, uint64_t n, struct logmatch *out, size_t max)
{
	size_t count = 0;

	pthread_mutex_lock(&view->lock);
	if (n >= view->status.first) {
		while (count < max && n + count < view->status.next) {
			out[count] = *match_at(view, n + count);
			count++;
		}
	}
	pthread_mutex_unlock(&view->lock);
	return count;
}

uint64_t
logview_find(struct logview *view, uint64_t seq)
{
	uint64_t low, high, middle;

	pthread_mutex_lock(&view->lock);
	low = view->status.first;
	high = view->status.next;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (match_at(view, middle)->seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	pthread_mutex_unlock(&view->lock);
	return low;
}

/* Within a run the places grow by one: the end is found by halving. */
uint64_t
logview_run_end(struct logview *view, uint64_t n)
{
	uint64_t low = n, high, middle;

	pthread_mutex_lock(&view->lock);
	high = view->status.next;
	if (n >= view->status.first && n < high) {
		uint32_t run = match_at(view, n)->run;

		/* low is in the run, high is not. */
		while (high - low > 1) {
			middle = low + (high - low) / 2;
			if (match_at(view, middle)->run == run + (middle - n))
				low = middle;
			else
				high = middle;
		}
	}
	pthread_mutex_unlock(&view->lock);
	return low;
}

static bool
is_sought(const struct logmatch *match, enum logview_seek what)
{
	if (what == LOGVIEW_HIT)
		return (match->flags & LOGMATCH_HIT) != 0;
	return match->level >= LOG_LEVEL_ERROR;
}

bool
logview_seek(struct logview *view, uint64_t n, bool forward,
    enum logview_seek what, uint64_t *ret_n)
{
	bool found = false;
	uint64_t at;

	pthread_mutex_lock(&view->lock);
	if (forward) {
		at = n + 1 < view->status.first ? view->status.first : n + 1;
		for (; at < view->status.next && !found; at++) {
			found = is_sought(match_at(view, at), what);
			if (found)
				*ret_n = at;
		}
	} else {
		at = n < view->status.next ? n : view->status.next;
		for (; at > view->status.first && !found; at--) {
			found = is_sought(match_at(view, at - 1), what);
			if (found)
				*ret_n = at - 1;
		}
	}
	pthread_mutex_unlock(&view->lock);
	return found;
}

void
logview_histogram(struct logview *view, int64_t end_ms,
    struct logview_bucket *out, size_t count)
{
	int64_t last = end_ms / LOGVIEW_BUCKET_MS;
	size_t i;

	memset(out, 0, count * sizeof(*out));
	pthread_mutex_lock(&view->lock);
	for (i = 0; i < count && i < LOGVIEW_BUCKETS; i++) {
		int64_t bucket = last - (int64_t)i;
		const struct slot *slot;

		if (bucket < 0)
			break;
		slot = &view->slots[bucket % LOGVIEW_BUCKETS];
		if (slot->bucket == bucket)
			out[count - 1 - i] = slot->count;
	}
	pthread_mutex_unlock(&view->lock);
}
