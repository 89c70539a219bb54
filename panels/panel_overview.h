/*
 * The pieces of the overview, each a box that draws itself into the height
 * that it is given. Only panel_overview.c and its pieces include this.
 * thread: UI; pure.
 */
#ifndef SEV_PANELS_PANEL_OVERVIEW_H
#define SEV_PANELS_PANEL_OVERVIEW_H

#include "base/textbuf.h"
#include "panels/panel.h"

struct overview_view {
	uint64_t selected; /* overview_alert_id() of an alert; 0: none yet */
	size_t at;	   /* its place at the last draw */
	size_t top;
	bool chosen; /* by a person, who wants it to stay */
};

/* Rows of a box, its title included; all 0: it is not there. */
struct overview_rows {
	int least; /* with fewer it hides what is wrong */
	int want;
};
enum {
	OVERVIEW_NAME_W = 17 /* "dailyAggregations" */
};

/* All of them, or the bad ones and one for all others. */
struct overview_rows overview_rows_of(size_t bad, size_t good);

/* Sign and name at the left of a row. */
void overview_name(
    struct canvas *canvas, struct rect row, enum state state, struct text name);

/* Adds a name to the line of those that are well; false: it is full. */
bool overview_pack(struct text_buf *tb, int width, struct text name);

/* That line; left: how many more there are. */
void overview_packed(struct canvas *canvas, struct rect row,
    const struct text_buf *tb, size_t left);

struct overview_rows overview_alerts_rows(const struct panel_ctx *ctx);
struct overview_rows overview_changes_rows(const struct panel_ctx *ctx);
struct overview_rows overview_signals_rows(
    const struct panel_ctx *ctx, int width);
struct overview_rows overview_deps_rows(const struct panel_ctx *ctx);
struct overview_rows overview_sources_rows(const struct panel_ctx *ctx);
struct overview_rows overview_queues_rows(const struct panel_ctx *ctx);

/* An alert of one platform, whatever others are called; never 0. */
uint64_t overview_alert_id(const struct alert *alert);

void overview_alerts(struct overview_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area);
void overview_changes(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);
void overview_signals(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);

/* Signals as charts instead of lines: where there is room. */
void overview_charts(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);

/* Who needs whom: a line for each that needs something, or all as a tree. */
void overview_deps(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);
void overview_tree(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);

/* Rows that the tree wants; 0: there is none. */
int overview_tree_rows(const struct panel_ctx *ctx);

void overview_sources(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);
void overview_queues(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);
void overview_errors(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);

#endif
