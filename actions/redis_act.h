/*
 * A connection for acting on the Redis server of an action's source, as long
 * as one call of plan, apply or verify, and what the server says of itself.
 * Nothing is ever asked twice: what is sent and has no answer is in doubt.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_REDIS_ACT_H
#define SEV_ACTIONS_REDIS_ACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/action.h"
#include "datasrc/limits.h"
#include "datasrc/redis_info.h"
#include "datasrc/redis_session.h"

/* In the arena of the call. */
struct redis_act {
	const struct action_ctx *ctx;
	struct redis_session session;
	struct redis_replies said; /* INFO, and its statistics of commands */
	struct redis_info info;
	struct redis_info stats;
	char run_id[REDIS_RUN_ID_MAX]; /* new with each start of a server */
};

/* What a plan keeps of the server; what is not used is 0. */
struct redis_memo {
	char run_id[REDIS_RUN_ID_MAX];
	int64_t db;
	int64_t count;	 /* keys */
	int64_t calls;	 /* of the command so far; -1: not known */
	int64_t saved_s; /* time of the last snapshot, since 1970 */
	int64_t saves;	 /* snapshots begun since the start; -1: not known */
	bool save_good;	 /* the last one was */
};

/*
 * Connects to database db (-1: that of the source) and reads INFO.
 * *ret_act: close it also after a failure; NULL then is fine.
 * ERR_UNSUPPORTED: a node of a cluster, where other nodes have keys, too;
 * else errors of redis_session_ready() and redis_reply_check().
 */
enum err_code redis_act_open(const struct action_ctx *ctx, int64_t db,
    struct redis_act **ret_act, struct err *err) ATTR_MUST_USE;
void redis_act_close(struct redis_act *act);

/* Reads INFO again. */
enum err_code redis_act_info(
    struct redis_act *act, struct err *err) ATTR_MUST_USE;

/*
 * Sends the batch once and releases it, also when it can't be sent. Errors
 * of redis_conn_run(); those of single commands are in the replies.
 */
enum err_code redis_act_ask(struct redis_act *act, struct redis_batch *batch,
    struct redis_replies *ret_replies, struct err *err) ATTR_MUST_USE;

/* ERR_FORBIDDEN on a replica: where its primary is. */
enum err_code redis_act_writable(
    const struct redis_act *act, struct err *err) ATTR_MUST_USE;

/* A number of INFO, fallback when there is none. */
int64_t redis_act_int(
    const struct redis_act *act, const char *key, int64_t fallback);

/* How often a command was called since the start; -1: not known. */
int64_t redis_act_calls(const struct redis_act *act, const char *command);

/*
 * The database that a request names: "db2", "2"; -1 without target, which is
 * that of the source. ERR_USAGE for anything else.
 */
enum err_code redis_db_read(const struct request *request, int64_t *ret_db,
    struct err *err) ATTR_MUST_USE;

/* Rows of databases. */
extern const struct action_row redis_db_rows[];

/* What the plan was read from, and what will stop it. */
void redis_act_basis(const struct redis_act *act, struct plan *plan);

/* "cache/db0": what has to be typed, and where it is. */
const char *redis_act_word(const struct redis_act *act, struct arena *arena);

/* A memo with what every plan keeps; into the plan, and back. */
void redis_memo_init(struct redis_memo *memo, const struct redis_act *act);
void redis_memo_keep(const struct redis_memo *memo, struct plan *plan);
enum err_code redis_memo_read(const struct plan *plan,
    struct redis_memo *ret_memo, struct err *err) ATTR_MUST_USE;

/*
 * Opens the server of a memo for apply. ERR_CLOSED when it is another, or
 * was restarted. Every target is TARGET_UNCHANGED after a failure.
 */
enum err_code redis_act_again(struct action_ctx *ctx, const struct plan *plan,
    struct redis_memo *ret_memo, struct redis_act **ret_act,
    struct err *err) ATTR_MUST_USE;

/* The same for reading back: nothing is reported; *ret_same says whether it
 * is the same start of the same server. */
enum err_code redis_act_back(struct action_ctx *ctx, const struct plan *plan,
    struct redis_memo *ret_memo, struct redis_act **ret_act, bool *ret_same,
    struct err *err) ATTR_MUST_USE;

#endif
