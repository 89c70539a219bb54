#include "panels/services_rows.h"

#include "base/alloc.h"
#include "panels/table.h"
#include "tests/panel/cases.h"

/* What a list column of a service shows, by the column's title. */
static const char *
cell(const struct services_rows *rows, const char *name, const char *title)
{
	static struct text_buf tb;

	tb_init(&tb);
	for (size_t i = 0; i < rows->count; i++) {
		if (!text_eq(rows->services[i].name, text_lit(name)))
			continue;
		for (size_t c = 0; c < services_column_count; c++) {
			if (text_eq(services_columns[c].title, text_lit(title)))
				services_rows_cell(
				    rows, &rows->services[i], c, &tb);
		}
	}
	tb.data[tb.len] = '\0';
	return tb.data;
}

static const struct service *
find(const struct services_rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (text_eq(rows->services[i].name, text_lit(name)))
			return &rows->services[i];
	}
	return NULL;
}

/* An API that tells its version, compose, and services: are one row. */
static void
test_merge(void)
{
	struct services_rows rows;
	struct fixture fixture;

	ok(fixture_make(&fixture, FIXTURE_BURNING), "fixture");
	services_rows_init(&rows, &fixture.ctx);
	is_int((int64_t)rows.count, 5, "each once");
	is_int((int64_t)find(&rows, "api")->part_count, 2, "of two sources");
	is_str(cell(&rows, "api", "version"), "1.5.0", "from the one");
	is_str(cell(&rows, "api", "restarts"), "1", "from the other");
	is_str(cell(&rows, "api", "state"), "✗ crit", "the worst of all");
	is_str(cell(&rows, "api", "detail"), "error_rate 7.3 % (> 5 %)",
	    "the words of the worst");
	is_str(cell(&rows, "jobs", "state"), "✗ restarting",
	    "the word of its source");
	is_str(cell(&rows, "jobs", "detail"),
	    "restarting (1) 3 seconds ago: out of memory",
	    "and its words before those of a mere warning");
	is_str(cell(&rows, "migrate", "up"), "—", "never started");
	is_str(cell(&rows, "jobs", "up"), "3s", "up since");
	ok(find(&rows, "queues") == NULL, "a source is no service");
	services_rows_release(&rows);
	fixture_release(&fixture);
}

/* Nothing is known of what compose told while that is silent. */
static void
test_stale(void)
{
	struct services_rows rows;
	struct fixture fixture;

	ok(fixture_make(&fixture, FIXTURE_STALE), "fixture");
	services_rows_init(&rows, &fixture.ctx);
	is_int(find(&rows, "postgres")->state, STATE_UNKNOWN, "unknown");
	is_str(cell(&rows, "postgres", "state"), "? unknown", "in words");
	ok(service_is_stale(find(&rows, "postgres")), "and dimmed");
	is_str(cell(&rows, "postgres", "restarts"), "0", "with what it was");
	ok(!service_is_stale(find(&rows, "api")),
	    "another source still tells of this one");
	is_str(cell(&rows, "api", "restarts"), "—",
	    "what is old is not shown as if it were new");
	is_str(rows.oldest->name, "compose", "the title says how old it is");
	services_rows_release(&rows);
	fixture_release(&fixture);
}

/* Deploys and restarts of the service, or of a source that tells of it. */
static void
test_subject(void)
{
	struct services_rows rows;
	struct fixture fixture;
	struct event event = { .kind = EVENT_DEPLOY };

	ok(fixture_make(&fixture, FIXTURE_CALM), "fixture");
	services_rows_init(&rows, &fixture.ctx);
	event.subject = TEXT("api");
	ok(service_is_subject(find(&rows, "api"), &event), "its own");
	ok(!service_is_subject(find(&rows, "jobs"), &event), "of another");
	event.subject = TEXT("compose");
	ok(service_is_subject(find(&rows, "jobs"), &event), "of its source");
	services_rows_release(&rows);
	fixture_release(&fixture);
}

/* What monitoring measures stands beside what Cloud Run says. */
static void
test_use(void)
{
	struct services_rows rows;
	struct fixture fixture;

	ok(fixture_make(&fixture, FIXTURE_CLOUD), "fixture");
	services_rows_init(&rows, &fixture.ctx);
	is_int((int64_t)rows.count, 3, "no service is made of figures");
	is_str(cell(&rows, "vistralai", "instances"), "19 of 20", "instances");
	is_str(cell(&rows, "vistralai", "cpu"), "64 %", "CPU");
	is_str(cell(&rows, "vistralai", "errors"), "0.12 %", "errors");
	is_str(cell(&rows, "jobs", "instances"), "—", "no samples");
	is_int(find(&rows, "vistralai")->state, STATE_OK,
	    "figures have no say in how it is");
	services_rows_release(&rows);
	fixture_release(&fixture);
}

static void
test_show(void)
{
	struct canvas *canvas = canvas_new(21, 80);
	void *view = mem_calloc(1, panel_services.view_size);
	struct fixture fixture;

	ok(fixture_make(&fixture, FIXTURE_BURNING), "fixture");
	panel_services.show(view, &fixture.ctx, TEXT("jobs"));
	panel_services.draw(view, &fixture.ctx, canvas, canvas_rect(canvas));
	ok(canvas_cell(canvas, 3, 0)->glyph[0] == '>',
	    "the one that another panel named is selected");
	panel_services.release(view);
	mem_free(view);
	canvas_free(canvas);
	fixture_release(&fixture);
}

int
main(void)
{
	static const enum command open[] = { COMMAND_DOWN, COMMAND_OPEN,
		COMMAND_NONE };
	static const enum command objectives[] = { COMMAND_VIEW_BACK,
		COMMAND_NONE };
	static const enum command objective[] = { COMMAND_VIEW_BACK,
		COMMAND_OPEN, COMMAND_NONE };
	static const enum command revisions[] = { COMMAND_VIEW, COMMAND_NONE };
	static const enum command revision[] = { COMMAND_VIEW, COMMAND_OPEN,
		COMMAND_NONE };
	static const enum command settings[] = { COMMAND_VIEW, COMMAND_VIEW,
		COMMAND_NONE };
	static const enum command conditions[] = { COMMAND_VIEW, COMMAND_VIEW,
		COMMAND_VIEW, COMMAND_NONE };
	static const enum command around[] = { COMMAND_VIEW, COMMAND_VIEW,
		COMMAND_VIEW, COMMAND_VIEW, COMMAND_VIEW, COMMAND_NONE };

	RUN(test_merge);
	RUN(test_stale);
	RUN(test_subject);
	RUN(test_use);
	RUN(test_show);
	test_pictures(&panel_services);
	test_opened(&panel_services);
	ok(golden_panel(&panel_services, FIXTURE_CLOUD), "Cloud Run");
	ok(golden_after(&panel_services, FIXTURE_CLOUD, open, "cloud-open"),
	    "a service of it with its objectives");
	ok(golden_after(
	       &panel_services, FIXTURE_CLOUD, objectives, "objectives"),
	    "all objectives");
	ok(golden_after(&panel_services, FIXTURE_CLOUD, objective, "objective"),
	    "one of them");
	ok(golden_after(&panel_services, FIXTURE_CLOUD, revisions, "revisions"),
	    "revisions, the newest first");
	ok(golden_after(&panel_services, FIXTURE_CLOUD, revision, "revision"),
	    "one of them");
	ok(golden_after(&panel_services, FIXTURE_CLOUD, settings, "settings"),
	    "settings");
	ok(golden_after(
	       &panel_services, FIXTURE_CLOUD, conditions, "conditions"),
	    "conditions, the worst first");
	ok(golden_after(&panel_services, FIXTURE_CLOUD, around, "cloud-around"),
	    "views without a table are left out");
	ok(golden_sweep(&panel_services, FIXTURE_CLOUD),
	    "stays inside its area at any size: cloud");
	return tap_done();
}
