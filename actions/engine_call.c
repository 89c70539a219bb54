/*
 * The calls into an action, each on a thread of its own: planning, recording
 * and sending, reading back. What a call reports it keeps to itself until it
 * has ended, so that one that never ends harms nobody.
 */
#include <stdio.h>
#include <string.h>

#include "actions/engine_impl.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/redact.h"
#include "model/platform.h"

static const char origin[] = "action";

/* Behind action_target() and its kin. */
struct action_report {
	struct call *call;
};

struct output *
output_ref(struct output *output)
{
	atomic_fetch_add_explicit(&output->refs, 1, memory_order_relaxed);
	return output;
}

struct output *
output_unref(struct output *output)
{
	if (output != NULL && atomic_fetch_sub(&output->refs, 1) == 1)
		mem_free(output);
	return NULL;
}

static void note_format(const struct action_ctx *ctx, char *out,
    const char *fmt, va_list ap) ATTR_PRINTF(3, 0);

/* Words about a target: redacted, clean, cut to what a row shows. */
static void
note_format(
    const struct action_ctx *ctx, char *out, const char *fmt, va_list ap)
{
	/* A whole value: what is cut first may keep half of a secret. */
	char words[ERR_MSG_MAX + PEEK_VALUE_MAX], kept[ACTION_NOTE_MAX];
	struct buf plain = BUF_INIT(ACTION_NOTE_MAX);
	struct text text;

	vsnprintf(words, sizeof(words), fmt, ap);
	text = text_ingest(
	    ctx->redactor, ctx->arena, words, strlen(words), ERR_MSG_MAX);
	text_keep(kept, sizeof(kept), text);
	text_plain(&plain, text_kept(kept));
	snprintf(out, ACTION_NOTE_MAX, "%s", buf_cstr(&plain));
	buf_release(&plain);
}

static bool
target_is_settled(const struct judge_target *target)
{
	return target_state_is_final(target->state);
}

void
action_target(struct action_ctx *ctx, size_t index, enum target_state state,
    const char *fmt, ...)
{
	struct call *call = ctx->report->call;
	struct judge_target *target = &call->targets[index];
	va_list ap;

	if (index >= call->target_count || target_is_settled(target) ||
	    state < target->state)
		return;
	target->state = state;
	if (fmt == NULL)
		return;
	va_start(ap, fmt);
	note_format(ctx, target->note, fmt, ap);
	va_end(ap);
}

void
action_targets(
    struct action_ctx *ctx, enum target_state state, const char *fmt, ...)
{
	struct call *call = ctx->report->call;
	char note[ACTION_NOTE_MAX] = "";
	va_list ap;

	if (fmt != NULL) {
		va_start(ap, fmt);
		note_format(ctx, note, fmt, ap);
		va_end(ap);
	}
	for (size_t i = 0; i < call->target_count; i++) {
		struct judge_target *target = &call->targets[i];

		if (target_is_settled(target) || state < target->state)
			continue;
		target->state = state;
		if (fmt != NULL)
			memcpy(target->note, note, sizeof(note));
	}
}

bool
action_is_open(const struct action_ctx *ctx, size_t index)
{
	const struct call *call = ctx->report->call;

	return index < call->target_count &&
	       !target_is_settled(&call->targets[index]);
}

bool
action_is_accepted(const struct action_ctx *ctx, size_t index)
{
	const struct call *call = ctx->report->call;

	return index < call->target_count &&
	       call->targets[index].state == TARGET_ACCEPTED;
}

void
action_keep(struct action_ctx *ctx, size_t index, const char *words)
{
	struct call *call = ctx->report->call;

	if (index < call->target_count && strlen(words) < ACTION_KEPT_MAX)
		snprintf(
		    call->targets[index].kept, ACTION_KEPT_MAX, "%s", words);
}

const char *
action_kept(const struct action_ctx *ctx, size_t index)
{
	const struct call *call = ctx->report->call;

	return index < call->target_count ? call->targets[index].kept : "";
}

/* Makes room by dropping the oldest lines. Under the lock. */
static void
output_append(struct output *output, const char *line, size_t len)
{
	size_t cut = 0;

	while (output->len - cut + len > sizeof(output->bytes)) {
		const char *nl =
		    memchr(output->bytes + cut, '\n', output->len - cut);

		cut =
		    nl != NULL ? (size_t)(nl - output->bytes) + 1 : output->len;
		output->dropped++;
	}
	memmove(output->bytes, output->bytes + cut, output->len - cut);
	output->len -= cut;
	memcpy(output->bytes + output->len, line, len);
	output->len += len;
}

void
action_say(struct action_ctx *ctx, const void *bytes, size_t len)
{
	struct call *call = ctx->report->call;
	struct buf line = BUF_INIT(ACTIONS_LINE_MAX * 12);
	/* Not that of the call: there is no end to what a program prints. */
	struct arena *arena = arena_new(ACTIONS_LINE_MAX * 32);
	bool first = false;

	if (arena != NULL)
		text_plain(&line, text_ingest(ctx->redactor, arena, bytes, len,
				      ACTIONS_LINE_MAX));
	arena_free(arena);
	if (buf_char(&line, '\n')) {
		pthread_mutex_lock(&call->actions->lock);
		output_append(call->output, line.data, line.len);
		first = !call->actions->said;
		call->actions->said = true;
		pthread_mutex_unlock(&call->actions->lock);
	}
	/* The others are shown with it. */
	if (first)
		wake_signal(&call->actions->wake);
	buf_release(&line);
}

struct call *
call_new(struct actions *actions, enum call_kind kind, const struct job *job)
{
	struct call *call = mem_calloc(1, sizeof(*call));
	size_t targets = 1;

	if (call == NULL)
		return NULL;
	call->kind = kind;
	call->actions = actions;
	call->cancel.fd[0] = call->cancel.fd[1] = -1;
	atomic_init(&call->phase, JOB_RECORDING);
	atomic_init(&call->give_up_at, INT64_MAX);
	if (job == NULL)
		return call;
	memcpy(call->id, job->id, sizeof(call->id));
	call->bound = job->bound;
	call->request = request_ref(job->request);
	if (job->plan != NULL)
		call->plan = plan_ref(job->plan);
	memcpy(call->arg, job->arg, sizeof(call->arg));
	call->confirmed_at = job->confirmed_at;
	call->late = job->judge.late;
	call->reason = mem_strdup(job->reason);
	call->undo_of = mem_strdup(job->undo_of);
	if (job->request->is.target_count > 0)
		targets = job->request->is.target_count;
	call->target_count = targets;
	call->targets = mem_calloc(targets, sizeof(*call->targets));
	call->output = job->output != NULL
			   ? output_ref(job->output)
			   : mem_calloc(1, sizeof(*call->output));
	if (call->reason == NULL || call->undo_of == NULL ||
	    call->targets == NULL || call->output == NULL)
		return call_free(call);
	if (job->output == NULL)
		atomic_init(&call->output->refs, 1);
	if (job->targets != NULL)
		memcpy(call->targets, job->targets,
		    targets * sizeof(*call->targets));
	return call;
}

struct call *
call_free(struct call *call)
{
	if (call == NULL)
		return NULL;
	cancel_release(&call->cancel);
	request_unref(call->request);
	plan_unref(call->plan);
	choices_unref(call->choices);
	output_unref(call->output);
	record_free(call->record);
	restored_free(call->restored);
	mem_free(call->reason);
	mem_free(call->undo_of);
	mem_free(call->targets);
	mem_free(call);
	return NULL;
}

static int64_t
ops_ns(int64_t stated, int preset_ms)
{
	return stated > 0 ? stated : preset_ms * NS_PER_MS;
}

/* How long one call of the action may take. */
static int64_t
call_limit_ns(const struct call *call)
{
	const struct action_ops *ops = call->bound.ops;
	const struct platform_action *configured = call->bound.configured;

	if (call->kind == CALL_PLAN || call->kind == CALL_CHOICES)
		return ops_ns(ops->plan_ns, ACTION_PLAN_MS);
	if (call->kind == CALL_VERIFY)
		return ops_ns(ops->verify_ns, ACTION_VERIFY_MS);
	if (configured != NULL && configured->timeout_ns > 0)
		return configured->timeout_ns;
	return ops_ns(ops->apply_ns, ACTION_APPLY_MS);
}

/* Everything that a call into an action needs around it. */
static enum err_code
call_action(struct call *call, enum err_code (*fn)(struct action_ctx *ctx,
				   const struct call *call, struct err *err))
{
	struct actions *actions = call->actions;
	struct action_report report = { .call = call };
	struct frame frame = { .sections = NULL };
	int64_t now = clock_now(), limit = call_limit_ns(call);
	struct action_ctx ctx = {
		.ops = call->bound.ops,
		.request = call->request,
		.platform = call->bound.platform,
		.source = call->bound.source,
		.configured = call->bound.configured,
		.redactor = actions->options.redactor,
		.tokens = actions->tokens,
		.frame = &frame,
		.deadline = now + limit,
		.cancel = &call->cancel,
		.now = now,
		.wall_ms = clock_wall_ms(),
		.late = call->late,
		.report = &report,
	};
	enum err_code code;

	/* Twice the time, as for sources; what hangs longer is left behind. */
	atomic_store(&call->give_up_at, now + 2 * limit + NS_PER_SEC);
	wake_signal(&actions->wake);
	ctx.arena = arena_new(ACTION_SCRATCH_MAX);
	if (ctx.arena == NULL)
		return err_set(&call->err, ERR_NOMEM, origin, "no memory");
	code = frame_init(&frame, actions->options.store, &call->err);
	if (code == ERR_OK) {
		frame_acquire(&frame, actions->options.store);
		/* Who asks for choices has not all arguments yet. */
		if (call->kind != CALL_CHOICES)
			code = bind_args(&call->bound, call->request, ctx.arena,
			    &ctx.args, &call->err);
	}
	if (code == ERR_OK)
		code = fn(&ctx, call, &call->err);
	if (frame.sections != NULL)
		frame_release(&frame);
	arena_free(ctx.arena);
	return code;
}

static enum err_code
fn_plan(struct action_ctx *ctx, const struct call *call, struct err *err)
{
	const char *title = call->bound.configured != NULL
				? call->bound.configured->title
				: ctx->ops->title;
	struct plan *plan = call->plan;
	enum err_code code;

	plan->class = call->bound.class;
	plan->title = text_clean_str(plan->arena, title);
	plan->verb = TEXT("do it now");
	code = ctx->ops->plan(ctx, plan, err);
	if (code == ERR_OK)
		code = plan_finish(plan, err);
	return code;
}

static enum err_code
fn_choices(struct action_ctx *ctx, const struct call *call, struct err *err)
{
	enum err_code code =
	    ctx->ops->choices(ctx, call->arg, call->choices, err);

	if (code == ERR_OK && call->choices->failed)
		code = err_set(err, ERR_NOMEM, origin, "no memory");
	return code;
}

static enum err_code
fn_apply(struct action_ctx *ctx, const struct call *call, struct err *err)
{
	return ctx->ops->apply(ctx, call->plan, err);
}

static enum err_code
fn_verify(struct action_ctx *ctx, const struct call *call, struct err *err)
{
	return ctx->ops->verify(ctx, call->plan, err);
}

static enum err_code
call_plan(struct call *call)
{
	enum err_code code;

	call->plan = plan_new(call->request);
	if (call->plan == NULL)
		return err_set(&call->err, ERR_NOMEM, origin, "no memory");
	code = call_action(call, fn_plan);
	if (code != ERR_OK)
		call->plan = plan_unref(call->plan);
	return code;
}

static enum err_code
call_choices(struct call *call)
{
	call->choices = choices_new();
	if (call->choices == NULL)
		return err_set(&call->err, ERR_NOMEM, origin, "no memory");
	return call_action(call, fn_choices);
}

/* Whether the gate is still open for it. */
static enum err_code
call_gate(struct call *call)
{
	struct gate gate;
	const char *platform = call->bound.platform->name;

	if (!actions_gate(call->actions, platform, &gate))
		return err_set(
		    &call->err, ERR_FORBIDDEN, origin, "no such platform");
	return gate_check(&gate, call->plan->class, clock_now(), &call->err);
}

static enum err_code
call_record_intent(struct call *call)
{
	struct actions *actions = call->actions;
	struct record *record = record_new(
	    actions, AUDIT_KIND_INTENT, call->bound.platform, call->id);
	struct buf json = BUF_INIT(PLAN_JSON_MAX);
	enum record_fate fate = RECORD_ABSENT;
	enum err_code code = ERR_NOMEM;

	if (record != NULL)
		code = plan_json(call->plan, actions->options.redactor, &json);
	if (code == ERR_OK) {
		record_job(actions, record, &call->bound, call->request,
		    call->plan->class);
		record_set(actions, record, AUDIT_REASON, call->reason);
		record_set(actions, record, AUDIT_UNDO_OF, call->undo_of);
		record_set(actions, record, AUDIT_PLAN, buf_cstr(&json));
		if (record->failed)
			code = ERR_NOMEM;
	}
	if (code == ERR_OK) {
		code = record_write(
		    actions, record, &call->cancel, &fate, &call->err);
		call->recorded = code == ERR_OK || fate == RECORD_TRIED;
	} else {
		err_set(&call->err, code, origin, "%s",
		    code == ERR_TOOBIG ? "the plan is too large to be kept"
				       : "no memory");
	}
	record_free(record);
	buf_release(&json);
	return code;
}

/* The last look before the first byte leaves. */
static enum err_code
call_check_late(struct call *call)
{
	int64_t late = clock_now() - call->confirmed_at;
	char text[NUM_TEXT_MAX];

	if (cancel_is_fired(&call->cancel))
		return err_set(
		    &call->err, ERR_CANCELLED, origin, "cancelled in time");
	if (late > ACTIONS_LATE_MS * NS_PER_MS)
		return err_set(&call->err, ERR_TIMEOUT, origin,
		    "%s went by since it was confirmed: it must not fire late; "
		    "look again",
		    num_duration(text, late));
	return call_gate(call);
}

static enum err_code
call_apply(struct call *call)
{
	enum err_code code = call_gate(call);
	bool look = call->plan->class == ACTION_LOOK;

	if (code != ERR_OK)
		return code;
	code = call_record_intent(call);
	/* What changes nothing may be looked at without a record. */
	if (code != ERR_OK && !look) {
		err_prefix(&call->err, "cannot record");
		return code;
	}
	code = call_check_late(call);
	if (code != ERR_OK)
		return code;
	err_clear(&call->err);
	call->sent_at = clock_now();
	call->sent = true;
	atomic_store(&call->phase, JOB_SENDING);
	return call_action(call, fn_apply);
}

static enum err_code
call_body(struct call *call)
{
	switch (call->kind) {
	case CALL_PLAN:
		return call_plan(call);
	case CALL_CHOICES:
		return call_choices(call);
	case CALL_APPLY:
		return call_apply(call);
	case CALL_VERIFY:
		return call_action(call, fn_verify);
	case CALL_RECORD:
		return record_write(call->actions, call->record, &call->cancel,
		    &call->fate, &call->err);
	case CALL_RESTORE:
		return restore_run(call);
	}
	return ERR_UNSUPPORTED;
}

static void *
call_main(void *opaque)
{
	struct call *call = opaque;
	struct actions *actions = call->actions;

	call->code = call_body(call);
	/* Nothing of the call may be touched behind this line. */
	atomic_store(&call->ended, true);
	wake_signal(&actions->wake);
	return NULL;
}

enum err_code
call_start(struct call *call, int64_t give_up_ns, struct err *err)
{
	enum err_code code = cancel_init(&call->cancel, err);

	atomic_store(&call->give_up_at, clock_now() + give_up_ns);
	if (code == ERR_OK)
		code =
		    thread_start(&call->thread, "action", call_main, call, err);
	return code;
}
