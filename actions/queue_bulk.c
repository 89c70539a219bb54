/*
 * queue.retry_all and queue.clean: what is done to the failed jobs of a
 * queue in rounds. The set is fixed when the plan is made, by the server's
 * clock: what fails later is left alone. Between rounds the server is given
 * rest, and a retry is paced so that it does not become the next incident.
 */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/limits.h"
#include "actions/queue_export.h"
#include "actions/queue_ref.h"
#include "actions/table.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/redact.h"
#include "model/limits.h"
#include "model/section.h"

struct bulk_args {
	int64_t limit; /* jobs of one queue; 0: all of them */
	int64_t rate;  /* a second; retry only */
	bool reset;
	int64_t older_ns; /* clean only */
};

/* What came of the rounds for one queue. */
struct bulk_sum {
	int64_t done;
	int64_t skipped; /* locked, in a flow, or changed since */
	int64_t gone;	 /* ids without a job */
	int64_t left;	 /* of the set, as last counted */
};

/* Plans ---------------------------------------------------------------------
 */

enum {
	ASK_COUNT,
	ASK_IDS,
};

/* Jobs that failed until ref->until_ms, and the newest of them. */
static enum err_code
bulk_ask(struct queue_link *link, const struct queue_ref *ref,
    struct redis_replies *ret_replies, struct err *err)
{
	char key[BULLMQ_BASE_MAX + 8], until[NUM_TEXT_MAX];
	char last[NUM_TEXT_MAX];
	struct redis_batch batch;
	enum err_code code;

	snprintf(key, sizeof(key), "%sfailed", ref->base);
	snprintf(until, sizeof(until), "%lld", (long long)ref->until_ms);
	snprintf(last, sizeof(last), "%d", PLAN_SAMPLES_MAX);
	redis_batch_init(&batch);
	redis_batch_cmd(&batch, "ZCOUNT", key, "-inf", until, NULL);
	redis_batch_cmd(&batch, "ZREVRANGEBYSCORE", key, until, "-inf", "LIMIT",
	    "0", last, NULL);
	code = queue_ask(link, &batch, ret_replies, err);
	redis_batch_release(&batch);
	for (size_t i = 0; code == ERR_OK && i < ret_replies->count; i++)
		code = redis_reply_check(redis_replies_at(ret_replies, i), err);
	return code;
}

/* A line for each sample: its id, name and reason. */
static enum err_code
bulk_samples(struct queue_link *link, struct plan *plan,
    const struct queue_ref *ref, const struct redisReply *ids, struct err *err)
{
	char key[BULLMQ_BASE_MAX + BULLMQ_ID_MAX];
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct redis_batch batch;
	size_t count = redis_reply_count(ids), len;
	const char *id, *text;
	enum err_code code = ERR_OK;

	redis_batch_init(&batch);
	for (size_t i = 0; i < count; i++) {
		if (!redis_reply_str(redis_reply_at(ids, i), &id, &len) ||
		    len > BULLMQ_ID_MAX)
			id = "";
		snprintf(key, sizeof(key), "%s%s", ref->base, id);
		redis_batch_cmd(&batch, "HGET", key, "failedReason", NULL);
	}
	if (count > 0)
		code = queue_ask(link, &batch, &replies, err);
	redis_batch_release(&batch);
	for (size_t i = 0; code == ERR_OK && i < count; i++) {
		struct text parts[3] = { TEXT_EMPTY, TEXT("  "), TEXT_EMPTY };

		if (redis_reply_str(redis_reply_at(ids, i), &id, &len))
			parts[0] = text_clean(plan->arena, id, len, 64);
		if (redis_reply_str(redis_replies_at(&replies, i), &text, &len))
			parts[2] = text_ingest(
			    link->ctx->redactor, plan->arena, text, len, 160);
		plan_sample(plan, text_join(plan->arena, parts, 3));
	}
	redis_replies_release(&replies);
	return code;
}

static int64_t
bulk_wanted(const struct bulk_args *args, int64_t count)
{
	return args->limit > 0 && args->limit < count ? args->limit : count;
}

static enum err_code
bulk_plan_one(struct action_ctx *ctx, struct queue_link *link,
    struct plan *plan, enum queue_script script, const char *name,
    struct queue_ref *ref, struct err *err)
{
	const struct bulk_args *args = ctx->args;
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct queue_look *look = NULL;
	enum err_code code = queue_look(link, name, ref, &look, err);
	char had[NUM_TEXT_MAX], will[NUM_TEXT_MAX];
	int64_t count = 0;

	if (code != ERR_OK)
		return code;
	ref->until_ms = look->now_ms - args->older_ns / NS_PER_MS;
	code = bulk_ask(link, ref, &replies, err);
	if (code == ERR_OK &&
	    redis_reply_int(redis_replies_at(&replies, ASK_COUNT), &count)) {
		ref->total = count;
		ref->count = bulk_wanted(args, count);
	}
	if (code == ERR_OK && ref->count > 0) {
		queue_trap_unsure(plan, look);
		plan_line(plan, text_clean_str(plan->arena, name),
		    text_fmt(plan->arena, "%s failed",
			num_int(had, (int64_t)look->queue.failed)),
		    text_fmt(plan->arena, "%s %s", num_int(will, ref->count),
			script == QUEUE_CLEAN ? "removed" : "waiting again"),
		    TEXT_EMPTY);
		plan_send(plan, queue_script_words(plan->arena, script, ref));
		code = bulk_samples(
		    link, plan, ref, redis_replies_at(&replies, ASK_IDS), err);
	}
	if (code == ERR_OK && look->queue.paused && script != QUEUE_CLEAN)
		plan_trap(plan, text_fmt(plan->arena,
				    "queue %s is paused: the jobs wait "
				    "there until it is resumed",
				    ref->name));
	redis_replies_release(&replies);
	mem_free(look);
	return code;
}

static enum err_code
bulk_plan(struct action_ctx *ctx, struct plan *plan, enum queue_script script,
    int64_t *ret_sum, struct err *err)
{
	const struct request_spec *is = &ctx->request->is;
	struct queue_ref *refs =
	    arena_array(ctx->arena, is->target_count, sizeof(*refs));
	struct queue_link link;
	int64_t sum = 0;
	enum err_code code;

	if (refs == NULL)
		return err_set(err, ERR_NOMEM, "queue", "no memory");
	code = queue_link_open(&link, ctx, err);
	for (size_t i = 0; i < is->target_count && code == ERR_OK; i++) {
		code = bulk_plan_one(ctx, &link, plan, script,
		    is->targets[i].name, &refs[i], err);
		if (code == ERR_OK)
			sum += refs[i].count;
	}
	queue_link_release(&link);
	if (code != ERR_OK)
		return code;
	plan->nothing = sum == 0;
	plan_total(plan, (size_t)sum);
	queue_memo_keep(plan, refs, is->target_count);
	*ret_sum = sum;
	return ERR_OK;
}

static enum err_code
retry_all_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	const struct bulk_args *args = ctx->args;
	char span[NUM_TEXT_MAX];
	int64_t sum = 0, takes;
	enum err_code code = bulk_plan(ctx, plan, QUEUE_RETRY_ALL, &sum, err);

	if (code != ERR_OK)
		return code;
	takes = sum / args->rate + 1;
	if (takes > QUEUE_BULK_S)
		return err_set(err, ERR_LIMIT, "queue",
		    "%lld jobs at %lld a second take too long: raise rate, or "
		    "set limit",
		    (long long)sum, (long long)args->rate);
	plan->verb = TEXT("retry now");
	plan->effect = text_fmt(plan->arena,
	    "workers run them again, %lld a second, for about %s",
	    (long long)args->rate, num_duration(span, takes * NS_PER_SEC));
	plan_reach(plan, TEXT("jobs to be run again"), NUM_COUNT, (double)sum);
	plan_trap(plan, TEXT("what the jobs did before they failed is done "
			     "again: mails, payments, calls to providers"));
	plan_trap(plan, TEXT("if the reason is still there they fail again: "
			     "look at the samples first"));
	if (!args->reset)
		plan_trap(plan,
		    TEXT("attempts go on counting: each gets one more try "
			 "(set reset=true for all of them)"));
	return ERR_OK;
}

static enum err_code
clean_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	int64_t sum = 0;
	enum err_code code = bulk_plan(ctx, plan, QUEUE_CLEAN, &sum, err);

	if (code != ERR_OK)
		return code;
	plan->verb = TEXT("remove now");
	plan->effect = TEXT("the failed jobs and their records are gone for "
			    "good");
	plan_reach(plan, TEXT("jobs removed"), NUM_COUNT, (double)sum);
	queue_export_trap(ctx, plan);
	plan_trap(plan, TEXT("jobs that are part of a flow are left alone"));
	return ERR_OK;
}

/* Rounds --------------------------------------------------------------------
 */

/* The script looked and did nothing: there is no doubt. */
static enum err_code
bulk_changed(bool *ret_sent, struct err *err)
{
	*ret_sent = false;
	return err_set(err, ERR_CLOSED, "queue",
	    "changed since you looked: another version of the library writes "
	    "this queue now");
}

/* What a queue came to, as the state and words of its target. */
static void
bulk_report(struct action_ctx *ctx, size_t target, const struct queue_ref *ref,
    const struct bulk_sum *sum, const char *verb)
{
	char words[ERR_MSG_MAX];
	int len;

	len = snprintf(words, sizeof(words), "%lld of %lld %s",
	    (long long)sum->done, (long long)ref->count, verb);
	if (sum->skipped > 0)
		len += snprintf(words + len, sizeof(words) - (size_t)len,
		    ", %lld left alone", (long long)sum->skipped);
	if (sum->gone > 0)
		snprintf(words + len, sizeof(words) - (size_t)len,
		    ", %lld had no job", (long long)sum->gone);
	action_target(ctx, target,
	    sum->done > 0 || sum->gone > 0 ? TARGET_DONE : TARGET_UNCHANGED,
	    "%s", words);
}

static enum err_code
retry_all_round(struct action_ctx *ctx, struct queue_link *link,
    const struct queue_ref *ref, int64_t most, struct bulk_sum *sum,
    bool *ret_sent, struct err *err)
{
	const struct bulk_args *bulk = ctx->args;
	char limit[NUM_TEXT_MAX], until[NUM_TEXT_MAX], skip[NUM_TEXT_MAX];
	const char *args[] = { bulk->reset ? "1" : "0", limit, until, skip };
	struct queue_answer answer;
	enum err_code code;

	snprintf(limit, sizeof(limit), "%lld", (long long)most);
	snprintf(until, sizeof(until), "%lld", (long long)ref->until_ms);
	snprintf(skip, sizeof(skip), "%lld", (long long)sum->skipped);
	code = queue_script_run(
	    link, QUEUE_RETRY_ALL, ref, args, 4, ret_sent, &answer, err);
	if (code != ERR_OK)
		return code;
	if (answer.code != QUEUE_DONE)
		return bulk_changed(ret_sent, err);
	sum->done += answer.n[0];
	sum->gone += answer.n[1];
	sum->skipped += answer.n[2];
	sum->left = answer.n[3];
	return ERR_OK;
}

static void
bulk_progress(struct action_ctx *ctx, const struct queue_ref *ref,
    const struct bulk_sum *sum, const char *verb)
{
	char line[BULLMQ_NAME_MAX + 96];
	int len = snprintf(line, sizeof(line), "%s: %lld of %lld %s\n",
	    ref->name, (long long)sum->done, (long long)ref->count, verb);

	action_say(ctx, line, (size_t)len);
}

static enum err_code
retry_all_one(struct action_ctx *ctx, struct queue_link *link,
    const struct queue_ref *ref, size_t target, bool *ret_sent, struct err *err)
{
	const struct bulk_args *args = ctx->args;
	const int64_t step_ns = QUEUE_BULK_STEP_MS * NS_PER_MS;
	struct bulk_sum sum = { .left = ref->count };
	int64_t begun = clock_now(), rounds = 0;
	enum err_code code = ERR_OK;
	bool sent = false;

	while (code == ERR_OK && sum.left > sum.skipped &&
	       sum.done + sum.gone < ref->count) {
		/* As many as the rate allows until the end of this round. */
		int64_t due =
		    args->rate * (rounds + 1) * QUEUE_BULK_STEP_MS / 1000 + 1;
		int64_t most = due - sum.done - sum.gone;
		int64_t open = ref->count - sum.done - sum.gone;

		most = most > open ? open : most;
		most = most > QUEUE_BULK_JOBS ? QUEUE_BULK_JOBS : most;
		if (most > 0)
			code = retry_all_round(
			    ctx, link, ref, most, &sum, &sent, err);
		if (++rounds % QUEUE_BULK_SAY == 0)
			bulk_progress(ctx, ref, &sum, "retried");
		if (code != ERR_OK)
			break;
		sent = false;
		if (sum.left > sum.skipped)
			code = action_rest(ctx, begun + rounds * step_ns, err);
	}
	*ret_sent = sent;
	if (code == ERR_OK)
		bulk_report(ctx, target, ref, &sum, "retried");
	else if (!sent && sum.done + sum.gone > 0)
		action_target(ctx, target, TARGET_PARTLY,
		    "stopped after %lld of %lld; the rest is failed as before",
		    (long long)sum.done, (long long)ref->count);
	return code;
}

static enum err_code
retry_all_apply(
    struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return queue_apply_each(ctx, plan, retry_all_one, err);
}

/* Clean ---------------------------------------------------------------------
 */

/* The next ids and scores of the set behind those that are left alone. */
static enum err_code
clean_ids(struct queue_link *link, const struct queue_ref *ref, int64_t skip,
    int64_t most, struct redis_replies *ret_replies, struct err *err)
{
	char key[BULLMQ_BASE_MAX + 8], until[NUM_TEXT_MAX];
	char from[NUM_TEXT_MAX], limit[NUM_TEXT_MAX];
	struct redis_batch batch;
	enum err_code code;

	snprintf(key, sizeof(key), "%sfailed", ref->base);
	snprintf(until, sizeof(until), "%lld", (long long)ref->until_ms);
	snprintf(from, sizeof(from), "%lld", (long long)skip);
	snprintf(limit, sizeof(limit), "%lld", (long long)most);
	redis_batch_init(&batch);
	redis_batch_cmd(&batch, "ZRANGEBYSCORE", key, "-inf", until,
	    "WITHSCORES", "LIMIT", from, limit, NULL);
	code = queue_ask(link, &batch, ret_replies, err);
	redis_batch_release(&batch);
	if (code == ERR_OK)
		code = redis_reply_check(redis_replies_at(ret_replies, 0), err);
	return code;
}

/* Saves one round's jobs and removes them. What can't be saved stays. */
static enum err_code
clean_round(struct queue_link *link, const struct queue_ref *ref,
    struct queue_export *export, const struct redisReply *found,
    struct bulk_sum *sum, bool *ret_sent, struct err *err)
{
	const char *pairs[2 * QUEUE_CLEAN_JOBS], *ids[QUEUE_CLEAN_JOBS];
	const char *id, *score;
	struct queue_answer answer;
	size_t count = redis_reply_count(found) / 2, n = 0, len, score_len;
	enum err_code code;

	for (size_t i = 0; i < count && n < QUEUE_CLEAN_JOBS; i++) {
		if (!redis_reply_str(redis_reply_at(found, 2 * i), &id, &len) ||
		    !redis_reply_str(
			redis_reply_at(found, 2 * i + 1), &score, &score_len) ||
		    len > BULLMQ_ID_MAX || strlen(id) != len) {
			sum->skipped++;
			continue;
		}
		pairs[2 * n] = ids[n] = id;
		pairs[2 * n + 1] = score;
		n++;
	}
	if (n == 0)
		return ERR_OK;
	code = queue_export_jobs(export, link, ref, ids, n, err);
	if (code == ERR_OK)
		code = queue_export_sync(export, err);
	if (code == ERR_OK)
		code = queue_script_run(link, QUEUE_CLEAN, ref, pairs, 2 * n,
		    ret_sent, &answer, err);
	if (code != ERR_OK)
		return code;
	if (answer.code != QUEUE_DONE)
		return bulk_changed(ret_sent, err);
	sum->done += answer.n[0];
	sum->skipped += answer.n[1] + answer.n[2] + answer.n[3];
	return ERR_OK;
}

static enum err_code
clean_rounds(struct action_ctx *ctx, struct queue_link *link,
    const struct queue_ref *ref, struct queue_export *export,
    struct bulk_sum *sum, bool *ret_sent, struct err *err)
{
	enum err_code code = ERR_OK;

	while (code == ERR_OK && sum->done + sum->skipped < ref->count) {
		struct redis_replies found = REDIS_REPLIES_INIT;
		int64_t most = ref->count - sum->done - sum->skipped;
		size_t n;

		most = most > QUEUE_CLEAN_JOBS ? QUEUE_CLEAN_JOBS : most;
		code = clean_ids(link, ref, sum->skipped, most, &found, err);
		n = redis_reply_count(redis_replies_at(&found, 0)) / 2;
		if (code == ERR_OK && n > 0)
			code = clean_round(link, ref, export,
			    redis_replies_at(&found, 0), sum, ret_sent, err);
		redis_replies_release(&found);
		if (code != ERR_OK || n == 0)
			break;
		bulk_progress(ctx, ref, sum, "removed");
		*ret_sent = false;
		code = action_rest(
		    ctx, clock_now() + QUEUE_CLEAN_REST_MS * NS_PER_MS, err);
	}
	return code;
}

static enum err_code
clean_one(struct action_ctx *ctx, struct queue_link *link,
    const struct queue_ref *ref, size_t target, bool *ret_sent, struct err *err)
{
	struct bulk_sum sum = { 0 };
	struct queue_export *export = NULL;
	char path[PATH_MAX + 16];
	enum err_code code;
	int len;

	if (ref->count == 0) {
		action_target(ctx, target, TARGET_UNCHANGED, "nothing failed");
		return ERR_OK;
	}
	code = queue_export_open(ctx, ref, &export, err);
	if (code != ERR_OK)
		return code;
	len = snprintf(
	    path, sizeof(path), "saved to %s\n", queue_export_path(export));
	action_say(ctx, path, (size_t)len);
	code = clean_rounds(ctx, link, ref, export, &sum, ret_sent, err);
	if (code == ERR_OK)
		bulk_report(ctx, target, ref, &sum, "removed");
	else if (sum.done > 0 && !*ret_sent)
		action_target(ctx, target, TARGET_PARTLY,
		    "stopped after %lld of %lld; the rest is failed as before",
		    (long long)sum.done, (long long)ref->count);
	return queue_export_close(export, code, err);
}

static enum err_code
clean_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return queue_apply_each(ctx, plan, clean_one, err);
}

/*
 * Only for what is in doubt: how many have left the set. As many as were
 * wanted: all of it was done. None: not yet, or not at all.
 */
static enum err_code
bulk_check(struct action_ctx *ctx, struct queue_link *link,
    const struct queue_ref *ref, size_t target, struct err *err)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	enum err_code code = bulk_ask(link, ref, &replies, err);
	int64_t left, gone;

	if (code == ERR_OK &&
	    redis_reply_int(redis_replies_at(&replies, ASK_COUNT), &left)) {
		gone = ref->total - left;
		if (gone >= ref->count)
			action_target(ctx, target, TARGET_DONE, NULL);
		else if (gone > 0)
			action_target(ctx, target, TARGET_PARTLY,
			    "%lld of %lld are left as they were",
			    (long long)(ref->count - gone),
			    (long long)ref->count);
	}
	redis_replies_release(&replies);
	return code;
}

static enum err_code
bulk_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return queue_verify_each(ctx, plan, bulk_check, err);
}

static const struct action_row queue_rows[] = {
	{ "bullmq", "queues", NULL },
	{ NULL, NULL, NULL },
};

static const struct opt retry_all_opts[] = {
	{
	    OPT_FIELD(struct bulk_args, rate, "rate", OPT_INT),
	    .min = 1,
	    .max = 10000,
	    .preset = "50",
	    .help = "jobs a second",
	},
	{
	    OPT_FIELD(struct bulk_args, limit, "limit", OPT_INT),
	    .min = 0,
	    .max = 1000000,
	    .preset = "0",
	    .help = "at most so many of each queue; 0: all",
	},
	{
	    OPT_FIELD(struct bulk_args, reset, "reset", OPT_BOOL),
	    .preset = "false",
	    .help = "count their attempts from zero again",
	},
};

static const struct opt_table retry_all_args = OPT_TABLE(retry_all_opts);

static const struct opt clean_opts[] = {
	{
	    OPT_FIELD(struct bulk_args, older_ns, "older", OPT_DURATION),
	    .min = 0,
	    .max = 365 * 24 * 3600 * NS_PER_SEC,
	    .preset = "0s",
	    .help = "only what failed longer ago than this",
	},
	{
	    OPT_FIELD(struct bulk_args, limit, "limit", OPT_INT),
	    .min = 0,
	    .max = 1000000,
	    .preset = "0",
	    .help = "at most so many of each queue; 0: all",
	},
};

static const struct opt_table clean_args = OPT_TABLE(clean_opts);

/* Nothing is offered where nothing failed; what is not known is offered. */
static bool
failed_fits(const struct table *table, const struct table_row *row)
{
	int column = table_column(table, "failed");

	return column < 0 || isnan(row->cells[column].num) ||
	       row->cells[column].num > 0;
}

const struct action_ops action_queue_retry_all = {
	.name = "queue.retry_all",
	.title = "Retry all failed jobs",
	.help = "the failed jobs of a queue run again, at a given pace",
	.class = ACTION_DISRUPTIVE,
	.key = "act-retry",
	.rows = queue_rows,
	.source_type = "bullmq",
	.targets_min = 1,
	.targets_max = ACTION_TARGETS_MAX,
	.args = &retry_all_args,
	.args_size = sizeof(struct bulk_args),
	.apply_ns = (QUEUE_BULK_S + 60) * NS_PER_SEC,
	.fits = failed_fits,
	.plan = retry_all_plan,
	.apply = retry_all_apply,
	.verify = bulk_verify,
};

const struct action_ops action_queue_clean = {
	.name = "queue.clean",
	.title = "Remove failed jobs",
	.help = "the failed jobs of a queue are saved to a file, then deleted",
	.class = ACTION_DESTRUCTIVE,
	.rows = queue_rows,
	.source_type = "bullmq",
	.targets_min = 1,
	.targets_max = ACTION_TARGETS_MAX,
	.args = &clean_args,
	.args_size = sizeof(struct bulk_args),
	.apply_ns = (QUEUE_BULK_S + 60) * NS_PER_SEC,
	.fits = failed_fits,
	.plan = clean_plan,
	.apply = clean_apply,
	.verify = bulk_verify,
};
