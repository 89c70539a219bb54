#include "base/textbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

static const char tb_ellipsis[] = "…";

enum {
	/* Kept free, so that the ellipsis always fits. */
	TB_ROOM = TEXT_BUF_MAX - sizeof(tb_ellipsis)
};

void
tb_init(struct text_buf *tb)
{
	tb->len = tb->width = 0;
	tb->cut = false;
	tb->data[0] = '\0';
}

static void
tb_put(struct text_buf *tb, struct text text)
{
	memcpy(tb->data + tb->len, text.s, text.len);
	tb->len += text.len;
	tb->width += text.width;
	tb->data[tb->len] = '\0';
}

/* As many whole cells of text as fit. */
static struct text
tb_fitting(const struct text_buf *tb, struct text text)
{
	struct text_iter iter = text_iter(text);
	struct text part = { .s = text.s };
	struct text_cell cell;

	while (text_next(&iter, &cell) && tb->len + iter.pos <= TB_ROOM) {
		part.len = iter.pos;
		part.width += cell.width;
	}
	return part;
}

void
tb_text(struct text_buf *tb, struct text text)
{
	if (tb->cut || text.len == 0)
		return;
	if (tb->len + text.len <= TB_ROOM) {
		tb_put(tb, text);
		return;
	}
	tb_put(tb, tb_fitting(tb, text));
	tb_put(tb, text_lit(tb_ellipsis));
	tb->cut = true;
}

void
tb_int(struct text_buf *tb, int64_t value)
{
	char out[NUM_TEXT_MAX];

	tb_text(tb, text_lit(num_int(out, value)));
}

void
tb_num(struct text_buf *tb, double value, enum num_unit unit)
{
	char out[NUM_TEXT_MAX];

	tb_text(tb, text_lit(num_human(out, value, unit)));
}

void
tb_duration(struct text_buf *tb, int64_t ns)
{
	char out[NUM_TEXT_MAX];

	tb_text(tb, text_lit(num_duration(out, ns)));
}

void
tb_fmt(struct text_buf *tb, const char *fmt, ...)
{
	char line[TEXT_BUF_MAX];
	char cleaned[TEXT_BUF_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n <= 0)
		return;
	if ((size_t)n >= sizeof(line))
		n = sizeof(line) - 1;
	tb_text(tb, text_clean_into(cleaned, sizeof(cleaned), line, (size_t)n));
}

void
tb_pad(struct text_buf *tb, uint32_t width)
{
	uint32_t spaces = width > tb->width ? width - tb->width : 0;

	if (tb->len >= TB_ROOM)
		return;
	if (spaces > TB_ROOM - tb->len)
		spaces = TB_ROOM - tb->len;
	memset(tb->data + tb->len, ' ', spaces);
	tb->len += spaces;
	tb->width += spaces;
	tb->data[tb->len] = '\0';
}

struct text
tb_end(const struct text_buf *tb)
{
	return (
	    struct text) { .s = tb->data, .len = tb->len, .width = tb->width };
}
