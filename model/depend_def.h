/*
 * Who needs whom, as the configuration states it: a graph of nodes, each of
 * which looks at something that sources or signals say.
 *
 *	services:
 *	  jobs: {title: Workers, health: [queues, signal:job_failures]}
 *	dependencies:
 *	  api: [db, redis, ready/queues]
 *	  jobs: [redis, perplexity]
 *
 * A name under `dependencies:` is, in this order, one of `services:`, a
 * source, or a signal. "signal:NAME" and "SOURCE/TARGET" (a health row of a
 * source) say so outright. A name that is none of these, and not a slip of
 * one, is taken for a health row of whichever source reports it: what that
 * is can't be known before it answers.
 *
 * A graph with a cycle is refused: where everybody waits for everybody
 * nothing is the root, and there is no tree to draw.
 * thread: read-only after loading, so any.
 */
#ifndef SEV_MODEL_DEPEND_DEF_H
#define SEV_MODEL_DEPEND_DEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/opt.h"

enum look_kind {
	LOOK_SOURCE, /* a source with all of its health rows */
	LOOK_ROW,    /* one health row */
	LOOK_SIGNAL,
};

/* One thing that a node is judged by. */
struct look_def {
	enum look_kind kind;
	const char *source; /* SOURCE, ROW; NULL: of whichever has the row */
	const char *name;   /* ROW: its target; SIGNAL: its name; else NULL */
};

struct depend_node {
	const char *name;  /* as first written: "redis", "ready/database" */
	const char *title; /* never NULL: the name, when not stated */
	bool service;	   /* it is one of `services:` */
	const struct look_def *looks;
	size_t look_count;   /* at least 1 */
	const size_t *needs; /* indexes of other nodes, as written */
	size_t need_count;
	struct conf_pos pos; /* where it is first written */
};

/* Rows of one of `services:`, for help and schemas. */
extern const struct opt_table depend_service_opts;

#endif
