/* Pieces of pictures of nodes that several panels draw. */
#include "panels/deps_view.h"

#include <math.h>

#include "base/alloc.h"
#include "panels/box.h"

enum {
	WHY_W = 18 /* cells of a reason in a row of nodes */
};

void
put_state(struct text_buf *tb, enum state state)
{
	static const char *const words[] = {
		[STATE_OK] = "",
		[STATE_WARN] = " warn",
		[STATE_CRIT] = " crit",
		[STATE_UNKNOWN] = " unknown",
	};

	tb_text(tb, state_sign(state));
	tb_text(tb, text_lit(words[state]));
}

void
put_branch(struct text_buf *tb, const struct deps_line *line, bool narrow)
{
	for (size_t level = 1; level < line->depth; level++) {
		bool on = (line->bars >> (level - 1) & 1) != 0;

		tb_text(tb, on ? TEXT("│") : TEXT(" "));
		tb_text(tb, narrow ? TEXT(" ") : TEXT("  "));
	}
	if (line->depth == 0)
		return;
	tb_text(tb, line->last ? TEXT("└") : TEXT("├"));
	tb_text(tb, narrow ? TEXT(" ") : TEXT("─ "));
}

struct text
dep_sign(const struct dep *dep)
{
	return dep->watched ? state_sign(dep->state) : TEXT("-");
}

enum role
dep_role(const struct dep *dep)
{
	return dep->watched ? state_role(dep->state) : ROLE_DIM;
}

static void
worst_first(const struct deps_view *view, size_t *nodes, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		size_t node = nodes[i], at = i;

		for (; at > 0 &&
		       view->deps[nodes[at - 1]].rank > view->deps[node].rank;
		     at--)
			nodes[at] = nodes[at - 1];
		nodes[at] = node;
	}
}

/* What stands behind a name: why it is bad, or how fast it answers. */
static void
put_brief(struct text_buf *tb, const struct dep *dep, bool why)
{
	if (dep->state == STATE_OK && isfinite(dep->latency_s)) {
		tb_lit(tb, " ");
		tb_num(tb, dep->latency_s, NUM_SECONDS);
	} else if (why && dep->detail.len > 0 &&
		   (dep->state == STATE_WARN || dep->state == STATE_CRIT)) {
		bool cut = dep->detail.width > WHY_W;

		tb_lit(tb, " ");
		tb_text(tb, text_cut(dep->detail, cut ? WHY_W - 1 : WHY_W));
		if (cut)
			tb_lit(tb, "…");
	}
}

/* A node in a row: "  ✗ api 7.3 %", or ", redis 1 ms" behind the first ok. */
struct piece {
	struct text before;
	struct text sign;
	struct text name;
	struct text_buf brief;
	int width;
};

static void
piece_make(struct piece *piece, const struct deps_view *view,
    const size_t *nodes, size_t n, bool why)
{
	const struct dep *dep = &view->deps[nodes[n]];

	piece->before = TEXT("  ");
	piece->sign = dep_sign(dep);
	piece->name = dep->name;
	if (n > 0 && dep->state == STATE_OK &&
	    view->deps[nodes[n - 1]].state == STATE_OK) {
		piece->before = TEXT(",");
		piece->sign = TEXT_EMPTY;
	}
	tb_init(&piece->brief);
	put_brief(&piece->brief, dep, why);
	piece->width = (int)(piece->before.width + piece->sign.width + 1 +
			     piece->name.width + piece->brief.width);
}

static bool
all_fit(const struct deps_view *view, const size_t *nodes, size_t count,
    int room, bool why)
{
	struct piece piece;

	for (size_t n = 0; n < count && room >= 0; n++) {
		piece_make(&piece, view, nodes, n, why);
		room -= piece.width;
	}
	return room >= 0;
}

static int
piece_draw(const struct piece *piece, struct canvas *canvas, struct rect row,
    int x, enum role role)
{
	x = canvas_text(canvas, row, row.y, x, piece->before, ROLE_DIM, 0);
	x = canvas_text(canvas, row, row.y, x, piece->sign, role, 0) + 1;
	x = canvas_text(canvas, row, row.y, x, piece->name,
	    role == ROLE_OK ? ROLE_TEXT : role, 0);
	return canvas_text(
	    canvas, row, row.y, x, tb_end(&piece->brief), ROLE_DIM, 0);
}

void
deps_draw_nodes(const struct deps_view *view, struct canvas *canvas,
    struct rect row, struct text label, size_t *nodes, size_t count)
{
	int x = canvas_text(canvas, row, row.y, row.x, label, ROLE_DIM, 0);
	bool why;

	worst_first(view, nodes, count);
	why = all_fit(view, nodes, count, row.x + row.w - x, true);
	for (size_t n = 0; n < count; n++) {
		struct text_buf more;
		struct piece piece;
		int room = row.x + row.w - x;

		piece_make(&piece, view, nodes, n, why);
		tb_init(&more);
		tb_fmt(&more, "  and %zu %s", count - n,
		    view->deps[nodes[n]].state == STATE_OK ? "ok" : "more");
		if (n + 1 < count)
			room -= (int)tb_end(&more).width;
		if (n > 0 && piece.width > room) {
			canvas_text(
			    canvas, row, row.y, x, tb_end(&more), ROLE_DIM, 0);
			return;
		}
		x = piece_draw(
		    &piece, canvas, row, x, dep_role(&view->deps[nodes[n]]));
	}
}

void
deps_draw_needs(const struct deps_view *view, struct canvas *canvas,
    struct rect row, struct text label, const struct dep *dep)
{
	size_t *nodes =
	    arena_array(view->arena, dep->need_count + 1, sizeof(*nodes));

	if (nodes == NULL)
		return;
	for (size_t n = 0; n < dep->need_count; n++)
		nodes[n] = dep->needs[n];
	deps_draw_nodes(view, canvas, row, label, nodes, dep->need_count);
}
