/*
 * Keys of a database: walking those that match a pattern at a pace that
 * leaves the server alone, and looking at a few of them.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_REDIS_KEYS_H
#define SEV_ACTIONS_REDIS_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/limits.h"
#include "actions/redis_act.h"

/* A key as it is, bytes and all. */
struct redis_key {
	const char *at;
	size_t len;
};

/*
 * A walk by SCAN. A key that is there all the while is found, maybe twice;
 * one that comes or goes meanwhile may be found or not.
 */
struct redis_walk {
	struct redis_act *act;
	const char *pattern;
	char cursor[BULLMQ_CURSOR_MAX];
	uint32_t steps;
	bool done; /* the round is whole */
};

void redis_walk_init(
    struct redis_walk *walk, struct redis_act *act, const char *pattern);

/*
 * The next step, after a rest as long as the last one took. *ret_keys: an
 * array whose elements are keys, in *ret_replies (release them).
 */
enum err_code redis_walk_next(struct redis_walk *walk,
    struct redis_replies *ret_replies, const struct redisReply **ret_keys,
    struct err *err) ATTR_MUST_USE;

/* Queues of BullMQ or Bull whose keys were seen. */
struct redis_queues {
	char bases[BULLMQ_QUEUES_MAX][BULLMQ_BASE_MAX]; /* "bull:mail:" */
	size_t count;
	bool more; /* than fit */
};

/* Takes a key that may be a queue's. */
void redis_queues_key(struct redis_queues *queues, const char *key, size_t len);

/* Asks the server which of them are queues, and drops the others. */
enum err_code redis_queues_check(struct redis_act *act,
    struct redis_queues *queues, struct err *err) ATTR_MUST_USE;

/* Says that they are lost; nothing when there are none. */
void redis_queues_trap(const struct redis_queues *queues, struct plan *plan);

/* What a walk found. Large: keep it in an arena. */
struct redis_found {
	struct redis_key keys[PLAN_SAMPLES_MAX]; /* the first, as samples */
	size_t sampled;
	int64_t count;		    /* keys that match */
	bool whole;		    /* the walk came to its end */
	struct redis_queues queues; /* to be checked */
};

/*
 * Walks over what matches until that time; few: only until there are enough
 * samples. *ret_found: returned (in the arena of the call).
 */
enum err_code redis_keys_find(struct redis_act *act, const char *pattern,
    int64_t until, bool few, struct redis_found **ret_found,
    struct err *err) ATTR_MUST_USE;

/* DBSIZE. */
enum err_code redis_keys_count(
    struct redis_act *act, int64_t *ret_count, struct err *err) ATTR_MUST_USE;

/* What a few keys are like. */
struct redis_looks {
	size_t count;
	size_t forever; /* of them: without expiry */
	double bytes;	/* of one of them on average; NaN: not to be had */
};

/*
 * Looks at the samples and puts them into the plan: name, type, size,
 * expiry.
 */
enum err_code redis_keys_look(struct redis_act *act,
    const struct redis_found *found, struct plan *plan,
    struct redis_looks *ret_looks, struct err *err) ATTR_MUST_USE;

#endif
