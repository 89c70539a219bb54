/*
 * Dependencies: on top what is most likely the root, then who needs whom as
 * a tree, below it the selected one: why, whom it reaches, what it needs.
 * Enter leads to the panel that shows it. Reads the watch thread's table
 * "dependencies" (model/deps.h).
 */
#include <math.h>

#include "base/clock.h"
#include "model/platform.h"
#include "panels/box.h"
#include "panels/culprit.h"
#include "panels/deps_view.h"
#include "panels/hint.h"
#include "panels/list_panel.h"
#include "panels/page.h"
#include "panels/pick.h"
#include "panels/table.h"

enum {
	NARROW_W = 60,	   /* below it a level takes two cells, not three */
	DETAIL_H_MIN = 14, /* rows of the panel that leave room for it */
	HINT_GAP = 3,	   /* cells before the key that acts on it */
};

enum dep_column {
	COL_NODE,
	COL_STATE,
	COL_FOR,
	COL_LATENCY,
	COL_VERDICT,
	COL_REACH,
	COL_SINCE,
	COL_DETAIL,
	COL_COUNT,
};

static const struct list_column columns[COL_COUNT] = {
	[COL_NODE] = { TEXT_INIT("who needs whom"), 22, 34, 0, false },
	[COL_STATE] = { TEXT_INIT("state"), 9, 9, 1, false },
	[COL_FOR] = { TEXT_INIT("for"), 6, 7, 3, true },
	[COL_LATENCY] = { TEXT_INIT("takes"), 7, 8, 4, true },
	[COL_VERDICT] = { TEXT_INIT("verdict"), 26, 34, 2, false },
	[COL_REACH] = { TEXT_INIT("needed by"), 9, 9, 6, true },
	[COL_SINCE] = { TEXT_INIT("since"), 8, 14, 5, true },
	[COL_DETAIL] = { TEXT_INIT("why"), 24, 0, 7, false },
};

/* What is drawn in one frame. */
struct picture {
	const struct panel_ctx *ctx;
	struct deps_view deps;
	const struct deps_line *lines;
	size_t line_count;
	bool narrow;
	bool flat; /* sorted or filtered: no tree, each node once */
};

static const struct dep *
dep_at(const struct picture *picture, size_t row)
{
	return picture->flat ? &picture->deps.deps[row]
			     : &picture->deps.deps[picture->lines[row].dep];
}

static struct text
row_key(const void *ctx, size_t row)
{
	const struct picture *picture = ctx;

	return picture->flat ? picture->deps.deps[row].key
			     : picture->lines[row].key;
}

/* What is not watched has no colour of alarm. */
static enum state
row_state(const void *ctx, size_t row)
{
	const struct dep *dep = dep_at(ctx, row);

	return dep->watched ? dep->state : STATE_OK;
}

/*
 * How long it has been so: nothing for what always was, and more than that
 * for what was bad already when it was first seen.
 */
static void
put_for(
    struct text_buf *out, const struct picture *picture, const struct dep *dep)
{
	double ms = (double)picture->ctx->wall_ms - dep->since_ms;

	if (!isfinite(ms) || ms < 0 || ms >= 1e12)
		return;
	if (isnan(dep->about_s) &&
	    (dep->state == STATE_WARN || dep->state == STATE_CRIT))
		tb_lit(out, ">");
	put_age(out, (int64_t)ms * NS_PER_MS);
}

static void
put_node(struct text_buf *out, const struct picture *picture, size_t row)
{
	const struct dep *dep = dep_at(picture, row);
	bool top = picture->flat || picture->lines[row].depth == 0;

	if (!picture->flat)
		put_branch(out, &picture->lines[row], picture->narrow);
	/* With several platforms the key has theirs in front. */
	tb_text(out, top ? dep->key : dep->name);
	if (!picture->flat && picture->lines[row].again)
		tb_lit(out, " (above)");
}

static void
row_cell(const void *ctx, size_t row, size_t column, struct text_buf *out)
{
	const struct picture *picture = ctx;
	const struct dep *dep = dep_at(picture, row);

	switch ((enum dep_column)column) {
	case COL_NODE:
		put_node(out, picture, row);
		break;
	case COL_STATE:
		if (dep->watched)
			put_state(out, dep->state);
		else
			tb_lit(out, "-");
		break;
	case COL_FOR:
		put_for(out, picture, dep);
		break;
	case COL_LATENCY:
		if (isfinite(dep->latency_s)) /* most are not measured */
			tb_num(out, dep->latency_s, NUM_SECONDS);
		break;
	case COL_VERDICT:
		tb_text(out, dep->verdict);
		break;
	case COL_REACH:
		tb_num(out, (double)dep->reach, NUM_COUNT);
		break;
	case COL_SINCE:
		if (isfinite(dep->since_ms))
			when_cell(out, picture->ctx, dep->since_ms);
		break;
	case COL_DETAIL:
		tb_text(out, dep->detail);
		break;
	case COL_COUNT:
		break;
	}
}

static double
row_num(const void *ctx, size_t row, size_t column)
{
	const struct dep *dep = dep_at(ctx, row);

	switch ((enum dep_column)column) {
	case COL_STATE:
		return -dep->rank;
	case COL_FOR:
	case COL_SINCE:
		return dep->since_ms;
	case COL_LATENCY:
		return dep->latency_s;
	case COL_REACH:
		return (double)dep->reach;
	default:
		return NAN;
	}
}

static struct text
row_match(const void *ctx, size_t row)
{
	return dep_at(ctx, row)->name;
}

static struct list_data
picture_data(const struct picture *picture)
{
	return (struct list_data) {
		.ctx = picture,
		.count =
		    picture->flat ? picture->deps.count : picture->line_count,
		.key = row_key,
		.state = row_state,
		.cell = row_cell,
		.num = row_num,
		.match = row_match,
		.columns = columns,
		.column_count = COL_COUNT,
		.state_column = COL_STATE,
	};
}

static void
picture_init(struct picture *picture, const struct panel_ctx *ctx,
    const struct list_panel *view)
{
	*picture = (struct picture) { .ctx = ctx };
	deps_view_init(&picture->deps, ctx);
	picture->lines = deps_tree(&picture->deps, &picture->line_count);
	picture->flat = view->list.sort > 0 || view->list.filter.count > 0 ||
			picture->lines == NULL;
}

/* How to get something to see here. */
static void
draw_nothing(
    const struct picture *picture, struct canvas *canvas, struct rect area)
{
	struct page page = { .canvas = canvas, .area = area };

	if (deps_configured(picture->ctx)) {
		box_words(canvas, area, TEXT("first answer pending"), ROLE_DIM);
		return;
	}
	page_text(&page, TEXT_EMPTY,
	    TEXT("nothing says who needs whom; the configuration may, for "
		 "example:"),
	    ROLE_DIM);
	page_row(&page, 4, TEXT("dependencies:"), ROLE_TEXT);
	page_row(&page, 6, TEXT("api: [database, redis]"), ROLE_TEXT);
	page_row(&page, 6, TEXT("jobs: [redis, signal:allowance]"), ROLE_TEXT);
	page_row(&page, 4, TEXT("services:"), ROLE_TEXT);
	page_row(&page, 6, TEXT("jobs: {health: [queues, signal:failures]}"),
	    ROLE_TEXT);
	page_text(&page, TEXT_EMPTY,
	    TEXT("names are sources, signals (signal:NAME) and health rows "
		 "(SOURCE/TARGET); see sevtop.yaml(5)"),
	    ROLE_DIM);
}

/* One sentence per platform; the rows that they took. */
static int
draw_sentences(
    const struct picture *picture, struct canvas *canvas, struct rect area)
{
	const struct deps_view *deps = &picture->deps;
	bool several = !text_eq(
	    deps->deps[0].platform, deps->deps[deps->count - 1].platform);
	struct page page = { .canvas = canvas, .area = area };
	struct text said = TEXT_EMPTY;

	for (size_t i = 0; i < deps->count; i++) {
		struct text platform = deps->deps[i].platform;
		struct text_buf tb;
		enum role role;

		if (i > 0 && text_eq(platform, said))
			continue;
		said = platform;
		role = deps_sentence(deps, picture->ctx, platform, &tb);
		page_text(
		    &page, several ? platform : TEXT_EMPTY, tb_end(&tb), role);
	}
	return page.y < area.h ? page.y : area.h;
}

static void
draw_reach(const struct picture *picture, struct canvas *canvas,
    struct rect row, const struct dep *dep)
{
	size_t *nodes = arena_array(
	    picture->deps.arena, picture->deps.count, sizeof(*nodes));
	struct text_buf label;
	size_t count;

	if (nodes == NULL)
		return;
	count = deps_needed_by(
	    &picture->deps, (size_t)(dep - picture->deps.deps), nodes);
	tb_init(&label);
	if (count == 0)
		tb_lit(&label, "nothing here needs it");
	else
		tb_fmt(&label, "needed by %zu", count);
	deps_draw_nodes(
	    &picture->deps, canvas, row, tb_end(&label), nodes, count);
}

static void
dep_target(const struct dep *dep, const struct panel_ctx *ctx,
    struct panel_target *out)
{
	culprit_of_part(ctx, dep->platform, dep->source, dep->shown, out);
}

/* The selected one: why, whom it reaches, what it needs. */
static void
draw_detail(const struct picture *picture, struct canvas *canvas,
    struct rect area, const struct dep *dep)
{
	struct panel_out out = { .panel = NULL };
	struct panel_target target = { .section = NULL };
	struct page page = { .canvas = canvas };
	struct panel_hint hint;
	struct text_buf tb;
	struct rect row;

	tb_init(&tb);
	tb_text(&tb, dep->name);
	if (!text_eq(dep->title, dep->name)) {
		tb_lit(&tb, "  ");
		tb_text(&tb, dep->title);
	}
	page.area = box_title(canvas, area, tb_end(&tb), dep->kind, ROLE_DIM);
	row =
	    (struct rect) { page.area.y, page.area.x + 2, 1, page.area.w - 2 };
	if (page.area.h < 3)
		return;
	page.area.h -= 2;
	tb_init(&tb);
	if (dep->watched)
		put_state(&tb, dep->state);
	else
		tb_lit(&tb, "not watched here:");
	if (dep->detail.len > 0) {
		tb_lit(&tb, "  ");
		tb_text(&tb, dep->detail);
	}
	page_text(&page, TEXT_EMPTY, tb_end(&tb),
	    dep->state == STATE_OK ? ROLE_TEXT : dep_role(dep));
	row.y += page.y < page.area.h ? page.y : page.area.h;
	draw_reach(picture, canvas, row, dep);
	row.y++;
	deps_draw_needs(&picture->deps, canvas, row,
	    dep->need_count > 0 ? TEXT("needs") : TEXT("needs nothing here"),
	    dep);
	row.y++;
	deps_go(dep, picture->ctx, &out);
	tb_init(&tb);
	tb_fmt(&tb, "Enter shows it in %s", out.panel);
	if (row.y >= area.y + area.h)
		return;
	canvas_text_cut(
	    canvas, row, row.y, row.x, row.w, tb_end(&tb), ROLE_DIM, 0);
	row.x += (int)tb.width + HINT_GAP;
	row.w -= (int)tb.width + HINT_GAP;
	dep_target(dep, picture->ctx, &target);
	hint_find(picture->ctx, &target, &hint);
	hint_draw(canvas, row, &hint, HINT_FULL, true);
}

/* Rows of the list, of what is left, and of the selected one below. */
static int
list_rows(const struct list_data *data, int h, bool detail)
{
	int want = (int)data->count + 1, most = detail ? h - 6 : h;

	return want < most ? want : most;
}

static void
draw_tree(struct list_panel *view, struct picture *picture,
    struct canvas *canvas, struct rect area)
{
	struct list_data data = picture_data(picture);
	bool detail = area.h >= DETAIL_H_MIN;
	struct rect list = area;
	size_t selected;

	list.h = list_rows(&data, area.h, detail);
	list_draw(&view->list, &data, canvas, list, TEXT_EMPTY, true);
	selected = list_selected(&view->list, &data);
	area.y += list.h;
	area.h -= list.h;
	if (detail && selected != SIZE_MAX)
		draw_detail(picture, canvas, area, dep_at(picture, selected));
}

static void
draw_title(const struct list_panel *view, const struct picture *picture,
    struct canvas *canvas, struct rect area)
{
	size_t bad = 0;
	struct text_buf title;

	for (size_t i = 0; i < picture->deps.count; i++)
		bad += picture->deps.deps[i].trouble;
	tb_init(&title);
	tb_lit(&title, "dependencies");
	if (picture->deps.count > 0)
		tb_lit(&title, " ");
	if (view->list.filter.count > 0)
		list_count(&view->list, &title);
	else if (picture->deps.count > 0)
		tb_int(&title, (int64_t)picture->deps.count);
	if (bad > 0)
		tb_fmt(&title, ", %zu bad", bad);
	if (picture->deps.section == NULL)
		box_title(canvas, area, tb_end(&title), TEXT_EMPTY, ROLE_DIM);
	else
		box_section(canvas, area, tb_end(&title), picture->deps.section,
		    picture->ctx->now);
}

static void
dependencies_draw(void *opaque, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	struct list_panel *view = opaque;
	struct picture picture;
	struct rect body = box_below(area);
	int rows;

	picture_init(&picture, ctx, view);
	picture.narrow = area.w < NARROW_W;
	if (picture.deps.count == 0) {
		draw_nothing(&picture, canvas, body);
	} else {
		rows = draw_sentences(&picture, canvas,
		    (struct rect) { body.y, body.x, body.h / 3, body.w });
		body.y += rows;
		body.h -= rows;
		draw_tree(view, &picture, canvas, body);
		box_dim(
		    canvas, box_below(area), picture.deps.section, ctx->now);
	}
	draw_title(view, &picture, canvas, area);
	deps_view_release(&picture.deps);
}

/* Moves to the next line in trouble; false: there is none. */
static bool
select_trouble(struct list_panel *view, const struct picture *picture,
    const struct list_data *data, bool back)
{
	size_t at = list_selected(&view->list, data);

	if (at == SIZE_MAX)
		at = 0;
	for (size_t i = 1; i <= data->count; i++) {
		size_t row = (at + (back ? data->count - i : i)) % data->count;

		if (!dep_at(picture, row)->trouble)
			continue;
		list_select(&view->list, data->key(data->ctx, row));
		return true;
	}
	return false;
}

static enum panel_result
dependencies_command(void *opaque, const struct panel_ctx *ctx,
    enum command command, struct panel_out *out)
{
	struct list_panel *view = opaque;
	enum panel_result result = PANEL_DONE;
	struct picture picture;
	struct list_data data;
	size_t selected;

	picture_init(&picture, ctx, view);
	data = picture_data(&picture);
	selected = list_selected(&view->list, &data);
	if (command == COMMAND_NEXT_ERROR || command == COMMAND_PREV_ERROR) {
		if (!select_trouble(
			view, &picture, &data, command == COMMAND_PREV_ERROR))
			out->notice = "nothing here is bad";
	} else if (command != COMMAND_OPEN) {
		result = list_panel_command(view, &data, command, out);
	} else if (selected == SIZE_MAX) {
		result = PANEL_IGNORED;
	} else {
		deps_go(dep_at(&picture, selected), ctx, out);
		result = PANEL_GO;
	}
	deps_view_release(&picture.deps);
	return result;
}

/* By name, or by the source, row or signal that it is. */
static void
dependencies_show(void *opaque, const struct panel_ctx *ctx, struct text arg)
{
	struct list_panel *view = opaque;
	struct picture picture;
	struct list_data data;

	picture_init(&picture, ctx, view);
	data = picture_data(&picture);
	for (size_t i = 0; i < data.count; i++) {
		if (!text_eq(dep_at(&picture, i)->name, arg))
			continue;
		list_select(&view->list, data.key(data.ctx, i));
		break;
	}
	deps_view_release(&picture.deps);
}

static bool
dependencies_target(
    const void *opaque, const struct panel_ctx *ctx, struct panel_target *out)
{
	const struct list_panel *view = opaque;
	struct picture picture;
	struct list_data data;
	size_t selected;

	picture_init(&picture, ctx, view);
	data = picture_data(&picture);
	selected =
	    view->list.shown > 0 ? list_selected(&view->list, &data) : SIZE_MAX;
	if (selected != SIZE_MAX)
		dep_target(dep_at(&picture, selected), ctx, out);
	deps_view_release(&picture.deps);
	return selected != SIZE_MAX;
}

const struct panel_ops panel_dependencies = {
	.name = "dependencies",
	.brief = "deps",
	.help = "who needs whom, what went bad first, and whom it reaches",
	.key = '8',
	.view_size = sizeof(struct list_panel),
	.commands =
	    (const enum command[]) {
		LIST_PANEL_COMMANDS,
		COMMAND_NEXT_ERROR,
		COMMAND_NONE,
	    },
	.release = list_panel_release,
	.draw = dependencies_draw,
	.command = dependencies_command,
	.typed = list_panel_typed,
	.show = dependencies_show,
	.target = dependencies_target,
};
