/*
 * Pictures of panels, compared cell by cell with tests/golden/NAME.txt: the
 * text first, then the role of every cell as a letter (capital: bold; the
 * legend is at the top of each file), then other flags where there are any.
 *
 * GENERATE=1 in the environment writes the files instead; look at the
 * difference before it is committed.
 */
#ifndef SEV_TESTS_GOLDEN_H
#define SEV_TESTS_GOLDEN_H

#include "base/buf.h"
#include "panels/panel.h"
#include "tests/panel/fixture.h"

/* Row y as a string without its blanks at the end; valid until the next. */
const char *golden_row(const struct canvas *canvas, int y);

struct golden {
	char name[64];
	struct buf buf;
};

void golden_init(struct golden *golden, const char *name);

/* Appends a picture; what says which one. */
void golden_add(
    struct golden *golden, const char *what, const struct canvas *canvas);

/* Compares, or writes; says on stdout what differs. False: it does. */
bool golden_done(struct golden *golden);

/* A file PANEL-FIXTURE with every size that matters, UTF-8 and ASCII. */
bool golden_panel(const struct panel_ops *panel, enum fixture_kind kind);

/* After the commands, ended by COMMAND_NONE; at 80x21, as PANEL-WHAT. */
bool golden_after(const struct panel_ops *panel, enum fixture_kind kind,
    const enum command *commands, const char *what);

/*
 * Draws the panel, as it is and opened, at every size from 1x1 to 60x20
 * (busy fixtures: some) and at 200x47, and so all its views at some sizes.
 * False: a cell outside of its area was touched.
 */
bool golden_sweep(const struct panel_ops *panel, enum fixture_kind kind);

#endif
