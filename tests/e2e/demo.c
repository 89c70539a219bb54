/*
 * A dashboard of two plain panels on a store that ticks: the terminal
 * engine without sources, so that the tests of the terminal depend on
 * nothing else. Panel "one" counts the commands that reach it and names the
 * last; the environment chooses the rest:
 *
 *	DEMO_TRACE=FILE		one line for every command and every paste
 *	DEMO_EVERY_MS=N		a publish every N ms (default 2000)
 *	DEMO_FILL=1		all cells change with every publish
 *	DEMO_MOUSE=1 DEMO_NO_COLOR=1 DEMO_ASCII=1 DEMO_THEME=NAME
 *	SEVTOP_SCRIPT=FILE	as for sevtop
 *
 * Commands: next-error (e) crashes the UI thread, previous-error (E) another
 * thread, level (v) aborts, wrap (w) blocks the UI thread for ever.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/textbuf.h"
#include "base/thread.h"
#include "model/platform.h"
#include "model/store.h"
#include "panels/panel.h"
#include "tui/app.h"
#include "tui/keys.h"

struct demo {
	struct store *store;
	struct cancel cancel;
	int64_t every_ns;
	atomic_bool crash;
};

struct demo_view {
	unsigned commands;
	unsigned refreshes;
	const char *last;
	char filter[128];
};

/* For panel callbacks, which get no context of ours. */
static struct demo *demo_self;

static void
demo_trace(const char *word)
{
	const char *path = getenv("DEMO_TRACE");
	int fd =
	    path != NULL
		? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)
		: -1;

	if (fd < 0)
		return;
	dprintf(fd, "%s\n", word);
	close(fd);
}

static void
demo_draw(void *opaque, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	struct demo_view *view = opaque;
	struct text_buf tb;
	bool fill = getenv("DEMO_FILL") != NULL;

	if (fill) {
		const char *glyph = ctx->frame->seq % 2 != 0 ? "#" : "%";

		canvas_fill(canvas, area, text_lit(glyph), ROLE_CRIT, 0);
	}
	tb_init(&tb);
	tb_fmt(&tb, "commands: %u last: %s ", view->commands,
	    view->last != NULL ? view->last : "none");
	canvas_text(canvas, area, area.y, area.x, tb_end(&tb), ROLE_TEXT, 0);
	tb_init(&tb);
	tb_fmt(&tb, "seq %llu size %dx%d filter [%s] ",
	    (unsigned long long)ctx->frame->seq, canvas->w, canvas->h,
	    view->filter);
	canvas_text(canvas, area, area.y + 1, area.x, tb_end(&tb), ROLE_OK, 0);
	canvas_text(canvas, area, area.y + 3, area.x,
	    TEXT("wide \xe4\xbd\xa0\xe5\xa5\xbd and \xe2\xa3\xbf \xc3\xa9"),
	    ROLE_WARN, 0);
}

static void
demo_crash(void)
{
	int *volatile nowhere = (int *)64; /* nothing is ever mapped there */

	*nowhere = 1;
}

static enum panel_result
demo_command(void *opaque, const struct panel_ctx *ctx, enum command command,
    struct panel_out *out)
{
	struct demo_view *view = opaque;

	(void)ctx;
	demo_trace(command_name(command));
	view->commands++;
	view->last = command_name(command);
	switch (command) {
	case COMMAND_NEXT_ERROR:
		demo_crash();
		break;
	case COMMAND_PREV_ERROR:
		atomic_store(&demo_self->crash, true);
		break;
	case COMMAND_LEVEL:
		abort();
	case COMMAND_WRAP:
		for (;;)
			pause();
	case COMMAND_FILTER:
		out->prompt = PROMPT_FILTER;
		return PANEL_ASK;
	case COMMAND_SEARCH:
		out->prompt = PROMPT_SEARCH;
		return PANEL_ASK;
	case COMMAND_COPY:
		snprintf(out->copy, sizeof(out->copy), "copied text");
		return PANEL_COPY;
	case COMMAND_SORT:
		out->panel = "two";
		return PANEL_GO;
	case COMMAND_DOWN:
	case COMMAND_UP:
		return PANEL_DONE;
	default:
		return PANEL_IGNORED;
	}
	return PANEL_DONE;
}

static const char *
demo_typed(void *opaque, const struct panel_ctx *ctx, enum panel_prompt prompt,
    const char *bytes, bool final)
{
	struct demo_view *view = opaque;

	(void)ctx;
	(void)prompt;
	if (final)
		demo_trace(bytes);
	if (strchr(bytes, '(') != NULL)
		return "a ( without its )";
	snprintf(view->filter, sizeof(view->filter), "%s", bytes);
	return NULL;
}

static void
demo_draw_two(void *opaque, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	(void)opaque;
	(void)ctx;
	canvas_text(canvas, area, area.y, area.x,
	    ctx->zoomed ? TEXT("this is panel two, zoomed")
			: TEXT("this is panel two"),
	    ROLE_TITLE, 0);
}

static const enum command demo_commands[] = { COMMAND_SEARCH, COMMAND_FILTER,
	COMMAND_SORT, COMMAND_ACT_PAUSE, COMMAND_NONE };

static const struct panel_ops demo_one = {
	.name = "one",
	.help = "counts commands",
	.key = '1',
	.view_size = sizeof(struct demo_view),
	.commands = demo_commands,
	.draw = demo_draw,
	.command = demo_command,
	.typed = demo_typed,
};

static const struct panel_ops demo_two = {
	.name = "two",
	.help = "does nothing",
	.key = '2',
	.view_size = 0,
	.draw = demo_draw_two,
};

static const struct panel_ops *const demo_panels[] = { &demo_one, &demo_two,
	NULL };

static void *
demo_publisher(void *arg)
{
	struct demo *demo = arg;
	int64_t next = clock_now();

	while (io_wait(-1, 0, next, &demo->cancel, NULL) == ERR_TIMEOUT) {
		if (atomic_load(&demo->crash))
			demo_crash();
		next += demo->every_ns;
		for (size_t slot = 0; slot < 2; slot++) {
			struct section *section = section_new();

			if (section == NULL)
				continue;
			snprintf(section->name, sizeof(section->name), "%s",
			    slot == 0 ? "ticker" : "watch");
			section->every_ns = demo->every_ns;
			section->tried_at = section->good_at = clock_now();
			section->good_wall_ms = clock_wall_ms();
			store_publish(demo->store, slot, section);
		}
	}
	return NULL;
}

static void
demo_refresh(void *ctx)
{
	(void)ctx;
	demo_trace("asked");
}

static bool
demo_env(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0';
}

int
main(void)
{
	const char *every = getenv("DEMO_EVERY_MS");
	struct platform platform = { .name = "demo", .env = "drill" };
	const struct platform *platforms[] = { &platform };
	struct demo demo = {
		.every_ns =
		    (every != NULL ? strtol(every, NULL, 10) : 2000) * NS_PER_MS
	};
	struct wake wake;
	struct thread thread = { .started = false };
	struct app_options options = {
		.wake = &wake,
		.platforms = platforms,
		.platform_count = 1,
		.panels = demo_panels,
		.refresh = demo_refresh,
		.theme = getenv("DEMO_THEME"),
		.log_path = getenv("DEMO_LOG"),
		.script = getenv("SEVTOP_SCRIPT"),
		.no_color = demo_env("DEMO_NO_COLOR"),
		.ascii = demo_env("DEMO_ASCII"),
		.mouse = demo_env("DEMO_MOUSE"),
	};
	struct err err = ERR_INIT;
	int status = 70;

	demo_self = &demo;
	if (wake_init(&wake, &err) != ERR_OK ||
	    cancel_init(&demo.cancel, &err) != ERR_OK)
		goto out;
	demo.store = store_new(2, &err);
	if (demo.store == NULL || thread_start(&thread, "publisher",
				      demo_publisher, &demo, &err) != ERR_OK)
		goto out;
	options.store = demo.store;
	if (app_run(&options, &status, &err) != ERR_OK)
		status = 69;
out:
	if (err.code != ERR_OK)
		fprintf(stderr, "demo: %s\n", err_text(&err));
	cancel_fire(&demo.cancel);
	thread_join(&thread);
	store_free(demo.store);
	cancel_release(&demo.cancel);
	wake_release(&wake);
	return status;
}
