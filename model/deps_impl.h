/*
 * What deps.c, deps_look.c and deps_root.c share. Private to these.
 */
#ifndef SEV_MODEL_DEPS_IMPL_H
#define SEV_MODEL_DEPS_IMPL_H

#include "model/deps.h"
#include "model/limits.h"

/* One thing that a node is judged by. */
struct deps_look {
	const struct look_def *def;
	struct text name;  /* of the row or signal; empty for a source */
	size_t slot;	   /* of its source; SIZE_MAX: not polled, or any */
	size_t signal;	   /* index in all signals */
	int64_t window_ns; /* of the signal: how far back its value looks */

	/* As of this step; texts live in the frame or in the answer. */
	enum state state;
	bool absent;	    /* nothing asks for it here, or it is optional */
	int64_t at;	    /* when that was read; clock_now() */
	int64_t latency_ns; /* -1: not measured */
	struct text words;
	const struct section *section; /* where it was seen; NULL: nowhere */

	/* Remembered. */
	int64_t ok_at;	  /* when it was last seen well; 0: never */
	int64_t bad_at;	  /* when it was first seen bad; 0: it is not */
	int64_t about_ns; /* it went bad at most so long before; -1: unknown */
};

struct deps_node {
	const struct depend_node *def;
	struct text name;
	struct text title;
	struct deps_look *looks;

	enum state state;
	bool absent;	       /* all of its looks are */
	enum state turned;     /* OK, CRIT for bad, UNKNOWN: since then */
	bool seen;	       /* was well or bad before */
	int64_t since_wall_ms; /* 0: as long as it is watched */
	int64_t bad_at;	       /* when it went bad; 0: it is not */
	int64_t bad_wall_ms;
	int64_t about_ns;
	const struct deps_look *worst;

	size_t order; /* of a root, from 1; 0: it is none */
	size_t reach;
};

/* The nodes of one platform. */
struct deps_graph {
	const struct platform *platform;
	struct text name;
	struct deps_node *nodes;
	size_t count;
	size_t *order; /* every node behind all that it needs */

	/* roots[i][j]: node j is a root of the trouble at node i. */
	bool (*roots)[DEPEND_NODES_MAX];
};

/*
 * Fills in what look says now. *look keeps what it remembers; slots is where
 * a row of any source is looked for. thread: owner.
 */
void deps_look_step(struct deps_look *look, const struct deps_graph *graph,
    const struct watch_slot *slots, size_t slot_count,
    const struct frame *frame, const struct signal *signals,
    struct arena *arena, int64_t now);

static inline bool
deps_is_bad(enum state state)
{
	return state == STATE_WARN || state == STATE_CRIT;
}

/* Bad, or bad when it was last known. */
static inline bool
deps_in_trouble(const struct deps_node *node)
{
	return deps_is_bad(node->state) ||
	       (node->state == STATE_UNKNOWN && node->bad_at != 0);
}

/* Finds the roots of all trouble, and their order. */
void deps_find_roots(struct deps_graph *graph);

/* What that means for one node, in words. */
struct text deps_verdict(
    const struct deps_graph *graph, size_t i, struct arena *arena);

/* Names of the roots of node i, apart by ", ". */
struct text deps_because(
    const struct deps_graph *graph, size_t i, struct arena *arena);

#endif
