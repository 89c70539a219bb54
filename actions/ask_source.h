/*
 * Asking a source of the platform once, beside the polls of the screen:
 * `sevtop act` polls nothing, and a read-back must not see an old answer.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_ASK_SOURCE_H
#define SEV_ACTIONS_ASK_SOURCE_H

#include "base/err.h"

struct action_ctx;
struct payload;

/*
 * Polls the source by name until ctx->deadline. *ret_payload: returned
 * (release with payload_unref()). ERR_NOTFOUND: there is none, or it is not
 * polled; ERR_UNSUPPORTED: it reads logs; errors of its open and poll.
 */
enum err_code ask_source(struct action_ctx *ctx, const char *name,
    struct payload **ret_payload, struct err *err) ATTR_MUST_USE;

#endif
