#include "tui/layout.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "model/build.h"
#include "model/platform.h"
#include "tests/tap.h"

/* A store of three sources and the watch thread's slot. */
struct world {
	struct store *store;
	struct frame frame;
	struct keys keys;
	struct canvas *canvas;
	struct platform platform;
	const struct platform *platforms[1];
	struct layout_view view;
};

static struct err err;

static void
no_draw(void *view, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	(void)view;
	(void)ctx;
	(void)canvas;
	(void)area;
}

static const enum command one_commands[] = { COMMAND_SEARCH, COMMAND_ACT_PAUSE,
	COMMAND_NONE };
static const struct panel_ops one = { .name = "one",
	.help = "the first",
	.key = '1',
	.commands = one_commands,
	.draw = no_draw };
static const struct panel_ops two = {
	.name = "two", .help = "the second", .key = '2', .draw = no_draw
};
static const struct panel_ops *const panels[] = { &one, &two, NULL };

static void
world_open(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->store = store_new(4, &err);
	if (w->store == NULL || frame_init(&w->frame, w->store, &err) != ERR_OK)
		exit(99);
	keys_init(&w->keys);
	w->canvas = canvas_new(24, 80);
	w->platform =
	    (struct platform) { .name = "demo", .env = "prod", .prod = true };
	w->platforms[0] = &w->platform;
	w->view = (struct layout_view) { .frame = &w->frame,
		.platforms = w->platforms,
		.platform_count = 1,
		.panels = panels,
		.panel = &one,
		.keys = &w->keys,
		.now = clock_now(),
		.wall_ms = 1795356151000, /* 2026-11-22T14:02:31Z */
		.gate = LAYOUT_GATE_READONLY };
}

static void
world_close(struct world *w)
{
	frame_release(&w->frame);
	store_free(w->store);
	canvas_free(w->canvas);
}

static void
answer(struct world *w, size_t slot, bool good)
{
	struct section *section = section_new();

	if (section == NULL)
		exit(99);
	section->every_ns = 2 * NS_PER_SEC;
	section->started_at = w->view.now - 60 * NS_PER_SEC;
	section->tried_at = w->view.now - NS_PER_SEC;
	section->good_at = good ? w->view.now - NS_PER_SEC : 0;
	section->code = good ? ERR_OK : ERR_REFUSED;
	section->failing_since = good ? 0 : w->view.now - 60 * NS_PER_SEC;
	section->failures = good ? 0 : 9;
	store_publish(w->store, slot, section);
	frame_acquire(&w->frame, w->store);
}

static const char *
row(const struct canvas *canvas, int y)
{
	static char out[1024];
	size_t n = 0;

	for (int x = 0; x < canvas->w; x++) {
		const struct cell *cell = canvas_cell(canvas, y, x);

		memcpy(out + n, cell->glyph, cell->len);
		n += cell->len;
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return out;
}

static const char *
header(struct world *w)
{
	canvas_clear(w->canvas);
	layout_draw_header(&w->view, w->canvas, layout_of(w->canvas).header);
	return row(w->canvas, 0);
}

static enum role
role_at(const struct world *w, const char *word)
{
	const char *line = row(w->canvas, 0), *at = strstr(line, word);

	return at == NULL
		   ? ROLE_COUNT
		   : (enum role)canvas_cell(w->canvas, 0, (int)(at - line))
			 ->role;
}

static void
test_header(void)
{
	struct world w;
	const char *line;

	world_open(&w);
	line = header(&w);
	ok(strncmp(line, "sevtop  demo   PROD ", 20) == 0, "name and env: %s",
	    line);
	ok(strstr(line, "first answers") != NULL, "nothing answered yet");
	ok(strstr(line, "0/3  14:02:31Z") != NULL, "sources and clock");
	is_int(role_at(&w, "PROD"), ROLE_PROD, "prod is loud");
	for (size_t i = 0; i < 3; i++)
		answer(&w, i, true);
	line = header(&w);
	ok(strstr(line, "all ok") != NULL && strstr(line, "3/3") != NULL,
	    "all answered: %s", line);
	answer(&w, 1, false);
	line = header(&w);
	ok(strstr(line, "1 source silent") != NULL &&
		strstr(line, "2/3") != NULL,
	    "one fails: %s", line);
	is_int(role_at(&w, "1 source"), ROLE_UNKNOWN, "never shown as well");
	w.platform.env = "drill";
	w.platform.prod = false;
	header(&w);
	is_int(role_at(&w, "DRILL"), ROLE_ENV, "a drill is not prod");
	w.view.frozen_at = w.view.now - 12 * NS_PER_SEC;
	ok(strstr(header(&w), "FROZEN 12s") != NULL, "frozen, since when");
	world_close(&w);
}

static void
test_alerts(void)
{
	struct world w;
	struct section *section = section_new();
	struct build *build;
	static struct alert alerts[3] = {
		{ .state = ALERT_FIRING, .severity = STATE_WARN },
		{ .state = ALERT_FIRING, .severity = STATE_CRIT },
		{ .state = ALERT_RESOLVED, .severity = STATE_CRIT },
	};

	world_open(&w);
	build = build_new();
	for (size_t i = 0; i < 3; i++)
		build_alert(build, &alerts[i]);
	section->payload = build_finish(build, NULL);
	build_free(build);
	store_publish(w.store, 3, section);
	frame_acquire(&w.frame, w.store);
	ok(strstr(header(&w), "2 alerts, worst CRIT") != NULL,
	    "resolved ones don't count");
	is_int(role_at(&w, "2 alerts"), ROLE_CRIT, "as loud as the worst");
	world_close(&w);
}

static void
test_sizes(void)
{
	struct world w;

	world_open(&w);
	for (int h = 1; h < 30; h++) {
		for (int wd = 1; wd < 130; wd += 3) {
			struct layout l;

			if (!canvas_resize(w.canvas, h, wd))
				exit(99);
			l = layout_of(w.canvas);
			if (l.tiny) {
				layout_draw_tiny(&w.view, w.canvas);
				continue;
			}
			layout_draw_header(&w.view, w.canvas, l.header);
			layout_draw_bar(&w.view, w.canvas, l.bar);
			layout_draw_footer(&w.view, w.canvas, l.footer);
			layout_draw_help(&w.view, w.canvas, l.body, 0);
			if (l.header.h + l.body.h + l.bar.h + l.footer.h != h)
				ok(false, "%dx%d is not covered", wd, h);
		}
	}
	ok(true, "every size is drawn");
	if (!canvas_resize(w.canvas, 5, 30))
		exit(99);
	layout_draw_tiny(&w.view, w.canvas);
	ok(strstr(row(w.canvas, 0), "first answers") != NULL, "tiny: state");
	is_str(row(w.canvas, 1), "14:02:31Z", "tiny: clock");
	world_close(&w);
}

/* All keys can be seen at any width: names give way. */
static void
test_bar(void)
{
	static const struct panel_ops overview = { .name = "overview",
		.key = '1' };
	static const struct panel_ops database = {
		.name = "database", .brief = "db", .key = '5'
	};
	static const struct panel_ops *const all[] = { &overview, &database,
		NULL };
	struct rect bar = { 22, 0, 1, 80 };
	struct world w;

	world_open(&w);
	w.view.panels = all;
	layout_draw_bar(&w.view, w.canvas, bar);
	is_str(row(w.canvas, 22), "1 overview 5 database", "names in full");
	bar.w = 20;
	canvas_clear(w.canvas);
	layout_draw_bar(&w.view, w.canvas, bar);
	is_str(row(w.canvas, 22), "1 overview 5 db", "the short ones");
	bar.w = 10;
	canvas_clear(w.canvas);
	layout_draw_bar(&w.view, w.canvas, bar);
	is_str(row(w.canvas, 22), "1 ove 5 db", "as many letters as fit");
	world_close(&w);
}

static void
test_footer(void)
{
	struct world w;
	struct layout l;

	world_open(&w);
	l = layout_of(w.canvas);
	layout_draw_bar(&w.view, w.canvas, l.bar);
	is_str(row(w.canvas, 22), "1 one 2 two", "all panels");
	layout_draw_footer(&w.view, w.canvas, l.footer);
	is_str(row(w.canvas, 23),
	    "/ search  P act-pause  ? help  : palette  q quit",
	    "the keys that work here");
	is_int(canvas_cell(w.canvas, 23, 10)->role, ROLE_ACT,
	    "a mitigation has its own look");
	is_int(canvas_cell(w.canvas, 23, 10)->flags, CELL_DIM,
	    "dimmed while read-only");
	w.view.notice = "something \033[31m happened";
	layout_draw_footer(&w.view, w.canvas, l.footer);
	is_str(row(w.canvas, 23), "something \\x1b[31m happened",
	    "a notice instead, clean");
	world_close(&w);
}

static void
test_help(void)
{
	struct world w;
	int rows;

	world_open(&w);
	rows = layout_draw_help(&w.view, w.canvas, layout_of(w.canvas).body, 0);
	ok(rows > 10 && rows < 40, "%d rows", rows);
	ok(strstr(row(w.canvas, 1), "keys that work here: one") != NULL,
	    "says where");
	ok(strstr(row(w.canvas, 3), "/ ") != NULL, "the panel's own first");
	layout_draw_help(&w.view, w.canvas, layout_of(w.canvas).body, 2);
	ok(strstr(row(w.canvas, 3), "/ ") == NULL, "scrolled");
	w.view.acts[0].command = COMMAND_ACT_ROLLBACK;
	w.view.act_count = 1;
	w.view.gate = LAYOUT_GATE_READONLY;
	layout_draw_help(&w.view, w.canvas, layout_of(w.canvas).body, 0);
	ok(strncmp(row(w.canvas, 3), "R        roll", 13) == 0,
	    "what stops it comes before all: %s", row(w.canvas, 3));
	is_int(canvas_cell(w.canvas, 3, 0)->role, ROLE_ACT, "in its colour");
	is_int(canvas_cell(w.canvas, 3, 0)->flags, CELL_DIM,
	    "dimmed while read-only");
	world_close(&w);
}

int
main(void)
{
	RUN(test_header);
	RUN(test_alerts);
	RUN(test_sizes);
	RUN(test_bar);
	RUN(test_footer);
	RUN(test_help);
	return tap_done();
}
