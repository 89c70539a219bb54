/*
 * run.scale: the least and the most instances of a Cloud Run service. These
 * are the service's own bounds, which need no new revision; a revision may
 * have narrower ones, which run.resize changes.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/gcp_run_act.h"
#include "actions/table.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"

static const char origin[] = "run";

struct scale_args {
	int64_t min;
	int64_t max; /* 0: none of its own */
};

struct bounds {
	int64_t min;
	int64_t max; /* 0: none */
};

static struct bounds
bounds_of(const struct cJSON *scaling)
{
	struct bounds b = { 0, 0 };

	if (!json_int(json_member(scaling, "minInstanceCount"), &b.min))
		b.min = 0;
	if (!json_int(json_member(scaling, "maxInstanceCount"), &b.max))
		b.max = 0;
	return b;
}

/* What is wanted: {"min": 2, "max": 50}, whole. */
static bool
wants_read(const struct cJSON *wants, struct bounds *ret)
{
	return json_int(json_member(wants, "min"), &ret->min) &&
	       json_int(json_member(wants, "max"), &ret->max);
}

static bool
put_bound(struct cJSON *scaling, const char *key, int64_t n)
{
	json_remove(scaling, key);
	return n == 0 || json_put(scaling, key, json_new_number((double)n));
}

static enum err_code
scale_put(const struct cJSON *doc, const struct cJSON *wants,
    struct cJSON *body, struct err *err)
{
	struct cJSON *scaling = json_copy(json_member(doc, "scaling"));
	struct bounds b;

	if (scaling == NULL)
		scaling = json_new_object();
	if (scaling == NULL || !wants_read(wants, &b) ||
	    !put_bound(scaling, "minInstanceCount", b.min) ||
	    !put_bound(scaling, "maxInstanceCount", b.max)) {
		json_free(scaling);
		return err_set(err, ERR_NOMEM, origin, "no memory");
	}
	if (!json_put(body, "scaling", scaling))
		return err_set(err, ERR_NOMEM, origin, "no memory");
	return ERR_OK;
}

static enum run_shown
scale_shown(const struct cJSON *doc, const struct cJSON *wants)
{
	struct bounds now = bounds_of(json_member(doc, "scaling")), want;

	if (!wants_read(wants, &want) || now.min != want.min ||
	    now.max != want.max)
		return RUN_ABSENT;
	return run_doc_settled(doc) ? RUN_REAL : RUN_ASKED;
}

static const struct run_edit scale_edit = {
	.mask = "scaling",
	.put = scale_put,
	.shown = scale_shown,
};

static struct text
most_words(struct arena *arena, int64_t max)
{
	return max == 0 ? TEXT("none of its own")
			: text_fmt(arena, "%lld", (long long)max);
}

/* Which way the bill goes. */
static struct text
cost_words(struct arena *arena, struct bounds now, struct bounds want)
{
	if (want.min > now.min)
		return text_fmt(arena,
		    "costs more: %lld instead of %lld instances are paid for "
		    "all the time, also without a request",
		    (long long)want.min, (long long)now.min);
	if (want.min < now.min)
		return text_fmt(arena,
		    "costs less: %lld instead of %lld instances stay without "
		    "a request; the first request after a rest waits for a "
		    "start",
		    (long long)want.min, (long long)now.min);
	if (want.max != 0 && (now.max == 0 || want.max < now.max))
		return TEXT("can cost less: fewer instances at most; what "
			    "they can't take is refused with 429 or waits");
	return TEXT("can cost more, when there is load: more instances at "
		    "most");
}

static void
scale_traps(const struct run_act *act, struct plan *plan, struct bounds now,
    struct bounds want)
{
	const struct cJSON *scaling = json_member(act->doc, "scaling");
	const char *mode = json_string(json_member(scaling, "scalingMode"));
	double most = act->now.spec.max;
	double running = run_act_figure(act, "run_instances");
	char number[NUM_TEXT_MAX];

	if (mode != NULL && strcmp(mode, "MANUAL") == 0)
		plan_trap(plan,
		    TEXT("the service is scaled by hand: bounds mean nothing "
			 "until scalingMode is AUTOMATIC"));
	if (isfinite(most) && (want.max == 0 || most < (double)want.max))
		plan_trap(plan,
		    text_fmt(plan->arena,
			"each revision may have %s instances at most, and "
			"that counts as well: run.resize "
			"max_instances=%lld",
			num_human(number, most, NUM_COUNT),
			(long long)want.max));
	if (isfinite(running) && want.max != 0 && running > (double)want.max)
		plan_trap(plan, text_fmt(plan->arena,
				    "%s instances run now: some have to go",
				    num_human(number, running, NUM_COUNT)));
	if (want.max > now.max && now.max != 0)
		plan_trap(plan,
		    TEXT("more instances open more connections to databases "
			 "and send more to APIs with limits"));
}

static enum err_code
scale_check(struct bounds want, struct err *err)
{
	if (want.max != 0 && want.max < want.min)
		return err_set(err, ERR_USAGE, origin,
		    "max would be %lld, below min, which would be %lld",
		    (long long)want.max, (long long)want.min);
	return ERR_OK;
}

static struct cJSON *
scale_wants(struct bounds want)
{
	struct cJSON *wants = json_new_object();

	if (json_put(wants, "min", json_new_number((double)want.min)) &&
	    json_put(wants, "max", json_new_number((double)want.max)))
		return wants;
	return json_free(wants);
}

static void
plan_bounds(const struct run_act *act, struct plan *plan, struct bounds now,
    struct bounds want)
{
	struct arena *arena = plan->arena;
	double rate = run_act_figure(act, "run_requests");
	double running = run_act_figure(act, "run_instances");

	if (now.min != want.min)
		plan_line(plan, TEXT("instances, least"),
		    text_fmt(arena, "%lld", (long long)now.min),
		    text_fmt(arena, "%lld", (long long)want.min), TEXT_EMPTY);
	if (now.max != want.max)
		plan_line(plan, TEXT("instances, most"),
		    most_words(arena, now.max), most_words(arena, want.max),
		    TEXT_EMPTY);
	if (isfinite(running))
		plan_reach(plan, TEXT("instances now"), NUM_COUNT, running);
	if (isfinite(rate))
		plan_reach(plan, TEXT("of the service"), NUM_PER_SECOND, rate);
}

static void
plan_back(struct action_ctx *ctx, struct plan *plan, struct bounds now,
    struct bounds want)
{
	struct request_spec undo = ctx->request->is;
	char min[32], max[32];
	struct request_value values[2];
	size_t n = 0;

	snprintf(min, sizeof(min), "%lld", (long long)now.min);
	snprintf(max, sizeof(max), "%lld", (long long)now.max);
	if (now.min != want.min)
		values[n++] = (struct request_value) { "min", min };
	if (now.max != want.max)
		values[n++] = (struct request_value) { "max", max };
	undo.values = values;
	undo.value_count = n;
	undo.undo_of = NULL;
	plan_undo(plan, &undo);
}

static enum err_code
scale_plan_act(struct run_act *act, struct action_ctx *ctx, struct plan *plan,
    struct err *err)
{
	const struct scale_args *args = ctx->args;
	struct bounds now = bounds_of(json_member(act->doc, "scaling"));
	struct bounds want = now;
	struct cJSON *wants = NULL;
	enum err_code code;

	if (request_value(ctx->request, "min") != NULL)
		want.min = args->min;
	if (request_value(ctx->request, "max") != NULL)
		want.max = args->max;
	code = scale_check(want, err);
	if (code != ERR_OK)
		return code;
	plan->nothing = now.min == want.min && now.max == want.max;
	plan->verb = TEXT("scale now");
	plan_bounds(act, plan, now, want);
	if (!plan->nothing) {
		plan->effect = cost_words(plan->arena, now, want);
		scale_traps(act, plan, now, want);
	}
	wants = scale_wants(want);
	if (wants == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	code = run_act_plan(act, plan, &scale_edit, wants, TEXT_EMPTY, err);
	json_free(wants);
	if (code == ERR_OK && !plan->nothing)
		plan_back(ctx, plan, now, want);
	return code;
}

static enum err_code
scale_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	struct run_act act;
	enum err_code code;

	if (ctx->request->is.value_count == 0)
		return err_set(err, ERR_USAGE, origin,
		    "how many? say it with min=N, max=N or both");
	code = run_act_first(&act, ctx, false, err);
	if (code == ERR_OK)
		code = scale_plan_act(&act, ctx, plan, err);
	run_act_close(&act);
	return code;
}

static enum err_code
scale_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return run_act_apply(ctx, plan, &scale_edit, err);
}

static enum err_code
scale_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return run_act_verify(ctx, plan, &scale_edit, err);
}

static void
choice(struct choices *choices, int64_t n)
{
	char word[32];
	int len = snprintf(word, sizeof(word), "%lld", (long long)n);

	choices_add(choices, word, (size_t)len);
}

/* More than it is. */
static enum err_code
scale_choices(struct action_ctx *ctx, const char *arg, struct choices *choices,
    struct err *err)
{
	bool min = strcmp(arg, "min") == 0;
	struct run_act act;
	struct bounds now;
	enum err_code code = run_act_first(&act, ctx, false, err);

	now = bounds_of(json_member(act.doc, "scaling"));
	for (int64_t i = 1; code == ERR_OK && i <= 3; i++)
		choice(choices, min	      ? now.min + i
				: now.max > 0 ? now.max * (i + 1)
					      : i * 50);
	run_act_close(&act);
	return code;
}

static const struct opt scale_rows[] = {
	{
	    OPT_FIELD(struct scale_args, max, "max", OPT_INT),
	    .max = RUN_INSTANCES_MAX,
	    .help = "most instances of the service; 0: no bound of its own, "
		    "only those of its revisions",
	},
	{
	    OPT_FIELD(struct scale_args, min, "min", OPT_INT),
	    .max = RUN_INSTANCES_MAX,
	    .help = "least instances of the service, kept without a request",
	},
};
static const struct opt_table scale_table = OPT_TABLE(scale_rows);

const struct action_ops action_run_scale = {
	.name = "run.scale",
	.title = "Scale service",
	.help = "least and most instances of a service, without a new revision",
	.class = ACTION_REVERSIBLE,
	.key = "act-scale",
	.rows = run_service_rows,
	.source_type = "gcp.run",
	.targets_min = 1,
	.targets_max = 1,
	.asks = true,
	.args = &scale_table,
	.args_size = sizeof(struct scale_args),
	.plan_ns = GCP_ACT_S * NS_PER_SEC,
	.apply_ns = GCP_ACT_S * NS_PER_SEC,
	.verify_ns = GCP_ACT_S * NS_PER_SEC,
	.choices = scale_choices,
	.plan = scale_plan,
	.apply = scale_apply,
	.verify = scale_verify,
};
