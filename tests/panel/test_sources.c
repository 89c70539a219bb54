#include "panels/table.h"
#include "tests/panel/cases.h"

int
main(void)
{
	test_pictures(&panel_sources);
	test_opened(&panel_sources);
	return tap_done();
}
