#include "actions/flag_run.h"

#include <string.h>

#include "actions/gcp_run_template.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/num.h"
#include "model/platform.h"

static const char origin[] = "flag";

/* The flags of one service, and that service. */
struct group {
	struct action_ctx *ctx;
	const struct flag_target *targets;
	size_t count;
	size_t first;
	struct run_act act;
	struct cJSON *wants;
};

bool
flag_run_is(const struct flag_target *target)
{
	return flag_type_of(target->flag)->kind == FLAG_RUN;
}

/* Whether both are one service, also where one says its region and the other
 * need not. */
static bool
is_one_service(const struct action_ctx *ctx, const struct flag_run_conf *a,
    const struct flag_run_conf *b)
{
	const struct gcp_run_conf *run = flag_run_source(ctx->platform, a);
	struct run_ref x, y;

	return strcmp(a->source, b->source) == 0 && run != NULL &&
	       run_ref_read(run, a->service, false, &x, NULL) == ERR_OK &&
	       run_ref_read(run, b->service, false, &y, NULL) == ERR_OK &&
	       strcmp(x.region, y.region) == 0 &&
	       strcmp(x.service, y.service) == 0;
}

/* Whether two that change are in one service. */
static bool
is_together(const struct action_ctx *ctx, const struct flag_target *a,
    const struct flag_target *b)
{
	return flag_run_is(a) && flag_run_is(b) && !a->same && !b->same &&
	       is_one_service(ctx, a->flag->config, b->flag->config);
}

/* Whether an earlier one speaks for it. */
static bool
is_led(const struct action_ctx *ctx, const struct flag_target *targets,
    size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (is_together(ctx, &targets[i], &targets[index]))
			return true;
	return false;
}

/* Adds what one flag is to become. Several may be one variable. */
static enum err_code
group_want(
    struct group *group, const struct flag_target *target, struct err *err)
{
	const char *name = flag_run_variable(target->flag);
	const char *value = target->value;
	const struct cJSON *known = json_member(group->wants, name);
	const char *other = json_string(known);

	if (known == NULL)
		return json_put(group->wants, name,
			   value != NULL ? json_new_text(value, strlen(value))
					 : json_new_null())
			   ? ERR_OK
			   : err_set(err, ERR_NOMEM, origin, "no memory");
	if (other == NULL || value == NULL ? other == value
					   : strcmp(other, value) == 0)
		return ERR_OK;
	return err_set(err, ERR_CONFIG, origin,
	    "%.60s and another flag are one variable, %.60s, and would set it "
	    "differently",
	    target->flag->name, name);
}

/* Opens the service of a group, and what is wanted of it. */
static enum err_code
group_open(struct group *group, struct err *err)
{
	const struct flag_target *first = &group->targets[group->first];
	const struct flag_run_conf *conf = first->flag->config;
	const struct gcp_run_conf *run =
	    flag_run_source(group->ctx->platform, conf);
	enum err_code code = ERR_OK;

	group->wants = json_new_object();
	for (size_t i = group->first; code == ERR_OK && i < group->count; i++)
		if (is_together(group->ctx, first, &group->targets[i]))
			code = group_want(group, &group->targets[i], err);
	if (code != ERR_OK)
		return code;
	if (run == NULL)
		return err_set(err, ERR_CONFIG, origin,
		    "no source of type gcp.run is called %.60s", conf->source);
	return run_act_open(
	    &group->act, group->ctx, run, conf->service, false, err);
}

static void
group_close(struct group *group)
{
	run_act_close(&group->act);
	json_free(group->wants);
}

/* "with A=false, without B" */
static struct text
group_words(const struct group *group, struct arena *arena)
{
	struct buf words = BUF_INIT(PLAN_TEXT_MAX);
	struct text text;

	for (const struct cJSON *v = json_first(group->wants); v != NULL;
	     v = json_next(v)) {
		const char *value = json_string(v);

		buf_fmt(&words, "%s%s%s%s%s", words.len > 0 ? ", " : "",
		    value != NULL ? "" : "without ", json_name(v),
		    value != NULL ? "=" : "", value != NULL ? value : "");
	}
	text = run_template_words(arena, &words);
	buf_release(&words);
	return text;
}

static enum err_code
plan_group(struct group *group, struct plan *plan, struct err *err)
{
	const struct flag_target *first = &group->targets[group->first];
	enum err_code code = group_open(group, err);

	if (code == ERR_OK)
		code = run_act_look(&group->act, err);
	if (code == ERR_OK &&
	    strcmp(run_act_etag(&group->act), first->etag) != 0)
		code = err_set(err, ERR_CLOSED, origin,
		    "%.60s was changed while it was read: plan it again",
		    group->act.one.ref.service);
	if (code == ERR_OK)
		code = run_act_plan_send(&group->act, plan, &run_env_edit,
		    group->wants, group_words(group, plan->arena), err);
	if (code == ERR_OK)
		run_act_trap_pin(&group->act, plan);
	group_close(group);
	return code;
}

enum err_code
flag_run_plan(struct action_ctx *ctx, const struct flag_target *targets,
    size_t count, struct plan *plan, struct err *err)
{
	enum err_code code = ERR_OK;
	bool some = false;

	for (size_t i = 0; code == ERR_OK && i < count; i++) {
		struct group group = { ctx, targets, count, i, { 0 }, NULL };

		if (!flag_run_is(&targets[i]) || targets[i].same ||
		    is_led(ctx, targets, i))
			continue;
		some = true;
		code = plan_group(&group, plan, err);
	}
	if (code == ERR_OK && some)
		plan_trap(plan,
		    TEXT("a new revision: instances start anew, and one that "
			 "does not start leaves the old one serving"));
	return code;
}

/* All of a group. */
static void
report(const struct group *group, enum target_state state, const char *op,
    const char *words)
{
	const struct flag_target *first = &group->targets[group->first];

	for (size_t i = group->first; i < group->count; i++) {
		if (!is_together(group->ctx, first, &group->targets[i]))
			continue;
		action_keep(group->ctx, i, op);
		action_target(group->ctx, i, state,
		    words[0] != '\0' ? "%s" : NULL, words);
	}
}

enum err_code
flag_run_apply(struct action_ctx *ctx, const struct flag_target *targets,
    size_t count, size_t first, struct err *err)
{
	struct group group = { ctx, targets, count, first, { 0 }, NULL };
	char op[ACTION_KEPT_MAX] = "";
	enum gcp_sent sent = GCP_UNSENT;

	if (is_led(ctx, targets, first))
		return ERR_OK;
	if (group_open(&group, err) == ERR_OK)
		sent = run_act_send(&group.act, &run_env_edit, group.wants,
		    targets[first].etag, op, err);
	if (sent == GCP_TAKEN)
		report(&group, TARGET_ACCEPTED, op, "");
	else
		report(&group,
		    sent == GCP_MAYBE ? TARGET_OPEN : TARGET_UNCHANGED, "",
		    err_text(err));
	group_close(&group);
	return sent == GCP_TAKEN ? ERR_OK : err->code;
}

enum err_code
flag_run_verify(struct action_ctx *ctx, const struct flag_target *targets,
    size_t count, size_t first, struct err *err)
{
	struct group group = { ctx, targets, count, first, { 0 }, NULL };
	enum target_state state = TARGET_OPEN;
	char words[ERR_MSG_MAX] = "";
	struct run_sent sent = { action_kept(ctx, first), 0,
		action_is_accepted(ctx, first) };
	const char *stamp = targets[first].stamp;
	enum err_code code;

	if (is_led(ctx, targets, first))
		return ERR_OK;
	if (!num_parse_i64(stamp, strlen(stamp), &sent.generation))
		sent.generation = 0;
	code = group_open(&group, err);
	if (code == ERR_OK)
		code = run_act_check(&group.act, &run_env_edit, group.wants,
		    &sent, &state, words, err);
	if (code == ERR_OK && state != TARGET_OPEN)
		report(&group, state, "", words);
	group_close(&group);
	return code;
}
