/*
 * Finds the queues of a prefix by SCAN, a bounded number of steps at a time,
 * so that a server with millions of keys is never held up: a large one takes
 * several polls. Looks for "<prefix>:<queue>:meta" (BullMQ) and
 * "<prefix>:<queue>:id" (both, and all that Bull has).
 * thread: owner.
 */
#ifndef SEV_DATASRC_BULLMQ_FIND_H
#define SEV_DATASRC_BULLMQ_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/thread.h"
#include "datasrc/limits.h"
#include "datasrc/redis_session.h"

struct bullmq_find {
	char prefix[BULLMQ_PREFIX_MAX];
	char cursor[BULLMQ_CURSOR_MAX]; /* "0": at the start */
	uint32_t steps;			/* of this round so far */
	int64_t next_round_at;		/* clock_now() */
	char names[BULLMQ_QUEUES_MAX][BULLMQ_NAME_MAX]; /* sorted */
	size_t count;
	bool more;     /* there are queues beyond BULLMQ_QUEUES_MAX */
	bool complete; /* a whole round was made, or its steps are used up */
};

void bullmq_find_init(struct bullmq_find *find, const char *prefix);

/*
 * Goes on for at most BULLMQ_FIND_STEPS steps; nothing while the next round
 * is not due. Queues once found stay. ERR_FORBIDDEN when SCAN is refused,
 * else the errors of redis_session_run().
 */
enum err_code bullmq_find_some(struct bullmq_find *find,
    struct redis_session *session, int64_t deadline,
    const struct cancel *cancel, struct err *err) ATTR_MUST_USE;

/* Takes a key from SCAN; public for tests. */
void bullmq_find_key(struct bullmq_find *find, const char *key, size_t len);

/* "*?[]\" in a prefix mean themselves; false when out is too small. */
bool bullmq_find_pattern(const char *prefix, char *out, size_t cap);

#endif
