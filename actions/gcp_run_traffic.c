/*
 * run.traffic: to the latest revision, in parts, or held where it is, so
 * that what is deployed gets none.
 */
#include "actions/gcp_run_traffic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/table.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/textbuf.h"
#include "model/limits.h"
#include "model/platform.h"

static const char origin[] = "run";

struct traffic_args {
	const char *to;
};

/* What takes the pages of revisions. */
struct revisions_page {
	struct run_revisions *to;
	struct run_reader reader;
};

static void
take_revisions(void *ctx, const struct cJSON *page)
{
	struct revisions_page *p = ctx;
	struct run_revisions *to = p->to;

	for (const struct cJSON *v = json_first(json_member(page, "revisions"));
	     v != NULL && to->count < to->cap; v = json_next(v))
		if (run_revision_read(&p->reader, v, &to->list[to->count]))
			to->count++;
}

static int
by_age(const void *a, const void *b)
{
	const struct run_revision *x = a, *y = b;
	int order = 0;

	/* One without a time is the oldest: there NaN is not above it. */
	if (x->created_ms > y->created_ms || isnan(y->created_ms))
		order--;
	if (y->created_ms > x->created_ms || isnan(x->created_ms))
		order++;
	if (order != 0)
		return order;
	return -text_cmp(x->name, y->name);
}

static enum err_code
read_revisions(struct run_move *move, struct err *err)
{
	struct run_act *act = &move->act;
	struct revisions_page page = { &move->revisions, run_act_reader(act) };
	enum err_code code;

	move->revisions.cap = RUN_REVISIONS_MAX;
	move->revisions.list = arena_array(act->ctx->arena, move->revisions.cap,
	    sizeof(*move->revisions.list));
	if (move->revisions.list == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	code = run_one_revisions(
	    &act->one, &act->poll, take_revisions, &page, err);
	if (code == ERR_OK && move->revisions.count > 0)
		qsort(move->revisions.list, move->revisions.count,
		    sizeof(*move->revisions.list), by_age);
	return code;
}

enum err_code
run_move_open(struct run_move *move, struct action_ctx *ctx, struct err *err)
{
	/* Before anything serves, and while it is not told, it is what is
	 * asked for. */
	const char *serving = "trafficStatuses", *ready;
	enum err_code code = run_act_first(&move->act, ctx, true, err);

	move->revisions = (struct run_revisions) { .list = NULL };
	move->ready[0] = '\0';
	if (code != ERR_OK)
		return code;
	if (json_first(json_member(move->act.doc, serving)) == NULL)
		serving = "traffic";
	ready = run_base(json_member(move->act.doc, "latestReadyRevision"));
	if (ready != NULL)
		snprintf(move->ready, sizeof(move->ready), "%s", ready);
	if (!run_split_read(move->act.doc, "traffic", &move->now) ||
	    !run_split_read(move->act.doc, serving, &move->served))
		return err_set(err, ERR_BADDATA, origin,
		    "%s: its traffic can't be read", move->act.one.what);
	run_split_pin(&move->served, move->ready, &move->served);
	return read_revisions(move, err);
}

const char *
run_revision_name(
    const struct run_revision *revision, char out[GCP_SERVICE_MAX])
{
	struct buf plain = BUF_INIT(GCP_SERVICE_MAX);

	text_plain(&plain, revision->name);
	snprintf(out, GCP_SERVICE_MAX, "%s", buf_cstr(&plain));
	buf_release(&plain);
	return out;
}

const struct run_revision *
run_move_find(const struct run_move *move, const char *name)
{
	struct text text = text_clean_str(move->act.ctx->arena, name);

	for (size_t i = 0; i < move->revisions.count; i++)
		if (text_eq(move->revisions.list[i].name, text))
			return &move->revisions.list[i];
	return NULL;
}

enum err_code
run_move_check(
    const struct run_move *move, const struct run_split *to, struct err *err)
{
	if (run_split_total(to) != 100)
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "the parts are %d %% together: traffic is on its way, look "
		    "again",
		    run_split_total(to));
	for (size_t i = 0; i < to->count; i++) {
		const char *name = to->parts[i].name;
		const struct run_revision *revision = NULL;
		struct nearest near = NEAREST_INIT(name);
		char its[GCP_SERVICE_MAX];

		if (strcmp(name, RUN_LATEST) == 0)
			continue;
		revision = run_move_find(move, name);
		for (size_t k = 0; k < move->revisions.count; k++) {
			run_revision_name(&move->revisions.list[k], its);
			nearest_offer(&near,
			    arena_copy(move->act.ctx->arena, its, strlen(its)));
		}
		if (revision == NULL)
			return err_set(err, ERR_NOTFOUND, origin,
			    near.best != NULL
				? "%s has no revision %.60s; did you mean "
				  "%.60s?"
				: "%s has no revision %.60s",
			    move->act.one.ref.service, name, near.best);
		if (revision->state == STATE_CRIT)
			return err_set(err, ERR_UNSUPPORTED, origin,
			    "%.60s is not ready, so Google sends it nothing: "
			    "%.80s",
			    name,
			    revision->detail.len > 0 ? revision->detail.s
						     : "no reason is given");
	}
	return ERR_OK;
}

/* "1.0.3, 3h old" */
static struct text
revision_note(const struct run_move *move, const char *name)
{
	const struct run_revision *revision = run_move_find(move, name);
	struct text_buf tb;

	tb_init(&tb);
	if (revision == NULL)
		return TEXT_EMPTY;
	tb_text(&tb, revision->spec.version);
	if (isfinite(revision->created_ms)) {
		double age =
		    (double)move->act.ctx->wall_ms - revision->created_ms;

		if (tb.len > 0)
			tb_lit(&tb, ", ");
		tb_duration(&tb, age > 0 ? (int64_t)age * NS_PER_MS : 0);
		tb_lit(&tb, " old");
	}
	return text_copy(move->act.ctx->arena, tb_end(&tb));
}

static void
plan_part(const struct run_move *move, struct plan *plan, const char *name,
    int old, int new)
{
	plan_line(plan, text_clean_str(plan->arena, name),
	    text_fmt(plan->arena, "%d %%", old),
	    text_fmt(plan->arena, "%d %%", new),
	    text_copy(plan->arena, revision_note(move, name)));
}

/* Each revision that gets more or less than it has, and how much moves. */
static int
plan_parts(
    const struct run_move *move, const struct run_split *to, struct plan *plan)
{
	const struct run_split *from = &move->served;
	int moved = 0;

	for (size_t i = 0; i < from->count; i++) {
		const struct run_part *part = &from->parts[i];
		int new = run_split_of(to, part->name);

		plan_part(move, plan, part->name, part->percent, new);
		if (part->percent > new)
			moved += part->percent - new;
	}
	for (size_t i = 0; i < to->count; i++) {
		const struct run_part *part = &to->parts[i];

		if (run_split_of(from, part->name) == 0)
			plan_part(move, plan, part->name, 0, part->percent);
	}
	return moved;
}

static void
plan_reaches(const struct run_move *move, struct plan *plan, int moved)
{
	double rate = run_act_figure(&move->act, "run_requests");
	double instances = run_act_figure(&move->act, "run_instances");

	plan_reach(
	    plan, TEXT("of the traffic moves"), NUM_PERCENT, moved / 100.0);
	if (isfinite(rate))
		plan_reach(plan, TEXT("that move"), NUM_PER_SECOND,
		    rate * moved / 100);
	if (isfinite(instances))
		plan_reach(
		    plan, TEXT("instances serve now"), NUM_COUNT, instances);
}

static void
plan_traps(
    const struct run_move *move, const struct run_split *to, struct plan *plan)
{
	const struct run_service *service = &move->act.now;
	bool latest = run_split_of(to, RUN_LATEST) > 0;

	if (!latest)
		plan_trap(plan,
		    TEXT("this pins the traffic: what is deployed from now on, "
			 "and what run.flags and run.resize change, reaches "
			 "nobody until run.traffic to=latest"));
	for (size_t i = 0; i < to->count; i++) {
		const char *name = to->parts[i].name;

		if (strcmp(name, RUN_LATEST) != 0 &&
		    run_split_of(&move->served, name) == 0)
			plan_trap(plan,
			    text_fmt(plan->arena,
				"%s serves nothing now: its instances have to "
				"start first",
				name));
	}
	if (service->created.len > 0 &&
	    !text_eq(service->created, service->ready)) {
		const struct text parts[] = { TEXT("the newest revision, "),
			service->created,
			latest ? TEXT(", is not ready; latest means ")
			       : TEXT(", is not ready, and will get none when "
				      "it is"),
			latest ? service->ready : TEXT_EMPTY };

		plan_trap(
		    plan, text_join(plan->arena, parts, ARRAY_LEN(parts)));
	}
}

/* The service of a target without the revision behind it. */
static const char *
service_name(const struct run_act *act)
{
	struct buf name = BUF_INIT(ACTION_TARGET_MAX);
	const char *copy;

	if (act->one.conf->regions.count > 1)
		buf_fmt(&name, "%s/", act->one.ref.region);
	buf_str(&name, act->one.ref.service);
	copy = arena_copy(act->ctx->arena, buf_cstr(&name), name.len);
	buf_release(&name);
	return copy != NULL ? copy : act->one.ref.service;
}

static void
plan_back(const struct run_move *move, struct plan *plan)
{
	struct request_spec undo = move->act.ctx->request->is;
	struct request_target target = { service_name(&move->act), NULL };
	struct buf to = BUF_INIT(ACTION_VALUE_MAX);
	struct request_value value = { "to", "" };

	run_split_text(&move->now, &to);
	value.value = buf_cstr(&to);
	undo.action = "run.traffic";
	undo.targets = &target;
	undo.target_count = 1;
	undo.values = &value;
	undo.value_count = 1;
	undo.undo_of = NULL;
	plan_undo(plan, &undo);
	buf_release(&to);
}

enum err_code
run_move_plan(struct run_move *move, const struct run_split *to,
    struct plan *plan, struct err *err)
{
	struct cJSON *wants = run_split_wants(to);
	struct run_split real;
	enum err_code code;
	int moved;

	if (wants == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	run_split_pin(to, move->ready, &real);
	moved = plan_parts(move, &real, plan);
	plan->nothing = run_split_same(to, &move->now) &&
			run_split_same(&real, &move->served);
	plan_reaches(move, plan, moved);
	if (!plan->nothing)
		plan_traps(move, to, plan);
	code = run_act_plan(
	    &move->act, plan, &run_split_edit, wants, TEXT_EMPTY, err);
	if (code == ERR_OK && !plan->nothing)
		plan_back(move, plan);
	json_free(wants);
	return code;
}

static struct text
traffic_effect(const struct run_split *to, struct run_move *move, bool hold)
{
	struct arena *arena = move->act.ctx->arena;

	if (hold)
		return TEXT("what serves now goes on serving; new deployments "
			    "get no traffic");
	if (to->count == 1 && strcmp(to->parts[0].name, RUN_LATEST) == 0)
		return text_fmt(arena,
		    "all traffic to the latest that is ready, %s, and to each "
		    "newer one as it becomes ready",
		    move->ready);
	if (to->count == 1)
		return text_fmt(arena, "all traffic to %s", to->parts[0].name);
	return TEXT("the traffic is divided by these parts");
}

static enum err_code
traffic_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	const struct traffic_args *args = ctx->args;
	bool hold = strcmp(args->to, "hold") == 0;
	struct run_move move;
	struct run_split to;
	enum err_code code = run_move_open(&move, ctx, err);

	if (code == ERR_OK && hold)
		to = move.served;
	else if (code == ERR_OK)
		code = run_split_parse(args->to, &move.now, &to, err);
	if (code == ERR_OK)
		code = run_move_check(&move, &to, err);
	if (code == ERR_OK) {
		plan->verb = hold ? TEXT("hold now") : TEXT("move now");
		plan->effect =
		    text_copy(plan->arena, traffic_effect(&to, &move, hold));
		code = run_move_plan(&move, &to, plan, err);
	}
	run_act_close(&move.act);
	return code;
}

static enum err_code
traffic_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return run_act_apply(ctx, plan, &run_split_edit, err);
}

static enum err_code
traffic_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	return run_act_verify(ctx, plan, &run_split_edit, err);
}

/* latest, hold, and each revision that is ready with a tenth. */
static enum err_code
traffic_choices(struct action_ctx *ctx, const char *arg,
    struct choices *choices, struct err *err)
{
	struct run_move move;
	enum err_code code = run_move_open(&move, ctx, err);

	(void)arg;
	choices_add(choices, "latest", strlen("latest"));
	choices_add(choices, "hold", strlen("hold"));
	for (size_t i = 0; code == ERR_OK && i < move.revisions.count; i++) {
		char name[GCP_SERVICE_MAX], word[GCP_SERVICE_MAX + 8];
		int len;

		if (move.revisions.list[i].state != STATE_OK)
			continue;
		run_revision_name(&move.revisions.list[i], name);
		len = snprintf(word, sizeof(word), "%s=10", name);
		choices_add(choices, word, (size_t)len);
	}
	run_act_close(&move.act);
	return code;
}

static const struct opt traffic_rows[] = {
	{
	    OPT_FIELD(struct traffic_args, to, "to", OPT_STRING),
	    .required = true,
	    .min = 1,
	    .max = ACTION_VALUE_MAX - 1,
	    .help = "latest; hold: where it is, new revisions get none; or "
		    "percents by revision, REVISION=20 LATEST=80",
	},
};
static const struct opt_table traffic_table = OPT_TABLE(traffic_rows);

const struct action_ops action_run_traffic = {
	.name = "run.traffic",
	.title = "Move traffic",
	.help = "to the latest revision, in parts, or held where it is",
	.class = ACTION_REVERSIBLE,
	.rows = run_service_rows,
	.source_type = "gcp.run",
	.targets_min = 1,
	.targets_max = 1,
	.args = &traffic_table,
	.args_size = sizeof(struct traffic_args),
	.plan_ns = GCP_ACT_S * NS_PER_SEC,
	.apply_ns = GCP_ACT_S * NS_PER_SEC,
	.verify_ns = GCP_ACT_S * NS_PER_SEC,
	.choices = traffic_choices,
	.plan = traffic_plan,
	.apply = traffic_apply,
	.verify = traffic_verify,
};
