#include <stdio.h>

#include "base/clock.h"
#include "datasrc/sched_impl.h"

/* A poll that is about to be made. */
struct turn {
	struct runner *runner;
	void *state; /* what the source opened; NULL: not yet */
	int64_t now;
	bool alone; /* nobody else waits for this thread */
};

/* When runner is to be polled. */
static int64_t
runner_due(const struct runner *runner)
{
	return runner->refresh ? 0 : runner->next_at;
}

/* The runner of worker that is due first; NULL when it has none. */
static struct runner *
worker_first(const struct worker *worker, bool *ret_alone)
{
	const struct sched *sched = worker->sched;
	struct runner *first = NULL;

	*ret_alone = true;

	for (size_t i = 0; i < sched->runner_count; i++) {
		struct runner *runner = sched->runners[i];

		if (runner->worker != worker)
			continue;
		if (first != NULL)
			*ret_alone = false;
		if (first == NULL || runner_due(runner) < runner_due(first))
			first = runner;
	}
	return first;
}

/*
 * Waits for the next turn and marks the poll as begun. False: stop, or all
 * runners have another worker now.
 */
static bool
worker_turn(struct worker *worker, struct turn *ret_turn)
{
	struct sched *sched = worker->sched;
	struct runner *runner;
	bool alone;
	int64_t now;

	pthread_mutex_lock(&sched->lock);
	worker->polling = NULL;
	for (;;) {
		runner = sched->stop ? NULL : worker_first(worker, &alone);
		now = clock_now();
		if (runner == NULL || runner_due(runner) <= now)
			break;
		worker->busy_since = 0;
		cond_wait_until(
		    &worker->cond, &sched->lock, runner_due(runner));
	}
	if (runner != NULL) {
		*ret_turn = (struct turn) {
			.runner = runner,
			.state = runner->state,
			.now = now,
			.alone = alone,
		};
		runner->state = NULL;
		runner->refresh = false;
		runner->polling_since = now;
		worker->polling = runner;
		if (worker->busy_since == 0)
			worker->busy_since = now;
	}
	pthread_mutex_unlock(&sched->lock);
	return runner != NULL;
}

/* Whether, after a poll of runner, none of another follows at once. */
static bool
worker_rests(const struct worker *worker, const struct runner *runner)
{
	struct sched *sched = worker->sched;
	const struct runner *first;
	bool alone, rests;

	pthread_mutex_lock(&sched->lock);
	first = worker_first(worker, &alone);
	rests = alone || first == runner || runner_due(first) > clock_now();
	pthread_mutex_unlock(&sched->lock);
	return rests;
}

/* Opens if need be, polls once and freezes the answer. */
static void
worker_poll(struct worker *worker, struct turn *turn, struct outcome *outcome)
{
	struct runner *runner = turn->runner;
	const struct source_ops *ops = runner->item.ops;
	struct poll poll = {
		.deadline = outcome->started + runner->item.timeout_ns,
		.cancel = &worker->cancel,
		.wall_ms = outcome->started_wall_ms,
		.stay =
		    ops->stream && turn->alone && sched_is_seen(worker->sched),
		.build = build_new(),
	};

	outcome->stayed = poll.stay;

	if (poll.build == NULL) {
		outcome->code = err_set(&outcome->err, ERR_NOMEM, "sched",
		    "no memory for an answer");
		goto out;
	}
	outcome->code = ERR_OK;
	if (turn->state == NULL)
		outcome->code = ops->open(&runner->env, runner->item.config,
		    &turn->state, &outcome->err);
	if (outcome->code == ERR_OK)
		outcome->code = ops->poll(turn->state, &poll, &outcome->err);
	if (outcome->code == ERR_OK) {
		outcome->payload = build_finish(poll.build, &outcome->err);
		if (outcome->payload == NULL)
			outcome->code = ERR_NOMEM;
	}
	outcome->retry_after_ns = poll.retry_after_ns;
out:
	build_free(poll.build);
	outcome->ended = clock_now();
}

/* Closes what the runners that are left have opened. */
static void
worker_close(struct worker *worker)
{
	struct sched *sched = worker->sched;
	struct runner *runner;
	void *state;
	bool alone;

	for (;;) {
		pthread_mutex_lock(&sched->lock);
		runner = worker_first(worker, &alone);
		if (runner != NULL) {
			state = runner->state;
			runner->state = NULL;
			runner->worker = NULL;
		}
		pthread_mutex_unlock(&sched->lock);
		if (runner == NULL)
			return;
		runner->item.ops->close(state);
	}
}

static void *
worker_main(void *opaque)
{
	struct worker *worker = opaque;
	struct turn turn;

	while (worker_turn(worker, &turn)) {
		struct outcome outcome = {
			.err = ERR_INIT,
			.started = turn.now,
			.started_wall_ms = clock_wall_ms(),
		};

		worker_poll(worker, &turn, &outcome);
		if (cancel_is_fired(&worker->cancel)) {
			payload_unref(outcome.payload);
		} else if (runner_record(
			       turn.runner, worker, turn.state, &outcome)) {
			/* One wake-up for all answers of a round. */
			if (worker_rests(worker, turn.runner))
				store_tell(worker->sched->store,
				    turn.runner->item.slot);
			continue;
		}
		turn.runner->item.ops->close(turn.state);
	}
	worker_close(worker);
	atomic_store(&worker->ended, true);
	return NULL;
}

static void
worker_free(struct worker *worker)
{
	cancel_release(&worker->cancel);
	pthread_cond_destroy(&worker->cond);
	mem_free(worker);
}

static void
runner_assign(struct runner *runner, struct worker *worker)
{
	pthread_mutex_lock(&runner->sched->lock);
	runner->worker = worker;
	pthread_mutex_unlock(&runner->sched->lock);
}

enum err_code
worker_start(struct runner *runner, struct err *err)
{
	struct sched *sched = runner->sched;
	struct worker *worker = mem_calloc(1, sizeof(*worker));
	enum err_code code;
	char name[16];

	if (worker == NULL)
		return err_set(err, ERR_NOMEM, "sched", "no memory");
	worker->sched = sched;
	atomic_init(&worker->ended, false);
	cond_init(&worker->cond);
	code = cancel_init(&worker->cancel, err);
	if (code != ERR_OK)
		goto fail;
	runner_assign(runner, worker);
	snprintf(name, sizeof(name), "src:%s", runner->item.name);
	code = thread_start(&worker->thread, name, worker_main, worker, err);
	if (code != ERR_OK) {
		runner_assign(runner, NULL);
		goto fail;
	}
	worker->next = sched->workers;
	sched->workers = worker;
	return ERR_OK;
fail:
	worker_free(worker);
	return code;
}

bool
workers_reap(struct sched *sched)
{
	struct worker **link = &sched->workers;

	while (*link != NULL) {
		struct worker *worker = *link;

		if (!atomic_load(&worker->ended)) {
			link = &worker->next;
			continue;
		}
		thread_join(&worker->thread);
		if (worker->lost != NULL)
			worker->lost->abandoned--;
		*link = worker->next;
		worker_free(worker);
	}
	return sched->workers == NULL;
}
