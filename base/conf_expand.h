/*
 * ${NAME} and ${NAME:-default} in a text of the configuration; the rules
 * are in base/conf.h. One pass: what a variable holds is not expanded again.
 * thread: any, as long as no thread changes the environment.
 */
#ifndef SEV_BASE_CONF_EXPAND_H
#define SEV_BASE_CONF_EXPAND_H

#include "base/alloc.h"
#include "base/attr.h"
#include "base/conf.h"

/*
 * *ret_text becomes raw itself when there is nothing to expand, else a text
 * in the arena; *ret_open becomes true when it holds a reference of a
 * template, which stays as it is. ERR_CONFIG, with the reason at pos in errors,
 * for an unset variable without default, a bad name, a value with control
 * characters or a result over CONF_SCALAR_MAX; ERR_NOMEM.
 */
enum err_code conf_expand(const char *raw, struct conf_pos pos,
    const struct conf_env *env, struct arena *arena, struct conf_errors *errors,
    const char **ret_text, bool *ret_open) ATTR_MUST_USE;

/* Whether text holds a byte that no configured text may: C0 but \t \n, DEL. */
bool conf_has_control(const char *text);

#endif
