#include "panels/table.h"
#include "tests/panel/cases.h"

int
main(void)
{
	test_pictures(&panel_flags);
	test_opened(&panel_flags);
	test_tagged(&panel_flags);
	return tap_done();
}
