/*
 * Themes: how each role of a canvas looks. A theme file is YAML, one line
 * per role (panels/canvas.h ROLES): colours, "on", a background, and bold,
 * dim, underline or reverse.
 *
 *	crit: bright-white on red bold
 *	selected: reverse
 *	chart: 39
 *	rule: "#445566"
 *
 * Colours are default, the eight names (black red green yellow blue magenta
 * cyan white), the same with "bright-", 0 to 255 of the palette, or #rrggbb.
 * What a terminal lacks is replaced by the nearest colour that it has. A
 * role that a file leaves out is ordinary text.
 *
 * The themes in this folder are compiled in; files NAME.theme in
 * $XDG_CONFIG_HOME/sevtop/themes/ come first.
 * thread: any.
 */
#ifndef SEV_THEMES_THEME_H
#define SEV_THEMES_THEME_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/conf_errors.h"
#include "base/err.h"
#include "panels/canvas.h"

enum {
	THEME_DEFAULT = -1,	/* the terminal's own colour */
	THEME_RGB = 0x01000000, /* 0xrrggbb is in the low bytes */
};

struct theme_look {
	int32_t fg; /* THEME_DEFAULT, 0 to 255, or THEME_RGB | 0xrrggbb */
	int32_t bg;
	uint8_t flags; /* CELL_* */
};

struct theme {
	struct theme_look looks[ROLE_COUNT];
};

/*
 * Loads a theme by name. ERR_NOTFOUND (with the names there are),
 * ERR_CONFIG, ERR_IO or ERR_NOMEM; errors (empty before) says why.
 */
enum err_code theme_load(const char *name, struct conf_errors *errors,
    struct theme *ret) ATTR_MUST_USE;

/* The same from memory; name stands for the file in messages. */
enum err_code theme_parse(const char *name, const void *bytes, size_t len,
    struct conf_errors *errors, struct theme *ret) ATTR_MUST_USE;

/* Everything in the terminal's own colours; needs no file. */
void theme_plain(struct theme *ret);

/* Name of a compiled-in theme; NULL behind the last. */
const char *theme_name(size_t index);

/*
 * The colour that a terminal with so many colours has for it: -1 for the
 * default, else below colors (8, 16 or 256).
 */
int theme_color(int32_t color, int colors);

#endif
