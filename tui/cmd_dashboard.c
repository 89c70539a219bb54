/* `sevtop` itself: the dashboard, or plain lines where there is no screen. */
#include "tui/commands.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "datasrc/engine.h"
#include "tui/load.h"
#include "tui/plain.h"

static int
cmd_dashboard(const struct cli *cli)
{
	struct engine_options options = { 0 };
	struct err err = ERR_INIT;
	struct engine *engine;
	struct loaded loaded;
	int status;

	if (cli->value[CLI_READONLY] != NULL && cli->value[CLI_WRITE] != NULL) {
		fputs("sevtop: --readonly and --write exclude each other\n",
		    stderr);
		return CLI_EXIT_USAGE;
	}
	status = load_platforms(cli, &loaded);
	if (status != 0)
		return status;
	options.every_ns = loaded.every_ns;
	if (engine_open(loaded.platforms, loaded.count, &options, &engine,
		&err) != ERR_OK) {
		fprintf(stderr, "sevtop: %s\n", err_text(&err));
		load_release(&loaded);
		return CLI_EXIT_CONFIG;
	}
	status = plain_run(engine, loaded.every_ns);
	if (!engine_stop(engine, clock_now() + STOP_MS * NS_PER_MS))
		_exit(status);
	engine_free(engine);
	return status;
}

const struct cli_command command_dashboard = {
	.name = "",
	.args = "",
	.help = "the dashboard: what is broken, since when, what changed",
	.text = "Without -c or -p the configuration is ./sevtop.yaml, else "
		"the user's, else the system's.",
	.options =
	    (const enum cli_option[]) {
		CLI_CONFIG,
		CLI_PLATFORM,
		CLI_ENV,
		CLI_READONLY,
		CLI_WRITE,
		CLI_THEME,
		CLI_ASCII,
		CLI_NO_COLOR,
		CLI_MOUSE,
		CLI_PLAIN,
		CLI_REFRESH,
		CLI_HELP,
		CLI_OPTION_COUNT,
	    },
	.run = cmd_dashboard,
};
