/*
 * What a plan means to do to sessions, as its memo keeps it: one signal, the
 * sessions that it is for, and what must still be so of each. Sending is one
 * statement for each session that holds all of that as its condition; one
 * statement for many would end at the first that is refused and not say
 * whom it has ended before.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_PG_ORDER_H
#define SEV_ACTIONS_PG_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/pg_act.h"
#include "actions/pg_backend.h"

enum pg_signal {
	PG_SIGNAL_CANCEL,
	PG_SIGNAL_TERMINATE,
	PG_SIGNAL_COUNT,
};

/* What must be the same about a session, beside the session itself. */
enum pg_bind {
	PG_BIND_SESSION,
	PG_BIND_STATEMENT, /* and it must run */
	PG_BIND_XACT,
	PG_BIND_IDLE, /* since when it does what it does */
	PG_BIND_COUNT,
};

struct pg_bound {
	int32_t pid;
	int64_t start_us;
	int64_t stamp_us; /* what it is bound by, as a time since 1970 */
};

struct pg_order {
	struct pg_server server;
	enum pg_signal signal;
	enum pg_bind bind;
	struct pg_bound *list; /* in the arena of the call */
	size_t count;
};

/* An order for at most max sessions. ERR_NOMEM. */
enum err_code pg_order_init(struct pg_order *order, const struct pg_act *act,
    enum pg_signal signal, enum pg_bind bind, size_t max,
    struct err *err) ATTR_MUST_USE;

/* Adds one; there must be room. */
void pg_order_add(struct pg_order *order, const struct pg_backend *backend);

/* Into the plan's memo, and back. ERR_BADDATA: the memo holds none. */
void pg_order_keep(const struct pg_order *order, struct plan *plan);
enum err_code pg_order_read(const struct action_ctx *ctx,
    const struct plan *plan, struct pg_order *ret_order,
    struct err *err) ATTR_MUST_USE;

/* What the plan says it will send. */
void pg_order_words(const struct pg_order *order, struct plan *plan);

/* A session of the order as it is now. */
enum pg_now {
	PG_NOW_SAME,	/* as it was bound */
	PG_NOW_CHANGED, /* the session, but not what it was bound by */
	PG_NOW_GONE,
	PG_NOW_HIDDEN, /* the right to see it was lost */
};

/* Of each session; *ret_now is in the arena of the call. */
enum err_code pg_order_look(struct pg_act *act, const struct pg_order *order,
    enum pg_now **ret_now, struct err *err) ATTR_MUST_USE;

enum pg_sent {
	PG_SENT_YES,	 /* the server said yes */
	PG_SENT_NOTHING, /* the condition does not hold: see *ret_now */
	PG_SENT_REFUSED, /* err says why; nothing was done */
	PG_SENT_DOUBT,	 /* err says why there is no answer */
};

/* Sends the signal to one session of the order. */
enum pg_sent pg_order_send(struct pg_act *act, const struct pg_order *order,
    size_t index, enum pg_now *ret_now, struct err *err) ATTR_MUST_USE;

/* "already gone", "its statement had ended": why nothing was sent. */
const char *pg_order_why(const struct pg_order *order, enum pg_now now);

#endif
