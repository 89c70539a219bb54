/*
 * The scripts that change a queue (actions/lua/), one EVAL each, so that a
 * live worker sees all of a change or nothing. They follow the queue's
 * dialect and refuse when another library took the queue over meanwhile.
 * Source of what they do: the Lua commands of bull 4.16 and bullmq 3.16,
 * 4.18, 5.0, 5.81 and 6.7, each run against a real server.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_QUEUE_SCRIPT_H
#define SEV_ACTIONS_QUEUE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/action.h"
#include "datasrc/bullmq_dialect.h"
#include "datasrc/limits.h"
#include "datasrc/redis_session.h"

enum queue_script {
	QUEUE_PAUSE,
	QUEUE_RESUME,
	QUEUE_RETRY,
	QUEUE_RETRY_ALL,
	QUEUE_PROMOTE,
	QUEUE_REMOVE,
	QUEUE_CLEAN,
	QUEUE_SCRIPTS,
};

/* The queue, and perhaps the job, that a plan was made for. */
struct queue_ref {
	char name[BULLMQ_NAME_MAX];
	char base[BULLMQ_BASE_MAX];	  /* "bull:runPrompt:" */
	char version[BULLMQ_VERSION_MAX]; /* meta.version; "" for none */
	enum bullmq_dialect dialect;
	char job[BULLMQ_JOB_MAX];	/* "": the queue as a whole */
	char stamp[BULLMQ_VERSION_MAX]; /* when the job failed, as written */
	int64_t until_ms; /* what failed later is left alone; 0: all */
	int64_t count;	  /* jobs that it was planned for */
	int64_t total; /* jobs that there were then, of which count is some */
};

/* A connection for the length of one call of plan, apply or verify. */
struct queue_link {
	const struct action_ctx *ctx;
	struct redis_session session;
};

/* Connects. Release it also after a failure. */
enum err_code queue_link_open(struct queue_link *link,
    const struct action_ctx *ctx, struct err *err) ATTR_MUST_USE;
void queue_link_release(struct queue_link *link);

/* Codes that scripts answer with; see queue_common.lua. */
enum queue_code {
	QUEUE_DONE = 1,
	QUEUE_ALREADY = 0,
	QUEUE_GONE = -1,
	QUEUE_LOCKED = -2,
	QUEUE_ELSEWHERE = -3,
	QUEUE_IN_FLOW = -4,
	QUEUE_SCHEDULED = -8,
	QUEUE_CHANGED = -9,
};

struct queue_answer {
	int64_t code;
	int64_t n[4]; /* what the script counted; 0 when it counts nothing */
};

/*
 * Runs a script with further arguments. *ret_sent: false when it is certain
 * that nothing was done, so that a failure is no doubt: the server refused
 * it before its first command.
 */
enum err_code queue_script_run(struct queue_link *link,
    enum queue_script script, const struct queue_ref *ref,
    const char *const *args, size_t count, bool *ret_sent,
    struct queue_answer *ret_answer, struct err *err) ATTR_MUST_USE;

/* What a code means for a target, reported with its words. */
void queue_report(
    struct action_ctx *ctx, size_t target, const struct queue_answer *answer);

/* "EVAL queue_pause bull:runPrompt: 5": what a plan says it will send. */
struct text queue_script_words(
    struct arena *arena, enum queue_script script, const struct queue_ref *ref);

#endif
