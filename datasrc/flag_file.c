/*
 * Flags in a .env file. The file says what the program will use once it is
 * started anew, which is what "then" is for.
 */
#include "datasrc/flag_type.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/dotenv.h"
#include "base/limits.h"
#include "base/proc_env.h"
#include "base/redact.h"
#include "base/secret.h"
#include "datasrc/limits.h"
#include "model/limits.h"
#include "model/platform.h"

static const char origin[] = "flag";

const char *
flag_file_variable(const struct platform_flag *flag)
{
	const struct flag_file_conf *conf = flag->config;

	return conf->variable != NULL ? conf->variable : flag->name;
}

static enum err_code
file_read(const struct flag_ask *ask, struct flag_state *state, struct err *err)
{
	const struct flag_file_conf *conf = ask->flag->config;
	struct buf bytes = BUF_INIT(ENV_FILE_MAX);
	struct buf value = BUF_INIT(ENV_FILE_MAX);
	enum err_code code =
	    env_file_read(conf->path, &bytes, &state->stamp, err);

	if (code == ERR_OK && dotenv_get(buf_cstr(&bytes), bytes.len,
				  flag_file_variable(ask->flag), &value)) {
		if (value.len >= FLAG_VALUE_MAX)
			code = err_set(err, ERR_TOOBIG, origin,
			    "a value of %zu bytes is none of a flag",
			    value.len);
		else
			state->stored =
			    arena_copy(ask->arena, buf_cstr(&value), value.len);
		if (code == ERR_OK && state->stored == NULL)
			code = err_set(err, ERR_NOMEM, origin, "no memory");
	}
	/* From here on nobody sees it; one that is too short can't be told
	 * from ordinary words. */
	if (ask->flag->secret && state->stored != NULL &&
	    ask->links->redactor != NULL)
		(void)!redactor_add(ask->links->redactor, state->stored,
		    strlen(state->stored), NULL);
	if (bytes.data != NULL)
		explicit_bzero(bytes.data, bytes.cap);
	if (value.data != NULL)
		explicit_bzero(value.data, value.cap);
	buf_release(&bytes);
	buf_release(&value);
	return code;
}

static void
file_place(const struct platform_flag *flag, struct buf *out)
{
	const struct flag_file_conf *conf = flag->config;

	buf_fmt(out, "file %s", conf->path);
}

/* A name that a shell and every reader of such files take. */
static bool
is_variable(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz_";

	if (name[0] == '\0' || strchr(letters, name[0]) == NULL)
		return false;
	for (const char *p = name; *p != '\0'; p++)
		if (strchr(letters, *p) == NULL && (*p < '0' || *p > '9'))
			return false;
	return true;
}

static void
file_check(const struct platform *platform, const struct platform_flag *flag,
    struct conf_errors *errors)
{
	const struct flag_file_conf *conf = flag->config;
	const struct conf_node *at = conf_get(flag->node, "variable");
	const struct conf_node *exits = conf_get(flag->node, "exit");
	const struct conf_node *health = conf_get(flag->node, "health");
	const char *slash;
	char name[NAME_MAX_LEN];

	if (!is_variable(flag_file_variable(flag)))
		conf_errors_add(errors, at != NULL ? at->pos : flag->pos,
		    "variable: AUTO_THROTTLE",
		    "\"%.40s\" is no name of a variable",
		    flag_file_variable(flag));
	for (size_t i = 0; i < conf->then.count; i++)
		if (secret_ref_kind(conf->then.items[i]) != SECRET_LITERAL)
			conf_errors_add(errors,
			    conf_get(flag->node, "then")->pos, NULL,
			    "a secret can't be an argument: every user of the "
			    "machine sees them");
	proc_env_check(&conf->env, errors);
	if (exits != NULL)
		proc_exit_check(&conf->exit, exits, errors);
	if (health == NULL)
		return;
	slash = strchr(conf->health, '/');
	snprintf(name, sizeof(name), "%.*s",
	    slash != NULL ? (int)(slash - conf->health) : 0, conf->health);
	if (platform_source_find(platform, name) == NULL)
		conf_errors_add(errors, health->pos, "health: api/status",
		    "\"health\" wants SOURCE/TARGET, and no source is named "
		    "\"%.40s\"",
		    name);
}

static const struct opt file_rows[] = {
	{
	    OPT_FIELD(struct flag_file_conf, path, "path", OPT_PATH),
	    .required = true,
	    .help = "the .env file",
	},
	{
	    OPT_FIELD(struct flag_file_conf, variable, "variable", OPT_STRING),
	    .max = NAME_MAX_LEN,
	    .min = 1,
	    .help = "name of the variable; without it, that of the flag",
	},
	{
	    OPT_FIELD(struct flag_file_conf, then, "then", OPT_LIST),
	    .min = 1,
	    .max = PROCESS_ARGV_MAX,
	    .help = "program that makes it count, a list and no shell: "
		    "[docker, compose, restart, api]",
	},
	{
	    OPT_FIELD(struct flag_file_conf, dir, "dir", OPT_PATH),
	    .help = "folder that it runs in; else that of sevtop",
	},
	{
	    OPT_FIELD(struct flag_file_conf, env, "env", OPT_PAIRS),
	    .max = PROCESS_VARIABLES_MAX,
	    .help = "more variables for it; values may be env:NAME, file:PATH "
		    "or cmd:[...]",
	},
	{
	    OPT_FIELD(struct flag_file_conf, exit, "exit", OPT_LIST),
	    .min = 1,
	    .max = PROCESS_STATUSES_MAX,
	    .preset = "0",
	    .help = "the exit status, or several, that mean done",
	},
	{
	    OPT_FIELD(
		struct flag_file_conf, timeout_ns, "timeout", OPT_DURATION),
	    .min = ACTION_TIMEOUT_MIN_MS * NS_PER_MS,
	    .max = RUN_APPLY_S * NS_PER_SEC,
	    .preset = "45s",
	    .help = "longest time that it may take",
	},
	{
	    OPT_FIELD(struct flag_file_conf, health, "health", OPT_STRING),
	    .help = "SOURCE/TARGET: health row that is ok afterwards",
	},
};
static const struct opt_table file_table = OPT_TABLE(file_rows);

const struct flag_type flag_file = {
	.name = "file",
	.help = "a line of a .env file, and a program that makes it count",
	.kind = FLAG_FILE,
	.options = &file_table,
	.config_size = sizeof(struct flag_file_conf),
	.read = file_read,
	.place = file_place,
	.check = file_check,
};
