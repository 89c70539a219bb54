/* Which of the bad nodes the others have their trouble from. */
#include "model/deps_impl.h"

#include <string.h>

#include "base/textbuf.h"

/* Whether a certainly went bad before b did; both are in trouble. */
static bool
went_before(const struct deps_node *a, const struct deps_node *b)
{
	return b->about_ns >= 0 && b->bad_at - b->about_ns >= a->bad_at;
}

/* Takes over the roots of what node i needs. */
static bool
roots_inherit(struct deps_graph *graph, size_t i)
{
	const struct deps_node *node = &graph->nodes[i];
	bool trouble = deps_in_trouble(node), any = false;

	for (size_t n = 0; n < node->def->need_count; n++) {
		size_t at = node->def->needs[n];
		const struct deps_node *need = &graph->nodes[at];

		/* Bad below what is well is no reason to be bad. */
		if (trouble && need->state == STATE_OK)
			continue;
		if (trouble && deps_in_trouble(need) && went_before(node, need))
			continue;
		for (size_t j = 0; j < graph->count; j++) {
			if (!graph->roots[at][j] ||
			    (trouble && went_before(node, &graph->nodes[j])))
				continue;
			graph->roots[i][j] = true;
			any = true;
		}
	}
	return any;
}

void
deps_find_roots(struct deps_graph *graph)
{
	for (size_t o = 0; o < graph->count; o++) {
		size_t i = graph->order[o];
		struct deps_node *node = &graph->nodes[i];

		memset(graph->roots[i], 0, sizeof(graph->roots[i]));
		node->order = 0;
		if (!roots_inherit(graph, i) && deps_in_trouble(node)) {
			graph->roots[i][i] = true;
			node->order = 1;
		}
	}
	for (size_t i = 0; i < graph->count; i++) {
		for (size_t j = 0; j < graph->count; j++) {
			if (graph->roots[i][i] && graph->roots[j][j] &&
			    went_before(&graph->nodes[j], &graph->nodes[i]))
				graph->nodes[i].order++;
		}
	}
}

struct text
deps_because(const struct deps_graph *graph, size_t i, struct arena *arena)
{
	struct text parts[2 * DEPEND_NODES_MAX];
	size_t n = 0;

	for (size_t j = 0; j < graph->count; j++) {
		if (!graph->roots[i][j])
			continue;
		if (n > 0)
			parts[n++] = TEXT(", ");
		parts[n++] = graph->nodes[j].name;
	}
	return text_join(arena, parts, n);
}

/* "X", "X and Y", "X, Y and 3 more": the roots of node i. */
static void
put_roots(const struct deps_graph *graph, size_t i, struct text_buf *tb)
{
	size_t count = 0, n = 0;

	for (size_t j = 0; j < graph->count; j++)
		count += graph->roots[i][j];
	for (size_t j = 0; j < graph->count; j++) {
		if (!graph->roots[i][j])
			continue;
		if (n == 2) {
			tb_fmt(tb, " and %zu more", count - 2);
			return;
		}
		if (n > 0)
			tb_text(tb, count == 2 ? TEXT(" and ") : TEXT(", "));
		tb_text(tb, graph->nodes[j].name);
		n++;
	}
}

/* The first of the needs of node i of which that is true; NULL: none. */
static const struct deps_node *
need_that(const struct deps_graph *graph, size_t i,
    bool (*is)(const struct deps_node *node))
{
	const struct depend_node *def = graph->nodes[i].def;

	for (size_t n = 0; n < def->need_count; n++) {
		if (is(&graph->nodes[def->needs[n]]))
			return &graph->nodes[def->needs[n]];
	}
	return NULL;
}

static bool
is_unknown(const struct deps_node *node)
{
	return node->state == STATE_UNKNOWN && !node->absent;
}

static bool
is_well(const struct deps_node *node)
{
	return node->state == STATE_OK;
}

/* How many bad nodes there are, and how many roots that none precedes. */
static void
count_bad(const struct deps_graph *graph, size_t *ret_bad, size_t *ret_first)
{
	*ret_bad = *ret_first = 0;
	for (size_t i = 0; i < graph->count; i++) {
		*ret_bad += deps_in_trouble(&graph->nodes[i]);
		*ret_first += graph->nodes[i].order == 1;
	}
}

static void
put_root_verdict(const struct deps_graph *graph, size_t i, struct text_buf *tb)
{
	const struct deps_node *node = &graph->nodes[i];
	const struct deps_node *bad = need_that(graph, i, deps_in_trouble);
	const struct deps_node *unknown = need_that(graph, i, is_unknown);
	size_t bads, firsts;

	count_bad(graph, &bads, &firsts);
	if (node->order == 1 && bads > 1 && node->about_ns >= 0)
		tb_text(tb, firsts == 1 ? TEXT("went bad first")
					: TEXT("among the first to go bad"));
	else if (bad != NULL) {
		tb_lit(tb, "went bad before ");
		tb_text(tb, bad->name);
	} else if (unknown != NULL) {
		tb_lit(tb, "of its needs ");
		tb_text(tb, unknown->name);
		tb_lit(tb, " is not known");
	} else
		tb_text(tb, need_that(graph, i, is_well) != NULL
				? TEXT("its own needs are fine")
				: TEXT("needs nothing else"));
}

/* Whether none of the roots of a critical node is more than a warning. */
static bool
is_doubtful(const struct deps_graph *graph, size_t i)
{
	if (graph->nodes[i].state != STATE_CRIT)
		return false;
	for (size_t j = 0; j < graph->count; j++) {
		if (graph->roots[i][j] && graph->nodes[j].state != STATE_WARN)
			return false;
	}
	return true;
}

struct text
deps_verdict(const struct deps_graph *graph, size_t i, struct arena *arena)
{
	struct text_buf tb;
	bool any = false;

	for (size_t j = 0; j < graph->count; j++)
		any = any || graph->roots[i][j];
	tb_init(&tb);
	if (graph->roots[i][i]) {
		put_root_verdict(graph, i, &tb);
	} else if (any && deps_in_trouble(&graph->nodes[i])) {
		tb_text(&tb, is_doubtful(graph, i) ? TEXT("perhaps because of ")
						   : TEXT("because of "));
		put_roots(graph, i, &tb);
	} else if (any && graph->nodes[i].state == STATE_OK) {
		tb_lit(&tb, "still well, needs ");
		put_roots(graph, i, &tb);
	}
	return text_copy(arena, tb_end(&tb));
}
