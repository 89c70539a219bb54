/*
 * `sevtop act`: one action from a shell. The same plan, gate, record and
 * read-back as on the screen; only the confirmation is an option.
 */
#include "tui/commands.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actions/engine.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/json_out.h"
#include "base/redact.h"
#include "base/thread.h"
#include "model/limits.h"
#include "model/platform.h"
#include "model/store.h"
#include "tui/acting.h"
#include "tui/load.h"

enum {
	ACT_USAGE = CLI_EXIT_USAGE,
	ACT_WAIT_S = 180, /* read-backs of two minutes, and then some */
	ACT_FLUSH_MS = 5000,
	ACT_TEXT_MAX = 8 * 1024 * 1024,
};

/* One run of the command. */
struct act {
	const struct cli *cli;
	bool json;
	struct loaded loaded;
	const struct platform *platform;
	struct store *store;
	struct redactor *redactor;
	struct wake wake;
	struct acting acting;
	uint64_t job;
	struct job_view view;
	int64_t deadline;
};

static void
act_say(const char *words)
{
	fprintf(stderr, "sevtop: %s\n", words);
}

/* Waits until the job is planned or settled. False: the time is over. */
static bool
act_wait(struct act *act, bool planned)
{
	for (;;) {
		wake_drain(&act->wake);
		job_view_release(&act->view);
		if (!actions_job(act->acting.actions, act->job, &act->view))
			return false;
		if (act->view.outcome != OUTCOME_NONE ||
		    (planned && act->view.state == JOB_PLANNED))
			return true;
		if (io_wait(wake_fd(&act->wake), IO_READ, act->deadline, NULL,
			NULL) != ERR_OK)
			return false;
	}
}

/* "SOURCE/NAME" when there is a source of that name, else all is the name. */
static const char *
act_target(const struct act *act, char *text, const char **ret_source)
{
	char *slash = strchr(text, '/');

	if (slash == NULL)
		return text;
	*slash = '\0';
	if (platform_source_find(act->platform, text) != NULL) {
		*ret_source = text;
		return slash + 1;
	}
	*slash = '/';
	return text;
}

/* From the words of the command line. */
static enum err_code
act_plan(struct act *act, struct arena *arena, struct err *err)
{
	const struct cli *cli = act->cli;
	struct request_target targets[CLI_LIST_MAX] = { { NULL, NULL } };
	struct request_value values[CLI_LIST_MAX] = { { NULL, NULL } };
	struct request_spec spec = {
		.action = cli->args[0],
		.platform = act->platform->name,
		.targets = targets,
		.target_count = cli->count[CLI_TARGET],
		.values = values,
		.value_count = cli->count[CLI_SET],
		.dry = cli->value[CLI_PLAN] != NULL,
	};

	for (size_t i = 0; i < spec.target_count; i++) {
		const char *word = cli->list[CLI_TARGET][i], *source = NULL;
		char *copy = arena_copy(arena, word, strlen(word));

		if (copy == NULL)
			return ERR_NOMEM;
		targets[i].name = act_target(act, copy, &source);
		if (source != NULL && spec.source != NULL &&
		    strcmp(source, spec.source) != 0)
			return err_set(err, ERR_USAGE, "act",
			    "targets of two sources in one action: %s and %s",
			    spec.source, source);
		if (source != NULL)
			spec.source = source;
	}
	for (size_t i = 0; i < spec.value_count; i++) {
		const char *word = cli->list[CLI_SET][i];
		const char *equals = strchr(word, '=');

		if (equals == NULL)
			return err_set(err, ERR_USAGE, "act",
			    "--set wants NAME=VALUE, not \"%.60s\"", word);
		values[i].name =
		    arena_copy(arena, word, (size_t)(equals - word));
		values[i].value = equals + 1;
	}
	return actions_plan(act->acting.actions, &spec, &act->job, err);
}

static void
act_print_plan(const struct act *act)
{
	struct buf out = BUF_INIT(ACT_TEXT_MAX);
	const struct plan *plan = act->view.plan;

	text_plain(&out, plan->title);
	buf_fmt(&out, "   %s, %s%s\n", act->platform->name, act->platform->env,
	    act->platform->prod ? " (PROD)" : "");
	if (plan_text(plan, &out))
		fwrite(buf_cstr(&out), 1, out.len, stdout);
	if (plan->nothing)
		fputs("nothing to do: it is so already\n", stdout);
	fflush(stdout);
	buf_release(&out);
}

/* A line from the terminal, without its end; "" at the end of input. */
static void
act_ask(const char *question, char *out, size_t size)
{
	fprintf(stderr, "%s ", question);
	fflush(stderr);
	if (fgets(out, (int)size, stdin) == NULL)
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

/* The name that is to be typed; it may hold anything that is UTF-8. */
static void
act_name(const char *word)
{
	struct arena *arena = arena_new(PLAN_ARENA_MAX);
	struct buf name = BUF_INIT(PLAN_ARENA_MAX);

	if (arena != NULL)
		text_plain(&name, text_clean_str(arena, word));
	fprintf(stderr, "type %s to do it\n", buf_cstr(&name));
	buf_release(&name);
	arena_free(arena);
}

/*
 * What the class asks for, from options or from a person at a terminal.
 * False: it was not given.
 */
static bool
act_confirm(struct act *act, struct err *err)
{
	const struct plan *plan = act->view.plan;
	const char *given = act->cli->value[CLI_REASON];
	char reason[ACTION_REASON_MAX] = "", typed[ACTION_TARGET_MAX] = "";
	bool person = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);

	if (given != NULL)
		snprintf(reason, sizeof(reason), "%s", given);
	if (act->cli->value[CLI_YES] != NULL) {
		/* The target was named on the command line. */
		snprintf(typed, sizeof(typed), "%s", plan->word);
	} else if (!person) {
		err_set(err, ERR_FORBIDDEN, "act",
		    "nobody is there to ask: --yes does it, --plan only looks");
		return false;
	} else {
		if (reason[0] == '\0' && plan->class >= ACTION_DISRUPTIVE)
			act_ask("reason?", reason, sizeof(reason));
		if (plan->class == ACTION_DESTRUCTIVE) {
			act_name(plan->word);
			act_ask(">", typed, sizeof(typed));
		} else {
			act_ask("do it? y/n", typed, sizeof(typed));
			if (strcmp(typed, "y") != 0) {
				err_set(err, ERR_FORBIDDEN, "act",
				    "not confirmed: nothing was sent");
				return false;
			}
		}
	}
	return actions_confirm(act->acting.actions, act->job, plan, reason,
		   typed, err) == ERR_OK;
}

/* The reason opens the gate of this run, where there is a gate. */
static enum err_code
act_arm(struct act *act, struct err *err)
{
	const char *reason = act->cli->value[CLI_REASON];
	struct gate gate;

	if (!actions_gate(act->acting.actions, act->platform->name, &gate) ||
	    gate_is_open(&gate, clock_now()) || reason == NULL)
		return ERR_OK;
	return actions_arm(
	    act->acting.actions, act->platform->name, reason, 0, err);
}

/* Lines that the action said. */
static const struct table *
act_output(const struct act *act, struct frame *frame)
{
	frame_acquire(frame, act->store);
	return frame->actions != NULL
		   ? payload_table(frame->actions->payload, "output")
		   : NULL;
}

static void
act_print_json(const struct act *act, const struct table *output)
{
	struct buf scratch = BUF_INIT(ACT_TEXT_MAX),
		   out = BUF_INIT(ACT_TEXT_MAX);
	struct buf plan = BUF_INIT(PLAN_JSON_MAX);
	struct json_out json = JSON_OUT_INIT(&scratch);
	struct cJSON *root = json_out_open(&json), *lines;

	json_out_num(&json, root, "version", 1);
	json_out_str(&json, root, "id", act->view.id);
	json_out_str(&json, root, "platform", act->platform->name);
	json_out_str(&json, root, "env", act->platform->env);
	json_out_str(&json, root, "action", act->cli->args[0]);
	json_out_str(&json, root, "state", job_state_word(act->view.state));
	json_out_str(
	    &json, root, "outcome", job_outcome_word(act->view.outcome));
	json_out_str(&json, root, "words", act->view.words);
	if (act->view.plan != NULL &&
	    plan_json(act->view.plan, act->redactor, &plan) == ERR_OK)
		json_out_raw(&json, root, "plan", buf_cstr(&plan));
	lines = json_out_list(&json, root, "output");
	for (size_t i = 0; output != NULL && i < output->row_count; i++)
		json_out_item(&json, lines, output->rows[i].cells[1].text);
	if (json_out_close(&json, root, &out) == ERR_OK)
		printf("%s\n", buf_cstr(&out));
	buf_release(&scratch);
	buf_release(&out);
	buf_release(&plan);
}

static void
act_print_text(const struct act *act, const struct table *output)
{
	const struct job_view *view = &act->view;
	const char *word = view->outcome != OUTCOME_NONE
			       ? job_outcome_word(view->outcome)
			       : job_state_word(view->state);
	struct buf line = BUF_INIT(ACT_TEXT_MAX);

	for (size_t i = 0; output != NULL && i < output->row_count; i++) {
		text_plain(&line, output->rows[i].cells[1].text);
		buf_char(&line, '\n');
	}
	fwrite(buf_cstr(&line), 1, line.len, stdout);
	fflush(stdout);
	buf_release(&line);
	fprintf(stderr, "%s%s%s\n", word, view->words[0] != '\0' ? ": " : "",
	    view->words);
	if (view->outcome == OUTCOME_NONE ||
	    view->outcome == OUTCOME_UNRESOLVED)
		fputs("do not repeat it: the dashboard goes on reading back\n",
		    stderr);
}

static void
act_print(struct act *act)
{
	struct frame frame = { .sections = NULL };
	const struct table *output = NULL;

	if (frame_init(&frame, act->store, NULL) == ERR_OK)
		output = act_output(act, &frame);
	if (act->json)
		act_print_json(act, output);
	else
		act_print_text(act, output);
	if (frame.sections != NULL)
		frame_release(&frame);
}

/* What was wrong with the wish itself, or with what it met. */
static int
act_refused(const struct err *err)
{
	act_say(err_text(err));
	return err->code == ERR_USAGE || err->code == ERR_NOTFOUND
		   ? ACT_USAGE
		   : job_outcome_exit(OUTCOME_REFUSED);
}

static int
act_run(struct act *act)
{
	struct arena *arena = arena_new(PLAN_ARENA_MAX);
	struct err err = ERR_INIT;
	enum err_code code = ERR_NOMEM;

	if (arena != NULL)
		code = act_plan(act, arena, &err);
	arena_free(arena);
	if (code != ERR_OK)
		return act_refused(&err);
	if (!act_wait(act, true)) {
		act_say("no plan in time");
		return job_outcome_exit(OUTCOME_FAILED);
	}
	if (act->view.state == JOB_PLANNED) {
		bool look = act->cli->value[CLI_PLAN] != NULL ||
			    act->view.plan->nothing;

		if (!act->json)
			act_print_plan(act);
		if (look) {
			if (act->json)
				act_print(act);
			return 0;
		}
		if (act_arm(act, &err) != ERR_OK || !act_confirm(act, &err))
			return act_refused(&err);
		(void)act_wait(act, false);
	}
	act_print(act);
	return job_outcome_exit(act->view.outcome);
}

static int
act_with_engine(struct act *act)
{
	struct err err = ERR_INIT;
	int status;

	act->wake.fd[0] = act->wake.fd[1] = -1;
	act->platform = act->loaded.platforms[0];
	act->redactor = redactor_new();
	act->store = store_new(act->platform->source_count + 1, &err);
	if (act->redactor == NULL || act->store == NULL ||
	    wake_init(&act->wake, &err) != ERR_OK ||
	    store_subscribe(act->store, STORE_ANY, &act->wake, &err) !=
		ERR_OK ||
	    acting_open(&act->acting, act->cli, &act->loaded, act->store,
		act->redactor, &err) != ERR_OK) {
		act_say(err_text(&err));
		return 1;
	}
	status = act_run(act);
	job_view_release(&act->view);
	if (!acting_close(&act->acting, clock_now() + ACT_FLUSH_MS * NS_PER_MS))
		_exit(status);
	return status;
}

static int
cmd_act(const struct cli *cli)
{
	struct act act = { .cli = cli };
	int64_t timeout_ns = ACT_WAIT_S * NS_PER_SEC;
	int status;

	if (cli->arg_count != 1) {
		act_say("act wants the name of an action");
		return CLI_EXIT_USAGE;
	}
	if (!cli_output(cli, &act.json))
		return CLI_EXIT_USAGE;
	if (cli->value[CLI_TIMEOUT] != NULL &&
	    !load_seconds(cli->value[CLI_TIMEOUT], &timeout_ns)) {
		act_say("--timeout wants seconds from 0.1 to 86400");
		return CLI_EXIT_USAGE;
	}
	status = load_platforms(cli, &act.loaded);
	if (status != 0)
		return status;
	act.deadline = clock_now() + timeout_ns;
	if (act.loaded.count == 1) {
		status = act_with_engine(&act);
	} else {
		act_say("act works on one platform: name it with -p or -c");
		status = CLI_EXIT_USAGE;
	}
	store_free(act.store);
	redactor_free(act.redactor);
	wake_release(&act.wake);
	load_release(&act.loaded);
	return status;
}

const struct cli_command command_act = {
	.name = "act",
	.args = "ACTION",
	.help = "plan an action, confirm it, do it, and read it back",
	.text = "Exit status: 0 done and verified, or nothing to do; 1 failed, "
		"nothing changed; 2 in doubt, or only part of it was done; 3 "
		"refused, nothing was sent. "
		"Where the platform starts read-only (prod), --reason opens "
		"it for this one action. A target is written SOURCE/NAME when "
		"several sources could have it.",
	.options =
	    (const enum cli_option[]) {
		CLI_CONFIG,
		CLI_PLATFORM,
		CLI_ENV,
		CLI_TARGET,
		CLI_SET,
		CLI_PLAN,
		CLI_YES,
		CLI_REASON,
		CLI_READONLY,
		CLI_OUTPUT,
		CLI_TIMEOUT,
		CLI_HELP,
		CLI_OPTION_COUNT,
	    },
	.args_max = 1,
	.run = cmd_act,
};
