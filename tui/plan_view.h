/*
 * A job as a page of the dialog: what would happen, or what came of it. The
 * target, the effect and the class stay in sight however small it is; the
 * rest scrolls. Pure: everything comes from the view.
 * thread: UI.
 */
#ifndef SEV_TUI_PLAN_VIEW_H
#define SEV_TUI_PLAN_VIEW_H

#include "actions/engine.h"
#include "panels/panel.h"

/* All borrowed. */
struct plan_view {
	const struct job_view *job;
	const struct panel_ctx *ctx; /* time and zone */
	const char *about;	     /* what is read, before there is a plan */
	const char *blocked;	     /* why y would be refused; "": it is not */
	const char *words;	     /* what the last key was told; "" */
	struct text check; /* how the signal does since; may be empty */
	const struct table *targets; /* of all jobs; NULL: not known */
	const struct table *output;  /* of all jobs; NULL: none */
	int scroll;
};

/* Rows that it would like. */
int plan_view_rows(const struct plan_view *view, int width);

/*
 * Draws it. Returns how many rows there are to scroll through; *ret_page is
 * how many of them are seen.
 */
int plan_view_draw(const struct plan_view *view, struct canvas *canvas,
    struct rect area, int *ret_page);

#endif
