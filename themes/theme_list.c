/* The user's own themes by name, for people. */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "themes/limits.h"
#include "themes/theme_impl.h"

static int
list_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Names of the files in dir, as many as are listed at most. */
static size_t
list_read(const char *dir, char (*names)[NAME_MAX_LEN])
{
	DIR *stream = opendir(dir);
	const struct dirent *entry;
	size_t count = 0;

	if (stream == NULL)
		return 0;
	while (count < THEME_LISTED_MAX && (entry = readdir(stream)) != NULL) {
		if (theme_file_name(entry->d_name, names[count], NAME_MAX_LEN))
			count++;
	}
	closedir(stream);
	return count;
}

enum err_code
theme_list_own(void (*fn)(void *ctx, const char *name), void *ctx)
{
	char(*names)[NAME_MAX_LEN] = mem_calloc(THEME_LISTED_MAX, NAME_MAX_LEN);
	char dir[PATH_MAX];
	size_t count;

	if (names == NULL)
		return ERR_NOMEM;
	count = theme_dir(dir, sizeof(dir)) ? list_read(dir, names) : 0;
	qsort(names, count, NAME_MAX_LEN, list_compare);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			fn(ctx, names[i]);
	}
	mem_free(names);
	return ERR_OK;
}
