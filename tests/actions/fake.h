/*
 * A family of actions for tests, and the server that they act on: a folder
 * whose file "effects" has a line for every effect, "TARGET VALUE JOB". What
 * the server does wrong is chosen per call, so that every step of an action
 * can fail in every way. The state is in files, so that it outlives the
 * process that acts.
 *
 *	fake.look	look		shows the state; key S
 *	fake.poke	reversible	has no undo; key P
 *	fake.set	reversible	value=on|off; the undo sets the old one;
 *F fake.restart	disruptive	key T fake.drop	destructive	key K
 */
#ifndef SEV_TESTS_FAKE_H
#define SEV_TESTS_FAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions/engine.h"
#include "base/conf.h"
#include "base/redact.h"
#include "model/platform.h"
#include "model/store.h"

/* What goes wrong in a call. */
enum fake_fault {
	FAKE_FINE,
	FAKE_REFUSED,	 /* no connection: nothing was done */
	FAKE_FORBIDDEN,	 /* the server says no */
	FAKE_CHANGED,	 /* it is another thing than it was */
	FAKE_CUT_BEFORE, /* sent, not done, no answer */
	FAKE_CUT_AFTER,	 /* done, no answer */
	FAKE_LATE,	 /* no answer, and done a while later */
	FAKE_LIES,	 /* said yes, and did nothing */
	FAKE_SLOW,	 /* until the deadline, or cancelled */
	FAKE_HANGS,	 /* past everything */
	FAKE_HELD,	 /* until it is released, then fine */
	FAKE_HALF,	 /* the first target only, then no answer */
	FAKE_UNREADABLE, /* verify: the server can't be asked */
	FAKE_NEVER,	 /* verify: disproved for good */
};

struct fake {
	char dir[512];
	_Atomic enum fake_fault on_plan;
	_Atomic enum fake_fault on_apply;
	_Atomic enum fake_fault on_verify;
	atomic_int late_ms; /* FAKE_LATE: how much later */
	atomic_int lines;   /* that fake.look says before its last one */
	atomic_int plans;   /* calls so far */
	atomic_int applies;
	atomic_int verifies;
	atomic_bool release; /* ends FAKE_HANGS and FAKE_HELD */
};

/* The one server; rows of fake_table act on it. */
extern struct fake fake;
extern const struct action_ops *const fake_table[];

/* The platform's file; NULL: a small one of ours. */
extern const char *fake_config;

/* The kinds of its sources; NULL: the fake one only. */
extern const struct platform_types *fake_sources;

/* A platform of fake_config. Returned, free with platform_free(); NULL. */
struct platform *fake_platform(const char *env);

/* Empties the faults and the counts. */
void fake_reset(void);

/* Makes the folder below /tmp, and removes it. */
bool fake_open(void);
void fake_close(void);

/* Effects of all, or on one target. */
size_t fake_effects(const char *target);

/* "on" or "off": the last effect on it; "off" without one. */
const char *fake_state(const char *target);

/* Everything around an engine: a platform, a store, a record. */
struct fake_world {
	struct platform *platform;
	const struct platform *platforms[1];
	struct store *store;
	struct wake wake; /* of every publish */
	struct redactor *redactor;
	char audit[600];
	struct actions_options options;
	struct actions *actions;
};

/* env "prod" starts read-only. False: said why. */
bool fake_world_open(
    struct fake_world *world, const char *env, enum gate_mode gate);
void fake_world_close(struct fake_world *world);

/* Ends the engine and starts another on the same record. */
bool fake_world_again(struct fake_world *world);

/* A job has an outcome; unresolved is one. */
#define FAKE_SETTLED (1u << 31)

/*
 * Waits until a job is in one of the states (a mask of 1 << state, or
 * FAKE_SETTLED), at most ten seconds. Release the view.
 */
bool fake_wait(struct fake_world *world, uint64_t job, unsigned states,
    struct job_view *ret_view);

/* Plans, and waits for the plan or the end. 0: it was refused at once. */
uint64_t fake_plan(struct fake_world *world, const char *action,
    const char *target, const char *value, struct job_view *ret_view);

/* Plans, confirms and waits until it is settled. */
void fake_act(struct fake_world *world, const char *action, const char *target,
    const char *value, struct job_view *ret_view);

#endif
