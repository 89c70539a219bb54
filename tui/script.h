/*
 * A script that drives the dashboard instead of a person, for tests: no
 * terminal, no sleeps. One step per line; "#" starts a comment.
 *
 *	key NAME...		presses keys ("j", "PgDn", "^D", "S")
 *	type TEXT		presses each character of the rest of the line
 *	paste TEXT		pastes it
 *	resize WxH		gives the screen another size (80x24 at start)
 *	wait-section NAME	until the source has a good answer
 *	wait-text REGEX		until a line of the screen matches
 *	wait-no-text REGEX	until none does
 *	save-display FILE	writes the screen as text
 *	save-roles FILE		writes one letter per cell for its role
 *	quit			ends at once
 *
 * A wait of more than SCRIPT_WAIT_MS fails the script. The end of the file
 * ends the dashboard too.
 * thread: UI.
 */
#ifndef SEV_TUI_SCRIPT_H
#define SEV_TUI_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "panels/canvas.h"
#include "tui/input.h"

struct frame;
struct script;

/* What the script acts on. */
struct script_ops {
	void (*event)(void *ctx, const struct input_event *event);
	void (*resize)(void *ctx, int h, int w);
	void (*quit)(void *ctx);
};

/* Reads the file whole; errors name the line. */
enum err_code script_load(const char *path, const struct script_ops *ops,
    void *ctx, struct script **ret, struct err *err) ATTR_MUST_USE;
struct script *script_free(struct script *script); /* NULL is allowed */

/*
 * Runs steps until one has to wait. canvas is what was drawn last, or NULL
 * when a change has not been drawn yet: steps that look at the screen then
 * wait. Returns when to call again; ERR_TIMEOUT or another error, with the
 * line in err, when a step failed.
 */
enum err_code script_step(struct script *script, const struct canvas *canvas,
    const struct frame *frame, int64_t now, int64_t *ret_next,
    struct err *err) ATTR_MUST_USE;

#endif
