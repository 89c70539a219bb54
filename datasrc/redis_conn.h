/*
 * One connection to a Redis server. The socket, TLS, deadlines and size
 * limits are ours; hiredis only formats commands and parses replies, after
 * resp_guard has seen them. Commands are always sent as argument vectors, so
 * keys and ids are binary-safe and nothing is ever read as a format.
 *
 * Commands are collected in a batch and sent with one write; the answers
 * come back in the same order under one deadline. After a failure the
 * connection is dead: it may still owe answers that nobody could tell from
 * later ones. Close it and open another.
 * thread: owner.
 */
#ifndef SEV_DATASRC_REDIS_CONN_H
#define SEV_DATASRC_REDIS_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/thread.h"
#include "datasrc/redis_reply.h"
#include "datasrc/redis_url.h"

/* Commands to send; the bytes are ready for the wire. */
struct redis_batch {
	struct buf wire;
	size_t count;
	enum err_code failed; /* ERR_LIMIT: did not fit; ERR_NOMEM */
};

void redis_batch_init(struct redis_batch *batch);

/* Overwrites the bytes before they are freed: they may hold a password. */
void redis_batch_release(struct redis_batch *batch);

/* Adds one command; lens NULL: all are C strings. Borrowed. */
void redis_batch_argv(struct redis_batch *batch, size_t argc,
    const char *const *argv, const size_t *lens);

/* The same for C strings, ended by NULL. */
void redis_batch_cmd(struct redis_batch *batch, const char *name, ...)
    __attribute__((sentinel));

/* Answers to a batch, in its order. */
struct redis_replies {
	struct redisReply **list;
	size_t count;
	int64_t took_ns; /* from the write to the last answer */
};

#define REDIS_REPLIES_INIT                                                     \
	{                                                                      \
		.list = NULL                                                   \
	}

void redis_replies_release(struct redis_replies *replies);

/* Answer i, or NULL. Borrowed. */
const struct redisReply *redis_replies_at(
    const struct redis_replies *replies, size_t i);

struct redis_conn;

/*
 * Connects, logs in, selects the database and names the connection
 * "sevtop". *ret_conn: returned (free with redis_conn_close()).
 * Errors of net_connect(), tls_connect(), redis_conn_run() and
 * redis_reply_check().
 */
enum err_code redis_conn_open(const struct redis_target *target,
    int64_t deadline, const struct cancel *cancel, struct redis_conn **ret_conn,
    struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct redis_conn *redis_conn_close(struct redis_conn *conn);

/*
 * Sends the batch and waits for all its answers. An answer that is an error
 * is an answer: it is in the list, for redis_reply_check(). *ret_replies:
 * returned (free with redis_replies_release()).
 * ERR_TIMEOUT, ERR_CANCELLED, ERR_CLOSED, ERR_IO, ERR_PROTOCOL, ERR_TOOBIG,
 * ERR_NOMEM, ERR_LIMIT; ERR_LIMITED and the like when the server says why it
 * closes.
 */
enum err_code redis_conn_run(struct redis_conn *conn,
    const struct redis_batch *batch, int64_t deadline,
    const struct cancel *cancel, struct redis_replies *ret_replies,
    struct err *err) ATTR_MUST_USE;

/* False after a failure. NULL is not usable. */
bool redis_conn_usable(const struct redis_conn *conn);

/* Days until the server's certificate ends; false without TLS. */
bool redis_conn_cert_days(
    const struct redis_conn *conn, int64_t wall_ms, int64_t *ret_days);

#endif
