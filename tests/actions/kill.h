/*
 * kill -9 at random instants while actions are done: a child process acts as
 * fast as it can, the test kills it, and the next one finds what it left. In
 * the end every intent has an outcome, the outcome is what the server shows,
 * nothing was done twice, and the chain is whole.
 *
 * A child is the test program itself, begun anew. Each action has a number
 * of its own, which is its reason: so it is found on record.
 * thread: main, but for what a child does.
 */
#ifndef SEV_TESTS_KILL_H
#define SEV_TESTS_KILL_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/actions/fake.h"
#include "tests/tap.h"

enum {
	KILL_NUMBERS_MAX = 20000,
	KILL_PLACES_MAX = 64,
	KILL_STEP = 53, /* from a child's first number to the next one's */
};

/* What is acted on. */
struct kill_ops {
	/* In a child: the world, on the folder of the test. */
	bool (*open)(struct fake_world *world);

	/* What to ask for; spec has its platform. False: not this number. */
	bool (*ask)(int number, struct request_spec *spec);

	/* Before the check: asks the servers what they saw. NULL: nothing. */
	void (*look)(void);

	/* How often it was done, by the server's count; SIZE_MAX: unknown. */
	size_t (*effects)(int number);

	/* Where its effect stays, below KILL_PLACES_MAX; -1: nowhere. */
	int (*place)(int number);
	/* The number of the last action that a place shows; -1: of none. */
	int (*shown)(int place);
};

/* The program was started as a child: does what it has to, until its end. */
int kill_child(const struct kill_ops *ops, char **argv);

/* What came of it, against what the servers saw. */
struct kill_found {
	int killed;
	struct err chain; /* of the record; ERR_OK: it is whole */
	size_t acted;	  /* actions on record */
	size_t done;	  /* of them */
	size_t twice;	  /* done, or recorded, more than once */
	size_t open;	  /* without an outcome */
	size_t wrong;	  /* with another outcome than the server shows */
	size_t lost;	  /* done or said to be, and not on record */
};

/*
 * Kills so many children, lets others settle what they left, and looks at
 * all of it. fake_open() comes before.
 */
struct kill_found kill_run(const struct kill_ops *ops, int rounds);

static inline void
kill_check(const struct kill_found *found, int rounds)
{
	is_int(found->killed, rounds, "every child was killed");
	ok(found->chain.code == ERR_OK,
	    "the chain is whole and continues the head that was kept %s",
	    found->chain.msg);
	ok(found->acted >= (size_t)rounds / 8,
	    "enough was done to prove something");
	is_int((int64_t)found->twice, 0, "nothing was done or recorded twice");
	is_int(
	    (int64_t)found->open, 0, "every intent has an outcome in the end");
	is_int(
	    (int64_t)found->wrong, 0, "every outcome is what the server shows");
	is_int((int64_t)found->lost, 0,
	    "every effect, and what was said to be done, has its row");
}

#endif
