/* Mitigations in the dashboard: what they are about, and who draws them. */
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "tui/app_impl.h"

bool
app_target(const struct app *app, int64_t now, struct panel_target *out)
{
	const struct panel_ops *ops = app_panel(app);
	struct panel_ctx ctx = app_panel_ctx(app, now);

	*out = (struct panel_target) { .section = NULL };
	if (ops->target == NULL ||
	    !ops->target(app->views[app->panel], &ctx, out))
		return false;
	if (out->signal.len == 0 && app->led_signal[0] != '\0') {
		struct text platform = text_kept(app->led_platform);

		if (out->platform.len == 0 && out->section == NULL)
			out->platform = platform;
		if (text_eq(platform, out->platform.len > 0
					  ? out->platform
					  : text_lit(out->section->platform)))
			out->signal = text_kept(app->led_signal);
	}
	return true;
}

/* An alert was followed to here: what is done here is done because of it. */
void
app_led_by(struct app *app, const struct panel_target *target)
{
	app->led_signal[0] = '\0';
	if (target == NULL || target->signal.len >= sizeof(app->led_signal) ||
	    target->platform.len >= sizeof(app->led_platform))
		return;
	text_keep(app->led_signal, sizeof(app->led_signal), target->signal);
	text_keep(
	    app->led_platform, sizeof(app->led_platform), target->platform);
}

static void
app_act_notice(struct app *app)
{
	const char *words = act_notice(app->act);

	if (words != NULL)
		app_notice(app, words);
}

void
app_act(struct app *app, enum command command, const char *named)
{
	struct panel_target target;
	int64_t now = clock_now();
	bool found = app_target(app, now, &target);

	app->mode = APP_PANEL;
	if (named != NULL)
		act_named(app->act, named, found ? &target : NULL, now);
	else
		act_command(app->act, command, found ? &target : NULL, now);
	app_act_notice(app);
}

void
app_act_event(struct app *app, const struct input_event *event)
{
	struct act_out *out = mem_calloc(1, sizeof(*out));

	if (out == NULL)
		return;
	act_event(app->act, event, clock_now(), out);
	app_act_notice(app);
	if (out->copy[0] != '\0')
		app_copy(app, out->copy);
	if (out->panel != NULL)
		app_go_name(app, out->panel, TEXT_EMPTY, TEXT_EMPTY);
	if (out->quit)
		loop_quit(app->loop);
	mem_free(out);
}

/* The dialog is about now, also while the picture behind it stands still. */
void
app_draw_act(struct app *app, int64_t now, const struct layout *layout)
{
	struct panel_ctx ctx = app_panel_ctx(app, now);
	struct rect area = layout->body;

	ctx.now = now;
	ctx.wall_ms = clock_wall_ms();
	area.h = app->canvas->h - area.y;
	act_draw(app->act, &ctx, app->canvas, area, false);
}

/* Which mitigations fit what is selected, for the footer. */
void
app_hints(struct app *app, int64_t now, struct layout_view *view)
{
	struct panel_target target;
	bool found = app_target(app, now, &target);

	for (size_t i = 0; i < ACT_FOOTER_COUNT; i++) {
		struct layout_act *act = &view->acts[view->act_count];
		const char *word =
		    act_hint(app->act, act_footer[i], found ? &target : NULL);

		if (word[0] == '\0')
			continue;
		act->command = act_footer[i];
		text_keep(act->word, sizeof(act->word), text_lit(word));
		view->act_count++;
	}
}

/* For panels whose rows say what can be done about them. */
static bool
app_best(
    void *ctx, const struct panel_target *target, struct panel_hint *ret_hint)
{
	const struct app *app = ctx;

	return act_best(app->act, target, ret_hint);
}

void
app_hints_init(struct app *app)
{
	app->panel_hints = (struct panel_hints) { app_best, app };
}

int64_t
app_act_tick(struct app *app, int64_t now)
{
	bool changed = false;
	int64_t next =
	    act_tick(app->act, loop_fed_at(app->loop), now, &changed);

	app_act_notice(app);
	if (changed) {
		app->drawn = false;
		loop_urgent(app->loop);
	}
	return next;
}
