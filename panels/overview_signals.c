/* The signals: as lines with a sparkline, or as charts where there is room. */
#include "panels/panel_overview.h"

#include <math.h>

#include "base/clock.h"
#include "model/history.h"
#include "panels/box.h"
#include "panels/history_chart.h"
#include "panels/pick.h"

enum {
	SIGNAL_W = 38, /* name of 20, value of 7, sparkline of 8 */
	SPARK_W = 8,
	CHART_H = 7, /* with its title, axis and the blank below */
};

/* Columns of signals that fit side by side. */
static int
columns_of(int width)
{
	return width < 2 * SIGNAL_W ? 1 : (width - 2) / (SIGNAL_W + 1);
}

/* Worst first, then as configured; what has no value comes last. */
static size_t
pick_signals(const struct payload *watched, const struct signal **out)
{
	static const enum state order[] = { STATE_CRIT, STATE_WARN,
		STATE_UNKNOWN, STATE_OK };
	size_t n = 0;

	for (size_t o = 0; o < ARRAY_LEN(order); o++) {
		for (size_t i = 0; i < watched->signal_count; i++) {
			const struct signal *signal = &watched->signals[i];

			if (signal->state == order[o] && !signal->idle)
				out[n++] = signal;
		}
	}
	for (size_t i = 0; i < watched->signal_count; i++) {
		if (watched->signals[i].idle)
			out[n++] = &watched->signals[i];
	}
	return n;
}

struct overview_rows
overview_signals_rows(const struct panel_ctx *ctx, int width)
{
	const struct payload *watched = pick_watched(ctx);
	int count = (int)watched->signal_count, bad = 0;
	int columns = columns_of(width);

	if (count == 0)
		return (struct overview_rows) { 0, 0 };
	for (int i = 0; i < count; i++)
		bad += watched->signals[i].state != STATE_OK &&
		       !watched->signals[i].idle;
	return (struct overview_rows) {
		.least = 1 + (bad + columns - 1) / columns,
		.want = 1 + (count + columns - 1) / columns,
	};
}

static size_t
signal_values(const struct panel_ctx *ctx, const struct signal *signal,
    double *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		values[i] = NAN;
	if (ctx->history == NULL)
		return 0;
	return history_copy(
	    ctx->history, signal->history, ctx->now, pick_span(ctx), values, n);
}

static void
draw_signal(const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect cell, const struct signal *signal)
{
	enum role role = pick_signal_role(signal);
	bool calm = role == ROLE_TEXT || role == ROLE_DIM;
	double values[CHART_POINTS_MAX];
	struct chart chart = {
		.values = values,
		.unit = signal->unit,
		.warn = signal->warn,
		.crit = signal->crit,
		.span_ns = pick_span(ctx),
	};
	int spark = cell.w >= 32 ? SPARK_W : 0, value_x;
	struct text_buf title, tb;

	if (!calm)
		canvas_text(canvas, cell, cell.y, cell.x,
		    state_sign(signal->state), role, CELL_BOLD);
	pick_signal_value(signal, &tb);
	value_x = cell.x + cell.w - (spark > 0 ? spark + 1 : 0) -
		  (int)tb_end(&tb).width;
	tb_init(&title);
	pick_put_title(&title, ctx, signal->title, signal->platform);
	canvas_text_cut(canvas, cell, cell.y, cell.x + 2, value_x - cell.x - 3,
	    tb_end(&title), role, 0);
	canvas_text(canvas, cell, cell.y, value_x, tb_end(&tb), role,
	    calm ? 0 : CELL_BOLD);
	if (spark == 0)
		return;
	chart.count = chart_spark_points(canvas, spark);
	signal_values(ctx, signal, values, chart.count);
	chart_spark(canvas, cell, cell.y, cell.x + cell.w - spark, spark,
	    &chart, ROLE_CHART);
}

void
overview_signals(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	const struct payload *watched = pick_watched(ctx);
	const struct signal *signals[PAYLOAD_SIGNALS_MAX];
	size_t count = pick_signals(watched, signals), shown;
	int columns = columns_of(area.w), w = (area.w - 1) / columns;
	struct text_buf title, last;
	struct rect body;

	shown = (size_t)(area.h > 1 ? area.h - 1 : 0) * (size_t)columns;
	tb_init(&title);
	tb_lit(&title, "signals");
	if (count > shown)
		tb_fmt(&title, " %zu of %zu", shown, count);
	tb_init(&last);
	put_last(&last, ctx);
	body = box_title(canvas, area, tb_end(&title), tb_end(&last), ROLE_DIM);
	for (size_t i = 0; i < count && i < shown; i++) {
		struct rect cell = {
			.y = body.y + (int)i / columns,
			.x = body.x + 2 + (int)i % columns * w,
			.h = 1,
			.w = w - 1,
		};

		draw_signal(ctx, canvas, cell, signals[i]);
	}
}

void
overview_charts(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	const struct payload *watched = pick_watched(ctx);
	const struct signal *signals[PAYLOAD_SIGNALS_MAX];
	int count = (int)pick_signals(watched, signals);
	int columns = area.w >= 90 ? 2 : 1, rows = (area.h - 1) / CHART_H;
	struct text_buf title, last;
	struct rect body;

	if (rows > (count + columns - 1) / columns)
		rows = (count + columns - 1) / columns;
	tb_init(&title);
	tb_lit(&title, "signals");
	if (count > rows * columns)
		tb_fmt(&title, " %d of %d", rows * columns, count);
	tb_init(&last);
	put_last(&last, ctx);
	body = box_title(canvas, area, tb_end(&title), tb_end(&last), ROLE_DIM);
	for (int i = 0; i < count && i < rows * columns; i++) {
		const struct signal *signal = signals[i];
		struct text_buf name, word;
		int row = i / columns, top = body.h * row / rows;
		int left = body.w * (i % columns) / columns;
		struct rect cell = {
			.y = body.y + top,
			.x = body.x + left + 1,
			.h = body.h * (row + 1) / rows - top - 1,
			.w = body.w * (i % columns + 1) / columns - left - 3,
		};
		struct chart chart = {
			.unit = signal->unit,
			.role = pick_signal_role(signal),
			.last = signal->value,
			.warn = signal->warn,
			.crit = signal->crit,
		};

		pick_signal_value(signal, &word);
		chart.word = tb_end(&word);
		tb_init(&name);
		pick_put_title(&name, ctx, signal->title, signal->platform);
		chart.title = tb_end(&name);
		history_chart(ctx, canvas, cell, chart, signal->history);
	}
}
