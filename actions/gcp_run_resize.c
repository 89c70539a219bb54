/*
 * run.resize: what each instance of a Cloud Run service may use and take. It
 * makes a new revision. Combinations that Google refuses are refused at
 * once; source of the rules: cloud.google.com/run/docs/configuring, pages
 * services/cpu and services/memory-limits, as of 2026.
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
#include "base/num.h"

static const char origin[] = "run";

enum {
	TEXT_LEN = 32,
	TIMEOUT_MAX_S = 3600,
	CONCURRENCY_MAX = 1000,
};

#define MIB (1024.0 * 1024)
#define GIB (1024.0 * MIB)

/* Each is a text, and "default" for what Google takes by itself. */
struct resize_args {
	const char *cpu;
	const char *memory;
	const char *concurrency;
	const char *timeout;
	const char *min;
	const char *max;
};

/* One of them, before and after. */
struct limit {
	const char *name;
	const char *label;
	const char *asked; /* NULL: it stays */
	bool had;
	bool has;
	char old[TEXT_LEN];
	char new[TEXT_LEN];
};

enum {
	LIMIT_CPU,
	LIMIT_MEMORY,
	LIMIT_CONCURRENCY,
	LIMIT_TIMEOUT,
	LIMIT_MIN,
	LIMIT_MAX,
	LIMITS,
};

static void
limits_init(struct limit limits[LIMITS], const struct resize_args *args)
{
	const struct limit rows[LIMITS] = {
		{ .name = RUN_CPU, .label = "CPU", .asked = args->cpu },
		{ .name = RUN_MEMORY,
		    .label = "memory",
		    .asked = args->memory },
		{ .name = RUN_CONCURRENCY,
		    .label = "concurrency",
		    .asked = args->concurrency },
		{ .name = RUN_TIMEOUT,
		    .label = "time-out",
		    .asked = args->timeout },
		{ .name = RUN_MIN,
		    .label = "instances, least",
		    .asked = args->min },
		{ .name = RUN_MAX,
		    .label = "instances, most",
		    .asked = args->max },
	};

	memcpy(limits, rows, sizeof(rows));
}

static bool
whole(const char *text, int64_t min, int64_t max, char out[TEXT_LEN])
{
	int64_t n;

	if (!num_parse_i64(text, strlen(text), &n) || n < min || n > max)
		return false;
	snprintf(out, TEXT_LEN, "%lld", (long long)n);
	return true;
}

/* As Google writes a duration: "600s". */
static bool
seconds(const char *text, char out[TEXT_LEN])
{
	int64_t ns;

	if (!num_parse_duration(text, strlen(text), &ns) || ns < NS_PER_SEC ||
	    ns > TIMEOUT_MAX_S * NS_PER_SEC || ns % NS_PER_SEC != 0)
		return false;
	snprintf(out, TEXT_LEN, "%llds", (long long)(ns / NS_PER_SEC));
	return true;
}

static bool
quantity(const char *text, char out[TEXT_LEN])
{
	double value;

	if (strlen(text) >= TEXT_LEN || !run_quantity(text, &value))
		return false;
	snprintf(out, TEXT_LEN, "%s", text);
	return true;
}

/* What was asked for as Google writes it. */
static enum err_code
limit_take(struct limit *limit, size_t which, struct err *err)
{
	static const char *const forms[LIMITS] = {
		"1, 2, 4, 6 or 8 CPUs, or less than one, such as 500m",
		"128Mi to 32Gi",
		"1 to 1000 requests",
		"1s to 60m: Google takes no longer one",
		"a number of instances",
		"a number of instances",
	};
	const char *text = limit->asked;
	bool good;

	if (strcmp(text, "default") == 0) {
		limit->has = false;
		return ERR_OK;
	}
	limit->has = true;
	if (which == LIMIT_CONCURRENCY)
		good = whole(text, 1, CONCURRENCY_MAX, limit->new);
	else if (which == LIMIT_TIMEOUT)
		good = seconds(text, limit->new);
	else if (which >= LIMIT_MIN)
		good = whole(
		    text, which == LIMIT_MAX, RUN_INSTANCES_MAX, limit->new);
	else
		good = quantity(text, limit->new);
	if (good)
		return ERR_OK;
	return err_set(err, ERR_USAGE, origin, "%s can't be %.40s; it is %s",
	    limit->name, text, forms[which]);
}

static double
value_of(const struct limit *limit, double fallback)
{
	double value;

	return limit->has && run_quantity(limit->new, &value) ? value
							      : fallback;
}

static enum err_code
refuse(struct err *err, const char *words)
{
	return err_set(
	    err, ERR_USAGE, origin, "Google refuses that: %s", words);
}

/* Memory that so much CPU needs, and the other way round. */
static enum err_code
check_pair(double cpu, double memory, struct err *err)
{
	static const struct {
		double cpu;    /* so many at least, */
		double memory; /* for more than that */
	} most[] = { { 2, 4 * GIB }, { 4, 8 * GIB }, { 6, 16 * GIB },
		{ 8, 24 * GIB }, { 0.5, 512 * MIB }, { 1, 1 * GIB } };
	static const struct {
		double cpu;
		double memory; /* at least */
	} least[] = { { 8, 4 * GIB }, { 6, 4 * GIB }, { 4, 2 * GIB } };

	if (cpu < 0.08 || cpu > 8 || (cpu > 1 && cpu != floor(cpu)))
		return refuse(err, "CPU is 1, 2, 4, 6 or 8, or 0.08 to 1");
	if (memory < 128 * MIB || memory > 32 * GIB)
		return refuse(err, "memory is 128Mi to 32Gi");
	for (size_t i = 0; i < ARRAY_LEN(most); i++) {
		if (memory > most[i].memory && cpu < most[i].cpu)
			return err_set(err, ERR_USAGE, origin,
			    "Google refuses that: more than %gGi of memory "
			    "needs %g CPU or more",
			    most[i].memory / GIB, most[i].cpu);
	}
	for (size_t i = 0; i < ARRAY_LEN(least); i++) {
		if (cpu >= least[i].cpu && memory < least[i].memory)
			return err_set(err, ERR_USAGE, origin,
			    "Google refuses that: %g CPU need %gGi of memory "
			    "or more",
			    least[i].cpu, least[i].memory / GIB);
	}
	return ERR_OK;
}

static enum err_code
check_all(const struct limit limits[LIMITS], struct err *err)
{
	double cpu = value_of(&limits[LIMIT_CPU], 1);
	double memory = value_of(&limits[LIMIT_MEMORY], 512 * MIB);
	double at_once = value_of(&limits[LIMIT_CONCURRENCY], 80);
	double min = value_of(&limits[LIMIT_MIN], 0);
	double max = value_of(&limits[LIMIT_MAX], INFINITY);
	enum err_code code = check_pair(cpu, memory, err);

	if (code == ERR_OK && cpu < 1 && at_once > 1)
		code = refuse(err, "less than one CPU wants concurrency=1");
	if (code == ERR_OK && max < min)
		code = refuse(err, "the most instances are below the least");
	return code;
}

/* What is there, and what it is to be. */
static enum err_code
limits_read(
    struct limit limits[LIMITS], const struct cJSON *template, struct err *err)
{
	enum err_code code = ERR_OK;

	for (size_t i = 0; code == ERR_OK && i < LIMITS; i++) {
		struct limit *limit = &limits[i];

		limit->had =
		    run_limit_now(template, limit->name, limit->old) != NULL;
		limit->has = limit->had;
		memcpy(limit->new, limit->old, sizeof(limit->new));
		if (limit->asked != NULL)
			code = limit_take(limit, i, err);
	}
	return code;
}

static bool
limit_changes(const struct limit *limit)
{
	return !run_limit_same(limit->name, limit->had ? limit->old : NULL,
	    limit->has ? limit->new : NULL);
}

static struct text
limit_words(struct arena *arena, bool there, const char *text)
{
	return there ? text_clean_str(arena, text) : TEXT("Google's default");
}

/* Those that change, as lines and as what is wanted. */
static struct cJSON *
limits_plan(
    const struct limit limits[LIMITS], struct plan *plan, struct buf *words)
{
	struct cJSON *wants = json_new_object();
	bool good = wants != NULL;

	for (size_t i = 0; good && i < LIMITS; i++) {
		const struct limit *limit = &limits[i];

		if (!limit_changes(limit))
			continue;
		plan_line(plan, text_lit(limit->label),
		    limit_words(plan->arena, limit->had, limit->old),
		    limit_words(plan->arena, limit->has, limit->new),
		    i >= LIMIT_MIN ? TEXT("of each revision") : TEXT_EMPTY);
		buf_fmt(words, "%s%s=%s", words->len > 0 ? ", " : "",
		    limit->name, limit->has ? limit->new : "default");
		good = json_put(wants, limit->name,
		    limit->has ? json_new_text(limit->new, strlen(limit->new))
			       : json_new_null());
	}
	return good ? wants : json_free(wants);
}

/* Which way the bill goes. */
static struct text
cost_words(const struct limit limits[LIMITS])
{
	int more = 0;
	double old, new;

	for (size_t i = LIMIT_CPU; i <= LIMIT_MEMORY; i++) {
		if (!run_quantity(limits[i].old, &old))
			old = i == LIMIT_CPU ? 1 : 512 * MIB;
		new = value_of(&limits[i], i == LIMIT_CPU ? 1 : 512 * MIB);
		more |= new > old ? 1 : new < old ? 2 : 0;
	}
	switch (more) {
	case 1:
		return TEXT("a new revision, of which each instance costs "
			    "more");
	case 2:
		return TEXT("a new revision, of which each instance costs "
			    "less");
	case 3:
		return TEXT("a new revision, of which each instance costs more "
			    "for one thing and less for the other");
	default:
		return TEXT("a new revision, of which each instance costs the "
			    "same");
	}
}

static void
plan_traps(const struct run_act *act, const struct limit limits[LIMITS],
    struct plan *plan)
{
	const struct limit *memory = &limits[LIMIT_MEMORY];
	const struct limit *at_once = &limits[LIMIT_CONCURRENCY];
	double old;

	run_act_trap_pin(act, plan);
	if (run_quantity(memory->old, &old) && value_of(memory, old) < old)
		plan_trap(plan,
		    TEXT("an instance that needs more memory is ended, with "
			 "all its requests"));
	if (run_quantity(at_once->old, &old) && value_of(at_once, old) < old)
		plan_trap(plan,
		    TEXT("fewer requests for each instance: more instances "
			 "are needed for the same load"));
	plan_trap(plan,
	    TEXT("instances start anew; one that does not start leaves the "
		 "revision of now serving"));
}

static void
plan_back(struct action_ctx *ctx, const struct limit limits[LIMITS],
    struct plan *plan)
{
	struct request_spec undo = ctx->request->is;
	struct request_value values[LIMITS];
	size_t n = 0;

	for (size_t i = 0; i < LIMITS; i++) {
		const struct limit *limit = &limits[i];

		if (limit_changes(limit))
			values[n++] = (struct request_value) { limit->name,
				limit->had ? limit->old : "default" };
	}
	undo.values = values;
	undo.value_count = n;
	undo.undo_of = NULL;
	if (n > 0)
		plan_undo(plan, &undo);
}

static enum err_code
resize_plan_act(struct run_act *act, struct action_ctx *ctx, struct plan *plan,
    struct err *err)
{
	double running = run_act_figure(act, "run_instances");
	struct buf words = BUF_INIT(PLAN_TEXT_MAX);
	struct limit limits[LIMITS];
	struct cJSON *wants;
	enum err_code code;

	limits_init(limits, ctx->args);
	code = limits_read(limits, json_member(act->doc, "template"), err);
	if (code == ERR_OK)
		code = check_all(limits, err);
	if (code != ERR_OK)
		return code;
	wants = limits_plan(limits, plan, &words);
	if (wants == NULL) {
		buf_release(&words);
		return err_set(err, ERR_NOMEM, origin, "no memory");
	}
	plan->nothing = json_first(wants) == NULL;
	plan->verb = TEXT("resize now");
	if (!plan->nothing) {
		plan->effect = cost_words(limits);
		plan_traps(act, limits, plan);
	}
	if (isfinite(running))
		plan_reach(plan, TEXT("instances now"), NUM_COUNT, running);
	code = run_act_plan(act, plan, &run_limits_edit, wants,
	    run_template_words(plan->arena, &words), err);
	if (code == ERR_OK)
		plan_back(ctx, limits, plan);
	json_free(wants);
	buf_release(&words);
	return code;
}

static enum err_code
resize_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	struct run_act act;
	enum err_code code;

	if (ctx->request->is.value_count == 0)
		return err_set(err, ERR_USAGE, origin,
		    "what? say it with cpu=2, memory=4Gi, concurrency=40, "
		    "timeout=10m or several of them");
	code = run_act_first(&act, ctx, false, err);
	if (code == ERR_OK)
		code = resize_plan_act(&act, ctx, plan, err);
	run_act_close(&act);
	return code;
}

static enum err_code
resize_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return run_act_apply(ctx, plan, &run_limits_edit, err);
}

static enum err_code
resize_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return run_act_verify(ctx, plan, &run_limits_edit, err);
}

static enum err_code
resize_choices(struct action_ctx *ctx, const char *arg, struct choices *choices,
    struct err *err)
{
	static const char *const words[][4] = {
		{ RUN_CPU, "1", "2", "4" },
		{ RUN_MEMORY, "1Gi", "2Gi", "4Gi" },
		{ RUN_CONCURRENCY, "20", "80", "200" },
		{ RUN_TIMEOUT, "60s", "300s", "3600s" },
		{ RUN_MIN, "0", "1", "2" },
		{ RUN_MAX, "20", "50", "100" },
	};
	struct run_act act;
	char now[TEXT_LEN];
	enum err_code code = run_act_first(&act, ctx, false, err);

	if (code == ERR_OK &&
	    run_limit_now(json_member(act.doc, "template"), arg, now) != NULL)
		choices_add(choices, now, strlen(now));
	for (size_t i = 0; code == ERR_OK && i < ARRAY_LEN(words); i++)
		for (size_t k = 1; k < 4 && strcmp(words[i][0], arg) == 0; k++)
			choices_add(choices, words[i][k], strlen(words[i][k]));
	run_act_close(&act);
	return code;
}

static const struct opt resize_rows[] = {
	{
	    OPT_FIELD(struct resize_args, cpu, RUN_CPU, OPT_STRING),
	    .max = TEXT_LEN - 1,
	    .help = "CPUs of an instance: 1, 2, 4, 6, 8, or less than one",
	},
	{
	    OPT_FIELD(struct resize_args, memory, RUN_MEMORY, OPT_STRING),
	    .max = TEXT_LEN - 1,
	    .help = "memory of an instance, such as 512Mi or 4Gi",
	},
	{
	    OPT_FIELD(
		struct resize_args, concurrency, RUN_CONCURRENCY, OPT_STRING),
	    .max = TEXT_LEN - 1,
	    .help = "requests that an instance takes at once, 1 to 1000",
	},
	{
	    OPT_FIELD(struct resize_args, timeout, RUN_TIMEOUT, OPT_STRING),
	    .max = TEXT_LEN - 1,
	    .help = "longest request, at most 60m",
	},
	{
	    OPT_FIELD(struct resize_args, min, RUN_MIN, OPT_STRING),
	    .max = TEXT_LEN - 1,
	    .help = "least instances of the revision, beside those of "
		    "run.scale",
	},
	{
	    OPT_FIELD(struct resize_args, max, RUN_MAX, OPT_STRING),
	    .max = TEXT_LEN - 1,
	    .help = "most instances of the revision, beside those of "
		    "run.scale",
	},
};
static const struct opt_table resize_table = OPT_TABLE(resize_rows);

const struct action_ops action_run_resize = {
	.name = "run.resize",
	.title = "Resize instances",
	.help = "CPU, memory, concurrency, time-out: a new revision",
	.class = ACTION_REVERSIBLE,
	.rows = run_service_rows,
	.source_type = "gcp.run",
	.targets_min = 1,
	.targets_max = 1,
	.asks = true,
	.args = &resize_table,
	.args_size = sizeof(struct resize_args),
	.plan_ns = GCP_ACT_S * NS_PER_SEC,
	.apply_ns = GCP_ACT_S * NS_PER_SEC,
	.verify_ns = GCP_ACT_S * NS_PER_SEC,
	.settle_ns = GCP_SETTLE_S * NS_PER_SEC,
	.choices = resize_choices,
	.plan = resize_plan,
	.apply = resize_apply,
	.verify = resize_verify,
};
