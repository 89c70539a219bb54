#include "base/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf_yaml.h"

const struct conf_node *
conf_get(const struct conf_node *map, const char *key)
{
	const struct conf_node *child;

	if (map == NULL || map->kind != CONF_MAP)
		return NULL;
	for (child = map->first; child != NULL; child = child->next) {
		if (strcmp(child->key, key) == 0)
			return child;
	}
	return NULL;
}

const char *
conf_kind_text(const struct conf_node *node)
{
	switch (node->kind) {
	case CONF_NULL:
		return "nothing";
	case CONF_SCALAR:
		return "text";
	case CONF_LIST:
		return "a list";
	case CONF_MAP:
		return "a map";
	case CONF_BROKEN:
		break;
	}
	return "something broken";
}

enum err_code
conf_parse(const char *name, const void *bytes, size_t len,
    const struct conf_env *env, struct arena *arena, struct conf_errors *errors,
    const struct conf_node **ret_root)
{
	struct conf_pos whole = { .file = name };
	const char *file;

	if (len > CONF_FILE_MAX_SIZE) {
		conf_errors_add(errors, whole, NULL, "larger than %d bytes",
		    CONF_FILE_MAX_SIZE);
		return ERR_CONFIG;
	}
	file = arena_copy(arena, name, strlen(name));
	if (file == NULL)
		return ERR_NOMEM;
	return conf_yaml_read(file, bytes, len, env, arena, errors, ret_root);
}

/* Why a file must not be trusted, and how to mend that; true: it may be. */
static bool
conf_file_check(
    const struct stat *st, struct conf_pos pos, struct conf_errors *errors)
{
	mode_t others = S_IWGRP | S_IWOTH;

	if (!S_ISREG(st->st_mode)) {
		conf_errors_add(errors, pos, NULL, "not a regular file");
		return false;
	}
	if (st->st_uid != geteuid() && st->st_uid != 0) {
		conf_errors_add(errors, pos, "take it over with chown",
		    "belongs to user %u, who could run commands as you",
		    (unsigned)st->st_uid);
		return false;
	}
	/*
	 * Where every user has a group of the same number, umask is 002 and
	 * group permission gives nothing away. Root's group has others in it.
	 */
	if (st->st_uid != 0 && (uintmax_t)st->st_gid == (uintmax_t)st->st_uid)
		others = S_IWOTH;
	if ((st->st_mode & others) != 0) {
		conf_errors_add(errors, pos, "chmod go-w makes it yours alone",
		    "others may write to it (mode %03o), and so run commands "
		    "as you",
		    (unsigned)st->st_mode & 0777);
		return false;
	}
	return true;
}

static enum err_code
conf_file_open(const char *path, struct conf_errors *errors, int *ret_fd)
{
	struct conf_pos pos = { .file = path };
	struct stat st;
	char why[96];
	int fd, saved;

	/* O_NONBLOCK: opening a pipe must not wait for its writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	saved = errno;
	if (fd < 0 && saved == ELOOP) {
		conf_errors_add(errors, pos,
		    "give the path that it points to with -c",
		    "a symbolic link");
		return ERR_FORBIDDEN;
	}
	if (fd < 0) {
		conf_errors_add(errors, pos, NULL, "can't be opened: %s",
		    strerror_r(saved, why, sizeof(why)));
		return saved == ENOENT || saved == ENOTDIR ? ERR_NOTFOUND
							   : ERR_IO;
	}
	if (fstat(fd, &st) != 0) {
		saved = errno;
		conf_errors_add(errors, pos, NULL, "can't be read: %s",
		    strerror_r(saved, why, sizeof(why)));
		close(fd);
		return ERR_IO;
	}
	if (!conf_file_check(&st, pos, errors)) {
		close(fd);
		return ERR_FORBIDDEN;
	}
	*ret_fd = fd;
	return ERR_OK;
}

/* Up to one byte more than allowed, so that conf_parse() sees the excess. */
static enum err_code
conf_file_read(
    int fd, const char *path, struct buf *out, struct conf_errors *errors)
{
	struct conf_pos pos = { .file = path };
	char chunk[8192], why[96];
	ssize_t n;

	while (out->len <= CONF_FILE_MAX_SIZE) {
		size_t room = CONF_FILE_MAX_SIZE + 1 - out->len;

		n = read(
		    fd, chunk, room < sizeof(chunk) ? room : sizeof(chunk));
		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			conf_errors_add(errors, pos, NULL, "can't be read: %s",
			    strerror_r(errno, why, sizeof(why)));
			return ERR_IO;
		}
		if (!buf_add(out, chunk, (size_t)n))
			return ERR_NOMEM;
	}
	return ERR_OK;
}

enum err_code
conf_read_file(const char *path, struct conf_errors *errors, struct buf *out)
{
	enum err_code code;
	int fd = -1;

	code = conf_file_open(path, errors, &fd);
	if (code != ERR_OK)
		return code;
	code = conf_file_read(fd, path, out, errors);
	close(fd);
	return code;
}

enum err_code
conf_load(const char *path, const struct conf_env *env, struct arena *arena,
    struct conf_errors *errors, const struct conf_node **ret_root)
{
	struct buf bytes = BUF_INIT(CONF_FILE_MAX_SIZE + 1);
	enum err_code code;

	code = conf_read_file(path, errors, &bytes);
	if (code == ERR_OK)
		code = conf_parse(path, buf_cstr(&bytes), bytes.len, env, arena,
		    errors, ret_root);
	buf_release(&bytes);
	return code;
}
