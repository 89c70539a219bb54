/*
 * Numbers in and out, the same in every locale: '.' is the decimal point
 * and ',' separates thousands, whatever LC_NUMERIC says. NaN means missing
 * and is shown as "—", never as 0.
 * thread: any.
 */
#ifndef SEV_BASE_NUM_H
#define SEV_BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/* unit, name in configuration and JSON */
#define NUM_UNITS(X)                                                           \
	X(NONE, "")                                                            \
	X(PERCENT, "percent") /* a ratio: 0.073 is shown as 7.3 % */           \
	X(SECONDS, "seconds")                                                  \
	X(BYTES, "bytes")                                                      \
	X(PER_SECOND, "per_second")                                            \
	X(BYTES_PER_SECOND, "bytes_per_second")                                \
	X(COUNT, "count")                                                      \
	X(DOLLARS, "dollars")

enum num_unit {
#define X(unit, name) NUM_##unit,
	NUM_UNITS(X)
#undef X
	NUM_UNIT_COUNT,
};

/* The names in the order of enum num_unit, ended by NULL: a list of choices. */
extern const char *const num_unit_names[];

/* Never NULL; "" for NUM_NONE and what is no unit. */
const char *num_unit_name(enum num_unit unit);

/* False, with *ret_unit untouched, when there is no such name. */
bool num_unit_from_name(const char *name, enum num_unit *ret_unit);

/*
 * All len bytes must be one number: [+-] digits with an optional '.' and
 * exponent, or NaN, Inf, Infinity in any case. Rounds to nearest even as
 * IEEE 754 asks for; too big is Inf, too small is 0, both with the sign.
 * False, with the output untouched, for anything else (also hexadecimal,
 * blanks, an empty string).
 */
bool num_parse_double(
    const char *s, size_t len, double *ret_value) ATTR_MUST_USE;

/* [+-] digits; false when it does not fit or is anything else. */
bool num_parse_i64(const char *s, size_t len, int64_t *ret_value) ATTR_MUST_USE;
bool num_parse_u64(
    const char *s, size_t len, uint64_t *ret_value) ATTR_MUST_USE;

/*
 * "250ms", "5s", "1.5m", "1h30m", "2d": units ns us ms s m h d w, biggest
 * first, each once; "0" alone needs none. Nanoseconds, never negative.
 */
bool num_parse_duration(
    const char *s, size_t len, int64_t *ret_ns) ATTR_MUST_USE;

/* "100MB" (10^6), "4MiB" (2^20), "512", "1.5 GB"; bytes. */
bool num_parse_size(
    const char *s, size_t len, uint64_t *ret_bytes) ATTR_MUST_USE;

enum {
	NUM_TEXT_MAX = 32 /* longest number we write, with its unit and NUL */
};

/*
 * For eyes: at most four significant digits, thousands separated, unit
 * behind: "7.3 %", "2.4 s", "3 ms", "4m12s", "1,204", "12.3k", "1.2 GB",
 * "412/s", "$61.20", "—". A percentage is never rounded up to 100 nor down
 * to 0. UTF-8 without controls. Returns out.
 */
char *num_human(char out[NUM_TEXT_MAX], double value, enum num_unit unit);

/* All digits, thousands separated: "1,204,331". Returns out. */
char *num_int(char out[NUM_TEXT_MAX], int64_t value);

/*
 * A span or an age: "3ms", "51s", "4m12s", "3h05", "2d4h", "412d". Rounds
 * down; below 0 reads "0s". Returns out.
 */
char *num_duration(char out[NUM_TEXT_MAX], int64_t ns);

/* For machines: shortest form that reads back as the same double. NaN and
 * Inf, which JSON can't hold, read "null". Returns out. */
char *num_json(char out[NUM_TEXT_MAX], double value);

#endif
