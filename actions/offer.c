#include "actions/offer.h"

#include <stdio.h>
#include <string.h>

#include "actions/action.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/nearest.h"
#include "base/regex.h"
#include "datasrc/process_read.h"
#include "model/platform.h"
#include "model/store.h"

static const char origin[] = "action";

static enum err_code
bind_from(const struct conf_node *from, struct arena *arena,
    struct peek_conf *ret, struct conf_errors *errors)
{
	memset(ret, 0, sizeof(*ret));
	return opt_bind(&peek_table, from, ret, arena, errors);
}

/* A line without the blanks around it, or what matches in it; 0: nothing. */
static size_t
choice_of(const struct regex *regex, const char **line, size_t len)
{
	struct regex_span spans[2] = { { SIZE_MAX, 0 }, { SIZE_MAX, 0 } };
	size_t at;

	while (len > 0 && strchr(" \t\r", (*line)[len - 1]) != NULL)
		len--;
	while (len > 0 && (**line == ' ' || **line == '\t')) {
		(*line)++;
		len--;
	}
	if (regex == NULL || len == 0)
		return len;
	if (regex_capture(regex, *line, len, spans, 2) != REGEX_MATCH)
		return 0;
	at = spans[1].from != SIZE_MAX ? 1 : 0;
	*line += spans[at].from;
	return spans[at].to - spans[at].from;
}

static void
split_lines(
    const struct regex *regex, const struct buf *out, struct choices *choices)
{
	const char *at = buf_cstr(out), *line;
	size_t len;

	while (process_line(&at, buf_cstr(out) + out->len, &line, &len)) {
		len = choice_of(regex, &line, len);
		choices_add(choices, line, len);
	}
}

/* Those of pairs that need no input: none is given yet. */
static enum err_code
without_inputs(struct arena *arena, struct opt_pairs *pairs, struct err *err)
{
	struct opt_pair *items =
	    arena_array(arena, pairs->count + 1, sizeof(*items));
	size_t n = 0;

	if (items == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	for (size_t i = 0; i < pairs->count; i++) {
		if (strstr(pairs->items[i].value, "${input.") == NULL &&
		    strstr(pairs->items[i].value, "${read.") == NULL)
			items[n++] = pairs->items[i];
	}
	pairs->items = items;
	pairs->count = n;
	return ERR_OK;
}

/*
 * Runs what a map {argv: [...], match: ...} says and adds the lines that it
 * printed, blank ones left out; with match, what matches in each. Its
 * templates know no inputs: those are not given yet. Errors of peeking;
 * ERR_IO when it fails.
 */
static enum err_code
offer_read(struct action_ctx *ctx, const struct conf_node *from,
    const struct peek_conf *base, struct choices *choices, struct err *err)
{
	struct conf_errors *errors = arena_alloc(ctx->arena, sizeof(*errors));
	struct scope scope = scope_of(ctx, SIZE_MAX);
	struct buf out = BUF_INIT(PEEK_OUTPUT_MAX);
	struct run run = { .scope = &scope, .out = &out };
	struct regex *regex = NULL;
	struct peek_conf conf;
	struct run_conf where;
	struct run_end end;
	char words[ERR_MSG_MAX];
	enum err_code code;

	scope.action = NULL;
	if (errors == NULL ||
	    bind_from(from, ctx->arena, &conf, errors) != ERR_OK)
		return err_set(err, ERR_CONFIG, origin, "no command to ask");
	where = peek_run_conf(&conf, base);
	run.conf = &where;
	run.script = conf.script;
	code = without_inputs(ctx->arena, &where.env, err);
	if (code == ERR_OK)
		code = scope_argv(&scope, "argv", &conf.argv, &run.argv, err);
	if (code == ERR_OK && conf.match != NULL)
		code =
		    regex_new(conf.match, strlen(conf.match), 0, &regex, err);
	if (code == ERR_OK)
		code = run_command(ctx, &run, &end, err);
	if (code == ERR_OK && !run_is_good(&end, &conf.exit)) {
		run_words(&end, words, sizeof(words));
		code =
		    err_set(err, ERR_IO, origin, "%s: %s", run.argv[0], words);
	}
	if (code == ERR_OK)
		split_lines(regex, &out, choices);
	regex_free(regex);
	buf_release(&out);
	return code;
}

enum err_code
offer_input(struct action_ctx *ctx, const char *arg,
    const struct peek_conf *base, struct choices *choices, struct err *err)
{
	const struct platform_action *action = ctx->configured;

	for (size_t i = 0; i < action->input_count; i++) {
		const struct platform_input *input = &action->inputs[i];

		if (strcmp(input->opt.name, arg) == 0 && input->from != NULL)
			return offer_read(ctx, input->from, base, choices, err);
	}
	return err_set(err, ERR_UNSUPPORTED, origin,
	    "no command tells what %.60s may be", arg);
}

/* Whether word is on offer; what is nearest to it, else. */
static bool
is_in(const struct choices *choices, const char *word, struct nearest *near)
{
	*near = (struct nearest)NEAREST_INIT(word);
	for (size_t i = 0; i < choices->count; i++) {
		if (strcmp(choices->items[i], word) == 0)
			return true;
		nearest_offer(near, choices->items[i]);
	}
	return false;
}

/* "a, b, c" for messages. */
static const char *
choices_words(const struct choices *choices, struct buf *out)
{
	for (size_t i = 0; i < choices->count; i++)
		buf_fmt(out, "%s%s", i > 0 ? ", " : "", choices->items[i]);
	return choices->count > 0 ? buf_cstr(out) : "nothing at all";
}

static enum err_code
check_input(struct action_ctx *ctx, const struct platform_input *input,
    const char *value, const struct peek_conf *base, struct err *err)
{
	struct choices *choices = choices_new();
	struct buf words = BUF_INIT(ERR_MSG_MAX);
	struct nearest near;
	enum err_code code;

	if (choices == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	code = offer_read(ctx, input->from, base, choices, err);
	if (code != ERR_OK)
		err_prefix(err, "%s has no choices", input->opt.name);
	else if (!is_in(choices, value, &near))
		code = err_set(err, ERR_USAGE, origin,
		    "%s can't be %.60s; there is %.100s", input->opt.name,
		    value, choices_words(choices, &words));
	choices_unref(choices);
	buf_release(&words);
	return code;
}

enum err_code
offer_check_inputs(
    struct action_ctx *ctx, const struct peek_conf *base, struct err *err)
{
	const struct platform_action *action = ctx->configured;
	const char *const *values = ctx->args;
	enum err_code code = ERR_OK;

	for (size_t i = 0; code == ERR_OK && i < action->input_count; i++)
		if (action->inputs[i].from != NULL && values[i] != NULL)
			code = check_input(
			    ctx, &action->inputs[i], values[i], base, err);
	return code;
}

/* Whether a row of any of the tables that the action is for has this key. */
static bool
is_on_screen(const struct action_ctx *ctx, const char *name, bool *ret_asked)
{
	const struct frame *frame = ctx->frame;
	const struct opt_list *on = &ctx->configured->on;
	struct text key = text_clean_str(ctx->arena, name);

	for (size_t s = 0; s < frame->slot_count; s++) {
		const struct section *section = frame->sections[s];

		if (section == NULL || section->payload == NULL ||
		    strcmp(section->platform, ctx->platform->name) != 0)
			continue;
		for (size_t i = 0; i < on->count; i++) {
			const struct table *table =
			    payload_table(section->payload, on->items[i]);
			size_t rows = table != NULL ? table->row_count : 0;

			*ret_asked = *ret_asked || table != NULL;
			for (size_t r = 0; r < rows; r++)
				if (text_eq(table->rows[r].key, key))
					return true;
		}
	}
	return false;
}

static enum err_code
no_target(const char *name, const char *near, struct err *err)
{
	return err_set(err, ERR_NOTFOUND, origin,
	    near != NULL ? "there is no %.60s; did you mean %.60s?"
			 : "there is no %.60s",
	    name, near);
}

/* Against what a command lists. */
static enum err_code
check_listed(struct action_ctx *ctx, const struct conf_node *from,
    const struct peek_conf *base, struct err *err)
{
	const struct request_spec *is = &ctx->request->is;
	struct choices *choices = choices_new();
	struct nearest near;
	enum err_code code;

	if (choices == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	code = offer_read(ctx, from, base, choices, err);
	if (code != ERR_OK)
		err_prefix(err, "can't look what there is");
	for (size_t i = 0; code == ERR_OK && i < is->target_count; i++)
		if (!is_in(choices, is->targets[i].name, &near))
			code = no_target(is->targets[i].name, near.best, err);
	choices_unref(choices);
	return code;
}

enum err_code
offer_check_targets(struct action_ctx *ctx, const struct conf_node *from,
    const struct peek_conf *base, struct err *err)
{
	const struct request_spec *is = &ctx->request->is;

	if (from != NULL && is->target_count > 0)
		return check_listed(ctx, from, base, err);
	for (size_t i = 0; i < is->target_count; i++) {
		const struct request_target *target = &is->targets[i];
		const char *key =
		    target->key != NULL ? target->key : target->name;
		bool asked = false;

		if (!is_on_screen(ctx, key, &asked) && asked)
			return no_target(target->name, NULL, err);
	}
	return ERR_OK;
}

static void
check_from(const struct conf_node *from, const struct scope *scope,
    struct conf_errors *errors)
{
	struct peek_conf conf;

	if (bind_from(from, scope->arena, &conf, errors) != ERR_OK)
		return;
	if (peek_kind(&conf) != PEEK_COMMAND) {
		conf_errors_add(errors, from->key_pos,
		    "argv: [docker, compose, ps, --services]",
		    "\"%.40s\" wants a command that prints a line each",
		    from->key);
		return;
	}
	peek_check(&conf, scope, from, errors);
}

void
offer_check_conf(const struct platform_action *action,
    const struct conf_node *targets, const struct scope *scope,
    struct conf_errors *errors)
{
	struct scope bare = *scope;

	bare.action = NULL;
	for (size_t i = 0; i < action->input_count; i++)
		if (action->inputs[i].from != NULL)
			check_from(action->inputs[i].from, &bare, errors);
	if (targets != NULL)
		check_from(targets, &bare, errors);
}
