/*
 * Jobs: what is being done and what was done from here, newest first, with
 * what came of it; below the list what is in force. Enter shows one large:
 * its plan, its targets, what it printed. Reads the section of the engine of
 * the actions, tables "jobs", "in_force", "plans", "targets" and "output".
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "panels/box.h"
#include "panels/list_panel.h"
#include "panels/page.h"
#include "panels/pick.h"
#include "panels/table.h"
#include "panels/table_rows.h"

enum {
	FORCE_H_MAX = 8,  /* rows of what is in force, where there is room */
	BELOW_H_MIN = 6,  /* of the selected job; fewer say nothing */
	NEWEST_LINES = 4, /* fit below the list at 80x24 */
};

enum jobs_column {
	COL_STATE,
	COL_ACTION,
	COL_TARGET,
	COL_SINCE,
	COL_TOOK,
	COL_CAME,
	COL_REASON,
	COL_WHO,
	COL_PLATFORM,
	COL_COUNT,
};

/* The end of it in capitals, or how far it is. */
static void
put_state(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	struct text outcome = ref_text(ref, "outcome");

	(void)rows;
	tb_text(out, outcome.len > 0 ? outcome : ref_text(ref, "state"));
}

/* How the signal did since, or else what was said at the end. */
static void
put_came(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	struct text check = ref_text(ref, "check");

	(void)rows;
	tb_text(out, check.len > 0 ? check : ref_text(ref, "words"));
}

/* What was asked for and then left is nobody's business. */
static double
jobs_rank(const struct table *table, size_t row)
{
	return text_eq(pick_text(table, row, "outcome"), TEXT("dropped")) ? NAN
									  : 0;
}

static const struct rows_column columns[COL_COUNT] = {
	[COL_STATE] = { .column = "state",
	    .list = { TEXT_INIT("state"), 11, 11, 0, false },
	    .put = put_state },
	[COL_ACTION] = { .column = "action",
	    .list = { TEXT_INIT("action"), 14, 19, 0, false } },
	[COL_TARGET] = { .column = "target",
	    .list = { TEXT_INIT("target"), 12, 24, 0, false } },
	[COL_SINCE] = { .column = "since",
	    .list = { TEXT_INIT("since"), 8, 14, 1, false } },
	[COL_TOOK] = { .column = "took",
	    .list = { TEXT_INIT("took"), 6, 8, 5, true } },
	[COL_CAME] = { .list = { TEXT_INIT("what came of it"), 22, 0, 2,
			   false },
	    .put = put_came },
	[COL_REASON] = { .column = "reason",
	    .list = { TEXT_INIT("reason"), 20, 40, 6, false } },
	[COL_WHO] = { .column = "who",
	    .list = { TEXT_INIT("who"), 6, 14, 7, false } },
	[COL_PLATFORM] = { .column = "platform",
	    .list = { TEXT_INIT("platform"), 14, 20, 8, false } },
};

static const struct rows_want jobs_rows = {
	.table = "jobs",
	.of_actions = true,
	.columns = columns,
	.column_count = COL_COUNT,
	.state_column = COL_STATE,
	.rank = jobs_rank,
	.match = table_rows_words,
};

static const struct table *
actions_table(const struct panel_ctx *ctx, const char *name)
{
	return ctx->frame->actions != NULL
		   ? payload_table(ctx->frame->actions->payload, name)
		   : NULL;
}

/* Why nothing can be done, or what is not on record, when that is so. */
static struct text
refusal(const struct panel_ctx *ctx)
{
	const struct section *section = ctx->frame->actions;
	const struct payload *payload =
	    section != NULL ? section->payload : NULL;

	for (size_t i = 0; payload != NULL && i < payload->health_count; i++) {
		if (payload->health[i].state != STATE_OK)
			return payload->health[i].detail;
	}
	return TEXT_EMPTY;
}

/* Rows of a table that belong to one job: label and text, or only text. */
static void
page_rows(struct page *page, const struct panel_ctx *ctx, const char *name,
    double job, const char *label, const char *text)
{
	const struct table *table = actions_table(ctx, name);

	for (size_t i = 0; table != NULL && i < table->row_count; i++) {
		if (pick_num(table, i, "job") != job)
			continue;
		if (label == NULL)
			page_words(
			    page, 2, pick_text(table, i, text), ROLE_TEXT);
		else
			page_text(page,
			    pick_text(table, i, label).len > 0
				? pick_text(table, i, label)
				: TEXT(" "),
			    pick_text(table, i, text), ROLE_TEXT);
	}
}

static void
page_targets(struct page *page, const struct panel_ctx *ctx, double job)
{
	const struct table *table = actions_table(ctx, "targets");

	for (size_t i = 0; table != NULL && i < table->row_count; i++) {
		enum state state = table->rows[i].state;
		struct text words = pick_text(table, i, "words");
		struct text_buf tb;

		if (pick_num(table, i, "job") != job)
			continue;
		tb_init(&tb);
		tb_text(&tb, pick_text(table, i, "state"));
		if (words.len > 0) {
			tb_lit(&tb, ": ");
			tb_text(&tb, words);
		}
		page_text(page, pick_text(table, i, "target"), tb_end(&tb),
		    state == STATE_OK ? ROLE_TEXT : state_role(state));
	}
}

static bool
has_rows(const struct panel_ctx *ctx, const char *name, double job)
{
	const struct table *table = actions_table(ctx, name);

	for (size_t i = 0; table != NULL && i < table->row_count; i++) {
		if (pick_num(table, i, "job") == job)
			return true;
	}
	return false;
}

/* The newest lines of what is still running: they tell how far it is. */
static void
page_newest(struct page *page, const struct panel_ctx *ctx, double job)
{
	const struct table *table = actions_table(ctx, "output");
	size_t left = 0;

	for (size_t i = 0; table != NULL && i < table->row_count; i++)
		left += pick_num(table, i, "job") == job;
	if (left == 0)
		return;
	page_gap(page);
	page_title(
	    page, left > NEWEST_LINES ? TEXT("newest output") : TEXT("output"));
	for (size_t i = 0; i < table->row_count; i++) {
		if (pick_num(table, i, "job") != job)
			continue;
		if (left-- <= NEWEST_LINES)
			page_row(
			    page, 2, pick_text(table, i, "line"), ROLE_TEXT);
	}
}

/* A text under its name, if it says something. */
static void
page_said(struct page *page, const struct table_ref *ref, const char *column,
    const char *label, enum role role)
{
	struct text text = ref_text(ref, column);

	if (text.len > 0)
		page_text(page, text_lit(label), text, role);
}

static void
page_job(struct page *page, const struct panel_ctx *ctx,
    const struct table_rows *rows, const struct table_ref *ref)
{
	enum state state = ref->table->rows[ref->row].state;
	bool running = ref_text(ref, "outcome").len == 0;
	double job = ref_num(ref, "job");
	struct text_buf tb;

	tb_init(&tb);
	put_state(rows, ref, &tb);
	page_fact(page, TEXT_EMPTY, tb_end(&tb), state_role(state));
	tb_init(&tb);
	when_cell(&tb, ctx, ref_num(ref, "since"));
	page_fact(page, TEXT("since"), tb_end(&tb), ROLE_TEXT);
	tb_init(&tb);
	tb_num(&tb, ref_num(ref, "took"), NUM_SECONDS);
	page_fact(page, TEXT("took"), tb_end(&tb), ROLE_TEXT);
	page_fact(page, TEXT("class"), ref_text(ref, "class"), ROLE_TEXT);
	page_fact(page, TEXT("by"), ref_text(ref, "who"), ROLE_TEXT);
	page_end(page);
	page_said(page, ref, "words", "words",
	    state == STATE_OK ? ROLE_TEXT : state_role(state));
	page_said(page, ref, "check", "signal", ROLE_TEXT);
	page_said(page, ref, "reason", "reason", ROLE_TEXT);
	page_said(page, ref, "id", "record", ROLE_DIM);
	if (running)
		page_newest(page, ctx, job);
	if (has_rows(ctx, "targets", job)) {
		page_gap(page);
		page_title(page, TEXT("targets"));
		page_targets(page, ctx, job);
	}
	if (has_rows(ctx, "plans", job)) {
		page_gap(page);
		page_title(page, TEXT("plan"));
		page_rows(page, ctx, "plans", job, "label", "text");
	}
	if (has_rows(ctx, "output", job)) {
		page_gap(page);
		page_title(page, TEXT("output"));
		page_rows(page, ctx, "output", job, NULL, "line");
	}
}

static void
put_title(struct text_buf *out, const struct table_ref *ref)
{
	tb_text(out, ref_text(ref, "action"));
	tb_lit(out, "  ");
	tb_text(out, ref_text(ref, "target"));
	tb_lit(out, "  on ");
	tb_text(out, ref_text(ref, "platform"));
}

static void
draw_open(struct list_panel *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct table_rows *rows,
    const struct table_ref *ref)
{
	struct page page = { .area = box_below(area) };
	struct text_buf title;

	tb_init(&title);
	put_title(&title, ref);
	box_title(canvas, area, tb_end(&title), TEXT_EMPTY, ROLE_DIM);
	page_job(&page, ctx, rows, ref);
	page_end(&page);
	list_panel_settle(view, page.y, page.area.h);
	page = (struct page) {
		.canvas = canvas, .area = box_below(area), .skip = view->scroll
	};
	page_job(&page, ctx, rows, ref);
}

/* What somebody will want to take back. */
static void
draw_force(const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	const struct table *force = actions_table(ctx, "in_force");
	const char *key = ctx->key_names[COMMAND_ACT_UNDO];
	struct page page = { .canvas = canvas };
	struct text_buf tb;

	if (force == NULL)
		return;
	tb_init(&tb);
	tb_fmt(&tb, "in force %zu", force->row_count);
	if (key != NULL)
		tb_fmt(&tb, ", %s undoes", key);
	page.area = box_title(canvas, area, tb_end(&tb), TEXT_EMPTY, ROLE_DIM);
	for (size_t i = 0; i < force->row_count; i++) {
		tb_init(&tb);
		tb_text(&tb, pick_text(force, i, "action"));
		tb_lit(&tb, "  ");
		tb_text(&tb, pick_text(force, i, "target"));
		tb_lit(&tb, "  since ");
		when_cell(&tb, ctx, pick_num(force, i, "since"));
		tb_lit(&tb, "  by ");
		tb_text(&tb, pick_text(force, i, "who"));
		tb_lit(&tb, "   undo: ");
		tb_text(&tb, pick_text(force, i, "undo"));
		page_row(&page, 2, tb_end(&tb), ROLE_TEXT);
	}
}

/* The selected one in short, between the list and what is in force. */
static void
draw_below(const struct panel_ctx *ctx, struct canvas *canvas, struct rect area,
    const struct table_rows *rows, const struct table_ref *ref)
{
	struct page page = { .canvas = canvas };
	struct text_buf title;

	tb_init(&title);
	put_title(&title, ref);
	page.area =
	    box_title(canvas, area, tb_end(&title), TEXT_EMPTY, ROLE_DIM);
	page_job(&page, ctx, rows, ref);
}

static int
force_rows(const struct panel_ctx *ctx, int h)
{
	const struct table *force = actions_table(ctx, "in_force");
	int rows = force != NULL && force->row_count > 0
		       ? (int)force->row_count + 1
		       : 0;

	rows = rows < FORCE_H_MAX ? rows : FORCE_H_MAX;
	return rows < h / 2 ? rows : h / 2;
}

static void
draw_list(struct list_panel *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct table_rows *rows,
    const struct list_data *data)
{
	struct text words = refusal(ctx);
	struct rect force = area, below = area;
	struct text_buf title;
	size_t selected;

	force.h = force_rows(ctx, area.h);
	force.y = area.y + area.h - force.h;
	area.h -= force.h;
	below.h = area.h - (int)rows->count - 3;
	if (below.h < area.h / 2)
		below.h = area.h / 2;
	if (below.h >= BELOW_H_MIN && rows->count > 0)
		area.h -= below.h;
	else
		below.h = 0;
	below.y = area.y + area.h;
	if (ctx->frame->actions == NULL)
		words = TEXT("nothing can be done from here");
	list_draw(&view->list, data, canvas, box_below(area),
	    words.len > 0
		? words
		: TEXT("nothing was done from here yet; `sevtop audit list` "
		       "shows the record"),
	    true);
	tb_init(&title);
	tb_lit(&title, "jobs ");
	list_count(&view->list, &title);
	box_title(canvas, area, tb_end(&title),
	    rows->count > 0 ? words : TEXT_EMPTY, ROLE_CRIT);
	selected = list_selected(&view->list, data);
	if (below.h > 0 && selected != SIZE_MAX)
		draw_below(ctx, canvas, below, rows, &rows->refs[selected]);
	if (force.h > 1)
		draw_force(ctx, canvas, force);
}

static void
jobs_draw(void *opaque, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	struct list_panel *view = opaque;
	struct table_rows rows;
	struct list_data data;
	size_t selected;

	if (!table_rows_collect(&rows, ctx, &jobs_rows))
		goto out;
	data = table_rows_data(&rows);
	selected = list_selected(&view->list, &data);
	if (view->open && selected != SIZE_MAX)
		draw_open(view, ctx, canvas, area, &rows, &rows.refs[selected]);
	else
		draw_list(view, ctx, canvas, area, &rows, &data);
out:
	table_rows_release(&rows);
}

static enum panel_result
jobs_command(void *opaque, const struct panel_ctx *ctx, enum command command,
    struct panel_out *out)
{
	struct list_panel *view = opaque;
	enum panel_result result = PANEL_IGNORED;
	struct table_rows rows;
	struct list_data data;

	if (table_rows_collect(&rows, ctx, &jobs_rows)) {
		data = table_rows_data(&rows);
		if (view->open)
			result = list_panel_scroll(view, command);
		else
			result = list_panel_command(view, &data, command, out);
	}
	table_rows_release(&rows);
	return result;
}

static bool
jobs_target(
    const void *opaque, const struct panel_ctx *ctx, struct panel_target *out)
{
	const struct list_panel *view = opaque;
	struct table_rows rows;
	bool found = table_rows_collect(&rows, ctx, &jobs_rows) &&
		     table_rows_target(&rows, &view->list, out);

	if (found)
		out->platform = pick_text(out->table,
		    (size_t)(out->row - out->table->rows), "platform");
	table_rows_release(&rows);
	return found;
}

const struct panel_ops panel_jobs = {
	.name = "jobs",
	.help = "what is being done, what was done, what came of it",
	.key = 'a',
	.view_size = sizeof(struct list_panel),
	.commands =
	    (const enum command[]) { LIST_PANEL_COMMANDS, COMMAND_NONE },
	.release = list_panel_release,
	.draw = jobs_draw,
	.command = jobs_command,
	.typed = list_panel_typed,
	.target = jobs_target,
};
