/*
 * Metrics: the signals and every series that a source brings, as a list, and
 * the selected one as a chart. Counters are shown as rates; the buckets of
 * histograms are left out, since only their quantiles say something.
 */
#include <math.h>
#include <string.h>

#include "model/history.h"
#include "panels/box.h"
#include "panels/culprit.h"
#include "panels/history_chart.h"
#include "panels/list_panel.h"
#include "panels/pick.h"
#include "panels/table.h"

enum {
	METRICS_MAX = LIST_ROWS_MAX,
	METRICS_ARENA_MAX = 16 * 1024 * 1024,
};

/* A row is a signal, or a metric of a section. */
struct metric_row {
	const struct signal *signal;   /* NULL: a metric */
	const struct section *section; /* NULL: a signal */
	const struct metric *metric;
	size_t slot;	  /* of the section */
	struct text name; /* with its labels: unique and stable */
	uint64_t history;
};

struct metric_rows {
	const struct panel_ctx *ctx;
	struct arena *arena; /* owns rows and names */
	struct metric_row *rows;
	size_t count;
};

enum metric_column {
	COL_NAME,
	COL_VALUE,
	COL_STATE,
	COL_SOURCE,
	COL_COUNT
};

static const struct list_column columns[COL_COUNT] = {
	[COL_NAME] = { TEXT_INIT("name"), 20, 0, 0, false },
	[COL_VALUE] = { TEXT_INIT("now"), 9, 11, 0, true },
	[COL_STATE] = { TEXT_INIT("state"), 5, 5, 1, false },
	[COL_SOURCE] = { TEXT_INIT("source"), 8, 12, 2, false },
};

static size_t
rows_wanted(const struct panel_ctx *ctx)
{
	size_t n = pick_watched(ctx)->signal_count;

	for (size_t i = 0; i < pick_source_count(ctx); i++) {
		const struct section *section = pick_source(ctx, i);

		if (section != NULL && section->payload != NULL)
			n += section->payload->metric_count;
	}
	return n < METRICS_MAX ? n : METRICS_MAX;
}

static struct text
row_name(struct arena *arena, const struct metric *metric)
{
	struct text_buf tb;

	if (metric->label_count == 0)
		return metric->name;
	tb_init(&tb);
	pick_metric_name(&tb, metric);
	return text_copy(arena, tb_end(&tb));
}

static void
rows_add_metrics(struct metric_rows *out, size_t slot, size_t wanted)
{
	const struct section *section = pick_source(out->ctx, slot);
	const struct payload *payload =
	    section != NULL ? section->payload : NULL;

	for (size_t i = 0; payload != NULL && i < payload->metric_count &&
			   out->count < wanted;
	     i++) {
		const struct metric *metric = &payload->metrics[i];

		if (metric->kind == METRIC_BUCKET)
			continue;
		out->rows[out->count++] = (struct metric_row) {
			.section = section,
			.metric = metric,
			.slot = slot,
			.name = row_name(out->arena, metric),
			.history = history_key(slot, metric->id),
		};
	}
}

/* Its title, of one of several platforms with the platform behind it. */
static struct text
signal_name(const struct panel_ctx *ctx, struct arena *arena,
    const struct signal *signal)
{
	struct text_buf tb;

	tb_init(&tb);
	pick_put_title(&tb, ctx, signal->title, signal->platform);
	return text_copy(arena, tb_end(&tb));
}

/* Signals first: they are what somebody chose to watch. */
static bool
rows_collect(const struct panel_ctx *ctx, struct metric_rows *out)
{
	const struct payload *watched = pick_watched(ctx);
	size_t wanted = rows_wanted(ctx);

	*out = (struct metric_rows) { .ctx = ctx };
	out->arena = arena_new(METRICS_ARENA_MAX);
	if (out->arena == NULL)
		return false;
	out->rows = arena_array(out->arena, wanted, sizeof(*out->rows));
	if (out->rows == NULL)
		return false;
	for (size_t i = 0; i < watched->signal_count && out->count < wanted;
	     i++)
		out->rows[out->count++] = (struct metric_row) {
			.signal = &watched->signals[i],
			.name =
			    signal_name(ctx, out->arena, &watched->signals[i]),
			.history = watched->signals[i].history,
		};
	for (size_t slot = 0; slot < pick_source_count(ctx); slot++)
		rows_add_metrics(out, slot, wanted);
	return true;
}

static void
rows_release(struct metric_rows *rows)
{
	arena_free(rows->arena);
}

static const struct metric_row *
row_at(const void *ctx, size_t row)
{
	return &((const struct metric_rows *)ctx)->rows[row];
}

static struct text
row_key(const void *ctx, size_t row)
{
	return row_at(ctx, row)->name;
}

static enum state
row_state(const void *ctx, size_t row)
{
	const struct metric_row *at = row_at(ctx, row);

	return at->signal != NULL ? at->signal->state : STATE_OK;
}

/* The newest value as it is drawn: counters as the rate in the history. */
static double
row_value(const struct panel_ctx *ctx, const struct metric_row *row)
{
	if (row->signal != NULL)
		return row->signal->value;
	return history_last(ctx, row->section, row->slot, row->metric);
}

static enum num_unit
row_unit(const struct metric_row *row)
{
	return row->signal != NULL ? row->signal->unit
				   : history_unit(row->metric);
}

static double
row_num(const void *ctx, size_t row, size_t column)
{
	const struct metric_rows *rows = ctx;

	if (column == COL_VALUE)
		return row_value(rows->ctx, row_at(ctx, row));
	if (column == COL_STATE)
		return row_state(ctx, row);
	return NAN;
}

static void
row_cell(const void *ctx, size_t row, size_t column, struct text_buf *out)
{
	const struct metric_rows *rows = ctx;
	const struct metric_row *at = row_at(ctx, row);

	switch (column) {
	case COL_NAME:
		tb_text(out, at->name);
		break;
	case COL_VALUE:
		if (at->signal != NULL)
			pick_signal_value(at->signal, out);
		else
			tb_num(out, row_value(rows->ctx, at), row_unit(at));
		break;
	case COL_STATE:
		if (at->signal != NULL && !at->signal->idle)
			tb_text(out, state_sign(at->signal->state));
		break;
	case COL_SOURCE:
		if (at->section != NULL)
			tb_fmt(out, "%s", at->section->name);
		else
			tb_lit(out, "signal");
		break;
	default:
		break;
	}
}

static struct list_data
metrics_data(const struct metric_rows *rows)
{
	return (struct list_data) {
		.ctx = rows,
		.count = rows->count,
		.key = row_key,
		.state = row_state,
		.cell = row_cell,
		.num = row_num,
		.columns = columns,
		.column_count = COL_COUNT,
		.state_column = COL_STATE,
	};
}

static void
draw_chart(const struct panel_ctx *ctx, struct canvas *canvas, struct rect area,
    const struct metric_row *row)
{
	struct text_buf word;
	struct chart chart = {
		.unit = row_unit(row),
		.title = row->name,
		.last = row_value(ctx, row),
	};

	if (row->signal != NULL) {
		pick_signal_value(row->signal, &word);
		chart.word = tb_end(&word);
		chart.role = pick_signal_role(row->signal);
		chart.warn = row->signal->warn;
		chart.crit = row->signal->crit;
	}
	history_chart(ctx, canvas, area, chart, row->history);
	if (row->section != NULL)
		box_dim(canvas, area, row->section, ctx->now);
}

/* Why the selected signal has no value, under its chart. */
static void
draw_why(struct canvas *canvas, struct rect area, const struct metric_row *row)
{
	if (row->signal != NULL && row->signal->why.len > 0 && area.h > 0)
		canvas_text_cut(canvas, area, area.y, area.x, area.w,
		    row->signal->why, ROLE_UNKNOWN, 0);
}

/* As many charts as fit, from the selected row on. */
static void
draw_charts(const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area, const struct metric_rows *rows, size_t selected,
    bool large)
{
	int grid_h = large ? 1 : area.h / 9, grid_w = large ? 1 : area.w / 54;
	int h, w;

	if (grid_h < 1)
		grid_h = 1;
	if (grid_w < 1)
		grid_w = 1;
	h = area.h / grid_h;
	w = area.w / grid_w;
	for (int i = 0; i < grid_h * grid_w; i++) {
		size_t at = selected + (size_t)i;
		struct rect cell = {
			.y = area.y + i / grid_w * h,
			.x = area.x + i % grid_w * w,
			.h = h - (grid_h > 1),
			.w = w - (grid_w > 1 ? 2 : 0),
		};

		if (at >= rows->count)
			break;
		if (i == 0 && rows->rows[at].signal != NULL &&
		    rows->rows[at].signal->why.len > 0 && cell.h > 4) {
			draw_why(canvas,
			    (struct rect) {
				cell.y + cell.h - 1, cell.x, 1, cell.w },
			    &rows->rows[at]);
			cell.h--;
		}
		draw_chart(ctx, canvas, cell, &rows->rows[at]);
	}
}

static void
draw_both(struct list_panel *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct metric_rows *rows)
{
	struct list_data data = metrics_data(rows);
	struct rect list = area, charts = area;
	struct text_buf title, last;
	size_t selected;

	if (area.w >= 120) {
		list.w = area.w * 2 / 5;
		charts.x += list.w + 2;
		charts.w -= list.w + 2;
	} else {
		list.h = area.h / 2;
		charts.y += list.h;
		charts.h -= list.h;
	}
	list_draw(&view->list, &data, canvas, box_below(list),
	    TEXT("no metrics yet: first answers are pending"), true);
	tb_init(&title);
	tb_lit(&title, "metrics ");
	list_count(&view->list, &title);
	tb_init(&last);
	put_last(&last, ctx);
	box_title(canvas, list, tb_end(&title), tb_end(&last), ROLE_DIM);
	selected = list_selected(&view->list, &data);
	if (selected != SIZE_MAX)
		draw_charts(ctx, canvas, charts, rows, selected, false);
}

static void
metrics_draw(void *opaque, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	struct list_panel *view = opaque;
	struct metric_rows rows;
	struct list_data data;
	size_t selected;

	if (!rows_collect(ctx, &rows))
		goto out;
	data = metrics_data(&rows);
	selected = list_selected(&view->list, &data);
	if (view->open && selected != SIZE_MAX)
		draw_charts(ctx, canvas, area, &rows, selected, true);
	else
		draw_both(view, ctx, canvas, area, &rows);
out:
	rows_release(&rows);
}

static enum panel_result
metrics_command(void *view, const struct panel_ctx *ctx, enum command command,
    struct panel_out *out)
{
	enum panel_result result = PANEL_IGNORED;
	struct metric_rows rows;
	struct list_data data;

	if (rows_collect(ctx, &rows)) {
		data = metrics_data(&rows);
		result = list_panel_command(view, &data, command, out);
	}
	rows_release(&rows);
	return result;
}

/* arg is a signal's name; rows are called by its title. */
static void
metrics_show(void *opaque, const struct panel_ctx *ctx, struct text arg)
{
	struct list_panel *view = opaque;
	const struct payload *watched = pick_watched(ctx);

	for (size_t i = 0; i < watched->signal_count; i++) {
		struct text_buf tb;

		if (!text_eq(watched->signals[i].name, arg) ||
		    (ctx->of.len > 0 &&
			!text_eq(watched->signals[i].platform, ctx->of)))
			continue;
		tb_init(&tb);
		pick_put_title(&tb, ctx, watched->signals[i].title,
		    watched->signals[i].platform);
		list_select(&view->list, tb_end(&tb));
	}
}

/* The row that a signal is about; of a metric its source. */
static bool
metrics_target(
    const void *opaque, const struct panel_ctx *ctx, struct panel_target *out)
{
	const struct list_panel *view = opaque;
	size_t at = SIZE_MAX;
	struct metric_rows rows;
	struct list_data data;

	if (view->list.shown > 0 && rows_collect(ctx, &rows)) {
		data = metrics_data(&rows);
		at = list_selected(&view->list, &data);
		if (at != SIZE_MAX && rows.rows[at].signal != NULL)
			culprit_of_signal(ctx, rows.rows[at].signal->platform,
			    rows.rows[at].signal->name, out);
		else if (at != SIZE_MAX)
			out->section = rows.rows[at].section;
	}
	if (view->list.shown > 0)
		rows_release(&rows);
	return at != SIZE_MAX;
}

const struct panel_ops panel_metrics = {
	.name = "metrics",
	.help = "signals and every series, as charts on one time axis",
	.key = '2',
	.view_size = sizeof(struct list_panel),
	.commands =
	    (const enum command[]) { LIST_PANEL_COMMANDS, COMMAND_NONE },
	.release = list_panel_release,
	.draw = metrics_draw,
	.command = metrics_command,
	.typed = list_panel_typed,
	.show = metrics_show,
	.target = metrics_target,
};
