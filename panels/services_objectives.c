#include "panels/services_objectives.h"

#include <math.h>
#include <string.h>

#include "panels/box.h"
#include "panels/page.h"
#include "panels/pick.h"
#include "panels/server_panel.h"
#include "panels/table.h"

/* The first window of the burn rates. */
static double
first_burn(const struct table_ref *ref)
{
	for (size_t c = 0; c < ref->table->column_count; c++) {
		struct text name = ref->table->columns[c].name;

		if (name.len > 5 && memcmp(name.s, "burn_", 5) == 0)
			return ref->table->rows[ref->row].cells[c].num;
	}
	return NAN;
}

static void
put_burn(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	(void)rows;
	tb_num(out, first_burn(ref), NUM_NONE);
}

static double
rank_of(const struct table *table, size_t row)
{
	switch (table->rows[row].state) {
	case STATE_CRIT:
		return 3;
	case STATE_WARN:
		return 2;
	case STATE_UNKNOWN:
		return 1;
	default:
		return 0;
	}
}

static const struct rows_column columns[] = {
	{
	    .column = "service",
	    .list = { TEXT_INIT("service"), 12, 20, 0, false },
	},
	{
	    .column = "slo",
	    .list = { TEXT_INIT("objective"), 12, 36, 0, false },
	},
	{
	    .column = "state",
	    .list = { TEXT_INIT("state"), 8, 9, 0, false },
	},
	{
	    .column = "compliance",
	    .list = { TEXT_INIT("so far"), 7, 8, 1, true },
	},
	{
	    .column = "goal",
	    .list = { TEXT_INIT("goal"), 7, 8, 3, true },
	},
	{
	    .column = "budget_left",
	    .list = { TEXT_INIT("left"), 7, 8, 1, true },
	},
	{
	    .put = put_burn,
	    .num = first_burn,
	    .list = { TEXT_INIT("burn"), 5, 6, 2, true },
	},
	{
	    .column = "period",
	    .list = { TEXT_INIT("period"), 7, 8, 5, false },
	},
	{
	    .column = "detail",
	    .list = { TEXT_INIT("detail"), 14, 0, 4, false },
	},
};

static const struct rows_want want = {
	.table = "slos",
	.columns = columns,
	.column_count = ARRAY_LEN(columns),
	.state_column = 2,
	.rank = rank_of,
};

size_t
objectives_count(const struct panel_ctx *ctx, enum state *ret_worst)
{
	const struct section *section;
	const struct table *table;
	size_t count = 0;

	*ret_worst = STATE_OK;
	for (size_t t = 0; pick_table(ctx, "slos", t, &section, &table); t++) {
		count += table->row_count;
		for (size_t r = 0; r < table->row_count; r++)
			*ret_worst =
			    state_worst(*ret_worst, table->rows[r].state);
	}
	return count;
}

/* All of one: what it means first. */
static void
page_slo(
    struct page *page, const struct panel_ctx *ctx, const struct table_ref *ref)
{
	enum state state = ref->table->rows[ref->row].state;
	struct text detail = ref_text(ref, "detail");

	if (detail.len > 0) {
		page_text(page, TEXT_EMPTY, detail,
		    state == STATE_OK ? ROLE_TEXT : state_role(state));
		page_gap(page);
	}
	page_record(page, ctx, ref, "detail");
	page_row(page, 0,
	    TEXT("burn: 1 spends just all of the budget in the period"),
	    ROLE_DIM);
}

static void
draw_open(struct views *views, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct table_ref *ref)
{
	struct page page = { .area = box_below(area) };

	page_slo(&page, ctx, ref);
	list_panel_settle(&views->panel, page.y, page.area.h);
	page = (struct page) {
		.canvas = canvas, .area = page.area, .skip = views->panel.scroll
	};
	page_slo(&page, ctx, ref);
	box_section(canvas, area, ref->table->rows[ref->row].key, ref->section,
	    ctx->now);
	box_dim(canvas, page.area, ref->section, ctx->now);
}

void
objectives_draw(struct views *views, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	struct table_rows rows;
	struct list_data data;
	size_t selected;

	if (table_rows_collect(&rows, ctx, &want)) {
		data = table_rows_data(&rows);
		views_settle(views, &data);
		selected = list_selected(&views->panel.list, &data);
		if (views->panel.open && selected != SIZE_MAX)
			draw_open(
			    views, ctx, canvas, area, &rows.refs[selected]);
		else
			list_draw(&views->panel.list, &data, canvas, area,
			    TEXT("no objectives any more"), true);
	}
	table_rows_release(&rows);
}

enum panel_result
objectives_command(struct views *views, const struct panel_ctx *ctx,
    enum command command, struct panel_out *out)
{
	enum panel_result result = PANEL_IGNORED;
	struct table_rows rows;
	struct list_data data;

	if (table_rows_collect(&rows, ctx, &want)) {
		data = table_rows_data(&rows);
		views_settle(views, &data);
		if (views->panel.open)
			result = list_panel_scroll(&views->panel, command);
		if (result == PANEL_IGNORED)
			result = list_panel_command(
			    &views->panel, &data, command, out);
	}
	table_rows_release(&rows);
	return result;
}

bool
objectives_target(const struct views *views, const struct panel_ctx *ctx,
    struct panel_target *out)
{
	struct table_rows rows;
	bool found = table_rows_collect(&rows, ctx, &want) &&
		     table_rows_target(&rows, &views->panel.list, out);

	table_rows_release(&rows);
	return found;
}
