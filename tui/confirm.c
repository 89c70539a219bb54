#include "tui/confirm.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

void
confirm_start(struct confirm *confirm, enum action_class class,
    const char *word, int64_t now)
{
	memset(confirm, 0, sizeof(*confirm));
	confirm->class = class;
	confirm->word = word;
	confirm->dead_until = now + CONFIRM_DEAD_MS * NS_PER_MS;
}

/* Esc and ^C anywhere; n and q only where no text is typed. */
static bool
is_leaving(const struct confirm *confirm, const struct input_event *event)
{
	if (event->code == INPUT_ESC)
		return true;
	if (event->code == 'c' && (event->mods & INPUT_CTRL) != 0)
		return true;
	return confirm->stage == CONFIRM_PLAN && event->mods == 0 &&
	       (event->code == 'n' || event->code == 'q');
}

static bool
is_deciding(const struct confirm *confirm, const struct input_event *event)
{
	uint32_t wanted = confirm->stage == CONFIRM_PLAN ? 'y' : INPUT_ENTER;

	return event->kind == INPUT_KEY && event->code == wanted &&
	       event->mods == 0 && !event->burst && !event->crowded;
}

static void
confirm_go(struct confirm *confirm, enum confirm_stage stage)
{
	confirm->stage = stage;
	prompt_start(&confirm->prompt, "", NULL);
}

/* The decision of this stage is made. */
static enum confirm_result
confirm_decide(struct confirm *confirm)
{
	const char *text = confirm->prompt.text;

	confirm->note = NULL;
	if (confirm->stage == CONFIRM_PLAN &&
	    confirm->class < ACTION_DISRUPTIVE)
		return CONFIRM_GIVEN;
	if (confirm->stage == CONFIRM_PLAN) {
		confirm_go(confirm, CONFIRM_REASON);
		return CONFIRM_CHANGED;
	}
	if (confirm->stage == CONFIRM_REASON) {
		if (text[strspn(text, " ")] == '\0') {
			confirm->note = "it needs a reason, for the record";
			return CONFIRM_CHANGED;
		}
		snprintf(confirm->reason, sizeof(confirm->reason), "%s", text);
		if (confirm->class != ACTION_DESTRUCTIVE)
			return CONFIRM_GIVEN;
		confirm_go(confirm, CONFIRM_NAME);
		return CONFIRM_CHANGED;
	}
	if (strcmp(text, confirm->word) != 0) {
		confirm->note = "that is not the name; Esc leaves";
		return CONFIRM_CHANGED;
	}
	snprintf(confirm->name, sizeof(confirm->name), "%s", text);
	return CONFIRM_GIVEN;
}

/* What is typed into the line of this stage. */
static enum confirm_result
confirm_type(struct confirm *confirm, const struct input_event *event)
{
	if (confirm->stage == CONFIRM_PLAN)
		return CONFIRM_IGNORED;
	if (event->kind == INPUT_PASTE && confirm->stage == CONFIRM_NAME) {
		confirm->note = "type it: a paste does not count here";
		return CONFIRM_CHANGED;
	}
	/* Deciding is ours, not the line's. */
	if (event->kind == INPUT_KEY && event->code == INPUT_ENTER)
		return CONFIRM_IGNORED;
	confirm->note = NULL;
	return prompt_event(&confirm->prompt, event) == PROMPT_IGNORED
		   ? CONFIRM_IGNORED
		   : CONFIRM_CHANGED;
}

enum confirm_result
confirm_event(
    struct confirm *confirm, const struct input_event *event, int64_t now)
{
	int64_t quiet = now + CONFIRM_QUIET_MS * NS_PER_MS;
	/* Only a time-out decides: what came before it is taken back. */
	bool held = confirm->held_at != 0;

	if (event->kind != INPUT_KEY && event->kind != INPUT_PASTE)
		return CONFIRM_IGNORED;
	confirm->held_at = 0;
	if (event->kind == INPUT_KEY && is_leaving(confirm, event))
		return CONFIRM_LEFT;
	if (now < confirm->dead_until || held || event->burst) {
		if (confirm->dead_until < quiet &&
		    (confirm->stage == CONFIRM_PLAN || held))
			confirm->dead_until = quiet;
		/* A text may be typed as fast as anybody can. */
		return confirm_type(confirm, event);
	}
	if (!is_deciding(confirm, event))
		return confirm_type(confirm, event);
	confirm->held_at = now;
	return CONFIRM_CHANGED;
}

int64_t
confirm_deadline(const struct confirm *confirm)
{
	return confirm->held_at != 0
		   ? confirm->held_at + CONFIRM_HOLD_MS * NS_PER_MS
		   : INT64_MAX;
}

enum confirm_result
confirm_timeout(struct confirm *confirm, int64_t fed_at, int64_t now)
{
	bool crowded = fed_at > confirm->held_at;

	if (now < confirm_deadline(confirm))
		return CONFIRM_IGNORED;
	confirm->held_at = 0;
	if (!crowded)
		return confirm_decide(confirm);
	confirm->dead_until = now + CONFIRM_QUIET_MS * NS_PER_MS;
	return CONFIRM_CHANGED;
}
