/*
 * The parts of the scheduler: sched.c starts, checks and stops,
 * sched_runner.c keeps the record of a source, sched_worker.c is the thread
 * that polls, sched_share.c decides who polls for whom. Private to them.
 *
 * Who owns what. A runner is a source with its record of success and
 * failure; it lives as long as the scheduler. A worker is a thread that
 * polls for its runners, one after the other. A runner has one worker or,
 * while it waits for a thread, none. What the source opened belongs to the
 * runner between two polls and to the polling thread during one.
 *
 * Every runner starts on a worker of its own. Those that prove quick are
 * brought together, so that one wake-up serves them all; whoever is slow or
 * fails is parted from the others, and a round of polls that takes too long
 * parts the others from the one it is stuck in. A stream is parted as soon
 * as somebody looks at log lines, and then stays in its polls. All this only
 * ever names another worker for a runner that is not being polled.
 *
 * A runner that is declared hung is taken off its worker. That worker has
 * been abandoned: it may still run inside a library, so it touches nothing
 * but itself and what the source opened, which it closes.
 *
 * Workers are made, joined and freed, and runners get another one, in
 * sched_start(), sched_check() and sched_stop() only; never in two at once.
 * The lock guards what it says below. It is one for all, because a change
 * of workers touches two of them and a runner at once.
 */
#ifndef SEV_DATASRC_SCHED_IMPL_H
#define SEV_DATASRC_SCHED_IMPL_H

#include "datasrc/sched.h"
#include "model/limits.h"

struct worker {
	struct sched *sched;
	struct worker *next; /* in sched.workers */
	struct thread thread;
	struct cancel cancel;
	pthread_cond_t cond; /* refresh, stop, or its runners changed */
	atomic_bool ended;   /* the last thing it does */

	/* Guarded by sched.lock. */
	struct runner *polling; /* until the answer is in the store */
	int64_t busy_since;	/* start of a round of polls; 0: it waits */

	/* Of the checking thread. */
	struct runner *lost; /* whose poll it was abandoned with; NULL */
	size_t count;	     /* runners it has, as all below by tally() */
	bool quick;	     /* all of them are */
	int64_t round_ns;    /* what one poll of each takes */
	int64_t due;	     /* of the first */
};

struct runner {
	struct sched *sched;
	struct sched_item item;
	struct source_env env;

	/* Of the checking thread. */
	int64_t start_at;   /* without a worker: when it gets one */
	unsigned abandoned; /* threads lost */

	/* Guarded by sched.lock. */
	struct worker *worker; /* NULL: it waits for a thread */
	void *state;	       /* what the source opened; NULL in a poll */
	bool refresh;
	int64_t polling_since;	 /* 0: between polls */
	unsigned quick;		 /* quick polls in a row, up to the limit */
	struct payload *payload; /* of the last good answer; a reference */
	int64_t started_at;
	int64_t tried_at;
	int64_t good_at;
	int64_t good_wall_ms;
	int64_t failing_since;
	int64_t next_at;
	int64_t rest_ns; /* that the last good answer asked for */
	int64_t latency_ns;
	uint32_t failures;
	uint64_t polls;
	uint64_t seed; /* of the jitter */
};

struct sched {
	struct store *store;
	struct redactor *redactor;
	struct logstore *logs;
	struct gcp_tokens *tokens; /* of all sources; has a lock of its own */
	struct runner *runners[STORE_SLOTS_MAX];
	size_t runner_count;
	struct worker *workers; /* not joined yet; the checking thread's */
	int64_t epoch;		/* start of the common grid */
	bool seen; /* somebody looks at log lines; the checking thread's */

	pthread_mutex_t lock;
	bool stop; /* guarded by it */
};

/* sched.c. Does somebody look at log lines now? Takes the log store's lock. */
bool sched_is_seen(const struct sched *sched);

/* sched_runner.c. What one poll came to. */
struct outcome {
	enum err_code code;
	struct err err;
	struct payload *payload; /* a reference; taken when recorded */
	int64_t started;
	int64_t ended;
	int64_t started_wall_ms;
	int64_t retry_after_ns;
	bool stayed; /* a stream that waited for news */
};

struct runner *runner_new(struct sched *sched, const struct sched_item *item);
struct runner *runner_free(struct runner *runner);

/* Publishes that the first answer is pending. */
enum err_code runner_begin(
    struct runner *runner, struct err *err) ATTR_MUST_USE;

/*
 * Enters an outcome into the record, takes back what the source opened, and
 * puts it into the store, whose subscribers are the caller's to wake. False
 * when self was abandoned meanwhile: the answer is dropped, and state stays
 * the caller's.
 */
bool runner_record(struct runner *runner, const struct worker *self,
    void *state, struct outcome *outcome);

/*
 * Takes the runner off the worker that polls since `since`, records that as
 * a failure and publishes it. NULL: it has answered just now.
 */
struct worker *runner_give_up(
    struct runner *runner, int64_t since, int64_t now);

/* sched_worker.c. Starts a thread for runner. */
enum err_code worker_start(
    struct runner *runner, struct err *err) ATTR_MUST_USE;

/* Joins threads that have ended. True when none is left. */
bool workers_reap(struct sched *sched);

/* sched_share.c. Who polls for whom; the caller holds the lock. */
void share_settle(struct sched *sched, int64_t now);

/* Somebody looks at log lines, or nobody. Streams begin to stay at once. */
void share_follow(struct sched *sched, bool seen);

/* When share_settle() may have to part; DEADLINE_NONE: nobody shares. */
int64_t share_due(struct sched *sched);

#endif
