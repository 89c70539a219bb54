/* What can be done to what is selected. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "model/limits.h"
#include "model/platform.h"
#include "tui/act_impl.h"
#include "tui/limits.h"

/* One walk over what can be done to some rows, or to their source. */
struct collect {
	struct act *act;
	enum command command;
	const char *type; /* of the source */
	const struct table *table;
	const struct table_row *const *rows;
	const char *const *keys;
	size_t count; /* of the rows; 0: none */
	size_t at;    /* the row that is looked at */
	size_t first; /* choice of this walk */
	bool mends;   /* what is found mends the signal */
};

/* A cell as the bytes that it was cleaned from; NULL: it has none. */
static const char *
cell_name(struct arena *arena, const struct table *table,
    const struct table_row *row, int column)
{
	const struct table_cell *cell = &row->cells[column];
	char number[NUM_TEXT_MAX];
	int len;

	if (table->columns[column].kind != COLUMN_NUMBER)
		return act_plain_of(arena, cell->text);
	if (isnan(cell->num))
		return NULL;
	len = snprintf(number, sizeof(number), "%.0f", cell->num);
	return arena_copy(arena, number, (size_t)len);
}

/* What the action calls the row: the cell that it says, else the key. */
static const char *
target_name(const struct collect *collect, const struct action_ops *ops)
{
	const struct action_row *at = NULL;
	const char *name = NULL;
	int column = -1;

	if (collect->type != NULL)
		at = action_row_find(ops, collect->type, collect->table);
	if (at != NULL && at->column != NULL)
		column = table_column(collect->table, at->column);
	if (column >= 0)
		name = cell_name(collect->act->arena, collect->table,
		    collect->rows[collect->at], column);
	return name != NULL ? name : collect->keys[collect->at];
}

/* Whether the command means this action. */
static bool
collect_wants(const struct collect *collect, const struct act_choice *choice)
{
	const char *named = collect->act->named;
	const char *key = act_choice_key(choice);

	if (collect->command == COMMAND_ACT_ANY)
		return true;
	if (collect->command == COMMAND_ACT_NAMED)
		return named != NULL && choice->configured != NULL &&
		       strcmp(choice->name, named) == 0;
	return key != NULL && strcmp(key, command_name(collect->command)) == 0;
}

static struct act_choice *
collect_find(const struct collect *collect, size_t from, const char *name)
{
	for (size_t i = from; i < collect->act->choice_count; i++)
		if (strcmp(collect->act->choices[i].name, name) == 0)
			return &collect->act->choices[i];
	return NULL;
}

/* One more of the rows that it can be done to. */
static void
collect_row(struct collect *collect, struct act_choice *choice)
{
	const char *name = target_name(collect, choice->ops);

	if (choice->targets == NULL)
		choice->targets = arena_array(collect->act->arena,
		    collect->count, sizeof(*choice->targets));
	if (choice->targets == NULL)
		return;
	choice->fits++;
	for (size_t i = 0; i < choice->target_count; i++) {
		if (strcmp(choice->targets[i].name, name) == 0)
			return;
	}
	choice->targets[choice->target_count++] =
	    (struct request_target) { name, collect->keys[collect->at] };
}

static bool
collect_one(void *opaque, const char *name, const struct action_ops *ops)
{
	struct collect *collect = opaque;
	struct act *act = collect->act;
	const struct act_subject *subject = &act->subject;
	struct act_choice *choice = &act->choices[act->choice_count];

	if (collect->at > 0) {
		choice = collect_find(collect, collect->first, name);
		if (choice != NULL)
			collect_row(collect, choice);
		return true;
	}
	if (act->choice_count == ACT_CHOICES_MAX)
		return false;
	*choice = (struct act_choice) {
		.name = name, .ops = ops, .mends = collect->mends
	};
	if (action_find(act->is.table, name) != ops)
		choice->configured =
		    platform_action_find(subject->platform, name);
	if (choice->configured != NULL && choice->configured->watch != NULL &&
	    subject->signal != NULL)
		choice->mends =
		    strcmp(choice->configured->watch, subject->signal) == 0;
	if (!collect_wants(collect, choice))
		return true;
	if (collect->count > 0) {
		collect_row(collect, choice);
	} else if ((ops->source_type != NULL &&
		       (subject->type == NULL ||
			   strcmp(subject->type, ops->source_type) != 0)) ||
		   collect_find(collect, 0, name) != NULL) {
		/* What acts on a source as a whole acts on the selected one;
		 * what fits the row is not offered once more for its source. */
		return true;
	}
	act->choice_count++;
	return true;
}

/* How many targets one plan of it takes. */
static size_t
choice_most(const struct act_choice *choice)
{
	if (choice->configured == NULL)
		return choice->ops->targets_max;
	return choice->configured->targets == PLATFORM_TARGETS_MANY
		   ? ACTION_TARGETS_MAX
		   : 1;
}

/* The mildest first, as they stand in the tables otherwise. */
static void
sort_by_class(struct act_choice *choices, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct act_choice one = choices[i];
		size_t at = i;

		for (; at > 0 && act_choice_class(&choices[at - 1]) >
				     act_choice_class(&one);
		     at--)
			choices[at] = choices[at - 1];
		choices[at] = one;
	}
}

/* What can be done to each of the rows, and to all in one plan. */
static void
collect_walk(struct collect *collect)
{
	struct act *act = collect->act;
	size_t kept = act->choice_count;

	collect->first = kept;
	for (collect->at = 0;
	     collect->at < (collect->count > 0 ? collect->count : 1);
	     collect->at++)
		actions_for_row(act->is.actions, act->subject.platform->name,
		    collect->type != NULL ? collect->type : "", collect->table,
		    collect->count > 0 ? collect->rows[collect->at] : NULL,
		    collect_one, collect);
	for (size_t i = collect->first; i < act->choice_count; i++) {
		const struct act_choice *choice = &act->choices[i];

		if (choice->fits == collect->count &&
		    (choice->target_count <= 1 ||
			choice->target_count <= choice_most(choice)))
			act->choices[kept++] = *choice;
	}
	act->choice_count = kept;
	sort_by_class(&act->choices[collect->first], kept - collect->first);
}

/* What can be done to a single row. */
static void
collect_single(struct collect *collect, const char *type,
    const struct table *table, const struct table_row *row, const char *key)
{
	collect->type = type;
	collect->table = table;
	collect->rows = &row;
	collect->keys = &key;
	collect->count = 1;
	collect_walk(collect);
}

/* The row of a flag in what its source found. */
static bool
flag_row(const struct act *act, const char *name, const char **ret_type,
    const struct table **ret_table, const struct table_row **ret_row)
{
	struct text key = text_lit(name);

	for (size_t s = 0; s < act->frame.slot_count; s++) {
		const struct section *section = act->frame.sections[s];
		const struct table *table = NULL;

		if (section != NULL && section->payload != NULL &&
		    strcmp(section->platform, act->subject.platform->name) == 0)
			table = payload_table(section->payload, "flags");
		for (size_t i = 0; table != NULL && i < table->row_count; i++) {
			if (!text_eq(table->rows[i].key, key))
				continue;
			*ret_type = section->type;
			*ret_table = table;
			*ret_row = &table->rows[i];
			return true;
		}
	}
	return false;
}

/* One of them, or a kill switch, by the key of its row. */
static void
collect_flag(struct collect *collect, const char *key)
{
	const struct act_subject *subject = &collect->act->subject;
	const struct table_row *row = NULL;
	const struct table *table = NULL;
	const char *type = NULL, *kept;

	if (!flag_row(collect->act, key, &type, &table, &row) ||
	    (subject->key != NULL && strcmp(subject->key, key) == 0))
		return;
	kept = arena_copy(collect->act->arena, key, strlen(key));
	if (kept != NULL)
		collect_single(collect, type, table, row, kept);
}

static bool
flag_mends(
    const struct platform *platform, const char *name, const char *signal)
{
	for (size_t i = 0; i < platform->flag_count; i++) {
		const struct platform_flag *flag = &platform->flags[i];

		if (strcmp(flag->name, name) == 0)
			return flag->watch != NULL &&
			       strcmp(flag->watch, signal) == 0;
	}
	return false;
}

/*
 * Flags that say of themselves that setting them mends the signal, and kill
 * switches of such flags.
 */
static void
collect_flags(struct collect *collect)
{
	const struct act_subject *subject = &collect->act->subject;
	const struct platform *platform = subject->platform;
	const char *signal = subject->signal;

	collect->mends = true;
	for (size_t i = 0; signal != NULL && i < platform->flag_count; i++) {
		if (flag_mends(platform, platform->flags[i].name, signal))
			collect_flag(collect, platform->flags[i].name);
	}
	for (size_t k = 0; signal != NULL && k < platform->kill_count; k++) {
		const struct platform_kill *kill = &platform->kills[k];
		char key[2 * NAME_MAX_LEN];
		bool mends = false;

		for (size_t i = 0; i < kill->flags.count; i++)
			mends = mends || flag_mends(platform,
					     kill->flags.items[i], signal);
		snprintf(key, sizeof(key), "kill/%s", kill->name);
		if (mends)
			collect_flag(collect, key);
	}
	collect->mends = false;
}

void
act_collect(
    struct act *act, enum command command, const struct panel_target *target)
{
	const struct act_subject *subject = &act->subject;
	struct collect collect = { .act = act, .command = command };

	act->choice_count = 0;
	if (subject->job != 0)
		return; /* it is an action itself */
	/* A flag that is there to mend what an alert tells of is nearer than
	 * what else the key does to the row that the alert leads to. */
	if (command == COMMAND_ACT_FLAG && subject->key_count <= 1) {
		struct collect flags = collect;

		collect_flags(&flags);
		if (act->choice_count > 0)
			return;
	}
	collect.type = subject->type;
	collect.keys = subject->keys;
	collect.count = act_target_rows(target, &collect.rows);
	if (collect.count > 0) {
		collect.table = target->table;
		collect_walk(&collect);
	}
	/* The nearest that fits is meant; X lists all. Of several rows nothing
	 * but those rows is meant. */
	if (subject->key_count > 1 ||
	    (act->choice_count > 0 && command != COMMAND_ACT_ANY))
		return;
	if (subject->outer != NULL)
		collect_single(&collect, subject->type, target->outer_table,
		    target->outer_row, subject->outer);
	if (act->choice_count > 0 && command != COMMAND_ACT_ANY)
		return;
	collect_flags(&collect);
	if (act->choice_count > 0 && command != COMMAND_ACT_ANY)
		return;
	collect.type = subject->type;
	collect.table = NULL;
	collect.count = 0;
	collect_walk(&collect);
}
