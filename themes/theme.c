#include "themes/theme.h"

#include <string.h>

#include "themes/limits.h"
#include "themes/theme_impl.h"

static const char *const theme_roles[ROLE_COUNT] = {
#define X(role, name, help) name,
	ROLES(X)
#undef X
};

static enum err_code theme_map_read(struct theme_reader *reader,
    const struct conf_node *map, enum theme_face from,
    struct theme *theme) ATTR_MUST_USE;

void
theme_plain(struct theme *ret)
{
	for (int i = 0; i < ROLE_COUNT; i++)
		ret->looks[THEME_DARK][i] = ret->looks[THEME_LIGHT][i] =
		    (struct theme_look) { THEME_DEFAULT, THEME_DEFAULT,
			    THEME_NEAREST, THEME_NEAREST, 0 };
}

/* Field by field: there is padding between them. */
static bool
theme_look_same(const struct theme_look *a, const struct theme_look *b)
{
	return a->fg == b->fg && a->bg == b->bg && a->low_fg == b->low_fg &&
	       a->low_bg == b->low_bg && a->flags == b->flags;
}

bool
theme_two_faces(const struct theme *theme)
{
	for (int i = 0; i < ROLE_COUNT; i++) {
		if (!theme_look_same(&theme->looks[THEME_DARK][i],
			&theme->looks[THEME_LIGHT][i]))
			return true;
	}
	return false;
}

/* No look is set yet. */
static void
theme_blank(struct theme *theme)
{
	theme_plain(theme);
	for (int i = 0; i < ROLE_COUNT; i++) {
		for (int face = 0; face < THEME_FACES; face++) {
			theme->looks[face][i].fg = THEME_UNSET;
			theme->looks[face][i].bg = THEME_UNSET;
		}
	}
}

/* What is not set becomes that of ordinary text. */
static void
theme_finish(struct theme_look looks[ROLE_COUNT])
{
	struct theme_look *text = &looks[ROLE_TEXT];

	text->fg = text->fg == THEME_UNSET ? THEME_DEFAULT : text->fg;
	text->bg = text->bg == THEME_UNSET ? THEME_DEFAULT : text->bg;
	for (int i = 0; i < ROLE_COUNT; i++) {
		struct theme_look *look = &looks[i];

		if (look->fg == THEME_UNSET && look->bg == THEME_UNSET &&
		    look->flags == 0)
			*look = *text;
		if (look->fg == THEME_UNSET) {
			look->fg = text->fg;
			look->low_fg = text->low_fg;
		}
		if (look->bg == THEME_UNSET) {
			look->bg = text->bg;
			look->low_bg = text->low_bg;
		}
	}
}

static int
theme_role_find(struct theme_reader *reader, const struct conf_node *node)
{
	struct nearest near = NEAREST_INIT(node->key);

	for (int i = 0; i < ROLE_COUNT; i++) {
		if (strcmp(theme_roles[i], node->key) == 0)
			return i;
		nearest_offer(&near, theme_roles[i]);
	}
	nearest_offer(&near, "like");
	nearest_offer(&near, "light");
	conf_errors_add_near(reader->errors, node->key_pos, near.best,
	    "there is no role \"%s\"", node->key);
	return -1;
}

/* Both faces of a compiled-in theme, not yet finished. */
static enum err_code
theme_text_read(struct theme_reader *reader, const char *name, const char *text,
    struct theme *theme)
{
	struct arena *arena = arena_new(THEME_ARENA_MAX);
	const struct conf_node *root;
	enum err_code rc = ERR_NOMEM;

	if (arena == NULL)
		return rc;
	rc = conf_parse(
	    name, text, strlen(text), &theme_env, arena, reader->errors, &root);
	reader->depth++;
	if (rc == ERR_OK)
		rc = theme_map_read(reader, root, THEME_DARK, theme);
	reader->depth--;
	arena_free(arena);
	return rc;
}

/* The same of the theme that node names. */
static enum err_code
theme_like(struct theme_reader *reader, const struct conf_node *node,
    struct theme *theme)
{
	struct nearest near = NEAREST_INIT(node->text);
	const char *text = node->text != NULL ? theme_text(node->text) : NULL;

	if (text != NULL && reader->depth < THEME_LIKE_MAX)
		return theme_text_read(reader, node->text, text, theme);
	if (node->text != NULL)
		theme_names_offer(&near);
	conf_errors_add_near(reader->errors, node->pos, near.best,
	    "\"%s\" takes the name of a compiled-in theme, not %s", node->key,
	    node->text != NULL ? node->raw : conf_kind_text(node));
	return ERR_OK;
}

/* "light": a map over what both faces have, or another theme's face. */
static enum err_code
theme_light_read(struct theme_reader *reader, const struct conf_node *node,
    struct theme *theme)
{
	struct theme other;
	enum err_code rc;

	if (node->kind == CONF_MAP)
		return theme_map_read(reader, node, THEME_LIGHT, theme);
	theme_blank(&other);
	rc = theme_like(reader, node, &other);
	if (rc == ERR_OK)
		memcpy(theme->looks[THEME_LIGHT], other.looks[THEME_LIGHT],
		    sizeof(other.looks[THEME_LIGHT]));
	return rc;
}

/*
 * Reads what a map says onto the faces from `from` on: at the top both, and
 * below "light" the light one alone.
 */
static enum err_code
theme_map_read(struct theme_reader *reader, const struct conf_node *map,
    enum theme_face from, struct theme *theme)
{
	const struct conf_node *like = conf_get(map, "like");
	const struct conf_node *light = conf_get(map, "light");
	enum err_code rc = ERR_OK;
	struct theme other;

	theme_blank(&other);
	if (like != NULL)
		rc = theme_like(reader, like, &other);
	for (int face = from; like != NULL && face < THEME_FACES; face++)
		memcpy(theme->looks[face], other.looks[face],
		    sizeof(other.looks[face]));
	for (const struct conf_node *node = map->first; node != NULL;
	     node = node->next) {
		struct theme_look look;
		int role;

		if (node == like || (node == light && from == THEME_DARK))
			continue;
		role = theme_role_find(reader, node);
		look = theme->looks[from][role >= 0 ? role : 0];
		theme_look_parse(reader, node, &look);
		for (int face = from; role >= 0 && face < THEME_FACES; face++)
			theme->looks[face][role] = look;
	}
	if (rc == ERR_OK && light != NULL && from == THEME_DARK)
		rc = theme_light_read(reader, light, theme);
	return rc;
}

static enum err_code
theme_scheme_theme(const struct conf_node *root, struct theme_reader *reader,
    struct theme *theme)
{
	int32_t colors[THEME_SCHEME];
	enum err_code rc;

	rc = theme_scheme_read(root, reader->errors, colors);
	reader->scheme = colors;
	if (rc == ERR_OK)
		rc = theme_text_read(
		    reader, "base16", theme_base16_text(), theme);
	reader->scheme = NULL;
	return rc;
}

enum err_code
theme_read(
    const struct conf_node *root, struct conf_errors *errors, struct theme *ret)
{
	struct theme_reader reader = { .errors = errors };
	struct theme theme;
	enum err_code rc = ERR_OK;

	if (root->kind != CONF_MAP && root->kind != CONF_NULL) {
		conf_errors_add(errors, root->pos, NULL,
		    "a theme is a map of roles to looks, not %s",
		    conf_kind_text(root));
		return ERR_CONFIG;
	}
	theme_blank(&theme);
	if (theme_is_scheme(root))
		rc = theme_scheme_theme(root, &reader, &theme);
	else
		rc = theme_map_read(&reader, root, THEME_DARK, &theme);
	if (rc != ERR_OK)
		return rc;
	if (errors->errors > 0)
		return ERR_CONFIG;
	for (int face = 0; face < THEME_FACES; face++)
		theme_finish(theme.looks[face]);
	*ret = theme;
	return ERR_OK;
}
