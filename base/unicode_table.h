/*
 * The table behind base/unicode.h, made by base/gen-unicode and pinned, so
 * that no library or locale of the machine changes what may be drawn.
 * thread: any.
 */
#ifndef SEV_BASE_UNICODE_TABLE_H
#define SEV_BASE_UNICODE_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* "14.0.0" */
extern const char *const unicode_version;

/*
 * First code point of a run shifted left by two, and its enum unicode_kind
 * in the low bits; ascending, the first run begins at 0.
 */
extern const uint32_t unicode_runs[];
extern const size_t unicode_run_count;

#endif
