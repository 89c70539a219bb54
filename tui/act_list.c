/* Lists in the dialog: which action, and what is in force. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/platform.h"
#include "panels/pick.h"
#include "tui/act_frame.h"
#include "tui/act_impl.h"
#include "tui/keys.h"

/* A row of the menu: number, key, title, class. */
enum {
	MENU_TITLE_X = 4,
	MENU_TITLE_W_MAX = 30,
	MENU_CLASS_W = 11, /* "destructive" */
	MENU_ROOM_MIN = 30,
};

/* Moves the selection; false: not a key for that. */
static bool
list_move(struct act *act, size_t count, uint32_t code)
{
	switch (code) {
	case 'j':
	case INPUT_DOWN:
		if (act->at + 1 < count)
			act->at++;
		return true;
	case 'k':
	case INPUT_UP:
		if (act->at > 0)
			act->at--;
		return true;
	case 'g':
	case INPUT_HOME:
		act->at = 0;
		return true;
	case 'G':
	case INPUT_END:
		act->at = count > 0 ? count - 1 : 0;
		return true;
	default:
		return false;
	}
}

/* The first row to draw, so that the selected one is seen. */
static size_t
list_top(struct act *act, size_t count, int h)
{
	size_t page = h > 0 ? (size_t)h : 1;

	if (act->at >= count)
		act->at = count > 0 ? count - 1 : 0;
	if (act->at < act->top)
		act->top = act->at;
	if (act->at >= act->top + page)
		act->top = act->at - page + 1;
	return act->top;
}

static void
list_row(
    struct canvas *canvas, struct rect row, struct text text, bool selected)
{
	enum role role = selected ? ROLE_SELECTED : ROLE_TEXT;

	canvas_fill(canvas, row, TEXT(" "), role, 0);
	canvas_text_cut(canvas, row, row.y, row.x, row.w, text, role, 0);
}

/* The only choice with the command's capital; SIZE_MAX: none, or several. */
static size_t
menu_by_key(const struct act *act, const struct input_event *event)
{
	enum command command = keys_find(act->is.keys, event);
	size_t found = SIZE_MAX;

	if (!command_is_act(command))
		return SIZE_MAX;
	for (size_t i = 0; i < act->choice_count; i++) {
		const char *key = act_choice_key(&act->choices[i]);

		if (key == NULL || strcmp(key, command_name(command)) != 0)
			continue;
		if (found != SIZE_MAX)
			return SIZE_MAX;
		found = i;
	}
	return found;
}

void
act_menu_event(struct act *act, const struct input_event *event, int64_t now)
{
	size_t choice = SIZE_MAX;

	if (event->kind != INPUT_KEY || (event->mods & INPUT_ALT) != 0)
		return;
	act->words[0] = '\0';
	if (list_move(act, act->choice_count, event->code))
		return;
	if (event->code == INPUT_ENTER)
		choice = act->at;
	else if (event->code >= '1' && event->code <= '9')
		choice = event->code - '1';
	else if (event->code == 'q')
		act_close(act);
	else
		choice = menu_by_key(act, event);
	if (choice < act->choice_count)
		act_choose(act, choice, now);
}

/* What it does; and to which row, if that is not the selected one. */
static void
menu_title(
    const struct act *act, const struct act_choice *choice, struct text_buf *tb)
{
	const char *key = act->subject.key;

	tb_fmt(tb, "%s", act_choice_title(choice));
	if (choice->target_count == 1 &&
	    (key == NULL || strcmp(choice->targets[0].key, key) != 0))
		tb_fmt(tb, " %s", choice->targets[0].name);
}

/*
 * What it does; of one of several flags, which one: that setting it sets it
 * is no news.
 */
static void
menu_help(
    const struct act *act, const struct act_choice *choice, struct text_buf *tb)
{
	const char *name =
	    choice->target_count == 1 ? choice->targets[0].name : "";
	const struct platform_flag *flag = NULL;
	const struct platform_kill *kill = NULL;

	if (strcmp(choice->name, "flag.set") == 0 &&
	    strncmp(name, "kill/", 5) == 0)
		kill = platform_kill_find(act->subject.platform, name + 5);
	else if (strcmp(choice->name, "flag.set") == 0)
		flag = platform_flag_find(act->subject.platform, name);
	for (size_t i = 0; kill != NULL && i < kill->flags.count; i++)
		tb_fmt(tb, "%s%s", i > 0 ? ", " : "", kill->flags.items[i]);
	if (flag != NULL)
		tb_fmt(tb, "%s%s%s", flag->title,
		    flag->help != NULL ? ": " : "",
		    flag->help != NULL ? flag->help : "");
	if (flag == NULL && kill == NULL)
		tb_fmt(tb, "%s", act_choice_help(choice));
}

/* "1  Pause queue   reversible  P  workers take no more jobs" */
static void
menu_row(const struct act *act, size_t i, uint32_t title_w, bool narrow,
    struct text_buf *tb)
{
	const struct act_choice *choice = &act->choices[i];
	const char *key = act_choice_key(choice);
	enum command command = key != NULL ? command_find(key) : COMMAND_NONE;
	const char *name =
	    command != COMMAND_NONE ? act->is.keys->names[command] : NULL;
	struct text_buf title;

	tb_init(tb);
	if (i < 9)
		tb_fmt(tb, "%zu ", i + 1);
	tb_pad(tb, 2);
	tb_fmt(tb, "%s", name != NULL ? name : " ");
	tb_pad(tb, MENU_TITLE_X);
	tb_init(&title);
	menu_title(act, choice, &title);
	tb_text(tb, text_cut(tb_end(&title), title_w));
	tb_pad(tb, MENU_TITLE_X + title_w + 2);
	tb_fmt(tb, "%s", action_class_word(act_choice_class(choice)));
	if (narrow)
		return;
	tb_pad(tb, MENU_TITLE_X + title_w + 2 + MENU_CLASS_W + 2);
	menu_help(act, choice, tb);
}

void
act_menu_draw(struct act *act, struct canvas *canvas, struct rect area)
{
	static const struct act_key keys[] = {
		{ "Enter", "plan", false },
		{ "Esc", "cancel", false },
		{ "j k", "move", false },
		{ NULL, NULL, false },
	};
	struct act_frame frame;
	char name[ERR_MSG_MAX];
	uint32_t title_w = 12, room;
	size_t top;

	act_subject_name(act, name);
	for (size_t i = 0; i < act->choice_count; i++) {
		struct text_buf title;

		tb_init(&title);
		menu_title(act, &act->choices[i], &title);
		if (title.width > title_w)
			title_w = title.width < MENU_TITLE_W_MAX
				      ? title.width
				      : MENU_TITLE_W_MAX;
	}
	act_frame_open(&frame, canvas, area,
	    &(struct act_title) {
		.title = "actions",
		.subject = name,
		.platform = act->subject.platform,
		.source = act->subject.source,
		.keys = keys,
	    },
	    (int)act->choice_count + 1);
	/* What it takes to do it is worth more than the end of a title. */
	room = frame.body.w > MENU_ROOM_MIN
		   ? (uint32_t)frame.body.w - MENU_TITLE_X - 2 - MENU_CLASS_W
		   : title_w;
	if (title_w > room)
		title_w = room;
	top = list_top(act, act->choice_count, frame.body.h);
	for (int y = 0; y < frame.body.h; y++) {
		size_t i = top + (size_t)y;
		struct text_buf tb;

		if (i >= act->choice_count)
			break;
		menu_row(act, i, title_w, frame.body.w < 70, &tb);
		list_row(canvas,
		    (struct rect) {
			frame.body.y + y, frame.body.x, 1, frame.body.w },
		    tb_end(&tb), i == act->at);
	}
	act_frame_words(&frame, act->words, ROLE_WARN);
}

const struct table *
act_force_table(const struct act *act)
{
	return act->frame.actions != NULL
		   ? payload_table(act->frame.actions->payload, "in_force")
		   : NULL;
}

/* Plans the undo of the selected one. */
static void
force_undo(struct act *act, int64_t now)
{
	struct err err = ERR_INIT;
	uint64_t job = 0;

	if (actions_undo(act->is.actions, act->subject_id, &job, &err) !=
	    ERR_OK) {
		act_say(act, "%s", err.msg);
		return;
	}
	act->job = job;
	act->gone = false;
	act_go(act, ACT_JOB, now);
	act_job_look(act);
}

void
act_force_event(struct act *act, const struct input_event *event, int64_t now)
{
	const struct table *table = act_force_table(act);
	size_t count = table != NULL ? table->row_count : 0;

	if (event->kind != INPUT_KEY || (event->mods & INPUT_ALT) != 0)
		return;
	act->words[0] = '\0';
	if (list_move(act, count, event->code))
		return;
	if (event->code == 'q') {
		act_close(act);
		return;
	}
	/* By id: rows may have come and gone since it was drawn. */
	if (act->subject_id[0] == '\0')
		return;
	if (event->code == INPUT_ENTER || event->code == 'u')
		force_undo(act, now);
	else if (event->code == 'p')
		act_ask(act, ASK_KEEP, now);
}

/* "14:01:01  queue.pause  runPrompt@shop  by ana": the end may be cut. */
static void
force_row(const struct act *act, size_t i, const struct panel_ctx *ctx,
    bool wide, struct text_buf *tb)
{
	const struct table *table = act_force_table(act);

	tb_init(tb);
	when_cell(tb, ctx, pick_num(table, i, "since"));
	tb_lit(tb, "  ");
	tb_text(tb, pick_text(table, i, "action"));
	if (wide)
		tb_pad(tb, 26);
	tb_lit(tb, "  ");
	tb_text(tb, pick_text(table, i, "target"));
	if (act->is.platform_count > 1) {
		tb_lit(tb, "@");
		tb_text(tb, pick_text(table, i, "platform"));
	}
	if (!wide)
		return;
	tb_pad(tb, 54);
	tb_lit(tb, "  by ");
	tb_text(tb, pick_text(table, i, "who"));
}

void
act_force_draw(struct act *act, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	static const struct act_key some[] = {
		{ "Enter", "plan its undo", false },
		{ "p", "keep", false },
		{ "Esc", "back", false },
		{ NULL, NULL, false },
	};
	const struct table *table = act_force_table(act);
	size_t count = table != NULL ? table->row_count : 0, top;
	struct act_frame frame;

	act->subject_id[0] = '\0';
	act_frame_open(&frame, canvas, area,
	    &(struct act_title) {
		.title = count > 0 ? "in force since" : "in force",
		.keys = count > 0 ? some : &some[2],
	    },
	    count > 0 ? (int)count + 1 : 1);
	if (count == 0) {
		canvas_text_cut(canvas, frame.body, frame.body.y, frame.body.x,
		    frame.body.w,
		    TEXT("nothing that was done is waiting to be undone"),
		    ROLE_TEXT, 0);
		return;
	}
	top = list_top(act, count, frame.body.h);
	for (int y = 0; y < frame.body.h; y++) {
		size_t i = top + (size_t)y;
		struct text_buf tb;

		if (i >= count)
			break;
		force_row(act, i, ctx, frame.body.w >= 76, &tb);
		list_row(canvas,
		    (struct rect) {
			frame.body.y + y, frame.body.x, 1, frame.body.w },
		    tb_end(&tb), i == act->at);
		if (i == act->at)
			text_keep(act->subject_id, sizeof(act->subject_id),
			    table->rows[i].key);
	}
	act_frame_words(&frame, act->words, ROLE_WARN);
}
