/*
 * Named searches of the configuration (`logs:`) inside a filter: "@errors
 * !healthz" stands for the words that are kept under that name. A named
 * filter of a source is one as well: its lines have the names of those that
 * find them in their fields. Names are
 * looked for in the platforms in their order; in quotes and patterns "@"
 * means itself, and what a name stands for is not expanded again.
 * thread: any.
 */
#ifndef SEV_MODEL_LOGSEARCH_H
#define SEV_MODEL_LOGSEARCH_H

#include <stddef.h>

#include "base/err.h"

struct buf;
struct platform;

/*
 * Appends expr with every @name replaced. ERR_CONFIG: no such name, with
 * the column and the names that there are; ERR_NOMEM: out is full.
 */
enum err_code logsearch_expand(const struct platform *const *platforms,
    size_t count, const char *expr, struct buf *out,
    struct err *err) ATTR_MUST_USE;

#endif
