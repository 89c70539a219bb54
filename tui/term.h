/*
 * The screen: copies a canvas to the terminal by way of curses, the only
 * place that calls it.
 *
 * curses writes into a file of ours, and whole frames are copied from there
 * to the terminal as it takes them. (refresh() on a terminal that nobody
 * reads never returns, and on a non-blocking one it spins.) While bytes of
 * an earlier frame wait, a new frame is skipped: curses has not seen it, so
 * nothing is out of step, and the caller draws again when they are out. A
 * frame that was begun is always finished.
 *
 * Only cells that changed since the last frame are handed to curses.
 * thread: UI.
 */
#ifndef SEV_TUI_TERM_H
#define SEV_TUI_TERM_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "panels/canvas.h"

struct theme_look;
struct tty;

struct term_options {
	const struct theme_look *looks; /* ROLE_COUNT, borrowed: see below */
	const char *type;		/* NULL: TERM */
	bool no_color;
	bool mouse; /* ask for reports of buttons and the wheel */
};

struct term;

/*
 * Takes the terminal over: raw mode, its other screen. tty is borrowed.
 * ERR_UNSUPPORTED when TERM names nothing that can place its cursor.
 */
enum err_code term_open(struct tty *tty, const struct term_options *options,
    struct term **ret, struct err *err) ATTR_MUST_USE;

/* Gives the terminal back. NULL is allowed. Returns NULL. */
struct term *term_close(struct term *term);

/* Size that term_draw() expects. */
int term_h(const struct term *term);
int term_w(const struct term *term);

/* Colours that can be shown at once: 0, 8, 16, 256 or COLOR_ALL. */
int term_colors(const struct term *term);

/*
 * Other looks from the next frame on, which paints every cell. Borrowed
 * until the next call or for as long as the term lives.
 */
void term_set_looks(struct term *term, const struct theme_look *looks);

/* Whether the terminal can be asked for its background (tui/background.h). */
bool term_may_ask(const struct term *term);

/* Queues bytes that are no part of a picture. False: no memory, or lost. */
bool term_send(struct term *term, const char *bytes) ATTR_MUST_USE;

/* False: no locale or no font for UTF-8; the caller draws in ASCII. */
bool term_is_utf8(const struct term *term);

/* Asks for the size again. True when it changed; draw everything then. */
bool term_resize(struct term *term);

enum term_drawn {
	TERM_DRAWN,   /* queued whole, and written as far as possible */
	TERM_SKIPPED, /* an earlier frame is still on its way */
	TERM_LOST     /* the terminal is gone */
};

/* A canvas of another size than the term's is skipped. */
enum term_drawn term_draw(struct term *term, const struct canvas *canvas);

/* The next frame paints every cell, after clearing (^L, after a resume). */
void term_repaint(struct term *term);

/* Gives the terminal back for a while and takes it again. */
void term_suspend(struct term *term);
enum err_code term_resume(struct term *term, struct err *err) ATTR_MUST_USE;

/* Bytes and frames since the start, for tests and the sources panel. */
struct term_stats {
	unsigned long frames;
	unsigned long skipped;
	unsigned long bytes;
};
struct term_stats term_stats(const struct term *term);

/*
 * Makes OSC 52 from plain UTF-8 and queues it behind the frame: the
 * terminal's clipboard. False: too long for TERM_COPY_MAX, or no memory.
 */
bool term_copy(struct term *term, const char *text);

#endif
