/*
 * What the actions on sessions share: how a session stands in a plan, the
 * order of a plan on its server, sending it where the sessions are the
 * targets, reading it back.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_PG_END_H
#define SEV_ACTIONS_PG_END_H

#include "actions/pg_order.h"

/* A session's line, what it holds up, and what a warning would say. */
void pg_end_line(
    struct plan *plan, const struct pg_backend *backend, struct text then);
void pg_end_traps(struct plan *plan, const struct pg_backend *backend);

/* Sums up what is lost with the sessions of the list, and who is set free. */
void pg_end_reach(struct plan *plan, const struct pg_backends *backends,
    const struct pg_backend *const *list, size_t count);

/*
 * The order of a plan on the server that it was made for, which is open
 * after ERR_OK only: to send it (an error has been reported for all targets:
 * nothing was sent), and with what has become of each session (*ret_now, in
 * the arena of the call).
 */
enum err_code pg_end_begin(struct action_ctx *ctx, const struct plan *plan,
    struct pg_act *act, struct pg_order *order, struct err *err) ATTR_MUST_USE;
enum err_code pg_end_look(struct action_ctx *ctx, const struct plan *plan,
    struct pg_act *act, struct pg_order *order, enum pg_now **ret_now,
    struct err *err) ATTR_MUST_USE;

/* struct action_ops.apply and verify; target i is session i of the order. */
enum err_code pg_end_apply(
    struct action_ctx *ctx, const struct plan *plan, struct err *err);
enum err_code pg_end_verify(
    struct action_ctx *ctx, const struct plan *plan, struct err *err);

/* The rows of the tables sessions and locks. */
extern const struct action_row pg_end_rows[];

/* Whether a row is of a client's session, as far as it says so. */
bool pg_end_fits(const struct table *table, const struct table_row *row);

#endif
