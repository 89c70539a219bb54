/*
 * Builder of a payload. Adding never fails visibly: when memory ran out
 * build_finish() says so, and what passes the caps of model/limits.h is
 * counted in the totals of the payload. Texts are kept as they are given:
 * they live in build_arena(), in the pool given to build_share(), or are
 * literals.
 * thread: owner.
 */
#ifndef SEV_MODEL_BUILD_H
#define SEV_MODEL_BUILD_H

#include "model/section.h"

struct build;

struct build *build_new(void) ATTR_MUST_USE;
struct build *build_free(struct build *build); /* NULL is allowed */
struct arena *build_arena(struct build *build);

/* Keeps a reference to pool for as long as the payload lives. */
void build_share(struct build *build, struct pool *pool);

/* One line on what answered ("redis 7.0.15"). */
void build_note(struct build *build, struct text note);

void build_health(struct build *build, struct text target, enum state state,
    struct text detail, int64_t latency_ns);

/*
 * labels are sorted by key, may be NULL, and must live as texts do. The id
 * is computed here.
 */
void build_metric(struct build *build, struct text name, enum num_unit unit,
    enum metric_kind kind, double value, const struct label *labels,
    uint32_t label_count);

/* As above for a metric that is already filled, its id included. */
void build_metric_of(struct build *build, const struct metric *metric);

/* A gauge without labels, or with one: the common cases. */
void build_gauge(
    struct build *build, struct text name, enum num_unit unit, double value);
void build_gauge_of(struct build *build, struct text name, enum num_unit unit,
    double value, struct text key, struct text of);

/*
 * Starts a table; columns must live as texts do. Rows and cells go to the
 * table, and to the row, that was started last.
 */
void build_table(struct build *build, struct text name,
    const struct column *columns, size_t column_count);

/* Unset cells of the row are missing: NaN and the empty text. */
void build_row(struct build *build, struct text key, enum state state);
void build_cell_text(struct build *build, size_t column, struct text text);
void build_cell_num(struct build *build, size_t column, double num);
void build_cell_state(
    struct build *build, size_t column, enum state state, struct text word);

void build_event(struct build *build, int64_t wall_ms, enum event_kind kind,
    struct text subject, struct text text);
void build_signal(struct build *build, const struct signal *signal);
void build_alert(struct build *build, const struct alert *alert);

/*
 * Freezes and returns the payload with one reference, the caller's; NULL
 * with *err when memory ran out. The builder is spent then: free it.
 */
struct payload *build_finish(
    struct build *build, struct err *err) ATTR_MUST_USE;

#endif
