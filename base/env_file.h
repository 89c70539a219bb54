/*
 * Changing one line of a .env file (base/dotenv.h) so that a reader sees the
 * old file or the new one, never half of either: a new file beside it, on
 * disk before it takes the old one's name, with its owner and mode. All other
 * lines, and a comment behind the value, stay as they are.
 *
 * The file may hold secrets: nothing here shows a line of it.
 * thread: any.
 */
#ifndef SEV_BASE_ENV_FILE_H
#define SEV_BASE_ENV_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/* Which file it was, and in which state. */
struct env_stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	int64_t changed_ns;
};

/*
 * Reads a regular file of at most ENV_FILE_MAX bytes into out (cleared
 * first). ERR_NOTFOUND, ERR_FORBIDDEN, ERR_TOOBIG, ERR_UNSUPPORTED for
 * anything but a regular file, ERR_IO.
 */
enum err_code env_file_read(const char *path, struct buf *out,
    struct env_stamp *ret_stamp, struct err *err) ATTR_MUST_USE;

/*
 * Sets name to value in the file, or removes its line (value NULL). The file
 * must be the one of stamp. *ret_done (also on failure): whether the new
 * file has taken the old one's place. ERR_CLOSED: it changed meanwhile;
 * ERR_UNSUPPORTED: a value that no line can hold, a file with a second name;
 * ERR_FORBIDDEN, ERR_IO.
 */
enum err_code env_file_set(const char *path, const char *name,
    const char *value, const struct env_stamp *stamp, bool *ret_done,
    struct err *err) ATTR_MUST_USE;

/* As a text, to be kept; and whether a text says the same. */
enum {
	ENV_STAMP_LEN = 96
};
void env_stamp_text(const struct env_stamp *stamp, char out[ENV_STAMP_LEN]);
bool env_stamp_is(const struct env_stamp *stamp, const char *text);

#endif
