/*
 * A platform made of what an engineer's shell already has: API_URL (or
 * PORT), REDIS_URL and DATABASE_URL, from the environment or from .env in
 * the current folder, and log files below it. For a first look, without any
 * configuration, and as the beginning of one (`sevtop init`).
 *
 * Nothing is asked of any server here. What may be there or not (/metrics,
 * a health page, queues) is written as optional, and shows once it answers.
 * thread: any, as long as no thread changes the environment.
 */
#ifndef SEV_MODEL_PLATFORM_GUESS_H
#define SEV_MODEL_PLATFORM_GUESS_H

#include "base/buf.h"
#include "model/platform.h"
#include "model/platform_vars.h"

/*
 * Appends a commented configuration to yaml: variables as ${NAME}, never
 * their values. found gets where it comes from, in one line, such as
 * "API_URL, REDIS_URL in .env; PORT in env; logs/\*.log". Only types of source
 * that there are get used. folder is the current one: its name becomes the
 * platform's, and its logs/ is looked at. ERR_NOTFOUND, with nothing
 * appended, when there is nothing to go by; ERR_NOMEM. A variable that
 * can't be used is a warning in errors.
 */
enum err_code platform_guess_write(const char *folder,
    const struct platform_types *types, struct platform_vars *vars,
    struct conf_errors *errors, struct buf *yaml,
    struct buf *found) ATTR_MUST_USE;

/*
 * The platform of that configuration, with platform->found set. Returns as
 * platform_parse(), and ERR_NOTFOUND. The environment counts as prod unless
 * SEVTOP_ENV or env says otherwise.
 */
enum err_code platform_guess(const char *folder, const char *env,
    const struct platform_types *types, const struct conf_env *vars,
    struct conf_errors *errors, struct platform **ret) ATTR_MUST_USE;

#endif
