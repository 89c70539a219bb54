/*
 * What the services panel shows beside the services themselves, a list each:
 * revisions, settings, conditions, builds, connectors, objectives. A list is
 * there as soon as some source has its table, and stays while it is looked
 * at. Enter shows a row with all that is told of it.
 * thread: UI.
 */
#ifndef SEV_PANELS_SERVICES_VIEWS_H
#define SEV_PANELS_SERVICES_VIEWS_H

#include "panels/table_rows.h"
#include "panels/views.h"

/* Indices of struct views; the services themselves are 0. */
enum {
	SERVICES_LIST,
	SERVICES_REVISIONS,
	SERVICES_SETTINGS,
	SERVICES_CONDITIONS,
	SERVICES_BUILDS,
	SERVICES_CONNECTORS,
	SERVICES_OBJECTIVES,
	SERVICES_VIEWS,
};

/* The tabs, for views_tabs() and views_step(). True when there is more than
 * the services. */
bool services_tabs(const struct panel_ctx *ctx, const struct views *views,
    struct tab tabs[SERVICES_VIEWS]);

/* For views->at other than SERVICES_LIST: the list, or what is opened. */
void services_view_draw(struct views *views, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area);
enum panel_result services_view_command(struct views *views,
    const struct panel_ctx *ctx, enum command command, struct panel_out *out);
bool services_view_target(const struct views *views,
    const struct panel_ctx *ctx, struct panel_target *out);

#endif
