#include "panels/deps_view.h"

#include <math.h>

#include "base/alloc.h"
#include "model/build.h"
#include "model/deps.h"
#include "panels/table.h"
#include "tests/panel/cases.h"

/* A table of the watch thread, made row by row. */
struct made {
	struct fixture fixture;
	struct build *build;
	struct deps_view view;
};

static void
made_open(struct made *made)
{
	ok(fixture_make(&made->fixture, FIXTURE_CALM), "fixture");
	made->build = build_new();
	build_table(made->build, TEXT("dependencies"), deps_columns,
	    ARRAY_LEN(deps_columns));
}

/* ago_s 0: well for ever; about_s below 0: not known. */
static void
made_node(struct made *made, const char *name, const char *needs,
    enum state state, int ago_s, double about_s, double order,
    const char *because)
{
	build_row(made->build, text_lit(name), state);
	build_cell_text(made->build, DEPS_node, text_lit(name));
	build_cell_text(made->build, DEPS_needs, text_lit(needs));
	build_cell_text(made->build, DEPS_because, text_lit(because));
	build_cell_text(made->build, DEPS_platform, TEXT("p"));
	if (state == STATE_WARN || state == STATE_CRIT)
		build_cell_text(made->build, DEPS_verdict, TEXT("verdict"));
	if (ago_s > 0)
		build_cell_num(made->build, DEPS_since,
		    (double)FIXTURE_WALL_MS - ago_s * 1000.0);
	if (about_s >= 0)
		build_cell_num(made->build, DEPS_about_s, about_s);
	if (order > 0)
		build_cell_num(made->build, DEPS_order, order);
}

/* Puts the table into the frame and reads it. */
static void
made_read(struct made *made)
{
	struct frame *frame = &made->fixture.frame;
	struct section *watch = frame->sections[frame->slot_count - 1];

	payload_unref(watch->payload);
	watch->payload = build_finish(made->build, NULL);
	build_free(made->build);
	deps_view_init(&made->view, &made->fixture.ctx);
}

static void
made_close(struct made *made)
{
	deps_view_release(&made->view);
	fixture_release(&made->fixture);
}

static void
says(struct made *made, const char *want, enum role role)
{
	struct text_buf tb;

	made_read(made);
	is_int(deps_sentence(&made->view, &made->fixture.ctx, TEXT("p"), &tb),
	    role, "role");
	tb.data[tb.len] = '\0';
	is_str(tb.data, want, want);
	made_close(made);
}

static void
test_sentence(void)
{
	struct made made;

	made_open(&made);
	made_node(&made, "a", "b", STATE_OK, 0, -1, 0, "");
	made_node(&made, "b", "", STATE_OK, 0, -1, 0, "");
	says(&made, "all 2 are well", ROLE_OK);

	made_open(&made);
	made_node(&made, "a", "b", STATE_UNKNOWN, 5, -1, 0, "");
	made_node(&made, "b", "", STATE_OK, 0, -1, 0, "");
	says(&made, "nothing is bad, but 1 of 2 is not known: a", ROLE_UNKNOWN);

	made_open(&made);
	made_node(&made, "a", "b", STATE_OK, 0, -1, 0, "b");
	made_node(&made, "b", "", STATE_WARN, 30, 5, 1, "b");
	says(&made, "b is bad since 14:02:01; a needs it and is still well",
	    ROLE_WARN);

	made_open(&made);
	made_node(&made, "a", "b", STATE_CRIT, 30, 5, 1, "a");
	made_node(&made, "b", "", STATE_OK, 0, -1, 0, "");
	says(&made, "a is bad since 14:02:01 while its own needs are fine",
	    ROLE_CRIT);

	made_open(&made);
	made_node(&made, "a", "b, c", STATE_CRIT, 10, 5, 0, "c");
	made_node(&made, "b", "c", STATE_CRIT, 12, 5, 0, "c");
	made_node(&made, "c", "", STATE_CRIT, 30, 5, 1, "c");
	made_node(&made, "d", "", STATE_CRIT, 20, 2, 2, "d");
	says(&made,
	    "c went bad first (14:02:01), a and b follow; later d (14:02:11)",
	    ROLE_CRIT);

	made_open(&made);
	made_node(&made, "a", "b", STATE_CRIT, 28, 5, 0, "b");
	made_node(&made, "b", "", STATE_CRIT, 30, 5, 1, "b");
	says(&made, "b went bad at about 14:02:01, and with it a", ROLE_CRIT);

	made_open(&made);
	made_node(&made, "a", "b, c", STATE_CRIT, 10, 5, 0, "b, c");
	made_node(&made, "b", "", STATE_WARN, 30, 5, 1, "b");
	made_node(&made, "c", "", STATE_WARN, 28, 5, 1, "c");
	made_node(&made, "d", "b", STATE_OK, 0, -1, 0, "b");
	made_node(&made, "e", "b", STATE_OK, 0, -1, 0, "b");
	says(&made,
	    "b and c went bad at about the same time (14:02:01), a follows; "
	    "d and e need them and are still well",
	    ROLE_CRIT);

	made_open(&made);
	made_node(&made, "a", "b", STATE_CRIT, 10, -1, 0, "b");
	made_node(&made, "b", "", STATE_CRIT, 10, -1, 1, "b");
	says(&made,
	    "b was bad already when sevtop began to look, and with it a",
	    ROLE_CRIT);

	made_open(&made);
	made_node(&made, "a", "b", STATE_CRIT, 10, 5, 0, "b");
	made_node(&made, "c", "b", STATE_CRIT, 10, 5, 0, "b");
	made_node(&made, "d", "b", STATE_CRIT, 10, 5, 0, "b");
	made_node(&made, "e", "b", STATE_CRIT, 10, 5, 0, "b");
	made_node(&made, "f", "b", STATE_CRIT, 10, 5, 0, "b");
	made_node(&made, "b", "", STATE_CRIT, 30, 5, 1, "b");
	says(&made, "b went bad first (14:02:01), a, c, d and 2 more follow",
	    ROLE_CRIT);
}

/* What this machine does not have: neither bad nor counted. */
static void
test_absent(void)
{
	struct made made;

	made_open(&made);
	made_node(&made, "a", "b, c", STATE_OK, 0, -1, 0, "");
	made_node(&made, "b", "", STATE_OK, 0, -1, 0, "");
	made_node(&made, "c", "", STATE_UNKNOWN, 0, -1, 0, "");
	build_cell_num(made.build, DEPS_watched, 0);
	says(&made, "all 2 are well; of 1 nothing is watched here", ROLE_OK);
}

/* The tree as text: branch and name of every line. */
static void
tree_is(struct made *made, bool narrow, const char *want)
{
	const struct deps_line *lines;
	size_t count;
	struct buf all = BUF_INIT(4096);

	made_read(made);
	lines = deps_tree(&made->view, &count);
	for (size_t i = 0; i < count; i++) {
		struct text_buf tb;

		tb_init(&tb);
		put_branch(&tb, &lines[i], narrow);
		tb_text(&tb, made->view.deps[lines[i].dep].name);
		if (lines[i].again)
			tb_lit(&tb, "+");
		buf_add(&all, tb.data, tb.len);
		buf_char(&all, '\n');
		for (size_t j = 0; j < i; j++) {
			if (text_eq(lines[i].key, lines[j].key))
				ok(false, "keys of lines differ");
		}
	}
	is_str(buf_cstr(&all), want, "tree");
	buf_release(&all);
	made_close(made);
}

static void
test_tree(void)
{
	struct made made;

	made_open(&made);
	made_node(&made, "a", "b, c", STATE_OK, 0, -1, 0, "");
	made_node(&made, "b", "d, e", STATE_OK, 0, -1, 0, "");
	made_node(&made, "c", "b, e", STATE_OK, 0, -1, 0, "");
	made_node(&made, "d", "", STATE_OK, 0, -1, 0, "");
	made_node(&made, "e", "", STATE_OK, 0, -1, 0, "");
	made_node(&made, "f", "", STATE_OK, 0, -1, 0, "");
	tree_is(&made, false,
	    "a\n├─ b\n│  ├─ d\n│  └─ e\n└─ c\n   ├─ b+\n   └─ e\nf\n");

	/* Worst first, with what is below; the order of the file else. */
	made_open(&made);
	made_node(&made, "a", "b", STATE_OK, 0, -1, 0, "");
	made_node(&made, "b", "", STATE_OK, 0, -1, 0, "");
	made_node(&made, "c", "d, b, e", STATE_OK, 0, -1, 0, "");
	made_node(&made, "d", "", STATE_WARN, 9, 5, 1, "d");
	made_node(&made, "e", "", STATE_CRIT, 9, 5, 1, "e");
	tree_is(&made, true, "c\n├ e\n├ d\n└ b\na\n└ b\n");

	/* A name that nothing is called in the table is passed over. */
	made_open(&made);
	made_node(&made, "a", "x, b", STATE_OK, 0, -1, 0, "");
	made_node(&made, "b", "", STATE_OK, 0, -1, 0, "");
	tree_is(&made, true, "a\n└ b\n");
}

static void
test_needed_by(void)
{
	struct made made;
	size_t out[8];

	made_open(&made);
	made_node(&made, "a", "b, c", STATE_OK, 0, -1, 0, "");
	made_node(&made, "b", "d", STATE_OK, 0, -1, 0, "");
	made_node(&made, "c", "d", STATE_OK, 0, -1, 0, "");
	made_node(&made, "d", "", STATE_OK, 0, -1, 0, "");
	made_node(&made, "e", "", STATE_OK, 0, -1, 0, "");
	made_read(&made);
	is_int((int64_t)deps_needed_by(&made.view, 3, out), 3, "d: a, b, c");
	is_int((int64_t)deps_needed_by(&made.view, 1, out), 1, "b: a");
	is_int((int64_t)out[0], 0, "which is the first");
	is_int((int64_t)deps_needed_by(&made.view, 0, out), 0, "a: nobody");
	made_close(&made);
}

/* A panel with its view on a burning day. */
struct opened {
	struct fixture fixture;
	struct canvas *canvas;
	void *view;
	struct panel_out out;
};

static void
opened_draw(struct opened *opened)
{
	canvas_clear(opened->canvas);
	panel_dependencies.draw(opened->view, &opened->fixture.ctx,
	    opened->canvas, canvas_rect(opened->canvas));
}

static void
opened_open(struct opened *opened)
{
	ok(fixture_make(&opened->fixture, FIXTURE_BURNING), "fixture");
	opened->canvas = canvas_new(30, 80);
	opened->view = mem_calloc(1, panel_dependencies.view_size);
	opened_draw(opened);
}

static void
opened_close(struct opened *opened)
{
	panel_dependencies.release(opened->view);
	mem_free(opened->view);
	canvas_free(opened->canvas);
	fixture_release(&opened->fixture);
}

static enum panel_result
send(struct opened *opened, enum command command)
{
	enum panel_result result;

	opened->out = (struct panel_out) { .panel = NULL };
	result = panel_dependencies.command(
	    opened->view, &opened->fixture.ctx, command, &opened->out);
	opened_draw(opened);
	return result;
}

static void
show(struct opened *opened, const char *name)
{
	panel_dependencies.show(
	    opened->view, &opened->fixture.ctx, text_lit(name));
	opened_draw(opened);
}

/* What follows the mark of the selected row. */
static const char *
selected(const struct opened *opened)
{
	static char name[64];
	size_t len = 0;

	for (int y = 0; y < opened->canvas->h; y++) {
		if (canvas_cell(opened->canvas, y, 0)->glyph[0] != '>')
			continue;
		for (int x = 2; x < 24; x++) {
			char c = canvas_cell(opened->canvas, y, x)->glyph[0];

			if (c > ' ' && c <= '~')
				name[len++] = c;
		}
		break;
	}
	name[len] = '\0';
	return name;
}

static void
test_open(void)
{
	static const struct {
		const char *node;
		const char *panel;
		const char *arg;
	} ways[] = {
		{ "api", "sources", "ai-visibility/api" },
		{ "jobs", "queues", "" },
		{ "ready/database", "sources", "ai-visibility/ready" },
		{ "redis", "cache", "" },
		{ "perplexity", "metrics", "perplexity" },
	};
	struct opened opened;

	opened_open(&opened);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		show(&opened, ways[i].node);
		is_str(selected(&opened), ways[i].node, "selected");
		is_int(send(&opened, COMMAND_OPEN), PANEL_GO, "leads on");
		is_str(opened.out.panel, ways[i].panel, "to its panel");
		ok(text_eq(opened.out.arg, text_lit(ways[i].arg)), "to %s",
		    ways[i].arg);
	}
	opened_close(&opened);
}

static void
test_next_error(void)
{
	struct opened opened;

	opened_open(&opened);
	is_str(selected(&opened), "jobs", "the first");
	send(&opened, COMMAND_NEXT_ERROR);
	is_str(selected(&opened), "queues", "the next that is bad");
	send(&opened, COMMAND_NEXT_ERROR);
	is_str(selected(&opened), "redis", "the one below");
	send(&opened, COMMAND_NEXT_ERROR);
	is_str(selected(&opened), "perplexity", "past what is well");
	send(&opened, COMMAND_PREV_ERROR);
	is_str(selected(&opened), "redis", "and back");
	opened_close(&opened);
	opened_open(&opened);
	fixture_release(&opened.fixture);
	ok(fixture_make(&opened.fixture, FIXTURE_CALM), "calm");
	send(&opened, COMMAND_NEXT_ERROR);
	is_str(opened.out.notice, "nothing here is bad", "none, in words");
	opened_close(&opened);
}

/* Filtered or sorted there is no tree: each node once. */
static void
test_flat(void)
{
	struct opened opened;

	opened_open(&opened);
	show(&opened, "brave");
	panel_dependencies.typed(opened.view, &opened.fixture.ctx,
	    PROMPT_FILTER, "perplexity", true);
	opened_draw(&opened);
	is_str(selected(&opened), "perplexity", "the only one that is left");
	ok(canvas_cell(opened.canvas, 4, 2)->glyph[0] == 'p',
	    "without branches");
	panel_dependencies.typed(
	    opened.view, &opened.fixture.ctx, PROMPT_FILTER, "", true);
	send(&opened, COMMAND_SORT);
	send(&opened, COMMAND_SORT);
	send(&opened, COMMAND_TOP);
	is_str(selected(&opened), "api", "by state: the first of the worst");
	opened_close(&opened);
}

int
main(void)
{
	RUN(test_sentence);
	RUN(test_absent);
	RUN(test_tree);
	RUN(test_needed_by);
	RUN(test_open);
	RUN(test_next_error);
	RUN(test_flat);
	test_pictures(&panel_dependencies);
	return tap_done();
}
