#include "config.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#ifdef CLOCK_BOOTTIME
#define AGE_CLOCK CLOCK_BOOTTIME
#else
#define AGE_CLOCK CLOCK_MONOTONIC
#endif

int64_t
clock_now(void)
{
	struct timespec ts;

	clock_gettime(AGE_CLOCK, &ts);
	return (int64_t)ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
}

int64_t
clock_wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / NS_PER_MS;
}

char *
clock_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_LEN])
{
	time_t sec = (time_t)(wall_ms / 1000);
	int ms = (int)(wall_ms % 1000);
	struct tm tm;
	size_t used;

	if (ms < 0) {
		ms += 1000;
		sec--;
	}
	if (gmtime_r(&sec, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	used = strftime(out, CLOCK_RFC3339_LEN, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + used, CLOCK_RFC3339_LEN - used, ".%03dZ", ms);
	return out;
}
