/*
 * After an action: did the signal that called for it get better? The check
 * looks at the signal as the watch thread sees it, from before the action
 * on, and ends as recovered (well for CHECK_HOLD_MS), worse (past a harder
 * threshold for CHECK_WORSE_MS, or at the end further from well than
 * before), or no effect. It claims no cause.
 * Pure; thread: owner.
 */
#ifndef SEV_ACTIONS_CHECK_H
#define SEV_ACTIONS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/num.h"
#include "model/state.h"

struct buf;
struct signal;

/* state, word in tables and in the audit */
#define CHECK_STATES(X)                                                        \
	X(NONE, "") /* there is no signal to look at */                        \
	X(WATCHING, "watching")                                                \
	X(RECOVERED, "recovered")                                              \
	X(NO_EFFECT, "no effect")                                              \
	X(WORSE, "worse")                                                      \
	X(UNKNOWN, "unknown") /* no value to judge by */

enum check_state {
#define X(state, word) CHECK_##state,
	CHECK_STATES(X)
#undef X
};

struct check {
	enum check_state state;
	char signal[NAME_MAX_LEN];
	enum num_unit unit;
	enum state first; /* of the signal, before the action */
	double first_value;
	double last_value;
	bool upward;	    /* larger is worse */
	int64_t started_at; /* when the action was sent */
	int64_t for_ns;
	int64_t hurry;	  /* times are divided by it; at least 1 */
	int64_t well_at;  /* since when it is well; 0: it is not */
	int64_t worse_at; /* since when it is worse; 0: it is not */
	int64_t ended_at;
};

/*
 * Begins with the signal's row before the action (NULL: there is no such
 * signal). Without one, or when it was well already, there is nothing to
 * check. for_ns 0: CHECK_FOR_MS. hurry: for tests, else 1.
 */
void check_start(struct check *check, const char *name,
    const struct signal *row, int64_t for_ns, int64_t hurry, int64_t now);

/* Looks again; row NULL: not known now. True when the check has ended. */
bool check_step(struct check *check, const struct signal *row, int64_t now);

/* "recovered after 48s: 7.3 % to 0.4 %"; nothing for CHECK_NONE. */
bool check_words(const struct check *check, int64_t now, struct buf *out);

const char *check_state_word(enum check_state state); /* never NULL */

#endif
