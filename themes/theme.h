/*
 * Themes: how each role of a canvas looks. A theme file is YAML, one line
 * per role (panels/canvas.h ROLES): colours, "on", a background, and bold,
 * dim, underline or reverse.
 *
 *	like: dark
 *	text: 252 on 234
 *	crit: bright-white on red bold
 *	selected: reverse
 *	rule: "#445566"
 *	warn: 94/magenta bold
 *	light:
 *	  rule: "#c0c0c0"
 *
 * Colours are default (the terminal's own), the eight names (black red green
 * yellow blue magenta cyan white), the same with "bright-", 0 to 255 of the
 * palette, or #rrggbb. What a terminal lacks is replaced by the nearest
 * colour that it has; a name behind "/" says what it is with 16 colours or
 * 8. A look without a colour or background takes that of "text"; a role that
 * a file leaves out is ordinary text, or, with "like", as in that compiled-in
 * theme. What stands under "light" (a map of the same form, or the name of a
 * compiled-in theme) is for light backgrounds: a theme has two faces then.
 *
 * A base16 scheme (base00 to base0F at the top or under "palette") is a
 * theme too: themes/base16.theme says which role gets which of its colours.
 * thread: any.
 */
#ifndef SEV_THEMES_THEME_H
#define SEV_THEMES_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/conf_errors.h"
#include "base/err.h"
#include "panels/canvas.h"

enum {
	THEME_DEFAULT = -1,	/* the terminal's own colour */
	THEME_NEAREST = -2,	/* in low_fg and low_bg: none is named */
	THEME_RGB = 0x01000000, /* 0xrrggbb is in the low bytes */
};

struct theme_look {
	int32_t fg; /* THEME_DEFAULT, 0 to 255, or THEME_RGB | 0xrrggbb */
	int32_t bg;
	int8_t low_fg; /* with 16 colours or 8: 0 to 15, or THEME_NEAREST */
	int8_t low_bg;
	uint8_t flags; /* CELL_* */
};

enum theme_face {
	THEME_DARK, /* for dark backgrounds, and where nothing is known */
	THEME_LIGHT,
	THEME_FACES,
};

struct theme {
	struct theme_look looks[THEME_FACES][ROLE_COUNT];
};

/*
 * Loads a theme: a file when name has a "/" or ends in .theme, .yaml or .yml;
 * else NAME with one of these endings in $XDG_CONFIG_HOME/sevtop/themes/,
 * else a compiled-in one. ERR_NOTFOUND (with the nearest name), ERR_CONFIG,
 * ERR_FORBIDDEN, ERR_IO or ERR_NOMEM; errors (empty before) says why.
 */
enum err_code theme_load(const char *name, struct conf_errors *errors,
    struct theme *ret) ATTR_MUST_USE;

/* The same, without looking at files: ERR_NOTFOUND, ERR_CONFIG, ERR_NOMEM. */
enum err_code theme_load_builtin(const char *name, struct conf_errors *errors,
    struct theme *ret) ATTR_MUST_USE;

/* The same from memory; name stands for the file in messages. */
enum err_code theme_parse(const char *name, const void *bytes, size_t len,
    struct conf_errors *errors, struct theme *ret) ATTR_MUST_USE;

/* Everything in the terminal's own colours; needs no file. */
void theme_plain(struct theme *ret);

/* Whether a light background changes anything. */
bool theme_two_faces(const struct theme *theme);

/* Name and help of a compiled-in theme; NULL behind the last. */
const char *theme_name(size_t index);
const char *theme_help(size_t index);

/* The folder of the user's themes into out; false when there is none. */
bool theme_dir(char *out, size_t size);

/*
 * Calls fn with the name of each theme in that folder, in order, at most
 * THEME_LISTED_MAX; their letters are fit for a terminal. ERR_NOMEM.
 */
enum err_code theme_list_own(
    void (*fn)(void *ctx, const char *name), void *ctx) ATTR_MUST_USE;

#endif
