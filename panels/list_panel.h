/*
 * What every panel with a list has in common: a selection, one row opened
 * large, a search and a filter. The view of such a panel begins with a
 * struct list_panel, so that list_panel_typed() and list_panel_release()
 * can stand in its struct panel_ops.
 * thread: UI.
 */
#ifndef SEV_PANELS_LIST_PANEL_H
#define SEV_PANELS_LIST_PANEL_H

#include <stdbool.h>

#include "panels/list.h"
#include "panels/panel.h"

struct list_panel {
	struct list_view list;
	bool open;  /* the selected row, large */
	int scroll; /* rows that what is open is moved up by */
};

/* What works in all of them; for panel_ops.commands. */
#define LIST_PANEL_COMMANDS                                                    \
	COMMAND_OPEN, COMMAND_SORT, COMMAND_SEARCH, COMMAND_FILTER

/* The same where rows can be tagged (rows_want.tags). */
#define LIST_PANEL_TAG_COMMANDS                                                \
	COMMAND_OPEN, COMMAND_TAG, COMMAND_UNTAG, COMMAND_SORT,                \
	    COMMAND_SEARCH, COMMAND_FILTER

/* Opens and closes the selected row, asks for patterns, moves and sorts. */
enum panel_result list_panel_command(struct list_panel *panel,
    const struct list_data *data, enum command command, struct panel_out *out);

/*
 * Instead of it while something is open that may be longer than the screen:
 * moving moves that.
 */
enum panel_result list_panel_scroll(
    struct list_panel *panel, enum command command);

/* Before what is open is drawn: keeps its last rows on the page. */
void list_panel_settle(struct list_panel *panel, int rows, int page);

/* For struct panel_ops; view begins with a struct list_panel. */
const char *list_panel_typed(void *view, const struct panel_ctx *ctx,
    enum panel_prompt prompt, const char *bytes, bool final);
void list_panel_release(void *view);

#endif
