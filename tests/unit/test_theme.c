#include "themes/theme.h"

#include "base/alloc.h"
#include "tests/tap.h"

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
			plain += theme.looks[i].fg == THEME_DEFAULT &&
				 theme.looks[i].bg == THEME_DEFAULT &&
				 theme.looks[i].flags == 0;
		ok(plain < 5, "gives nearly every role a look");
		ok(memcmp(&theme.looks[ROLE_CRIT], &theme.looks[ROLE_TEXT],
		       sizeof(theme.looks[0])) != 0,
		    "critical is not ordinary");
	}
	ok(count >= 4, "there are %zu themes", count);
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
	is_int(t.looks[ROLE_CRIT].fg, 15, "a name");
	is_int(t.looks[ROLE_CRIT].bg, 1, "a background");
	is_int(t.looks[ROLE_CRIT].flags, CELL_BOLD | CELL_UNDERLINE, "flags");
	is_int(t.looks[ROLE_OK].fg, 39, "a number");
	is_int(t.looks[ROLE_RULE].fg, THEME_RGB | 0x445566, "red green blue");
	is_int(t.looks[ROLE_SELECTED].flags, CELL_REVERSE, "only a flag");
	is_int(t.looks[ROLE_DIM].bg, 16, "background behind a flag");
	is_int(t.looks[ROLE_WARN].fg, THEME_DEFAULT, "what is left out");
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
		"crit: -1\n", "crit: 1e2\n", "crit: ${RED}\n" };
	struct theme t;

	theme_plain(&t);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is_int(parse(bad[i], &t), ERR_CONFIG, bad[i]);
		ok(errors.errors > 0 && errors.items[0].line > 0,
		    "with a place: %s", errors.items[0].msg);
	}
	is_int(t.looks[ROLE_CRIT].fg, THEME_DEFAULT, "nothing half-read");
	parse("krit: rad\nwarn: yelow\n", &t);
	is_int((int64_t)errors.errors, 3, "all errors at once");
	is_str(errors.items[0].hint, "did you mean \"crit\"?", "nearest role");
	conf_errors_clear(&errors);
	is_int(theme_load("drak", &errors, &t), ERR_NOTFOUND, "no such theme");
	is_str(errors.items[0].hint, "did you mean \"dark\"?", "nearest theme");
	conf_errors_clear(&errors);
	is_int(theme_load("../default", &errors, &t), ERR_NOTFOUND,
	    "a name is no path");
}

static void
test_colors(void)
{
	is_int(theme_color(THEME_DEFAULT, 256), -1, "the terminal's own");
	is_int(theme_color(9, 256), 9, "a palette colour");
	is_int(theme_color(9, 8), 1, "bright ones on 8 colours");
	is_int(theme_color(200, 256), 200, "256");
	is_int(theme_color(THEME_RGB | 0xff0000, 256), 196, "red in the cube");
	is_int(theme_color(THEME_RGB | 0x808080, 256), 244, "grey");
	is_int(theme_color(THEME_RGB | 0xff0000, 16), 9, "nearest of 16");
	is_int(theme_color(196, 8), 1, "nearest of 8");
	is_int(theme_color(200, 0), -1, "no colours");
	for (int c = -1; c < 256; c++) {
		if (theme_color(c, 8) >= 8 || theme_color(c, 16) >= 16)
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
		rc = parse("crit: red\n", &t);
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
	RUN(test_colors);
	RUN(test_no_memory);
	return tap_done();
}
