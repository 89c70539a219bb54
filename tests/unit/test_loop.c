#include "tui/loop.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "tests/tap.h"
#include "themes/theme.h"
#include "tui/signals.h"
#include "tui/term.h"
#include "tui/tty.h"

/* A loop on a terminal of our own, or on none, that notes what happens. */
struct world {
	int master;
	int slave;
	struct theme theme;
	struct tty *tty;
	struct term *term;
	struct wake wake;
	struct loop *loop;
	struct canvas *canvas;
	int events;
	int wakes;
	int ticks;
	int draws;
	int resizes;
	int64_t tick_after; /* 0: none */
	atomic_int published;
	int seen;
	int quit_at_seen;
	void (*on_tick)(struct world *w);
	void (*on_draw)(struct world *w);
};

static struct err err;

static void
world_event(void *ctx, const struct input_event *event)
{
	struct world *w = ctx;

	w->events++;
	if (event->kind == INPUT_KEY && event->code == 'q')
		loop_quit(w->loop);
	loop_urgent(w->loop);
}

static void
world_wake(void *ctx)
{
	struct world *w = ctx;

	w->wakes++;
	loop_dirty(w->loop);
}

static int64_t
world_tick(void *ctx, int64_t now)
{
	struct world *w = ctx;

	w->ticks++;
	if (w->on_tick != NULL)
		w->on_tick(w);
	return w->tick_after > 0 ? now + w->tick_after : DEADLINE_NONE;
}

static void
world_resize(void *ctx, int h, int wd)
{
	struct world *w = ctx;

	w->resizes++;
	if (!canvas_resize(w->canvas, h, wd))
		exit(99);
}

static const struct canvas *
world_draw(void *ctx, int64_t now)
{
	struct world *w = ctx;
	char line[64];

	(void)now;
	w->draws++;
	w->seen = atomic_load(&w->published);
	if (w->seen != 0 && w->seen == w->quit_at_seen)
		loop_quit(w->loop);
	snprintf(line, sizeof(line), "draw %d", w->draws);
	canvas_text(w->canvas, canvas_rect(w->canvas), 0, 0, text_lit(line),
	    ROLE_TEXT, 0);
	if (w->on_draw != NULL)
		w->on_draw(w);
	return w->canvas;
}

static const struct loop_ops world_ops = {
	.event = world_event,
	.wake = world_wake,
	.tick = world_tick,
	.resize = world_resize,
	.draw = world_draw,
};

static void
world_open(struct world *w, bool terminal)
{
	struct loop_setup setup = {
		.wake = &w->wake, .ops = &world_ops, .ctx = w
	};
	struct term_options options = { .looks = w->theme.looks[THEME_DARK],
		.type = "xterm-256color" };
	struct winsize ws = { .ws_row = 24, .ws_col = 80 };
	bool good;

	memset(w, 0, sizeof(*w));
	theme_plain(&w->theme);
	good =
	    signals_init(&err) == ERR_OK && wake_init(&w->wake, &err) == ERR_OK;
	w->master = w->slave = -1;
	if (terminal) {
		w->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
		grantpt(w->master);
		unlockpt(w->master);
		w->slave = open(ptsname(w->master), O_RDWR | O_NOCTTY);
		dup2(w->slave, STDIN_FILENO);
		ioctl(w->slave, TIOCSWINSZ, &ws);
		good = good && tty_open(&w->tty, &err) == ERR_OK &&
		       term_open(w->tty, &options, &w->term, &err) == ERR_OK;
	}
	setup.tty = w->tty;
	setup.term = w->term;
	w->canvas = canvas_new(24, 80);
	if (!good || loop_new(&setup, &w->loop, &err) != ERR_OK) {
		printf("# %s\n", err.msg);
		exit(99);
	}
}

static void
world_close(struct world *w)
{
	loop_free(w->loop);
	term_close(w->term);
	tty_close(w->tty);
	wake_release(&w->wake);
	signals_release();
	canvas_free(w->canvas);
	if (w->master >= 0)
		close(w->master);
	if (w->slave >= 0)
		close(w->slave);
}

static void
type(struct world *w, const char *keys)
{
	if (write(w->master, keys, strlen(keys)) < 0)
		exit(99);
}

static void
test_keys(void)
{
	struct world w;

	world_open(&w, true);
	type(&w, "jj\033[Aq");
	is_int(loop_run(w.loop), LOOP_QUIT, "q ends it");
	is_int(w.events, 4, "after the keys before it");
	ok(w.draws >= 1, "a first frame was drawn");
	world_close(&w);
}

static void
esc_then_quit(struct world *w)
{
	if (w->events == 1)
		loop_quit(w->loop);
}

static void
test_lone_esc(void)
{
	struct world w;

	world_open(&w, true);
	w.on_tick = esc_then_quit;
	type(&w, "\033");
	is_int(loop_run(w.loop), LOOP_QUIT, "a lone Esc comes by itself");
	world_close(&w);
}

static void
test_signals(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct world w;

		world_open(&w, false);
		raise(ends[i]);
		is_int(loop_run(w.loop), LOOP_SIGNAL, "a signal ends it");
		is_int(loop_signal(w.loop), ends[i], "and is told");
		world_close(&w);
	}
}

static void
test_lost(void)
{
	struct world w;

	world_open(&w, true);
	close(w.master);
	w.master = -1;
	is_int(loop_run(w.loop), LOOP_LOST, "a terminal that went away");
	world_close(&w);
}

static void
resize_storm(struct world *w)
{
	struct winsize ws = { .ws_row = (unsigned short)(1 + w->ticks % 60),
		.ws_col = (unsigned short)(1 + w->ticks * 7 % 200) };

	if (w->ticks > 500) {
		loop_quit(w->loop);
		return;
	}
	ioctl(w->slave, TIOCSWINSZ, &ws);
	raise(SIGWINCH);
}

static void
test_resizes(void)
{
	struct world w;
	char bytes[65536];

	world_open(&w, true);
	w.on_tick = resize_storm;
	is_int(loop_run(w.loop), LOOP_QUIT, "500 resizes");
	ok(w.resizes < 200, "cost fewer layouts (%d)", w.resizes);
	while (read(w.master, bytes, sizeof(bytes)) > 0)
		continue;
	world_close(&w);
}

static void *
publisher(void *arg)
{
	struct world *w = arg;

	for (int i = 0; i < 5000; i++) {
		atomic_fetch_add(&w->published, 1);
		wake_signal(&w->wake);
	}
	return NULL;
}

/* None of the last publishes may stay unseen, and few frames must do. */
static void
test_wakes(void)
{
	struct world w;
	struct thread threads[2];

	world_open(&w, false);
	w.quit_at_seen = 10000;
	for (int i = 0; i < 2; i++) {
		if (thread_start(&threads[i], "publisher", publisher, &w,
			&err) != ERR_OK)
			exit(99);
	}
	is_int(loop_run(w.loop), LOOP_QUIT, "the last publish is seen");
	for (int i = 0; i < 2; i++)
		thread_join(&threads[i]);
	is_int(w.seen, 10000, "all of them");
	ok(w.draws < 1000, "in %d frames, %d wake-ups", w.draws, w.wakes);
	world_close(&w);
}

static void
quit_after_ticks(struct world *w)
{
	if (w->ticks == 5)
		loop_quit(w->loop);
}

static void
test_idle(void)
{
	struct world w;

	world_open(&w, false);
	w.tick_after = 20 * NS_PER_MS;
	w.on_tick = quit_after_ticks;
	is_int(loop_run(w.loop), LOOP_QUIT, "ticks come");
	is_int(w.draws, 1, "and nothing is drawn without a reason");
	world_close(&w);
}

static void
ask_term(struct world *w)
{
	if (w->ticks == 1)
		loop_dirty(w->loop);
	if (w->draws >= 40)
		loop_quit(w->loop);
	/* all cells change, nobody reads */
	canvas_fill(w->canvas, canvas_rect(w->canvas),
	    w->ticks % 2 != 0 ? TEXT("#") : TEXT("%"), ROLE_TEXT, 0);
	loop_urgent(w->loop);
	if (tty_wants_write(w->tty))
		raise(SIGTERM);
}

static void
test_stuck(void)
{
	struct world w;
	struct winsize ws = { .ws_row = 300, .ws_col = 300 };

	world_open(&w, true);
	ioctl(w.slave, TIOCSWINSZ, &ws);
	raise(SIGWINCH);
	w.tick_after = NS_PER_MS;
	w.on_tick = ask_term;
	is_int(loop_run(w.loop), LOOP_SIGNAL,
	    "a terminal that does not read holds no signal");
	world_close(&w);
}

int
main(void)
{
	int ctty = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (ctty >= 0) { /* by hand from a shell: leave its terminal alone */
		ioctl(ctty, TIOCNOTTY);
		close(ctty);
	}
	RUN(test_keys);
	RUN(test_lone_esc);
	RUN(test_signals);
	RUN(test_lost);
	RUN(test_resizes);
	RUN(test_wakes);
	RUN(test_idle);
	RUN(test_stuck);
	return tap_done();
}
