#include "model/platform_find.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/conf.h"
#include "base/nearest.h"

/* Where `make install` puts the profiles; the build says. */
#ifndef SEV_DATADIR
#define SEV_DATADIR "/usr/local/share/sevtop"
#endif

static const char *const platform_endings[] = { ".yaml", ".yml" };

const char *
platform_origin_text(enum platform_origin origin)
{
	switch (origin) {
	case PLATFORM_PROJECT:
		return "project file";
	case PLATFORM_USER:
		return "user's configuration";
	case PLATFORM_SYSTEM:
		return "system's configuration";
	case PLATFORM_BUILTIN:
		return "built-in profile";
	}
	return "unknown";
}

static const char *
platform_dir(const struct platform_dirs *dirs, enum platform_origin origin)
{
	switch (origin) {
	case PLATFORM_PROJECT:
		return dirs->project;
	case PLATFORM_USER:
		return dirs->user;
	case PLATFORM_SYSTEM:
		return dirs->system;
	case PLATFORM_BUILTIN:
		return dirs->builtin;
	}
	return "";
}

/* "" when it does not fit: a cut path would be another file. */
static void
platform_join(char out[PLATFORM_PATH_MAX], const char *dir, const char *below)
{
	int n = snprintf(out, PLATFORM_PATH_MAX, "%s/%s", dir, below);

	if (n < 0 || n >= PLATFORM_PATH_MAX)
		out[0] = '\0';
}

static bool
platform_is_dir(const char *path)
{
	struct stat st;

	return path[0] != '\0' && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Beside a program that runs from where it was built: its profiles. */
static void
platform_dir_build(char out[PLATFORM_PATH_MAX])
{
	char exe[PLATFORM_PATH_MAX], mark[PLATFORM_PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	out[0] = '\0';
	if (len <= 0)
		return;
	exe[len] = '\0';
	slash = strrchr(exe, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	platform_join(mark, exe, "config.status");
	if (mark[0] == '\0' || access(mark, F_OK) != 0)
		return;
	platform_join(out, exe, "profiles");
	if (!platform_is_dir(out))
		out[0] = '\0';
}

void
platform_dirs_default(struct platform_dirs *ret)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	const char *data = getenv("SEVTOP_DATADIR");

	memset(ret, 0, sizeof(*ret));
	snprintf(ret->project, sizeof(ret->project), ".");
	/* The XDG rules: a relative path is to be ignored. */
	if (config != NULL && config[0] == '/')
		platform_join(ret->user, config, "sevtop");
	else if (home != NULL && home[0] == '/')
		platform_join(ret->user, home, ".config/sevtop");
	snprintf(ret->system, sizeof(ret->system), "/etc/sevtop");
	if (data != NULL && data[0] == '/') {
		platform_join(ret->builtin, data, "profiles");
		return;
	}
	platform_dir_build(ret->builtin);
	if (ret->builtin[0] == '\0')
		platform_join(ret->builtin, SEV_DATADIR, "profiles");
}

/* A file of this name in a folder, with either ending. */
static bool
platform_try(const struct platform_dirs *dirs, enum platform_origin origin,
    const char *name, struct platform_file *ret)
{
	const char *dir = platform_dir(dirs, origin);
	char below[NAME_MAX_LEN + 8], path[PLATFORM_PATH_MAX];
	struct stat st;
	size_t i;

	if (dir[0] == '\0')
		return false;
	for (i = 0; i < ARRAY_LEN(platform_endings); i++) {
		snprintf(
		    below, sizeof(below), "%s%s", name, platform_endings[i]);
		platform_join(path, dir, below);
		/* lstat: a link is found, so that loading can refuse it. */
		if (path[0] == '\0' || lstat(path, &st) != 0)
			continue;
		memcpy(ret->path, path, sizeof(ret->path));
		ret->origin = origin;
		return true;
	}
	return false;
}

/* Whether a file says that it describes the platform of this name. */
static bool
platform_file_names(const char *path, const char *name)
{
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	struct arena *arena = arena_new(CONF_ARENA_MAX);
	const struct conf_node *root = NULL, *said;
	bool same = false;

	if (errors == NULL || arena == NULL)
		goto out;
	if (conf_load(path, NULL, arena, errors, &root) != ERR_OK)
		goto out;
	said = conf_get(root, "platform");
	same = said != NULL && said->kind == CONF_SCALAR &&
	       strcmp(said->text, name) == 0;
out:
	arena_free(arena);
	mem_free(errors);
	return same;
}

static bool
platform_name_good(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t len = strlen(name);

	return len > 0 && len < NAME_MAX_LEN && name[0] != '.' &&
	       name[0] != '-' && strspn(name, letters) == len;
}

static bool
platform_offer(void *ctx, const char *name, const struct platform_file *file)
{
	char *best = ctx;
	const char *wanted = best + NAME_MAX_LEN;
	struct nearest near = NEAREST_INIT(wanted);

	(void)file;
	if (best[0] != '\0')
		nearest_offer(&near, best);
	nearest_offer(&near, name);
	if (near.best == name)
		snprintf(best, NAME_MAX_LEN, "%s", name);
	return true;
}

static enum err_code
platform_not_found(
    const struct platform_dirs *dirs, const char *name, struct err *err)
{
	/* The nearest name so far, and behind it the wanted one. */
	char names[2 * NAME_MAX_LEN] = "";

	if (name == NULL)
		return err_set(err, ERR_NOTFOUND, "platform",
		    "no configuration: neither ./sevtop.yaml nor one in %.60s "
		    "or %.60s",
		    dirs->user, dirs->system);
	snprintf(names + NAME_MAX_LEN, NAME_MAX_LEN, "%s", name);
	if (platform_list(dirs, platform_offer, names) == ERR_OK &&
	    names[0] != '\0')
		return err_set(err, ERR_NOTFOUND, "platform",
		    "no platform is named \"%s\"; did you mean \"%s\"?", name,
		    names);
	return err_set(err, ERR_NOTFOUND, "platform",
	    "no platform is named \"%s\"; `sevtop info` lists them", name);
}

enum err_code
platform_find(const struct platform_dirs *dirs, const char *name,
    struct platform_file *ret, struct err *err)
{
	static const enum platform_origin named[] = { PLATFORM_USER,
		PLATFORM_SYSTEM, PLATFORM_BUILTIN };
	struct platform_file project;
	size_t i;

	if (name != NULL && !platform_name_good(name))
		return err_set(err, ERR_USAGE, "platform",
		    "\"%.64s\" is no name of a platform; -c takes a path",
		    name);
	if (platform_try(dirs, PLATFORM_PROJECT, "sevtop", &project) &&
	    (name == NULL || platform_file_names(project.path, name))) {
		*ret = project;
		return ERR_OK;
	}
	for (i = 0; i < ARRAY_LEN(named); i++) {
		/* No profile that came with sevtop is anybody's default. */
		if (name == NULL && named[i] == PLATFORM_BUILTIN)
			continue;
		if (platform_try(
			dirs, named[i], name != NULL ? name : "sevtop", ret))
			return ERR_OK;
	}
	return platform_not_found(dirs, name, err);
}

/* Names found so far, to list each once. */
struct platform_names {
	char (*items)[NAME_MAX_LEN];
	size_t count;
	size_t first; /* of the present folder, for sorting */
};

static void
platform_names_add(struct platform_names *names, const char *file)
{
	size_t len = strlen(file), i;

	for (i = 0; i < ARRAY_LEN(platform_endings); i++) {
		size_t tail = strlen(platform_endings[i]);

		if (len > tail && len - tail < NAME_MAX_LEN &&
		    strcmp(file + len - tail, platform_endings[i]) == 0) {
			len -= tail;
			break;
		}
	}
	if (i == ARRAY_LEN(platform_endings) ||
	    names->count == PLATFORM_LISTED_MAX)
		return;
	for (i = 0; i < names->count; i++) {
		if (strncmp(names->items[i], file, len) == 0 &&
		    names->items[i][len] == '\0')
			return;
	}
	memcpy(names->items[names->count], file, len);
	names->items[names->count][len] = '\0';
	if (platform_name_good(names->items[names->count]))
		names->count++;
}

static int
platform_names_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
platform_names_read(struct platform_names *names, const char *dir)
{
	DIR *stream = dir[0] != '\0' ? opendir(dir) : NULL;
	struct dirent *entry;

	names->first = names->count;
	if (stream == NULL)
		return;
	while ((entry = readdir(stream)) != NULL)
		platform_names_add(names, entry->d_name);
	closedir(stream);
	qsort(names->items + names->first, names->count - names->first,
	    sizeof(names->items[0]), platform_names_compare);
}

enum err_code
platform_list(const struct platform_dirs *dirs,
    bool (*fn)(void *ctx, const char *name, const struct platform_file *file),
    void *ctx)
{
	static const enum platform_origin origins[] = { PLATFORM_USER,
		PLATFORM_SYSTEM, PLATFORM_BUILTIN };
	struct platform_names names = { .count = 0 };
	struct platform_file file;
	bool more = true;
	size_t i, j;

	names.items = mem_calloc(PLATFORM_LISTED_MAX + 1, NAME_MAX_LEN);
	if (names.items == NULL)
		return ERR_NOMEM;
	for (i = 0; i < ARRAY_LEN(origins) && more; i++) {
		platform_names_read(&names, platform_dir(dirs, origins[i]));
		for (j = names.first; j < names.count && more; j++) {
			if (platform_try(
				dirs, origins[i], names.items[j], &file))
				more = fn(ctx, names.items[j], &file);
		}
	}
	mem_free(names.items);
	return ERR_OK;
}
