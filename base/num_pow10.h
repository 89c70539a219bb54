/*
 * The 128 leading bits of 5^q, highest word first; see base/gen-pow10.
 * Only base/num_double.c looks into it.
 * thread: any.
 */
#ifndef SEV_BASE_NUM_POW10_H
#define SEV_BASE_NUM_POW10_H

#include <stdint.h>

enum {
	NUM_POW10_MIN = -342,
	NUM_POW10_MAX = 308
};

/* The row of q is at q - NUM_POW10_MIN. */
extern const uint64_t num_pow10[][2];

#endif
