#include "tui/loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/select.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/thread.h"
#include "tui/limits.h"
#include "tui/signals.h"
#include "tui/term.h"
#include "tui/tty.h"

enum loop_due {
	DUE_NOTHING,
	DUE_DATA,
	DUE_KEY
};

struct loop {
	struct loop_setup setup;
	struct input *input;
	enum loop_due due;
	bool resized;
	bool ended;
	enum loop_end end;
	int signal;
	int64_t drawn_at;
	int64_t tick_at;
};

/* What select() found. */
struct loop_ready {
	bool keys;
	bool room; /* the terminal takes more */
	bool signal;
	bool wake;
};

enum err_code
loop_new(const struct loop_setup *setup, struct loop **ret, struct err *err)
{
	struct loop *loop = mem_calloc(1, sizeof(*loop));

	if (loop != NULL)
		loop->input = input_new(setup->esc_ms);
	if (loop == NULL || loop->input == NULL) {
		loop_free(loop);
		return err_set(err, ERR_NOMEM, "loop", "starting the screen");
	}
	if ((setup->tty != NULL && tty_fd(setup->tty) >= FD_SETSIZE) ||
	    signals_fd() >= FD_SETSIZE || wake_fd(setup->wake) >= FD_SETSIZE) {
		loop_free(loop);
		return err_set(err, ERR_LIMIT, "loop",
		    "too many open files were inherited; close some");
	}
	loop->setup = *setup;
	loop->due = DUE_KEY;
	loop->tick_at = DEADLINE_NONE;
	*ret = loop;
	return ERR_OK;
}

struct loop *
loop_free(struct loop *loop)
{
	if (loop != NULL)
		input_free(loop->input);
	mem_free(loop);
	return NULL;
}

int
loop_signal(const struct loop *loop)
{
	return loop->signal;
}

int64_t
loop_fed_at(const struct loop *loop)
{
	return input_fed_at(loop->input);
}

void
loop_dirty(struct loop *loop)
{
	if (loop->due < DUE_DATA)
		loop->due = DUE_DATA;
}

void
loop_urgent(struct loop *loop)
{
	loop->due = DUE_KEY;
}

void
loop_repaint(struct loop *loop)
{
	if (loop->setup.term != NULL)
		term_repaint(loop->setup.term);
	loop_urgent(loop);
}

static void
loop_end(struct loop *loop, enum loop_end end)
{
	if (!loop->ended)
		loop->end = end;
	loop->ended = true;
}

void
loop_quit(struct loop *loop)
{
	loop_end(loop, LOOP_QUIT);
}

/* Takes the terminal (again): somebody else may have used it meanwhile. */
static void
loop_resume(struct loop *loop)
{
	if (loop->setup.term == NULL)
		return;
	if (!signals_wait_foreground(tty_fd(loop->setup.tty)) ||
	    term_resume(loop->setup.term, NULL) != ERR_OK) {
		loop_end(loop, LOOP_LOST);
		return;
	}
	input_reset(loop->input);
	loop->resized = true;
	loop_urgent(loop);
}

static void
loop_stop(struct loop *loop, bool group)
{
	if (loop->setup.term == NULL)
		return;
	term_suspend(loop->setup.term);
	signals_stop(group);
	loop_resume(loop);
}

void
loop_suspend(struct loop *loop)
{
	loop_stop(loop, true);
}

static void
loop_signals(struct loop *loop)
{
	int number;

	while ((number = signals_next()) != 0 && !loop->ended) {
		switch (number) {
		case SIGWINCH:
			loop->resized = true;
			loop_dirty(loop);
			break;
		case SIGTSTP:
			loop_stop(loop, false);
			break;
		case SIGCONT:
			loop_resume(loop);
			break;
		default:
			loop->signal = number;
			loop_end(loop, LOOP_SIGNAL);
			break;
		}
	}
}

static void
loop_events(struct loop *loop)
{
	struct input_event event;

	while (!loop->ended && input_next(loop->input, &event))
		loop->setup.ops->event(loop->setup.ctx, &event);
}

/* One read a turn: signals and drawing get their share in a flood. */
static void
loop_read(struct loop *loop)
{
	char bytes[INPUT_READ_MAX];
	int n = tty_read(loop->setup.tty, bytes, sizeof(bytes));

	if (n < 0) {
		loop_end(loop, LOOP_LOST);
		return;
	}
	input_feed(loop->input, bytes, (size_t)n, clock_now());
	loop_events(loop);
}

static void
loop_resize(struct loop *loop)
{
	struct term *term = loop->setup.term;

	loop->resized = false;
	if (term == NULL)
		return;
	if (term_resize(term))
		loop->setup.ops->resize(
		    loop->setup.ctx, term_h(term), term_w(term));
	else /* smaller and back: what was cut off is gone */
		term_repaint(term);
}

/* When the frame that is due may be drawn; DEADLINE_NONE: not by time. */
static int64_t
loop_frame_at(const struct loop *loop)
{
	int64_t gap = LOOP_FRAME_MS;

	if (loop->due == DUE_NOTHING)
		return DEADLINE_NONE;
	if (loop->setup.tty != NULL && tty_wants_write(loop->setup.tty))
		return DEADLINE_NONE; /* room in the terminal wakes us */
	if (loop->due == DUE_KEY)
		gap = LOOP_KEY_FRAME_MS;
	return loop->drawn_at + gap * NS_PER_MS;
}

static void
loop_frame(struct loop *loop, int64_t now)
{
	const struct loop_ops *ops = loop->setup.ops;
	const struct canvas *canvas;

	if (now < loop_frame_at(loop))
		return;
	if (loop->resized)
		loop_resize(loop);
	loop->due = DUE_NOTHING;
	loop->drawn_at = now;
	canvas = ops->draw(loop->setup.ctx, now);
	if (canvas == NULL || loop->setup.term == NULL)
		return;
	switch (term_draw(loop->setup.term, canvas)) {
	case TERM_DRAWN:
		break;
	case TERM_SKIPPED:
		loop_dirty(loop);
		break;
	case TERM_LOST:
		loop_end(loop, LOOP_LOST);
		break;
	}
}

static int64_t
loop_deadline(const struct loop *loop, int64_t now)
{
	int64_t at = now + LOOP_IDLE_MS * NS_PER_MS;
	int64_t frame = loop_frame_at(loop);
	int64_t keys = input_deadline(loop->input);

	if (frame < at)
		at = frame;
	if (keys < at)
		at = keys;
	return loop->tick_at < at ? loop->tick_at : at;
}

static void
loop_watch(fd_set *set, int fd, int *top)
{
	FD_SET(fd, set);
	if (fd > *top)
		*top = fd;
}

/* Waits until something is ready or the deadline. */
static void
loop_wait(struct loop *loop, int64_t deadline, struct loop_ready *ret)
{
	struct tty *tty = loop->setup.tty;
	int wake = wake_fd(loop->setup.wake), top = -1;
	int64_t left = deadline - clock_now();
	struct timeval wait = { 0, 0 };
	fd_set in, out;

	FD_ZERO(&in);
	FD_ZERO(&out);
	loop_watch(&in, signals_fd(), &top);
	if (tty != NULL)
		loop_watch(&in, tty_fd(tty), &top);
	if (tty != NULL && tty_wants_write(tty))
		loop_watch(&out, tty_fd(tty), &top);
	if (loop->due == DUE_NOTHING)
		loop_watch(&in, wake, &top);
	if (left > 0) {
		left += NS_PER_MS / 1000 - 1; /* never early */
		wait.tv_sec = (time_t)(left / NS_PER_SEC);
		wait.tv_usec = (suseconds_t)(left % NS_PER_SEC / 1000);
	}
	if (select(top + 1, &in, &out, NULL, &wait) <= 0) {
		FD_ZERO(&in);
		FD_ZERO(&out);
	}
	ret->signal = FD_ISSET(signals_fd(), &in);
	ret->wake = FD_ISSET(wake, &in);
	ret->keys = tty != NULL && FD_ISSET(tty_fd(tty), &in);
	ret->room = tty != NULL && FD_ISSET(tty_fd(tty), &out);
}

void
loop_settle(struct loop *loop, const bool *waiting, int64_t deadline)
{
	struct input_event event;
	char bytes[INPUT_READ_MAX];
	int64_t left;
	int n;

	while (*waiting && (left = deadline - clock_now()) > 0) {
		struct timeval wait = { (time_t)(left / NS_PER_SEC),
			(suseconds_t)(left % NS_PER_SEC / 1000) };
		fd_set in;
		int top = -1;

		FD_ZERO(&in);
		loop_watch(&in, tty_fd(loop->setup.tty), &top);
		if (select(top + 1, &in, NULL, NULL, &wait) <= 0)
			continue;
		n = tty_read(loop->setup.tty, bytes, sizeof(bytes));
		if (n < 0)
			return;
		input_feed(loop->input, bytes, (size_t)n, clock_now());
		while (input_next(loop->input, &event)) {
			if (event.kind == INPUT_REPLY)
				loop->setup.ops->event(loop->setup.ctx, &event);
		}
	}
}

enum loop_end
loop_run(struct loop *loop)
{
	const struct loop_ops *ops = loop->setup.ops;
	struct loop_ready ready;
	int64_t now;

	thread_assert_ui();
	while (!loop->ended) {
		now = clock_now();
		loop->tick_at = ops->tick(loop->setup.ctx, now);
		if (loop->ended)
			break;
		loop_frame(loop, now);
		if (loop->ended)
			break;
		loop_wait(loop, loop_deadline(loop, now), &ready);
		if (ready.signal)
			loop_signals(loop);
		/* bytes that are there go before a time-out of a lone Esc */
		if (ready.keys && !loop->ended) {
			loop_read(loop);
		} else if (clock_now() >= input_deadline(loop->input)) {
			input_timeout(loop->input, clock_now());
			loop_events(loop);
		}
		if (ready.room && !tty_flush(loop->setup.tty))
			loop_end(loop, LOOP_LOST);
		if (ready.wake && !loop->ended) {
			wake_drain(loop->setup.wake);
			ops->wake(loop->setup.ctx);
		}
	}
	return loop->end;
}
