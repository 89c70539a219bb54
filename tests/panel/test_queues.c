#include "panels/table.h"
#include "tests/panel/golden.h"
#include "tests/tap.h"

static void
test_pictures(void)
{
	for (int i = 0; i < FIXTURE_COUNT; i++) {
		enum fixture_kind kind = (enum fixture_kind)i;

		ok(golden_panel(&panel_queues, kind),
		    "queues looks as before: %s", fixture_name(kind));
	}
}

static void
test_open(void)
{
	static const enum command open[] = { COMMAND_OPEN, COMMAND_NONE };
	static const enum command third[] = { COMMAND_DOWN, COMMAND_DOWN,
		COMMAND_OPEN, COMMAND_NONE };

	ok(golden_after(&panel_queues, FIXTURE_BURNING, open, "open"),
	    "looks as before: open");
	ok(golden_after(&panel_queues, FIXTURE_STALE, third, "open-third"),
	    "looks as before: open-third");
}

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

static void
test_sizes(void)
{
	for (int i = 0; i < FIXTURE_COUNT; i++) {
		enum fixture_kind kind = (enum fixture_kind)i;

		ok(golden_sweep(&panel_queues, kind),
		    "queues stays inside its area at any size: %s",
		    fixture_name(kind));
	}
}

int
main(void)
{
	RUN(test_pictures);
	RUN(test_show);
	RUN(test_open);
	RUN(test_sizes);
	return tap_done();
}
