/*
 * The log panel on a canvas: pictures compared cell by cell, keys, hostile
 * lines, every small size. GENERATE=1 writes the pictures anew.
 */
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/redact.h"
#include "base/thread.h"
#include "model/build.h"
#include "model/logfield.h"
#include "model/logstore.h"
#include "panels/logs_impl.h"
#include "panels/table.h"
#include "tests/bad_lines.h"
#include "tests/tap.h"

#define NOW  (100000 * NS_PER_SEC)
#define WALL INT64_C(1795356151000) /* 2026-11-22T14:02:31Z */

static struct logstore *logs;
static struct arena *arena;
static struct store *store;
static struct frame frame;
static struct panel_ctx ctx;
static void *view;
static struct canvas *canvas;
static struct panel_out out;

/* Asked seldom, it brings many lines at once. */
static bool
is_cloud(const char *type)
{
	return strcmp(type, "gcp.logging") == 0;
}

static void
publish(size_t slot, const char *type, enum err_code code, const char *why,
    bool deploy)
{
	struct section *section = section_new();
	struct build *build = build_new();

	snprintf(section->name, sizeof(section->name), "api-log");
	snprintf(section->type, sizeof(section->type), "%s", type);
	section->logs = strcmp(type, "logfile") == 0 || is_cloud(type);
	section->every_ns = (is_cloud(type) ? 12 : 5) * NS_PER_SEC;
	section->tried_at = section->good_at = NOW - NS_PER_SEC / 2;
	section->code = code;
	section->why = text_clean_str(arena, why);
	if (code != ERR_OK)
		section->good_at = 0;
	if (is_cloud(type))
		build_gauge(build, TEXT("lines_per_s"), NUM_PER_SECOND, 412);
	if (deploy)
		build_event(build, WALL - 81000, EVENT_DEPLOY, TEXT("deploy"),
		    TEXT("1.0.0 to 1.0.1"));
	section->payload = build_finish(build, NULL);
	build_free(build);
	store_publish(store, slot, section);
	frame_acquire(&frame, store);
}

static void
begin(void)
{
	uint16_t n;

	logs = logstore_new(4 << 20, NULL);
	arena = arena_new(64 << 20);
	store = store_new(2, NULL);
	view = mem_calloc(1, panel_logs.view_size);
	if (logs == NULL || arena == NULL || store == NULL || view == NULL ||
	    logstore_add_source(logs, "api", &n, NULL) != ERR_OK ||
	    logstore_add_source(logs, "jobs", &n, NULL) != ERR_OK ||
	    frame_init(&frame, store, NULL) != ERR_OK)
		exit(1);
	canvas = canvas_new(24, 80);
	ctx = (struct panel_ctx) {
		.frame = &frame, .logs = logs, .now = NOW, .wall_ms = WALL
	};
	publish(0, "logfile", ERR_OK, "", false);
}

static void
end(void)
{
	panel_logs.release(view);
	mem_free(view);
	frame_release(&frame);
	store = store_free(store);
	logs = logstore_free(logs);
	arena = arena_free(arena);
	canvas = canvas_free(canvas);
}

static void
add(uint16_t source, int64_t before_ms, enum log_level level, unsigned flags,
    const char *text, const char *fields)
{
	struct log_line line = {
		.wall_ms = WALL - before_ms,
		.read_at = NOW - 2 * NS_PER_SEC,
		.has_time = true,
		.level = (uint8_t)level,
		.flags = (uint8_t)flags,
		.source = source,
		.text = text_clean_str(arena, text),
		.fields = text_clean_str(arena, fields),
	};

	logstore_append(logs, &line, 1);
}

/* A quarter of an hour that ends badly. */
static void
incident(void)
{
	char words[64];
	int i;

	for (i = 0; i < 60; i++) {
		snprintf(words, sizeof(words), "GET /v1/jobs/%d 200 in %d ms",
		    18000 + i, 3 + i % 5);
		add(0, 900000 - i * 13000, LOG_LEVEL_INFO, 0, words,
		    "reqId=7f3a");
		if (i % 10 == 0)
			add(1, 899000 - i * 13000, LOG_LEVEL_DEBUG, 0,
			    "GET /healthz", "");
	}
	add(1, 3000, LOG_LEVEL_INFO, LOG_NO_ZONE, "batch 41 started", "");
	add(0, 1886, LOG_LEVEL_ERROR, 0,
	    "ProviderError perplexity 429 too many requests", "job=18231");
	add(0, 1886, LOG_LEVEL_ERROR, LOG_CONT, "    at call (a.js:1:2)", "");
	add(0, 1886, LOG_LEVEL_ERROR, LOG_CONT, "    at run (b.js:3:4)", "");
	add(1, 1880, LOG_LEVEL_WARN, 0, "retry 2/5 in 4s", "job=18231");
	for (i = 0; i < 39; i++)
		add(0, 1700 - i, LOG_LEVEL_ERROR, 0,
		    "ProviderError perplexity 429 too many requests",
		    "job=18300");
	add(1, 1500, LOG_LEVEL_INFO, LOG_NOTICE,
	    "— the file was truncated; it is read from its start —", "");
	add(1, -90000, LOG_LEVEL_FATAL, 0, "clock is ahead", "");
}

static void
draw(void)
{
	canvas_clear(canvas);
	panel_logs.draw(view, &ctx, canvas, canvas_rect(canvas));
}

static enum panel_result
press(enum command command)
{
	enum panel_result result;

	out = (struct panel_out) { .notice = NULL };
	result = panel_logs.command(view, &ctx, command, &out);
	draw();
	return result;
}

static const char *
type(enum panel_prompt prompt, const char *words)
{
	const char *problem = panel_logs.typed(view, &ctx, prompt, words, true);

	draw();
	return problem;
}

static const char *
row(int y)
{
	static char text[8192];
	size_t len = 0;
	int x;

	for (x = 0; x < canvas->w; x++) {
		const struct cell *cell = canvas_cell(canvas, y, x);

		if (len + cell->len + 1 < sizeof(text)) {
			memcpy(text + len, cell->glyph, cell->len);
			len += cell->len;
		}
	}
	while (len > 0 && text[len - 1] == ' ')
		len--;
	text[len] = '\0';
	return text;
}

static bool
on_screen(const char *words)
{
	int y;

	for (y = 0; y < canvas->h; y++)
		if (strstr(row(y), words) != NULL)
			return true;
	return false;
}

/* With a thread at work, too: it may go on with what it was told before. */
static void
test_frozen_thread(void)
{
	struct logview_status st = { .scanned = 0 };
	struct logs_view *own;
	struct wake wake;
	int64_t deadline = clock_now() + 60 * NS_PER_SEC;

	begin();
	if (wake_init(&wake, NULL) != ERR_OK)
		exit(1);
	own = view;
	logstore_subscribe(logs, &wake);
	add(0, 0, LOG_LEVEL_INFO, 0, "before", "");
	while (st.scanned < 1 && clock_now() < deadline) {
		ctx.now = clock_now();
		draw();
		io_wait(wake_fd(&wake), IO_READ, clock_now() + NS_PER_SEC, NULL,
		    NULL);
		wake_drain(&wake);
		logview_status(own->lines, &st);
	}
	draw();
	ok(on_screen("before"), "a line is on the screen");
	ctx.frozen = true;
	add(0, 0, LOG_LEVEL_INFO, 0, "after", "");
	while (st.scanned < 2 && clock_now() < deadline) {
		io_wait(wake_fd(&wake), IO_READ, clock_now() + NS_PER_SEC, NULL,
		    NULL);
		wake_drain(&wake);
		logview_status(own->lines, &st);
	}
	draw();
	ok(on_screen("before") && !on_screen("after"),
	    "frozen: one that came since is not");
	logstore_subscribe(logs, NULL);
	end();
	wake_release(&wake);
}

/* Text rows, then for every row the role of each cell as a letter. */
static void
picture_text(struct buf *text)
{
	int y, x;

	for (y = 0; y < canvas->h; y++)
		buf_fmt(text, "%s\n", row(y));
	buf_str(text, "--\n");
	for (y = 0; y < canvas->h; y++) {
		size_t from = text->len;

		for (x = 0; x < canvas->w; x++)
			buf_char(text,
			    (char)('A' + canvas_cell(canvas, y, x)->role));
		/* Plain text to the right is not worth its bytes. */
		while (text->len > from && text->data[text->len - 1] == 'A')
			text->len--;
		buf_char(text, '\n');
	}
}

static void
is_picture(const char *name)
{
	const char *dir = getenv("SEV_SRCDIR");
	char path[512], want[1 << 16] = "";
	struct buf got = BUF_INIT(1 << 20);
	FILE *file;
	size_t n = 0;

	snprintf(path, sizeof(path), "%s/tests/golden/%s.txt",
	    dir != NULL ? dir : ".", name);
	picture_text(&got);
	if (getenv("GENERATE") != NULL) {
		file = fopen(path, "we");
		if (file != NULL) {
			fwrite(got.data, 1, got.len, file);
			fclose(file);
		}
	}
	file = fopen(path, "re");
	if (file != NULL) {
		n = fread(want, 1, sizeof(want) - 1, file);
		fclose(file);
	}
	want[n] = '\0';
	if (!ok(strcmp(want, buf_cstr(&got)) == 0, "picture %s", name))
		printf("# got:\n%s", buf_cstr(&got));
	buf_release(&got);
}

static void
sized(int h, int w)
{
	if (!canvas_resize(canvas, h, w))
		exit(1);
	draw();
}

static void
test_pictures(void)
{
	begin();
	incident();
	publish(1, "watch", ERR_OK, "", true);
	sized(24, 80);
	is_picture("logs_80x24");
	sized(50, 200);
	is_picture("logs_200x50");
	sized(10, 40);
	is_picture("logs_40x10");
	sized(24, 80);
	type(PROMPT_FILTER, "error|warn !healthz");
	type(PROMPT_SEARCH, "429");
	is_picture("logs_search_80x24");
	press(COMMAND_BACK);
	press(COMMAND_BACK);
	press(COMMAND_BOTTOM);
	press(COMMAND_WRAP);
	sized(24, 40);
	is_picture("logs_wrap_40x24");
	sized(24, 80);
	press(COMMAND_WRAP);
	press(COMMAND_PREV_ERROR);
	press(COMMAND_PREV_ERROR);
	press(COMMAND_PREV_ERROR);
	press(COMMAND_OPEN);
	is_picture("logs_detail_80x24");
	end();
}

static void
test_follow(void)
{
	int i;

	begin();
	for (i = 0; i < 100; i++) {
		char words[32];

		/* A letter, or they would be the same but for the number. */
		snprintf(words, sizeof(words), "line %c%c %d", 'a' + i % 26,
		    'a' + i / 26, i);
		add(0, 1000, LOG_LEVEL_INFO, 0, words, "");
	}
	draw();
	ok(strstr(row(0), "FOLLOW") != NULL, "it follows: %s", row(0));
	ok(strstr(row(23), " 99") != NULL, "the newest is at the bottom");
	press(COMMAND_UP);
	ok(strstr(row(0), "PAUSED") != NULL, "moving up stops that");
	ok(strstr(row(23), " 99") != NULL, "and moves nothing");
	add(0, 0, LOG_LEVEL_INFO, 0, "one more", "");
	add(0, 0, LOG_LEVEL_INFO, 0, "and another", "");
	draw();
	ok(strstr(row(23), " 99") != NULL, "new lines move nothing either");
	ok(strstr(row(0), "PAUSED +2 new") != NULL, "but are counted: %s",
	    row(0));
	press(COMMAND_TOP);
	ok(strstr(row(2), " 0") != NULL, "the first line: %s", row(2));
	press(COMMAND_PAGE_DOWN);
	ok(strstr(row(23), " 21") != NULL, "a page down: %s", row(23));
	press(COMMAND_DOWN);
	ok(strstr(row(23), " 22") != NULL, "a line down: %s", row(23));
	press(COMMAND_BOTTOM);
	ok(strstr(row(0), "FOLLOW") != NULL && on_screen("and another"),
	    "the end follows again");
	press(COMMAND_PAGE_UP);
	ok(press(COMMAND_LIVE) == PANEL_DONE &&
		strstr(row(0), "FOLLOW") != NULL,
	    "so does L");
	press(COMMAND_RIGHT);
	ok(strstr(row(23), "her") != NULL && !on_screen("another"),
	    "scrolled to the right: %s", row(23));
	press(COMMAND_LEFT);
	ok(on_screen("another"), "and back");
	ctx.frozen = true;
	add(0, 0, LOG_LEVEL_INFO, 0, "while frozen", "");
	draw();
	ok(!on_screen("while frozen") && strstr(row(0), "FROZEN") != NULL,
	    "a frozen picture stands still");
	ctx.frozen = false;
	draw();
	ok(on_screen("while frozen"), "until it is let go");
	end();
}

static void
test_keys(void)
{
	begin();
	incident();
	draw();
	ok(press(COMMAND_SEARCH) == PANEL_ASK && out.prompt == PROMPT_SEARCH,
	    "/ asks");
	ok(press(COMMAND_FILTER) == PANEL_ASK && out.prompt == PROMPT_FILTER,
	    "f asks");
	is_str(type(PROMPT_FILTER, "level>=warm"),
	    "column 8: no such level; there are trace, debug, info, warn, "
	    "error, fatal and none",
	    "a wrong filter says what is wrong");
	ok(on_screen("GET /v1/jobs"), "and changes nothing");
	ok(type(PROMPT_FILTER, "!GET") == NULL && !on_screen("GET /v1/jobs"),
	    "a right one hides lines");
	ok(type(PROMPT_FILTER, "nowhere") == NULL &&
		on_screen("all 112 lines are hidden by the filter"),
	    "all of them, with the reason: %s", row(13));
	ok(press(COMMAND_BACK) == PANEL_DONE && on_screen("clock is ahead"),
	    "Esc takes it off");
	ok(press(COMMAND_BACK) == PANEL_IGNORED, "then it is not ours");
	ok(press(COMMAND_QUIT) == PANEL_IGNORED, "nor is q");
	press(COMMAND_LEVEL);
	press(COMMAND_LEVEL);
	ok(strstr(row(0), "WARN+") != NULL && !on_screen("started"),
	    "lowest level: %s", row(0));
	press(COMMAND_BACK);
	ok(on_screen("same as above × 38"), "repeats are folded");
	ok(on_screen("+2▸"), "stacks are counted");
	press(COMMAND_UP);
	press(COMMAND_UP);
	ok(press(COMMAND_OPEN) == PANEL_DONE && !on_screen("same as above"),
	    "a fold opens");
	press(COMMAND_TOP);
	press(COMMAND_BOTTOM);
	press(COMMAND_BACK);
	ok(on_screen("same as above × 38"), "and closes");
	press(COMMAND_BOTTOM);
	press(COMMAND_PREV_ERROR);
	ok(press(COMMAND_COPY) == PANEL_COPY, "a line is copied");
	is_str(out.copy,
	    "2026-11-22T14:02:29.338Z ERROR api ProviderError perplexity 429 "
	    "too many requests job=18300",
	    "as plain text");
	ok(press(COMMAND_NEXT_ERROR) == PANEL_DONE && out.notice == NULL,
	    "next error");
	ok(press(COMMAND_NEXT_ERROR) == PANEL_DONE && out.notice != NULL,
	    "no further: %s", out.notice != NULL ? out.notice : "");
	is_str(type(PROMPT_SEARCH, "b.js"), NULL, "a search in a stack");
	ok(strstr(row(0), "1 match") != NULL, "finds its head: %s", row(0));
	press(COMMAND_OPEN);
	ok(on_screen("at run (b.js:3:4)") && on_screen("at call"),
	    "where it is seen");
	ok(press(COMMAND_QUIT) == PANEL_DONE && on_screen("1 match"),
	    "q leaves the line");
	press(COMMAND_SEARCH_PREV);
	ok(out.notice != NULL, "no match above");
	panel_logs.show(view, &ctx, TEXT("jobs"));
	draw();
	ok(strstr(row(0), "filter source=jobs") != NULL &&
		!on_screen("ProviderError"),
	    "another panel shows a source: %s", row(0));
	panel_logs.show(view, &ctx, TEXT("job=18231"));
	draw();
	ok(on_screen("ProviderError") && !on_screen("18300"), "or a filter");
	end();
}

static void
test_reasons(void)
{
	begin();
	draw();
	ok(on_screen("nothing was written"), "followed and empty: %s", row(12));
	publish(0, "logfile", ERR_WAITING, "waiting for logs/api.log to appear",
	    false);
	draw();
	ok(on_screen("no lines yet: waiting for logs/api.log to appear"),
	    "waiting");
	publish(0, "redis", ERR_OK, "", false);
	draw();
	ok(on_screen("no log source is configured"), "none configured");
	publish(0, "gcp.logging", ERR_OK, "", false);
	draw();
	ok(on_screen("412 lines/s"), "lines of one that is asked seldom");
	end();
	begin();
	ctx.logs = NULL;
	draw();
	ok(on_screen("no log lines here"), "no store");
	ok(press(COMMAND_DOWN) == PANEL_IGNORED, "and no keys");
	end();
	begin();
	mem_fail_at(1, true);
	draw();
	mem_fail_at(0, false);
	ok(on_screen("out of memory"), "no memory");
	draw();
	ok(on_screen("nothing was written"), "and then there is");
	end();
}

static void
test_costly(void)
{
	begin();
	add(0, 0, LOG_LEVEL_INFO, 0,
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "");
	type(PROMPT_FILTER, "/^(a+)+$/");
	ok(strstr(row(0), "too costly on 1 line") != NULL,
	    "a costly pattern is told: %s", row(0));
	ok(on_screen("aaaaaaaa"), "and hides nothing");
	end();
}

/* Nothing but clean cells, whatever the lines hold. */
static bool
cells_clean(void)
{
	int y, x;

	for (y = 0; y < canvas->h; y++) {
		for (x = 0; x < canvas->w; x++) {
			const struct cell *cell = canvas_cell(canvas, y, x);
			uint8_t i;

			for (i = 0; i < cell->len; i++)
				if ((unsigned char)cell->glyph[i] < 0x20 ||
				    cell->glyph[i] == 0x7f)
					return false;
			/* C1 controls as UTF-8. */
			if (cell->len == 2 &&
			    (unsigned char)cell->glyph[0] == 0xc2 &&
			    (unsigned char)cell->glyph[1] < 0xa0)
				return false;
		}
	}
	return true;
}

static void
test_bad_lines(void)
{
	size_t i;
	bool clean = true;

	begin();
	for (i = 0; i < BAD_LINES; i++) {
		size_t len;
		char *bytes = bad_line(i, &len);
		struct buf fields = BUF_INIT(16 << 20);
		struct arena *own = arena_new(64 << 20);
		struct log_line line = { .wall_ms = WALL,
			.read_at = NOW,
			.level = LOG_LEVEL_ERROR };

		logfield_add(&fields, "k", 1, bytes, len < 4096 ? len : 4096);
		line.text = text_ingest(NULL, own, bytes, len, 65536);
		line.fields =
		    text_ingest(NULL, own, fields.data, fields.len, 65536);
		logstore_append(logs, &line, 1);
		arena_free(own);
		buf_release(&fields);
		free(bytes);
		draw();
		clean = clean && cells_clean();
		press(COMMAND_WRAP);
		clean = clean && cells_clean();
		press(COMMAND_WRAP);
		press(COMMAND_OPEN);
		if (!cells_clean()) {
			ok(false, "bad input %zu in detail", i + 1);
			clean = false;
		}
		press(COMMAND_BACK);
		press(COMMAND_BOTTOM);
		if (press(COMMAND_COPY) != PANEL_COPY)
			clean = false;
	}
	ok(clean, "%d bad inputs: no control byte in any cell", BAD_LINES);
	for (i = 0; i < 60; i++)
		press(COMMAND_RIGHT);
	ok(cells_clean(), "nor when scrolled");
	end();
}

static void
test_sizes(void)
{
	int h, w;
	bool good = true;

	begin();
	incident();
	type(PROMPT_SEARCH, "o");
	for (h = 1; h <= 30; h++) {
		for (w = 1; w <= 40; w++) {
			sized(h, w);
			good = good && cells_clean();
			press(COMMAND_UP);
			press(COMMAND_WRAP);
			press(COMMAND_OPEN);
			press(COMMAND_DOWN);
			press(COMMAND_BACK);
			press(COMMAND_BOTTOM);
		}
	}
	ok(good, "every size from 1x1 on");
	end();
}

int
main(void)
{
	RUN(test_pictures);
	RUN(test_follow);
	RUN(test_frozen_thread);
	RUN(test_keys);
	RUN(test_reasons);
	RUN(test_costly);
	RUN(test_bad_lines);
	RUN(test_sizes);
	return tap_done();
}
