/*
 * The slow and exact half of num_parse_double(): which double is nearest to
 * a decimal number, by whole numbers of any length. For the few inputs that
 * lie too near the middle between two doubles.
 * thread: any.
 */
#ifndef SEV_BASE_NUM_EXACT_H
#define SEV_BASE_NUM_EXACT_H

#include <stddef.h>
#include <stdint.h>

/*
 * digits (ASCII, len of them, a '.' skipped, not all 0) times 10^exp10. near is
 * a double close to it, as bits without sign; the bits of the nearest one are
 * returned, ties to even, Inf above the largest.
 */
uint64_t num_exact(
    const char *digits, size_t len, int64_t exp10, uint64_t near);

#endif
