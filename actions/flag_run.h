/*
 * Setting flags that are environment variables of Cloud Run services: all of
 * a plan that are in one service by one request, which makes one revision.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_FLAG_RUN_H
#define SEV_ACTIONS_FLAG_RUN_H

#include "actions/action.h"
#include "actions/flag_memo.h"

/* Whether it is such a flag. */
bool flag_run_is(const struct flag_target *target);

/*
 * Puts into the plan what will be sent for those of the targets that change,
 * one request for each service. ERR_CLOSED: a service was changed while the
 * flags were read.
 */
enum err_code flag_run_plan(struct action_ctx *ctx,
    const struct flag_target *targets, size_t count, struct plan *plan,
    struct err *err) ATTR_MUST_USE;

/*
 * Sends what target first is a part of, and reports all of it. ERR_OK, with
 * nothing done, for one that an earlier one was sent with.
 */
enum err_code flag_run_apply(struct action_ctx *ctx,
    const struct flag_target *targets, size_t count, size_t first,
    struct err *err) ATTR_MUST_USE;

/* The same for reading it back. */
enum err_code flag_run_verify(struct action_ctx *ctx,
    const struct flag_target *targets, size_t count, size_t first,
    struct err *err) ATTR_MUST_USE;

#endif
