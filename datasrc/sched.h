/*
 * The scheduler: each source is polled at its own interval on a common grid,
 * so that a quiet dashboard wakes in few bursts.
 *
 * Every source starts on a thread of its own. Sources whose last
 * SCHED_QUICK_POLLS polls were good and took at most SCHED_QUICK_MS each
 * share a thread, as many as it can poll in SCHED_ROUND_MS, so that a burst
 * costs few wake-ups. Nobody waits for another's poll: a source that is
 * slow or fails gets a thread of its own again, and when a round of polls
 * is not over after SCHED_LATE_MS, those that it keeps waiting do.
 *
 * A stream (source.h) is polled every SCHED_STREAM_MS like the others. While
 * the log store has a subscriber it has a thread of its own and stays in its
 * polls; sched_check() has to be called when one comes or goes.
 *
 * A failed poll is tried again after a growing, jittered delay; a server's
 * Retry-After is obeyed. A poll that is silent past twice its deadline is
 * declared hung: its thread is abandoned, whatever it brings later is
 * dropped, and a successor starts with the same growing delay. At most
 * SCHED_ABANDONED_MAX threads of one source may be lost that way.
 * thread: the one that made it, unless said otherwise.
 */
#ifndef SEV_DATASRC_SCHED_H
#define SEV_DATASRC_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datasrc/source.h"
#include "model/store.h"

struct sched;

/* redactor and logs may be NULL in tests; all are borrowed. */
struct sched *sched_new(struct store *store, struct redactor *redactor,
    struct logstore *logs, struct err *err) ATTR_MUST_USE;

/* One source to run; everything is borrowed and lives until sched_free(). */
struct sched_item {
	const struct source_ops *ops;
	const char *name;
	const char *platform_name;
	const struct platform *platform; /* may be NULL in tests */
	const void *config;
	int64_t every_ns;
	int64_t timeout_ns;
	bool optional; /* see model/platform.h */
	size_t slot;   /* of the store */
	uint16_t log_source;
};

enum err_code sched_add(struct sched *sched, const struct sched_item *item,
    struct err *err) ATTR_MUST_USE;

/* Publishes "first answer pending" for all and starts their threads. */
enum err_code sched_start(struct sched *sched, struct err *err) ATTR_MUST_USE;

/*
 * Polls everything now, also what waits to retry. sched_check() has to be
 * called soon after: what it returned before did not know. thread: any.
 */
void sched_refresh(struct sched *sched);

/*
 * Settles who shares a thread, finds hung sources and starts successors. To
 * be called after each publish, and at least at the returned time
 * (clock_now() clock), which the answers of a quiet round come before.
 * thread: one.
 */
int64_t sched_check(struct sched *sched, int64_t now);

/* Whether a poll is at work, or due by then. thread: any. */
bool sched_expects(struct sched *sched, int64_t until);

/* Cancels all polls and waits until the threads ended or the deadline. */
bool sched_stop(struct sched *sched, int64_t deadline);

/*
 * Frees. After a sched_stop() that returned false threads are still at
 * work in libraries: then nothing may be freed, neither this nor what it
 * borrowed, and the process has to end.
 */
struct sched *sched_free(struct sched *sched);

#endif
