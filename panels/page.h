/*
 * A page of text that may be longer than the screen: rows one below the
 * other, the first of them scrolled away; facts side by side as they fit;
 * long texts in as many rows as they need. With canvas NULL it is only
 * measured, for list_panel_settle().
 * thread: UI.
 */
#ifndef SEV_PANELS_PAGE_H
#define SEV_PANELS_PAGE_H

#include "base/textbuf.h"
#include "panels/canvas.h"

enum {
	PAGE_LABEL_W = 10 /* a longer label pushes its text to the right */
};

struct page {
	struct canvas *canvas; /* NULL: measures */
	struct rect area;
	int skip; /* rows scrolled away */
	int y;	  /* the row of the whole page that comes next */
	int x;	  /* cells of row y that facts have taken; 0: none */
	bool cut; /* rows are few: a fact longer than one is cut */
};

/* One row of text, x cells to the right, cut. */
void page_row(struct page *page, int x, struct text text, enum role role);

/* A title with a rule behind it. */
void page_title(struct page *page, struct text title);

/* A blank row, but never two, nor one at the top. */
void page_gap(struct page *page);

/*
 * A label and a text behind it in as many rows as it needs, broken at blanks
 * where there are some.
 */
void page_text(
    struct page *page, struct text label, struct text text, enum role role);

/* A text in as many rows as it needs, x cells to the right. */
void page_words(struct page *page, int x, struct text text, enum role role);

/*
 * "label value", behind the last fact where there is room, else in the next
 * row; an empty label leaves the value. One that is longer than a row gets as
 * many rows as it needs, unless page->cut. page_end() (or any other row) ends
 * the row of facts.
 */
void page_fact(
    struct page *page, struct text label, struct text value, enum role role);
void page_end(struct page *page);

/*
 * A share of a whole as a bar of w cells, a further fact in the row: at
 * least one full cell for what is not nothing, and full only when it is
 * all. NaN: nothing.
 */
void page_bar(struct page *page, int w, double share, enum role role);

#endif
