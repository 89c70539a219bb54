/*
 * Queues: one row each with its counts and rates, the failures by reason
 * below; Enter shows one queue large, with its failed jobs as a list. Reads
 * the tables "queues", "failures" and "queue_jobs" of any source
 * (datasrc/bullmq_view.c).
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "model/history.h"
#include "panels/box.h"
#include "panels/hint.h"
#include "panels/history_chart.h"
#include "panels/list_panel.h"
#include "panels/page.h"
#include "panels/pick.h"
#include "panels/table.h"
#include "panels/table_rows.h"

enum {
	CHARTS_H_MIN = 5,
	CHARTS_H_MAX = 20,
	OPEN_H_CHARTS = 24, /* rows of an open queue that leave room for them */
};

struct queues_view {
	struct list_panel panel;
	struct list_view jobs; /* of the open queue */
};

enum queue_column {
	COL_NAME,
	COL_SOURCE,
	COL_STATE,
	COL_WAIT,
	COL_ACTIVE,
	COL_DELAYED,
	COL_FAILED,
	COL_OLDEST,
	COL_IN,
	COL_OUT,
	COL_WORKERS,
	COL_STALLED,
	COL_PRIORITIZED,
	COL_COMPLETED,
	COL_DETAIL,
	COL_COUNT,
};

static const struct rows_column columns[COL_COUNT] = {
	[COL_NAME] = { .column = "name",
	    .list = { TEXT_INIT("name"), 16, 32, 0, false } },
	[COL_SOURCE] = { .list = { TEXT_INIT("source"), 10, 20, 2, false },
	    .source = true },
	[COL_STATE] = { .column = "state",
	    .list = { TEXT_INIT("state"), 10, 12, 1, false } },
	[COL_WAIT] = { .column = "wait",
	    .list = { TEXT_INIT("wait"), 6, 8, 0, true } },
	[COL_ACTIVE] = { .column = "active",
	    .list = { TEXT_INIT("active"), 6, 8, 6, true } },
	[COL_DELAYED] = { .column = "delayed",
	    .list = { TEXT_INIT("delayed"), 7, 8, 7, true } },
	[COL_FAILED] = { .column = "failed",
	    .list = { TEXT_INIT("failed"), 6, 8, 1, true } },
	[COL_OLDEST] = { .column = "oldest_s",
	    .list = { TEXT_INIT("oldest"), 6, 8, 2, true },
	    .age = true },
	[COL_IN] = { .column = "in_rate",
	    .list = { TEXT_INIT("in"), 6, 9, 5, true } },
	[COL_OUT] = { .column = "out_rate",
	    .list = { TEXT_INIT("out"), 6, 9, 4, true } },
	[COL_WORKERS] = { .column = "workers",
	    .list = { TEXT_INIT("workers"), 7, 8, 3, true } },
	[COL_STALLED] = { .column = "stalled",
	    .list = { TEXT_INIT("stalled"), 7, 8, 9, true } },
	[COL_PRIORITIZED] = { .column = "prioritized",
	    .list = { TEXT_INIT("prio"), 5, 8, 10, true } },
	[COL_COMPLETED] = { .column = "completed",
	    .list = { TEXT_INIT("completed"), 9, 10, 11, true } },
	[COL_DETAIL] = { .column = "detail",
	    .list = { TEXT_INIT("why"), 40, 0, 8, false } },
};

static const struct rows_want queue_rows = {
	.table = "queues",
	.columns = columns,
	.column_count = COL_COUNT,
	.state_column = COL_STATE,
	.tags = true,
};

/* Newest first. */
static double
job_rank(const struct table *table, size_t row)
{
	double at = pick_num(table, row, "at");

	return isnan(at) ? 0 : at;
}

static const struct rows_column job_columns[] = {
	{ .column = "id", .list = { TEXT_INIT("job"), 8, 14, 0, false } },
	{ .column = "name", .list = { TEXT_INIT("name"), 10, 24, 3, false } },
	{ .column = "attempts", .list = { TEXT_INIT("tries"), 5, 6, 2, true } },
	{ .column = "at", .list = { TEXT_INIT("failed"), 8, 14, 1, false } },
	{ .column = "added", .list = { TEXT_INIT("added"), 8, 14, 4, false } },
	{ .column = "reason",
	    .list = { TEXT_INIT("reason"), 16, 0, 0, false } },
};

/* The failed jobs of one queue. */
static struct rows_want
jobs_of(struct text queue)
{
	return (struct rows_want) {
		.table = "queue_jobs",
		.columns = job_columns,
		.column_count = ARRAY_LEN(job_columns),
		.state_column = -1,
		.only = "queue",
		.of = queue,
		.rank = job_rank,
		.tags = true,
	};
}

/* Rows of failures by reason; queue empty: of all queues. */
static int
failure_rows(const struct panel_ctx *ctx, struct text queue)
{
	const struct section *section;
	const struct table *table;
	int rows = 0;

	for (size_t t = 0; pick_table(ctx, "failures", t, &section, &table);
	     t++) {
		for (size_t r = 0; r < table->row_count; r++)
			rows += queue.len == 0 ||
				text_eq(pick_text(table, r, "queue"), queue);
	}
	return rows;
}

/* Failures by reason; queue empty: of all queues. */
static void
draw_failures(const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area, struct text queue)
{
	const struct section *section;
	const struct table *table;
	struct rect body = box_title(
	    canvas, area, TEXT("failed by reason"), TEXT_EMPTY, ROLE_DIM);
	int y = body.y;

	for (size_t t = 0; pick_table(ctx, "failures", t, &section, &table);
	     t++) {
		for (size_t r = 0; r < table->row_count && y < body.y + body.h;
		     r++) {
			struct text name = pick_text(table, r, "queue");
			struct text_buf tb;
			int right = body.x + body.w, w;

			if (queue.len > 0 && !text_eq(name, queue))
				continue;
			tb_init(&tb);
			tb_num(&tb, pick_num(table, r, "count"), NUM_COUNT);
			canvas_text_right(canvas, body, y, body.x, 7,
			    tb_end(&tb), ROLE_TEXT, 0);
			tb_init(&tb);
			if (queue.len == 0) {
				tb_text(&tb, name);
				tb_lit(&tb, "  ");
			}
			tb_text(&tb, pick_text(table, r, "reason"));
			w = body.w > 70 ? 34 : 0;
			canvas_text_cut(canvas, body, y, body.x + 9,
			    body.w - 10 - w, tb_end(&tb), ROLE_TEXT, 0);
			tb_init(&tb);
			tb_lit(&tb, "first ");
			when_cell(&tb, ctx, pick_num(table, r, "first"));
			tb_lit(&tb, "  last ");
			when_cell(&tb, ctx, pick_num(table, r, "last"));
			if (w > 0)
				canvas_text_right(canvas, body, y, right - w, w,
				    tb_end(&tb), ROLE_DIM, 0);
			y++;
		}
	}
	if (y == body.y)
		box_words(canvas, body, TEXT("no failed jobs"), ROLE_DIM);
}

/* A chart of one of the queue's own metrics. */
static void
draw_chart(const struct panel_ctx *ctx, struct canvas *canvas, struct rect area,
    const struct table_ref *row, const char *metric, const char *title,
    enum num_unit unit, double last)
{
	const struct label label = { TEXT("queue"),
		row->table->rows[row->row].key };
	const struct chart chart = {
		.unit = unit,
		.title = text_lit(title),
		.last = last,
	};

	if (ctx->history == NULL || area.h < 3)
		return;
	history_chart(ctx, canvas, area, chart,
	    history_key(row->slot, metric_id(text_lit(metric), &label, 1)));
}

/* Why it is as it is, then its numbers. */
static void
page_facts(struct page *page, const struct table_rows *rows,
    const struct table_ref *row)
{
	static const enum queue_column facts[] = { COL_WAIT, COL_ACTIVE,
		COL_DELAYED, COL_PRIORITIZED, COL_FAILED, COL_COMPLETED,
		COL_OLDEST, COL_IN, COL_OUT, COL_WORKERS, COL_STALLED };
	enum state state = row->table->rows[row->row].state;
	struct text detail = pick_text(row->table, row->row, "detail");
	struct text_buf tb;

	tb_init(&tb);
	tb_text(&tb, state_sign(state));
	tb_pad(&tb, 3);
	tb_text(&tb,
	    detail.len > 0 ? detail : pick_text(row->table, row->row, "state"));
	page_row(page, 2, tb_end(&tb), state_role(state));
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		tb_init(&tb);
		table_rows_cell(rows, row, facts[i], &tb);
		page_fact(
		    page, columns[facts[i]].list.title, tb_end(&tb), ROLE_TEXT);
	}
	page_end(page);
}

/* How the backlog grew and what became of it, side by side. */
static void
draw_charts(const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area, const struct table_ref *row)
{
	int w = area.w / 2;

	draw_chart(ctx, canvas, (struct rect) { area.y, area.x, area.h, w - 2 },
	    row, "queue_waiting", "waiting", NUM_COUNT,
	    pick_num(row->table, row->row, "wait"));
	draw_chart(ctx, canvas,
	    (struct rect) { area.y, area.x + w, area.h, area.w - w }, row,
	    "queue_out_rate", "finished", NUM_PER_SECOND,
	    pick_num(row->table, row->row, "out_rate"));
}

static void
draw_jobs(struct queues_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct table_ref *queue)
{
	struct rows_want want = jobs_of(ref_text(queue, "name"));
	double failed = ref_num(queue, "failed");
	struct table_rows rows;
	struct text_buf title;

	if (table_rows_collect(&rows, ctx, &want)) {
		struct list_data data = table_rows_data(&rows);

		list_draw(&view->jobs, &data, canvas, box_below(area),
		    rows.sources > 0
			? TEXT("no failed jobs")
			: TEXT("its source tells of no single jobs"),
		    true);
		tb_init(&title);
		tb_lit(&title, "failed jobs, ");
		if (failed > (double)rows.count)
			tb_lit(&title, "the newest ");
		list_count(&view->jobs, &title);
		if (failed > (double)rows.count) {
			tb_lit(&title, " of ");
			tb_num(&title, failed, NUM_COUNT);
		}
		box_title(canvas, area, tb_end(&title), TEXT_EMPTY, ROLE_DIM);
	}
	table_rows_release(&rows);
}

/* Facts, charts where there is room, why jobs failed, and which. */
static void
draw_open(struct queues_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct table_rows *queues,
    const struct table_ref *row)
{
	struct text key = row->table->rows[row->row].key;
	struct rect body =
	    box_section(canvas, area, key, row->section, ctx->now);
	struct page page = { .canvas = canvas, .area = body };
	struct rect part = body;
	int reasons;

	page_facts(&page, queues, row);
	part.y += page.y;
	body.h -= page.y;
	if (body.h >= OPEN_H_CHARTS) {
		part.h = body.h / 3;
		draw_charts(ctx, canvas,
		    (struct rect) { part.y + 1, part.x, part.h - 2, part.w },
		    row);
		part.y += part.h;
		body.h -= part.h;
	}
	reasons = failure_rows(ctx, key) + 1;
	if (reasons > body.h / 3)
		reasons = body.h / 3;
	if (reasons > 1) {
		part.h = reasons;
		draw_failures(ctx, canvas, part, key);
		part.y += reasons;
		body.h -= reasons;
	}
	part.h = body.h;
	if (part.h > 1)
		draw_jobs(view, ctx, canvas, part, row);
	box_dim(canvas, box_below(area), row->section, ctx->now);
}

/* Below the list: the selected queue as charts, then all failures. */
static void
draw_below(const struct panel_ctx *ctx, struct canvas *canvas, struct rect area,
    const struct table_ref *row)
{
	struct text detail = row != NULL
				 ? pick_text(row->table, row->row, "detail")
				 : TEXT_EMPTY;
	int failures = failure_rows(ctx, TEXT_EMPTY) + 1, charts;
	struct panel_target target = { .section = NULL };
	struct panel_hint hint;
	struct text_buf tb, key;
	struct rect body;

	if (failures < 2)
		failures = 2;
	if (failures > area.h / 2)
		failures = area.h / 2;
	charts = area.h - failures;
	if (charts > CHARTS_H_MAX)
		charts = CHARTS_H_MAX;
	if (row != NULL && charts > CHARTS_H_MIN) {
		tb_init(&tb);
		tb_text(&tb, row->table->rows[row->row].key);
		if (detail.len > 0) {
			tb_lit(&tb, ": ");
			tb_text(&tb, detail);
		}
		target.table = row->table;
		target.row = &row->table->rows[row->row];
		target.section = row->section;
		hint_find(ctx, &target, &hint);
		tb_init(&key);
		if (target.row->state != STATE_OK)
			hint_put(&key, &hint, HINT_FULL);
		body = box_title(canvas,
		    (struct rect) { area.y, area.x, charts, area.w },
		    tb_end(&tb), tb_end(&key), ROLE_ACT);
		draw_charts(ctx, canvas, body, row);
		box_dim(canvas, body, row->section, ctx->now);
		area.y += charts;
		area.h -= charts;
	}
	if (area.h >= 2)
		draw_failures(ctx, canvas, area, TEXT_EMPTY);
}

static void
draw_list(struct list_panel *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct table_rows *rows,
    const struct list_data *data)
{
	const struct section *section =
	    rows->count > 0 ? rows->refs[0].section : NULL;
	int h = (int)rows->count + 2;
	struct text_buf title, words;
	struct rect body, top = area;
	size_t selected;

	if (h > area.h * 2 / 3)
		h = area.h * 2 / 3;
	if (h < 3)
		h = 3;
	top.h = h < area.h ? h : area.h;
	body = box_below(top);
	pick_nothing(
	    ctx, "bullmq", TEXT("no queues were found in this Redis"), &words);
	list_draw(&view->list, data, canvas, body, tb_end(&words), true);
	tb_init(&title);
	tb_lit(&title, "queues ");
	list_count(&view->list, &title);
	if (section != NULL && section->payload->note.len > 0) {
		tb_lit(&title, "  ");
		tb_text(&title, section->payload->note);
	}
	if (section == NULL) {
		box_title(canvas, top, TEXT("queues"), TEXT_EMPTY, ROLE_DIM);
		return;
	}
	box_section(canvas, top, tb_end(&title), section, ctx->now);
	selected = list_selected(&view->list, data);
	area.y += top.h;
	area.h -= top.h;
	draw_below(ctx, canvas, area,
	    selected != SIZE_MAX ? &rows->refs[selected] : NULL);
}

static void
queues_draw(void *opaque, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	struct queues_view *view = opaque;
	struct table_rows rows;
	struct list_data data;
	size_t selected;

	if (!table_rows_collect(&rows, ctx, &queue_rows))
		goto out;
	data = table_rows_data(&rows);
	selected = list_selected(&view->panel.list, &data);
	if (view->panel.open && selected != SIZE_MAX)
		draw_open(view, ctx, canvas, area, &rows, &rows.refs[selected]);
	else
		draw_list(&view->panel, ctx, canvas, area, &rows, &data);
out:
	table_rows_release(&rows);
}

/* Moves about the failed jobs of the open queue. */
static enum panel_result
jobs_command(struct queues_view *view, const struct panel_ctx *ctx,
    struct text queue, enum command command)
{
	struct rows_want want = jobs_of(queue);
	enum panel_result result = PANEL_IGNORED;
	struct table_rows rows;
	struct list_data data;

	if (command == COMMAND_BACK || command == COMMAND_QUIT) {
		view->panel.open = false;
		return PANEL_DONE;
	}
	if (table_rows_collect(&rows, ctx, &want)) {
		data = table_rows_data(&rows);
		if (list_command(&view->jobs, &data, command))
			result = PANEL_DONE;
	}
	table_rows_release(&rows);
	return result;
}

static enum panel_result
queues_command(void *opaque, const struct panel_ctx *ctx, enum command command,
    struct panel_out *out)
{
	struct queues_view *view = opaque;
	enum panel_result result = PANEL_IGNORED;
	struct table_rows rows;
	struct list_data data;
	size_t selected;

	if (!table_rows_collect(&rows, ctx, &queue_rows))
		goto out;
	data = table_rows_data(&rows);
	selected = list_selected(&view->panel.list, &data);
	if (view->panel.open && selected != SIZE_MAX)
		result = jobs_command(
		    view, ctx, ref_text(&rows.refs[selected], "name"), command);
	else
		result = list_panel_command(&view->panel, &data, command, out);
out:
	table_rows_release(&rows);
	return result;
}

static void
queues_show(void *opaque, const struct panel_ctx *ctx, struct text arg)
{
	struct list_panel *view = opaque;
	struct table_rows rows;

	if (table_rows_collect(&rows, ctx, &queue_rows))
		table_rows_select(&rows, &view->list, arg);
	table_rows_release(&rows);
}

/* Of an open queue the job that is selected there. */
static void
target_job(const struct queues_view *view, const struct panel_ctx *ctx,
    struct panel_target *out)
{
	struct rows_want want = jobs_of(out->row->key);
	struct panel_target job = { .section = NULL };
	struct table_rows rows;

	if (table_rows_collect(&rows, ctx, &want) &&
	    table_rows_target(&rows, &view->jobs, &job) &&
	    job.section == out->section) {
		job.outer_table = out->table;
		job.outer_row = out->row;
		*out = job;
	}
	table_rows_release(&rows);
}

static bool
queues_target(
    const void *opaque, const struct panel_ctx *ctx, struct panel_target *out)
{
	const struct queues_view *view = opaque;
	struct table_rows rows;
	bool found = table_rows_collect(&rows, ctx, &queue_rows) &&
		     table_rows_target(&rows, &view->panel.list, out);

	table_rows_release(&rows);
	if (found && view->panel.open)
		target_job(view, ctx, out);
	return found;
}

static void
queues_release(void *opaque)
{
	struct queues_view *view = opaque;

	list_panel_release(&view->panel);
	list_release(&view->jobs);
}

const struct panel_ops panel_queues = {
	.name = "queues",
	.help = "job queues: counts, rates, workers, failures by reason",
	.key = '4',
	.view_size = sizeof(struct queues_view),
	.commands =
	    (const enum command[]) { LIST_PANEL_TAG_COMMANDS, COMMAND_NONE },
	.release = queues_release,
	.draw = queues_draw,
	.command = queues_command,
	.typed = list_panel_typed,
	.show = queues_show,
	.target = queues_target,
};
