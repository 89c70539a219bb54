#include "datasrc/pg_locktree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "datasrc/limits.h"

/* A set of nodes is a row of words. */
#define WORD_BITS 64

enum visit {
	VISIT_NEW,
	VISIT_OPEN, /* on the way that is being walked */
	VISIT_DONE,
};

struct node {
	int32_t pid;
	enum visit visit;
	uint32_t blocks;
	double waits_s;
	double worst_s;
	bool drawn;
};

struct graph {
	struct node *nodes; /* by pid */
	size_t count;
	size_t words;	  /* of one set */
	uint64_t *direct; /* a set for each node: whom it waits for */
	uint64_t *ahead;  /* the same, however far */
	uint64_t *kept;	  /* below whom it is drawn */
	size_t *stack;	  /* scratch, one place for each node */
	size_t *next;	  /* scratch: where the walk of a node goes on */
};

static uint64_t *
set_of(const struct graph *g, uint64_t *sets, size_t node)
{
	return sets + node * g->words;
}

static bool
set_has(const uint64_t *set, size_t node)
{
	return (set[node / WORD_BITS] >> (node % WORD_BITS)) & 1;
}

static void
set_add(uint64_t *set, size_t node)
{
	set[node / WORD_BITS] |= UINT64_C(1) << (node % WORD_BITS);
}

static void
set_drop(uint64_t *set, size_t node)
{
	set[node / WORD_BITS] &= ~(UINT64_C(1) << (node % WORD_BITS));
}

static bool
sets_meet(const uint64_t *a, const uint64_t *b, size_t words)
{
	for (size_t i = 0; i < words; i++)
		if ((a[i] & b[i]) != 0)
			return true;
	return false;
}

static bool
set_is_empty(const uint64_t *set, size_t words)
{
	return !sets_meet(set, set, words);
}

static int
pid_order(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* Index of a pid, or the number of nodes. */
static size_t
node_find(const struct graph *g, int32_t pid)
{
	size_t low = 0, high = g->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (g->nodes[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < g->count && g->nodes[low].pid == pid ? low : g->count;
}

static enum err_code
graph_nodes(struct graph *g, const struct pg_lock_edge *edges, size_t count,
    bool *ret_cut, struct err *err)
{
	int32_t *pids = mem_calloc(2 * count + 1, sizeof(*pids));
	size_t n = 0;

	if (pids == NULL)
		return err_set(err, ERR_NOMEM, "postgres", "no memory");
	for (size_t i = 0; i < count; i++) {
		pids[2 * i] = edges[i].waiter;
		pids[2 * i + 1] = edges[i].blocker;
	}
	qsort(pids, 2 * count, sizeof(*pids), pid_order);
	for (size_t i = 0; i < 2 * count; i++)
		if (i == 0 || pids[i] != pids[i - 1])
			pids[n++] = pids[i];
	*ret_cut = n > PG_LOCK_NODES_MAX;
	g->count = *ret_cut ? PG_LOCK_NODES_MAX : n;
	g->words = (g->count + WORD_BITS - 1) / WORD_BITS;
	g->nodes = mem_calloc(g->count + 1, sizeof(*g->nodes));
	g->direct = mem_calloc(g->count * g->words + 1, sizeof(uint64_t));
	g->ahead = mem_calloc(g->count * g->words + 1, sizeof(uint64_t));
	g->kept = mem_calloc(g->count * g->words + 1, sizeof(uint64_t));
	g->stack = mem_calloc(g->count + 1, sizeof(size_t));
	g->next = mem_calloc(g->count + 1, sizeof(size_t));
	for (size_t i = 0; g->nodes != NULL && i < g->count; i++)
		g->nodes[i] = (struct node) {
			.pid = pids[i],
			.waits_s = NAN,
			.worst_s = NAN,
		};
	mem_free(pids);
	if (g->nodes == NULL || g->direct == NULL || g->ahead == NULL ||
	    g->kept == NULL || g->stack == NULL || g->next == NULL)
		return err_set(err, ERR_NOMEM, "postgres", "no memory");
	return ERR_OK;
}

static void
graph_release(struct graph *g)
{
	mem_free(g->nodes);
	mem_free(g->direct);
	mem_free(g->ahead);
	mem_free(g->kept);
	mem_free(g->stack);
	mem_free(g->next);
}

static void
graph_edges(struct graph *g, const struct pg_lock_edge *edges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t waiter = node_find(g, edges[i].waiter);
		size_t blocker = node_find(g, edges[i].blocker);

		if (waiter == g->count || blocker == g->count ||
		    waiter == blocker)
			continue;
		set_add(set_of(g, g->direct, waiter), blocker);
		g->nodes[waiter].waits_s =
		    fmax(g->nodes[waiter].waits_s, edges[i].waits_s);
	}
}

/*
 * Walks from one node to all that are ahead of it. An edge that leads back
 * onto the way closes a cycle and is dropped; a node that is done hands what
 * is ahead of it to the one before.
 */
static void
graph_walk(struct graph *g, size_t start)
{
	size_t depth = 0;

	g->stack[depth++] = start;
	g->nodes[start].visit = VISIT_OPEN;
	g->next[start] = 0;
	while (depth > 0) {
		size_t at = g->stack[depth - 1], to = g->next[at]++;
		uint64_t *direct = set_of(g, g->direct, at);
		uint64_t *ahead = set_of(g, g->ahead, at);

		if (to == g->count) {
			g->nodes[at].visit = VISIT_DONE;
			depth--;
			continue;
		}
		if (!set_has(direct, to))
			continue;
		if (g->nodes[to].visit == VISIT_OPEN) {
			set_drop(direct, to);
		} else if (g->nodes[to].visit == VISIT_NEW) {
			/* Comes by here again when it is done. */
			g->next[at]--;
			g->stack[depth++] = to;
			g->nodes[to].visit = VISIT_OPEN;
			g->next[to] = 0;
		} else {
			const uint64_t *more = set_of(g, g->ahead, to);

			set_add(ahead, to);
			for (size_t i = 0; i < g->words; i++)
				ahead[i] |= more[i];
		}
	}
}

/* What stands behind each node, and below whom it is drawn. */
static void
graph_count(struct graph *g)
{
	for (size_t w = 0; w < g->count; w++) {
		const uint64_t *direct = set_of(g, g->direct, w);
		const uint64_t *ahead = set_of(g, g->ahead, w);
		uint64_t *kept = set_of(g, g->kept, w);

		for (size_t b = 0; b < g->count; b++) {
			struct node *node = &g->nodes[b];

			if (!set_has(ahead, b))
				continue;
			node->blocks++;
			node->worst_s =
			    fmax(node->worst_s, g->nodes[w].waits_s);
			if (set_has(direct, b) &&
			    !sets_meet(
				direct, set_of(g, g->ahead, b), g->words))
				set_add(kept, b);
		}
	}
}

/* Compares as qsort() does: the worse first. */
static int
node_worse(const struct node *a, const struct node *b)
{
	double x = isnan(a->worst_s) ? a->waits_s : a->worst_s;
	double y = isnan(b->worst_s) ? b->waits_s : b->worst_s;

	if (a->blocks != b->blocks)
		return a->blocks > b->blocks ? -1 : 1;
	if (x != y && !(isnan(x) && isnan(y)))
		return isnan(y) || x > y ? -1 : 1;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

/* Puts the best of nodes from..to in front: they are few at a time. */
static void
nodes_sort(const struct graph *g, size_t *list, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		size_t at = list[i], j = i;

		for (; j > 0 &&
		       node_worse(&g->nodes[at], &g->nodes[list[j - 1]]) < 0;
		     j--)
			list[j] = list[j - 1];
		list[j] = at;
	}
}

/* The nodes that stand below parent (parent == count: the roots). */
static size_t
nodes_below(const struct graph *g, size_t parent, size_t *list)
{
	size_t n = 0;

	for (size_t i = 0; i < g->count; i++) {
		const uint64_t *kept = set_of(g, g->kept, i);
		bool below = parent < g->count ? set_has(kept, parent)
					       : set_is_empty(kept, g->words) &&
						     g->nodes[i].blocks > 0;

		if (below)
			list[n++] = i;
	}
	nodes_sort(g, list, n);
	return n;
}

static bool
kept_several(const struct graph *g, size_t node)
{
	const uint64_t *kept = set_of(g, g->kept, node);
	int n = 0;

	for (size_t i = 0; i < g->words; i++)
		n += __builtin_popcountll(kept[i]);
	return n > 1;
}

static size_t
kept_total(const struct graph *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->count * g->words; i++)
		n += (size_t)__builtin_popcountll(g->kept[i]);
	return n;
}

/* A place in the tree that is still to be written. */
struct task {
	size_t node;
	size_t parent; /* count: none */
	uint32_t depth;
};

static void
row_write(
    const struct graph *g, const struct task *task, struct pg_locktree *tree)
{
	const struct node *node = &g->nodes[task->node];
	bool root = task->parent == g->count;

	tree->roots += root;
	tree->waiters += !root && !node->drawn;
	tree->rows[tree->count++] = (struct pg_lock_row) {
		.pid = node->pid,
		.parent = root ? -1 : g->nodes[task->parent].pid,
		.depth = task->depth,
		.blocks = node->blocks,
		.waits_s = root ? NAN : node->waits_s,
		.worst_s = node->worst_s,
		.shared = kept_several(g, task->node),
	};
}

/* tasks has room for all rows: each is pushed once. */
static void
graph_write(struct graph *g, struct task *tasks, struct pg_locktree *tree)
{
	size_t left = nodes_below(g, g->count, g->stack);

	for (size_t i = 0; i < left; i++)
		tasks[i] =
		    (struct task) { g->stack[left - 1 - i], g->count, 0 };
	while (left > 0) {
		struct task task = tasks[--left];
		size_t below;

		row_write(g, &task, tree);
		if (g->nodes[task.node].drawn)
			continue;
		g->nodes[task.node].drawn = true;
		below = nodes_below(g, task.node, g->stack);
		for (size_t i = below; i > 0; i--)
			tasks[left++] = (struct task) { g->stack[i - 1],
				task.node, task.depth + 1 };
	}
}

enum err_code
pg_locktree_build(const struct pg_lock_edge *edges, size_t count,
    struct pg_locktree *ret_tree, struct err *err)
{
	struct pg_locktree tree = PG_LOCKTREE_INIT;
	struct graph g = { .nodes = NULL };
	struct task *tasks = NULL;
	size_t rows;
	enum err_code code = graph_nodes(&g, edges, count, &tree.cut, err);

	if (code != ERR_OK)
		goto out;
	graph_edges(&g, edges, count);
	for (size_t i = 0; i < g.count; i++)
		if (g.nodes[i].visit == VISIT_NEW)
			graph_walk(&g, i);
	graph_count(&g);
	rows = g.count + kept_total(&g);
	tasks = mem_calloc(rows + 1, sizeof(*tasks));
	tree.rows = mem_calloc(rows + 1, sizeof(*tree.rows));
	if (tasks == NULL || tree.rows == NULL) {
		code = err_set(err, ERR_NOMEM, "postgres", "no memory");
		goto out;
	}
	graph_write(&g, tasks, &tree);
	*ret_tree = tree;
	tree.rows = NULL;
out:
	mem_free(tree.rows);
	mem_free(tasks);
	graph_release(&g);
	return code;
}

void
pg_locktree_release(struct pg_locktree *tree)
{
	mem_free(tree->rows);
	*tree = (struct pg_locktree)PG_LOCKTREE_INIT;
}

const struct pg_lock_row *
pg_locktree_find(const struct pg_locktree *tree, int32_t pid)
{
	for (size_t i = 0; i < tree->count; i++)
		if (tree->rows[i].pid == pid)
			return &tree->rows[i];
	return NULL;
}
