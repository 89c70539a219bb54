/*
 * Folders of practice worlds. All worlds of a user live in one base folder,
 * $XDG_RUNTIME_DIR/sevtop-sim or /tmp/sevtop-sim-UID, readable by that user
 * only. A world holds a lock in its folder for as long as it lives, so that
 * what a killed world left behind is told from a living one and removed by
 * the next that starts.
 * thread: any.
 */
#ifndef SEV_SIM_DIR_H
#define SEV_SIM_DIR_H

#include <limits.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct dir {
	char path[PATH_MAX];
	int lock_fd; /* -1: none */
};

#define DIR_INIT                                                               \
	{                                                                      \
		.lock_fd = -1                                                  \
	}

/*
 * Makes and locks a folder for a new world. wanted NULL: a new one in the
 * base folder, after the remains of dead worlds have been removed. Else
 * that folder, which must not exist yet or be empty.
 */
enum err_code dir_make(const char *platform, const char *wanted,
    struct dir *dir, struct err *err) ATTR_MUST_USE;

/* Makes dir/name with mode 0700 and returns its path in out. */
enum err_code dir_sub(const struct dir *dir, const char *name,
    char out[PATH_MAX], struct err *err) ATTR_MUST_USE;

/* Writes a file that only we may read, anew if there is one. */
enum err_code dir_write(const char *path, const char *text, size_t len,
    struct err *err) ATTR_MUST_USE;

/* Removes the folder with all that is in it and unlocks. */
void dir_remove(struct dir *dir);

/*
 * Finds the folder of the living world that started last into out.
 * ERR_NOTFOUND when none lives.
 */
enum err_code dir_newest(char out[PATH_MAX], struct err *err) ATTR_MUST_USE;

#endif
