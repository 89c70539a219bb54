/*
 * Finding things in a frame, and saying when: what several panels need.
 * thread: UI; pure.
 */
#ifndef SEV_PANELS_PICK_H
#define SEV_PANELS_PICK_H

#include <stddef.h>
#include <stdint.h>

#include "base/textbuf.h"
#include "panels/panel.h"

/* The watch thread's section, NULL before its first look. */
const struct section *pick_watch(const struct panel_ctx *ctx);

/* Its payload, or an empty one. */
const struct payload *pick_watched(const struct panel_ctx *ctx);

/* Sources only, by slot; NULL for an empty slot or behind the last. */
const struct section *pick_source(const struct panel_ctx *ctx, size_t slot);
size_t pick_source_count(const struct panel_ctx *ctx);

/* "db", or "db@shop" where several platforms are watched. */
void pick_put_source(struct text_buf *out, const struct panel_ctx *ctx,
    const struct section *section);

/* "Error rate", or "Error rate@shop": so of signals and alerts. */
void pick_put_title(struct text_buf *out, const struct panel_ctx *ctx,
    struct text title, struct text platform);

/*
 * The i-th table of that name over all sources, with its section; false
 * behind the last.
 */
bool pick_table(const struct panel_ctx *ctx, const char *name, size_t i,
    const struct section **ret_section, const struct table **ret_table);

/*
 * Why there is nothing to see from sources of that type: none is configured,
 * the first answer is pending, or what went wrong instead; words when one
 * has answered. Starts the buffer.
 */
void pick_nothing(const struct panel_ctx *ctx, const char *type,
    struct text words, struct text_buf *out);

/* Health row by target; NULL when there is none. section may be NULL. */
const struct health *pick_health(
    const struct section *section, const char *target);

/* How a source is doing: how fresh its answer is, and what it says. */
enum state pick_section_state(const struct section *section, int64_t now);

/* Cell by column name; NaN and the empty text when there is no such. */
double pick_num(const struct table *table, size_t row, const char *column);
struct text pick_text(
    const struct table *table, size_t row, const char *column);

/*
 * Alerts in the order in which a person wants them: firing, pending,
 * resolved; worst first; oldest first. At most max; returns how many.
 */
size_t pick_alerts(
    const struct payload *watched, const struct alert **out, size_t max);

/* "14:01:40" in the zone of the screen, with the date when it is not today. */
void when_clock(
    struct text_buf *out, const struct panel_ctx *ctx, int64_t wall_ms);

/* A round span without its zeroes: "15m", "1h", "90s" is "1m30s". */
void put_span(struct text_buf *out, int64_t ns);

/*
 * What all charts show now: the last 15 minutes, or less while nothing is
 * known of most of that time.
 */
int64_t pick_span(const struct panel_ctx *ctx);

/* "deploy", "restart", "flag", ... */
const char *pick_event_word(enum event_kind kind);

/*
 * Whether the i-th event is a change: what merely turned good or bad is none,
 * and neither is the same again within two minutes (counters of one process
 * begin anew one by one).
 */
bool pick_is_change(const struct payload *watched, size_t i);

/* Places of the changes on that axis, 0..1, for chart.h; at most max. */
size_t pick_marks(const struct panel_ctx *ctx, double *out, size_t max);

/* "last 15m" */
void put_last(struct text_buf *out, const struct panel_ctx *ctx);

/*
 * The value of a signal in words: "7.3 %"; "idle" when there is none because
 * nothing happened, "?" when it is not known. Starts the buffer.
 */
void pick_signal_value(const struct signal *signal, struct text_buf *out);
enum role pick_signal_role(const struct signal *signal);

/* The same for a cell of a COLUMN_WALL; a dash when it is missing. */
void when_cell(
    struct text_buf *out, const struct panel_ctx *ctx, double wall_ms);

/* How long ago that is: "4m12s"; a dash when it is missing or to come. */
void when_age(
    struct text_buf *out, const struct panel_ctx *ctx, double wall_ms);

/* "> 5 %" */
void pick_threshold(struct text_buf *out, const struct threshold *threshold,
    enum num_unit unit);

/* "http_requests_total status=500 route=/x" */
void pick_metric_name(struct text_buf *out, const struct metric *metric);

#endif
