/*
 * Source type "process": runs a read-only program and maps what it printed
 * into health, metrics and tables; lines can go to the log store as well.
 *
 * It is for what has no protocol of its own: `docker compose ps`, `pm2
 * jlist`, `df`. The words of the command are a list, never a text for a
 * shell; secrets reach it as variables only (base/proc_run.h).
 */
#include "datasrc/source.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"
#include "base/proc_env.h"
#include "base/proc_run.h"
#include "base/redact.h"
#include "base/regex.h"
#include "datasrc/instance.h"
#include "datasrc/json_map.h"
#include "datasrc/process_log.h"
#include "datasrc/process_read.h"

struct process_conf {
	struct opt_list argv;
	const char *dir;
	struct opt_pairs env; /* values may refer to secrets */
	bool inherit;
	struct opt_list exit; /* statuses that mean good */
	int64_t max_output;
	struct process_form form;
	struct json_map_conf map;
	struct instance_conf instance;
	bool log;
};

struct src_process {
	const struct source_env *env;
	const struct process_conf *conf;
	const char **argv;    /* ended by NULL */
	struct proc_env vars; /* none: to be made */
	struct proc proc;
	struct regex *pattern; /* NULL: none */
	struct json_map *map;
	struct instance instance;
	struct process_log *log; /* NULL: not wanted */
	struct buf out;
	struct buf said; /* the end of what it wrote to standard error */
	bool said_cut;	 /* it begins in the middle of a word */
	size_t errors;	 /* bytes of it */
};

static void
src_process_close(void *state)
{
	struct src_process *s = state;

	if (s == NULL)
		return;
	proc_env_release(&s->vars);
	regex_free(s->pattern);
	json_map_free(s->map);
	process_log_free(s->log);
	buf_release(&s->out);
	buf_release(&s->said);
	mem_free(s->argv);
	mem_free(s);
}

static enum err_code
src_process_make(struct src_process *s, struct err *err)
{
	const struct process_conf *conf = s->conf;
	enum err_code code;

	s->argv = mem_calloc(conf->argv.count + 1, sizeof(*s->argv));
	if (s->argv == NULL)
		return err_set(err, ERR_NOMEM, "process", "no memory");
	memcpy(s->argv, conf->argv.items, conf->argv.count * sizeof(*s->argv));
	code = json_map_new(&conf->map, s->env->redactor, &s->map, err);
	if (code == ERR_OK)
		s->instance.no_row = json_map_makes_table(s->map, "services");
	if (code == ERR_OK && conf->form.pattern != NULL)
		code = regex_new(conf->form.pattern, strlen(conf->form.pattern),
		    0, &s->pattern, err);
	if (code == ERR_OK && conf->log)
		code = process_log_new(s->env, &s->log, err);
	return code;
}

static enum err_code
src_process_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	struct src_process *s = mem_calloc(1, sizeof(*s));
	enum err_code code;

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "process", "no memory");
	s->env = env;
	s->conf = config;
	buf_init(&s->out, (size_t)s->conf->max_output);
	buf_init(&s->said, 2 * (size_t)PROCESS_REASON_MAX);
	instance_init(&s->instance, &s->conf->instance, env->name,
	    "process_uptime_seconds", env->redactor);
	code = src_process_make(s, err);
	if (code == ERR_OK)
		*ret_state = s;
	else
		src_process_close(s);
	return code;
}

/* All of the output, and the end of the errors. */
static bool
src_process_chunk(
    void *ctx, enum proc_stream stream, const char *bytes, size_t len)
{
	struct src_process *s = ctx;
	bool cut = len > PROCESS_REASON_MAX;

	if (stream == PROC_OUT)
		return buf_add(&s->out, bytes, len);
	s->errors += len;
	if (cut) {
		bytes += len - PROCESS_REASON_MAX;
		len = PROCESS_REASON_MAX;
	}
	if (cut || s->said.len + len > s->said.max) {
		buf_consume(&s->said, s->said.len);
		s->said_cut = true;
	}
	buf_add(&s->said, bytes, len);
	return s->errors <= PROCESS_ERRORS_MAX;
}

/* The last line that says something. */
static bool
src_process_last_line(
    const struct buf *from, const char **ret_line, size_t *ret_len)
{
	const char *at = buf_cstr(from), *line;
	bool found = false;
	size_t len;

	while (process_line(&at, buf_cstr(from) + from->len, &line, &len)) {
		if (process_is_blank(line, len))
			continue;
		*ret_line = line;
		*ret_len = len;
		found = true;
	}
	return found;
}

/* Puts what it said behind the message: standard error, else the output. */
static void
src_process_reason(const struct src_process *s, struct err *err)
{
	struct buf clean = BUF_INIT((size_t)PROCESS_OUTPUT_MAX * 2);
	const char *line = NULL;
	struct err was = *err;
	size_t len = 0;

	if (!src_process_last_line(&s->said, &line, &len) &&
	    !src_process_last_line(&s->out, &line, &len)) {
		err_set(
		    err, was.code, "process", "%s and said nothing", was.msg);
		return;
	}
	/* Before it is cut, so that no half of a secret is left. */
	if (redact_bytes(s->env->redactor, &clean, line, len))
		err_set(err, was.code, "process", "%s: %s", was.msg,
		    buf_cstr(&clean));
	buf_release(&clean);
}

static enum err_code
src_process_ended(
    const struct src_process *s, const struct proc_end *end, struct err *err)
{
	if (end->signal == 0 && opt_list_has(&s->conf->exit, end->status))
		return ERR_OK;
	if (end->signal != 0)
		err_set(err, ERR_IO, "process", "%s was ended by signal %d",
		    s->argv[0], end->signal);
	else
		err_set(err, ERR_IO, "process", "%s ended with status %d",
		    s->argv[0], end->status);
	src_process_reason(s, err);
	return ERR_IO;
}

/* Runs it once, with the variables as they are now. */
static enum err_code
src_process_run(struct src_process *s, const struct poll *poll,
    struct proc_end *ret_end, struct err *err)
{
	struct proc_spec spec = {
		.argv = s->argv,
		.dir = s->conf->dir,
		.deadline = poll->deadline,
		.grace_ns = PROCESS_GRACE_MS * NS_PER_MS,
		.chunk = src_process_chunk,
		.ctx = s,
	};
	enum err_code code = ERR_OK;

	buf_clear(&s->out);
	buf_clear(&s->said);
	s->said_cut = false;
	s->errors = 0;
	if (s->vars.vars == NULL)
		code = proc_env_make(&s->vars, s->conf->inherit, &s->conf->env,
		    s->env->redactor, poll->cancel, err);
	if (code != ERR_OK)
		return code;
	spec.env = s->vars.vars;
	code = proc_run(&s->proc, &spec, poll->cancel, ret_end, err);
	/* Half a secret would not be known as one. */
	if (s->said_cut)
		buf_consume(&s->said, strcspn(buf_cstr(&s->said), " \t\r\n"));
	if (code == ERR_TIMEOUT)
		src_process_reason(s, err);
	if (code == ERR_TOOBIG)
		err_set(err, code, "process",
		    s->errors > PROCESS_ERRORS_MAX
			? "%s wrote more than %lld bytes of errors"
			: "%s wrote more than %lld bytes; see max_output",
		    s->argv[0],
		    s->errors > PROCESS_ERRORS_MAX
			? (long long)PROCESS_ERRORS_MAX
			: (long long)s->conf->max_output);
	if (code == ERR_OK)
		code = src_process_ended(s, ret_end, err);
	/* A secret may have changed: it is asked for again. */
	if (code != ERR_OK)
		proc_env_release(&s->vars);
	return code;
}

static void
src_process_report(const struct src_process *s, const struct proc_end *end,
    struct build *build)
{
	struct arena *arena = build_arena(build);
	const double seconds = (double)end->ran_ns / NS_PER_SEC;
	char took[NUM_TEXT_MAX];

	num_human(took, seconds, NUM_SECONDS);
	build_health(build, text_clean_str(arena, s->env->name), STATE_OK,
	    text_fmt(arena, "status %d in %s", end->status, took), end->ran_ns);
	build_gauge(build, TEXT("process_seconds"), NUM_SECONDS, seconds);
	build_gauge(build, TEXT("process_exit_status"), NUM_NONE, end->status);
}

static enum err_code
src_process_poll(void *state, struct poll *poll, struct err *err)
{
	struct src_process *s = state;
	struct cJSON *root = NULL;
	struct proc_end end;
	enum err_code code;

	code = src_process_run(s, poll, &end, err);
	if (code == ERR_OK) {
		code = process_read(&s->conf->form, s->pattern,
		    buf_cstr(&s->out), s->out.len, &root, err);
		if (code != ERR_OK)
			err_prefix(err, "%s", s->argv[0]);
	}
	if (code != ERR_OK)
		return code;
	src_process_report(s, &end, poll->build);
	instance_look(&s->instance, root, poll->wall_ms, poll->build);
	json_map_fill(s->map, root, poll->wall_ms, poll->build);
	json_free(root);
	if (s->log != NULL) {
		process_log_take(s->log, buf_cstr(&s->out), s->out.len);
		process_log_report(s->log, poll->build);
	}
	return ERR_OK;
}

static bool
src_process_logs(const void *config)
{
	const struct process_conf *conf = config;

	return conf->log;
}

static void
src_process_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	const struct process_conf *conf = config;
	const struct conf_node *exits = conf_get(node, "exit");
	const struct conf_node *log = conf_get(node, "log");

	(void)env;
	if (exits != NULL)
		proc_exit_check(&conf->exit, exits, errors);
	proc_env_check(&conf->env, errors);
	process_form_check(&conf->form, node, errors);
	instance_check(&conf->instance, node, errors);
	json_map_check(&conf->map, errors);
	if (conf->log && conf->form.read != PROCESS_LINES)
		conf_errors_add(errors, log != NULL ? log->pos : node->pos,
		    "read: lines", "only lines can go to the log");
	if (json_map_is_empty(&conf->map) && !conf->log)
		conf_errors_add(errors, node->key_pos, "tables: {disks: .}",
		    "a process source needs metrics, health, tables or log");
}

static const struct opt process_rows[] = {
	{
	    OPT_FIELD(struct process_conf, argv, "argv", OPT_LIST),
	    .required = true,
	    .min = 1,
	    .max = PROCESS_ARGV_MAX,
	    .help = "the program and its arguments, a list and no shell: "
		    "[docker, compose, ps]; it must change nothing",
	},
	{
	    OPT_FIELD(struct process_conf, dir, "dir", OPT_PATH),
	    .help = "folder to run in; else that of sevtop",
	},
	{
	    OPT_FIELD(struct process_conf, env, "env", OPT_PAIRS),
	    .max = PROCESS_VARIABLES_MAX,
	    .help = "more variables; values may be env:NAME, file:PATH or "
		    "cmd:[...]",
	},
	{
	    OPT_FIELD(struct process_conf, inherit, "inherit", OPT_BOOL),
	    .preset = "true",
	    .help = "hand on all our variables; else PATH, HOME and the like",
	},
	{
	    OPT_FIELD(struct process_conf, exit, "exit", OPT_LIST),
	    .min = 1,
	    .max = PROCESS_STATUSES_MAX,
	    .preset = "0",
	    .help = "the exit status, or several, that mean good",
	},
	{
	    OPT_FIELD(struct process_conf, max_output, "max_output", OPT_SIZE),
	    .min = 1024,
	    .max = PROCESS_OUTPUT_MAX,
	    .preset = "1MiB",
	    .help = "most that it may print",
	},
	PROCESS_FORM_ROWS(struct process_conf, form),
	{
	    OPT_FIELD(struct process_conf, log, "log", OPT_BOOL),
	    .preset = "false",
	    .help = "put lines that are new since the last run into the log",
	},
	INSTANCE_ROWS(struct process_conf, instance),
	JSON_MAP_ROWS(struct process_conf, map),
};

static const struct opt_table process_table_opts = OPT_TABLE(process_rows);

const struct source_ops src_process = {
	.name = "process",
	.help = "a read-only command: its output as JSON, lines, a number or "
		"a table",
	.options = &process_table_opts,
	.config_size = sizeof(struct process_conf),
	.every_ns = 30 * NS_PER_SEC,
	.timeout_ns = 10 * NS_PER_SEC,
	.logs = src_process_logs,
	.open = src_process_open,
	.poll = src_process_poll,
	.close = src_process_close,
	.check = src_process_check,
};
