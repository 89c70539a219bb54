/*
 * What is known of an action once it was sent, and what to do next: the
 * rules that keep "failed" and "in doubt" apart. No I/O and no clock, so
 * that a test can go through all of it.
 *
 * Each target is OPEN until somebody proves more. An answer that said yes is
 * read back until it shows; what had no answer is read back on a fixed
 * schedule, because a late effect may still come: that it does not show yet
 * means nothing before the last of these times, and that it never showed by
 * then means that it was not done, or, of an action that has parts, not as
 * a whole.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_JUDGE_H
#define SEV_ACTIONS_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/engine.h"

struct judge_target {
	enum target_state state;
	char note[ACTION_NOTE_MAX]; /* plain; "" for none */
	char kept[ACTION_KEPT_MAX]; /* by apply, for verify; "" for nothing */
};

struct judge {
	struct judge_target *targets; /* borrowed; at least one */
	size_t count;
	int64_t sent_at;
	int64_t settle_ns; /* what was accepted shows by then */
	int64_t hurry;	   /* times are divided by it; at least 1 */
	bool partial;	   /* what does not show may be done in part */
	bool doubt;	   /* some target had no answer */
	bool may_come;	   /* what sends it hangs and may go on one day */
	bool over;	   /* the read-back began when its time was over, */
	bool late;	   /* and nothing more can come */
	bool read;	   /* the last read-back gave an answer */
	bool unresolved;   /* the schedule is over without one */
};

/* What comes next. */
enum judge_next {
	JUDGE_READ, /* read back at *ret_at */
	JUDGE_END,  /* *ret_outcome is final */
};

/* apply() came back, or was given up: sets doubt. */
enum judge_next judge_sent(struct judge *judge, int64_t now, int64_t *ret_at,
    enum job_outcome *ret_outcome);

/* verify() is about to be called: sets over and late. */
void judge_reading(struct judge *judge, int64_t now);

/*
 * verify() came back; good: it could read. May become unresolved, and goes
 * on reading at the last interval then.
 */
enum judge_next judge_read(struct judge *judge, bool good, int64_t now,
    int64_t *ret_at, enum job_outcome *ret_outcome);

#endif
