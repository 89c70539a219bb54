/*
 * A box is a titled rule and what stands below it: no frame, no decoration.
 * The title says at its right how old the content is, so that no number is
 * ever taken for newer than it is.
 * thread: UI.
 */
#ifndef SEV_PANELS_BOX_H
#define SEV_PANELS_BOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/textbuf.h"
#include "model/section.h"
#include "panels/canvas.h"

/*
 * Draws "title ───── age" into the first row of area and returns what is
 * left below. age may be empty.
 */
struct rect box_title(struct canvas *canvas, struct rect area,
    struct text title, struct text age, enum role age_role);

/* What box_title() would leave: for a title that tells what was drawn. */
struct rect box_below(struct rect area);

/*
 * Age of a section in the words of the screen: "2s", "STALE 47s: reset by
 * peer", "DOWN 2m: connect timed out, retry in 8s", "first answer… 0.8s".
 * Returns the role to draw it in.
 */
enum role box_age(
    const struct section *section, int64_t now, struct text_buf *out);

/* An age in whole seconds: "0s", "4m12s"; finer ones would only flicker. */
void put_age(struct text_buf *out, int64_t ns);

/* As box_title() with the age of section; NULL: "not configured". */
struct rect box_section(struct canvas *canvas, struct rect area,
    struct text title, const struct section *section, int64_t now);

/* Dims what was drawn in area unless the section is fresh. */
void box_dim(struct canvas *canvas, struct rect area,
    const struct section *section, int64_t now);

/* Words in the middle of nothing: why there is nothing. */
void box_words(
    struct canvas *canvas, struct rect area, struct text words, enum role role);

/* Sign and role of a state: ok, !, ✗, ?. */
struct text state_sign(enum state state);
enum role state_role(enum state state);

#endif
