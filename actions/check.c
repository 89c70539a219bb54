#include "actions/check.h"

#include <math.h>
#include <stdio.h>

#include "actions/limits.h"
#include "base/buf.h"
#include "base/clock.h"
#include "model/limits.h"
#include "model/section.h"

const char *
check_state_word(enum check_state state)
{
	static const char *const words[] = {
#define X(state, word) word,
		CHECK_STATES(X)
#undef X
	};

	return (size_t)state < sizeof(words) / sizeof(words[0]) ? words[state]
								: "";
}

static bool
check_is_upward(const struct signal *row)
{
	const struct threshold *t = row->crit.set ? &row->crit : &row->warn;

	return !t->set || t->compare == COMPARE_GT || t->compare == COMPARE_GE;
}

void
check_start(struct check *check, const char *name, const struct signal *row,
    int64_t for_ns, int64_t hurry, int64_t now)
{
	*check = (struct check) {
		.state = CHECK_NONE,
		.first_value = NAN,
		.last_value = NAN,
		.started_at = now,
		.for_ns =
		    (for_ns > 0 ? for_ns : CHECK_FOR_MS * NS_PER_MS) / hurry,
		.hurry = hurry,
	};
	if (row == NULL ||
	    (row->state != STATE_WARN && row->state != STATE_CRIT))
		return;
	snprintf(check->signal, sizeof(check->signal), "%s", name);
	check->state = CHECK_WATCHING;
	check->unit = row->unit;
	check->first = row->state;
	check->first_value = check->last_value = row->value;
	check->upward = check_is_upward(row);
}

/* Whether the last value is further from well, by a tenth at least. */
static bool
check_is_further(const struct check *check)
{
	double by = check->last_value - check->first_value;

	if (!check->upward)
		by = -by;
	return by > fabs(check->first_value) / 10;
}

static bool
check_end(struct check *check, enum check_state state, int64_t now)
{
	check->state = state;
	check->ended_at = now;
	return true;
}

/* Since when something holds: 0 when it does not. */
static int64_t
held_since(int64_t since, bool holds, int64_t now)
{
	if (!holds)
		return 0;
	return since != 0 ? since : now;
}

bool
check_step(struct check *check, const struct signal *row, int64_t now)
{
	bool known = row != NULL && row->state != STATE_UNKNOWN;

	if (check->state != CHECK_WATCHING)
		return true;
	if (known) {
		check->well_at =
		    held_since(check->well_at, row->state == STATE_OK, now);
		check->worse_at = held_since(check->worse_at,
		    check->first == STATE_WARN && row->state == STATE_CRIT,
		    now);
	}
	if (known && isfinite(row->value))
		check->last_value = row->value;
	if (known && check->well_at != 0 &&
	    now - check->well_at >= CHECK_HOLD_MS * NS_PER_MS / check->hurry)
		return check_end(check, CHECK_RECOVERED, now);
	if (known && check->worse_at != 0 &&
	    now - check->worse_at >= CHECK_WORSE_MS * NS_PER_MS / check->hurry)
		return check_end(check, CHECK_WORSE, now);
	/* What turned well at the last moment gets its time to hold. */
	if (now - check->started_at < check->for_ns ||
	    (known && check->well_at != 0))
		return false;
	if (!known)
		return check_end(check, CHECK_UNKNOWN, now);
	return check_end(check,
	    check_is_further(check) ? CHECK_WORSE : CHECK_NO_EFFECT, now);
}

bool
check_words(const struct check *check, int64_t now, struct buf *out)
{
	char took[NUM_TEXT_MAX], from[NUM_TEXT_MAX], to[NUM_TEXT_MAX];
	int64_t at = check->ended_at != 0 ? check->ended_at : now;

	if (check->state == CHECK_NONE)
		return !out->failed;
	if (check->state == CHECK_RECOVERED)
		at = check->well_at;
	buf_fmt(out, "%s %s %s: %s %s to %s", check_state_word(check->state),
	    check->state == CHECK_WATCHING ? "for" : "after",
	    num_duration(took, at - check->started_at), check->signal,
	    num_human(from, check->first_value, check->unit),
	    num_human(to, check->last_value, check->unit));
	return !out->failed;
}
