#include "base/clock.h"
#include "datasrc/limits.h"
#include "datasrc/sched_impl.h"

/* Adds up what the workers have to do. */
static void
tally(struct sched *sched)
{
	for (struct worker *w = sched->workers; w != NULL; w = w->next) {
		w->count = 0;
		w->quick = true;
		w->round_ns = 0;
		w->due = DEADLINE_NONE;
	}
	for (size_t i = 0; i < sched->runner_count; i++) {
		const struct runner *runner = sched->runners[i];
		struct worker *worker = runner->worker;

		if (worker == NULL)
			continue;
		worker->count++;
		if (runner->quick < SCHED_QUICK_POLLS)
			worker->quick = false;
		worker->round_ns += runner->latency_ns;
		if (runner->next_at < worker->due)
			worker->due = runner->next_at;
	}
}

/* Can from's runners be polled on to as well, without any coming late? */
static bool
worker_suits(const struct worker *to, const struct worker *from)
{
	return to != from && to->quick && to->count >= from->count &&
	       to->busy_since == 0 &&
	       to->round_ns + from->round_ns <= SCHED_ROUND_MS * NS_PER_MS;
}

/* The worker with the most runners that can take from's; NULL: none. */
static struct worker *
find_company(const struct sched *sched, const struct worker *from)
{
	struct worker *best = NULL;

	for (struct worker *w = sched->workers; w != NULL; w = w->next) {
		if (worker_suits(w, from) &&
		    (best == NULL || w->count > best->count))
			best = w;
	}
	return best;
}

/* Gives all runners of from to another; from then has none and ends. */
static void
join(struct sched *sched, struct worker *from, struct worker *to)
{
	for (size_t i = 0; i < sched->runner_count; i++) {
		if (sched->runners[i]->worker == from)
			sched->runners[i]->worker = to;
	}
	to->count += from->count;
	to->round_ns += from->round_ns;
	from->count = 0;
	pthread_cond_signal(&from->cond);
	pthread_cond_signal(&to->cond);
}

static bool
runner_is_followed(const struct runner *runner)
{
	return runner->item.ops->stream && runner->sched->seen;
}

/* Is runner, which shares its worker, to have one of its own? */
static bool
runner_parts(const struct runner *runner, int64_t now)
{
	const struct worker *worker = runner->worker;
	bool late = worker->busy_since != 0 &&
		    worker->busy_since + SCHED_LATE_MS * NS_PER_MS <= now;

	return runner->quick == 0 || runner_is_followed(runner) || late;
}

/*
 * Takes runners off a thread that they share, to be given one of their own:
 * those that are not quick any more or are followed, or, when a round takes
 * too long, all but the one that it is stuck in.
 */
static void
part(struct sched *sched, int64_t now)
{
	for (size_t i = 0; i < sched->runner_count; i++) {
		struct runner *runner = sched->runners[i];
		struct worker *worker = runner->worker;

		if (worker == NULL || worker->count < 2 ||
		    worker->polling == runner || !runner_parts(runner, now))
			continue;
		runner->worker = NULL;
		runner->start_at = now;
		worker->count--;
		/* What is followed is wanted now, not when it is due. */
		runner->refresh |= runner_is_followed(runner);
	}
}

void
share_settle(struct sched *sched, int64_t now)
{
	tally(sched);
	part(sched, now);
	tally(sched);
	for (struct worker *w = sched->workers; w != NULL; w = w->next) {
		struct worker *to;

		if (w->count == 0 || !w->quick || w->busy_since != 0)
			continue;
		to = find_company(sched, w);
		if (to != NULL)
			join(sched, w, to);
	}
}

void
share_follow(struct sched *sched, bool seen)
{
	bool begins = seen && !sched->seen;

	sched->seen = seen;
	for (size_t i = 0; begins && i < sched->runner_count; i++) {
		struct runner *runner = sched->runners[i];

		if (!runner->item.ops->stream)
			continue;
		runner->refresh = true;
		if (runner->worker != NULL)
			pthread_cond_signal(&runner->worker->cond);
	}
}

int64_t
share_due(struct sched *sched)
{
	int64_t due = DEADLINE_NONE;

	tally(sched);
	for (struct worker *w = sched->workers; w != NULL; w = w->next) {
		int64_t from = w->busy_since != 0 ? w->busy_since : w->due;

		if (w->count > 1 && from + SCHED_LATE_MS * NS_PER_MS < due)
			due = from + SCHED_LATE_MS * NS_PER_MS;
	}
	return due;
}
