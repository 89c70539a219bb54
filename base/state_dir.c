#include "base/state_dir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
state_dir(char out[PATH_MAX])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int len;

	/* A relative path is to be ignored, says the specification. */
	if (state != NULL && state[0] == '/')
		len = snprintf(out, PATH_MAX, "%s/sevtop", state);
	else if (home != NULL && home[0] == '/')
		len = snprintf(out, PATH_MAX, "%s/.local/state/sevtop", home);
	else
		return false;
	return len < PATH_MAX;
}

/* Makes path and what is missing above it. */
static enum err_code
make_all(char *path, struct err *err)
{
	char *at = path;

	do {
		at = strchr(at + 1, '/');
		if (at != NULL)
			*at = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return err_set_errno(
			    err, ERR_IO, "state", errno, "can't make %s", path);
		if (at != NULL)
			*at = '/';
	} while (at != NULL);
	return ERR_OK;
}

/* Whether only its owner, who is us or root, can put something there. */
static enum err_code
check_own(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return err_set_errno(
		    err, ERR_IO, "state", errno, "can't look at %s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_FORBIDDEN, "state",
		    "%s is no folder, or a link to one", path);
	if ((st.st_uid != geteuid() && st.st_uid != 0) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(err, ERR_FORBIDDEN, "state",
		    "others could write to %s: chmod 700 it", path);
	return ERR_OK;
}

enum err_code
state_dir_make(const char *sub, char out[PATH_MAX], struct err *err)
{
	char path[PATH_MAX];
	enum err_code code;
	size_t len;

	if (!state_dir(path))
		return err_set(err, ERR_NOTFOUND, "state",
		    "neither XDG_STATE_HOME nor HOME says where to keep "
		    "things");
	code = make_all(path, err);
	if (code == ERR_OK)
		code = check_own(path, err);
	if (code == ERR_OK && sub != NULL) {
		len = strlen(path);
		if (len + 1 + strlen(sub) >= sizeof(path))
			return err_set(err, ERR_IO, "state",
			    "the path %s is too long", path);
		snprintf(path + len, sizeof(path) - len, "/%s", sub);
		code = make_all(path, err);
		if (code == ERR_OK)
			code = check_own(path, err);
	}
	if (code == ERR_OK)
		memcpy(out, path, strlen(path) + 1);
	return code;
}
