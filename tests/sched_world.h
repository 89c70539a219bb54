/*
 * A scheduler with sources of its own, for the tests of the scheduler. What
 * a poll does is switched by the test while the threads run.
 */
#ifndef SEV_TESTS_SCHED_WORLD_H
#define SEV_TESTS_SCHED_WORLD_H

#include <stdatomic.h>

#include "base/clock.h"
#include "datasrc/sched.h"
#include "model/logstore.h"

enum {
	FAKES_MAX = 4,
	PATIENCE_S = 20,
	NEVER_MS = 3600 * 1000, /* an interval: only refreshes poll */
};

enum act {
	ACT_ANSWER,
	ACT_REST, /* answers, and asks to wait for a minute */
	ACT_FAIL,
	ACT_NOT_THERE,
	ACT_WAIT, /* until the token is fired */
	ACT_HANG, /* whatever the token says, until released */
};

struct fake {
	atomic_int act; /* enum act */
	atomic_int opened, closed, polls;
	atomic_int stays;  /* polls that waited for news */
	atomic_int thread; /* which one polled last; 0: none yet */
	struct cancel release;
};

struct world {
	struct store *store;
	struct logstore *logs;
	struct sched *sched;
	struct wake wake; /* of all that is published */
	struct frame frame;
	size_t count;
	struct fake fakes[FAKES_MAX];
	struct fake *configs[FAKES_MAX];
	int marks[FAKES_MAX]; /* of their polls, by world_mark() */
};

struct world_setup {
	size_t count;
	bool stream; /* the first is one */
	bool optional;
	enum act act; /* at first, of all */
	int64_t every_ms;
	int64_t timeout_ms;
};

/* Starts the sources; ends the program when that can't be done. */
void world_open(struct world *world, const struct world_setup *setup);

/* Whether all threads ended and all that was opened was closed. */
bool world_close(struct world *world);

/* What is known of the first source, as of the last world_wait(). */
const struct section *world_first(const struct world *world);

int world_thread(const struct world *world, size_t i);
int world_polls(const struct world *world, size_t i);

void world_mark(struct world *world);

/* Waits until so many of the first sources were polled since the mark. */
bool world_begun(const struct world *world, size_t count);

/* Checks as the engine does, until the world is as wanted. */
bool world_wait(struct world *world, bool (*want)(const struct world *));

#endif
