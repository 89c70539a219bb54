#include "tui/keys.h"

#include "model/platform.h"
#include "tests/tap.h"

static struct conf_errors errors;

static enum command
press(const struct keys *keys, uint32_t code, uint8_t mods)
{
	struct input_event ev = {
		.kind = INPUT_KEY, .code = code, .mods = mods
	};

	return keys_find(keys, &ev);
}

static void
test_names(void)
{
	static const struct {
		const char *text;
		uint32_t code;
		uint8_t mods;
		const char *back; /* NULL: the same */
	} table[] = {
		{ "j", 'j', 0, NULL },
		{ "S", 'S', 0, NULL },
		{ "^D", 'd', INPUT_CTRL, NULL },
		{ "^d", 'd', INPUT_CTRL, "^D" },
		{ "C-d", 'd', INPUT_CTRL, "^D" },
		{ "M-x", 'x', INPUT_ALT, NULL },
		{ "PgUp", INPUT_PGUP, 0, NULL },
		{ "pgup", INPUT_PGUP, 0, "PgUp" },
		{ "Space", ' ', 0, NULL },
		{ "space", ' ', 0, "Space" },
		{ "Enter", INPUT_ENTER, 0, NULL },
		{ "BTab", INPUT_TAB, INPUT_SHIFT, NULL },
		{ "S-Tab", INPUT_TAB, INPUT_SHIFT, "BTab" },
		{ "F1", INPUT_F1, 0, NULL },
		{ "F12", INPUT_F12, 0, NULL },
		{ "S-F5", INPUT_F1 + 4, INPUT_SHIFT, NULL },
		{ "^Up", INPUT_UP, INPUT_CTRL, NULL },
		{ "/", '/', 0, NULL },
		{ "^", '^', 0, NULL },
		{ "-", '-', 0, NULL },
		{ "\303\251", 0xe9, 0, NULL },
	};
	static const char *const bad[] = { "", "F0", "F13", "F1x", "Enterr",
		"jj", "^", "S-x", "\303", "\001" };
	char out[KEYS_NAME_MAX];
	uint32_t code;
	uint8_t mods;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		ok(keys_parse(table[i].text, &code, &mods) &&
			code == table[i].code && mods == table[i].mods,
		    "%s is a key", table[i].text);
		is_str(keys_format(code, mods, out),
		    table[i].back != NULL ? table[i].back : table[i].text,
		    "and its text");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (strcmp(bad[i], "^") != 0)
			ok(!keys_parse(bad[i], &code, &mods),
			    "\"%s\" is no key", bad[i]);
	}
}

static void
test_defaults(void)
{
	struct keys keys;

	keys_init(&keys);
	is_int(press(&keys, 'j', 0), COMMAND_DOWN, "j");
	is_int(press(&keys, INPUT_DOWN, 0), COMMAND_DOWN, "Down");
	is_int(press(&keys, 'q', 0), COMMAND_QUIT, "q");
	is_int(press(&keys, INPUT_ESC, 0), COMMAND_BACK, "Esc");
	is_int(press(&keys, 'c', INPUT_CTRL), COMMAND_QUIT_NOW, "^C");
	is_int(press(&keys, '7', 0), COMMAND_PANEL, "7");
	is_int(press(&keys, ' ', 0), COMMAND_FREEZE, "Space");
	is_int(press(&keys, 'S', 0), COMMAND_ACT_SCALE, "S");
	is_int(press(&keys, 'Q', 0), COMMAND_NONE, "Q is free");
	is_str(keys.names[COMMAND_DOWN], "j", "first key of a command");
	is_str(keys.names[COMMAND_HALF_UP], "^U", "in its text form");
	for (const char *c = "sqab"; *c != '\0'; c++)
		is_int(press(&keys, (uint32_t)*c, INPUT_CTRL), COMMAND_NONE,
		    "flow control and the prefixes of screen and tmux stay "
		    "free");
	for (const char *c = "SFRPTKXUA"; *c != '\0'; c++)
		ok(command_is_act(press(&keys, (uint32_t)*c, 0)),
		    "%c is kept for mitigations", *c);
	ok(!command_is_act(COMMAND_DOWN), "and j is not");
}

/* A default that is written wrongly would silently be no key at all. */
static void
test_defaults_whole(void)
{
	struct keys keys;
	size_t clashes = 0;

	keys_init(&keys);
	for (int c = COMMAND_NONE + 1; c < COMMAND_COUNT; c++) {
		ok(keys.names[c] != NULL || c == COMMAND_ACT_NAMED,
		    "%s has a key", command_name((enum command)c));
		ok(command_find(command_name((enum command)c)) ==
			    (enum command)c &&
			command_help((enum command)c)[0] != '\0',
		    "is found by name and has help");
	}
	for (size_t i = 0; i < keys.count; i++) {
		for (size_t j = 0; j < i; j++)
			clashes +=
			    keys.bindings[i].code == keys.bindings[j].code &&
			    keys.bindings[i].mods == keys.bindings[j].mods;
	}
	is_int((int64_t)clashes, 0, "no two defaults on one key");
}

#define KEY(k, c, l)                                                           \
	{                                                                      \
		.key = (k), .command = (c), .key_pos = { "x.yaml", (l), 3 },   \
		.pos = { "x.yaml",                                             \
			(l),                                                   \
			6 }                                                    \
	}

static void
test_bind(void)
{
	static const struct platform_key list[] = { KEY("x", "quit", 1),
		KEY("^X", "refresh", 2), KEY("t", "none", 3) };
	struct keys keys;

	keys_init(&keys);
	conf_errors_clear(&errors);
	keys_bind(&keys, list, 3, &errors);
	is_int((int64_t)errors.errors, 0, "three good lines");
	is_int(press(&keys, 'x', 0), COMMAND_QUIT, "a new key");
	is_int(press(&keys, 'q', 0), COMMAND_QUIT, "the default stays");
	is_int(press(&keys, 'x', INPUT_CTRL), COMMAND_REFRESH, "^X");
	is_int(press(&keys, 't', 0), COMMAND_NONE, "a key set free");
	ok(keys.names[COMMAND_TIME_ZONE] == NULL, "its command has none");
	keys_bind(&keys, list, 3, &errors);
	is_int((int64_t)errors.errors, 0, "a second platform may agree");
}

static void
test_bind_action(void)
{
	static const struct platform_key list[] = {
		{ .key = "R", .command = "rollback", .is_action = true },
		{ .key = "x", .command = "act-named" },
	};
	static const struct platform_key other[] = {
		{ .key = "R", .command = "restart", .is_action = true },
	};
	const struct input_event press_r = { .kind = INPUT_KEY, .code = 'R' };
	const struct input_event press_s = { .kind = INPUT_KEY, .code = 'S' };
	struct keys keys;

	keys_init(&keys);
	conf_errors_clear(&errors);
	keys_bind(&keys, list, 1, &errors);
	is_int((int64_t)errors.errors, 0, "a key for a configured action");
	is_int(press(&keys, 'R', 0), COMMAND_ACT_NAMED, "pressed");
	is_str(keys_action(&keys, &press_r), "rollback", "by its name");
	ok(keys_action(&keys, &press_s) == NULL, "others have none");
	keys_bind(&keys, list, 1, &errors);
	is_int((int64_t)errors.errors, 0, "another platform may have one, too");
	keys_bind(&keys, other, 1, &errors);
	is_int((int64_t)errors.errors, 1, "but not of another name");
	ok(strstr(errors.items[0].msg, "bound to \"rollback\" already") != NULL,
	    "%s", errors.items[0].msg);
	keys_bind(&keys, &list[1], 1, &errors);
	is_int((int64_t)errors.errors, 2, "act-named is no name of one");
}

static void
test_bind_errors(void)
{
	static const struct platform_key list[] = {
		KEY("Entre", "open", 1),
		KEY("x", "refesh", 2),
		KEY("Space", "refresh", 3),
		KEY("space", "help", 4),
		KEY("x", "panel", 5),
	};
	static const struct platform_key mute[] = { KEY("q", "none", 1),
		KEY("^C", "none", 2) };
	struct keys keys;

	keys_init(&keys);
	conf_errors_clear(&errors);
	keys_bind(&keys, list, 5, &errors);
	is_int((int64_t)errors.errors, 4, "four bad lines, four errors");
	is_str(errors.items[0].msg, "\"Entre\" is not a key", "no key");
	is_str(errors.items[1].msg, "there is no command \"refesh\"",
	    "no command");
	ok(strstr(errors.items[1].hint, "refresh") != NULL, "with the nearest");
	is_int(errors.items[1].line, 2, "and its line");
	is_str(errors.items[2].msg,
	    "space is bound to \"refresh\" already (x.yaml:3)",
	    "the same key in two spellings");
	is_int(press(&keys, ' ', 0), COMMAND_REFRESH, "the first stays");
	keys_init(&keys);
	conf_errors_clear(&errors);
	keys_bind(&keys, mute, 2, &errors);
	is_int((int64_t)errors.errors, 1, "some key must quit");
}

int
main(void)
{
	RUN(test_names);
	RUN(test_defaults);
	RUN(test_defaults_whole);
	RUN(test_bind);
	RUN(test_bind_action);
	RUN(test_bind_errors);
	return tap_done();
}
