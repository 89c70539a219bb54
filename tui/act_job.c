/* A job in the dialog: keys on its plan, its confirmation, its progress. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/platform.h"
#include "panels/pick.h"
#include "tui/act_frame.h"
#include "tui/act_impl.h"
#include "tui/keys.h"
#include "tui/plan_view.h"

bool
act_job_look(struct act *act)
{
	struct job_view view;
	bool changed;

	if (act->gone)
		return false;
	if (!actions_job(act->is.actions, act->job, &view)) {
		act->gone = true; /* the last that was known stays */
		return true;
	}
	changed = view.state != act->view.state ||
		  view.outcome != act->view.outcome ||
		  view.plan != act->view.plan ||
		  strcmp(view.words, act->view.words) != 0;
	if (view.plan != act->view.plan || view.outcome != act->view.outcome) {
		/* Another thing to read, and to close, than before. */
		act->shown = false;
		act->scroll = 0;
	}
	job_view_release(&act->view);
	act->view = view;
	return changed;
}

static bool
is_planned(const struct act *act)
{
	return act->view.state == JOB_PLANNED &&
	       act->view.outcome == OUTCOME_NONE;
}

static bool
is_ended(const struct act *act)
{
	return act->gone || act->view.outcome != OUTCOME_NONE;
}

const struct platform *
act_job_platform(const struct act *act)
{
	const struct plan *plan = act->view.plan;

	if (act->subject.platform != NULL || plan == NULL)
		return act->subject.platform;
	for (size_t i = 0; i < act->is.platform_count; i++) {
		if (strcmp(act->is.platforms[i]->name,
			plan->request->is.platform) == 0)
			return act->is.platforms[i];
	}
	return NULL;
}

/* Why y would be refused; "": it would not. */
static void
job_blocked(const struct act *act, int64_t now, char out[ERR_MSG_MAX])
{
	const struct plan *plan = act->view.plan;
	struct text audit = act_audit_words(act, act_job_platform(act));
	struct buf words = BUF_INIT(ERR_MSG_MAX * 2);
	struct err err = ERR_INIT;
	struct gate gate;

	out[0] = '\0';
	if (!is_planned(act) || plan->nothing)
		return;
	if (act->tiny) {
		snprintf(out, ERR_MSG_MAX, "too small to act: 40x10");
	} else if (audit.len > 0) {
		text_plain(&words, audit);
		snprintf(out, ERR_MSG_MAX, "%.*s", ERR_MSG_MAX - 1,
		    buf_cstr(&words));
	} else if (!act_gate(act, act_job_platform(act), &gate)) {
		snprintf(out, ERR_MSG_MAX, "its platform is not known here");
	} else if (gate_check(&gate, plan->class, now, &err) != ERR_OK) {
		if (gate.mode == GATE_READONLY)
			snprintf(out, ERR_MSG_MAX, "%s", err.msg);
		else
			snprintf(out, ERR_MSG_MAX,
			    "read-only: %s arms it for %d minutes",
			    act->is.keys->names[COMMAND_ACT_ARM] != NULL
				? act->is.keys->names[COMMAND_ACT_ARM]
				: "act-arm",
			    GATE_ARM_MS / 60000);
	} else if (now - plan->read_at > ACTIONS_PLAN_OLD_MS * NS_PER_MS) {
		snprintf(out, ERR_MSG_MAX,
		    "the plan is over %d s old: r reads anew",
		    ACTIONS_PLAN_OLD_MS / 1000);
	}
	buf_release(&words);
}

/* Hands the decision to the engine. */
static void
job_send(struct act *act, int64_t now)
{
	const struct confirm *confirm = &act->confirm;
	struct err err = ERR_INIT;
	enum err_code code = actions_confirm(act->is.actions, act->job,
	    act->view.plan, confirm->reason, confirm->name, &err);

	act_go(act, ACT_JOB, now);
	if (code != ERR_OK)
		act_say(act, "%s", err.msg);
	act_job_look(act);
}

bool
act_job_tick(struct act *act, int64_t fed_at, int64_t now)
{
	if (!act->shown || !is_planned(act))
		return false;
	switch (confirm_timeout(&act->confirm, fed_at, now)) {
	case CONFIRM_IGNORED:
		return false;
	case CONFIRM_GIVEN:
		job_send(act, now);
		return true;
	default:
		return true;
	}
}

/* Plans the same again, from what is there now. */
static void
job_again(struct act *act, int64_t now)
{
	struct err err = ERR_INIT;
	const struct request *request =
	    act->view.plan != NULL ? act->view.plan->request : act->request;
	uint64_t job;

	if (request == NULL)
		return;
	if (actions_plan(act->is.actions, &request->is, &job, &err) != ERR_OK) {
		act_say(act, "%s", err.msg);
		return;
	}
	actions_cancel(act->is.actions, act->job);
	act->job = job;
	act->gone = false;
	act_go(act, ACT_JOB, now);
	job_view_release(&act->view);
	act_job_look(act);
}

static void
job_copy(const struct act *act, struct act_out *out)
{
	struct buf buf = BUF_INIT(sizeof(out->copy) - 1);

	if (act->view.plan == NULL)
		return;
	plan_text(act->view.plan, &buf);
	snprintf(out->copy, sizeof(out->copy), "%s", buf_cstr(&buf));
	buf_release(&buf);
}

static bool
job_scroll(struct act *act, uint32_t code)
{
	int by = 0, most = act->rows - act->page;

	switch (code) {
	case 'j':
	case INPUT_DOWN:
		by = 1;
		break;
	case 'k':
	case INPUT_UP:
		by = -1;
		break;
	case INPUT_PGDN:
		by = act->page > 1 ? act->page - 1 : 1;
		break;
	case INPUT_PGUP:
		by = act->page > 1 ? 1 - act->page : -1;
		break;
	case 'g':
	case INPUT_HOME:
		by = -act->scroll;
		break;
	case 'G':
	case INPUT_END:
		by = most - act->scroll;
		break;
	default:
		return false;
	}
	act->scroll += by;
	if (act->scroll > most)
		act->scroll = most;
	if (act->scroll < 0)
		act->scroll = 0;
	return true;
}

/* Opens the gate, where that is possible. */
static void
plan_arm(struct act *act, int64_t now)
{
	const struct platform *platform = act_job_platform(act);
	struct gate gate;

	if (!act_gate(act, platform, &gate) || gate.mode == GATE_READONLY ||
	    gate_is_open(&gate, now))
		return;
	act->arm = platform->name;
	act_ask(act, ASK_ARM, now);
}

/* Keys on a plan that decide nothing. */
static void
plan_key(struct act *act, const struct input_event *event, int64_t now,
    struct act_out *out)
{
	if (keys_find(act->is.keys, event) == COMMAND_ACT_ARM) {
		plan_arm(act, now);
		return;
	}
	switch (event->code) {
	case 'e':
		if (act->field_count > 0)
			act_form_start(act, now);
		else
			act_say(act, "there is nothing to change about it");
		break;
	case 'r':
		job_again(act, now);
		break;
	case 'c':
		job_copy(act, out);
		break;
	default:
		break;
	}
}

/* On a plan that waits for a decision. */
static void
plan_event(struct act *act, const struct input_event *event, int64_t now,
    struct act_out *out)
{
	struct confirm *confirm = &act->confirm;
	enum confirm_stage stage = confirm->stage;
	bool key = event->kind == INPUT_KEY, early = now < confirm->dead_until;
	char blocked[ERR_MSG_MAX];

	act->words[0] = '\0';
	if (key && stage == CONFIRM_PLAN && event->code == 'y') {
		job_blocked(act, now, blocked);
		if (blocked[0] != '\0' || act->view.plan->nothing) {
			act_say(act, "%s",
			    blocked[0] != '\0'
				? blocked
				: "nothing to do: it is so already");
			return;
		}
		if (early)
			act_say(act, "too soon: read it first");
	}
	switch (confirm_event(confirm, event, now)) {
	case CONFIRM_LEFT:
		if (stage == CONFIRM_PLAN)
			act_close(act);
		else
			act_go(act, ACT_JOB, now);
		break;
	case CONFIRM_IGNORED:
		if (stage == CONFIRM_PLAN && key && !early && !event->burst &&
		    !event->crowded)
			plan_key(act, event, now, out);
		break;
	default:
		break;
	}
}

/* On what is being done. */
static void
progress_key(struct act *act, const struct input_event *event, int64_t now)
{
	if (event->code == 'x') {
		act->hold = HOLD_STOP;
		act->hold_at = now;
	} else if (event->code == 'q') {
		act_close(act);
	}
}

/* Takes it back, which is a plan like any other. */
static void
job_undo(struct act *act, int64_t now)
{
	struct err err = ERR_INIT;
	uint64_t job = 0;

	if (actions_undo(act->is.actions, act->view.id, &job, &err) != ERR_OK) {
		act_say(act, "%s", err.msg);
		return;
	}
	act->field_count = 0;
	act->job = job;
	act->gone = false;
	act_go(act, ACT_JOB, now);
	job_view_release(&act->view);
	act_job_look(act);
}

static bool
has_undo(const struct act *act)
{
	return act->view.outcome == OUTCOME_DONE && act->view.plan != NULL &&
	       act->view.plan->undo != NULL;
}

/* On what came of it. */
static void
result_key(struct act *act, const struct input_event *event, int64_t now,
    struct act_out *out)
{
	switch (event->code) {
	case 'u':
		if (has_undo(act))
			job_undo(act, now);
		break;
	case INPUT_ENTER:
	case ' ':
	case 'q':
		act_close(act);
		break;
	case 'c':
		job_copy(act, out);
		break;
	case 'a':
		out->panel = "jobs";
		act_close(act);
		break;
	default:
		break;
	}
}

void
act_job_event(struct act *act, const struct input_event *event, int64_t now,
    struct act_out *out)
{
	act_job_look(act);
	if (act->confirm.stage == CONFIRM_PLAN && event->kind == INPUT_KEY &&
	    event->mods == 0 && job_scroll(act, event->code))
		return;
	if (is_planned(act)) {
		if (act->shown)
			plan_event(act, event, now, out);
		return;
	}
	if (event->kind != INPUT_KEY || event->mods != 0 ||
	    !act_key_counts(act, event, now))
		return;
	act->words[0] = '\0';
	if (act->view.state == JOB_DOUBT && event->code == 'n')
		act_ask(act, ASK_CLOSE, now);
	else if (is_ended(act))
		result_key(act, event, now, out);
	else if (act->view.state >= JOB_WAITING)
		progress_key(act, event, now);
}

/* Cell of the table jobs in the row of the job; empty: not there. */
static struct text
job_cell(const struct act *act, const char *column)
{
	const struct table *table =
	    act->frame.actions != NULL
		? payload_table(act->frame.actions->payload, "jobs")
		: NULL;

	for (size_t i = 0; table != NULL && i < table->row_count; i++) {
		if (pick_num(table, i, "job") == (double)act->job)
			return pick_text(table, i, column);
	}
	return TEXT_EMPTY;
}

/* Keys that work now. */
static void
job_keys(const struct act *act, const char *blocked, char verb[ERR_MSG_MAX],
    struct act_key keys[8])
{
	const struct plan *plan = act->view.plan;
	struct buf buf = BUF_INIT(ERR_MSG_MAX);
	size_t n = 0;

	if (is_ended(act)) {
		keys[n++] = (struct act_key) { "Enter", "close", false };
		if (act->view.state == JOB_DOUBT)
			keys[n++] = (struct act_key) { "n", "settle", false };
		if (has_undo(act))
			keys[n++] = (struct act_key) { "u", "undo", false };
		keys[n++] = (struct act_key) { "a", "jobs", false };
		if (plan != NULL)
			keys[n++] = (struct act_key) { "c", "copy", false };
	} else if (is_planned(act)) {
		text_plain(&buf, plan->verb);
		snprintf(verb, ERR_MSG_MAX, "%s",
		    buf.len > 0 ? buf_cstr(&buf) : "do it");
		if (!plan->nothing)
			keys[n++] =
			    (struct act_key) { "y", verb, blocked[0] != '\0' };
		keys[n++] = (struct act_key) { "Esc", "cancel", false };
		if (act->field_count > 0)
			keys[n++] = (struct act_key) { "e", "edit", false };
		keys[n++] = (struct act_key) { "c", "copy", false };
		keys[n++] = (struct act_key) { "r", "read anew", false };
	} else if (act->view.state >= JOB_WAITING) {
		keys[n++] =
		    (struct act_key) { "Esc", "close; it goes on", false };
		if (act->view.state < JOB_VERIFYING)
			keys[n++] = (struct act_key) { "x", "stop", false };
		if (act->view.state == JOB_DOUBT)
			keys[n++] = (struct act_key) { "n", "settle", false };
	} else {
		keys[n++] = (struct act_key) { "Esc", "cancel", false };
	}
	keys[n] = (struct act_key) { NULL, NULL, false };
	buf_release(&buf);
}

/* Whether the words of its title are the configuration's. */
static bool
act_job_is_own(const struct act *act)
{
	const struct platform *platform = act_job_platform(act);
	const struct plan *plan = act->view.plan;
	const char *name, *dot;

	if (plan == NULL || platform == NULL)
		return act->chosen != NULL && act->chosen->configured != NULL;
	name = plan->request->is.action;
	dot = strchr(name, '.'); /* "command.rollback" */
	return platform_action_find(platform, name) != NULL ||
	       (action_find(act->is.table, name) == NULL && dot != NULL &&
		   platform_action_find(platform, dot + 1) != NULL);
}

/* What is read, until there is a plan of it. */
static const char *
act_job_about(const struct act *act, char words[ERR_MSG_MAX])
{
	words[0] = '\0';
	if (act->chosen != NULL)
		act_choice_rows(act->chosen, words);
	if (words[0] != '\0')
		return words;
	return act->subject.source != NULL ? act->subject.source
					   : "what is there";
}

void
act_job_draw(struct act *act, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	const struct payload *payload =
	    act->frame.actions != NULL ? act->frame.actions->payload : NULL;
	char blocked[ERR_MSG_MAX], verb[ERR_MSG_MAX], title[ERR_MSG_MAX];
	char about[ERR_MSG_MAX], several[NUM_TEXT_MAX] = "";
	const struct plan *plan = act->view.plan;
	struct buf buf = BUF_INIT(ERR_MSG_MAX);
	struct act_frame frame;
	struct act_key keys[8];
	struct plan_view view = {
		.job = &act->view,
		.ctx = ctx,
		.about = act_job_about(act, about),
		.blocked = blocked,
		.words = act->words,
		.check = job_cell(act, "check"),
		.targets = payload_table(payload, "targets"),
		.output = payload_table(payload, "output"),
		.scroll = act->scroll,
	};
	int rows;

	job_blocked(act, ctx->now, blocked);
	job_keys(act, blocked, verb, keys);
	if (plan != NULL)
		text_plain(&buf, plan->title);
	snprintf(title, sizeof(title), "%s",
	    plan != NULL	  ? buf_cstr(&buf)
	    : act->chosen != NULL ? act_choice_title(act->chosen)
				  : "undo");
	buf_release(&buf);
	/* The first screen may have room for one of them only. */
	if (plan != NULL && plan->request->is.target_count > 1)
		snprintf(several, sizeof(several), "%zu targets",
		    plan->request->is.target_count);
	rows = plan_view_rows(&view, area.w < 104 ? area.w - 4 : 100);
	act_frame_open(&frame, canvas, area,
	    &(struct act_title) {
		.title = title,
		.subject = several,
		.own_words = act_job_is_own(act),
		.platform = act_job_platform(act),
		.source = plan != NULL ? plan->request->is.source
				       : act->subject.source,
		.keys = keys,
	    },
	    rows);
	act->rows = plan_view_draw(&view, canvas, frame.body, &act->page);
	if (act->scroll > act->rows - act->page)
		act->scroll = act->rows > act->page ? act->rows - act->page : 0;
	if (!act->shown && (is_planned(act) || is_ended(act))) {
		act->shown = true;
		act_quiet(act, ctx->now);
		if (is_planned(act))
			confirm_start(
			    &act->confirm, plan->class, plan->word, ctx->now);
	}
}
