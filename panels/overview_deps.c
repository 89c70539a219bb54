/*
 * Services and what they need: a line each, or all of it as a tree where
 * there is room. The title says what is most likely the root.
 */
#include "panels/panel_overview.h"

#include "base/alloc.h"
#include "panels/box.h"
#include "panels/deps_view.h"
#include "panels/page.h"

enum {
	WHY_W = 24,	/* cells of a reason in a line */
	WHY_W_MIN = 76, /* of a line that has room for it */
	SENTENCE_ROWS = 2,
	TREE_NAME_W = 30,
	RANK_OK = 4, /* the highest of struct dep */
};

/* Has a line of its own: it needs something, or nobody needs it. */
static bool
is_top(const struct dep *dep)
{
	return dep->watched && (dep->need_count > 0 || !dep->needed);
}

struct overview_rows
overview_deps_rows(const struct panel_ctx *ctx)
{
	struct deps_view view;
	size_t bad = 0, good = 0;

	deps_view_init(&view, ctx);
	for (size_t i = 0; i < view.count; i++) {
		if (!is_top(&view.deps[i]))
			continue;
		if (view.deps[i].state == STATE_OK)
			good++;
		else
			bad++;
	}
	deps_view_release(&view);
	return overview_rows_of(bad, good);
}

/* The sentence of the platform that is worst off, and its role. */
static enum role
worst_sentence(const struct deps_view *view, const struct panel_ctx *ctx,
    struct text_buf *tb)
{
	const struct dep *worst = &view->deps[0];

	for (size_t i = 1; i < view->count; i++) {
		if (view->deps[i].rank < worst->rank)
			worst = &view->deps[i];
	}
	return deps_sentence(view, ctx, worst->platform, tb);
}

/* "services: redis went bad first ...", in the colour of the worst. */
static struct rect
draw_title(const struct deps_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	struct text_buf sentence, title;
	enum role role = worst_sentence(view, ctx, &sentence);
	struct text words = tb_end(&sentence);
	int room = area.w - 20;
	struct rect body;

	tb_init(&title);
	tb_lit(&title, "services");
	if (role != ROLE_OK && room > 10) {
		tb_lit(&title, ": ");
		if ((int)words.width > room) {
			tb_text(&title, text_cut(words, (uint32_t)room - 1));
			tb_lit(&title, "…");
		} else {
			tb_text(&title, words);
		}
	}
	body =
	    box_section(canvas, area, tb_end(&title), view->section, ctx->now);
	if (role != ROLE_OK)
		canvas_restyle(canvas,
		    rect_clip(area, (struct rect) { area.y, area.x + 9, 1,
					(int)tb_end(&title).width - 9 }),
		    role, 0);
	return body;
}

/* Cells of the widest name, so that the words behind have the rest. */
static int
name_width(const struct deps_view *view)
{
	int w = 8;

	for (size_t i = 0; i < view->count; i++) {
		if (is_top(&view->deps[i]) && (int)view->deps[i].name.width > w)
			w = (int)view->deps[i].name.width;
	}
	return w < OVERVIEW_NAME_W ? w : OVERVIEW_NAME_W;
}

static void
draw_line(const struct deps_view *view, struct canvas *canvas, struct rect row,
    const struct dep *dep)
{
	int name = name_width(view), x = row.x + 6 + name, why = WHY_W;

	overview_name(canvas,
	    rect_clip(row, (struct rect) { row.y, row.x, 1, 5 + name }),
	    dep->state, dep->name);
	if (dep->need_count == 0 || row.w < WHY_W_MIN)
		why = row.x + row.w - x;
	else if (row.w >= 120)
		why = 2 * WHY_W;
	canvas_text_cut(canvas, row, row.y, x, why, dep->detail,
	    dep->state == STATE_OK ? ROLE_DIM : ROLE_TEXT, 0);
	if (dep->need_count == 0 || row.w < WHY_W_MIN)
		return;
	x += why + 1;
	deps_draw_needs(view, canvas,
	    (struct rect) { row.y, x, 1, row.x + row.w - x }, TEXT("→"), dep);
}

/* Those with a line of their own, worst first; NULL without memory. */
static const struct dep **
list_tops(const struct deps_view *view, size_t *ret_count)
{
	const struct dep **tops = NULL;
	const struct deps_line *lines;
	size_t lines_count, n = 0;

	if (view->count > 0) /* none either without memory for an arena */
		tops = arena_array(view->arena, view->count, sizeof(*tops));
	lines = deps_tree(view, &lines_count);
	if (lines == NULL || tops == NULL)
		lines_count = 0;
	for (int rank = 0; rank <= RANK_OK; rank++) {
		for (size_t i = 0; i < lines_count; i++) {
			const struct dep *dep = &view->deps[lines[i].dep];

			if (!lines[i].again && is_top(dep) && dep->rank == rank)
				tops[n++] = dep;
		}
	}
	*ret_count = n;
	return tops;
}

static void
pack_lines(const struct dep **tops, size_t count, struct canvas *canvas,
    struct rect row)
{
	struct text_buf tb;
	size_t left = 0;

	tb_init(&tb);
	for (size_t i = 0; i < count; i++)
		left += !overview_pack(&tb, row.w - 17, tops[i]->name);
	overview_packed(canvas, row, &tb, left);
}

void
overview_deps(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	const struct dep **tops;
	struct deps_view view;
	struct rect body;
	size_t count;

	deps_view_init(&view, ctx);
	tops = list_tops(&view, &count);
	if (count == 0)
		goto out;
	body = draw_title(&view, ctx, canvas, area);
	for (int y = 0; y < body.h && (size_t)y < count; y++) {
		const struct dep *dep = tops[y];
		struct rect row = { body.y + y, body.x, 1, body.w };

		if (dep->state == STATE_OK && y + 1 == body.h &&
		    count > (size_t)body.h)
			pack_lines(&tops[y], count - (size_t)y, canvas, row);
		else
			draw_line(&view, canvas, row, dep);
	}
	box_dim(canvas, body, view.section, ctx->now);
out:
	deps_view_release(&view);
}

int
overview_tree_rows(const struct panel_ctx *ctx)
{
	struct deps_view view;
	size_t count;

	deps_view_init(&view, ctx);
	deps_tree(&view, &count);
	deps_view_release(&view);
	return count > 0 ? (int)count + 1 + SENTENCE_ROWS : 0;
}

static void
draw_tree_line(const struct deps_view *view, struct canvas *canvas,
    struct rect row, const struct deps_line *line)
{
	const struct dep *dep = &view->deps[line->dep];
	bool well = dep->state == STATE_OK;
	struct text sign = dep_sign(dep);
	struct text_buf tb;
	int x = row.x + 2, words;

	tb_init(&tb);
	put_branch(&tb, line, row.w < 60);
	x = canvas_text(canvas, row, row.y, x, tb_end(&tb), ROLE_RULE, 0);
	x = canvas_text(canvas, row, row.y, x, sign, dep_role(dep), CELL_BOLD) +
	    1;
	words = row.x + 2 + TREE_NAME_W;
	canvas_text_cut(canvas, row, row.y, x, words - x - 1, dep->name,
	    well ? ROLE_TEXT : dep_role(dep), 0);
	canvas_text_cut(canvas, row, row.y, words, row.x + row.w - words,
	    dep->verdict.len > 0 && !well ? dep->verdict : dep->detail,
	    well ? ROLE_DIM : ROLE_TEXT, 0);
}

void
overview_tree(
    const struct panel_ctx *ctx, struct canvas *canvas, struct rect area)
{
	struct page page = { .canvas = canvas };
	const struct deps_line *lines;
	struct text_buf sentence;
	struct deps_view view;
	struct rect body;
	enum role role;
	size_t count;

	deps_view_init(&view, ctx);
	lines = deps_tree(&view, &count);
	if (lines == NULL)
		goto out;
	body =
	    box_section(canvas, area, TEXT("services"), view.section, ctx->now);
	role = worst_sentence(&view, ctx, &sentence);
	page.area = body;
	page.area.h = body.h < SENTENCE_ROWS ? body.h : SENTENCE_ROWS;
	page_text(&page, TEXT_EMPTY, tb_end(&sentence), role);
	for (int y = page.y < page.area.h ? page.y : page.area.h, i = 0;
	     y < body.h && (size_t)i < count; y++, i++)
		draw_tree_line(&view, canvas,
		    (struct rect) { body.y + y, body.x, 1, body.w }, &lines[i]);
	box_dim(canvas, body, view.section, ctx->now);
out:
	deps_view_release(&view);
}
