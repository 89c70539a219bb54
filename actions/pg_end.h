/*
 * What the actions on single sessions share: how a session stands in a plan,
 * sending the order of a plan whose sessions are its targets, reading it
 * back.
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
