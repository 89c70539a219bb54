/*
 * What the watch thread knows: it looks at every frame, keeps the history of
 * all metrics, evaluates the signals, turns what is wrong into alerts and
 * what changed into events, and judges who suffers from whom (model/deps.h).
 * Its answer is a section like any other, in the last slot of the store.
 *
 * A signal is judged only on fresh answers: when its source is late or
 * failing, its value is missing and its state unknown, with the reason.
 * Counters are followed through resets (a lower value than before counts
 * from zero), and a rate needs two answers.
 *
 * An alert is pending until its condition held for the signal's `for`, then
 * firing; it is resolved once the condition was false for `recover_for`,
 * and stays on the list as resolved for WATCH_RESOLVED_MS.
 * thread: one; the history's readers may be others.
 */
#ifndef SEV_MODEL_WATCH_H
#define SEV_MODEL_WATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/conf_errors.h"
#include "base/err.h"
#include "model/history.h"
#include "model/platform.h"
#include "model/store.h"

struct watch;

/* Which platform the source in a slot belongs to. */
struct watch_slot {
	const struct platform *platform;
	const char *source; /* its name */
};

/*
 * slots and platforms are borrowed. Selectors that don't parse are added to
 * errors with their place and make it fail.
 */
enum err_code watch_new(const struct watch_slot *slots, size_t slot_count,
    const struct platform *const *platforms, size_t platform_count,
    struct history *history, struct conf_errors *errors,
    struct watch **ret_watch, struct err *err) ATTR_MUST_USE;

struct watch *watch_free(struct watch *watch); /* NULL is allowed */

/*
 * Looks at frame at clock_now() time now, and returns the section to publish
 * (the caller's reference) or NULL when memory ran out. *ret_next: when to
 * look again if nothing is published before.
 */
struct section *watch_step(struct watch *watch, const struct frame *frame,
    int64_t now, int64_t wall_ms, int64_t *ret_next);

/* Checks the selectors of a platform only; for `sevtop check`. */
void watch_check(const struct platform *platform, struct conf_errors *errors);

#endif
