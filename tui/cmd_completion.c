/*
 * `sevtop completion`, `sevtop man` and `sevtop schema`: texts made from the
 * rows of commands and options.
 */
#include "tui/commands.h"

#include <stdio.h>
#include <string.h>

#include "tui/conf_doc.h"
#include "tui/conf_schema.h"

static int
cmd_completion(const struct cli *cli)
{
	if (cli->arg_count == 1 && cli_completion(stdout, cli->args[0]))
		return 0;
	fputs("sevtop: completion for bash, zsh or fish?\n", stderr);
	return CLI_EXIT_USAGE;
}

static int
cmd_man(const struct cli *cli)
{
	if (cli->arg_count == 0) {
		cli_manual(stdout);
		return 0;
	}
	if (strcmp(cli->args[0], "config") == 0) {
		conf_doc_manual(stdout);
		return 0;
	}
	fputs("sevtop: `sevtop man` or `sevtop man config`?\n", stderr);
	return CLI_EXIT_USAGE;
}

static int
cmd_schema(const struct cli *cli)
{
	(void)cli;
	if (conf_schema_print(stdout))
		return 0;
	fputs("sevtop: the schema could not be written\n", stderr);
	return 1;
}

const struct cli_command command_completion = {
	.name = "completion",
	.args = "bash|zsh|fish",
	.help = "print a completion script",
	.options =
	    (const enum cli_option[]) {
		CLI_HELP,
		CLI_OPTION_COUNT,
	    },
	.args_max = 1,
	.run = cmd_completion,
};

const struct cli_command command_man = {
	.name = "man",
	.args = "[config]",
	.help = "print the manual page sevtop(1), or sevtop.yaml(5)",
	.options =
	    (const enum cli_option[]) {
		CLI_HELP,
		CLI_OPTION_COUNT,
	    },
	.args_max = 1,
	.run = cmd_man,
};

const struct cli_command command_schema = {
	.name = "schema",
	.args = "",
	.help = "print a JSON schema of sevtop.yaml, for editors",
	.options =
	    (const enum cli_option[]) {
		CLI_HELP,
		CLI_OPTION_COUNT,
	    },
	.run = cmd_schema,
};
