/* One line of the log list: its columns, its marks, its wrapped rows. */
#include <time.h>

#include "base/alloc.h"
#include "base/textbuf.h"
#include "panels/logs_impl.h"

enum {
	TIME_W = 12,
	TIME_SHORT_W = 8,
	LEVEL_W = 5,
	SOURCE_W_MAX = 10,
	NARROW = 60, /* below this: short times, no source */
	FUTURE_MS = 60 * 1000,
	MARKS_MAX = 64, /* of a search in one line */
};

enum role
logs_level_role(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_FATAL:
	case LOG_LEVEL_ERROR:
		return ROLE_CRIT;
	case LOG_LEVEL_WARN:
		return ROLE_WARN;
	case LOG_LEVEL_DEBUG:
	case LOG_LEVEL_TRACE:
		return ROLE_DIM;
	default:
		return ROLE_TEXT;
	}
}

static void
broken_down(int64_t wall_ms, enum zone zone, struct tm *ret)
{
	time_t seconds = (time_t)(wall_ms / 1000 - (wall_ms % 1000 < 0));

	if ((zone == ZONE_LOCAL ? localtime_r(&seconds, ret)
				: gmtime_r(&seconds, ret)) == NULL)
		*ret = (struct tm) { .tm_mday = 1 };
}

void
logs_time(struct text_buf *tb, int64_t line_ms, int64_t wall_ms, enum zone zone,
    int width)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm then, today;
	int ms = (int)(((line_ms % 1000) + 1000) % 1000);

	broken_down(line_ms, zone, &then);
	broken_down(wall_ms, zone, &today);
	if (then.tm_year == today.tm_year && then.tm_yday == today.tm_yday) {
		tb_fmt(tb, "%02d:%02d:%02d", then.tm_hour, then.tm_min,
		    then.tm_sec);
		if (width >= TIME_W)
			tb_fmt(tb, ".%03d", ms);
	} else if (width < TIME_W) {
		tb_fmt(tb, "%2d %s", then.tm_mday, months[then.tm_mon % 12]);
	} else if (then.tm_year == today.tm_year) {
		tb_fmt(tb, "%2d %s %02d:%02d", then.tm_mday,
		    months[then.tm_mon % 12], then.tm_hour, then.tm_min);
	} else {
		tb_fmt(tb, "%2d %s %04d", then.tm_mday,
		    months[then.tm_mon % 12], then.tm_year + 1900);
	}
}

struct logs_columns
logs_columns(const struct panel_ctx *ctx, int width)
{
	struct logs_columns c = { .time_w = TIME_W };
	uint16_t i, sources = 0;

	for (i = 0; i < LOG_SOURCES_MAX; i++) {
		struct text name = logstore_source_name(ctx->logs, i);

		if (name.len == 0)
			break;
		sources++;
		if ((int)name.width > c.source_w)
			c.source_w = (int)name.width;
	}
	if (c.source_w > SOURCE_W_MAX)
		c.source_w = SOURCE_W_MAX;
	/* One source alone needs no naming on every line. */
	if (sources < 2 || width < NARROW)
		c.source_w = 0;
	if (width < NARROW)
		c.time_w = TIME_SHORT_W;
	c.text_x =
	    c.time_w + 1 + LEVEL_W + 1 + (c.source_w > 0 ? c.source_w + 1 : 0);
	c.text_w = width > c.text_x ? width - c.text_x : 0;
	return c;
}

/* Message and fields as one text, no longer than can be seen. */
static struct text
line_body(const struct log_line *line, struct arena *arena, uint32_t cells)
{
	struct text parts[3] = { text_cut(line->text, cells), TEXT("  "),
		text_cut(line->fields, cells) };

	if (line->fields.len == 0)
		return parts[0];
	return text_join(arena, parts, 3);
}

static uint32_t
body_width(const struct log_line *line)
{
	return line->text.width +
	       (line->fields.len > 0 ? line->fields.width + 2 : 0);
}

int
logs_item_height(const struct logs_view *view,
    const struct logs_columns *columns, const struct logs_item *item,
    const struct log_line *line)
{
	/* One cell less in a row: a wide character may not fit. */
	uint32_t row = columns->text_w > 2 ? (uint32_t)columns->text_w - 1 : 1;
	uint32_t rows;

	if (!view->wrap || item->fold)
		return 1;
	rows = (body_width(line) + row - 1) / row;
	return rows < 1 ? 1 : rows > LOGS_WRAP_MAX ? LOGS_WRAP_MAX : (int)rows;
}

/* Column of byte offset at in text. */
static int
column_of(struct text text, size_t at)
{
	struct text_iter iter = text_iter(text);
	struct text_cell cell;
	int column = 0;

	while (iter.pos < at && text_next(&iter, &cell))
		column += cell.width;
	return column;
}

/*
 * Draws columns from .. of text into a row, with what the search matched
 * marked and the part behind dim_from dimmed.
 */
static void
draw_slice(const struct logs_view *view, struct canvas *canvas, struct rect row,
    struct text text, int from, int dim_from, enum role role)
{
	size_t at = 0, start, end;
	int marks;

	canvas_text(canvas, row, row.y, row.x - from, text, role, 0);
	if (dim_from < from + row.w && role == ROLE_TEXT) {
		struct rect dim = { row.y, row.x + dim_from - from, 1, row.w };

		canvas_restyle(canvas, rect_clip(dim, row), ROLE_DIM, 0);
	}
	if (view->marked == NULL)
		return;
	for (marks = 0; marks < MARKS_MAX && at < text.len; marks++) {
		struct rect mark = { row.y, 0, 1, 0 };

		if (!logfilter_span(view->marked, text, at, &start, &end))
			break;
		mark.x = row.x + column_of(text, start) - from;
		mark.w = row.x + column_of(text, end) - from - mark.x;
		canvas_restyle(
		    canvas, rect_clip(mark, row), ROLE_MATCH, CELL_BOLD);
		at = end;
	}
}

static void
draw_time(const struct panel_ctx *ctx, struct canvas *canvas, struct rect row,
    const struct logs_columns *columns, const struct log_line *line)
{
	struct text_buf tb;
	struct text sign = TEXT_EMPTY;

	tb_init(&tb);
	logs_time(&tb, line->wall_ms, ctx->wall_ms, ctx->zone, columns->time_w);
	canvas_text(canvas, row, row.y, row.x, tb_end(&tb),
	    line->has_time ? ROLE_TEXT : ROLE_DIM, 0);
	/* Whoever compares times must see which ones are not certain. */
	if ((line->flags & LOG_NO_ZONE) != 0)
		sign = TEXT("?");
	else if (line->has_time && line->wall_ms > ctx->wall_ms + FUTURE_MS)
		sign = TEXT(">");
	canvas_text(
	    canvas, row, row.y, row.x + columns->time_w, sign, ROLE_WARN, 0);
}

static void
draw_fold(const struct logs_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect row, const struct logs_item *item,
    struct text message)
{
	struct text_buf tb;
	uint64_t count = logview_run_end(view->lines, item->n) - item->n;

	(void)ctx;
	tb_init(&tb);
	tb_lit(&tb, "same as above × ");
	tb_int(&tb, (int64_t)count);
	tb_lit(&tb, "   ");
	/* The newest of them: its numbers may differ. */
	tb_text(&tb, message);
	canvas_text_cut(
	    canvas, row, row.y, row.x, row.w - 2, tb_end(&tb), ROLE_DIM, 0);
	canvas_text_right(
	    canvas, row, row.y, row.x, row.w, TEXT("▸"), ROLE_DIM, 0);
}

/* Message and fields in one row, or in as many as they were given. */
static void
draw_body(const struct logs_view *view, struct canvas *canvas, struct rect area,
    const struct log_line *line, enum role role)
{
	struct arena *arena = arena_new(LOGS_BODY_BYTES);
	struct text_iter iter;
	struct text_cell cell;
	struct text body;
	int dim_from = (int)line->text.width, column = 0, y;

	if (arena == NULL)
		return;
	body = line_body(
	    line, arena, (uint32_t)(view->scroll + area.w * (area.h + 1)));
	if (dim_from == 0)
		dim_from = INT32_MAX / 2;
	if (!view->wrap) {
		draw_slice(
		    view, canvas, area, body, view->scroll, dim_from, role);
		arena_free(arena);
		return;
	}
	iter = text_iter(body);
	for (y = 0; y < area.h; y++) {
		struct rect row = { area.y + y, area.x, 1, 0 };

		/* As many whole cells as fit. */
		for (;;) {
			struct text_iter before = iter;

			if (!text_next(&iter, &cell))
				break;
			if (row.w + cell.width > area.w) {
				iter = before;
				break;
			}
			row.w += cell.width;
		}
		if (row.w == 0)
			break;
		draw_slice(view, canvas, row, body, column, dim_from, role);
		column += row.w;
	}
	if (column < (int)body_width(line))
		canvas_text(canvas, area, area.y + area.h - 1,
		    area.x + area.w - 1, TEXT("…"), ROLE_DIM, 0);
	arena_free(arena);
}

void
logs_draw_item(const struct logs_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area, const struct logs_columns *columns,
    const struct logs_item *item, const struct log_line *line,
    const struct logmatch *match)
{
	enum log_level level = (enum log_level)line->level;
	struct rect body = { area.y, area.x + columns->text_x, area.h,
		columns->text_w };
	enum role role = ROLE_TEXT;
	struct text_buf conts;

	body = rect_clip(body, area);
	draw_time(ctx, canvas, area, columns, line);
	canvas_text(canvas, area, area.y, area.x + columns->time_w + 1,
	    text_lit(log_level_name(level)), logs_level_role(level),
	    level >= LOG_LEVEL_ERROR ? CELL_BOLD : 0);
	if (columns->source_w > 0)
		canvas_text_cut(canvas, area, area.y,
		    area.x + columns->text_x - columns->source_w - 1,
		    columns->source_w,
		    logstore_source_name(ctx->logs, line->source), ROLE_DIM, 0);
	if (item->fold) {
		draw_fold(view, ctx, canvas, body, item, line->text);
		return;
	}
	if ((line->flags & LOG_NOTICE) != 0)
		role = ROLE_NOTICE;
	else if (level == LOG_LEVEL_TRACE || level == LOG_LEVEL_DEBUG)
		role = ROLE_DIM;
	tb_init(&conts);
	if (match->conts > 0) {
		tb_lit(&conts, " +");
		tb_int(&conts, match->conts);
		tb_lit(&conts, "▸");
		if ((int)tb_end(&conts).width < body.w / 2)
			body.w -= (int)tb_end(&conts).width;
	}
	if ((match->flags & LOGMATCH_COSTLY) != 0 && body.w > 4) {
		canvas_text(
		    canvas, body, body.y, body.x, TEXT("~ "), ROLE_WARN, 0);
		body.x += 2;
		body.w -= 2;
	}
	draw_body(view, canvas, body, line, role);
	canvas_text(
	    canvas, area, body.y, body.x + body.w, tb_end(&conts), ROLE_DIM, 0);
}
