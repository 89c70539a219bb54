#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/opt.h"
#include "base/opt_value.h"

static enum err_code opt_bind_map(const struct opt_part *parts, size_t count,
    const struct conf_node *map, struct arena *arena,
    struct conf_errors *errors);

static enum err_code
opt_bind_presets(const struct opt_table *table, char *out, struct arena *arena,
    struct conf_errors *errors)
{
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; i < table->count && code == ERR_OK; i++) {
		const struct opt *opt = &table->rows[i];

		if (opt->kind == OPT_GROUP)
			code = opt_bind_presets(opt->group, out, arena, errors);
		else if (opt->preset != NULL)
			code = opt_value_preset(
			    opt, out + opt->offset, arena, errors);
	}
	return code;
}

static void
opt_unknown_key(const struct opt_part *parts, size_t count,
    const struct conf_node *child, struct conf_errors *errors)
{
	struct nearest near = NEAREST_INIT(child->key);
	struct buf known = BUF_INIT(CONF_HINT_MAX - 1);
	const char *before = "known here: ";
	size_t i, j;

	for (i = 0; i < count; i++) {
		for (j = 0; j < parts[i].table->count; j++) {
			const char *name = parts[i].table->rows[j].name;

			nearest_offer(&near, name);
			buf_fmt(&known, "%s%s", before, name);
			before = ", ";
		}
	}
	if (near.best != NULL)
		conf_errors_add_near(errors, child->key_pos, near.best,
		    "unknown key \"%.64s\"", child->key);
	else
		conf_errors_add(errors, child->key_pos, buf_cstr(&known),
		    "unknown key \"%.64s\"", child->key);
	buf_release(&known);
}

/* A list or a map of which all entries are commented out. */
static bool
opt_is_empty(const struct opt *opt, const struct conf_node *node)
{
	return node->kind == CONF_NULL &&
	       (opt->kind == OPT_LIST || opt->kind == OPT_PAIRS);
}

static enum err_code
opt_bind_one(const struct opt *opt, const struct conf_node *child, char *out,
    struct arena *arena, struct conf_errors *errors)
{
	const struct opt_part group = { .table = opt->group, .out = out };

	if (opt->kind == OPT_GROUP)
		return opt_bind_map(&group, 1, child, arena, errors);
	if (opt_is_empty(opt, child))
		return ERR_OK; /* missing, if it is required */
	if (child->kind == CONF_NULL && opt->kind == OPT_NODE)
		return ERR_OK; /* the same, and its owner says so */
	return opt_value_read(opt, child, out + opt->offset, arena, errors);
}

static void
opt_missing(const struct opt *opt, const struct conf_node *map,
    struct conf_errors *errors)
{
	char hint[CONF_HINT_MAX];

	snprintf(hint, sizeof(hint), "%s: %s", opt->name,
	    opt->help != NULL ? opt->help : opt_kind_wants(opt->kind));
	if (map->key != NULL)
		conf_errors_add(errors, map->key_pos, hint,
		    "\"%.64s\" lacks \"%s\"", map->key, opt->name);
	else
		conf_errors_add(
		    errors, map->key_pos, hint, "\"%s\" is missing", opt->name);
}

/* Keeps the first failure, and no memory over all others. */
static enum err_code
opt_worse(enum err_code a, enum err_code b)
{
	return a == ERR_OK || b == ERR_NOMEM ? b : a;
}

/* Row of a key in any of the parts, and the struct that it goes into. */
static const struct opt *
opt_part_find(
    const struct opt_part *parts, size_t count, const char *key, char **ret_out)
{
	const struct opt *opt = NULL;
	size_t i;

	for (i = 0; i < count && opt == NULL; i++) {
		opt = opt_find(parts[i].table, key);
		*ret_out = parts[i].out;
	}
	return opt;
}

static enum err_code
opt_check_required(const struct opt_table *table, const struct conf_node *map,
    struct conf_errors *errors)
{
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; i < table->count; i++) {
		const struct conf_node *node =
		    conf_get(map, table->rows[i].name);

		if (!table->rows[i].required ||
		    (node != NULL && !opt_is_empty(&table->rows[i], node)))
			continue;
		opt_missing(&table->rows[i], map, errors);
		code = ERR_CONFIG;
	}
	return code;
}

static enum err_code
opt_bind_map(const struct opt_part *parts, size_t count,
    const struct conf_node *map, struct arena *arena,
    struct conf_errors *errors)
{
	const struct conf_node *child;
	enum err_code code = ERR_OK, one;
	char *out = NULL;
	size_t i;

	if (map->kind == CONF_BROKEN)
		return ERR_CONFIG;
	if (map->kind != CONF_MAP && map->kind != CONF_NULL) {
		conf_errors_add(errors, map->pos, NULL,
		    "a map of keys and values is wanted here, not %s",
		    conf_kind_text(map));
		return ERR_CONFIG;
	}
	for (child = map->first; child != NULL; child = child->next) {
		const struct opt *opt =
		    opt_part_find(parts, count, child->key, &out);

		one = ERR_CONFIG;
		if (opt != NULL)
			one = opt_bind_one(opt, child, out, arena, errors);
		else
			opt_unknown_key(parts, count, child, errors);
		code = opt_worse(code, one);
	}
	for (i = 0; i < count; i++)
		code = opt_worse(
		    code, opt_check_required(parts[i].table, map, errors));
	return code;
}

enum err_code
opt_bind_parts(const struct opt_part *parts, size_t count,
    const struct conf_node *map, struct arena *arena,
    struct conf_errors *errors)
{
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; i < count && code == ERR_OK; i++)
		code = opt_bind_presets(
		    parts[i].table, parts[i].out, arena, errors);
	if (code != ERR_OK)
		return code;
	return opt_bind_map(parts, count, map, arena, errors);
}

enum err_code
opt_bind(const struct opt_table *table, const struct conf_node *map, void *out,
    struct arena *arena, struct conf_errors *errors)
{
	const struct opt_part part = { .table = table, .out = out };

	return opt_bind_parts(&part, 1, map, arena, errors);
}
