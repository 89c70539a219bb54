#include "model/track.h"

#include "base/clock.h"
#include "model/limits.h"

static enum track_change
track_bad(struct track *track, enum state level, int64_t for_ns, int64_t now,
    int64_t wall_ms)
{
	enum track_change change = TRACK_SAME;

	track->good_since = 0;
	if (!track->active || track->state == ALERT_RESOLVED) {
		*track = (struct track) {
			.active = true,
			.state = ALERT_PENDING,
			.since = now,
			.since_wall_ms = wall_ms,
		};
		change = TRACK_PENDING;
	}
	track->severity = level;
	if (track->state == ALERT_PENDING && now - track->since >= for_ns) {
		track->state = ALERT_FIRING;
		change = TRACK_FIRED;
	}
	return change;
}

static enum track_change
track_good(struct track *track, int64_t recover_for_ns, int64_t now)
{
	if (track->state == ALERT_PENDING) {
		track->active = false;
		return TRACK_SAME;
	}
	if (track->state == ALERT_RESOLVED) {
		if (now - track->resolved_at > WATCH_RESOLVED_MS * NS_PER_MS)
			track->active = false;
		return TRACK_SAME;
	}
	if (track->good_since == 0)
		track->good_since = now;
	if (now - track->good_since < recover_for_ns)
		return TRACK_SAME;
	track->state = ALERT_RESOLVED;
	track->resolved_at = now;
	return TRACK_RESOLVED;
}

enum track_change
track_step(struct track *track, enum state level, bool lost, int64_t for_ns,
    int64_t recover_for_ns, int64_t now, int64_t wall_ms)
{
	if (level == STATE_WARN || level == STATE_CRIT || lost)
		return track_bad(track, level, for_ns, now, wall_ms);
	if (level == STATE_OK && track->active)
		return track_good(track, recover_for_ns, now);
	return TRACK_SAME;
}

int64_t
track_next(const struct track *track, int64_t for_ns, int64_t recover_for_ns)
{
	if (!track->active)
		return INT64_MAX;
	if (track->state == ALERT_PENDING)
		return track->since + for_ns;
	if (track->state == ALERT_FIRING && track->good_since != 0)
		return track->good_since + recover_for_ns;
	return INT64_MAX;
}
