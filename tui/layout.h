/*
 * What surrounds the panel: the header line that never moves, the bar of
 * panels, the footer with the keys that work here, and the help page. Pure
 * functions of what they are given, onto a canvas.
 *
 * Below LAYOUT_MIN_W x LAYOUT_MIN_H there is only the state, the number of
 * alerts and the clock.
 * thread: UI.
 */
#ifndef SEV_TUI_LAYOUT_H
#define SEV_TUI_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "panels/panel.h"
#include "tui/keys.h"

struct platform;

enum {
	LAYOUT_MIN_W = 40,
	LAYOUT_MIN_H = 10,
	LAYOUT_ACTS_MAX = 10, /* the capitals */
};

/* Whether anything may be done. */
enum layout_gate {
	LAYOUT_GATE_NONE, /* nothing can be done here anyway */
	LAYOUT_GATE_READONLY,
	LAYOUT_GATE_ARMED,     /* for a while */
	LAYOUT_GATE_WRITE,     /* as long as it likes */
	LAYOUT_GATE_NO_RECORD, /* nothing can be recorded, so nothing done */
};

/* A mitigation that fits what is selected, and the word behind its key. */
struct layout_act {
	enum command command;
	char word[ACT_HINT_MAX];
};

/* All borrowed. */
struct layout_view {
	const struct frame *frame;
	const struct platform *const *platforms;
	size_t platform_count;
	const struct panel_ops *const *panels;
	const struct panel_ops *panel; /* the one that has the screen */
	const struct keys *keys;
	const char *notice; /* instead of the footer; NULL: none */
	int64_t now;
	int64_t wall_ms;
	int64_t frozen_at; /* clock_now() time; 0: live */
	enum zone zone;
	enum layout_gate gate;
	int64_t gate_left_ns; /* LAYOUT_GATE_ARMED */
	struct layout_act acts[LAYOUT_ACTS_MAX];
	size_t act_count;
};

struct layout {
	bool tiny; /* only layout_draw_tiny() */
	struct rect header;
	struct rect body;
	struct rect bar; /* h 0 when there is no room */
	struct rect footer;
};

struct layout layout_of(const struct canvas *canvas);

void layout_draw_header(
    const struct layout_view *view, struct canvas *canvas, struct rect area);
void layout_draw_bar(
    const struct layout_view *view, struct canvas *canvas, struct rect area);
void layout_draw_footer(
    const struct layout_view *view, struct canvas *canvas, struct rect area);
void layout_draw_tiny(const struct layout_view *view, struct canvas *canvas);

/*
 * The keys that work in view->panel, from row first on. Returns how many
 * rows there are in all, so that the caller can keep first in range.
 */
int layout_draw_help(const struct layout_view *view, struct canvas *canvas,
    struct rect area, int first);

#endif
