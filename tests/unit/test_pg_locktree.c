#include "datasrc/pg_locktree.h"

#include "base/alloc.h"
#include "base/attr.h"
#include "datasrc/limits.h"
#include "tests/tap.h"

/* "7+3 / 8+1 9 / ..." : depth as dots, pid, + how many wait behind it. */
static const char *
drawn(const struct pg_lock_edge *edges, size_t count)
{
	static char out[4096];
	struct pg_locktree tree = PG_LOCKTREE_INIT;
	size_t len = 0;

	if (pg_locktree_build(edges, count, &tree, NULL) != ERR_OK)
		return "no memory";
	out[0] = '\0';
	for (size_t i = 0; i < tree.count && len < sizeof(out) - 64; i++) {
		const struct pg_lock_row *row = &tree.rows[i];

		for (uint32_t d = 0; d < row->depth; d++)
			len +=
			    (size_t)snprintf(out + len, sizeof(out) - len, ".");
		len += (size_t)snprintf(
		    out + len, sizeof(out) - len, "%d", row->pid);
		if (row->blocks > 0)
			len += (size_t)snprintf(
			    out + len, sizeof(out) - len, "+%u", row->blocks);
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s",
		    row->shared ? "*" : "", i + 1 < tree.count ? " " : "");
	}
	pg_locktree_release(&tree);
	return out;
}

#define DRAWN(edges) drawn(edges, ARRAY_LEN(edges))

static void
test_chain(void)
{
	static const struct pg_lock_edge five[] = { { 2, 1, 40 }, { 3, 2, 30 },
		{ 4, 3, 20 }, { 5, 4, 10 } };
	struct pg_locktree tree = PG_LOCKTREE_INIT;

	is_str(drawn(five, 0), "", "no edges, no rows");
	is_str(DRAWN(five), "1+4 .2+3 ..3+2 ...4+1 ....5", "a chain of five");
	is_int(pg_locktree_build(five, ARRAY_LEN(five), &tree, NULL), ERR_OK,
	    "built");
	is_int(tree.roots, 1, "one root");
	is_int(tree.waiters, 4, "four wait");
	is_near(
	    tree.rows[0].worst_s, 40, 0, "the longest wait behind the root");
	ok(isnan(tree.rows[0].waits_s), "which waits for nobody");
	is_near(tree.rows[2].waits_s, 30, 0, "the wait of one of them");
	is_int(tree.rows[2].parent, 2, "and above it");
	ok(pg_locktree_find(&tree, 4) == &tree.rows[3], "found by pid");
	ok(pg_locktree_find(&tree, 6) == NULL, "or not");
	pg_locktree_release(&tree);
}

static void
test_queue(void)
{
	/* All want the row that 1 holds: each waits for all before it. */
	static const struct pg_lock_edge queue[] = { { 2, 1, 9 }, { 3, 1, 8 },
		{ 3, 2, 8 }, { 4, 1, 7 }, { 4, 2, 7 }, { 4, 3, 7 } };
	/* 2 waits for the row; the rest wait for 2 to get it. */
	static const struct pg_lock_edge tuple[] = { { 2, 1, 9 }, { 3, 2, 8 },
		{ 4, 2, 7 }, { 4, 3, 7 } };
	/* ALTER TABLE behind a reader, and readers behind it. */
	static const struct pg_lock_edge alter[] = { { 2, 1, 60 }, { 5, 2, 5 },
		{ 3, 2, 50 }, { 4, 2, 40 } };

	is_str(DRAWN(queue), "1+3 .2+2 .3+1 .4", "a queue stands side by side");
	is_str(DRAWN(tuple), "1+3 .2+2 ..3+1 ..4", "below whom it waits for");
	is_str(DRAWN(alter), "1+4 .2+3 ..3 ..4 ..5", "longest wait first");
}

static void
test_several(void)
{
	/* 4 waits for three that don't wait; 5 waits for 4. */
	static const struct pg_lock_edge three[] = { { 4, 1, 9 }, { 4, 2, 9 },
		{ 4, 3, 9 }, { 5, 4, 3 }, { 4, 3, 9 } };
	static const struct pg_lock_edge roots[] = { { 11, 10, 500 },
		{ 21, 20, 1 }, { 22, 20, 2 }, { 31, 30, 600 } };
	static const struct pg_lock_edge prepared[] = { { 7, 0, 1 } };

	is_str(DRAWN(three), "1+2 .4+1* ..5 2+2 .4+1* 3+2 .4+1*",
	    "below each of its blockers, its own only once");
	is_str(DRAWN(roots), "20+2 .22 .21 30+1 .31 10+1 .11",
	    "most waiters first, then the longest wait");
	is_str(DRAWN(prepared), "0+1 .7", "a prepared transaction");
}

static void
test_cycles(void)
{
	static const struct pg_lock_edge two[] = { { 1, 2, 1 }, { 2, 1, 1 } };
	static const struct pg_lock_edge three[] = { { 1, 2, 1 }, { 2, 3, 1 },
		{ 3, 1, 1 }, { 9, 3, 1 } };
	static const struct pg_lock_edge self[] = { { 5, 5, 1 } };

	is_str(DRAWN(two), "2+1 .1", "a deadlock of two is cut");
	is_str(DRAWN(three), "3+3 .2+1 ..1 .9", "one of three as well");
	is_str(DRAWN(self), "", "nobody waits for itself");
}

static void
test_size(void)
{
	enum {
		N = 200
	};
	static struct pg_lock_edge edges[N * N];
	struct pg_locktree tree = PG_LOCKTREE_INIT;
	size_t n = 0;

	for (int w = 1; w <= N; w++)
		for (int b = 0; b < w; b++)
			edges[n++] =
			    (struct pg_lock_edge) { 100 + w, 100 + b, w };
	is_int(pg_locktree_build(edges, n, &tree, NULL), ERR_OK, "a pile-up");
	is_int(tree.count, N + 1, "has as many rows as sessions");
	is_int(tree.rows[N].depth, 1, "side by side");
	ok(!tree.cut, "all of them");
	pg_locktree_release(&tree);
	for (int i = 0; i < 2000; i++)
		edges[i] = (struct pg_lock_edge) { i + 1, i, 1 };
	is_int(pg_locktree_build(edges, 2000, &tree, NULL), ERR_OK, "more");
	ok(tree.cut && tree.count == PG_LOCK_NODES_MAX, "than are drawn");
	pg_locktree_release(&tree);
}

/* xorshift: the same graphs in every run. */
static uint32_t
random_next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Any graph: all that wait are drawn, below whom they wait for. */
static void
test_any(void)
{
	uint32_t state = 2463534242;
	int lost = 0, wrong = 0;

	for (int round = 0; round < 500; round++) {
		struct pg_lock_edge edges[40];
		struct pg_locktree tree = PG_LOCKTREE_INIT;
		size_t n = random_next(&state) % ARRAY_LEN(edges);

		for (size_t i = 0; i < n; i++)
			edges[i] = (struct pg_lock_edge) {
				(int32_t)(random_next(&state) % 16),
				(int32_t)(random_next(&state) % 16), 1
			};
		if (pg_locktree_build(edges, n, &tree, NULL) != ERR_OK)
			continue;
		for (size_t i = 0; i < n; i++)
			lost +=
			    edges[i].waiter != edges[i].blocker &&
			    pg_locktree_find(&tree, edges[i].waiter) == NULL;
		for (size_t i = 0; i < tree.count; i++) {
			const struct pg_lock_row *row = &tree.rows[i];
			bool edge = row->parent < 0;

			for (size_t j = 0; j < n && !edge; j++)
				edge = edges[j].waiter == row->pid &&
				       edges[j].blocker == row->parent;
			wrong +=
			    !edge || (row->depth == 0) != (row->parent < 0);
		}
		pg_locktree_release(&tree);
	}
	is_int(lost, 0, "nobody who waits is lost");
	is_int(wrong, 0, "nobody stands below whom it does not wait for");
}

static void
test_memory(void)
{
	static const struct pg_lock_edge edges[] = { { 2, 1, 1 }, { 3, 2, 1 } };
	size_t made, n = 0, odd = 0;

	do {
		struct pg_locktree tree = PG_LOCKTREE_INIT;
		enum err_code code;

		mem_fail_at(++n, false);
		code = pg_locktree_build(edges, ARRAY_LEN(edges), &tree, NULL);
		made = mem_fail_at(0, false);
		odd += code != ERR_OK && code != ERR_NOMEM;
		pg_locktree_release(&tree);
	} while (made >= n);
	is_int(odd, 0, "no memory is said");
}

int
main(void)
{
	test_chain();
	test_queue();
	test_several();
	test_cycles();
	test_size();
	test_any();
	test_memory();
	return tap_done();
}
