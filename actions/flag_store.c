/*
 * Flags in Redis and PostgreSQL: compared and set in one step of the server.
 */
#include "actions/flag_change.h"

#include <string.h>

#include "actions/limits.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/redact.h"
#include "base/shell_word.h"
#include "datasrc/pg_result.h"
#include "datasrc/redis_reply.h"
#include "model/platform.h"

static const char origin[] = "flag";

/*
 * KEYS[1]: string or hash; ARGV: field or "", "1" and the old value or "0",
 * "1" and the new one or "0". Answers 1: set, 0: it has another value, with
 * that value. A time to live stays.
 */
static const char script[] =
    "local k, f = KEYS[1], ARGV[1]\n"
    "local now\n"
    "if f ~= '' then now = redis.call('HGET', k, f)\n"
    "else now = redis.call('GET', k) end\n"
    "local was = false\n"
    "if ARGV[2] == '1' then was = ARGV[3] end\n"
    "if now ~= was then return {0, now or ''} end\n"
    "if ARGV[4] == '0' then\n"
    "  if f ~= '' then redis.call('HDEL', k, f)\n"
    "  else redis.call('DEL', k) end\n"
    "elseif f ~= '' then redis.call('HSET', k, f, ARGV[5])\n"
    "else\n"
    "  local ttl = redis.call('PTTL', k)\n"
    "  redis.call('SET', k, ARGV[5])\n"
    "  if ttl > 0 then redis.call('PEXPIRE', k, ttl) end\n"
    "end\n"
    "return {1, ''}\n";

static void
ask_script(struct redis_batch *batch, const struct flag_change *change)
{
	const struct flag_redis_conf *conf = change->flag->config;

	redis_batch_cmd(batch, "EVAL", script, "1", conf->key,
	    conf->field != NULL ? conf->field : "",
	    change->was != NULL ? "1" : "0",
	    change->was != NULL ? change->was : "",
	    change->value != NULL ? "1" : "0",
	    change->value != NULL ? change->value : "", NULL);
}

/* What the script answered, or that it is not known. */
static enum flag_wrote
take_answer(const struct redisReply *reply, struct err *err)
{
	const char *now;
	int64_t set;
	size_t len;

	/* An error comes before the first write: nothing was set. */
	if (redis_reply_check(reply, err) != ERR_OK)
		return FLAG_UNSENT;
	if (!redis_reply_int(redis_reply_at(reply, 0), &set) ||
	    !redis_reply_str(redis_reply_at(reply, 1), &now, &len)) {
		err_set(err, ERR_PROTOCOL, origin,
		    "the script answered with something else");
		return FLAG_MAYBE;
	}
	if (set == 1)
		return FLAG_WROTE;
	err_set(err, ERR_CLOSED, origin,
	    "changed since you looked: it is %.60s now",
	    len > 0 ? now : "gone");
	return FLAG_OTHER;
}

enum flag_wrote
flag_change_redis(struct flag_change *change, struct err *err)
{
	struct action_ctx *ctx = change->ctx;
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct redis_session *session = NULL;
	enum flag_wrote wrote = FLAG_MAYBE;
	struct redis_batch batch;

	if (flag_link_redis(
		change->links, change->flag->config, &session, err) != ERR_OK ||
	    redis_session_ready(session, ctx->deadline, ctx->cancel, err) !=
		ERR_OK)
		return FLAG_UNSENT;
	redis_batch_init(&batch);
	ask_script(&batch, change);
	if (batch.failed != ERR_OK) {
		err_set(err, batch.failed, origin, "too much for one request");
		wrote = FLAG_UNSENT;
	} else if (redis_session_run(session, &batch, ctx->deadline,
		       ctx->cancel, &replies, err) == ERR_OK) {
		wrote = take_answer(redis_replies_at(&replies, 0), err);
	}
	redis_batch_release(&batch);
	redis_replies_release(&replies);
	return wrote;
}

/* Words as they would be typed; redacted. */
static void
send_words(
    struct flag_change *change, struct plan *plan, const char *const *words)
{
	struct buf out = BUF_INIT(ACTION_FILLED_MAX);

	shell_words(&out, words);
	plan_send(plan, text_ingest(change->ctx->redactor, plan->arena,
			    buf_cstr(&out), out.len, PLAN_TEXT_MAX));
	buf_release(&out);
}

enum err_code
flag_plan_redis(struct flag_change *change, struct plan *plan, struct err *err)
{
	const struct flag_redis_conf *conf = change->flag->config;
	const char *words[5];
	size_t n = 0;

	(void)err;
	if (conf->field != NULL)
		words[n++] = change->value != NULL ? "HSET" : "HDEL";
	else
		words[n++] = change->value != NULL ? "SET" : "DEL";
	words[n++] = conf->key;
	if (conf->field != NULL)
		words[n++] = conf->field;
	if (change->value != NULL)
		words[n++] = change->value;
	words[n] = NULL;
	send_words(change, plan, words);
	return ERR_OK;
}

/*
 * The statement in one that counts its rows, and fails as a whole, so that
 * nothing is changed, when there are two.
 */
static bool
guarded(
    const struct flag_postgres_conf *conf, const char *before, struct buf *out)
{
	return buf_fmt(out,
	    "%sWITH changed AS (%s RETURNING 1) SELECT count(*), "
	    "1 / (2 - least(count(*), 2)) FROM changed",
	    before, conf->write);
}

/* A division by zero is our own check, in words. */
static void
explain(const struct err *why, struct err *err)
{
	if (strstr(why->msg, "division by zero") != NULL)
		err_set(err, ERR_BADDATA, origin,
		    "the statement would have changed more than one row: "
		    "nothing was changed");
	else
		err_set(err, why->code, origin, "%s", err_text(why));
}

/* Runs it, or only explains it, with the two values. */
static enum flag_wrote
ask_postgres(struct flag_change *change, struct pg_session *session,
    const char *sql, int64_t *ret_rows, struct err *err)
{
	const char *params[2] = { change->value, change->was };
	const struct pg_question question = {
		.sql = sql, .params = params, .param_count = 2
	};
	struct pg_answers answers = PG_ANSWERS_INIT;
	enum flag_wrote wrote = FLAG_WROTE;

	if (pg_session_run(session, &question, 1, change->ctx->deadline,
		change->ctx->cancel, &answers, err) != ERR_OK)
		return FLAG_MAYBE;
	if (answers.list[0].why.code != ERR_OK) {
		explain(&answers.list[0].why, err);
		wrote = FLAG_UNSENT;
	} else {
		*ret_rows = pg_result_int(answers.list[0].result, 0, 0, -1);
	}
	pg_answers_release(&answers);
	return wrote;
}

static enum flag_wrote
run_postgres(struct flag_change *change, const char *before, int64_t *ret_rows,
    struct err *err)
{
	const struct flag_postgres_conf *conf = change->flag->config;
	struct buf sql = BUF_INIT(PG_SQL_MAX * 2);
	struct pg_session *session = NULL;
	enum flag_wrote wrote = FLAG_UNSENT;

	if (!guarded(conf, before, &sql))
		err_set(err, ERR_NOMEM, origin, "no memory");
	else if (flag_link_pg(change->links, conf, &session, err) == ERR_OK &&
		 pg_session_ready(session, change->ctx->deadline,
		     change->ctx->cancel, err) == ERR_OK)
		wrote = ask_postgres(
		    change, session, buf_cstr(&sql), ret_rows, err);
	buf_release(&sql);
	return wrote;
}

enum flag_wrote
flag_change_postgres(struct flag_change *change, struct err *err)
{
	int64_t rows = -1;
	enum flag_wrote wrote = run_postgres(change, "", &rows, err);

	if (wrote != FLAG_WROTE || rows == 1)
		return wrote;
	err_set(err, ERR_CLOSED, origin,
	    "changed since you looked: no row has the value %.60s any more",
	    change->was != NULL ? change->was : "NULL");
	return FLAG_OTHER;
}

/* The server reads the statement, and changes nothing. */
enum err_code
flag_plan_postgres(
    struct flag_change *change, struct plan *plan, struct err *err)
{
	const struct flag_postgres_conf *conf = change->flag->config;
	struct buf words = BUF_INIT(PG_SQL_MAX * 2);
	int64_t rows = 0;

	if (run_postgres(change, "EXPLAIN ", &rows, err) != FLAG_WROTE) {
		err_prefix(err, "write");
		return err->code;
	}
	buf_fmt(&words, "%s  -- $1 = %s, $2 = %s", conf->write,
	    change->value != NULL ? change->value : "NULL",
	    change->was != NULL ? change->was : "NULL");
	plan_send(plan, text_ingest(change->ctx->redactor, plan->arena,
			    buf_cstr(&words), words.len, PLAN_TEXT_MAX));
	buf_release(&words);
	return ERR_OK;
}
