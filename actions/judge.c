#include "actions/judge.h"

#include <stdio.h>

#include "base/clock.h"

/* When what had no answer is read back, in milliseconds after sending. */
static const int64_t doubt_ms[] = { 1000, 3000, 10000, 30000, 60000, 120000 };

/* The same for what was accepted; then every last interval. */
static const int64_t accepted_ms[] = { 0, 200, 500, 1000, 2000, 5000 };

static size_t
count_of(const struct judge *judge, enum target_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < judge->count; i++)
		n += judge->targets[i].state == state;
	return n;
}

/* All targets are settled: what that makes of the whole. */
static enum job_outcome
outcome_of(const struct judge *judge)
{
	if (count_of(judge, TARGET_DONE) == judge->count)
		return OUTCOME_DONE;
	if (count_of(judge, TARGET_UNCHANGED) == judge->count)
		return OUTCOME_FAILED;
	if (count_of(judge, TARGET_UNCHANGED) +
		count_of(judge, TARGET_FAILED) ==
	    judge->count)
		return OUTCOME_BROKEN;
	return OUTCOME_PARTLY;
}

static bool
is_settled(const struct judge *judge)
{
	for (size_t i = 0; i < judge->count; i++)
		if (!target_state_is_final(judge->targets[i].state))
			return false;
	return true;
}

/* The first time of a schedule that is still to come; past its end, the
 * last interval again and again. */
static int64_t
next_time(
    const struct judge *judge, const int64_t *ms, size_t count, int64_t now)
{
	int64_t last = ms[count - 1] * NS_PER_MS / judge->hurry;

	for (size_t i = 0; i < count; i++) {
		int64_t at = judge->sent_at + ms[i] * NS_PER_MS / judge->hurry;

		if (at > now)
			return at;
	}
	return now + last;
}

static int64_t
next_read(const struct judge *judge, int64_t now)
{
	if (judge->doubt || judge->unresolved)
		return next_time(judge, doubt_ms,
		    sizeof(doubt_ms) / sizeof(doubt_ms[0]), now);
	return next_time(judge, accepted_ms,
	    sizeof(accepted_ms) / sizeof(accepted_ms[0]), now);
}

enum judge_next
judge_sent(struct judge *judge, int64_t now, int64_t *ret_at,
    enum job_outcome *ret_outcome)
{
	if (is_settled(judge)) {
		*ret_outcome = outcome_of(judge);
		return JUDGE_END;
	}
	judge->doubt = count_of(judge, TARGET_OPEN) > 0;
	*ret_at = judge->doubt ? next_read(judge, now) : now;
	return JUDGE_READ;
}

/* Whether the time is over in which it had to show. */
static bool
is_over(const struct judge *judge, int64_t now)
{
	int64_t end =
	    doubt_ms[sizeof(doubt_ms) / sizeof(doubt_ms[0]) - 1] * NS_PER_MS;

	if (!judge->doubt || judge->settle_ns > end)
		end = judge->settle_ns;
	return now - judge->sent_at >= end / judge->hurry;
}

void
judge_reading(struct judge *judge, int64_t now)
{
	judge->over = is_over(judge, now);
	judge->late = judge->over && !judge->may_come;
}

enum judge_next
judge_read(struct judge *judge, bool good, int64_t now, int64_t *ret_at,
    enum job_outcome *ret_outcome)
{
	judge->read = good;
	if (good && judge->late) {
		/* Absent for the whole time, and never promised. */
		for (size_t i = 0; i < judge->count; i++) {
			struct judge_target *target = &judge->targets[i];

			if (target->state != TARGET_OPEN)
				continue;
			target->state =
			    judge->partial ? TARGET_FAILED : TARGET_UNCHANGED;
			snprintf(target->note, sizeof(target->note),
			    judge->partial
				? "it does not show %lld s after it was sent; "
				  "part of it may be done"
				: "it had no effect: read back until %lld s "
				  "after it was sent",
			    (long long)((now - judge->sent_at) / NS_PER_SEC));
		}
	}
	if (is_settled(judge)) {
		*ret_outcome = outcome_of(judge);
		return JUDGE_END;
	}
	if (judge->over)
		judge->unresolved = true;
	*ret_at = next_read(judge, now);
	return JUDGE_READ;
}
