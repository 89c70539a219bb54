/* Reads `flags:` and `kill:` of a platform. */
#include "model/platform_flag.h"

#include <string.h>

#include "base/nearest.h"
#include "base/opt_value.h"
#include "model/platform_impl.h"

/* The keys of every flag. */
struct flag_raw {
	const char *type;
	const char *title;
	const char *help;
	int class;
	struct opt_pairs values;
	bool text;
	bool secret;
	const char *missing;
	const char *watch;
};

/* On and off, as most backends write them. */
static const struct opt_pair on_off[] = { { "on", "true" },
	{ "off", "false" } };

const struct platform_flag *
platform_flag_find(const struct platform *platform, const char *name)
{
	for (size_t i = 0; i < platform->flag_count; i++) {
		if (strcmp(platform->flags[i].name, name) == 0)
			return &platform->flags[i];
	}
	return NULL;
}

const struct platform_kill *
platform_kill_find(const struct platform *platform, const char *name)
{
	for (size_t i = 0; i < platform->kill_count; i++) {
		if (strcmp(platform->kills[i].name, name) == 0)
			return &platform->kills[i];
	}
	return NULL;
}

const char *
platform_flag_word(const struct platform_flag *flag, const char *stored)
{
	if (stored == NULL)
		return flag->missing;
	for (size_t i = 0; i < flag->values.count; i++) {
		if (strcmp(flag->values.items[i].value, stored) == 0)
			return flag->values.items[i].key;
	}
	return NULL;
}

const char *
platform_flag_stored(const struct platform_flag *flag, const char *word)
{
	if (flag->text)
		return word;
	for (size_t i = 0; i < flag->values.count; i++) {
		if (strcmp(flag->values.items[i].key, word) == 0)
			return flag->values.items[i].value;
	}
	return NULL;
}

/* The backend that a flag names; false: said what is wrong with it. */
static bool
find_type(struct platform_load *load, const struct conf_node *node,
    struct platform_flag_type *ret)
{
	const struct platform_flag_types *types = load->types->flags;
	const struct conf_node *type = conf_get(node, "type");
	struct nearest near = NEAREST_INIT("");

	if (type == NULL || type->kind != CONF_SCALAR) {
		conf_errors_add(load->errors, node->key_pos,
		    "type: where it is kept, such as redis",
		    "\"%.64s\" lacks \"type\"", node->key);
		return false;
	}
	near.word = type->text;
	for (size_t i = 0; types != NULL && types->at(types->ctx, i, ret);
	     i++) {
		nearest_offer(&near, ret->name);
		if (strcmp(ret->name, type->text) == 0)
			return true;
	}
	conf_errors_add_near(load->errors, type->pos, near.best,
	    "unknown flag type \"%.60s\"", type->raw);
	return false;
}

/* Two words for one text, or a word that is none. */
static void
check_values(struct platform_load *load, const struct platform_flag *flag)
{
	const struct opt_pairs *values = &flag->values;
	const struct conf_node *map = conf_get(flag->node, "values");

	if (map != NULL && flag->text)
		conf_errors_add(load->errors, map->key_pos, NULL,
		    "a flag with \"text: true\" has no values of its own");
	if (map != NULL && values->count == 1)
		conf_errors_add(load->errors, map->pos, NULL,
		    "\"values\" wants at least two, to choose from");
	for (size_t i = 0; map != NULL && i < values->count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(values->items[i].value,
				values->items[k].value) == 0)
				conf_errors_add(load->errors,
				    conf_get(map, values->items[i].key)->pos,
				    NULL,
				    "\"%.40s\" and \"%.40s\" are the "
				    "same to the backend",
				    values->items[k].key, values->items[i].key);
		}
	}
	if (flag->missing != NULL && !flag->text &&
	    platform_flag_stored(flag, flag->missing) == NULL)
		conf_errors_add(load->errors,
		    conf_get(flag->node, "missing")->pos, NULL,
		    "\"missing\" wants one of the values, not \"%.40s\"",
		    flag->missing);
}

static enum err_code
read_flag(struct platform_load *load, const struct conf_node *node,
    struct platform_flag *ret)
{
	struct platform_flag_type type;
	struct flag_raw raw = { .type = NULL };
	struct opt_part parts[2];
	enum err_code code;
	void *config;

	if (node->kind != CONF_MAP) {
		if (node->kind != CONF_BROKEN)
			conf_errors_add(load->errors, node->key_pos, NULL,
			    "\"%.64s\" wants a map with at least a type, not "
			    "%s",
			    node->key, conf_kind_text(node));
		return ERR_CONFIG;
	}
	if (!find_type(load, node, &type))
		return ERR_CONFIG;
	config = arena_alloc(
	    load->arena, type.config_size > 0 ? type.config_size : 1);
	if (config == NULL)
		return ERR_NOMEM;
	parts[0] = (struct opt_part) { &platform_flag_opts, &raw };
	parts[1] = (struct opt_part) { &type.opts, config };
	code = opt_bind_parts(
	    parts, ARRAY_LEN(parts), node, load->arena, load->errors);
	if (code != ERR_OK)
		return code;
	*ret = (struct platform_flag) {
		.name = node->key,
		.title = raw.title != NULL ? raw.title : node->key,
		.help = raw.help,
		.type = type.name,
		.ops = type.ops,
		.class = (enum action_class)raw.class,
		.values = raw.values,
		.text = raw.text || raw.secret,
		.secret = raw.secret,
		.missing = raw.missing,
		.watch = raw.watch,
		.config = config,
		.node = node,
		.pos = node->key_pos,
	};
	if (raw.values.count == 0 && !ret->text)
		ret->values = (struct opt_pairs) { .items = on_off,
			.count = ARRAY_LEN(on_off) };
	check_values(load, ret);
	if (raw.watch != NULL)
		platform_check_key(load, load->signals, conf_get(node, "watch"),
		    "no signal is named");
	return ERR_OK;
}

enum err_code
platform_read_flags(struct platform_load *load, const struct conf_node *map)
{
	struct platform *platform = load->platform;
	struct platform_flag *flags;
	enum err_code one;

	if (map == NULL)
		return ERR_OK;
	if (!platform_check_map(load, map, "a flag", PLATFORM_FLAGS_MAX))
		return ERR_CONFIG;
	flags = arena_array(load->arena, map->count + 1, sizeof(*flags));
	if (flags == NULL)
		return ERR_NOMEM;
	platform->flags = flags;
	for (const struct conf_node *node = map->first; node != NULL;
	     node = node->next) {
		one = read_flag(load, node, &flags[platform->flag_count]);
		if (one == ERR_NOMEM)
			return one;
		if (one == ERR_OK)
			platform->flag_count++;
	}
	return ERR_OK;
}

/* One group: names of flags, as they are written. */
static enum err_code
read_kill(struct platform_load *load, const struct conf_node *node,
    const struct conf_node *flags, struct platform_kill *ret)
{
	const struct opt row = { .name = node->key,
		.kind = OPT_LIST,
		.min = 1,
		.max = ACTION_TARGETS_MAX };
	enum err_code code =
	    opt_value_read(&row, node, &ret->flags, load->arena, load->errors);

	if (code != ERR_OK)
		return code;
	ret->name = node->key;
	ret->pos = node->key_pos;
	if (node->kind == CONF_SCALAR)
		platform_check_key(load, flags, node, "no flag is named");
	for (const struct conf_node *one = node->first; one != NULL;
	     one = one->next)
		platform_check_key(load, flags, one, "no flag is named");
	return ERR_OK;
}

enum err_code
platform_read_kills(struct platform_load *load, const struct conf_node *map,
    const struct conf_node *flags)
{
	struct platform *platform = load->platform;
	struct platform_kill *kills;

	if (map == NULL)
		return ERR_OK;
	if (!platform_check_map(load, map, "a kill switch", PLATFORM_FLAGS_MAX))
		return ERR_CONFIG;
	kills = arena_array(load->arena, map->count + 1, sizeof(*kills));
	if (kills == NULL)
		return ERR_NOMEM;
	platform->kills = kills;
	for (const struct conf_node *node = map->first; node != NULL;
	     node = node->next) {
		enum err_code one =
		    read_kill(load, node, flags, &kills[platform->kill_count]);

		if (one == ERR_NOMEM)
			return one;
		if (one == ERR_OK)
			platform->kill_count++;
	}
	return ERR_OK;
}

void
platform_check_flags(struct platform_load *load)
{
	const struct platform_flag_types *types = load->types->flags;
	struct platform *platform = load->platform;

	if (load->errors->errors > 0 || types == NULL || types->check == NULL)
		return;
	for (size_t i = 0; i < platform->flag_count; i++)
		types->check(
		    types->ctx, platform, &platform->flags[i], load->errors);
}

static const struct opt flag_rows[] = {
	{
	    OPT_FIELD(struct flag_raw, type, "type", OPT_STRING),
	    .required = true,
	    .help = "where it is kept",
	},
	{
	    OPT_FIELD(struct flag_raw, title, "title", OPT_STRING),
	    .min = 1,
	    .max = NAME_MAX_LEN,
	    .help = "what people call it",
	},
	{
	    OPT_FIELD(struct flag_raw, help, "help", OPT_STRING),
	    .min = 1,
	    .max = ERR_MSG_MAX - 1,
	    .help = "one line on what it does",
	},
	{
	    OPT_FIELD(struct flag_raw, class, "class", OPT_CHOICE),
	    .choices = action_class_words,
	    .preset = "reversible",
	    .help = "how much harm setting it can do",
	},
	{
	    OPT_FIELD(struct flag_raw, values, "values", OPT_PAIRS),
	    .max = ACTION_CHOICES_MAX,
	    .help = "words for people and what the backend calls them; without "
		    "it, on is true and off is false",
	},
	{
	    OPT_FIELD(struct flag_raw, text, "text", OPT_BOOL),
	    .preset = "false",
	    .help = "true: it holds any text",
	},
	{
	    OPT_FIELD(struct flag_raw, secret, "secret", OPT_BOOL),
	    .preset = "false",
	    .help = "true: its value is a secret, set by reference (env:NAME, "
		    "file:PATH, cmd:[...]) and never shown",
	},
	{
	    OPT_FIELD(struct flag_raw, missing, "missing", OPT_STRING),
	    .help = "the value that counts when there is none",
	},
	{
	    OPT_FIELD(struct flag_raw, watch, "watch", OPT_STRING),
	    .help = "signal that setting it is to mend",
	},
};
const struct opt_table platform_flag_opts = OPT_TABLE(flag_rows);
