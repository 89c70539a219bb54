#include "model/platform_guess.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is written for a variable, for each type of source that it feeds. */
struct guess_part {
	const char *type;
	const char *sources;
	const char *signals; /* NULL: none */
};

/* A variable, what its value begins with, and what comes of it. */
struct guess_rule {
	const char *variable;
	const char *schemes; /* apart by blanks; NULL: any */
	const char *wanted;  /* what to say when it is none of these */
	const struct guess_part *parts;
};

/* @ stands for the URL of the API, without a slash at its end. */
static const struct guess_part api_parts[] = {
	{
	    "http",
	    "  # Whether it answers at all: any status below 500 will do.\n"
	    "  api:\n"
	    "    type: http\n"
	    "    title: API\n"
	    "    url: @/\n"
	    "    expect: {status: [200, 204, 301, 302, 303, 307, 308, 400, "
	    "401, 403, 404, 405, 406, 426]}\n"
	    "  # The first of these paths that is there; if none is, it is "
	    "not missed.\n"
	    "  health:\n"
	    "    type: http\n"
	    "    url: @\n"
	    "    paths: [/healthz, /health, /livez, /api/health]\n"
	    "    optional: true\n"
	    "    version: version # in a JSON answer: a change is a deploy\n"
	    "    uptime: uptime # going back is a restart\n"
	    "  ready:\n"
	    "    type: http\n"
	    "    url: @\n"
	    "    paths: [/readyz, /ready, /health/ready]\n"
	    "    optional: true\n",
	    NULL,
	},
	{
	    "prometheus.scrape",
	    "  metrics:\n"
	    "    type: prometheus.scrape\n"
	    "    url: @/metrics\n"
	    "    optional: true\n",
	    "  # Of these only what the API's metrics have is shown.\n"
	    "  errors:\n"
	    "    title: Error rate\n"
	    "    ratio: {of: 'http_requests_total{status=~\"5..\"}', "
	    "to: 'http_requests_total{status!=\"\"}'}\n"
	    "    warn: \"> 1%\"\n"
	    "    crit: \"> 5%\"\n"
	    "    recover_for: 1m\n"
	    "    optional: true\n"
	    "  errors_code:\n"
	    "    title: Error rate\n"
	    "    ratio: {of: 'http_requests_total{code=~\"5..\"}', "
	    "to: 'http_requests_total{code!=\"\"}'}\n"
	    "    warn: \"> 1%\"\n"
	    "    crit: \"> 5%\"\n"
	    "    recover_for: 1m\n"
	    "    optional: true\n"
	    "  errors_timed:\n"
	    "    title: Error rate (timed)\n"
	    "    ratio: {of: 'http_request_duration_seconds_count"
	    "{status_code=~\"5..\"}', to: "
	    "'http_request_duration_seconds_count{status_code!=\"\"}'}\n"
	    "    warn: \"> 1%\"\n"
	    "    crit: \"> 5%\"\n"
	    "    recover_for: 1m\n"
	    "    optional: true\n"
	    "  p95:\n"
	    "    title: Response p95\n"
	    "    quantile: {q: 0.95, of: http_request_duration_seconds}\n"
	    "    warn: \"> 1s\"\n"
	    "    crit: \"> 2s\"\n"
	    "    for: 30s\n"
	    "    recover_for: 1m\n"
	    "    optional: true\n"
	    "  p95_server:\n"
	    "    title: Response p95\n"
	    "    quantile: {q: 0.95, of: http_server_requests_seconds}\n"
	    "    warn: \"> 1s\"\n"
	    "    crit: \"> 2s\"\n"
	    "    for: 30s\n"
	    "    recover_for: 1m\n"
	    "    optional: true\n",
	},
	{ NULL, NULL, NULL },
};

static const struct guess_part redis_parts[] = {
	{
	    "redis",
	    "  redis: {type: redis, url: \"${REDIS_URL}\"}\n",
	    "  redis_memory:\n"
	    "    title: Redis memory\n"
	    "    value: redis_memory_used_ratio # of maxmemory, if that is "
	    "set\n"
	    "    source: redis\n"
	    "    warn: \"> 80%\"\n"
	    "    crit: \"> 95%\"\n",
	},
	{
	    "bullmq",
	    "  # All queues that a scan of the keys finds; a list under "
	    "\"queues\" names them.\n"
	    "  queues: {type: bullmq, redis: redis, optional: true}\n",
	    "  queue_age:\n"
	    "    title: Oldest waiting job\n"
	    "    value: queue_oldest_seconds\n"
	    "    source: queues\n"
	    "    agg: max\n"
	    "    warn: \"> 1m\"\n"
	    "    crit: \"> 5m\"\n"
	    "    for: 10s\n"
	    "    optional: true\n"
	    "  queue_failed:\n"
	    "    title: Jobs failed in 5 min\n"
	    "    value: queue_failed_5m\n"
	    "    source: queues\n"
	    "    unit: count\n"
	    "    warn: \"> 10\"\n"
	    "    crit: \"> 50\"\n"
	    "    optional: true\n",
	},
	{ NULL, NULL, NULL },
};

static const struct guess_part database_parts[] = {
	{
	    "postgres",
	    "  database: {type: postgres, url: \"${DATABASE_URL}\"}\n",
	    "  connections:\n"
	    "    title: Database connections\n"
	    "    value: pg_connections_used_ratio\n"
	    "    source: database\n"
	    "    warn: \"> 80%\"\n"
	    "    crit: \"> 95%\"\n"
	    "  lock_wait:\n"
	    "    title: Longest wait for a lock\n"
	    "    value: pg_lock_wait_seconds\n"
	    "    source: database\n"
	    "    agg: max\n"
	    "    warn: \"> 5s\"\n"
	    "    crit: \"> 30s\"\n",
	},
	{ NULL, NULL, NULL },
};

static const struct guess_rule guess_rules[] = {
	{ "API_URL", "http:// https://", "http:// or https://", api_parts },
	{ "PORT", NULL, NULL, api_parts },
	{ "REDIS_URL", "redis:// rediss:// redis+unix:// unix://",
	    "redis:// or rediss://", redis_parts },
	{ "DATABASE_URL", "postgres:// postgresql:// postgresql+ postgres+",
	    "postgres://", database_parts },
};

struct guess {
	const struct platform_types *types;
	struct platform_vars *vars;
	struct conf_errors *errors;
	struct buf sources;
	struct buf signals;
	struct buf here;    /* variables that the environment has */
	struct buf in_file; /* variables that .env has */
	bool api;	    /* API_URL is used: PORT is not asked for */
	bool logs;
};

static bool
guess_has_type(const struct guess *guess, const char *name)
{
	struct platform_type type;
	size_t i;

	for (i = 0; guess->types->at(guess->types->ctx, i, &type); i++) {
		if (strcmp(type.name, name) == 0)
			return true;
	}
	return false;
}

/* Whether value begins with one of these words; NULL: a port's number. */
static bool
guess_fits(const struct guess_rule *rule, const char *value)
{
	const char *word = rule->schemes;
	size_t digits = strspn(value, "0123456789");

	if (word == NULL)
		return digits > 0 && digits <= 5 && value[digits] == '\0';
	while (*word != '\0') {
		size_t len = strcspn(word, " ");

		if (strncmp(value, word, len) == 0)
			return true;
		word += len + strspn(word + len, " ");
	}
	return false;
}

/* Text with @ replaced by url; slash: its value has one at the end. */
static void
guess_put(struct buf *out, const char *text, const char *url, bool slash)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "@");

		buf_add(out, text, len);
		text += len;
		if (*text == '\0')
			break;
		buf_str(out, url);
		text++;
		if (*text == '/' && slash)
			text++;
	}
}

static void
guess_name(struct guess *guess, const char *name)
{
	struct buf *names = platform_vars_from_file(guess->vars, name)
				? &guess->in_file
				: &guess->here;

	buf_fmt(names, "%s%s", names->len > 0 ? ", " : "", name);
}

static void
guess_rule(struct guess *guess, const struct guess_rule *rule)
{
	const char *value = platform_vars_get(guess->vars, rule->variable);
	const struct guess_part *part;
	bool used = false, api = rule->parts == api_parts;
	const char *url =
	    rule->schemes != NULL ? "${API_URL}" : "http://localhost:${PORT}";
	bool slash;

	if (value == NULL || (api && guess->api))
		return;
	if (!guess_fits(rule, value)) {
		if (rule->wanted != NULL)
			conf_errors_warn(guess->errors,
			    (struct conf_pos) { .file = rule->variable }, NULL,
			    "left out: it does not begin with %s",
			    rule->wanted);
		return;
	}
	slash = value[strlen(value) - 1] == '/';
	for (part = rule->parts; part->type != NULL; part++) {
		if (!guess_has_type(guess, part->type))
			continue;
		if (!used)
			buf_fmt(&guess->sources, "  # %s, from %s\n",
			    rule->variable,
			    platform_vars_from_file(guess->vars, rule->variable)
				? ".env"
				: "the environment");
		guess_put(&guess->sources, part->sources, url, slash);
		if (part->signals != NULL)
			buf_str(&guess->signals, part->signals);
		used = true;
	}
	if (used)
		guess_name(guess, rule->variable);
	guess->api = guess->api || (api && used);
}

/* Log files below the folder. */
static void
guess_logs(struct guess *guess, const char *folder)
{
	char pattern[PATH_MAX];
	glob_t files;
	int n = snprintf(pattern, sizeof(pattern), "%s/logs/*.log", folder);

	if (n < 0 || n >= (int)sizeof(pattern) ||
	    !guess_has_type(guess, "logfile") ||
	    glob(pattern, GLOB_NOSORT, NULL, &files) != 0)
		return;
	globfree(&files);
	guess->logs = true;
	buf_str(&guess->sources,
	    "  # The newest 16 of these, through rotation.\n"
	    "  logs: {type: logfile, path: logs/*.log}\n");
}

/* The folder's name as the platform's, if that is one. */
static const char *
guess_platform(const char *folder, char out[PATH_MAX])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	const char *name;
	size_t len;

	if (realpath(folder, out) == NULL)
		return "here";
	name = strrchr(out, '/');
	name = name != NULL ? name + 1 : out;
	len = strlen(name);
	if (len == 0 || len >= NAME_MAX_LEN || strchr("_.-", name[0]) != NULL ||
	    strspn(name, letters) != len)
		return "here";
	return name;
}

static void
guess_join(const struct guess *guess, const char *folder, struct buf *yaml)
{
	char path[PATH_MAX];

	buf_fmt(yaml, "platform: %s\n", guess_platform(folder, path));
	buf_str(yaml,
	    "# What is not known as harmless (dev, test, staging, local, ...) "
	    "counts as prod.\n"
	    "env: ${SEVTOP_ENV:-prod}\n"
	    "\nsources:\n");
	buf_str(yaml, buf_cstr(&guess->sources));
	if (guess->signals.len > 0)
		buf_fmt(yaml, "\nsignals:\n%s", buf_cstr(&guess->signals));
}

static void
guess_say(const struct guess *guess, struct buf *found)
{
	if (guess->in_file.len > 0)
		buf_fmt(found, "%s in .env", buf_cstr(&guess->in_file));
	if (guess->here.len > 0)
		buf_fmt(found, "%s%s in env", found->len > 0 ? "; " : "",
		    buf_cstr(&guess->here));
	if (guess->logs)
		buf_fmt(found, "%slogs/*.log", found->len > 0 ? "; " : "");
}

enum err_code
platform_guess_write(const char *folder, const struct platform_types *types,
    struct platform_vars *vars, struct conf_errors *errors, struct buf *yaml,
    struct buf *found)
{
	struct guess guess = {
		.types = types,
		.vars = vars,
		.errors = errors,
		.sources = BUF_INIT(CONF_FILE_MAX_SIZE),
		.signals = BUF_INIT(CONF_FILE_MAX_SIZE),
		.here = BUF_INIT(ERR_MSG_MAX),
		.in_file = BUF_INIT(ERR_MSG_MAX),
	};
	enum err_code code = ERR_OK;

	for (size_t i = 0; i < ARRAY_LEN(guess_rules); i++)
		guess_rule(&guess, &guess_rules[i]);
	guess_logs(&guess, folder);
	if (guess.sources.failed || guess.signals.failed)
		code = ERR_NOMEM;
	else if (guess.sources.len == 0)
		code = ERR_NOTFOUND;
	if (code == ERR_OK) {
		guess_join(&guess, folder, yaml);
		guess_say(&guess, found);
		if (yaml->failed || found->failed || guess.here.failed ||
		    guess.in_file.failed)
			code = ERR_NOMEM;
	}
	buf_release(&guess.sources);
	buf_release(&guess.signals);
	buf_release(&guess.here);
	buf_release(&guess.in_file);
	return code;
}

enum err_code
platform_guess(const char *folder, const char *env,
    const struct platform_types *types, const struct conf_env *outer,
    struct conf_errors *errors, struct platform **ret)
{
	struct platform_vars vars;
	struct buf yaml = BUF_INIT(CONF_FILE_MAX_SIZE);
	struct buf found = BUF_INIT(ERR_MSG_MAX);
	struct platform *platform = NULL;
	enum err_code code = platform_vars_init(&vars, folder, outer, errors);

	if (code == ERR_OK)
		code = platform_guess_write(
		    folder, types, &vars, errors, &yaml, &found);
	if (code == ERR_OK)
		code = platform_parse("(found)", buf_cstr(&yaml), yaml.len, env,
		    types, &vars.env, errors, &platform);
	if (code == ERR_OK) {
		platform->found =
		    arena_copy(platform->arena, found.data, found.len);
		*ret = platform;
	}
	if (code == ERR_OK && platform->found == NULL) {
		platform_free(platform);
		*ret = NULL;
		code = ERR_NOMEM;
	}
	if (code == ERR_NOMEM && errors->errors == 0)
		conf_errors_add(errors, (struct conf_pos) { .file = folder },
		    NULL, "out of memory");
	buf_release(&yaml);
	buf_release(&found);
	platform_vars_release(&vars);
	return code;
}
