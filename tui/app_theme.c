/*
 * The theme of the dashboard. A theme with two faces starts with the one for
 * dark backgrounds, or what COLORFGBG says; the first picture waits for
 * nothing. The terminal is asked at the same time, and when it answers
 * within APP_ASK_MS, the other face is put on if need be. Later answers are
 * ignored: a picture that changes by itself is a surprise.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/app_impl.h"
#include "tui/term.h"

static const char *
app_theme_given(const struct app *app)
{
	return app->options.theme != NULL ? app->options.theme : theme_name(0);
}

static enum err_code
app_theme_load(struct theme *theme, const char *name,
    struct conf_errors *errors, struct err *err)
{
	enum err_code rc = theme_load(name, errors, theme);

	if (rc == ERR_OK)
		return ERR_OK;
	rc = conf_errors_result(errors, err);
	return rc != ERR_OK
		   ? rc
		   : err_set(err, ERR_NOMEM, "theme", "loading theme %s", name);
}

enum err_code
app_theme_open(
    struct app *app, bool mono, struct conf_errors *errors, struct err *err)
{
	struct app_theme *own = &app->theme;
	enum err_code rc;

	own->background = background_env(getenv("COLORFGBG"));
	own->face =
	    own->background == BACKGROUND_LIGHT ? THEME_LIGHT : THEME_DARK;
	rc = app_theme_load(
	    &own->given, mono ? "mono" : app_theme_given(app), errors, err);
	own->theme = own->given;
	return rc;
}

const struct theme_look *
app_theme_looks(const struct app *app)
{
	return app->theme.theme.looks[app->theme.face];
}

void
app_theme_ask(struct app *app)
{
	struct app_theme *own = &app->theme;

	if (app->term == NULL || !term_may_ask(app->term) ||
	    !theme_two_faces(&own->theme))
		return;
	if (term_send(app->term, background_question)) {
		own->asking = true;
		own->ask_until = clock_now() + APP_ASK_MS * NS_PER_MS;
	}
}

/* Puts the theme and the face that fits the background on. */
static void
app_theme_show(struct app *app)
{
	struct app_theme *own = &app->theme;

	own->face =
	    own->background == BACKGROUND_LIGHT ? THEME_LIGHT : THEME_DARK;
	if (app->term != NULL)
		term_set_looks(app->term, app_theme_looks(app));
}

bool
app_theme_reply(struct app *app, const struct input_event *event)
{
	struct app_theme *own = &app->theme;
	enum background background;

	if (!own->asking || clock_now() > own->ask_until)
		return false;
	if (event->reply == INPUT_REPLY_DA)
		own->asking = false;
	if (event->reply != INPUT_REPLY_OSC || event->cut)
		return false;
	background = background_reply(event->text, event->len);
	if (background == BACKGROUND_UNKNOWN || background == own->background)
		return false;
	own->background = background;
	app_theme_show(app);
	return true;
}

void
app_theme_settle(struct app *app)
{
	struct app_theme *own = &app->theme;
	int64_t until = clock_now() + APP_SETTLE_MS * NS_PER_MS;

	if (app->loop == NULL || app->term == NULL)
		return;
	loop_settle(app->loop, &own->asking,
	    until < own->ask_until ? until : own->ask_until);
}

void
app_theme_next(struct app *app)
{
	struct app_theme *own = &app->theme;
	struct conf_errors errors = { 0 };
	const char *given = app_theme_given(app), *name = given;

	if (app->options.no_color ||
	    (app->term != NULL && term_colors(app->term) == 0)) {
		app_notice(app, "no themes without colours");
		return;
	}
	do
		name = theme_name(own->at++);
	while (name != NULL && strcmp(name, given) == 0);
	if (name == NULL) {
		own->at = 0;
		own->theme = own->given;
		name = given;
	} else if (theme_load_builtin(name, &errors, &own->theme) != ERR_OK) {
		app_notice(app, "no memory for another theme");
		return;
	}
	app_theme_show(app);
	app_theme_ask(app);
	snprintf(own->notice, sizeof(own->notice), "theme %s%s", name,
	    !theme_two_faces(&own->theme) ? ""
	    : own->face == THEME_LIGHT	  ? ", for a light background"
					  : ", for a dark background");
	app_notice(app, own->notice);
}
