#include "datasrc/sched.h"

#include "base/clock.h"
#include "datasrc/gcp_tokens.h"
#include "datasrc/limits.h"
#include "datasrc/sched_impl.h"
#include "model/logstore.h"

struct sched *
sched_new(struct store *store, struct redactor *redactor, struct logstore *logs,
    struct err *err)
{
	struct sched *sched = mem_calloc(1, sizeof(*sched));

	if (sched != NULL)
		sched->tokens = gcp_tokens_new();
	if (sched == NULL || sched->tokens == NULL) {
		err_set(err, ERR_NOMEM, "sched", "no memory");
		mem_free(sched);
		return NULL;
	}
	sched->store = store;
	sched->redactor = redactor;
	sched->logs = logs;
	sched->epoch = clock_now();
	pthread_mutex_init(&sched->lock, NULL);
	return sched;
}

enum err_code
sched_add(struct sched *sched, const struct sched_item *item, struct err *err)
{
	struct runner *runner;

	if (sched->runner_count == STORE_SLOTS_MAX)
		return err_set(err, ERR_LIMIT, "sched", "more than %d sources",
		    STORE_SLOTS_MAX);
	runner = runner_new(sched, item);
	if (runner == NULL)
		return err_set(err, ERR_NOMEM, "sched", "no memory");
	sched->runners[sched->runner_count++] = runner;
	return ERR_OK;
}

enum err_code
sched_start(struct sched *sched, struct err *err)
{
	sched->epoch = clock_now();
	for (size_t i = 0; i < sched->runner_count; i++) {
		struct runner *runner = sched->runners[i];
		enum err_code code = runner_begin(runner, err);

		if (code == ERR_OK)
			code = worker_start(runner, err);
		if (code != ERR_OK)
			return code;
	}
	return ERR_OK;
}

bool
sched_is_seen(const struct sched *sched)
{
	return sched->logs != NULL && logstore_has_subscriber(sched->logs);
}

void
sched_refresh(struct sched *sched)
{
	pthread_mutex_lock(&sched->lock);
	for (size_t i = 0; i < sched->runner_count; i++) {
		struct runner *runner = sched->runners[i];

		runner->refresh = true;
		if (runner->worker != NULL)
			pthread_cond_signal(&runner->worker->cond);
	}
	pthread_mutex_unlock(&sched->lock);
}

bool
sched_expects(struct sched *sched, int64_t until)
{
	bool expects = false;

	pthread_mutex_lock(&sched->lock);
	for (size_t i = 0; i < sched->runner_count && !expects; i++) {
		const struct runner *runner = sched->runners[i];

		expects = runner->polling_since != 0 ||
			  (runner->worker != NULL && runner->next_at <= until);
	}
	pthread_mutex_unlock(&sched->lock);
	return expects;
}

/* Gives up on silent polls; when the next one may be due for that. */
static int64_t
sched_find_hung(struct sched *sched, int64_t now)
{
	int64_t next = DEADLINE_NONE;

	for (size_t i = 0; i < sched->runner_count; i++) {
		struct runner *runner = sched->runners[i];
		struct worker *lost;
		int64_t since, hung_at;

		pthread_mutex_lock(&sched->lock);
		since = runner->polling_since;
		pthread_mutex_unlock(&sched->lock);
		if (since == 0)
			continue;
		hung_at = since + 2 * runner->item.timeout_ns;
		if (hung_at > now) {
			if (hung_at < next)
				next = hung_at;
			continue;
		}
		lost = runner_give_up(runner, since, now);
		if (lost != NULL) {
			lost->lost = runner;
			cancel_fire(&lost->cancel);
		}
	}
	return next;
}

/* Starts the threads that are due; when the next one is. */
static int64_t
sched_start_due(struct sched *sched, int64_t now)
{
	int64_t next = DEADLINE_NONE;

	for (size_t i = 0; i < sched->runner_count; i++) {
		struct runner *runner = sched->runners[i];
		int64_t at = runner->start_at;

		if (runner->worker != NULL ||
		    runner->abandoned == SCHED_ABANDONED_MAX)
			continue;
		if (at <= now) {
			if (worker_start(runner, NULL) == ERR_OK)
				continue;
			/* No memory for a thread. */
			at = now + SCHED_RETRY_FIRST_MS * NS_PER_MS;
		}
		if (at < next)
			next = at;
	}
	return next;
}

static void
keep_first(int64_t *next, int64_t due, int64_t now)
{
	if (due > now && due < *next)
		*next = due;
}

int64_t
sched_check(struct sched *sched, int64_t now)
{
	int64_t next = now + SCHED_CHECK_MS * NS_PER_MS;
	bool seen = sched_is_seen(sched);

	workers_reap(sched);
	pthread_mutex_lock(&sched->lock);
	share_follow(sched, seen);
	share_settle(sched, now);
	pthread_mutex_unlock(&sched->lock);
	keep_first(&next, sched_find_hung(sched, now), now);
	keep_first(&next, sched_start_due(sched, now), now);
	pthread_mutex_lock(&sched->lock);
	keep_first(&next, share_due(sched), now);
	pthread_mutex_unlock(&sched->lock);
	return next;
}

bool
sched_stop(struct sched *sched, int64_t deadline)
{
	pthread_mutex_lock(&sched->lock);
	sched->stop = true;
	for (struct worker *w = sched->workers; w != NULL; w = w->next)
		pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&sched->lock);
	for (struct worker *w = sched->workers; w != NULL; w = w->next)
		cancel_fire(&w->cancel);
	for (;;) {
		if (workers_reap(sched))
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
	for (size_t i = 0; i < sched->runner_count; i++)
		runner_free(sched->runners[i]);
	gcp_tokens_free(sched->tokens);
	pthread_mutex_destroy(&sched->lock);
	mem_free(sched);
	return NULL;
}
