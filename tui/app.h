/*
 * The dashboard: ties the store, the panels, the keys and the loop together.
 * What it is given runs already or will: the first frame waits for nothing.
 * thread: UI.
 */
#ifndef SEV_TUI_APP_H
#define SEV_TUI_APP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct action_ops;
struct actions;
struct history;
struct logstore;
struct panel_ops;
struct platform;
struct store;
struct wake;

/* All borrowed for the length of app_run(). */
struct app_options {
	struct store *store;
	struct wake *wake; /* signalled by store and logs: must outlive the
			    * threads that publish */
	struct history *history; /* may be NULL, as may logs */
	struct logstore *logs;
	const struct platform *const *platforms;
	size_t platform_count;
	const struct panel_ops *const *panels; /* ended by NULL, at least one */

	struct actions *actions; /* what keys act with; NULL: nothing */
	const struct action_ops *const *action_table; /* with actions */

	void (*refresh)(void *ctx); /* asks all sources now; NULL: can't */
	void *refresh_ctx;

	const char *hello;    /* first words in the footer; NULL: none */
	const char *theme;    /* NULL: default, or mono without colours */
	const char *panel;    /* name of the first panel; NULL: the first */
	const char *log_path; /* standard error goes there; NULL: nowhere */
	const char *script;   /* a file of steps (tui/script.h) instead of a
			       * terminal; NULL: a person */
	bool no_color;	      /* also set by NO_COLOR in the environment */
	bool ascii;	      /* also without a UTF-8 locale */
	bool mouse;
};

/*
 * Runs until somebody quits. ERR_OK: the exit status is in *ret_status: 0
 * after a quit, 128 + number after a signal (129 for a terminal that went
 * away). Else nothing was shown and err says why: ERR_UNSUPPORTED without a
 * usable terminal, ERR_CONFIG for a theme or for keys. ERR_TIMEOUT and
 * others may come from a script.
 */
enum err_code app_run(const struct app_options *options, int *ret_status,
    struct err *err) ATTR_MUST_USE;

#endif
