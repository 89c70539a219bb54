/* One line with all that is in it: times, fields one by one, its stack. */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/textbuf.h"
#include "model/logfield.h"
#include "panels/box.h"
#include "panels/logs_impl.h"
#include "panels/page.h"

enum {
	LABEL_MAX = 30, /* a longer key is cut */
};

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
page_fields(struct page *page, struct arena *arena, struct text fields)
{
	struct logfield field;
	struct buf value = BUF_INIT(LOG_TEXT_MAX);
	size_t pos = 0;

	while (logfield_next(fields.s, fields.len, pos, &field)) {
		pos = field.end;
		buf_clear(&value);
		logfield_value(&value, &field);
		page_text(page,
		    text_cut(piece(arena, field.key, field.key_len), LABEL_MAX),
		    piece(arena, buf_cstr(&value), value.len), ROLE_TEXT);
	}
	buf_release(&value);
}

/* The lines that go on with this one. */
static void
page_stack(struct page *page, struct arena *arena, const struct panel_ctx *ctx,
    const struct log_line *head, unsigned conts)
{
	struct log_line *lines =
	    arena_array(arena, LOGS_STACK_MAX, sizeof(struct log_line));
	size_t n = 0, i;
	unsigned shown = 0;

	if (lines == NULL || conts == 0)
		return;
	n = logstore_copy(
	    ctx->logs, head->seq + 1, lines, LOGS_STACK_MAX, arena);
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
		    text_fmt(arena, "… %u more lines", conts - shown),
		    ROLE_DIM);
}

static void
draw_page(struct page *page, struct logs_view *view, struct arena *arena,
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
	page_fields(page, arena, line->fields);
	page_stack(page, arena, ctx, line, match->conts);
}

void
logs_draw_detail(struct logs_view *view, const struct panel_ctx *ctx,
    struct canvas *canvas, struct rect area)
{
	struct page page = { .canvas = canvas, .skip = view->detail_top };
	struct arena *arena = arena_new(8 * LOGS_BODY_BYTES);
	struct log_line line;
	struct logmatch match;

	page.area = box_title(
	    canvas, area, TEXT("log line"), TEXT("Esc back"), ROLE_DIM);
	if (arena == NULL) {
		box_words(canvas, page.area, TEXT("out of memory"), ROLE_CRIT);
		return;
	}
	if (!logs_item_line(view, ctx, &view->cursor, arena, &line, &match)) {
		box_words(canvas, page.area,
		    TEXT("this line made room for newer ones"), ROLE_DIM);
	} else {
		draw_page(&page, view, arena, ctx, &line, &match);
		/* Not further down than the last row. */
		if (view->detail_top > 0 && page.y - page.skip < 1)
			view->detail_top = page.y > 0 ? page.y - 1 : 0;
	}
	view->height = page.area.h;
	arena_free(arena);
}
