/*
 * From bytes to a tree: the events of libyaml, narrowed as base/conf.h says.
 * Only base/conf.c calls this.
 * thread: any.
 */
#ifndef SEV_BASE_CONF_YAML_H
#define SEV_BASE_CONF_YAML_H

#include "base/conf.h"

/* conf_parse() with a file name that lives as long as the tree. */
enum err_code conf_yaml_read(const char *file, const void *bytes, size_t len,
    const struct conf_env *env, struct arena *arena, struct conf_errors *errors,
    const struct conf_node **ret_root) ATTR_MUST_USE;

#endif
