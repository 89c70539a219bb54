/* The nodes as a tree: lines in the order in which they are drawn. */
#include "panels/deps_view.h"

#include "base/alloc.h"

struct tree {
	const struct deps_view *view;
	struct deps_line *lines;
	size_t count;
	size_t most;
	bool *drawn; /* with what it needs below it */
};

/* Worst first, with what is below; then as configured. */
static bool
is_before(const struct deps_view *view, size_t i, size_t j)
{
	const struct dep *a = &view->deps[i], *b = &view->deps[j];

	if (a->worst != b->worst)
		return a->worst < b->worst;
	return a->rank != b->rank ? a->rank < b->rank : i < j;
}

/*
 * The next of the children of parent (SIZE_MAX: of those that nobody needs)
 * behind the one that was drawn last (SIZE_MAX: none was); SIZE_MAX: there
 * is none.
 */
static size_t
next_child(const struct tree *tree, size_t parent, size_t after)
{
	const struct deps_view *view = tree->view;
	size_t count =
	    parent == SIZE_MAX ? view->count : view->deps[parent].need_count;
	size_t best = SIZE_MAX;

	for (size_t n = 0; n < count; n++) {
		size_t i = parent == SIZE_MAX ? n : view->deps[parent].needs[n];

		if (parent == SIZE_MAX && view->deps[i].needed)
			continue;
		if (after != SIZE_MAX && !is_before(view, after, i))
			continue;
		if (best == SIZE_MAX || is_before(view, i, best))
			best = i;
	}
	return best;
}

/* An edge is drawn once, so parent and node make a key. */
static struct text
line_key(const struct tree *tree, size_t parent, size_t dep)
{
	const struct dep *deps = tree->view->deps;

	if (parent == SIZE_MAX)
		return deps[dep].key;
	const struct text parts[] = { deps[parent].key, TEXT(" > "),
		deps[dep].key };

	return text_join(tree->view->arena, parts, ARRAY_LEN(parts));
}

/* Recursion is as deep as the graph: DEPEND_DEPTH_MAX. */
static void
draw_below(struct tree *tree, size_t parent, size_t depth, uint32_t bars)
{
	size_t dep = next_child(tree, parent, SIZE_MAX);

	while (dep != SIZE_MAX && tree->count < tree->most) {
		size_t next = next_child(tree, parent, dep);
		bool again =
		    tree->drawn[dep] && tree->view->deps[dep].need_count > 0;
		uint32_t on =
		    depth > 0 && next != SIZE_MAX ? 1U << (depth - 1) : 0;

		tree->lines[tree->count++] = (struct deps_line) {
			.dep = dep,
			.parent = parent,
			.depth = depth,
			.last = next == SIZE_MAX,
			.again = again,
			.bars = bars,
			.key = line_key(tree, parent, dep),
		};
		if (!again && depth < DEPEND_DEPTH_MAX)
			draw_below(tree, dep, depth + 1, bars | on);
		tree->drawn[dep] = true;
		dep = next;
	}
}

const struct deps_line *
deps_tree(const struct deps_view *view, size_t *ret_count)
{
	struct tree tree = { .view = view, .most = view->count };

	*ret_count = 0;
	if (view->count == 0)
		return NULL;
	for (size_t i = 0; i < view->count; i++)
		tree.most += view->deps[i].need_count;
	tree.lines = arena_array(view->arena, tree.most, sizeof(*tree.lines));
	tree.drawn = arena_array(view->arena, view->count, sizeof(bool));
	if (tree.lines == NULL || tree.drawn == NULL)
		return NULL;
	draw_below(&tree, SIZE_MAX, 0, 0);
	*ret_count = tree.count;
	return tree.lines;
}
