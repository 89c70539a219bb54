#include "panels/canvas.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "panels/limits.h"
#include "tests/tap.h"

/* A row of the canvas as text, right halves left out. */
static const char *
row(const struct canvas *canvas, int y, struct buf *buf)
{
	buf_clear(buf);
	for (int x = 0; x < canvas->w; x++) {
		const struct cell *cell = canvas_cell(canvas, y, x);

		buf_add(buf, cell->glyph, cell->len);
	}
	return buf_cstr(buf);
}

static void
test_clip(void)
{
	struct canvas *canvas = canvas_new(3, 8);
	struct rect area = { 1, 2, 1, 4 };
	struct buf buf = BUF_INIT(1000);

	is_int(canvas_text(canvas, area, 1, 0, TEXT("abcdefgh"), ROLE_OK, 0), 8,
	    "the end is told even when clipped");
	is_str(row(canvas, 1, &buf), "  cdef  ", "clipped on both sides");
	canvas_text(canvas, area, 0, 2, TEXT("xx"), ROLE_OK, 0);
	is_str(row(canvas, 0, &buf), "        ", "row outside the area");
	canvas_text(canvas, (struct rect) { -5, -5, 100, 100 }, 2, -2,
	    TEXT("12345"), ROLE_OK, 0);
	is_str(row(canvas, 2, &buf), "345     ", "area larger than the canvas");
	ok(canvas_cell(canvas, 3, 0) == NULL, "no such row");
	ok(canvas_cell(canvas, 0, -1) == NULL, "no such column");
	canvas_free(canvas);
	buf_release(&buf);
}

static void
test_wide(void)
{
	struct canvas *canvas = canvas_new(1, 5);
	struct rect area = canvas_rect(canvas);
	struct arena *arena = arena_new(4096);
	struct buf buf = BUF_INIT(1000);
	struct text wide = text_clean_str(arena, "你你你");

	canvas_text(canvas, area, 0, 0, wide, ROLE_TEXT, 0);
	is_str(row(canvas, 0, &buf), "你你 ", "no half of a wide character");
	canvas_text(canvas, area, 0, 1, TEXT("x"), ROLE_TEXT, 0);
	is_str(row(canvas, 0, &buf), " x你 ", "the other half becomes blank");
	canvas_text_cut(canvas, area, 0, 0, 4, TEXT("abcdef"), ROLE_TEXT, 0);
	is_str(row(canvas, 0, &buf), "abc… ", "cut with an ellipsis");
	canvas_text_right(canvas, area, 0, 0, 5, TEXT("42"), ROLE_TEXT, 0);
	is_str(row(canvas, 0, &buf), "abc42", "right-aligned");
	canvas->ascii = true;
	canvas_text(canvas, area, 0, 0, TEXT("→…é"), ROLE_TEXT, 0);
	is_str(row(canvas, 0, &buf), ">~?42", "ASCII twins");
	canvas_text(canvas, area, 0, 0, wide, ROLE_TEXT, 0);
	is_str(row(canvas, 0, &buf), "????2", "wide ones take two cells");
	arena_free(arena);
	canvas_free(canvas);
	buf_release(&buf);
}

static void
test_escape(void)
{
	struct canvas *canvas = canvas_new(1, 12);
	struct arena *arena = arena_new(4096);
	struct buf buf = BUF_INIT(1000);

	canvas_text(canvas, canvas_rect(canvas), 0, 0,
	    text_clean(arena, "a\x1b[31m", 6, 100), ROLE_TEXT, 0);
	is_str(row(canvas, 0, &buf), "a\\x1b[31m   ", "escape is visible");
	ok(canvas_cell(canvas, 0, 1)->flags & CELL_REVERSE, "and reversed");
	ok(!(canvas_cell(canvas, 0, 5)->flags & CELL_REVERSE),
	    "what follows not");
	arena_free(arena);
	canvas_free(canvas);
	buf_release(&buf);
}

static void
test_limits(void)
{
	struct canvas *canvas = canvas_new(0, 1000000);

	is_int(canvas->h, 1, "at least one row");
	is_int(canvas->w, CANVAS_W_MAX, "at most the limit");
	mem_fail_at(1, false);
	ok(!canvas_resize(canvas, 5, 5), "no memory");
	is_int(canvas->h, 1, "stays as it was");
	mem_fail_at(0, false);
	ok(canvas_resize(canvas, 5, 5), "resized");
	canvas_free(canvas);
}

int
main(void)
{
	RUN(test_clip);
	RUN(test_wide);
	RUN(test_escape);
	RUN(test_limits);
	return tap_done();
}
