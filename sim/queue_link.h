/*
 * The connections of the practice queues to Redis: one that runs the step
 * script, and one named, sleeping connection per worker.
 * thread: owner. Calls end after SIM_REDIS_IO_MS; after an error the link
 * is down and queue_link_up() tries again, at most every SIM_REDIS_RETRY_MS.
 */
#ifndef SEV_SIM_QUEUE_LINK_H
#define SEV_SIM_QUEUE_LINK_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct queue_link;

/* NULL: no memory. */
struct queue_link *queue_link_new(void) ATTR_MUST_USE;

/* Port 0: stay away. password is copied. Closes what is open. */
void queue_link_target(
    struct queue_link *link, unsigned port, const char *password);

/* Connects when due. True when the link is up. *ret_fresh: it just came up. */
bool queue_link_up(struct queue_link *link, bool *ret_fresh);

bool queue_link_is_up(const struct queue_link *link);

/*
 * Runs the script once per entry in one round trip. keys[i] and args[i] are
 * borrowed; ret_replies[i] is returned (free with cJSON_Delete), or NULL
 * when that one failed. False when the link went down.
 */
bool queue_link_run(struct queue_link *link, unsigned count,
    const char *const keys[], const char *const args[], cJSON *ret_replies[]);

/*
 * Keeps `count` worker connections of a queue open (0 closes them); base is
 * "bull:<queue>:". name NULL: unnamed workers. idle: they may go to sleep in
 * BZPOPMIN until there is work.
 */
void queue_link_workers(struct queue_link *link, unsigned queue,
    const char *base, const char *queue_name, const char *name, unsigned count,
    bool idle);

/* NULL is allowed. Returns NULL. */
struct queue_link *queue_link_free(struct queue_link *link);

#endif
