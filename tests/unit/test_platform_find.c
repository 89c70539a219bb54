#include "model/platform_find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/tap.h"

static char base[] = "/tmp/sevtop-find-XXXXXX";
static struct platform_dirs dirs;
static struct platform_file file;
static struct err err;

static void
put(const char *below, const char *text)
{
	char path[PLATFORM_PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", base, below);
	f = fopen(path, "we");
	if (f == NULL)
		return;
	fputs(text, f);
	fclose(f);
}

static void
cut(const char *below)
{
	char path[PLATFORM_PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", base, below);
	unlink(path);
}

/* Last part of what was found, with its folder; "" when nothing was. */
static const char *
find(const char *name)
{
	file.path[0] = '\0';
	err_clear(&err);
	if (platform_find(&dirs, name, &file, &err) != ERR_OK)
		return "";
	return file.path + strlen(base) + 1;
}

static void
folder(char out[PLATFORM_PATH_MAX], const char *below)
{
	snprintf(out, PLATFORM_PATH_MAX, "%s/%s", base, below);
	mkdir(out, 0700);
}

static void
test_order(void)
{
	is_str(find("shop"), "", "nowhere");
	is_int(err.code, ERR_NOTFOUND, "not found");
	is_str(err.msg,
	    "no platform is named \"shop\"; `sevtop info` lists them", "told");
	put("builtin/shop.yaml", "");
	is_str(find("shop"), "builtin/shop.yaml", "built in");
	is_int(file.origin, PLATFORM_BUILTIN, "origin");
	put("system/shop.yml", "");
	is_str(find("shop"), "system/shop.yml", "the system's wins, .yml too");
	put("system/shop.yaml", "");
	is_str(find("shop"), "system/shop.yaml", ".yaml before .yml");
	put("user/shop.yaml", "");
	is_str(find("shop"), "user/shop.yaml", "the user's wins");
	put("project/sevtop.yaml", "platform: other\n");
	is_str(find("shop"), "user/shop.yaml", "another project's file");
	put("project/sevtop.yaml", "platform: shop\n");
	is_str(find("shop"), "project/sevtop.yaml", "the project's wins");
	is_str(platform_origin_text(file.origin), "project file", "why");
	put("project/sevtop.yaml", "platform: [\n");
	is_str(find("shop"), "user/shop.yaml", "a broken one names nobody");
	is_str(find("shpo"), "", "a slip of the finger");
	is_str(err.msg, "no platform is named \"shpo\"; did you mean \"shop\"?",
	    "told");
}

static void
test_default(void)
{
	is_str(find(NULL), "project/sevtop.yaml", "the project's, even broken");
	cut("project/sevtop.yaml");
	is_str(find(NULL), "", "built-in profiles are nobody's default");
	is_int(err.code, ERR_NOTFOUND, "not found");
	put("system/sevtop.yaml", "");
	is_str(find(NULL), "system/sevtop.yaml", "the system's");
	put("user/sevtop.yml", "");
	is_str(find(NULL), "user/sevtop.yml", "the user's");
	put("project/sevtop.yml", "");
	is_str(find(NULL), "project/sevtop.yml", "the project's");
}

static void
test_names(void)
{
	static const char *const bad[] = { "", "../shop", "/etc/passwd", ".hid",
		"a b", "-p", "sh\033op" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		is_str(find(bad[i]), "", "no name");
		is_int(err.code, ERR_USAGE, "a mistake of usage");
	}
}

static bool
collect(void *ctx, const char *name, const struct platform_file *found)
{
	char *out = ctx;
	size_t len = strlen(out);

	snprintf(out + len, 512 - len, "%s:%d ", name, (int)found->origin);
	return strcmp(name, "stop") != 0;
}

static void
test_list(void)
{
	char out[512] = "";

	put("builtin/zebra.yaml", "");
	put("builtin/apple.yml", "");
	put("builtin/notes.md", "");
	put("builtin/.hidden.yaml", "");
	is_int(platform_list(&dirs, collect, out), ERR_OK, "lists");
	is_str(out, "sevtop:1 shop:1 apple:3 zebra:3 ",
	    "each once, by the file that would be taken");
	put("system/stop.yaml", "");
	out[0] = '\0';
	is_int(platform_list(&dirs, collect, out), ERR_OK, "lists");
	is_str(out, "sevtop:1 shop:1 stop:2 ", "until told to stop");
	mem_fail_at(1, true);
	is_int(platform_list(&dirs, collect, out), ERR_NOMEM, "no memory");
	is_str(find("sohp"), "", "no memory for a hint");
	mem_fail_at(0, false);
}

static void
test_dirs(void)
{
	struct platform_dirs got;

	setenv("XDG_CONFIG_HOME", "/x/conf", 1);
	setenv("HOME", "/home/me", 1);
	setenv("SEVTOP_DATADIR", "/x/data", 1);
	platform_dirs_default(&got);
	is_str(got.project, ".", "project");
	is_str(got.user, "/x/conf/sevtop", "user");
	is_str(got.system, "/etc/sevtop", "system");
	is_str(got.builtin, "/x/data/profiles", "built in");
	setenv("XDG_CONFIG_HOME", "relative", 1);
	unsetenv("SEVTOP_DATADIR");
	platform_dirs_default(&got);
	is_str(got.user, "/home/me/.config/sevtop", "home");
	ok(strlen(got.builtin) > 9 &&
		strcmp(got.builtin + strlen(got.builtin) - 9, "/profiles") == 0,
	    "some folder of profiles: %s", got.builtin);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("HOME");
	platform_dirs_default(&got);
	is_str(got.user, "", "no home");
}

int
main(void)
{
	char command[PLATFORM_PATH_MAX];

	umask(022);
	if (mkdtemp(base) == NULL) {
		skip("no folder to write to");
		return tap_done();
	}
	folder(dirs.project, "project");
	folder(dirs.user, "user");
	folder(dirs.system, "system");
	folder(dirs.builtin, "builtin");
	RUN(test_order);
	RUN(test_default);
	RUN(test_names);
	RUN(test_list);
	RUN(test_dirs);
	static const char *const files[] = { "builtin/shop.yaml",
		"builtin/zebra.yaml", "builtin/apple.yml", "builtin/notes.md",
		"builtin/.hidden.yaml", "system/shop.yml", "system/shop.yaml",
		"system/sevtop.yaml", "system/stop.yaml", "user/shop.yaml",
		"user/sevtop.yml", "project/sevtop.yml" };
	static const char *const folders[] = { "project", "user", "system",
		"builtin" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(files); i++)
		cut(files[i]);
	for (i = 0; i < ARRAY_LEN(folders); i++) {
		snprintf(command, sizeof(command), "%s/%s", base, folders[i]);
		rmdir(command);
	}
	ok(rmdir(base) == 0, "cleaned up");
	return tap_done();
}
