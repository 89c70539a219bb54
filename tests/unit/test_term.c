#include "tui/term.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "panels/limits.h"
#include "tests/tap.h"
#include "themes/color.h"
#include "themes/theme.h"
#include "tui/term_caps.h"
#include "tui/tty.h"

/* A terminal of our own: nobody else's is touched. */
struct fixture {
	int master;
	int slave;
	struct termios before;
	struct tty *tty;
	struct term *term;
	struct canvas *canvas;
	struct theme theme;
	struct buf out; /* what the terminal was sent since the last look */
};

static struct err err;

static void
fixture_open_as(
    struct fixture *f, int h, int w, const char *type, const char *looks)
{
	struct winsize ws = { .ws_row = (unsigned short)h,
		.ws_col = (unsigned short)w };
	struct term_options options = { .looks = f->theme.looks[THEME_DARK],
		.type = type };
	static struct conf_errors errors;

	memset(f, 0, sizeof(*f));
	buf_init(&f->out, 64 * 1024 * 1024);
	theme_plain(&f->theme);
	if (looks != NULL && theme_parse("test", looks, strlen(looks), &errors,
				 &f->theme) != ERR_OK)
		exit(99);
	f->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (f->master < 0 || grantpt(f->master) != 0 ||
	    unlockpt(f->master) != 0)
		exit(99);
	f->slave = open(ptsname(f->master), O_RDWR | O_NOCTTY);
	dup2(f->slave, STDIN_FILENO);
	ioctl(f->slave, TIOCSWINSZ, &ws);
	tcgetattr(f->slave, &f->before);
	if (tty_open(&f->tty, &err) != ERR_OK ||
	    term_open(f->tty, &options, &f->term, &err) != ERR_OK) {
		printf("# %s\n", err.msg);
		exit(99);
	}
	f->canvas = canvas_new(h, w);
}

static void
fixture_open(struct fixture *f, int h, int w)
{
	fixture_open_as(f, h, w, "xterm-256color", NULL);
}

/* Everything the terminal got up to now; with keep all since the start. */
static const char *
fixture_read(struct fixture *f, bool keep)
{
	char bytes[65536];
	ssize_t n;

	if (!keep)
		buf_clear(&f->out);
	while ((n = read(f->master, bytes, sizeof(bytes))) > 0)
		buf_add(&f->out, bytes, (size_t)n);
	return buf_cstr(&f->out);
}

static void
fixture_close(struct fixture *f)
{
	f->canvas = canvas_free(f->canvas);
	f->term = term_close(f->term);
	f->tty = tty_close(f->tty);
	if (f->master >= 0)
		close(f->master);
	close(f->slave);
	buf_release(&f->out);
}

static void
say(struct fixture *f, int y, const char *text)
{
	canvas_text(f->canvas, canvas_rect(f->canvas), y, 0, text_lit(text),
	    ROLE_TEXT, 0);
}

static bool
modes_equal(const struct fixture *f)
{
	struct termios now;

	tcgetattr(f->slave, &now);
	/* not by memcmp(): there is padding */
	return now.c_iflag == f->before.c_iflag &&
	       now.c_oflag == f->before.c_oflag &&
	       now.c_cflag == f->before.c_cflag &&
	       now.c_lflag == f->before.c_lflag &&
	       memcmp(now.c_cc, f->before.c_cc, sizeof(now.c_cc)) == 0;
}

static void
test_open_close(void)
{
	struct fixture f;
	const char *got;
	struct termios raw;
	int flags;

	fixture_open(&f, 24, 80);
	tcgetattr(f.slave, &raw);
	ok(!(raw.c_lflag & (ICANON | ECHO | ISIG)), "raw mode");
	ok(!(raw.c_iflag & (IXON | ICRNL)), "no stop by ^S");
	flags = fcntl(STDIN_FILENO, F_GETFL);
	ok(!(flags & O_NONBLOCK), "the shell's descriptor stays blocking");
	is_int(term_draw(f.term, f.canvas), TERM_DRAWN, "first frame");
	got = fixture_read(&f, false);
	ok(strncmp(got, "\033[?1049h", 8) == 0, "the other screen first");
	ok(strstr(got, "\033[?2004h") != NULL, "pastes are bracketed");
	ok(strstr(got, "\033[?1000h") == NULL, "no mouse unless asked for");
	f.term = term_close(f.term);
	got = fixture_read(&f, false);
	ok(strstr(got, "\033[?2004l") != NULL, "pastes as before");
	ok(strstr(got, "\033[?1000l") != NULL, "mouse off in any case");
	ok(strstr(got, "\033[?1049l") != NULL, "the first screen again");
	ok(modes_equal(&f), "modes as they were");
	fixture_close(&f);
}

static void
test_only_changes(void)
{
	struct fixture f;
	const char *got;
	unsigned long before;

	fixture_open(&f, 24, 80);
	say(&f, 0, "first line");
	say(&f, 5, "another");
	term_draw(f.term, f.canvas);
	got = fixture_read(&f, false);
	ok(strstr(got, "first line") != NULL, "the text is there");
	term_draw(f.term, f.canvas);
	is_str(fixture_read(&f, false), "", "the same picture costs nothing");
	say(&f, 5, "anotheX");
	before = term_stats(f.term).bytes;
	term_draw(f.term, f.canvas);
	got = fixture_read(&f, false);
	ok(strchr(got, 'X') != NULL && strstr(got, "first") == NULL,
	    "a change is sent alone");
	ok(term_stats(f.term).bytes - before < 30, "in few bytes (%lu)",
	    term_stats(f.term).bytes - before);
	term_repaint(f.term);
	term_draw(f.term, f.canvas);
	got = fixture_read(&f, false);
	ok(strstr(got, "first line") != NULL && strstr(got, "\033[2J") != NULL,
	    "a repaint clears and sends all");
	fixture_close(&f);
}

/* Nobody reads: frames are skipped, none is cut, the newest comes last. */
static void
test_stuck_terminal(void)
{
	struct fixture f;
	char line[128];
	int drawn = 0, skipped = 0;
	const char *got;

	fixture_open(&f, 50, 200);
	for (int i = 0; i < 200; i++) {
		for (int y = 0; y < 50; y++) {
			snprintf(line, sizeof(line),
			    "frame %03d row %02d .................... %d", i, y,
			    i * 7919 % 1000);
			say(&f, y, line);
		}
		switch (term_draw(f.term, f.canvas)) {
		case TERM_DRAWN:
			drawn++;
			break;
		case TERM_SKIPPED:
			skipped++;
			break;
		case TERM_LOST:
			ok(false, "not lost");
			break;
		}
	}
	ok(skipped > 150 && drawn > 0, "%d drawn, %d skipped", drawn, skipped);
	ok(tty_wants_write(f.tty), "bytes wait");
	while (tty_wants_write(f.tty)) {
		fixture_read(&f, true);
		tty_flush(f.tty);
	}
	is_int(term_draw(f.term, f.canvas), TERM_DRAWN, "it reads: drawn");
	while (tty_wants_write(f.tty)) {
		fixture_read(&f, true);
		tty_flush(f.tty);
	}
	got = fixture_read(&f, true);
	ok(strstr(got, "frame 000 row 49") != NULL, "a frame begun is whole");
	ok(strstr(got, "199") != NULL, "the newest is shown");
	fixture_close(&f);
}

static void
test_leave_stuck(void)
{
	struct fixture f;
	const char *got;

	fixture_open(&f, 50, 200);
	for (int i = 0; i < 20; i++) {
		for (int y = 0; y < 50; y++)
			say(&f, y,
			    i % 2 != 0 ? "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
					 "xxxxxxxx"
				       : "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
					 "yyyyyyyy");
		term_draw(f.term, f.canvas);
	}
	f.term = term_close(f.term);
	got = fixture_read(&f, false);
	ok(strstr(got, "\033\\\033[?2004l") != NULL,
	    "the cut frame is ended, then the screen is left");
	ok(modes_equal(&f), "modes as they were");
	fixture_close(&f);
}

static void
test_sizes(void)
{
	static const int sizes[][2] = { { 1, 1 }, { 1, 80 }, { 24, 1 },
		{ 2, 3 }, { 50, 200 }, { 120, 300 }, { 1, 1 } };
	struct fixture f;

	fixture_open(&f, 24, 80);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct winsize ws = { .ws_row = (unsigned short)sizes[i][0],
			.ws_col = (unsigned short)sizes[i][1] };

		ioctl(f.slave, TIOCSWINSZ, &ws);
		is_int(term_draw(f.term, f.canvas) == TERM_LOST, 0,
		    "a canvas of the old size does no harm");
		ok(term_resize(f.term), "%dx%d", sizes[i][1], sizes[i][0]);
		ok(canvas_resize(f.canvas, sizes[i][0], sizes[i][1]),
		    "canvas follows");
		canvas_fill(
		    f.canvas, canvas_rect(f.canvas), TEXT("#"), ROLE_CRIT, 0);
		fixture_read(&f, false);
		is_int(term_draw(f.term, f.canvas), TERM_DRAWN, "drawn");
		ok(strchr(fixture_read(&f, false), '#') != NULL, "and sent");
		while (tty_wants_write(f.tty)) {
			fixture_read(&f, false);
			tty_flush(f.tty);
		}
	}
	ioctl(f.slave, TIOCSWINSZ, &(struct winsize) { 0 });
	ok(term_resize(f.term), "0x0");
	is_int(term_h(f.term), 24, "counts as 24");
	is_int(term_w(f.term), 80, "by 80");
	ioctl(f.slave, TIOCSWINSZ,
	    &(struct winsize) { .ws_row = 65535, .ws_col = 65535 });
	ok(term_resize(f.term), "65535x65535");
	is_int(term_h(f.term), CANVAS_H_MAX, "is capped");
	is_int(term_w(f.term), CANVAS_W_MAX, "both ways");
	fixture_close(&f);
}

static void
test_wide(void)
{
	struct fixture f;
	const char *got;

	fixture_open(&f, 3, 20);
	if (!term_is_utf8(f.term)) {
		skip("no UTF-8 locale here");
		fixture_close(&f);
		return;
	}
	say(&f, 0, "a\344\275\240b\303\251");
	term_draw(f.term, f.canvas);
	got = fixture_read(&f, false);
	ok(strstr(got, "a\344\275\240b\303\251") != NULL, "wide and narrow");
	canvas_clear(f.canvas);
	say(&f, 0, "\344\275\240ab");
	term_draw(f.term, f.canvas);
	got = fixture_read(&f, false);
	ok(strstr(got, "\344\275\240a") != NULL, "moved by half its width");
	canvas_clear(f.canvas);
	say(&f, 0, "xyz");
	term_draw(f.term, f.canvas);
	ok(strstr(fixture_read(&f, false), "xyz") != NULL, "and replaced");
	fixture_close(&f);
}

static void
test_emergency(void)
{
	struct fixture f;

	fixture_open(&f, 24, 80);
	term_draw(f.term, f.canvas);
	fixture_read(&f, false);
	tty_emergency();
	ok(strstr(fixture_read(&f, false), "\033[?1049l") != NULL,
	    "the screen is left");
	ok(modes_equal(&f), "modes as they were");
	say(&f, 0, "late");
	term_draw(f.term, f.canvas);
	is_str(fixture_read(&f, false), "", "nothing is painted behind it");
	tty_emergency();
	is_str(fixture_read(&f, false), "", "once is enough");
	fixture_close(&f);
}

static void
test_suspend(void)
{
	struct fixture f;
	const char *got;

	fixture_open(&f, 24, 80);
	say(&f, 3, "hello again");
	term_draw(f.term, f.canvas);
	term_suspend(f.term);
	ok(modes_equal(&f), "modes as they were");
	fixture_read(&f, false);
	is_int(term_resume(f.term, &err), ERR_OK, "resumed");
	term_draw(f.term, f.canvas);
	got = fixture_read(&f, false);
	ok(strstr(got, "\033[?1049h") != NULL &&
		strstr(got, "hello again") != NULL,
	    "all is painted again");
	ok(!modes_equal(&f), "raw again");
	fixture_close(&f);
}

static void
test_lost(void)
{
	struct fixture f;
	char byte;

	fixture_open(&f, 24, 80);
	term_draw(f.term, f.canvas);
	is_int(tty_read(f.tty, &byte, 1), 0, "nothing typed");
	close(f.master);
	f.master = -1;
	is_int(tty_read(f.tty, &byte, 1), -1, "hang-up is seen in reading");
	say(&f, 0, "x");
	is_int(term_draw(f.term, f.canvas), TERM_LOST, "and in drawing");
	fixture_close(&f);
}

static void
test_types(void)
{
	static const char *const bad[] = { "", "no-such-terminal", "dumb" };
	struct theme theme;
	struct tty *tty = NULL;

	theme_plain(&theme);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fixture f;
		struct term_options o = { .looks = theme.looks[THEME_DARK],
			.type = bad[i] };
		struct term *term = NULL;

		fixture_open(&f, 24, 80);
		f.term = term_close(f.term);
		fixture_read(&f, false);
		err_clear(&err);
		is_int(
		    term_open(f.tty, &o, &term, &err), ERR_UNSUPPORTED, bad[i]);
		ok(strstr(err.msg, "sevtop once") != NULL,
		    "says what to do: %s", err.msg);
		is_str(fixture_read(&f, false), "", "nothing is sent");
		ok(modes_equal(&f), "modes as they were");
		fixture_close(&f);
	}
	close(STDIN_FILENO);
	open("/dev/null", O_RDONLY);
	is_int(tty_open(&tty, &err), ERR_UNSUPPORTED, "no terminal at all");
	ok(strstr(err.msg, "sevtop once") != NULL, "says so: %s", err.msg);
}

static void
test_copy(void)
{
	struct fixture f;
	char *big = calloc(1, 9000);

	fixture_open(&f, 24, 80);
	term_draw(f.term, f.canvas);
	fixture_read(&f, false);
	ok(term_copy(f.term, "hello"), "copied");
	is_str(fixture_read(&f, false), "\033]52;c;aGVsbG8=\a", "as OSC 52");
	memset(big, 'x', 8999);
	ok(!term_copy(f.term, big), "too much is refused");
	is_str(fixture_read(&f, false), "", "whole");
	free(big);
	fixture_close(&f);
}

/* What is sent for a red word on a terminal of this type. */
static void
colors_are(const char *type, int colors, const char *want)
{
	struct fixture f;
	const char *got;

	if (!term_caps_usable(type, STDOUT_FILENO)) {
		skip(type); /* Debian: ncurses-term describes more of them */
		return;
	}

	fixture_open_as(
	    &f, 3, 20, type, "text: default\ncrit: \"#ff5f00 on #102030\"\n");
	is_int(term_colors(f.term), colors, type);
	canvas_text(
	    f.canvas, canvas_rect(f.canvas), 0, 0, TEXT("bad"), ROLE_CRIT, 0);
	term_draw(f.term, f.canvas);
	got = fixture_read(&f, false);
	ok(strstr(got, want) != NULL, "%s: %s", type, want + 1);
	fixture_close(&f);
}

static void
test_colors(void)
{
	unsetenv("COLORTERM");
	unsetenv("STY");
	colors_are("vt100", 0, "bad");
	colors_are("linux", 8, "\033[31m\033[40m");
	colors_are("xterm", 8, "\033[31m\033[40m");
	colors_are("xterm-16color", 16, "\033[91m\033[40m");
	colors_are("xterm-256color", 256, "\033[38;5;202m\033[48;5;234m");
	colors_are("xterm-direct", COLOR_ALL, "\033[38:2::255:95:0m");
	setenv("COLORTERM", "truecolor", 1);
	colors_are("xterm-256color", COLOR_ALL,
	    "\033[38;2;255;95;0m\033[48;2;16;32;48m");
	colors_are("xterm", 8, "\033[31m");
	setenv("STY", "1.pts-0.host", 1);
	colors_are("screen-256color", 256, "\033[38;5;202m");
	unsetenv("STY");
	unsetenv("COLORTERM");
}

/* Another theme while running: everything is painted again, in it. */
static void
test_other_looks(void)
{
	struct fixture f;
	const char *got;
	struct theme theme;
	static struct conf_errors errors;

	fixture_open(&f, 3, 20);
	say(&f, 0, "hello");
	term_draw(f.term, f.canvas);
	fixture_read(&f, false);
	is_int(theme_parse("t", "text: 39 on 17", 14, &errors, &theme), ERR_OK,
	    "another theme");
	term_set_looks(f.term, theme.looks[THEME_DARK]);
	term_draw(f.term, f.canvas);
	got = fixture_read(&f, false);
	ok(strstr(got, "\033[38;5;39m\033[48;5;17m") != NULL &&
		strstr(got, "hello") != NULL,
	    "it is shown");
	fixture_close(&f);
}

int
main(void)
{
	int ctty = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (ctty >= 0) { /* by hand from a shell: leave its terminal alone */
		ioctl(ctty, TIOCNOTTY);
		close(ctty);
	}
	RUN(test_open_close);
	RUN(test_only_changes);
	RUN(test_stuck_terminal);
	RUN(test_leave_stuck);
	RUN(test_sizes);
	RUN(test_wide);
	RUN(test_emergency);
	RUN(test_suspend);
	RUN(test_lost);
	RUN(test_copy);
	RUN(test_colors);
	RUN(test_other_looks);
	RUN(test_types);
	return tap_done();
}
