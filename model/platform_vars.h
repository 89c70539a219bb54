/*
 * The variables of a configuration: those of the environment, and behind
 * them those of the file .env in one folder, which is the configuration's
 * own: whoever may write there may write the configuration, too. A .env
 * elsewhere counts for nothing: a folder that was only entered must not
 * tell a platform's profile where its credentials go.
 * thread: owner, as long as no thread changes the environment.
 */
#ifndef SEV_MODEL_PLATFORM_VARS_H
#define SEV_MODEL_PLATFORM_VARS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"

struct platform_vars {
	struct conf_env env; /* give this to platform_load() */
	const struct conf_env *outer;
	struct buf dotenv; /* content of .env; empty: none */
	struct buf value;  /* of the last variable that came from it */
};

/*
 * Reads folder/.env if there is one; what can't be trusted is left out with
 * a warning in errors. outer (borrowed, may be NULL: the environment of the
 * process) comes first. vars must not move until platform_vars_release(),
 * which is due in any case. ERR_OK or ERR_NOMEM.
 */
enum err_code platform_vars_init(struct platform_vars *vars, const char *folder,
    const struct conf_env *outer, struct conf_errors *errors) ATTR_MUST_USE;
void platform_vars_release(struct platform_vars *vars);

/* Its value, valid until the next call; NULL: unset, or empty. */
const char *platform_vars_get(struct platform_vars *vars, const char *name);

/* Whether a variable that is set comes from the file. */
bool platform_vars_from_file(
    const struct platform_vars *vars, const char *name);

#endif
