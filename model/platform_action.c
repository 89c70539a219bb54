/*
 * Reads `actions:` of a platform: the keys that all kinds share, those of
 * the kind, and the inputs. What an action needs from outside is checked
 * when it is planned; everything that the file alone can tell is told here.
 */
#include "model/platform_action.h"

#include <string.h>

#include "base/clock.h"
#include "base/opt_value.h"
#include "model/platform_entry.h"

/* The keys of every action. */
struct action_raw {
	const char *type;
	const char *title;
	const char *help;
	int class;
	const char *key;
	struct opt_list on;
	int targets;
	const struct conf_node *inputs;
	const char *watch;
	int64_t watch_ns;
	int64_t timeout_ns;
	int64_t settle_ns;
	const char *undo;
	struct opt_pairs undo_set;
	const char *first;
	struct opt_list when_set;
};

/* The keys of an input. */
struct input_raw {
	int kind;
	bool required;
	int64_t min;
	int64_t max;
	const char *preset;
	struct opt_list choices;
	const struct conf_node *from;
	const char *unit;
	const char *help;
};

/* kind of an option, its word in the configuration */
#define INPUT_KINDS(X)                                                         \
	X(STRING, "string")                                                    \
	X(INT, "whole")                                                        \
	X(NUMBER, "number")                                                    \
	X(BOOL, "bool")                                                        \
	X(CHOICE, "choice")                                                    \
	X(DURATION, "duration")                                                \
	X(SIZE, "size")

static const char *const input_kinds[] = {
#define X(kind, word) word,
	INPUT_KINDS(X)
#undef X
	    NULL,
};

static const char *const target_words[] = { "none", "one", "many", NULL };

static const struct platform_action *
find(const struct platform_action *actions, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	}
	return NULL;
}

const struct platform_action *
platform_action_find(const struct platform *platform, const char *name)
{
	return find(platform->actions, platform->action_count, name);
}

const char *
platform_action_off(const struct platform *platform, const char *name)
{
	const struct platform_action *action =
	    find(platform->actions_off, platform->action_off_count, name);

	return action != NULL ? action->off : NULL;
}

/* A choice wants its words from somewhere, and nothing else has any. */
static bool
check_choices(struct platform_load *load, const struct conf_node *node,
    const struct input_raw *raw, enum opt_kind kind)
{
	size_t sources = (raw->choices.count > 0) + (raw->from != NULL);

	if (kind == OPT_CHOICE && sources == 1)
		return true;
	if (kind != OPT_CHOICE && sources == 0)
		return true;
	conf_errors_add(load->errors, node->key_pos, NULL,
	    kind == OPT_CHOICE
		? "\"%.64s\" wants either choices or from, to choose from"
		: "\"%.64s\" has choices, but is no choice",
	    node->key);
	return false;
}

static enum err_code
read_input(struct platform_load *load, const struct conf_node *node, void *out,
    bool *ret_off)
{
	static const enum opt_kind kinds[] = {
#define X(kind, word) OPT_##kind,
		INPUT_KINDS(X)
#undef X
	};
	struct platform_input *ret = out;
	struct input_raw raw = { .kind = 0 };
	const struct conf_node *preset = conf_get(node, "default");
	union {
		const char *text;
		double number;
		int64_t whole;
	} sink;
	const char **choices;
	enum err_code code = opt_bind(
	    &platform_input_opts, node, &raw, load->arena, load->errors);

	(void)ret_off; /* an input is always there */
	if (code != ERR_OK)
		return code;
	if (!check_choices(load, node, &raw, kinds[raw.kind]))
		return ERR_CONFIG;
	choices =
	    arena_array(load->arena, raw.choices.count + 1, sizeof(*choices));
	if (choices == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < raw.choices.count; i++)
		choices[i] = raw.choices.items[i];
	*ret = (struct platform_input) {
		.opt = {
			.name = node->key,
			.kind = kinds[raw.kind],
			.type = opt_kind_type(kinds[raw.kind]),
			.required = raw.required,
			.min = raw.min,
			.max = raw.max,
			.preset = raw.preset,
			.unit = raw.unit,
			.help = raw.help != NULL ? raw.help : node->key,
			.choices = raw.choices.count > 0 ? choices : NULL,
		},
		.from = raw.from,
		.pos = node->key_pos,
	};
	/* What can be chosen is known when it is asked for. */
	if (ret->from != NULL) {
		ret->opt.kind = OPT_STRING;
		ret->opt.type = OPT_TYPE_TEXT;
	}
	if (preset != NULL)
		code = opt_value_read(&ret->opt, preset, (char *)&sink,
		    load->arena, load->errors);
	return code;
}

static enum err_code
read_inputs(struct platform_load *load, const struct conf_node *map,
    struct platform_action *ret)
{
	static const struct platform_many many = {
		.what = "an input",
		.max = ACTION_VALUES_MAX,
		.size = sizeof(struct platform_input),
		.read = read_input,
	};
	struct platform_many_read got;
	enum err_code code = platform_read_many(load, map, &many, &got);

	ret->inputs = got.on;
	ret->input_count = got.count;
	return code;
}

/* The name of another action; with a dot it is one that the engine knows. */
static void
check_action_name(
    struct platform_load *load, const struct conf_node *node, const char *name)
{
	if (node != NULL && name != NULL && strchr(name, '.') == NULL)
		platform_check_key(
		    load, load->actions, node, "no action is named");
}

/* Names of signals and of other actions, wherever one is mentioned. */
static void
check_names(struct platform_load *load, const struct platform_action *action)
{
	const struct conf_node *watch = conf_get(action->node, "watch");

	if (watch != NULL && action->watch != NULL)
		platform_check_key(
		    load, load->signals, watch, "no signal is named");
	check_action_name(load, conf_get(action->node, "undo"), action->undo);
	check_action_name(load, conf_get(action->node, "first"), action->first);
}

static enum err_code
read_action(struct platform_load *load, const struct conf_node *node, void *out,
    bool *ret_off)
{
	const struct platform_action_types *types = load->types->actions;
	const struct platform_sort sort = {
		.what = "action",
		.example = "type: what kind of action it is, such as command",
		.needs = "a type and a class",
		.common = &platform_action_opts,
		.at = types != NULL ? types->at : NULL,
		.ctx = types != NULL ? types->ctx : NULL,
	};
	struct platform_action *ret = out;
	struct action_raw raw = { .type = NULL };
	struct platform_entry entry;
	enum err_code code =
	    platform_entry_read(load, &sort, node, &raw, &entry);

	if (code != ERR_OK)
		return code;
	*ret = (struct platform_action) {
		.name = node->key,
		.title = raw.title != NULL ? raw.title : node->key,
		.help = raw.help,
		.type = entry.type.name,
		.ops = entry.type.ops,
		.class = (enum action_class)raw.class,
		.key = raw.key,
		.on = raw.on,
		.targets = (enum platform_targets)raw.targets,
		.watch = raw.watch,
		.watch_ns = raw.watch_ns,
		.timeout_ns = raw.timeout_ns,
		.settle_ns = raw.settle_ns,
		.undo = raw.undo,
		.undo_set = raw.undo_set,
		.first = raw.first,
		.off = platform_entry_off(load, &raw.when_set),
		.config = entry.config,
		.node = node,
		.pos = node->key_pos,
	};
	*ret_off = ret->off != NULL;
	if (conf_get(node, "targets") == NULL && ret->on.count > 0)
		ret->targets = PLATFORM_TARGETS_ONE;
	code = read_inputs(load, raw.inputs, ret);
	if (code == ERR_OK)
		check_names(load, ret);
	return code;
}

/* An undo that counts as not there is none, which is said. */
static void
drop_undo(struct platform_load *load, struct platform_action *action)
{
	const char *off =
	    action->undo != NULL
		? platform_action_off(load->platform, action->undo)
		: NULL;

	if (off == NULL)
		return;
	conf_errors_warn(load->errors, conf_get(action->node, "undo")->pos,
	    NULL, "\"%.60s\" has no undo here: %.60s is left out, %s",
	    action->name, action->undo, off);
	action->undo = NULL;
	action->undo_set = (struct opt_pairs) { .count = 0 };
}

static void
check_all(struct platform_load *load, const struct platform_action *actions,
    size_t count)
{
	const struct platform_action_types *types = load->types->actions;

	if (load->errors->errors > 0 || types == NULL || types->check == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		types->check(
		    types->ctx, load->platform, &actions[i], load->errors);
}

enum err_code
platform_read_actions(struct platform_load *load, const struct conf_node *map)
{
	static const struct platform_many many = {
		.what = "an action",
		.max = PLATFORM_ACTIONS_MAX,
		.size = sizeof(struct platform_action),
		.read = read_action,
	};
	struct platform *platform = load->platform;
	struct platform_many_read got;
	struct platform_action *actions;
	enum err_code code;

	load->actions = map;
	code = platform_read_many(load, map, &many, &got);
	if (code == ERR_NOMEM)
		return code;
	actions = got.on;
	platform->actions = actions;
	platform->action_count = got.count;
	platform->actions_off = got.off;
	platform->action_off_count = got.off_count;
	for (size_t i = 0; i < got.count; i++)
		drop_undo(load, &actions[i]);
	check_all(load, got.on, got.count);
	check_all(load, got.off, got.off_count);
	return code;
}

static const struct opt action_rows[] = {
	{
	    OPT_FIELD(struct action_raw, type, "type", OPT_STRING),
	    .required = true,
	    .help = "kind of action",
	},
	{
	    OPT_FIELD(struct action_raw, class, "class", OPT_CHOICE),
	    .choices = action_class_words,
	    .required = true,
	    .help = "how much harm it can do: what is asked before it is done",
	},
	{
	    OPT_FIELD(struct action_raw, title, "title", OPT_STRING),
	    .min = 1,
	    .max = NAME_MAX_LEN,
	    .help = "what people call it",
	},
	{
	    OPT_FIELD(struct action_raw, help, "help", OPT_STRING),
	    .min = 1,
	    .max = ERR_MSG_MAX - 1,
	    .help = "one line on what it does",
	},
	{
	    OPT_FIELD(struct action_raw, key, "key", OPT_STRING),
	    .help = "command of the keyboard that means it, as act-rollback",
	},
	{
	    OPT_FIELD(struct action_raw, on, "on", OPT_LIST),
	    .min = 1,
	    .max = 8,
	    .help = "tables whose rows it can be done to",
	},
	{
	    OPT_FIELD(struct action_raw, targets, "targets", OPT_CHOICE),
	    .choices = target_words,
	    .help = "how many it takes; one, if it is done to rows",
	},
	{
	    OPT_FIELD(struct action_raw, inputs, "inputs", OPT_NODE),
	    .help = "values that are asked for: a map of names",
	},
	{
	    OPT_FIELD(struct action_raw, watch, "watch", OPT_STRING),
	    .help = "signal that it is to mend",
	},
	{
	    OPT_FIELD(struct action_raw, watch_ns, "watch_for", OPT_DURATION),
	    .min = CHECK_HOLD_MS * NS_PER_MS,
	    .max = CHECK_FOR_MAX_MS * NS_PER_MS,
	    .preset = "5m",
	    .help = "how long the signal is watched afterwards",
	},
	{
	    OPT_FIELD(struct action_raw, timeout_ns, "timeout", OPT_DURATION),
	    .min = ACTION_TIMEOUT_MIN_MS * NS_PER_MS,
	    .max = ACTION_TIMEOUT_MAX_MS * NS_PER_MS,
	    .help = "longest time that doing it may take",
	},
	{
	    OPT_FIELD(struct action_raw, settle_ns, "settle", OPT_DURATION),
	    .max = ACTION_TIMEOUT_MAX_MS * NS_PER_MS,
	    .help = "longest time until it shows",
	},
	{
	    OPT_FIELD(struct action_raw, undo, "undo", OPT_STRING),
	    .help = "action that takes it back, for the same target",
	},
	{
	    OPT_FIELD(struct action_raw, undo_set, "undo_set", OPT_PAIRS),
	    .max = ACTION_VALUES_MAX,
	    .template = true,
	    .help = "values for that action",
	},
	{
	    OPT_FIELD(struct action_raw, first, "first", OPT_STRING),
	    .help = "action that should be done before, such as a dump: the "
		    "plan says so",
	},
	PLATFORM_WHEN_SET_ROW(struct action_raw, when_set),
};
const struct opt_table platform_action_opts = OPT_TABLE(action_rows);

static const struct opt input_rows[] = {
	{
	    OPT_FIELD(struct input_raw, kind, "type", OPT_CHOICE),
	    .choices = input_kinds,
	    .preset = "string",
	    .help = "kind of value",
	},
	{
	    OPT_FIELD(struct input_raw, required, "required", OPT_BOOL),
	    .preset = "false",
	    .help = "true: it has to be given",
	},
	{
	    OPT_FIELD(struct input_raw, min, "min", OPT_INT),
	    .help = "smallest value, or shortest text",
	},
	{
	    OPT_FIELD(struct input_raw, max, "max", OPT_INT),
	    .help = "largest value, or longest text",
	},
	{
	    OPT_FIELD(struct input_raw, preset, "default", OPT_STRING),
	    .help = "value when none is given",
	},
	{
	    OPT_FIELD(struct input_raw, choices, "choices", OPT_LIST),
	    .min = 1,
	    .max = ACTION_CHOICES_MAX,
	    .help = "words to choose from",
	},
	{
	    OPT_FIELD(struct input_raw, from, "from", OPT_NODE),
	    .help = "where the words to choose from come from",
	},
	{
	    OPT_FIELD(struct input_raw, unit, "unit", OPT_STRING),
	    .help = "unit of a number, for eyes",
	},
	{
	    OPT_FIELD(struct input_raw, help, "help", OPT_STRING),
	    .help = "one line on what it means",
	},
};
const struct opt_table platform_input_opts = OPT_TABLE(input_rows);
