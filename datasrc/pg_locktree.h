/*
 * Who blocks whom, as rows of a tree in the order of drawing. From the edges
 * of pg_blocking_pids(): a waiter and one of those it waits for. No I/O.
 *
 * A waiter stands below whom it waits for. Of several it stands below those
 * that wait for none of the others: ten sessions in a queue for one row all
 * stand below the session that holds it, not each below all those before it.
 * What is left may still be several (ALTER TABLE behind three readers); then
 * it stands below each of them, with its own waiters below the first only,
 * so that there are never more rows than edges and roots.
 * Cycles, which a server breaks after deadlock_timeout, are cut. A pid that
 * comes twice counts once. Pid 0 is a prepared transaction.
 * thread: owner.
 */
#ifndef SEV_DATASRC_PG_LOCKTREE_H
#define SEV_DATASRC_PG_LOCKTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pg_lock_edge {
	int32_t waiter;
	int32_t blocker;
	double waits_s; /* of the waiter; NaN: unknown */
};

struct pg_lock_row {
	int32_t pid;
	int32_t parent;	 /* pid of the row above it; -1: a root */
	uint32_t depth;	 /* 0: a root */
	uint32_t blocks; /* sessions that wait behind it, however far */
	double waits_s;	 /* NaN for a root */
	double worst_s;	 /* longest wait behind it; NaN: unknown, or none */
	bool shared;	 /* stands below several */
};

struct pg_locktree {
	struct pg_lock_row
	    *rows; /* the worst root first, each before its own */
	size_t count;
	size_t roots;
	size_t waiters;
	bool cut; /* more sessions than PG_LOCK_NODES_MAX: some are left out */
};

#define PG_LOCKTREE_INIT                                                       \
	{                                                                      \
		.rows = NULL                                                   \
	}

/*
 * Makes the rows, which are returned (free with pg_locktree_release()).
 * Roots and the children of a row: those with the most sessions behind them
 * first, then those with the longest wait. ERR_NOMEM.
 */
enum err_code pg_locktree_build(const struct pg_lock_edge *edges, size_t count,
    struct pg_locktree *ret_tree, struct err *err) ATTR_MUST_USE;

void pg_locktree_release(struct pg_locktree *tree);

/* First row of a session; NULL: it neither waits nor blocks. */
const struct pg_lock_row *pg_locktree_find(
    const struct pg_locktree *tree, int32_t pid);

#endif
