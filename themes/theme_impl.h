/*
 * The insides of themes, shared by the files of this folder. Nobody else
 * includes it.
 * thread: any.
 */
#ifndef SEV_THEMES_THEME_IMPL_H
#define SEV_THEMES_THEME_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/nearest.h"
#include "themes/theme.h"

enum {
	THEME_UNSET = -3,   /* while reading: a colour that a look left out */
	THEME_SCHEME = 16,  /* base00 to base0F */
	THEME_LIKE_MAX = 3, /* compiled-in themes that build on one another */
};

struct theme_reader {
	struct conf_errors *errors;
	const int32_t *scheme; /* THEME_SCHEME colours; NULL: no base16 */
	int depth;	       /* of themes that are like another */
};

/* Variables have no business in a theme. */
extern const struct conf_env theme_env;

/* "cyan on black bold" into a look, untouched with an error if it is none. */
void theme_look_parse(struct theme_reader *reader, const struct conf_node *node,
    struct theme_look *ret);

/* #rrggbb, or with digits_only rrggbb, as THEME_RGB. */
bool theme_rgb_parse(const char *word, bool digits_only, int32_t *ret);

/* What a file says, whole: roles and scheme, in the final form. */
enum err_code theme_read(const struct conf_node *root,
    struct conf_errors *errors, struct theme *ret) ATTR_MUST_USE;

/* Text of a compiled-in theme; NULL: no such. */
const char *theme_text(const char *name);

/* Which role gets which colour of a scheme. */
const char *theme_base16_text(void);

/*
 * Whether a file's name (without folder) is that of a theme; writes the
 * theme's name. Names are of letters, digits and "_.+-".
 */
bool theme_file_name(const char *file, char *out, size_t size);

/* Offers all names of themes to near. */
void theme_names_offer(struct nearest *near);

/* Whether this is a base16 scheme rather than a theme. */
bool theme_is_scheme(const struct conf_node *root);

/* The colours of a scheme; ERR_CONFIG when one is missing or none. */
enum err_code theme_scheme_read(const struct conf_node *root,
    struct conf_errors *errors, int32_t ret_colors[THEME_SCHEME]) ATTR_MUST_USE;

#endif
