/*
 * A line of text in the dialog, where events go, and what is drawn: what
 * all of the dialog's pages share.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "model/platform.h"
#include "panels/page.h"
#include "panels/pick.h"
#include "tui/act_frame.h"
#include "tui/act_impl.h"

enum {
	ASK_ROWS = 4,
	CONFIRM_ROWS = 7,
	LEAVE_ROWS = 3,
};

/* Back to what was there before the question. */
static void
ask_back(struct act *act, int64_t now)
{
	enum act_mode back = act->back;

	if (back == ACT_CLOSED)
		act_close(act);
	else
		act_go(act, back, now);
}

static void
ask_done(
    struct act *act, enum err_code code, const struct err *err, int64_t now)
{
	if (code != ERR_OK) {
		act_say(act, "%s", err->msg);
		return;
	}
	ask_back(act, now);
}

static void
ask_accept(struct act *act, int64_t now)
{
	struct err err = ERR_INIT;
	const char *text = act->prompt.text;

	if (text[strspn(text, " ")] == '\0') {
		act_say(act, "it can't be empty; Esc leaves it");
		return;
	}
	switch (act->ask) {
	case ASK_ARM:
		ask_done(act,
		    actions_arm(act->is.actions, act->arm, text, 0, &err), &err,
		    now);
		break;
	case ASK_KEEP:
		ask_done(act,
		    actions_keep(act->is.actions, act->subject_id, text, &err),
		    &err, now);
		break;
	case ASK_CLOSE:
		ask_done(act,
		    actions_close(act->is.actions, act->job, text, &err), &err,
		    now);
		break;
	}
}

static void
ask_event(struct act *act, const struct input_event *event, int64_t now)
{
	switch (prompt_event(&act->prompt, event)) {
	case PROMPT_CHANGED:
		act->words[0] = '\0';
		break;
	case PROMPT_ACCEPTED:
		ask_accept(act, now);
		break;
	case PROMPT_CANCELLED:
		ask_back(act, now);
		break;
	default:
		break;
	}
}

/* Title, what is asked, and a label for the line. */
static const char *
ask_title(const struct act *act, struct text_buf *question)
{
	switch (act->ask) {
	case ASK_ARM:
		tb_fmt(question,
		    "arms %s for %d minutes; then it is read-only again by "
		    "itself. Why?",
		    act->arm != NULL ? act->arm : "all platforms",
		    GATE_ARM_MS / 60000);
		return "arm";
	case ASK_KEEP:
		tb_lit(question, "takes it off the list of what is in force. "
				 "Why does it stay?");
		return "keep it";
	case ASK_CLOSE:
		tb_lit(question, "what did you find? It goes on record as the "
				 "outcome");
		return "close what is in doubt";
	}
	return "";
}

/* The line that is typed, below what was said about it. */
static void
line_draw(const struct prompt *prompt, const struct page *page)
{
	struct rect row = { page->area.y + page->y, page->area.x, 1,
		page->area.w };

	if (row.y > page->area.y + page->area.h - 2)
		row.y = page->area.y + page->area.h - 2;
	prompt_draw(prompt, page->canvas, row, TEXT("> "), TEXT_EMPTY);
}

static void
ask_draw(struct act *act, struct canvas *canvas, struct rect area)
{
	static const struct act_key keys[] = {
		{ "Enter", "do it", false },
		{ "Esc", "back", false },
		{ NULL, NULL, false },
	};
	struct text_buf question;
	struct act_frame frame;
	struct page page = { .canvas = canvas };

	tb_init(&question);
	act_frame_open(&frame, canvas, area,
	    &(struct act_title) {
		.title = ask_title(act, &question),
		.platform = act_job_platform(act),
		.keys = keys,
	    },
	    ASK_ROWS);
	page.area = frame.body;
	page_words(&page, 0, tb_end(&question), ROLE_TEXT);
	line_draw(&act->prompt, &page);
	act_frame_words(&frame, act->words, ROLE_WARN);
}

/* What is about to be done stays in sight while it is given. */
static void
confirm_page(const struct act *act, struct page *page)
{
	const struct plan *plan = act->view.plan;
	struct text_buf tb;

	tb_init(&tb);
	tb_text(&tb, plan->title);
	tb_fmt(&tb, "  %s", plan->word);
	if (plan->request->is.target_count > 1)
		tb_fmt(
		    &tb, " and %zu more", plan->request->is.target_count - 1);
	page_row(page, 0, tb_end(&tb), ROLE_TEXT);
	if (plan->effect.len > 0)
		page_row(page, 0, plan->effect, ROLE_TEXT);
	tb_init(&tb);
	if (act->confirm.stage == CONFIRM_REASON) {
		tb_fmt(&tb, "it is %s. Why is it done?",
		    action_class_word(plan->class));
		page_words(page, 0, tb_end(&tb), ROLE_TEXT);
		return;
	}
	page_words(page, 0, TEXT("it is destructive. Type the name to do it:"),
	    ROLE_TEXT);
	tb_fmt(&tb, "%s", plan->word);
	page_words(page, 2, tb_end(&tb), ROLE_CRIT);
}

static void
confirm_draw(struct act *act, struct canvas *canvas, struct rect area)
{
	static const struct act_key last[] = {
		{ "Enter", "do it", false },
		{ "Esc", "back", false },
		{ NULL, NULL, false },
	};
	static const struct act_key next[] = {
		{ "Enter", "next: the name", false },
		{ "Esc", "back", false },
		{ NULL, NULL, false },
	};
	const struct confirm *confirm = &act->confirm;
	bool name = confirm->stage == CONFIRM_NAME;
	struct act_frame frame;
	struct page page = { .canvas = canvas };

	act_frame_open(&frame, canvas, area,
	    &(struct act_title) {
		.title = name ? "type the name" : "reason",
		.platform = act_job_platform(act),
		.keys =
		    !name && confirm->class == ACTION_DESTRUCTIVE ? next : last,
	    },
	    CONFIRM_ROWS);
	page.area = frame.body;
	confirm_page(act, &page);
	line_draw(&confirm->prompt, &page);
	act_frame_words(&frame,
	    confirm->note != NULL ? confirm->note : act->words, ROLE_WARN);
}

/* In force or on its way: a line each, and the question. */
static void
leave_draw(struct act *act, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	static const struct act_key keys[] = {
		{ "q", "leave", false },
		{ "Esc", "stay", false },
		{ "U", "undo", false },
		{ NULL, NULL, false },
	};
	const struct table *table = act_force_table(act);
	size_t running = actions_running_count(act->is.actions);
	struct act_frame frame;
	struct page page = { .canvas = canvas };
	struct text_buf tb;

	act_frame_open(&frame, canvas, area,
	    &(struct act_title) { .title = "leave?", .keys = keys },
	    (table != NULL ? (int)table->row_count : 0) + LEAVE_ROWS);
	page.area = frame.body;
	tb_init(&tb);
	if (running > 0) {
		tb_fmt(&tb,
		    "%zu action%s still on the way: leaving does not take it "
		    "back; the next start reads back what came of it",
		    running, running == 1 ? " is" : "s are");
		page_words(&page, 0, tb_end(&tb), ROLE_CRIT);
	}
	for (size_t i = 0; table != NULL && i < table->row_count; i++) {
		if (i == 0)
			page_words(&page, 0,
			    TEXT("stays in force when you leave:"), ROLE_WARN);
		tb_init(&tb);
		when_cell(&tb, ctx, pick_num(table, i, "since"));
		tb_lit(&tb, "  ");
		tb_text(&tb, pick_text(table, i, "action"));
		tb_lit(&tb, "  ");
		tb_text(&tb, pick_text(table, i, "target"));
		page_row(&page, 2, tb_end(&tb), ROLE_TEXT);
	}
	act_frame_words(&frame, act->words, ROLE_WARN);
}

static void
leave_event(struct act *act, const struct input_event *event, int64_t now,
    struct act_out *out)
{
	bool ctrl_c = event->code == 'c' && (event->mods & INPUT_CTRL) != 0;

	if (event->code == 'q' || ctrl_c) {
		out->quit = true;
		act_close(act);
	} else if (event->code == 'U') {
		act_go(act, ACT_FORCE, now);
	}
}

/* Keys of the page on the screen. */
static void
page_event(struct act *act, const struct input_event *event, int64_t now)
{
	switch (act->mode) {
	case ACT_MENU:
		act_menu_event(act, event, now);
		break;
	case ACT_FORM:
		act_form_event(act, event, now);
		break;
	case ACT_ASK:
		ask_event(act, event, now);
		break;
	case ACT_FORCE:
		act_force_event(act, event, now);
		break;
	default:
		break;
	}
}

/* Whether letters are text here, and Enter alone decides. */
static bool
is_typing(const struct act *act)
{
	return act->mode == ACT_ASK || act->mode == ACT_FORM;
}

/* Esc and ^C lead back from anywhere; nothing is done by them. */
static bool
back_event(struct act *act, const struct input_event *event)
{
	bool ctrl_c = event->code == 'c' && (event->mods & INPUT_CTRL) != 0;

	if (is_typing(act) || event->kind != INPUT_KEY ||
	    (event->code != INPUT_ESC && !ctrl_c))
		return false;
	if (ctrl_c && act->mode == ACT_LEAVE)
		return false; /* means it */
	if (act->mode == ACT_JOB && act->shown &&
	    act->confirm.stage != CONFIRM_PLAN)
		return false; /* back to the plan */
	act_close(act);
	return true;
}

bool
act_key_counts(struct act *act, const struct input_event *event, int64_t now)
{
	int64_t until = now + CONFIRM_QUIET_MS * NS_PER_MS;

	if (event->burst || event->crowded) {
		act_say(act, "that came faster than anybody types: ignored");
	} else if (now < act->quiet_until) {
		if (act->quiet_until < until)
			act->quiet_until = until;
		act_say(act, "too soon: read it first");
	} else {
		return true;
	}
	return false;
}

void
act_event(struct act *act, const struct input_event *event, int64_t now,
    struct act_out *out)
{
	bool enter = event->kind == INPUT_KEY && event->code == INPUT_ENTER;

	if (event->kind != INPUT_KEY && event->kind != INPUT_PASTE)
		return;
	if (act->hold != HOLD_NONE) {
		/* What came before a held key has decided takes it back. */
		if (event->kind != INPUT_KEY || event->code != INPUT_ESC)
			act_crowded(act);
		else
			act_close(act);
		return;
	}
	if (back_event(act, event))
		return;
	if (act->mode == ACT_JOB) { /* has rules of its own */
		act_job_event(act, event, now, out);
	} else if (is_typing(act)) {
		if (!enter || act_key_counts(act, event, now))
			page_event(act, event, now);
	} else if (event->kind == INPUT_PASTE) {
		act_say(act, "a paste was ignored: there is no text field");
	} else if (act_key_counts(act, event, now)) {
		if (act->mode == ACT_LEAVE)
			leave_event(act, event, now, out);
		else
			page_event(act, event, now);
	}
}

void
act_draw(struct act *act, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area, bool tiny)
{
	act->tiny = tiny;
	if (tiny || act->hold == HOLD_PLAN)
		return;
	frame_acquire(&act->frame, act->is.store);
	switch (act->mode) {
	case ACT_CLOSED:
		break;
	case ACT_MENU:
		act_menu_draw(act, canvas, area);
		break;
	case ACT_FORM:
		act_form_draw(act, canvas, area);
		break;
	case ACT_JOB:
		if (act->shown && act->confirm.stage != CONFIRM_PLAN)
			confirm_draw(act, canvas, area);
		else
			act_job_draw(act, ctx, canvas, area);
		break;
	case ACT_ASK:
		ask_draw(act, canvas, area);
		break;
	case ACT_FORCE:
		act_force_draw(act, ctx, canvas, area);
		break;
	case ACT_LEAVE:
		leave_draw(act, ctx, canvas, area);
		break;
	}
}
