#include "config.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool
path_find(const char *name, char out[PATH_MAX])
{
	const char *path = getenv("PATH");
	size_t len;

	for (const char *p = path != NULL ? path : "/usr/bin:/bin"; *p != '\0';
	     p += len + (p[len] == ':')) {
		int n;

		len = strcspn(p, ":");
		n = snprintf(out, PATH_MAX, "%.*s/%s", (int)len, p, name);
		if (len > 0 && n > 0 && n < PATH_MAX && access(out, X_OK) == 0)
			return true;
	}
	return false;
}

bool
path_sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int fd, saved;
	bool good;

	snprintf(dir, sizeof(dir), "%.*s",
	    slash != NULL && slash != path ? (int)(slash - path) : 1,
	    slash != NULL ? path : ".");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	good = fsync(fd) == 0;
	saved = errno;
	close(fd);
	errno = saved;
	return good;
}
