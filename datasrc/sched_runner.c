#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/redact.h"
#include "datasrc/limits.h"
#include "datasrc/sched_impl.h"

struct runner *
runner_new(struct sched *sched, const struct sched_item *item)
{
	struct runner *runner = mem_calloc(1, sizeof(*runner));

	if (runner == NULL)
		return NULL;
	runner->sched = sched;
	runner->item = *item;
	runner->env = (struct source_env) {
		.name = item->name,
		.platform = item->platform,
		.redactor = sched->redactor,
		.logs = sched->logs,
		.log_source = item->log_source,
		.optional = item->optional,
		.tokens = sched->tokens,
	};
	runner->latency_ns = -1;
	runner->seed = (uint64_t)clock_now() ^ (item->slot * 0x9e3779b9u) ^ 1;
	return runner;
}

struct runner *
runner_free(struct runner *runner)
{
	payload_unref(runner->payload);
	mem_free(runner);
	return NULL;
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
	/* Nobody waits for what is not there. */
	if (code == ERR_NOTFOUND && runner->item.optional &&
	    runner->good_at == 0)
		delay = SCHED_RETRY_ABSENT_MS * NS_PER_MS;
	if (delay < runner->item.every_ns / 2)
		delay = runner->item.every_ns / 2;
	return delay - delay / 10 +
	       (int64_t)(runner_random(runner) % (uint64_t)(delay / 5 + 1));
}

/* The next point of the source's interval on the common grid after now. */
static int64_t
runner_grid(const struct runner *runner, int64_t now)
{
	int64_t every = runner->item.ops->stream ? SCHED_STREAM_MS * NS_PER_MS
						 : runner->item.every_ns;
	int64_t epoch = runner->sched->epoch;

	return epoch + ((now - epoch) / every + 1) * every;
}

static int64_t
runner_next(struct runner *runner, const struct outcome *outcome)
{
	int64_t now = outcome->ended, rest = outcome->retry_after_ns, next;
	/* What is not there yet, a stream waits for like for a line. */
	bool good = outcome->code == ERR_OK ||
		    (outcome->code == ERR_WAITING && runner->item.ops->stream);

	if (good && outcome->stayed)
		return now;
	if (rest > SCHED_RETRY_AFTER_MAX_MS * NS_PER_MS)
		rest = SCHED_RETRY_AFTER_MAX_MS * NS_PER_MS;
	if (!good) {
		next = now + runner_backoff(runner, outcome->code);
	} else {
		next = runner_grid(runner, now);
		/* A slow server is given as long a rest as it worked. */
		if (next < now + runner->latency_ns)
			next = runner_grid(runner, now + runner->latency_ns);
	}
	return next < now + rest ? now + rest : next;
}

/* Copies the record into a section; the caller holds the lock. */
static void
runner_fill(struct runner *runner, struct section *section)
{
	section->every_ns = runner->item.every_ns;
	if (section->every_ns < runner->rest_ns)
		section->every_ns = runner->rest_ns;
	section->started_at = runner->started_at;
	section->tried_at = runner->tried_at;
	section->good_at = runner->good_at;
	section->good_wall_ms = runner->good_wall_ms;
	section->failing_since = runner->failing_since;
	section->next_at = runner->next_at;
	section->latency_ns = runner->latency_ns;
	section->failures = runner->failures;
	section->polls = runner->polls;
	section->optional = runner->item.optional;
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
	section->logs = source_logs(runner->item.ops, runner->item.config);
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

enum err_code
runner_begin(struct runner *runner, struct err *err)
{
	struct sched *sched = runner->sched;
	struct section *section = runner_section(runner, ERR_OK, NULL);

	if (section == NULL)
		return err_set(err, ERR_NOMEM, "sched", "no memory");
	pthread_mutex_lock(&sched->lock);
	runner->started_at = sched->epoch;
	runner->start_at = sched->epoch;
	runner_fill(runner, section);
	pthread_mutex_unlock(&sched->lock);
	store_publish(sched->store, runner->item.slot, section);
	return ERR_OK;
}

static bool
outcome_is_quick(const struct outcome *outcome)
{
	return outcome->code == ERR_OK && !outcome->stayed &&
	       outcome->ended - outcome->started <= SCHED_QUICK_MS * NS_PER_MS;
}

/* The caller holds the lock. */
static void
runner_enter(struct runner *runner, const struct outcome *outcome)
{
	runner->polling_since = 0;
	runner->polls++;
	runner->tried_at = outcome->ended;
	runner->latency_ns = outcome->ended - outcome->started;
	if (outcome->code == ERR_OK) {
		runner->good_at = outcome->started;
		runner->good_wall_ms = outcome->started_wall_ms;
		runner->failures = 0;
		runner->failing_since = 0;
		runner->rest_ns = outcome->retry_after_ns;
	} else {
		runner->failures++;
		if (runner->failing_since == 0)
			runner->failing_since = outcome->started;
	}
	if (!outcome_is_quick(outcome))
		runner->quick = 0;
	else if (runner->quick < SCHED_QUICK_POLLS)
		runner->quick++;
	runner->next_at = runner_next(runner, outcome);
}

bool
runner_record(struct runner *runner, const struct worker *self, void *state,
    struct outcome *outcome)
{
	struct sched *sched = runner->sched;
	struct section *section =
	    runner_section(runner, outcome->code, &outcome->err);
	struct payload *old = NULL;
	bool current;

	pthread_mutex_lock(&sched->lock);
	current = runner->worker == self;
	if (current) {
		runner_enter(runner, outcome);
		runner->state = state;
		if (outcome->payload != NULL) {
			old = runner->payload;
			runner->payload = outcome->payload;
			outcome->payload = NULL;
		}
		if (section != NULL)
			runner_fill(runner, section);
	}
	pthread_mutex_unlock(&sched->lock);
	payload_unref(old);
	payload_unref(outcome->payload);
	outcome->payload = NULL;
	if (section != NULL && current)
		store_put(sched->store, runner->item.slot, section);
	else
		section_unref(section);
	return current;
}

/* Takes runner, and whoever shares it, off a thread that is stuck. */
static void
runner_leave(struct runner *runner, int64_t now)
{
	struct sched *sched = runner->sched;
	const struct worker *worker = runner->worker;

	for (size_t i = 0; i < sched->runner_count; i++) {
		struct runner *other = sched->runners[i];

		if (other->worker != worker)
			continue;
		other->worker = NULL;
		other->start_at = now;
	}
}

struct worker *
runner_give_up(struct runner *runner, int64_t since, int64_t now)
{
	struct sched *sched = runner->sched;
	struct err why = ERR_INIT;
	struct section *section;
	struct worker *lost = NULL;

	err_set(&why, ERR_HUNG, "sched",
	    "silent for %lld s, past twice its deadline; starting over",
	    (long long)(2 * runner->item.timeout_ns / NS_PER_SEC));
	section = runner_section(runner, ERR_HUNG, &why);
	pthread_mutex_lock(&sched->lock);
	if (runner->polling_since == since) {
		lost = runner->worker;
		runner_leave(runner, now);
		runner->abandoned++;
		runner->failures++;
		runner->polls++;
		runner->quick = 0;
		if (runner->failing_since == 0)
			runner->failing_since = since;
		runner->polling_since = 0;
		runner->tried_at = now;
		runner->latency_ns = -1;
		runner->next_at = now + runner_backoff(runner, ERR_HUNG);
		runner->start_at = runner->next_at;
		if (section != NULL)
			runner_fill(runner, section);
	}
	pthread_mutex_unlock(&sched->lock);
	if (section != NULL && lost != NULL)
		store_publish(sched->store, runner->item.slot, section);
	else
		section_unref(section);
	return lost;
}
