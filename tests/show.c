#include "tests/show.h"

#include <math.h>

#include "base/buf.h"
#include "base/num.h"
#include "model/section.h"

static void
show_num(struct buf *out, double value)
{
	char text[NUM_TEXT_MAX];

	buf_str(out, isnan(value) ? "-" : num_json(text, value));
}

static void
show_metric(struct buf *out, const struct metric *metric)
{
	static const char *const kinds[] = { "gauge", "counter", "bucket" };

	buf_str(out, "metric ");
	text_plain(out, metric->name);
	for (uint32_t i = 0; i < metric->label_count; i++) {
		buf_str(out, i == 0 ? "{" : ",");
		text_plain(out, metric->labels[i].key);
		buf_str(out, "=\"");
		text_plain(out, metric->labels[i].value);
		buf_str(out, "\"");
	}
	buf_str(out, metric->label_count > 0 ? "} = " : " = ");
	show_num(out, metric->value);
	buf_fmt(out, " %s%s%s\n", num_unit_name(metric->unit),
	    metric->unit != NUM_NONE ? " " : "", kinds[metric->kind]);
}

static void
show_cell(
    struct buf *out, const struct column *column, const struct table_cell *cell)
{
	switch (column->kind) {
	case COLUMN_TEXT:
		text_plain(out, cell->text);
		break;
	case COLUMN_STATE:
		buf_fmt(out, "%s ",
		    isnan(cell->num) ? "-"
				     : state_name((enum state)(int)cell->num));
		text_plain(out, cell->text);
		break;
	case COLUMN_NUMBER:
	case COLUMN_WALL:
		show_num(out, cell->num);
		break;
	}
}

static void
show_table(struct buf *out, const struct table *table)
{
	static const char *const kinds[] = { "text", "number", "state",
		"wall" };

	buf_str(out, "table ");
	text_plain(out, table->name);
	buf_fmt(out, " %zu/%zu", table->row_count, table->row_total);
	for (size_t c = 0; c < table->column_count; c++) {
		const struct column *column = &table->columns[c];

		buf_str(out, c == 0 ? ": " : ", ");
		text_plain(out, column->name);
		buf_fmt(out, " %s%s%s", kinds[column->kind],
		    column->unit != NUM_NONE ? " " : "",
		    num_unit_name(column->unit));
	}
	buf_char(out, '\n');
	for (size_t r = 0; r < table->row_count; r++) {
		const struct table_row *row = &table->rows[r];

		buf_str(out, "  [");
		text_plain(out, row->key);
		buf_fmt(out, "] %s:", state_name(row->state));
		for (size_t c = 0; c < table->column_count; c++) {
			buf_str(out, c == 0 ? " " : " | ");
			show_cell(out, &table->columns[c], &row->cells[c]);
		}
		buf_char(out, '\n');
	}
}

void
show_payload(struct buf *out, const struct payload *payload)
{
	static const char *const events[] = { "deploy", "restart", "flag",
		"scale", "state", "action", "other" };

	if (payload->note.len > 0) {
		buf_str(out, "note ");
		text_plain(out, payload->note);
		buf_char(out, '\n');
	}
	for (size_t i = 0; i < payload->health_count; i++) {
		buf_str(out, "health ");
		text_plain(out, payload->health[i].target);
		buf_fmt(out, " %s: ", state_name(payload->health[i].state));
		text_plain(out, payload->health[i].detail);
		buf_char(out, '\n');
	}
	for (size_t i = 0; i < payload->metric_count; i++)
		show_metric(out, &payload->metrics[i]);
	for (size_t i = 0; i < payload->table_count; i++)
		show_table(out, &payload->tables[i]);
	for (size_t i = 0; i < payload->event_count; i++) {
		buf_fmt(out, "event %s ", events[payload->events[i].kind]);
		text_plain(out, payload->events[i].subject);
		buf_str(out, ": ");
		text_plain(out, payload->events[i].text);
		buf_char(out, '\n');
	}
}
