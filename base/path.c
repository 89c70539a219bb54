#include "base/path.h"

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
