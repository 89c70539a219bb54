#include "panels/table.h"
#include "panels/views.h"
#include "tests/panel/cases.h"

/* The panel on a screen, with a frame to look at. */
static struct fixture fixture;
static struct canvas *canvas;
static struct views views;
static struct panel_out out;

static bool
begin(enum fixture_kind kind)
{
	canvas = canvas_new(21, 80);
	return ok(canvas != NULL && fixture_make(&fixture, kind), "a frame");
}

static void
end(void)
{
	panel_database.release(&views);
	memset(&views, 0, sizeof(views));
	fixture_release(&fixture);
	canvas = canvas_free(canvas);
}

static void
draw(void)
{
	canvas_clear(canvas);
	panel_database.draw(&views, &fixture.ctx, canvas, canvas_rect(canvas));
}

static enum panel_result
press(enum command command)
{
	enum panel_result result;

	memset(&out, 0, sizeof(out));
	result = panel_database.command(&views, &fixture.ctx, command, &out);
	draw();
	return result;
}

/* A row that is on the screen somewhere; "" when none has the words. */
static const char *
row_with(const char *words)
{
	for (int y = 0; y < canvas->h; y++) {
		if (strstr(golden_row(canvas, y), words) != NULL)
			return golden_row(canvas, y);
	}
	return "";
}

static bool
is_selected(const char *pid)
{
	const char *row = row_with(">");

	return row[0] == '>' && strstr(row, pid) != NULL;
}

static void
test_selection(void)
{
	if (!begin(FIXTURE_BURNING))
		goto out;
	draw();
	ok(is_selected("4711"), "the root with most behind it is first: %s",
	    row_with(">"));
	for (int i = 0; i < 4; i++)
		press(COMMAND_DOWN);
	ok(is_selected("4102"), "a long query: %s", row_with(">"));
	press(COMMAND_VIEW);
	ok(is_selected("4712"), "waiting: the one that waits longest");
	press(COMMAND_VIEW);
	ok(is_selected("├─4712"), "blocking: the same session in its tree: %s",
	    row_with(">"));
	press(COMMAND_BOTTOM);
	ok(is_selected("└─5002"), "the last of the tree");
	press(COMMAND_VIEW_BACK);
	ok(is_selected("5002"), "the same session again");
	press(COMMAND_VIEW_BACK);
	ok(is_selected("5002"), "and here, too");
	press(COMMAND_VIEW_BACK);
	ok(row_with("visibility")[0] == '>', "round the end: databases");
	press(COMMAND_VIEW_BACK);
	press(COMMAND_VIEW_BACK);
	press(COMMAND_VIEW_BACK);
	press(COMMAND_DOWN);
	ok(strstr(row_with(">"), "prompts") != NULL, "a table: %s",
	    row_with(">"));
	press(COMMAND_VIEW);
	press(COMMAND_VIEW_BACK);
	ok(strstr(row_with(">"), "prompts") != NULL, "is found again");
out:
	end();
}

static void
test_filter(void)
{
	if (!begin(FIXTURE_BURNING))
		goto out;
	draw();
	ok(panel_database.typed(
	       &views, &fixture.ctx, PROMPT_FILTER, "metabase", true) == NULL,
	    "a filter for what an application does");
	draw();
	ok(strstr(row_with("running"), "2 of 10, filter metabase") != NULL,
	    "is told beside the views: %s", row_with("running"));
	ok(is_selected("4102"), "only its sessions");
	press(COMMAND_VIEW);
	press(COMMAND_VIEW);
	ok(is_selected("4718"), "in the tree as well: %s", row_with(">"));
	press(COMMAND_VIEW_BACK);
	press(COMMAND_VIEW_BACK);
	press(COMMAND_SORT);
	ok(strstr(row_with("pid"), "pid↓") != NULL, "sorted");
	press(COMMAND_VIEW);
	ok(strstr(row_with("pid"), "↓") == NULL,
	    "another view has an order of its own");
out:
	end();
}

static void
test_open(void)
{
	if (!begin(FIXTURE_BURNING))
		goto out;
	draw();
	ok(press(COMMAND_COPY) == PANEL_COPY, "a row can be copied");
	is_str(out.copy,
	    "update workspaces set credits = credits - 1 where id = 17",
	    "which copies the query");
	press(COMMAND_OPEN);
	ok(row_with("pg_terminate_backend(4711)")[0] == ' ',
	    "what could be done: %s", row_with("pg_terminate"));
	press(COMMAND_BACK);
	press(COMMAND_VIEW);
	press(COMMAND_OPEN);
	ok(strstr(row_with("next"), "it is not the cause") != NULL,
	    "who waits is not the cause");
	ok(strstr(row_with("4711     "), "blocks 5") != NULL,
	    "which is named: %s", row_with("4711     "));
	ok(press(COMMAND_QUIT) == PANEL_DONE && is_selected("4712"),
	    "q leaves it");
	ok(press(COMMAND_QUIT) == PANEL_IGNORED, "and then the program");
	press(COMMAND_OPEN);
	press(COMMAND_VIEW);
	ok(is_selected("4712"), "another view closes it");
out:
	end();
}

static void
test_show(void)
{
	if (!begin(FIXTURE_BURNING))
		goto out;
	draw();
	panel_database.show(&views, &fixture.ctx, TEXT("locks"));
	draw();
	ok(is_selected("4711") && row_with("└─4715")[0] != '\0',
	    "an alert about locks leads to the tree");
	panel_database.show(&views, &fixture.ctx, TEXT("db"));
	draw();
	ok(row_with("└─4715")[0] != '\0', "one about the server moves nothing");
out:
	end();
}

/* Two servers: a row is one server's, whatever their pids are. */
static void
test_servers(void)
{
	if (!begin(FIXTURE_MANY))
		goto out;
	draw();
	press(COMMAND_DOWN);
	ok(is_selected("4711  db@shop"), "the same pid of another server: %s",
	    row_with(">"));
	press(COMMAND_OPEN);
	ok(strstr(golden_row(canvas, 0), "on db@shop") != NULL,
	    "is that server's: %s", golden_row(canvas, 0));
out:
	end();
}

static void
test_words(void)
{
	if (!begin(FIXTURE_CALM))
		goto out;
	draw();
	press(COMMAND_VIEW);
	ok(row_with("no session waits for a lock")[0] != '\0', "calm");
	press(COMMAND_VIEW);
	ok(row_with("no session blocks another")[0] != '\0', "calm");
	end();
	begin(FIXTURE_MISSING);
	draw();
	for (int i = 0; i < 4; i++)
		press(COMMAND_VIEW);
	ok(row_with("pg_stat_statements is not in database")[0] != '\0',
	    "why there are no statements");
	ok(row_with("!  rights: 17 of 23 sessions are hidden")[0] != '\0',
	    "which right is missing");
	end();
	begin(FIXTURE_STALE);
	draw();
	ok(row_with("✗  exhausted: too many clients")[0] != '\0' &&
		row_with("as of 14:01:44   connections 23 of 100")[0] != '\0',
	    "no connection is left: loud, and the last numbers are dated");
out:
	end();
}

/* The tree with its ASCII twins, and where there is room for all columns. */
static void
test_tree(void)
{
	struct golden golden;

	golden_init(&golden, "database-tree");
	if (!begin(FIXTURE_BURNING))
		goto out;
	panel_database.show(&views, &fixture.ctx, TEXT("locks"));
	canvas->ascii = true;
	draw();
	golden_add(&golden, "blocking", canvas);
	canvas->ascii = false;
	if (!canvas_resize(canvas, 47, 200))
		goto out;
	draw();
	golden_add(&golden, "blocking", canvas);
out:
	ok(golden_done(&golden), "the tree looks as before");
	end();
}

/* A picture of each view, as many keys away from the first. */
static void
test_views(void)
{
	static const char *const names[] = { "running", "waiting", "blocking",
		"all", "slow", "sizes", "vacuum", "replicas", "databases" };

	for (size_t i = 1; i < ARRAY_LEN(names); i++) {
		enum command keys[ARRAY_LEN(names) + 1];
		size_t n = 0;

		while (n < i)
			keys[n++] = COMMAND_VIEW;
		keys[n] = COMMAND_NONE;
		ok(golden_after(
		       &panel_database, FIXTURE_BURNING, keys, names[i]),
		    "looks as before: %s", names[i]);
	}
}

int
main(void)
{
	RUN(test_selection);
	RUN(test_filter);
	RUN(test_open);
	RUN(test_show);
	RUN(test_servers);
	RUN(test_words);
	RUN(test_tree);
	test_pictures(&panel_database);
	test_opened(&panel_database);
	test_tagged(&panel_database);
	RUN(test_views);
	return tap_done();
}
