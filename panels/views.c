#include "panels/views.h"

#include <math.h>
#include <string.h>

enum {
	TAB_GAP = 2
};

void
views_go(struct views *views, size_t at)
{
	struct list_view *list = &views->panel.list;

	if (at == views->at)
		return;
	memcpy(views->kept[views->at], list->selected, LIST_KEY_MAX);
	views->at = at;
	views->switched = true;
	views->panel.open = false;
	/* Columns are others; what was typed holds for all views. */
	list->sort = 0;
	list->reverse = false;
	list->first_column = 0;
	list->at = list->top = 0;
}

bool
views_command(struct views *views, size_t count, enum command command)
{
	if (command == COMMAND_VIEW)
		views_go(views, (views->at + 1) % count);
	else if (command == COMMAND_VIEW_BACK)
		views_go(views, (views->at + count - 1) % count);
	else
		return false;
	return true;
}

bool
views_step(struct views *views, const struct tab *tabs, size_t count,
    enum command command)
{
	size_t by = command == COMMAND_VIEW ? 1 : count - 1;
	size_t at = views->at;

	if (command != COMMAND_VIEW && command != COMMAND_VIEW_BACK)
		return false;
	do
		at = (at + by) % count;
	while (tabs[at].absent && at != views->at);
	views_go(views, at);
	return true;
}

void
views_settle(struct views *views, const struct list_data *data)
{
	struct list_view *list = &views->panel.list;

	if (views->switched && list_selected(list, data) == SIZE_MAX)
		memcpy(list->selected, views->kept[views->at], LIST_KEY_MAX);
	views->switched = false;
}

static void
tab_text(const struct tab *tab, bool counted, struct text_buf *out)
{
	tb_init(out);
	tb_text(out, tab->name);
	if (counted && isfinite(tab->count)) {
		tb_lit(out, " ");
		tb_num(out, tab->count, NUM_COUNT);
	}
}

/* A count that is bad news always stays. */
static bool
is_counted(const struct tab *tab, bool all)
{
	return all || tab->role != ROLE_DIM;
}

/* Cells from tab first on, up to and with tab last. */
static int
tabs_width(const struct tab *tabs, size_t first, size_t last, bool all)
{
	int width = 0;

	for (size_t i = first; i <= last; i++) {
		struct text_buf tb;

		tab_text(&tabs[i], is_counted(&tabs[i], all), &tb);
		width += (int)tb_end(&tb).width + (i > first ? TAB_GAP : 0);
	}
	return width;
}

static int
tab_draw(struct canvas *canvas, struct rect row, int x, const struct tab *tab,
    bool counted, bool current)
{
	int count_x = x + (int)tab->name.width + 1, end;
	struct text_buf tb;

	tab_text(tab, counted, &tb);
	end = canvas_text(canvas, row, row.y, x, tb_end(&tb), ROLE_DIM, 0);
	if (counted && end > count_x && tab->role != ROLE_DIM)
		canvas_restyle(canvas,
		    rect_clip(row,
			(struct rect) { row.y, count_x, 1, end - count_x }),
		    tab->role, CELL_BOLD);
	if (current)
		canvas_restyle(canvas,
		    rect_clip(row, (struct rect) { row.y, x, 1, end - x }),
		    ROLE_SELECTED, CELL_BOLD);
	return end + TAB_GAP;
}

/* What a filter leaves and what is tagged, at the right; the row without. */
static struct rect
draw_count(const struct list_view *list, struct canvas *canvas, struct rect row)
{
	struct text_buf tb;
	int w;

	if (list->filter.count == 0 && list->tags.count == 0)
		return row;
	tb_init(&tb);
	list_count(list, &tb);
	w = (int)tb_end(&tb).width;
	if (w > row.w / 2)
		w = row.w / 2;
	canvas_text_cut(canvas, row, row.y, row.x + row.w - w, w, tb_end(&tb),
	    list->filter.count > 0 ? ROLE_MATCH : ROLE_TEXT, 0);
	row.w -= w + 2 < row.w ? w + 2 : row.w;
	return row;
}

void
views_tabs(const struct views *views, struct canvas *canvas, struct rect row,
    const struct tab *tabs, size_t count)
{
	struct tab there[VIEWS_MAX];
	size_t first = 0, current = 0, n = 0;
	int x, end;
	bool all;

	if (row.h <= 0)
		return;
	for (size_t i = 0; i < count && n < VIEWS_MAX; i++) {
		if (tabs[i].absent && i != views->at)
			continue;
		if (i == views->at)
			current = n;
		there[n++] = tabs[i];
	}
	tabs = there;
	count = n;
	row = draw_count(&views->panel.list, canvas, row);
	all = tabs_width(tabs, 0, count - 1, true) <= row.w;
	x = row.x;
	end = row.x + row.w;
	/* The current one is always there, with a sign of what is not. */
	while (first < current &&
	       tabs_width(tabs, first, current, all) > row.w - 4)
		first++;
	if (first > 0)
		x = canvas_text(canvas, row, row.y, x, TEXT("…"), ROLE_DIM, 0) +
		    1;
	for (size_t i = first; i < count; i++) {
		int last = i + 1 < count ? 2 : 0;

		if (i > current &&
		    x + tabs_width(tabs, i, i, all) > end - last) {
			canvas_text(
			    canvas, row, row.y, x, TEXT("…"), ROLE_DIM, 0);
			return;
		}
		x = tab_draw(canvas, row, x, &tabs[i],
		    is_counted(&tabs[i], all), i == current);
	}
}
