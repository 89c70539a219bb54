/*
 * Time. Ages and deadlines use one clock that keeps running in suspend
 * (CLOCK_BOOTTIME where there is one): a laptop that slept an hour shows
 * data an hour old. Wall time is only for showing and for records.
 * Pure functions elsewhere take "now" as an argument, so that tests choose it.
 * thread: any.
 */
#ifndef SEV_BASE_CLOCK_H
#define SEV_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define NS_PER_MS  INT64_C(1000000)
#define NS_PER_SEC INT64_C(1000000000)

/* Nanoseconds on the age clock; never goes back, starts anywhere above 0. */
int64_t clock_now(void);

/* Milliseconds since 1970 UTC. */
int64_t clock_wall_ms(void);

/* "2026-11-22T14:02:31.114Z" (RFC 3339, section 5.6) into out; returns out. */
enum {
	CLOCK_RFC3339_LEN = 32
};
char *clock_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_LEN]);

#endif
