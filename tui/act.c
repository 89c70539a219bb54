/* The dialog's life: opening, closing, waiting, and what it says. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/platform.h"
#include "tui/act_impl.h"

enum err_code
act_new(const struct act_setup *setup, struct act **ret, struct err *err)
{
	struct act *act = mem_calloc(1, sizeof(*act));

	if (act == NULL)
		return err_set(err, ERR_NOMEM, "act", "opening the screen");
	act->is = *setup;
	if (frame_init(&act->frame, setup->store, err) != ERR_OK) {
		mem_free(act);
		return ERR_NOMEM;
	}
	*ret = act;
	return ERR_OK;
}

struct act *
act_free(struct act *act)
{
	if (act == NULL)
		return NULL;
	act_close(act);
	frame_release(&act->frame);
	mem_free(act);
	return NULL;
}

bool
act_is_open(const struct act *act)
{
	return act->mode != ACT_CLOSED;
}

bool
act_is_awaited(const struct act *act)
{
	return act->mode == ACT_JOB && act->view.state != JOB_PLANNED &&
	       act->view.outcome == OUTCOME_NONE;
}

void
act_say(struct act *act, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(act->words, sizeof(act->words), fmt, ap);
	va_end(ap);
}

void
act_tell(struct act *act, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(act->notice, sizeof(act->notice), fmt, ap);
	va_end(ap);
	act->notice_new = true;
}

const char *
act_notice(struct act *act)
{
	bool fresh = act->notice_new;

	act->notice_new = false;
	return fresh ? act->notice : NULL;
}

bool
act_gate(const struct act *act, const struct platform *platform,
    struct gate *ret_gate)
{
	return act->is.actions != NULL && platform != NULL &&
	       actions_gate(act->is.actions, platform->name, ret_gate);
}

struct text
act_audit_words(const struct act *act, const struct platform *platform)
{
	const struct section *section = act->frame.actions;
	const struct payload *payload =
	    section != NULL ? section->payload : NULL;

	for (size_t i = 0;
	     payload != NULL && platform != NULL && i < payload->health_count;
	     i++) {
		const struct health *health = &payload->health[i];

		if (health->state != STATE_OK &&
		    text_eq(health->target, text_lit(platform->name)))
			return health->detail;
	}
	return TEXT_EMPTY;
}

enum layout_gate
act_gate_now(const struct act *act, int64_t now, int64_t *ret_left_ns)
{
	enum layout_gate most = LAYOUT_GATE_NONE;
	size_t dead = 0;

	*ret_left_ns = 0;
	for (size_t i = 0; i < act->is.platform_count; i++) {
		enum layout_gate one = LAYOUT_GATE_READONLY;
		struct gate gate;
		int64_t left;

		/* One of several says so where something is to be done. */
		dead += act_audit_words(act, act->is.platforms[i]).len > 0;
		if (!act_gate(act, act->is.platforms[i], &gate))
			continue;
		left = gate_left_ns(&gate, now);
		if (left == INT64_MAX)
			one = LAYOUT_GATE_WRITE;
		else if (left > 0)
			one = LAYOUT_GATE_ARMED;
		/* A gate that is open on prod is louder than a harmless one. */
		if (one == LAYOUT_GATE_ARMED ||
		    (one > most && most != LAYOUT_GATE_ARMED)) {
			most = one;
			*ret_left_ns = left;
		}
	}
	if (dead > 0 && dead == act->is.platform_count)
		most = LAYOUT_GATE_NO_RECORD;
	return most;
}

void
act_quiet(struct act *act, int64_t now)
{
	int64_t until = now + CONFIRM_DEAD_MS * NS_PER_MS;

	act->hold = HOLD_NONE;
	if (act->quiet_until < until)
		act->quiet_until = until;
}

/* Something else is on the screen now; keys typed for what was don't count. */
void
act_go(struct act *act, enum act_mode mode, int64_t now)
{
	act->mode = mode;
	act->shown = false;
	act->confirm.stage = CONFIRM_PLAN;
	act->confirm.held_at = 0;
	act->scroll = 0;
	act->words[0] = '\0';
	act_quiet(act, now);
}

static void
follow_add(struct act *act, const struct job_view *view)
{
	size_t most = sizeof(act->follow) - sizeof(act->follow[0]);
	struct buf title = BUF_INIT(ERR_MSG_MAX);
	struct act_follow *follow;

	for (size_t i = 0; i < act->follow_count; i++) {
		if (act->follow[i].job == act->job)
			return;
	}
	if (act->follow_count == ACT_FOLLOW_MAX)
		memmove(&act->follow[0], &act->follow[1], most);
	else
		act->follow_count++;
	follow = &act->follow[act->follow_count - 1];
	follow->job = act->job;
	text_plain(&title, view->plan->title);
	snprintf(follow->title, sizeof(follow->title), "%.80s %.80s",
	    buf_cstr(&title), view->plan->word);
	buf_release(&title);
}

/* A job that goes on is followed to its end. */
static void
act_follow(struct act *act)
{
	struct job_view view;

	if (!actions_job(act->is.actions, act->job, &view))
		return;
	if (view.outcome == OUTCOME_NONE && view.state >= JOB_WAITING &&
	    view.plan != NULL)
		follow_add(act, &view);
	else if (view.outcome == OUTCOME_NONE && view.state < JOB_WAITING)
		/* Nobody will decide about a plan that nobody sees. */
		actions_cancel(act->is.actions, act->job);
	job_view_release(&view);
}

void
act_close(struct act *act)
{
	if (act->job != 0)
		act_follow(act);
	act->job = 0;
	act->gone = false;
	if (act->asked != 0)
		actions_cancel(act->is.actions, act->asked);
	act->asked = 0;
	act->words_read = choices_unref(act->words_read);
	job_view_release(&act->view);
	act->request = request_unref(act->request);
	act->arena = arena_free(act->arena);
	act->subject = (struct act_subject) { .platform = NULL };
	act->chosen = NULL;
	act->choice_count = act->field_count = act->at = act->top = 0;
	act->mode = act->back = ACT_CLOSED;
	act->hold = HOLD_NONE;
	act->words[0] = '\0';
	act->shown = false;
	act->scroll = 0;
}

void
act_ask(struct act *act, enum act_ask ask, int64_t now)
{
	enum act_mode back = act->mode;

	act_go(act, ACT_ASK, now);
	act->back = back;
	act->ask = ask;
	prompt_start(&act->prompt, "", NULL);
}

/* The platform that A is about: that of what is selected, the only one. */
static const struct platform *
act_arm_platform(const struct act *act)
{
	if (act->subject.platform != NULL)
		return act->subject.platform;
	return act->is.platform_count == 1 ? act->is.platforms[0] : NULL;
}

/* Arms, or disarms at once: that can do no harm. */
static void
act_arm(struct act *act, const struct panel_target *target, int64_t now)
{
	const struct platform *platform;
	struct gate gate;

	act_subject_bind(act, target);
	platform = act_arm_platform(act);
	act->arm = platform != NULL ? platform->name : NULL;
	if (!act_gate(act, platform != NULL ? platform : act->is.platforms[0],
		&gate)) {
		act_close(act);
	} else if (gate.mode == GATE_READONLY) {
		act_close(act);
		act_tell(act, "read-only for good: sevtop was started with "
			      "--readonly");
	} else if (gate_is_open(&gate, now)) {
		actions_disarm(act->is.actions, act->arm);
		act_tell(act, "read-only again%s%s",
		    act->arm != NULL ? ": " : "",
		    act->arm != NULL ? act->arm : "");
		act_close(act);
	} else {
		act->mode = ACT_CLOSED;
		act_ask(act, ASK_ARM, now);
	}
}

/* The capital was one deliberate key: what it can mean is on the screen. */
static void
act_open(struct act *act, int64_t now)
{
	if (act->choice_count == 1 && act->command != COMMAND_ACT_ANY)
		act_choose(act, 0, now);
	else
		act_go(act, ACT_MENU, now);
}

/* Why a capital does nothing here. */
static void
act_nothing(struct act *act, const struct panel_target *target)
{
	const char *what =
	    act->named != NULL ? act->named : command_help(act->command);
	const struct platform *platform = act->subject.platform;
	const char *off = act->named != NULL && platform != NULL
			      ? platform_action_off(platform, act->named)
			      : NULL;

	if (off != NULL)
		act_tell(act, "%s is not possible here: %s", what, off);
	else if (act->subject.unclean)
		act_tell(act,
		    "its name holds bytes that no screen can show: use "
		    "sevtop act");
	else if (target == NULL)
		act_tell(act, "%s: select a row first", what);
	else if (target->tagged_apart)
		act_tell(act, "the tagged rows are of several sources, and one "
			      "plan is of one: take tags off");
	else if (target->tagged_count > 1)
		act_tell(act, "%s: not for all %zu tagged rows in one plan",
		    what, target->tagged_count);
	else if (act->command == COMMAND_ACT_ANY)
		act_tell(act, "nothing can be done to this row");
	else
		act_tell(act, "%s: not for this row; %s lists what is", what,
		    act->is.keys->names[COMMAND_ACT_ANY] != NULL
			? act->is.keys->names[COMMAND_ACT_ANY]
			: "act-any");
	act_close(act);
}

static void
act_start(struct act *act, enum command command, const char *named,
    const struct panel_target *target, int64_t now)
{
	if (act_is_open(act))
		return;
	act->named = named;
	if (act->is.actions == NULL) {
		act_tell(act, "there is no engine for actions here");
		return;
	}
	frame_acquire(&act->frame, act->is.store);
	act->command = command;
	if (act->tiny) {
		act_tell(act, "too small to show what would be done: 40x10");
		return;
	}
	if (command == COMMAND_ACT_ARM) {
		act_arm(act, target, now);
		return;
	}
	if (command == COMMAND_ACT_UNDO) {
		act_go(act, ACT_FORCE, now);
		return;
	}
	if (act_subject_bind(act, target) &&
	    (target == NULL || !target->tagged_apart))
		act_collect(act, command, target);
	if (act->subject.job != 0 && command == COMMAND_ACT_ANY) {
		act->job = act->subject.job;
		act_go(act, ACT_JOB, now);
		act_job_look(act);
		return;
	}
	if (act->choice_count == 0) {
		act_nothing(act, target);
		return;
	}
	/* Not before it is sure that no burst began with this key. */
	act->mode = ACT_MENU;
	act->hold = HOLD_PLAN;
	act->hold_at = now;
}

void
act_command(struct act *act, enum command command,
    const struct panel_target *target, int64_t now)
{
	act_start(act, command, NULL, target, now);
}

void
act_named(struct act *act, const char *name, const struct panel_target *target,
    int64_t now)
{
	act_start(act, COMMAND_ACT_NAMED, name, target, now);
}

bool
act_leave(struct act *act, int64_t now)
{
	if (act->is.actions == NULL ||
	    (actions_in_force_count(act->is.actions) == 0 &&
		actions_running_count(act->is.actions) == 0))
		return true;
	act_close(act);
	frame_acquire(&act->frame, act->is.store);
	act_go(act, ACT_LEAVE, now);
	return false;
}

static void
act_held(struct act *act, int64_t now)
{
	enum act_hold hold = act->hold;

	act->hold = HOLD_NONE;
	switch (hold) {
	case HOLD_NONE:
		break;
	case HOLD_PLAN:
		act_open(act, now);
		break;
	case HOLD_STOP:
		actions_cancel(act->is.actions, act->job);
		break;
	}
}

/* Tells the end of jobs that no dialog shows. True: one ended. */
static bool
act_follow_look(struct act *act)
{
	size_t kept = 0;

	for (size_t i = 0; i < act->follow_count; i++) {
		struct act_follow *follow = &act->follow[i];
		struct job_view view;
		bool known = actions_job(act->is.actions, follow->job, &view);

		if (known && view.outcome == OUTCOME_NONE) {
			act->follow[kept++] = *follow;
		} else if (known) {
			act_tell(act, "%.120s: %s%s%.200s%s", follow->title,
			    job_outcome_word(view.outcome),
			    view.words[0] != '\0' ? ": " : "", view.words,
			    view.outcome == OUTCOME_DONE ? "" : "  (a: jobs)");
		}
		if (known)
			job_view_release(&view);
	}
	if (kept == act->follow_count)
		return false;
	act->follow_count = kept;
	return true;
}

/* A held key was part of what came right behind it. */
void
act_crowded(struct act *act)
{
	if (act->hold == HOLD_PLAN) {
		act_tell(act, "that came faster than anybody types: "
			      "mitigation keys are ignored");
		act_close(act);
	}
	act->hold = HOLD_NONE;
}

int64_t
act_tick(struct act *act, int64_t fed_at, int64_t now, bool *ret_changed)
{
	int64_t next = DEADLINE_NONE;

	if (act->is.actions == NULL)
		return next;
	if (act->hold != HOLD_NONE) {
		next = act->hold_at + CONFIRM_HOLD_MS * NS_PER_MS;
		if (fed_at > act->hold_at)
			act_crowded(act);
		else if (now >= next)
			act_held(act, now);
		if (fed_at > act->hold_at || now >= next) {
			*ret_changed = true;
			next = DEADLINE_NONE;
		}
	}
	if (act->follow_count > 0 && act_follow_look(act))
		*ret_changed = true;
	if (act->mode == ACT_FORM && act_form_look(act))
		*ret_changed = true;
	if (act->mode == ACT_JOB) {
		if (act_job_look(act) || act_job_tick(act, fed_at, now))
			*ret_changed = true;
		if (act->shown && confirm_deadline(&act->confirm) < next)
			next = confirm_deadline(&act->confirm);
	}
	return next;
}
