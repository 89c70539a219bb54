/* `actions:` of a platform: what is read, left out, and refused. */
#include "model/platform.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tests/problems.h"
#include "tests/tap.h"

static bool
types_at(const void *ctx, size_t index, struct platform_type *ret)
{
	(void)ctx;
	*ret = (struct platform_type) { .name = "store", .help = "a cache" };
	return index == 0;
}

/* A kind of actions with one key of its own. */
struct shell_conf {
	const char *run;
};

static const struct opt shell_rows[] = {
	{
	    OPT_FIELD(struct shell_conf, run, "run", OPT_STRING),
	    .required = true,
	    .help = "what to run",
	},
};

static bool
action_types_at(const void *ctx, size_t index, struct platform_type *ret)
{
	(void)ctx;
	*ret = (struct platform_type) {
		.name = "shell",
		.help = "a line",
		.opts = OPT_TABLE(shell_rows),
		.config_size = sizeof(struct shell_conf),
		.ops = "shell ops",
	};
	return index == 0;
}

static void
action_types_check(const void *ctx, const struct platform *platform_,
    const struct platform_action *action, struct conf_errors *list)
{
	const struct shell_conf *conf = action->config;

	(void)ctx;
	(void)platform_;
	if (strcmp(conf->run, "rm") == 0)
		conf_errors_add(
		    list, conf_get(action->node, "run")->pos, NULL, "not that");
}

static const struct platform_action_types action_types = {
	.at = action_types_at,
	.check = action_types_check,
};

static const struct platform_types types = {
	.at = types_at,
	.actions = &action_types,
};

static const char *
variable(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "SEVTOP_ENV") == 0 ? "staging" : NULL;
}

static const struct conf_env vars = { .get = variable };
static struct platform *platform;

static enum err_code
load(const char *text, const char *env)
{
	platform = platform_free(platform);
	conf_errors_clear(&errors);
	return platform_parse("p.yaml", text, strlen(text), env, &types, &vars,
	    &errors, &platform);
}

#define WITH_ACTIONS                                                           \
	"platform: shop\nsources:\n  front: {type: store}\n"                   \
	"signals:\n  heap: {value: heap}\nactions:\n"

static void
test_actions(void)
{
	static const char text[] = WITH_ACTIONS
	    "  rollback:\n"
	    "    type: shell\n"
	    "    class: disruptive\n"
	    "    title: Roll back\n"
	    "    run: back\n"
	    "    on: [services]\n"
	    "    watch: heap\n"
	    "    timeout: 30s\n"
	    "    undo: forward\n"
	    "    undo_set: {revision: newest}\n"
	    "    inputs:\n"
	    "      count: {type: whole, min: 1, max: 9, default: 3}\n"
	    "      to: {type: choice, choices: [a, b], required: true}\n"
	    "      which: {type: choice, from: {table: services}}\n"
	    "  forward: {type: shell, class: reversible, run: on}\n"
	    "keys: {R: rollback, F: refresh}\n";
	const struct platform_action *action;
	const struct shell_conf *conf;

	is_int(load(text, NULL), ERR_OK, "loads");
	is_str(problems(), "", "no problems");
	is_int((int64_t)platform->action_count, 2, "two actions");
	action = platform_action_find(platform, "rollback");
	conf = action->config;
	is_str(action->title, "Roll back", "title");
	is_int(action->class, ACTION_DISRUPTIVE, "class");
	is_str(conf->run, "back", "its kind's own key");
	is_int(action->targets, PLATFORM_TARGETS_ONE, "a row: one target");
	is_str(action->watch, "heap", "the signal that it is to mend");
	is_int(action->watch_ns, 300 * NS_PER_SEC, "watched for five minutes");
	is_int(action->timeout_ns, 30 * NS_PER_SEC, "time-out");
	is_str(action->undo, "forward", "undo");
	is_int((int64_t)action->input_count, 3, "inputs");
	is_int(action->inputs[0].opt.kind, OPT_INT, "a whole number");
	is_str(action->inputs[0].opt.preset, "3", "with a default");
	is_str(action->inputs[1].opt.choices[1], "b", "a choice");
	ok(action->inputs[2].from != NULL, "one that is looked up");
	action = platform_action_find(platform, "forward");
	is_str(action->title, "forward", "the name is the title");
	is_int(action->targets, PLATFORM_TARGETS_NONE, "no target");
	ok(platform->keys[0].is_action && !platform->keys[1].is_action,
	    "a key names an action");
}

static void
test_action_when_set(void)
{
	static const char text[] = WITH_ACTIONS
	    "  one: {type: shell, class: look, run: x, when_set: SEVTOP_ENV}\n"
	    "  two: {type: shell, class: look, run: x, when_set: NOT_SET}\n"
	    "  three: {type: shell, class: look, run: x, undo: two, undo_set: "
	    "{a: b}}\n"
	    "  four: {type: shell, class: look, run: x, when_set: NOT_SET, "
	    "undo: two}\n"
	    "keys: {R: two}\n";

	is_int(load(text, NULL), ERR_OK, "loads");
	is_int((int64_t)platform->action_count, 2, "two are there");
	ok(platform_action_find(platform, "two") == NULL, "one is not");
	is_str(platform_action_off(platform, "two"), "NOT_SET is not set",
	    "which is said");
	ok(platform_action_off(platform, "one") == NULL &&
		platform_action_off(platform, "five") == NULL,
	    "and of no other");
	ok(platform_action_find(platform, "three")->undo == NULL &&
		platform_action_find(platform, "three")->undo_set.count == 0,
	    "what it would undo can't be undone");
	is_str(problems(),
	    "p.yaml:9:51: warning: \"three\" has no undo here: two is left "
	    "out, NOT_SET is not set\n",
	    "with a warning");
	ok(platform->keys[0].is_action, "a key may name it");
}

static void
test_action_errors(void)
{
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
		{ "  a: {class: look, run: x}\n",
		    "p.yaml:7:3: \"a\" lacks \"type\"" },
		{ "  a: {type: shall, class: look, run: x}\n",
		    "p.yaml:7:13: unknown action type \"shall\"\n\tdid you "
		    "mean "
		    "\"shell\"?" },
		{ "  a: {type: shell, run: x}\n",
		    "p.yaml:7:3: \"a\" lacks \"class\"" },
		{ "  a: {type: shell, class: mild, run: x}\n",
		    "p.yaml:7:27: " },
		{ "  a: {type: shell, class: look, run: x, runn: y}\n",
		    "p.yaml:7:41: unknown key \"runn\"\n\tdid you mean "
		    "\"run\"?" },
		{ "  a: {type: shell, class: look, run: rm}\n",
		    "p.yaml:7:38: not that" },
		{ "  a: {type: shell, class: look, run: x, watch: heep}\n",
		    "no signal is named \"heep\"\n\tdid you mean \"heap\"?" },
		{ "  ab: {type: shell, class: look, run: x, undo: abc}\n",
		    "no action is named \"abc\"" },
		{ "  a: {type: shell, class: look, run: x, inputs: "
		  "{n: {type: choice}}}\n",
		    "\"n\" wants either choices or from" },
		{ "  a: {type: shell, class: look, run: x, inputs: "
		  "{n: {choices: [a]}}}\n",
		    "\"n\" has choices, but is no choice" },
		{ "  a: {type: shell, class: look, run: x, inputs: "
		  "{n: {type: whole, max: 5, default: 9}}}\n",
		    "p.yaml:7:84: " },
		{ "  ab: {type: shell, class: look, run: x, first: abc}\n",
		    "p.yaml:7:49: no action is named \"abc\"\n\tdid you mean "
		    "\"ab\"?" },
		{ "  a: {type: [x]}\n",
		    "p.yaml:7:13: \"type\" wants the name of the "
		    "action type, not a list" },
		{ "  a: {type: shell, class: look, run: rm, when_set: X}\n",
		    "p.yaml:7:38: not that" },
		{ "  a: [x]\n", "\"a\" wants a map with at least a type" },
		{ "  a b: {type: shell, class: look, run: x}\n",
		    "not a name for an action" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[1024];

		snprintf(
		    text, sizeof(text), "%s%s", WITH_ACTIONS, cases[i].text);
		is_int(load(text, NULL), ERR_CONFIG, "refused");
		ok(strstr(problems(), cases[i].says) != NULL, "%s", printed);
	}
}

int
main(void)
{
	RUN(test_actions);
	RUN(test_action_when_set);
	RUN(test_action_errors);
	platform = platform_free(platform);
	return tap_done();
}
