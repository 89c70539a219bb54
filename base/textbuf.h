/*
 * A text put together in place, without an arena: for panels, which build
 * a line, draw it and forget it. What does not fit is cut at a cell and the
 * text then ends in "…". The text that tb_end() returns borrows the buffer.
 * thread: owner.
 *
 *	struct text_buf tb;
 *
 *	tb_init(&tb);
 *	tb_lit(&tb, "retry in ");
 *	tb_duration(&tb, left_ns);
 *	canvas_text(canvas, x, y, tb_end(&tb), style);
 */
#ifndef SEV_BASE_TEXTBUF_H
#define SEV_BASE_TEXTBUF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/text.h"

struct text_buf {
	char data[TEXT_BUF_MAX];
	uint32_t len;
	uint32_t width;
	bool cut;
};

void tb_init(struct text_buf *tb);
void tb_text(struct text_buf *tb, struct text text);

/* A literal of ours. */
#define tb_lit(tb, literal) tb_text((tb), TEXT(literal))

/* 1,204 */
void tb_int(struct text_buf *tb, int64_t value);

/* As num_human(): "2.4 s", "412/s", "—". */
void tb_num(struct text_buf *tb, double value, enum num_unit unit);

/* As num_duration(): "4m12s". */
void tb_duration(struct text_buf *tb, int64_t ns);

/* printf; the result is cleaned, so arguments may come from outside. */
void tb_fmt(struct text_buf *tb, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Spaces until the text is width cells wide. */
void tb_pad(struct text_buf *tb, uint32_t width);

/* Borrowed from tb; valid until it changes. */
struct text tb_end(const struct text_buf *tb);

#endif
