#include "datasrc/redis_reply.h"

#include <math.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/num.h"

/* First word of an error, what it means here, what to say. */
static const struct {
	const char *word;
	enum err_code code;
	const char *text; /* NULL: the server's own words */
} reply_errors[] = {
	{ "WRONGPASS", ERR_AUTH,
	    "user name or password is wrong, or the user is disabled" },
	{ "NOAUTH", ERR_AUTH,
	    "a password is needed: put it into the url, or set password" },
	{ "ERR invalid password", ERR_AUTH, "the password is wrong" },
	{ "NOPERM", ERR_FORBIDDEN, NULL },
	{ "DENIED", ERR_FORBIDDEN,
	    "protected mode: the server takes only local connections until "
	    "it has a password" },
	{ "READONLY", ERR_FORBIDDEN,
	    "this is a read-only replica: writes go to its primary" },
	{ "LOADING", ERR_SERVER,
	    "LOADING: reading its data set after a start; wait" },
	{ "BUSY", ERR_SERVER,
	    "BUSY: a script runs and blocks everything; SCRIPT KILL ends "
	    "one that has not written" },
	{ "MISCONF", ERR_SERVER,
	    "MISCONF: snapshots fail, so writes are refused; look at disk "
	    "space and rdb_last_bgsave_status" },
	{ "OOM", ERR_SERVER, "OOM: maxmemory is reached, writes are refused" },
	{ "MASTERDOWN", ERR_SERVER,
	    "MASTERDOWN: this replica has lost its primary" },
	{ "CLUSTERDOWN", ERR_SERVER, NULL },
	{ "ERR max number of clients", ERR_LIMITED,
	    "max clients reached: the server takes no more connections" },
	{ "MOVED", ERR_UNSUPPORTED,
	    "Redis Cluster: the key lives on another node, and sevtop asks "
	    "only one" },
	{ "ASK", ERR_UNSUPPORTED,
	    "Redis Cluster: the key moves to another node, and sevtop asks "
	    "only one" },
	{ "ERR unknown command", ERR_UNSUPPORTED, NULL },
	{ "ERR unknown subcommand", ERR_UNSUPPORTED, NULL },
	{ "ERR Unknown subcommand", ERR_UNSUPPORTED, NULL },
	{ "ERR DB index", ERR_CONFIG,
	    "the server has no database of that number" },
	{ "ERR invalid DB index", ERR_CONFIG,
	    "the server has no database of that number" },
	{ "WRONGTYPE", ERR_BADDATA,
	    "WRONGTYPE: the key holds another kind of value" },
	{ "NOSCRIPT", ERR_NOTFOUND, "NOSCRIPT: the script is not loaded" },
};

bool
redis_reply_is_error(const struct redisReply *reply, const char *word)
{
	size_t n = strlen(word);

	return reply != NULL && reply->type == REDIS_REPLY_ERROR &&
	       reply->str != NULL && reply->len >= n &&
	       memcmp(reply->str, word, n) == 0;
}

enum err_code
redis_reply_check(const struct redisReply *reply, struct err *err)
{
	if (reply == NULL)
		return err_set(
		    err, ERR_PROTOCOL, "redis", "an answer is missing");
	if (reply->type != REDIS_REPLY_ERROR)
		return ERR_OK;
	for (size_t i = 0; i < ARRAY_LEN(reply_errors); i++) {
		if (!redis_reply_is_error(reply, reply_errors[i].word))
			continue;
		return err_set(err, reply_errors[i].code, "redis", "%s",
		    reply_errors[i].text != NULL ? reply_errors[i].text
						 : reply->str);
	}
	return err_set(err, ERR_SERVER, "redis", "%s",
	    reply->str != NULL ? reply->str : "an error without words");
}

bool
redis_reply_is_nil(const struct redisReply *reply)
{
	return reply != NULL && reply->type == REDIS_REPLY_NIL;
}

/* NaN and Inf are words to Redis, not values that we could show. */
static bool
reply_parse(const char *s, size_t len, double *ret)
{
	double v;

	if (!num_parse_double(s, len, &v) || !isfinite(v))
		return false;
	*ret = v;
	return true;
}

bool
redis_reply_num(const struct redisReply *reply, double *ret)
{
	const char *s;
	size_t len;

	if (reply != NULL && reply->type == REDIS_REPLY_INTEGER) {
		*ret = (double)reply->integer;
		return true;
	}
	return redis_reply_str(reply, &s, &len) && reply_parse(s, len, ret);
}

bool
redis_reply_int(const struct redisReply *reply, int64_t *ret)
{
	double v;

	if (reply != NULL && reply->type == REDIS_REPLY_INTEGER) {
		*ret = reply->integer;
		return true;
	}
	/* 2^53: up to there a double holds every whole number */
	if (!redis_reply_num(reply, &v) || fabs(v) > 9007199254740992.0)
		return false;
	*ret = (int64_t)v;
	return true;
}

double
redis_reply_or_nan(const struct redisReply *reply)
{
	double v;

	return redis_reply_num(reply, &v) ? v : NAN;
}

bool
redis_reply_str(
    const struct redisReply *reply, const char **ret_str, size_t *ret_len)
{
	if (reply == NULL || reply->str == NULL ||
	    (reply->type != REDIS_REPLY_STRING &&
		reply->type != REDIS_REPLY_STATUS))
		return false;
	*ret_str = reply->str;
	*ret_len = reply->len;
	return true;
}

size_t
redis_reply_count(const struct redisReply *reply)
{
	return reply != NULL && reply->type == REDIS_REPLY_ARRAY
		   ? reply->elements
		   : 0;
}

const struct redisReply *
redis_reply_at(const struct redisReply *reply, size_t i)
{
	return i < redis_reply_count(reply) ? reply->element[i] : NULL;
}
