/*
 * Keys and the commands they run. The defaults come from the rows of
 * panels/command.h; `keys:` in the configuration binds others.
 *
 * Keys are written as on the footer: "S", "^D", "M-x" (Alt), "F5", "S-Tab",
 * "Up", "PgUp", "Space", "Enter", "Esc", "BTab" and so on.
 * thread: UI.
 */
#ifndef SEV_TUI_KEYS_H
#define SEV_TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf_errors.h"
#include "panels/command.h"
#include "tui/input.h"
#include "tui/limits.h"

struct platform_key;

struct keys_binding {
	uint32_t code; /* as in struct input_event */
	uint8_t mods;
	uint8_t command; /* enum command */
	bool from_conf;
	const char *action;  /* COMMAND_ACT_NAMED: its name; borrowed */
	struct conf_pos pos; /* where the configuration says so */
};

struct keys {
	struct keys_binding bindings[KEYS_BINDINGS_MAX];
	size_t count;
	char text[COMMAND_COUNT][KEYS_NAME_MAX];
	const char *names[COMMAND_COUNT]; /* for struct panel_ctx */
};

/* The default keys. */
void keys_init(struct keys *keys);

/*
 * Binds keys (borrowed) on top of what there is; a command "none" frees a
 * key, the name of a configured action makes it COMMAND_ACT_NAMED. Errors: not
 * a key, not a command (with the nearest), two commands on one key, no key left
 * that quits. Later calls see earlier ones, so that several platforms can't
 * disagree.
 */
void keys_bind(struct keys *keys, const struct platform_key *list, size_t count,
    struct conf_errors *errors);

/* The command of a key event; COMMAND_NONE if it has none. */
enum command keys_find(
    const struct keys *keys, const struct input_event *event);

/* The configured action behind a key event; NULL: none. Borrowed. */
const char *keys_action(
    const struct keys *keys, const struct input_event *event);

/* False when text is no key. */
bool keys_parse(const char *text, uint32_t *ret_code, uint8_t *ret_mods);

/* A key as text into out; returns out. */
char *keys_format(uint32_t code, uint8_t mods, char out[KEYS_NAME_MAX]);

/* Rows of panels/command.h by command; NULL when out of range. */
const char *command_name(enum command command);
const char *command_help(enum command command);
enum command command_find(const char *name); /* COMMAND_NONE: no such */

/* Reserved for mitigations that this version does not have. */
bool command_is_act(enum command command);

#endif
