/*
 * `sevtop once`: polls every source and prints the board, for bots and for
 * monitoring systems (exit status of the monitoring-plugins guidelines).
 */
#include "tui/commands.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "datasrc/engine.h"
#include "model/board.h"
#include "tui/limits.h"
#include "tui/load.h"
#include "tui/report.h"

/*
 * Has every source brought at least polls answers or failures, and has the
 * watch thread looked at them?
 */
static bool
once_done(const struct frame *frame, uint64_t polls)
{
	const struct section *watch = frame->sections[frame->slot_count - 1];

	if (watch == NULL)
		return false;
	for (size_t i = 0; i + 1 < frame->slot_count; i++) {
		const struct section *section = frame->sections[i];

		if (section == NULL || section->polls < polls ||
		    section->tried_at > watch->good_at)
			return false;
	}
	return true;
}

/* Whether a signal waits for a second answer to have a rate. */
static bool
once_wants_rate(const struct frame *frame)
{
	const struct section *watch = frame->sections[frame->slot_count - 1];

	if (watch == NULL || watch->payload == NULL)
		return false;
	for (size_t i = 0; i < watch->payload->signal_count; i++) {
		if (text_eq(watch->payload->signals[i].why,
			TEXT("a second answer is needed")))
			return true;
	}
	return false;
}

/* Waits until every source was polled so often, or the deadline. */
static void
once_wait(struct engine *engine, struct wake *wake, struct frame *frame,
    uint64_t polls, int64_t deadline)
{
	do {
		wake_drain(wake);
		frame_acquire(frame, engine_store(engine));
		if (once_done(frame, polls))
			return;
	} while (
	    io_wait(wake_fd(wake), IO_READ, deadline, NULL, NULL) == ERR_OK);
}

static int
once_print(const struct engine *engine, const struct frame *frame, bool json)
{
	struct buf out = BUF_INIT(REPORT_BYTES_MAX);
	struct board board;
	int64_t now = clock_now(), wall_ms = clock_wall_ms();
	enum err_code code;

	board_read(frame, NULL, now, &board);
	code = json ? report_json(engine, frame, now, wall_ms, &out)
		    : report_text(engine, frame, now, wall_ms, &out);
	if (code != ERR_OK) {
		fprintf(stderr, "sevtop: the board is larger than %d MiB\n",
		    REPORT_BYTES_MAX / (1024 * 1024));
		buf_release(&out);
		return STATE_UNKNOWN;
	}
	fwrite(buf_cstr(&out), 1, out.len, stdout);
	fflush(stdout);
	buf_release(&out);
	return (int)board.state;
}

static int
once_run(struct engine *engine, int64_t timeout_ns, bool json)
{
	struct err err = ERR_INIT;
	struct wake wake = { .fd = { -1, -1 } };
	struct frame frame = { 0 };
	int64_t deadline = clock_now() + timeout_ns;
	int status = STATE_UNKNOWN;

	if (wake_init(&wake, &err) != ERR_OK ||
	    frame_init(&frame, engine_store(engine), &err) != ERR_OK ||
	    store_subscribe(engine_store(engine), STORE_WATCH, &wake, &err) !=
		ERR_OK ||
	    engine_start(engine, &err) != ERR_OK) {
		fprintf(stderr, "sevtop: %s\n", err_text(&err));
		goto out;
	}
	once_wait(engine, &wake, &frame, 1, deadline);
	if (once_wants_rate(&frame)) {
		int64_t pause = clock_now() + ONCE_RATE_MS * NS_PER_MS;

		if (pause > deadline)
			pause = deadline;
		io_wait(-1, 0, pause, NULL, NULL);
		engine_refresh(engine);
		once_wait(engine, &wake, &frame, 2, deadline);
	}
	status = once_print(engine, &frame, json);
out:
	/* Threads stuck in a library would still use what is freed below. */
	if (!engine_stop(engine, clock_now() + STOP_MS * NS_PER_MS))
		_exit(status);
	frame_release(&frame);
	engine_free(engine);
	wake_release(&wake);
	return status;
}

static int
cmd_once(const struct cli *cli)
{
	const struct engine_options options = { 0 };
	int64_t timeout_ns = ONCE_TIMEOUT_MS * NS_PER_MS;
	struct err err = ERR_INIT;
	struct engine *engine;
	struct loaded loaded;
	bool json;
	int status;

	if (!cli_output(cli, &json))
		return CLI_EXIT_USAGE;
	if (cli->value[CLI_TIMEOUT] != NULL &&
	    !load_seconds(cli->value[CLI_TIMEOUT], &timeout_ns)) {
		fputs("sevtop: --timeout wants seconds from 0.1 to 86400\n",
		    stderr);
		return CLI_EXIT_USAGE;
	}
	status = load_platforms(cli, &loaded);
	if (status != 0)
		return status;
	if (engine_open(loaded.platforms, loaded.count, &options, &engine,
		&err) != ERR_OK) {
		fprintf(stderr, "sevtop: %s\n", err_text(&err));
		load_release(&loaded);
		return CLI_EXIT_CONFIG;
	}
	return once_run(engine, timeout_ns, json);
}

const struct cli_command command_once = {
	.name = "once",
	.args = "",
	.help = "poll every source once and print the board",
	.text = "Exit status as monitoring plugins have it: 0 ok, 1 warning, "
		"2 critical, 3 unknown. Signals that are rates need two "
		"answers: the sources are then asked twice, a second apart.",
	.options =
	    (const enum cli_option[]) {
		CLI_CONFIG,
		CLI_PLATFORM,
		CLI_ENV,
		CLI_OUTPUT,
		CLI_TIMEOUT,
		CLI_HELP,
		CLI_OPTION_COUNT,
	    },
	.run = cmd_once,
};
