#include "tui/background.h"

#include "tests/tap.h"

static const char *const words[] = { "unknown", "dark", "light" };

static void
reply_is(const char *text, enum background want)
{
	is_str(words[background_reply(text, strlen(text))], words[want], text);
}

static void
env_is(const char *text, enum background want)
{
	is_str(words[background_env(text)], words[want],
	    text != NULL ? text : "unset");
}

/* As xterm, VTE, iTerm2, Konsole, foot, kitty and Windows Terminal write. */
static void
test_replies(void)
{
	reply_is("11;rgb:0000/0000/0000", BACKGROUND_DARK);
	reply_is("11;rgb:ffff/ffff/ffff", BACKGROUND_LIGHT);
	reply_is("11;rgb:1e1e/1e1e/2e2e", BACKGROUND_DARK);
	reply_is("11;rgb:fdfd/f6f6/e3e3", BACKGROUND_LIGHT);
	reply_is("11;rgb:FF/FF/dd", BACKGROUND_LIGHT);
	reply_is("11;rgb:0/2b/036", BACKGROUND_DARK);
	reply_is("11;rgba:ffff/ffff/ffff/cccc", BACKGROUND_LIGHT);
	reply_is("11;rgb:0000/0000/ffff", BACKGROUND_DARK);
	reply_is("11;rgb:ffff/ffff/0000", BACKGROUND_LIGHT);
}

static void
test_no_replies(void)
{
	static const char *const bad[] = { "", "11", "11;",
		"11;rgb:", "11;rgb:ff", "11;rgb:ff/ff", "11;rgb:ff/ff/",
		"11;rgb://", "11;rgb:fffff/ffff/ffff", "11;rgb:gg/ff/ff",
		"11;?", "10;rgb:ffff/ffff/ffff", "11;rgb:ff/ff/ffx",
		"111;rgb:f/f/f", "11;#ffffff", "11;rgb:-1/ff/ff" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		reply_is(bad[i], BACKGROUND_UNKNOWN);
}

static void
test_env(void)
{
	env_is("15;0", BACKGROUND_DARK);
	env_is("0;15", BACKGROUND_LIGHT);
	env_is("0;default;15", BACKGROUND_LIGHT);
	env_is("12;8", BACKGROUND_DARK);
	env_is("0;7", BACKGROUND_LIGHT);
	env_is("0;default", BACKGROUND_UNKNOWN);
	env_is("0;16", BACKGROUND_UNKNOWN);
	env_is("0;", BACKGROUND_UNKNOWN);
	env_is("15", BACKGROUND_UNKNOWN);
	env_is("0;007", BACKGROUND_UNKNOWN);
	env_is(NULL, BACKGROUND_UNKNOWN);
}

static void
test_types(void)
{
	static const char *const ask[] = { "xterm", "xterm-256color", "tmux",
		"screen-256color", "rxvt-unicode", "foot", "alacritty", "st" };
	static const char *const not [] = { "linux", "vt100", "vt220", "dumb",
		"ansi", "eterm-color", "" };

	for (size_t i = 0; i < sizeof(ask) / sizeof(ask[0]); i++)
		ok(background_may_ask(ask[i]), "%s is asked", ask[i]);
	for (size_t i = 0; i < sizeof(not ) / sizeof(not [0]); i++)
		ok(!background_may_ask(not [i]), "\"%s\" is not", not [i]);
	ok(!background_may_ask(NULL), "nor is none");
}

int
main(void)
{
	RUN(test_replies);
	RUN(test_no_replies);
	RUN(test_env);
	RUN(test_types);
	return tap_done();
}
