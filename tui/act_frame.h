/*
 * The dialog's own piece of the screen: a frame with title, platform and
 * environment, its keys in the last row. What is behind goes dim: no key
 * gets there. Where there is little room the frame goes and the content
 * stays.
 * thread: UI.
 */
#ifndef SEV_TUI_ACT_FRAME_H
#define SEV_TUI_ACT_FRAME_H

#include <stdbool.h>

#include "base/textbuf.h"
#include "panels/canvas.h"

struct platform;

struct act_key {
	const char *key; /* NULL ends a list */
	const char *word;
	bool off; /* does nothing now */
};

struct act_frame {
	struct canvas *canvas;
	struct rect body; /* for the content */
	struct rect keys;
};

/* What the frame says; all but title and keys may be NULL. */
struct act_title {
	const char *title; /* what it is, in capitals */
	bool own_words;	   /* but as it is: somebody's own words, with names */
	const char *subject; /* whose name it is, as it is */
	const struct platform *platform;
	const char *source;
	const struct act_key *keys;
};

/* want_h: rows that the content would like. */
void act_frame_open(struct act_frame *frame, struct canvas *canvas,
    struct rect area, const struct act_title *title, int want_h);

/* What is wrong, in the last rows of the body. */
void act_frame_words(
    const struct act_frame *frame, const char *words, enum role role);

#endif
