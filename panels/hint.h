/*
 * Which key acts on a row, in the row: "P pause".
 * thread: UI; pure but for who knows the actions.
 */
#ifndef SEV_PANELS_HINT_H
#define SEV_PANELS_HINT_H

#include "base/textbuf.h"
#include "panels/panel.h"

/* The key is "" when nothing can be done about target, or nobody knows. */
void hint_find(const struct panel_ctx *ctx, const struct panel_target *target,
    struct panel_hint *ret_hint);

enum hint_form {
	HINT_KEY,  /* "F": the footer says the rest */
	HINT_WORD, /* "F set" */
	HINT_FULL, /* "F set throttle" */
};

/* Cells of it. */
int hint_width(const struct panel_hint *hint, enum hint_form form);

/* live: the key acts on this row, it is the selected one. */
void hint_draw(struct canvas *canvas, struct rect row,
    const struct panel_hint *hint, enum hint_form form, bool live);

/* For the title of a box, drawn by who draws the box. Starts the buffer. */
void hint_put(
    struct text_buf *tb, const struct panel_hint *hint, enum hint_form form);

#endif
