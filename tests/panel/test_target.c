/* What each panel says is selected: what mitigations act on. */
#include <stdio.h>
#include <stdlib.h>

#include "model/build.h"
#include "model/platform.h"
#include "panels/culprit.h"
#include "panels/table.h"
#include "tests/panel/fixture.h"
#include "tests/tap.h"

static struct canvas *canvas;
static struct fixture fixture;

/* The signals of the fixture that lead to a row. */
static const struct signal_def signals[] = {
	{ .name = "queue_age",
	    .kind = SIGNAL_VALUE,
	    .agg = SIGNAL_MAX,
	    .of = { .text = "queue_waiting" },
	    .warn = { true, COMPARE_GT, 200 } },
	{ .name = "queue_low",
	    .kind = SIGNAL_VALUE,
	    .agg = SIGNAL_MIN,
	    .of = { .text = "queue_waiting" },
	    .warn = { true, COMPARE_LT, 1 } },
	{ .name = "elsewhere",
	    .kind = SIGNAL_VALUE,
	    .source = "redis",
	    .of = { .text = "queue_waiting" },
	    .warn = { true, COMPARE_GT, 1 } },
	{ .name = "p95",
	    .kind = SIGNAL_VALUE,
	    .source = "figures",
	    .of = { .text = "latency" },
	    .warn = { true, COMPARE_GT, 1 } },
};

static const struct platform platform = {
	.name = "ai-visibility",
	.env = "prod",
	.prod = true,
	.signals = signals,
	.signal_count = ARRAY_LEN(signals),
};
static const struct platform *const platforms[] = { &platform };

/* A view of the panel after a draw and the commands. */
static void *
view_after(const struct panel_ops *panel, const enum command *commands)
{
	void *view = calloc(1, panel->view_size);

	for (;; commands++) {
		struct panel_out out = { .panel = NULL };

		canvas_clear(canvas);
		panel->draw(view, &fixture.ctx, canvas, canvas_rect(canvas));
		if (*commands == COMMAND_NONE)
			return view;
		panel->command(view, &fixture.ctx, *commands, &out);
	}
}

static void
view_free(const struct panel_ops *panel, void *view)
{
	if (panel->release != NULL)
		panel->release(view);
	free(view);
}

/* "" for none. */
static const char *
target_key(const struct panel_ops *panel, const void *view)
{
	static char key[200];
	struct panel_target target = { .section = NULL };

	key[0] = '\0';
	if (panel->target(view, &fixture.ctx, &target) && target.row != NULL)
		text_keep(key, sizeof(key), target.row->key);
	return key;
}

static const enum command none[] = { COMMAND_NONE };
static const enum command second[] = { COMMAND_DOWN, COMMAND_NONE };
static const enum command tagged[] = { COMMAND_TAG, COMMAND_TAG, COMMAND_NONE };
static const enum command opened[] = { COMMAND_OPEN, COMMAND_NONE };

static void
test_queues(void)
{
	struct panel_target target = { .section = NULL };
	void *view = calloc(1, panel_queues.view_size);

	is_str(target_key(&panel_queues, view), "", "nothing before a draw");
	view_free(&panel_queues, view);
	view = view_after(&panel_queues, none);
	is_str(target_key(&panel_queues, view), "runPrompt", "the first");
	ok(panel_queues.typed(view, &fixture.ctx, PROMPT_FILTER, "zzz", true) ==
		NULL,
	    "a filter");
	panel_queues.draw(view, &fixture.ctx, canvas, canvas_rect(canvas));
	is_str(target_key(&panel_queues, view), "",
	    "what a filter hides can't be acted on");
	view_free(&panel_queues, view);
	view = view_after(&panel_queues, second);
	is_str(target_key(&panel_queues, view), "runBatch", "the second");
	view_free(&panel_queues, view);
	view = view_after(&panel_queues, tagged);
	ok(panel_queues.target(view, &fixture.ctx, &target) &&
		target.tagged_count == 2 && !target.tagged_apart,
	    "two are tagged");
	ok(text_eq(target.tagged[0]->key, TEXT("runPrompt")) &&
		text_eq(target.tagged[1]->key, TEXT("runBatch")) &&
		target.row == target.tagged[0],
	    "and they are meant, not the selected one");
	view_free(&panel_queues, view);
	target = (struct panel_target) { .section = NULL };
	view = view_after(&panel_queues, opened);
	is_str(target_key(&panel_queues, view), "runPrompt/18211",
	    "of an open one the newest failed job");
	ok(panel_queues.target(view, &fixture.ctx, &target) &&
		text_eq(target.table->name, TEXT("queue_jobs")) &&
		text_eq(target.outer_table->name, TEXT("queues")) &&
		text_eq(target.outer_row->key, TEXT("runPrompt")),
	    "and the queue around it");
	view_free(&panel_queues, view);
}

/* Every panel with rows says which one, and in which table. */
static void
test_tables(void)
{
	static const struct {
		const struct panel_ops *panel;
		const char *table;
	} rows[] = {
		{ &panel_queues, "queues" },
		{ &panel_services, "services" },
		{ &panel_database, "sessions" },
		{ &panel_cache, "slowlog" },
		{ &panel_jobs, "jobs" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct panel_target target = { .section = NULL };
		void *view = view_after(rows[i].panel, none);
		bool found = rows[i].panel->target(view, &fixture.ctx, &target);

		ok(found && target.table != NULL && target.section != NULL &&
			payload_table(target.section->payload, "x") == NULL,
		    "%s has a row", rows[i].panel->name);
		if (target.table != NULL)
			ok(text_eq(target.table->name, text_lit(rows[i].table)),
			    "%s: of the table %s, not %s", rows[i].panel->name,
			    rows[i].table, target.table->name.s);
		view_free(rows[i].panel, view);
	}
}

static void
test_whole_source(void)
{
	static const struct panel_ops *const servers[] = { &panel_database,
		&panel_cache };
	struct panel_target target = { .section = NULL };
	void *view;

	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		view = view_after(servers[i], none);
		servers[i]->typed(
		    view, &fixture.ctx, PROMPT_FILTER, "zzz", true);
		servers[i]->draw(
		    view, &fixture.ctx, canvas, canvas_rect(canvas));
		target = (struct panel_target) { .section = NULL };
		ok(servers[i]->target(view, &fixture.ctx, &target) &&
			target.section != NULL && target.row == NULL,
		    "%s: without a row it is the server", servers[i]->name);
		view_free(servers[i], view);
	}
	target = (struct panel_target) { .section = NULL };
	view = view_after(&panel_sources, none);

	ok(panel_sources.target(view, &fixture.ctx, &target) &&
		target.section != NULL && target.row == NULL,
	    "a source is there as a whole");
	view_free(&panel_sources, view);
}

/* An alert leads to its row, with the signal that calls for it. */
static void
test_alerts(void)
{
	const struct section *watch =
	    fixture.frame.sections[fixture.frame.slot_count - 1];
	size_t rows = 0, signals_seen = 0;
	void *view = view_after(&panel_overview, none);

	for (size_t i = 0; i < watch->payload->alert_count; i++) {
		struct panel_target target = { .section = NULL };
		struct panel_out out = { .panel = NULL };

		if (panel_overview.target(view, &fixture.ctx, &target)) {
			rows += target.row != NULL;
			signals_seen += target.signal.len > 0;
			ok(text_eq(target.platform, TEXT("ai-visibility")) ||
				text_eq(target.platform, TEXT("shop")),
			    "its platform is known");
		}
		panel_overview.command(view, &fixture.ctx, COMMAND_DOWN, &out);
	}
	ok(rows > 0 && signals_seen > 0, "%zu rows, %zu signals", rows,
	    signals_seen);
	view_free(&panel_overview, view);
}

/* A source of two queues, alone in a frame. */
static struct section *
queues_section(void)
{
	static const struct column columns[] = {
		{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	};
	static const char *const names[] = { "runBatch", "runPrompt", "idle" };
	static const double waiting[] = { 7, 1204, 0 };
	struct section *section = section_new();
	struct build *build = build_new();

	build_table(build, TEXT("queues"), columns, 1);
	for (size_t i = 0; i < 3; i++) {
		build_row(build, text_lit(names[i]), STATE_OK);
		build_cell_text(build, 0, text_lit(names[i]));
		build_gauge_of(build, TEXT("queue_waiting"), NUM_COUNT,
		    waiting[i], TEXT("queue"), text_lit(names[i]));
	}
	snprintf(section->name, sizeof(section->name), "queues");
	snprintf(section->platform, sizeof(section->platform), "ai-visibility");
	section->payload = build_finish(build, NULL);
	build_free(build);
	return section;
}

/* One row of a service, or a figure of one, as two sources tell them. */
static struct section *
service_section(const char *name, bool figure)
{
	static const struct column columns[] = {
		{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	};
	static const struct label labels[] = {
		{ TEXT_INIT("region"), TEXT_INIT("eu") },
		{ TEXT_INIT("service"), TEXT_INIT("web") },
	};
	static const char *const keys[] = { "us/web", "eu/web2", "eu/web" };
	struct section *section = section_new();
	struct build *build = build_new();

	snprintf(section->platform, sizeof(section->platform), "ai-visibility");
	snprintf(section->name, sizeof(section->name), "%s", name);
	if (figure)
		build_metric(build, TEXT("latency"), NUM_SECONDS, METRIC_GAUGE,
		    2, labels, 2);
	build_table(build, figure ? TEXT("use") : TEXT("services"), columns, 1);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		build_row(build, text_lit(keys[i]), STATE_OK);
	section->payload = build_finish(build, NULL);
	build_free(build);
	return section;
}

static const char *
culprit(const struct panel_ctx *ctx, const char *of, const char *signal)
{
	struct panel_target target = { .section = NULL };
	static char key[64];

	culprit_of_signal(ctx, text_lit(of), text_lit(signal), &target);
	if (!text_eq(target.signal, text_lit(signal)))
		return "the signal is lost";
	text_keep(key, sizeof(key),
	    target.row != NULL ? target.row->key : TEXT_EMPTY);
	return key;
}

static void
test_culprit(void)
{
	struct section *sections[] = { queues_section(), NULL };
	struct frame frame = { .sections = sections, .slot_count = 2 };
	struct panel_ctx ctx = {
		.frame = &frame, .platforms = platforms, .platform_count = 1
	};

	is_str(culprit(&ctx, "ai-visibility", "queue_age"), "runPrompt",
	    "the worst of its series names the row");
	is_str(culprit(&ctx, "ai-visibility", "queue_low"), "idle",
	    "the smallest is the worst where less is worse");
	is_str(culprit(&ctx, "ai-visibility", "elsewhere"), "",
	    "only series of its own source count");
	is_str(culprit(&ctx, "shop", "queue_age"), "",
	    "nor those of another platform");
	is_str(culprit(&ctx, "ai-visibility", "unheard of"), "",
	    "a signal that is not configured");
	section_unref(sections[0]);
}

/* A figure of a service leads to where something can be done to it. */
static void
test_culprit_service(void)
{
	struct section *sections[] = { service_section("figures", true),
		service_section("run", false), NULL };
	struct frame frame = { .sections = sections, .slot_count = 3 };
	struct panel_ctx ctx = {
		.frame = &frame, .platforms = platforms, .platform_count = 1
	};
	struct panel_target target = { .section = NULL };

	culprit_of_signal(&ctx, TEXT("ai-visibility"), TEXT("p95"), &target);
	ok(target.section == sections[1], "in the source that tells of it");
	ok(target.row != NULL && text_eq(target.row->key, TEXT("eu/web")),
	    "of its region");
	section_unref(sections[0]);
	section_unref(sections[1]);
}

int
main(void)
{
	canvas = canvas_new(40, 120);
	if (!fixture_make(&fixture, FIXTURE_BURNING) || canvas == NULL)
		return 1;
	fixture.ctx.platforms = platforms;
	fixture.ctx.platform_count = 1;
	RUN(test_queues);
	RUN(test_tables);
	RUN(test_whole_source);
	RUN(test_alerts);
	RUN(test_culprit);
	RUN(test_culprit_service);
	fixture_release(&fixture);
	canvas_free(canvas);
	return tap_done();
}
