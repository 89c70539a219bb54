/* The list of the log panel: which items stand in which rows. */
#include "base/alloc.h"
#include "base/textbuf.h"
#include "panels/box.h"
#include "panels/logs_impl.h"

/* One picture being laid out. */
struct layout {
	struct logs_view *view;
	const struct panel_ctx *ctx;
	struct canvas *canvas;
	struct rect area;
	struct logs_columns columns;
	bool follow; /* neither paused nor frozen */
};

int
logs_item_rows(const struct logs_view *view, const struct panel_ctx *ctx,
    const struct logs_item *item)
{
	struct logs_columns columns;
	struct arena *arena;
	struct log_line line;
	struct logmatch match;
	int height = 1;

	if (!view->wrap || item->fold)
		return 1;
	arena = arena_new(LOGS_BODY_BYTES);
	if (arena == NULL)
		return 1;
	columns = logs_columns(ctx, view->width);
	if (logs_item_line(view, ctx, item, arena, &line, &match))
		height = logs_item_height(view, &columns, item, &line);
	arena_free(arena);
	return height;
}

/* Draws an item with its first row at y; returns the row behind it. */
static int
draw_at(const struct layout *l, const struct logs_item *item, int y)
{
	struct arena *arena = arena_new(LOGS_BODY_BYTES);
	struct rect rows = { y, l->area.x, 1, l->area.w };
	struct log_line line;
	struct logmatch match;

	if (arena != NULL &&
	    logs_item_line(l->view, l->ctx, item, arena, &line, &match)) {
		rows.h = logs_item_height(l->view, &l->columns, item, &line);
		logs_draw_item(l->view, l->ctx, l->canvas,
		    rect_clip(rows, l->area), &l->columns, item, &line, &match);
	} else {
		canvas_text(l->canvas, l->area, y, l->area.x,
		    TEXT("(this line made room for newer ones)"), ROLE_DIM, 0);
	}
	arena_free(arena);
	return y + rows.h;
}

/*
 * The item that stands at the top when the cursor's first row is `above`
 * rows below it, or the first of all. *ret_y: the row where it begins, at
 * or above 0.
 */
static struct logs_item
top_item(const struct layout *l, int above, int *ret_y)
{
	struct logs_item item = l->view->cursor, before;

	while (above > 0) {
		before = item;
		if (!logs_item_prev(l->view, &before))
			break;
		item = before;
		above -= logs_item_rows(l->view, l->ctx, &item);
	}
	*ret_y = above < 0 ? above : 0;
	return item;
}

/* The next item, as long as it came before the picture was frozen. */
static bool
next_shown(const struct layout *l, struct logs_item *item)
{
	struct logs_item next = *item;

	if (!logs_item_next(l->view, &next) ||
	    (l->ctx->frozen && next.n >= l->view->shown_next))
		return false;
	*item = next;
	return true;
}

/* Rows from the cursor's first to the end of the list, at most max. */
static int
rows_below(const struct layout *l, int max)
{
	struct logs_item item = l->view->cursor;
	int rows = logs_item_rows(l->view, l->ctx, &item);

	while (rows < max && next_shown(l, &item))
		rows += logs_item_rows(l->view, l->ctx, &item);
	return rows < max ? rows : max;
}

/* Puts the cursor into the window, which stays full while it can be. */
static void
place_cursor(struct layout *l)
{
	struct logs_view *view = l->view;
	int h = l->area.h, below = rows_below(l, h);
	int own = logs_item_rows(view, l->ctx, &view->cursor);
	int lowest = own < h ? h - own : 0;

	if (l->follow || view->cursor_y + below < h)
		view->cursor_y = h - below;
	if (view->cursor_y > lowest)
		view->cursor_y = lowest;
	if (view->cursor_y < 0)
		view->cursor_y = 0;
}

static void
draw_rows(struct layout *l)
{
	struct logs_view *view = l->view;
	struct logs_item item;
	int y, next, cursor_y = 0, bottom = l->area.y + l->area.h;

	item = top_item(l, view->cursor_y, &y);
	y += l->area.y;
	while (y < bottom) {
		next = draw_at(l, &item, y);
		if (item.n == view->cursor.n &&
		    item.fold == view->cursor.fold) {
			struct rect rows = { y, l->area.x, next - y,
				l->area.w };

			cursor_y = y - l->area.y;
			if (view->paused)
				canvas_restyle(l->canvas,
				    rect_clip(rows, l->area), ROLE_SELECTED, 0);
		}
		y = next;
		if (!next_shown(l, &item))
			break;
	}
	view->cursor_y = cursor_y;
	view->height = l->area.h;
}

/* Finds the cursor's line again when numbers have changed. */
static void
find_cursor(struct logs_view *view, const struct logview_status *st)
{
	uint64_t n;

	if (view->generation != st->generation) {
		view->generation = st->generation;
		view->relocate = true;
		view->open_run = 0;
	}
	if (view->relocate) {
		n = logview_find(view->lines, view->cursor_seq);
		if (n >= st->next && st->next > 0)
			n = st->next - 1;
		view->cursor = logs_item_of(view, n);
		view->paused_next = st->next;
		view->relocate = st->waiting > 0;
	}
	if (view->cursor.n < st->first)
		view->cursor = (struct logs_item) { .n = st->first };
	/* A line alone may have become the start of a run, or its end. */
	if (!view->cursor.fold)
		view->cursor = logs_item_of(view, view->cursor.n);
}

/* After a search: to its nearest match, once there is one. */
static void
seek_hit(struct logs_view *view, const struct logview_status *st)
{
	uint64_t n;

	if (!view->seek_hit)
		return;
	if (st->unsearched > 0)
		return;
	view->seek_hit = false;
	if (!logview_seek(
		view->lines, view->cursor.n + 1, false, LOGVIEW_HIT, &n) &&
	    !logview_seek(view->lines, view->cursor.n, true, LOGVIEW_HIT, &n))
		return;
	if (!view->paused) {
		view->paused = true;
		view->paused_next = st->next;
	}
	view->cursor_y = view->height / 2;
	view->cursor = logs_item_of(view, n);
}

static void
remember_cursor(struct logs_view *view)
{
	struct logmatch match;

	if (!view->relocate &&
	    logview_copy(view->lines, view->cursor.n, &match, 1) == 1)
		view->cursor_seq = match.seq;
}

void
logs_draw_list(struct logs_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	struct layout l = { .view = view,
		.ctx = ctx,
		.canvas = canvas,
		.columns = logs_columns(ctx, area.w) };
	struct logview_status st;
	struct logs_item last;
	bool empty;

	view->width = area.w;
	logview_status(view->lines, &st);
	empty = st.first == st.next;
	if (!ctx->frozen)
		view->shown_next = st.next;
	if (!empty) {
		find_cursor(view, &st);
		seek_hit(view, &st);
		/* A search may have paused it just now. */
		l.follow = !view->paused && !ctx->frozen;
		if (l.follow && logs_item_last(view, &last))
			view->cursor = last;
	}
	l.area = logs_draw_title(view, ctx, canvas, area);
	if (l.area.h >= 8)
		l.area = logs_draw_histogram(view, ctx, canvas, l.area);
	if (l.area.h <= 0)
		return;
	if (empty) {
		logs_draw_reason(view, ctx, canvas, l.area);
		return;
	}
	place_cursor(&l);
	draw_rows(&l);
	remember_cursor(view);
}
