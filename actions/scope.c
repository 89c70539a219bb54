#include "actions/scope.h"

#include <stdio.h>
#include <string.h>

#include "actions/action.h"
#include "actions/limits.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/nearest.h"
#include "base/secret.h"
#include "model/platform.h"

static const char origin[] = "action";

struct scope
scope_of(const struct action_ctx *ctx, size_t index)
{
	const struct request_spec *is = &ctx->request->is;

	return (struct scope) {
		.platform = ctx->platform,
		.action = ctx->configured,
		.inputs = ctx->configured != NULL ? ctx->args : NULL,
		.target = index < is->target_count ? &is->targets[index] : NULL,
		.may_target = is->target_count > 0,
		.arena = ctx->arena,
	};
}

struct scope
scope_sample(const struct platform *platform,
    const struct platform_action *action, struct arena *arena)
{
	return (struct scope) {
		.platform = platform,
		.action = action,
		.may_target =
		    action != NULL && action->targets != PLATFORM_TARGETS_NONE,
		.arena = arena,
	};
}

/* What follows "group." in name; NULL: it begins with something else. */
static const char *
behind(const char *name, const char *group)
{
	size_t len = strlen(group);

	if (strncmp(name, group, len) != 0 || name[len] != '.')
		return NULL;
	return name + len + 1;
}

static bool
is_bare_kind(enum opt_kind kind)
{
	return kind == OPT_INT || kind == OPT_NUMBER || kind == OPT_BOOL;
}

/* A value that an input could have. */
static const char *
sample_of(const struct opt *opt)
{
	switch (opt->kind) {
	case OPT_BOOL:
		return "true";
	case OPT_INT:
	case OPT_NUMBER:
		return "1";
	default:
		return "x";
	}
}

static bool
find_input(const struct scope *scope, const char *name,
    struct template_value *ret, struct nearest *near)
{
	const struct platform_action *action = scope->action;

	for (size_t i = 0; action != NULL && i < action->input_count; i++) {
		const struct opt *opt = &action->inputs[i].opt;

		nearest_offer(near, opt->name);
		if (strcmp(opt->name, name) != 0)
			continue;
		ret->text =
		    scope->inputs != NULL ? scope->inputs[i] : sample_of(opt);
		ret->bare = is_bare_kind(opt->kind);
		return true;
	}
	return false;
}

static bool
find_more(const struct scope *scope, const char *name,
    struct template_value *ret, struct nearest *near)
{
	for (size_t i = 0; i < scope->more_count; i++) {
		nearest_offer(near, scope->more[i].name);
		if (strcmp(scope->more[i].name, name) != 0)
			continue;
		ret->text = scope->more[i].value;
		ret->bare = scope->more[i].bare;
		return true;
	}
	return false;
}

static bool
find_target(
    const struct scope *scope, const char *name, struct template_value *ret)
{
	const struct request_target *target = scope->target;
	bool key = strcmp(name, "key") == 0;

	if (!scope->may_target || (!key && strcmp(name, "name") != 0))
		return false;
	if (target == NULL)
		ret->text = "x";
	else
		ret->text =
		    key && target->key != NULL ? target->key : target->name;
	return true;
}

static bool
find_platform(
    const struct scope *scope, const char *name, struct template_value *ret)
{
	if (strcmp(name, "name") == 0)
		ret->text = scope->platform->name;
	else if (strcmp(name, "env") == 0)
		ret->text = scope->platform->env;
	else
		return false;
	return true;
}

/* A template_fn. */
static bool
scope_find(const void *ctx, const char *name, struct template_value *ret,
    const char **ret_hint)
{
	const struct scope *scope = ctx;
	struct nearest near = NEAREST_INIT("");
	char words[NAME_MAX_LEN * 4];
	const char *rest;
	bool found = false;

	*ret_hint = NULL;
	if ((rest = behind(name, "input")) != NULL) {
		near.word = rest;
		found = find_input(scope, rest, ret, &near);
	} else if (scope->group != NULL &&
		   (rest = behind(name, scope->group)) != NULL) {
		near.word = rest;
		found = find_more(scope, rest, ret, &near);
	} else if ((rest = behind(name, "target")) != NULL) {
		found = find_target(scope, rest, ret);
		if (!found && !scope->may_target)
			*ret_hint = "this action takes no target";
	} else if ((rest = behind(name, "platform")) != NULL) {
		found = find_platform(scope, rest, ret);
	} else {
		*ret_hint = "there are input., target., platform. and read.";
	}
	if (!found && near.best != NULL) {
		snprintf(words, sizeof(words), "did you mean %.*s%s?",
		    (int)(rest - name), name, near.best);
		*ret_hint = arena_copy(scope->arena, words, strlen(words));
	}
	return found;
}

enum err_code
scope_fill(const struct scope *scope, const char *what, const char *text,
    enum template_form form, const char **ret_text, struct err *err)
{
	struct buf out = BUF_INIT(ACTION_FILLED_MAX);
	enum err_code code =
	    template_fill(text, form, scope_find, scope, &out, err);
	const char *copy = NULL;

	if (code != ERR_OK)
		err_prefix(err, "%s", what);
	else
		copy = arena_copy(scope->arena, buf_cstr(&out), out.len);
	buf_release(&out);
	if (code == ERR_OK && copy == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	if (code == ERR_OK)
		*ret_text = copy;
	return code;
}

/* Whether word is one input that may be missing, and is; or --NAME=INPUT. */
static bool
is_left_out(const struct scope *scope, const char *word)
{
	struct template_value value = { .text = "" };
	const char *equals = strchr(word, '=');
	char name[2 * NAME_MAX_LEN];
	const char *hint;

	if (strncmp(word, "--", 2) == 0 && equals != NULL)
		word = equals + 1;
	return template_is_one(word, name) &&
	       scope_find(scope, name, &value, &hint) && value.text == NULL &&
	       behind(name, "input") != NULL;
}

/* A value in front must not make an option of the word. */
static bool
is_option(const struct scope *scope, const char *word, const char *filled)
{
	struct template_value value = { .text = NULL };
	char name[2 * NAME_MAX_LEN];
	const char *hint;
	size_t len;

	if (filled[0] != '-' || strncmp(word, "${", 2) != 0 ||
	    !template_reference(word + 2, &len))
		return false;
	memcpy(name, word + 2, len);
	name[len] = '\0';
	return scope_find(scope, name, &value, &hint) && !value.bare;
}

enum err_code
scope_argv(const struct scope *scope, const char *what,
    const struct opt_list *argv, const char *const **ret_argv, struct err *err)
{
	const char **words =
	    arena_array(scope->arena, argv->count + 1, sizeof(*words));
	bool ended = false;
	size_t n = 0;

	if (words == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	for (size_t i = 0; i < argv->count; i++) {
		const char *word = argv->items[i];
		enum err_code code;

		if (is_left_out(scope, word))
			continue;
		code = scope_fill(
		    scope, what, word, TEMPLATE_TEXT, &words[n], err);
		if (code != ERR_OK)
			return code;
		if (words[n][0] == '\0')
			return err_set(err, ERR_USAGE, origin,
			    "%s: \"%.60s\" is empty", what, word);
		if (!ended && is_option(scope, word, words[n]))
			return err_set(err, ERR_USAGE, origin,
			    "%s: \"%.60s\" begins with -, it would be taken "
			    "for an option",
			    what, words[n]);
		ended = ended || strcmp(words[n], "--") == 0;
		n++;
	}
	*ret_argv = words;
	return ERR_OK;
}

enum err_code
scope_pairs(const struct scope *scope, const char *what,
    const struct opt_pairs *pairs, enum template_form form,
    struct opt_pairs *ret_pairs, struct err *err)
{
	struct opt_pair *items =
	    arena_array(scope->arena, pairs->count + 1, sizeof(*items));
	size_t n = 0;

	if (items == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	for (size_t i = 0; i < pairs->count; i++) {
		const struct opt_pair *pair = &pairs->items[i];
		enum err_code code;

		if (is_left_out(scope, pair->value))
			continue;
		items[n].key = pair->key;
		code = scope_fill(
		    scope, pair->key, pair->value, form, &items[n].value, err);
		if (code != ERR_OK) {
			err_prefix(err, "%s", what);
			return code;
		}
		if (strcmp(items[n].value, pair->value) != 0 &&
		    secret_ref_kind(items[n].value) != SECRET_LITERAL)
			return err_set(err, ERR_USAGE, origin,
			    "%s: %s: a value must not begin with env:, file: "
			    "or cmd:",
			    what, pair->key);
		n++;
	}
	*ret_pairs = (struct opt_pairs) {
		.items = items, .count = n, .node = pairs->node
	};
	return ERR_OK;
}

void
scope_check_text(const struct scope *scope, const char *text,
    enum template_form form, const struct conf_node *node,
    const struct conf_node *fallback, struct conf_errors *errors)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT(ACTION_FILLED_MAX);

	if (template_fill(text, form, scope_find, scope, &out, &err) != ERR_OK)
		conf_errors_add(errors,
		    node != NULL ? node->pos : fallback->key_pos, NULL, "%s",
		    err_text(&err));
	buf_release(&out);
}

void
scope_check_list(const struct scope *scope, const struct opt_list *list,
    const struct conf_node *fallback, struct conf_errors *errors)
{
	const struct conf_node *node =
	    list->node != NULL && list->node->kind == CONF_LIST
		? list->node->first
		: list->node;

	for (size_t i = 0; i < list->count; i++) {
		scope_check_text(scope, list->items[i], TEMPLATE_TEXT, node,
		    fallback, errors);
		if (node != NULL)
			node = node->next;
	}
}

void
scope_check_pairs(const struct scope *scope, const struct opt_pairs *pairs,
    enum template_form form, struct conf_errors *errors)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const struct opt_pair *pair = &pairs->items[i];
		const struct conf_node *node = conf_get(pairs->node, pair->key);

		scope_check_text(
		    scope, pair->value, form, node, pairs->node, errors);
	}
}
