#include "tui/plain.h"

#include <signal.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/thread.h"
#include "datasrc/engine.h"
#include "model/board.h"
#include "tui/limits.h"
#include "tui/report.h"

/* What the handler fires; made before the handler is installed. */
static struct cancel plain_stop;

static void
plain_signal(int number)
{
	(void)number;
	cancel_fire(&plain_stop);
}

static void
plain_catch(void)
{
	struct sigaction action = { .sa_handler = plain_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

/* False when standard output is gone. */
static bool
plain_print(const struct engine *engine, const struct frame *frame)
{
	struct buf out = BUF_INIT(REPORT_BYTES_MAX);
	bool good = report_text(engine, frame, clock_now(), clock_wall_ms(),
			&out) == ERR_OK &&
		    fwrite(buf_cstr(&out), 1, out.len, stdout) == out.len &&
		    fputc('\n', stdout) != EOF && fflush(stdout) == 0;

	buf_release(&out);
	return good;
}

/* Waits for news until the deadline. False: a signal came. */
static bool
plain_wait(struct wake *news, int64_t deadline)
{
	enum err_code code =
	    io_wait(wake_fd(news), IO_READ, deadline, &plain_stop, NULL);

	wake_drain(news);
	return code != ERR_CANCELLED;
}

static void
plain_loop(const struct engine *engine, struct wake *news, struct frame *frame,
    int64_t every_ns)
{
	int64_t printed_at = 0;
	struct board last = { 0 };
	bool first = true;

	while (plain_wait(news, clock_now() + NS_PER_SEC)) {
		int64_t now = clock_now();
		struct board board;

		frame_acquire(frame, engine_store(engine));
		board_read(frame, NULL, now, &board);
		if (board.pending > 0 && first)
			continue;
		if (!first && board.state == last.state &&
		    board.alerts == last.alerts &&
		    board.answering == last.answering &&
		    now - printed_at < every_ns)
			continue;
		if (!plain_print(engine, frame))
			return;
		first = false;
		last = board;
		printed_at = now;
	}
}

int
plain_run(struct engine *engine, struct wake *news, int64_t every_ns)
{
	struct frame frame = { 0 };
	struct err err = ERR_INIT;

	if (cancel_init(&plain_stop, &err) != ERR_OK ||
	    frame_init(&frame, engine_store(engine), &err) != ERR_OK ||
	    store_subscribe(engine_store(engine), STORE_WATCH, news, &err) !=
		ERR_OK)
		goto out;
	plain_catch();
	if (engine_start(engine, &err) == ERR_OK)
		plain_loop(engine, news, &frame,
		    every_ns > 0 ? every_ns : 60 * NS_PER_SEC);
out:
	if (err.code != ERR_OK)
		fprintf(stderr, "sevtop: %s\n", err_text(&err));
	frame_release(&frame);
	/* plain_stop stays open: a signal may be on its way. */
	return err.code == ERR_OK ? 0 : 1;
}
