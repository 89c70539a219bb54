/*
 * Flags: value, since when, by whom and where each is kept; kill switches
 * among them. Below the list, or large after Enter, the selected one with
 * what changed about it. Reads the tables "flags" of any source.
 */
#include <math.h>

#include "base/clock.h"
#include "panels/box.h"
#include "panels/list_panel.h"
#include "panels/page.h"
#include "panels/pick.h"
#include "panels/table.h"
#include "panels/table_rows.h"

enum {
	BELOW_H_MIN = 4, /* of the selected flag; fewer rows say nothing */
	BELOW_H_MAX = 10,
};

enum flags_column {
	COL_NAME,
	COL_VALUE,
	COL_SINCE,
	COL_WHO,
	COL_BACKEND,
	COL_NOTE,
	COL_SOURCE,
	COL_COUNT,
};

static const struct rows_column columns[COL_COUNT] = {
	[COL_NAME] = { .column = "name",
	    .list = { TEXT_INIT("flag"), 14, 24, 0, false } },
	[COL_VALUE] = { .column = "value",
	    .list = { TEXT_INIT("value"), 11, 18, 0, false } },
	[COL_SINCE] = { .column = "since",
	    .list = { TEXT_INIT("since"), 14, 14, 1, false },
	    .sparse = true },
	[COL_WHO] = { .column = "who",
	    .list = { TEXT_INIT("who"), 6, 16, 3, false },
	    .sparse = true },
	[COL_BACKEND] = { .column = "backend",
	    .list = { TEXT_INIT("kept in"), 28, 28, 4, false } },
	[COL_NOTE] = { .column = "note",
	    .list = { TEXT_INIT("note"), 20, 0, 2, false } },
	[COL_SOURCE] = { .list = { TEXT_INIT("source"), 10, 20, 5, false },
	    .source = true },
};

static const struct rows_want flags_rows = {
	.table = "flags",
	.columns = columns,
	.column_count = COL_COUNT,
	.state_column = COL_VALUE,
	.match = table_rows_words,
	.tags = true,
};

/* What was seen to change about it, the newest first. */
static void
page_changes(struct page *page, const struct panel_ctx *ctx, struct text flag)
{
	const struct payload *watched = pick_watched(ctx);
	bool any = false;

	for (size_t i = watched->event_count; i > 0; i--) {
		const struct event *event = &watched->events[i - 1];
		struct text_buf tb;

		if (event->kind != EVENT_FLAG || !text_eq(event->subject, flag))
			continue;
		tb_init(&tb);
		when_clock(&tb, ctx, event->wall_ms);
		tb_lit(&tb, "  ");
		tb_text(&tb, event->text);
		page_row(page, 2, tb_end(&tb), ROLE_TEXT);
		any = true;
	}
	if (!any)
		page_row(page, 2, TEXT("no change of it was seen from here"),
		    ROLE_DIM);
}

static void
page_flag(
    struct page *page, const struct panel_ctx *ctx, const struct table_ref *ref)
{
	enum state state = ref->table->rows[ref->row].state;
	struct text_buf tb;

	page_fact(page, TEXT("value"), ref_text(ref, "value"),
	    state == STATE_OK ? ROLE_TEXT : state_role(state));
	if (!isnan(ref_num(ref, "since"))) {
		tb_init(&tb);
		when_cell(&tb, ctx, ref_num(ref, "since"));
		page_fact(page, TEXT("since"), tb_end(&tb), ROLE_TEXT);
	}
	if (ref_text(ref, "who").len > 0)
		page_fact(page, TEXT("by"), ref_text(ref, "who"), ROLE_TEXT);
	page_fact(page, TEXT("kept in"), ref_text(ref, "backend"), ROLE_TEXT);
	page_end(page);
	if (ref_text(ref, "note").len > 0)
		page_words(page, 2, ref_text(ref, "note"),
		    state == STATE_OK ? ROLE_DIM : state_role(state));
	page_gap(page);
	page_title(page, TEXT("what changed"));
	page_changes(page, ctx, ref_text(ref, "name"));
}

static void
draw_open(struct list_panel *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct table_ref *ref)
{
	struct page page = { .area = box_below(area) };

	box_title(canvas, area, ref_text(ref, "name"), TEXT_EMPTY, ROLE_DIM);
	page_flag(&page, ctx, ref);
	list_panel_settle(view, page.y, page.area.h);
	page = (struct page) {
		.canvas = canvas, .area = box_below(area), .skip = view->scroll
	};
	page_flag(&page, ctx, ref);
}

/* How to get something to see here. */
static void
draw_nothing(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	struct page page = { .canvas = canvas };
	struct text_buf words;

	page.area =
	    box_title(canvas, area, TEXT("flags"), TEXT_EMPTY, ROLE_DIM);
	tb_init(&words);
	pick_nothing(ctx, "flags", TEXT("no flags are configured"), &words);
	page_words(&page, 0, tb_end(&words), ROLE_DIM);
	page_row(&page, 4, TEXT("flags:"), ROLE_TEXT);
	page_row(&page, 6,
	    TEXT("throttle: {type: redis, source: redis, name: flags, field: "
		 "throttle}"),
	    ROLE_TEXT);
}

static void
draw_list(struct list_panel *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct table_rows *rows,
    const struct list_data *data)
{
	struct page page = { .canvas = canvas };
	struct rect below = area;
	struct text_buf title;
	size_t selected;

	below.h = area.h - (int)rows->count - 3;
	if (below.h > BELOW_H_MAX)
		below.h = BELOW_H_MAX;
	if (below.h < BELOW_H_MIN)
		below.h = area.h / 3 >= BELOW_H_MIN ? area.h / 3 : 0;
	area.h -= below.h;
	below.y = area.y + area.h;
	list_draw(&view->list, data, canvas, box_below(area), TEXT_EMPTY, true);
	tb_init(&title);
	tb_lit(&title, "flags ");
	list_count(&view->list, &title);
	selected = list_selected(&view->list, data);
	box_section(canvas, area, tb_end(&title),
	    rows->refs[selected != SIZE_MAX ? selected : 0].section, ctx->now);
	if (below.h == 0 || selected == SIZE_MAX)
		return;
	page.area = box_title(canvas, below,
	    ref_text(&rows->refs[selected], "name"), TEXT_EMPTY, ROLE_DIM);
	page_flag(&page, ctx, &rows->refs[selected]);
}

static void
flags_draw(void *opaque, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	struct list_panel *view = opaque;
	struct table_rows rows;
	struct list_data data;
	size_t selected;

	if (table_rows_collect(&rows, ctx, &flags_rows)) {
		data = table_rows_data(&rows);
		selected = list_selected(&view->list, &data);
		if (rows.count == 0)
			draw_nothing(ctx, canvas, area);
		else if (view->open && selected != SIZE_MAX)
			draw_open(
			    view, ctx, canvas, area, &rows.refs[selected]);
		else
			draw_list(view, ctx, canvas, area, &rows, &data);
	}
	table_rows_release(&rows);
}

static enum panel_result
flags_command(void *opaque, const struct panel_ctx *ctx, enum command command,
    struct panel_out *out)
{
	struct list_panel *view = opaque;
	enum panel_result result = PANEL_IGNORED;
	struct table_rows rows;
	struct list_data data;

	if (table_rows_collect(&rows, ctx, &flags_rows)) {
		data = table_rows_data(&rows);
		if (view->open)
			result = list_panel_scroll(view, command);
		if (result == PANEL_IGNORED)
			result = list_panel_command(view, &data, command, out);
	}
	table_rows_release(&rows);
	return result;
}

static void
flags_show(void *opaque, const struct panel_ctx *ctx, struct text arg)
{
	struct list_panel *view = opaque;
	struct table_rows rows;

	if (table_rows_collect(&rows, ctx, &flags_rows))
		(void)table_rows_select(&rows, &view->list, arg);
	table_rows_release(&rows);
}

static bool
flags_target(
    const void *opaque, const struct panel_ctx *ctx, struct panel_target *out)
{
	const struct list_panel *view = opaque;
	struct table_rows rows;
	bool found = table_rows_collect(&rows, ctx, &flags_rows) &&
		     table_rows_target(&rows, &view->list, out);

	table_rows_release(&rows);
	return found;
}

const struct panel_ops panel_flags = {
	.name = "flags",
	.help = "feature flags and kill switches, since when and by whom",
	.key = 'b',
	.view_size = sizeof(struct list_panel),
	.commands =
	    (const enum command[]) { LIST_PANEL_TAG_COMMANDS, COMMAND_NONE },
	.release = list_panel_release,
	.draw = flags_draw,
	.command = flags_command,
	.typed = list_panel_typed,
	.show = flags_show,
	.target = flags_target,
};
