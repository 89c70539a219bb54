/*
 * Who works on a queue, from CLIENT LIST. A worker names its connection
 * "<prefix>:<base64 of the queue>", newer ones ":w:<name>" behind it;
 * ":qe" is a listener, no worker.
 * thread: owner.
 */
#ifndef SEV_DATASRC_BULLMQ_WORKERS_H
#define SEV_DATASRC_BULLMQ_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "datasrc/limits.h"

struct bullmq_workers {
	size_t count;
	bool bzpopmin; /* one of them sleeps in this command: 5 or later */
	bool brpoplpush;
};

/* The name of a queue's worker connections; false when it is too long. */
enum {
	BULLMQ_CLIENT_NAME_LEN =
	    BULLMQ_PREFIX_MAX + 2 + (BULLMQ_NAME_MAX + 2) / 3 * 4 + 1
};
bool bullmq_client_name(
    const char *prefix, const char *queue, char out[BULLMQ_CLIENT_NAME_LEN]);

/*
 * Counts the workers of n queues in one pass. names are those of
 * bullmq_client_name(); rets has n elements and is overwritten.
 */
void bullmq_workers_count(const char *list, size_t len,
    const char *const *names, size_t n, struct bullmq_workers *rets);

#endif
