#include "panels/table.h"
#include "tests/panel/cases.h"

int
main(void)
{
	test_pictures(&panel_metrics);
	test_opened(&panel_metrics);
	return tap_done();
}
