#include "tests/panel/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "panels/views.h"

enum {
	GOLDEN_MAX = 4 * 1024 * 1024,
	COARSE = 7, /* step between sizes, where each would take long */
};

/* One letter for each role, in the order of ROLES. */
static const char letters[] = ".d=-ow!u~hpekasm*+|^nql";

static char
role_letter(const struct cell *cell)
{
	char letter =
	    cell->role < sizeof(letters) - 1 ? letters[cell->role] : '?';

	if ((cell->flags & CELL_BOLD) && letter >= 'a' && letter <= 'z')
		letter = (char)(letter - 'a' + 'A');
	return letter == '.' && cell->glyph[0] == ' ' ? ' ' : letter;
}

void
golden_init(struct golden *golden, const char *name)
{
	static const char *const roles[] = {
#define X(role, name, help) name,
		ROLES(X)
#undef X
	};

	snprintf(golden->name, sizeof(golden->name), "%s", name);
	golden->buf = (struct buf)BUF_INIT(GOLDEN_MAX);
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		buf_fmt(&golden->buf, "%s%c %s", i % 8 == 0 ? "# " : "  ",
		    letters[i], roles[i]);
		if (i % 8 == 7 || i + 1 == ROLE_COUNT)
			buf_char(&golden->buf, '\n');
	}
}

/* Ends a row without the blanks behind its last visible cell. */
static void
end_row(struct buf *buf, struct buf *row)
{
	const char *s = buf_cstr(row);
	size_t len = strlen(s);

	while (len > 0 && s[len - 1] == ' ')
		len--;
	buf_add(buf, s, len);
	buf_add(buf, "\n", 1);
	buf_clear(row);
}

/* Runs of cells with flags other than bold: "flags row:first-last hex". */
static void
add_flags(struct buf *buf, const struct canvas *canvas)
{
	for (int y = 0; y < canvas->h; y++) {
		for (int x = 0, end; x < canvas->w; x = end) {
			unsigned flags = canvas_cell(canvas, y, x)->flags;

			for (end = x + 1; end < canvas->w; end++) {
				if (canvas_cell(canvas, y, end)->flags != flags)
					break;
			}
			if ((flags & ~(unsigned)CELL_BOLD) != 0)
				buf_fmt(buf, "flags %d:%d-%d %x\n", y, x,
				    end - 1, flags);
		}
	}
}

const char *
golden_row(const struct canvas *canvas, int y)
{
	static char line[4096];
	size_t len = 0;

	for (int x = 0; x < canvas->w; x++) {
		const struct cell *cell = canvas_cell(canvas, y, x);

		if (len + cell->len < sizeof(line)) {
			memcpy(line + len, cell->glyph, cell->len);
			len += cell->len;
		}
	}
	while (len > 0 && line[len - 1] == ' ')
		len--;
	line[len] = '\0';
	return line;
}

void
golden_add(struct golden *golden, const char *what, const struct canvas *canvas)
{
	struct buf row = BUF_INIT(GOLDEN_MAX);
	struct buf *buf = &golden->buf;

	buf_fmt(buf, "== %s %dx%d%s\n", what, canvas->w, canvas->h,
	    canvas->ascii ? " ascii" : "");
	for (int y = 0; y < canvas->h; y++) {
		for (int x = 0; x < canvas->w; x++) {
			const struct cell *cell = canvas_cell(canvas, y, x);

			buf_add(&row, cell->glyph, cell->len);
		}
		end_row(buf, &row);
	}
	buf_fmt(buf, "-- roles\n");
	for (int y = 0; y < canvas->h; y++) {
		for (int x = 0; x < canvas->w; x++) {
			char letter = role_letter(canvas_cell(canvas, y, x));

			buf_add(&row, &letter, 1);
		}
		end_row(buf, &row);
	}
	add_flags(buf, canvas);
	buf_release(&row);
}

/* The whole file; false when it can't be read. */
static bool
read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rbe");
	char chunk[4096];
	size_t n;

	if (file == NULL)
		return false;
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		buf_add(out, chunk, n);
	fclose(file);
	return true;
}

/* The first line that differs, for the report. */
static void
tell_difference(const char *got, const char *want)
{
	int line = 1;

	while (*got != '\0' && *got == *want) {
		const char *g = strchr(got, '\n'), *w = strchr(want, '\n');

		if (g == NULL || w == NULL || g - got != w - want ||
		    memcmp(got, want, (size_t)(g - got)) != 0)
			break;
		got = g + 1;
		want = w + 1;
		line++;
	}
	printf("#   line %d\n#   got  %.*s\n#   want %.*s\n", line,
	    (int)strcspn(got, "\n"), got, (int)strcspn(want, "\n"), want);
}

/* What was drawn becomes the file. */
static bool
write_file(const char *path, const struct buf *buf)
{
	FILE *file = fopen(path, "wbe");
	bool good;

	if (file == NULL)
		return false;
	good = fputs(buf_cstr(buf), file) != EOF;
	return fclose(file) == 0 && good;
}

bool
golden_done(struct golden *golden)
{
	const char *dir = getenv("SEV_SRCDIR"), *generate = getenv("GENERATE");
	struct buf want = BUF_INIT(GOLDEN_MAX);
	char path[512];
	bool same;

	snprintf(path, sizeof(path), "%s/tests/golden/%s.txt",
	    dir != NULL ? dir : ".", golden->name);
	if (generate != NULL && generate[0] == '1') {
		same = write_file(path, &golden->buf);
	} else if (!read_file(path, &want)) {
		printf("# %s can't be read\n", path);
		same = false;
	} else {
		same = strcmp(buf_cstr(&golden->buf), buf_cstr(&want)) == 0;
		if (!same)
			tell_difference(
			    buf_cstr(&golden->buf), buf_cstr(&want));
	}
	buf_release(&want);
	buf_release(&golden->buf);
	return same;
}

/* A panel with its view, as the dashboard holds it. */
static void *
view_new(const struct panel_ops *panel)
{
	return mem_calloc(1, panel->view_size > 0 ? panel->view_size : 1);
}

static void
view_free(const struct panel_ops *panel, void *view)
{
	if (panel->release != NULL)
		panel->release(view);
	mem_free(view);
}

static bool
draw_at(struct golden *golden, const struct panel_ops *panel,
    struct fixture *fixture, int w, int h, bool ascii)
{
	struct canvas *canvas = canvas_new(h, w);
	void *view = view_new(panel);
	bool made = canvas != NULL && view != NULL;

	if (made) {
		canvas->ascii = ascii;
		panel->draw(view, &fixture->ctx, canvas, canvas_rect(canvas));
		golden_add(golden, panel->name, canvas);
	}
	view_free(panel, view);
	canvas_free(canvas);
	return made;
}

bool
golden_panel(const struct panel_ops *panel, enum fixture_kind kind)
{
	struct fixture fixture;
	struct golden golden;
	char name[64];
	bool good = fixture_make(&fixture, kind);

	snprintf(name, sizeof(name), "%s-%s", panel->name, fixture_name(kind));
	golden_init(&golden, name);
	/* What is left of 80x24 between header and footer. */
	good = good && draw_at(&golden, panel, &fixture, 80, 21, false) &&
	       draw_at(&golden, panel, &fixture, 80, 21, true) &&
	       draw_at(&golden, panel, &fixture, 40, 7, false);
	if (kind == FIXTURE_BURNING || kind == FIXTURE_CALM ||
	    kind == FIXTURE_CLOUD)
		good = good &&
		       draw_at(&golden, panel, &fixture, 120, 37, false) &&
		       draw_at(&golden, panel, &fixture, 200, 47, false);
	good = golden_done(&golden) && good;
	fixture_release(&fixture);
	return good;
}

/* Sends the commands as the dashboard would, with a picture before each. */
static void
command_all(const struct panel_ops *panel, void *view, struct fixture *fixture,
    struct canvas *canvas, const enum command *commands)
{
	for (; *commands != COMMAND_NONE; commands++) {
		struct panel_out out = { .panel = NULL };

		panel->draw(view, &fixture->ctx, canvas, canvas_rect(canvas));
		panel->command(view, &fixture->ctx, *commands, &out);
	}
	canvas_clear(canvas);
}

bool
golden_after(const struct panel_ops *panel, enum fixture_kind kind,
    const enum command *commands, const char *what)
{
	struct canvas *canvas = canvas_new(21, 80);
	void *view = view_new(panel);
	struct fixture fixture;
	struct golden golden;
	char name[64];
	bool good = fixture_make(&fixture, kind) && canvas != NULL;

	snprintf(name, sizeof(name), "%s-%s", panel->name, what);
	golden_init(&golden, name);
	if (good && view != NULL) {
		command_all(panel, view, &fixture, canvas, commands);
		panel->draw(view, &fixture.ctx, canvas, canvas_rect(canvas));
		golden_add(&golden, panel->name, canvas);
	}
	good = golden_done(&golden) && good;
	fixture_release(&fixture);
	view_free(panel, view);
	canvas_free(canvas);
	return good;
}

/* Whether the frame of one cell round the area is as it was filled. */
static bool
edge_is_whole(const struct canvas *canvas)
{
	for (int y = 0; y < canvas->h; y++) {
		for (int x = 0; x < canvas->w; x++) {
			const struct cell *cell = canvas_cell(canvas, y, x);
			bool edge = y == 0 || x == 0 || y == canvas->h - 1 ||
				    x == canvas->w - 1;

			if (edge &&
			    (cell->glyph[0] != '#' || cell->role != ROLE_PROD))
				return false;
		}
	}
	return true;
}

static bool
draw_inside(const struct panel_ops *panel, struct fixture *fixture,
    struct canvas *canvas, void *view, int h, int w)
{
	struct rect area = { 1, 1, h, w };

	if (!canvas_resize(canvas, h + 2, w + 2))
		return false;
	canvas_fill(canvas, canvas_rect(canvas), TEXT("#"), ROLE_PROD, 0);
	canvas_fill(canvas, area, TEXT(" "), ROLE_TEXT, 0);
	panel->draw(view, &fixture->ctx, canvas, area);
	return edge_is_whole(canvas);
}

static bool
sweep(const struct panel_ops *panel, struct fixture *fixture, int step,
    struct canvas *canvas, void *view)
{
	bool good = true;

	for (int h = 1; h <= 20; h += step) {
		for (int w = 1; w <= 60; w += step) {
			canvas->ascii = (h + w) % 2 == 0;
			if (draw_inside(panel, fixture, canvas, view, h, w))
				continue;
			good = false;
			printf("# outside of its area at %dx%d\n", w, h);
		}
	}
	return good;
}

/* As it is, and with the selected row opened. */
static bool
sweep_both(const struct panel_ops *panel, struct fixture *fixture, int step,
    struct canvas *canvas, void *view)
{
	struct panel_out out = { .panel = NULL };
	bool good = draw_inside(panel, fixture, canvas, view, 47, 200) &&
		    sweep(panel, fixture, step, canvas, view);

	panel->command(view, &fixture->ctx, COMMAND_OPEN, &out);
	return good && draw_inside(panel, fixture, canvas, view, 47, 200) &&
	       sweep(panel, fixture, step, canvas, view);
}

bool
golden_sweep(const struct panel_ops *panel, enum fixture_kind kind)
{
	int step = kind == FIXTURE_MANY ? COARSE : 1;
	struct canvas *canvas = canvas_new(1, 1);
	void *view = view_new(panel);
	struct panel_out out = { .panel = NULL };
	struct fixture fixture;
	bool good =
	    fixture_make(&fixture, kind) && canvas != NULL && view != NULL;

	good = good && sweep_both(panel, &fixture, step, canvas, view);
	/* Round through the views of those that have some. */
	for (int i = 0; good && i < VIEWS_MAX; i++) {
		if (panel->command(view, &fixture.ctx, COMMAND_VIEW, &out) ==
		    PANEL_IGNORED)
			break;
		good = sweep_both(panel, &fixture, COARSE, canvas, view);
	}
	fixture_release(&fixture);
	view_free(panel, view);
	canvas_free(canvas);
	return good;
}
