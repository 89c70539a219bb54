/*
 * Finding the queue that a request means, and keeping it in a plan's memo.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_QUEUE_REF_H
#define SEV_ACTIONS_QUEUE_REF_H

#include "actions/queue_script.h"
#include "datasrc/bullmq_read.h"

/* A queue as it is now; large, so it is made on the heap. */
struct queue_look {
	struct bullmq_track track;
	struct bullmq_queue queue;
	int64_t now_ms; /* the server's clock */
};

/*
 * Reads the queue called name and fills ref (without a job). ERR_NOTFOUND:
 * there is none; ERR_UNSUPPORTED: it must not be touched, err says why.
 * *ret_look: returned (free with mem_free()).
 */
enum err_code queue_look(struct queue_link *link, const char *name,
    struct queue_ref *ref, struct queue_look **ret_look,
    struct err *err) ATTR_MUST_USE;

/* A trap when the dialect is only a good guess. */
void queue_trap_unsure(struct plan *plan, const struct queue_look *look);

/* "runPrompt/4711" into its parts. ERR_USAGE for anything else. */
enum err_code queue_split(const char *target, char queue[BULLMQ_NAME_MAX],
    char job[BULLMQ_JOB_MAX], struct err *err) ATTR_MUST_USE;

/* Keeps count refs, one for each target, in the plan's memo. */
void queue_memo_keep(
    struct plan *plan, const struct queue_ref *refs, size_t count);

/*
 * Runs fn for each ref of the plan over one connection. When there is no
 * connection every target is TARGET_UNCHANGED; a failure of fn ends it, and
 * the targets that were not reached are unchanged, too: nothing was sent for
 * them. *ret_sent of fn: whether its own target is in doubt then.
 */
typedef enum err_code queue_apply_fn(struct action_ctx *ctx,
    struct queue_link *link, const struct queue_ref *ref, size_t target,
    bool *ret_sent, struct err *err);
enum err_code queue_apply_each(struct action_ctx *ctx, const struct plan *plan,
    queue_apply_fn *fn, struct err *err) ATTR_MUST_USE;

/* The same for reading back those that are open; fn reports what it sees. */
typedef enum err_code queue_verify_fn(struct action_ctx *ctx,
    struct queue_link *link, const struct queue_ref *ref, size_t target,
    struct err *err);
enum err_code queue_verify_each(struct action_ctx *ctx, const struct plan *plan,
    queue_verify_fn *fn, struct err *err) ATTR_MUST_USE;

/* One batch of commands for reading; replies as redis_session_run(). */
enum err_code queue_ask(struct queue_link *link, struct redis_batch *batch,
    struct redis_replies *ret_replies, struct err *err) ATTR_MUST_USE;

#endif
