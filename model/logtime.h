/*
 * Times as log lines write them. Only what can be read without guessing is
 * read: a time without a zone is taken in the zone that the source is
 * configured for and says so, with the daylight saving time of its own day;
 * one without a year is put into the latest that does not lie in the future.
 * thread: any.
 */
#ifndef SEV_MODEL_LOGTIME_H
#define SEV_MODEL_LOGTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/* Zone of times that name none. */
enum logtime_zone {
	LOGTIME_UTC,
	LOGTIME_LOCAL,
};

struct logtime {
	int64_t wall_ms; /* since 1970 UTC */
	bool has_zone;	 /* false: zone was assumed */
	size_t len;	 /* bytes of the text that were the time */
};

/*
 * Reads a time at the start of s:
 *
 *	2026-11-22T14:02:29.114Z	RFC 3339; also a blank for the T, a
 *	2026-11-22 14:02:29,114 +0100	comma, no fraction, no zone, "UTC"
 *	2026/11/22 14:02:29		nginx, Go
 *	22/Nov/2026:14:02:29 +0000	Common Log Format
 *	22 Nov 2026 14:02:29.114	redis
 *	Nov 22 14:02:29			syslog, RFC 3164
 *	11/22/2026, 2:02:29 PM		NestJS
 *	1795356149.114			epoch: s, ms, us or ns by its size
 *
 * near_ms: when it was read, for times without a year. False, with the
 * output untouched, when there is none or it is impossible ("25:00:00").
 */
bool logtime_parse(const char *s, size_t len, int64_t near_ms,
    enum logtime_zone zone, struct logtime *ret) ATTR_MUST_USE;

/* Epoch number of JSON: s, ms, us or ns by its size (1973 to 2200). */
bool logtime_number(double value, int64_t *ret_wall_ms) ATTR_MUST_USE;

#endif
