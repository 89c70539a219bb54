/*
 * Reading what Redis answered. A reply is hiredis' struct redisReply; these
 * functions ask for a value of the type that the caller expects and say
 * "not that" for everything else, NULL included, so that an array that is
 * too short or a server that lies needs no checks of its own.
 * Source of the error words: server.c and acl.c of Redis 7.
 * thread: any for reading.
 */
#ifndef SEV_DATASRC_REDIS_REPLY_H
#define SEV_DATASRC_REDIS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct redisReply;

/*
 * ERR_OK unless the reply is an error. The code and a message that says
 * what to do, for the errors that an on-call engineer meets:
 * WRONGPASS, NOAUTH: ERR_AUTH; NOPERM, DENIED, READONLY: ERR_FORBIDDEN;
 * max clients: ERR_LIMITED; MOVED, ASK, unknown command: ERR_UNSUPPORTED;
 * LOADING, OOM, BUSY, MISCONF, MASTERDOWN, CLUSTERDOWN and the rest:
 * ERR_SERVER; WRONGTYPE: ERR_BADDATA; NOSCRIPT: ERR_NOTFOUND.
 * NULL is ERR_PROTOCOL.
 */
enum err_code redis_reply_check(
    const struct redisReply *reply, struct err *err);

/* True for an error that starts with word ("LOADING"). */
bool redis_reply_is_error(const struct redisReply *reply, const char *word);

/* True for the answer "there is no such key, field or member". */
bool redis_reply_is_nil(const struct redisReply *reply);

/* An integer, or a string or status that is a number. */
bool redis_reply_num(const struct redisReply *reply, double *ret);
bool redis_reply_int(const struct redisReply *reply, int64_t *ret);

/* As redis_reply_num(), NaN when there is no number: missing is not zero. */
double redis_reply_or_nan(const struct redisReply *reply);

/* A string or status; *ret_str is borrowed and NUL-terminated. */
bool redis_reply_str(
    const struct redisReply *reply, const char **ret_str, size_t *ret_len);

/* Elements of an array, 0 for everything else. */
size_t redis_reply_count(const struct redisReply *reply);

/* Element i of an array, or NULL. Borrowed. */
const struct redisReply *redis_reply_at(
    const struct redisReply *reply, size_t i);

#endif
