/*
 * A line of text being typed, in the footer: search, filter, palette.
 * Only characters that can be drawn get in; line breaks and tabs of a paste
 * become spaces. Keys: arrows, Home End ^E, Backspace Del, ^W word, ^U all
 * before, ^K all behind, Up Down older lines, Enter, Esc or ^C.
 * thread: UI.
 */
#ifndef SEV_TUI_PROMPT_H
#define SEV_TUI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "panels/canvas.h"
#include "tui/input.h"
#include "tui/limits.h"

/* Lines that were accepted, newest last; zeroed is empty. */
struct prompt_history {
	char *lines[PROMPT_HISTORY_MAX]; /* owned */
	size_t count;
};

void prompt_history_release(struct prompt_history *history);

/* Adds a copy; an older equal line goes. Without memory nothing happens. */
void prompt_history_add(struct prompt_history *history, const char *line);

struct prompt {
	char text[PROMPT_BYTES_MAX + 1]; /* valid UTF-8, always terminated */
	size_t len;
	size_t cursor;			/* byte offset, at a character */
	struct prompt_history *history; /* borrowed; NULL: none */
	size_t recall; /* how many lines back; 0: what was typed */
	char typed[PROMPT_BYTES_MAX + 1]; /* kept while older are shown */
};

enum prompt_result {
	PROMPT_IGNORED, /* not a key of the line */
	PROMPT_MOVED,	/* the cursor */
	PROMPT_CHANGED, /* the text */
	PROMPT_ACCEPTED,
	PROMPT_CANCELLED,
};

/* Starts with text (borrowed; cleaned, cut) and the cursor behind it. */
void prompt_start(
    struct prompt *prompt, const char *text, struct prompt_history *history);

/* A key or a paste. Accepting adds to the history. */
enum prompt_result prompt_event(
    struct prompt *prompt, const struct input_event *event);

/* Replaces the text, cursor behind it. */
void prompt_set(struct prompt *prompt, const char *text);

/*
 * Draws label, text and behind it note (an error, a count; may be empty),
 * and places the cursor. Long texts scroll so that the cursor is seen.
 */
void prompt_draw(const struct prompt *prompt, struct canvas *canvas,
    struct rect area, struct text label, struct text note);

#endif
