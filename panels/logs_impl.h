/*
 * Inside of the log panel: its view, the items that its rows show, and the
 * parts that draw. Private to panels/panel_logs.c and panels/logs_*.c.
 * thread: UI.
 */
#ifndef SEV_PANELS_LOGS_IMPL_H
#define SEV_PANELS_LOGS_IMPL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "model/limits.h"
#include "model/logview.h"
#include "panels/panel.h"

/*
 * A row of the list: a line, or the rest of a run folded into one row. n is
 * the line's number in the view; of a fold, that of the run's first line.
 */
struct logs_item {
	uint64_t n;
	bool fold;
};

struct logs_view {
	struct logview *lines; /* NULL: not yet */
	bool failed;	       /* no memory for it */
	char filter[LOGFILTER_EXPR_MAX + 1];
	char search[LOGFILTER_EXPR_MAX + 1];
	struct logfilter *marked; /* the search, for marking; NULL: none */
	enum log_level level;	  /* lowest shown */
	char problem[ERR_MSG_MAX];

	bool paused;	      /* false: follows the newest line */
	uint64_t paused_next; /* the number to come when it was paused */
	uint64_t shown_next;  /* the number to come when it was not frozen */
	struct logs_item cursor;
	uint64_t cursor_seq; /* of its line, to find it under a new filter */
	int cursor_y;	     /* its row below the top of the list */
	int height, width;   /* of the list when it was drawn last */
	uint64_t generation; /* that cursor belongs to */
	bool relocate;	     /* until the new filter has reached cursor_seq */
	uint64_t open_run;   /* 1 + first line of the run shown whole; 0 */
	bool seek_hit;	     /* go to a match as soon as there is one */

	bool wrap;
	int scroll; /* cells to the right */
	bool detail;
	int detail_top;
};

/* Moving between items. False, *item untouched, at the ends. */
bool logs_item_next(const struct logs_view *view, struct logs_item *item);
bool logs_item_prev(const struct logs_view *view, struct logs_item *item);

/* The item that shows line n. */
struct logs_item logs_item_of(const struct logs_view *view, uint64_t n);

/* The newest; false when there is none. */
bool logs_item_last(const struct logs_view *view, struct logs_item *ret_item);

/* The line that an item shows, of a fold the newest of its run. */
bool logs_item_line(const struct logs_view *view, const struct panel_ctx *ctx,
    const struct logs_item *item, struct arena *arena,
    struct log_line *ret_line, struct logmatch *ret_match);

/* Columns that lines are laid out in, the same for all of one picture. */
struct logs_columns {
	int time_w;   /* 12, or 8 without fractions */
	int source_w; /* 0: not shown */
	int text_x;   /* from the left */
	int text_w;
};
struct logs_columns logs_columns(const struct panel_ctx *ctx, int width);

/* Rows that an item takes, its line in hand or still to be looked up. */
int logs_item_rows(const struct logs_view *view, const struct panel_ctx *ctx,
    const struct logs_item *item);
int logs_item_height(const struct logs_view *view,
    const struct logs_columns *columns, const struct logs_item *item,
    const struct log_line *line);

/* Draws an item into its rows. */
void logs_draw_item(const struct logs_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct logs_columns *columns,
    const struct logs_item *item, const struct log_line *line,
    const struct logmatch *match);

/* "14:02:29.114", or with the day when it is not that of wall_ms. */
struct text_buf;
void logs_time(struct text_buf *tb, int64_t line_ms, int64_t wall_ms,
    enum zone zone, int width);

/* Title, histogram, list; and one line with everything that is in it. */
void logs_draw_list(struct logs_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area);
void logs_draw_detail(struct logs_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area);

/* Title row; returns what is left below. */
struct rect logs_draw_title(struct logs_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area);

/* Row with how many lines came when; returns what is left below. */
struct rect logs_draw_histogram(struct logs_view *view,
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area);

/* Why there is nothing to show. */
void logs_draw_reason(struct logs_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area);

enum role logs_level_role(enum log_level level);

#endif
