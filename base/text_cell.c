#include "base/text.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "base/utf8.h"

int
text_cp_width(uint32_t cp)
{
	switch (unicode_kind(cp)) {
	case UNICODE_MARK:
		return 0;
	case UNICODE_ONE:
		return 1;
	case UNICODE_TWO:
		return 2;
	default:
		return -1;
	}
}

struct text_iter
text_iter(struct text text)
{
	return (struct text_iter) { .text = text };
}

/* Bytes of the marks that follow pos. */
static uint32_t
text_marks_len(struct text text, uint32_t pos)
{
	uint32_t cp, from = pos;
	size_t n;

	while (pos < text.len && (unsigned char)text.s[pos] >= 0x80) {
		n = utf8_decode(text.s + pos, text.len - pos, &cp);
		if (n == 0 || unicode_kind(cp) != UNICODE_MARK)
			break;
		pos += (uint32_t)n;
	}
	return pos - from;
}

bool
text_next(struct text_iter *iter, struct text_cell *ret_cell)
{
	struct text text = iter->text;
	uint32_t cp = 0, pos = iter->pos;
	bool escaped = false;
	size_t n;

	while (pos < text.len &&
	       (text.s[pos] == TEXT_ESC || text.s[pos] == TEXT_TAB)) {
		escaped = escaped || text.s[pos] == TEXT_ESC;
		pos++;
	}
	if (pos >= text.len)
		return false;
	n = utf8_decode(text.s + pos, text.len - pos, &cp);
	if (n == 0)
		return false;
	*ret_cell = (struct text_cell) {
		.bytes = text.s + pos,
		.len = (uint32_t)n,
		.cp = cp,
		.width = unicode_kind(cp) == UNICODE_TWO ? 2 : 1,
		.escaped = escaped,
	};
	pos += (uint32_t)n;
	if (pos < text.len && (unsigned char)text.s[pos] >= 0x80)
		ret_cell->len += text_marks_len(text, pos);
	iter->pos = (uint32_t)(ret_cell->bytes - text.s) + ret_cell->len;
	return true;
}

struct text
text_cut(struct text text, uint32_t width)
{
	struct text_iter iter = text_iter(text);
	struct text cut = { .s = text.s };
	struct text_cell cell;

	if (text.width <= width)
		return text;
	if (text.len == text.width) { /* only ASCII has a byte per cell */
		cut.len = cut.width = width;
		return cut;
	}
	while (text_next(&iter, &cell) && cut.width + cell.width <= width) {
		cut.len = iter.pos;
		cut.width += cell.width;
	}
	return cut;
}

bool
text_plain(struct buf *out, struct text text)
{
	const char *p = text.s, *end = text.s + text.len;

	while (p < end) {
		const char *from = p;

		while (p < end && *p != TEXT_ESC && *p != TEXT_TAB)
			p++;
		if (!buf_add(out, from, (size_t)(p - from)))
			return false;
		p++;
	}
	return true;
}

void
text_keep(char *out, size_t size, struct text text)
{
	while (text.len >= size)
		text = text_cut(text, text.width > 0 ? text.width - 1 : 0);
	memcpy(out, text.s, text.len);
	out[text.len] = '\0';
}

struct text
text_kept(const char *kept)
{
	struct text text = { kept, (uint32_t)strlen(kept), 0 };
	struct text_iter iter = text_iter(text);
	struct text_cell cell;

	while (text_next(&iter, &cell))
		text.width += cell.width;
	return text;
}

bool
text_eq(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

int
text_cmp(struct text a, struct text b)
{
	uint32_t len = a.len < b.len ? a.len : b.len;
	int order = len != 0 ? memcmp(a.s, b.s, len) : 0;

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

static unsigned char
text_fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* Bytes of text from pos on that match needle, marks skipped; 0: none. */
static uint32_t
text_match_len(struct text text, uint32_t pos, struct text needle)
{
	uint32_t at = pos, want = 0;

	while (want < needle.len && at < text.len) {
		char c = text.s[at], w = needle.s[want];

		if (w == TEXT_ESC || w == TEXT_TAB) {
			want++;
		} else if (c == TEXT_ESC || c == TEXT_TAB) {
			at++;
		} else if (text_fold(c) == text_fold(w)) {
			at++;
			want++;
		} else {
			return 0;
		}
	}
	return want == needle.len ? at - pos : 0;
}

ptrdiff_t
text_find(
    struct text text, uint32_t from, struct text needle, uint32_t *ret_len)
{
	uint32_t first = 0, len;

	while (first < needle.len &&
	       (needle.s[first] == TEXT_ESC || needle.s[first] == TEXT_TAB))
		first++;
	if (first == needle.len)
		return -1;
	for (uint32_t i = from; i < text.len; i++) {
		if (text_fold(text.s[i]) != text_fold(needle.s[first]))
			continue;
		len = text_match_len(text, i, needle);
		if (len != 0) {
			if (ret_len != NULL)
				*ret_len = len;
			return (ptrdiff_t)i;
		}
	}
	return -1;
}

bool
text_is_valid(struct text text)
{
	uint32_t pos = 0, width = 0, marks = 0, cp;
	bool base = false;

	while (pos < text.len) {
		size_t n;

		if (text.s[pos] == TEXT_ESC || text.s[pos] == TEXT_TAB) {
			if (text.s[pos] == TEXT_TAB &&
			    (pos + 1 == text.len || text.s[pos + 1] != ' '))
				return false;
			pos++;
			base = false;
			marks = 0;
			if (pos == text.len || text.s[pos] == TEXT_ESC ||
			    text.s[pos] == TEXT_TAB)
				return false;
		}
		n = utf8_decode(text.s + pos, text.len - pos, &cp);
		if (n == 0 || unicode_kind(cp) == UNICODE_ESCAPE)
			return false;
		if (unicode_kind(cp) == UNICODE_MARK) {
			if (!base || ++marks > TEXT_MARKS_MAX)
				return false;
		} else {
			base = true;
			marks = 0;
			width += unicode_kind(cp) == UNICODE_TWO ? 2 : 1;
		}
		pos += (uint32_t)n;
	}
	return width == text.width;
}

/* Our drawing symbols and what stands for them; ascending. */
static const struct text_twin {
	uint32_t cp;
	char ascii;
} text_twins[] = {
	{ 0x00b0, 'o' }, /* ° */
	{ 0x00b5, 'u' }, /* µ */
	{ 0x00b7, '-' }, /* · */
	{ 0x00d7, 'x' }, /* × */
	{ 0x2013, '-' }, /* – */
	{ 0x2014, '-' }, /* — */
	{ 0x2022, '*' }, /* • */
	{ 0x2026, '~' }, /* … */
	{ 0x2190, '<' }, /* ← */
	{ 0x2191, '^' }, /* ↑ */
	{ 0x2192, '>' }, /* → */
	{ 0x2193, 'v' }, /* ↓ */
	{ 0x21ba, '@' }, /* ↺ */
	{ 0x2212, '-' }, /* − */
	{ 0x2264, '<' }, /* ≤ */
	{ 0x2265, '>' }, /* ≥ */
	{ 0x25b2, '^' }, /* ▲ */
	{ 0x25b4, '^' }, /* ▴ */
	{ 0x25b6, '>' }, /* ▶ */
	{ 0x25b8, '>' }, /* ▸ */
	{ 0x25bc, 'v' }, /* ▼ */
	{ 0x25be, 'v' }, /* ▾ */
	{ 0x25c0, '<' }, /* ◀ */
	{ 0x25c2, '<' }, /* ◂ */
	{ 0x25cb, 'o' }, /* ○ */
	{ 0x25cc, 'o' }, /* ◌ */
	{ 0x25cf, '*' }, /* ● */
	{ 0x2713, '+' }, /* ✓ */
	{ 0x2714, '+' }, /* ✔ */
	{ 0x2717, 'x' }, /* ✗ */
	{ 0x2718, 'x' }, /* ✘ */
};

/* Fuller cells for fuller blocks, so that a chart keeps its shape. */
static char
text_ascii_block(uint32_t cp)
{
	static const char steps[] = " .:+#";
	uint32_t dots = cp & 0xff, count = 0;

	if (cp >= 0x2581 && cp <= 0x2588) /* ▁ to █ */
		return "_.,:-+*#"[cp - 0x2581];
	if (cp >= 0x2589 && cp <= 0x258f) /* ▉ to ▏ */
		return "###||||"[cp - 0x2589];
	if (cp >= 0x2800 && cp <= 0x28ff) {
		for (; dots != 0; dots &= dots - 1)
			count++;
		return steps[(count + 1) / 2];
	}
	return '#'; /* half blocks, quadrants and shades */
}

char
text_ascii(const struct text_cell *cell)
{
	uint32_t cp = cell->cp;

	if (cp < 0x7f)
		return (char)cp;
	if (cp >= 0x2500 && cp <= 0x257f) { /* lines and corners */
		if (cp == 0x2500 || cp == 0x2501 || cp == 0x2550)
			return '-';
		if (cp == 0x2502 || cp == 0x2503 || cp == 0x2551)
			return '|';
		if (cp >= 0x2504 && cp <= 0x250b)
			return cp & 2 ? '|' : '-';
		return '+';
	}
	if ((cp >= 0x2580 && cp <= 0x259f) || (cp & ~0xffU) == 0x2800)
		return text_ascii_block(cp);
	for (size_t i = 0; i < ARRAY_LEN(text_twins); i++) {
		if (text_twins[i].cp == cp)
			return text_twins[i].ascii;
	}
	return '?';
}
