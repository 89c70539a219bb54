/*
 * The servers of one type, above the lists of what they say: one server with
 * its numbers in a few rows, or several with a row each, the worst first;
 * and below them what is wrong, in words.
 * thread: UI.
 */
#ifndef SEV_PANELS_SERVERS_H
#define SEV_PANELS_SERVERS_H

#include <stdbool.h>

#include "base/num.h"
#include "panels/page.h"
#include "panels/panel.h"

/* One server: its section and the slot of that. */
struct server {
	const struct panel_ctx *ctx;
	const struct section *section;
	size_t slot;
};

struct servers {
	const char *title;   /* of the panel */
	const char *type;    /* of the sources */
	const char *example; /* a line of configuration that adds one */

	/*
	 * Facts about one of them, the most important first; brief: those
	 * that go into one row.
	 */
	void (*page)(
	    struct page *page, const struct server *server, bool brief);

	/* Health rows whose words the facts say already; ended by NULL. */
	const char *const *told;

	/*
	 * Optional: a table in which whoever runs such servers says how they
	 * are, of sources of another type; its rows are shown as well.
	 */
	const char *hosted;

	/* With hosted: appends how much of the one with this key is in use. */
	void (*hosted_use)(
	    struct text_buf *out, const struct panel_ctx *ctx, struct text key);
};

/*
 * Draws title, servers and what is wrong into the top of area, at most half
 * of it. Returns how many rows that took.
 */
int servers_draw(const struct servers *servers, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area);

/* Value now of its metric, counters as rates; NaN when not known. */
double server_metric(const struct server *server, const char *name);

/* How to draw what its health row of that name judges. */
enum role server_role(const struct server *server, const char *target);

/* "as of 14:01:40" as a fact, when the answer is not fresh. */
void page_dated(struct page *page, const struct server *server);

/* A metric as a fact; label "" leaves only the value. */
void page_metric(struct page *page, const struct server *server,
    const char *label, const char *name, enum num_unit unit);

/* "97 of 100" with a bar of the share; max NaN or 0: only "97". */
void page_share(struct page *page, const char *label, double used, double max,
    enum num_unit unit, enum role role);

/* Slot of the first source of that type; SIZE_MAX: there is none. */
size_t servers_first(const struct panel_ctx *ctx, const char *type);

struct server_chart {
	const char *metric;
	const char *title;
	enum num_unit unit;
	const char *limit; /* metric that is drawn as a limit; NULL: none */
};

/* As many charts as fit side by side and below each other. */
void servers_charts(const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area, size_t slot, const struct server_chart *charts,
    size_t count);

#endif
