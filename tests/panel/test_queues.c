#include "panels/table.h"
#include "tests/panel/cases.h"

static void
test_show(void)
{
	void *view = calloc(1, panel_queues.view_size);
	struct canvas *canvas = canvas_new(21, 80);
	const struct cell *cell = NULL;
	struct fixture fixture;

	if (!ok(fixture_make(&fixture, FIXTURE_BURNING) && view != NULL &&
		    canvas != NULL,
		"fixture"))
		goto out;
	panel_queues.show(view, &fixture.ctx, TEXT("dailyAggregations"));
	panel_queues.draw(view, &fixture.ctx, canvas, canvas_rect(canvas));
	cell = canvas_cell(canvas, 4, 0);
	ok(cell->glyph[0] == '>' && cell->role == ROLE_SELECTED,
	    "the queue that another panel named is selected");
	panel_queues.release(view);
out:
	fixture_release(&fixture);
	canvas_free(canvas);
	free(view);
}

int
main(void)
{
	RUN(test_show);
	test_pictures(&panel_queues);
	test_opened(&panel_queues);
	test_tagged(&panel_queues);
	return tap_done();
}
