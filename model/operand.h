/*
 * One selector of a signal, followed over time: the aggregate of gauges, the
 * running increase of counters through their resets, or the increase of a
 * histogram's buckets. Sections are fed to it when they bring a new answer.
 *
 * A series that appears after its source was first seen counts from zero:
 * the first error of a kind is an increase. At most WATCH_SERIES_MAX series
 * are followed.
 * thread: owner.
 */
#ifndef SEV_MODEL_OPERAND_H
#define SEV_MODEL_OPERAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/section.h"
#include "model/signal_def.h"

enum operand_kind {
	OPERAND_GAUGE,
	OPERAND_COUNTER,
	OPERAND_BUCKETS
};

struct operand;

/* selector as in the configuration; for buckets the histogram's name. */
enum err_code operand_new(const char *selector, enum operand_kind kind,
    enum signal_agg agg, int64_t window_ns, struct operand **ret_operand,
    struct err *err) ATTR_MUST_USE;
struct operand *operand_free(struct operand *operand); /* NULL is allowed */

/* Takes in a new answer of slot, read at good_at. */
void operand_feed(struct operand *operand, size_t slot,
    const struct payload *payload, int64_t good_at);

/* Whether a series of slot ever matched, or of any (slot SIZE_MAX). */
bool operand_matched(const struct operand *operand, size_t slot);

/*
 * In a newest answer more series matched than are followed, a pattern was
 * too costly, or memory ran out. It mends itself with the next whole answer.
 */
bool operand_incomplete(const struct operand *operand);

/* Gauges: the aggregate of the newest values; NaN when there are none. */
double operand_value(const struct operand *operand);

/*
 * Increase within the window, and the seconds that it spans; NaN with fewer
 * than two answers. Gauges: newest minus oldest aggregate.
 */
double operand_increase(const struct operand *operand, double *ret_seconds);

/*
 * Quantile q of the buckets' increase within the window, linear inside a
 * bucket as Prometheus does; the highest finite bound when it lies in the
 * last bucket; NaN when nothing was counted.
 */
double operand_quantile(const struct operand *operand, double q);

#endif
