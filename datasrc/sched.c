#include "datasrc/sched.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/redact.h"

/*
 * Who owns what. A runner is a source with its record of success and
 * failure; it lives as long as the scheduler. A worker is one thread that
 * polls for a runner. The runner's lock guards the runner and which worker
 * is the current one. A worker that is no longer current has been abandoned:
 * it may still run inside a library, so it touches nothing but itself, and
 * its last act is to set ended. Everything is joined in sched_check() or
 * sched_stop().
 */
struct runner;

struct worker {
	struct runner *runner;
	struct worker *next; /* in sched.workers */
	struct thread thread;
	struct cancel cancel;
	atomic_bool ended;
	bool abandoned; /* touched by the checking thread only */
};

struct runner {
	struct sched *sched;
	struct sched_item item;
	struct source_env env;

	pthread_mutex_t lock;	/* guards all below */
	pthread_cond_t cond;	/* refresh or stop */
	struct worker *current; /* NULL: none runs */
	bool refresh;
	bool stop;
	int64_t polling_since; /* 0: between polls */
	int64_t respawn_at;    /* 0: not wanted */
	unsigned abandoned;

	struct payload *payload; /* of the last good answer; a reference */
	int64_t started_at;
	int64_t tried_at;
	int64_t good_at;
	int64_t good_wall_ms;
	int64_t failing_since;
	int64_t next_at;
	int64_t latency_ns;
	uint32_t failures;
	uint64_t polls;
	uint64_t seed; /* of the jitter */
};

struct sched {
	struct store *store;
	struct redactor *redactor;
	struct logstore *logs;
	struct runner *runners[STORE_SLOTS_MAX];
	size_t runner_count;
	struct worker *workers; /* all not joined yet */
	int64_t epoch;		/* start of the common grid */
};

struct sched *
sched_new(struct store *store, struct redactor *redactor, struct logstore *logs,
    struct err *err)
{
	struct sched *sched = mem_calloc(1, sizeof(*sched));

	if (sched == NULL) {
		err_set(err, ERR_NOMEM, "sched", "no memory");
		return NULL;
	}
	sched->store = store;
	sched->redactor = redactor;
	sched->logs = logs;
	sched->epoch = clock_now();
	return sched;
}

enum err_code
sched_add(struct sched *sched, const struct sched_item *item, struct err *err)
{
	struct runner *runner;

	if (sched->runner_count == STORE_SLOTS_MAX)
		return err_set(err, ERR_LIMIT, "sched", "more than %d sources",
		    STORE_SLOTS_MAX);
	runner = mem_calloc(1, sizeof(*runner));
	if (runner == NULL)
		return err_set(err, ERR_NOMEM, "sched", "no memory");
	runner->sched = sched;
	runner->item = *item;
	runner->env = (struct source_env) {
		.name = item->name,
		.platform = item->platform,
		.redactor = sched->redactor,
		.logs = sched->logs,
		.log_source = item->log_source,
	};
	runner->latency_ns = -1;
	runner->seed = (uint64_t)clock_now() ^ (item->slot * 0x9e3779b9u) ^ 1;
	pthread_mutex_init(&runner->lock, NULL);
	cond_init(&runner->cond);
	sched->runners[sched->runner_count++] = runner;
	return ERR_OK;
}

/* xorshift64*; only spreads retries, so its quality hardly matters. */
static uint64_t
runner_random(struct runner *runner)
{
	uint64_t x = runner->seed;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	runner->seed = x;
	return x * UINT64_C(0x2545f4914f6cdd1d);
}

/* Delay before the next try after failures in a row, with 20 % jitter. */
static int64_t
runner_backoff(struct runner *runner, enum err_code code)
{
	uint32_t doublings = runner->failures > 5 ? 5 : runner->failures;
	int64_t delay = SCHED_RETRY_FIRST_MS * NS_PER_MS;

	if (doublings > 1)
		delay <<= doublings - 1;
	if (delay > SCHED_RETRY_MAX_MS * NS_PER_MS)
		delay = SCHED_RETRY_MAX_MS * NS_PER_MS;
	/* Trying a refused password again and again locks accounts out. */
	if (code == ERR_AUTH || code == ERR_CONFIG)
		delay = SCHED_RETRY_AUTH_MS * NS_PER_MS;
	if (delay < runner->item.every_ns / 2)
		delay = runner->item.every_ns / 2;
	return delay - delay / 10 +
	       (int64_t)(runner_random(runner) % (uint64_t)(delay / 5 + 1));
}

/* The next point of the source's interval on the common grid after now. */
static int64_t
runner_grid(const struct runner *runner, int64_t now)
{
	int64_t every = runner->item.every_ns;
	int64_t epoch = runner->sched->epoch;

	return epoch + ((now - epoch) / every + 1) * every;
}

static int64_t
runner_next(struct runner *runner, enum err_code code, int64_t now,
    int64_t retry_after_ns)
{
	int64_t next;

	/* What is not there yet, a stream waits for in its own poll. */
	if (runner->item.ops->stream && (code == ERR_OK || code == ERR_WAITING))
		return now;
	if (retry_after_ns > SCHED_RETRY_AFTER_MAX_MS * NS_PER_MS)
		retry_after_ns = SCHED_RETRY_AFTER_MAX_MS * NS_PER_MS;
	if (code != ERR_OK) {
		next = now + runner_backoff(runner, code);
	} else {
		next = runner_grid(runner, now);
		/* A slow server is given as long a rest as it worked. */
		if (next < now + runner->latency_ns)
			next = runner_grid(runner, now + runner->latency_ns);
	}
	if (next < now + retry_after_ns)
		next = now + retry_after_ns;
	return next;
}

/* Copies the record into a section; the caller holds the lock. */
static void
runner_fill(struct runner *runner, struct section *section)
{
	section->every_ns = runner->item.every_ns;
	section->started_at = runner->started_at;
	section->tried_at = runner->tried_at;
	section->good_at = runner->good_at;
	section->good_wall_ms = runner->good_wall_ms;
	section->failing_since = runner->failing_since;
	section->next_at = runner->next_at;
	section->latency_ns = runner->latency_ns;
	section->failures = runner->failures;
	section->polls = runner->polls;
	if (runner->payload != NULL)
		section->payload = payload_ref(runner->payload);
}

/* A section with names and, for a failure, its reason; NULL: no memory. */
static struct section *
runner_section(
    const struct runner *runner, enum err_code code, const struct err *why)
{
	struct section *section = section_new();

	if (section == NULL)
		return NULL;
	snprintf(section->name, sizeof(section->name), "%s", runner->item.name);
	snprintf(
	    section->type, sizeof(section->type), "%s", runner->item.ops->name);
	snprintf(section->platform, sizeof(section->platform), "%s",
	    runner->item.platform_name);
	snprintf(section->key, sizeof(section->key), "%s/%s", section->platform,
	    section->name);
	section->code = code;
	section->why = TEXT_EMPTY;
	if (code == ERR_OK)
		return section;
	section->arena = arena_new(ERR_MSG_MAX * 16);
	if (section->arena != NULL) {
		const char *words = err_text(why);

		section->why = text_ingest(runner->sched->redactor,
		    section->arena, words, strlen(words), ERR_MSG_MAX);
	}
	return section;
}

/* What one poll came to. payload is taken. */
struct outcome {
	enum err_code code;
	struct err err;
	struct payload *payload;
	int64_t started;
	int64_t ended;
	int64_t started_wall_ms;
	int64_t retry_after_ns;
};

/*
 * Enters an outcome into the record and publishes it. False when self was
 * abandoned meanwhile: its answer is too late and dropped.
 */
static bool
runner_record(
    struct runner *runner, const struct worker *self, struct outcome *outcome)
{
	struct section *section =
	    runner_section(runner, outcome->code, &outcome->err);
	struct payload *old = NULL;
	bool current;

	pthread_mutex_lock(&runner->lock);
	current = runner->current == self;
	if (current) {
		runner->polling_since = 0;
		runner->polls++;
		runner->tried_at = outcome->ended;
		runner->latency_ns = outcome->ended - outcome->started;
		if (outcome->code == ERR_OK) {
			runner->good_at = outcome->started;
			runner->good_wall_ms = outcome->started_wall_ms;
			runner->failures = 0;
			runner->failing_since = 0;
		} else {
			runner->failures++;
			if (runner->failing_since == 0)
				runner->failing_since = outcome->started;
		}
		if (outcome->payload != NULL) {
			old = runner->payload;
			runner->payload = outcome->payload;
			outcome->payload = NULL;
		}
		runner->next_at = runner_next(runner, outcome->code,
		    outcome->ended, outcome->retry_after_ns);
		if (section != NULL)
			runner_fill(runner, section);
	}
	pthread_mutex_unlock(&runner->lock);
	payload_unref(old);
	payload_unref(outcome->payload);
	outcome->payload = NULL;
	if (section != NULL && current)
		store_publish(runner->sched->store, runner->item.slot, section);
	else
		section_unref(section);
	return current;
}

/*
 * Waits for the next turn and marks the poll as begun. False: stop, or
 * abandoned.
 */
static bool
runner_turn(struct runner *runner, const struct worker *self, int64_t *ret_now)
{
	bool go;

	pthread_mutex_lock(&runner->lock);
	while (!runner->stop && runner->current == self && !runner->refresh &&
	       clock_now() < runner->next_at)
		cond_wait_until(&runner->cond, &runner->lock, runner->next_at);
	go = !runner->stop && runner->current == self;
	if (go) {
		runner->refresh = false;
		*ret_now = clock_now();
		runner->polling_since = *ret_now;
	}
	pthread_mutex_unlock(&runner->lock);
	return go;
}

/* Opens if need be, polls once and freezes the answer. */
static void
worker_poll(struct worker *worker, void **state, struct outcome *outcome)
{
	struct runner *runner = worker->runner;
	const struct source_ops *ops = runner->item.ops;
	struct poll poll = {
		.deadline = outcome->started + runner->item.timeout_ns,
		.cancel = &worker->cancel,
		.wall_ms = outcome->started_wall_ms,
		.build = build_new(),
	};

	if (poll.build == NULL) {
		outcome->code = err_set(&outcome->err, ERR_NOMEM, "sched",
		    "no memory for an answer");
		goto out;
	}
	outcome->code = ERR_OK;
	if (*state == NULL)
		outcome->code = ops->open(
		    &runner->env, runner->item.config, state, &outcome->err);
	if (outcome->code == ERR_OK)
		outcome->code = ops->poll(*state, &poll, &outcome->err);
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

static void *
worker_main(void *opaque)
{
	struct worker *worker = opaque;
	struct runner *runner = worker->runner;
	void *state = NULL;
	int64_t now;

	while (runner_turn(runner, worker, &now)) {
		struct outcome outcome = {
			.err = ERR_INIT,
			.started = now,
			.started_wall_ms = clock_wall_ms(),
		};

		worker_poll(worker, &state, &outcome);
		if (cancel_is_fired(&worker->cancel)) {
			payload_unref(outcome.payload);
			break;
		}
		if (!runner_record(runner, worker, &outcome))
			break;
	}
	runner->item.ops->close(state);
	atomic_store(&worker->ended, true);
	return NULL;
}

/* Starts a thread for runner and makes it the current one. */
static enum err_code
runner_spawn(struct runner *runner, struct err *err)
{
	struct worker *worker = mem_calloc(1, sizeof(*worker));
	enum err_code code;
	char name[16];

	if (worker == NULL)
		return err_set(err, ERR_NOMEM, "sched", "no memory");
	worker->runner = runner;
	atomic_init(&worker->ended, false);
	code = cancel_init(&worker->cancel, err);
	if (code != ERR_OK)
		goto fail;
	pthread_mutex_lock(&runner->lock);
	runner->current = worker;
	runner->respawn_at = 0;
	pthread_mutex_unlock(&runner->lock);
	snprintf(name, sizeof(name), "src:%s", runner->item.name);
	code = thread_start(&worker->thread, name, worker_main, worker, err);
	if (code != ERR_OK) {
		pthread_mutex_lock(&runner->lock);
		runner->current = NULL;
		pthread_mutex_unlock(&runner->lock);
		goto fail;
	}
	worker->next = runner->sched->workers;
	runner->sched->workers = worker;
	return ERR_OK;
fail:
	cancel_release(&worker->cancel);
	mem_free(worker);
	return code;
}

enum err_code
sched_start(struct sched *sched, struct err *err)
{
	sched->epoch = clock_now();
	for (size_t i = 0; i < sched->runner_count; i++) {
		struct runner *runner = sched->runners[i];
		struct section *section = runner_section(runner, ERR_OK, NULL);
		enum err_code code;

		if (section == NULL)
			return err_set(err, ERR_NOMEM, "sched", "no memory");
		pthread_mutex_lock(&runner->lock);
		runner->started_at = sched->epoch;
		runner_fill(runner, section);
		pthread_mutex_unlock(&runner->lock);
		store_publish(sched->store, runner->item.slot, section);
		code = runner_spawn(runner, err);
		if (code != ERR_OK)
			return code;
	}
	return ERR_OK;
}

void
sched_refresh(struct sched *sched)
{
	for (size_t i = 0; i < sched->runner_count; i++) {
		struct runner *runner = sched->runners[i];

		pthread_mutex_lock(&runner->lock);
		runner->refresh = true;
		pthread_cond_signal(&runner->cond);
		pthread_mutex_unlock(&runner->lock);
	}
}

/* Joins threads that have ended. True when none is left. */
static bool
sched_reap(struct sched *sched)
{
	struct worker **link = &sched->workers;

	while (*link != NULL) {
		struct worker *worker = *link;

		if (!atomic_load(&worker->ended)) {
			link = &worker->next;
			continue;
		}
		thread_join(&worker->thread);
		if (worker->abandoned) {
			pthread_mutex_lock(&worker->runner->lock);
			worker->runner->abandoned--;
			pthread_mutex_unlock(&worker->runner->lock);
		}
		*link = worker->next;
		cancel_release(&worker->cancel);
		mem_free(worker);
	}
	return sched->workers == NULL;
}

/* Gives up on a silent poll and says so on the screen. */
static void
runner_abandon(struct runner *runner, int64_t since, int64_t now)
{
	struct err why = ERR_INIT;
	struct section *section;
	struct worker *lost;
	char age[32];

	snprintf(age, sizeof(age), "%lld",
	    (long long)(2 * runner->item.timeout_ns / NS_PER_SEC));
	err_set(&why, ERR_HUNG, "sched",
	    "silent for %s s, past twice its deadline; starting over", age);
	section = runner_section(runner, ERR_HUNG, &why);
	pthread_mutex_lock(&runner->lock);
	if (runner->polling_since != since) {
		/* It answered after all, just now. */
		pthread_mutex_unlock(&runner->lock);
		section_unref(section);
		return;
	}
	lost = runner->current;
	runner->current = NULL;
	runner->abandoned++;
	runner->failures++;
	runner->polls++;
	if (runner->failing_since == 0)
		runner->failing_since = runner->polling_since;
	runner->polling_since = 0;
	runner->tried_at = now;
	runner->latency_ns = -1;
	runner->next_at = now + runner_backoff(runner, ERR_HUNG);
	runner->respawn_at = runner->next_at;
	if (section != NULL)
		runner_fill(runner, section);
	pthread_mutex_unlock(&runner->lock);
	lost->abandoned = true;
	cancel_fire(&lost->cancel);
	if (section != NULL)
		store_publish(runner->sched->store, runner->item.slot, section);
}

int64_t
sched_check(struct sched *sched, int64_t now)
{
	int64_t next = now + SCHED_CHECK_MS * NS_PER_MS;

	sched_reap(sched);
	for (size_t i = 0; i < sched->runner_count; i++) {
		struct runner *runner = sched->runners[i];
		int64_t since, respawn_at, hung_at;
		bool spawn;

		pthread_mutex_lock(&runner->lock);
		since = runner->polling_since;
		respawn_at = runner->respawn_at;
		spawn = respawn_at != 0 && respawn_at <= now &&
			runner->abandoned < SCHED_ABANDONED_MAX &&
			!runner->stop;
		pthread_mutex_unlock(&runner->lock);
		hung_at = since + 2 * runner->item.timeout_ns;
		if (since != 0 && hung_at <= now)
			runner_abandon(runner, since, now);
		else if (since != 0 && hung_at < next)
			next = hung_at;
		/* Without memory for a thread the next check tries again. */
		if (spawn && runner_spawn(runner, NULL) != ERR_OK)
			continue;
		if (respawn_at > now && respawn_at < next)
			next = respawn_at;
	}
	return next;
}

bool
sched_stop(struct sched *sched, int64_t deadline)
{
	for (size_t i = 0; i < sched->runner_count; i++) {
		struct runner *runner = sched->runners[i];

		pthread_mutex_lock(&runner->lock);
		runner->stop = true;
		pthread_cond_signal(&runner->cond);
		pthread_mutex_unlock(&runner->lock);
	}
	for (struct worker *w = sched->workers; w != NULL; w = w->next)
		cancel_fire(&w->cancel);
	for (;;) {
		if (sched_reap(sched))
			return true;
		if (clock_now() >= deadline)
			return false;
		/* Leaving is the one place where looking again is simplest:
		 * it lasts a few milliseconds and happens once. */
		io_wait(-1, 0, clock_now() + 2 * NS_PER_MS, NULL, NULL);
	}
}

struct sched *
sched_free(struct sched *sched)
{
	if (sched == NULL)
		return NULL;
	for (size_t i = 0; i < sched->runner_count; i++) {
		struct runner *runner = sched->runners[i];

		payload_unref(runner->payload);
		pthread_cond_destroy(&runner->cond);
		pthread_mutex_destroy(&runner->lock);
		mem_free(runner);
	}
	mem_free(sched);
	return NULL;
}
