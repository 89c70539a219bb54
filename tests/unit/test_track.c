#include "model/track.h"

#include "base/clock.h"
#include "model/limits.h"
#include "tests/tap.h"

#define AT(s) ((int64_t)(s)*NS_PER_SEC)

static enum track_change
step(struct track *track, enum state level, int64_t second)
{
	return track_step(
	    track, level, false, AT(5), AT(10), AT(second), second * 1000);
}

static void
test_life(void)
{
	struct track track = { 0 };

	is_int(step(&track, STATE_OK, 1), TRACK_SAME, "well");
	ok(!track.active, "quiet");
	is_int(step(&track, STATE_WARN, 2), TRACK_PENDING, "turns bad");
	is_int(track_next(&track, AT(5), AT(10)), AT(7), "and is due");
	is_int(step(&track, STATE_WARN, 6), TRACK_SAME, "not for long enough");
	is_int(step(&track, STATE_CRIT, 7), TRACK_FIRED, "long enough");
	is_int(track.severity, STATE_CRIT, "at its present severity");
	is_int(track.since_wall_ms, 2000, "since it turned bad");
	is_int(step(&track, STATE_OK, 20), TRACK_SAME, "good, but just so");
	is_int(step(&track, STATE_WARN, 25), TRACK_SAME, "bad again");
	is_int(track.state, ALERT_FIRING, "never stopped firing");
	is_int(step(&track, STATE_OK, 30), TRACK_SAME, "good");
	is_int(step(&track, STATE_OK, 40), TRACK_RESOLVED, "and stays good");
	is_int(step(&track, STATE_OK, 41), TRACK_SAME, "resolved is shown");
	ok(track.active, "for a while");
	step(&track, STATE_OK, 41 + WATCH_RESOLVED_MS / 1000);
	ok(!track.active, "then it is forgotten");
}

static void
test_unknown(void)
{
	struct track track = { 0 };

	is_int(step(&track, STATE_UNKNOWN, 1), TRACK_SAME, "unknown is quiet");
	step(&track, STATE_CRIT, 2);
	step(&track, STATE_CRIT, 7);
	is_int(track.state, ALERT_FIRING, "firing");
	is_int(step(&track, STATE_UNKNOWN, 100), TRACK_SAME,
	    "silence does not end an alert");
	is_int(track.state, ALERT_FIRING, "still firing");
	track = (struct track) { 0 };
	is_int(track_step(&track, STATE_UNKNOWN, true, 0, 0, AT(1), 1000),
	    TRACK_FIRED, "a lost source is an alert of its own");
}

static void
test_blip(void)
{
	struct track track = { 0 };

	step(&track, STATE_WARN, 2);
	step(&track, STATE_OK, 4);
	ok(!track.active, "a blip leaves no trace");
	is_int(track_next(&track, AT(5), AT(10)), INT64_MAX, "nothing is due");
	is_int(track_step(&track, STATE_WARN, false, 0, 0, AT(5), 5000),
	    TRACK_FIRED, "no time to hold: fires at once");
}

int
main(void)
{
	RUN(test_life);
	RUN(test_unknown);
	RUN(test_blip);
	return tap_done();
}
