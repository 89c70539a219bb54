/*
 * A panel about servers of one type: the servers on top, below them one of
 * several lists with what all of them say, charts where there is room, and
 * one row large. Panels fill in a struct server_panel; the functions below
 * are then what their struct panel_ops needs. The view is a struct views.
 * thread: UI.
 */
#ifndef SEV_PANELS_SERVER_PANEL_H
#define SEV_PANELS_SERVER_PANEL_H

#include "panels/servers.h"
#include "panels/table_rows.h"
#include "panels/views.h"

struct server_view {
	const char *name;    /* of its tab */
	const char *none;    /* words for no rows; NULL: those of target */
	const char *missing; /* when no server has such a table; NULL: none */
	const char *target;  /* health row that says why, if it is not well */
	struct rows_want rows;

	/* Optional: the rows that the tab counts; NULL: all of the list. */
	bool (*counts)(const struct table *table, size_t row);
	bool alarm; /* rows are bad news */
};

struct server_panel {
	struct servers servers;
	const struct server_view *views;
	size_t view_count; /* at most VIEWS_MAX */
	const struct server_chart *charts;
	size_t chart_count;
	int list_h;	  /* rows of the list before there are charts */
	const char *copy; /* the column that is copied where there is one */

	/* One row large, below its title. */
	void (*detail)(struct page *page, const struct panel_ctx *ctx,
	    const struct table_ref *ref);

	/* Optional: its title; the table and the key without. */
	void (*title)(struct text_buf *out, const struct panel_ctx *ctx,
	    const struct table_ref *ref);
};

void server_panel_draw(const struct server_panel *panel, struct views *views,
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);
enum panel_result server_panel_command(const struct server_panel *panel,
    struct views *views, const struct panel_ctx *ctx, enum command command,
    struct panel_out *out);

/* The selected row, or the only server; for panel_ops.target. */
bool server_panel_target(const struct server_panel *panel,
    const struct views *views, const struct panel_ctx *ctx,
    struct panel_target *out);

/* Goes to the view whose target is arg; false: there is none. */
bool server_panel_show(
    const struct server_panel *panel, struct views *views, struct text arg);

/* What works in such panels; for panel_ops.commands. */
#define SERVER_PANEL_COMMANDS                                                  \
	COMMAND_VIEW, COMMAND_VIEW_BACK, LIST_PANEL_COMMANDS, COMMAND_COPY

/*
 * Every column of a row as a fact, but for the one that has rows of its own;
 * names of columns become words.
 */
void page_record(struct page *page, const struct panel_ctx *ctx,
    const struct table_ref *ref, const char *without);

#endif
