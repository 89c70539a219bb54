/*
 * Configured actions of type "command": a program is run, once for each
 * target. Exit status 0 (or what "exit" lists) is a yes, which is read back
 * where the configuration says how. Any other status is a failure, of which
 * nobody can know how far it came. A program that had to be ended, or that
 * a signal ended, is in doubt.
 */
#include "actions/action.h"

#include <stdio.h>
#include <string.h>

#include "actions/configured.h"
#include "actions/offer.h"
#include "actions/run.h"
#include "actions/table.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/proc_env.h"
#include "base/redact.h"
#include "base/secret.h"
#include "datasrc/process_read.h"
#include "model/platform.h"

struct command_conf {
	struct configured_conf is; /* first */
	struct opt_list preview;
	struct opt_list preview_exit;
	const char *input;
};

static const char origin[] = "command";

/* The command of one target. */
static enum err_code
command_of(const struct configured *c, const struct scope *scope,
    struct run *ret, struct err *err)
{
	const struct command_conf *conf = c->ctx->configured->config;

	*ret = (struct run) {
		.conf = &c->conf->base.run,
		.input = conf->input,
		.script = conf->is.base.script,
		.scope = scope,
		.say = true,
		.rest = true,
	};
	return scope_argv(scope, "argv", &c->conf->base.argv, &ret->argv, err);
}

/* The lines of the preview: what it will touch. */
static enum err_code
plan_preview(const struct configured *c, struct plan *plan, size_t index,
    size_t *total, struct err *err)
{
	const struct command_conf *conf = c->ctx->configured->config;
	const struct scope scope = configured_scope(c, index);
	struct buf out = BUF_INIT(PEEK_OUTPUT_MAX);
	struct run run = {
		.conf = &c->conf->base.run, .scope = &scope, .out = &out
	};
	struct run_end end = { .began = false };
	char words[ERR_MSG_MAX];
	const char *at, *line;
	enum err_code code;
	size_t len;

	code = scope_argv(&scope, "preview", &conf->preview, &run.argv, err);
	if (code == ERR_OK)
		code = run_command(c->ctx, &run, &end, err);
	if (code == ERR_OK && !run_is_good(&end, &conf->preview_exit)) {
		run_words(&end, words, sizeof(words));
		code = err_set(err, ERR_IO, origin, "%s", words);
	}
	if (code != ERR_OK)
		err_prefix(err, "the preview failed");
	at = buf_cstr(&out);
	while (code == ERR_OK &&
	       process_line(&at, buf_cstr(&out) + out.len, &line, &len)) {
		if (process_is_blank(line, len))
			continue;
		plan_sample(plan, text_ingest(c->ctx->redactor, plan->arena,
				      line, len, PLAN_TEXT_MAX));
		(*total)++;
	}
	buf_release(&out);
	return code;
}

static enum err_code
plan_one(const struct configured *c, struct plan *plan, size_t index,
    size_t *total, struct err *err)
{
	const struct command_conf *conf = c->ctx->configured->config;
	const struct scope scope = configured_scope(c, index);
	struct run run;
	enum err_code code = command_of(c, &scope, &run, err);

	if (code == ERR_OK)
		code = run_check(c->ctx, &run, err);
	if (code == ERR_OK)
		run_plan_send(c->ctx, plan, &run);
	if (code == ERR_OK && conf->preview.count > 0)
		code = plan_preview(c, plan, index, total, err);
	return code;
}

static enum err_code
command_plan(struct action_ctx *ctx, struct plan *plan, struct err *err)
{
	const struct platform_action *action = ctx->configured;
	const struct command_conf *conf = action->config;
	struct configured c;
	size_t total = 0;
	enum err_code code = configured_begin(&c, ctx, err);

	if (code == ERR_OK)
		code = configured_plan(&c, plan, "its exit status", err);
	for (size_t i = 0; code == ERR_OK && i < c.count; i++)
		code = plan_one(&c, plan, i, &total, err);
	if (code != ERR_OK)
		return code;
	run_plan_lines(plan, &conf->is.base.run);
	if (conf->input != NULL)
		plan_line(plan, TEXT("standard input"), TEXT_EMPTY, TEXT_EMPTY,
		    secret_ref_kind(conf->input) == SECRET_LITERAL
			? TEXT("a secret")
			: text_fmt(plan->arena, "a secret, %s", conf->input));
	if (conf->preview.count > 0)
		plan_total(plan, total);
	plan->verb = TEXT("run it");
	if (action->help != NULL)
		plan->effect = text_clean_str(plan->arena, action->help);
	if (c.count > 1)
		plan_trap(
		    plan, TEXT("one after the other; the first that fails ends "
			       "it"));
	return ERR_OK;
}

/* What came of a program that ended by itself. */
static void
report_end(const struct configured *c, size_t index, const struct run_end *end)
{
	bool good = run_is_good(end, &c->conf->base.exit);
	bool look = c->ctx->configured->class == ACTION_LOOK;
	enum target_state state = TARGET_FAILED;
	char words[ERR_MSG_MAX];

	run_words(end, words, sizeof(words));
	if (good)
		state = look || !configured_is_verified(c) ? TARGET_DONE
							   : TARGET_ACCEPTED;
	else if (look)
		state = TARGET_UNCHANGED; /* it only looks */
	else if (end->proc.signal != 0)
		state = TARGET_OPEN;
	action_target(c->ctx, index, state,
	    state == TARGET_FAILED ? "%s; what it did before that is not taken "
				     "back"
				   : "%s",
	    words);
}

static enum err_code
apply_one(struct configured *c, size_t index, bool *ret_good, struct err *err)
{
	const struct scope scope = configured_scope(c, index);
	bool look = c->ctx->configured->class == ACTION_LOOK;
	struct run_end end = { .began = false };
	struct run run;
	enum err_code code = configured_same(c, index, err);

	*ret_good = false;
	if (code == ERR_OK)
		code = command_of(c, &scope, &run, err);
	if (code == ERR_OK)
		code = run_command(c->ctx, &run, &end, err);
	if (code == ERR_OK) {
		report_end(c, index, &end);
		*ret_good = run_is_good(&end, &c->conf->base.exit);
		return ERR_OK;
	}
	if (!end.began || look)
		action_target(
		    c->ctx, index, TARGET_UNCHANGED, "%s", err_text(err));
	else
		action_target(c->ctx, index, TARGET_OPEN,
		    "it was ended and may have done part of it: %s",
		    err_text(err));
	return code;
}

static enum err_code
command_apply(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	struct configured c;
	bool good = true;
	size_t at = 0;
	enum err_code code = configured_resume(&c, ctx, plan, err);

	if (code != ERR_OK) {
		action_targets(
		    ctx, TARGET_UNCHANGED, "not run: %s", err_text(err));
		return code;
	}
	for (; code == ERR_OK && good && at < c.count; at++)
		code = apply_one(&c, at, &good, err);
	for (; at < c.count; at++)
		action_target(ctx, at, TARGET_UNCHANGED,
		    "not run: the one before it failed");
	return code;
}

static enum err_code
command_verify(struct action_ctx *ctx, const struct plan *plan, struct err *err)
{
	struct configured c;
	enum err_code code = configured_resume(&c, ctx, plan, err);

	if (code == ERR_OK)
		code = configured_verify(&c, err);
	return code;
}

static enum err_code
command_choices(struct action_ctx *ctx, const char *arg,
    struct choices *choices, struct err *err)
{
	const struct command_conf *conf = ctx->configured->config;

	return offer_input(ctx, arg, &conf->is.base, choices, err);
}

static void
command_check(const struct platform *platform,
    const struct platform_action *action, struct conf_errors *errors)
{
	const struct conf_node *exits = conf_get(action->node, "preview_exit");
	const struct command_conf *conf = action->config;
	struct arena *arena = arena_new(ACTION_SCRATCH_MAX);
	struct scope scope = scope_sample(platform, action, arena);

	if (arena == NULL)
		return;
	configured_check(&conf->is, action, &scope, errors);
	run_conf_check(&conf->is.base.run, &conf->is.base.argv,
	    &conf->is.base.exit, &scope, action->node, errors);
	scope_check_list(&scope, &conf->preview, action->node, errors);
	if (conf->input != NULL && conf->is.base.script != NULL)
		conf_errors_add(errors,
		    conf_get(action->node, "script")->key_pos, NULL,
		    "a program reads either \"stdin\" or \"script\"");
	if (exits != NULL)
		proc_exit_check(&conf->preview_exit, exits, errors);
	arena_free(arena);
}

static const struct opt command_rows[] = {
	{
	    OPT_FIELD(struct command_conf, is.base.argv, "argv", OPT_LIST),
	    .required = true,
	    .min = 1,
	    .max = PROCESS_ARGV_MAX,
	    .template = true,
	    .help = "the program and its arguments, a list and no shell: "
		    "[docker, compose, restart, '${target.name}']",
	},
	{
	    OPT_FIELD(struct command_conf, is.base.run.dir, "dir", OPT_PATH),
	    .help = "folder to run in; else that of sevtop",
	},
	{
	    OPT_FIELD(struct command_conf, is.base.run.env, "env", OPT_PAIRS),
	    .max = PROCESS_VARIABLES_MAX,
	    .template = true,
	    .help = "more variables; values may be env:NAME, file:PATH or "
		    "cmd:[...]: the only way for a secret",
	},
	{
	    OPT_FIELD(
		struct command_conf, is.base.run.inherit, "inherit", OPT_BOOL),
	    .preset = "true",
	    .help = "hand on all our variables; else PATH, HOME and the like",
	},
	{
	    OPT_FIELD(struct command_conf, is.base.run.db, "db", OPT_REF),
	    .refers = "postgres",
	    .help = "name of a postgres source: psql, pg_dump and the like "
		    "find its server by variables (PGHOST, PGPASSWORD)",
	},
	{
	    OPT_FIELD(
		struct command_conf, is.base.script, "script", OPT_STRING),
	    .min = 1,
	    .max = PROC_INPUT_MAX,
	    .help = "a text that it reads from its standard input, as it is: "
		    "no template",
	},
	{
	    OPT_FIELD(struct command_conf, is.base.exit, "exit", OPT_LIST),
	    .min = 1,
	    .max = PROCESS_STATUSES_MAX,
	    .preset = "0",
	    .help = "the exit status, or several, that mean done",
	},
	{
	    OPT_FIELD(struct command_conf, preview, "preview", OPT_LIST),
	    .min = 1,
	    .max = PROCESS_ARGV_MAX,
	    .template = true,
	    .help = "a read-only program whose output, line by line, is what "
		    "it will touch",
	},
	{
	    OPT_FIELD(
		struct command_conf, preview_exit, "preview_exit", OPT_LIST),
	    .min = 1,
	    .max = PROCESS_STATUSES_MAX,
	    .preset = "0",
	    .help = "the exit status, or several, of a preview that is one",
	},
	{
	    OPT_FIELD(struct command_conf, input, "stdin", OPT_SECRET),
	    .help = "a secret that it reads from its standard input: "
		    "env:NAME, file:PATH or cmd:[...]",
	},
	CONFIGURED_ROWS,
};
static const struct opt_table command_table = OPT_TABLE(command_rows);

const struct action_ops action_type_command = {
	.name = "command",
	.title = "Command",
	.help = "runs a program from its words, never through a shell",
	.targets_max = ACTION_TARGETS_MAX,
	.config = &command_table,
	.config_size = sizeof(struct command_conf),
	.check = command_check,
	.plan_ns = RUN_LOOK_S * NS_PER_SEC,
	.apply_ns = RUN_APPLY_S * NS_PER_SEC,
	.verify_ns = RUN_LOOK_S * NS_PER_SEC,
	.partial = true,
	.choices = command_choices,
	.plan = command_plan,
	.apply = command_apply,
	.verify = command_verify,
};
