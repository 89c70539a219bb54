/*
 * What can be done to single jobs: queue.retry, queue.promote and
 * queue.remove. A target is "queue/id".
 */
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

struct job_args {
	bool reset;
};

/* A job as it is now; texts are borrowed from the answers. */
struct job_look {
	struct redis_replies replies;
	bool exists;
	bool locked;
	bool in_flow;
	const char *failed_at; /* score as written; NULL: not failed */
	bool delayed;
};

enum {
	ASK_HASH,
	ASK_LOCK,
	ASK_FAILED,
	ASK_DELAYED,
	ASK_FLOW,
};

/* Fields of ASK_HASH. */
enum {
	HASH_NAME,
	HASH_ADDED,
	HASH_REASON,
	HASH_ATM,
	HASH_MADE,
	HASH_PARENT,
};

static enum err_code
job_look(struct queue_link *link, const struct queue_ref *ref,
    struct job_look *look, struct err *err)
{
	char key[BULLMQ_BASE_MAX + BULLMQ_JOB_MAX + 16];
	struct redis_batch batch;
	size_t len;
	int64_t n;
	enum err_code code;

	*look = (struct job_look) { .replies = REDIS_REPLIES_INIT };
	redis_batch_init(&batch);
	snprintf(key, sizeof(key), "%s%s", ref->base, ref->job);
	redis_batch_cmd(&batch, "HMGET", key, "name", "timestamp",
	    "failedReason", "atm", "attemptsMade", "parentKey", NULL);
	snprintf(key, sizeof(key), "%s%s:lock", ref->base, ref->job);
	redis_batch_cmd(&batch, "EXISTS", key, NULL);
	snprintf(key, sizeof(key), "%sfailed", ref->base);
	redis_batch_cmd(&batch, "ZSCORE", key, ref->job, NULL);
	snprintf(key, sizeof(key), "%sdelayed", ref->base);
	redis_batch_cmd(&batch, "ZSCORE", key, ref->job, NULL);
	snprintf(key, sizeof(key), "%s%s:dependencies", ref->base, ref->job);
	redis_batch_cmd(&batch, "EXISTS", key, NULL);
	code = queue_ask(link, &batch, &look->replies, err);
	redis_batch_release(&batch);
	for (size_t i = 0; code == ERR_OK && i < look->replies.count; i++)
		code =
		    redis_reply_check(redis_replies_at(&look->replies, i), err);
	if (code != ERR_OK)
		return code;
	look->exists = !redis_reply_is_nil(redis_reply_at(
	    redis_replies_at(&look->replies, ASK_HASH), HASH_NAME));
	look->in_flow =
	    !redis_reply_is_nil(redis_reply_at(
		redis_replies_at(&look->replies, ASK_HASH), HASH_PARENT)) ||
	    (redis_reply_int(redis_replies_at(&look->replies, ASK_FLOW), &n) &&
		n > 0);
	look->locked =
	    redis_reply_int(redis_replies_at(&look->replies, ASK_LOCK), &n) &&
	    n > 0;
	if (!redis_reply_str(redis_replies_at(&look->replies, ASK_FAILED),
		&look->failed_at, &len))
		look->failed_at = NULL;
	look->delayed =
	    !redis_reply_is_nil(redis_replies_at(&look->replies, ASK_DELAYED));
	return ERR_OK;
}

/* A field of the hash as text that may be shown; empty when missing. */
static struct text
job_field(const struct action_ctx *ctx, struct arena *arena,
    const struct job_look *look, size_t field)
{
	const char *text;
	size_t len;

	if (!redis_reply_str(
		redis_reply_at(
		    redis_replies_at(&look->replies, ASK_HASH), field),
		&text, &len))
		return TEXT_EMPTY;
	return text_ingest(ctx->redactor, arena, text, len, PLAN_TEXT_MAX / 4);
}

/* What is known of each wanted job while a plan is made. */
struct job_plan {
	enum queue_script script;
	bool (*good)(const struct job_look *look);
	const char * not ; /* why a job is refused when it is not good */
	struct text new;   /* the state it will be in */
};

static bool
is_failed(const struct job_look *look)
{
	return look->failed_at != NULL;
}

static bool
is_delayed(const struct job_look *look)
{
	return look->delayed;
}

static bool
is_free(const struct job_look *look)
{
	return !look->locked && !look->in_flow;
}

static struct text
job_state(const struct job_look *look)
{
	if (look->failed_at != NULL)
		return TEXT("failed");
	if (look->delayed)
		return TEXT("delayed");
	return look->locked ? TEXT("running") : TEXT("there");
}

static enum err_code
job_plan_one(struct action_ctx *ctx, struct queue_link *link, struct plan *plan,
    const struct job_plan *how, const char *target, struct queue_ref *ref,
    struct err *err)
{
	char queue[BULLMQ_NAME_MAX], job[BULLMQ_JOB_MAX];
	struct queue_look *queue_is = NULL;
	struct job_look look = { .replies = REDIS_REPLIES_INIT };
	enum err_code code = queue_split(target, queue, job, err);

	if (code == ERR_OK)
		code = queue_look(link, queue, ref, &queue_is, err);
	if (code == ERR_OK) {
		queue_trap_unsure(plan, queue_is);
		snprintf(ref->job, sizeof(ref->job), "%s", job);
		code = job_look(link, ref, &look, err);
	}
	if (code == ERR_OK && !look.exists)
		code = err_set(err, ERR_NOTFOUND, "queue",
		    "queue %s has no job %s any more", queue, job);
	else if (code == ERR_OK && !how->good(&look))
		code = err_set(
		    err, ERR_CLOSED, "queue", "job %s %s", job, how->not );
	if (code == ERR_OK) {
		struct arena *arena = plan->arena;
		struct text reason = job_field(ctx, arena, &look, HASH_REASON);

		if (look.failed_at != NULL)
			snprintf(ref->stamp, sizeof(ref->stamp), "%s",
			    look.failed_at);
		plan_line(plan, text_fmt(arena, "%s/%s", ref->name, ref->job),
		    job_state(&look), how->new,
		    reason.len > 0 ? reason
				   : job_field(ctx, arena, &look, HASH_NAME));
		plan_send(plan, queue_script_words(arena, how->script, ref));
		if (queue_is->queue.paused && how->script != QUEUE_REMOVE)
			plan_trap(plan, text_fmt(arena,
					    "queue %s is paused: the job waits "
					    "there until it is resumed",
					    ref->name));
	}
	redis_replies_release(&look.replies);
	mem_free(queue_is);
	return code;
}

static enum err_code
job_plan_all(struct action_ctx *ctx, struct plan *plan,
    const struct job_plan *how, struct err *err)
{
	const struct request_spec *is = &ctx->request->is;
	struct queue_ref *refs =
	    arena_array(ctx->arena, is->target_count, sizeof(*refs));
	struct queue_link link;
	enum err_code code;

	if (refs == NULL)
		return err_set(err, ERR_NOMEM, "queue", "no memory");
	code = queue_link_open(&link, ctx, err);
	for (size_t i = 0; i < is->target_count && code == ERR_OK; i++)
		code = job_plan_one(
		    ctx, &link, plan, how, is->targets[i].name, &refs[i], err);
	queue_link_release(&link);
	if (code == ERR_OK)
		queue_memo_keep(plan, refs, is->target_count);
	return code;
}

/* Retry ---------------------------------------------------------------------
 */

static enum err_code
retry_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	static const struct job_plan how = {
		.script = QUEUE_RETRY,
		.good = is_failed,
		.not = "is not among the failed ones any more",
		.new = TEXT_INIT("waiting"),
	};
	const struct job_args *args = ctx->args;

	plan->verb = TEXT("retry now");
	plan->effect = TEXT("a worker runs it again");
	plan_trap(plan, TEXT("what the job did before it failed is done again: "
			     "mails, payments, calls to providers"));
	if (!args->reset)
		plan_trap(plan,
		    TEXT("its attempts go on counting: it gets one more try "
			 "(set reset=true for all of them)"));
	return job_plan_all(ctx, plan, &how, err);
}

static enum err_code
retry_one(struct action_ctx *ctx, struct queue_link *link,
    const struct queue_ref *ref, size_t target, bool *ret_sent, struct err *err)
{
	const struct job_args *job = ctx->args;
	const char *args[] = { job->reset ? "1" : "0", ref->job };
	struct queue_answer answer;
	enum err_code code = queue_script_run(
	    link, QUEUE_RETRY, ref, args, 2, ret_sent, &answer, err);

	if (code != ERR_OK)
		return code;
	/* One job was asked for, so the counts tell what became of it. */
	if (answer.code == QUEUE_DONE)
		answer.code = answer.n[0] > 0	? QUEUE_DONE
			      : answer.n[1] > 0 ? QUEUE_GONE
			      : answer.n[2] > 0 ? QUEUE_LOCKED
						: QUEUE_ELSEWHERE;
	queue_report(ctx, target, &answer);
	return ERR_OK;
}

static enum err_code
retry_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return queue_apply_each(ctx, plan, retry_one, err);
}

/* It left the failed set, or came back into it at another time. */
static enum err_code
retry_check(struct action_ctx *ctx, struct queue_link *link,
    const struct queue_ref *ref, size_t target, struct err *err)
{
	struct job_look look;
	enum err_code code = job_look(link, ref, &look, err);

	if (code == ERR_OK && look.failed_at == NULL)
		action_target(ctx, target, TARGET_DONE, NULL);
	else if (code == ERR_OK && strcmp(look.failed_at, ref->stamp) != 0)
		action_target(
		    ctx, target, TARGET_DONE, "it ran and failed again");
	redis_replies_release(&look.replies);
	return code;
}

static enum err_code
retry_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return queue_verify_each(ctx, plan, retry_check, err);
}

/* Promote -------------------------------------------------------------------
 */

static enum err_code
promote_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	static const struct job_plan how = {
		.script = QUEUE_PROMOTE,
		.good = is_delayed,
		.not = "is not delayed any more",
		.new = TEXT_INIT("waiting"),
	};

	plan->verb = TEXT("promote now");
	plan->effect = TEXT("it does not wait for its time any longer");
	return job_plan_all(ctx, plan, &how, err);
}

static enum err_code
promote_one(struct action_ctx *ctx, struct queue_link *link,
    const struct queue_ref *ref, size_t target, bool *ret_sent, struct err *err)
{
	const char *args[] = { ref->job };
	struct queue_answer answer;
	enum err_code code = queue_script_run(
	    link, QUEUE_PROMOTE, ref, args, 1, ret_sent, &answer, err);

	if (code == ERR_OK)
		queue_report(ctx, target, &answer);
	return code;
}

static enum err_code
promote_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return queue_apply_each(ctx, plan, promote_one, err);
}

static enum err_code
promote_check(struct action_ctx *ctx, struct queue_link *link,
    const struct queue_ref *ref, size_t target, struct err *err)
{
	struct job_look look;
	enum err_code code = job_look(link, ref, &look, err);

	if (code == ERR_OK && !look.delayed)
		action_target(ctx, target, TARGET_DONE, NULL);
	redis_replies_release(&look.replies);
	return code;
}

static enum err_code
promote_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return queue_verify_each(ctx, plan, promote_check, err);
}

/* Remove --------------------------------------------------------------------
 */

static enum err_code
remove_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	static const struct job_plan how = {
		.script = QUEUE_REMOVE,
		.good = is_free,
		.not = "is running, or part of a flow: it is left alone",
		.new = TEXT_INIT("removed"),
	};

	plan->verb = TEXT("remove now");
	plan->effect = TEXT("the job and its record are gone for good");
	plan->word = ctx->request->is.targets[0].name;
	queue_export_trap(ctx, plan);
	return job_plan_all(ctx, plan, &how, err);
}

static enum err_code
remove_one(struct action_ctx *ctx, struct queue_link *link,
    const struct queue_ref *ref, size_t target, bool *ret_sent, struct err *err)
{
	const char *args[] = { ref->job };
	struct queue_export *export = NULL;
	struct queue_answer answer;
	enum err_code code = queue_export_open(ctx, ref, &export, err);

	if (code == ERR_OK)
		code = queue_export_jobs(export, link, ref, args, 1, err);
	code = queue_export_close(export, code, err);
	if (code == ERR_OK)
		code = queue_script_run(
		    link, QUEUE_REMOVE, ref, args, 1, ret_sent, &answer, err);
	if (code == ERR_OK)
		queue_report(ctx, target, &answer);
	return code;
}

static enum err_code
remove_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return queue_apply_each(ctx, plan, remove_one, err);
}

static enum err_code
remove_check(struct action_ctx *ctx, struct queue_link *link,
    const struct queue_ref *ref, size_t target, struct err *err)
{
	struct job_look look;
	enum err_code code = job_look(link, ref, &look, err);

	if (code == ERR_OK && !look.exists)
		action_target(ctx, target, TARGET_DONE, NULL);
	redis_replies_release(&look.replies);
	return code;
}

static enum err_code
remove_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return queue_verify_each(ctx, plan, remove_check, err);
}

static const struct action_row job_rows[] = {
	{ "bullmq", "queue_jobs", NULL },
	{ NULL, NULL, NULL },
};

static const struct opt retry_opts[] = {
	{
	    OPT_FIELD(struct job_args, reset, "reset", OPT_BOOL),
	    .preset = "false",
	    .help = "count its attempts from zero again",
	},
};

static const struct opt_table retry_args = OPT_TABLE(retry_opts);

/* The state of a row of queue_jobs, by its word. */
static bool
row_is(const struct table *table, const struct table_row *row, const char *word)
{
	int column = table_column(table, "state");

	return column >= 0 && text_eq(row->cells[column].text, text_lit(word));
}

static bool
retry_fits(const struct table *table, const struct table_row *row)
{
	return row_is(table, row, "failed");
}

static bool
promote_fits(const struct table *table, const struct table_row *row)
{
	return row_is(table, row, "delayed");
}

const struct action_ops action_queue_retry = {
	.name = "queue.retry",
	.title = "Retry job",
	.help = "a failed job waits for a worker again",
	.class = ACTION_REVERSIBLE,
	.key = "act-retry",
	.rows = job_rows,
	.source_type = "bullmq",
	.targets_min = 1,
	.targets_max = ACTION_TARGETS_MAX,
	.args = &retry_args,
	.args_size = sizeof(struct job_args),
	.fits = retry_fits,
	.plan = retry_plan,
	.apply = retry_apply,
	.verify = retry_verify,
};

const struct action_ops action_queue_promote = {
	.name = "queue.promote",
	.title = "Promote job",
	.help = "a delayed job runs now",
	.class = ACTION_REVERSIBLE,
	.rows = job_rows,
	.source_type = "bullmq",
	.targets_min = 1,
	.targets_max = ACTION_TARGETS_MAX,
	.fits = promote_fits,
	.plan = promote_plan,
	.apply = promote_apply,
	.verify = promote_verify,
};

const struct action_ops action_queue_remove = {
	.name = "queue.remove",
	.title = "Remove job",
	.help = "a job and its record are saved to a file, then deleted",
	.class = ACTION_DESTRUCTIVE,
	.rows = job_rows,
	.source_type = "bullmq",
	.targets_min = 1,
	.targets_max = 1,
	.plan = remove_plan,
	.apply = remove_apply,
	.verify = remove_verify,
};
