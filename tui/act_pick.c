/* From what is selected to what can be done to it. */
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

const char *
act_plain_of(struct arena *arena, struct text text)
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

size_t
act_target_rows(
    const struct panel_target *target, const struct table_row *const **ret_rows)
{
	if (target == NULL || target->row == NULL)
		return 0;
	*ret_rows = target->tagged_count > 0 ? target->tagged : &target->row;
	return target->tagged_count > 0 ? target->tagged_count : 1;
}

/* Their keys; false: no memory. */
static bool
subject_keys(struct act *act, const struct panel_target *target)
{
	struct act_subject *subject = &act->subject;
	const struct table_row *const *rows = NULL;
	size_t count = act_target_rows(target, &rows);
	const char **keys = arena_array(act->arena, count + 1, sizeof(*keys));

	if (keys == NULL)
		return false;
	for (size_t i = 0; i < count; i++) {
		keys[i] = act_plain_of(act->arena, rows[i]->key);
		subject->unclean = subject->unclean || keys[i] == NULL;
	}
	subject->keys = keys;
	subject->key_count = count;
	subject->key = count > 0 ? keys[0] : NULL;
	return true;
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
	if (act->arena == NULL || !subject_keys(act, target))
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
	if (target != NULL && target->outer_row != NULL)
		subject->outer =
		    act_plain_of(act->arena, target->outer_row->key);
	if (section != NULL && target->row != NULL &&
	    strcmp(section->type, "actions") == 0)
		subject->job = (uint64_t)pick_num(target->table,
		    (size_t)(target->row - target->table->rows), "job");
	if (target != NULL && target->signal.len > 0)
		subject->signal = act_plain_of(act->arena, target->signal);
	return subject->platform != NULL && !subject->unclean;
}

/* "runPrompt", "runPrompt and 2 more". */
static void
rows_words(const char *first, size_t count, char out[ERR_MSG_MAX])
{
	if (count > 1)
		snprintf(
		    out, ERR_MSG_MAX, "%.120s and %zu more", first, count - 1);
	else
		snprintf(out, ERR_MSG_MAX, "%.120s", count > 0 ? first : "");
}

void
act_choice_rows(const struct act_choice *choice, char out[ERR_MSG_MAX])
{
	rows_words(choice->target_count > 0 ? choice->targets[0].name : "",
	    choice->target_count, out);
}

void
act_subject_name(const struct act *act, char out[ERR_MSG_MAX])
{
	const struct act_subject *subject = &act->subject;
	const char *name = subject->key;

	for (size_t i = 0; name != NULL && i < act->choice_count; i++) {
		const struct act_choice *choice = &act->choices[i];

		if (choice->target_count > 0 &&
		    strcmp(choice->targets[0].key, subject->key) == 0) {
			name = choice->targets[0].name;
			break;
		}
	}
	rows_words(name, subject->key_count, out);
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

bool
act_request(struct act *act, struct err *err)
{
	const struct act_subject *subject = &act->subject;
	const struct act_choice *choice = act->chosen;
	const char *type = choice->ops->source_type;
	struct request_value values[ACTION_VALUES_MAX];
	struct request_spec spec = {
		.action = choice->name,
		.platform = subject->platform->name,
		.targets = choice->targets,
		.target_count = choice->target_count,
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
