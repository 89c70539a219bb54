/*
 * Panels without memory: every allocation of drawing and of each command
 * fails, once and for good. What then is on the screen may be less, but
 * nothing falls over, and the next picture is whole again.
 */
#include "base/alloc.h"
#include "panels/table.h"
#include "tests/panel/fixture.h"
#include "tests/tap.h"

enum {
	DRAWS_MAX = 400, /* allocations to fail, of the first picture */
};

static const enum command commands[] = { COMMAND_DOWN, COMMAND_OPEN,
	COMMAND_SORT, COMMAND_BACK, COMMAND_VIEW, COMMAND_COPY };

static void
step(const struct panel_ops *panel, void *view, const struct fixture *fixture,
    struct canvas *canvas, size_t i)
{
	const struct rect all = { 0, 0, canvas->h, canvas->w };
	struct panel_out out = { 0 };

	canvas_clear(canvas);
	panel->draw(view, &fixture->ctx, canvas, all);
	if (panel->command != NULL)
		panel->command(view, &fixture->ctx,
		    commands[i % ARRAY_LEN(commands)], &out);
}

static void
starve(const struct panel_ops *panel, const struct fixture *fixture,
    struct canvas *canvas, bool for_ever)
{
	void *view = mem_calloc(1, panel->view_size > 0 ? panel->view_size : 1);
	size_t n, made = 1;

	for (n = 1; n < DRAWS_MAX && made > 0; n++) {
		mem_fail_at(n, for_ever);
		step(panel, view, fixture, canvas, n);
		made = mem_fail_at(0, false);
		made = made >= n ? made : 0;
	}
	step(panel, view, fixture, canvas, 0);
	ok(true, "%s: %zu failures %s", panel->name, n - 1,
	    for_ever ? "for good" : "one by one");
	if (panel->release != NULL)
		panel->release(view);
	mem_free(view);
}

int
main(void)
{
	struct fixture fixture;
	struct canvas *canvas = canvas_new(24, 80);

	ok(canvas != NULL && fixture_make(&fixture, FIXTURE_BURNING),
	    "a picture to draw");
	for (size_t i = 0; panel_table[i] != NULL; i++) {
		starve(panel_table[i], &fixture, canvas, false);
		starve(panel_table[i], &fixture, canvas, true);
	}
	fixture_release(&fixture);
	canvas_free(canvas);
	return tap_done();
}
