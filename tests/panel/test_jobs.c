#include "panels/table.h"
#include "tests/panel/cases.h"

int
main(void)
{
	test_pictures(&panel_jobs);
	test_opened(&panel_jobs);
	return tap_done();
}
