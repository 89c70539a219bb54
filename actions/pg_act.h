/*
 * A connection for acting on the PostgreSQL server of an action's source, as
 * long as one call of plan, apply or verify. It is read-only like those that
 * poll: a signal to a session needs no more, so nothing else can go wrong
 * with it. Nothing is ever asked twice: what is sent and has no answer is in
 * doubt.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_PG_ACT_H
#define SEV_ACTIONS_PG_ACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/action.h"
#include "datasrc/limits.h"
#include "datasrc/pg_report.h"
#include "datasrc/pg_session.h"

struct cJSON;
struct json_out;

/* Which server, and in which role: what a plan was read from. */
struct pg_server {
	char identity[PG_IDENTITY_MAX]; /* "": not to be had */
	bool standby;
	int64_t started_us; /* since 1970 */
};

struct pg_act {
	const struct action_ctx *ctx;
	struct pg_session session;
	struct pg_facts facts; /* as it says of itself now */
	struct pg_server server;
	const char *place; /* "host:port/database"; "" before it is open */
};

/*
 * Connects and asks who the server is. Close it also after a failure.
 * ERR_UNSUPPORTED: older than sevtop knows; else errors of
 * pg_session_ready() and pg_conn_run().
 */
enum err_code pg_act_open(struct pg_act *act, const struct action_ctx *ctx,
    struct err *err) ATTR_MUST_USE;
void pg_act_close(struct pg_act *act);

/* Asks once, as pg_conn_run(). */
enum err_code pg_act_ask(struct pg_act *act,
    const struct pg_question *questions, size_t count,
    struct pg_answers *ret_answers, struct err *err) ATTR_MUST_USE;

/* The same for one question that must be answered. *ret_result: returned
 * (free with pg_result_free()). */
enum err_code pg_act_rows(struct pg_act *act,
    const struct pg_question *question, struct pg_result **ret_result,
    struct err *err) ATTR_MUST_USE;

/*
 * ERR_CLOSED when this is not the server, or not in the role, that then was:
 * it was restarted, promoted, or another has taken its place.
 */
enum err_code pg_act_same(const struct pg_act *act,
    const struct pg_server *then, struct err *err) ATTR_MUST_USE;

/*
 * For reading back: ERR_CLOSED when this is another database altogether.
 * After a restart or a failover it still tells which sessions are left.
 */
enum err_code pg_act_known(const struct pg_act *act,
    const struct pg_server *then, struct err *err) ATTR_MUST_USE;

/* What the plan was read from, and what will stop it. */
void pg_act_basis(const struct pg_act *act, struct plan *plan);

/* A server in a memo. False: there is none. */
void pg_server_keep(
    struct json_out *out, struct cJSON *to, const struct pg_server *server);
bool pg_server_read(const struct cJSON *json, struct pg_server *ret_server);

#endif
