#include "actions/run.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/action.h"
#include "actions/scope.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/proc_env.h"
#include "base/redact.h"
#include "base/secret.h"
#include "base/shell_word.h"
#include "datasrc/pg_env.h"
#include "datasrc/postgres_conf.h"
#include "model/platform.h"

static const char origin[] = "command";

/* One run, behind the callback of proc_run(). */
struct running {
	struct action_ctx *ctx;
	const struct run *run;
	struct run_end *end;
	struct buf lines[2]; /* being put together, by enum proc_stream */
};

static bool
is_blank(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != ' ' && bytes[i] != '\t')
			return false;
	return true;
}

static void
line_ended(struct running *r, struct buf *line)
{
	struct buf clean = BUF_INIT(RUN_LINE_MAX * 2);

	if (r->run->say)
		action_say(r->ctx, buf_cstr(line), line->len);
	/* Redacted before it is cut, so that no half of a secret is left. */
	if (!is_blank(buf_cstr(line), line->len) &&
	    redact_bytes(r->ctx->redactor, &clean, buf_cstr(line), line->len))
		snprintf(
		    r->end->last, sizeof(r->end->last), "%s", buf_cstr(&clean));
	buf_release(&clean);
	buf_clear(line);
}

/* The rest of a line that is too long is dropped. */
static void
line_add(struct buf *line, const char *bytes, size_t len)
{
	size_t room = line->max - line->len;

	buf_add(line, bytes, len < room ? len : room);
}

/* Progress bars end their lines with a carriage return. */
static void
running_split(
    struct running *r, enum proc_stream stream, const char *bytes, size_t len)
{
	struct buf *line = &r->lines[stream];

	while (len > 0) {
		size_t n = 0;

		while (n < len && bytes[n] != '\n' && bytes[n] != '\r')
			n++;
		line_add(line, bytes, n);
		if (n == len)
			return;
		if (bytes[n] == '\n' || line->len > 0)
			line_ended(r, line);
		bytes += n + 1;
		len -= n + 1;
	}
}

static bool
running_chunk(void *ctx, enum proc_stream stream, const char *bytes, size_t len)
{
	struct running *r = ctx;

	running_split(r, stream, bytes, len);
	if (stream == PROC_OUT && r->run->out != NULL)
		return buf_add(r->run->out, bytes, len);
	return true;
}

/* The postgres source of that name; NULL: there is none. */
static const struct postgres_conf *
run_db(const struct platform *platform, const char *name)
{
	const struct platform_source *source =
	    platform_source_find(platform, name);

	return source != NULL && strcmp(source->type, "postgres") == 0
		   ? source->config
		   : NULL;
}

/* The variables of its server. */
static enum err_code
run_server(struct action_ctx *ctx, const char *db, struct pg_env *server,
    struct err *err)
{
	const struct postgres_conf *conf = run_db(ctx->platform, db);
	enum err_code code;

	if (conf == NULL)
		return err_set(err, ERR_CONFIG, origin,
		    "no postgres source is named %.60s", db);
	code = pg_env_make(server, &conf->pg, ctx->redactor, ctx->cancel, err);
	if (code != ERR_OK)
		err_prefix(err, "%s", db);
	return code;
}

/* Those that the configuration names itself win. */
static enum err_code
run_join(struct action_ctx *ctx, const struct pg_env *server,
    struct opt_pairs *more, struct err *err)
{
	size_t count = more->count + server->count;
	struct opt_pair *items;

	if (server->count == 0)
		return ERR_OK;
	items = arena_array(ctx->arena, count, sizeof(*items));
	if (items == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	for (size_t i = 0; i < more->count; i++)
		items[i] = more->items[i];
	for (size_t i = 0; i < server->count; i++)
		items[more->count + i] = server->items[i];
	more->items = items;
	more->count = count;
	return ERR_OK;
}

static enum err_code
run_env(struct action_ctx *ctx, const struct run *run, struct proc_env *env,
    struct err *err)
{
	struct opt_pairs more = { .items = NULL };
	struct pg_env server = PG_ENV_INIT;
	enum err_code code = scope_pairs(
	    run->scope, "env", &run->conf->env, TEMPLATE_TEXT, &more, err);

	if (code == ERR_OK && run->conf->db != NULL)
		code = run_server(ctx, run->conf->db, &server, err);
	if (code == ERR_OK)
		code = run_join(ctx, &server, &more, err);
	if (code == ERR_OK)
		code = proc_env_make(env, run->conf->inherit, &more,
		    ctx->redactor, ctx->cancel, err);
	pg_env_release(&server);
	return code;
}

/* What it is to read from its standard input; *ret NULL: nothing. */
static enum err_code
run_input(struct action_ctx *ctx, const struct run *run, struct secret **ret,
    struct err *err)
{
	enum err_code code = ERR_OK;

	*ret = NULL;
	if (run->input != NULL)
		code = proc_secret(
		    run->input, ctx->redactor, ctx->cancel, ret, err);
	if (code != ERR_OK)
		err_prefix(err, "stdin");
	return code;
}

enum err_code
run_command(struct action_ctx *ctx, const struct run *run,
    struct run_end *ret_end, struct err *err)
{
	struct proc_env env = PROC_ENV_INIT;
	struct proc proc = { .stuck = 0 };
	struct running r = { .ctx = ctx, .run = run, .end = ret_end };
	struct proc_spec spec = {
		.argv = run->argv,
		.dir = run->conf->dir,
		.deadline = ctx->deadline,
		.grace_ns = RUN_GRACE_MS * NS_PER_MS,
		.keep_rest = run->rest,
		.chunk = running_chunk,
		.ctx = &r,
	};
	struct secret *input = NULL;
	enum err_code code = run_env(ctx, run, &env, err);

	*ret_end = (struct run_end) { .began = false };
	if (code == ERR_OK)
		code = run_input(ctx, run, &input, err);
	if (code != ERR_OK) {
		proc_env_release(&env);
		return code;
	}
	if (input != NULL) {
		spec.input = secret_reveal(input);
		spec.input_len = secret_len(input);
	} else if (run->script != NULL) {
		spec.input = run->script;
		spec.input_len = strlen(run->script);
	}
	buf_init(&r.lines[PROC_OUT], RUN_LINE_MAX);
	buf_init(&r.lines[PROC_ERR], RUN_LINE_MAX);
	spec.env = env.vars;
	code = proc_run(&proc, &spec, ctx->cancel, &ret_end->proc, err);
	/* These are told by the start alone. */
	ret_end->began = code != ERR_NOTFOUND && code != ERR_FORBIDDEN &&
			 code != ERR_CONFIG && code != ERR_NOMEM &&
			 code != ERR_LIMIT;
	for (size_t i = 0; i < ARRAY_LEN(r.lines); i++) {
		if (r.lines[i].len > 0)
			line_ended(&r, &r.lines[i]);
		buf_release(&r.lines[i]);
	}
	proc_env_release(&env);
	secret_free(input);
	if (code == ERR_TOOBIG)
		return err_set(err, code, origin,
		    "%s printed more than %zu bytes", run->argv[0],
		    run->out->max);
	return code;
}

enum err_code
run_check(struct action_ctx *ctx, const struct run *run, struct err *err)
{
	const char *dir = run->conf->dir, *word = run->argv[0];
	struct proc_env env = PROC_ENV_INIT;
	struct secret *input = NULL;
	char path[PATH_MAX];
	struct stat st;
	enum err_code code;

	if (dir != NULL && (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode)))
		return err_set(err, ERR_NOTFOUND, origin,
		    "there is no folder %s to run %s in", dir, word);
	if (strchr(word, '/') == NULL && !path_find(word, path))
		return err_set(err, ERR_NOTFOUND, origin,
		    "there is no program %s in the PATH", word);
	/* One with a folder of its own is relative to dir, if to anything. */
	if (word[0] == '/' && access(word, X_OK) != 0)
		return err_set(err, ERR_NOTFOUND, origin,
		    "there is no program %s that may be run", word);
	code = run_env(ctx, run, &env, err);
	proc_env_release(&env);
	if (code == ERR_OK)
		code = run_input(ctx, run, &input, err);
	secret_free(input);
	return code;
}

void
run_plan_lines(struct plan *plan, const struct run_conf *conf)
{
	struct buf names = BUF_INIT(PLAN_TEXT_MAX);

	if (conf->dir != NULL)
		plan_line(plan, TEXT("folder"), TEXT_EMPTY, TEXT_EMPTY,
		    text_clean_str(plan->arena, conf->dir));
	for (size_t i = 0; i < conf->env.count; i++) {
		const struct opt_pair *pair = &conf->env.items[i];
		bool secret = secret_ref_kind(pair->value) != SECRET_LITERAL;

		buf_fmt(&names, "%s%s%s", i > 0 ? ", " : "", pair->key,
		    secret ? " (secret)" : "");
	}
	if (conf->db != NULL)
		buf_fmt(&names, "%sPGHOST and the like of %s",
		    names.len > 0 ? ", " : "", conf->db);
	if (names.len > 0)
		plan_line(plan, TEXT("environment"), TEXT_EMPTY, TEXT_EMPTY,
		    text_clean_str(plan->arena, buf_cstr(&names)));
	buf_release(&names);
}

void
run_plan_send(struct action_ctx *ctx, struct plan *plan, const struct run *run)
{
	struct buf words = BUF_INIT(ACTION_FILLED_MAX + PROC_INPUT_MAX);
	const char *at;

	shell_words(&words, run->argv);
	if (run->script != NULL)
		buf_fmt(&words, "\n%s", run->script);
	for (at = buf_cstr(&words); *at != '\0';) {
		size_t len = strcspn(at, "\n");

		if (!is_blank(at, len))
			plan_send(plan, text_ingest(ctx->redactor, plan->arena,
					    at, len, PLAN_TEXT_MAX));
		at += len + (at[len] == '\n');
	}
	buf_release(&words);
}

bool
run_is_good(const struct run_end *end, const struct opt_list *exits)
{
	return end->proc.signal == 0 && opt_list_has(exits, end->proc.status);
}

void
run_words(const struct run_end *end, char *out, size_t size)
{
	char took[NUM_TEXT_MAX];

	num_human(took, (double)end->proc.ran_ns / NS_PER_SEC, NUM_SECONDS);
	if (end->proc.signal != 0)
		snprintf(out, size, "ended by signal %d after %s%s%s",
		    end->proc.signal, took, end->last[0] != '\0' ? ": " : "",
		    end->last);
	else
		snprintf(out, size, "status %d after %s%s%s", end->proc.status,
		    took, end->last[0] != '\0' ? ": " : "", end->last);
}

/* Words are seen by every user of the machine: no place for a secret. */
static void
check_words(const struct opt_list *argv, const struct conf_node *node,
    struct conf_errors *errors)
{
	for (size_t i = 0; i < argv->count; i++) {
		if (secret_ref_kind(argv->items[i]) != SECRET_LITERAL)
			conf_errors_add(errors, node->pos,
			    "put it under env: and let the program read it "
			    "there",
			    "a secret can't be an argument: every user of the "
			    "machine sees them");
	}
}

void
run_conf_check(const struct run_conf *conf, const struct opt_list *argv,
    const struct opt_list *exits, const struct scope *scope,
    const struct conf_node *node, struct conf_errors *errors)
{
	const struct conf_node *at = conf_get(node, "argv");
	const struct conf_node *exit_node = conf_get(node, "exit");
	const struct conf_node *db = conf_get(node, "db");

	if (db != NULL && run_db(scope->platform, conf->db) == NULL)
		conf_errors_add(errors, db->pos, NULL,
		    "no postgres source is named \"%.60s\"", conf->db);
	if (at != NULL)
		check_words(argv, at, errors);
	scope_check_list(scope, argv, node, errors);
	scope_check_pairs(scope, &conf->env, TEMPLATE_TEXT, errors);
	proc_env_check(&conf->env, errors);
	if (exit_node != NULL)
		proc_exit_check(exits, exit_node, errors);
}
