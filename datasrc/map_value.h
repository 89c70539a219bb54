/*
 * Values from outside as numbers and states, in the ways that a
 * configuration asks for (datasrc/map_opts.h). No I/O, no locale.
 *
 * With the form "auto" a text may carry its unit: "12 %", "100MB",
 * "1.5 GiB", "3.4 MB/s", "4.2s", "3h05", "2 days", "1:02:03", "$61.20",
 * "1,204". A unit that the configuration names must then be the same.
 * scale is for plain numbers only. What is null, empty or a dash is known to
 * be missing and reads as NaN.
 *
 * thread: any.
 */
#ifndef SEV_DATASRC_MAP_VALUE_H
#define SEV_DATASRC_MAP_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "datasrc/map_opts.h"

enum map_scalar_kind {
	MAP_SCALAR_NULL,
	MAP_SCALAR_NUMBER,
	MAP_SCALAR_BOOL,
	MAP_SCALAR_TEXT,
	MAP_SCALAR_MANY, /* a list or a map */
};

/* A value as its source has it. */
struct map_scalar {
	enum map_scalar_kind kind;
	double num;    /* NUMBER; BOOL: 0 or 1; MANY: how many */
	const char *s; /* TEXT; borrowed */
	size_t len;
};

struct map_number {
	double value;	   /* NaN: known to be missing */
	double limit;	   /* of the two forms with a limit; else NaN */
	double used_ratio; /* the same; 0 to 1 */
	enum num_unit unit;
};

/* Reads from as how says. False, with *ret untouched, when it is no such. */
bool map_value_read(const struct map_value *how, const struct map_scalar *from,
    int64_t wall_ms, struct map_number *ret) ATTR_MUST_USE;

/*
 * A point in time: RFC 3339 and its kin, or an epoch number. NaN for null,
 * 0 and the year 1, with which programs say "never"; else wall clock ms.
 */
bool map_value_time(const struct map_scalar *from, int64_t wall_ms,
    double *ret_wall_ms) ATTR_MUST_USE;

/* What how asks for, for messages: "a size", "a time"; never NULL. */
const char *map_value_wants(const struct map_value *how);

/*
 * How bad a value is. number is what comparisons such as "> 0" look at (NaN:
 * none holds). STATE_UNKNOWN for null.
 */
enum state map_state_of(const struct map_state *state,
    const struct map_scalar *from, double number);

#endif
