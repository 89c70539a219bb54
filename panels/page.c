#include "panels/page.h"

#include <math.h>

enum {
	FACT_GAP = 3, /* cells between two facts */
	FACT_X = 2    /* left of the first */
};

/* The row of the screen for the page's next one. */
static int
page_y(const struct page *page)
{
	return page->area.y + page->y - page->skip;
}

void
page_end(struct page *page)
{
	page->y += page->x > 0;
	page->x = 0;
}

void
page_row(struct page *page, int x, struct text text, enum role role)
{
	page_end(page);
	if (page->canvas != NULL)
		canvas_text_cut(page->canvas, page->area, page_y(page),
		    page->area.x + x, page->area.w - x, text, role, 0);
	page->y++;
}

void
page_title(struct page *page, struct text title)
{
	struct rect row = { 0, page->area.x, 1, page->area.w };
	int x;

	page_end(page);
	row.y = page_y(page);
	if (page->canvas != NULL) {
		canvas_fill(page->canvas, rect_clip(page->area, row), TEXT("─"),
		    ROLE_RULE, 0);
		x = canvas_text_cut(page->canvas, page->area, row.y, row.x,
		    row.w, title, ROLE_TITLE, CELL_BOLD);
		canvas_text(page->canvas, page->area, row.y, x, TEXT(" "),
		    ROLE_RULE, 0);
	}
	page->y++;
}

void
page_gap(struct page *page)
{
	page_end(page);
	page->y += page->y > 0;
}

/*
 * Cells of the next row of text, w wide: iter moves behind it and a blank
 * that it was broken at. *ret_blank: cells of that blank.
 */
static int
next_row(struct text_iter *iter, int w, int *ret_blank)
{
	struct text_iter before = *iter, at_blank = *iter;
	struct text_cell cell;
	int used = 0, used_blank = 0;

	*ret_blank = 0;
	while (text_next(iter, &cell)) {
		if (used + cell.width > w) {
			/* The blank itself may stand right behind the edge. */
			if (cell.cp == ' ') {
				*ret_blank = 1;
				return used;
			}
			*iter = used_blank > 0 ? at_blank : before;
			*ret_blank = used_blank > 0;
			return used_blank > 0 ? used_blank : used;
		}
		if (cell.cp == ' ' && used > w / 2) {
			used_blank = used;
			at_blank = *iter;
		}
		used += cell.width;
		before = *iter;
	}
	return used;
}

void
page_words(struct page *page, int x, struct text text, enum role role)
{
	struct text_iter iter = text_iter(text);
	int w = page->area.w - x, column = 0, blank;

	page_end(page);
	do {
		struct rect row = { page_y(page), page->area.x + x, 1,
			next_row(&iter, w, &blank) };

		if (row.w == 0 && column > 0)
			break;
		if (page->canvas != NULL)
			canvas_text(page->canvas, rect_clip(row, page->area),
			    row.y, row.x - column, text, role, 0);
		column += row.w + blank;
		page->y++;
	} while (iter.pos < text.len && w > 1);
}

void
page_text(
    struct page *page, struct text label, struct text text, enum role role)
{
	int x = label.width > 0 ? PAGE_LABEL_W : 2;

	if ((int)label.width >= PAGE_LABEL_W)
		x = (int)label.width + 1;
	page_end(page);
	if (page->canvas != NULL)
		canvas_text(page->canvas,
		    rect_clip(page->area,
			(struct rect) { page_y(page), page->area.x, 1, x }),
		    page_y(page), page->area.x, label, ROLE_DIM, 0);
	page_words(page, x, text, role);
}

/* Room for w cells of a fact: in this row, or in the next one. */
static int
fact_place(struct page *page, int w, int gap)
{
	int x = page->x > 0 ? page->x + gap : FACT_X;

	if (page->x > 0 && x + w > page->area.w) {
		page_end(page);
		x = FACT_X;
	}
	page->x = x + w;
	return page->area.x + x;
}

/* A fact that is longer than a row: rows of its own. */
static void
fact_long(
    struct page *page, struct text label, struct text value, enum role role)
{
	int x = FACT_X + (int)label.width + (label.width > 0);

	page_end(page);
	if (page->canvas != NULL)
		canvas_text(page->canvas, page->area, page_y(page),
		    page->area.x + FACT_X, label, ROLE_DIM, 0);
	page_words(page, x, value, role);
}

void
page_fact(
    struct page *page, struct text label, struct text value, enum role role)
{
	int label_w = (int)label.width + (label.width > 0);
	int w = label_w + (int)value.width, x;

	if (w > page->area.w - FACT_X && !page->cut) {
		fact_long(page, label, value, role);
		return;
	}
	x = fact_place(page, w, FACT_GAP);
	if (page->canvas == NULL)
		return;
	canvas_text(
	    page->canvas, page->area, page_y(page), x, label, ROLE_DIM, 0);
	canvas_text(page->canvas, page->area, page_y(page),
	    x + w - (int)value.width, value, role,
	    role == ROLE_TEXT || role == ROLE_DIM ? 0 : CELL_BOLD);
}

static void
bar_draw(struct canvas *canvas, struct rect area, int y, int x, int w,
    double share, enum role role)
{
	int full;

	if (!isfinite(share))
		return;
	share = fmin(fmax(share, 0), 1);
	full = (int)(share * w);
	if (full == 0 && share > 0)
		full = 1;
	for (int i = 0; i < w; i++)
		canvas_text(canvas, area, y, x + i,
		    i < full ? TEXT("█") : TEXT("·"),
		    i < full ? role : ROLE_AXIS, 0);
}

void
page_bar(struct page *page, int w, double share, enum role role)
{
	int x;

	if (!isfinite(share))
		return;
	x = fact_place(page, w, 1);
	if (page->canvas != NULL)
		bar_draw(
		    page->canvas, page->area, page_y(page), x, w, share, role);
}
