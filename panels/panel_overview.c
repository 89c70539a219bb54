/*
 * The overview: what is wrong, since when and what changed, what can be done,
 * evidence; in that order at every size.
 */
#include "panels/panel_overview.h"

#include <stdio.h>
#include <string.h>

#include "panels/box.h"
#include "panels/culprit.h"
#include "panels/pick.h"

/* From here on there is room for two columns and charts. */
enum {
	WIDE_W = 150,
	WIDE_H = 36
};

enum block {
	ALERTS,
	CHANGES,
	SIGNALS,
	DEPS,
	SOURCES,
	QUEUES,
	BLOCK_COUNT
};

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/*
 * Shares h rows among the blocks: first what each needs so as not to hide
 * what is wrong, in their order; then what they would like, evidence last.
 */
static void
share_rows(
    int h, const struct overview_rows want[BLOCK_COUNT], int got[BLOCK_COUNT])
{
	static const enum block first[] = { ALERTS, CHANGES, DEPS, SIGNALS,
		SOURCES, QUEUES };
	static const enum block second[] = { ALERTS, CHANGES, SIGNALS, DEPS,
		QUEUES, SOURCES };
	int half = h / 2;

	for (size_t i = 0; i < BLOCK_COUNT; i++) {
		enum block b = first[i];

		got[b] = least(want[b].least, b == ALERTS ? half : h);
		if (got[b] == 1)
			got[b] = 0; /* a title alone says nothing */
		h -= got[b];
	}
	for (size_t i = 0; i < BLOCK_COUNT && h > 0; i++) {
		enum block b = second[i];
		int more = least(want[b].want - got[b], h);

		if (b == ALERTS)
			more = least(more, half - got[b]);

		if (got[b] == 0 && more < 2)
			continue;
		got[b] += more;
		h -= more;
	}
}

static void
draw_block(struct overview_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, enum block block, struct rect area)
{
	switch (block) {
	case ALERTS:
		overview_alerts(view, ctx, canvas, area);
		break;
	case CHANGES:
		overview_changes(ctx, canvas, area);
		break;
	case SIGNALS:
		overview_signals(ctx, canvas, area);
		break;
	case DEPS:
		overview_deps(ctx, canvas, area);
		break;
	case SOURCES:
		overview_sources(ctx, canvas, area);
		break;
	case QUEUES:
		overview_queues(ctx, canvas, area);
		break;
	case BLOCK_COUNT:
		break;
	}
}

static void
draw_narrow(struct overview_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	const struct overview_rows want[BLOCK_COUNT] = {
		[ALERTS] = overview_alerts_rows(ctx),
		[CHANGES] = overview_changes_rows(ctx),
		[SIGNALS] = overview_signals_rows(ctx, area.w),
		[DEPS] = overview_deps_rows(ctx),
		[SOURCES] = overview_sources_rows(ctx),
		[QUEUES] = overview_queues_rows(ctx),
	};
	int got[BLOCK_COUNT], y = area.y;

	share_rows(area.h, want, got);
	for (enum block b = ALERTS; b < BLOCK_COUNT; b++) {
		if (got[b] > 0)
			draw_block(view, ctx, canvas, b,
			    (struct rect) { y, area.x, got[b], area.w });
		y += got[b];
	}
}

/* Who needs whom, sources, queues and errors, as far as they fit. */
static void
draw_right(const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	int tree = least(overview_tree_rows(ctx), area.h * 2 / 5);
	int left = area.h - tree;
	int sources = least(overview_sources_rows(ctx).want, left / 3 + 1);
	int queues = least(overview_queues_rows(ctx).want, left / 3);

	area.h = tree;
	if (tree > 0)
		overview_tree(ctx, canvas, area);
	area.y += tree;
	area.h = sources;
	overview_sources(ctx, canvas, area);
	area.y += sources;
	area.h = queues;
	overview_queues(ctx, canvas, area);
	area.y += queues;
	area.h = left - sources - queues;
	overview_errors(ctx, canvas, area);
}

static void
draw_wide(struct overview_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	int alerts = least(overview_alerts_rows(ctx).want, area.h / 4);
	int changes = least(overview_changes_rows(ctx).want, area.h / 6);
	int y = area.y, w = area.w * 11 / 20, h;

	overview_alerts(
	    view, ctx, canvas, (struct rect) { y, area.x, alerts, area.w });
	y += alerts;
	if (changes > 1) {
		overview_changes(
		    ctx, canvas, (struct rect) { y, area.x, changes, area.w });
		y += changes;
	}
	h = area.y + area.h - y;
	overview_charts(ctx, canvas, (struct rect) { y, area.x, h, w - 1 });
	draw_right(ctx, canvas,
	    (struct rect) { y, area.x + w + 1, h, area.w - w - 1 });
}

static void
overview_draw(void *view, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	if (area.w >= WIDE_W && area.h >= WIDE_H)
		draw_wide(view, ctx, canvas, area);
	else
		draw_narrow(view, ctx, canvas, area);
}

static void
move_to(struct overview_view *view, const struct alert *const *alerts,
    size_t count, size_t at)
{
	if (count == 0)
		return;
	view->chosen = true;
	view->at = at < count ? at : count - 1;
	view->selected = overview_alert_id(alerts[view->at]);
}

/*
 * The panel that knows most of what an alert without a row is about: the
 * chart of a signal, the server that said it, else its source.
 */
static const char *
panel_of(const struct panel_ctx *ctx, const struct alert *alert)
{
	char name[NAME_MAX_LEN];

	if (alert->is_signal)
		return "metrics";
	snprintf(
	    name, sizeof(name), "%.*s", (int)alert->name.len, alert->name.s);
	for (size_t i = 0; i < pick_source_count(ctx); i++) {
		const struct section *section = pick_source(ctx, i);

		if (section == NULL || (strcmp(section->name, name) != 0 &&
					   pick_health(section, name) == NULL))
			continue;
		if (strcmp(section->type, "postgres") == 0)
			return "database";
		if (strcmp(section->type, "redis") == 0)
			return "cache";
		return "sources";
	}
	return "sources";
}

static enum panel_result
open_alert(const struct overview_view *view, const struct panel_ctx *ctx,
    const struct alert *const *alerts, size_t count, struct panel_out *out)
{
	struct panel_target target = { .section = NULL };
	const struct alert *alert;

	if (count == 0) {
		out->notice = "no alert to open";
		return PANEL_DONE;
	}
	alert = alerts[view->at];
	culprit_find(ctx, alert, &target);
	if (target.table != NULL &&
	    text_eq(target.table->name, TEXT("queues"))) {
		out->panel = "queues";
		out->arg = target.row->key;
		return PANEL_GO;
	}
	out->panel = panel_of(ctx, alert);
	out->arg = alert->name;
	return PANEL_GO;
}

static enum panel_result
overview_command(void *opaque, const struct panel_ctx *ctx,
    enum command command, struct panel_out *out)
{
	struct overview_view *view = opaque;
	const struct alert *alerts[PAYLOAD_ALERTS_MAX];
	size_t count =
	    pick_alerts(pick_watched(ctx), alerts, PAYLOAD_ALERTS_MAX);

	if (view->at >= count)
		view->at = count > 0 ? count - 1 : 0;
	switch (command) {
	case COMMAND_DOWN:
		move_to(view, alerts, count, view->at + 1);
		return PANEL_DONE;
	case COMMAND_UP:
		move_to(view, alerts, count, view->at > 0 ? view->at - 1 : 0);
		return PANEL_DONE;
	case COMMAND_TOP:
		move_to(view, alerts, count, 0);
		return PANEL_DONE;
	case COMMAND_BOTTOM:
		move_to(view, alerts, count, count);
		return PANEL_DONE;
	case COMMAND_OPEN:
		return open_alert(view, ctx, alerts, count, out);
	case COMMAND_NEXT_ERROR:
		out->panel = "logs";
		return PANEL_GO;
	default:
		return PANEL_IGNORED;
	}
}

static bool
overview_target(
    const void *opaque, const struct panel_ctx *ctx, struct panel_target *out)
{
	const struct overview_view *view = opaque;
	const struct alert *alerts[PAYLOAD_ALERTS_MAX];
	size_t count =
	    pick_alerts(pick_watched(ctx), alerts, PAYLOAD_ALERTS_MAX);

	if (view->at >= count)
		return false;
	culprit_find(ctx, alerts[view->at], out);
	return true;
}

const struct panel_ops panel_overview = {
	.name = "overview",
	.help = "what is wrong, since when, what changed",
	.key = '1',
	.view_size = sizeof(struct overview_view),
	.commands =
	    (const enum command[]) {
		COMMAND_OPEN,
		COMMAND_NEXT_ERROR,
		COMMAND_NONE,
	    },
	.draw = overview_draw,
	.command = overview_command,
	.target = overview_target,
};
