/* Words for the footer and for rows of panels: which key does what. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tui/act_impl.h"
#include "tui/keys.h"

const enum command act_footer[ACT_FOOTER_COUNT] = {
	COMMAND_ACT_ROLLBACK,
	COMMAND_ACT_FLAG,
	COMMAND_ACT_PAUSE,
	COMMAND_ACT_RETRY,
	COMMAND_ACT_SCALE,
	COMMAND_ACT_KILL,
	COMMAND_ACT_ANY,
	COMMAND_ACT_UNDO,
	COMMAND_ACT_ARM,
};

/* Only where it changes something: with --readonly it never does. */
static const char *
hint_arm(const struct act *act)
{
	struct gate gate;
	int64_t left;

	if (act->is.platform_count > 0 &&
	    act_gate(act, act->is.platforms[0], &gate) &&
	    gate.mode == GATE_READONLY)
		return "";

	switch (act_gate_now(act, clock_now(), &left)) {
	case LAYOUT_GATE_READONLY:
		return "arm";
	case LAYOUT_GATE_ARMED:
		return "disarm";
	default:
		return "";
	}
}

/* "pause", as the action calls it or its title begins; "pause 3" of several. */
static void
hint_word(const struct act_choice *choice, char *out, size_t size)
{
	const char *own = choice->configured == NULL ? choice->ops->hint : NULL;
	const char *title = own != NULL ? own : act_choice_title(choice);
	int len = (int)(own != NULL ? strlen(own) : strcspn(title, " "));

	if (choice->target_count > 1)
		snprintf(
		    out, size, "%.*s %zu", len, title, choice->target_count);
	else
		snprintf(out, size, "%.*s", len, title);
	/* The configuration's words may begin with a name. */
	if (choice->configured == NULL && out[0] >= 'A' && out[0] <= 'Z')
		out[0] = (char)(out[0] - 'A' + 'a');
}

/* Forgets what was looked at for a hint. */
static void
hint_end(struct act *act)
{
	act->choice_count = 0;
	act->arena = arena_free(act->arena);
	act->subject = (struct act_subject) { .platform = NULL };
}

const char *
act_hint(
    struct act *act, enum command command, const struct panel_target *target)
{
	act->hint[0] = '\0';
	if (act_is_open(act) || act->is.actions == NULL)
		return act->hint;
	if (command == COMMAND_ACT_ARM)
		return hint_arm(act);
	if (command == COMMAND_ACT_UNDO)
		return actions_in_force_count(act->is.actions) > 0 ? "in force"
								   : "";
	frame_acquire(&act->frame, act->is.store);
	if (act_subject_bind(act, target) &&
	    (target == NULL || !target->tagged_apart))
		act_collect(act, command, target);
	if (act->subject.job != 0 && command == COMMAND_ACT_ANY)
		snprintf(act->hint, sizeof(act->hint), "stop, close, undo");
	else if (act->choice_count == 1 && command != COMMAND_ACT_ANY)
		hint_word(&act->choices[0], act->hint, sizeof(act->hint));
	else if (act->choice_count > 0)
		snprintf(act->hint, sizeof(act->hint), "%s",
		    command == COMMAND_ACT_ANY
			? "more"
			: command_name(command) + strlen("act-"));
	hint_end(act);
	return act->hint;
}

/*
 * Lower is better: what is easiest to take back, of those what was configured
 * to mend the signal, then as in the footer.
 */
static int
choice_rank(const struct act_choice *choice)
{
	const char *key = act_choice_key(choice);
	enum command command = key != NULL ? command_find(key) : COMMAND_NONE;
	int at = 0;

	while (at < ACT_FOOTER_COUNT && act_footer[at] != command)
		at++;
	return (2 * (int)act_choice_class(choice) + !choice->mends) *
		   COMMAND_COUNT +
	       at;
}

/* The command that leads to it: its own, else that of the list of all. */
static enum command
choice_command(const struct act *act, const struct act_choice *choice)
{
	const char *key = act_choice_key(choice);
	enum command command = key != NULL ? command_find(key) : COMMAND_NONE;

	return command != COMMAND_NONE && act->is.keys->names[command] != NULL
		   ? command
		   : COMMAND_ACT_ANY;
}

/*
 * "K kill" where several have the key: the words of each come then; and no
 * name where as many would do as well.
 */
static void
best_fill(const struct act *act, const struct act_choice *best,
    struct panel_hint *out)
{
	enum command command = choice_command(act, best);
	size_t same = 0, equal = 0;
	int64_t left;

	for (size_t i = 0; i < act->choice_count; i++) {
		const struct act_choice *choice = &act->choices[i];

		same += choice_command(act, choice) == command;
		equal += choice_rank(choice) == choice_rank(best);
	}
	snprintf(out->key, sizeof(out->key), "%s",
	    act->is.keys->names[command] != NULL ? act->is.keys->names[command]
						 : "");
	if (same > 1 && command != COMMAND_ACT_ANY)
		snprintf(out->word, sizeof(out->word), "%s",
		    command_name(command) + strlen("act-"));
	else
		hint_word(best, out->word, sizeof(out->word));
	out->about[0] = '\0';
	if (best->target_count == 1 && equal == 1 &&
	    (act->subject.key == NULL ||
		strcmp(act->subject.key, best->targets[0].key) != 0))
		snprintf(out->about, sizeof(out->about), "%.*s",
		    ACT_HINT_MAX - 1, best->targets[0].name);
	out->off =
	    act_gate_now(act, clock_now(), &left) == LAYOUT_GATE_READONLY;
}

bool
act_best(struct act *act, const struct panel_target *target,
    struct panel_hint *ret_hint)
{
	const struct act_choice *best = NULL;

	if (act->is.actions == NULL || act->arena != NULL)
		return false;
	frame_acquire(&act->frame, act->is.store);
	if (act_subject_bind(act, target))
		act_collect(act, COMMAND_ACT_ANY, target);
	for (size_t i = 0; i < act->choice_count; i++) {
		const struct act_choice *choice = &act->choices[i];

		/* What only looks mends nothing. */
		if (act_choice_class(choice) == ACTION_LOOK ||
		    (choice->target_count == 0 && !choice->mends))
			continue;
		if (best == NULL || choice_rank(choice) < choice_rank(best))
			best = choice;
	}
	if (best != NULL)
		best_fill(act, best, ret_hint);
	hint_end(act);
	return best != NULL && ret_hint->key[0] != '\0';
}
