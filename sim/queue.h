/*
 * Queues in the key layout of BullMQ 5 that really move in a real Redis:
 * producers add, workers take, work, finish, fail and retry, history is
 * trimmed. Workers show as named connections, sleep in BZPOPMIN on the
 * marker as the library's do, keep locks alive and run the stalled check.
 * A pause, a retry or a removal by someone else has its effect, because all
 * state is in Redis; only "which of my jobs is done when" is kept here.
 *
 * The fate of a job comes from the platform through two hooks.
 * thread: owner. Every call to Redis ends after SIM_REDIS_IO_MS.
 */
#ifndef SEV_SIM_QUEUE_H
#define SEV_SIM_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct queue_conf {
	const char *name;
	const char *job;       /* name of its jobs */
	unsigned workers;      /* connections */
	unsigned concurrency;  /* jobs at a time, per worker */
	double rate;	       /* jobs added per second */
	double delayed_share;  /* added with a delay of 5 to 30 s */
	double priority_share; /* added with priority 1 or 2 */
	unsigned attempts;
	unsigned backoff_ms;
	const char *worker_name; /* NULL: unnamed workers */
};

struct queue_job {
	unsigned queue; /* index */
	const char *id;
	unsigned tried; /* attempts that were made before this one */
	uint64_t roll;	/* random, the same for this attempt in every run */
	bool past;	/* part of the history before the start */
};

/* What will become of a job; filled by the platform. */
struct queue_fate {
	int64_t run_ms;
	const char *value;  /* JSON result; borrowed until the next call */
	const char *reason; /* NULL: it succeeds. Static text */
	const char *stack;  /* with reason. Static text */
	unsigned kind;	    /* the platform's own, handed back to done */
};

struct queue_hooks {
	void *arg;
	/* A worker took the job. Every field of *fate is unset before. */
	void (*plan)(
	    void *arg, const struct queue_job *job, struct queue_fate *fate);
	/* It ended at wall_ms; again: it failed and will be tried again. */
	void (*done)(void *arg, const struct queue_job *job,
	    const struct queue_fate *fate, bool again, int64_t wall_ms);
	/* Data of a new job: a JSON object. Borrowed until the next call. */
	const char *(*data)(void *arg, unsigned queue, uint64_t roll);
};

enum queue_work {
	QUEUE_WORKS,
	QUEUE_HUNG, /* workers keep their locks and finish nothing */
	QUEUE_GONE, /* workers vanished, locks run out */
};

struct queue_counts {
	bool known; /* false: Redis did not tell */
	bool held;  /* paused */
	unsigned waiting, paused, active, delayed, prioritized, completed,
	    failed;
};

struct queue_set;

/* conf is borrowed until queue_set_free(). */
enum err_code queue_set_new(const struct queue_conf *conf, unsigned count,
    const struct queue_hooks *hooks, uint64_t seed, struct queue_set **ret_set,
    struct err *err) ATTR_MUST_USE;

/* Where Redis is. password is copied. Connects at the next step. */
void queue_set_target(
    struct queue_set *set, unsigned port, const char *password);

/* Lets go of every connection and stays away until queue_set_target(). */
void queue_set_leave(struct queue_set *set);

void queue_set_work(
    struct queue_set *set, unsigned queue, enum queue_work work);

/* Jobs at a time, for each worker; SIM_QUEUE_SLOTS of a queue at most. */
void queue_set_concurrency(
    struct queue_set *set, unsigned queue, unsigned concurrency);

/* Jobs come in at this share of the queue's rate; 1 from the start. */
void queue_set_pace(struct queue_set *set, unsigned queue, double pace);

/* One step of SIM_TICK_MS. */
void queue_set_step(struct queue_set *set, int64_t wall_ms);

/* False while Redis can't be reached. */
bool queue_set_connected(const struct queue_set *set);

void queue_set_counts(const struct queue_set *set, unsigned queue,
    struct queue_counts *ret_counts);

/* NULL is allowed. Returns NULL. */
struct queue_set *queue_set_free(struct queue_set *set);

#endif
