/*
 * Any struct table as a list, so that what a source says can be shown
 * without a panel of its own.
 * thread: UI.
 */
#ifndef SEV_PANELS_TABLE_LIST_H
#define SEV_PANELS_TABLE_LIST_H

#include "panels/list.h"
#include "panels/panel.h"

struct table_list {
	const struct table *table;
	const struct panel_ctx *ctx; /* for times in the screen's zone */
	struct list_column columns[LIST_COLUMNS_MAX];
};

/* Fills list and returns what list_draw() wants; both are borrowed. */
struct list_data table_list(struct table_list *list, const struct table *table,
    const struct panel_ctx *ctx);

#endif
