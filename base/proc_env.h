/*
 * The environment that a program is started in: ours, or only what every
 * tool needs to find its files, and variables of its own, whose values may
 * be secrets. A secret reaches a program so, or through its standard input.
 * thread: owner.
 */
#ifndef SEV_BASE_PROC_ENV_H
#define SEV_BASE_PROC_ENV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/opt.h"

struct cancel;
struct redactor;
struct secret;

struct proc_env {
	char **vars; /* ended by NULL; for struct proc_spec */
	struct secret **owned;
	size_t owned_count;
};

#define PROC_ENV_INIT                                                          \
	{                                                                      \
		.vars = NULL                                                   \
	}

/*
 * Makes env of all our variables, or with all false of PATH, HOME and the
 * like, and of more (NULL: none), whose values may refer to secrets
 * (base/secret.h), which redactor (NULL: none) then knows. more goes before
 * ours. env must be initialised or released before; on failure it is
 * released. Errors of secret_from_ref(), with the name before; ERR_LIMIT;
 * ERR_NOMEM.
 */
enum err_code proc_env_make(struct proc_env *env, bool all,
    const struct opt_pairs *more, struct redactor *redactor,
    const struct cancel *cancel, struct err *err) ATTR_MUST_USE;

/*
 * The secret that ref stands for, on its way into a program: redactor (NULL:
 * none) knows it from then on. *ret_secret: returned, free with
 * secret_free(). Errors of secret_from_ref().
 */
enum err_code proc_secret(const char *ref, struct redactor *redactor,
    const struct cancel *cancel, struct secret **ret_secret,
    struct err *err) ATTR_MUST_USE;

/* Wipes what was secret. */
void proc_env_release(struct proc_env *env);

/* Adds to errors what is no exit status; the list stands at node. */
void proc_exit_check(const struct opt_list *exits, const struct conf_node *node,
    struct conf_errors *errors);

/* Adds names that can't be those of variables to errors. */
void proc_env_check(const struct opt_pairs *more, struct conf_errors *errors);

#endif
