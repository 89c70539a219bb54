/* Reads `flags:` and `kill:` of a platform. */
#include "model/platform_flag.h"

#include <stdio.h>
#include <string.h>

#include "base/opt_value.h"
#include "model/platform_entry.h"

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
	struct opt_list when_set;
};

/* On and off, as most backends write them. */
static const struct opt_pair on_off[] = { { "on", "true" },
	{ "off", "false" } };

static const struct platform_flag *
find_flag(const struct platform_flag *flags, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(flags[i].name, name) == 0)
			return &flags[i];
	}
	return NULL;
}

const struct platform_flag *
platform_flag_find(const struct platform *platform, const char *name)
{
	return find_flag(platform->flags, platform->flag_count, name);
}

const char *
platform_flag_off(const struct platform *platform, const char *name)
{
	const struct platform_flag *flag =
	    find_flag(platform->flags_off, platform->flag_off_count, name);

	return flag != NULL ? flag->off : NULL;
}

static const struct platform_kill *
find_kill(const struct platform_kill *kills, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(kills[i].name, name) == 0)
			return &kills[i];
	}
	return NULL;
}

const struct platform_kill *
platform_kill_find(const struct platform *platform, const char *name)
{
	return find_kill(platform->kills, platform->kill_count, name);
}

const char *
platform_kill_off(const struct platform *platform, const char *name)
{
	const struct platform_kill *kill =
	    find_kill(platform->kills_off, platform->kill_off_count, name);

	return kill != NULL ? kill->off : NULL;
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
read_flag(struct platform_load *load, const struct conf_node *node, void *out,
    bool *ret_off)
{
	const struct platform_flag_types *types = load->types->flags;
	const struct platform_sort sort = {
		.what = "flag",
		.example = "type: where it is kept, such as redis",
		.needs = "a type",
		.common = &platform_flag_opts,
		.at = types != NULL ? types->at : NULL,
		.ctx = types != NULL ? types->ctx : NULL,
	};
	struct platform_flag *ret = out;
	struct flag_raw raw = { .type = NULL };
	struct platform_entry entry;
	enum err_code code =
	    platform_entry_read(load, &sort, node, &raw, &entry);

	if (code != ERR_OK)
		return code;
	*ret = (struct platform_flag) {
		.name = node->key,
		.title = raw.title != NULL ? raw.title : node->key,
		.help = raw.help,
		.type = entry.type.name,
		.ops = entry.type.ops,
		.class = (enum action_class)raw.class,
		.values = raw.values,
		.text = raw.text || raw.secret,
		.secret = raw.secret,
		.missing = raw.missing,
		.watch = raw.watch,
		.off = platform_entry_off(load, &raw.when_set),
		.config = entry.config,
		.node = node,
		.pos = node->key_pos,
	};
	*ret_off = ret->off != NULL;
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
	static const struct platform_many many = {
		.what = "a flag",
		.max = PLATFORM_FLAGS_MAX,
		.size = sizeof(struct platform_flag),
		.read = read_flag,
	};
	struct platform *platform = load->platform;
	struct platform_many_read got;
	enum err_code code;

	load->flags = map;
	code = platform_read_many(load, map, &many, &got);
	platform->flags = got.on;
	platform->flag_count = got.count;
	platform->flags_off = got.off;
	platform->flag_off_count = got.off_count;
	return code;
}

/* Which of a group's flags counts as not there, and why; NULL: none. */
static const char *
kill_off(struct platform_load *load, const struct platform_kill *kill)
{
	for (size_t i = 0; i < kill->flags.count; i++) {
		const char *name = kill->flags.items[i];
		const char *off = platform_flag_off(load->platform, name);
		char words[ERR_MSG_MAX];

		if (off == NULL)
			continue;
		snprintf(words, sizeof(words), "its flag %.60s is left out, %s",
		    name, off);
		return arena_copy(load->arena, words, strlen(words));
	}
	return NULL;
}

/* One group: names of flags, as they are written. */
static enum err_code
read_kill(struct platform_load *load, const struct conf_node *node, void *out,
    bool *ret_off)
{
	const struct opt row = { .name = node->key,
		.kind = OPT_LIST,
		.min = 1,
		.max = ACTION_TARGETS_MAX };
	struct platform_kill *ret = out;
	enum err_code code =
	    opt_value_read(&row, node, &ret->flags, load->arena, load->errors);

	if (code != ERR_OK)
		return code;
	ret->name = node->key;
	ret->pos = node->key_pos;
	ret->off = kill_off(load, ret);
	*ret_off = ret->off != NULL;
	if (node->kind == CONF_SCALAR)
		platform_check_key(load, load->flags, node, "no flag is named");
	for (const struct conf_node *one = node->first; one != NULL;
	     one = one->next)
		platform_check_key(load, load->flags, one, "no flag is named");
	return ERR_OK;
}

enum err_code
platform_read_kills(struct platform_load *load, const struct conf_node *map)
{
	static const struct platform_many many = {
		.what = "a kill switch",
		.max = PLATFORM_FLAGS_MAX,
		.size = sizeof(struct platform_kill),
		.read = read_kill,
	};
	struct platform *platform = load->platform;
	struct platform_many_read got;
	enum err_code code = platform_read_many(load, map, &many, &got);

	platform->kills = got.on;
	platform->kill_count = got.count;
	platform->kills_off = got.off;
	platform->kill_off_count = got.off_count;
	return code;
}

static void
check_all(
    struct platform_load *load, const struct platform_flag *flags, size_t count)
{
	const struct platform_flag_types *types = load->types->flags;

	if (load->errors->errors > 0 || types == NULL || types->check == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		types->check(
		    types->ctx, load->platform, &flags[i], load->errors);
}

void
platform_check_flags(struct platform_load *load)
{
	struct platform *platform = load->platform;

	check_all(load, platform->flags, platform->flag_count);
	check_all(load, platform->flags_off, platform->flag_off_count);
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
	PLATFORM_WHEN_SET_ROW(struct flag_raw, when_set),
};
const struct opt_table platform_flag_opts = OPT_TABLE(flag_rows);
