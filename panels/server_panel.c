#include "panels/server_panel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "panels/box.h"
#include "panels/pick.h"

enum {
	CHARTS_H_MIN = 8,
	CHARTS_H_MAX = 25,
};

/* Rows of a view, over all servers. */
static double
count_rows(const struct panel_ctx *ctx, const struct server_view *view)
{
	const struct rows_want *want = &view->rows;
	const struct section *section;
	const struct table *table;
	double n = 0;

	for (size_t t = 0; pick_table(ctx, want->table, t, &section, &table);
	     t++) {
		for (size_t r = 0; r < table->row_count; r++) {
			if (view->counts != NULL)
				n += view->counts(table, r);
			else
				n += want->rank == NULL ||
				     !isnan(want->rank(table, r));
		}
	}
	return n;
}

static void
draw_tabs(const struct server_panel *panel, const struct views *views,
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect row)
{
	struct tab tabs[VIEWS_MAX];

	for (size_t i = 0; i < panel->view_count; i++) {
		tabs[i] = (struct tab) {
			.name = text_lit(panel->views[i].name),
			.count = count_rows(ctx, &panel->views[i]),
			.role = ROLE_DIM,
		};
		if (panel->views[i].alarm && tabs[i].count > 0)
			tabs[i].role = ROLE_WARN;
	}
	views_tabs(views, canvas, row, tabs, panel->view_count);
}

/* Why there are no rows: what a server says of them, else our words. */
static struct text
reason_of(const struct server_panel *panel, const struct panel_ctx *ctx,
    const struct server_view *view, const struct table_rows *rows)
{
	for (size_t i = 0; i < pick_source_count(ctx); i++) {
		const struct section *section = pick_source(ctx, i);
		const struct health *health =
		    view->target != NULL ? pick_health(section, view->target)
					 : NULL;

		if (health != NULL &&
		    (health->state != STATE_OK || view->none == NULL) &&
		    strcmp(section->type, panel->servers.type) == 0)
			return health->detail;
	}
	if (view->missing != NULL && (rows->sources == 0 || view->none == NULL))
		return text_lit(view->missing);
	return text_lit(view->none != NULL ? view->none : "");
}

/* The server that the selected row is of, over the last minutes. */
static void
draw_charts(const struct server_panel *panel, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, size_t slot)
{
	const struct section *section = pick_source(ctx, slot);
	struct text_buf title, last;

	tb_init(&title);
	pick_put_source(&title, ctx, section);
	tb_init(&last);
	put_last(&last, ctx);
	area = box_title(canvas, area, tb_end(&title), tb_end(&last), ROLE_DIM);
	servers_charts(
	    ctx, canvas, area, slot, panel->charts, panel->chart_count);
}

static void
draw_list(const struct server_panel *panel, struct views *views,
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area,
    const struct table_rows *rows, const struct list_data *data)
{
	const struct server_view *view = &panel->views[views->at];
	int head = servers_draw(&panel->servers, ctx, canvas, area);
	size_t slot = servers_first(ctx, panel->servers.type), selected;
	struct rect tabs = { area.y + head, area.x, 0, area.w };
	struct rect charts = area;
	struct text_buf words;

	area.y += head;
	area.h -= head;
	if (slot != SIZE_MAX && area.h > 2) {
		tabs.h = 1;
		area = box_below(area);
	}
	charts.h = area.h - panel->list_h;
	if (charts.h > area.h / 2)
		charts.h =
		    area.h / 2 > CHARTS_H_MIN ? area.h / 2 : CHARTS_H_MIN;
	if (charts.h > CHARTS_H_MAX)
		charts.h = CHARTS_H_MAX;
	if (charts.h < CHARTS_H_MIN || charts.h > area.h - panel->list_h)
		charts.h = 0;
	area.h -= charts.h;
	charts.y = area.y + area.h;
	pick_nothing(ctx, panel->servers.type,
	    reason_of(panel, ctx, view, rows), &words);
	list_draw(&views->panel.list, data, canvas, area, tb_end(&words), true);
	draw_tabs(panel, views, ctx, canvas, tabs);
	selected = list_selected(&views->panel.list, data);
	if (selected != SIZE_MAX)
		slot = rows->refs[selected].slot;
	if (charts.h > 0 && slot != SIZE_MAX)
		draw_charts(panel, ctx, canvas, charts, slot);
}

static void
draw_detail(const struct server_panel *panel, struct views *views,
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area,
    const struct table_ref *ref)
{
	struct page page = { .area = box_below(area) };
	struct text_buf title;

	tb_init(&title);
	if (panel->title != NULL) {
		panel->title(&title, ctx, ref);
	} else {
		tb_text(&title, ref->table->name);
		tb_lit(&title, "  ");
		tb_text(&title, ref->table->rows[ref->row].key);
	}
	tb_lit(&title, "  on ");
	pick_put_source(&title, ctx, ref->section);
	box_section(canvas, area, tb_end(&title), ref->section, ctx->now);
	panel->detail(&page, ctx, ref);
	page_end(&page);
	list_panel_settle(&views->panel, page.y, page.area.h);
	page = (struct page) { .canvas = canvas,
		.area = box_below(area),
		.skip = views->panel.scroll };
	panel->detail(&page, ctx, ref);
	box_dim(canvas, page.area, ref->section, ctx->now);
}

void
server_panel_draw(const struct server_panel *panel, struct views *views,
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	struct table_rows rows;
	struct list_data data;
	size_t selected;

	if (!table_rows_collect(&rows, ctx, &panel->views[views->at].rows))
		goto out;
	data = table_rows_data(&rows);
	views_settle(views, &data);
	selected = list_selected(&views->panel.list, &data);
	if (views->panel.open && selected != SIZE_MAX)
		draw_detail(
		    panel, views, ctx, canvas, area, &rows.refs[selected]);
	else
		draw_list(panel, views, ctx, canvas, area, &rows, &data);
out:
	table_rows_release(&rows);
}

/* The longest text of the selected row, or all that it says. */
static enum panel_result
copy_row(const struct server_panel *panel, const struct table_rows *rows,
    const struct list_view *view, const struct list_data *data,
    struct panel_out *out)
{
	struct buf buf = BUF_INIT(sizeof(out->copy));
	size_t selected = list_selected(view, data);
	struct text text;

	if (selected == SIZE_MAX)
		return PANEL_IGNORED;
	text = ref_text(&rows->refs[selected], panel->copy);
	if (text.len == 0)
		text = table_rows_words(&rows->refs[selected], rows->arena);
	text_plain(&buf, text);
	snprintf(out->copy, sizeof(out->copy), "%s", buf_cstr(&buf));
	buf_release(&buf);
	return PANEL_COPY;
}

enum panel_result
server_panel_command(const struct server_panel *panel, struct views *views,
    const struct panel_ctx *ctx, enum command command, struct panel_out *out)
{
	enum panel_result result = PANEL_IGNORED;
	struct table_rows rows;
	struct list_data data;

	if (views_command(views, panel->view_count, command))
		return PANEL_DONE;
	if (!table_rows_collect(&rows, ctx, &panel->views[views->at].rows))
		goto out;
	data = table_rows_data(&rows);
	views_settle(views, &data);
	if (command == COMMAND_COPY)
		result = copy_row(panel, &rows, &views->panel.list, &data, out);
	else if (views->panel.open)
		result = list_panel_scroll(&views->panel, command);
	else
		result = list_panel_command(&views->panel, &data, command, out);
out:
	table_rows_release(&rows);
	return result;
}

/* The only server of the type, as a whole; several can't be told apart. */
static bool
target_server(const struct server_panel *panel, const struct panel_ctx *ctx,
    struct panel_target *out)
{
	const struct section *found = NULL;

	for (size_t slot = 0; slot < pick_source_count(ctx); slot++) {
		const struct section *section = pick_source(ctx, slot);

		if (section == NULL ||
		    strcmp(section->type, panel->servers.type) != 0)
			continue;
		if (found != NULL)
			return false;
		found = section;
	}
	out->section = found;
	return found != NULL;
}

bool
server_panel_target(const struct server_panel *panel, const struct views *views,
    const struct panel_ctx *ctx, struct panel_target *out)
{
	struct table_rows rows;
	bool found =
	    table_rows_collect(&rows, ctx, &panel->views[views->at].rows) &&
	    table_rows_target(&rows, &views->panel.list, out);

	table_rows_release(&rows);
	return found || target_server(panel, ctx, out);
}

bool
server_panel_show(
    const struct server_panel *panel, struct views *views, struct text arg)
{
	for (size_t i = 0; i < panel->view_count; i++) {
		if (panel->views[i].target == NULL ||
		    !text_eq(text_lit(panel->views[i].target), arg))
			continue;
		views_go(views, i);
		return true;
	}
	return false;
}

/* Whether text ends so; *out is what stands before. */
static bool
ends_with(struct text text, const char *end, struct text *out)
{
	size_t len = strlen(end);

	if (text.len <= len || memcmp(text.s + text.len - len, end, len) != 0)
		return false;
	*out = text_cut(text, text.width - (uint32_t)len);
	return true;
}

/* "xact_s" with its value reads "xact for 41m", "mean_ms" "mean 1.5 s". */
static void
page_column(struct page *page, const struct panel_ctx *ctx,
    const struct table_ref *ref, size_t c)
{
	const struct column *column = &ref->table->columns[c];
	double value = ref->table->rows[ref->row].cells[c].num;
	struct text word = column->name;
	struct text_buf label, tb;

	tb_init(&tb);
	tb_init(&label);
	if (text_eq(column->name, TEXT("pid"))) {
		tb_fmt(&tb, "%.0f", value);
	} else if (ends_with(column->name, "_ms", &word)) {
		tb_num(&tb, value / 1000, NUM_SECONDS);
	} else if (column->unit == NUM_SECONDS &&
		   ends_with(column->name, "_s", &word)) {
		put_seconds(&tb, value);
	} else {
		ends_with(column->name, "_s", &word);
		put_cell(&tb, ctx, ref->table, ref->row, c);
	}
	for (uint32_t i = 0; i < word.len; i++)
		tb_text(&label, word.s[i] == '_'
				    ? TEXT(" ")
				    : (struct text) { &word.s[i], 1, 1 });
	if (column->unit == NUM_SECONDS && word.len < column->name.len)
		tb_lit(&label, " for");
	if (tb.width > 0)
		page_fact(page, tb_end(&label), tb_end(&tb), ROLE_TEXT);
}

void
page_record(struct page *page, const struct panel_ctx *ctx,
    const struct table_ref *ref, const char *without)
{
	for (size_t c = 0; c < ref->table->column_count; c++) {
		if (!text_eq(ref->table->columns[c].name, text_lit(without)))
			page_column(page, ctx, ref, c);
	}
	page_end(page);
}
