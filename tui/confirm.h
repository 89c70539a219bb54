/*
 * What keys mean while a plan waits for a decision: the part of a dialog
 * that must not be fooled. It draws nothing.
 *
 * Only a key that a person pressed decides. For CONFIRM_DEAD_MS after the
 * plan came up nothing counts, and any key in that time makes it longer, so
 * that a held key or a burst never runs into a decision. The deciding key (y,
 * or Enter behind a reason or a name) is the only byte of its read and is
 * held for CONFIRM_HOLD_MS: any byte within that time, key or not, takes it
 * back, as the mark of a burst does. A paste never decides; it may fill in
 * the reason, never the name.
 *
 *	reversible	y
 *	disruptive	y, a reason, Enter
 *	destructive	y, a reason, Enter, the name, Enter
 *
 * Esc, n, q and ^C leave, at once and at any time.
 * thread: UI.
 */
#ifndef SEV_TUI_CONFIRM_H
#define SEV_TUI_CONFIRM_H

#include <stdbool.h>
#include <stdint.h>

#include "model/action_class.h"
#include "tui/prompt.h"

enum confirm_stage {
	CONFIRM_PLAN,	/* the plan is shown; y goes on */
	CONFIRM_REASON, /* a reason is typed */
	CONFIRM_NAME,	/* the name is typed */
};

struct confirm {
	enum confirm_stage stage;
	enum action_class class;
	const char *word;     /* borrowed; the name to type */
	int64_t dead_until;   /* keys before count for nothing */
	int64_t held_at;      /* a deciding key came then; 0: none waits */
	struct prompt prompt; /* of the two typed stages */
	char reason[PROMPT_BYTES_MAX + 1];
	char name[PROMPT_BYTES_MAX + 1];
	const char *note; /* a literal: what is missing; NULL: nothing */
};

enum confirm_result {
	CONFIRM_IGNORED, /* not a key of the decision: scrolling and so on */
	CONFIRM_CHANGED, /* draw again */
	CONFIRM_GIVEN,	 /* do it, with reason and name */
	CONFIRM_LEFT,	 /* drop it */
};

/* The plan came up at now (clock_now()); word lives as long as it does. */
void confirm_start(struct confirm *confirm, enum action_class class,
    const char *word, int64_t now);

/* A key or a paste, at now. */
enum confirm_result confirm_event(
    struct confirm *confirm, const struct input_event *event, int64_t now);

/* When confirm_timeout() is due; INT64_MAX: nothing waits. */
int64_t confirm_deadline(const struct confirm *confirm);

/*
 * Time has come to now: a held key may decide, unless bytes came after it;
 * fed_at is when the newest came (loop_fed_at()).
 */
enum confirm_result confirm_timeout(
    struct confirm *confirm, int64_t fed_at, int64_t now);

#endif
