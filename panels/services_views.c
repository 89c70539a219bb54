#include "panels/services_views.h"

#include <math.h>
#include <string.h>

#include "panels/box.h"
#include "panels/page.h"
#include "panels/pick.h"
#include "panels/server_panel.h"
#include "panels/table.h"

struct services_view {
	const char *name; /* of its tab */
	const char *gone; /* when there are no rows any more */
	struct rows_want rows;
	const char *note; /* below one that is opened; NULL: none */
	bool alarm;	  /* its count says how the worst row is */
};

/* Ranks -----------------------------------------------------------------------
 */

static double
rank_worst(const struct table *table, size_t row)
{
	return state_badness(table->rows[row].state);
}

/* The newest first; what has no time comes last. */
static double
rank_newest(const struct table *table, size_t row)
{
	double created = pick_num(table, row, "created");

	return isnan(created) ? 0 : created;
}

/* Cells -----------------------------------------------------------------------
 */

static void
put_created(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	when_age(out, rows->ctx, ref_num(ref, "created"));
}

/* The youngest is the smallest. */
static double
num_created(const struct table_ref *ref)
{
	return -ref_num(ref, "created");
}

/* "0 to 20" */
static void
put_bounds(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	(void)rows;
	tb_num(out, ref_num(ref, "min"), NUM_COUNT);
	tb_lit(out, " to ");
	tb_num(out, ref_num(ref, "max"), NUM_COUNT);
}

static double
num_max(const struct table_ref *ref)
{
	return ref_num(ref, "max");
}

/* The first window of the burn rates. */
static double
num_burn(const struct table_ref *ref)
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
	tb_num(out, num_burn(ref), NUM_NONE);
}

/* Columns ---------------------------------------------------------------------
 */

#define COLUMN(name, ...)                                                      \
	{                                                                      \
		.column = (name), .list = { __VA_ARGS__ }                      \
	}
#define COLUMN_SPARSE(name, ...)                                               \
	{                                                                      \
		.column = (name), .list = { __VA_ARGS__ }, .sparse = true      \
	}
#define COLUMN_PUT(put_fn, num_fn, ...)                                        \
	{                                                                      \
		.put = (put_fn), .num = (num_fn), .list = { __VA_ARGS__ }      \
	}
#define VIEW_ROWS(table_name, its_columns, state, its_rank)                    \
	{                                                                      \
		.table = (table_name), .columns = (its_columns),               \
		.column_count = ARRAY_LEN(its_columns),                        \
		.state_column = (state), .rank = (its_rank)                    \
	}

static const struct rows_column revision_columns[] = {
	COLUMN("revision", TEXT_INIT("revision"), 16, 36, 0, false),
	COLUMN("state", TEXT_INIT("state"), 8, 10, 0, false),
	COLUMN("traffic", TEXT_INIT("traffic"), 7, 8, 0, true),
	COLUMN_PUT(put_created, num_created, TEXT_INIT("age"), 6, 8, 0, true),
	COLUMN("version", TEXT_INIT("version"), 7, 14, 0, false),
	COLUMN_SPARSE("who", TEXT_INIT("by"), 12, 34, 1, false),
	COLUMN("memory_limit", TEXT_INIT("memory"), 7, 9, 4, true),
	COLUMN("cpu_limit", TEXT_INIT("cpu"), 4, 5, 5, true),
	COLUMN("concurrency", TEXT_INIT("at once"), 7, 7, 6, true),
	COLUMN_PUT(put_bounds, num_max, TEXT_INIT("instances"), 9, 10, 5, true),
	COLUMN("service", TEXT_INIT("service"), 10, 24, 7, false),
	COLUMN("image", TEXT_INIT("image"), 20, 44, 8, false),
	COLUMN_SPARSE("detail", TEXT_INIT("detail"), 12, 0, 2, false),
};

static const struct rows_column setting_columns[] = {
	COLUMN("service", TEXT_INIT("service"), 10, 18, 0, false),
	COLUMN("name", TEXT_INIT("variable"), 16, 28, 0, false),
	COLUMN("value", TEXT_INIT("value"), 12, 0, 0, false),
};

static const struct rows_column condition_columns[] = {
	COLUMN("service", TEXT_INIT("service"), 12, 28, 0, false),
	COLUMN("condition", TEXT_INIT("condition"), 12, 22, 0, false),
	COLUMN("state", TEXT_INIT("state"), 8, 10, 0, false),
	COLUMN("since", TEXT_INIT("since"), 8, 19, 1, false),
	COLUMN_SPARSE("reason", TEXT_INIT("reason"), 10, 24, 3, false),
	COLUMN_SPARSE("message", TEXT_INIT("message"), 14, 0, 2, false),
};

static const struct rows_column build_columns[] = {
	COLUMN("of", TEXT_INIT("of"), 12, 28, 0, false),
	COLUMN("state", TEXT_INIT("state"), 8, 10, 0, false),
	COLUMN_PUT(put_created, num_created, TEXT_INIT("age"), 6, 8, 0, true),
	COLUMN("took", TEXT_INIT("took"), 6, 8, 1, true),
	COLUMN_SPARSE("branch", TEXT_INIT("branch"), 8, 20, 3, false),
	COLUMN_SPARSE("commit", TEXT_INIT("commit"), 8, 12, 2, false),
	COLUMN_SPARSE("trigger", TEXT_INIT("trigger"), 8, 20, 5, false),
	COLUMN_SPARSE("who", TEXT_INIT("by"), 10, 34, 4, false),
	COLUMN_SPARSE("detail", TEXT_INIT("detail"), 14, 0, 2, false),
};

static const struct rows_column connector_columns[] = {
	COLUMN("name", TEXT_INIT("connector"), 14, 28, 0, false),
	COLUMN("state", TEXT_INIT("state"), 8, 10, 0, false),
	COLUMN("network", TEXT_INIT("network"), 8, 16, 2, false),
	COLUMN("range", TEXT_INIT("range"), 13, 18, 1, false),
	COLUMN("machine", TEXT_INIT("machine"), 8, 14, 3, false),
	COLUMN_PUT(put_bounds, num_max, TEXT_INIT("machines"), 8, 10, 2, true),
	COLUMN("region", TEXT_INIT("region"), 11, 16, 4, false),
	COLUMN_SPARSE("detail", TEXT_INIT("detail"), 14, 0, 2, false),
};

static const struct rows_column objective_columns[] = {
	COLUMN("service", TEXT_INIT("service"), 12, 20, 0, false),
	COLUMN("slo", TEXT_INIT("objective"), 12, 36, 0, false),
	COLUMN("state", TEXT_INIT("state"), 8, 9, 0, false),
	COLUMN("compliance", TEXT_INIT("so far"), 7, 8, 1, true),
	COLUMN("goal", TEXT_INIT("goal"), 7, 8, 3, true),
	COLUMN("budget_left", TEXT_INIT("left"), 7, 8, 1, true),
	COLUMN_PUT(put_burn, num_burn, TEXT_INIT("burn"), 5, 6, 2, true),
	COLUMN("period", TEXT_INIT("period"), 7, 8, 5, false),
	COLUMN_SPARSE("detail", TEXT_INIT("detail"), 14, 0, 4, false),
};

static const struct services_view services_views[SERVICES_VIEWS] = {
	[SERVICES_LIST] = { .name = "services" },
	[SERVICES_REVISIONS] = { .name = "revisions",
	    .gone = "no revisions",
	    .rows = VIEW_ROWS("revisions", revision_columns, 1, rank_newest) },
	[SERVICES_SETTINGS] = { .name = "settings",
	    .gone = "no variables are set",
	    .rows = VIEW_ROWS("variables", setting_columns, -1, NULL),
	    .note =
		"values are shown of switches, and of those named in flags: "
		"of the source" },
	[SERVICES_CONDITIONS] = { .name = "conditions",
	    .gone = "no conditions",
	    .rows = VIEW_ROWS("conditions", condition_columns, 2, rank_worst),
	    .alarm = true },
	[SERVICES_BUILDS] = { .name = "builds",
	    .gone = "no builds",
	    .rows = VIEW_ROWS("builds", build_columns, 1, rank_newest) },
	[SERVICES_CONNECTORS] = { .name = "connectors",
	    .gone = "no connectors",
	    .rows = VIEW_ROWS("connectors", connector_columns, 1, rank_worst),
	    .alarm = true },
	[SERVICES_OBJECTIVES] = { .name = "objectives",
	    .gone = "no objectives any more",
	    .rows = VIEW_ROWS("slos", objective_columns, 2, rank_worst),
	    .note = "burn: 1 spends just all of the budget in the period",
	    .alarm = true },
};

/* Tabs ------------------------------------------------------------------------
 */

/* Counts the rows of all its tables; false: there is no such table. */
static bool
count_rows(const struct panel_ctx *ctx, const struct services_view *view,
    struct tab *tab)
{
	enum state worst = STATE_OK;
	const struct section *section;
	const struct table *table;
	size_t t;

	tab->count = 0;
	for (t = 0; pick_table(ctx, view->rows.table, t, &section, &table);
	     t++) {
		tab->count += (double)table->row_count;
		for (size_t r = 0; r < table->row_count; r++)
			worst = state_worst(worst, table->rows[r].state);
	}
	if (view->alarm && worst != STATE_OK)
		tab->role = state_role(worst);
	return t > 0;
}

bool
services_tabs(const struct panel_ctx *ctx, const struct views *views,
    struct tab tabs[SERVICES_VIEWS])
{
	bool more = false;

	for (size_t i = 0; i < SERVICES_VIEWS; i++) {
		const struct services_view *view = &services_views[i];

		tabs[i] = (struct tab) { .name = text_lit(view->name),
			.count = NAN,
			.role = ROLE_DIM };
		if (i == SERVICES_LIST)
			continue;
		tabs[i].absent = !count_rows(ctx, view, &tabs[i]);
		more = more || !tabs[i].absent || views->at == i;
	}
	return more;
}

/* Lists -----------------------------------------------------------------------
 */

static void
page_one(struct page *page, const struct panel_ctx *ctx,
    const struct services_view *view, const struct table_ref *ref)
{
	enum state state = ref->table->rows[ref->row].state;
	struct text detail = ref_text(ref, "detail");

	if (detail.len > 0) {
		page_text(page, TEXT_EMPTY, detail,
		    state == STATE_OK ? ROLE_TEXT : state_role(state));
		page_gap(page);
	}
	page_record(page, ctx, ref, "detail");
	if (view->note != NULL)
		page_text(page, TEXT_EMPTY, text_lit(view->note), ROLE_DIM);
}

static void
draw_open(struct views *views, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct table_ref *ref)
{
	const struct services_view *view = &services_views[views->at];
	struct page page = { .area = box_below(area) };

	page_one(&page, ctx, view, ref);
	list_panel_settle(&views->panel, page.y, page.area.h);
	page = (struct page) {
		.canvas = canvas, .area = page.area, .skip = views->panel.scroll
	};
	page_one(&page, ctx, view, ref);
	box_section(canvas, area, ref->table->rows[ref->row].key, ref->section,
	    ctx->now);
	box_dim(canvas, page.area, ref->section, ctx->now);
}

/* Of the sources that fill the list the one whose answer is oldest. */
static const struct section *
oldest_of(const struct table_rows *rows)
{
	const struct section *oldest = NULL;

	for (size_t i = 0; i < rows->count; i++) {
		const struct section *section = rows->refs[i].section;

		if (oldest == NULL || section->good_at < oldest->good_at)
			oldest = section;
	}
	return oldest;
}

static void
draw_list(struct views *views, struct canvas *canvas, struct rect area,
    const struct table_rows *rows, const struct list_data *data)
{
	const struct services_view *view = &services_views[views->at];
	const struct section *oldest = oldest_of(rows);
	struct text_buf title;

	list_draw(&views->panel.list, data, canvas, box_below(area),
	    text_lit(view->gone), true);
	tb_init(&title);
	tb_text(&title, text_lit(view->name));
	tb_lit(&title, " ");
	list_count(&views->panel.list, &title);
	box_section(canvas, area, tb_end(&title),
	    oldest != NULL ? oldest : pick_watch(rows->ctx), rows->ctx->now);
}

void
services_view_draw(struct views *views, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	const struct services_view *view = &services_views[views->at];
	struct table_rows rows;
	struct list_data data;
	size_t selected;

	if (table_rows_collect(&rows, ctx, &view->rows)) {
		data = table_rows_data(&rows);
		views_settle(views, &data);
		selected = list_selected(&views->panel.list, &data);
		if (views->panel.open && selected != SIZE_MAX)
			draw_open(
			    views, ctx, canvas, area, &rows.refs[selected]);
		else
			draw_list(views, canvas, area, &rows, &data);
	}
	table_rows_release(&rows);
}

enum panel_result
services_view_command(struct views *views, const struct panel_ctx *ctx,
    enum command command, struct panel_out *out)
{
	enum panel_result result = PANEL_IGNORED;
	struct table_rows rows;
	struct list_data data;

	if (table_rows_collect(&rows, ctx, &services_views[views->at].rows)) {
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
services_view_target(const struct views *views, const struct panel_ctx *ctx,
    struct panel_target *out)
{
	struct table_rows rows;
	bool found =
	    table_rows_collect(&rows, ctx, &services_views[views->at].rows) &&
	    table_rows_target(&rows, &views->panel.list, out);

	table_rows_release(&rows);
	return found;
}
