#include "actions/queue_script.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include "actions/limits.h"
#include "actions/queue_lua.h"
#include "base/alloc.h"
#include "datasrc/bullmq_conf.h"
#include "model/platform.h"

static const struct {
	const char *name;
	const char *text;
} scripts[QUEUE_SCRIPTS] = {
	[QUEUE_PAUSE] = { "queue_pause", queue_lua_pause },
	[QUEUE_RESUME] = { "queue_resume", queue_lua_resume },
	[QUEUE_RETRY] = { "queue_retry", queue_lua_retry },
	[QUEUE_RETRY_ALL] = { "queue_retry_all", queue_lua_retry_all },
	[QUEUE_PROMOTE] = { "queue_promote", queue_lua_promote },
	[QUEUE_REMOVE] = { "queue_remove", queue_lua_remove },
	[QUEUE_CLEAN] = { "queue_clean", queue_lua_clean },
};

enum {
	ARGV_FIXED =
	    6, /* EVAL, script, number of keys, key, dialect, version */
};

enum err_code
queue_link_open(
    struct queue_link *link, const struct action_ctx *ctx, struct err *err)
{
	const struct redis_conf *redis = NULL;
	enum err_code code;

	link->ctx = ctx;
	code =
	    bullmq_conf_redis(ctx->platform, ctx->source->config, &redis, err);
	redis_session_init(&link->session, redis);
	if (code == ERR_OK)
		code = redis_session_ready(
		    &link->session, ctx->deadline, ctx->cancel, err);
	return code;
}

void
queue_link_release(struct queue_link *link)
{
	redis_session_close(&link->session);
}

static const char *
dialect_word(enum bullmq_dialect dialect)
{
	switch (dialect) {
	case BULLMQ_BULL4:
		return "bull4";
	case BULLMQ_3:
		return "3";
	case BULLMQ_4:
		return "4";
	case BULLMQ_5:
		return "5";
	case BULLMQ_6:
		return "6";
	case BULLMQ_UNKNOWN:
		break;
	}
	return "";
}

/*
 * Whether an error came out of a running script. It is not rolled back then:
 * a user who may not XADD has paused the queue before the error.
 */
static bool
is_from_script(const struct redisReply *reply)
{
	const char *text;
	size_t len;

	if (reply == NULL || reply->type != REDIS_REPLY_ERROR)
		return false;
	text = reply->str;
	len = reply->len;
	return memmem(text, len, "user_script", 11) != NULL ||
	       memmem(text, len, "script:", 7) != NULL ||
	       memmem(text, len, "running script (", 16) != NULL;
}

static bool
read_answer(const struct redisReply *reply, struct queue_answer *ret)
{
	struct queue_answer answer = { 0 };

	if (!redis_reply_int(redis_reply_at(reply, 0), &answer.code))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(answer.n); i++)
		redis_reply_int(redis_reply_at(reply, i + 1), &answer.n[i]);
	*ret = answer;
	return true;
}

/* One EVAL of common and script; false: no memory for it. */
static bool
ask_script(struct redis_batch *batch, const char *text,
    const struct queue_ref *ref, const char *const *args, size_t count)
{
	struct buf all = BUF_INIT(QUEUE_LUA_MAX);
	const char **argv = mem_calloc(ARGV_FIXED + count, sizeof(*argv));
	bool good = argv != NULL && buf_str(&all, queue_lua_common) &&
		    buf_str(&all, text);

	if (good) {
		argv[0] = "EVAL";
		argv[1] = buf_cstr(&all);
		argv[2] = "1";
		argv[3] = ref->base;
		argv[4] = dialect_word(ref->dialect);
		argv[5] = ref->version;
		for (size_t i = 0; i < count; i++)
			argv[ARGV_FIXED + i] = args[i];
		redis_batch_argv(batch, ARGV_FIXED + count, argv, NULL);
	}
	buf_release(&all);
	mem_free(argv);
	return good;
}

enum err_code
queue_script_run(struct queue_link *link, enum queue_script script,
    const struct queue_ref *ref, const char *const *args, size_t count,
    bool *ret_sent, struct queue_answer *ret_answer, struct err *err)
{
	const struct action_ctx *ctx = link->ctx;
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct redis_batch batch;
	const struct redisReply *reply;
	enum err_code code;

	*ret_sent = false;
	code = redis_session_ready(
	    &link->session, ctx->deadline, ctx->cancel, err);
	if (code != ERR_OK)
		return code;
	redis_batch_init(&batch);
	if (!ask_script(&batch, scripts[script].text, ref, args, count) ||
	    batch.failed != ERR_OK) {
		redis_batch_release(&batch);
		return err_set(err, ERR_NOMEM, "queue",
		    "no memory, or too much for one request");
	}
	*ret_sent = true;
	code = redis_session_run(
	    &link->session, &batch, ctx->deadline, ctx->cancel, &replies, err);
	redis_batch_release(&batch);
	reply = redis_replies_at(&replies, 0);
	if (code == ERR_OK) {
		code = redis_reply_check(reply, err);
		*ret_sent = code == ERR_OK || is_from_script(reply);
	}
	if (code == ERR_OK && !read_answer(reply, ret_answer))
		code = err_set(err, ERR_PROTOCOL, "queue",
		    "the script answered with something else than numbers");
	redis_replies_release(&replies);
	return code;
}

void
queue_report(
    struct action_ctx *ctx, size_t target, const struct queue_answer *answer)
{
	static const struct {
		enum queue_code code;
		enum target_state state;
		const char *words;
	} meanings[] = {
		{ QUEUE_DONE, TARGET_ACCEPTED, NULL },
		{ QUEUE_ALREADY, TARGET_ACCEPTED, "it was so already" },
		{ QUEUE_GONE, TARGET_UNCHANGED, "the job is gone" },
		{ QUEUE_LOCKED, TARGET_UNCHANGED, "a worker holds the job" },
		{ QUEUE_ELSEWHERE, TARGET_UNCHANGED,
		    "changed since you looked: the job is in another state" },
		{ QUEUE_IN_FLOW, TARGET_UNCHANGED,
		    "part of a flow: removing it could release or delete its "
		    "parent; retry it instead" },
		{ QUEUE_SCHEDULED, TARGET_UNCHANGED,
		    "the next run of a scheduler: remove the scheduler" },
		{ QUEUE_CHANGED, TARGET_UNCHANGED,
		    "changed since you looked: another version of the library "
		    "writes this queue now" },
	};

	for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
		if (answer->code != meanings[i].code)
			continue;
		if (meanings[i].words == NULL)
			action_target(ctx, target, meanings[i].state, NULL);
		else
			action_target(ctx, target, meanings[i].state, "%s",
			    meanings[i].words);
		return;
	}
	action_target(ctx, target, TARGET_OPEN,
	    "the script answered with the unknown code %lld",
	    (long long)answer->code);
}

struct text
queue_script_words(
    struct arena *arena, enum queue_script script, const struct queue_ref *ref)
{
	return text_fmt(arena, "EVAL %s %s %s", scripts[script].name, ref->base,
	    dialect_word(ref->dialect));
}
