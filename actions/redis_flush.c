/*
 * redis.flushdb: all keys of one database. The size before and after comes
 * from the same transaction, so that the figure is that of what was deleted.
 */
#include <math.h>
#include <stdio.h>

#include "actions/redis_keys.h"
#include "actions/table.h"
#include "base/clock.h"

/* The database, and what the others hold. */
static void
flush_lines(const struct redis_act *act, int64_t count, struct plan *plan)
{
	struct arena *arena = plan->arena;
	char own[16], keys[NUM_TEXT_MAX], name[32];

	snprintf(own, sizeof(own), "db%u", act->session.db);
	plan_line(plan, text_clean_str(arena, own),
	    text_fmt(arena, "%s keys", num_int(keys, count)), TEXT("0 keys"),
	    TEXT_EMPTY);
	for (size_t i = 0; i < act->info.count; i++) {
		struct redis_word key = act->info.lines[i].key;
		double n = redis_word_field(act->info.lines[i].value, "keys");

		if (!redis_word_starts(key, "db") || isnan(n) ||
		    redis_word_is(key, own))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)key.len, key.at);
		plan_line(plan, text_clean_str(arena, name),
		    text_fmt(arena, "%s keys", num_int(keys, (int64_t)n)),
		    TEXT_EMPTY, TEXT("left alone"));
	}
}

/* Keys that a queue has; what else matches is sorted out by asking. */
static const char queue_pattern[] = "*:[mi][ed]*";

static enum err_code
flush_look(struct redis_act *act, struct plan *plan, struct err *err)
{
	int64_t until = act->ctx->now + REDIS_COUNT_S * NS_PER_SEC, count = 0;
	struct redis_found *some = NULL, *marks = NULL;
	struct redis_looks looks = { .count = 0 };
	struct redis_memo memo;
	enum err_code code = redis_act_writable(act, err);

	if (code == ERR_OK)
		code = redis_keys_count(act, &count, err);
	if (code == ERR_OK)
		code = redis_keys_find(act, "*", until, true, &some, err);
	if (code == ERR_OK)
		code = redis_keys_find(
		    act, queue_pattern, until, false, &marks, err);
	if (code == ERR_OK)
		code = redis_queues_check(act, &marks->queues, err);
	if (code == ERR_OK)
		code = redis_keys_look(act, some, plan, &looks, err);
	if (code != ERR_OK)
		return code;
	flush_lines(act, count, plan);
	plan_reach(plan, TEXT("keys"), NUM_COUNT, (double)count);
	plan_total(plan, (size_t)count);
	redis_queues_trap(&marks->queues, plan);
	if (looks.forever > 0)
		plan_trap(plan,
		    text_fmt(plan->arena,
			"%zu of the %zu samples never expire: they may be "
			"data and no cache",
			looks.forever, looks.count));
	if (!marks->whole)
		plan_trap(plan, TEXT("the database is too large to be looked "
				     "through for queues"));
	plan_trap(plan, TEXT("every miss goes to what is behind the cache at "
			     "once; redis.delete_pattern has a pace"));
	plan->nothing = count == 0;
	redis_memo_init(&memo, act);
	memo.count = count;
	memo.calls = redis_act_calls(act, "flushdb");
	redis_memo_keep(&memo, plan);
	return ERR_OK;
}

static enum err_code
flush_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	struct redis_act *act = NULL;
	int64_t db;
	enum err_code code = redis_db_read(ctx->request, &db, err);

	if (code == ERR_OK)
		code = redis_act_open(ctx, db, &act, err);
	if (code == ERR_OK)
		code = flush_look(act, plan, err);
	if (code == ERR_OK) {
		plan->verb = TEXT("delete all of it now");
		plan->effect = TEXT("all keys of the database are gone for "
				    "good, at once");
		plan->word = redis_act_word(act, plan->arena);
		plan_send(
		    plan, text_fmt(plan->arena, "SELECT %u, FLUSHDB ASYNC",
			      act->session.db));
		redis_act_basis(act, plan);
	}
	redis_act_close(act);
	return code;
}

enum {
	ASK_MULTI,
	ASK_BEFORE,
	ASK_FLUSH,
	ASK_AFTER,
	ASK_EXEC,
};

static void
ask_flush(struct redis_batch *batch)
{
	redis_batch_init(batch);
	redis_batch_cmd(batch, "MULTI", NULL);
	redis_batch_cmd(batch, "DBSIZE", NULL);
	redis_batch_cmd(batch, "FLUSHDB", "ASYNC", NULL);
	redis_batch_cmd(batch, "DBSIZE", NULL);
	redis_batch_cmd(batch, "EXEC", NULL);
}

/*
 * What came back. An error before EXEC means that nothing was done: the
 * transaction is dropped as a whole.
 */
static enum err_code
flush_report(struct action_ctx *ctx, const struct redis_replies *replies,
    struct err *err)
{
	const struct redisReply *done = redis_replies_at(replies, ASK_EXEC);
	const struct redisReply *flushed = redis_reply_at(done, 1);
	char gone[NUM_TEXT_MAX], left[NUM_TEXT_MAX];
	int64_t before = 0, after = 0;
	enum err_code code = ERR_OK;

	for (size_t i = ASK_MULTI; i <= ASK_EXEC && code == ERR_OK; i++)
		code = redis_reply_check(redis_replies_at(replies, i), err);
	if (code == ERR_OK && flushed != NULL)
		code = redis_reply_check(flushed, err);
	if (code != ERR_OK && code != ERR_PROTOCOL) {
		action_target(ctx, 0, TARGET_UNCHANGED, "%s", err_text(err));
		return code;
	}
	if (!redis_reply_int(redis_reply_at(done, 0), &before) ||
	    !redis_reply_int(redis_reply_at(done, 2), &after))
		return err_set(err, ERR_PROTOCOL, "redis",
		    "the answer is none to FLUSHDB");
	action_target(ctx, 0, after == 0 ? TARGET_DONE : TARGET_PARTLY,
	    "%s keys are gone, %s are left", num_int(gone, before - after),
	    num_int(left, after));
	return ERR_OK;
}

static enum err_code
flush_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct redis_act *act = NULL;
	struct redis_batch batch;
	struct redis_memo memo;
	enum err_code code = redis_act_again(ctx, plan, &memo, &act, err);

	if (code == ERR_OK) {
		ask_flush(&batch);
		code = redis_act_ask(act, &batch, &replies, err);
		if (code == ERR_OK)
			code = flush_report(ctx, &replies, err);
	}
	redis_replies_release(&replies);
	redis_act_close(act);
	return code;
}

/*
 * Only what had no answer comes here. An empty database, or a FLUSHDB that
 * the server has counted since, is one that was done.
 */
static enum err_code
flush_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	struct redis_act *act = NULL;
	struct redis_memo memo;
	char left[NUM_TEXT_MAX];
	int64_t count = 0, calls;
	bool same = false;
	enum err_code code = redis_act_back(ctx, plan, &memo, &act, &same, err);

	if (code == ERR_OK)
		code = redis_keys_count(act, &count, err);
	if (code == ERR_OK) {
		calls = redis_act_calls(act, "flushdb");
		if (count == 0)
			action_target(
			    ctx, 0, TARGET_DONE, "the database is empty");
		else if (same && memo.calls >= 0 && calls > memo.calls &&
			 count < memo.count)
			action_target(ctx, 0, TARGET_DONE,
			    "it was emptied, and has %s keys again",
			    num_int(left, count));
	}
	redis_act_close(act);
	return code;
}

const struct action_ops action_redis_flushdb = {
	.name = "redis.flushdb",
	.title = "Delete all keys",
	.help = "empties a database of the server",
	.class = ACTION_DESTRUCTIVE,
	.rows = redis_db_rows,
	.source_type = "redis",
	.targets_min = 1,
	.targets_max = 1,
	.plan_ns = (2 * REDIS_COUNT_S + 10) * NS_PER_SEC,
	.plan = flush_plan,
	.apply = flush_apply,
	.verify = flush_verify,
};
