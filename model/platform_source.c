/*
 * The sources of a platform: their common keys, those of their type, and
 * the references between them.
 */
#include <string.h>

#include "base/clock.h"
#include "base/nearest.h"
#include "model/platform_entry.h"

/* The keys of every source. */
struct platform_common {
	const char *type;
	const char *title;
	int64_t every_ns;
	int64_t timeout_ns;
	bool enabled;
	struct opt_list when_set;
	bool optional;
};

static struct platform_sort
source_sort(const struct platform_load *load)
{
	return (struct platform_sort) {
		.what = "source",
		.example = "type: what kind of source it is, such as http",
		.needs = "a type",
		.common = &platform_source_opts,
		.at = load->types->at,
		.ctx = load->types->ctx,
	};
}

static enum err_code
platform_read_source(struct platform_load *load, const struct conf_node *node,
    void *out, bool *ret_off)
{
	const struct platform_sort sort = source_sort(load);
	struct platform_common common = { .type = NULL };
	struct platform_source *ret = out;
	struct platform_entry entry;
	enum err_code code =
	    platform_entry_read(load, &sort, node, &common, &entry);

	(void)ret_off; /* one that is not polled is shown as such */
	if (code != ERR_OK)
		return code;
	*ret = (struct platform_source) {
		.name = node->key,
		.title = common.title != NULL ? common.title : node->key,
		.type = entry.type.name,
		.ops = entry.type.ops,
		.every_ns = common.every_ns,
		.timeout_ns = common.timeout_ns,
		.off = common.enabled
			   ? platform_entry_off(load, &common.when_set)
			   : "enabled is false",
		.optional = common.optional,
		.config = entry.config,
		.node = node,
	};
	if (entry.type.filters != NULL)
		ret->filters = conf_get(node, entry.type.filters);
	ret->enabled = ret->off == NULL;
	if (ret->every_ns == 0)
		ret->every_ns = entry.type.every_ns;
	if (ret->every_ns == 0)
		ret->every_ns = PLATFORM_EVERY_S * NS_PER_SEC;
	if (ret->timeout_ns == 0)
		ret->timeout_ns = entry.type.timeout_ns;
	if (ret->timeout_ns == 0)
		ret->timeout_ns = PLATFORM_TIMEOUT_S * NS_PER_SEC;
	return ERR_OK;
}

enum err_code
platform_read_sources(struct platform_load *load)
{
	static const struct platform_many many = {
		.what = "a source",
		.max = PLATFORM_SOURCES_MAX,
		.size = sizeof(struct platform_source),
		.spare = 1, /* for that of the flags */
		.read = platform_read_source,
	};
	const struct conf_node *map = load->sources;
	struct platform_many_read got;
	enum err_code code;

	if (map == NULL || map->kind == CONF_BROKEN)
		return ERR_CONFIG;
	if (map->count == 0) {
		conf_errors_add(load->errors, map->pos, NULL,
		    "no sources: there is nothing to watch");
		return ERR_CONFIG;
	}
	code = platform_read_many(load, map, &many, &got);
	load->platform->sources = got.on;
	load->platform->source_count = got.count;
	return code;
}

/* "NAME: {type: TYPE}", as if it stood in the file at pos. */
static const struct conf_node *
platform_source_node(struct platform_load *load, const char *name,
    const char *type, struct conf_pos pos)
{
	struct conf_node *map = arena_alloc(load->arena, sizeof(*map));
	struct conf_node *key = arena_alloc(load->arena, sizeof(*key));

	if (map == NULL || key == NULL)
		return NULL;
	*key = (struct conf_node) { .kind = CONF_SCALAR,
		.pos = pos,
		.key_pos = pos,
		.key = "type",
		.text = type,
		.raw = type };
	*map = (struct conf_node) { .kind = CONF_MAP,
		.pos = pos,
		.key_pos = pos,
		.key = name,
		.count = 1,
		.first = key };
	return map;
}

enum err_code
platform_add_flag_source(struct platform_load *load)
{
	const struct platform_flag_types *types = load->types->flags;
	struct platform *platform = load->platform;
	struct platform_source *sources;
	const struct conf_node *node;
	enum err_code code;
	bool off;

	if (platform->flag_count == 0 || types == NULL ||
	    platform->sources == NULL ||
	    platform->source_count == PLATFORM_SOURCES_MAX)
		return ERR_OK;
	for (size_t i = 0; i < platform->source_count; i++) {
		if (strcmp(platform->sources[i].type, types->source) == 0)
			return ERR_OK;
	}
	if (conf_get(load->sources, types->source) != NULL) {
		conf_errors_add(load->errors, platform->flags[0].pos,
		    "name it otherwise, or give it the type flags",
		    "a source is called \"%s\", as the one that reads the "
		    "flags",
		    types->source);
		return ERR_OK;
	}
	node = platform_source_node(
	    load, types->source, types->source, platform->flags[0].pos);
	if (node == NULL)
		return ERR_NOMEM;
	/* platform_read_sources() has left room for it. */
	sources = (struct platform_source *)(uintptr_t)platform->sources;
	code = platform_read_source(
	    load, node, &sources[platform->source_count], &off);
	if (code == ERR_OK)
		platform->source_count++;
	return code == ERR_NOMEM ? code : ERR_OK;
}

/*
 * One name of a source, wherever it is mentioned. What counts is what is
 * written, so that a source with a mistake in it is not unknown as well.
 */
static void
platform_check_ref(struct platform_load *load, const char *name,
    const char *type, struct conf_pos pos)
{
	const struct conf_node *source = conf_get(load->sources, name), *node;
	const struct conf_node *said = conf_get(source, "type");
	struct nearest near = NEAREST_INIT(name);

	if (source == NULL && load->sources != NULL) {
		for (node = load->sources->first; node != NULL;
		     node = node->next)
			nearest_offer(&near, node->key);
		conf_errors_add_near(load->errors, pos, near.best,
		    "no source is named \"%.60s\"", name);
	} else if (type != NULL && said != NULL && said->text != NULL &&
		   strcmp(said->text, type) != 0) {
		conf_errors_add(load->errors, pos, NULL,
		    "\"%.60s\" is a source of type %.60s; %s is wanted here",
		    name, said->text, type);
	}
}

/* References in the keys of one source; groups are only one level deep. */
static void
platform_check_refs(struct platform_load *load,
    const struct platform_source *source, const struct opt_table *opts,
    const struct conf_node *node, int depth)
{
	size_t i;

	for (i = 0; i < opts->count; i++) {
		const struct opt *opt = &opts->rows[i];
		const struct conf_node *child = conf_get(node, opt->name);
		const char *name;

		if (child == NULL)
			continue;
		if (opt->kind == OPT_GROUP && depth < CONF_DEPTH_MAX)
			platform_check_refs(
			    load, source, opt->group, child, depth + 1);
		if (opt->kind != OPT_REF)
			continue;
		name = *(const char *const *)((const char *)source->config +
					      opt->offset);
		if (name != NULL)
			platform_check_ref(load, name, opt->refers, child->pos);
	}
}

/* What can be checked only when all sources are known. */
void
platform_check_sources(struct platform_load *load)
{
	const struct platform_sort sort = source_sort(load);
	const struct platform *p = load->platform;
	struct platform_type type;
	size_t i;

	for (i = 0; i < p->source_count; i++) {
		if (platform_entry_type(load, &sort, p->sources[i].node, &type))
			platform_check_refs(load, &p->sources[i], &type.opts,
			    p->sources[i].node, 0);
	}
	for (i = 0; i < p->signal_count; i++) {
		if (p->signals[i].source != NULL)
			platform_check_ref(load, p->signals[i].source, NULL,
			    p->signals[i].pos);
	}
	if (load->errors->errors > 0 || load->types->check == NULL)
		return;
	for (i = 0; i < p->source_count; i++)
		load->types->check(
		    load->types->ctx, p, &p->sources[i], load->errors);
}

static const struct opt platform_source_rows[] = {
	{
	    OPT_FIELD(struct platform_common, type, "type", OPT_STRING),
	    .required = true,
	    .help = "kind of source",
	},
	{
	    OPT_FIELD(struct platform_common, title, "title", OPT_STRING),
	    .min = 1,
	    .max = NAME_MAX_LEN,
	    .help = "what people call it",
	},
	{
	    OPT_FIELD(struct platform_common, every_ns, "every", OPT_DURATION),
	    .min = PLATFORM_EVERY_MIN_MS * NS_PER_MS,
	    .max = PLATFORM_EVERY_MAX_S * NS_PER_SEC,
	    .help = "time from one poll to the next; each type has a default",
	},
	{
	    OPT_FIELD(
		struct platform_common, timeout_ns, "timeout", OPT_DURATION),
	    .min = PLATFORM_TIMEOUT_MIN_MS * NS_PER_MS,
	    .max = PLATFORM_TIMEOUT_MAX_S * NS_PER_SEC,
	    .help = "longest wait for one poll; each type has a default",
	},
	{
	    OPT_FIELD(struct platform_common, enabled, "enabled", OPT_BOOL),
	    .preset = "true",
	    .help = "false: it is checked but not polled",
	},
	PLATFORM_WHEN_SET_ROW(struct platform_common, when_set),
	{
	    OPT_FIELD(struct platform_common, optional, "optional", OPT_BOOL),
	    .preset = "false",
	    .help = "true: not missed before it has answered once",
	},
};
const struct opt_table platform_source_opts = OPT_TABLE(platform_source_rows);
