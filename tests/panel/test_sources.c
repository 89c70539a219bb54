#include "panels/table.h"
#include "tests/panel/cases.h"

/* A source before a health row of that name, and by its key. */
static void
test_show(void)
{
	static const char *const args[] = { "redis", "ai-visibility/redis",
		"database" };
	static const char *const titles[] = { "redis  redis", "redis  redis",
		"ready  http" };
	struct canvas *canvas = canvas_new(21, 80);

	for (size_t i = 0; i < 3; i++) {
		void *view = calloc(1, panel_sources.view_size);
		char title[16] = "";
		struct fixture fixture;

		ok(fixture_make(&fixture, FIXTURE_CALM), "fixture");
		panel_sources.show(view, &fixture.ctx, text_lit(args[i]));
		canvas_clear(canvas);
		panel_sources.draw(
		    view, &fixture.ctx, canvas, canvas_rect(canvas));
		for (int x = 0; titles[i][x] != '\0'; x++)
			title[x] = canvas_cell(canvas, 0, x)->glyph[0];
		is_str(title, titles[i], args[i]);
		panel_sources.release(view);
		free(view);
		fixture_release(&fixture);
	}
	canvas_free(canvas);
}

int
main(void)
{
	RUN(test_show);
	test_pictures(&panel_sources);
	test_opened(&panel_sources);
	return tap_done();
}
