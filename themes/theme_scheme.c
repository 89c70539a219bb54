/*
 * base16 schemes: sixteen colours, base00 to base0F, as YAML. Two forms
 * (tinted-theming's home.md and its predecessor chriskempson/base16):
 *
 *	scheme: "Ocean"              system: "base16"
 *	author: "..."                name: "Ocean"
 *	base00: "2b303b"             palette:
 *	...                            base00: "#2b303b"
 *
 * What else such a file says is not our business; base24 has eight more.
 */
#include <stdio.h>
#include <string.h>

#include "themes/theme_impl.h"

static const struct conf_node *
scheme_palette(const struct conf_node *root)
{
	const struct conf_node *palette = conf_get(root, "palette");

	return palette != NULL ? palette : root;
}

bool
theme_is_scheme(const struct conf_node *root)
{
	return conf_get(scheme_palette(root), "base00") != NULL ||
	       conf_get(root, "palette") != NULL;
}

enum err_code
theme_scheme_read(const struct conf_node *root, struct conf_errors *errors,
    int32_t ret_colors[THEME_SCHEME])
{
	const struct conf_node *palette = scheme_palette(root);
	size_t found = errors->errors;

	for (int i = 0; i < THEME_SCHEME; i++) {
		const struct conf_node *node;
		char key[8];

		snprintf(key, sizeof(key), "base%02X", i);
		node = conf_get(palette, key);
		if (node == NULL) /* some write base0a */
			snprintf(key, sizeof(key), "base%02x", i);
		node = conf_get(palette, key);
		if (node == NULL)
			conf_errors_add(errors, palette->pos, NULL,
			    "this base16 scheme has no base%02X", i);
		else if (node->text == NULL ||
			 !theme_rgb_parse(node->text, true, &ret_colors[i]))
			conf_errors_add(errors, node->pos,
			    "write it like \"2b303b\", with the quotes",
			    "%s is not a colour of six hexadecimal digits",
			    key);
	}
	return errors->errors == found ? ERR_OK : ERR_CONFIG;
}
