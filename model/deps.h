/*
 * Who needs whom, judged: the state of every node of `dependencies:`, since
 * when, what went bad first, what is bad although its own needs are fine,
 * and how far it reaches. A function of the frame, the signals and of when
 * each thing was last seen well.
 *
 * When something went bad is known no better than to the time between two
 * answers (and a signal's window): each beginning is a span, and one is
 * before another only when the spans do not meet. What was bad already when
 * it was seen for the first time has no beginning.
 *
 * A node that is bad has a root among its needs unless all of those are well
 * or went bad after it; then it is a root itself. What is unknown is never
 * taken for well: a need that is bad is seen through an unknown one.
 *
 * The answer is the table "dependencies", a row per node as configured, with
 * the columns of deps_columns[].
 * thread: owner (the watch thread).
 */
#ifndef SEV_MODEL_DEPS_H
#define SEV_MODEL_DEPS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/build.h"
#include "model/platform.h"
#include "model/store.h"

struct deps;
struct watch_slot;

/* column, kind, unit */
#define DEPS_COLUMNS(X)                                                        \
	X(node, TEXT, NONE)                                                    \
	X(state, STATE, NONE)                                                  \
	X(since, WALL, NONE) /* it is well, bad, unknown; NaN: always was */   \
	X(about_s, NUMBER, SECONDS) /* bad: or so much before; NaN: unknown */ \
	X(latency_s, NUMBER, SECONDS)                                          \
	X(needs, TEXT, NONE)   /* names, apart by ", " */                      \
	X(reach, NUMBER, NONE) /* nodes that need it, directly or not */       \
	X(verdict, TEXT, NONE) /* "went bad first", "because of X", ... */     \
	X(because, TEXT, NONE) /* its roots, apart by ", "; itself: a root */  \
	X(order, NUMBER, NONE) /* of a root: 1 went bad first; else NaN */     \
	X(title, TEXT, NONE)                                                   \
	X(kind, TEXT, NONE)	 /* "service", "source", "signal" or "row" */  \
	X(source, TEXT, NONE)	 /* where its worst part is seen; or empty */  \
	X(shown, TEXT, NONE)	 /* and as what: a signal or a health row */   \
	X(watched, NUMBER, NONE) /* 0: nothing here tells of it; else 1 */     \
	X(platform, TEXT, NONE)                                                \
	X(detail, TEXT, NONE)

enum deps_column {
#define X(name, kind, unit) DEPS_##name,
	DEPS_COLUMNS(X)
#undef X
	DEPS_COLUMN_COUNT,
};
extern const struct column deps_columns[DEPS_COLUMN_COUNT];

/* slots and platforms are borrowed. */
enum err_code deps_new(const struct watch_slot *slots, size_t slot_count,
    const struct platform *const *platforms, size_t platform_count,
    struct deps **ret_deps, struct err *err) ATTR_MUST_USE;
struct deps *deps_free(struct deps *deps); /* NULL is allowed */

/*
 * Judges all nodes and adds the table to build; nothing when there are no
 * nodes. signals: those of all platforms, one platform after the other, as
 * they are configured.
 */
void deps_step(struct deps *deps, const struct frame *frame,
    const struct signal *signals, struct build *build, int64_t now,
    int64_t wall_ms);

#endif
