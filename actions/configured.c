#include "actions/configured.h"

#include <stdio.h>
#include <string.h>

#include "actions/offer.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/redact.h"
#include "model/limits.h"
#include "model/platform.h"

enum {
	VALUE_BRIEF_MAX = 60 /* of a value in an error */
};

static const char origin[] = "action";

/* Name of a target for messages; "" for none. */
static const char *
configured_target(const struct configured *c, size_t index)
{
	const struct request_spec *is = &c->ctx->request->is;

	return index < is->target_count ? is->targets[index].name : "";
}

static enum err_code
no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, origin, "no memory");
}

/* What the file says as structs. */
static enum err_code
bind_peeks(
    struct arena *arena, struct configured *c, struct conf_errors *errors)
{
	const struct conf_node *map = c->conf->reads;
	size_t count = map != NULL ? map->count : 0, n = 0;
	enum err_code code = ERR_OK;

	c->names = arena_array(arena, count + 1, sizeof(*c->names));
	c->peeks = arena_array(arena, count + 1, sizeof(*c->peeks));
	if (c->names == NULL || c->peeks == NULL)
		return ERR_NOMEM;
	if (c->conf->verify != NULL)
		code = opt_bind(
		    &peek_table, c->conf->verify, &c->verify, arena, errors);
	for (const struct conf_node *node = count > 0 ? map->first : NULL;
	     node != NULL && code == ERR_OK; node = node->next) {
		code = opt_bind(&peek_table, node, &c->peeks[n], arena, errors);
		c->names[n++] = node->key;
	}
	c->peek_count = n;
	return code;
}

/* The structs of a call, with nothing read yet. */
static enum err_code
open_call(struct configured *c, struct action_ctx *ctx, struct err *err)
{
	size_t targets = ctx->request->is.target_count;
	struct conf_errors *errors = arena_alloc(ctx->arena, sizeof(*errors));
	enum err_code code = ERR_NOMEM;

	*c = (struct configured) {
		.ctx = ctx,
		.conf = ctx->configured->config,
		.count = targets > 0 ? targets : 1,
	};
	if (errors != NULL)
		code = bind_peeks(ctx->arena, c, errors);
	if (code != ERR_OK)
		return err_set(err, code, origin, "%s",
		    code == ERR_NOMEM ? "no memory" : errors->items[0].msg);
	c->was = arena_array(ctx->arena, c->count, sizeof(*c->was));
	for (size_t i = 0; c->was != NULL && i < c->count; i++) {
		c->was[i].values = arena_array(
		    ctx->arena, c->peek_count + 1, sizeof(struct scope_value));
		for (size_t k = 0;
		     c->was[i].values != NULL && k < c->peek_count; k++)
			c->was[i].values[k].name = c->names[k];
	}
	return arena_failed(ctx->arena) ? no_memory(err) : ERR_OK;
}

enum err_code
configured_begin(struct configured *c, struct action_ctx *ctx, struct err *err)
{
	enum err_code code = open_call(c, ctx, err);

	if (code == ERR_OK)
		code = offer_check_inputs(ctx, &c->conf->base, err);
	if (code == ERR_OK)
		code = offer_check_targets(
		    ctx, c->conf->targets, &c->conf->base, err);
	return code;
}

/* One target of the memo. */
static bool
read_was(const struct cJSON *row, struct configured *c, size_t index)
{
	struct configured_was *was = &c->was[index];
	const char *etag = json_string(json_member(row, "etag"));

	if (!json_bool(json_member(row, "so"), &was->so))
		return false;
	if (etag != NULL)
		snprintf(was->etag, sizeof(was->etag), "%s", etag);
	for (size_t i = 0; i < c->peek_count; i++) {
		const char *value = json_string(
		    json_member(json_member(row, "reads"), c->names[i]));

		if (value != NULL)
			was->values[i].value =
			    arena_copy(c->ctx->arena, value, strlen(value));
	}
	return true;
}

enum err_code
configured_resume(struct configured *c, struct action_ctx *ctx,
    const struct plan *plan, struct err *err)
{
	struct cJSON *root = NULL;
	size_t n = 0;
	enum err_code code = open_call(c, ctx, err);

	if (code == ERR_OK)
		code = json_parse(plan->memo, strlen(plan->memo), &root, err);
	for (const struct cJSON *row = json_first(json_member(root, "targets"));
	     code == ERR_OK && row != NULL && n < c->count &&
	     read_was(row, c, n);
	     row = json_next(row))
		n++;
	json_free(root);
	if (code == ERR_OK && n != c->count)
		code = err_set(err, ERR_BADDATA, origin,
		    "the plan does not say what was read for it");
	return code;
}

struct scope
configured_scope(const struct configured *c, size_t index)
{
	struct scope scope = scope_of(c->ctx, index);

	scope.group = "read";
	scope.more = c->was[index].values;
	scope.more_count = c->peek_count;
	return scope;
}

/* One value. A command that fails has not read anything. */
static enum err_code
read_one(struct configured *c, size_t index, size_t which, struct peek *peek,
    struct err *err)
{
	const struct peek_conf *conf = &c->peeks[which];
	const struct scope scope = scope_of(c->ctx, index);
	enum err_code code =
	    peek_at(c->ctx, conf, &c->conf->base, &scope, peek, err);

	if (code == ERR_OK && !peek->there && peek->why[0] != '\0' &&
	    peek_kind(conf) == PEEK_COMMAND)
		code = err_set(err, ERR_IO, origin, "%s", peek->why);
	if (code != ERR_OK)
		err_prefix(err, "%s can't be read", c->names[which]);
	return code;
}

static struct text
show(const struct configured *c, struct plan *plan, const char *value)
{
	return text_ingest(
	    c->ctx->redactor, plan->arena, value, strlen(value), PLAN_TEXT_MAX);
}

/* What a line of the plan is called: the target too, where there are more. */
static struct text
label_of(const struct configured *c, struct plan *plan, size_t index,
    const char *name)
{
	if (c->count < 2)
		return text_clean_str(plan->arena, name);
	return text_fmt(
	    plan->arena, "%s: %s", configured_target(c, index), name);
}

/* Reads everything for one target; *ret_same: it is all as wanted. */
static enum err_code
plan_target(struct configured *c, struct plan *plan, size_t index,
    bool *ret_wants, bool *ret_so, struct err *err)
{
	struct configured_was *was = &c->was[index];
	bool wants = false, so = true;

	for (size_t i = 0; i < c->peek_count; i++) {
		const struct peek_conf *conf = &c->peeks[i];
		struct peek peek;
		enum err_code code = read_one(c, index, i, &peek, err);

		if (code != ERR_OK)
			return code;
		if (peek.there)
			was->values[i].value = peek.value;
		if (peek.etag[0] != '\0')
			memcpy(was->etag, peek.etag, sizeof(was->etag));
		if (peek.want != NULL) {
			wants = true;
			so = so && peek.good;
		}
		plan_line(plan,
		    label_of(c, plan, index,
			conf->label != NULL ? conf->label : c->names[i]),
		    peek.there ? show(c, plan, peek.value) : TEXT("(none)"),
		    peek.want != NULL ? show(c, plan, peek.want) : TEXT_EMPTY,
		    TEXT_EMPTY);
	}
	*ret_wants = wants;
	*ret_so = so;
	return ERR_OK;
}

/* Whether what verifies it says yes before anything was done. */
static bool
is_verified_now(struct configured *c, size_t index)
{
	const struct peek_conf *verify = &c->verify;
	struct scope scope = configured_scope(c, index);
	struct err err = ERR_INIT;
	struct peek peek;

	if (peek_kind(verify) == PEEK_NONE)
		return true;
	return peek_at(c->ctx, verify, &c->conf->base, &scope, &peek, &err) ==
		   ERR_OK &&
	       peek.good;
}

static void
keep_memo(const struct configured *c, struct plan *plan)
{
	struct buf scratch = BUF_INIT(PEEK_VALUE_MAX);
	struct buf memo = BUF_INIT(PLAN_MEMO_MAX);
	struct json_out out = JSON_OUT_INIT(&scratch);
	struct cJSON *root = json_out_open(&out);
	struct cJSON *list = json_out_list(&out, root, "targets");

	for (size_t i = 0; i < c->count; i++) {
		const struct configured_was *was = &c->was[i];
		struct cJSON *row = json_out_row(&out, list), *reads;

		json_out_raw(&out, row, "so", was->so ? "true" : "false");
		json_out_str(&out, row, "etag", was->etag);
		reads = json_out_map(&out, row, "reads");
		for (size_t k = 0; k < c->peek_count; k++)
			if (was->values[k].value != NULL)
				json_out_str(&out, reads, c->names[k],
				    was->values[k].value);
	}
	/* A memo that is missing makes the plan useless, and is refused. */
	if (json_out_close(&out, root, &memo) == ERR_OK)
		plan_memo(plan, buf_cstr(&memo));
	buf_release(&memo);
	buf_release(&scratch);
}

/* The values of the undo for one target. */
static enum err_code
undo_values(const struct configured *c, size_t index,
    struct request_value *values, struct err *err)
{
	const struct opt_pairs *set = &c->ctx->configured->undo_set;
	struct scope scope = configured_scope(c, index);
	struct opt_pairs filled = { .items = NULL };
	enum err_code code =
	    scope_pairs(&scope, "undo_set", set, TEMPLATE_TEXT, &filled, err);

	if (code == ERR_OK && filled.count != set->count)
		return err_set(err, ERR_USAGE, origin, "a value is missing");
	for (size_t i = 0; code == ERR_OK && i < filled.count; i++)
		values[i] = (struct request_value) { filled.items[i].key,
			filled.items[i].value };
	return code;
}

/* The request that takes it back, if one request can do that for all. */
static void
plan_undo_of(const struct configured *c, struct plan *plan)
{
	const struct platform_action *action = c->ctx->configured;
	size_t count = action->undo_set.count;
	struct request_value first[ACTION_VALUES_MAX], other[ACTION_VALUES_MAX];
	struct request_spec undo = c->ctx->request->is;
	struct err err = ERR_INIT;

	if (action->undo == NULL || plan->nothing)
		return;
	for (size_t i = 0; i < c->count; i++) {
		struct request_value *to = i == 0 ? first : other;

		if (undo_values(c, i, to, &err) != ERR_OK) {
			plan_trap(plan,
			    text_fmt(plan->arena, "it can't be taken back: %s",
				err_text(&err)));
			return;
		}
		for (size_t k = 0; i > 0 && k < count; k++) {
			if (strcmp(first[k].value, other[k].value) == 0)
				continue;
			plan_trap(
			    plan, TEXT("it can't be taken back in one go: the "
				       "targets have different values now"));
			return;
		}
	}
	undo.action = action->undo;
	undo.values = first;
	undo.value_count = count;
	undo.undo_of = NULL;
	plan_undo(plan, &undo);
}

bool
configured_is_verified(const struct configured *c)
{
	bool wants = peek_kind(&c->verify) != PEEK_NONE;

	for (size_t i = 0; i < c->peek_count; i++)
		wants = wants || c->peeks[i].want != NULL;
	return wants;
}

/* What reads it back, or that nothing does. */
static enum err_code
plan_verified(const struct configured *c, struct plan *plan,
    const char *accepted, struct err *err)
{
	struct scope scope = configured_scope(c, 0);
	const char *words = NULL;
	enum err_code code;

	if (plan->class == ACTION_LOOK)
		return ERR_OK;
	if (!configured_is_verified(c)) {
		plan_trap(plan,
		    text_fmt(plan->arena,
			"nothing reads it back: %s counts as done", accepted));
		return ERR_OK;
	}
	if (peek_kind(&c->verify) == PEEK_NONE)
		return ERR_OK;
	code = peek_words(&c->verify, &scope, &words, err);
	if (code == ERR_OK)
		plan_line(plan, TEXT("read back"), TEXT_EMPTY, TEXT_EMPTY,
		    show(c, plan, words));
	return code;
}

/* What should have been done before, as long as this was not. */
static void
plan_first(const struct configured *c, struct plan *plan)
{
	const struct platform_action *action = c->ctx->configured;
	const struct platform_action *first =
	    action->first != NULL
		? platform_action_find(c->ctx->platform, action->first)
		: NULL;

	if (action->first != NULL && !plan->nothing)
		plan_trap(plan, text_fmt(plan->arena, "first do %s%s%s%s",
				    action->first, first != NULL ? " (" : "",
				    first != NULL ? first->title : "",
				    first != NULL ? ")" : ""));
}

enum err_code
configured_plan(struct configured *c, struct plan *plan, const char *accepted,
    struct err *err)
{
	bool wants = false, nothing = true;
	enum err_code code = ERR_OK;

	for (size_t i = 0; code == ERR_OK && i < c->count; i++) {
		bool so = true;

		code = plan_target(c, plan, i, &wants, &so, err);
		nothing = nothing && wants && so;
		if (code == ERR_OK && so)
			c->was[i].so = is_verified_now(c, i);
	}
	if (code != ERR_OK)
		return code;
	plan->nothing = nothing;
	if (c->peek_count > 0)
		plan->basis =
		    TEXT("it is not sent when one of these has changed");
	keep_memo(c, plan);
	plan_undo_of(c, plan);
	plan_first(c, plan);
	return plan_verified(c, plan, accepted, err);
}

/* For an error: redacted as a whole, then cut. Lives in the arena. */
static const char *
brief(const struct configured *c, const char *value)
{
	struct arena *arena = c->ctx->arena;
	struct buf plain = BUF_INIT(PLAN_TEXT_MAX);
	const char *words = NULL;

	if (text_plain(&plain, text_ingest(c->ctx->redactor, arena, value,
				   strlen(value), VALUE_BRIEF_MAX)))
		words = arena_copy(arena, buf_cstr(&plain), plain.len);
	buf_release(&plain);
	return words != NULL ? words : "another";
}

enum err_code
configured_same(struct configured *c, size_t index, struct err *err)
{
	for (size_t i = 0; i < c->peek_count; i++) {
		const char *was = c->was[index].values[i].value;
		struct peek peek;
		enum err_code code = read_one(c, index, i, &peek, err);

		if (code != ERR_OK)
			return code;
		if (peek.there != (was != NULL) ||
		    (was != NULL && strcmp(peek.value, was) != 0))
			return err_set(err, ERR_CLOSED, origin,
			    "changed since you looked: %.40s is %s now",
			    c->names[i],
			    peek.there ? brief(c, peek.value) : "gone");
	}
	return ERR_OK;
}

/* Whether everything is as it has to be; *ret_why: what is not. */
static enum err_code
is_done(struct configured *c, size_t index, bool *ret_done,
    const char **ret_why, struct err *err)
{
	const struct peek_conf *verify = &c->verify;
	struct scope scope = configured_scope(c, index);
	struct peek peek;
	enum err_code code;

	*ret_done = true;
	for (size_t i = 0; i < c->peek_count; i++) {
		if (c->peeks[i].want == NULL)
			continue;
		code = read_one(c, index, i, &peek, err);
		if (code != ERR_OK)
			return code;
		if (peek.good)
			continue;
		*ret_done = false;
		*ret_why = peek.there ? peek.value : peek.why;
	}
	if (peek_kind(verify) == PEEK_NONE)
		return ERR_OK;
	code = peek_at(c->ctx, verify, &c->conf->base, &scope, &peek, err);
	if (code == ERR_OK && !peek.good) {
		*ret_done = false;
		*ret_why = peek.why[0] != '\0' ? peek.why : peek.value;
	}
	return code;
}

static enum err_code
verify_target(struct configured *c, size_t index, struct err *err)
{
	bool accepted = action_is_accepted(c->ctx, index), done = false;
	const char *why = "";
	enum err_code code;

	if (!accepted && c->was[index].so)
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "it read like this before as well, so reading back can't "
		    "tell: look yourself");
	code = is_done(c, index, &done, &why, err);
	if (code == ERR_OK && done)
		action_target(c->ctx, index, TARGET_DONE, "it reads as done");
	else if (code == ERR_OK)
		action_target(c->ctx, index,
		    accepted ? TARGET_ACCEPTED : TARGET_OPEN, "not yet: %s",
		    why);
	return code;
}

enum err_code
configured_verify(struct configured *c, struct err *err)
{
	enum err_code code = ERR_OK, one;

	if (!configured_is_verified(c))
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "nothing is configured that reads it back: look yourself, "
		    "then close it");
	for (size_t i = 0; i < c->count; i++) {
		if (!action_is_open(c->ctx, i))
			continue;
		one = verify_target(c, i, code == ERR_OK ? err : NULL);
		if (code == ERR_OK)
			code = one;
	}
	return code;
}

/* The undo's values have to be inputs of the action that they are for. */
static void
check_undo(const struct platform_action *action, const struct scope *scope,
    struct conf_errors *errors)
{
	const struct platform_action *undo =
	    action->undo != NULL
		? platform_action_find(scope->platform, action->undo)
		: NULL;

	scope_check_pairs(scope, &action->undo_set, TEMPLATE_TEXT, errors);
	for (size_t i = 0; i < action->undo_set.count; i++) {
		const char *key = action->undo_set.items[i].key;
		const struct conf_node *at =
		    conf_get(action->undo_set.node, key);
		bool found = undo == NULL; /* built in: its plan checks it */

		for (size_t k = 0; undo != NULL && k < undo->input_count; k++)
			found =
			    found || strcmp(undo->inputs[k].opt.name, key) == 0;
		if (action->undo == NULL)
			conf_errors_add(errors, at->key_pos, "undo: NAME",
			    "\"undo_set\" without \"undo\"");
		else if (!found)
			conf_errors_add(errors, at->key_pos, NULL,
			    "\"%.60s\" has no input \"%.60s\"", action->undo,
			    key);
	}
}

static void
check_reads(const struct configured *c, const struct conf_node *map,
    const struct scope *scope, struct conf_errors *errors)
{
	const struct conf_node *node = map != NULL ? map->first : NULL;

	for (size_t i = 0; i < c->peek_count; i++, node = node->next)
		peek_check(&c->peeks[i], scope, node, errors);
}

void
configured_check(const struct configured_conf *conf,
    const struct platform_action *action, struct scope *scope,
    struct conf_errors *errors)
{
	struct configured c = { .conf = conf };
	struct scope_value *values;

	if (conf->reads != NULL &&
	    (conf->reads->kind != CONF_MAP || conf->reads->count > PEEKS_MAX)) {
		conf_errors_add(errors, conf->reads->pos, NULL,
		    "\"reads\" wants a map of at most %d names", PEEKS_MAX);
		return;
	}
	if (bind_peeks(scope->arena, &c, errors) != ERR_OK)
		return;
	check_reads(&c, conf->reads, scope, errors);
	offer_check_conf(action, conf->targets, scope, errors);
	values = arena_array(scope->arena, c.peek_count + 1, sizeof(*values));
	for (size_t i = 0; values != NULL && i < c.peek_count; i++)
		values[i] = (struct scope_value) { c.names[i], "x", false };
	scope->group = "read";
	scope->more = values;
	scope->more_count = values != NULL ? c.peek_count : 0;
	if (conf->verify != NULL)
		peek_check(&c.verify, scope, conf->verify, errors);
	check_undo(action, scope, errors);
}
