#include "tui/palette.h"

#include <string.h>

#include "base/textbuf.h"

enum {
	PALETTE_ROWS = 12,    /* of matches, where there is room */
	PALETTE_MATCHES = 96, /* all commands and panels */
};

struct palette_match {
	const char *name;
	const char *help;
	struct palette_choice choice;
	int rank; /* 0: starts so, 1: holds it, 2: its letters in order */
};

struct palette_list {
	struct palette_match items[PALETTE_MATCHES];
	size_t count;
};

static char
palette_low(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Whether name has text at from, letters compared without case. */
static bool
palette_at(const char *name, size_t from, const char *text)
{
	for (size_t i = 0; text[i] != '\0'; i++) {
		if (palette_low(name[from + i]) != palette_low(text[i]))
			return false;
	}
	return true;
}

/* How well name fits what was typed; -1: not at all. */
static int
palette_rank(const char *name, const char *typed)
{
	size_t at = 0;

	for (size_t from = 0; name[from] != '\0'; from++) {
		if (palette_at(name, from, typed))
			return from == 0 ? 0 : 1;
	}
	for (size_t i = 0; name[i] != '\0' && typed[at] != '\0'; i++)
		at += palette_low(name[i]) == palette_low(typed[at]);
	return typed[at] == '\0' ? 2 : -1;
}

/* Inserts behind all of its rank. */
static void
palette_offer(struct palette_list *list, const char *typed, const char *name,
    const char *help, struct palette_choice choice)
{
	int rank = palette_rank(name, typed);
	size_t at = list->count;

	if (rank < 0 || list->count == PALETTE_MATCHES)
		return;
	while (at > 0 && list->items[at - 1].rank > rank)
		at--;
	memmove(&list->items[at + 1], &list->items[at],
	    (list->count - at) * sizeof(list->items[0]));
	list->items[at] = (struct palette_match) { name, help, choice, rank };
	list->count++;
}

static void
palette_matches(const struct palette *palette,
    const struct panel_ops *const *panels, struct palette_list *ret)
{
	const char *typed = palette->prompt.text;

	ret->count = 0;
	for (size_t i = 0; panels[i] != NULL; i++) {
		struct palette_choice choice = { COMMAND_PANEL, panels[i] };

		palette_offer(
		    ret, typed, panels[i]->name, panels[i]->help, choice);
	}
	for (int c = COMMAND_NONE + 1; c < COMMAND_COUNT; c++) {
		struct palette_choice choice = { (enum command)c, NULL };

		if (c != COMMAND_PANEL && c != COMMAND_PALETTE)
			palette_offer(ret, typed, command_name((enum command)c),
			    command_help((enum command)c), choice);
	}
}

void
palette_start(struct palette *palette, struct prompt_history *history)
{
	prompt_start(&palette->prompt, "", history);
	palette->selected = 0;
}

static enum prompt_result
palette_move(
    struct palette *palette, const struct palette_list *list, bool down)
{
	if (down && palette->selected + 1 < list->count)
		palette->selected++;
	else if (!down && palette->selected > 0)
		palette->selected--;
	return PROMPT_MOVED;
}

enum prompt_result
palette_event(struct palette *palette, const struct input_event *event,
    const struct panel_ops *const *panels, struct palette_choice *ret)
{
	struct palette_list list;
	enum prompt_result result;
	bool key = event->kind == INPUT_KEY;

	palette_matches(palette, panels, &list);
	if (key && (event->code == INPUT_DOWN || event->code == INPUT_UP) &&
	    list.count > 0)
		return palette_move(palette, &list, event->code == INPUT_DOWN);
	if (key && event->code == INPUT_TAB) {
		if (palette->selected < list.count)
			prompt_set(&palette->prompt,
			    list.items[palette->selected].name);
		palette->selected = 0;
		return PROMPT_CHANGED;
	}
	result = prompt_event(&palette->prompt, event);
	if (result == PROMPT_CHANGED)
		palette->selected = 0;
	if (result == PROMPT_ACCEPTED) {
		*ret = (struct palette_choice) { COMMAND_NONE, NULL };
		if (palette->selected < list.count)
			*ret = list.items[palette->selected].choice;
	}
	return result;
}

static void
palette_row(const struct palette_match *match, const struct keys *keys,
    bool selected, struct canvas *canvas, struct rect row)
{
	enum role role = selected ? ROLE_SELECTED : ROLE_TEXT;
	const char *key = keys->names[match->choice.command];
	char digit[2] = "";
	struct text_buf tb;

	canvas_fill(canvas, row, TEXT(" "), role, 0);
	tb_init(&tb);
	if (match->choice.panel != NULL) {
		digit[0] = match->choice.panel->key;
		key = digit;
	}
	tb_fmt(&tb, "  %-18s %-6s %s", match->name, key != NULL ? key : "",
	    match->help);
	canvas_text_cut(canvas, row, row.y, row.x, row.w, tb_end(&tb), role, 0);
}

void
palette_draw(const struct palette *palette, const struct keys *keys,
    const struct panel_ops *const *panels, struct canvas *canvas,
    struct rect area)
{
	struct palette_list list;
	struct rect line = { area.y + area.h - 1, area.x, 1, area.w };
	size_t rows = area.h > 1 ? (size_t)area.h - 1 : 0;
	size_t first = 0;

	palette_matches(palette, panels, &list);
	if (rows > PALETTE_ROWS)
		rows = PALETTE_ROWS;
	if (rows > list.count)
		rows = list.count;
	if (rows > 0 && palette->selected >= rows)
		first = palette->selected - rows + 1;
	for (size_t i = 0; i < rows; i++) {
		struct rect row = { line.y - (int)(rows - i), area.x, 1,
			area.w };

		palette_row(&list.items[first + i], keys,
		    first + i == palette->selected, canvas, row);
	}
	prompt_draw(&palette->prompt, canvas, line, TEXT(":"),
	    list.count == 0 ? TEXT("no such command") : TEXT_EMPTY);
}
