#include "panels/list.h"

#include <stdio.h>

#include "model/limits.h"

#include "tests/panel/golden.h"
#include "tests/tap.h"

enum {
	ROWS_MAX = 6000,
	NAME_BYTES = 32
};

/* Rows with a name and a number, in any order. */
struct rows {
	char names[ROWS_MAX][NAME_BYTES];
	double nums[ROWS_MAX];
	size_t count;
};

static struct text
row_key(const void *ctx, size_t row)
{
	return text_lit(((const struct rows *)ctx)->names[row]);
}

static void
row_cell(const void *ctx, size_t row, size_t column, struct text_buf *out)
{
	const struct rows *rows = ctx;

	if (column == 0)
		tb_text(out, row_key(ctx, row));
	else
		tb_num(out, rows->nums[row], NUM_COUNT);
}

static double
row_num(const void *ctx, size_t row, size_t column)
{
	return column == 0 ? NAN : ((const struct rows *)ctx)->nums[row];
}

static const struct list_column columns[] = {
	{ TEXT_INIT("name"), 8, 0, 0, false },
	{ TEXT_INIT("count"), 6, 8, 1, true },
};

static struct list_data
data_of(const struct rows *rows)
{
	return (struct list_data) {
		.ctx = rows,
		.count = rows->count,
		.key = row_key,
		.cell = row_cell,
		.num = row_num,
		.columns = columns,
		.column_count = ARRAY_LEN(columns),
		.state_column = -1,
		.tags = true,
	};
}

/* name-0000 with 0, name-0001 with 1, ... */
static struct rows *
rows_new(size_t count)
{
	struct rows *rows = calloc(1, sizeof(*rows));

	if (rows == NULL)
		abort();
	rows->count = count;
	for (size_t i = 0; i < count; i++) {
		snprintf(
		    rows->names[i], sizeof(rows->names[i]), "name-%04zu", i);
		rows->nums[i] = (double)i;
	}
	return rows;
}

static void
rows_reverse(struct rows *rows)
{
	for (size_t i = 0; i < rows->count / 2; i++) {
		size_t j = rows->count - 1 - i;
		double num = rows->nums[i];
		char name[NAME_BYTES];

		memcpy(name, rows->names[i], sizeof(name));
		memcpy(rows->names[i], rows->names[j], sizeof(name));
		memcpy(rows->names[j], name, sizeof(name));
		rows->nums[i] = rows->nums[j];
		rows->nums[j] = num;
	}
}

/* Draws and returns the canvas' row y as a string. */
static const char *
drawn(struct list_view *view, const struct rows *rows, struct canvas *canvas,
    int y)
{
	struct list_data data = data_of(rows);

	canvas_clear(canvas);
	list_draw(
	    view, &data, canvas, canvas_rect(canvas), TEXT("no rows"), true);
	return golden_row(canvas, y);
}

static bool
command(struct list_view *view, const struct rows *rows, enum command command)
{
	struct list_data data = data_of(rows);

	return list_command(view, &data, command);
}

static void
test_sticks(void)
{
	struct rows *rows = rows_new(100);
	struct canvas *canvas = canvas_new(11, 30);
	struct list_view view = { .page = 0 };

	is_str(drawn(&view, rows, canvas, 1), "> name-0000                  0",
	    "the first row is selected at first");
	command(&view, rows, COMMAND_DOWN);
	command(&view, rows, COMMAND_DOWN);
	drawn(&view, rows, canvas, 0);
	is_str(view.selected, "name-0002", "two down");
	rows_reverse(rows);
	drawn(&view, rows, canvas, 0);
	is_str(view.selected, "name-0002", "the same item in another order");
	is_int((int64_t)view.at, 97, "at its new place");
	ok(view.top <= 97 && 97 < view.top + 10, "which is on the screen");
	rows->count = 97; /* it and its neighbours are gone */
	drawn(&view, rows, canvas, 0);
	is_int((int64_t)view.at, 96, "a lost item: the place stays");
	is_str(view.selected, "name-0003", "and its item is selected");
	rows->count = 0;
	is_str(drawn(&view, rows, canvas, 0), "  no rows", "nothing left");
	rows->count = 97;
	drawn(&view, rows, canvas, 0);
	is_str(view.selected, "name-0003", "back when the rows are back");
	list_release(&view);
	canvas_free(canvas);
	free(rows);
}

static void
test_sort(void)
{
	struct rows *rows = rows_new(20);
	struct canvas *canvas = canvas_new(6, 30);
	struct list_view view = { .page = 0 };

	rows->nums[7] = NAN;
	drawn(&view, rows, canvas, 0);
	command(&view, rows, COMMAND_SORT); /* by name */
	is_str(drawn(&view, rows, canvas, 0), "  name↓                  count",
	    "the sorted column is marked");
	command(&view, rows, COMMAND_SORT); /* by count, largest first */
	drawn(&view, rows, canvas, 0);
	is_str(view.selected, "name-0000", "sorting keeps the item");
	is_int((int64_t)view.at, 18, "the smallest, before the missing one");
	command(&view, rows, COMMAND_TOP);
	is_str(view.selected, "name-0019", "the largest is at the top");
	command(&view, rows, COMMAND_SORT_REVERSE);
	command(&view, rows, COMMAND_BOTTOM);
	is_str(view.selected, "name-0007", "missing stays last, turned round");
	command(&view, rows, COMMAND_SORT);
	command(&view, rows, COMMAND_TOP);
	is_str(view.selected, "name-0000", "the owner's order again");
	list_release(&view);
	canvas_free(canvas);
	free(rows);
}

static void
test_filter(void)
{
	struct rows *rows = rows_new(100);
	struct canvas *canvas = canvas_new(11, 60);
	struct list_view view = { .page = 0 };
	struct text_buf tb;

	drawn(&view, rows, canvas, 0);
	list_select(&view, TEXT("name-0042"));
	ok(pattern_set(&view.filter, "/2$/ !-003") == NULL, "a filter");
	drawn(&view, rows, canvas, 0);
	is_str(view.selected, "name-0042", "the item passed the filter");
	is_int((int64_t)view.shown, 9, "nine pass");
	tb_init(&tb);
	list_count(&view, &tb);
	ok(text_eq(tb_end(&tb), TEXT("9 of 100, filter /2$/ !-003")),
	    "the title says so");
	ok(pattern_set(&view.filter, "nothing-like-it") == NULL, "none pass");
	is_str(drawn(&view, rows, canvas, 0),
	    "  all 100 hidden by the filter nothing-like-it", "says why");
	ok(pattern_set(&view.filter, "/(/") != NULL, "a broken expression");
	drawn(&view, rows, canvas, 0);
	is_int((int64_t)view.shown, 100, "hides nothing");
	list_release(&view);
	canvas_free(canvas);
	free(rows);
}

static void
test_search(void)
{
	struct rows *rows = rows_new(100);
	struct canvas *canvas = canvas_new(11, 30);
	struct list_view view = { .page = 0 };

	drawn(&view, rows, canvas, 0);
	ok(pattern_set(&view.search, "5") == NULL, "a search");
	command(&view, rows, COMMAND_SEARCH_NEXT);
	is_str(view.selected, "name-0005", "the next one");
	command(&view, rows, COMMAND_SEARCH_NEXT);
	is_str(view.selected, "name-0015", "and the next");
	command(&view, rows, COMMAND_SEARCH_PREV);
	command(&view, rows, COMMAND_SEARCH_PREV);
	is_str(view.selected, "name-0095", "back, round the end");
	drawn(&view, rows, canvas, 0);
	is_int((int64_t)view.shown, 100, "all rows stay");
	list_release(&view);
	canvas_free(canvas);
	free(rows);
}

static void
test_many(void)
{
	struct rows *rows = rows_new(5000);
	struct canvas *canvas = canvas_new(21, 30);
	struct list_view view = { .page = 0 };

	drawn(&view, rows, canvas, 0);
	command(&view, rows, COMMAND_BOTTOM);
	is_str(drawn(&view, rows, canvas, 20), "> name-4999              4,999",
	    "the last of 5,000 rows");
	command(&view, rows, COMMAND_PAGE_UP);
	drawn(&view, rows, canvas, 0);
	is_str(view.selected, "name-4979", "a page up");
	command(&view, rows, COMMAND_SORT);
	command(&view, rows, COMMAND_SORT);
	drawn(&view, rows, canvas, 0);
	is_int((int64_t)view.at, 20, "by number, largest first");
	list_release(&view);
	canvas_free(canvas);
	free(rows);
}

/* The names of those tagged, as they would be acted on. */
static const char *
tagged(const struct list_view *view, const struct rows *rows)
{
	static char out[200];
	struct list_data data = data_of(rows);
	size_t at[ACTION_TARGETS_MAX];
	size_t count = list_tagged(view, &data, at, ACTION_TARGETS_MAX);
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count && len + NAME_BYTES < sizeof(out); i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s",
		    i > 0 ? " " : "", rows->names[at[i]] + strlen("name-"));
	return out;
}

static const char *
title(const struct list_view *view)
{
	static char out[200];
	struct text_buf tb;

	tb_init(&tb);
	list_count(view, &tb);
	text_keep(out, sizeof(out), tb_end(&tb));
	return out;
}

static void
test_tags(void)
{
	struct rows *rows = rows_new(9);
	struct canvas *canvas = canvas_new(11, 30);
	struct list_view view = { .page = 0 };

	drawn(&view, rows, canvas, 0);
	is_str(tagged(&view, rows), "", "nothing is tagged at first");
	command(&view, rows, COMMAND_TAG);
	command(&view, rows, COMMAND_TAG);
	is_str(view.selected, "name-0002", "it goes on to the next row");
	is_str(tagged(&view, rows), "0000 0001", "two are tagged");
	is_str(drawn(&view, rows, canvas, 1), " *name-0000                  0",
	    "which is seen");
	is_str(title(&view), "9, 2 tagged", "and counted");
	rows_reverse(rows);
	is_str(tagged(&view, rows), "0001 0000", "tags follow their rows");
	rows_reverse(rows);
	ok(pattern_set(&view.filter, "!0001") == NULL, "a filter");
	drawn(&view, rows, canvas, 0);
	is_str(tagged(&view, rows), "0000", "what is hidden is not meant");
	is_str(title(&view), "8 of 9, filter !0001, 1 tagged and 1 hidden",
	    "and the title says so");
	ok(pattern_set(&view.filter, "") == NULL, "no filter");
	command(&view, rows, COMMAND_TOP);
	command(&view, rows, COMMAND_TAG);
	is_str(tagged(&view, rows), "0001", "once more takes it off");
	command(&view, rows, COMMAND_BOTTOM);
	command(&view, rows, COMMAND_TAG);
	is_str(tagged(&view, rows), "0001 0008", "another");
	rows->count = 8;
	drawn(&view, rows, canvas, 0);
	rows->count = 9;
	drawn(&view, rows, canvas, 0);
	is_str(tagged(&view, rows), "0001", "what was gone comes back without");
	command(&view, rows, COMMAND_UNTAG);
	drawn(&view, rows, canvas, 0);
	is_str(title(&view), "9", "all off");
	list_release(&view);
	canvas_free(canvas);
	free(rows);
}

static void
test_tags_most(void)
{
	struct rows *rows = rows_new(100);
	struct canvas *canvas = canvas_new(11, 60);
	struct list_view view = { .page = 0 };

	drawn(&view, rows, canvas, 0);
	for (int i = 0; i < 70; i++)
		command(&view, rows, COMMAND_TAG);
	drawn(&view, rows, canvas, 0);
	is_str(title(&view), "100, 64 tagged, no more fit",
	    "no more than fit into one plan");
	list_release(&view);
	canvas_free(canvas);
	free(rows);
}

int
main(void)
{
	RUN(test_tags);
	RUN(test_tags_most);
	RUN(test_sticks);
	RUN(test_sort);
	RUN(test_filter);
	RUN(test_search);
	RUN(test_many);
	return tap_done();
}
