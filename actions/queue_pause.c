/*
 * queue.pause and queue.resume. Up to version 5 held jobs move to a list of
 * their own; the scripts do that without ever losing one. What a worker
 * runs goes on.
 */
#include <math.h>
#include <string.h>

#include "actions/queue_ref.h"
#include "actions/table.h"
#include "base/alloc.h"
#include "model/limits.h"
#include "model/section.h"

static struct text
pause_word(bool paused)
{
	return paused ? TEXT("paused") : TEXT("running");
}

/* One queue of the plan: its line, figures and traps. */
static bool
pause_line(struct plan *plan, const struct queue_look *look,
    const struct queue_ref *ref, bool pause, enum queue_script script)
{
	const struct bullmq_queue *q = &look->queue;
	struct arena *arena = plan->arena;
	char waits[NUM_TEXT_MAX], runs[NUM_TEXT_MAX];
	struct text name = text_clean_str(arena, ref->name);

	queue_trap_unsure(plan, look);
	plan_line(plan, name, pause_word(q->paused), pause_word(pause),
	    text_fmt(arena, "%s waiting, %s running",
		num_human(waits, q->waiting, NUM_COUNT),
		num_human(runs, q->active, NUM_COUNT)));
	/* A resume also frees what an interrupted one left behind. */
	if (q->paused == pause && (pause || !(q->held > 0)))
		return false;
	plan_send(plan, queue_script_words(arena, script, ref));
	return true;
}

static void
pause_words(struct plan *plan, bool pause, double waiting, double active)
{
	plan_reach(plan,
	    pause ? TEXT("jobs that will be held") : TEXT("jobs set free"),
	    NUM_COUNT, waiting);
	if (pause) {
		plan->verb = TEXT("pause now");
		plan->effect = TEXT("no worker takes another job from here");
		if (active > 0)
			plan_trap(plan,
			    TEXT("what a worker runs now goes on to its end"));
		plan_trap(plan, TEXT("jobs go on coming in: the backlog grows "
				     "until the queue is resumed"));
	} else {
		plan->verb = TEXT("resume now");
		plan->effect = TEXT("workers take the held jobs at once, the "
				    "oldest first");
	}
}

static enum err_code
pause_plan_as(
    struct action_ctx *ctx, struct plan *plan, bool pause, struct err *err)
{
	const struct request_spec *is = &ctx->request->is;
	struct queue_ref *refs =
	    arena_array(ctx->arena, is->target_count, sizeof(*refs));
	struct request_target *changed =
	    arena_array(ctx->arena, is->target_count, sizeof(*changed));
	struct request_spec undo = *is;
	struct queue_link link;
	double waiting = 0, active = 0;
	size_t n = 0;
	enum err_code code;

	if (refs == NULL || changed == NULL)
		return err_set(err, ERR_NOMEM, "queue", "no memory");
	code = queue_link_open(&link, ctx, err);
	for (size_t i = 0; i < is->target_count && code == ERR_OK; i++) {
		struct queue_look *look = NULL;

		code = queue_look(
		    &link, is->targets[i].name, &refs[i], &look, err);
		if (code == ERR_OK && pause_line(plan, look, &refs[i], pause,
					  pause ? QUEUE_PAUSE : QUEUE_RESUME)) {
			changed[n++] = is->targets[i];
			waiting += look->queue.waiting;
			active += look->queue.active;
		}
		mem_free(look);
	}
	queue_link_release(&link);
	if (code != ERR_OK)
		return code;
	plan->nothing = n == 0;
	pause_words(plan, pause, waiting, active);
	queue_memo_keep(plan, refs, is->target_count);
	undo.action = pause ? "queue.resume" : "queue.pause";
	undo.targets = changed;
	undo.target_count = n;
	if (n > 0)
		plan_undo(plan, &undo);
	return ERR_OK;
}

static enum err_code
pause_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	return pause_plan_as(ctx, plan, true, err);
}

static enum err_code
resume_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	return pause_plan_as(ctx, plan, false, err);
}

static enum err_code
pause_one(struct action_ctx *ctx, struct queue_link *link,
    const struct queue_ref *ref, size_t target, bool *ret_sent, struct err *err)
{
	struct queue_answer answer;
	bool pause = strcmp(ctx->ops->name, "queue.pause") == 0;
	enum err_code code =
	    queue_script_run(link, pause ? QUEUE_PAUSE : QUEUE_RESUME, ref,
		NULL, 0, ret_sent, &answer, err);

	if (code != ERR_OK)
		return code;
	if (answer.code == QUEUE_DONE)
		action_target(ctx, target, TARGET_ACCEPTED,
		    pause ? "%lld jobs held" : "%lld jobs set free",
		    (long long)answer.n[0]);
	else
		queue_report(ctx, target, &answer);
	return ERR_OK;
}

static enum err_code
pause_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return queue_apply_each(ctx, plan, pause_one, err);
}

static enum err_code
pause_check(struct action_ctx *ctx, struct queue_link *link,
    const struct queue_ref *ref, size_t target, struct err *err)
{
	bool pause = strcmp(ctx->ops->name, "queue.pause") == 0;
	struct queue_look *look = NULL;
	struct queue_ref now;
	enum err_code code = queue_look(link, ref->name, &now, &look, err);

	if (code == ERR_OK && look->queue.paused == pause &&
	    (pause || !(look->queue.held > 0)))
		action_target(ctx, target, TARGET_DONE, NULL);
	mem_free(look);
	return code;
}

static enum err_code
pause_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return queue_verify_each(ctx, plan, pause_check, err);
}

static const struct action_row queue_rows[] = {
	{ "bullmq", "queues", NULL },
	{ NULL, NULL, NULL },
};

/* What the column "paused" says; both are offered when it says nothing. */
static bool
row_is(
    const struct table *table, const struct table_row *row, const char * not )
{
	int column = table_column(table, "paused");

	return column < 0 || !text_eq(row->cells[column].text, text_lit(not ));
}

static bool
pause_fits(const struct table *table, const struct table_row *row)
{
	return row_is(table, row, "yes");
}

static bool
resume_fits(const struct table *table, const struct table_row *row)
{
	return row_is(table, row, "no");
}

const struct action_ops action_queue_pause = {
	.name = "queue.pause",
	.title = "Pause queue",
	.help = "workers take no more jobs from it; what runs goes on",
	.class = ACTION_REVERSIBLE,
	.key = "act-pause",
	.rows = queue_rows,
	.source_type = "bullmq",
	.targets_min = 1,
	.targets_max = ACTION_TARGETS_MAX,
	.fits = pause_fits,
	.plan = pause_plan,
	.apply = pause_apply,
	.verify = pause_verify,
};

const struct action_ops action_queue_resume = {
	.name = "queue.resume",
	.title = "Resume queue",
	.help = "workers take jobs again, the held ones first",
	.class = ACTION_REVERSIBLE,
	.key = "act-pause",
	.rows = queue_rows,
	.source_type = "bullmq",
	.targets_min = 1,
	.targets_max = ACTION_TARGETS_MAX,
	.fits = resume_fits,
	.plan = resume_plan,
	.apply = pause_apply,
	.verify = pause_verify,
};
