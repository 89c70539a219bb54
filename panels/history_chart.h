/*
 * What a metric was, as a chart on the axis that all charts share.
 * thread: UI; pure.
 */
#ifndef SEV_PANELS_HISTORY_CHART_H
#define SEV_PANELS_HISTORY_CHART_H

#include "panels/chart.h"
#include "panels/panel.h"

/*
 * Draws chart (title, unit, last value, thresholds of the caller) with the
 * values of the series key in the history and the marks of all changes.
 */
void history_chart(const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area, struct chart chart, uint64_t key);

/*
 * The newest value of a metric as it is drawn: a gauge as it is, a counter
 * as the rate in the history when section was good; NaN when it is not
 * known. slot: of section.
 */
double history_last(const struct panel_ctx *ctx, const struct section *section,
    size_t slot, const struct metric *metric);

/* The same of the metric with that name in a slot; NaN: there is none. */
double history_now(
    const struct panel_ctx *ctx, size_t slot, const char *metric);

/* The unit that goes with it. */
enum num_unit history_unit(const struct metric *metric);

#endif
