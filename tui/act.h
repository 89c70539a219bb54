/*
 * Mitigations on the screen: from a capital letter on the selected row to
 * its plan, the decision, and what came of it. One dialog at a time; while
 * it is open every key belongs to it.
 *
 *	capital -> which of several? -> arguments -> reading -> the plan
 *	    -> y -> a reason, the target's name -> sending -> the result
 *
 * What was selected is bound at the key press: later frames, sorting and
 * filters can't move the target. Only keys that a person typed on purpose
 * count, as tui/confirm.h says; a capital waits as long as a y for a byte
 * that would make it part of something pasted or sent.
 *
 * The dialog only shows the engine's jobs. Closing it never stops one.
 * thread: UI.
 */
#ifndef SEV_TUI_ACT_H
#define SEV_TUI_ACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "panels/panel.h"
#include "tui/input.h"
#include "tui/layout.h"

struct act;
struct action_ops;
struct actions;
struct canvas;
struct keys;
struct platform;
struct store;

/* The capitals in the order of the footer, the most helpful first. */
enum {
	ACT_FOOTER_COUNT = 9
};
extern const enum command act_footer[ACT_FOOTER_COUNT];

/* All borrowed for as long as the dialog lives. */
struct act_setup {
	struct actions *actions; /* NULL: nothing can be done */
	struct store *store;
	const struct action_ops *const *table; /* action_table */
	const struct platform *const *platforms;
	size_t platform_count;
	const struct keys *keys;
};

/* What the dashboard has to do about an event. */
struct act_out {
	char copy[PANEL_COPY_MAX]; /* into the clipboard; "": nothing */
	const char *panel;	   /* to open; NULL: none */
	bool quit;
};

enum err_code act_new(const struct act_setup *setup, struct act **ret,
    struct err *err) ATTR_MUST_USE;
struct act *act_free(struct act *act); /* NULL is allowed */

/*
 * A capital. target is what the panel says is selected, NULL: nothing;
 * borrowed for the call.
 */
void act_command(struct act *act, enum command command,
    const struct panel_target *target, int64_t now);

/* The key of a configured action; name is borrowed as long as it is open. */
void act_named(struct act *act, const char *name,
    const struct panel_target *target, int64_t now);

/* Leaving was asked for. True: nothing speaks against it. */
bool act_leave(struct act *act, int64_t now);

/* Whether the dialog has the keyboard. */
bool act_is_open(const struct act *act);

/* Whether somebody looks at it who waits for a plan, or for an end. */
bool act_is_awaited(const struct act *act);

/* A key or a paste while it is open. out is zeroed. */
void act_event(struct act *act, const struct input_event *event, int64_t now,
    struct act_out *out);

/* The terminal was given back: keys of before may still be on their way. */
void act_quiet(struct act *act, int64_t now);

/*
 * Looks at the jobs, and at keys that wait: fed_at is when the newest byte
 * came (loop_fed_at()). Returns when to be called again, DEADLINE_NONE: at
 * the next event or publish. *ret_changed: the picture did.
 */
int64_t act_tick(
    struct act *act, int64_t fed_at, int64_t now, bool *ret_changed);

/*
 * Draws it over what is there. ctx: the time, the zone. tiny: there is no
 * room, so nothing can be confirmed.
 */
void act_draw(struct act *act, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, bool tiny);

/*
 * What there is to say in the footer since the last call: a refusal, the
 * end of a job whose dialog was closed. NULL: nothing. Lives until the next.
 */
const char *act_notice(struct act *act);

/* Of all platforms the most open gate, for the header. */
enum layout_gate act_gate_now(
    const struct act *act, int64_t now, int64_t *ret_left_ns);

/*
 * Words behind a capital, for the footer: what it does to the target, ""
 * when nothing. Borrowed until the next call.
 */
const char *act_hint(
    struct act *act, enum command command, const struct panel_target *target);

/*
 * What is most likely to help, for a row that is about target: what is
 * easiest to take back, of that what was configured to mend its signal.
 * False: nothing, or the dialog is open.
 */
bool act_best(struct act *act, const struct panel_target *target,
    struct panel_hint *ret_hint);

#endif
