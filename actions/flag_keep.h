/*
 * Old secrets, kept so that they can be put back: a file of its own for each,
 * for its owner only, whose reference ("file:PATH") is all that plans and
 * records know of it.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_FLAG_KEEP_H
#define SEV_ACTIONS_FLAG_KEEP_H

#include "actions/flag_change.h"

/* A new path in the state folder; nothing is made. */
enum err_code flag_keep_path(struct action_ctx *ctx,
    const struct platform_flag *flag, const char **ret_path,
    struct err *err) ATTR_MUST_USE;

/*
 * Writes what the flag is now to path, on disk when it returns; path "":
 * there is nothing to keep. An error means that it must not be changed.
 */
enum err_code flag_keep_secret(struct flag_change *change, const char *path,
    struct err *err) ATTR_MUST_USE;

/* Nothing was changed after all: no second copy of a secret is left. */
void flag_keep_drop(const char *path);

#endif
