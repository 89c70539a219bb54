/*
 * A grid of cells that panels draw on. It knows neither curses nor a
 * terminal, so every panel can be drawn and compared in a unit test; tui/term
 * copies it to the screen. Cells carry roles ("warn", "stale"), not colours:
 * themes/theme.h gives each role its look.
 * Drawing clips at the given rectangle and at the canvas; coordinates may lie
 * outside. A wide character that would be cut is left out.
 * Only struct text can be drawn: nothing unclean gets here by type.
 * thread: owner.
 */
#ifndef SEV_PANELS_CANVAS_H
#define SEV_PANELS_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"

/* role, name in theme files, what it is for */
#define ROLES(X)                                                               \
	X(TEXT, "text", "ordinary text")                                       \
	X(DIM, "dim", "less important text")                                   \
	X(TITLE, "title", "titles of boxes and columns")                       \
	X(RULE, "rule", "lines between boxes")                                 \
	X(OK, "ok", "all is well")                                             \
	X(WARN, "warn", "warning")                                             \
	X(CRIT, "crit", "critical or down")                                    \
	X(UNKNOWN, "unknown", "no answer that can be trusted")                 \
	X(STALE, "stale", "what was true some time ago")                       \
	X(HEADER, "header", "the first line")                                  \
	X(PROD, "prod", "the word PROD and unknown environments")              \
	X(ENV, "env", "other environments")                                    \
	X(KEY, "key", "a key that works here")                                 \
	X(ACT, "act", "a key of a mitigation")                                 \
	X(SELECTED, "selected", "the selected row")                            \
	X(MATCH, "match", "what a search or filter matched")                   \
	X(CHART, "chart", "the line of a chart")                               \
	X(CHART_ALT, "chart-alt", "a second line of a chart")                  \
	X(AXIS, "axis", "axes, ranges, units")                                 \
	X(MARK, "mark", "a change or an action on a time axis")                \
	X(NOTICE, "notice", "a message from sevtop itself")                    \
	X(PROMPT, "prompt", "what is being typed")                             \
	X(LIMIT, "limit", "the thresholds in a chart")

enum role {
#define X(role, name, help) ROLE_##role,
	ROLES(X)
#undef X
	ROLE_COUNT,
};

/* Flags of a cell; themes may turn roles into these where colours lack. */
enum {
	CELL_BOLD = 1,
	CELL_REVERSE = 2, /* also drawn for escapes of unclean bytes */
	CELL_UNDERLINE = 4,
	CELL_DIM = 8,
};

enum {
	CELL_BYTES = 20
}; /* one base and four marks of up to four bytes */

struct cell {
	char glyph[CELL_BYTES]; /* UTF-8, not NUL-terminated when full */
	uint8_t len;		/* 0: right half of a wide glyph */
	uint8_t width;		/* 1 or 2; 0 for a right half */
	uint8_t role;		/* enum role */
	uint8_t flags;
};

struct rect {
	int y, x, h, w;
};

struct canvas {
	int h, w;		/* at most CANVAS_H_MAX, CANVAS_W_MAX */
	bool ascii;		/* draw our own symbols as their ASCII twins */
	struct cell *cells;	/* h * w, row by row */
	int cursor_y, cursor_x; /* -1: hidden */
};

struct canvas *canvas_new(int h, int w) ATTR_MUST_USE;
struct canvas *canvas_free(struct canvas *canvas); /* NULL is allowed */

/* Clears to blanks of ROLE_TEXT and hides the cursor. */
void canvas_clear(struct canvas *canvas);

/* False, with the canvas as it was, when there is no memory. */
bool canvas_resize(struct canvas *canvas, int h, int w) ATTR_MUST_USE;

/* The whole canvas as a rectangle. */
struct rect canvas_rect(const struct canvas *canvas);

/*
 * Draws text from (y, x) on, clipped to area (absolute coordinates). Returns
 * the column behind the last cell that was or would have been drawn.
 */
int canvas_text(struct canvas *canvas, struct rect area, int y, int x,
    struct text text, enum role role, unsigned flags);

/* As above, in width cells: cut with an ellipsis, or right-aligned. */
int canvas_text_cut(struct canvas *canvas, struct rect area, int y, int x,
    int width, struct text text, enum role role, unsigned flags);
int canvas_text_right(struct canvas *canvas, struct rect area, int y, int x,
    int width, struct text text, enum role role, unsigned flags);

/* Fills with a one-cell glyph, e.g. TEXT(" ") or TEXT("─"). */
void canvas_fill(struct canvas *canvas, struct rect area, struct text glyph,
    enum role role, unsigned flags);

/* Changes role and flags of what is there already (a selected row). */
void canvas_restyle(
    struct canvas *canvas, struct rect area, enum role role, unsigned flags);

/* NULL when outside. */
const struct cell *canvas_cell(const struct canvas *canvas, int y, int x);

/* What they have in common; empty (h or w 0) when nothing. */
struct rect rect_clip(struct rect a, struct rect b);

#endif
