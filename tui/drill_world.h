/*
 * A practice world as a child process: starts sevtop-sim, reads the
 * environment that it announces, and ends it. The child also ends by itself
 * when this process dies in any way: it holds the other end of its standard
 * input.
 * thread: the one that started it, before other threads exist.
 */
#ifndef SEV_TUI_DRILL_WORLD_H
#define SEV_TUI_DRILL_WORLD_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

/* The line that says which folder the world is in. */
#define SIM_DIR_VARIABLE "SEVTOP_SIM_DIR"

/*
 * Finds sevtop-sim beside the running program, else on PATH, into out.
 * ERR_NOTFOUND with what to do about it.
 */
enum err_code drill_world_find(
    char out[PATH_MAX], struct err *err) ATTR_MUST_USE;

struct drill_world;

/*
 * Starts exe with argv (borrowed, ends with NULL) and waits until it is
 * ready, at most DRILL_START_MS. What it says on standard error until then
 * becomes the message of a failure, or drill_world_notes().
 */
enum err_code drill_world_start(const char *exe, char *const argv[],
    struct drill_world **ret_world, struct err *err) ATTR_MUST_USE;

/* The announced lines, "KEY=value"; NULL behind the last. Borrowed. */
const char *drill_world_line(const struct drill_world *world, size_t i);

/* Lines for the user about what the world goes without; may be "". */
const char *drill_world_notes(const struct drill_world *world);

/* Readable when the world has ended. */
int drill_world_fd(const struct drill_world *world);

/* NULL is allowed. Ends the world, DRILL_STOP_MS at most. Returns NULL. */
struct drill_world *drill_world_end(struct drill_world *world);

#endif
