#include "config.h"

#include "base/env_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dotenv.h"
#include "base/limits.h"
#include "base/path.h"

static const char origin[] = "file";

static struct env_stamp
stamp_of(const struct stat *st)
{
	return (struct env_stamp) {
		.device = st->st_dev,
		.inode = st->st_ino,
		.size = st->st_size,
		.changed_ns =
		    st->st_mtim.tv_sec * NS_PER_SEC + st->st_mtim.tv_nsec,
	};
}

void
env_stamp_text(const struct env_stamp *stamp, char out[ENV_STAMP_LEN])
{
	snprintf(out, ENV_STAMP_LEN, "%ju:%ju:%jd:%" PRId64,
	    (uintmax_t)stamp->device, (uintmax_t)stamp->inode,
	    (intmax_t)stamp->size, stamp->changed_ns);
}

bool
env_stamp_is(const struct env_stamp *stamp, const char *text)
{
	char own[ENV_STAMP_LEN];

	env_stamp_text(stamp, own);
	return strcmp(own, text) == 0;
}

static bool
stamp_eq(const struct env_stamp *a, const struct env_stamp *b)
{
	return a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && a->changed_ns == b->changed_ns;
}

static enum err_code
file_failed(struct err *err, int rc, const char *what, const char *path)
{
	enum err_code code = ERR_IO;

	if (rc == ENOENT || rc == ENOTDIR)
		code = ERR_NOTFOUND;
	else if (rc == EACCES || rc == EPERM || rc == EROFS)
		code = ERR_FORBIDDEN;
	return err_set_errno(err, code, origin, rc, "%s %s", what, path);
}

static enum err_code
read_all(int fd, const char *path, struct buf *out, struct err *err)
{
	char chunk[16 * 1024];
	enum err_code code = ERR_OK;
	ssize_t n;

	do {
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0 && !buf_add(out, chunk, (size_t)n))
			code = err_set(err, ERR_TOOBIG, origin,
			    "%s has more than %d bytes", path, ENV_FILE_MAX);
		else if (n < 0 && errno != EINTR)
			code = file_failed(err, errno, "reading", path);
	} while (code == ERR_OK && n != 0);
	explicit_bzero(chunk, sizeof(chunk));
	return code;
}

/* The file with its state; *ret_fd is open (close it) on ERR_OK. */
static enum err_code
open_file(const char *path, int *ret_fd, struct stat *st, struct err *err)
{
	/* O_NONBLOCK: a pipe of this name must not hold us. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return file_failed(err, errno, "opening", path);
	if (fstat(fd, st) != 0 || !S_ISREG(st->st_mode)) {
		close(fd);
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "%s is no regular file", path);
	}
	*ret_fd = fd;
	return ERR_OK;
}

enum err_code
env_file_read(const char *path, struct buf *out, struct env_stamp *ret_stamp,
    struct err *err)
{
	struct stat st;
	int fd = -1;
	enum err_code code = open_file(path, &fd, &st, err);

	buf_clear(out);
	if (code != ERR_OK)
		return code;
	code = read_all(fd, path, out, err);
	close(fd);
	if (code == ERR_OK)
		*ret_stamp = stamp_of(&st);
	return code;
}

/* The content with the one line changed. */
static enum err_code
rewrite(const struct buf *was, const char *name, const char *value,
    struct buf *out, struct err *err)
{
	struct buf quoted = BUF_INIT(ENV_FILE_MAX);
	struct dotenv_place place;
	const char *bytes = buf_cstr(was);
	bool good = true, there;

	there = dotenv_find(bytes, was->len, name, &place);
	if (value != NULL && !dotenv_quote(value, &quoted)) {
		buf_release(&quoted);
		return err_set(err, ERR_UNSUPPORTED, origin,
		    "no line can hold this value of %s", name);
	}
	if (there && value != NULL)
		good = buf_add(out, bytes, place.value) &&
		       buf_add(out, buf_cstr(&quoted), quoted.len) &&
		       buf_add(out, bytes + place.value_end,
			   was->len - place.value_end);
	else if (there)
		good = buf_add(out, bytes, place.line) &&
		       buf_add(out, bytes + place.end, was->len - place.end);
	else if (value == NULL)
		good = buf_add(out, bytes, was->len);
	else
		good = buf_add(out, bytes, was->len) &&
		       (was->len == 0 || bytes[was->len - 1] == '\n' ||
			   buf_char(out, '\n')) &&
		       buf_fmt(out, "%s=%s\n", name, buf_cstr(&quoted));
	buf_release(&quoted);
	return good ? ERR_OK
		    : err_set(err, ERR_TOOBIG, origin,
			  "the file would have more than %d bytes",
			  ENV_FILE_MAX);
}

static enum err_code
write_all(int fd, const struct buf *content, const char *path, struct err *err)
{
	size_t at = 0;

	while (at < content->len) {
		ssize_t n = write(fd, content->data + at, content->len - at);

		if (n < 0 && errno != EINTR)
			return file_failed(err, errno, "writing", path);
		at += n > 0 ? (size_t)n : 0;
	}
	return ERR_OK;
}

/* A new file beside the old one, whole and on disk. */
static enum err_code
write_new(const char *path, const struct buf *content, const struct stat *st,
    struct err *err)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	enum err_code code;
	struct stat own;

	if (fd < 0)
		return file_failed(err, errno, "making", path);
	code = write_all(fd, content, path, err);
	if (code == ERR_OK && fstat(fd, &own) != 0)
		code = file_failed(err, errno, "looking at", path);
	if (code == ERR_OK &&
	    (own.st_uid != st->st_uid || own.st_gid != st->st_gid) &&
	    fchown(fd, st->st_uid, st->st_gid) != 0)
		code = err_set(err, ERR_FORBIDDEN, origin,
		    "the file belongs to another user, and that could not be "
		    "kept");
	if (code == ERR_OK && fchmod(fd, st->st_mode & 07777) != 0)
		code = file_failed(err, errno, "the mode of", path);
	if (code == ERR_OK && fsync(fd) != 0)
		code = file_failed(err, errno, "syncing", path);
	if (close(fd) != 0 && code == ERR_OK)
		code = file_failed(err, errno, "closing", path);
	if (code != ERR_OK)
		unlink(path);
	return code;
}

static enum err_code
changed(const char *path, struct err *err)
{
	return err_set(err, ERR_CLOSED, origin,
	    "changed since you looked: %s was written meanwhile", path);
}

/* Puts the new content into the place of the file that st describes. */
static enum err_code
replace(const char *path, const struct buf *content, const struct stat *st,
    bool *ret_done, struct err *err)
{
	const struct env_stamp stamp = stamp_of(st);
	struct env_stamp last;
	struct stat now;
	char temp[PATH_MAX];
	int len =
	    snprintf(temp, sizeof(temp), "%s.sevtop-%ld", path, (long)gettid());
	enum err_code code;

	if (len < 0 || (size_t)len >= sizeof(temp))
		return err_set(err, ERR_LIMIT, origin, "the path is too long");
	code = write_new(temp, content, st, err);
	if (code != ERR_OK)
		return code;
	if (stat(path, &now) == 0)
		last = stamp_of(&now);
	else
		last = (struct env_stamp) { .inode = 0 };
	if (!stamp_eq(&stamp, &last))
		code = changed(path, err);
	else if (rename(temp, path) != 0)
		code = file_failed(err, errno, "replacing", path);
	else
		*ret_done = true;
	if (!*ret_done)
		unlink(temp);
	else
		(void)path_sync_folder(path);
	return code;
}

enum err_code
env_file_set(const char *path, const char *name, const char *value,
    const struct env_stamp *stamp, bool *ret_done, struct err *err)
{
	struct buf was = BUF_INIT(ENV_FILE_MAX), now = BUF_INIT(ENV_FILE_MAX);
	/* A link stays a link: what it leads to is replaced. */
	char *real = realpath(path, NULL);
	struct env_stamp seen;
	struct stat st;
	int fd = -1;
	enum err_code code;

	*ret_done = false;
	if (real == NULL)
		return file_failed(err, errno, "opening", path);
	code = open_file(real, &fd, &st, err);
	if (code != ERR_OK)
		goto out;
	seen = stamp_of(&st);
	/* Of two of us at once the second would undo what the first wrote. */
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		code = err_set(err, ERR_CLOSED, origin,
		    "another process is changing %s: try again", path);
	else
		code = read_all(fd, real, &was, err);
	if (code == ERR_OK && !stamp_eq(&seen, stamp))
		code = changed(path, err);
	if (code == ERR_OK && st.st_nlink > 1)
		code = err_set(err, ERR_UNSUPPORTED, origin,
		    "%s has a second name (a hard link), which would go on "
		    "holding the old content",
		    path);
	if (code == ERR_OK)
		code = rewrite(&was, name, value, &now, err);
	if (code == ERR_OK)
		code = replace(real, &now, &st, ret_done, err);
out:
	if (fd >= 0)
		close(fd); /* lets the lock go */
	if (was.data != NULL)
		explicit_bzero(was.data, was.cap);
	if (now.data != NULL)
		explicit_bzero(now.data, now.cap);
	buf_release(&was);
	buf_release(&now);
	free(real);
	return code;
}
