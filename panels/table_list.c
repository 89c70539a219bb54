#include "panels/table_list.h"

#include <math.h>

#include "panels/table_rows.h"

static struct text
row_key(const void *ctx, size_t row)
{
	return ((const struct table_list *)ctx)->table->rows[row].key;
}

static enum state
row_state(const void *ctx, size_t row)
{
	return ((const struct table_list *)ctx)->table->rows[row].state;
}

static double
row_num(const void *ctx, size_t row, size_t column)
{
	const struct table *table = ((const struct table_list *)ctx)->table;

	if (table->columns[column].kind == COLUMN_TEXT)
		return NAN;
	return table->rows[row].cells[column].num;
}

static void
row_cell(const void *ctx, size_t row, size_t column, struct text_buf *out)
{
	const struct table_list *list = ctx;

	put_cell(out, list->ctx, list->table, row, column);
}

struct list_data
table_list(struct table_list *list, const struct table *table,
    const struct panel_ctx *ctx)
{
	struct list_data data = {
		.ctx = list,
		.count = table->row_count,
		.key = row_key,
		.state = row_state,
		.cell = row_cell,
		.num = row_num,
		.columns = list->columns,
		.column_count = table->column_count,
		.state_column = -1,
	};

	list->table = table;
	list->ctx = ctx;
	for (size_t c = 0; c < table->column_count; c++) {
		const struct column *column = &table->columns[c];
		bool number = column->kind == COLUMN_NUMBER;

		if (column->kind == COLUMN_STATE)
			data.state_column = (int)c;
		list->columns[c] = (struct list_column) {
			.title = column->name,
			.min_w = number ? 8 : 12,
			.max_w = number ? 12 : 30,
			.rank = (int)c,
			.right = number,
		};
	}
	/* The last text has whatever is left: it is the longest as a rule. */
	for (size_t c = table->column_count; c-- > 0;) {
		if (table->columns[c].kind == COLUMN_TEXT) {
			list->columns[c].max_w = 0;
			break;
		}
	}
	return data;
}
