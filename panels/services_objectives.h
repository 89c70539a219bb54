/*
 * The objectives of all services as a list: the second view of the services
 * panel, there as soon as a source has a table "slos". Enter shows one with
 * its burn rates.
 * thread: UI.
 */
#ifndef SEV_PANELS_SERVICES_OBJECTIVES_H
#define SEV_PANELS_SERVICES_OBJECTIVES_H

#include "panels/table_rows.h"
#include "panels/views.h"

/* How many there are, and how the worst of them is. */
size_t objectives_count(const struct panel_ctx *ctx, enum state *ret_worst);

/* The list, or what is opened, in area. */
void objectives_draw(struct views *views, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area);
enum panel_result objectives_command(struct views *views,
    const struct panel_ctx *ctx, enum command command, struct panel_out *out);
bool objectives_target(const struct views *views, const struct panel_ctx *ctx,
    struct panel_target *out);

#endif
