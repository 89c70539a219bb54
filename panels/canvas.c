#include "panels/canvas.h"

#include <string.h>

#include "base/alloc.h"
#include "panels/limits.h"

static int
clamp(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

struct canvas *
canvas_new(int h, int w)
{
	struct canvas *canvas = mem_calloc(1, sizeof(*canvas));

	if (canvas != NULL && !canvas_resize(canvas, h, w)) {
		mem_free(canvas);
		return NULL;
	}
	return canvas;
}

struct canvas *
canvas_free(struct canvas *canvas)
{
	if (canvas != NULL)
		mem_free(canvas->cells);
	mem_free(canvas);
	return NULL;
}

bool
canvas_resize(struct canvas *canvas, int h, int w)
{
	struct cell *cells;

	h = clamp(h, 1, CANVAS_H_MAX);
	w = clamp(w, 1, CANVAS_W_MAX);
	if (canvas->cells == NULL || h != canvas->h || w != canvas->w) {
		cells = mem_realloc(
		    canvas->cells, (size_t)h * (size_t)w, sizeof(*cells));
		if (cells == NULL)
			return false;
		canvas->cells = cells;
		canvas->h = h;
		canvas->w = w;
	}
	canvas_clear(canvas);
	return true;
}

/* Every byte of a cell is set, so that rows can be compared by memcmp(). */
static const struct cell canvas_blank = {
	.glyph = " ",
	.len = 1,
	.width = 1,
	.role = ROLE_TEXT,
};

void
canvas_clear(struct canvas *canvas)
{
	size_t n = (size_t)canvas->h * (size_t)canvas->w;

	for (size_t i = 0; i < n; i++)
		canvas->cells[i] = canvas_blank;
	canvas->cursor_y = canvas->cursor_x = -1;
}

struct rect
canvas_rect(const struct canvas *canvas)
{
	return (struct rect) { 0, 0, canvas->h, canvas->w };
}

struct rect
rect_clip(struct rect a, struct rect b)
{
	int top = a.y > b.y ? a.y : b.y, left = a.x > b.x ? a.x : b.x;
	int bottom = a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h;
	int right = a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w;

	return (struct rect) {
		.y = top,
		.x = left,
		.h = bottom > top ? bottom - top : 0,
		.w = right > left ? right - left : 0,
	};
}

static struct cell *
canvas_at(struct canvas *canvas, int y, int x)
{
	return &canvas->cells[(size_t)y * (size_t)canvas->w + (size_t)x];
}

/* Half of a wide glyph that is about to be overwritten becomes a blank. */
static void
canvas_split(struct canvas *canvas, int y, int x)
{
	struct cell *cell = canvas_at(canvas, y, x);

	if (cell->width == 0 && x > 0)
		*canvas_at(canvas, y, x - 1) = canvas_blank;
	if (cell->width == 2 && x + 1 < canvas->w)
		*canvas_at(canvas, y, x + 1) = canvas_blank;
}

static void
canvas_put(struct canvas *canvas, int y, int x, const struct text_cell *from,
    enum role role, unsigned flags)
{
	struct cell *cell = canvas_at(canvas, y, x);

	for (int i = 0; i < from->width; i++)
		canvas_split(canvas, y, x + i);
	memset(cell, 0, sizeof(*cell));
	cell->len = (uint8_t)(from->len < CELL_BYTES ? from->len : CELL_BYTES);
	memcpy(cell->glyph, from->bytes, cell->len);
	cell->width = from->width;
	cell->role = (uint8_t)role;
	cell->flags = (uint8_t)flags;
	if (from->escaped)
		cell->flags ^= CELL_REVERSE;
	if (canvas->ascii && (from->len > 1 || from->bytes[0] & 0x80)) {
		cell->glyph[0] = text_ascii(from);
		memset(cell->glyph + 1, 0, sizeof(cell->glyph) - 1);
		cell->len = cell->width = 1;
	}
	if (from->width == 2) {
		struct cell *right = canvas_at(canvas, y, x + 1);

		*right = *cell;
		if (cell->width == 2) {
			memset(right->glyph, 0, sizeof(right->glyph));
			right->len = right->width = 0;
		}
	}
}

int
canvas_text(struct canvas *canvas, struct rect area, int y, int x,
    struct text text, enum role role, unsigned flags)
{
	struct rect clip = rect_clip(area, canvas_rect(canvas));
	struct text_iter iter = text_iter(text);
	struct text_cell cell;

	if (y < clip.y || y >= clip.y + clip.h)
		return x + (int)text.width;
	while (text_next(&iter, &cell)) {
		if (x >= clip.x && x + cell.width <= clip.x + clip.w)
			canvas_put(canvas, y, x, &cell, role, flags);
		x += cell.width;
	}
	return x;
}

int
canvas_text_cut(struct canvas *canvas, struct rect area, int y, int x,
    int width, struct text text, enum role role, unsigned flags)
{
	if (width <= 0)
		return x;
	if (text.width <= (uint32_t)width)
		return canvas_text(canvas, area, y, x, text, role, flags);
	x = canvas_text(canvas, area, y, x, text_cut(text, (uint32_t)width - 1),
	    role, flags);
	return canvas_text(canvas, area, y, x, TEXT("…"), role, flags);
}

int
canvas_text_right(struct canvas *canvas, struct rect area, int y, int x,
    int width, struct text text, enum role role, unsigned flags)
{
	if (text.width < (uint32_t)clamp(width, 0, CANVAS_W_MAX))
		x += width - (int)text.width;
	else if (width > 0 && text.width > (uint32_t)width)
		return canvas_text_cut(
		    canvas, area, y, x, width, text, role, flags);
	return canvas_text(canvas, area, y, x, text, role, flags);
}

void
canvas_fill(struct canvas *canvas, struct rect area, struct text glyph,
    enum role role, unsigned flags)
{
	struct rect clip = rect_clip(area, canvas_rect(canvas));
	struct text_iter iter = text_iter(glyph);
	struct text_cell cell;

	if (!text_next(&iter, &cell) || cell.width != 1)
		return;
	for (int y = clip.y; y < clip.y + clip.h; y++) {
		for (int x = clip.x; x < clip.x + clip.w; x++)
			canvas_put(canvas, y, x, &cell, role, flags);
	}
}

void
canvas_restyle(
    struct canvas *canvas, struct rect area, enum role role, unsigned flags)
{
	struct rect clip = rect_clip(area, canvas_rect(canvas));

	for (int y = clip.y; y < clip.y + clip.h; y++) {
		for (int x = clip.x; x < clip.x + clip.w; x++) {
			struct cell *cell = canvas_at(canvas, y, x);

			cell->role = (uint8_t)role;
			cell->flags = (uint8_t)flags;
		}
	}
}

const struct cell *
canvas_cell(const struct canvas *canvas, int y, int x)
{
	if (y < 0 || x < 0 || y >= canvas->h || x >= canvas->w)
		return NULL;
	return &canvas->cells[(size_t)y * (size_t)canvas->w + (size_t)x];
}
