#include <string.h>

#include "base/clock.h"
#include "model/logview_impl.h"

enum {
	FUTURE_MS = 60 * 1000, /* clocks differ by less */
};

/* Where to go on looking: at the oldest line there is. */
static const uint64_t SEQ_OLDEST = UINT64_MAX;

/* Below the lock: the histogram's time is the reader's, its clock ours. */
static void
count_line(struct logview *view, const struct log_line *line)
{
	int64_t read_ms =
	    view->wall_ms - (view->now - line->read_at) / NS_PER_MS;
	int64_t wall_ms = line->wall_ms, bucket;
	struct slot *slot;

	if (wall_ms > read_ms + FUTURE_MS)
		wall_ms = read_ms;
	if (wall_ms < 0)
		return;
	bucket = wall_ms / LOGVIEW_BUCKET_MS;
	slot = &view->slots[bucket % LOGVIEW_BUCKETS];
	if (slot->bucket > bucket)
		return;
	if (slot->bucket < bucket)
		*slot = (struct slot) { .bucket = bucket };
	slot->count.lines++;
	if (line->level >= LOG_LEVEL_ERROR)
		slot->count.errors++;
}

/* What one line came to, found without the lock. */
struct verdict {
	bool head; /* others may go on with it */
	bool shown;
	bool cont; /* goes on with a head that is shown */
	bool hit;
	bool costly;
	uint64_t key;
};

static bool
passes(struct logview *view, const struct logfilter *filter,
    const struct log_line *line, bool *ret_costly)
{
	enum logfilter_result result;

	if (filter == NULL)
		return true;
	result = logfilter_match(filter, line,
	    logstore_source_name(view->logs, line->source), &view->scratch);
	/* No answer is no reason to hide a line. */
	if (result == LOGFILTER_COSTLY)
		*ret_costly = true;
	return result != LOGFILTER_NO;
}

static void
judge(
    struct logview *view, const struct log_line *line, struct verdict *verdict)
{
	struct head *head = &view->heads[line->source % LOG_SOURCES_MAX];
	bool goes_on = (line->flags & LOG_CONT) != 0 && head->seen;
	bool costly = false;

	*verdict = (struct verdict) { .head = !goes_on };
	if (goes_on && head->shown) {
		verdict->cont = true;
		verdict->shown = true;
	} else if (!goes_on) {
		verdict->shown = line->level >= view->level &&
				 passes(view, view->filter, line, &costly);
	} else if (view->filter != NULL && logfilter_wants_text(view->filter)) {
		verdict->shown = line->level >= view->level &&
				 passes(view, view->filter, line, &costly);
	}
	if (verdict->shown && view->search != NULL)
		verdict->hit = passes(view, view->search, line, &costly);
	verdict->costly = costly;
	if (verdict->shown && !verdict->cont)
		verdict->key = logview_key(line);
	if (verdict->head) {
		head->seen = true;
		head->shown = verdict->shown;
	}
}

/* Appends one match; below the lock. */
static uint64_t
add_match(struct logview *view, const struct log_line *line,
    const struct verdict *verdict)
{
	struct logview_status *st = &view->status;
	uint64_t n = st->next;
	bool same = n > st->first && verdict->key == view->last_key &&
		    view->last_run < UINT32_MAX;

	view->last_run = same ? view->last_run + 1 : 0;
	view->last_key = verdict->key;
	*match_at(view, n) = (struct logmatch) {
		.seq = line->seq,
		.run = view->last_run,
		.level = line->level,
	};
	st->next++;
	if (st->next - st->first > LOGVIEW_MATCHES_MAX) {
		if ((match_at(view, st->first)->flags & LOGMATCH_HIT) != 0)
			st->hits--;
		st->first++;
	}
	return n;
}

/* Enters one line into the results; below the lock. */
static void
enter(struct logview *view, const struct log_line *line,
    const struct verdict *verdict)
{
	struct logview_status *st = &view->status;
	struct head *head = &view->heads[line->source % LOG_SOURCES_MAX];
	struct logmatch *match;
	uint64_t n = head->n;

	st->scanned++;
	if (verdict->costly)
		st->costly++;
	if (verdict->head)
		head->n = st->next;
	if (!verdict->shown)
		return;
	st->matched++;
	if (!verdict->cont) {
		n = add_match(view, line, verdict);
		count_line(view, line);
	}
	if (n < st->first)
		return;
	match = match_at(view, n);
	if (verdict->cont && match->conts < UINT16_MAX)
		match->conts++;
	if (verdict->costly)
		match->flags |= LOGMATCH_COSTLY;
	if (verdict->hit && (match->flags & LOGMATCH_HIT) == 0) {
		match->flags |= LOGMATCH_HIT;
		st->hits++;
	}
}

/* Lines leave the store from its old end; their matches leave with them. */
static void
trim(struct logview *view, uint64_t first_seq)
{
	struct logview_status *st = &view->status;

	while (st->first < st->next &&
	       match_at(view, st->first)->seq < first_seq) {
		if ((match_at(view, st->first)->flags & LOGMATCH_HIT) != 0)
			st->hits--;
		st->first++;
	}
}

/* Takes over what the UI asked for; below the lock. Frees come later. */
static void
take_wishes(struct logview *view, struct logfilter **ret_old_filter,
    struct logfilter **ret_old_search)
{
	struct logview_status *st = &view->status;
	uint64_t n;

	if (view->new_filter) {
		*ret_old_filter = view->filter;
		view->filter = view->want_filter;
		view->level = view->want_level;
		view->want_filter = NULL;
		view->new_filter = false;
		view->next_seq = SEQ_OLDEST;
		memset(view->heads, 0, sizeof(view->heads));
		memset(view->slots, 0, sizeof(view->slots));
	}
	if (view->new_search) {
		*ret_old_search = view->search;
		view->search = view->want_search;
		view->want_search = NULL;
		view->new_search = false;
		for (n = st->first; n < st->next; n++)
			match_at(view, n)->flags &= (uint8_t)~LOGMATCH_HIT;
		st->hits = 0;
		view->search_n = view->search != NULL ? st->first : st->next;
	}
}

/* Looks at the next lines of the store; false when there are none. */
static bool
step_scan(struct logview *view)
{
	struct verdict verdicts[LOGVIEW_STEP_LINES];
	struct arena *arena = arena_new(LOGVIEW_STEP_BYTES);
	struct logstore_stats stats;
	bool more = false;
	size_t n = 0, i;

	logstore_stats(view->logs, &stats);
	if (view->next_seq == SEQ_OLDEST)
		view->next_seq = stats.first_seq;
	if (arena != NULL && view->next_seq < stats.next_seq)
		n = logstore_copy(view->logs, view->next_seq, view->lines,
		    LOGVIEW_STEP_LINES, arena);
	for (i = 0; i < n; i++)
		judge(view, &view->lines[i], &verdicts[i]);
	pthread_mutex_lock(&view->lock);
	/* A new filter makes all of this void. */
	if (!view->new_filter && n > 0) {
		bool searched =
		    view->search == NULL || view->search_n == view->status.next;

		if (view->lines[0].seq > view->next_seq)
			view->status.missed +=
			    view->lines[0].seq - view->next_seq;
		for (i = 0; i < n; i++)
			enter(view, &view->lines[i], &verdicts[i]);
		view->next_seq = view->lines[n - 1].seq + 1;
		if (searched)
			view->search_n = view->status.next;
		more = view->next_seq < stats.next_seq;
	}
	trim(view, stats.first_seq);
	view->status.waiting = view->next_seq < stats.next_seq
				   ? stats.next_seq - view->next_seq
				   : 0;
	pthread_mutex_unlock(&view->lock);
	arena_free(arena);
	return more;
}

/* Whether line seq, or what goes on with it, is one that was searched for. */
static bool
search_line(
    struct logview *view, const struct logmatch *match, bool *ret_costly)
{
	struct arena *arena = arena_new(LOGVIEW_STEP_BYTES);
	size_t want = match->conts == 0 ? 1 : LOGVIEW_SEARCH_CONTS, n = 0, i;
	bool hit = false;

	if (arena == NULL)
		*ret_costly = true;
	else
		n = logstore_copy(
		    view->logs, match->seq, view->lines, want, arena);
	for (i = 0; i < n && !hit; i++) {
		const struct log_line *line = &view->lines[i];

		if (i == 0 && line->seq != match->seq)
			break;
		if (line->source != view->lines[0].source)
			continue;
		if (i > 0 && (line->flags & LOG_CONT) == 0)
			break;
		hit = passes(view, view->search, line, ret_costly);
	}
	arena_free(arena);
	return hit;
}

/* Searches through the next matches; false when all are. */
static bool
step_search(struct logview *view)
{
	struct logmatch matches[LOGVIEW_SEARCH_STEP];
	bool hit[LOGVIEW_SEARCH_STEP], costly[LOGVIEW_SEARCH_STEP] = { 0 };
	uint64_t from, generation;
	size_t n = 0, i;
	bool more;

	pthread_mutex_lock(&view->lock);
	generation = view->status.generation;
	if (view->search_n < view->status.first)
		view->search_n = view->status.first;
	from = view->search_n;
	while (n < LOGVIEW_SEARCH_STEP && from + n < view->status.next) {
		matches[n] = *match_at(view, from + n);
		n++;
	}
	pthread_mutex_unlock(&view->lock);
	if (n == 0 || view->search == NULL)
		return false;
	for (i = 0; i < n; i++)
		hit[i] = search_line(view, &matches[i], &costly[i]);
	pthread_mutex_lock(&view->lock);
	if (view->status.generation != generation)
		n = 0; /* numbers of another filter */
	for (i = 0; i < n; i++) {
		struct logmatch *match = match_at(view, from + i);

		if (from + i < view->status.first)
			continue;
		if (costly[i])
			match->flags |= LOGMATCH_COSTLY;
		view->status.costly += costly[i];
		if (hit[i] && (match->flags & LOGMATCH_HIT) == 0) {
			match->flags |= LOGMATCH_HIT;
			view->status.hits++;
		}
	}
	if (n > 0)
		view->search_n = from + n;
	more = view->search_n < view->status.next;
	pthread_mutex_unlock(&view->lock);
	return more;
}

bool
logview_step(struct logview *view)
{
	struct logfilter *old_filter = NULL, *old_search = NULL;
	bool more;

	pthread_mutex_lock(&view->lock);
	take_wishes(view, &old_filter, &old_search);
	pthread_mutex_unlock(&view->lock);
	logfilter_free(old_filter);
	logfilter_free(old_search);
	more = step_scan(view);
	if (step_search(view))
		more = true;
	return more;
}

/*
 * Whether somebody looked at the view of late: only then are new lines
 * followed. Else the thread sleeps until it is kicked again.
 */
static bool
view_turn(struct logview *view, int64_t *ret_until, bool *ret_stop)
{
	bool watch;

	pthread_mutex_lock(&view->lock);
	*ret_stop = view->stop;
	*ret_until = view->kicked_at + LOGVIEW_WATCH_MS * NS_PER_MS;
	watch = clock_now() < *ret_until && !view->stop;
	view->watching = watch;
	pthread_mutex_unlock(&view->lock);
	return watch;
}

static void *
view_main(void *arg)
{
	struct logview *view = arg;
	struct logview_status before, after;
	bool watching = false, watch, more, stop;
	int64_t told = 0, now, until;
	uint64_t pokes;

	logview_status(view, &before);
	for (;;) {
		pokes = logstore_pokes(view->logs);
		watch = view_turn(view, &until, &stop);
		if (watch != watching)
			logstore_watch(view->logs, watch);
		watching = watch;
		if (stop)
			return NULL;
		more = logview_step(view);
		logview_status(view, &after);
		now = clock_now();
		/* While there is more, progress is shown now and then. */
		if (memcmp(&before, &after, sizeof(before)) != 0 &&
		    (!more || now - told > LOGVIEW_PROGRESS_MS * NS_PER_MS)) {
			before = after;
			told = now;
			logstore_notify(view->logs);
		}
		if (!more)
			logstore_wait(view->logs,
			    watching ? view->next_seq : UINT64_MAX, pokes,
			    watching ? until : DEADLINE_NONE);
	}
}

struct logview *
logview_new(struct logstore *logs, struct err *err)
{
	struct logview *view = mem_calloc(1, sizeof(*view));

	if (view == NULL)
		goto fail;
	view->logs = logs;
	pthread_mutex_init(&view->lock, NULL);
	buf_init(&view->scratch, LOG_TEXT_MAX);
	view->next_seq = SEQ_OLDEST;
	/* Pages that are never reached cost nothing. */
	view->ring = mem_calloc(LOGVIEW_MATCHES_MAX, sizeof(*view->ring));
	view->lines = mem_calloc(LOGVIEW_STEP_LINES, sizeof(*view->lines));
	if (view->ring == NULL || view->lines == NULL)
		goto fail;
	return view;
fail:
	err_set(err, ERR_NOMEM, "logs", "no memory for a view on the log");
	return logview_free(view);
}

struct logview *
logview_free(struct logview *view)
{
	if (view == NULL)
		return NULL;
	if (view->thread.started) {
		pthread_mutex_lock(&view->lock);
		view->stop = true;
		pthread_mutex_unlock(&view->lock);
		logstore_poke(view->logs);
		thread_join(&view->thread);
	}
	logfilter_free(view->filter);
	logfilter_free(view->search);
	logfilter_free(view->want_filter);
	logfilter_free(view->want_search);
	buf_release(&view->scratch);
	mem_free(view->ring);
	mem_free(view->lines);
	pthread_mutex_destroy(&view->lock);
	mem_free(view);
	return NULL;
}

void
logview_set_filter(
    struct logview *view, struct logfilter *filter, enum log_level level)
{
	struct logview_status *st = &view->status;
	struct logfilter *old;

	pthread_mutex_lock(&view->lock);
	old = view->want_filter;
	view->want_filter = filter;
	view->want_level = level;
	view->new_filter = true;
	view->search_n = 0;
	/* What the old filter let through is not to be drawn again. */
	*st = (struct logview_status) { .generation = st->generation + 1,
		.waiting = st->waiting + st->scanned };
	pthread_mutex_unlock(&view->lock);
	logfilter_free(old);
	logstore_poke(view->logs);
}

void
logview_set_search(struct logview *view, struct logfilter *search)
{
	struct logfilter *old;

	pthread_mutex_lock(&view->lock);
	old = view->want_search;
	view->want_search = search;
	view->new_search = true;
	pthread_mutex_unlock(&view->lock);
	logfilter_free(old);
	logstore_poke(view->logs);
}

void
logview_kick(struct logview *view, int64_t now, int64_t wall_ms)
{
	bool watching;

	pthread_mutex_lock(&view->lock);
	view->now = now;
	view->wall_ms = wall_ms;
	view->kicked_at = now;
	watching = view->watching;
	pthread_mutex_unlock(&view->lock);
	if (view->thread.started) {
		if (!watching)
			logstore_poke(view->logs);
		return;
	}
	if (logstore_has_subscriber(view->logs) &&
	    thread_start(&view->thread, "logview", view_main, view, NULL) ==
		ERR_OK)
		return;
	/* Bounded by what the store holds; without a thread nobody waits. */
	while (logview_step(view))
		;
}
