/*
 * The pieces of the overview, each a box that draws itself into the height
 * that it is given. Only panel_overview.c and its pieces include this.
 * thread: UI; pure.
 */
#ifndef SEV_PANELS_PANEL_OVERVIEW_H
#define SEV_PANELS_PANEL_OVERVIEW_H

#include "panels/panel.h"

struct overview_view {
	char selected[96]; /* name of the selected alert */
	size_t at;	   /* its place at the last draw */
	size_t top;
};

/* Rows that a box would like to have, its title included; 0: not there. */
int overview_alerts_rows(const struct panel_ctx *ctx);
int overview_changes_rows(const struct panel_ctx *ctx);
int overview_signals_rows(const struct panel_ctx *ctx, int width);
int overview_sources_rows(const struct panel_ctx *ctx);
int overview_queues_rows(const struct panel_ctx *ctx);

void overview_alerts(struct overview_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area);
void overview_changes(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);
void overview_signals(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);

/* Signals as charts instead of lines: where there is room. */
void overview_charts(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);
void overview_sources(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);
void overview_queues(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);
void overview_errors(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);

#endif
