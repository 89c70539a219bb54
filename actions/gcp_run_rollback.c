/*
 * run.rollback: all traffic to an earlier revision; without saying which, to
 * the newest that is ready and older than what serves. The plan tells what
 * is different there.
 */
#include <math.h>
#include <string.h>

#include "actions/gcp_run_traffic.h"
#include "actions/table.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

static const char origin[] = "run";

struct rollback_args {
	const char *revision;
};

/* Where in the list, newest first, the newest is that serves. */
static size_t
serving_at(const struct run_move *move)
{
	char name[GCP_SERVICE_MAX];

	for (size_t i = 0; i < move->revisions.count; i++)
		if (run_split_of(&move->served,
			run_revision_name(&move->revisions.list[i], name)) > 0)
			return i;
	return SIZE_MAX;
}

/* The newest that is ready and older than what serves; NULL: none known. */
static const struct run_revision *
earlier_of(const struct run_move *move, size_t serving)
{
	if (serving == SIZE_MAX)
		return NULL;
	for (size_t i = serving + 1; i < move->revisions.count; i++)
		if (move->revisions.list[i].state == STATE_OK)
			return &move->revisions.list[i];
	return NULL;
}

/* The revision that is meant: by argument, by the row, or the one before. */
static enum err_code
revision_of(const struct run_move *move, const char *asked, size_t serving,
    char out[GCP_SERVICE_MAX], struct err *err)
{
	const char *row = move->act.one.ref.rest;
	const struct run_revision *earlier;

	if (asked != NULL && row[0] != '\0' && strcmp(asked, row) != 0)
		return err_set(err, ERR_USAGE, origin,
		    "the target is %.60s, and revision says %.60s", row, asked);
	if (asked == NULL && row[0] != '\0')
		asked = row;
	if (asked != NULL && strlen(asked) >= GCP_SERVICE_MAX)
		return err_set(err, ERR_USAGE, origin,
		    "%.60s… is too long for a revision", asked);
	if (asked != NULL) {
		memcpy(out, asked, strlen(asked) + 1);
		return ERR_OK;
	}
	if (serving == SIZE_MAX)
		return err_set(err, ERR_NOTFOUND, origin,
		    "what serves is not among the revisions of %s, so none is "
		    "known to be earlier: say which with revision=",
		    move->act.one.ref.service);
	earlier = earlier_of(move, serving);
	if (earlier == NULL)
		return err_set(err, ERR_NOTFOUND, origin,
		    "%s has no earlier revision that is ready",
		    move->act.one.ref.service);
	run_revision_name(earlier, out);
	return ERR_OK;
}

/* One thing that may differ; a line only when it does. */
static void
differ(struct plan *plan, const char *label, struct text old, struct text new,
    const char *note)
{
	if (!text_eq(old, new))
		plan_line(plan, text_lit(label), text_copy(plan->arena, old),
		    text_copy(plan->arena, new), text_lit(note));
}

static struct text
count(struct arena *arena, double value)
{
	char words[NUM_TEXT_MAX];

	if (isnan(value))
		return TEXT("not set");
	return text_fmt(arena, "%s", num_human(words, value, NUM_COUNT));
}

/* Without the registry where that is the same: it is long. */
static void
differ_image(
    struct plan *plan, const struct cJSON *from, const struct cJSON *to)
{
	const struct cJSON *a = json_member(run_main_container(from), "image");
	const struct cJSON *b = json_member(run_main_container(to), "image");
	const char *x = run_base(a), *y = run_base(b);

	if (x == NULL || y == NULL)
		return;
	if (strcmp(x, y) == 0) {
		x = json_string(a);
		y = json_string(b);
	}
	differ(plan, "image", text_clean_str(plan->arena, x),
	    text_clean_str(plan->arena, y), "");
}

static struct text
limit(struct arena *arena, const struct cJSON *raw, const char *key)
{
	const char *s = run_limit(raw, key);

	return s != NULL ? text_clean_str(arena, s) : TEXT("not set");
}

/* What a variable is, as it may be shown. */
static struct text
variable_words(const struct run_spec *spec, struct text name, bool *ret_there)
{
	for (size_t i = 0; i < spec->variable_count; i++) {
		if (!text_eq(spec->variables[i].name, name))
			continue;
		*ret_there = true;
		return spec->variables[i].value;
	}
	*ret_there = false;
	return TEXT("not there");
}

/* Whether a variable that must not be shown is the same in both. */
static bool
raw_same(const struct cJSON *a, const struct cJSON *b, struct text name)
{
	struct buf plain = BUF_INIT(JSON_TEXT_MAX * 2);
	const char *x, *y;

	text_plain(&plain, name);
	x = json_string(json_member(run_env(a, buf_cstr(&plain)), "value"));
	y = json_string(json_member(run_env(b, buf_cstr(&plain)), "value"));
	buf_release(&plain);
	return x == NULL || y == NULL ? x == y : strcmp(x, y) == 0;
}

/* The variables of a that are another in b, or not there. */
static void
differ_variables(struct plan *plan, const struct run_spec *a,
    const struct run_spec *b, const struct cJSON *raw_a,
    const struct cJSON *raw_b, bool back)
{
	for (size_t i = 0; i < a->variable_count; i++) {
		const struct run_variable *v = &a->variables[i];
		bool there;
		struct text other = variable_words(b, v->name, &there);
		struct text old = back ? other : v->value;
		struct text new = back ? v->value : other;
		struct text name = text_copy(plan->arena, v->name);

		if (back && there)
			continue; /* told from the other side */
		if (!text_eq(v->value, other))
			plan_line(plan, name, text_copy(plan->arena, old),
			    text_copy(plan->arena, new), TEXT_EMPTY);
		else if (!v->shown && there && !raw_same(raw_a, raw_b, v->name))
			plan_line(plan, name, TEXT("set"),
			    TEXT("another value"), TEXT("not shown"));
	}
}

/* What is different there, of what a person would look at first. */
static enum err_code
plan_differences(struct run_move *move, const struct run_revision *from,
    const struct run_revision *to, struct plan *plan, struct err *err)
{
	struct arena *arena = plan->arena;
	const struct run_spec *a = &from->spec, *b = &to->spec;
	struct cJSON *raw_a = NULL, *raw_b = NULL;
	char name[GCP_SERVICE_MAX];
	struct run_act *act = &move->act;
	enum err_code code = run_one_revision(
	    &act->one, run_revision_name(from, name), &act->poll, &raw_a, err);

	if (code == ERR_OK)
		code = run_one_revision(&act->one, run_revision_name(to, name),
		    &act->poll, &raw_b, err);
	if (code == ERR_OK) {
		differ_image(plan, raw_a, raw_b);
		differ(plan, "CPU", limit(arena, raw_a, "cpu"),
		    limit(arena, raw_b, "cpu"), "");
		differ(plan, "memory", limit(arena, raw_a, "memory"),
		    limit(arena, raw_b, "memory"), "");
		differ(plan, "concurrency", count(arena, a->concurrency),
		    count(arena, b->concurrency), "");
		differ(plan, "instances, most", count(arena, a->max),
		    count(arena, b->max), "of a revision");
		differ_variables(plan, a, b, raw_a, raw_b, false);
		differ_variables(plan, b, a, raw_b, raw_a, true);
	}
	json_wipe(raw_a);
	json_wipe(raw_b);
	return code;
}

static enum err_code
rollback_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	const struct rollback_args *args = ctx->args;
	struct run_move move;
	struct run_split to = { .count = 1, .parts[0].percent = 100 };
	size_t serving = SIZE_MAX;
	enum err_code code = run_move_open(&move, ctx, err);

	if (code == ERR_OK) {
		serving = serving_at(&move);
		code = revision_of(
		    &move, args->revision, serving, to.parts[0].name, err);
	}
	if (code == ERR_OK)
		code = run_move_check(&move, &to, err);
	if (code == ERR_OK) {
		plan->verb = TEXT("roll back now");
		plan->effect = text_fmt(
		    plan->arena, "all traffic to %s", to.parts[0].name);
		code = run_move_plan(&move, &to, plan, err);
	}
	if (code == ERR_OK && serving != SIZE_MAX && !plan->nothing)
		code = plan_differences(&move, &move.revisions.list[serving],
		    run_move_find(&move, to.parts[0].name), plan, err);
	run_act_close(&move.act);
	return code;
}

static enum err_code
rollback_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return run_act_apply(ctx, plan, &run_split_edit, err);
}

static enum err_code
rollback_verify(
    struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return run_act_verify(ctx, plan, &run_split_edit, err);
}

/* What is ready and does not serve all already; the one proposed first. */
static enum err_code
rollback_choices(struct action_ctx *ctx, const char *arg,
    struct choices *choices, struct err *err)
{
	struct run_move move;
	const struct run_revision *first;
	char name[GCP_SERVICE_MAX];
	enum err_code code = run_move_open(&move, ctx, err);

	(void)arg;
	if (code == ERR_OK) {
		first = earlier_of(&move, serving_at(&move));
		if (first != NULL) {
			run_revision_name(first, name);
			choices_add(choices, name, strlen(name));
		}
	}
	for (size_t i = 0; code == ERR_OK && i < move.revisions.count; i++) {
		run_revision_name(&move.revisions.list[i], name);
		if (move.revisions.list[i].state == STATE_OK &&
		    run_split_of(&move.served, name) < 100)
			choices_add(choices, name, strlen(name));
	}
	run_act_close(&move.act);
	return code;
}

static const struct action_row rollback_places[] = {
	{ "gcp.run", "services", NULL },
	{ "gcp.run", "revisions", NULL },
	{ NULL, NULL, NULL },
};

static const struct opt rollback_rows[] = {
	{
	    OPT_FIELD(struct rollback_args, revision, "revision", OPT_STRING),
	    .min = 1,
	    .max = GCP_SERVICE_MAX - 1,
	    .help = "where to; without it the newest that is ready and older "
		    "than what serves",
	},
};
static const struct opt_table rollback_table = OPT_TABLE(rollback_rows);

const struct action_ops action_run_rollback = {
	.name = "run.rollback",
	.title = "Roll back",
	.hint = "roll back",
	.help = "all traffic to an earlier revision",
	.class = ACTION_REVERSIBLE,
	.key = "act-rollback",
	.rows = rollback_places,
	.source_type = "gcp.run",
	.targets_min = 1,
	.targets_max = 1,
	.args = &rollback_table,
	.args_size = sizeof(struct rollback_args),
	.plan_ns = GCP_ACT_S * NS_PER_SEC,
	.apply_ns = GCP_ACT_S * NS_PER_SEC,
	.verify_ns = GCP_ACT_S * NS_PER_SEC,
	.choices = rollback_choices,
	.plan = rollback_plan,
	.apply = rollback_apply,
	.verify = rollback_verify,
};
