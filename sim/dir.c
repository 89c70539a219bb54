#include "sim/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "sim/limits.h"

#define DIR_LOCK "lock"

/* Ours, a real folder, and closed to everyone else: /tmp is shared. */
static enum err_code
dir_check_private(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return err_set_errno(
		    err, ERR_IO, "dir", errno, "looking at %s", path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return err_set(err, ERR_FORBIDDEN, "dir",
		    "%s is not a folder that only you can enter; remove it or "
		    "give --dir",
		    path);
	return ERR_OK;
}

static enum err_code
dir_base(char out[PATH_MAX], struct err *err)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	int n;

	if (runtime != NULL && runtime[0] == '/' && access(runtime, W_OK) == 0)
		n = snprintf(out, PATH_MAX, "%s/sevtop-sim", runtime);
	else
		n = snprintf(
		    out, PATH_MAX, "/tmp/sevtop-sim-%u", (unsigned)geteuid());
	/* a path for a socket must fit below it (sun_path has 108 bytes) */
	if (n < 0 || n > SIM_BASE_DIR_MAX)
		snprintf(
		    out, PATH_MAX, "/tmp/sevtop-sim-%u", (unsigned)geteuid());
	if (mkdir(out, S_IRWXU) != 0 && errno != EEXIST)
		return err_set_errno(
		    err, ERR_IO, "dir", errno, "creating %s", out);
	return dir_check_private(out, err);
}

/* Removes what is in the folder behind fd, then closes fd. */
static void
dir_empty(int fd, int depth)
{
	DIR *list = fdopendir(fd);
	struct dirent *entry;

	if (list == NULL) {
		close(fd);
		return;
	}
	for (int n = 0; n < SIM_DIR_ENTRIES_MAX; n++) {
		int sub;

		entry = readdir(list);
		if (entry == NULL)
			break;
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(list), entry->d_name, 0) == 0 || depth == 0)
			continue;
		sub = openat(dirfd(list), entry->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0) {
			dir_empty(sub, depth - 1);
			unlinkat(dirfd(list), entry->d_name, AT_REMOVEDIR);
		}
	}
	closedir(list);
}

static void
dir_delete(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		dir_empty(fd, SIM_DIR_DEPTH_MAX);
	(void)rmdir(path);
}

/* The lock of a world's folder; -1 while another process holds it. */
static int
dir_take_lock(const char *path, int flags)
{
	char file[PATH_MAX];
	int fd, n = snprintf(file, sizeof(file), "%s/%s", path, DIR_LOCK);

	if (n < 0 || (size_t)n >= sizeof(file))
		return -1;
	fd = open(
	    file, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, S_IRUSR | S_IWUSR);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Calls fn for each world's folder in the base. */
static void
dir_each(const char *base, void (*fn)(const char *path, void *arg), void *arg)
{
	DIR *list = opendir(base);
	char path[PATH_MAX];

	for (int n = 0; list != NULL && n < SIM_DIR_ENTRIES_MAX; n++) {
		struct dirent *entry = readdir(list);
		int len;

		if (entry == NULL)
			break;
		len =
		    snprintf(path, sizeof(path), "%s/%s", base, entry->d_name);
		if (entry->d_name[0] != '.' && len > 0 &&
		    (size_t)len < sizeof(path))
			fn(path, arg);
	}
	if (list != NULL)
		closedir(list);
}

/*
 * Whoever takes locks in the base folder holds this one meanwhile, so that
 * nobody sweeps a folder between its making and its locking. It is held for
 * moments only: who can't have it in time goes without. -1: none.
 */
static int
dir_lock_base(const char *base)
{
	int64_t deadline = clock_now() + SIM_DIR_LOCK_MS * NS_PER_MS;
	int fd = open(base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 &&
	       errno == EWOULDBLOCK && clock_now() < deadline)
		(void)io_wait(-1, 0, clock_now() + NS_PER_MS, NULL, NULL);
	return fd;
}

static void
dir_unlock_base(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void
dir_sweep_one(const char *path, void *arg)
{
	int fd = dir_take_lock(path, 0);

	(void)arg;
	if (fd < 0)
		return;
	dir_delete(path);
	close(fd);
}

static enum err_code
dir_make_wanted(const char *wanted, struct dir *dir, struct err *err)
{
	if (mkdir(wanted, S_IRWXU) != 0 && errno != EEXIST)
		return err_set_errno(
		    err, ERR_IO, "dir", errno, "creating %s", wanted);
	if (realpath(wanted, dir->path) == NULL)
		return err_set_errno(
		    err, ERR_IO, "dir", errno, "looking at %s", wanted);
	/* rmdir succeeds on an empty folder only, whatever is hidden in it */
	if (rmdir(dir->path) != 0 || mkdir(dir->path, S_IRWXU) != 0)
		return err_set_errno(err, ERR_USAGE, "dir", errno,
		    "--dir %s must be a new or an empty folder", wanted);
	return ERR_OK;
}

static enum err_code
dir_lock(struct dir *dir, struct err *err)
{
	dir->lock_fd = dir_take_lock(dir->path, O_CREAT);
	if (dir->lock_fd < 0)
		return err_set_errno(
		    err, ERR_IO, "dir", errno, "locking %s", dir->path);
	return ERR_OK;
}

enum err_code
dir_make(
    const char *platform, const char *wanted, struct dir *dir, struct err *err)
{
	char base[PATH_MAX];
	enum err_code rc;
	int base_fd, n;

	dir->lock_fd = -1;
	if (wanted != NULL) {
		rc = dir_make_wanted(wanted, dir, err);
		return rc != ERR_OK ? rc : dir_lock(dir, err);
	}
	rc = dir_base(base, err);
	if (rc != ERR_OK)
		return rc;
	base_fd = dir_lock_base(base);
	dir_each(base, dir_sweep_one, NULL);
	n = snprintf(
	    dir->path, sizeof(dir->path), "%s/%s-XXXXXX", base, platform);
	if (n < 0 || (size_t)n >= sizeof(dir->path) ||
	    mkdtemp(dir->path) == NULL)
		rc = err_set_errno(
		    err, ERR_IO, "dir", errno, "creating a folder in %s", base);
	else
		rc = dir_lock(dir, err);
	dir_unlock_base(base_fd);
	return rc;
}

enum err_code
dir_sub(const struct dir *dir, const char *name, char out[PATH_MAX],
    struct err *err)
{
	int n = snprintf(out, PATH_MAX, "%s/%s", dir->path, name);

	if (n < 0 || n >= PATH_MAX)
		return err_set(err, ERR_LIMIT, "dir", "folder name too long");
	if (mkdir(out, S_IRWXU) != 0)
		return err_set_errno(
		    err, ERR_IO, "dir", errno, "creating %s", out);
	return ERR_OK;
}

enum err_code
dir_write(const char *path, const char *text, size_t len, struct err *err)
{
	int fd =
	    open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		S_IRUSR | S_IWUSR);
	ssize_t done;

	if (fd < 0)
		return err_set_errno(
		    err, ERR_IO, "dir", errno, "creating %s", path);
	done = write(fd, text, len);
	close(fd);
	if (done < 0 || (size_t)done != len)
		return err_set(err, ERR_IO, "dir", "writing %s", path);
	return ERR_OK;
}

void
dir_remove(struct dir *dir)
{
	if (dir->lock_fd < 0)
		return;
	dir_delete(dir->path);
	close(dir->lock_fd);
	dir->lock_fd = -1;
}

struct dir_search {
	char *out;
	struct timespec when;
	bool found;
};

static void
dir_newer(const char *path, void *arg)
{
	struct dir_search *search = arg;
	char file[PATH_MAX + 8];
	struct stat st;
	int fd = dir_take_lock(path, 0);

	if (fd >= 0) { /* nobody holds it: a dead world */
		close(fd);
		return;
	}
	snprintf(file, sizeof(file), "%s/%s", path, DIR_LOCK);
	if (lstat(file, &st) != 0)
		return;
	if (search->found &&
	    (st.st_mtim.tv_sec < search->when.tv_sec ||
		(st.st_mtim.tv_sec == search->when.tv_sec &&
		    st.st_mtim.tv_nsec < search->when.tv_nsec)))
		return;
	search->found = true;
	search->when = st.st_mtim;
	snprintf(search->out, PATH_MAX, "%s", path);
}

enum err_code
dir_newest(char out[PATH_MAX], struct err *err)
{
	struct dir_search search = { .out = out };
	char base[PATH_MAX];
	enum err_code rc = dir_base(base, err);
	int base_fd;

	if (rc != ERR_OK)
		return rc;
	base_fd = dir_lock_base(base);
	dir_each(base, dir_newer, &search);
	dir_unlock_base(base_fd);
	if (!search.found)
		return err_set(err, ERR_NOTFOUND, "dir",
		    "no practice world is running in %s; start one with "
		    "sevtop drill, or give --dir",
		    base);
	return ERR_OK;
}
