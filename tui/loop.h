/*
 * The one loop of the UI thread: waits for keys, signals, new data and the
 * next moment at which something visible changes, and draws.
 *
 * Drawing happens only when something asked for it, at most every
 * LOOP_FRAME_MS (LOOP_KEY_FRAME_MS behind a key), and not while the terminal
 * still swallows the last frame. A resize is part of the next frame, so that
 * a storm of them costs no more. New data is not even looked at while a
 * frame is due: many publishes cost one wake-up.
 *
 * select(), not poll(): poll() does not work on /dev/tty everywhere.
 * thread: UI.
 */
#ifndef SEV_TUI_LOOP_H
#define SEV_TUI_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "panels/canvas.h"
#include "tui/input.h"

struct term;
struct tty;
struct wake;

struct loop_ops {
	/* A key, paste, ...; its text is borrowed for the call. */
	void (*event)(void *ctx, const struct input_event *event);

	/* Somebody signalled the wake pipe. */
	void (*wake)(void *ctx);

	/*
	 * Does what is due at now; returns when something changes next, or
	 * DEADLINE_NONE. Called once per turn.
	 */
	int64_t (*tick)(void *ctx, int64_t now);

	/* The size, and everything on the screen with it, is new. */
	void (*resize)(void *ctx, int h, int w);

	/* Draws and returns the canvas to show (borrowed); NULL: nothing. */
	const struct canvas *(*draw)(void *ctx, int64_t now);
};

struct loop_setup {
	struct tty *tty;   /* NULL: no terminal at all (scripts) */
	struct term *term; /* NULL with tty */
	struct wake *wake; /* borrowed, as the others */
	int esc_ms;	   /* 0: default */
	const struct loop_ops *ops;
	void *ctx;
};

enum loop_end {
	LOOP_QUIT,   /* loop_quit() */
	LOOP_SIGNAL, /* INT, TERM, HUP, QUIT: loop_signal() says which */
	LOOP_LOST    /* the terminal is gone */
};

struct loop;

enum err_code loop_new(const struct loop_setup *setup, struct loop **ret,
    struct err *err) ATTR_MUST_USE;
struct loop *loop_free(struct loop *loop); /* NULL is allowed */

enum loop_end loop_run(struct loop *loop);
int loop_signal(const struct loop *loop);

/*
 * Reads on after the end, for answers that are still on their way and would
 * else reach the shell: only replies are handed on, until *waiting is false
 * or the deadline.
 */
void loop_settle(struct loop *loop, const bool *waiting, int64_t deadline);

/* As input_fed_at(): has anything come since a key? 0 in a script. */
int64_t loop_fed_at(const struct loop *loop);

/* To be called from the callbacks. */
void loop_dirty(struct loop *loop);   /* draw soon: data is new */
void loop_urgent(struct loop *loop);  /* draw now: somebody pressed a key */
void loop_repaint(struct loop *loop); /* draw every cell afresh */
void loop_quit(struct loop *loop);
void loop_suspend(struct loop *loop); /* ^Z: to the shell and back */

#endif
