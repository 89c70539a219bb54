/*
 * Where sevtop keeps what outlives a run: the record of actions, its own
 * log, jobs that were saved before they were removed. For its owner only.
 * Source: XDG Base Directory Specification 0.8, XDG_STATE_HOME.
 * thread: any, as long as nobody changes the environment.
 */
#ifndef SEV_BASE_STATE_DIR_H
#define SEV_BASE_STATE_DIR_H

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"

/* "$XDG_STATE_HOME/sevtop"; nothing is made. False: no home is known. */
bool state_dir(char out[PATH_MAX]);

/*
 * The same, or the folder sub in it (NULL: none), made where it is missing.
 * ERR_NOTFOUND: no home is known; ERR_FORBIDDEN: it is a link, or others
 * could write there; ERR_IO.
 */
enum err_code state_dir_make(
    const char *sub, char out[PATH_MAX], struct err *err) ATTR_MUST_USE;

#endif
