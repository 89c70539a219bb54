#include "tui/layout.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/textbuf.h"
#include "model/board.h"
#include "model/platform.h"
#include "model/section.h"

struct layout
layout_of(const struct canvas *canvas)
{
	int h = canvas->h, w = canvas->w;
	struct layout l = { .tiny = h < LAYOUT_MIN_H || w < LAYOUT_MIN_W };

	l.header = (struct rect) { 0, 0, 1, w };
	l.body = (struct rect) { 1, 0, h - 3, w };
	l.bar = (struct rect) { h - 2, 0, 1, w };
	l.footer = (struct rect) { h - 1, 0, 1, w };
	return l;
}

static enum role
layout_state_role(enum state state)
{
	switch (state) {
	case STATE_OK:
		return ROLE_OK;
	case STATE_WARN:
		return ROLE_WARN;
	case STATE_CRIT:
		return ROLE_CRIT;
	default:
		return ROLE_UNKNOWN;
	}
}

static const char *
layout_state_word(enum state state)
{
	switch (state) {
	case STATE_OK:
		return "ok";
	case STATE_WARN:
		return "WARN";
	case STATE_CRIT:
		return "CRIT";
	default:
		return "UNKNOWN";
	}
}

/* Narrower than that the header leaves out what is known anyway. */
enum {
	LAYOUT_BRIEF_W = 60,
	LAYOUT_FOUND_MIN = 16, /* "found API_URL in" */
};

/* The board, with the sources that were not even asked yet. */
static struct board
layout_board(const struct layout_view *view)
{
	const struct frame *frame = view->frame;
	struct board board;

	board_read(frame, NULL, view->now, &board);
	for (size_t i = 0; i + 1 < frame->slot_count; i++) {
		if (frame->sections[i] != NULL)
			continue;
		board.sources++;
		board.pending++;
	}
	return board;
}

/*
 * The state of everything in a few words; returns the role they deserve. Not
 * an alert, but not green either, is what the board says beyond the alerts.
 */
static enum role
layout_state(const struct board *board, bool brief, struct text_buf *tb)
{
	size_t silent = board->sources - board->answering - board->pending;

	tb_init(tb);
	if (board->alerts > 0) {
		tb_fmt(tb, " %zu alert%s%s %s ", board->alerts,
		    board->alerts == 1 ? "" : "s", brief ? "" : ", worst",
		    layout_state_word(board->worst_alert));
		return layout_state_role(board->worst_alert);
	}
	if (silent > 0) {
		tb_fmt(tb, " %zu source%s silent ", silent,
		    silent == 1 ? "" : "s");
		return ROLE_UNKNOWN;
	}
	if (board->pending > 0) {
		tb_lit(tb, " first answers\xe2\x80\xa6 ");
		return ROLE_HEADER;
	}
	if (board->state != STATE_OK) {
		tb_fmt(tb, " no alerts, state %s ",
		    layout_state_word(board->state));
		return layout_state_role(board->state);
	}
	tb_text(
	    tb, board->sources > 0 ? TEXT(" all ok ") : TEXT(" no sources "));
	return ROLE_HEADER;
}

static void
layout_clock(const struct layout_view *view, struct text_buf *tb)
{
	time_t at = (time_t)(view->wall_ms / 1000);
	struct tm tm;
	char text[32] = "";

	if (view->zone == ZONE_LOCAL) {
		localtime_r(&at, &tm);
		strftime(text, sizeof(text), "%H:%M:%S %Z", &tm);
	} else {
		gmtime_r(&at, &tm);
		strftime(text, sizeof(text), "%H:%M:%SZ", &tm);
	}
	tb_fmt(tb, "%s", text);
}

/* Environment in capitals, loud unless it is known to be harmless. */
static enum role
layout_env(const struct layout_view *view, struct text_buf *tb)
{
	const char *env = view->platforms[0]->env;
	bool prod = false, same = true;
	char upper[PLATFORM_ENV_MAX];
	size_t n = 0;

	for (size_t i = 0; i < view->platform_count; i++) {
		prod = prod || view->platforms[i]->prod;
		same = same && strcmp(view->platforms[i]->env, env) == 0;
	}
	if (!same)
		env = prod ? "prod and others" : "several";
	for (; env[n] != '\0' && n + 1 < sizeof(upper); n++)
		upper[n] = env[n] >= 'a' && env[n] <= 'z'
			       ? (char)(env[n] - 'a' + 'A')
			       : env[n];
	upper[n] = '\0';
	tb_init(tb);
	tb_fmt(tb, " %s ", upper);
	return prod ? ROLE_PROD : ROLE_ENV;
}

static void
layout_platform(const struct layout_view *view, struct text_buf *tb)
{
	tb_init(tb);
	if (view->platform_count == 1)
		tb_fmt(tb, "%s", view->platforms[0]->name);
	else
		tb_fmt(tb, "%zu platforms", view->platform_count);
}

/* What a platform without a file is made of, as far as there is room. */
static void
layout_found(const struct layout_view *view, struct canvas *canvas,
    struct rect area, int x)
{
	const char *found =
	    view->platform_count == 1 ? view->platforms[0]->found : NULL;
	struct text_buf tb;
	int width = area.x + area.w - x;

	if (found == NULL || width < LAYOUT_FOUND_MIN)
		return;
	tb_init(&tb);
	tb_fmt(&tb, "found %s", found);
	canvas_text_cut(
	    canvas, area, area.y, x, width, tb_end(&tb), ROLE_HEADER, 0);
}

/* "ARMED 14:32": how long it may still act, down to the second. */
static enum role
layout_gate(const struct layout_view *view, struct text_buf *tb)
{
	/* Rounded up; a gate that never closes has INT64_MAX left. */
	int64_t left = view->gate_left_ns / NS_PER_SEC +
		       (view->gate_left_ns % NS_PER_SEC > 0);

	tb_init(tb);
	switch (view->gate) {
	case LAYOUT_GATE_NONE:
		break;
	case LAYOUT_GATE_READONLY:
		tb_lit(tb, "read-only");
		break;
	case LAYOUT_GATE_ARMED:
		tb_fmt(tb, " ARMED %lld:%02lld ", (long long)(left / 60),
		    (long long)(left % 60));
		return ROLE_PROD;
	case LAYOUT_GATE_WRITE:
		tb_lit(tb, "write");
		break;
	case LAYOUT_GATE_NO_RECORD:
		tb_lit(tb, " NO RECORD ");
		return ROLE_CRIT;
	}
	return ROLE_HEADER;
}

/* Who it is, at the left; returns the column behind. */
static int
layout_draw_who(const struct layout_view *view, struct canvas *canvas,
    struct rect area, bool brief)
{
	struct text_buf tb;
	enum role role;
	int x = area.x;

	if (!brief)
		x = canvas_text(canvas, area, area.y, x, TEXT("sevtop  "),
		    ROLE_HEADER, CELL_BOLD);
	if (view->platform_count == 0)
		return x;
	layout_platform(view, &tb);
	if (!brief)
		x = canvas_text(
			canvas, area, area.y, x, tb_end(&tb), ROLE_HEADER, 0) +
		    2;
	role = layout_env(view, &tb);
	return canvas_text(canvas, area, area.y, x, tb_end(&tb), role, 0);
}

/*
 * The state, and what may be done, which is never cut: the words of the
 * state get fewer first.
 */
static int
layout_draw_state(const struct layout_view *view, const struct board *board,
    struct canvas *canvas, struct rect area, int x, bool brief)
{
	struct text_buf state, gate, frozen;
	enum role role, gate_role = layout_gate(view, &gate);
	int wanted = (int)tb_end(&gate).width + 2;

	tb_init(&frozen);
	if (view->frozen_at > 0) {
		tb_lit(&frozen, " FROZEN ");
		tb_duration(&frozen, view->now - view->frozen_at);
		tb_lit(&frozen, " ");
		wanted += (int)tb_end(&frozen).width + 2;
	}
	role = layout_state(board, brief, &state);
	if (x + (int)tb_end(&state).width + wanted > area.x + area.w)
		role = layout_state(board, true, &state);
	x = canvas_text(canvas, area, area.y, x, tb_end(&state), role,
	    board->alerts > 0 ? CELL_REVERSE : 0);
	if (frozen.width > 0)
		x = canvas_text(canvas, area, area.y, x + 2, tb_end(&frozen),
		    ROLE_NOTICE, 0);
	if (gate.width > 0 && x + 2 + (int)gate.width <= area.x + area.w)
		x = canvas_text(canvas, area, area.y, x + 2, tb_end(&gate),
		    gate_role, gate_role == ROLE_HEADER ? 0 : CELL_BOLD);
	return x;
}

void
layout_draw_header(
    const struct layout_view *view, struct canvas *canvas, struct rect area)
{
	struct board board = layout_board(view);
	struct text_buf tb;
	bool brief = area.w < LAYOUT_BRIEF_W;
	int x, right;

	canvas_fill(canvas, area, TEXT(" "), ROLE_HEADER, 0);
	tb_init(&tb);
	if (!brief)
		tb_fmt(&tb, "%zu/%zu  ", board.answering, board.sources);
	layout_clock(view, &tb);
	right = area.x + area.w - (int)tb_end(&tb).width;
	canvas_text(canvas, area, area.y, right, tb_end(&tb), ROLE_HEADER, 0);
	area.w = right - area.x - 2 > 0 ? right - area.x - 2 : 0;
	x = layout_draw_who(view, canvas, area, brief) + (brief ? 1 : 2);
	x = layout_draw_state(view, &board, canvas, area, x, brief);
	layout_found(view, canvas, area, x + 2);
}

void
layout_draw_tiny(const struct layout_view *view, struct canvas *canvas)
{
	struct rect area = canvas_rect(canvas);
	struct board board = layout_board(view);
	struct text_buf tb;
	enum role role = layout_state(&board, true, &tb);

	canvas_text(canvas, area, 0, 0, tb_end(&tb), role, 0);
	tb_init(&tb);
	layout_clock(view, &tb);
	canvas_text(canvas, area, 1, 0, tb_end(&tb), ROLE_TEXT, 0);
	canvas_text(canvas, area, 2, 0, TEXT("larger: 40x10"), ROLE_DIM, 0);
}

/* The name of a panel in at most width cells, short where it has to be. */
static struct text
layout_panel_name(const struct panel_ops *panel, bool brief, uint32_t width)
{
	return text_cut(text_lit(brief && panel->brief != NULL ? panel->brief
							       : panel->name),
	    width);
}

/*
 * Whether it is in the bar: one without a number only while it is on the
 * screen, where not all of them fit.
 */
static bool
layout_in_bar(const struct layout_view *view, size_t i, bool brief)
{
	const struct panel_ops *panel = view->panels[i];

	return !brief || panel == view->panel ||
	       (panel->key >= '0' && panel->key <= '9');
}

/* Cells of the bar with names of at most width cells. */
static uint32_t
layout_bar_width(const struct layout_view *view, bool brief, uint32_t width)
{
	uint32_t sum = 0;

	for (size_t i = 0; view->panels[i] != NULL; i++) {
		if (layout_in_bar(view, i, brief))
			sum += 2 + (i > 0) +
			       layout_panel_name(view->panels[i], brief, width)
				   .width;
	}
	return sum;
}

void
layout_draw_bar(
    const struct layout_view *view, struct canvas *canvas, struct rect area)
{
	uint32_t room = area.w > 0 ? (uint32_t)area.w : 0;
	uint32_t width = room;
	bool brief = layout_bar_width(view, false, width) > room;
	int x = area.x;

	/* Some letters of each rather than none of the last. */
	while (width > 1 && layout_bar_width(view, brief, width) > room)
		width--;
	canvas_fill(canvas, area, TEXT(" "), ROLE_TEXT, 0);
	for (size_t i = 0; view->panels[i] != NULL; i++) {
		const struct panel_ops *panel = view->panels[i];
		enum role role =
		    panel == view->panel ? ROLE_SELECTED : ROLE_TEXT;
		struct text_buf tb;

		if (!layout_in_bar(view, i, brief))
			continue;
		tb_init(&tb);
		tb_fmt(&tb, "%c ", panel->key != 0 ? panel->key : ' ');
		x = canvas_text(canvas, area, area.y, x, tb_end(&tb),
		    panel == view->panel ? ROLE_SELECTED : ROLE_KEY, 0);
		x = canvas_text(canvas, area, area.y, x,
		    layout_panel_name(panel, brief, width), role, 0);
		x += 1;
	}
}

/* "key word" at x when it ends before the limit; returns the new x. */
static int
layout_hint(const struct layout_view *view, enum command command,
    const char *word, struct canvas *canvas, struct rect area, int x, int limit)
{
	bool readonly =
	    view->gate == LAYOUT_GATE_READONLY && command != COMMAND_ACT_ARM;
	const char *key = view->keys->names[command];
	bool act = command_is_act(command);
	struct text_buf tb;
	int end;

	if (key == NULL)
		return x;
	tb_init(&tb);
	tb_fmt(&tb, "%s %s", key, word);
	end = x + (int)tb_end(&tb).width;
	if (end > limit)
		return x;
	canvas_text(canvas, area, area.y, x, tb_end(&tb), ROLE_DIM, 0);
	tb_init(&tb);
	tb_fmt(&tb, "%s", key);
	canvas_text(canvas, area, area.y, x, tb_end(&tb),
	    act ? ROLE_ACT : ROLE_KEY, act && readonly ? CELL_DIM : 0);
	return end + 2;
}

void
layout_draw_footer(
    const struct layout_view *view, struct canvas *canvas, struct rect area)
{
	static const enum command always[] = { COMMAND_HELP, COMMAND_PALETTE,
		COMMAND_QUIT };
	const enum command *own = view->panel->commands;
	int x = area.x, end = area.x + area.w;
	int limit = end - 30; /* of the panel's: the last three stay */

	canvas_fill(canvas, area, TEXT(" "), ROLE_TEXT, 0);
	if (view->notice != NULL) {
		struct text_buf tb;

		tb_init(&tb);
		tb_fmt(&tb, "%s", view->notice);
		canvas_text_cut(canvas, area, area.y, area.x, area.w,
		    tb_end(&tb), ROLE_NOTICE, 0);
		return;
	}
	for (size_t i = 0; i < view->act_count; i++)
		x = layout_hint(view, view->acts[i].command, view->acts[i].word,
		    canvas, area, x, limit);
	for (size_t i = 0; own != NULL && own[i] != COMMAND_NONE; i++) {
		if (own[i] != COMMAND_HELP && own[i] != COMMAND_QUIT)
			x = layout_hint(view, own[i], command_name(own[i]),
			    canvas, area, x, limit);
	}
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		x = layout_hint(view, always[i], command_name(always[i]),
		    canvas, area, x, end);
}

/* Commands that work everywhere, in the order of the help page. */
static const enum command layout_common[] = { COMMAND_PANEL, COMMAND_NEXT_PANEL,
	COMMAND_PREV_PANEL, COMMAND_ZOOM, COMMAND_DOWN, COMMAND_UP, COMMAND_TOP,
	COMMAND_BOTTOM, COMMAND_HALF_DOWN, COMMAND_HALF_UP, COMMAND_PAGE_DOWN,
	COMMAND_PAGE_UP, COMMAND_LEFT, COMMAND_RIGHT, COMMAND_OPEN,
	COMMAND_BACK, COMMAND_FREEZE, COMMAND_LIVE, COMMAND_REFRESH,
	COMMAND_TIME_ZONE, COMMAND_COPY, COMMAND_THEME, COMMAND_PALETTE,
	COMMAND_HELP, COMMAND_REDRAW, COMMAND_SUSPEND, COMMAND_QUIT,
	COMMAND_QUIT_NOW, COMMAND_NONE };

/* All keys of a command, apart by blanks. */
static void
layout_keys_of(
    const struct keys *keys, enum command command, struct text_buf *tb)
{
	char name[KEYS_NAME_MAX];
	int shown = 0;

	if (command == COMMAND_PANEL) {
		tb_lit(tb, "0-9 a b");
		return;
	}
	for (size_t i = 0; i < keys->count && shown < 2; i++) {
		const struct keys_binding *b = &keys->bindings[i];

		if (b->command == command)
			tb_fmt(tb, "%s%s", shown++ > 0 ? " " : "",
			    keys_format(b->code, b->mods, name));
	}
}

static bool
layout_has(const enum command *list, enum command command)
{
	for (size_t i = 0; list != NULL && list[i] != COMMAND_NONE; i++) {
		if (list[i] == command)
			return true;
	}
	return false;
}

/* "R  roll back": one key of the help page. */
static void
layout_help_key(const struct layout_view *view, enum command command,
    struct canvas *canvas, struct rect area)
{
	bool act = command_is_act(command);
	bool dim = act && view->gate == LAYOUT_GATE_READONLY &&
		   command != COMMAND_ACT_ARM;
	struct text_buf tb;

	tb_init(&tb);
	layout_keys_of(view->keys, command, &tb);
	canvas_text(canvas, area, area.y, area.x, tb_end(&tb),
	    act ? ROLE_ACT : ROLE_KEY, dim ? CELL_DIM : 0);
	canvas_text_cut(canvas, area, area.y, area.x + 9, area.w - 10,
	    text_lit(command_help(command)), ROLE_TEXT, dim ? CELL_DIM : 0);
}

int
layout_draw_help(const struct layout_view *view, struct canvas *canvas,
    struct rect area, int first)
{
	enum command acts[LAYOUT_ACTS_MAX + 1];
	/* What stops it comes first, as in the footer. */
	const enum command *lists[] = { acts, view->panel->commands,
		layout_common };
	int columns = area.w >= 120 ? 3 : area.w >= 80 ? 2 : 1;
	int width = area.w / columns, n = 0, rows;
	struct text_buf tb;

	for (size_t i = 0; i < view->act_count; i++)
		acts[i] = view->acts[i].command;
	acts[view->act_count] = COMMAND_NONE;
	canvas_fill(canvas, area, TEXT(" "), ROLE_TEXT, 0);
	tb_init(&tb);
	tb_fmt(&tb, "keys that work here: %s, %s", view->panel->name,
	    view->panel->help);
	canvas_text_cut(
	    canvas, area, area.y, area.x, area.w, tb_end(&tb), ROLE_TITLE, 0);
	for (size_t l = 0; l < 3; l++) {
		for (size_t i = 0;
		     lists[l] != NULL && lists[l][i] != COMMAND_NONE; i++) {
			enum command c = lists[l][i];
			int y = area.y + 2 + n / columns - first;
			int x = area.x + n % columns * width;

			if ((l > 0 && layout_has(acts, c)) ||
			    (l > 1 && layout_has(view->panel->commands, c)))
				continue;
			n++;
			if (y >= area.y + 2)
				layout_help_key(view, c, canvas,
				    rect_clip((struct rect) { y, x, 1, width },
					area));
		}
	}
	rows = (n + columns - 1) / columns + 2;
	return rows;
}
