/*
 * Cleaning: what comes out keeps every promise of base/text.h, tells every
 * byte that went in, stays valid when cut and joined anywhere, and is not
 * changed by cleaning its plain form again.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/textbuf.h"
#include "tests/unescape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	SIZE_USEFUL = 1024 /* longer inputs find nothing that these do not */
};

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_cells(struct text text)
{
	struct text_iter iter = text_iter(text);
	struct text_cell cell;
	uint64_t width = 0;

	while (text_next(&iter, &cell)) {
		check(cell.width == 1 || cell.width == 2);
		check(cell.len > 0 && cell.bytes >= text.s &&
		      cell.bytes + cell.len <= text.s + text.len);
		check(text_ascii(&cell) >= 0x20 && text_ascii(&cell) < 0x7f);
		width += cell.width;
	}
	check(iter.pos == text.len && width == text.width);
}

/* Cut at every width, the two parts joined again. */
static void
check_cuts(struct arena *arena, struct text text)
{
	uint32_t step = text.width / 16 + 1;

	for (uint32_t width = 0; width <= text.width; width += step) {
		struct text head = text_cut(text, width);
		struct text tail = { .s = text.s + head.len,
			.len = text.len - head.len,
			.width = text.width - head.width };
		const struct text parts[] = { tail, head };

		check(head.width <= width && head.width + 1 >= width);
		check(text_is_valid(head) && text_is_valid(tail));
		check(text_is_valid(text_join(arena, parts, 2)));
		check(!arena_failed(arena));
	}
}

static void
check_into(const uint8_t *data, size_t size)
{
	char room[80];
	struct text_buf tb;

	for (size_t cap = 0; cap <= sizeof(room); cap += 5) {
		struct text text = text_clean_into(room, cap, data, size);

		check(text_is_valid(text) && text.s[text.len] == '\0');
		check(text.len < cap || text.len == 0);
		tb_init(&tb);
		tb_pad(&tb, (uint32_t)(TEXT_BUF_MAX - 60));
		tb_text(&tb, text);
		check(text_is_valid(tb_end(&tb)));
	}
}

static void
check_plain(struct arena *arena, struct text text)
{
	struct buf plain = BUF_INIT(text.len);
	struct text again;

	check(text_plain(&plain, text));
	again = text_clean(arena, plain.data, plain.len, plain.len);
	check(again.len == plain.len || plain.len == 0);
	check(plain.len == 0 || memcmp(again.s, plain.data, plain.len) == 0);
	check(text_eq(text_lit(buf_cstr(&plain)), again));
	buf_release(&plain);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena;
	struct buf back = BUF_INIT(size);
	struct text text, less;

	if (size > SIZE_USEFUL)
		return 0;
	arena = arena_new((size_t)8 << 20);
	if (arena == NULL)
		return 0;
	text = text_clean(arena, data, size, size);
	check(text_is_valid(text) && text.len <= size * 9);
	check(unescape(&back, text));
	check(back.len == size &&
	      (size == 0 || memcmp(back.data, data, size) == 0));
	less = text_clean(arena, data, size, size / 2);
	check(text_is_valid(less));
	buf_clear(&back);
	check(unescape(&back, less) && back.len <= size / 2);
	check_cells(text);
	check_cuts(arena, text);
	check_into(data, size);
	check_plain(arena, text);
	buf_release(&back);
	arena_free(arena);
	return 0;
}
