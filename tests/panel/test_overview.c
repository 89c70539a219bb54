#include "panels/table.h"
#include "tests/panel/cases.h"

/* Where Enter on the alert of that name leads to. */
static struct panel_out
open_alert(struct fixture *fixture, const char *name)
{
	char view[512] = "";
	struct canvas *canvas = canvas_new(21, 80);
	struct panel_out out = { .panel = NULL };

	if (!ok(canvas != NULL && panel_overview.view_size <= sizeof(view),
		"a view"))
		return out;
	for (int i = 0; i < 10; i++) {
		panel_overview.draw(
		    view, &fixture->ctx, canvas, canvas_rect(canvas));
		panel_overview.command(view, &fixture->ctx, COMMAND_OPEN, &out);
		if (text_eq(out.arg, text_lit(name)))
			break;
		panel_overview.command(view, &fixture->ctx, COMMAND_DOWN, &out);
	}
	canvas_free(canvas);
	return out;
}

static void
test_open(void)
{
	struct fixture fixture;
	struct panel_out out;

	if (!ok(fixture_make(&fixture, FIXTURE_BURNING), "fixture"))
		goto out;
	out = open_alert(&fixture, "queue_backlog");
	is_str(out.panel, "metrics", "a signal leads to its chart");
	out = open_alert(&fixture, "runPrompt");
	is_str(out.panel, "queues", "a queue leads to its row");
	out = open_alert(&fixture, "memory");
	is_str(out.panel, "cache", "a part of a Redis leads to the cache");
	out = open_alert(&fixture, "locks");
	is_str(out.panel, "database", "locks lead to the database");
out:
	fixture_release(&fixture);
}

int
main(void)
{
	RUN(test_open);
	test_pictures(&panel_overview);
	return tap_done();
}
