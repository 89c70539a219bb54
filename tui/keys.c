#include "tui/keys.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "base/utf8.h"
#include "model/platform.h"

struct command_row {
	const char *name;
	const char *keys;
	const char *help;
};

static const struct command_row command_rows[COMMAND_COUNT] = {
#define X(id, name, keys, help) [COMMAND_##id] = { name, keys, help },
	COMMANDS(X)
#undef X
};

static const struct {
	const char *name;
	uint32_t code;
	uint8_t mods;
} keys_named[] = {
	{ "Up", INPUT_UP, 0 },
	{ "Down", INPUT_DOWN, 0 },
	{ "Left", INPUT_LEFT, 0 },
	{ "Right", INPUT_RIGHT, 0 },
	{ "Home", INPUT_HOME, 0 },
	{ "End", INPUT_END, 0 },
	{ "PgUp", INPUT_PGUP, 0 },
	{ "PgDn", INPUT_PGDN, 0 },
	{ "Ins", INPUT_INS, 0 },
	{ "Del", INPUT_DEL, 0 },
	{ "BS", INPUT_BACKSPACE, 0 },
	{ "BTab", INPUT_TAB, INPUT_SHIFT },
	{ "Tab", INPUT_TAB, 0 },
	{ "Enter", INPUT_ENTER, 0 },
	{ "Esc", INPUT_ESC, 0 },
	{ "Space", ' ', 0 },
	{ "Begin", INPUT_BEGIN, 0 },
};

enum {
	KEYS_NAMED = sizeof(keys_named) / sizeof(keys_named[0])
};

const char *
command_name(enum command command)
{
	return command < COMMAND_COUNT ? command_rows[command].name : NULL;
}

const char *
command_help(enum command command)
{
	return command < COMMAND_COUNT ? command_rows[command].help : NULL;
}

enum command
command_find(const char *name)
{
	for (int i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
		if (strcmp(command_rows[i].name, name) == 0)
			return (enum command)i;
	}
	return COMMAND_NONE;
}

bool
command_is_act(enum command command)
{
	return command >= COMMAND_ACT_SCALE && command <= COMMAND_ACT_NAMED;
}

/* "M-", "S-", "C-" and "^" in front of a key. */
static const char *
keys_parse_mods(const char *text, uint8_t *mods)
{
	*mods = 0;
	for (;;) {
		if (text[0] == '^' && text[1] != '\0') {
			*mods |= INPUT_CTRL;
			text++;
		} else if (text[0] != '\0' && text[1] == '-' &&
			   text[2] != '\0' && strchr("MSC", text[0]) != NULL) {
			*mods |= text[0] == 'M'	  ? INPUT_ALT
				 : text[0] == 'S' ? INPUT_SHIFT
						  : INPUT_CTRL;
			text += 2;
		} else {
			return text;
		}
	}
}

bool
keys_parse(const char *text, uint32_t *ret_code, uint8_t *ret_mods)
{
	uint8_t mods;
	uint32_t cp;
	size_t len, n;

	text = keys_parse_mods(text, &mods);
	len = strlen(text);
	for (size_t i = 0; i < KEYS_NAMED; i++) {
		if (strcasecmp(keys_named[i].name, text) == 0) {
			*ret_code = keys_named[i].code;
			*ret_mods = mods | keys_named[i].mods;
			return true;
		}
	}
	if ((text[0] == 'F' || text[0] == 'f') && len >= 2 && len <= 3) {
		n = 0;
		for (size_t i = 1; i < len; i++) {
			if (text[i] < '0' || text[i] > '9')
				return false;
			n = n * 10 + (size_t)(text[i] - '0');
		}
		if (n < 1 || n > 12)
			return false;
		*ret_code = INPUT_F1 + (uint32_t)n - 1;
		*ret_mods = mods;
		return true;
	}
	n = utf8_decode(text, len, &cp);
	if (n == 0 || n != len || cp <= 0x20 || cp == 0x7f ||
	    (mods & INPUT_SHIFT))
		return false;
	if ((mods & INPUT_CTRL) && cp >= 'A' && cp <= 'Z')
		cp += 'a' - 'A';
	*ret_code = cp;
	*ret_mods = mods;
	return true;
}

char *
keys_format(uint32_t code, uint8_t mods, char out[KEYS_NAME_MAX])
{
	char base[8] = "?";

	for (size_t i = 0; i < KEYS_NAMED; i++) {
		if (keys_named[i].code == code &&
		    (mods & keys_named[i].mods) == keys_named[i].mods) {
			snprintf(base, sizeof(base), "%s", keys_named[i].name);
			mods &= (uint8_t)~keys_named[i].mods;
			break;
		}
	}
	if (code >= INPUT_F1 && code <= INPUT_F12)
		snprintf(base, sizeof(base), "F%u", code - INPUT_F1 + 1);
	else if (base[0] == '?' && code < INPUT_UP)
		base[utf8_encode(code, base)] = '\0';
	if ((mods & INPUT_CTRL) && code >= 'a' && code <= 'z')
		base[0] = (char)(code - 'a' + 'A');
	snprintf(out, KEYS_NAME_MAX, "%s%s%s%s", mods & INPUT_ALT ? "M-" : "",
	    mods & INPUT_SHIFT ? "S-" : "", mods & INPUT_CTRL ? "^" : "", base);
	return out;
}

static struct keys_binding *
keys_binding_find(struct keys *keys, uint32_t code, uint8_t mods)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->bindings[i].code == code &&
		    keys->bindings[i].mods == mods)
			return &keys->bindings[i];
	}
	return NULL;
}

/* Text of the first key of each command. */
static void
keys_names_make(struct keys *keys)
{
	memset(keys->names, 0, sizeof(keys->names));
	for (size_t i = 0; i < keys->count; i++) {
		const struct keys_binding *b = &keys->bindings[i];
		int c = b->command;

		if (c == COMMAND_NONE || keys->names[c] != NULL)
			continue;
		keys->names[c] = keys_format(b->code, b->mods, keys->text[c]);
	}
}

static struct keys_binding *
keys_binding_add(
    struct keys *keys, uint32_t code, uint8_t mods, enum command command)
{
	struct keys_binding *b;

	if (keys->count == KEYS_BINDINGS_MAX)
		return NULL;
	b = &keys->bindings[keys->count++];
	*b = (struct keys_binding) {
		.code = code, .mods = mods, .command = (uint8_t)command
	};
	return b;
}

void
keys_init(struct keys *keys)
{
	memset(keys, 0, sizeof(*keys));
	for (int c = COMMAND_NONE + 1; c < COMMAND_COUNT; c++) {
		const char *at = command_rows[c].keys;

		while (*at != '\0') {
			size_t len = strcspn(at, " ");
			char word[KEYS_NAME_MAX];
			uint32_t code;
			uint8_t mods;

			snprintf(word, sizeof(word), "%.*s", (int)len, at);
			at += len + strspn(at + len, " ");
			if (keys_parse(word, &code, &mods))
				keys_binding_add(
				    keys, code, mods, (enum command)c);
		}
	}
	keys_names_make(keys);
}

/* The command that a line of the configuration names. */
static bool
keys_command_of(const struct platform_key *key, struct conf_errors *errors,
    enum command *ret)
{
	struct nearest near = NEAREST_INIT(key->command);

	*ret = command_find(key->command);
	if (*ret == COMMAND_PANEL) {
		conf_errors_add(errors, key->pos, NULL,
		    "\"panel\" belongs to the digits and can't be bound to %s",
		    key->key);
		return false;
	}
	if (*ret == COMMAND_ACT_NAMED) {
		conf_errors_add(errors, key->pos, NULL,
		    "write the name of the action instead of \"%s\"",
		    key->command);
		return false;
	}
	if (*ret != COMMAND_NONE || strcmp(key->command, "none") == 0)
		return true;
	if (key->is_action) {
		*ret = COMMAND_ACT_NAMED;
		return true;
	}
	for (int i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++)
		nearest_offer(&near, command_rows[i].name);
	conf_errors_add_near(errors, key->pos, near.best,
	    "there is no command \"%s\"", key->command);
	return false;
}

/* What a key is bound to, as the configuration says it. */
static const char *
keys_bound_name(const struct keys_binding *b)
{
	if (b->action != NULL)
		return b->action;
	return b->command != COMMAND_NONE
		   ? command_name((enum command)b->command)
		   : "none";
}

/* Platforms may give a key to actions of one name, each to its own. */
static bool
keys_binds_same(const struct keys_binding *b, const struct platform_key *key,
    enum command command)
{
	return b->command == command &&
	       (b->action == NULL || strcmp(b->action, key->command) == 0);
}

static void
keys_bind_one(struct keys *keys, const struct platform_key *key,
    struct conf_errors *errors)
{
	struct keys_binding *b;
	enum command command;
	uint32_t code;
	uint8_t mods;

	if (!keys_parse(key->key, &code, &mods)) {
		conf_errors_add(errors, key->key_pos,
		    "write it like S, ^D, M-x, F5, PgUp or Space",
		    "\"%s\" is not a key", key->key);
		return;
	}
	if (!keys_command_of(key, errors, &command))
		return;
	b = keys_binding_find(keys, code, mods);
	if (b != NULL && b->from_conf && !keys_binds_same(b, key, command)) {
		conf_errors_add(errors, key->key_pos, NULL,
		    "%s is bound to \"%s\" already (%s:%u)", key->key,
		    keys_bound_name(b), b->pos.file, b->pos.line);
		return;
	}
	if (b == NULL)
		b = keys_binding_add(keys, code, mods, command);
	if (b == NULL) {
		conf_errors_add(errors, key->key_pos, NULL,
		    "more than %d keys are bound", KEYS_BINDINGS_MAX);
		return;
	}
	b->command = (uint8_t)command;
	b->action = command == COMMAND_ACT_NAMED ? key->command : NULL;
	b->from_conf = true;
	b->pos = key->key_pos;
}

void
keys_bind(struct keys *keys, const struct platform_key *list, size_t count,
    struct conf_errors *errors)
{
	for (size_t i = 0; i < count; i++)
		keys_bind_one(keys, &list[i], errors);
	keys_names_make(keys);
	if (count > 0 && keys->names[COMMAND_QUIT] == NULL &&
	    keys->names[COMMAND_QUIT_NOW] == NULL)
		conf_errors_add(errors, list[0].key_pos,
		    "leave q or ^C as it is", "no key would quit any more");
}

static const struct keys_binding *
keys_bound(const struct keys *keys, const struct input_event *event)
{
	for (size_t i = 0; event->kind == INPUT_KEY && i < keys->count; i++) {
		if (keys->bindings[i].code == event->code &&
		    keys->bindings[i].mods == event->mods)
			return &keys->bindings[i];
	}
	return NULL;
}

enum command
keys_find(const struct keys *keys, const struct input_event *event)
{
	const struct keys_binding *b = keys_bound(keys, event);

	return b != NULL ? (enum command)b->command : COMMAND_NONE;
}

const char *
keys_action(const struct keys *keys, const struct input_event *event)
{
	const struct keys_binding *b = keys_bound(keys, event);

	return b != NULL ? b->action : NULL;
}
