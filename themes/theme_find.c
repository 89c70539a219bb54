/* Where themes are: compiled in, in the user's folder, or a file. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "themes/builtin.h"
#include "themes/limits.h"
#include "themes/theme_impl.h"

static const char *const find_endings[] = { ".theme", ".yaml", ".yml" };

enum {
	FIND_ENDINGS = sizeof(find_endings) / sizeof(find_endings[0]),
	FIND_BUILTIN = sizeof(theme_builtin) / sizeof(theme_builtin[0]),
};

static const char *
find_no_variable(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return NULL;
}

const struct conf_env theme_env = { .get = find_no_variable };

const char *
theme_name(size_t index)
{
	return index < FIND_BUILTIN ? theme_builtin[index].name : NULL;
}

const char *
theme_help(size_t index)
{
	return index < FIND_BUILTIN ? theme_builtin[index].help : NULL;
}

const char *
theme_text(const char *name)
{
	for (size_t i = 0; i < FIND_BUILTIN; i++) {
		if (strcmp(theme_builtin[i].name, name) == 0)
			return theme_builtin[i].text;
	}
	return NULL;
}

const char *
theme_base16_text(void)
{
	return theme_base16;
}

void
theme_names_offer(struct nearest *near)
{
	for (size_t i = 0; i < FIND_BUILTIN; i++)
		nearest_offer(near, theme_builtin[i].name);
}

/* Length of a file's name without its ending; 0: not a theme's. */
static size_t
find_stem(const char *file)
{
	size_t len = strlen(file);

	for (size_t i = 0; i < FIND_ENDINGS; i++) {
		size_t ending = strlen(find_endings[i]);

		if (len > ending &&
		    strcmp(file + len - ending, find_endings[i]) == 0)
			return len - ending;
	}
	return 0;
}

bool
theme_file_name(const char *file, char *out, size_t size)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.+-";
	size_t stem = find_stem(file);

	if (stem == 0 || stem >= size || file[0] == '.' ||
	    strspn(file, letters) != strlen(file))
		return false;
	snprintf(out, size, "%.*s", (int)stem, file);
	return true;
}

bool
theme_dir(char *out, size_t size)
{
	const char *base = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	int n = 0;

	if (base != NULL && base[0] == '/')
		n = snprintf(out, size, "%s/sevtop/themes", base);
	else if (home != NULL && home[0] == '/')
		n = snprintf(out, size, "%s/.config/sevtop/themes", home);
	return n > 0 && (size_t)n < size;
}

/* The user's own file of that name; false when there is none. */
static bool
find_own(const char *name, char path[PATH_MAX])
{
	char dir[PATH_MAX];

	if (name[0] == '\0' || name[0] == '.' || !theme_dir(dir, sizeof(dir)))
		return false;
	for (size_t i = 0; i < FIND_ENDINGS; i++) {
		int n = snprintf(
		    path, PATH_MAX, "%s/%s%s", dir, name, find_endings[i]);

		if (n > 0 && n < PATH_MAX && access(path, F_OK) == 0)
			return true;
	}
	return false;
}

static enum err_code
find_load_file(const char *path, struct conf_errors *errors, struct theme *ret)
{
	struct arena *arena = arena_new(THEME_ARENA_MAX);
	const struct conf_node *root;
	enum err_code rc;

	if (arena == NULL)
		return ERR_NOMEM;
	rc = conf_load(path, &theme_env, arena, errors, &root);
	if (rc == ERR_OK)
		rc = theme_read(root, errors, ret);
	arena_free(arena);
	return rc;
}

enum err_code
theme_parse(const char *name, const void *bytes, size_t len,
    struct conf_errors *errors, struct theme *ret)
{
	struct arena *arena = arena_new(THEME_ARENA_MAX);
	const struct conf_node *root;
	enum err_code rc = ERR_NOMEM;

	if (arena == NULL)
		return rc;
	rc = conf_parse(name, bytes, len, &theme_env, arena, errors, &root);
	if (rc == ERR_OK)
		rc = theme_read(root, errors, ret);
	arena_free(arena);
	return rc;
}

enum err_code
theme_load_builtin(
    const char *name, struct conf_errors *errors, struct theme *ret)
{
	struct nearest near = NEAREST_INIT(name);
	struct conf_pos pos = { .file = "--theme" };
	const char *text = theme_text(name);

	if (text != NULL)
		return theme_parse(name, text, strlen(text), errors, ret);
	theme_names_offer(&near);
	conf_errors_add_near(errors, pos, near.best,
	    "there is no theme \"%s\"; `sevtop info themes` lists them", name);
	return ERR_NOTFOUND;
}

enum err_code
theme_load(const char *name, struct conf_errors *errors, struct theme *ret)
{
	char path[PATH_MAX];

	if (strchr(name, '/') != NULL || find_stem(name) > 0)
		return find_load_file(name, errors, ret);
	if (find_own(name, path))
		return find_load_file(path, errors, ret);
	return theme_load_builtin(name, errors, ret);
}
