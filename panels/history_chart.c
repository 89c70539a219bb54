#include "panels/history_chart.h"

#include <math.h>

#include "base/clock.h"
#include "model/history.h"
#include "panels/pick.h"

void
history_chart(const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area, struct chart chart, uint64_t key)
{
	double values[CHART_POINTS_MAX], marks[CHART_MARKS_MAX];

	chart.values = values;
	chart.count = chart_points(canvas, area);
	chart.span_ns = pick_span(ctx);
	chart.marks = marks;
	chart.mark_count = pick_marks(ctx, marks, CHART_MARKS_MAX);
	for (size_t i = 0; i < chart.count; i++)
		values[i] = NAN;
	if (ctx->history != NULL)
		history_copy(ctx->history, key, ctx->now, chart.span_ns, values,
		    chart.count);
	chart_draw(canvas, area, &chart);
}

double
history_last(const struct panel_ctx *ctx, const struct section *section,
    size_t slot, const struct metric *metric)
{
	int64_t at = section->good_at + section->every_ns;
	double last = NAN;

	if (metric->kind == METRIC_GAUGE)
		return metric->value;
	if (ctx->history != NULL)
		history_copy(ctx->history, history_key(slot, metric->id),
		    at < ctx->now ? at : ctx->now,
		    2 * section->every_ns + NS_PER_SEC, &last, 1);
	return last;
}

double
history_now(const struct panel_ctx *ctx, size_t slot, const char *metric)
{
	const struct section *section = pick_source(ctx, slot);
	const struct metric *found =
	    section != NULL ? payload_metric(section->payload, metric) : NULL;

	return found != NULL ? history_last(ctx, section, slot, found) : NAN;
}

enum num_unit
history_unit(const struct metric *metric)
{
	if (metric->kind == METRIC_GAUGE)
		return metric->unit;
	return metric->unit == NUM_BYTES ? NUM_BYTES_PER_SECOND
					 : NUM_PER_SECOND;
}
