#include "config.h"

#include "tui/cli.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

const struct cli_option_row cli_options[CLI_OPTION_COUNT] = {
	[CLI_CONFIG] = { "config", 'c', "FILE", "SEVTOP_CONFIG",
	    "read this configuration file", true },
	[CLI_PLATFORM] = { "platform", 'p', "PLATFORM", "SEVTOP_PLATFORM",
	    "watch this platform (a name: see `sevtop info`)", true },
	[CLI_ENV] = { "env", 0, "NAME", "SEVTOP_ENV",
	    "environment: prod, staging, drill, ...", false },
	[CLI_READONLY] = { "readonly", 0, NULL, "SEVTOP_READONLY",
	    "never act; can't be armed", false },
	[CLI_WRITE] = { "write", 0, NULL, NULL, "start armed", false },
	[CLI_THEME] = { "theme", 0, "NAME", "SEVTOP_THEME",
	    "colours: a theme's name or file", false },
	[CLI_ASCII] = { "ascii", 0, NULL, "SEVTOP_ASCII",
	    "draw with ASCII characters only", false },
	[CLI_NO_COLOR] = { "no-color", 0, NULL, NULL,
	    "no colours (NO_COLOR does the same)", false },
	[CLI_MOUSE] = { "mouse", 0, NULL, NULL,
	    "let the mouse scroll and select", false },
	[CLI_PLAIN] = { "plain", 0, NULL, NULL,
	    "print lines instead of drawing a screen", false },
	[CLI_REFRESH] = { "refresh", 'r', "SEC", "SEVTOP_REFRESH",
	    "poll every source at this interval", false },
	[CLI_OUTPUT] = { "output", 'o', "text|json", NULL,
	    "format of the output", false },
	[CLI_TIMEOUT] = { "timeout", 0, "SEC", NULL,
	    "longest wait for all sources (10)", false },
	[CLI_FILTER] = { "filter", 0, "EXPR", NULL,
	    "only lines that match, as after f in the log panel", false },
	[CLI_SINCE] = { "since", 0, "WHEN", NULL,
	    "from this time on: 10m, 2h, or 2026-11-22T14:00:00Z", false },
	[CLI_FOLLOW] = { "follow", 'f', NULL, NULL,
	    "go on as lines are written", false },
	[CLI_SCENARIO] = { "scenario", 0, "NAME", NULL,
	    "play a story of faults", false },
	[CLI_SEED] = { "seed", 0, "N", NULL, "same seed, same story", false },
	[CLI_FAULT] = { "fault", 0, "NAME", NULL, "start with this fault on",
	    true },
	[CLI_HEADLESS] = { "headless", 0, NULL, NULL,
	    "no dashboard: print the environment, then READY", false },
	[CLI_STDOUT] = { "stdout", 0, NULL, NULL,
	    "print it instead of writing a file", false },
	[CLI_LIST] = { "list", 0, NULL, NULL,
	    "list platforms, faults and scenarios", false },
	[CLI_TARGET] = { "target", 0, "T", NULL, "what to do it to", true },
	[CLI_SET] = { "set", 0, "K=V", NULL, "an argument of the action",
	    true },
	[CLI_PLAN] = { "plan", 0, NULL, NULL, "only show what would be done",
	    false },
	[CLI_YES] = { "yes", 0, NULL, NULL, "confirm without asking", false },
	[CLI_REASON] = { "reason", 0, "TEXT", NULL, "why; for the record",
	    false },
	[CLI_HELP] = { "help", 'h', NULL, NULL, "this text", false },
};

static bool
option_is_on(const char *value)
{
	return strcmp(value, "0") != 0 && strcmp(value, "false") != 0 &&
	       strcmp(value, "no") != 0;
}

static enum err_code
cli_put(
    struct cli *cli, enum cli_option option, const char *value, struct err *err)
{
	if (cli->count[option] == CLI_LIST_MAX)
		return err_set(err, ERR_USAGE, "cli", "--%s: at most %d times",
		    cli_options[option].name, CLI_LIST_MAX);
	cli->value[option] = value;
	cli->list[option][cli->count[option]++] = value;
	return ERR_OK;
}

static void
cli_environment(const struct cli_command *command, struct cli *cli)
{
	for (const enum cli_option *o = command->options;
	     *o != CLI_OPTION_COUNT; o++) {
		const struct cli_option_row *row = &cli_options[*o];
		const char *value =
		    row->variable != NULL ? getenv(row->variable) : NULL;

		/* A named file or platform wins over both variables. */
		if ((*o == CLI_CONFIG || *o == CLI_PLATFORM) &&
		    (cli->count[CLI_CONFIG] > 0 ||
			cli->count[CLI_PLATFORM] > 0))
			continue;
		if (value == NULL || value[0] == '\0' || cli->count[*o] > 0)
			continue;
		if (row->arg == NULL && !option_is_on(value))
			continue;
		cli->value[*o] = row->arg != NULL ? value : "";
		cli->list[*o][cli->count[*o]++] = cli->value[*o];
	}
}

/* What getopt_long() found wrong, in our words and with a hint. */
static enum err_code
cli_wrong(const struct cli_command *command, const char *word, int letter,
    bool missing, struct err *err)
{
	char name[NAME_MAX_LEN];
	struct nearest near = NEAREST_INIT(name + 2);
	int len = (int)strcspn(word, "=");

	if (missing)
		return err_set(
		    err, ERR_USAGE, "cli", "%s needs an argument", word);
	if (letter != 0)
		return err_set(err, ERR_USAGE, "cli",
		    "no option -%c; see sevtop %s --help", letter,
		    command->name);
	snprintf(name, sizeof(name), "%.*s", len, word);
	for (const enum cli_option *o = command->options;
	     *o != CLI_OPTION_COUNT; o++) {
		if (strncmp(name, "--", 2) == 0)
			nearest_offer(&near, cli_options[*o].name);
	}
	if (near.best != NULL)
		return err_set(err, ERR_USAGE, "cli",
		    "no option %s; did you mean --%s?", name, near.best);
	return err_set(err, ERR_USAGE, "cli",
	    "no option %s; see sevtop %s%s--help", name, command->name,
	    command->name[0] != '\0' ? " " : "");
}

enum err_code
cli_parse(const struct cli_command *command, int argc, char **argv,
    struct cli *ret_cli, struct err *err)
{
	struct option longs[CLI_OPTION_COUNT + 1] = { 0 };
	char shorts[CLI_OPTION_COUNT * 2 + 2] = ":", *s = shorts + 1;
	size_t count = 0;
	int c;

	memset(ret_cli, 0, sizeof(*ret_cli));
	for (const enum cli_option *o = command->options;
	     *o != CLI_OPTION_COUNT; o++) {
		const struct cli_option_row *row = &cli_options[*o];

		longs[count++] = (struct option) {
			.name = row->name,
			.has_arg =
			    row->arg != NULL ? required_argument : no_argument,
			.val = 1000 + (int)*o,
		};
		if (row->letter == 0)
			continue;
		*s++ = row->letter;
		if (row->arg != NULL)
			*s++ = ':';
	}
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		enum cli_option option = CLI_OPTION_COUNT;
		enum err_code code;

		if (c == '?' || c == ':')
			return cli_wrong(
			    command, argv[optind - 1], optopt, c == ':', err);
		if (c >= 1000)
			option = (enum cli_option)(c - 1000);
		for (const enum cli_option *o = command->options;
		     c < 1000 && *o != CLI_OPTION_COUNT; o++) {
			if (cli_options[*o].letter == c)
				option = *o;
		}
		code =
		    cli_put(ret_cli, option, optarg != NULL ? optarg : "", err);
		if (code != ERR_OK)
			return code;
	}
	for (int i = optind; i < argc; i++) {
		if (ret_cli->arg_count == command->args_max)
			return err_set(err, ERR_USAGE, "cli",
			    "what is \"%s\"? see sevtop %s%s--help", argv[i],
			    command->name, command->name[0] ? " " : "");
		ret_cli->args[ret_cli->arg_count++] = argv[i];
	}
	cli_environment(command, ret_cli);
	return ERR_OK;
}

const struct cli_command *
cli_find(const char *name)
{
	for (size_t i = 0; cli_commands[i] != NULL; i++) {
		if (strcmp(cli_commands[i]->name, name) == 0)
			return cli_commands[i];
	}
	return NULL;
}

static void
help_option(FILE *out, const struct cli_option_row *row)
{
	char left[48];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s", row->letter ? '-' : ' ',
	    row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
	    row->arg ? " " : "", row->arg ? row->arg : "");
	fprintf(out, "  %-26s %s", left, row->help);
	if (row->variable != NULL)
		fprintf(out, " [%s]", row->variable);
	fputc('\n', out);
}

static void
help_usage(FILE *out, const struct cli_command *command)
{
	fprintf(out, "sevtop %s%s[OPTION]...%s%s", command->name,
	    command->name[0] ? " " : "", command->args[0] ? " " : "",
	    command->args);
}

bool
cli_output(const struct cli *cli, bool *ret_json)
{
	const char *format = cli->value[CLI_OUTPUT];

	*ret_json = format != NULL && strcmp(format, "json") == 0;
	if (format == NULL || *ret_json || strcmp(format, "text") == 0)
		return true;
	fputs("sevtop: --output is text or json\n", stderr);
	return false;
}

void
cli_help(FILE *out, const struct cli_command *command)
{
	fputs("usage: ", out);
	help_usage(out, command);
	fprintf(out, "\n\n%s\n\n", command->help);
	if (command->text != NULL)
		fprintf(out, "%s\n\n", command->text);
	for (const enum cli_option *o = command->options;
	     *o != CLI_OPTION_COUNT; o++)
		help_option(out, &cli_options[*o]);
	if (command->name[0] != '\0')
		return;
	fputs("\ncommands (sevtop COMMAND --help tells more):\n", out);
	for (size_t i = 1; cli_commands[i] != NULL; i++)
		fprintf(out, "  %-12s %s\n", cli_commands[i]->name,
		    cli_commands[i]->help);
	fputs("\nexit status of the dashboard: 0; 64 wrong usage, "
	      "78 wrong configuration\n",
	    out);
}
