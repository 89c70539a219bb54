#include "panels/table.h"
#include "tests/panel/golden.h"
#include "tests/tap.h"

static void
test_pictures(void)
{
	for (int i = 0; i < FIXTURE_COUNT; i++) {
		enum fixture_kind kind = (enum fixture_kind)i;

		ok(golden_panel(&panel_overview, kind),
		    "overview looks as before: %s", fixture_name(kind));
	}
}

static void
test_sizes(void)
{
	for (int i = 0; i < FIXTURE_COUNT; i++) {
		enum fixture_kind kind = (enum fixture_kind)i;

		ok(golden_sweep(&panel_overview, kind),
		    "overview stays inside its area at any size: %s",
		    fixture_name(kind));
	}
}

int
main(void)
{
	RUN(test_pictures);
	RUN(test_sizes);
	return tap_done();
}
