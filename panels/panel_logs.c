/*
 * The log panel: the merged lines of all log sources as they come, with
 * search, filter, lowest level and a look at one line in full. It follows
 * the newest line until its user moves up, and again from End, G or L.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "model/logfield.h"
#include "model/logsearch.h"
#include "panels/box.h"
#include "panels/logs_impl.h"
#include "panels/table.h"

enum {
	SCROLL_CELLS = 8
};

static void
logs_release(void *opaque)
{
	struct logs_view *view = opaque;

	view->lines = logview_free(view->lines);
	view->marked = logfilter_free(view->marked);
}

static bool
logs_ready(struct logs_view *view, const struct panel_ctx *ctx)
{
	if (ctx->logs == NULL)
		return false;
	if (view->lines == NULL)
		view->lines = logview_new(ctx->logs, NULL);
	view->failed = view->lines == NULL;
	return !view->failed;
}

static void
logs_draw(void *opaque, const struct panel_ctx *ctx, struct canvas *canvas,
    struct rect area)
{
	struct logs_view *view = opaque;

	if (!logs_ready(view, ctx)) {
		area =
		    box_title(canvas, area, TEXT("logs"), TEXT_EMPTY, ROLE_DIM);
		box_words(canvas, area,
		    view->failed ? TEXT("out of memory for log lines")
				 : TEXT("no log lines here"),
		    ROLE_UNKNOWN);
		return;
	}
	if (!ctx->frozen)
		logview_kick(view->lines, ctx->now, ctx->wall_ms);
	if (view->detail)
		logs_draw_detail(view, ctx, canvas, area);
	else
		logs_draw_list(view, ctx, canvas, area);
}

static void
logs_pause(struct logs_view *view)
{
	struct logview_status st;

	if (view->paused)
		return;
	logview_status(view->lines, &st);
	view->paused = true;
	view->paused_next = st.next;
	view->cursor_y = view->height - 1;
}

static void
move_up(struct logs_view *view, const struct panel_ctx *ctx, int items)
{
	logs_pause(view);
	while (items-- > 0 && logs_item_prev(view, &view->cursor))
		view->cursor_y -= logs_item_rows(view, ctx, &view->cursor);
}

static void
move_down(struct logs_view *view, const struct panel_ctx *ctx, int items)
{
	int rows;

	if (!view->paused)
		return;
	while (items-- > 0) {
		rows = logs_item_rows(view, ctx, &view->cursor);
		if (!logs_item_next(view, &view->cursor))
			break;
		view->cursor_y += rows;
	}
}

static void
move_top(struct logs_view *view)
{
	struct logview_status st;

	logs_pause(view);
	logview_status(view->lines, &st);
	view->cursor = (struct logs_item) { .n = st.first };
	view->cursor_y = 0;
}

static enum panel_result
seek(struct logs_view *view, bool forward, enum logview_seek what,
    const char *none, struct panel_out *out)
{
	struct logs_item item = view->cursor;
	uint64_t n = item.n;

	/* A fold stands for the lines behind its first. */
	if (item.fold && forward)
		n = logview_run_end(view->lines, n);
	if (!logview_seek(view->lines, n, forward, what, &n)) {
		out->notice = none;
		return PANEL_DONE;
	}
	logs_pause(view);
	/* The rest of a run is one row: go past it, not through it. */
	item = logs_item_of(view, n);
	view->cursor = item;
	view->cursor_y = view->height / 2;
	return PANEL_DONE;
}

/* What was typed, with named searches put in; NULL: why not is in problem. */
static struct logfilter *
compile(struct logs_view *view, const struct panel_ctx *ctx, const char *bytes)
{
	struct buf expr = BUF_INIT(LOGFILTER_EXPR_MAX);
	struct logfilter *filter = NULL;
	struct err err = ERR_INIT;

	if (logsearch_expand(ctx->platforms, ctx->platform_count, bytes, &expr,
		&err) != ERR_OK ||
	    logfilter_new(buf_cstr(&expr), &filter, &err) != ERR_OK)
		memcpy(view->problem, err.msg, sizeof(view->problem));
	buf_release(&expr);
	return filter;
}

static void
next_level(struct logs_view *view, const struct panel_ctx *ctx)
{
	static const enum log_level order[] = { LOG_LEVEL_NONE, LOG_LEVEL_INFO,
		LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
	struct logfilter *filter = compile(view, ctx, view->filter);
	size_t i = 0;

	while (i < ARRAY_LEN(order) && order[i] != view->level)
		i++;
	/* It was compiled before; what fails now is memory. */
	if (filter == NULL)
		return;
	view->level = order[(i + 1) % ARRAY_LEN(order)];
	logview_set_filter(view->lines, filter, view->level);
}

static enum panel_result
copy_line(
    struct logs_view *view, const struct panel_ctx *ctx, struct panel_out *out)
{
	struct arena *arena = arena_new(LOGS_BODY_BYTES);
	struct buf text = BUF_INIT(sizeof(out->copy) - 1);
	char stamp[CLOCK_RFC3339_LEN];
	struct log_line line;
	struct logmatch match;
	bool good = false;

	if (arena != NULL &&
	    logs_item_line(view, ctx, &view->cursor, arena, &line, &match)) {
		buf_fmt(&text, "%s %s ", clock_rfc3339(line.wall_ms, stamp),
		    log_level_name((enum log_level)line.level));
		text_plain(&text, logstore_source_name(ctx->logs, line.source));
		buf_char(&text, ' ');
		/* What is too long for a clipboard is cut, not refused. */
		text_plain(
		    &text, text_cut(line.text, sizeof(out->copy) / CELL_BYTES));
		if (line.fields.len > 0) {
			buf_char(&text, ' ');
			text_plain(&text, text_cut(line.fields,
					      sizeof(out->copy) / CELL_BYTES));
		}
		memcpy(out->copy, buf_cstr(&text), text.len);
		out->copy[text.len] = '\0';
		good = text.len > 0;
	}
	buf_release(&text);
	arena_free(arena);
	out->notice = good ? "line copied" : "no line to copy";
	return good ? PANEL_COPY : PANEL_DONE;
}

static enum panel_result
open_item(struct logs_view *view)
{
	struct logview_status st;

	logview_status(view->lines, &st);
	if (st.first == st.next)
		return PANEL_IGNORED;
	logs_pause(view);
	if (view->cursor.fold) {
		view->open_run = view->cursor.n + 1;
		view->cursor = (struct logs_item) { .n = view->cursor.n + 1 };
		return PANEL_DONE;
	}
	view->detail = true;
	view->detail_top = 0;
	return PANEL_DONE;
}

/* Esc: out of the open run, the search, the filter, one at a time. */
static enum panel_result
go_back(struct logs_view *view)
{
	if (view->open_run != 0) {
		view->cursor = (struct logs_item) { .n = view->open_run - 1 };
		view->open_run = 0;
		return PANEL_DONE;
	}
	if (view->search[0] != '\0') {
		view->search[0] = '\0';
		view->marked = logfilter_free(view->marked);
		logview_set_search(view->lines, NULL);
		return PANEL_DONE;
	}
	if (view->filter[0] != '\0' || view->level != LOG_LEVEL_NONE) {
		view->filter[0] = '\0';
		view->level = LOG_LEVEL_NONE;
		logview_set_filter(view->lines, NULL, LOG_LEVEL_NONE);
		return PANEL_DONE;
	}
	return PANEL_IGNORED;
}

static enum panel_result
detail_command(struct logs_view *view, enum command command)
{
	int page = view->height > 1 ? view->height - 1 : 1;

	switch (command) {
	case COMMAND_DOWN:
		view->detail_top++;
		break;
	case COMMAND_UP:
		view->detail_top--;
		break;
	case COMMAND_PAGE_DOWN:
	case COMMAND_HALF_DOWN:
		view->detail_top += page;
		break;
	case COMMAND_PAGE_UP:
	case COMMAND_HALF_UP:
		view->detail_top -= page;
		break;
	case COMMAND_TOP:
		view->detail_top = 0;
		break;
	case COMMAND_OPEN:
	case COMMAND_BACK:
	case COMMAND_QUIT:
		view->detail = false;
		break;
	default:
		return PANEL_IGNORED;
	}
	if (view->detail_top < 0)
		view->detail_top = 0;
	return PANEL_DONE;
}

/* Commands that move about; PANEL_IGNORED: it is none. */
static enum panel_result
move_command(
    struct logs_view *view, const struct panel_ctx *ctx, enum command command)
{
	int page = view->height > 1 ? view->height - 1 : 1;

	switch (command) {
	case COMMAND_DOWN:
		move_down(view, ctx, 1);
		return PANEL_DONE;
	case COMMAND_UP:
		move_up(view, ctx, 1);
		return PANEL_DONE;
	case COMMAND_PAGE_DOWN:
		move_down(view, ctx, page);
		return PANEL_DONE;
	case COMMAND_PAGE_UP:
		move_up(view, ctx, page);
		return PANEL_DONE;
	case COMMAND_HALF_DOWN:
		move_down(view, ctx, (page + 1) / 2);
		return PANEL_DONE;
	case COMMAND_HALF_UP:
		move_up(view, ctx, (page + 1) / 2);
		return PANEL_DONE;
	case COMMAND_TOP:
		move_top(view);
		return PANEL_DONE;
	case COMMAND_BOTTOM:
		view->paused = false;
		return PANEL_DONE;
	case COMMAND_LEFT:
		view->scroll -=
		    view->scroll < SCROLL_CELLS ? view->scroll : SCROLL_CELLS;
		return PANEL_DONE;
	case COMMAND_RIGHT:
		if (!view->wrap && view->scroll < (int)LOG_TEXT_MAX)
			view->scroll += SCROLL_CELLS;
		return PANEL_DONE;
	default:
		return PANEL_IGNORED;
	}
}

static enum panel_result
logs_command(void *opaque, const struct panel_ctx *ctx, enum command command,
    struct panel_out *out)
{
	struct logs_view *view = opaque;
	enum panel_result result;

	if (!logs_ready(view, ctx))
		return PANEL_IGNORED;
	if (command == COMMAND_COPY)
		return copy_line(view, ctx, out);
	if (view->detail)
		return detail_command(view, command);
	result = move_command(view, ctx, command);
	if (result != PANEL_IGNORED)
		return result;
	switch (command) {
	case COMMAND_LIVE:
		/* The caller unfreezes on the same key. */
		view->paused = false;
		return ctx->frozen ? PANEL_IGNORED : PANEL_DONE;
	case COMMAND_OPEN:
		return open_item(view);
	case COMMAND_BACK:
		return go_back(view);
	case COMMAND_WRAP:
		view->wrap = !view->wrap;
		view->scroll = 0;
		return PANEL_DONE;
	case COMMAND_LEVEL:
		next_level(view, ctx);
		return PANEL_DONE;
	case COMMAND_NEXT_ERROR:
		return seek(view, true, LOGVIEW_ERROR,
		    "no error further down; E looks up", out);
	case COMMAND_PREV_ERROR:
		return seek(view, false, LOGVIEW_ERROR,
		    "no error further up; e looks down", out);
	case COMMAND_SEARCH_NEXT:
		return seek(view, true, LOGVIEW_HIT,
		    "no match further down; N looks up", out);
	case COMMAND_SEARCH_PREV:
		return seek(view, false, LOGVIEW_HIT,
		    "no match further up; n looks down", out);
	case COMMAND_SEARCH:
		out->prompt = PROMPT_SEARCH;
		return PANEL_ASK;
	case COMMAND_FILTER:
		out->prompt = PROMPT_FILTER;
		return PANEL_ASK;
	default:
		return PANEL_IGNORED;
	}
}

static const char *
set_search(struct logs_view *view, const struct panel_ctx *ctx,
    const char *bytes, bool final)
{
	struct logfilter *search = compile(view, ctx, bytes);
	struct logfilter *marked =
	    search != NULL ? compile(view, ctx, bytes) : NULL;

	if (marked == NULL) {
		logfilter_free(search);
		return view->problem;
	}
	if (logfilter_is_empty(search)) {
		search = logfilter_free(search);
		marked = logfilter_free(marked);
	}
	memcpy(view->search, bytes, strlen(bytes) + 1);
	logfilter_free(view->marked);
	view->marked = marked;
	logview_set_search(view->lines, search);
	view->seek_hit = final && search != NULL;
	return NULL;
}

static const char *
set_filter(
    struct logs_view *view, const struct panel_ctx *ctx, const char *bytes)
{
	struct logfilter *filter;

	if (strcmp(bytes, view->filter) == 0)
		return NULL;
	filter = compile(view, ctx, bytes);
	if (filter == NULL)
		return view->problem;
	memcpy(view->filter, bytes, strlen(bytes) + 1);
	logview_set_filter(view->lines, filter, view->level);
	return NULL;
}

static const char *
logs_typed(void *opaque, const struct panel_ctx *ctx, enum panel_prompt prompt,
    const char *bytes, bool final)
{
	struct logs_view *view = opaque;

	if (!logs_ready(view, ctx))
		return "no log lines here";
	if (strlen(bytes) > LOGFILTER_EXPR_MAX)
		return "too long";
	return prompt == PROMPT_SEARCH ? set_search(view, ctx, bytes, final)
				       : set_filter(view, ctx, bytes);
}

/* arg is a source's name or a filter, plain. */
static void
logs_show(void *opaque, const struct panel_ctx *ctx, struct text arg)
{
	struct logs_view *view = opaque;
	struct buf expr = BUF_INIT(LOGFILTER_EXPR_MAX);
	uint16_t i;

	if (!logs_ready(view, ctx))
		return;
	for (i = 0; i < LOG_SOURCES_MAX; i++)
		if (arg.len > 0 &&
		    text_eq(logstore_source_name(ctx->logs, i), arg))
			break;
	if (i < LOG_SOURCES_MAX) {
		/* Written as a field, so that it is quoted where need be. */
		logfield_add(&expr, "source", 6, arg.s, arg.len);
	} else {
		text_plain(&expr, arg);
	}
	view->detail = false;
	view->paused = false;
	if (!expr.failed)
		(void)set_filter(view, ctx, buf_cstr(&expr));
	buf_release(&expr);
}

static const enum command logs_commands[] = {
	COMMAND_SEARCH,
	COMMAND_FILTER,
	COMMAND_NEXT_ERROR,
	COMMAND_PREV_ERROR,
	COMMAND_LEVEL,
	COMMAND_OPEN,
	COMMAND_WRAP,
	COMMAND_BOTTOM,
	COMMAND_SEARCH_NEXT,
	COMMAND_SEARCH_PREV,
	COMMAND_COPY,
	COMMAND_LIVE,
	COMMAND_NONE,
};

const struct panel_ops panel_logs = {
	.name = "logs",
	.shows_logs = true,
	.help = "log lines of all sources as they come",
	.key = '3',
	.view_size = sizeof(struct logs_view),
	.commands = logs_commands,
	.release = logs_release,
	.draw = logs_draw,
	.command = logs_command,
	.typed = logs_typed,
	.show = logs_show,
};
