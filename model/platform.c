#include "model/platform.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "model/logfilter.h"
#include "model/platform_entry.h"

/* The file's own keys. */
struct platform_raw {
	const char *name;
	const char *title;
	const char *env;
	const char *runbook;
	const struct conf_node *sources;
	const struct conf_node *signals;
	const struct conf_node *services;
	const struct conf_node *dependencies;
	const struct conf_node *actions;
	const struct conf_node *flags;
	const struct conf_node *kill;
	const char *audit;
	struct opt_pairs keys;
	struct opt_pairs logs;
};

bool
platform_env_is_prod(const char *env)
{
	static const char *const harmless[] = { "ci", "demo", "dev",
		"development", "drill", "local", "preview", "qa", "sandbox",
		"stage", "staging", "test", "testing", "uat" };
	size_t i;

	if (env == NULL)
		return true;
	for (i = 0; i < ARRAY_LEN(harmless); i++) {
		if (strcmp(env, harmless[i]) == 0)
			return false;
	}
	return true;
}

/*
 * Says what is wrong with a name at pos; what is "a source" and the like.
 * Names appear in commands, file names and narrow columns.
 */
static bool
platform_check_name(struct platform_load *load, const char *name,
    struct conf_pos pos, const char *what, size_t max)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	static const char others[] = "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t len = strlen(name);

	if (len > 0 && len < max && strchr(letters, name[0]) != NULL &&
	    strspn(name, others) == len)
		return true;
	conf_errors_add(load->errors, pos,
	    "letters, digits, \"_\", \"-\" and \".\", starting with a letter "
	    "or digit",
	    len >= max ? "the name of %s is too long: \"%.64s\""
		       : "not a name for %s: \"%.64s\"",
	    what, name);
	return false;
}

const struct platform_source *
platform_source_find(const struct platform *platform, const char *name)
{
	size_t i;

	for (i = 0; i < platform->source_count; i++) {
		if (strcmp(platform->sources[i].name, name) == 0)
			return &platform->sources[i];
	}
	return NULL;
}

const struct signal_def *
platform_signal_find(const struct platform *platform, const char *name)
{
	size_t i;

	for (i = 0; i < platform->signal_count; i++) {
		if (strcmp(platform->signals[i].name, name) == 0)
			return &platform->signals[i];
	}
	return NULL;
}

/* A map of named things with a maximum; false: said why, or broken. */
bool
platform_check_map(struct platform_load *load, const struct conf_node *map,
    const char *what, size_t max)
{
	const struct conf_node *child;
	bool good = true;

	if (map->kind != CONF_MAP) {
		conf_errors_add(load->errors, map->pos, NULL,
		    "\"%s\" wants a map of names, not %s", map->key,
		    conf_kind_text(map));
		return false;
	}
	if (map->count > max) {
		conf_errors_add(load->errors, map->key_pos, NULL,
		    "%zu entries, the most is %zu", map->count, max);
		return false;
	}
	for (child = map->first; child != NULL; child = child->next) {
		if (!platform_check_name(
			load, child->key, child->key_pos, what, NAME_MAX_LEN))
			good = false;
	}
	return good;
}

void
platform_check_key(struct platform_load *load, const struct conf_node *map,
    const struct conf_node *node, const char *what)
{
	struct nearest near = NEAREST_INIT(node->text);
	const struct conf_node *one;

	if (node->kind != CONF_SCALAR || conf_get(map, node->text) != NULL)
		return;
	for (one = map != NULL ? map->first : NULL; one != NULL;
	     one = one->next)
		nearest_offer(&near, one->key);
	conf_errors_add_near(load->errors, node->pos, near.best, "%s \"%.60s\"",
	    what, node->text);
}

static enum err_code
platform_read_signal(struct platform_load *load, const struct conf_node *node,
    void *ret, bool *ret_off)
{
	(void)ret_off; /* a signal is always there */
	return signal_def_read(node, load->arena, load->errors, ret);
}

static enum err_code
platform_read_signals(struct platform_load *load, const struct conf_node *map)
{
	static const struct platform_many many = {
		.what = "a signal",
		.max = PLATFORM_SIGNALS_MAX,
		.size = sizeof(struct signal_def),
		.read = platform_read_signal,
	};
	struct platform_many_read got;
	enum err_code code = platform_read_many(load, map, &many, &got);

	load->platform->signals = got.on;
	load->platform->signal_count = got.count;
	return code;
}

static enum err_code
platform_read_keys(struct platform_load *load, const struct opt_pairs *pairs)
{
	struct platform_key *keys;
	const struct conf_node *node;
	size_t i = 0;

	if (pairs->count == 0)
		return ERR_OK;
	keys = arena_array(load->arena, pairs->count, sizeof(*keys));
	if (keys == NULL)
		return ERR_NOMEM;
	for (node = pairs->node->first; node != NULL; node = node->next) {
		keys[i++] = (struct platform_key) {
			.key = node->key,
			.command = node->text,
			.is_action = platform_action_find(
					 load->platform, node->text) != NULL ||
				     platform_action_off(
					 load->platform, node->text) != NULL,
			.key_pos = node->key_pos,
			.pos = node->pos,
		};
	}
	load->platform->keys = keys;
	load->platform->key_count = i;
	return ERR_OK;
}

/* Says what is wrong with a search, so that nobody finds out in an incident. */
static enum err_code
platform_check_search(struct platform_load *load, const struct conf_node *node)
{
	struct logfilter *filter = NULL;
	struct err err = ERR_INIT;
	enum err_code code;

	code = logfilter_new(node->text, &filter, &err);
	logfilter_free(filter);
	if (code == ERR_OK || code == ERR_NOMEM)
		return code;
	conf_errors_add(load->errors, node->pos, NULL, "search \"%.64s\": %s",
	    node->key, err_text(&err));
	return ERR_OK;
}

static enum err_code
platform_read_logs(struct platform_load *load, const struct opt_pairs *pairs)
{
	struct platform_search *searches;
	const struct conf_node *node;
	size_t i = 0;

	if (pairs->count == 0)
		return ERR_OK;
	searches = arena_array(load->arena, pairs->count, sizeof(*searches));
	if (searches == NULL)
		return ERR_NOMEM;
	for (node = pairs->node->first; node != NULL; node = node->next) {
		if (platform_check_search(load, node) != ERR_OK)
			return ERR_NOMEM;
		searches[i++] = (struct platform_search) {
			.name = node->key,
			.expr = node->text,
			.pos = node->pos,
		};
	}
	load->platform->searches = searches;
	load->platform->search_count = i;
	return ERR_OK;
}

static void
platform_read_names(struct platform_load *load, const struct platform_raw *raw,
    const struct conf_node *root, const char *env)
{
	static const struct conf_pos flag = { .file = "--env" };
	struct platform *p = load->platform;

	p->name = raw->name;
	p->title = raw->title != NULL ? raw->title : raw->name;
	p->runbook = raw->runbook;
	p->audit = raw->audit;
	p->env = env != NULL ? env : raw->env;
	if (p->name != NULL)
		platform_check_name(load, p->name,
		    conf_get(root, "platform")->pos, "a platform",
		    NAME_MAX_LEN);
	if (env != NULL)
		platform_check_name(
		    load, env, flag, "an environment", PLATFORM_ENV_MAX);
	else if (p->env != NULL)
		platform_check_name(load, p->env, conf_get(root, "env")->pos,
		    "an environment", PLATFORM_ENV_MAX);
	if (p->env == NULL)
		p->env = "unknown";
	p->prod = platform_env_is_prod(p->env);
}

static enum err_code
platform_read(
    struct platform_load *load, const struct conf_node *root, const char *env)
{
	struct platform_raw raw = { .name = NULL };
	enum err_code code;

	code = opt_bind(&platform_opts, root, &raw, load->arena, load->errors);
	if (code == ERR_NOMEM)
		return code;
	platform_read_names(load, &raw, root, env);
	/* Not raw.sources: that is NULL for a key with nothing behind it. */
	load->sources = conf_get(root, "sources");
	code = platform_read_sources(load);
	if (code == ERR_NOMEM)
		return code;
	load->signals = raw.signals;
	code = platform_read_signals(load, raw.signals);
	if (code == ERR_NOMEM)
		return code;
	code = platform_read_depends(load, raw.services, raw.dependencies);
	if (code == ERR_NOMEM)
		return code;
	code = platform_read_actions(load, raw.actions);
	if (code == ERR_NOMEM)
		return code;
	code = platform_read_flags(load, raw.flags);
	if (code != ERR_NOMEM)
		code = platform_read_kills(load, raw.kill);
	if (code != ERR_NOMEM)
		code = platform_add_flag_source(load);
	if (code == ERR_NOMEM)
		return code;
	code = platform_read_keys(load, &raw.keys);
	if (code == ERR_NOMEM)
		return code;
	code = platform_read_logs(load, &raw.logs);
	if (code == ERR_NOMEM)
		return code;
	platform_check_sources(load);
	platform_check_flags(load);
	return load->errors->errors > 0 ? ERR_CONFIG : ERR_OK;
}

/* The variables, with the environment that was asked for as one of them. */
struct platform_overlay {
	struct conf_env vars;
	const struct conf_env *outer; /* NULL: the process environment */
	const char *env;	      /* NULL: none was asked for */
};

static const char *
platform_variable(void *ctx, const char *name)
{
	const struct platform_overlay *is = ctx;

	if (is->env != NULL && strcmp(name, "SEVTOP_ENV") == 0)
		return is->env;
	if (is->outer != NULL && is->outer->get != NULL)
		return is->outer->get(is->outer->ctx, name);
	return getenv(name);
}

/* bytes NULL: file is a path to read. */
static enum err_code
platform_make(const char *file, const void *bytes, size_t len, const char *env,
    const struct platform_types *types, const struct conf_env *vars,
    struct conf_errors *errors, struct platform **ret)
{
	struct platform_overlay overlay = {
		.vars = { .get = platform_variable, .ctx = &overlay },
		.outer = vars,
		.env = env,
	};
	struct platform_load load = {
		.types = types, .vars = &overlay.vars, .errors = errors
	};
	const struct conf_node *root = NULL;
	enum err_code code = ERR_NOMEM;

	load.arena = arena_new(CONF_ARENA_MAX);
	if (load.arena == NULL)
		goto out;
	load.platform = arena_alloc(load.arena, sizeof(*load.platform));
	if (load.platform == NULL)
		goto out;
	load.platform->arena = load.arena;
	load.platform->file = arena_copy(load.arena, file, strlen(file));
	if (env != NULL)
		env = arena_copy(load.arena, env, strlen(env));
	if (arena_failed(load.arena))
		goto out;
	if (bytes != NULL)
		code = conf_parse(
		    file, bytes, len, load.vars, load.arena, errors, &root);
	else
		code = conf_load(file, load.vars, load.arena, errors, &root);
	if (code == ERR_OK)
		code = platform_read(&load, root, env);
out:
	if (code == ERR_NOMEM)
		conf_errors_add(errors, (struct conf_pos) { .file = file },
		    NULL, "out of memory, or larger than %d MiB when loaded",
		    CONF_ARENA_MAX / (1024 * 1024));
	if (code == ERR_OK)
		*ret = load.platform;
	else
		arena_free(load.arena);
	return code;
}

enum err_code
platform_load(const char *path, const char *env,
    const struct platform_types *types, const struct conf_env *vars,
    struct conf_errors *errors, struct platform **ret)
{
	return platform_make(path, NULL, 0, env, types, vars, errors, ret);
}

enum err_code
platform_parse(const char *name, const void *bytes, size_t len, const char *env,
    const struct platform_types *types, const struct conf_env *vars,
    struct conf_errors *errors, struct platform **ret)
{
	return platform_make(name, bytes, len, env, types, vars, errors, ret);
}

struct platform *
platform_free(struct platform *platform)
{
	if (platform != NULL)
		arena_free(platform->arena);
	return NULL;
}

static const struct opt audit_rows[] = {
	{
	    OPT_FIELD(struct platform_raw, audit, "store", OPT_SECRET),
	    .help = "postgres://... of a team, as env:NAME",
	},
};
static const struct opt_table audit_table = OPT_TABLE(audit_rows);

static const struct opt platform_rows[] = {
	{
	    OPT_FIELD(struct platform_raw, name, "platform", OPT_STRING),
	    .required = true,
	    .help = "name of the platform",
	},
	{
	    OPT_FIELD(struct platform_raw, title, "title", OPT_STRING),
	    .min = 1,
	    .max = NAME_MAX_LEN,
	    .help = "what people call it",
	},
	{
	    OPT_FIELD(struct platform_raw, env, "env", OPT_STRING),
	    .help = "environment; what is not known as harmless is prod",
	},
	{
	    OPT_FIELD(struct platform_raw, runbook, "runbook", OPT_PATH),
	    .help = "Markdown runbook, beside this file",
	},
	{
	    OPT_FIELD(struct platform_raw, sources, "sources", OPT_NODE),
	    .required = true,
	    .help = "what is polled: a map of names, each with a type",
	},
	{
	    OPT_FIELD(struct platform_raw, signals, "signals", OPT_NODE),
	    .help = "metrics with thresholds: a map of names",
	},
	{
	    OPT_FIELD(struct platform_raw, services, "services", OPT_NODE),
	    .help = "what is judged by several things at once: a map of names",
	},
	{
	    OPT_FIELD(
		struct platform_raw, dependencies, "dependencies", OPT_NODE),
	    .help = "who needs whom: a map of names to lists of names, each a "
		    "service, a source, a signal (signal:NAME) or a health row "
		    "(SOURCE/TARGET)",
	},
	{
	    OPT_GROUP_ROW("audit", &audit_table),
	    .help = "where actions are recorded; a file of the user, unless "
		    "stated",
	},
	{
	    OPT_FIELD(struct platform_raw, actions, "actions", OPT_NODE),
	    .help = "what can be done beside the built-in actions: a map of "
		    "names",
	},
	{
	    OPT_FIELD(struct platform_raw, flags, "flags", OPT_NODE),
	    .help = "feature flags: a map of names, each with a type",
	},
	{
	    OPT_FIELD(struct platform_raw, kill, "kill", OPT_NODE),
	    .help = "flags that are set together: a map of names to lists of "
		    "flags",
	},
	{
	    OPT_FIELD(struct platform_raw, keys, "keys", OPT_PAIRS),
	    .min = 0,
	    .max = PLATFORM_KEYS_MAX,
	    .help = "keys of the keyboard and the command each runs",
	},
	{
	    OPT_FIELD(struct platform_raw, logs, "logs", OPT_PAIRS),
	    .min = 0,
	    .max = PLATFORM_SEARCHES_MAX,
	    .help = "named searches of the log pane",
	},
};
const struct opt_table platform_opts = OPT_TABLE(platform_rows);
