/*
 * Which file describes a platform. In this order, the first that is there:
 * ./sevtop.yaml (when it names this platform), $XDG_CONFIG_HOME/sevtop/,
 * /etc/sevtop/, and the profiles that come with sevtop. ".yml" is taken
 * where ".yaml" is not there.
 * thread: any.
 */
#ifndef SEV_MODEL_PLATFORM_FIND_H
#define SEV_MODEL_PLATFORM_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/limits.h"

enum platform_origin {
	PLATFORM_PROJECT, /* ./sevtop.yaml */
	PLATFORM_USER,	  /* $XDG_CONFIG_HOME/sevtop */
	PLATFORM_SYSTEM,  /* /etc/sevtop */
	PLATFORM_BUILTIN, /* came with sevtop */
};

/* Folders to look in; "" means: not there. */
struct platform_dirs {
	char project[PLATFORM_PATH_MAX];
	char user[PLATFORM_PATH_MAX];
	char system[PLATFORM_PATH_MAX];
	char builtin[PLATFORM_PATH_MAX];
};

struct platform_file {
	char path[PLATFORM_PATH_MAX];
	enum platform_origin origin;
};

/*
 * The folders of this process: XDG_CONFIG_HOME or ~/.config, /etc, and of
 * SEVTOP_DATADIR, the build tree that the program runs from, or the
 * installed data folder the first that there is.
 */
void platform_dirs_default(struct platform_dirs *ret);

/*
 * name NULL: the folder's own sevtop.yaml, else one named sevtop.yaml in
 * the user's or system's folder. ERR_NOTFOUND when there is none, with the
 * places that were tried or the nearest name in err; ERR_USAGE for a name
 * that can't be a platform's.
 */
enum err_code platform_find(const struct platform_dirs *dirs, const char *name,
    struct platform_file *ret, struct err *err) ATTR_MUST_USE;

/* Why this file was taken: "project file", "built-in profile"; never NULL. */
const char *platform_origin_text(enum platform_origin origin);

/*
 * Visits the names of all platforms that platform_find() would find in the
 * user's, system's and built-in folders, each once, sorted in each folder.
 * Ends early when fn returns false. ERR_NOMEM, else ERR_OK.
 */
enum err_code platform_list(const struct platform_dirs *dirs,
    bool (*fn)(void *ctx, const char *name, const struct platform_file *file),
    void *ctx);

#endif
