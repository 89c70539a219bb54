/*
 * A platform made of what an engineer's shell already has: API_URL,
 * REDIS_URL and DATABASE_URL, from the environment or from .env in the
 * current folder. For a first look, without any configuration.
 * thread: any, as long as no thread changes the environment.
 */
#ifndef SEV_MODEL_PLATFORM_GUESS_H
#define SEV_MODEL_PLATFORM_GUESS_H

#include "base/buf.h"
#include "model/platform.h"

/*
 * folder: where .env may be. found gets one line for each variable that was
 * used, with where it comes from and never with its value. Only types of
 * source that there are get used. ERR_NOTFOUND, with found empty, when none
 * of the variables is set; else as platform_parse(). The environment counts
 * as prod unless SEVTOP_ENV or env says otherwise.
 */
enum err_code platform_guess(const char *folder, const char *env,
    const struct platform_types *types, const struct conf_env *vars,
    struct conf_errors *errors, struct buf *found,
    struct platform **ret) ATTR_MUST_USE;

#endif
