#include "panels/table.h"
#include "tests/panel/golden.h"
#include "tests/tap.h"

static void
test_pictures(void)
{
	for (int i = 0; i < FIXTURE_COUNT; i++) {
		enum fixture_kind kind = (enum fixture_kind)i;

		ok(golden_panel(&panel_metrics, kind),
		    "metrics looks as before: %s", fixture_name(kind));
	}
}

static void
test_open(void)
{
	static const enum command open[] = { COMMAND_OPEN, COMMAND_NONE };
	static const enum command third[] = { COMMAND_DOWN, COMMAND_DOWN,
		COMMAND_OPEN, COMMAND_NONE };

	ok(golden_after(&panel_metrics, FIXTURE_BURNING, open, "open"),
	    "looks as before: open");
	ok(golden_after(&panel_metrics, FIXTURE_STALE, third, "open-third"),
	    "looks as before: open-third");
}

static void
test_sizes(void)
{
	for (int i = 0; i < FIXTURE_COUNT; i++) {
		enum fixture_kind kind = (enum fixture_kind)i;

		ok(golden_sweep(&panel_metrics, kind),
		    "metrics stays inside its area at any size: %s",
		    fixture_name(kind));
	}
}

int
main(void)
{
	RUN(test_pictures);
	RUN(test_open);
	RUN(test_sizes);
	return tap_done();
}
