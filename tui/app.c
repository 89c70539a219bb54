#include "tui/app.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "model/logstore.h"
#include "model/platform.h"
#include "tui/app_impl.h"
#include "tui/script.h"
#include "tui/signals.h"
#include "tui/term.h"
#include "tui/tty.h"

struct panel_ctx
app_panel_ctx(const struct app *app, int64_t now)
{
	bool frozen = app->frozen_at > 0;

	return (struct panel_ctx) {
		.frame = &app->frame,
		.history = app->options.history,
		.logs = app->options.logs,
		.now = frozen ? app->frozen_at : now,
		.wall_ms = frozen ? app->frozen_wall_ms : clock_wall_ms(),
		.zone = app->zone,
		.frozen = frozen,
		.zoomed = app->zoomed,
		.key_names = app->keys.names,
		.platforms = app->options.platforms,
		.platform_count = app->options.platform_count,
		.hints = &app->panel_hints,
	};
}

void
app_changed(struct app *app)
{
	app->drawn = false;
	loop_urgent(app->loop);
}

void
app_notice(struct app *app, const char *words)
{
	app->notice = words;
	app->notice_until = clock_now() + APP_NOTICE_MS * NS_PER_MS;
}

/*
 * New data: drawn with the next frame, unless the picture is frozen. What
 * somebody pressed a key for, and waits for, is drawn as the key is.
 */
static void
app_wake(void *ctx)
{
	struct app *app = ctx;

	app->drawn = false;
	if (act_is_awaited(app->act))
		loop_urgent(app->loop);
	else if (app->frozen_at == 0 || act_is_open(app->act))
		loop_dirty(app->loop);
}

static void
app_resize(void *ctx, int h, int w)
{
	struct app *app = ctx;

	/* without memory the old canvas stays, which the terminal skips */
	if (canvas_resize(app->canvas, h, w))
		app_changed(app);
}

static struct layout_view
app_layout_view(const struct app *app, int64_t now)
{
	struct layout_view view = {
		.frame = &app->frame,
		.platforms = app->options.platforms,
		.platform_count = app->options.platform_count,
		.panels = app->options.panels,
		.panel = app->options.panels[app->panel],
		.keys = &app->keys,
		.notice = app->notice,
		.now = now,
		.wall_ms = clock_wall_ms(),
		.frozen_at = app->frozen_at,
		.zone = app->zone,
	};

	view.gate = act_gate_now(app->act, now, &view.gate_left_ns);
	return view;
}

static void
app_draw_footer(struct app *app, const struct layout_view *view,
    const struct layout *layout)
{
	struct rect bottom = layout->body;

	bottom.h = app->canvas->h - bottom.y;
	if (app->mode == APP_PALETTE) {
		palette_draw(&app->palette, &app->keys, app->options.panels,
		    app->canvas, bottom);
	} else if (app->mode == APP_PROMPT) {
		prompt_draw(&app->prompt, app->canvas, layout->footer,
		    app->asked == PROMPT_FILTER ? TEXT("filter: ") : TEXT("/"),
		    text_lit(
			app->prompt_error != NULL ? app->prompt_error : ""));
	} else {
		layout_draw_footer(view, app->canvas, layout->footer);
	}
}

/* Log lines wake the screen only while it shows them. */
static void
app_subscribe_logs(struct app *app, bool wanted)
{
	if (app->options.logs == NULL || app->logs_wanted == wanted)
		return;
	app->logs_wanted = wanted;
	logstore_subscribe(
	    app->options.logs, wanted ? app->options.wake : NULL);
}

static const struct canvas *
app_draw(void *ctx, int64_t now)
{
	struct app *app = ctx;
	struct layout layout = layout_of(app->canvas);
	struct layout_view view;
	struct panel_ctx panel_ctx;

	if (app->frozen_at == 0)
		frame_acquire(&app->frame, app->options.store);
	view = app_layout_view(app, now);
	panel_ctx = app_panel_ctx(app, now);
	canvas_clear(app->canvas);
	app->drawn = true;
	app_subscribe_logs(app, view.panel->shows_logs);
	if (layout.tiny) {
		layout_draw_tiny(&view, app->canvas);
		act_draw(app->act, &panel_ctx, app->canvas, layout.body, true);
		return app->canvas;
	}
	if (app->mode != APP_HELP)
		view.panel->draw(app->views[app->panel], &panel_ctx,
		    app->canvas, layout.body);
	layout_draw_header(&view, app->canvas, layout.header);
	if (act_is_open(app->act)) {
		app_draw_act(app, now, &layout);
		return app->canvas;
	}
	act_draw(app->act, &panel_ctx, app->canvas, layout.body, false);
	layout_draw_bar(&view, app->canvas, layout.bar);
	app_hints(app, now, &view);
	if (app->mode == APP_HELP)
		app->help_rows = layout_draw_help(
		    &view, app->canvas, layout.body, app->help_first);
	app_draw_footer(app, &view, &layout);
	return app->canvas;
}

/* The next moment at which the clock and the ages show something else. */
static int64_t
app_next_second(int64_t now)
{
	return now + (1000 - clock_wall_ms() % 1000) * NS_PER_MS;
}

static int64_t
app_script_tick(struct app *app, int64_t now)
{
	const struct canvas *canvas = app->drawn ? app->canvas : NULL;
	int64_t next = DEADLINE_NONE;

	if (app->script == NULL)
		return next;
	if (script_step(app->script, canvas, &app->frame, now, &next,
		&app->script_err) != ERR_OK)
		loop_quit(app->loop);
	return next;
}

static int64_t
app_tick(void *ctx, int64_t now)
{
	struct app *app = ctx;
	int64_t next, script;

	if (now >= app->second_at) {
		app->second_at = app_next_second(now);
		app->drawn = false;
		loop_dirty(app->loop);
	}
	next = app_act_tick(app, now);
	if (app->notice != NULL && now >= app->notice_until) {
		app->notice = NULL;
		loop_dirty(app->loop);
	}
	script = app_script_tick(app, now);
	if (script < next)
		next = script;
	return next < app->second_at ? next : app->second_at;
}

static const struct loop_ops app_loop_ops = {
	.event = app_event,
	.wake = app_wake,
	.tick = app_tick,
	.resize = app_resize,
	.draw = app_draw,
};

static void
app_script_quit(void *ctx)
{
	struct app *app = ctx;

	loop_quit(app->loop);
}

static const struct script_ops app_script_ops = {
	.event = app_event,
	.resize = app_resize,
	.quit = app_script_quit,
};

static enum err_code
app_open_theme(struct app *app, struct conf_errors *errors, struct err *err)
{
	const char *no_color = getenv("NO_COLOR");

	if (no_color != NULL && no_color[0] != '\0')
		app->options.no_color = true;
	return app_theme_open(app, app->options.no_color, errors, err);
}

static enum err_code
app_open_keys(struct app *app, struct conf_errors *errors, struct err *err)
{
	keys_init(&app->keys);
	for (size_t i = 0; i < app->options.platform_count; i++)
		keys_bind(&app->keys, app->options.platforms[i]->keys,
		    app->options.platforms[i]->key_count, errors);
	return conf_errors_result(errors, err);
}

static enum err_code
app_open_panels(struct app *app, struct err *err)
{
	const struct panel_ops *const *panels = app->options.panels;

	for (; panels[app->panel_count] != NULL; app->panel_count++) {
		size_t size = panels[app->panel_count]->view_size;

		if (app->panel_count == APP_PANELS_MAX)
			return err_set(
			    err, ERR_LIMIT, "app", "too many panels");
		app->views[app->panel_count] =
		    mem_calloc(1, size > 0 ? size : 1);
		if (app->views[app->panel_count] == NULL)
			return err_set(err, ERR_NOMEM, "app",
			    "opening panel %s", panels[app->panel_count]->name);
		if (app->options.panel != NULL &&
		    strcmp(panels[app->panel_count]->name,
			app->options.panel) == 0)
			app->panel = app->panel_count;
	}
	return ERR_OK;
}

static enum err_code
app_open_act(struct app *app, struct err *err)
{
	struct act_setup setup = {
		.actions = app->options.actions,
		.store = app->options.store,
		.table = app->options.action_table,
		.platforms = app->options.platforms,
		.platform_count = app->options.platform_count,
		.keys = &app->keys,
	};

	app_hints_init(app);
	return act_new(&setup, &app->act, err);
}

static enum err_code
app_open_screen(struct app *app, struct conf_errors *errors, struct err *err)
{
	struct term_options options = { .looks = app_theme_looks(app),
		.no_color = app->options.no_color,
		.mouse = app->options.mouse };
	enum err_code rc;

	if (app->options.script != NULL)
		return ERR_OK;
	rc = tty_open(&app->tty, err);
	if (rc == ERR_OK)
		rc = term_open(app->tty, &options, &app->term, err);
	if (rc == ERR_OK && !term_is_utf8(app->term))
		app->options.ascii = true;
	/* state must not be told by a colour that is not there */
	if (rc == ERR_OK && term_colors(app->term) == 0)
		rc = app_theme_open(app, true, errors, err);
	if (rc == ERR_OK)
		app_theme_ask(app);
	return rc;
}

static enum err_code
app_open_loop(struct app *app, struct err *err)
{
	struct loop_setup setup = { .tty = app->tty,
		.term = app->term,
		.wake = app->options.wake,
		.ops = &app_loop_ops,
		.ctx = app };
	int h = 24, w = 80;
	enum err_code rc;

	if (app->term != NULL) {
		h = term_h(app->term);
		w = term_w(app->term);
	}
	app->canvas = canvas_new(h, w);
	if (app->canvas == NULL)
		return err_set(err, ERR_NOMEM, "app", "opening the screen");
	app->canvas->ascii = app->options.ascii;
	rc = loop_new(&setup, &app->loop, err);
	if (rc == ERR_OK && app->options.script != NULL)
		rc = script_load(app->options.script, &app_script_ops, app,
		    &app->script, err);
	return rc;
}

/* Libraries write to standard error, and would write over the screen. */
static enum err_code
app_open_log(const struct app *app, struct err *err)
{
	int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
	enum err_code rc;
	int fd = -1;

	if (app->term == NULL)
		return ERR_OK;
	if (app->options.log_path != NULL)
		fd = open(app->options.log_path, flags | O_CREAT, 0600);
	if (fd < 0)
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set_errno(
		    err, ERR_IO, "app", errno, "opening /dev/null");
	rc = signals_stderr_to(fd, err);
	close(fd);
	return rc;
}

/* Everything but the memory of app itself. */
static enum err_code
app_open(struct app *app, struct conf_errors *errors, struct err *err)
{
	enum err_code rc;

	rc = app_open_theme(app, errors, err);
	if (rc == ERR_OK)
		rc = app_open_keys(app, errors, err);
	if (rc == ERR_OK)
		rc = app_open_panels(app, err);
	if (rc == ERR_OK)
		rc = frame_init(&app->frame, app->options.store, err);
	if (rc == ERR_OK)
		rc = app_open_act(app, err);
	if (rc == ERR_OK)
		rc = signals_init(err);
	if (rc == ERR_OK)
		rc = app_open_screen(app, errors, err);
	if (rc == ERR_OK)
		rc = app_open_loop(app, err);
	if (rc == ERR_OK)
		rc = app_open_log(app, err);
	if (rc == ERR_OK)
		rc = store_subscribe(
		    app->options.store, STORE_SCREEN, app->options.wake, err);
	return rc;
}

static void
app_close(struct app *app)
{
	store_unsubscribe(app->options.store, app->options.wake);
	app_subscribe_logs(app, false);
	app_theme_settle(app);
	app->term = term_close(app->term);
	app->tty = tty_close(app->tty);
	signals_stderr_back();
	signals_release();
	script_free(app->script);
	loop_free(app->loop);
	canvas_free(app->canvas);
	act_free(app->act);
	frame_release(&app->frame);
	for (size_t i = 0; i < APP_PANELS_MAX; i++) {
		if (app->views[i] != NULL &&
		    app->options.panels[i]->release != NULL)
			app->options.panels[i]->release(app->views[i]);
		mem_free(app->views[i]);
		for (size_t kind = 0; kind < APP_PROMPT_KINDS; kind++)
			mem_free(app->accepted[kind][i]);
	}
	for (size_t i = 0; i < APP_PROMPT_KINDS; i++)
		prompt_history_release(&app->histories[i]);
	prompt_history_release(&app->palette_history);
	mem_free(app);
}

enum err_code
app_run(const struct app_options *options, int *ret_status, struct err *err)
{
	struct app *app = mem_calloc(1, sizeof(*app));
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	enum err_code rc = ERR_NOMEM;
	int status = 0;

	if (app == NULL || errors == NULL) {
		mem_free(app);
		mem_free(errors);
		return err_set(err, rc, "app", "starting the dashboard");
	}
	app->options = *options;
	thread_set_ui();
	thread_altstack();
	rc = app_open(app, errors, err);
	if (rc == ERR_OK && app->options.hello != NULL)
		app_notice(app, app->options.hello);
	if (rc == ERR_OK) {
		switch (loop_run(app->loop)) {
		case LOOP_QUIT:
			break;
		case LOOP_SIGNAL:
			status = 128 + loop_signal(app->loop);
			break;
		case LOOP_LOST:
			status = 128 + SIGHUP;
			break;
		}
		rc = app->script_err.code;
		if (rc != ERR_OK)
			rc = err_set(
			    err, rc, "script", "%s", app->script_err.msg);
		else
			*ret_status = status;
	}
	app_close(app);
	mem_free(errors);
	return rc;
}
