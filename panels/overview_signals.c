/* The signals: as lines with a sparkline, or as charts where there is room. */
#include "panels/panel_overview.h"

#include <math.h>

#include "base/clock.h"
#include "model/history.h"
#include "panels/box.h"
#include "panels/chart.h"
#include "panels/pick.h"

enum {
	SIGNAL_W = 76,
	SPAN_S = 15 * 60
};

/* Columns of signals that fit side by side. */
static int
columns_of(int width)
{
	int columns = width / (SIGNAL_W / 2 - 1);

	return columns < 1 ? 1 : columns;
}

int
overview_signals_rows(const struct panel_ctx *ctx, int width)
{
	int count = (int)pick_watched(ctx)->signal_count;
	int columns = columns_of(width);

	return count > 0 ? 1 + (count + columns - 1) / columns : 0;
}

/* Worst first, then as configured. */
static size_t
pick_signals(const struct payload *watched, const struct signal **out)
{
	static const enum state order[] = { STATE_CRIT, STATE_WARN, STATE_OK,
		STATE_UNKNOWN };
	size_t n = 0;

	for (size_t o = 0; o < ARRAY_LEN(order); o++) {
		for (size_t i = 0; i < watched->signal_count; i++) {
			if (watched->signals[i].state == order[o])
				out[n++] = &watched->signals[i];
		}
	}
	return n;
}

static size_t
signal_values(const struct panel_ctx *ctx, const struct signal *signal,
    double *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		values[i] = NAN;
	if (ctx->history == NULL)
		return 0;
	return history_copy(ctx->history, signal->history, ctx->now,
	    SPAN_S * NS_PER_SEC, values, n);
}

static void
draw_signal(const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect cell, const struct signal *signal)
{
	enum role role =
	    signal->state == STATE_OK ? ROLE_TEXT : state_role(signal->state);
	double values[CHART_POINTS_MAX];
	int spark = 10, name_w = cell.w - spark - 14;
	struct text_buf tb;

	if (name_w < 8) {
		spark = 0;
		name_w = cell.w - 12;
	}
	canvas_text(canvas, cell, cell.y, cell.x,
	    signal->state == STATE_OK ? TEXT(" ") : state_sign(signal->state),
	    state_role(signal->state), CELL_BOLD);
	canvas_text_cut(
	    canvas, cell, cell.y, cell.x + 2, name_w, signal->title, role, 0);
	tb_init(&tb);
	if (isnan(signal->value) && signal->idle)
		tb_lit(&tb, "idle");
	else
		tb_num(&tb, signal->value, signal->unit);
	canvas_text_right(canvas, cell, cell.y, cell.x + 2 + name_w + 1, 9,
	    tb_end(&tb), isnan(signal->value) ? ROLE_DIM : role,
	    signal->state == STATE_OK ? 0 : CELL_BOLD);
	if (spark == 0)
		return;
	signal_values(ctx, signal, values, (size_t)spark * 2);
	chart_spark(canvas, cell, cell.y, cell.x + cell.w - spark, spark,
	    values, (size_t)spark * (canvas->ascii ? 1 : 2), ROLE_CHART);
}

void
overview_signals(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	const struct payload *watched = pick_watched(ctx);
	const struct signal *signals[PAYLOAD_SIGNALS_MAX];
	size_t count = pick_signals(watched, signals), shown;
	int columns = columns_of(area.w), w = (area.w - 2) / columns;
	struct text_buf title;
	struct rect body;

	shown = (size_t)(area.h > 1 ? area.h - 1 : 0) * (size_t)columns;
	tb_init(&title);
	tb_lit(&title, "signals");
	if (count > shown)
		tb_fmt(&title, " %zu of %zu", shown, count);
	body = box_title(
	    canvas, area, tb_end(&title), TEXT("last 15 min"), ROLE_DIM);
	for (size_t i = 0; i < count && i < shown; i++) {
		struct rect cell = {
			.y = body.y + (int)i / columns,
			.x = body.x + 2 + (int)i % columns * w,
			.h = 1,
			.w = w - 2,
		};

		draw_signal(ctx, canvas, cell, signals[i]);
	}
}

/* Places of the changes on the axis of all charts. */
static size_t
marks_of(const struct panel_ctx *ctx, double *out)
{
	const struct payload *watched = pick_watched(ctx);
	size_t n = 0;

	for (size_t i = 0; i < watched->event_count; i++) {
		const struct event *event = &watched->events[i];
		double ago = (double)(ctx->wall_ms - event->wall_ms) / 1000;

		if (event->kind != EVENT_STATE && ago >= 0 && ago < SPAN_S &&
		    n < CHART_MARKS_MAX)
			out[n++] = 1 - ago / SPAN_S;
	}
	return n;
}

void
overview_charts(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	const struct payload *watched = pick_watched(ctx);
	const struct signal *signals[PAYLOAD_SIGNALS_MAX];
	size_t count = pick_signals(watched, signals);
	int columns = area.w >= 90 ? 2 : 1, rows = (area.h - 1) / 7;
	double marks[CHART_MARKS_MAX];
	size_t mark_count = marks_of(ctx, marks);
	struct rect body = box_title(
	    canvas, area, TEXT("signals"), TEXT("last 15 min"), ROLE_DIM);
	int h, w;

	if (rows < 1 || count == 0)
		return;
	if ((size_t)(rows * columns) > count)
		rows = ((int)count + columns - 1) / columns;
	h = body.h / rows;
	w = body.w / columns;
	for (size_t i = 0; i < count && i < (size_t)(rows * columns); i++) {
		double values[CHART_POINTS_MAX];
		struct rect cell = {
			.y = body.y + (int)i / columns * h,
			.x = body.x + (int)i % columns * w + 1,
			.h = h - 1,
			.w = w - 3,
		};
		struct chart chart = {
			.values = values,
			.unit = signals[i]->unit,
			.title = signals[i]->title,
			.state = signals[i]->state,
			.last = signals[i]->value,
			.warn = signals[i]->warn,
			.crit = signals[i]->crit,
			.span_ns = SPAN_S * NS_PER_SEC,
			.marks = marks,
			.mark_count = mark_count,
		};

		chart.count = chart_points(canvas, cell);
		signal_values(ctx, signals[i], values, chart.count);
		chart_draw(canvas, cell, &chart);
	}
}
