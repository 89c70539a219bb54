/*
 * run.flags: environment variables of a Cloud Run service, one or several in
 * one new revision. What takes it back are the values that were read.
 *
 * A value goes into the record of what was done, so only variables that hold
 * no secret can be changed: switches, and those that the source names under
 * flags.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/gcp_run_template.h"
#include "actions/table.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/redact.h"
#include "model/limits.h"
#include "model/platform.h"

static const char origin[] = "run";

struct flags_args {
	const char *set;
	const char *unset;
};

/* A plan being made. */
struct flags_plan {
	struct run_act act;
	struct plan *plan;
	const struct cJSON *template;
	struct cJSON *wants;
	struct request_value back[ACTION_VALUES_MAX]; /* what undoes it */
	size_t back_count;
	struct buf unset; /* names that had no value, for the undo */
	struct buf words;
	bool starved;
	bool crowded; /* there is no room for all that undoes it */
};

/* Whether a variable, with this value, may be shown and kept. */
static bool
is_open(const struct run_act *act, const char *name, const char *value)
{
	const struct opt_list *flags = &act->one.conf->flags;

	for (size_t i = 0; i < flags->count; i++)
		if (strcmp(flags->items[i], name) == 0)
			return true;
	return run_is_switch(value);
}

static enum err_code
check_name(const struct flags_plan *p, const char *name, const char *value,
    struct err *err)
{
	const struct cJSON *now = run_env(p->template, name);
	const char *old = json_string(json_member(now, "value"));

	if (name[0] == '\0' || strchr(name, '=') != NULL)
		return err_set(err, ERR_USAGE, origin,
		    "\"%.60s\" is no name of a variable", name);
	if (json_member(now, "valueSource") != NULL)
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "%.60s comes from a secret; add a version to that, and "
		    "deploy",
		    name);
	if ((old != NULL && !is_open(&p->act, name, old)) ||
	    (value != NULL && !is_open(&p->act, name, value)))
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "%.60s may hold a secret, and what is done is recorded; if "
		    "it holds none, add it to flags of the source %.60s",
		    name, p->act.ctx->source->name);
	return ERR_OK;
}

static struct text
value_words(
    const struct flags_plan *p, const struct cJSON *now, const char *value)
{
	struct arena *arena = p->plan->arena;

	if (now == NULL && value == NULL)
		return TEXT("not set");
	if (value == NULL || value[0] == '\0')
		return TEXT("empty");
	return text_ingest(
	    p->act.ctx->redactor, arena, value, strlen(value), PLAN_TEXT_MAX);
}

/* One variable; value NULL: it goes. */
static enum err_code
plan_one(
    struct flags_plan *p, const char *name, const char *value, struct err *err)
{
	const struct cJSON *now = run_env(p->template, name);
	const char *old = json_string(json_member(now, "value"));
	struct arena *arena = p->act.ctx->arena;
	bool same =
	    value == NULL
		? now == NULL
		: now != NULL && strcmp(old != NULL ? old : "", value) == 0;
	enum err_code code = check_name(p, name, value, err);

	if (code != ERR_OK)
		return code;
	if (json_member(p->wants, name) != NULL)
		return err_set(
		    err, ERR_USAGE, origin, "%.60s is there twice", name);
	plan_line(p->plan, text_clean_str(p->plan->arena, name),
	    value_words(p, now, old),
	    value_words(p, value != NULL ? now : NULL, value), TEXT_EMPTY);
	if (same)
		return ERR_OK;
	buf_fmt(&p->words, "%s%s%s%s", p->words.len > 0 ? ", " : "",
	    value != NULL ? "" : "without ", name, value != NULL ? "=" : "");
	buf_str(&p->words, value != NULL ? value : "");
	if (!json_put(p->wants, name,
		value != NULL ? json_new_text(value, strlen(value))
			      : json_new_null()))
		p->starved = true;
	if (now == NULL)
		buf_fmt(&p->unset, "%s%s", p->unset.len > 0 ? " " : "", name);
	else if (p->back_count == ARRAY_LEN(p->back))
		p->crowded = true;
	else
		p->back[p->back_count++] = (struct request_value) {
			arena_copy(arena, name, strlen(name)),
			arena_copy(arena, old != NULL ? old : "",
			    old != NULL ? strlen(old) : 0)
		};
	return ERR_OK;
}

/* "A=1 B=2", or names to remove, between blanks. */
static enum err_code
plan_words(struct flags_plan *p, const char *text, bool remove, struct err *err)
{
	enum err_code code = ERR_OK;

	for (text += strspn(text, " "); code == ERR_OK && *text != '\0';
	     text += strspn(text, " ")) {
		size_t len = strcspn(text, " ");
		char *word = arena_copy(p->act.ctx->arena, text, len);
		char *eq = word != NULL ? strchr(word, '=') : NULL;

		if (word == NULL)
			return err_set(err, ERR_NOMEM, origin, "no memory");
		if (!remove && eq == NULL)
			return err_set(err, ERR_USAGE, origin,
			    "set wants NAME=value, not \"%.60s\"", word);
		if (!remove)
			*eq++ = '\0';
		code = plan_one(p, word, remove ? NULL : eq, err);
		text += len;
	}
	return code;
}

static enum err_code
plan_all(struct flags_plan *p, struct err *err)
{
	const struct action_ctx *ctx = p->act.ctx;
	const struct flags_args *args = ctx->args;
	const struct request_spec *is = &ctx->request->is;
	enum err_code code = ERR_OK;

	for (size_t i = 0; code == ERR_OK && i < is->value_count; i++)
		if (opt_find(ctx->ops->args, is->values[i].name) == NULL)
			code = plan_one(
			    p, is->values[i].name, is->values[i].value, err);
	if (code == ERR_OK && args->unset != NULL)
		code = plan_words(p, args->unset, true, err);
	if (code == ERR_OK && args->set != NULL)
		code = plan_words(p, args->set, false, err);
	if (code == ERR_OK && (p->starved || arena_failed(ctx->arena)))
		code = err_set(err, ERR_NOMEM, origin, "no memory");
	return code;
}

static enum err_code
plan_back(struct flags_plan *p, struct err *err)
{
	struct request_spec undo = p->act.ctx->request->is;

	if (p->unset.len > 0 && p->back_count < ARRAY_LEN(p->back))
		p->back[p->back_count++] =
		    (struct request_value) { "unset", buf_cstr(&p->unset) };
	else if (p->unset.len > 0)
		p->crowded = true;
	/* Half an undo is worse than two plans. */
	if (p->crowded || p->unset.failed)
		return err_set(err, ERR_LIMIT, origin,
		    "so many variables can't be taken back at once: set them "
		    "in several plans");
	undo.values = p->back;
	undo.value_count = p->back_count;
	undo.undo_of = NULL;
	if (p->back_count > 0)
		plan_undo(p->plan, &undo);
	return ERR_OK;
}

/* What comes of it, when it changes anything. */
static void
plan_effect(struct flags_plan *p)
{
	struct plan *plan = p->plan;

	plan->effect = TEXT("a new revision with these values; all other "
			    "variables stay as they are");
	run_act_trap_pin(&p->act, plan);
	plan_trap(plan,
	    TEXT("instances start anew; one that does not start leaves the "
		 "revision of now serving, with the old values"));
}

static enum err_code
flags_plan_act(struct flags_plan *p, struct err *err)
{
	struct plan *plan = p->plan;
	double running = run_act_figure(&p->act, "run_instances");
	enum err_code code;

	p->template = json_member(p->act.doc, "template");
	code = plan_all(p, err);
	if (code != ERR_OK)
		return code;
	plan->nothing = json_first(p->wants) == NULL;
	plan->verb = TEXT("set now");
	if (!plan->nothing)
		plan_effect(p);
	if (isfinite(running))
		plan_reach(plan, TEXT("instances now"), NUM_COUNT, running);
	code = run_act_plan(&p->act, plan, &run_env_edit, p->wants,
	    run_template_words(plan->arena, &p->words), err);
	return code == ERR_OK ? plan_back(p, err) : code;
}

static enum err_code
flags_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	struct flags_plan p = { .plan = plan,
		.wants = json_new_object(),
		.unset = BUF_INIT(ACTION_VALUE_MAX),
		.words = BUF_INIT(PLAN_TEXT_MAX) };
	enum err_code code;

	if (ctx->request->is.value_count == 0)
		code = err_set(err, ERR_USAGE, origin,
		    "which? say it with NAME=value, once for each variable");
	else
		code = run_act_first(&p.act, ctx, false, err);
	if (code == ERR_OK)
		code = flags_plan_act(&p, err);
	run_act_close(&p.act);
	json_free(p.wants);
	buf_release(&p.unset);
	buf_release(&p.words);
	return code;
}

static enum err_code
flags_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return run_act_apply(ctx, plan, &run_env_edit, err);
}

static enum err_code
flags_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return run_act_verify(ctx, plan, &run_env_edit, err);
}

/* The other position of each switch. */
static void
offer_switches(const struct run_act *act, struct choices *choices)
{
	const struct cJSON *v = json_first(json_member(
	    run_main_container(json_member(act->doc, "template")), "env"));

	for (; v != NULL; v = json_next(v)) {
		const char *name = json_string(json_member(v, "name"));
		const char *value = json_string(json_member(v, "value"));
		const char *other =
		    value != NULL ? run_switch_other(value) : NULL;
		struct buf word = BUF_INIT(ACTION_VALUE_MAX);

		if (name != NULL && other != NULL &&
		    buf_fmt(&word, "%s=%s", name, other))
			choices_add(choices, buf_cstr(&word), word.len);
		buf_release(&word);
	}
}

static enum err_code
flags_choices(struct action_ctx *ctx, const char *arg, struct choices *choices,
    struct err *err)
{
	struct run_act act;
	enum err_code code;

	if (strcmp(arg, "set") != 0)
		return err_set(
		    err, ERR_UNSUPPORTED, origin, "any name that is there");
	code = run_act_first(&act, ctx, false, err);
	if (code == ERR_OK)
		offer_switches(&act, choices);
	run_act_close(&act);
	return code;
}

static const struct opt flags_rows[] = {
	{
	    OPT_FIELD(struct flags_args, set, "set", OPT_STRING),
	    .min = 1,
	    .max = ACTION_VALUE_MAX - 1,
	    .help = "NAME=value, several between blanks; as arguments each "
		    "NAME=value is one of its own",
	},
	{
	    OPT_FIELD(struct flags_args, unset, "unset", OPT_STRING),
	    .min = 1,
	    .max = ACTION_VALUE_MAX - 1,
	    .help = "names of variables to remove, between blanks",
	},
};
static const struct opt_table flags_table = OPT_TABLE(flags_rows);

const struct action_ops action_run_flags = {
	.name = "run.flags",
	.title = "Set variables",
	.hint = "variables",
	.help = "environment variables of a service: a new revision",
	.class = ACTION_REVERSIBLE,
	.key = "act-flag",
	.rows = run_service_rows,
	.source_type = "gcp.run",
	.targets_min = 1,
	.targets_max = 1,
	.asks = true,
	.others = true,
	.args = &flags_table,
	.args_size = sizeof(struct flags_args),
	.plan_ns = GCP_ACT_S * NS_PER_SEC,
	.apply_ns = GCP_ACT_S * NS_PER_SEC,
	.verify_ns = GCP_ACT_S * NS_PER_SEC,
	.settle_ns = GCP_SETTLE_S * NS_PER_SEC,
	.choices = flags_choices,
	.plan = flags_plan,
	.apply = flags_apply,
	.verify = flags_verify,
};
