#include "themes/theme.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/conf.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "themes/builtin.h"

struct theme_word {
	const char *word;
	int value;
};

static const struct theme_word theme_colors[] = {
	{ "default", THEME_DEFAULT },
	{ "black", 0 },
	{ "red", 1 },
	{ "green", 2 },
	{ "yellow", 3 },
	{ "blue", 4 },
	{ "magenta", 5 },
	{ "cyan", 6 },
	{ "white", 7 },
	{ "bright-black", 8 },
	{ "bright-red", 9 },
	{ "bright-green", 10 },
	{ "bright-yellow", 11 },
	{ "bright-blue", 12 },
	{ "bright-magenta", 13 },
	{ "bright-cyan", 14 },
	{ "bright-white", 15 },
	{ NULL, 0 },
};

static const struct theme_word theme_flags[] = {
	{ "bold", CELL_BOLD },
	{ "reverse", CELL_REVERSE },
	{ "underline", CELL_UNDERLINE },
	{ "dim", CELL_DIM },
	{ NULL, 0 },
};

static const char *const theme_roles[ROLE_COUNT] = {
#define X(role, name, help) name,
	ROLES(X)
#undef X
};

const char *
theme_name(size_t index)
{
	size_t count = sizeof(theme_builtin) / sizeof(theme_builtin[0]);

	return index < count ? theme_builtin[index].name : NULL;
}

void
theme_plain(struct theme *ret)
{
	for (int i = 0; i < ROLE_COUNT; i++)
		ret->looks[i] =
		    (struct theme_look) { THEME_DEFAULT, THEME_DEFAULT, 0 };
}

static const struct theme_word *
theme_word_find(const struct theme_word *words, const char *word)
{
	for (; words->word != NULL; words++) {
		if (strcmp(words->word, word) == 0)
			return words;
	}
	return NULL;
}

/* Digits of base up to max; false when there is anything else. */
static bool
theme_digits(const char *s, int base, int32_t max, int32_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	int32_t value = 0;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		char low = *s >= 'A' && *s <= 'F' ? (char)(*s + 32) : *s;
		const char *at = strchr(digits, low);

		if (at == NULL || at - digits >= base)
			return false;
		value = value * base + (int32_t)(at - digits);
		if (value > max)
			return false;
	}
	*ret = value;
	return true;
}

static bool
theme_color_parse(const char *word, int32_t *ret)
{
	const struct theme_word *named = theme_word_find(theme_colors, word);
	int32_t rgb;

	if (named != NULL) {
		*ret = named->value;
		return true;
	}
	if (word[0] == '#' && strlen(word) == 7 &&
	    theme_digits(word + 1, 16, 0xffffff, &rgb)) {
		*ret = THEME_RGB | rgb;
		return true;
	}
	return theme_digits(word, 10, 255, ret);
}

/* Cuts the next word off *at; NULL at the end. */
static char *
theme_word_next(char **at)
{
	char *word = *at + strspn(*at, " ");
	size_t len = strcspn(word, " ");

	*at = word + len;
	if (len == 0)
		return NULL;
	if (**at != '\0')
		*(*at)++ = '\0';
	return word;
}

static void
theme_word_unknown(
    const char *word, const struct conf_node *node, struct conf_errors *errors)
{
	struct nearest near = NEAREST_INIT(word);

	for (size_t i = 0; theme_colors[i].word != NULL; i++)
		nearest_offer(&near, theme_colors[i].word);
	for (size_t i = 0; theme_flags[i].word != NULL; i++)
		nearest_offer(&near, theme_flags[i].word);
	conf_errors_add_near(errors, node->pos, near.best,
	    "\"%s\" is neither a colour nor bold, dim, underline, reverse",
	    word);
}

/* "cyan on black bold" into a look, untouched with an error if it is none. */
static void
theme_look_parse(const struct conf_node *node, struct conf_errors *errors,
    struct theme_look *ret)
{
	struct theme_look look = { THEME_DEFAULT, THEME_DEFAULT, 0 };
	char text[THEME_LOOK_MAX];
	char *at = text, *word;
	bool have_fg = false, have_bg = false, want_bg = false;

	if (node->text == NULL || strlen(node->text) >= sizeof(text)) {
		conf_errors_add(errors, node->pos, "write e.g. \"cyan bold\"",
		    "a look is a line of words, not %s", conf_kind_text(node));
		return;
	}
	snprintf(text, sizeof(text), "%s", node->text);
	while ((word = theme_word_next(&at)) != NULL) {
		const struct theme_word *flag =
		    theme_word_find(theme_flags, word);
		int32_t *color = want_bg ? &look.bg : &look.fg;

		if (flag != NULL && !want_bg) {
			look.flags |= (uint8_t)flag->value;
		} else if (strcmp(word, "on") == 0 && !have_bg && !want_bg) {
			want_bg = true;
		} else if (theme_color_parse(word, color) &&
			   !(want_bg ? have_bg : have_fg)) {
			have_bg = have_bg || want_bg;
			have_fg = have_fg || !want_bg;
			want_bg = false;
		} else {
			theme_word_unknown(word, node, errors);
			return;
		}
	}
	if (want_bg) {
		conf_errors_add(
		    errors, node->pos, NULL, "no colour behind \"on\"");
		return;
	}
	*ret = look;
}

static int
theme_role_find(const struct conf_node *node, struct conf_errors *errors)
{
	struct nearest near = NEAREST_INIT(node->key);

	for (int i = 0; i < ROLE_COUNT; i++) {
		if (strcmp(theme_roles[i], node->key) == 0)
			return i;
		nearest_offer(&near, theme_roles[i]);
	}
	conf_errors_add_near(errors, node->key_pos, near.best,
	    "there is no role \"%s\"", node->key);
	return -1;
}

/* Variables have no business in a theme. */
static const char *
theme_no_variable(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return NULL;
}

static const struct conf_env theme_env = { .get = theme_no_variable };

static enum err_code
theme_read(
    const struct conf_node *root, struct conf_errors *errors, struct theme *ret)
{
	const struct conf_node *node;
	struct theme theme;

	theme_plain(&theme);
	if (root->kind != CONF_MAP && root->kind != CONF_NULL) {
		conf_errors_add(errors, root->pos, NULL,
		    "a theme is a map of roles to looks, not %s",
		    conf_kind_text(root));
		return ERR_CONFIG;
	}
	for (node = root->first; node != NULL; node = node->next) {
		int role = theme_role_find(node, errors);
		struct theme_look nowhere;

		theme_look_parse(
		    node, errors, role >= 0 ? &theme.looks[role] : &nowhere);
	}
	if (errors->errors > 0)
		return ERR_CONFIG;
	*ret = theme;
	return ERR_OK;
}

enum err_code
theme_parse(const char *name, const void *bytes, size_t len,
    struct conf_errors *errors, struct theme *ret)
{
	struct arena *arena = arena_new(THEME_ARENA_MAX);
	const struct conf_node *root;
	enum err_code rc = ERR_NOMEM;

	if (arena == NULL)
		goto out;
	rc = conf_parse(name, bytes, len, &theme_env, arena, errors, &root);
	if (rc == ERR_OK)
		rc = theme_read(root, errors, ret);
out:
	arena_free(arena);
	return rc;
}

/* The user's own file of that name; ERR_NOTFOUND when there is none. */
static enum err_code
theme_load_file(const char *name, struct conf_errors *errors, struct theme *ret)
{
	const char *base = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	char path[PATH_MAX];
	struct arena *arena = NULL;
	const struct conf_node *root;
	enum err_code rc;
	int n = 0;

	if (base != NULL && base[0] == '/')
		n = snprintf(path, sizeof(path), "%s/sevtop/themes/%s.theme",
		    base, name);
	else if (home != NULL && home[0] == '/')
		n = snprintf(path, sizeof(path),
		    "%s/.config/sevtop/themes/%s.theme", home, name);
	if (n <= 0 || n >= (int)sizeof(path) || access(path, F_OK) != 0)
		return ERR_NOTFOUND;
	arena = arena_new(THEME_ARENA_MAX);
	if (arena == NULL)
		return ERR_NOMEM;
	rc = conf_load(path, &theme_env, arena, errors, &root);
	if (rc == ERR_OK)
		rc = theme_read(root, errors, ret);
	arena_free(arena);
	return rc;
}

enum err_code
theme_load(const char *name, struct conf_errors *errors, struct theme *ret)
{
	struct nearest near = NEAREST_INIT(name);
	struct conf_pos pos = { .file = "--theme" };
	enum err_code rc = ERR_NOTFOUND;

	if (name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL)
		rc = theme_load_file(name, errors, ret);
	if (rc != ERR_NOTFOUND)
		return rc;
	for (size_t i = 0; theme_name(i) != NULL; i++) {
		const char *text = theme_builtin[i].text;

		if (strcmp(theme_name(i), name) == 0)
			return theme_parse(
			    name, text, strlen(text), errors, ret);
		nearest_offer(&near, theme_name(i));
	}
	conf_errors_add_near(
	    errors, pos, near.best, "there is no theme \"%s\"", name);
	return ERR_NOTFOUND;
}

/* Palette of xterm, as most terminals have it unless told otherwise. */
static void
theme_palette_rgb(int index, int rgb[3])
{
	static const uint32_t low[16] = { 0x000000, 0xcd0000, 0x00cd00,
		0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f,
		0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff,
		0xffffff };
	static const int level[6] = { 0, 95, 135, 175, 215, 255 };

	if (index < 16) {
		rgb[0] = (int)(low[index] >> 16);
		rgb[1] = (int)(low[index] >> 8 & 255);
		rgb[2] = (int)(low[index] & 255);
	} else if (index < 232) {
		rgb[0] = level[(index - 16) / 36];
		rgb[1] = level[(index - 16) / 6 % 6];
		rgb[2] = level[(index - 16) % 6];
	} else {
		rgb[0] = rgb[1] = rgb[2] = 8 + 10 * (index - 232);
	}
}

/* The nearest of palette[from..to). */
static int
theme_nearest(const int want[3], int from, int to)
{
	int best = from, best_distance = INT_MAX;

	for (int i = from; i < to; i++) {
		int rgb[3], distance = 0;

		theme_palette_rgb(i, rgb);
		for (int k = 0; k < 3; k++)
			distance += (rgb[k] - want[k]) * (rgb[k] - want[k]);
		if (distance < best_distance) {
			best = i;
			best_distance = distance;
		}
	}
	return best;
}

int
theme_color(int32_t color, int colors)
{
	int rgb[3];

	if (color < 0 || colors < 8)
		return THEME_DEFAULT;
	if (color < 16 && color < colors)
		return color;
	if (color < 16)
		return color - 8;
	if (color < 256 && colors >= 256)
		return color;
	if (color & THEME_RGB) {
		rgb[0] = color >> 16 & 255;
		rgb[1] = color >> 8 & 255;
		rgb[2] = color & 255;
	} else {
		theme_palette_rgb(color & 255, rgb);
	}
	if (colors >= 256) /* the first 16 are the user's to change */
		return theme_nearest(rgb, 16, 256);
	return theme_nearest(rgb, 0, colors >= 16 ? 16 : 8);
}
