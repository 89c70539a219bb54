/* `sevtop` itself: the dashboard, or plain lines where there is no screen. */
#include "tui/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/state_dir.h"
#include "base/thread.h"
#include "datasrc/engine.h"
#include "model/platform.h"
#include "panels/table.h"
#include "tui/acting.h"
#include "tui/app.h"
#include "tui/limits.h"
#include "tui/load.h"
#include "tui/plain.h"

/*
 * Where standard error goes while the screen is up: libraries write there,
 * and must not write over the picture. "" when there is no such place.
 */
static void
state_log_path(char *out, size_t size)
{
	char dir[PATH_MAX];

	out[0] = '\0';
	if (state_dir_make(NULL, dir, NULL) == ERR_OK)
		snprintf(out, size, "%s/sevtop.log", dir);
}

static void
dashboard_refresh(void *engine)
{
	engine_refresh(engine);
}

enum {
	HELLO_MAX = ERR_MSG_MAX + 64 /* what was found, and what to do */
};

/* What was found instead of a configuration; NULL: there is one. */
static const char *
dashboard_hello(const struct loaded *loaded, char hello[HELLO_MAX])
{
	if (loaded->platforms[0]->found == NULL)
		return NULL;
	snprintf(hello, HELLO_MAX, "found %s; `sevtop init` writes a file",
	    loaded->platforms[0]->found);
	return hello;
}

/* Runs the screen on a started engine. Returns the exit status. */
static int
dashboard_screen(const struct cli *cli, struct engine *engine,
    struct actions *actions, const struct loaded *loaded, struct wake *wake)
{
	char log_path[PATH_MAX + 16];
	char hello[HELLO_MAX];
	struct app_options options = {
		.store = engine_store(engine),
		.wake = wake,
		.history = engine_history(engine),
		.logs = engine_logs(engine),
		.platforms = (const struct platform *const *)loaded->platforms,
		.platform_count = loaded->count,
		.panels = panel_table,
		.actions = actions,
		.action_table = action_table,
		.refresh = dashboard_refresh,
		.refresh_ctx = engine,
		.hello = dashboard_hello(loaded, hello),
		.theme = cli->value[CLI_THEME],
		.script = getenv("SEVTOP_SCRIPT"),
		.no_color = cli->value[CLI_NO_COLOR] != NULL,
		.ascii = cli->value[CLI_ASCII] != NULL,
		.mouse = cli->value[CLI_MOUSE] != NULL,
	};
	struct err err = ERR_INIT;
	int status = 1;

	state_log_path(log_path, sizeof(log_path));
	if (log_path[0] != '\0')
		options.log_path = log_path;
	if (app_run(&options, &status, &err) != ERR_OK) {
		fprintf(stderr, "sevtop: %s\n", err_text(&err));
		if (err.code == ERR_UNSUPPORTED)
			fputs("`sevtop once` prints the board, `sevtop "
			      "--plain` goes on printing it\n",
			    stderr);
		return err.code == ERR_CONFIG ? CLI_EXIT_CONFIG : 1;
	}
	return status;
}

static int
dashboard_run(
    const struct cli *cli, struct engine *engine, const struct loaded *loaded)
{
	struct wake wake = { .fd = { -1, -1 } };
	struct acting acting = { .actions = NULL };
	struct err err = ERR_INIT;
	int64_t deadline;
	int status;

	if (wake_init(&wake, &err) != ERR_OK ||
	    (cli->value[CLI_PLAIN] == NULL &&
		engine_start(engine, &err) != ERR_OK)) {
		fprintf(stderr, "sevtop: %s\n", err_text(&err));
		status = 1;
	} else if (cli->value[CLI_PLAIN] != NULL) {
		status = plain_run(engine, &wake, loaded->every_ns);
	} else if (acting_open(&acting, cli, loaded, engine_store(engine),
		       engine_redactor(engine), &err) != ERR_OK) {
		fprintf(stderr, "sevtop: %s\n", err_text(&err));
		status = 1;
	} else {
		status = dashboard_screen(
		    cli, engine, acting.actions, loaded, &wake);
	}
	deadline = clock_now() + STOP_MS * NS_PER_MS;
	/* Threads stuck in a library would still use what is freed below. */
	if (!acting_close(&acting, deadline) || !engine_stop(engine, deadline))
		_exit(status);
	engine_free(engine);
	wake_release(&wake);
	return status;
}

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
	return dashboard_run(cli, engine, &loaded);
}

const struct cli_command command_dashboard = {
	.name = "",
	.args = "",
	.help = "the dashboard: what is broken, since when, what changed",
	.text = "Without -c or -p the configuration is ./sevtop.yaml, else "
		"the user's, else the system's, else what API_URL, PORT, "
		"REDIS_URL, DATABASE_URL and logs/*.log lead to.",
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
