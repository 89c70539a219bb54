/* The row of `sevtop drill`, and the dashboard that it opens. */
#include "tui/commands.h"

#include <stdio.h>

#include "tui/cmd_drill.h"

static int
drill_open(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct cli cli;

	if (cli_parse(&command_dashboard, argc, argv, &cli, &err) != ERR_OK) {
		fprintf(stderr, "sevtop: %s\n", err_text(&err));
		return CLI_EXIT_USAGE;
	}
	return command_dashboard.run(&cli);
}

static int
drill_words(int argc, char **argv)
{
	return cmd_drill(argc, argv, drill_open);
}

const struct cli_command command_drill = {
	.name = "drill",
	.args = "[PLATFORM]... [-- DASHBOARD OPTION...]",
	.help = "start a practice world and open the dashboard on it",
	.options =
	    (const enum cli_option[]) {
		CLI_SCENARIO,
		CLI_SEED,
		CLI_FAULT,
		CLI_HEADLESS,
		CLI_LIST,
		CLI_HELP,
		CLI_OPTION_COUNT,
	    },
	.run_words = drill_words,
};
