/*
 * Which library keeps a queue. BullMQ and Bull use the same key names with
 * different meanings: where jobs wait while paused, whether priorities have
 * a set of their own, what wakes a worker. A wrong guess miscounts, and for
 * whoever writes, it loses jobs.
 * Source: the Lua commands of bull 4.16 and bullmq 3.16, 4.18, 5.0, 5.81,
 * 6.7, each run against a real server.
 * thread: any.
 */
#ifndef SEV_DATASRC_BULLMQ_DIALECT_H
#define SEV_DATASRC_BULLMQ_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "datasrc/limits.h"

enum bullmq_dialect {
	BULLMQ_UNKNOWN, /* a library newer than what is known: look only */
	BULLMQ_BULL4,
	BULLMQ_3, /* 1 and 2 as well */
	BULLMQ_4,
	BULLMQ_5,
	BULLMQ_6,
};

enum bullmq_trace {
	BULLMQ_TRACE_NONE,
	BULLMQ_TRACE_ATM,  /* a finished job has "atm": 5 or later */
	BULLMQ_TRACE_MADE, /* it has "attemptsMade": 4 or earlier */
};

/* What was found in Redis; all of it may be missing. */
struct bullmq_evidence {
	char version[BULLMQ_VERSION_MAX]; /* meta.version; "" */
	bool max_len;			  /* meta.opts.maxLenEvents */
	bool events;
	bool id;
	bool repeat;
	bool meta_paused;
	bool marker;
	bool priority; /* the helper set of 3 and before */
	enum bullmq_trace finished;
	bool worker_bzpopmin;	/* a worker sleeps in this command */
	bool worker_brpoplpush; /* or in this one */
};

/*
 * The best answer; *ret_sure is false when it rests on nothing but the
 * rule that 5 is the less harmful mistake.
 */
enum bullmq_dialect bullmq_dialect_of(
    const struct bullmq_evidence *evidence, bool *ret_sure);

/* "bull 4", "bullmq 5"; never NULL. */
const char *bullmq_dialect_name(enum bullmq_dialect dialect);

/* Held jobs are in a list of their own, "paused". */
bool bullmq_has_paused_list(enum bullmq_dialect dialect);

/* Jobs with a priority wait in the set "prioritized", not in the list. */
bool bullmq_has_prioritized(enum bullmq_dialect dialect);

/*
 * A worker takes a job and locks it in two steps, so an active job without
 * a lock may just have been taken.
 */
bool bullmq_locks_late(enum bullmq_dialect dialect);

/* Markers ("0:0", "0:<ms>") stand among the ids of the waiting list. */
bool bullmq_is_marker(const char *id, size_t len);

#endif
