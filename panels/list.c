#include "panels/list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "model/limits.h"
#include "panels/box.h"

void
list_release(struct list_view *view)
{
	pattern_release(&view->filter);
	pattern_release(&view->search);
	tags_release(&view->tags);
}

static bool
key_is(const struct list_view *view, struct text key)
{
	size_t len = key.len < LIST_KEY_MAX - 1 ? key.len : LIST_KEY_MAX - 1;

	return strlen(view->selected) == len &&
	       memcmp(view->selected, key.s, len) == 0;
}

void
list_select(struct list_view *view, struct text key)
{
	size_t len = key.len < LIST_KEY_MAX - 1 ? key.len : LIST_KEY_MAX - 1;

	memcpy(view->selected, key.s, len);
	view->selected[len] = '\0';
}

size_t
list_selected(const struct list_view *view, const struct list_data *data)
{
	for (size_t i = 0; i < data->count; i++) {
		if (key_is(view, data->key(data->ctx, i)))
			return i;
	}
	return SIZE_MAX;
}

static struct text
list_match_text(const struct list_data *data, size_t row)
{
	return data->match != NULL ? data->match(data->ctx, row)
				   : data->key(data->ctx, row);
}

size_t
list_tagged(const struct list_view *view, const struct list_data *data,
    size_t *rows, size_t max)
{
	size_t n = 0;

	if (view->tags.count == 0 || !data->tags)
		return 0;
	for (size_t i = 0; i < data->count && n < max; i++) {
		bool costly = false;

		if (tags_have(&view->tags, data->key(data->ctx, i)) &&
		    pattern_match(
			&view->filter, list_match_text(data, i), &costly))
			rows[n++] = i;
	}
	return n;
}

static void
list_count_tagged(struct list_view *view, const struct list_data *data)
{
	size_t rows[ACTION_TARGETS_MAX];

	view->tagged = list_tagged(view, data, rows, ACTION_TARGETS_MAX);
}

/* A row that is gone loses its tag: what comes back is another one. */
static void
list_untag_gone(struct list_view *view, const struct list_data *data)
{
	if (view->tags.count > 0) {
		tags_look(&view->tags);
		for (size_t i = 0; i < data->count; i++)
			tags_see(&view->tags, data->key(data->ctx, i));
		tags_looked(&view->tags);
	}
	list_count_tagged(view, data);
}

/* Rows in the order in which they are shown. */
struct order {
	uint32_t *rows; /* owned */
	size_t count;
};

/* qsort() has no argument for the comparison, so rows carry what they need. */
struct sort_row {
	double num;
	const struct list_data *data;
	uint32_t row;
	uint32_t column;
	bool reverse;
};

static int
sort_compare(const void *a, const void *b)
{
	const struct sort_row *x = a, *y = b;
	int order = 0;

	if (isnan(x->num) && isnan(y->num)) {
		struct text_buf s, t;

		tb_init(&s);
		tb_init(&t);
		x->data->cell(x->data->ctx, x->row, x->column, &s);
		y->data->cell(y->data->ctx, y->row, y->column, &t);
		order = text_cmp(tb_end(&s), tb_end(&t));
	} else if (isnan(x->num) || isnan(y->num)) {
		return isnan(x->num) ? 1 : -1; /* missing is always last */
	} else if (x->num != y->num) {
		order = x->num > y->num ? -1 : 1; /* largest first */
	}
	if (order == 0)
		return x->row < y->row ? -1 : 1;
	return x->reverse ? -order : order;
}

static void
order_sort(struct order *order, const struct list_view *view,
    const struct list_data *data)
{
	uint32_t column = (uint32_t)view->sort - 1;
	struct sort_row *rows = mem_calloc(order->count, sizeof(*rows));

	if (rows == NULL)
		return; /* the owner's order is right, too */
	for (size_t i = 0; i < order->count; i++)
		rows[i] = (struct sort_row) {
			.num = data->num(data->ctx, order->rows[i], column),
			.data = data,
			.row = order->rows[i],
			.column = column,
			.reverse = view->reverse,
		};
	qsort(rows, order->count, sizeof(*rows), sort_compare);
	for (size_t i = 0; i < order->count; i++)
		order->rows[i] = rows[i].row;
	mem_free(rows);
}

static struct order
order_make(struct list_view *view, const struct list_data *data)
{
	size_t count =
	    data->count < LIST_ROWS_MAX ? data->count : LIST_ROWS_MAX;
	struct order order = { mem_calloc(count, sizeof(uint32_t)), 0 };

	view->total = data->count;
	view->costly = false;
	for (size_t i = 0; order.rows != NULL && i < count; i++) {
		if (pattern_match(
			&view->filter, list_match_text(data, i), &view->costly))
			order.rows[order.count++] = (uint32_t)i;
	}
	view->shown = order.count;
	if (view->sort > 0 && (size_t)view->sort <= data->column_count &&
	    order.count > 1)
		order_sort(&order, view, data);
	return order;
}

/* Finds the selection again; without it the place where it was. */
static void
list_settle(struct list_view *view, const struct list_data *data,
    const struct order *order)
{
	size_t page = view->page > 0 ? (size_t)view->page : 1;

	if (order->count == 0) {
		view->at = view->top = 0;
		return;
	}
	if (view->at >= order->count ||
	    !key_is(view, data->key(data->ctx, order->rows[view->at]))) {
		for (size_t i = 0; i < order->count; i++) {
			if (key_is(
				view, data->key(data->ctx, order->rows[i]))) {
				view->at = i;
				break;
			}
		}
	}
	if (view->at >= order->count)
		view->at = order->count - 1;
	if (!key_is(view, data->key(data->ctx, order->rows[view->at])))
		list_select(view, data->key(data->ctx, order->rows[view->at]));
	if (view->at < view->top)
		view->top = view->at;
	if (view->at >= view->top + page)
		view->top = view->at - page + 1;
	if (view->top + page > order->count)
		view->top = order->count > page ? order->count - page : 0;
}

/* Leaves columns out, the least important first; the room that remains. */
static int
list_widths_fit(const struct list_data *data, int room, int *widths)
{
	for (;;) {
		int used = 0, worst = -1;

		for (size_t c = 0; c < data->column_count; c++) {
			if (widths[c] == 0)
				continue;
			used += widths[c] + 2;
			if (data->columns[c].rank > 0 &&
			    (worst < 0 || data->columns[c].rank >=
					      data->columns[worst].rank))
				worst = (int)c;
		}
		if (used - 2 <= room || worst < 0)
			return room - (used - 2);
		widths[worst] = 0;
	}
}

/* Widths of the columns that fit; 0: left out. */
static void
list_widths(const struct list_view *view, const struct list_data *data,
    int room, int widths[LIST_COLUMNS_MAX])
{
	int spare, flexible = -1;

	for (size_t c = 0; c < data->column_count; c++) {
		bool scrolled =
		    c < view->first_column && data->columns[c].rank > 0;

		widths[c] = scrolled ? 0 : data->columns[c].min_w;
	}
	spare = list_widths_fit(data, room, widths);
	for (size_t c = 0; c < data->column_count && spare > 0; c++) {
		int more;

		if (widths[c] == 0)
			continue;
		if (data->columns[c].max_w == 0) {
			flexible = (int)c;
			continue;
		}
		more = data->columns[c].max_w - widths[c];
		more = more > spare ? spare : more;
		widths[c] += more > 0 ? more : 0;
		spare -= more > 0 ? more : 0;
	}
	if (flexible >= 0 && spare > 0)
		widths[flexible] += spare;
}

static void
list_titles(const struct list_view *view, const struct list_data *data,
    struct canvas *canvas, struct rect area, const int *widths)
{
	int x = area.x + 2;

	for (size_t c = 0; c < data->column_count; c++) {
		const struct list_column *column = &data->columns[c];
		struct text_buf tb;

		if (widths[c] == 0)
			continue;
		tb_init(&tb);
		tb_text(&tb, column->title);
		if (view->sort == (int)c + 1)
			tb_text(&tb, view->reverse ? TEXT("↑") : TEXT("↓"));
		if (column->right)
			canvas_text_right(canvas, area, area.y, x, widths[c],
			    tb_end(&tb), ROLE_DIM, 0);
		else
			canvas_text_cut(canvas, area, area.y, x, widths[c],
			    tb_end(&tb), ROLE_DIM, 0);
		x += widths[c] + 2;
	}
}

static void
list_row(const struct list_view *view, const struct list_data *data,
    struct canvas *canvas, struct rect area, int y, size_t row,
    const int *widths, bool selected)
{
	enum state state =
	    data->state != NULL ? data->state(data->ctx, row) : STATE_OK;
	bool found = view->search.count > 0, costly = false;
	bool stale = data->stale != NULL && data->stale(data->ctx, row);
	int x = area.x + 2;

	if (found)
		found = pattern_match(
		    &view->search, list_match_text(data, row), &costly);
	if (selected)
		canvas_text(
		    canvas, area, y, area.x, TEXT(">"), ROLE_TITLE, CELL_BOLD);
	if (data->tags && tags_have(&view->tags, data->key(data->ctx, row)))
		canvas_text(canvas, area, y, area.x + 1, TEXT("*"), ROLE_ACT,
		    CELL_BOLD);
	for (size_t c = 0; c < data->column_count; c++) {
		enum role role = found	 ? ROLE_MATCH
				 : stale ? ROLE_STALE
					 : ROLE_TEXT;
		struct text_buf tb;

		if (widths[c] == 0)
			continue;
		tb_init(&tb);
		data->cell(data->ctx, row, c, &tb);
		if ((int)c == data->state_column && !stale)
			role = state_role(state);
		if (data->columns[c].right)
			canvas_text_right(canvas, area, y, x, widths[c],
			    tb_end(&tb), role, 0);
		else
			canvas_text_cut(canvas, area, y, x, widths[c],
			    tb_end(&tb), role, 0);
		x += widths[c] + 2;
	}
}

void
list_draw(struct list_view *view, const struct list_data *data,
    struct canvas *canvas, struct rect area, struct text words, bool focused)
{
	struct order order = order_make(view, data);
	int widths[LIST_COLUMNS_MAX] = { 0 };
	struct text_buf tb;

	view->page = area.h - 1;
	list_untag_gone(view, data);
	if (area.h <= 0)
		goto out;
	if (order.count == 0) {
		tb_init(&tb);
		if (view->costly)
			tb_lit(&tb, "the filter is too costly to decide");
		else if (data->count > 0)
			tb_fmt(&tb, "all %zu hidden by the filter %s",
			    data->count, view->filter.bytes);
		else
			tb_text(&tb, words);
		box_words(canvas, area, tb_end(&tb), ROLE_DIM);
		goto out;
	}
	list_settle(view, data, &order);
	list_widths(view, data, area.w - 2, widths);
	list_titles(view, data, canvas, area, widths);
	for (int i = 0; i < view->page; i++) {
		size_t at = view->top + (size_t)i;
		bool selected = at == view->at;

		if (at >= order.count)
			break;
		list_row(view, data, canvas, area, area.y + 1 + i,
		    order.rows[at], widths, selected && focused);
		/* One look for the whole row: signs say the state, too. */
		if (selected && focused)
			canvas_restyle(canvas,
			    rect_clip(area, (struct rect) { area.y + 1 + i,
						area.x, 1, area.w }),
			    ROLE_SELECTED, 0);
	}
out:
	mem_free(order.rows);
}

void
list_count(const struct list_view *view, struct text_buf *out)
{
	if (view->shown != view->total) {
		tb_int(out, (int64_t)view->shown);
		tb_lit(out, " of ");
	}
	tb_int(out, (int64_t)view->total);
	if (view->filter.count > 0)
		tb_fmt(out, ", filter %s", view->filter.bytes);
	if (view->tags.count == 0)
		return;
	tb_fmt(out, ", %zu tagged", view->tagged);
	if (view->tagged < view->tags.count)
		tb_fmt(out, " and %zu hidden", view->tags.count - view->tagged);
	if (view->tags.count == ACTION_TARGETS_MAX)
		tb_lit(out, ", no more fit");
}

/* The next match of the search from the selection on, in direction step. */
static void
list_search(struct list_view *view, const struct list_data *data,
    const struct order *order, bool back)
{
	bool costly = false;

	for (size_t i = 1; i <= order->count; i++) {
		size_t step = back ? order->count - i : i;
		size_t at = (view->at + step) % order->count;

		if (pattern_match(&view->search,
			list_match_text(data, order->rows[at]), &costly)) {
			view->at = at;
			return;
		}
	}
}

static void
list_move(struct list_view *view, size_t count, long by)
{
	long at = (long)view->at + by;

	if (at < 0)
		at = 0;
	if (at >= (long)count)
		at = (long)count - 1;
	view->at = (size_t)at;
}

/* Commands that move the selection; false: some other command. */
static bool
list_move_command(struct list_view *view, const struct list_data *data,
    const struct order *order, enum command command)
{
	long page = view->page > 1 ? view->page : 1;

	switch (command) {
	case COMMAND_DOWN:
		list_move(view, order->count, 1);
		return true;
	case COMMAND_UP:
		list_move(view, order->count, -1);
		return true;
	case COMMAND_PAGE_DOWN:
		list_move(view, order->count, page);
		return true;
	case COMMAND_PAGE_UP:
		list_move(view, order->count, -page);
		return true;
	case COMMAND_HALF_DOWN:
		list_move(view, order->count, (page + 1) / 2);
		return true;
	case COMMAND_HALF_UP:
		list_move(view, order->count, -(page + 1) / 2);
		return true;
	case COMMAND_TOP:
		view->at = 0;
		return true;
	case COMMAND_BOTTOM:
		view->at = order->count - 1;
		return true;
	case COMMAND_SEARCH_NEXT:
	case COMMAND_SEARCH_PREV:
		list_search(view, data, order, command == COMMAND_SEARCH_PREV);
		return true;
	default:
		return false;
	}
}

bool
list_command(
    struct list_view *view, const struct list_data *data, enum command command)
{
	struct order order;
	bool moved = false;

	switch (command) {
	case COMMAND_UNTAG:
		tags_clear(&view->tags);
		return data->tags;
	case COMMAND_SORT:
		view->sort = (view->sort + 1) % ((int)data->column_count + 1);
		view->reverse = false;
		return true;
	case COMMAND_SORT_REVERSE:
		view->reverse = !view->reverse;
		return true;
	case COMMAND_LEFT:
		view->first_column -= view->first_column > 0;
		return true;
	case COMMAND_RIGHT:
		view->first_column +=
		    view->first_column + 1 < data->column_count;
		return true;
	default:
		break;
	}
	order = order_make(view, data);
	if (order.count > 0) {
		list_settle(view, data, &order);
		if (data->tags && command == COMMAND_TAG) {
			tags_turn(&view->tags,
			    data->key(data->ctx, order.rows[view->at]));
			list_count_tagged(view, data);
			command = COMMAND_DOWN;
		}
		moved = list_move_command(view, data, &order, command);
		list_select(view, data->key(data->ctx, order.rows[view->at]));
	}
	mem_free(order.rows);
	return moved;
}
