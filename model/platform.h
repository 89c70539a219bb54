/*
 * A platform: the loaded and checked configuration of what is watched.
 * A process may hold several. Everything is read-only after loading and
 * lives until platform_free().
 *
 * The model does not know the source types; they come in as a list of
 * struct platform_type, whose tables of options say how to bind a source's
 * own keys. Keys common to all sources are bound here.
 * thread: any after loading.
 */
#ifndef SEV_MODEL_PLATFORM_H
#define SEV_MODEL_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/opt.h"
#include "model/depend_def.h"
#include "model/platform_action.h"
#include "model/platform_flag.h"
#include "model/platform_type.h"
#include "model/signal_def.h"

struct platform;
struct platform_source;

struct platform_types {
	/* Fills *ret with the type at index; false behind the last. */
	bool (*at)(const void *ctx, size_t index, struct platform_type *ret);
	/*
	 * Checks what rows can't say; called for every source once all of
	 * the file is bound without error. NULL: nothing to check.
	 */
	void (*check)(const void *ctx, const struct platform *platform,
	    const struct platform_source *source, struct conf_errors *errors);
	const void *ctx;
	/* The kinds of configured actions; NULL: none is known. */
	const struct platform_action_types *actions;
	/* The backends of flags; NULL: none is known. */
	const struct platform_flag_types *flags;
};

struct platform_source {
	const char *name;
	const char *title; /* never NULL: the name, when not stated */
	const char *type;
	const void *ops; /* as platform_type gave it */
	int64_t every_ns;
	int64_t timeout_ns;
	bool enabled;
	const char *off;    /* why it is not polled; NULL while enabled */
	bool optional;	    /* not missed before it has answered once */
	const void *config; /* bound; zeroed when the type has no keys */
	const struct conf_node *node;	 /* its map in the file */
	const struct conf_node *filters; /* named ones of its lines, or NULL */
};

/* A key of the keyboard and the command it is to run, both unchecked. */
struct platform_key {
	const char *key;
	const char *command;
	bool is_action; /* an action of this platform has that name, also one
			 * that counts as not there */
	struct conf_pos key_pos;
	struct conf_pos pos; /* of the command */
};

/* A named search of the log pane; model/logfilter.h takes its words. */
struct platform_search {
	const char *name;
	const char *expr;
	struct conf_pos pos;
};

struct platform {
	const char *file;  /* it was read from */
	const char *found; /* made of this, without a file; NULL: read */
	const char *name;
	const char *title;   /* never NULL: the name, when not stated */
	const char *env;     /* "unknown" when neither stated nor given */
	bool prod;	     /* env is not known to be harmless */
	const char *runbook; /* path as written; NULL: none */
	const char *audit;   /* reference to a team's store; NULL: a file */
	const struct platform_source *sources;
	size_t source_count;
	const struct signal_def *signals;
	size_t signal_count;
	const struct platform_key *keys;
	size_t key_count;
	const struct platform_action *actions;
	size_t action_count;
	const struct platform_flag *flags;
	size_t flag_count;
	const struct platform_kill *kills; /* flags that are set together */
	size_t kill_count;
	/* What when_set leaves out: checked, and as if it were not there. */
	const struct platform_action *actions_off;
	size_t action_off_count;
	const struct platform_flag *flags_off;
	size_t flag_off_count;
	const struct platform_kill *kills_off; /* of such a flag */
	size_t kill_off_count;
	const struct platform_search *searches;
	size_t search_count;
	const struct depend_node *nodes; /* services and dependencies */
	size_t node_count;
	struct arena *arena; /* owner of all of it */
};

/*
 * Loads and checks a file. env (may be NULL) overrides the file's; vars
 * (may be NULL: the process environment) feeds ${NAME}. ${SEVTOP_ENV} is env
 * where one is given, so that what belongs to an environment follows it. On
 * success *ret is the caller's to free; warnings may be in errors. Else
 * ERR_CONFIG, ERR_NOTFOUND, ERR_IO or ERR_NOMEM, and errors says why.
 */
enum err_code platform_load(const char *path, const char *env,
    const struct platform_types *types, const struct conf_env *vars,
    struct conf_errors *errors, struct platform **ret) ATTR_MUST_USE;

/* The same from memory; name stands for the file in messages. */
enum err_code platform_parse(const char *name, const void *bytes, size_t len,
    const char *env, const struct platform_types *types,
    const struct conf_env *vars, struct conf_errors *errors,
    struct platform **ret) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct platform *platform_free(struct platform *platform);

/* NULL: none of that name. */
const struct platform_source *platform_source_find(
    const struct platform *platform, const char *name);
const struct signal_def *platform_signal_find(
    const struct platform *platform, const char *name);

/* False only for dev, test, staging, drill and the like; NULL is prod. */
bool platform_env_is_prod(const char *env);

/* Rows of the file itself and of every source, for help and schemas. */
extern const struct opt_table platform_opts;
extern const struct opt_table platform_source_opts;

#endif
