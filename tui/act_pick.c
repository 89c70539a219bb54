/* From what is selected to what can be done to it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/platform.h"
#include "panels/pick.h"
#include "tui/act_impl.h"
#include "tui/keys.h"

enum {
	ACT_ARENA_MAX = 1024 * 1024 /* choices, fields and their values */
};

static const struct platform *
find_platform(const struct act *act, struct text name)
{
	for (size_t i = 0; i < act->is.platform_count; i++) {
		if (text_eq(text_lit(act->is.platforms[i]->name), name))
			return act->is.platforms[i];
	}
	/* What sevtop itself says belongs to no platform. */
	return name.len == 0 && act->is.platform_count == 1
		   ? act->is.platforms[0]
		   : NULL;
}

/* The bytes that text was cleaned from; NULL: they can't be told. */
static const char *
plain_of(struct arena *arena, struct text text)
{
	struct text_iter iter = text_iter(text);
	struct buf buf = BUF_INIT(ACTION_TARGET_MAX);
	struct text_cell cell;
	const char *plain = NULL;

	while (text_next(&iter, &cell)) {
		if (cell.escaped)
			return NULL;
	}
	if (text.len > 0 && text_plain(&buf, text))
		plain = arena_copy(arena, buf_cstr(&buf), buf.len);
	buf_release(&buf);
	return plain;
}

bool
act_subject_bind(struct act *act, const struct panel_target *target)
{
	struct act_subject *subject = &act->subject;
	const struct section *section = target != NULL ? target->section : NULL;
	struct text platform = TEXT_EMPTY;

	arena_free(act->arena);
	act->arena = arena_new(ACT_ARENA_MAX);
	*subject = (struct act_subject) { .platform = NULL };
	act->choice_count = 0;
	if (act->arena == NULL)
		return false;
	if (target != NULL)
		platform = target->platform.len > 0 || section == NULL
			       ? target->platform
			       : text_lit(section->platform);
	subject->platform = find_platform(act, platform);
	if (section != NULL) {
		subject->source = arena_copy(
		    act->arena, section->name, strlen(section->name));
		subject->type = arena_copy(
		    act->arena, section->type, strlen(section->type));
	}
	if (target != NULL && target->row != NULL) {
		subject->key = plain_of(act->arena, target->row->key);
		subject->unclean = subject->key == NULL;
	}
	if (target != NULL && target->outer_row != NULL)
		subject->outer = plain_of(act->arena, target->outer_row->key);
	if (section != NULL && target->row != NULL &&
	    strcmp(section->type, "actions") == 0)
		subject->job = (uint64_t)pick_num(target->table,
		    (size_t)(target->row - target->table->rows), "job");
	if (target != NULL && target->signal.len > 0)
		subject->signal = plain_of(act->arena, target->signal);
	return subject->platform != NULL && !subject->unclean;
}

const char *
act_subject_name(const struct act *act)
{
	const char *key = act->subject.key;

	for (size_t i = 0; key != NULL && i < act->choice_count; i++)
		if (act->choices[i].key == key &&
		    act->choices[i].target != NULL)
			return act->choices[i].target;
	return key;
}

const char *
act_choice_title(const struct act_choice *choice)
{
	return choice->configured != NULL ? choice->configured->title
					  : choice->ops->title;
}

const char *
act_choice_help(const struct act_choice *choice)
{
	const char *help = choice->configured != NULL ? choice->configured->help
						      : choice->ops->help;

	return help != NULL ? help : "";
}

enum action_class
act_choice_class(const struct act_choice *choice)
{
	return choice->configured != NULL ? choice->configured->class
					  : choice->ops->class;
}

const char *
act_choice_key(const struct act_choice *choice)
{
	return choice->configured != NULL ? choice->configured->key
					  : choice->ops->key;
}

/* One walk over the actions. */
struct collect {
	struct act *act;
	enum command command;
	const char *key; /* of the row; NULL: without one */
	const struct table *table;
	const struct table_row *row;
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
		return plain_of(arena, cell->text);
	if (isnan(cell->num))
		return NULL;
	len = snprintf(number, sizeof(number), "%.0f", cell->num);
	return arena_copy(arena, number, (size_t)len);
}

/* What the action calls the row: the cell that it says, else the key. */
static const char *
target_name(const struct collect *collect, const struct action_ops *ops)
{
	const struct act_subject *subject = &collect->act->subject;
	const struct action_row *at = NULL;
	const char *name = NULL;
	int column = -1;

	if (collect->key != NULL && subject->type != NULL)
		at = action_row_find(ops, subject->type, collect->table);
	if (at != NULL && at->column != NULL)
		column = table_column(collect->table, at->column);
	if (column >= 0)
		name = cell_name(
		    collect->act->arena, collect->table, collect->row, column);
	return name != NULL ? name : collect->key;
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

/* What fits the row is not offered once more for its source. */
static bool
collect_has(const struct act *act, const char *name)
{
	for (size_t i = 0; i < act->choice_count; i++)
		if (strcmp(act->choices[i].name, name) == 0)
			return true;
	return false;
}

static bool
collect_one(void *opaque, const char *name, const struct action_ops *ops)
{
	struct collect *collect = opaque;
	struct act *act = collect->act;
	const struct act_subject *subject = &act->subject;
	struct act_choice *choice = &act->choices[act->choice_count];

	if (act->choice_count == ACT_CHOICES_MAX)
		return false;
	*choice = (struct act_choice) {
		.name = name,
		.ops = ops,
		.key = collect->key,
		.target = target_name(collect, ops),
	};
	if (action_find(act->is.table, name) != ops)
		choice->configured =
		    platform_action_find(subject->platform, name);
	/* What acts on a source as a whole acts on the selected one. */
	if (collect->key == NULL && ops->source_type != NULL &&
	    (subject->type == NULL ||
		strcmp(subject->type, ops->source_type) != 0))
		return true;
	if (collect_wants(collect, choice) &&
	    (collect->key != NULL || !collect_has(act, name)))
		act->choice_count++;
	return true;
}

void
act_collect(
    struct act *act, enum command command, const struct panel_target *target)
{
	const struct act_subject *subject = &act->subject;
	struct collect collect = { act, command, subject->key, NULL, NULL };

	act->choice_count = 0;
	if (target != NULL) {
		collect.table = target->table;
		collect.row = target->row;
	}
	if (subject->job != 0)
		return; /* it is an action itself */
	if (subject->key != NULL)
		actions_for_row(act->is.actions, subject->platform->name,
		    subject->type, target->table, target->row, collect_one,
		    &collect);
	/* The nearest that fits is meant; X lists all. */
	if (act->choice_count > 0 && command != COMMAND_ACT_ANY)
		return;
	collect.key = subject->outer;
	if (subject->outer != NULL) {
		collect.table = target->outer_table;
		collect.row = target->outer_row;
	}
	if (subject->outer != NULL)
		actions_for_row(act->is.actions, subject->platform->name,
		    subject->type, target->outer_table, target->outer_row,
		    collect_one, &collect);
	if (act->choice_count > 0 && command != COMMAND_ACT_ANY)
		return;
	collect.key = NULL;
	actions_for_row(act->is.actions, subject->platform->name,
	    subject->type != NULL ? subject->type : "", NULL, NULL, collect_one,
	    &collect);
}

bool
act_request(struct act *act, struct err *err)
{
	const struct act_subject *subject = &act->subject;
	const struct act_choice *choice = act->chosen;
	const char *type = choice->ops->source_type;
	struct request_target target = { choice->target, choice->key };
	struct request_value values[ACTION_VALUES_MAX];
	struct request_spec spec = {
		.action = choice->name,
		.platform = subject->platform->name,
		.targets = &target,
		.target_count = choice->key != NULL ? 1 : 0,
		.values = values,
		.signal = subject->signal,
	};
	struct request *request = NULL;

	if (subject->type != NULL && type != NULL &&
	    strcmp(type, subject->type) == 0)
		spec.source = subject->source;
	for (size_t i = 0; i < act->field_count; i++) {
		if (act->fields[i].value[0] == '\0')
			continue;
		values[spec.value_count++] =
		    (struct request_value) { act->fields[i].opt->name,
			    act->fields[i].value };
	}
	if (request_new(&spec, &request, err) != ERR_OK)
		return false;
	request_unref(act->request);
	act->request = request;
	return true;
}

void
act_plan(struct act *act, int64_t now)
{
	struct err err = ERR_INIT;
	uint64_t job = 0;

	if (!act_request(act, &err) ||
	    actions_plan(act->is.actions, &act->request->is, &job, &err) !=
		ERR_OK) {
		if (act->mode == ACT_FORM) {
			act_say(act, "%s", err.msg);
			return;
		}
		act_tell(act, "%s: %s", act_choice_title(act->chosen), err.msg);
		act_close(act);
		return;
	}
	if (act->job != 0)
		actions_cancel(act->is.actions, act->job);
	job_view_release(&act->view);
	act->job = job;
	act->gone = false;
	act_go(act, ACT_JOB, now);
	act_job_look(act);
}

void
act_choose(struct act *act, size_t choice, int64_t now)
{
	act->chosen = &act->choices[choice];
	if (!act_form_open(act)) {
		act_tell(act, "no memory");
		act_close(act);
	} else if (act_form_wants(act)) {
		act_form_start(act, now);
	} else {
		act_plan(act, now);
	}
}

/* Only where it changes something. */
static const char *
hint_arm(const struct act *act)
{
	int64_t left;

	switch (act_gate_now(act, clock_now(), &left)) {
	case LAYOUT_GATE_READONLY:
		return "arm";
	case LAYOUT_GATE_ARMED:
		return "disarm";
	default:
		return "";
	}
}

const char *
act_hint(
    struct act *act, enum command command, const struct panel_target *target)
{
	const char *title, *end;

	act->hint[0] = '\0';
	if (act_is_open(act) || act->is.actions == NULL)
		return act->hint;
	if (command == COMMAND_ACT_ARM)
		return hint_arm(act);
	if (command == COMMAND_ACT_UNDO)
		return actions_in_force_count(act->is.actions) > 0 ? "in force"
								   : "";
	if (act_subject_bind(act, target))
		act_collect(act, command, target);
	if (act->subject.job != 0 && command == COMMAND_ACT_ANY) {
		snprintf(act->hint, sizeof(act->hint), "stop, close, undo");
	} else if (act->choice_count == 1 && command != COMMAND_ACT_ANY) {
		/* "Pause queue": the first word says enough behind P. */
		title = act_choice_title(&act->choices[0]);
		end = strchr(title, ' ');
		snprintf(act->hint, sizeof(act->hint), "%.*s",
		    end != NULL ? (int)(end - title) : (int)strlen(title),
		    title);
		if (act->hint[0] >= 'A' && act->hint[0] <= 'Z')
			act->hint[0] = (char)(act->hint[0] - 'A' + 'a');
	} else if (act->choice_count > 0) {
		snprintf(act->hint, sizeof(act->hint), "%s",
		    command == COMMAND_ACT_ANY
			? "more"
			: command_name(command) + strlen("act-"));
	}
	act->choice_count = 0;
	act->arena = arena_free(act->arena);
	act->subject = (struct act_subject) { .platform = NULL };
	return act->hint;
}
