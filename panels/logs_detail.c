/* One line with all that is in it: times, fields one by one, its stack. */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/textbuf.h"
#include "model/logfield.h"
#include "panels/box.h"
#include "panels/logs_impl.h"

enum {
	LABEL_W = 10,
	LABEL_MAX = 30, /* a longer key is cut */
};

/* Rows are drawn into area, the first `skip` of them not. */
struct page {
	struct canvas *canvas;
	struct rect area;
	int y; /* row of the whole page that comes next */
	int skip;
	struct arena *arena;
};

/* A label and a text behind it, in as many rows as it needs. */
static void
page_text(
    struct page *page, struct text label, struct text text, enum role role)
{
	int indent = label.width > 0 ? LABEL_W : 2, column = 0;
	int x = page->area.x + indent, w = page->area.w - indent;
	struct text_iter iter = text_iter(text);
	struct text_cell cell;

	if ((int)label.width >= LABEL_W) {
		indent = (int)label.width + 1;
		x = page->area.x + indent;
		w = page->area.w - indent;
	}
	do {
		int y = page->area.y + page->y - page->skip;
		struct rect row = { y, x, 1, 0 };

		for (;;) {
			struct text_iter before = iter;

			if (!text_next(&iter, &cell))
				break;
			if (row.w + cell.width > w) {
				iter = before;
				break;
			}
			row.w += cell.width;
		}
		if (row.w == 0 && column > 0)
			break;
		if (column == 0)
			canvas_text(page->canvas,
			    rect_clip(page->area,
				(struct rect) { y, page->area.x, 1, indent }),
			    y, page->area.x, label, ROLE_DIM, 0);
		canvas_text(page->canvas, rect_clip(row, page->area), y,
		    x - column, text, role, 0);
		column += row.w;
		page->y++;
	} while (iter.pos < text.len && w > 1);
}

static void
page_time(
    struct page *page, const struct panel_ctx *ctx, const struct log_line *line)
{
	char stamp[CLOCK_RFC3339_LEN];
	struct text_buf tb;

	tb_init(&tb);
	tb_fmt(&tb, "%s", clock_rfc3339(line->wall_ms, stamp));
	if (ctx->zone == ZONE_LOCAL) {
		tb_lit(&tb, "  local ");
		logs_time(&tb, line->wall_ms, ctx->wall_ms, ctx->zone, 12);
	}
	if (!line->has_time)
		tb_lit(&tb, "  when it was read; it says no time");
	else if ((line->flags & LOG_NO_ZONE) != 0)
		tb_lit(&tb, "  ? the line names no zone");
	tb_lit(&tb, "  ");
	tb_duration(&tb, ctx->now - line->read_at);
	tb_lit(&tb, " ago read");
	page_text(page, TEXT("time"), tb_end(&tb), ROLE_TEXT);
}

/*
 * A piece of clean text as a text of its own. What is not clean by itself,
 * because a mark has lost its base, is cleaned.
 */
static struct text
piece(struct arena *arena, const char *s, size_t len)
{
	struct text text = { .s = arena_copy(arena, s, len),
		.len = (uint32_t)len };
	struct text_iter iter;
	struct text_cell cell;

	if (text.s == NULL)
		return TEXT_EMPTY;
	iter = text_iter(text);
	while (text_next(&iter, &cell))
		text.width += cell.width;
	return text_is_valid(text) ? text
				   : text_clean(arena, s, len, TEXT_LINE_MAX);
}

static void
page_fields(struct page *page, struct text fields)
{
	struct logfield field;
	struct buf value = BUF_INIT(LOG_TEXT_MAX);
	size_t pos = 0;

	while (logfield_next(fields.s, fields.len, pos, &field)) {
		pos = field.end;
		buf_clear(&value);
		logfield_value(&value, &field);
		page_text(page,
		    text_cut(piece(page->arena, field.key, field.key_len),
			LABEL_MAX),
		    piece(page->arena, buf_cstr(&value), value.len), ROLE_TEXT);
	}
	buf_release(&value);
}

/* The lines that go on with this one. */
static void
page_stack(struct page *page, const struct panel_ctx *ctx,
    const struct log_line *head, unsigned conts)
{
	struct log_line *lines =
	    arena_array(page->arena, LOGS_STACK_MAX, sizeof(struct log_line));
	size_t n = 0, i;
	unsigned shown = 0;

	if (lines == NULL || conts == 0)
		return;
	n = logstore_copy(
	    ctx->logs, head->seq + 1, lines, LOGS_STACK_MAX, page->arena);
	for (i = 0; i < n && shown < conts; i++) {
		if (lines[i].source != head->source)
			continue;
		if ((lines[i].flags & LOG_CONT) == 0)
			break;
		page_text(page, TEXT_EMPTY, lines[i].text, ROLE_DIM);
		shown++;
	}
	if (shown < conts)
		page_text(page, TEXT_EMPTY,
		    text_fmt(page->arena, "… %u more lines", conts - shown),
		    ROLE_DIM);
}

static void
draw_page(struct page *page, struct logs_view *view,
    const struct panel_ctx *ctx, const struct log_line *line,
    const struct logmatch *match)
{
	struct text_buf tb;
	uint64_t end;

	page_time(page, ctx, line);
	page_text(page, TEXT("level"),
	    line->level == LOG_LEVEL_NONE
		? TEXT("— (it says none)")
		: text_lit(log_level_name((enum log_level)line->level)),
	    logs_level_role((enum log_level)line->level));
	page_text(page, TEXT("source"),
	    logstore_source_name(ctx->logs, line->source), ROLE_TEXT);
	if (view->cursor.fold) {
		end = logview_run_end(view->lines, view->cursor.n);
		tb_init(&tb);
		tb_lit(&tb, "the newest of ");
		tb_int(&tb, (int64_t)(end - view->cursor.n + 1));
		tb_lit(&tb, " that differ in numbers only");
		page_text(page, TEXT("repeats"), tb_end(&tb), ROLE_TEXT);
	}
	page_text(page, TEXT("text"), line->text, ROLE_TEXT);
	page_fields(page, line->fields);
	page_stack(page, ctx, line, match->conts);
}

void
logs_draw_detail(struct logs_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	struct page page = { .canvas = canvas, .skip = view->detail_top };
	struct log_line line;
	struct logmatch match;

	page.area = box_title(
	    canvas, area, TEXT("log line"), TEXT("Esc back"), ROLE_DIM);
	page.arena = arena_new(8 * LOGS_BODY_BYTES);
	if (page.arena == NULL) {
		box_words(canvas, page.area, TEXT("out of memory"), ROLE_CRIT);
		return;
	}
	if (!logs_item_line(
		view, ctx, &view->cursor, page.arena, &line, &match)) {
		box_words(canvas, page.area,
		    TEXT("this line made room for newer ones"), ROLE_DIM);
	} else {
		draw_page(&page, view, ctx, &line, &match);
		/* Not further down than the last row. */
		if (view->detail_top > 0 && page.y - page.skip < 1)
			view->detail_top = page.y > 0 ? page.y - 1 : 0;
	}
	view->height = page.area.h;
	arena_free(page.arena);
}
