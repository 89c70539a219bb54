/*
 * Flags in a .env file: the line, then the program that makes it count. The
 * line is in place or it is not; a program that failed leaves it written,
 * which is said.
 */
#include "actions/flag_change.h"

#include <string.h>
#include <unistd.h>

#include "actions/run.h"
#include "actions/scope.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/env_file.h"
#include "base/redact.h"
#include "base/secret.h"
#include "model/platform.h"

static const char origin[] = "flag";

/* The program of a flag. False: it has none. */
static bool
program_of(const struct flag_change *change, struct run_conf *conf,
    struct scope *scope, struct run *ret)
{
	const struct flag_file_conf *file = change->flag->config;

	*conf = (struct run_conf) {
		.dir = file->dir, .env = file->env, .inherit = true
	};
	*scope = (struct scope) { .platform = change->ctx->platform,
		.arena = change->ctx->arena };
	*ret = (struct run) {
		.argv = file->then.items,
		.conf = conf,
		.scope = scope,
		.say = true,
		.rest = true,
	};
	return file->then.count > 0;
}

/* Ends by itself with a good status, or err says what it did. */
static bool
run_program(struct flag_change *change, struct err *err)
{
	const struct flag_file_conf *file = change->flag->config;
	struct action_ctx *ctx = change->ctx;
	int64_t deadline = ctx->deadline;
	struct run_conf conf;
	struct scope scope;
	struct run run;
	struct run_end end;
	char words[ERR_MSG_MAX];
	enum err_code code;

	if (!program_of(change, &conf, &scope, &run))
		return true;
	if (clock_now() + file->timeout_ns < deadline)
		ctx->deadline = clock_now() + file->timeout_ns;
	code = run_command(ctx, &run, &end, err);
	ctx->deadline = deadline;
	if (code == ERR_OK && run_is_good(&end, &file->exit))
		return true;
	if (code == ERR_OK) {
		run_words(&end, words, sizeof(words));
		err_set(err, ERR_IO, origin, "%s: %s", run.argv[0], words);
	}
	err_prefix(err,
	    "the file has the new value, but it does not count until this "
	    "succeeds");
	return false;
}

/* A secret's value from its reference; the texts of others as they are. */
static enum err_code
value_of(const struct flag_change *change, struct secret **secret,
    const char **ret_value, struct err *err)
{
	enum err_code code = ERR_OK;

	*ret_value = change->value;
	if (!change->flag->secret || change->value == NULL)
		return ERR_OK;
	code = secret_from_ref(change->value, change->ctx->cancel, secret, err);
	if (code != ERR_OK)
		return code;
	/* What can't be hidden is not set: the program may print it. */
	code = redactor_add_secret(change->ctx->redactor, *secret, err);
	if (code == ERR_LIMIT)
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "the new value is too short for a secret");
	if (code == ERR_OK)
		*ret_value = secret_reveal(*secret);
	return code;
}

enum flag_wrote
flag_change_file(struct flag_change *change, struct err *err)
{
	const struct flag_file_conf *file = change->flag->config;
	const struct flag_ask ask = {
		.links = change->links,
		.flag = change->flag,
		.deadline = change->ctx->deadline,
		.cancel = change->ctx->cancel,
		.arena = change->ctx->arena,
	};
	struct flag_state now;
	struct secret *secret = NULL;
	const char *value = NULL;
	bool done = false, same;
	enum err_code code = flag_read(&ask, &now, err);

	if (code != ERR_OK)
		return FLAG_UNSENT;
	/* Of a secret only the state of the file was kept. */
	if (change->flag->secret)
		same = env_stamp_is(&now.stamp, change->stamp);
	else if (now.stored == NULL || change->was == NULL)
		same = now.stored == NULL && change->was == NULL;
	else
		same = strcmp(now.stored, change->was) == 0;
	if (!same) {
		err_set(err, ERR_CLOSED, origin,
		    "changed since you looked: %s was written meanwhile",
		    file->path);
		return FLAG_OTHER;
	}
	code = value_of(change, &secret, &value, err);
	if (code == ERR_OK)
		code =
		    env_file_set(file->path, flag_file_variable(change->flag),
			value, &now.stamp, &done, err);
	secret_free(secret);
	if (!done)
		return err->code == ERR_CLOSED ? FLAG_OTHER : FLAG_UNSENT;
	return run_program(change, err) ? FLAG_WROTE : FLAG_HALF;
}

enum err_code
flag_plan_file(struct flag_change *change, struct plan *plan, struct err *err)
{
	const struct flag_file_conf *file = change->flag->config;
	const char *name = flag_file_variable(change->flag);
	struct run_conf conf;
	struct scope scope;
	struct run run;
	struct buf words = BUF_INIT(ACTION_FILLED_MAX);

	if (change->value == NULL)
		buf_fmt(&words, "%s: without %s", file->path, name);
	else
		buf_fmt(&words, "%s: %s=%s", file->path, name, change->value);
	plan_send(plan, text_ingest(change->ctx->redactor, plan->arena,
			    buf_cstr(&words), words.len, PLAN_TEXT_MAX));
	buf_release(&words);
	if (access(file->path, W_OK) != 0)
		return err_set(err, ERR_FORBIDDEN, origin,
		    "%s can't be written by us", file->path);
	if (!program_of(change, &conf, &scope, &run)) {
		plan_trap(plan,
		    text_fmt(plan->arena,
			"what runs now goes on with the old value of %s until "
			"it is started anew",
			name));
		return ERR_OK;
	}
	run_plan_send(change->ctx, plan, &run);
	return run_check(change->ctx, &run, err);
}
