/*
 * redis.bgsave and redis.memory_purge: what keeps all keys. A snapshot is
 * done when the server says so of it, not when it has begun.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/limits.h"
#include "actions/redis_act.h"
#include "actions/table.h"
#include "base/clock.h"

/* One command, whose answer says whether it was taken. */
static enum err_code
send_one(struct action_ctx *ctx, struct redis_act *act,
    struct redis_batch *batch, struct err *err)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	enum err_code code = redis_act_ask(act, batch, &replies, err);

	if (code == ERR_OK) {
		code = redis_reply_check(redis_replies_at(&replies, 0), err);
		if (code == ERR_OK)
			action_target(ctx, 0, TARGET_ACCEPTED, NULL);
		else if (code != ERR_PROTOCOL)
			action_target(
			    ctx, 0, TARGET_UNCHANGED, "%s", err_text(err));
	}
	redis_replies_release(&replies);
	return code;
}

/* A value of CONFIG GET; "" where it is refused, as by cloud providers. */
static struct text
config_get(struct redis_act *act, struct arena *arena, const char *name)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct text value = TEXT_EMPTY;
	struct redis_batch batch;
	const char *s;
	size_t len;

	redis_batch_init(&batch);
	redis_batch_cmd(&batch, "CONFIG", "GET", name, NULL);
	if (redis_act_ask(act, &batch, &replies, NULL) == ERR_OK &&
	    redis_reply_str(
		redis_reply_at(redis_replies_at(&replies, 0), 1), &s, &len))
		value = text_clean(arena, s, len, PLAN_TEXT_MAX / 4);
	redis_replies_release(&replies);
	return value;
}

/* Snapshot ------------------------------------------------------------------
 */

static void
save_memo(const struct redis_act *act, struct redis_memo *memo)
{
	redis_memo_init(memo, act);
	memo->saved_s = redis_act_int(act, "rdb_last_save_time", 0);
	memo->saves = redis_act_int(act, "rdb_saves", -1);
	memo->save_good =
	    redis_info_is(&act->info, "rdb_last_bgsave_status", "ok");
}

/* Something of the kind runs already: since when. */
static enum err_code
save_check(const struct redis_act *act, struct err *err)
{
	int64_t since = redis_act_int(act, "rdb_current_bgsave_time_sec", 0);
	char text[NUM_TEXT_MAX];

	if (redis_info_is(&act->info, "rdb_bgsave_in_progress", "1"))
		return err_set(err, ERR_WAITING, "redis",
		    "a snapshot is under way already, for %s: wait for it",
		    num_duration(text, since * NS_PER_SEC));
	if (redis_info_is(&act->info, "aof_rewrite_in_progress", "1"))
		return err_set(err, ERR_WAITING, "redis",
		    "the append-only file is being rewritten: wait for its "
		    "end");
	return ERR_OK;
}

static void
save_traps(const struct redis_act *act, struct plan *plan)
{
	int64_t fork_us = redis_act_int(act, "latest_fork_usec", 0);
	char text[NUM_TEXT_MAX];

	if (!redis_info_is(&act->info, "rdb_last_bgsave_status", "ok"))
		plan_trap(plan, TEXT("the last snapshot failed: look at the "
				     "disk and the server's log first"));
	plan_trap(plan, TEXT("while it is written, what changes takes memory "
			     "twice: up to all of it once more"));
	if (fork_us > 0)
		plan_trap(plan,
		    text_fmt(plan->arena,
			"the server stands still while it forks: %s last time",
			num_human(text, (double)fork_us / 1e6, NUM_SECONDS)));
	plan_trap(plan, TEXT("the file stays on the server, in the place of "
			     "the one before"));
}

static void
save_show(struct redis_act *act, struct plan *plan)
{
	struct arena *arena = plan->arena;
	int64_t saved = redis_act_int(act, "rdb_last_save_time", 0);
	int64_t now_s = (clock_wall_ms() + act->session.skew_ms) / 1000;
	struct text file[] = {
		config_get(act, arena, "dir"),
		TEXT("/"),
		config_get(act, arena, "dbfilename"),
	};
	char text[NUM_TEXT_MAX];

	plan->verb = TEXT("save now");
	plan->effect = TEXT("a child of the server writes all keys to disk; "
			    "the server goes on");
	plan_line(plan, TEXT("snapshot"),
	    saved > 0 && now_s >= saved
		? text_fmt(arena, "%s old",
		      num_duration(text, (now_s - saved) * NS_PER_SEC))
		: TEXT("none"),
	    TEXT("new"),
	    file[0].len > 0 && file[2].len > 0 ? text_join(arena, file, 3)
					       : TEXT_EMPTY);
	plan_reach(plan, TEXT("in memory"), NUM_BYTES,
	    redis_info_num(&act->info, "used_memory"));
	plan_reach(plan, TEXT("changes since the last one"), NUM_COUNT,
	    redis_info_num(&act->info, "rdb_changes_since_last_save"));
	plan_send(plan, TEXT("BGSAVE"));
	save_traps(act, plan);
	redis_act_basis(act, plan);
}

static enum err_code
save_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	struct redis_act *act = NULL;
	struct redis_memo memo;
	enum err_code code = redis_act_open(ctx, -1, &act, err);

	if (code == ERR_OK)
		code = save_check(act, err);
	if (code == ERR_OK) {
		save_memo(act, &memo);
		redis_memo_keep(&memo, plan);
		save_show(act, plan);
	}
	redis_act_close(act);
	return code;
}

/*
 * What became of the snapshot. accepted: the server said yes to it, so that
 * a failure that is there now is its own. From 7 on it counts those that it
 * has begun.
 */
static void
save_judge(struct action_ctx *ctx, const struct redis_act *act,
    const struct redis_memo *was, bool accepted)
{
	bool counts = was->saves >= 0;
	struct redis_memo now;
	char took[NUM_TEXT_MAX];

	save_memo(act, &now);
	if (redis_info_is(&act->info, "rdb_bgsave_in_progress", "1"))
		action_target(ctx, 0, TARGET_ACCEPTED, "it is being written");
	else if (now.saved_s > was->saved_s ||
		 (counts && now.saves > was->saves && now.save_good))
		action_target(ctx, 0, TARGET_DONE, "written in %s",
		    num_human(took,
			redis_info_num(&act->info, "rdb_last_bgsave_time_sec"),
			NUM_SECONDS));
	else if (!now.save_good && (accepted || was->save_good ||
				       (counts && now.saves > was->saves)))
		action_target(ctx, 0, TARGET_UNCHANGED,
		    "the snapshot failed: look at the disk and the server's "
		    "log");
}

/* Small ones are over in no time; larger ones are left to reading back. */
static enum err_code
save_await(struct action_ctx *ctx, struct redis_act *act,
    const struct redis_memo *memo, struct err *err)
{
	int64_t until = ctx->now + REDIS_SAVE_MS * NS_PER_MS;
	enum err_code code;

	do {
		code = action_rest(
		    ctx, clock_now() + REDIS_SAVE_LOOK_MS * NS_PER_MS, err);
		if (code == ERR_OK)
			code = redis_act_info(act, err);
		if (code == ERR_OK)
			save_judge(ctx, act, memo, true);
	} while (
	    code == ERR_OK && action_is_open(ctx, 0) && clock_now() < until);
	return code;
}

static enum err_code
save_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	struct redis_act *act = NULL;
	struct redis_batch batch;
	struct redis_memo memo;
	enum err_code code = redis_act_again(ctx, plan, &memo, &act, err);

	if (code == ERR_OK) {
		redis_batch_init(&batch);
		redis_batch_cmd(&batch, "BGSAVE", NULL);
		code = send_one(ctx, act, &batch, err);
	}
	if (code == ERR_OK)
		code = save_await(ctx, act, &memo, err);
	redis_act_close(act);
	return code;
}

static enum err_code
save_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	struct redis_act *act = NULL;
	struct redis_memo memo;
	bool same = false;
	enum err_code code = redis_act_back(ctx, plan, &memo, &act, &same, err);

	if (code == ERR_OK && same)
		save_judge(ctx, act, &memo, false);
	else if (code == ERR_OK)
		action_target(ctx, 0, TARGET_UNCHANGED,
		    "the server was restarted, or another has taken its "
		    "place, before it was written");
	redis_act_close(act);
	return code;
}

/* Memory --------------------------------------------------------------------
 */

/* Before 7 there is one count for all that MEMORY does. */
static int64_t
purge_calls(const struct redis_act *act)
{
	return redis_act_calls(act, "memory|purge") +
	       redis_act_calls(act, "memory");
}

static void
purge_show(const struct redis_act *act, double rss, struct plan *plan)
{
	double used = redis_info_num(&act->info, "used_memory");
	char text[NUM_TEXT_MAX];

	plan->verb = TEXT("purge now");
	plan->effect = TEXT("memory that was freed and kept goes back to the "
			    "system; no key is touched");
	plan_line(plan, TEXT("resident"),
	    text_clean_str(plan->arena, num_human(text, rss, NUM_BYTES)),
	    TEXT("less"), TEXT_EMPTY);
	plan_reach(plan, TEXT("in use by keys and clients"), NUM_BYTES, used);
	plan_reach(plan, TEXT("that may go back at most"), NUM_BYTES,
	    fmax(rss - used, 0));
	plan_trap(plan, TEXT("the server stands still while it looks through "
			     "its memory"));
	plan_send(plan, TEXT("MEMORY PURGE"));
	redis_act_basis(act, plan);
}

static enum err_code
purge_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	struct redis_act *act = NULL;
	struct redis_memo memo;
	double rss;
	enum err_code code = redis_act_open(ctx, -1, &act, err);

	if (code == ERR_OK &&
	    !redis_word_starts(
		redis_info_word(&act->info, "mem_allocator"), "jemalloc"))
		code = err_set(err, ERR_UNSUPPORTED, "redis",
		    "the server was built without jemalloc: there is nothing "
		    "that it could give back");
	if (code == ERR_OK) {
		rss = redis_info_num(&act->info, "used_memory_rss");
		purge_show(act, rss, plan);
		redis_memo_init(&memo, act);
		memo.count = isnan(rss) ? 0 : llround(rss);
		memo.calls = purge_calls(act);
		redis_memo_keep(&memo, plan);
	}
	redis_act_close(act);
	return code;
}

/* Resident memory before and after, for what it is worth. */
static void
purge_report(struct action_ctx *ctx, const struct redis_act *act,
    const struct redis_memo *memo)
{
	char was[NUM_TEXT_MAX], now[NUM_TEXT_MAX];

	action_target(ctx, 0, TARGET_DONE, "%s resident, it was %s",
	    num_human(
		now, redis_info_num(&act->info, "used_memory_rss"), NUM_BYTES),
	    num_human(was, (double)memo->count, NUM_BYTES));
}

static enum err_code
purge_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	struct redis_act *act = NULL;
	struct redis_batch batch;
	struct redis_memo memo;
	enum err_code code = redis_act_again(ctx, plan, &memo, &act, err);

	if (code == ERR_OK) {
		redis_batch_init(&batch);
		redis_batch_cmd(&batch, "MEMORY", "PURGE", NULL);
		code = send_one(ctx, act, &batch, err);
	}
	/* It measures itself ten times a second. */
	if (code == ERR_OK)
		code = action_rest(
		    ctx, clock_now() + REDIS_SAVE_LOOK_MS * NS_PER_MS, err);
	if (code == ERR_OK)
		code = redis_act_info(act, err);
	if (code == ERR_OK)
		purge_report(ctx, act, &memo);
	redis_act_close(act);
	return code;
}

/* The server counts what it was told. */
static enum err_code
purge_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	struct redis_act *act = NULL;
	struct redis_memo memo;
	bool same = false;
	enum err_code code = redis_act_back(ctx, plan, &memo, &act, &same, err);

	if (code == ERR_OK && same && purge_calls(act) > memo.calls)
		purge_report(ctx, act, &memo);
	redis_act_close(act);
	return code;
}

const struct action_ops action_redis_bgsave = {
	.name = "redis.bgsave",
	.title = "Save snapshot",
	.help = "writes all keys to the server's disk, in the background",
	.class = ACTION_REVERSIBLE,
	.source_type = "redis",
	.settle_ns = REDIS_SAVE_S * NS_PER_SEC,
	.plan = save_plan,
	.apply = save_apply,
	.verify = save_verify,
};

const struct action_ops action_redis_memory_purge = {
	.name = "redis.memory_purge",
	.title = "Purge memory",
	.help = "gives memory that holds no keys back to the system",
	.class = ACTION_REVERSIBLE,
	.source_type = "redis",
	.plan = purge_plan,
	.apply = purge_apply,
	.verify = purge_verify,
};
