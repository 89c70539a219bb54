/*
 * kill -9 at random instants while the fake actions are done, whose server
 * has all kinds of faults; tests/live/test_act_kill.c is the same for flags
 * and configured actions.
 */
#include <stdio.h>

#include "tests/actions/kill.h"
#include "tests/tap.h"

enum {
	ROUNDS = 80, /* the other 120 are those of the live test */
};

/* Faults that the child's server has in turn; all of them end somehow. */
static const enum fake_fault faults[] = { FAKE_FINE, FAKE_FINE, FAKE_CUT_AFTER,
	FAKE_FINE, FAKE_CUT_BEFORE, FAKE_LATE, FAKE_FORBIDDEN };

static bool
set_open(struct fake_world *world)
{
	return fake_world_open(world, "test", GATE_NORMAL);
}

static bool
set_ask(int number, struct request_spec *spec)
{
	static const struct request_value value = { "value", "on" };
	static struct request_target target;
	static char name[32];

	snprintf(name, sizeof(name), "t%d", number);
	target.name = name;
	spec->action = "fake.set";
	spec->targets = &target;
	spec->target_count = 1;
	spec->values = &value;
	spec->value_count = 1;
	atomic_store(
	    &fake.on_apply, faults[(size_t)number % ARRAY_LEN(faults)]);
	return true;
}

static size_t
set_effects(int number)
{
	char name[32];

	snprintf(name, sizeof(name), "t%d", number);
	return fake_effects(name);
}

int
main(int argc, char **argv)
{
	static const struct kill_ops ops = {
		.open = set_open,
		.ask = set_ask,
		.effects = set_effects,
	};
	struct kill_found found;

	if (argc == 3)
		return kill_child(&ops, argv);
	if (ok(fake_open(), "folder")) {
		found = kill_run(&ops, ROUNDS);
		kill_check(&found, ROUNDS);
	}
	fake_close();
	return tap_done();
}
