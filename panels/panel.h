/*
 * What a panel is. Adding one is one file with a struct panel_ops at its end
 * and one row in panels/table.c (docs/adding-a-panel.md).
 *
 * A panel draws what the context holds onto a canvas and changes nothing but
 * its own view (selection, scroll, sort). It calls neither curses nor a
 * source and waits for nothing; the link of its unit test proves it.
 * thread: UI.
 */
#ifndef SEV_PANELS_PANEL_H
#define SEV_PANELS_PANEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/limits.h"
#include "model/store.h"
#include "panels/canvas.h"
#include "panels/command.h"
#include "panels/limits.h"

struct history;
struct logstore;
struct panel_hints;
struct platform;

enum zone {
	ZONE_UTC,
	ZONE_LOCAL
};

/* Everything a panel may look at. Borrowed for the length of a call. */
struct panel_ctx {
	const struct frame *frame; /* the slot behind the last source is the
				    * watch thread's section */
	struct history *history;   /* NULL: no charts (tests) */
	struct logstore *logs;	   /* NULL: no log lines (tests) */
	int64_t now;		   /* clock_now() of this frame */
	int64_t wall_ms;
	enum zone zone;
	bool frozen; /* the picture stands still on purpose */
	bool zoomed;
	const char *const *key_names; /* [COMMAND_COUNT]: first key of each
				       * command as text, NULL if unbound */
	const struct platform *const *platforms; /* what is watched */
	size_t platform_count;
	const struct panel_hints *hints; /* NULL: nobody knows (tests) */
	struct text of; /* show(): of which platform; empty: of any */
};

/* What came of a command. */
enum panel_result {
	PANEL_IGNORED, /* the caller may have a use for it */
	PANEL_DONE,    /* the view changed: draw again */
	PANEL_GO,      /* open panel number out->panel with out->arg */
	PANEL_ASK,  /* ask for a line of text: out->prompt, then call typed() */
	PANEL_COPY, /* put out->copy into the clipboard */
};

enum panel_prompt {
	PROMPT_SEARCH,
	PROMPT_FILTER
};

enum {
	PANEL_COPY_MAX = 4096,
	PANEL_KEY_MAX = 16 /* "^D", "BTab" */
};

struct panel_out {
	const char *panel; /* PANEL_GO: name of the panel */
	struct text arg;   /* PANEL_GO: what to select there; may be empty */
	enum panel_prompt prompt;  /* PANEL_ASK */
	char copy[PANEL_COPY_MAX]; /* PANEL_COPY: plain UTF-8 */
	const char *notice; /* any result: a literal for the footer, or NULL */
};

/*
 * What is selected, for those who can do something about it. All borrowed
 * from the frame. Without a row (table and row are NULL then) it may still
 * be known what it is about.
 */
struct panel_target {
	const struct section *section;
	const struct table *table;
	const struct table_row *row;
	const struct table *outer_table; /* what the row is a part of, of the */
	const struct table_row *outer_row; /* same section; NULL: of nothing */
	/* Rows of the table that are meant together, row is the first of them;
	 * none: row alone is. */
	const struct table_row *tagged[ACTION_TARGETS_MAX];
	size_t tagged_count;
	bool tagged_apart;    /* more are tagged, of other sources */
	struct text platform; /* empty: that of the section */
	struct text signal;   /* that calls for it; empty: none */
};

/* What can be done about a row: "P pause". */
struct panel_hint {
	char key[PANEL_KEY_MAX]; /* as it is typed */
	char word[ACT_HINT_MAX];
	char about[ACT_HINT_MAX]; /* what it acts on instead of the row; "" */
	bool off;		  /* not before it is armed */
};

/* Who knows what can be done. */
struct panel_hints {
	/* Fills *ret_hint with what is most likely to help; false: nothing. */
	bool (*best)(void *ctx, const struct panel_target *target,
	    struct panel_hint *ret_hint);
	void *ctx;
};

struct panel_ops {
	const char *name;  /* "queues": for --help, keys, `panel:` links */
	const char *brief; /* for a bar that is too narrow; NULL: the name */
	const char *help;  /* one line */
	char key;	   /* '1'..'9', '0', or 0 */
	size_t view_size;  /* bytes of the view; zeroed at start */

	/*
	 * True: it shows log lines as they come. Others are drawn when the
	 * watch thread has looked, which spares a wake-up for every line.
	 */
	bool shows_logs;

	/* Commands that work here beside moving about; for footer and help.
	 * Ended by COMMAND_NONE. */
	const enum command *commands;

	/* Optional. Frees what the view owns. */
	void (*release)(void *view);

	void (*draw)(void *view, const struct panel_ctx *ctx,
	    struct canvas *canvas, struct rect area);

	enum panel_result (*command)(void *view, const struct panel_ctx *ctx,
	    enum command command, struct panel_out *out);

	/*
	 * Optional. What was typed into the prompt: called on every change
	 * (final false), at Enter (final true), and at Esc with the text as
	 * it was before. Returns an error in words for the prompt, or NULL.
	 */
	const char *(*typed)(void *view, const struct panel_ctx *ctx,
	    enum panel_prompt prompt, const char *bytes, bool final);

	/* Optional. Another panel sent the user here to see arg. */
	void (*show)(void *view, const struct panel_ctx *ctx, struct text arg);

	/* Optional. Fills *out (zeroed) with what is selected; false: nothing
	 * is. The view stays as it is. */
	bool (*target)(const void *view, const struct panel_ctx *ctx,
	    struct panel_target *out);
};

/* All panels in the order of their numbers, ended by NULL. panels/table.c. */
extern const struct panel_ops *const panel_table[];

#endif
