/* `sevtop check`: says everything that is wrong with a configuration. */
#include "tui/commands.h"

#include <stdio.h>

#include "base/err.h"
#include "model/platform_find.h"
#include "tui/load.h"

static int
cmd_check(const struct cli *cli)
{
	struct platform_dirs dirs;
	struct platform_file file;
	struct err err = ERR_INIT;
	int status = 0;

	for (size_t i = 0; i < cli->arg_count; i++) {
		int one = load_check(cli->args[i], cli->value[CLI_ENV]);

		status = one != 0 ? one : status;
	}
	if (cli->arg_count > 0)
		return status;
	platform_dirs_default(&dirs);
	if (platform_find(&dirs, NULL, &file, &err) != ERR_OK) {
		fprintf(stderr, "sevtop: %s\n", err_text(&err));
		return CLI_EXIT_CONFIG;
	}
	return load_check(file.path, cli->value[CLI_ENV]);
}

const struct cli_command command_check = {
	.name = "check",
	.args = "[FILE]...",
	.help = "say everything that is wrong with a configuration",
	.options =
	    (const enum cli_option[]) {
		CLI_ENV,
		CLI_HELP,
		CLI_OPTION_COUNT,
	    },
	.args_max = CLI_LIST_MAX,
	.run = cmd_check,
};
