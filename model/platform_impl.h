/*
 * What platform.c and platform_*.c share while a file is loaded.
 * Private to these.
 */
#ifndef SEV_MODEL_PLATFORM_IMPL_H
#define SEV_MODEL_PLATFORM_IMPL_H

#include "model/platform.h"

/* What the steps of loading share. */
struct platform_load {
	const struct platform_types *types;
	const struct conf_env *vars; /* NULL: the process environment */
	struct conf_errors *errors;
	struct arena *arena;
	struct platform *platform;
	const struct conf_node *sources; /* as written; NULL: none */
	const struct conf_node *signals; /* the same */
	const struct conf_node *actions; /* the same */
	const struct conf_node *flags;	 /* the same */
};

/* A map of named things with a maximum; false: said why not, or broken. */
bool platform_check_map(struct platform_load *load, const struct conf_node *map,
    const char *what, size_t max);

/*
 * Reads the sources from load->sources into the platform. Returns as
 * opt_bind(); the good ones are there in any case.
 */
enum err_code platform_read_sources(struct platform_load *load) ATTR_MUST_USE;

/*
 * Reads the graph of who needs whom; both may be NULL. ERR_OK, also when
 * there is something wrong with it, or ERR_NOMEM. After the sources and
 * signals: it names them.
 */
enum err_code platform_read_depends(struct platform_load *load,
    const struct conf_node *services,
    const struct conf_node *dependencies) ATTR_MUST_USE;

/*
 * Reads the actions; map may be NULL. ERR_OK, also when there is something
 * wrong with them, ERR_CONFIG, or ERR_NOMEM.
 */
enum err_code platform_read_actions(
    struct platform_load *load, const struct conf_node *map) ATTR_MUST_USE;

/* The same for flags, and then for groups of them. */
enum err_code platform_read_flags(
    struct platform_load *load, const struct conf_node *map) ATTR_MUST_USE;
enum err_code platform_read_kills(
    struct platform_load *load, const struct conf_node *map) ATTR_MUST_USE;

/* The backends' own checks; after the sources, which they name. */
void platform_check_flags(struct platform_load *load);

/*
 * Adds the source that reads all flags, unless the file has one of its type
 * or there are no flags. ERR_OK or ERR_NOMEM.
 */
enum err_code platform_add_flag_source(
    struct platform_load *load) ATTR_MUST_USE;

/* Whether map has the key that node names; says "WHAT \"name\"" if not. */
void platform_check_key(struct platform_load *load, const struct conf_node *map,
    const struct conf_node *node, const char *what);

/* Checks what needs all sources: references, then the types' own checks. */
void platform_check_sources(struct platform_load *load);

#endif
