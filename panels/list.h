/*
 * The one list: every panel that shows rows shows them with it. The
 * selection sticks to the item, by its key, while rows come, go and are
 * sorted anew. Any column sorts. When the list is narrow the least important
 * columns go first.
 *
 * The owner says what the rows are through struct list_data; nothing is
 * copied. At most LIST_ROWS_MAX rows are shown, the title tells of the rest.
 * thread: UI.
 */
#ifndef SEV_PANELS_LIST_H
#define SEV_PANELS_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/textbuf.h"
#include "model/section.h"
#include "panels/canvas.h"
#include "panels/command.h"
#include "panels/pattern.h"
#include "panels/tags.h"

enum {
	LIST_COLUMNS_MAX = 32,
	LIST_ROWS_MAX = 20000,
	LIST_KEY_MAX = 200,
};

struct list_column {
	struct text title;
	int min_w;  /* cells it needs to be of use */
	int max_w;  /* cells it can use; 0: whatever is left */
	int rank;   /* 0: always there; higher ones are dropped first */
	bool right; /* numbers */
};

/* What the rows are; all calls are with row < count, column < columns. */
struct list_data {
	const void *ctx;
	size_t count;
	struct text (*key)(const void *ctx, size_t row);
	enum state (*state)(const void *ctx, size_t row);

	/* What the cell shows. */
	void (*cell)(
	    const void *ctx, size_t row, size_t column, struct text_buf *out);

	/* What it sorts by; NaN: by the text that it shows. */
	double (*num)(const void *ctx, size_t row, size_t column);

	/* Optional: the row is of some time ago and drawn so. */
	bool (*stale)(const void *ctx, size_t row);

	/* What filter and search look at; NULL: the key. */
	struct text (*match)(const void *ctx, size_t row);

	const struct list_column *columns;
	size_t column_count;
	int state_column; /* drawn in the role of the row's state; -1 */
	bool tags;	  /* rows can be tagged: something acts on several */
};

struct list_view {
	char selected[LIST_KEY_MAX]; /* key; "" before the first draw */
	size_t at; /* its place among the shown rows at the last draw */
	size_t top;
	size_t shown; /* rows that passed the filter at the last draw */
	size_t total;
	int page; /* rows of the screen at the last draw */
	int sort; /* column + 1; 0: the owner's order */
	bool reverse;
	size_t first_column; /* scrolled to the right by so many */
	struct pattern filter;
	struct pattern search;
	bool costly;
	struct tags tags;
	size_t tagged; /* of the shown rows at the last draw */
};

void list_release(struct list_view *view);

/* Column titles in the first row, rows below; words when there are none. */
void list_draw(struct list_view *view, const struct list_data *data,
    struct canvas *canvas, struct rect area, struct text words, bool focused);

/* Appends "12 of 340, filter /fail/" or "340, 3 tagged" to a title. */
void list_count(const struct list_view *view, struct text_buf *out);

/* Moves, sorts, scrolls, tags. False: not a command of the list. */
bool list_command(
    struct list_view *view, const struct list_data *data, enum command command);

/* Row of the selected key in data; SIZE_MAX when it is not there. */
size_t list_selected(
    const struct list_view *view, const struct list_data *data);

/*
 * Rows of data that are tagged and that the filter shows, in the order of
 * data, at most max; returns how many.
 */
size_t list_tagged(const struct list_view *view, const struct list_data *data,
    size_t *rows, size_t max);

/* Selects by key. */
void list_select(struct list_view *view, struct text key);

#endif
