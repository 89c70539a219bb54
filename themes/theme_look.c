/* The words of a look: colours, "on", a background and flags. */
#include <stdio.h>
#include <string.h>

#include "themes/limits.h"
#include "themes/theme_impl.h"

struct look_word {
	const char *word;
	int value;
};

static const struct look_word look_colors[] = {
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

static const struct look_word look_flags[] = {
	{ "bold", CELL_BOLD },
	{ "reverse", CELL_REVERSE },
	{ "underline", CELL_UNDERLINE },
	{ "dim", CELL_DIM },
	{ NULL, 0 },
};

static const struct look_word *
look_word_find(const struct look_word *words, const char *word)
{
	for (; words->word != NULL; words++) {
		if (strcmp(words->word, word) == 0)
			return words;
	}
	return NULL;
}

/* Digits of base up to max; false when there is anything else. */
static bool
look_digits(const char *s, int base, int32_t max, int32_t *ret)
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

bool
theme_rgb_parse(const char *word, bool digits_only, int32_t *ret)
{
	const char *digits = word[0] == '#' ? word + 1 : word;
	int32_t rgb;

	if ((digits == word && !digits_only) || strlen(digits) != 6 ||
	    !look_digits(digits, 16, 0xffffff, &rgb))
		return false;
	*ret = THEME_RGB | rgb;
	return true;
}

static bool
look_color_parse(
    const struct theme_reader *reader, const char *word, int32_t *ret)
{
	const struct look_word *named = look_word_find(look_colors, word);
	int32_t index;

	if (named != NULL) {
		*ret = named->value;
		return true;
	}
	if (reader->scheme != NULL && strncmp(word, "base", 4) == 0 &&
	    look_digits(word + 4, 16, THEME_SCHEME - 1, &index)) {
		*ret = reader->scheme[index];
		return true;
	}
	return theme_rgb_parse(word, false, ret) ||
	       look_digits(word, 10, 255, ret);
}

/* A colour, and behind "/" the name of what it is with few colours. */
static bool
look_color(const struct theme_reader *reader, char *word, int32_t *ret_color,
    int8_t *ret_low)
{
	char *low = strchr(word, '/');
	const struct look_word *named = NULL;

	if (low != NULL) {
		named = look_word_find(look_colors, low + 1);
		if (named == NULL || named->value < 0)
			return false;
		*low = '\0';
	}
	if (!look_color_parse(reader, word, ret_color))
		return false;
	*ret_low = named != NULL ? (int8_t)named->value : THEME_NEAREST;
	return true;
}

/* Cuts the next word off *at; NULL at the end. */
static char *
look_word_next(char **at)
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
look_word_unknown(const struct theme_reader *reader, const char *word,
    const struct conf_node *node)
{
	struct nearest near = NEAREST_INIT(word);

	for (size_t i = 0; look_colors[i].word != NULL; i++)
		nearest_offer(&near, look_colors[i].word);
	for (size_t i = 0; look_flags[i].word != NULL; i++)
		nearest_offer(&near, look_flags[i].word);
	conf_errors_add_near(reader->errors, node->pos, near.best,
	    "\"%s\" is neither a colour nor bold, dim, underline, reverse",
	    word);
}

void
theme_look_parse(struct theme_reader *reader, const struct conf_node *node,
    struct theme_look *ret)
{
	struct theme_look look = { THEME_UNSET, THEME_UNSET, THEME_NEAREST,
		THEME_NEAREST, 0 };
	char text[THEME_LOOK_MAX];
	char *at = text, *word;
	bool want_bg = false;

	if (node->text == NULL || strlen(node->text) >= sizeof(text)) {
		conf_errors_add(reader->errors, node->pos,
		    "write e.g. \"cyan bold\"",
		    "a look is a line of words, not %s", conf_kind_text(node));
		return;
	}
	snprintf(text, sizeof(text), "%s", node->text);
	while ((word = look_word_next(&at)) != NULL) {
		const struct look_word *flag = look_word_find(look_flags, word);
		int32_t *color = want_bg ? &look.bg : &look.fg;
		int8_t *low = want_bg ? &look.low_bg : &look.low_fg;

		if (flag != NULL && !want_bg) {
			look.flags |= (uint8_t)flag->value;
		} else if (strcmp(word, "on") == 0 && !want_bg &&
			   look.bg == THEME_UNSET) {
			want_bg = true;
		} else if (*color == THEME_UNSET &&
			   look_color(reader, word, color, low)) {
			want_bg = false;
		} else {
			look_word_unknown(reader, word, node);
			return;
		}
	}
	if (want_bg) {
		conf_errors_add(
		    reader->errors, node->pos, NULL, "no colour behind \"on\"");
		return;
	}
	*ret = look;
}
