/* What keys do: to the panel first, then to the dashboard. */
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "tui/app_impl.h"
#include "tui/term.h"

const struct panel_ops *
app_panel(const struct app *app)
{
	return app->options.panels[app->panel];
}

static void
app_go(struct app *app, size_t panel)
{
	if (panel == app->panel)
		return;
	if (app->trail_len == APP_TRAIL_MAX) {
		app->trail_len--;
		memmove(&app->trail[0], &app->trail[1],
		    app->trail_len * sizeof(app->trail[0]));
	}
	app->trail[app->trail_len++] = app->panel;
	app->panel = panel;
	app->led_signal[0] = '\0';
}

static void
app_go_key(struct app *app, uint32_t code)
{
	for (size_t i = 0; i < app->panel_count; i++) {
		if ((unsigned char)app->options.panels[i]->key == code) {
			app_go(app, i);
			return;
		}
	}
	app_notice(app, "no panel has this number; ? lists the keys");
}

static struct text
app_platform_of(const struct panel_target *target)
{
	if (target->platform.len > 0 || target->section == NULL)
		return target->platform;
	return text_lit(target->section->platform);
}

void
app_go_name(
    struct app *app, const char *name, struct text arg, struct text platform)
{
	struct panel_ctx ctx = app_panel_ctx(app, clock_now());

	for (size_t i = 0; i < app->panel_count; i++) {
		const struct panel_ops *ops = app->options.panels[i];

		if (strcmp(ops->name, name) != 0)
			continue;
		app_go(app, i);
		ctx.of = platform;
		if (ops->show != NULL && arg.len > 0)
			ops->show(app->views[i], &ctx, arg);
		return;
	}
	app_notice(app, "that panel is not part of this version");
}

/* What is in force in the panel on the screen; "" for nothing. */
static const char *
app_accepted(const struct app *app, enum panel_prompt asked)
{
	const char *text = app->accepted[asked][app->panel];

	return text != NULL ? text : "";
}

static void
app_ask(struct app *app, enum panel_prompt asked)
{
	app->mode = APP_PROMPT;
	app->asked = asked;
	app->prompt_error = NULL;
	/* a filter is edited; a search starts anew */
	prompt_start(&app->prompt,
	    asked == PROMPT_FILTER ? app_accepted(app, asked) : "",
	    &app->histories[asked]);
}

void
app_copy(struct app *app, const char *text)
{
	if (app->term == NULL)
		return;
	app_notice(app, term_copy(app->term, text)
			    ? "copied, if the terminal allows it (OSC 52)"
			    : "too long to copy");
}

/* Offers a command to the panel; true when it was taken. */
static bool
app_panel_command(struct app *app, enum command command)
{
	const struct panel_ops *ops = app_panel(app);
	struct panel_ctx ctx = app_panel_ctx(app, clock_now());
	struct panel_target target;
	struct panel_out out;
	enum panel_result result;
	bool found;

	memset(&out, 0, sizeof(out));
	if (ops->command == NULL)
		return false;
	found = app_target(app, ctx.now, &target);
	result = ops->command(app->views[app->panel], &ctx, command, &out);
	if (out.notice != NULL)
		app_notice(app, out.notice);
	switch (result) {
	case PANEL_IGNORED:
		return out.notice != NULL;
	case PANEL_DONE:
		break;
	case PANEL_GO:
		if (out.panel == NULL)
			break;
		app_go_name(app, out.panel, out.arg,
		    found ? app_platform_of(&target) : TEXT_EMPTY);
		app_led_by(app, found ? &target : NULL);
		break;
	case PANEL_ASK:
		app_ask(app, out.prompt);
		break;
	case PANEL_COPY:
		out.copy[sizeof(out.copy) - 1] = '\0';
		app_copy(app, out.copy);
		break;
	}
	return true;
}

static void
app_freeze(struct app *app, bool on)
{
	app->frozen_at = on ? clock_now() : 0;
	app->frozen_wall_ms = clock_wall_ms();
}

static void
app_back(struct app *app)
{
	if (app->trail_len == 0)
		return;
	app->panel = app->trail[--app->trail_len];
	app->led_signal[0] = '\0';
}

static void
app_refresh(struct app *app)
{
	if (app->options.refresh == NULL)
		return;
	app->options.refresh(app->options.refresh_ctx);
	app_notice(app, "asking all sources now");
}

static void
app_suspend(struct app *app)
{
	loop_suspend(app->loop);
	act_quiet(app->act, clock_now());
}

static void
app_unused(struct app *app, enum command command)
{
	if (command == COMMAND_TIME_BACK || command == COMMAND_TIME_FORWARD ||
	    command == COMMAND_MARK || command == COMMAND_INCIDENT)
		app_notice(app,
		    "nothing to do here yet: incidents and going back in "
		    "time are not part of this version");
	else if (command == COMMAND_SEARCH || command == COMMAND_FILTER ||
		 command == COMMAND_SORT || command == COMMAND_COPY ||
		 command == COMMAND_VIEW || command == COMMAND_VIEW_BACK)
		app_notice(app, "not in this panel; ? lists what works here");
}

static void
app_page(struct app *app, enum command command)
{
	size_t n = app->panel_count;

	if (command == COMMAND_NEXT_PANEL)
		app_go(app, (app->panel + 1) % n);
	else
		app_go(app, (app->panel + n - 1) % n);
}

/* A command that no panel wanted. */
static void
app_command(struct app *app, enum command command)
{
	switch (command) {
	case COMMAND_QUIT:
	case COMMAND_QUIT_NOW:
		if (act_leave(app->act, clock_now()))
			loop_quit(app->loop);
		break;
	case COMMAND_BACK:
		app_back(app);
		break;
	case COMMAND_NEXT_PANEL:
	case COMMAND_PREV_PANEL:
		app_page(app, command);
		break;
	case COMMAND_ZOOM:
		app->zoomed = !app->zoomed;
		break;
	case COMMAND_PALETTE:
		app->mode = APP_PALETTE;
		palette_start(&app->palette, &app->palette_history);
		break;
	case COMMAND_HELP:
		app->mode = APP_HELP;
		app->help_first = 0;
		break;
	case COMMAND_FREEZE:
		app_freeze(app, app->frozen_at == 0);
		break;
	case COMMAND_LIVE:
		app_freeze(app, false);
		break;
	case COMMAND_REFRESH:
		app_refresh(app);
		break;
	case COMMAND_TIME_ZONE:
		app->zone = app->zone == ZONE_UTC ? ZONE_LOCAL : ZONE_UTC;
		break;
	case COMMAND_THEME:
		app_theme_next(app);
		break;
	case COMMAND_REDRAW:
		loop_repaint(app->loop);
		break;
	case COMMAND_SUSPEND:
		app_suspend(app);
		break;
	default:
		app_unused(app, command);
		break;
	}
}

/*
 * Commands that mean the same everywhere: a panel can't keep the user from
 * leaving it.
 */
static bool
app_command_is_global(enum command command)
{
	switch (command) {
	case COMMAND_QUIT_NOW:
	case COMMAND_PALETTE:
	case COMMAND_HELP:
	case COMMAND_SUSPEND:
	case COMMAND_REDRAW:
		return true;
	default:
		return false;
	}
}

static void
app_run_command(struct app *app, enum command command)
{
	if (command == COMMAND_NONE)
		return;
	if (!app_command_is_global(command) && app_panel_command(app, command))
		return;
	app_command(app, command);
}

/* Tells the panel what stands in the prompt. */
static void
app_typed(struct app *app, const char *text, bool final)
{
	const struct panel_ops *ops = app_panel(app);
	struct panel_ctx ctx = app_panel_ctx(app, clock_now());

	app->prompt_error = NULL;
	if (ops->typed != NULL)
		app->prompt_error = ops->typed(
		    app->views[app->panel], &ctx, app->asked, text, final);
}

static void
app_accept(struct app *app)
{
	char **kept = &app->accepted[app->asked][app->panel];

	mem_free(*kept);
	*kept = app->prompt.len > 0 ? mem_strdup(app->prompt.text) : NULL;
}

static void
app_prompt_event(struct app *app, const struct input_event *event)
{
	switch (prompt_event(&app->prompt, event)) {
	case PROMPT_CHANGED:
		app_typed(app, app->prompt.text, false);
		break;
	case PROMPT_ACCEPTED:
		app_typed(app, app->prompt.text, true);
		if (app->prompt_error != NULL)
			return; /* stays open, with the reason */
		app->mode = APP_PANEL;
		app_accept(app);
		break;
	case PROMPT_CANCELLED:
		app->mode = APP_PANEL;
		app_typed(app, app_accepted(app, app->asked), true);
		app->prompt_error = NULL;
		break;
	default:
		break;
	}
}

static void
app_palette_event(struct app *app, const struct input_event *event)
{
	struct palette_choice choice;

	switch (
	    palette_event(&app->palette, event, app->options.panels, &choice)) {
	case PROMPT_ACCEPTED:
		app->mode = APP_PANEL;
		if (choice.panel != NULL)
			app_go_name(
			    app, choice.panel->name, TEXT_EMPTY, TEXT_EMPTY);
		else if (choice.command == COMMAND_NONE)
			app_notice(app, "no such command");
		else if (command_is_act(choice.command))
			app_act(app, choice.command, NULL);
		else
			app_run_command(app, choice.command);
		break;
	case PROMPT_CANCELLED:
		app->mode = APP_PANEL;
		break;
	default:
		break;
	}
}

/* Scrolls the help page; other keys close it and do what they do. */
static void
app_help_command(struct app *app, enum command command)
{
	int step = 0, page = app->canvas->h / 2;

	switch (command) {
	case COMMAND_DOWN:
		step = 1;
		break;
	case COMMAND_UP:
		step = -1;
		break;
	case COMMAND_PAGE_DOWN:
	case COMMAND_HALF_DOWN:
		step = page;
		break;
	case COMMAND_PAGE_UP:
	case COMMAND_HALF_UP:
		step = -page;
		break;
	case COMMAND_HELP:
	case COMMAND_BACK:
	case COMMAND_QUIT:
		app->mode = APP_PANEL;
		return;
	default:
		app->mode = APP_PANEL;
		app_run_command(app, command);
		return;
	}
	app->help_first += step;
	if (app->help_first > app->help_rows - 1)
		app->help_first = app->help_rows - 1;
	if (app->help_first < 0)
		app->help_first = 0;
}

static void
app_key(struct app *app, const struct input_event *event)
{
	enum command command = keys_find(&app->keys, event);

	if (command_is_act(command) && event->burst) {
		app_notice(app,
		    "that came faster than anybody types: mitigation keys "
		    "are ignored for half a second");
		return;
	}
	if (command_is_act(command)) {
		app_act(app, command, keys_action(&app->keys, event));
	} else if (app->mode == APP_HELP) {
		app_help_command(app, command);
	} else if (command == COMMAND_PANEL) {
		app_go_key(app, event->code);
	} else {
		app_run_command(app, command);
	}
}

static void
app_mouse(struct app *app, const struct input_event *event)
{
	enum command command = COMMAND_NONE;

	if (event->mouse == INPUT_MOUSE_WHEEL_UP)
		command = COMMAND_UP;
	else if (event->mouse == INPUT_MOUSE_WHEEL_DOWN)
		command = COMMAND_DOWN;
	for (int i = 0; command != COMMAND_NONE && i < 3; i++)
		app_run_command(app, command);
}

void
app_event(void *ctx, const struct input_event *event)
{
	struct app *app = ctx;
	bool text = event->kind == INPUT_KEY || event->kind == INPUT_PASTE;

	if (event->kind == INPUT_KEY)
		app->notice = NULL;
	/* Job control works in prompts too, as it does in a shell. */
	if (event->kind == INPUT_KEY && (event->mods & INPUT_CTRL) != 0 &&
	    keys_find(&app->keys, event) == COMMAND_SUSPEND)
		app_suspend(app);
	else if (act_is_open(app->act) && text)
		app_act_event(app, event);
	else if (act_is_open(app->act) && event->kind == INPUT_MOUSE)
		return; /* no button decides anything */
	else if (app->mode == APP_PROMPT && text)
		app_prompt_event(app, event);
	else if (app->mode == APP_PALETTE && text)
		app_palette_event(app, event);
	else if (event->kind == INPUT_KEY)
		app_key(app, event);
	else if (event->kind == INPUT_PASTE)
		app_notice(app, "a paste was ignored: there is no text field");
	else if (event->kind == INPUT_MOUSE && app->options.mouse)
		app_mouse(app, event);
	else if (event->kind != INPUT_REPLY || !app_theme_reply(app, event))
		return;
	app_changed(app);
}
