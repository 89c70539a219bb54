/*
 * redis.delete_pattern: the keys that match a pattern, found by SCAN and
 * dropped by UNLINK, some hundred at a time and at a pace that lets whatever
 * fills them again keep up. What is counted in the plan and what is deleted
 * are two walks: keys that come in between go, too.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/choices.h"
#include "actions/redis_keys.h"
#include "actions/table.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "model/limits.h"

struct delete_args {
	const char *pattern;
	int64_t rate; /* keys a second */
	bool all;     /* it may be every key of the database */
};

/* Plan ----------------------------------------------------------------------
 */

/* Whether it can be told from the pattern that it leaves nothing out. */
static bool
is_all(const char *pattern)
{
	return pattern[strspn(pattern, "*?")] == '\0' &&
	       strchr(pattern, '*') != NULL;
}

static enum err_code
delete_check(const struct redis_act *act, const struct delete_args *args,
    const struct redis_found *found, int64_t total, struct plan *plan,
    struct err *err)
{
	bool all = is_all(args->pattern) ||
		   (found->count > 0 && found->count >= total);

	if (all && !args->all)
		return err_set(err, ERR_UNSUPPORTED, "redis",
		    "%.64s matches every key of db%u: say all=true if that is "
		    "meant",
		    args->pattern, act->session.db);
	if (all || found->queues.count > 0) {
		plan_class(plan, ACTION_DESTRUCTIVE);
		plan->word = redis_act_word(act, plan->arena);
	}
	if (all)
		plan_trap(
		    plan, text_fmt(plan->arena, "that is every key of db%u",
			      act->session.db));
	return ERR_OK;
}

static void
delete_show(const struct redis_act *act, const struct delete_args *args,
    const struct redis_found *found, int64_t total,
    const struct redis_looks *looks, struct plan *plan)
{
	char had[NUM_TEXT_MAX], match[NUM_TEXT_MAX], left[NUM_TEXT_MAX];
	struct arena *arena = plan->arena;
	int64_t takes = found->count / args->rate;
	const char *least = found->whole ? "" : "at least ";

	plan->nothing = found->count == 0 && found->whole;
	plan->verb = TEXT("delete now");
	plan->effect = TEXT("the keys are gone for good; whoever asks for "
			    "them has to make them again");
	num_int(match, found->count);
	plan_line(plan, text_fmt(arena, "db%u", act->session.db),
	    text_fmt(arena, "%s keys", num_int(had, total)),
	    found->whole ? text_fmt(arena, "%s keys",
			       num_int(left, total - found->count))
			 : TEXT("fewer"),
	    text_fmt(arena, "%s%s match %s", least, match, args->pattern));
	plan_reach(plan, found->whole ? TEXT("keys") : TEXT("keys at least"),
	    NUM_COUNT, (double)found->count);
	plan_reach(plan, TEXT("of memory, as the samples go"), NUM_BYTES,
	    looks->bytes * (double)found->count);
	if (takes > 0)
		plan_reach(
		    plan, TEXT("at this rate"), NUM_SECONDS, (double)takes);
	plan_total(plan, (size_t)found->count);
	plan_send(
	    plan, text_fmt(arena, "SCAN 0 MATCH %s COUNT " REDIS_SCAN_COUNT,
		      args->pattern));
	plan_send(
	    plan, text_fmt(arena, "UNLINK of at most %d keys, again and again",
		      REDIS_UNLINK_KEYS));
	redis_act_basis(act, plan);
}

static void
delete_traps(const struct redis_found *found, const struct redis_looks *looks,
    struct plan *plan)
{
	redis_queues_trap(&found->queues, plan);
	if (looks->forever > 0)
		plan_trap(plan,
		    text_fmt(plan->arena,
			"%zu of the %zu samples never expire: they may be "
			"data and no cache",
			looks->forever, looks->count));
	plan_trap(plan, TEXT("until they are made again every miss goes to "
			     "what is behind the cache: rate sets the pace"));
	plan_trap(plan, TEXT("keys that come in meanwhile and match go, too"));
	if (!found->whole)
		plan_trap(plan, TEXT("the database is so large that counting "
				     "was ended before its end"));
}

static enum err_code
delete_look(struct redis_act *act, struct plan *plan, struct err *err)
{
	const struct delete_args *args = act->ctx->args;
	struct redis_looks looks = { .count = 0 };
	struct redis_found *found = NULL;
	struct redis_memo memo;
	int64_t total = 0;
	enum err_code code = redis_act_writable(act, err);

	if (code == ERR_OK)
		code = redis_keys_find(act, args->pattern,
		    act->ctx->now + REDIS_COUNT_S * NS_PER_SEC, false, &found,
		    err);
	if (code == ERR_OK)
		code = redis_keys_count(act, &total, err);
	if (code == ERR_OK)
		code = redis_queues_check(act, &found->queues, err);
	if (code == ERR_OK)
		code = delete_check(act, args, found, total, plan, err);
	if (code == ERR_OK)
		code = redis_keys_look(act, found, plan, &looks, err);
	if (code != ERR_OK)
		return code;
	delete_show(act, args, found, total, &looks, plan);
	delete_traps(found, &looks, plan);
	redis_memo_init(&memo, act);
	memo.count = found->count;
	redis_memo_keep(&memo, plan);
	return ERR_OK;
}

static enum err_code
delete_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	struct redis_act *act = NULL;
	int64_t db;
	enum err_code code = redis_db_read(ctx->request, &db, err);

	if (code == ERR_OK)
		code = redis_act_open(ctx, db, &act, err);
	if (code == ERR_OK)
		code = delete_look(act, plan, err);
	redis_act_close(act);
	return code;
}

/* Apply ---------------------------------------------------------------------
 */

/* Keys of one UNLINK; they are borrowed from the answer to SCAN. */
struct delete_round {
	const char *argv[REDIS_UNLINK_KEYS + 1];
	size_t lens[REDIS_UNLINK_KEYS + 1];
	size_t argc;
	size_t bytes;
};

struct delete_sum {
	int64_t gone;
	size_t open; /* sent, and no answer */
	int64_t begun;
	int64_t say_at;
};

static void
round_clear(struct delete_round *round)
{
	round->argv[0] = "UNLINK";
	round->lens[0] = strlen("UNLINK");
	round->argc = 1;
	round->bytes = 0;
}

/* Sends what the round holds. */
static enum err_code
round_send(struct redis_act *act, struct delete_round *round,
    struct delete_sum *sum, struct err *err)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct redis_batch batch;
	int64_t gone = 0;
	enum err_code code;

	if (round->argc == 1)
		return ERR_OK;
	redis_batch_init(&batch);
	redis_batch_argv(&batch, round->argc, round->argv, round->lens);
	sum->open = batch.failed == ERR_OK ? round->argc - 1 : 0;
	code = redis_act_ask(act, &batch, &replies, err);
	if (code == ERR_OK) {
		sum->open = 0;
		code = redis_reply_check(redis_replies_at(&replies, 0), err);
	}
	if (code == ERR_OK &&
	    redis_reply_int(redis_replies_at(&replies, 0), &gone))
		sum->gone += gone;
	redis_replies_release(&replies);
	round_clear(round);
	return code;
}

static enum err_code
delete_keys(struct redis_act *act, const struct redisReply *keys,
    struct delete_sum *sum, struct err *err)
{
	struct delete_round round;
	enum err_code code = ERR_OK;

	round_clear(&round);
	for (size_t i = 0; code == ERR_OK && i < redis_reply_count(keys); i++) {
		const char *key;
		size_t len;

		if (!redis_reply_str(redis_reply_at(keys, i), &key, &len))
			continue;
		if (round.argc > REDIS_UNLINK_KEYS ||
		    round.bytes + len > REDIS_UNLINK_BYTES)
			code = round_send(act, &round, sum, err);
		round.argv[round.argc] = key;
		round.lens[round.argc++] = len;
		round.bytes += len;
	}
	return code == ERR_OK ? round_send(act, &round, sum, err) : code;
}

/* Says how far it is now and then, and keeps to the rate. */
static enum err_code
delete_pace(struct action_ctx *ctx, const struct redis_memo *memo,
    struct delete_sum *sum, struct err *err)
{
	const struct delete_args *args = ctx->args;
	char line[96], gone[NUM_TEXT_MAX], all[NUM_TEXT_MAX];
	int64_t now = clock_now();
	int len;

	if (now >= sum->say_at) {
		len = snprintf(line, sizeof(line), "%s of about %s keys",
		    num_int(gone, sum->gone), num_int(all, memo->count));
		action_say(ctx, line, (size_t)len);
		sum->say_at = now + NS_PER_SEC;
	}
	return action_rest(ctx,
	    sum->begun +
		(int64_t)((double)sum->gone / (double)args->rate * NS_PER_SEC),
	    err);
}

static void
delete_report(struct action_ctx *ctx, const struct redis_memo *memo,
    const struct delete_sum *sum, enum err_code code, const struct err *err)
{
	char gone[NUM_TEXT_MAX], all[NUM_TEXT_MAX];

	num_int(gone, sum->gone);
	num_int(all, memo->count);
	if (code == ERR_OK && sum->gone > 0)
		action_target(ctx, 0, TARGET_DONE, "%s keys are gone", gone);
	else if (code == ERR_OK)
		action_target(
		    ctx, 0, TARGET_UNCHANGED, "no key matches any more");
	else if (sum->gone > 0 && sum->open > 0)
		action_target(ctx, 0, TARGET_PARTLY,
		    "%s of about %s keys are gone, and of %zu more it is not "
		    "known: %s",
		    gone, all, sum->open, err_text(err));
	else if (sum->gone > 0)
		action_target(ctx, 0, TARGET_PARTLY,
		    "%s of about %s keys are gone, then: %s", gone, all,
		    err_text(err));
	else if (sum->open == 0)
		action_target(ctx, 0, TARGET_UNCHANGED, "%s", err_text(err));
}

static enum err_code
delete_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	const struct delete_args *args = ctx->args;
	int64_t now = clock_now();
	struct delete_sum sum = { .begun = now, .say_at = now + NS_PER_SEC };
	struct redis_act *act = NULL;
	struct redis_memo memo;
	struct redis_walk walk;
	enum err_code code = redis_act_again(ctx, plan, &memo, &act, err);

	if (code != ERR_OK) {
		redis_act_close(act);
		return code;
	}
	redis_walk_init(&walk, act, args->pattern);
	while (code == ERR_OK && !walk.done) {
		struct redis_replies replies = REDIS_REPLIES_INIT;
		const struct redisReply *keys = NULL;

		code = redis_walk_next(&walk, &replies, &keys, err);
		if (code == ERR_OK)
			code = delete_keys(act, keys, &sum, err);
		redis_replies_release(&replies);
		if (code == ERR_OK && !walk.done)
			code = delete_pace(ctx, &memo, &sum, err);
	}
	delete_report(ctx, &memo, &sum, code, err);
	redis_act_close(act);
	return code;
}

/* Only what had no answer at all comes here. */
static enum err_code
delete_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	const struct delete_args *args = ctx->args;
	char left[NUM_TEXT_MAX], all[NUM_TEXT_MAX];
	struct redis_found *found = NULL;
	struct redis_act *act = NULL;
	struct redis_memo memo;
	bool same;
	enum err_code code = redis_act_back(ctx, plan, &memo, &act, &same, err);

	if (code == ERR_OK)
		code = redis_keys_find(
		    act, args->pattern, ctx->deadline, false, &found, err);
	if (code == ERR_OK && found->count == 0)
		action_target(ctx, 0, TARGET_DONE, "no key matches any more");
	else if (code == ERR_OK && ctx->late && found->count < memo.count)
		action_target(ctx, 0, TARGET_PARTLY,
		    "%s of %s keys match still", num_int(left, found->count),
		    num_int(all, memo.count));
	redis_act_close(act);
	return code;
}

/* Choices -------------------------------------------------------------------
 */

/* Keys that begin alike, up to their last colon. */
struct family {
	char pattern[REDIS_FAMILY_MAX];
	size_t count;
};

struct families {
	struct family list[REDIS_FAMILIES_MAX];
	size_t count;
};

/* "cache:words:*" for cache:words:cat; what SCAN would read as more than a
 * character is escaped. False: it has no colon, or is too long. */
static bool
family_pattern(const char *key, size_t len, char out[REDIS_FAMILY_MAX])
{
	const char *colon = memrchr(key, ':', len);
	size_t n = 0;

	if (colon == NULL)
		return false;
	for (const char *c = key; c <= colon; c++) {
		if (n + 4 > REDIS_FAMILY_MAX || *c == '\0')
			return false;
		if (strchr("*?[]\\^", *c) != NULL)
			out[n++] = '\\';
		out[n++] = *c;
	}
	memcpy(out + n, "*", 2);
	return true;
}

static void
families_take(struct families *families, const char *key, size_t len)
{
	char pattern[REDIS_FAMILY_MAX];
	size_t i = 0;

	if (!family_pattern(key, len, pattern))
		return;
	while (i < families->count &&
	       strcmp(families->list[i].pattern, pattern) != 0)
		i++;
	if (i == REDIS_FAMILIES_MAX)
		return;
	if (i == families->count) {
		memcpy(families->list[i].pattern, pattern, sizeof(pattern));
		families->list[families->count++].count = 0;
	}
	families->list[i].count++;
}

static int
families_compare(const void *a, const void *b)
{
	const struct family *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->pattern, y->pattern);
}

/* Patterns of what there is, the most keys first, as far as a short walk
 * tells. */
static enum err_code
delete_choices(struct action_ctx *ctx, const char *arg, struct choices *choices,
    struct err *err)
{
	struct families *families = arena_alloc(ctx->arena, sizeof(*families));
	struct redis_act *act = NULL;
	struct redis_walk walk;
	int64_t db;
	enum err_code code;

	if (strcmp(arg, "pattern") != 0)
		return ERR_OK;
	if (families == NULL)
		return err_set(err, ERR_NOMEM, "redis", "no memory");
	families->count = 0;
	code = redis_db_read(ctx->request, &db, err);
	if (code == ERR_OK)
		code = redis_act_open(ctx, db, &act, err);
	if (code == ERR_OK)
		redis_walk_init(&walk, act, "*:*");
	while (
	    code == ERR_OK && !walk.done && walk.steps < REDIS_FAMILY_STEPS) {
		struct redis_replies replies = REDIS_REPLIES_INIT;
		const struct redisReply *keys = NULL;
		const char *key;
		size_t len;

		code = redis_walk_next(&walk, &replies, &keys, err);
		for (size_t i = 0; i < redis_reply_count(keys); i++)
			if (redis_reply_str(
				redis_reply_at(keys, i), &key, &len))
				families_take(families, key, len);
		redis_replies_release(&replies);
	}
	qsort(families->list, families->count, sizeof(families->list[0]),
	    families_compare);
	for (size_t i = 0; code == ERR_OK && i < families->count; i++)
		choices_add(choices, families->list[i].pattern,
		    strlen(families->list[i].pattern));
	redis_act_close(act);
	return code;
}

static const struct opt delete_opts[] = {
	{
	    OPT_FIELD(struct delete_args, pattern, "pattern", OPT_STRING),
	    .required = true,
	    .min = 1,
	    .max = ACTION_TARGET_MAX,
	    .help = "which keys, such as cache:words:*",
	},
	{
	    OPT_FIELD(struct delete_args, rate, "rate", OPT_INT),
	    .min = 1,
	    .max = 10000000,
	    .preset = "20000",
	    .help = "keys a second",
	},
	{
	    OPT_FIELD(struct delete_args, all, "all", OPT_BOOL),
	    .preset = "false",
	    .help = "even if it is every key of the database",
	},
};

static const struct opt_table delete_args = OPT_TABLE(delete_opts);

const struct action_ops action_redis_delete_pattern = {
	.name = "redis.delete_pattern",
	.title = "Delete keys",
	.help = "drops the keys that match a pattern, at a given pace",
	.class = ACTION_DISRUPTIVE,
	.rows = redis_db_rows,
	.source_type = "redis",
	.targets_min = 0,
	.targets_max = 1,
	.args = &delete_args,
	.args_size = sizeof(struct delete_args),
	.partial = true,
	.plan_ns = (REDIS_COUNT_S + 10) * NS_PER_SEC,
	.apply_ns = REDIS_DELETE_S * NS_PER_SEC,
	.verify_ns = (REDIS_COUNT_S + 10) * NS_PER_SEC,
	.choices = delete_choices,
	.plan = delete_plan,
	.apply = delete_apply,
	.verify = delete_verify,
};
