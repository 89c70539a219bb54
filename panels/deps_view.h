/*
 * The table "dependencies" (model/deps.h) as panels need it: nodes that know
 * each other, the sentence that says what is most likely the root, and the
 * lines of a tree.
 * thread: UI; pure.
 */
#ifndef SEV_PANELS_DEPS_VIEW_H
#define SEV_PANELS_DEPS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/textbuf.h"
#include "panels/panel.h"

struct dep {
	struct text key; /* of the row */
	struct text name;
	struct text title;
	struct text kind;
	struct text platform;
	struct text source; /* where its worst part is seen; may be empty */
	struct text shown;  /* and as what */
	struct text verdict;
	struct text detail;
	enum state state;
	bool watched;	  /* false: this machine has nothing of it */
	bool trouble;	  /* bad, or bad when it was last known */
	double since_ms;  /* NaN: always was */
	double about_s;	  /* NaN: not known */
	double latency_s; /* NaN: not measured */
	size_t order;	  /* of a root, from 1; else 0 */
	size_t reach;
	const size_t *needs; /* indexes of nodes */
	size_t need_count;
	const size_t *because; /* its roots */
	size_t because_count;
	bool needed; /* by another node */
	int rank;    /* 0 critical to 4 well; 3: well, but its needs are not */
	int worst;   /* the lowest rank of it and all below it */
};

struct deps_view {
	const struct section *section; /* NULL: the watch gave none yet */
	struct dep *deps;
	size_t count;
	struct arena *arena; /* owns deps, lines */
};

/*
 * Reads the frame's table; no nodes when there is none or no memory. To be
 * released; texts are borrowed from the frame.
 */
void deps_view_init(struct deps_view *view, const struct panel_ctx *ctx);
void deps_view_release(struct deps_view *view);

/* Whether any platform has dependencies or services configured. */
bool deps_configured(const struct panel_ctx *ctx);

/*
 * What is most likely the root of the trouble of one platform: "redis went
 * bad first (14:01:10), api and jobs follow". Starts the buffer; returns the
 * role to draw it in.
 */
enum role deps_sentence(const struct deps_view *view,
    const struct panel_ctx *ctx, struct text platform, struct text_buf *tb);

/* Fills out[0..count) with who needs node i, directly or not; how many. */
size_t deps_needed_by(const struct deps_view *view, size_t i, size_t *out);

/* One line of the tree. */
struct deps_line {
	size_t dep;
	size_t parent; /* SIZE_MAX: nobody needs it */
	size_t depth;
	bool last;     /* of its siblings */
	bool again;    /* its needs are drawn above */
	uint32_t bars; /* levels that go on below: bit 0 is depth 1 */
	struct text key;
};

/*
 * All of the tree, worst first: a node under each that needs it, what is
 * below it only once. The lines live as long as view; NULL without memory.
 */
const struct deps_line *deps_tree(
    const struct deps_view *view, size_t *ret_count);

/*
 * The panel that shows where the worst part of dep is seen, and what to
 * select there.
 */
void deps_go(
    const struct dep *dep, const struct panel_ctx *ctx, struct panel_out *out);

/* "ok", "! warn", "✗ crit", "? unknown" */
void put_state(struct text_buf *tb, enum state state);

/* Sign and role of a node: "-" and dim when nothing here tells of it. */
struct text dep_sign(const struct dep *dep);
enum role dep_role(const struct dep *dep);

/* The lines before a name: "│  ├─ "; narrow ones are two cells a level. */
void put_branch(struct text_buf *tb, const struct deps_line *line, bool narrow);

/*
 * "label  ✗ api 7.3 %  ok jobs, redis 1 ms" in one row: nodes worst first
 * with their state, as many as fit, and why they are bad where there is room
 * for all of it. nodes are sorted in place.
 */
void deps_draw_nodes(const struct deps_view *view, struct canvas *canvas,
    struct rect row, struct text label, size_t *nodes, size_t count);

/* The same for what dep needs. */
void deps_draw_needs(const struct deps_view *view, struct canvas *canvas,
    struct rect row, struct text label, const struct dep *dep);

#endif
