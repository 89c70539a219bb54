#include "panels/table.h"
#include "tests/panel/cases.h"

static void
test_views(void)
{
	static const enum command latency[] = { COMMAND_VIEW, COMMAND_NONE };
	static const enum command keys[] = { COMMAND_VIEW_BACK, COMMAND_NONE };

	ok(golden_after(&panel_cache, FIXTURE_BURNING, latency, "latency"),
	    "looks as before: latency");
	ok(golden_after(&panel_cache, FIXTURE_BURNING, keys, "keys"),
	    "looks as before: key space");
	ok(golden_after(&panel_cache, FIXTURE_CALM, latency, "no-latency"),
	    "says how latency events are recorded");
	ok(golden_panel(&panel_cache, FIXTURE_CLOUD), "Memorystore alone");
}

int
main(void)
{
	test_pictures(&panel_cache);
	test_opened(&panel_cache);
	RUN(test_views);
	return tap_done();
}
