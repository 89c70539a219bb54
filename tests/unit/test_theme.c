#include "themes/theme.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/tap.h"
#include "themes/color.h"

static struct conf_errors errors;

static enum err_code
parse(const char *text, struct theme *theme)
{
	conf_errors_clear(&errors);
	return theme_parse("t", text, strlen(text), &errors, theme);
}

static void
test_builtin(void)
{
	size_t count = 0;

	for (; theme_name(count) != NULL; count++) {
		struct theme theme;
		size_t plain = 0;

		conf_errors_clear(&errors);
		is_int(theme_load(theme_name(count), &errors, &theme), ERR_OK,
		    theme_name(count));
		is_int((int64_t)errors.count, 0, "without a remark");
		for (int i = 0; i < ROLE_COUNT; i++)
			plain +=
			    theme.looks[THEME_DARK][i].fg == THEME_DEFAULT &&
			    theme.looks[THEME_DARK][i].bg == THEME_DEFAULT &&
			    theme.looks[THEME_DARK][i].flags == 0;
		ok(theme_help(count)[0] != '\0', "says what it is");
		ok(plain < 5, "gives nearly every role a look");
		ok(memcmp(&theme.looks[THEME_DARK][ROLE_CRIT],
		       &theme.looks[THEME_DARK][ROLE_TEXT],
		       sizeof(theme.looks[THEME_DARK][0])) != 0,
		    "critical is not ordinary");
	}
	ok(count >= 8, "there are %zu themes", count);
}

static void
test_looks(void)
{
	struct theme t;

	is_int(parse("crit: bright-white on red bold underline\n"
		     "ok: 39\n"
		     "rule: \"#445566\"\n"
		     "selected: reverse\n"
		     "dim: default dim on 16\n",
		   &t),
	    ERR_OK, "all forms");
	is_int(t.looks[THEME_DARK][ROLE_CRIT].fg, 15, "a name");
	is_int(t.looks[THEME_DARK][ROLE_CRIT].bg, 1, "a background");
	is_int(t.looks[THEME_DARK][ROLE_CRIT].flags, CELL_BOLD | CELL_UNDERLINE,
	    "flags");
	is_int(t.looks[THEME_DARK][ROLE_OK].fg, 39, "a number");
	is_int(t.looks[THEME_DARK][ROLE_RULE].fg, THEME_RGB | 0x445566,
	    "red green blue");
	is_int(t.looks[THEME_DARK][ROLE_SELECTED].flags, CELL_REVERSE,
	    "only a flag");
	is_int(
	    t.looks[THEME_DARK][ROLE_DIM].bg, 16, "background behind a flag");
	is_int(t.looks[THEME_DARK][ROLE_WARN].fg, THEME_DEFAULT,
	    "what is left out");
	is_int(parse("", &t), ERR_OK, "an empty theme is a theme");
}

static void
test_errors(void)
{
	static const char *const bad[] = { "crit: rad\n", "crit: red blue\n",
		"crit: red on\n", "crit: on on red\n", "crit: 256\n",
		"crit: \"#44556\"\n", "crit: \"#44556g\"\n",
		"crit: red on blue on green\n", "crit: [red]\n", "krit: red\n",
		"- crit\n", "crit: red\ncrit: blue\n", "crit: &a red\n",
		"like: drak\n", "like: [dark]\n", "light: base16\n",
		"light:\n  light: dark\n", "crit: base08\n", "crit: 3/9\n",
		"crit: 3/default\n", "crit: /red\n", "crit: -1\n",
		"crit: 1e2\n", "crit: ${RED}\n" };
	struct theme t;

	theme_plain(&t);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is_int(parse(bad[i], &t), ERR_CONFIG, bad[i]);
		ok(errors.errors > 0 && errors.items[0].line > 0,
		    "with a place: %s", errors.items[0].msg);
	}
	is_int(t.looks[THEME_DARK][ROLE_CRIT].fg, THEME_DEFAULT,
	    "nothing half-read");
	parse("krit: rad\nwarn: yelow\n", &t);
	is_int((int64_t)errors.errors, 3, "all errors at once");
	is_str(errors.items[0].hint, "did you mean \"crit\"?", "nearest role");
	conf_errors_clear(&errors);
	is_int(theme_load("drak", &errors, &t), ERR_NOTFOUND, "no such theme");
	is_str(errors.items[0].hint, "did you mean \"dark\"?", "nearest theme");
	conf_errors_clear(&errors);
	conf_errors_clear(&errors);
	is_int(theme_load("./dark", &errors, &t), ERR_NOTFOUND,
	    "a path is no name");
}

static void
test_like(void)
{
	const struct theme_look *dark, *light;
	struct theme t, base;

	conf_errors_clear(&errors);
	is_int(theme_load("dark", &errors, &base), ERR_OK, "dark");
	ok(!theme_two_faces(&base), "has one face");
	is_int(parse("crit: 9 bold\nlike: dark\n", &t), ERR_OK, "like dark");
	is_int(t.looks[THEME_DARK][ROLE_CRIT].fg, 9, "but");
	is_int(t.looks[THEME_DARK][ROLE_OK].fg,
	    base.looks[THEME_DARK][ROLE_OK].fg, "else the same");
	is_int(t.looks[THEME_DARK][ROLE_CRIT].bg,
	    base.looks[THEME_DARK][ROLE_TEXT].bg, "on the same background");
	is_int(parse("like: dark\ntext: 15 on 17\nlight:\n  ok: 22\n", &t),
	    ERR_OK, "two faces");
	dark = t.looks[THEME_DARK];
	light = t.looks[THEME_LIGHT];
	ok(theme_two_faces(&t), "are different");
	is_int(dark[ROLE_WARN].bg, 17, "what has no background gets text's");
	is_int(light[ROLE_OK].fg, 22, "the light one has its own");
	is_int(light[ROLE_WARN].fg, dark[ROLE_WARN].fg, "and the rest");
	is_int(parse("text: red\nlight: light\n", &t), ERR_OK, "a name");
	is_int(light[ROLE_TEXT].fg, 235, "is that theme's");
	is_int(parse("like: auto\ncrit: 9\n", &t), ERR_OK, "like one with two");
	is_int(dark[ROLE_CRIT].fg == 9 && light[ROLE_CRIT].fg == 9, 1,
	    "a look is for both");
	ok(dark[ROLE_TEXT].fg != light[ROLE_TEXT].fg, "the rest as there");
}

/* Both forms of base16, as their projects publish them. */
static void
test_base16(void)
{
	static const char flat[] =
	    "scheme: \"Ocean\"\nauthor: \"Chris Kempson\"\n"
	    "base00: \"2b303b\" # ----\nbase01: \"343d46\"\n"
	    "base02: \"4f5b66\"\nbase03: \"65737e\"\nbase04: \"a7adba\"\n"
	    "base05: \"c0c5ce\"\nbase06: \"dfe1e8\"\nbase07: \"eff1f5\"\n"
	    "base08: \"bf616a\"\nbase09: \"d08770\"\nbase0A: \"ebcb8b\"\n"
	    "base0B: \"a3be8c\"\nbase0C: \"96b5b4\"\nbase0D: \"8fa1b3\"\n"
	    "base0E: \"b48ead\"\nbase0F: 967953\n";
	static const char tinted[] =
	    "system: \"base16\"\nname: \"Ocean\"\nvariant: \"dark\"\n"
	    "palette:\n  base00: \"#2b303b\"\n  base01: \"#343d46\"\n"
	    "  base02: \"#4f5b66\"\n  base03: \"#65737e\"\n"
	    "  base04: \"#a7adba\"\n  base05: \"#c0c5ce\"\n"
	    "  base06: \"#dfe1e8\"\n  base07: \"#eff1f5\"\n"
	    "  base08: \"#bf616a\"\n  base09: \"#d08770\"\n"
	    "  base0a: \"#ebcb8b\"\n  base0B: \"#A3BE8C\"\n"
	    "  base0C: \"#96b5b4\"\n  base0D: \"#8fa1b3\"\n"
	    "  base0E: \"#b48ead\"\n  base0F: \"#967953\"\n"
	    "  base10: \"#000000\"\n";
	struct theme a, b;

	is_int(parse(flat, &a), ERR_OK, "the flat form");
	is_int(parse(tinted, &b), ERR_OK, "the one with a palette");
	ok(memcmp(&a, &b, sizeof(a)) == 0, "say the same");
	ok(!theme_two_faces(&a), "one face");
	is_int(a.looks[THEME_DARK][ROLE_TEXT].fg, THEME_RGB | 0xc0c5ce, "text");
	is_int(a.looks[THEME_DARK][ROLE_TEXT].bg, THEME_RGB | 0x2b303b, "on");
	is_int(a.looks[THEME_DARK][ROLE_CRIT].fg, THEME_RGB | 0xbf616a, "crit");
	is_int(a.looks[THEME_DARK][ROLE_CRIT].bg, THEME_RGB | 0x2b303b,
	    "on the same");
	is_int(a.looks[THEME_DARK][ROLE_WARN].fg, THEME_RGB | 0xebcb8b, "warn");
	is_int(a.looks[THEME_DARK][ROLE_OK].fg, THEME_RGB | 0xa3be8c, "ok");
	is_int(parse("base00: \"2b303b\"\nbase08: rot\n", &a), ERR_CONFIG,
	    "what lacks");
	is_int((int64_t)errors.errors, 15, "is listed, each");
	is_int(errors.items[7].line, 2, "or has its line");
	is_int(parse("palette: 3\n", &a), ERR_CONFIG, "no palette");
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		exit(99);
	fputs(text, f);
	fclose(f);
	chmod(path, 0600);
}

static void
join_name(void *ctx, const char *name)
{
	char *to = ctx;

	snprintf(to + strlen(to), 64 - strlen(to), " %s", name);
}

static void
test_files(void)
{
	static const char *const files[] = { "zenburn.yml", "b.theme", "b.yaml",
		"README.md", ".yaml", "a.yaml", "bad\nname.yaml" };
	char dir[] = "/tmp/sev-theme-XXXXXX", path[256], listed[64] = "";
	struct theme t;

	if (mkdtemp(dir) == NULL)
		exit(99);
	setenv("XDG_CONFIG_HOME", dir, 1);
	snprintf(path, sizeof(path), "%s/sevtop", dir);
	mkdir(path, 0700);
	ok(theme_dir(path, sizeof(path)), "there is a folder");
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/sevtop/themes/mine.yaml", dir);
	write_file(path, "text: 33\n");
	conf_errors_clear(&errors);
	is_int(theme_load("mine", &errors, &t), ERR_OK, "by name");
	is_int(t.looks[THEME_DARK][ROLE_TEXT].fg, 33, "from the folder");
	is_int(theme_load(path, &errors, &t), ERR_OK, "and by path");
	is_int(unlink(path), 0, "away with it");
	is_int(theme_load(path, &errors, &t), ERR_NOTFOUND, "is told");
	snprintf(path, sizeof(path), "%s/sevtop/themes/dark.theme", dir);
	write_file(path, "like: dark\nok: 34\n");
	conf_errors_clear(&errors);
	is_int(theme_load("dark", &errors, &t), ERR_OK, "one's own dark");
	is_int(t.looks[THEME_DARK][ROLE_OK].fg, 34, "comes first");
	is_int(t.looks[THEME_DARK][ROLE_TEXT].fg, 252, "like ours");
	is_int(theme_load_builtin("dark", &errors, &t), ERR_OK, "ours");
	is_int(t.looks[THEME_DARK][ROLE_OK].fg, 114, "is still there");
	unlink(path);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(
		    path, sizeof(path), "%s/sevtop/themes/%s", dir, files[i]);
		write_file(path, "");
	}
	is_int(theme_list_own(join_name, listed), ERR_OK, "a list");
	is_str(listed, " a b zenburn", "in order, each once, nothing else");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(
		    path, sizeof(path), "%s/sevtop/themes/%s", dir, files[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/sevtop/themes", dir);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/sevtop", dir);
	rmdir(path);
	rmdir(dir);
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
}

static void
test_colors(void)
{
	is_int(color_of(THEME_DEFAULT, THEME_NEAREST, 256), -1, "the own");
	is_int(color_of(9, THEME_NEAREST, 256), 9, "a palette colour");
	is_int(color_of(9, THEME_NEAREST, 8), 1, "bright ones on 8 colours");
	is_int(color_of(200, 4, 256), 200, "256");
	is_int(color_of(200, 4, 16), 4, "named for few");
	is_int(color_of(THEME_RGB | 0xff0000, THEME_NEAREST, 256), 196, "red");
	is_int(color_of(THEME_RGB | 0x808080, THEME_NEAREST, 256), 244, "grey");
	is_int(color_of(THEME_RGB | 0xff0000, THEME_NEAREST, 16), 9, "of 16");
	is_int(color_of(114, THEME_NEAREST, 16), 10, "pale green is green");
	is_int(color_of(22, THEME_NEAREST, 16), 2, "so is the dark one");
	is_int(color_of(240, THEME_NEAREST, 16), 8, "grey is bright black");
	is_int(color_of(THEME_RGB | 0x002b36, THEME_NEAREST, 16), 0,
	    "a dark background is black");
	is_int(color_of(THEME_RGB | 0xd5c4a1, THEME_NEAREST, 16), 7,
	    "a tinted text is white");
	is_int(color_of(196, THEME_NEAREST, 8), 1, "nearest of 8");
	is_int(color_of(200, THEME_NEAREST, 0), -1, "no colours");
	is_int(color_of(THEME_RGB | 0x123456, 4, COLOR_ALL), 0x123456, "all");
	is_int(color_of(THEME_RGB, 4, COLOR_ALL), 8, "black is no index");
	is_int(color_of(3, 4, COLOR_ALL), 3, "an index stays one");
	is_int(color_of(196, 4, COLOR_ALL), 0xff0000, "or becomes its colour");
	for (int c = -1; c < 256; c++) {
		if (color_of(c, THEME_NEAREST, 8) >= 8 ||
		    color_of(c, THEME_NEAREST, 16) >= 16)
			ok(false, "colour %d is outside", c);
	}
}

static void
test_no_memory(void)
{
	struct theme t;
	size_t n;

	for (n = 1; n < 100; n++) {
		enum err_code rc;

		mem_fail_at(n, false);
		rc = parse("like: auto\ncrit: red\n", &t);
		mem_fail_at(0, false);
		if (rc == ERR_OK)
			break;
		is_int(rc, ERR_NOMEM, "no memory");
	}
	ok(n > 1 && n < 100, "each allocation failed once");
}

int
main(void)
{
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	RUN(test_builtin);
	RUN(test_looks);
	RUN(test_errors);
	RUN(test_like);
	RUN(test_base16);
	RUN(test_files);
	RUN(test_colors);
	RUN(test_no_memory);
	return tap_done();
}
