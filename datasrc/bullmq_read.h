/*
 * Reading one BullMQ or Bull queue with plain commands. Two passes, each of
 * one batch for all queues: first the counts and ids, then the few job
 * hashes and locks that they lead to. Read-only: no EVAL, no KEYS.
 *
 * Every number is NaN until it was read, and stays NaN when the key is of a
 * wrong type: missing is not zero. Times are ms since 1970 of the server's
 * clock.
 * thread: owner.
 */
#ifndef SEV_DATASRC_BULLMQ_READ_H
#define SEV_DATASRC_BULLMQ_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "datasrc/bullmq_dialect.h"
#include "datasrc/bullmq_fail.h"
#include "datasrc/bullmq_rate.h"
#include "datasrc/bullmq_workers.h"
#include "datasrc/limits.h"
#include "datasrc/redis_conn.h"

struct redactor;

/* What is kept of a queue from poll to poll. */
struct bullmq_track {
	char name[BULLMQ_NAME_MAX];
	char base[BULLMQ_BASE_MAX]; /* "bull:runPrompt:" */
	char client[BULLMQ_CLIENT_NAME_LEN];
	struct bullmq_rates rates;
	struct bullmq_fails fails;
	uint64_t lockless[BULLMQ_ACTIVE_MAX]; /* at the last poll */
	size_t lockless_count;
	double check_ms; /* stalled-check's time to live at the last poll */
	bool unnamed;	 /* a worker lives that CLIENT LIST misses */
	bool seen;	 /* it was there at the last poll */
	bool paused;	 /* then */
	struct bullmq_workers workers; /* as last listed */
};

/* False when prefix and name are too long together. */
bool bullmq_track_init(
    struct bullmq_track *track, const char *prefix, const char *name);

/* One poll's answer. */
struct bullmq_queue {
	enum err_code code; /* why nothing could be read */
	char why[ERR_MSG_MAX];
	bool exists;
	const char *broken; /* a key of the wrong type; NULL: none */
	bool stray_waiting; /* a key "waiting", which nobody reads */
	enum bullmq_dialect dialect;
	bool dialect_sure;
	struct bullmq_evidence evidence;
	bool paused;

	double wait; /* list, markers left out */
	double held; /* list "paused" */
	double active;
	double delayed;
	double prioritized;
	double failed;
	double completed;
	double children;    /* parents that wait for theirs */
	double waiting;	    /* wait, held while paused, prioritized */
	double concurrency; /* global limit; NaN: none */
	double limited_ms;  /* the rate limit lasts so long; NaN: free */
	double failed_5m;
	double due_ms;	  /* of the next delayed job; NaN: none */
	double check_ms;  /* life of stalled-check; NaN: there is none */
	double oldest_s;  /* age of the next job; NaN: none waits */
	double running_s; /* of the job that is active for longest */
	double stalled;	  /* active without a lock */
	bool active_cut;  /* only the oldest BULLMQ_ACTIVE_MAX were looked at */
	struct bullmq_count count; /* for the rates */
};

/* Adds the first pass of a queue to the batch. now_ms: server's clock. */
void bullmq_ask_first(struct redis_batch *batch,
    const struct bullmq_track *track, int64_t now_ms);

/* Answers of one bullmq_ask_first(), from number at on; returns the next. */
size_t bullmq_read_first(struct bullmq_queue *queue,
    const struct bullmq_track *track, const struct redis_replies *replies,
    size_t at);

/*
 * What counts as waiting. While paused, up to version 5, new jobs go to the
 * list "paused"; prioritized jobs are waiting jobs too.
 */
double bullmq_waiting(const struct bullmq_queue *queue);

/*
 * Adds the second pass, for the ids in the first one's answers (from number
 * at on). *fails_left is how many failed jobs may still be asked for.
 */
void bullmq_ask_second(struct redis_batch *batch, struct bullmq_track *track,
    const struct bullmq_queue *queue, const struct redis_replies *first,
    size_t at, size_t *fails_left);

/*
 * Answers of one bullmq_ask_second(), from number at on; returns the next.
 * A job's evidence may change the dialect, and with it what waits.
 */
size_t bullmq_read_second(struct bullmq_queue *queue,
    struct bullmq_track *track, const struct redis_replies *first,
    size_t first_at, const struct redis_replies *second, size_t at,
    int64_t now_ms, const struct redactor *redactor);

#endif
