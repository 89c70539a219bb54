/*
 * What every panel is tested for, as cases of the program that includes
 * this (like tests/tap.h, once):
 *
 *	test_pictures(&panel_queues);
 *	test_opened(&panel_queues);
 */
#ifndef SEV_TESTS_CASES_H
#define SEV_TESTS_CASES_H

#include "tests/panel/golden.h"
#include "tests/tap.h"

/* Pictures of all fixtures, and none outside of its area at any size. */
__attribute__((unused)) static void
test_pictures(const struct panel_ops *panel)
{
	for (int i = 0; i < FIXTURE_COUNT; i++) {
		enum fixture_kind kind = (enum fixture_kind)i;

		ok(golden_panel(panel, kind), "%s looks as before: %s",
		    panel->name, fixture_name(kind));
	}
	for (int i = 0; i < FIXTURE_COUNT; i++) {
		enum fixture_kind kind = (enum fixture_kind)i;

		ok(golden_sweep(panel, kind),
		    "%s stays inside its area at any size: %s", panel->name,
		    fixture_name(kind));
	}
}

/* The first row opened while it burns, the third one when it is stale. */
__attribute__((unused)) static void
test_opened(const struct panel_ops *panel)
{
	static const enum command first[] = { COMMAND_OPEN, COMMAND_NONE };
	static const enum command third[] = { COMMAND_DOWN, COMMAND_DOWN,
		COMMAND_OPEN, COMMAND_NONE };

	ok(golden_after(panel, FIXTURE_BURNING, first, "open"),
	    "%s looks as before: open", panel->name);
	ok(golden_after(panel, FIXTURE_STALE, third, "open-third"),
	    "%s looks as before: open-third", panel->name);
}

/* Two rows tagged, and the selection on the one behind them. */
__attribute__((unused)) static void
test_tagged(const struct panel_ops *panel)
{
	static const enum command two[] = { COMMAND_TAG, COMMAND_TAG,
		COMMAND_NONE };

	ok(golden_after(panel, FIXTURE_BURNING, two, "tagged"),
	    "%s looks as before: tagged", panel->name);
}

#endif
