/*
 * The life of one alert: quiet, pending while its condition has to hold for
 * a time, firing, and resolved once the condition was gone long enough.
 * What is unknown changes nothing: a firing alert does not end because its
 * source fell silent.
 * thread: owner.
 */
#ifndef SEV_MODEL_TRACK_H
#define SEV_MODEL_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "model/section.h"

struct track {
	bool active; /* false: quiet, the rest means nothing */
	enum alert_state state;
	enum state severity; /* worst word for it now */
	int64_t since;	     /* when the condition became true; clock_now() */
	int64_t since_wall_ms;
	int64_t good_since; /* firing: when the condition ended; 0 */
	int64_t resolved_at;
};

/* What a step did, for the list of events. */
enum track_change {
	TRACK_SAME,
	TRACK_PENDING,
	TRACK_FIRED,
	TRACK_RESOLVED
};

/*
 * level is what the condition says now; severity UNKNOWN of a lost source is
 * given as its own level by lost = true.
 */
enum track_change track_step(struct track *track, enum state level, bool lost,
    int64_t for_ns, int64_t recover_for_ns, int64_t now, int64_t wall_ms);

/*
 * When the track will change by itself if its level stays; INT64_MAX when
 * it won't.
 */
int64_t track_next(
    const struct track *track, int64_t for_ns, int64_t recover_for_ns);

#endif
