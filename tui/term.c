#include "config.h"

#include "tui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/thread.h"
#include "base/utf8.h"
#include "themes/color.h"
#include "themes/theme.h"
#include "tui/background.h"
#include "tui/limits.h"
#include "tui/term_caps.h"
#include "tui/term_rgb.h"
#include "tui/tty.h"

struct term {
	struct tty *tty;
	const struct theme_look *looks;
	SCREEN *screen;
	FILE *file;	      /* what curses writes into */
	struct canvas *shown; /* what curses was given last */
	bool repaint;
	bool utf8;
	int h, w;
	bool may_ask;
	int colors;	     /* of which curses knows 256 at most, ... */
	bool direct;	     /* ... but all of them with such a description */
	struct term_rgb rgb; /* else these are stood in for */
	struct buf frame;
	struct buf true_frame; /* with true colours */
	struct term_stats stats;
};

/* Private modes that terminfo does not name (xterm's ctlseqs). */
#define MODES_ON   "\033[?2004h"
#define MODES_OFF  "\033[?2004l\033[?1006l\033[?1002l\033[?1000l\033[?1004l"
#define MOUSE_ON   "\033[?1000h\033[?1006h"
#define STRING_END "\033\\" /* ends a sequence that was cut off */

/* An anonymous file: memory, or an unlinked temporary file. */
static FILE *
term_file_open(void)
{
	const char *dir = getenv("TMPDIR");
	char path[PATH_MAX];
	FILE *file;
	int fd = -1;

#ifdef HAVE_MEMFD_CREATE
	fd = memfd_create("sevtop-screen", MFD_CLOEXEC);
#endif
	if (fd < 0) {
		snprintf(path, sizeof(path), "%s/sevtop-XXXXXX",
		    dir != NULL && dir[0] == '/' ? dir : "/tmp");
		fd = mkostemp(path, O_CLOEXEC);
		if (fd < 0)
			return NULL;
		unlink(path);
	}
	file = fdopen(fd, "r+");
	if (file == NULL)
		close(fd);
	return file;
}

static enum err_code
term_bytes_set(struct term *term, bool mouse, struct err *err)
{
	struct buf enter = BUF_INIT(TTY_BYTES_MAX);
	struct buf leave = BUF_INIT(TTY_BYTES_MAX);
	bool ansi = term_caps_is("cup", "\033[");
	enum err_code rc;

	term_caps_add(&enter, "smcup");
	term_caps_add(&enter, "sgr0");
	term_caps_add(&enter, "civis");
	buf_str(&enter, ansi ? MODES_ON : "");
	buf_str(&enter, ansi && mouse ? MOUSE_ON : "");
	buf_str(&leave, ansi ? STRING_END MODES_OFF : "");
	term_caps_add(&leave, "sgr0");
	term_caps_add(&leave, "cnorm");
	term_caps_add(&leave, "rmcup");
	if (enter.failed || leave.failed)
		rc = err_set(err, ERR_LIMIT, "term",
		    "this terminal's description is too long");
	else
		rc = tty_set_bytes(
		    term->tty, buf_cstr(&enter), buf_cstr(&leave), err);
	buf_release(&enter);
	buf_release(&leave);
	return rc;
}

/* Pair number of a role; curses counts them from 1. */
static short
term_pair(int role)
{
	return (short)(role + 1);
}

/*
 * Whether the terminal says that it takes true colours, and writes those of
 * the palette in the form that tui/term_rgb.h replaces. GNU screen hands on
 * COLORTERM of the terminal that it runs in, and does not know them.
 */
static bool
term_says_true(void)
{
	const char *says = getenv("COLORTERM");
	bool screen = getenv("STY") != NULL;

	if (!term_caps_palette())
		return false;
	if (term_caps_flag("Tc") || term_caps_flag("RGB"))
		return true;
	return says != NULL && !screen &&
	       (strcmp(says, "truecolor") == 0 || strcmp(says, "24bit") == 0);
}

static void
term_colors_start(struct term *term)
{
	if (start_color() != OK || !has_colors() || COLOR_PAIRS <= ROLE_COUNT)
		return;
	use_default_colors();
	term->colors = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : 8;
#if NCURSES_EXT_COLORS
	term->direct = COLORS >= COLOR_ALL;
#endif
	if (term->direct || (COLORS == 256 && term_says_true()))
		term->colors = COLOR_ALL;
}

/* The number that curses knows a colour by. */
static int
term_color(struct term *term, int32_t color, int low)
{
	int slot = -1;

	if (term->colors < COLOR_ALL || term->direct)
		return color_of(color, low, term->colors);
	if (color >= 0 && (color & THEME_RGB) != 0)
		slot = term_rgb_slot(&term->rgb, (uint32_t)color & 0xffffff);
	return slot >= 0 ? slot : color_of(color, low, 256);
}

static void
term_pairs_set(struct term *term)
{
	term_rgb_clear(&term->rgb);
	for (int i = 0; i < ROLE_COUNT; i++) {
		const struct theme_look *look = &term->looks[i];

		if (look->fg >= 0 && look->fg < 256)
			term_rgb_reserve(&term->rgb, look->fg);
		if (look->bg >= 0 && look->bg < 256)
			term_rgb_reserve(&term->rgb, look->bg);
	}
	for (int i = 0; term->colors > 0 && i < ROLE_COUNT; i++) {
		const struct theme_look *look = &term->looks[i];
		int fg = term_color(term, look->fg, look->low_fg);
		int bg = term_color(term, look->bg, look->low_bg);

#if NCURSES_EXT_COLORS
		init_extended_pair(term_pair(i), fg, bg);
#else
		init_pair(term_pair(i), (short)fg, (short)bg);
#endif
	}
}

void
term_set_looks(struct term *term, const struct theme_look *looks)
{
	thread_assert_ui();
	term->looks = looks;
	term_pairs_set(term);
	term->repaint = true;
}

/* What curses wrote so far is dropped: entering is done by tty_enter(). */
static bool
term_file_clear(struct term *term)
{
	int fd = fileno(term->file);

	return ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0;
}

static enum err_code
term_curses_start(struct term *term, const char *type, struct err *err)
{
	if (type == NULL || type[0] == '\0')
		return err_set(err, ERR_UNSUPPORTED, "term",
		    "TERM is not set; set it (TERM=xterm), or use "
		    "\"sevtop once\"");
	/*
	 * The size is ours to ask for. Without the second call newterm() fails
	 * for the Linux console, whose description has none.
	 */
	use_env(FALSE);
	use_tioctl(TRUE);
	term->file = term_file_open();
	if (term->file == NULL)
		return err_set(err, ERR_IO, "term",
		    "no temporary file for the screen; set TMPDIR to a "
		    "folder that can be written to");
	if (term_caps_usable(type, fileno(term->file)))
		term->screen = newterm((char *)type, term->file, term->file);
	if (term->screen == NULL)
		return err_set(err, ERR_UNSUPPORTED, "term",
		    "terminal type \"%s\" is unknown here or can't place its "
		    "cursor; try TERM=xterm, or use \"sevtop once\"",
		    type);
	return ERR_OK;
}

/*
 * Without a locale that says otherwise only ASCII is drawn; nor on the Linux
 * console, whose fonts have neither braille nor most symbols.
 */
static bool
term_locale_start(const char *type)
{
	setlocale(LC_CTYPE, "");
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 &&
	       (type == NULL || strcmp(type, "linux") != 0);
}

enum err_code
term_open(struct tty *tty, const struct term_options *options,
    struct term **ret, struct err *err)
{
	struct term *term = mem_calloc(1, sizeof(*term));
	const char *type =
	    options->type != NULL ? options->type : getenv("TERM");
	enum err_code rc;

	thread_assert_ui();
	if (term == NULL)
		return err_set(err, ERR_NOMEM, "term", "opening the screen");
	term->tty = tty;
	term->looks = options->looks;
	buf_init(&term->frame, TTY_QUEUE_MAX);
	buf_init(&term->true_frame, TTY_QUEUE_MAX);
	term->utf8 = term_locale_start(type);
	rc = term_curses_start(term, type, err);
	if (rc != ERR_OK)
		goto out;
	if (!options->no_color)
		term_colors_start(term);
	term_pairs_set(term);
	term->may_ask =
	    term_caps_is("cup", "\033[") && background_may_ask(type);
	rc = term_bytes_set(term, options->mouse, err);
	if (rc != ERR_OK)
		goto out;
	term->shown = canvas_new(1, 1);
	if (term->shown == NULL || !term_resize(term)) {
		rc = err_set(err, ERR_NOMEM, "term", "opening the screen");
		goto out;
	}
	if (!term_file_clear(term)) {
		rc = err_set_errno(err, ERR_IO, "term", errno,
		    "the temporary file of the screen");
		goto out;
	}
	rc = tty_enter(tty, err);
	if (rc != ERR_OK)
		goto out;
	*ret = term;
	term = NULL;
out:
	term_close(term);
	return rc;
}

struct term *
term_close(struct term *term)
{
	if (term == NULL)
		return NULL;
	tty_leave(term->tty);
	if (term->screen != NULL) {
		endwin(); /* into the file */
		delscreen(term->screen);
	}
	if (term->file != NULL)
		fclose(term->file);
	canvas_free(term->shown);
	buf_release(&term->frame);
	buf_release(&term->true_frame);
	mem_free(term);
	return NULL;
}

int
term_h(const struct term *term)
{
	return term->h;
}

int
term_w(const struct term *term)
{
	return term->w;
}

int
term_colors(const struct term *term)
{
	return term->colors;
}

bool
term_may_ask(const struct term *term)
{
	return term->may_ask;
}

bool
term_send(struct term *term, const char *bytes)
{
	return tty_queue(term->tty, bytes, strlen(bytes)) &&
	       tty_flush(term->tty);
}

bool
term_is_utf8(const struct term *term)
{
	return term->utf8;
}

bool
term_resize(struct term *term)
{
	int h, w;

	thread_assert_ui();
	if (!tty_size(term->tty, &h, &w) || (h == term->h && w == term->w))
		return false;
	if (!canvas_resize(term->shown, h, w))
		return false;
	if (resize_term(h, w) != OK)
		return false;
	term->h = h;
	term->w = w;
	term->repaint = true;
	return true;
}

void
term_repaint(struct term *term)
{
	term->repaint = true;
}

/* Role and flags of a cell in curses' terms. */
static attr_t
term_attr(const struct term *term, const struct cell *cell)
{
	const struct theme_look *look = &term->looks[cell->role];
	unsigned flags = look->flags | (cell->flags & ~CELL_REVERSE);
	attr_t attr = A_NORMAL;

	/* in a row that is reversed already, a reversed cell stands out too */
	if ((look->flags ^ cell->flags) & CELL_REVERSE)
		attr |= A_REVERSE;
	if (flags & CELL_BOLD)
		attr |= A_BOLD;
	if (flags & CELL_DIM)
		attr |= A_DIM;
	if (flags & CELL_UNDERLINE)
		attr |= A_UNDERLINE;
	/* eight colours: the bright ones are the bold ones */
	if (term->colors == 8 && color_of(look->fg, look->low_fg, 16) >= 8)
		attr |= A_BOLD;
	return attr;
}

/*
 * The glyph as wide characters. What the C library gives another width than
 * we do would shift the rest of the row: a question mark stands for it.
 */
static void
term_glyph(const struct term *term, const struct cell *cell,
    wchar_t out[CCHARW_MAX + 1])
{
	size_t at = 0, n = 0;
	uint32_t cp;

	while (at < cell->len && n < CCHARW_MAX) {
		size_t len = utf8_decode(cell->glyph + at, cell->len - at, &cp);

		if (len == 0)
			break;
		at += len;
		if (n == 0 && (!term->utf8 && cp > 0x7e))
			break;
		if (n == 0 && cp > 0x7e && wcwidth((wchar_t)cp) != cell->width)
			break;
		if (n > 0 && wcwidth((wchar_t)cp) != 0)
			continue;
		out[n++] = (wchar_t)cp;
	}
	if (n == 0)
		out[n++] = cell->len == 0 ? L' ' : L'?';
	out[n] = L'\0';
}

static void
term_put(const struct term *term, int y, int x, const struct cell *cell)
{
	wchar_t glyph[CCHARW_MAX + 1];
	short pair = term->colors > 0 ? term_pair(cell->role) : 0;
	cchar_t cc;

	term_glyph(term, cell, glyph);
	setcchar(&cc, glyph, term_attr(term, cell), pair, NULL);
	mvadd_wch(y, x, &cc);
	if (cell->width == 2 && wcwidth(glyph[0]) == 1)
		add_wch(&cc);
}

/* Hands the cells of row y that changed to curses. */
static void
term_row(struct term *term, const struct canvas *canvas, int y)
{
	const struct cell *now = &canvas->cells[(size_t)y * canvas->w];
	struct cell *was = &term->shown->cells[(size_t)y * canvas->w];
	size_t size = (size_t)canvas->w * sizeof(*now);
	int from = 0, to = canvas->w;

	if (!term->repaint) {
		if (memcmp(now, was, size) == 0)
			return;
		while (memcmp(&now[from], &was[from], sizeof(*now)) == 0)
			from++;
		while (memcmp(&now[to - 1], &was[to - 1], sizeof(*now)) == 0)
			to--;
		/* half of a wide glyph is drawn with its other half */
		while (
		    from > 0 && (now[from].width == 0 || was[from].width == 0))
			from--;
		while (to < canvas->w &&
		       (now[to].width == 0 || was[to].width == 0))
			to++;
	}
	for (int x = from; x < to; x++) {
		if (now[x].width != 0 || now[x].len != 0)
			term_put(term, y, x, &now[x]);
	}
	memcpy(was, now, size);
}

/* What curses made of the frame, from its file into the terminal's queue. */
static bool
term_frame_queue(struct term *term)
{
	int fd = fileno(term->file);
	off_t size = lseek(fd, 0, SEEK_CUR);
	const struct buf *frame = &term->frame;
	char *to;

	if (size <= 0)
		return term_file_clear(term);
	buf_clear(&term->frame);
	to = buf_reserve(&term->frame, (size_t)size);
	if (to == NULL || pread(fd, to, (size_t)size, 0) != (ssize_t)size)
		return false;
	if (term->rgb.count > 0) {
		buf_clear(&term->true_frame);
		if (!term_rgb_rewrite(
			&term->rgb, to, (size_t)size, &term->true_frame))
			return false;
		frame = &term->true_frame;
		size = (off_t)frame->len;
		to = frame->data;
	}
	term->stats.bytes += (unsigned long)size;
	return term_file_clear(term) && tty_queue(term->tty, to, (size_t)size);
}

static void
term_cursor(const struct canvas *canvas)
{
	bool visible = canvas->cursor_y >= 0 && canvas->cursor_x >= 0 &&
		       canvas->cursor_y < canvas->h &&
		       canvas->cursor_x < canvas->w;

	curs_set(visible ? 1 : 0);
	leaveok(stdscr, !visible);
	if (visible)
		move(canvas->cursor_y, canvas->cursor_x);
}

enum term_drawn
term_draw(struct term *term, const struct canvas *canvas)
{
	thread_assert_ui();
	if (!tty_flush(term->tty))
		return TERM_LOST;
	if (tty_wants_write(term->tty) || canvas->h != term->h ||
	    canvas->w != term->w) {
		term->stats.skipped++;
		return TERM_SKIPPED;
	}
	if (term->repaint) {
		clearok(curscr, TRUE);
		erase();
	}
	for (int y = 0; y < canvas->h; y++)
		term_row(term, canvas, y);
	term->repaint = false;
	term_cursor(canvas);
	wnoutrefresh(stdscr);
	doupdate();
	term->stats.frames++;
	if (!term_frame_queue(term)) {
		/* curses believes in a frame that nobody will see */
		term_file_clear(term);
		term->repaint = true;
		return TERM_SKIPPED;
	}
	return tty_flush(term->tty) ? TERM_DRAWN : TERM_LOST;
}

void
term_suspend(struct term *term)
{
	tty_leave(term->tty);
}

enum err_code
term_resume(struct term *term, struct err *err)
{
	enum err_code rc = tty_enter(term->tty, err);

	if (rc == ERR_OK) {
		term_resize(term);
		term->repaint = true;
	}
	return rc;
}

struct term_stats
term_stats(const struct term *term)
{
	return term->stats;
}

bool
term_copy(struct term *term, const char *text)
{
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
				     "opqrstuvwxyz0123456789+/";
	const unsigned char *at = (const unsigned char *)text;
	size_t len = strlen(text);
	struct buf out = BUF_INIT(TERM_COPY_MAX);
	bool good;

	buf_str(&out, "\033]52;c;");
	for (size_t i = 0; i < len; i += 3) {
		uint32_t group = (uint32_t)at[i] << 16;

		if (i + 1 < len)
			group |= (uint32_t)at[i + 1] << 8;
		if (i + 2 < len)
			group |= at[i + 2];
		buf_char(&out, base64[group >> 18]);
		buf_char(&out, base64[group >> 12 & 63]);
		buf_char(&out, i + 1 < len ? base64[group >> 6 & 63] : '=');
		buf_char(&out, i + 2 < len ? base64[group & 63] : '=');
	}
	good = buf_char(&out, '\a') &&
	       tty_queue(term->tty, buf_cstr(&out), out.len) &&
	       tty_flush(term->tty);
	buf_release(&out);
	return good;
}
