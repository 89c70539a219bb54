/*
 * sevtop's own health: every source with its age and its words; Enter shows
 * everything that one of them says.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "model/board.h"
#include "model/history.h"
#include "model/logstore.h"
#include "panels/box.h"
#include "panels/list_panel.h"
#include "panels/page.h"
#include "panels/pick.h"
#include "panels/table.h"
#include "panels/table_list.h"

enum {
	BELOW_H_MIN = 4 /* a title and some words of the selected source */
};

enum source_column {
	COL_NAME,
	COL_STATE,
	COL_AGE,
	COL_WORDS,
	COL_TYPE,
	COL_LATENCY,
	COL_EVERY,
	COL_POLLS,
	COL_FAILURES,
	COL_PLATFORM,
	COL_COUNT,
};

static const struct list_column columns[COL_COUNT] = {
	[COL_NAME] = { TEXT_INIT("source"), 10, 20, 0, false },
	[COL_STATE] = { TEXT_INIT("state"), 9, 10, 0, false },
	[COL_AGE] = { TEXT_INIT("age"), 5, 7, 1, true },
	[COL_WORDS] = { TEXT_INIT("what it says"), 40, 0, 2, false },
	[COL_TYPE] = { TEXT_INIT("type"), 17, 18, 5, false },
	[COL_LATENCY] = { TEXT_INIT("took"), 7, 8, 3, true },
	[COL_EVERY] = { TEXT_INIT("every"), 5, 7, 6, true },
	[COL_POLLS] = { TEXT_INIT("polls"), 6, 8, 7, true },
	[COL_FAILURES] = { TEXT_INIT("failed"), 6, 7, 4, true },
	[COL_PLATFORM] = { TEXT_INIT("platform"), 10, 16, 8, false },
};

static struct text
row_key(const void *ctx, size_t row)
{
	const struct section *section = pick_source(ctx, row);

	if (section == NULL)
		return TEXT("(not started)");
	return text_lit(section->key);
}

static enum state
row_state(const void *ctx, size_t row)
{
	const struct panel_ctx *panel = ctx;
	const struct section *section = pick_source(panel, row);

	return section != NULL ? pick_section_state(section, panel->now)
			       : STATE_UNKNOWN;
}

static double
row_num(const void *ctx, size_t row, size_t column)
{
	const struct panel_ctx *panel = ctx;
	const struct section *section = pick_source(panel, row);

	if (section == NULL)
		return NAN;
	switch (column) {
	case COL_STATE:
		return row_state(ctx, row);
	case COL_AGE:
		return section->good_at != 0
			   ? (double)(panel->now - section->good_at)
			   : INFINITY;
	case COL_LATENCY:
		return (double)section->latency_ns;
	case COL_EVERY:
		return (double)section->every_ns;
	case COL_POLLS:
		return (double)section->polls;
	case COL_FAILURES:
		return section->failures;
	default:
		return NAN;
	}
}

/* What it answers may be bad news: then "ok" would be the wrong word. */
static struct text
answer_word(enum state state)
{
	switch (state) {
	case STATE_OK:
		return TEXT("ok");
	case STATE_WARN:
		return TEXT("! warn");
	case STATE_CRIT:
		return TEXT("✗ bad");
	case STATE_UNKNOWN:
		break;
	}
	return TEXT("? unknown");
}

static struct text
row_word(const struct section *section, enum state state, int64_t now)
{
	switch (section_freshness(section, now)) {
	case FRESH_ABSENT:
		return TEXT("not there");
	case FRESH_FIRST:
		return TEXT("first…");
	case FRESH_OK:
		return answer_word(state);
	case FRESH_STALE:
		if (section->code == ERR_OK)
			return TEXT("STALE");
		break;
	case FRESH_DOWN:
		break;
	}
	return text_lit(section_word(section));
}

/* The reason of a failure, else the worst thing that it says. */
static void
row_words(const struct section *section, int64_t now, struct text_buf *out)
{
	const struct payload *payload = section->payload;

	if (section->code != ERR_OK) {
		tb_text(out, section->why);
		if (section->next_at > now) {
			tb_lit(out, ", retry in ");
			tb_duration(
			    out, section->next_at - now + NS_PER_SEC / 2);
		}
		return;
	}
	for (size_t i = 0; payload != NULL && i < payload->health_count; i++) {
		const struct health *row = &payload->health[i];

		if (row->state == STATE_OK)
			continue;
		tb_text(out, row->target);
		tb_lit(out, " ");
		tb_text(out, row->detail);
		tb_lit(out, "  ");
	}
	if (out->width == 0 && payload != NULL && payload->note.len > 0)
		tb_text(out, payload->note);
	else if (out->width == 0 && payload != NULL &&
		 payload->health_count > 0)
		tb_text(out, payload->health[0].detail);
}

static void
row_cell(const void *ctx, size_t row, size_t column, struct text_buf *out)
{
	const struct panel_ctx *panel = ctx;
	const struct section *section = pick_source(panel, row);

	if (section == NULL)
		return;
	switch (column) {
	case COL_NAME:
		pick_put_source(out, panel, section);
		break;
	case COL_STATE:
		tb_text(
		    out, row_word(section, row_state(ctx, row), panel->now));
		break;
	case COL_AGE:
		if (section->good_at == 0)
			tb_num(out, NAN, NUM_NONE);
		else if (panel->now - section->good_at < NS_PER_SEC)
			tb_lit(out, "0s");
		else
			tb_duration(out, panel->now - section->good_at);
		break;
	case COL_WORDS:
		row_words(section, panel->now, out);
		break;
	case COL_TYPE:
		tb_fmt(out, "%s", section->type);
		break;
	case COL_LATENCY:
		if (section->latency_ns < 0)
			tb_num(out, NAN, NUM_NONE);
		else
			tb_num(out, (double)section->latency_ns / 1e9,
			    NUM_SECONDS);
		break;
	case COL_EVERY:
		tb_duration(out, section->every_ns);
		break;
	case COL_POLLS:
		tb_int(out, (int64_t)section->polls);
		break;
	case COL_FAILURES:
		tb_int(out, section->failures);
		break;
	case COL_PLATFORM:
		tb_fmt(out, "%s", section->platform);
		break;
	default:
		break;
	}
}

/* Optional, and not there: nothing to worry about. */
static bool
row_absent(const void *ctx, size_t row)
{
	const struct panel_ctx *panel = ctx;
	const struct section *section = pick_source(panel, row);

	return section != NULL &&
	       section_freshness(section, panel->now) == FRESH_ABSENT;
}

static struct list_data
sources_data(const struct panel_ctx *ctx)
{
	return (struct list_data) {
		.ctx = ctx,
		.count = pick_source_count(ctx),
		.key = row_key,
		.state = row_state,
		.cell = row_cell,
		.num = row_num,
		.stale = row_absent,
		.columns = columns,
		.column_count = COL_COUNT,
		.state_column = COL_STATE,
	};
}

/* What sevtop itself uses. */
static void
draw_own(const struct panel_ctx *ctx, struct canvas *canvas, struct rect row)
{
	struct text_buf tb;
	size_t bytes, series;

	tb_init(&tb);
	if (ctx->history != NULL) {
		history_usage(ctx->history, &bytes, &series);
		tb_fmt(&tb, "history: %zu series, ", series);
		tb_num(&tb, (double)bytes, NUM_BYTES);
	}
	if (ctx->logs != NULL) {
		struct logstore_stats stats;

		logstore_stats(ctx->logs, &stats);
		tb_lit(&tb, "   log lines: ");
		tb_int(&tb, (int64_t)(stats.next_seq - stats.first_seq));
		tb_lit(&tb, " in ");
		tb_num(&tb, (double)stats.bytes, NUM_BYTES);
		tb_lit(&tb, ", ");
		tb_int(&tb, (int64_t)stats.evicted);
		tb_lit(&tb, " made room, ");
		tb_int(&tb, (int64_t)stats.dropped);
		tb_lit(&tb, " dropped");
	}
	canvas_text_cut(
	    canvas, row, row.y, row.x + 2, row.w - 2, tb_end(&tb), ROLE_DIM, 0);
}

/* Draws text at a line of the scrolled page. */
static void
put_line(struct canvas *canvas, struct rect area, int line, int x,
    struct text text, enum role role)
{
	if (line >= 0 && line < area.h)
		canvas_text_cut(canvas, area, area.y + line, area.x + x,
		    area.w - x, text, role, 0);
}

/* Where the words begin: behind the longest name, if there is room. */
static int
detail_column(const struct payload *payload, int width)
{
	uint32_t longest = 23;

	for (size_t i = 0; i < payload->health_count; i++) {
		if (payload->health[i].target.width > longest)
			longest = payload->health[i].target.width;
	}
	return (int)longest + 7 < width / 2 ? (int)longest + 7 : width / 2;
}

/* What is not well comes first. */
static void
page_health(struct page *page, const struct payload *payload)
{
	int x = detail_column(payload, page->area.w);
	struct rect names = page->area;

	names.w = x - 1;
	for (size_t i = 0; i < 2 * payload->health_count; i++) {
		const struct health *row =
		    &payload->health[i % payload->health_count];
		bool good = row->state == STATE_OK;
		int line = page->y - page->skip;

		if (good != (i >= payload->health_count))
			continue;
		if (page->canvas != NULL) {
			put_line(page->canvas, page->area, line, 2,
			    state_sign(row->state), state_role(row->state));
			put_line(page->canvas, names, line, 5, row->target,
			    ROLE_TEXT);
		}
		page_words(page, x, row->detail,
		    good ? ROLE_DIM : state_role(row->state));
	}
}

/* Why there is no answer, and how it is by the last one. */
static void
page_state(struct page *page, const struct section *section, bool absent)
{
	if (section->why.len > 0) {
		page_words(
		    page, 2, section->why, absent ? ROLE_DIM : ROLE_CRIT);
		page_gap(page);
	}
	if (section->payload != NULL)
		page_health(page, section->payload);
}

static int
draw_tables(const struct panel_ctx *ctx, const struct payload *payload,
    struct canvas *canvas, struct rect area, int line)
{
	for (size_t t = 0; t < payload->table_count; t++) {
		const struct table *table = &payload->tables[t];
		struct list_view view = { .page = (int)table->row_count + 1 };
		struct table_list list;
		struct list_data data = table_list(&list, table, ctx);
		int h = (int)table->row_count + 1;
		struct text_buf tb;

		tb_init(&tb);
		tb_text(&tb, table->name);
		if (table->row_total > table->row_count)
			tb_fmt(&tb, ": %zu of %zu rows", table->row_count,
			    table->row_total);
		put_line(canvas, area, line++, 0, tb_end(&tb), ROLE_TITLE);
		if (line + h > 0 && line < area.h)
			list_draw(&view, &data, canvas,
			    rect_clip(area, (struct rect) { area.y + line,
						area.x, h, area.w }),
			    TEXT("no rows"), false);
		line += h + 1;
	}
	return line;
}

static int
draw_metrics(const struct payload *payload, struct canvas *canvas,
    struct rect area, int line)
{
	for (size_t i = 0; i < payload->metric_count && line < area.h;
	     i++, line++) {
		struct text_buf tb;

		tb_init(&tb);
		tb_num(
		    &tb, payload->metrics[i].value, payload->metrics[i].unit);
		if (line >= 0)
			canvas_text_right(canvas, area, area.y + line,
			    area.x + 2, 12, tb_end(&tb), ROLE_TEXT, 0);
		tb_init(&tb);
		pick_metric_name(&tb, &payload->metrics[i]);
		put_line(canvas, area, line, 16, tb_end(&tb), ROLE_DIM);
	}
	return line;
}

/* How many lines draw_open() has below its title, w wide. */
static int
open_lines(const struct section *section, int w)
{
	const struct payload *payload = section->payload;
	struct page page = { .area = { 0, 0, 0, w } };

	page_state(&page, section, false);
	if (payload == NULL)
		return page.y;
	for (size_t t = 0; t < payload->table_count; t++)
		page.y += (int)payload->tables[t].row_count + 3;
	return page.y + (int)payload->metric_count + 2;
}

static void
draw_open(const struct panel_ctx *ctx, struct canvas *canvas, struct rect area,
    const struct section *section, int scroll)
{
	const struct payload *payload = section->payload;
	bool absent = section_freshness(section, ctx->now) == FRESH_ABSENT;
	struct text_buf tb;
	struct page page = { .canvas = canvas, .skip = scroll };
	struct rect body;
	int line;

	tb_init(&tb);
	tb_fmt(&tb, "%s  %s", section->name, section->type);
	if (payload != NULL && payload->note.len > 0) {
		tb_lit(&tb, "  ");
		tb_text(&tb, payload->note);
	}
	body = box_section(canvas, area, tb_end(&tb), section, ctx->now);
	page.area = body;
	page_state(&page, section, absent);
	line = page.y - scroll;
	if (payload == NULL && absent) {
		put_line(canvas, body, line, 2,
		    TEXT("It is optional and not missed before it has "
			 "answered once."),
		    ROLE_DIM);
		return;
	}
	if (payload == NULL) {
		if (section->why.len == 0)
			box_words(
			    canvas, body, TEXT("no answer yet"), ROLE_UNKNOWN);
		return;
	}
	line = draw_tables(ctx, payload, canvas, body, line + 1);
	tb_init(&tb);
	tb_fmt(&tb, "%zu metrics", payload->metric_count);
	if (payload->metric_total > payload->metric_count)
		tb_fmt(&tb, " of %zu", payload->metric_total);
	put_line(canvas, body, line++, 0, tb_end(&tb), ROLE_TITLE);
	draw_metrics(payload, canvas, body, line);
	box_dim(canvas, body, section, ctx->now);
}

static void
sources_draw(void *opaque, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	struct list_panel *view = opaque;
	struct list_data data = sources_data(ctx);
	size_t selected = list_selected(&view->list, &data);
	struct text_buf title;
	struct rect body, below = area;
	int rows = (int)data.count + 2;

	if (view->open && selected != SIZE_MAX &&
	    pick_source(ctx, selected) != NULL) {
		const struct section *section = pick_source(ctx, selected);

		list_panel_settle(
		    view, open_lines(section, area.w), area.h - 1);
		draw_open(ctx, canvas, area, section, view->scroll);
		return;
	}
	body = box_below(area);
	if (body.h > 4) {
		draw_own(ctx, canvas,
		    (struct rect) { body.y + body.h - 1, body.x, 1, body.w });
		body.h--;
	}
	below.h = body.y + body.h - (area.y + rows);
	if (below.h >= BELOW_H_MIN) {
		body.h -= below.h;
		below.y = area.y + rows;
	}
	list_draw(&view->list, &data, canvas, body,
	    TEXT("no sources are configured"), true);
	selected = list_selected(&view->list, &data);
	if (below.h >= BELOW_H_MIN && selected != SIZE_MAX &&
	    pick_source(ctx, selected) != NULL)
		draw_open(ctx, canvas, below, pick_source(ctx, selected), 0);
	tb_init(&title);
	tb_lit(&title, "sources ");
	list_count(&view->list, &title);
	box_title(canvas, area, tb_end(&title), TEXT_EMPTY, ROLE_DIM);
}

static enum panel_result
sources_command(void *opaque, const struct panel_ctx *ctx, enum command command,
    struct panel_out *out)
{
	struct list_panel *view = opaque;
	struct list_data data = sources_data(ctx);

	if (view->open)
		return list_panel_scroll(view, command);
	return list_panel_command(view, &data, command, out);
}

static bool
has_row(const struct section *section, struct text target)
{
	const struct payload *payload = section->payload;

	for (size_t h = 0; payload != NULL && h < payload->health_count; h++) {
		if (text_eq(payload->health[h].target, target))
			return true;
	}
	return false;
}

/* By key or name, or the source that has a health row of that name. */
static void
sources_show(void *opaque, const struct panel_ctx *ctx, struct text arg)
{
	struct list_panel *view = opaque;
	size_t found = SIZE_MAX, row = SIZE_MAX;

	for (size_t i = 0; i < pick_source_count(ctx); i++) {
		const struct section *section = pick_source(ctx, i);

		if (section == NULL)
			continue;
		if (text_eq(text_lit(section->key), arg) ||
		    (found == SIZE_MAX &&
			text_eq(text_lit(section->name), arg)))
			found = i;
		if (row == SIZE_MAX && has_row(section, arg))
			row = i;
	}
	if (found == SIZE_MAX)
		found = row;
	if (found == SIZE_MAX)
		return;
	list_select(&view->list, row_key(ctx, found));
	view->open = true;
}

/* A source as a whole. */
static bool
sources_target(
    const void *opaque, const struct panel_ctx *ctx, struct panel_target *out)
{
	const struct list_panel *view = opaque;
	struct list_data data = sources_data(ctx);
	size_t at = list_selected(&view->list, &data);

	if (at == SIZE_MAX || view->list.shown == 0)
		return false;
	out->section = pick_source(ctx, at);
	return out->section != NULL;
}

const struct panel_ops panel_sources = {
	.name = "sources",
	.help = "what is asked, how fresh each answer is, and why not",
	.key = '0',
	.view_size = sizeof(struct list_panel),
	.commands = (const enum command[]) { LIST_PANEL_COMMANDS,
	    COMMAND_REFRESH, COMMAND_NONE },
	.release = list_panel_release,
	.draw = sources_draw,
	.command = sources_command,
	.typed = list_panel_typed,
	.show = sources_show,
	.target = sources_target,
};
