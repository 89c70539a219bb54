/*
 * The arguments of an action as a form: one row each, the selected one being
 * typed. What is wrong with a value is told by who reads it.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "panels/page.h"
#include "tui/act_frame.h"
#include "tui/act_impl.h"

/* Its arguments: rows of the action, or inputs of the configuration. */
static size_t
form_count(const struct act_choice *choice)
{
	if (choice->configured != NULL)
		return choice->configured->input_count;
	return choice->ops->args != NULL ? choice->ops->args->count : 0;
}

static const struct opt *
form_opt(const struct act_choice *choice, size_t i)
{
	if (choice->configured != NULL)
		return &choice->configured->inputs[i].opt;
	return &choice->ops->args->rows[i];
}

bool
act_form_open(struct act *act)
{
	size_t count = form_count(act->chosen);

	act->field = act->field_count = 0;
	act->fields = arena_array(act->arena, count + 1, sizeof(*act->fields));
	if (act->fields == NULL)
		return false;
	for (size_t i = 0; i < count && i < ACTION_VALUES_MAX; i++) {
		const struct opt *opt = form_opt(act->chosen, i);
		const char *preset = opt->preset != NULL ? opt->preset : "";
		struct act_field *field = &act->fields[act->field_count];

		if (opt->unasked)
			continue;
		*field = (struct act_field) {
			.opt = opt,
			.value = arena_copy(act->arena, preset, strlen(preset)),
		};
		if (field->value == NULL)
			return false;
		act->field_count++;
	}
	if (act->field_count > 0)
		prompt_start(&act->prompt, act->fields[0].value, NULL);
	return true;
}

/* Whether the words of a field come from somewhere else. */
static bool
form_is_asked(const struct act *act, size_t field)
{
	const struct act_choice *choice = act->chosen;

	if (choice->ops->choices == NULL ||
	    act->fields[field].opt->choices != NULL)
		return false;
	return choice->configured == NULL ||
	       choice->configured->inputs[field].from != NULL;
}

bool
act_form_wants(const struct act *act)
{
	bool given = false;

	for (size_t i = 0; i < act->field_count; i++) {
		if (act->fields[i].value[0] != '\0')
			given = true;
		else if (act->fields[i].opt->required)
			return true;
	}
	if (act->chosen->ops->asks && !given)
		return true;
	/* What is plain for one target has to be said for several. */
	return act->chosen->target_count > 1 && act->field_count > 0 &&
	       act->fields[0].value[0] == '\0' && form_is_asked(act, 0);
}

static void
form_forget(struct act *act)
{
	if (act->asked != 0)
		actions_cancel(act->is.actions, act->asked);
	act->asked = 0;
	act->words_read = choices_unref(act->words_read);
}

/* Reads the words of the selected field, if there is where to read them. */
static void
form_ask(struct act *act)
{
	struct err err = ERR_INIT;

	form_forget(act);
	if (!form_is_asked(act, act->field) || !act_request(act, &err))
		return;
	act->asked_for = act->field;
	if (actions_choices(act->is.actions, &act->request->is,
		act->fields[act->field].opt->name, &act->asked, &err) != ERR_OK)
		act_say(act, "%s", err.msg);
}

bool
act_form_look(struct act *act)
{
	struct job_view view;
	bool ended;

	if (act->asked == 0)
		return false;
	if (!actions_job(act->is.actions, act->asked, &view)) {
		act->asked = 0;
		return true;
	}
	ended = view.outcome != OUTCOME_NONE;
	if (ended) {
		act->asked = 0;
		if (view.choices != NULL && view.choices->count > 0)
			act->words_read = choices_ref(view.choices);
		else
			act_say(act, "no words to choose from: %s",
			    view.words[0] != '\0' ? view.words : "none");
	}
	job_view_release(&view);
	return ended;
}

void
act_form_start(struct act *act, int64_t now)
{
	act_go(act, ACT_FORM, now);
	prompt_start(&act->prompt, act->fields[act->field].value, NULL);
	form_ask(act);
}

/* Takes over what was typed into the selected row. */
static void
form_keep(struct act *act)
{
	char *copy = arena_copy(act->arena, act->prompt.text, act->prompt.len);

	if (copy != NULL)
		act->fields[act->field].value = copy;
}

static void
form_move(struct act *act, size_t to)
{
	form_keep(act);
	act->field = to;
	prompt_start(&act->prompt, act->fields[to].value, NULL);
	form_ask(act);
}

/* The words that the selected row may hold; *ret_count 0: any. */
static const char *const *
form_choices(const struct act *act, size_t *ret_count)
{
	static const char *const yes_no[] = { "true", "false" };
	const struct opt *opt = act->fields[act->field].opt;
	size_t count = 0;

	if (opt->kind == OPT_BOOL) {
		*ret_count = 2;
		return yes_no;
	}
	if (act->words_read != NULL && act->asked_for == act->field) {
		*ret_count = act->words_read->count;
		return act->words_read->items;
	}
	while (opt->kind == OPT_CHOICE && opt->choices != NULL &&
	       opt->choices[count] != NULL)
		count++;
	*ret_count = count;
	return opt->choices;
}

/* The next word, or the one before. */
static void
form_turn(struct act *act, const char *const *choices, size_t count, bool back)
{
	size_t at = SIZE_MAX;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(choices[i], act->prompt.text) == 0)
			at = i;
	}
	if (at == SIZE_MAX)
		at = 0;
	else
		at = (at + (back ? count - 1 : 1)) % count;
	prompt_set(&act->prompt, choices[at]);
}

static void
form_back(struct act *act, int64_t now)
{
	form_forget(act);
	if (act->job != 0)
		act_go(act, ACT_JOB, now);
	else
		act_close(act);
}

void
act_form_event(struct act *act, const struct input_event *event, int64_t now)
{
	size_t n = act->field_count, count;
	const char *const *choices = form_choices(act, &count);

	if (event->kind == INPUT_KEY) {
		switch (event->code) {
		case INPUT_DOWN:
		case INPUT_TAB:
			form_move(act,
			    (act->field +
				((event->mods & INPUT_SHIFT) ? n - 1 : 1)) %
				n);
			return;
		case INPUT_UP:
			form_move(act, (act->field + n - 1) % n);
			return;
		case INPUT_LEFT:
		case INPUT_RIGHT:
		case ' ':
			if (count == 0)
				break;
			form_turn(
			    act, choices, count, event->code == INPUT_LEFT);
			return;
		default:
			break;
		}
	}
	switch (prompt_event(&act->prompt, event)) {
	case PROMPT_ACCEPTED:
		form_keep(act);
		form_forget(act);
		act_plan(act, now);
		break;
	case PROMPT_CANCELLED:
		form_back(act, now);
		break;
	case PROMPT_CHANGED:
		act->words[0] = '\0';
		break;
	default:
		break;
	}
}

/* "duration, 100ms to 1m, default 5s" */
static struct text
form_bounds(const struct opt *opt, struct text_buf *tb)
{
	struct buf buf = BUF_INIT(ERR_MSG_MAX * 2);

	tb_init(tb);
	opt_describe(opt, &buf);
	tb_fmt(tb, "%s", buf_cstr(&buf));
	buf_release(&buf);
	return tb_end(tb);
}

/* What Space goes through, as far as a few rows hold it. */
static void
form_words(const struct act *act, struct page *page)
{
	size_t count;
	const char *const *choices = form_choices(act, &count);
	struct text_buf tb;

	tb_init(&tb);
	if (act->asked != 0)
		tb_lit(&tb, "reading what there is to choose from…");
	else if (count > 0)
		tb_lit(&tb, "Space: the next of");
	for (size_t i = 0; i < count; i++)
		tb_fmt(&tb, "%s %s", i > 0 ? "," : "", choices[i]);
	if (tb.width > 0)
		page_words(page, 2, tb_end(&tb), ROLE_DIM);
}

static void
form_row(struct act *act, struct page *page, size_t i, int label_w)
{
	const struct act_field *field = &act->fields[i];
	bool here = i == act->field;
	struct text_buf tb;

	tb_init(&tb);
	tb_fmt(&tb, "%s %s", here ? ">" : " ", field->opt->name);
	if (here && page->canvas != NULL && page->y >= page->skip) {
		struct rect row = { page->area.y + page->y - page->skip,
			page->area.x + label_w, 1, page->area.w - label_w };

		canvas_text(page->canvas, page->area, row.y, page->area.x,
		    tb_end(&tb), ROLE_TITLE, CELL_BOLD);
		if (row.y < page->area.y + page->area.h)
			prompt_draw(&act->prompt, page->canvas, row, TEXT_EMPTY,
			    TEXT_EMPTY);
		page->y++;
	} else {
		tb_pad(&tb, (uint32_t)label_w);
		tb_fmt(&tb, "%s", here ? "" : field->value);
		page_row(page, 0, tb_end(&tb), ROLE_TEXT);
	}
	if (!here)
		return;
	tb_init(&tb);
	tb_fmt(&tb, "%s", field->opt->help != NULL ? field->opt->help : "");
	if (tb.width > 0)
		page_words(page, 2, tb_end(&tb), ROLE_DIM);
	page_words(page, 2, form_bounds(field->opt, &tb), ROLE_DIM);
	form_words(act, page);
}

void
act_form_draw(struct act *act, struct canvas *canvas, struct rect area)
{
	static const struct act_key keys[] = {
		{ "Enter", "plan", false },
		{ "Up Down", "fields", false },
		{ "Esc", "back", false },
		{ NULL, NULL, false },
	};
	struct act_frame frame;
	struct page page = { .canvas = NULL };
	char rows[ERR_MSG_MAX];
	int label_w = 12;

	act_choice_rows(act->chosen, rows);

	for (size_t i = 0; i < act->field_count; i++) {
		int w = (int)strlen(act->fields[i].opt->name) + 4;

		label_w = w > label_w && w < 30 ? w : label_w;
	}
	act_frame_open(&frame, canvas, area,
	    &(struct act_title) {
		.title = act_choice_title(act->chosen),
		.own_words = act->chosen->configured != NULL,
		.subject = rows,
		.platform = act->subject.platform,
		.source = act->subject.source,
		.keys = keys,
	    },
	    (int)act->field_count + 5);
	page.canvas = canvas;
	page.area = frame.body;
	page.area.h -= 1;
	/* The selected row with its help stays in sight. */
	page.skip = (int)act->field + 4 > page.area.h
			? (int)act->field + 4 - page.area.h
			: 0;
	for (size_t i = 0; i < act->field_count; i++)
		form_row(act, &page, i, label_w);
	act_frame_words(&frame, act->words, ROLE_CRIT);
}
