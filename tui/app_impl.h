/*
 * The insides of the dashboard, shared by tui/app.c (life and drawing) and
 * tui/app_command.c (what keys do). Nobody else includes it.
 * thread: UI.
 */
#ifndef SEV_TUI_APP_IMPL_H
#define SEV_TUI_APP_IMPL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/thread.h"
#include "model/store.h"
#include "panels/panel.h"
#include "themes/theme.h"
#include "tui/act.h"
#include "tui/app.h"
#include "tui/background.h"
#include "tui/keys.h"
#include "tui/layout.h"
#include "tui/limits.h"
#include "tui/loop.h"
#include "tui/palette.h"
#include "tui/prompt.h"

struct script;
struct term;
struct tty;

/* What keys go to. */
enum app_mode {
	APP_PANEL,
	APP_PROMPT, /* the panel asked for a line */
	APP_PALETTE,
	APP_HELP
};

enum {
	APP_PROMPT_KINDS = PROMPT_FILTER + 1
};

/* The theme on the screen, and the way through the others. */
struct app_theme {
	struct theme theme;
	struct theme given; /* what the dashboard was started with */
	size_t at;	    /* 0: given, else a compiled-in one, from 1 */
	enum background background;
	enum theme_face face;
	bool asking; /* an answer about the background is on its way */
	int64_t ask_until;
	char notice[APP_THEME_NOTICE_MAX];
};

struct app {
	struct app_options options;
	struct app_theme theme;
	struct keys keys;
	struct tty *tty; /* NULL with a script */
	struct term *term;
	struct loop *loop;
	struct script *script; /* NULL: a person */
	struct err script_err;
	struct canvas *canvas;
	struct frame frame;
	bool drawn;	  /* canvas shows the latest state */
	bool logs_wanted; /* log lines wake the loop */

	void *views[APP_PANELS_MAX];
	size_t panel_count;
	size_t panel;		     /* index of the one on the screen */
	size_t trail[APP_TRAIL_MAX]; /* where the user came from */
	size_t trail_len;

	struct panel_hints panel_hints;
	struct act *act; /* its dialog has the keys while it is open */
	/* the signal of the alert that led to the panel on the screen; "" */
	char led_signal[APP_SIGNAL_MAX];
	char led_platform[NAME_MAX_LEN];

	enum app_mode mode;
	enum panel_prompt asked; /* APP_PROMPT */
	struct prompt prompt;
	const char *prompt_error;
	/* lines that were accepted and are in force; owned, NULL: none */
	char *accepted[APP_PROMPT_KINDS][APP_PANELS_MAX];
	struct prompt_history histories[APP_PROMPT_KINDS];
	struct prompt_history palette_history;
	struct palette palette;
	int help_first;
	int help_rows;

	const char *notice; /* borrowed; NULL: none */
	int64_t notice_until;
	int64_t second_at; /* when the clock shows something else */
	enum zone zone;
	bool zoomed;
	int64_t frozen_at; /* clock_now() time; 0: live */
	int64_t frozen_wall_ms;
};

/*
 * tui/app_theme.c: the theme that was asked for, or that colours allow.
 * mono: there are none.
 */
enum err_code app_theme_open(struct app *app, bool mono,
    struct conf_errors *errors, struct err *err) ATTR_MUST_USE;

/* Its looks for the background, as far as that is known. */
const struct theme_look *app_theme_looks(const struct app *app);

/* Asks the terminal for its background if the theme depends on it. */
void app_theme_ask(struct app *app);

/* A reply of the terminal. True: the picture changes. */
bool app_theme_reply(struct app *app, const struct input_event *event);

/* On leaving: catches an answer that is still on its way. */
void app_theme_settle(struct app *app);

/* The next theme; says in a notice which. */
void app_theme_next(struct app *app);

/* A key, a paste, the wheel. Callback of the loop. */
void app_event(void *ctx, const struct input_event *event);

/* What panels get to see at now. */
struct panel_ctx app_panel_ctx(const struct app *app, int64_t now);

/* Shows words (borrowed, for as long) in the footer for a while. */
void app_notice(struct app *app, const char *words);

/* Draw again, at once. */
void app_changed(struct app *app);

/* The panel on the screen; another one, with what to select there. */
const struct panel_ops *app_panel(const struct app *app);
void app_go_name(
    struct app *app, const char *name, struct text arg, struct text platform);

/* Into the clipboard of the terminal. */
void app_copy(struct app *app, const char *text);

/*
 * tui/app_act.c: what the panel on the screen has selected, with the signal
 * that led here. False: nothing is selected.
 */
bool app_target(const struct app *app, int64_t now, struct panel_target *out);

/* An alert was followed to here: what is done here is done because of it. */
void app_led_by(struct app *app, const struct panel_target *target);

/* A mitigation, on what is selected now. */
void app_act(struct app *app, enum command command, const char *named);

/* A key or a paste while the dialog has the keyboard. */
void app_act_event(struct app *app, const struct input_event *event);

/* Jobs, keys that wait. Returns when it is due again. */
int64_t app_act_tick(struct app *app, int64_t now);

void app_draw_act(struct app *app, int64_t now, const struct layout *layout);

/* Which mitigations fit: for rows of panels, and for the footer. */
void app_hints_init(struct app *app);
void app_hints(struct app *app, int64_t now, struct layout_view *view);

#endif
