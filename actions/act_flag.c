/*
 * flag.set: one flag, or several in one plan. Without a value a flag of two
 * values is flipped, and a kill switch is pulled. What takes it back is the
 * exact former text of each, also that there was none.
 */
#include <stdio.h>
#include <string.h>

#include "actions/flag_change.h"
#include "actions/flag_expand.h"
#include "actions/flag_keep.h"
#include "actions/flag_memo.h"
#include "actions/flag_run.h"
#include "actions/peek.h"
#include "actions/scope.h"
#include "actions/table.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/nearest.h"
#include "base/redact.h"
#include "base/secret.h"
#include "datasrc/flag_words.h"
#include "model/limits.h"
#include "model/platform.h"

struct flag_args {
	const char *value;
	const char *restore; /* JSON: names and texts of the backend */
};

/* One plan being made. */
struct flag_plan {
	struct action_ctx *ctx;
	struct plan *plan;
	struct flag_links links;
	struct cJSON *restore; /* NULL: a value is set */
	struct flag_target *targets;
	size_t count;
};

static const char origin[] = "flag";

static enum err_code
find_flag(const struct platform *platform, const char *name,
    const struct platform_flag **ret_flag, struct err *err)
{
	const char *off = platform_flag_off(platform, name);
	struct nearest near = NEAREST_INIT(name);

	*ret_flag = platform_flag_find(platform, name);
	if (*ret_flag != NULL)
		return ERR_OK;
	if (off != NULL)
		return err_set(err, ERR_NOTFOUND, origin,
		    "flag %.60s is not there: %s", name, off);
	for (size_t i = 0; i < platform->flag_count; i++)
		nearest_offer(&near, platform->flags[i].name);
	return err_set(err, ERR_NOTFOUND, origin,
	    near.best != NULL ? "no flag is called %.60s; did you mean %.60s?"
			      : "no flag is called %.60s",
	    name, near.best);
}

/* The other one of two values; NULL: there are not two. */
static const char *
other_of(const struct platform_flag *flag, const char *stored)
{
	const char *word = platform_flag_word(flag, stored);

	if (flag->text || flag->values.count != 2)
		return NULL;
	if (word != NULL && strcmp(word, flag->values.items[0].key) == 0)
		return flag->values.items[1].value;
	return flag->values.items[0].value;
}

/* "on, off" for messages. */
static void
words_of(const struct platform_flag *flag, struct buf *out)
{
	for (size_t i = 0; i < flag->values.count; i++)
		buf_fmt(
		    out, "%s%s", i > 0 ? ", " : "", flag->values.items[i].key);
}

/* What is typed ends up in histories and on the record. */
static enum err_code
check_typed(const struct platform_flag *flag, const char *word, struct err *err)
{
	if (flag->secret && secret_ref_kind(word) == SECRET_LITERAL)
		return err_set(err, ERR_USAGE, origin,
		    "its value is never typed: say where it comes from, with "
		    "env:NAME, file:PATH or cmd:[...]");
	return ERR_OK;
}

/* The text that a word means to the backend. */
static enum err_code
stored_of(const struct platform_flag *flag, const char *word,
    const char **ret_stored, struct err *err)
{
	struct buf words = BUF_INIT(ERR_MSG_MAX);
	enum err_code code = check_typed(flag, word, err);

	if (code != ERR_OK)
		return code;
	*ret_stored = platform_flag_stored(flag, word);
	if (*ret_stored != NULL)
		return ERR_OK;
	words_of(flag, &words);
	err_set(err, ERR_USAGE, origin, "can't be %.60s; there is %.80s", word,
	    buf_cstr(&words));
	buf_release(&words);
	return ERR_USAGE;
}

/* What one flag is to become. */
static enum err_code
want_of(const struct flag_plan *p, const struct platform_flag *flag,
    const struct flag_state *state, const char **ret_value, struct err *err)
{
	const struct flag_args *args = p->ctx->args;
	const struct cJSON *item;

	*ret_value = NULL;
	if (p->restore != NULL) {
		item = json_member(p->restore, flag->name);
		*ret_value = json_string(item);
		if (*ret_value == NULL && !json_is_null(item))
			return err_set(err, ERR_USAGE, origin,
			    "restore says nothing of it");
		return *ret_value != NULL ? check_typed(flag, *ret_value, err)
					  : ERR_OK;
	}
	if (args->value != NULL)
		return stored_of(flag, args->value, ret_value, err);
	if (p->count == 1)
		*ret_value = other_of(flag, state->stored);
	if (*ret_value == NULL)
		return err_set(err, ERR_USAGE, origin,
		    "which value? say it with --set value=...");
	return ERR_OK;
}

static bool
is_same(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

static const char *
copy(struct action_ctx *ctx, const char *text)
{
	return text != NULL ? arena_copy(ctx->arena, text, strlen(text)) : NULL;
}

/* Who set it last and since when, as far as the backend tells. */
static struct text
note_of(const struct flag_plan *p, const struct flag_state *state)
{
	char at[CLOCK_RFC3339_LEN], words[ERR_MSG_MAX];

	if (state->who == NULL && state->since_ms == 0)
		return TEXT_EMPTY;
	snprintf(words, sizeof(words), "%s%s%s%.60s",
	    state->since_ms != 0 ? "since " : "",
	    state->since_ms != 0 ? clock_rfc3339(state->since_ms, at) : "",
	    state->who != NULL ? (state->since_ms != 0 ? " by " : "by ") : "",
	    state->who != NULL ? state->who : "");
	return text_ingest(p->ctx->redactor, p->plan->arena, words,
	    strlen(words), PLAN_TEXT_MAX);
}

/* How the new value is shown; of a secret where it comes from. */
static struct text
new_words(const struct flag_plan *p, const struct platform_flag *flag,
    const char *value)
{
	struct arena *arena = p->plan->arena;

	if (flag->secret && value != NULL)
		return text_ingest(p->ctx->redactor, arena, value,
		    strlen(value), PLAN_TEXT_MAX);
	return flag_words(flag, value, p->ctx->redactor, arena);
}

/* The backend's words, which may quote a value. */
static struct text
note_words(const struct flag_plan *p, const struct platform_flag *flag,
    const char *note)
{
	struct arena *arena = p->plan->arena;
	const struct text parts[] = { text_clean_str(arena, flag->name),
		TEXT(": "),
		text_ingest(p->ctx->redactor, arena, note, strlen(note),
		    PLAN_TEXT_MAX) };

	return text_join(arena, parts, ARRAY_LEN(parts));
}

static void
warn_of(const struct flag_plan *p, const struct platform_flag *flag,
    const struct flag_state *state)
{
	struct plan *plan = p->plan;
	char left[NUM_TEXT_MAX];

	if (state->expires_ms > 0)
		plan_trap(plan,
		    text_fmt(plan->arena, "%s goes away by itself in %s",
			flag->name,
			num_duration(left, state->expires_ms * NS_PER_MS)));
	if (state->note != NULL)
		plan_trap(plan, note_words(p, flag, state->note));
	if (flag_type_of(flag)->kind == FLAG_UNLEASH)
		plan_trap(
		    plan, TEXT("Unleash can't set a feature only if it has not "
			       "changed: it is read right before instead"));
}

/* What proves that it is still as it was read, beside its value. */
static const char *
stamp_of(const struct flag_plan *p, const struct platform_flag *flag,
    const struct flag_state *state)
{
	char stamp[ENV_STAMP_LEN];

	if (flag_type_of(flag)->kind == FLAG_RUN)
		snprintf(
		    stamp, sizeof(stamp), "%lld", (long long)state->generation);
	else if (flag->secret)
		env_stamp_text(&state->stamp, stamp);
	else
		stamp[0] = '\0';
	return copy(p->ctx, stamp);
}

/* Reads one flag and puts what will happen to it into the plan. */
static enum err_code
plan_one(struct flag_plan *p, size_t index, struct err *err)
{
	struct action_ctx *ctx = p->ctx;
	struct flag_target *target = &p->targets[index];
	const char *name = ctx->request->is.targets[index].name;
	struct flag_ask ask = { .links = &p->links,
		.deadline = ctx->deadline,
		.cancel = ctx->cancel,
		.arena = ctx->arena };
	struct flag_change change = { .ctx = ctx, .links = &p->links };
	struct flag_state state;
	const char *value = NULL;
	enum err_code code = find_flag(ctx->platform, name, &ask.flag, err);

	if (code != ERR_OK)
		return code;
	code = flag_read(&ask, &state, err);
	if (code == ERR_OK && state.no_place)
		code = err_set(err, ERR_NOTFOUND, origin,
		    "there is no row for it, and sevtop makes none");
	if (code == ERR_OK)
		code = want_of(p, ask.flag, &state, &value, err);
	if (code != ERR_OK) {
		err_prefix(err, "%s", name);
		return code;
	}
	*target = (struct flag_target) {
		.flag = ask.flag,
		.same = !ask.flag->secret && is_same(state.stored, value),
		.was = ask.flag->secret ? NULL : state.stored,
		.value = copy(ctx, value),
		.etag = copy(ctx, state.etag),
		.stamp = stamp_of(p, ask.flag, &state),
		.keep = "",
	};
	if (ask.flag->secret && state.stored != NULL)
		code = flag_keep_path(ctx, ask.flag, &target->keep, err);
	plan_class(p->plan, ask.flag->class);
	plan_line(p->plan, text_clean_str(p->plan->arena, ask.flag->title),
	    flag_words(ask.flag, state.stored, ctx->redactor, p->plan->arena),
	    new_words(p, ask.flag, value), note_of(p, &state));
	if (code != ERR_OK || target->same)
		return code;
	warn_of(p, ask.flag, &state);
	if (flag_run_is(target))
		return ERR_OK; /* what is sent is planned for all at once */
	change.flag = ask.flag;
	change.was = target->was;
	change.value = target->value;
	change.etag = target->etag;
	change.stamp = target->stamp;
	code = flag_change_plan(&change, p->plan, err);
	if (code != ERR_OK)
		err_prefix(err, "%s", name);
	return code;
}

/* Names and texts of those that change, as one argument. */
static bool
restore_text(const struct flag_plan *p, struct buf *out)
{
	struct buf scratch = BUF_INIT(FLAG_VALUE_MAX);
	struct json_out json = JSON_OUT_INIT(&scratch);
	struct cJSON *root = json_out_open(&json);
	bool good;

	for (size_t i = 0; i < p->count; i++) {
		const struct flag_target *target = &p->targets[i];
		struct buf ref = BUF_INIT(ACTION_VALUE_MAX);

		if (target->same)
			continue;
		buf_fmt(&ref, "file:%s", target->keep);
		if (target->keep[0] != '\0')
			json_out_str(
			    &json, root, target->flag->name, buf_cstr(&ref));
		else if (target->was != NULL)
			json_out_str(
			    &json, root, target->flag->name, target->was);
		else
			json_out_raw(&json, root, target->flag->name, "null");
		buf_release(&ref);
	}
	good = json_out_close(&json, root, out) == ERR_OK;
	buf_release(&scratch);
	return good;
}

/* One word for all that change, when it restores each; NULL: there is none. */
static const char *
one_word(const struct flag_plan *p)
{
	const char *word = NULL;

	for (size_t i = 0; i < p->count; i++) {
		const struct flag_target *target = &p->targets[i];
		const char *its =
		    target->was != NULL && !target->flag->text
			? platform_flag_word(target->flag, target->was)
			: NULL;

		if (target->same)
			continue;
		if (its == NULL || (word != NULL && strcmp(word, its) != 0))
			return NULL;
		word = its;
	}
	return word;
}

static bool
can_restore(const struct flag_plan *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct flag_target *target = &p->targets[i];
		enum flag_kind kind = flag_type_of(target->flag)->kind;

		if (!target->same && target->was == NULL &&
		    !target->flag->secret && kind == FLAG_HTTP)
			return false;
	}
	return true;
}

static void
plan_undo_of(struct flag_plan *p)
{
	struct request_spec undo = p->ctx->request->is;
	struct request_target *changed =
	    arena_array(p->ctx->arena, p->count + 1, sizeof(*changed));
	struct buf text = BUF_INIT(ACTION_VALUE_MAX);
	struct request_value value = { "value", one_word(p) };
	size_t n = 0;

	for (size_t i = 0; changed != NULL && i < p->count; i++)
		if (!p->targets[i].same)
			changed[n++] = undo.targets[i];
	if (n > 0 && !can_restore(p)) {
		plan_trap(p->plan,
		    TEXT("there was no value, and no request is configured "
			 "that removes one: it can't be taken back"));
		n = 0;
	}
	if (n > 0 && value.value == NULL) {
		value.name = "restore";
		value.value = restore_text(p, &text) ? buf_cstr(&text) : NULL;
	}
	undo.targets = changed;
	undo.target_count = n;
	undo.values = &value;
	undo.value_count = 1;
	undo.undo_of = NULL;
	if (n > 0 && value.value != NULL)
		plan_undo(p->plan, &undo);
	buf_release(&text);
}

static enum err_code
flag_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	const struct flag_args *args = ctx->args;
	struct flag_plan p = {
		.ctx = ctx, .plan = plan, .count = ctx->request->is.target_count
	};
	enum err_code code = ERR_OK;
	size_t same = 0;

	p.targets = arena_array(ctx->arena, p.count, sizeof(*p.targets));
	if (p.targets == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	if (args->restore != NULL)
		code = json_parse(
		    args->restore, strlen(args->restore), &p.restore, err);
	if (code != ERR_OK) {
		err_prefix(err, "restore");
		return code;
	}
	flag_links_init(&p.links, ctx->platform, ctx->redactor, false);
	p.links.tokens = ctx->tokens;
	for (size_t i = 0; code == ERR_OK && i < p.count; i++)
		code = plan_one(&p, i, err);
	flag_links_close(&p.links);
	json_free(p.restore);
	if (code == ERR_OK)
		code = flag_run_plan(ctx, p.targets, p.count, plan, err);
	if (code != ERR_OK)
		return code;
	for (size_t i = 0; i < p.count; i++)
		same += p.targets[i].same;
	plan->nothing = same == p.count;
	plan->verb = TEXT("set now");
	plan->basis = TEXT("what has another value by then is not touched");
	if (p.count > 1)
		plan_reach(plan, TEXT("flags that change"), NUM_COUNT,
		    (double)(p.count - same));
	flag_memo_keep(plan, p.targets, p.count);
	plan_undo_of(&p);
	return arena_failed(ctx->arena)
		   ? err_set(err, ERR_NOMEM, origin, "no memory")
		   : ERR_OK;
}

static void
report(struct action_ctx *ctx, size_t index, enum flag_wrote wrote,
    const struct err *err)
{
	switch (wrote) {
	case FLAG_WROTE:
		action_target(ctx, index, TARGET_ACCEPTED, NULL);
		break;
	case FLAG_HALF:
		action_target(ctx, index, TARGET_PARTLY, "%s", err_text(err));
		break;
	case FLAG_UNSENT:
	case FLAG_OTHER:
		action_target(
		    ctx, index, TARGET_UNCHANGED, "%s", err_text(err));
		break;
	case FLAG_MAYBE:
		action_target(ctx, index, TARGET_OPEN, "%s", err_text(err));
		break;
	}
}

/* One flag, or all of its service where that takes them together. */
static enum err_code
apply_one(struct action_ctx *ctx, struct flag_links *links,
    const struct flag_target *targets, size_t index, struct err *err)
{
	const struct flag_target *target = &targets[index];
	struct flag_change change = { ctx, links, target->flag, target->was,
		target->value, target->etag, target->stamp };
	enum flag_wrote wrote = FLAG_UNSENT;

	if (target->same) {
		action_target(ctx, index, TARGET_DONE, "it was so already");
		return ERR_OK;
	}
	if (flag_run_is(target))
		return flag_run_apply(
		    ctx, targets, ctx->request->is.target_count, index, err);
	if (flag_keep_secret(&change, target->keep, err) == ERR_OK) {
		wrote = flag_change(&change, err);
		if (wrote == FLAG_UNSENT || wrote == FLAG_OTHER)
			flag_keep_drop(target->keep);
	}
	report(ctx, index, wrote, err);
	return wrote == FLAG_WROTE ? ERR_OK : err->code;
}

/* What failed for one flag is no reason to leave the others as they are. */
static enum err_code
flag_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	struct flag_target *targets = NULL;
	struct flag_links links;
	enum err_code code = flag_memo_read(ctx, plan, &targets, err);

	if (targets == NULL) {
		action_targets(
		    ctx, TARGET_UNCHANGED, "not sent: %s", err_text(err));
		return code;
	}
	flag_links_init(&links, ctx->platform, ctx->redactor, true);
	for (size_t i = 0; i < ctx->request->is.target_count; i++) {
		struct err why = ERR_INIT;

		if (apply_one(ctx, &links, targets, i, &why) != ERR_OK &&
		    code == ERR_OK) {
			*err = why;
			code = why.code;
		}
	}
	flag_links_close(&links);
	return code;
}

/* Whether what the program of a file is to mend is well again. */
static enum err_code
is_well(struct action_ctx *ctx, const struct platform_flag *flag,
    bool *ret_well, struct err *err)
{
	const struct flag_file_conf *conf = flag->config;
	struct peek_conf peek_conf = { .health = NULL };
	const struct scope scope = scope_of(ctx, SIZE_MAX);
	struct peek peek;
	enum err_code code;

	*ret_well = true;
	if (flag_type_of(flag)->kind != FLAG_FILE || conf->health == NULL)
		return ERR_OK;
	peek_conf.health = conf->health;
	code = peek_at(ctx, &peek_conf, NULL, &scope, &peek, err);
	*ret_well = code == ERR_OK && peek.good;
	return code;
}

static enum err_code
verify_one(struct action_ctx *ctx, struct flag_links *links,
    const struct flag_target *targets, size_t index, struct err *err)
{
	const struct flag_target *target = &targets[index];
	const struct platform_flag *flag = target->flag;
	const struct flag_ask ask = { links, flag, ctx->deadline, ctx->cancel,
		ctx->arena };
	const struct flag_file_conf *file = flag->config;
	bool is_file = flag_type_of(flag)->kind == FLAG_FILE, well = false;
	bool accepted = action_is_accepted(ctx, index);
	struct flag_state now;
	enum err_code code;

	if (flag_run_is(target))
		return flag_run_verify(
		    ctx, targets, ctx->request->is.target_count, index, err);
	code = flag_read(&ask, &now, err);
	if (code != ERR_OK)
		return code;
	/* The new secret was not kept: its writer's word is what there is. */
	if (flag->secret && !accepted)
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "%.40s is a secret, of which nothing was kept: look "
		    "yourself",
		    flag->name);
	if (!flag->secret && !is_same(now.stored, target->value))
		return ERR_OK;
	if (is_file && file->then.count > 0 && !accepted) {
		action_target(ctx, index, TARGET_PARTLY,
		    "the file has it; whether %.60s ran can't be told",
		    file->then.items[0]);
		return ERR_OK;
	}
	code = is_well(ctx, flag, &well, err);
	if (code == ERR_OK && well)
		action_target(ctx, index, TARGET_DONE, NULL);
	return code;
}

static enum err_code
flag_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	struct flag_target *targets = NULL;
	struct flag_links links;
	enum err_code code = flag_memo_read(ctx, plan, &targets, err), one;

	if (targets == NULL)
		return code;
	flag_links_init(&links, ctx->platform, ctx->redactor, false);
	for (size_t i = 0; i < ctx->request->is.target_count; i++) {
		if (!action_is_open(ctx, i))
			continue;
		one = verify_one(
		    ctx, &links, targets, i, code == ERR_OK ? err : NULL);
		if (code == ERR_OK)
			code = one;
	}
	flag_links_close(&links);
	return code;
}

/* The words of all targets that have words. */
static enum err_code
flag_choices(struct action_ctx *ctx, const char *arg, struct choices *choices,
    struct err *err)
{
	const struct request_spec *is = &ctx->request->is;

	if (strcmp(arg, "value") != 0)
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "nobody lists what %.40s may be", arg);
	for (size_t i = 0; i < is->target_count; i++) {
		const struct platform_flag *flag = NULL;
		enum err_code code =
		    find_flag(ctx->platform, is->targets[i].name, &flag, err);

		if (flag == NULL)
			return code;
		for (size_t k = 0; !flag->text && k < flag->values.count; k++)
			choices_add(choices, flag->values.items[k].key,
			    strlen(flag->values.items[k].key));
	}
	return ERR_OK;
}

/* The signal that the first of them is to mend. */
static const char *
flag_watch(const struct platform *platform, const struct request *request)
{
	for (size_t i = 0; i < request->is.target_count; i++) {
		const struct platform_flag *flag =
		    platform_flag_find(platform, request->is.targets[i].name);

		if (flag != NULL && flag->watch != NULL)
			return flag->watch;
	}
	return NULL;
}

static const struct action_row flag_rows[] = {
	{ "flags", "flags", NULL },
	{ NULL, NULL, NULL },
};

static const struct opt set_rows[] = {
	{
	    OPT_FIELD(struct flag_args, value, "value", OPT_STRING),
	    .max = ACTION_VALUE_MAX - 1,
	    .min = 1,
	    .help = "what to set it to; without it, the other of two values",
	},
	{
	    OPT_FIELD(struct flag_args, restore, "restore", OPT_STRING),
	    .max = ACTION_VALUE_MAX - 1,
	    .min = 1,
	    .unasked = true,
	    .help = "names and texts as the backends have them, in JSON: what "
		    "an undo sets",
	},
};
static const struct opt_table set_table = OPT_TABLE(set_rows);

const struct action_ops action_flag_set = {
	.name = "flag.set",
	.title = "Set flag",
	.hint = "flag",
	.help = "sets a flag, or flips it; several in one plan",
	.class = ACTION_REVERSIBLE,
	.key = "act-flag",
	.rows = flag_rows,
	.targets_min = 1,
	.targets_max = ACTION_TARGETS_MAX,
	.args = &set_table,
	.args_size = sizeof(struct flag_args),
	.plan_ns = RUN_LOOK_S * NS_PER_SEC,
	.apply_ns = RUN_APPLY_S * NS_PER_SEC,
	.verify_ns = RUN_LOOK_S * NS_PER_SEC,
	.expand = flag_expand,
	.watch = flag_watch,
	.choices = flag_choices,
	.plan = flag_plan,
	.apply = flag_apply,
	.verify = flag_verify,
};
