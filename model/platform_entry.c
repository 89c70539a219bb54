#include "model/platform_entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"

const char *
platform_entry_off(struct platform_load *load, const struct opt_list *when_set)
{
	const struct conf_env *vars = load->vars;
	char words[ERR_MSG_MAX];

	for (size_t i = 0; i < when_set->count; i++) {
		const char *name = when_set->items[i], *value;

		if (vars != NULL && vars->get != NULL)
			value = vars->get(vars->ctx, name);
		else
			value = getenv(name);
		if (value != NULL && value[0] != '\0')
			continue;
		snprintf(words, sizeof(words), "%s is not set", name);
		return arena_copy(load->arena, words, strlen(words));
	}
	return NULL;
}

static void
say_unknown(struct platform_load *load, const struct platform_sort *sort,
    const struct conf_node *type)
{
	struct nearest near = NEAREST_INIT(type->text);
	struct buf known = BUF_INIT(CONF_HINT_MAX - 1);
	struct platform_type one;

	for (size_t i = 0; sort->at != NULL && sort->at(sort->ctx, i, &one);
	     i++) {
		nearest_offer(&near, one.name);
		buf_fmt(&known, "%s%s", i > 0 ? ", " : "known: ", one.name);
	}
	if (near.best != NULL)
		conf_errors_add_near(load->errors, type->pos, near.best,
		    "unknown %s type \"%.60s\"", sort->what, type->raw);
	else
		conf_errors_add(load->errors, type->pos,
		    known.len > 0 ? buf_cstr(&known) : NULL,
		    "unknown %s type \"%.60s\"", sort->what, type->raw);
	buf_release(&known);
}

bool
platform_entry_type(struct platform_load *load,
    const struct platform_sort *sort, const struct conf_node *node,
    struct platform_type *ret)
{
	const struct conf_node *type = conf_get(node, "type");

	if (type == NULL) {
		conf_errors_add(load->errors, node->key_pos, sort->example,
		    "\"%.64s\" lacks \"type\"", node->key);
		return false;
	}
	if (type->kind != CONF_SCALAR) {
		if (type->kind != CONF_BROKEN)
			conf_errors_add(load->errors, type->pos, NULL,
			    "\"type\" wants the name of the %s type, not "
			    "%s",
			    sort->what, conf_kind_text(type));
		return false;
	}
	for (size_t i = 0; sort->at != NULL && sort->at(sort->ctx, i, ret);
	     i++) {
		if (strcmp(ret->name, type->text) == 0)
			return true;
	}
	say_unknown(load, sort, type);
	return false;
}

enum err_code
platform_entry_read(struct platform_load *load,
    const struct platform_sort *sort, const struct conf_node *node,
    void *common, struct platform_entry *ret)
{
	struct opt_part parts[2];
	size_t size;
	void *config;

	*ret = (struct platform_entry) { .node = node };
	if (node->kind != CONF_MAP) {
		if (node->kind != CONF_BROKEN)
			conf_errors_add(load->errors, node->key_pos, NULL,
			    "\"%.64s\" wants a map with at least %s, not %s",
			    node->key, sort->needs, conf_kind_text(node));
		return ERR_CONFIG;
	}
	if (!platform_entry_type(load, sort, node, &ret->type))
		return ERR_CONFIG;
	size = ret->type.config_size;
	config = arena_alloc(load->arena, size > 0 ? size : 1);
	if (config == NULL)
		return ERR_NOMEM;
	ret->config = config;
	parts[0] = (struct opt_part) { sort->common, common };
	parts[1] = (struct opt_part) { &ret->type.opts, config };
	return opt_bind_parts(
	    parts, ARRAY_LEN(parts), node, load->arena, load->errors);
}

enum err_code
platform_read_many(struct platform_load *load, const struct conf_node *map,
    const struct platform_many *many, struct platform_many_read *ret)
{
	enum err_code code = ERR_OK, one;
	char *on, *off;

	*ret = (struct platform_many_read) { .on = NULL };
	if (map == NULL)
		return ERR_OK;
	if (!platform_check_map(load, map, many->what, many->max))
		code = ERR_CONFIG;
	if (map->kind != CONF_MAP || map->count > many->max)
		return ERR_CONFIG;
	on = arena_array(load->arena, map->count + many->spare + 1, many->size);
	off = arena_array(load->arena, map->count + 1, many->size);
	if (on == NULL || off == NULL)
		return ERR_NOMEM;
	ret->on = on;
	ret->off = off;
	for (const struct conf_node *node = map->first; node != NULL;
	     node = node->next) {
		char *item = on + ret->count * many->size;
		bool is_off = false;

		one = many->read(load, node, item, &is_off);
		if (one == ERR_NOMEM)
			return one;
		if (one != ERR_OK)
			code = one;
		else if (is_off)
			memcpy(off + ret->off_count++ * many->size, item,
			    many->size);
		else
			ret->count++;
	}
	return code;
}
