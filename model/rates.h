/*
 * Feeds the history from answers: gauges as they are, counters as rates per
 * second since the answer before. Remembers the last value of at most
 * WATCH_SERIES_MAX counters.
 * thread: owner; the history's readers may be others.
 */
#ifndef SEV_MODEL_RATES_H
#define SEV_MODEL_RATES_H

#include <stddef.h>

#include "model/history.h"
#include "model/section.h"

struct rates;

/* history is borrowed. NULL: no memory. */
struct rates *rates_new(struct history *history) ATTR_MUST_USE;
struct rates *rates_free(struct rates *rates); /* NULL is allowed */

/* Appends all metrics of a new answer of slot. */
void rates_feed(
    struct rates *rates, size_t slot, const struct section *section);

#endif
