/*
 * Numbers with units, as people write them in a configuration. Independent
 * of the locale; the whole text has to match. Outputs are untouched when a
 * function returns false.
 * thread: any.
 */
#ifndef SEV_BASE_QUANTITY_H
#define SEV_BASE_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/* Decimal digits with an optional sign; no leading zeros ("010" is refused). */
bool quantity_int(const char *text, int64_t *ret) ATTR_MUST_USE;

/* "12", "-0.5", "1e-3"; no hexadecimal, no inf, no nan. */
bool quantity_number(const char *text, double *ret) ATTR_MUST_USE;

/*
 * A number and a unit: ns, us, ms, s, m, h, d, w; also composed ("1h30m").
 * Only "0" may stand without a unit. Nanoseconds, not negative.
 */
bool quantity_duration(const char *text, int64_t *ret_ns) ATTR_MUST_USE;

/* Bytes: plain, or kB MB GB TB (1000), KiB MiB GiB TiB (1024), B. */
bool quantity_size(const char *text, int64_t *ret_bytes) ATTR_MUST_USE;

/*
 * A threshold's value in base units: "5%" is 0.05, "2s" and "250ms" are
 * seconds, "64MiB" is bytes, "3/s" and "180/m" are per second, "7" is 7.
 */
bool quantity_value(const char *text, double *ret) ATTR_MUST_USE;

/* Shortest text that quantity_duration() reads back: "1m30s", "500ms". */
enum {
	QUANTITY_TEXT_LEN = 48
};
char *quantity_duration_text(int64_t ns, char out[QUANTITY_TEXT_LEN]);

/* The same for quantity_size(), in binary units where exact. */
char *quantity_size_text(int64_t bytes, char out[QUANTITY_TEXT_LEN]);

#endif
