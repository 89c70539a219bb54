/*
 * From a request to what it means: which action, which source, arguments of
 * the right kind. Everything that is wrong with a request and needs no
 * server to be told is told here.
 * thread: any; pure.
 */
#ifndef SEV_ACTIONS_BIND_H
#define SEV_ACTIONS_BIND_H

#include "actions/action.h"
#include "base/alloc.h"
#include "base/err.h"
#include "base/limits.h"

/* All borrowed from the tables and the platform. */
struct bound {
	const struct action_ops *ops;
	const struct platform *platform;
	const struct platform_source *source;	  /* NULL: needs none */
	const struct platform_action *configured; /* NULL: built in */
	enum action_class class;
};

/*
 * ERR_NOTFOUND for an unknown platform, action or source (with the nearest
 * name), ERR_USAGE for too few or too many targets, and for a source that
 * has to be named because several fit.
 */
enum err_code bind_request(const struct action_ops *const *table,
    const struct platform *const *platforms, size_t platform_count,
    const struct request *request, struct bound *ret_bound,
    struct err *err) ATTR_MUST_USE;

enum {
	BOUND_LOCK_LEN = 3 * NAME_MAX_LEN
};

/*
 * What an action holds while it is under way: the names of its targets (all,
 * if it has none) within the place that goes to out. That is its source; of
 * a configured action without targets only itself, because nobody knows
 * what it touches; else all configured actions of the platform, or all
 * built-in ones of its family.
 */
void bound_lock(const struct bound *bound, const struct request *request,
    char out[BOUND_LOCK_LEN]);

/*
 * Checks and reads the values of a request into a new struct in the arena;
 * NULL when the action has no arguments. ERR_USAGE says which is wrong.
 *
 * A configured action gets an array of texts instead, one per input in
 * their order; NULL where nothing was given and there is no preset.
 */
enum err_code bind_args(const struct bound *bound,
    const struct request *request, struct arena *arena, const void **ret_args,
    struct err *err) ATTR_MUST_USE;

#endif
