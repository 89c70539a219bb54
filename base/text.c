#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/unicode.h"
#include "base/utf8.h"

/*
 * Cleaning runs twice over the same code: once without a place to write to,
 * which only measures, then into memory of exactly that size.
 */
struct text_out {
	char *to;   /* NULL: measure */
	size_t cap; /* of to; enough, or else the rest is left out */
	bool full;
	uint32_t len;
	uint32_t width;
	uint32_t marks; /* on the last base */
	bool base;	/* the last cell may carry marks */
	bool changed;	/* the output differs from the input */
};

static bool
text_byte_is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f;
}

/*
 * How many bytes from s on are printable ASCII. Eight at a time: a byte
 * below 20, above 7E or next to one sets its high bit in "odd"; the byte
 * loop then finds the exact place.
 */
static size_t
text_plain_run(const unsigned char *s, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = ones * 0x80;
	size_t i = 0;

	while (len - i >= 8) {
		uint64_t word, del, odd;

		memcpy(&word, s + i, 8);
		del = word ^ ones * 0x7f;
		odd = (word - ones * 0x20) | (del - ones) | word;
		if ((odd & tops) != 0)
			break;
		i += 8;
	}
	while (i < len && text_byte_is_plain(s[i]))
		i++;
	return i;
}

static void
text_put(struct text_out *out, const void *bytes, size_t len, uint32_t width)
{
	if (out->to != NULL) {
		if (len > out->cap - out->len) {
			out->full = true;
			return;
		}
		memcpy(out->to + out->len, bytes, len);
	}
	out->len += (uint32_t)len;
	out->width += width;
}

/* ASCII that stands for something else: every cell is marked. */
static void
text_put_marked(struct text_out *out, const char *ascii)
{
	for (; *ascii != '\0'; ascii++) {
		const char pair[2] = { TEXT_ESC, *ascii };

		text_put(out, pair, 2, 1);
	}
	out->base = false;
	out->changed = true;
}

static void
text_put_byte_escape(struct text_out *out, unsigned byte)
{
	static const char hex[] = "0123456789abcdef";
	const char escape[] = { '\\', 'x', hex[byte >> 4 & 15], hex[byte & 15],
		'\0' };

	text_put_marked(out, escape);
	out->marks = 0;
}

static void
text_put_cp_escape(struct text_out *out, uint32_t cp)
{
	char escape[16];

	snprintf(escape, sizeof(escape), "\\u{%x}", (unsigned)cp);
	text_put_marked(out, escape);
}

static void
text_put_tab(struct text_out *out)
{
	static const char spaces[] = { TEXT_TAB, ' ', ' ', ' ', ' ', ' ', ' ',
		' ', ' ' };
	uint32_t cells = 8 - out->width % 8;

	text_put(out, spaces, 1 + cells, cells);
	out->base = false;
	out->marks = 0;
	out->changed = true;
}

static void
text_put_mark(struct text_out *out, uint32_t cp, const void *bytes, size_t len)
{
	static const char dotted[] = { TEXT_ESC, '\xe2', '\x97', '\x8c' };

	if (out->marks >= TEXT_MARKS_MAX) {
		text_put_cp_escape(out, cp);
		return;
	}
	if (!out->base) {
		text_put(out, dotted, sizeof(dotted), 1);
		out->base = true;
		out->changed = true;
	}
	text_put(out, bytes, len, 0);
	out->marks++;
}

static void
text_put_cp(struct text_out *out, uint32_t cp, const void *bytes, size_t len)
{
	enum unicode_kind kind = unicode_kind(cp);

	if (kind == UNICODE_MARK) {
		text_put_mark(out, cp, bytes, len);
		return;
	}
	if (cp == '\t') {
		text_put_tab(out);
		return;
	}
	if (kind == UNICODE_ESCAPE && cp < 0x80) {
		text_put_byte_escape(out, cp);
		return;
	}
	out->marks = 0;
	if (kind == UNICODE_ESCAPE) {
		text_put_cp_escape(out, cp);
		return;
	}
	text_put(out, bytes, len, kind == UNICODE_TWO ? 2 : 1);
	out->base = true;
}

/* How much of len bytes of ASCII there is room for. */
static size_t
text_fitting(struct text_out *out, size_t len)
{
	if (out->to == NULL || len <= out->cap - out->len)
		return len;
	out->full = true;
	return out->cap - out->len;
}

static void
text_put_bytes(struct text_out *out, const unsigned char *s, size_t len)
{
	size_t i = 0;

	while (i < len && !out->full) {
		size_t n = text_plain_run(s + i, len - i);
		uint32_t cp;

		if (n != 0) {
			n = text_fitting(out, n);
			text_put(out, s + i, n, (uint32_t)n);
			out->base = true;
			out->marks = 0;
			i += n;
			continue;
		}
		n = utf8_decode(s + i, len - i, &cp);
		if (n == 0) {
			text_put_byte_escape(out, s[i]);
			i++;
			continue;
		}
		text_put_cp(out, cp, s + i, n);
		i += n;
	}
}

/* "…[+N bytes]", every cell of it marked. */
static void
text_put_missing(struct text_out *out, size_t missing)
{
	static const char ellipsis[] = { TEXT_ESC, '\xe2', '\x80', '\xa6' };
	char note[48];

	if (missing == 0)
		return;
	text_put(out, ellipsis, sizeof(ellipsis), 1);
	snprintf(note, sizeof(note), "[+%zu bytes]", missing);
	text_put_marked(out, note);
}

/* Where to cut so that at most max bytes stay and no character is split. */
static size_t
text_cut_at(const unsigned char *s, size_t len, size_t max)
{
	uint32_t cp;

	if (len <= max)
		return len;
	for (size_t back = 1; back < UTF8_MAX && back <= max; back++) {
		if (utf8_decode(s + max - back, len - max + back, &cp) > back)
			return max - back;
	}
	return max;
}

/* The first keep bytes of s, and a note when more are missing. */
static struct text
text_make(
    struct arena *arena, const unsigned char *s, size_t keep, size_t missing)
{
	struct text_out out = { .to = NULL };
	size_t need;
	char *to;

	text_put_bytes(&out, s, keep);
	text_put_missing(&out, missing);
	to = arena_alloc(arena, (size_t)out.len + 1);
	if (to == NULL)
		return TEXT_EMPTY;
	need = out.len;
	out = (struct text_out) { .to = to, .cap = need };
	text_put_bytes(&out, s, keep);
	text_put_missing(&out, missing);
	return (struct text) { .s = to, .len = out.len, .width = out.width };
}

struct text
text_clean(struct arena *arena, const void *bytes, size_t len, size_t max_bytes)
{
	const unsigned char *s = bytes;
	size_t keep;
	char *copy;

	if (max_bytes > TEXT_INPUT_MAX)
		max_bytes = TEXT_INPUT_MAX;
	if (len == 0)
		return TEXT_EMPTY;
	if (len <= max_bytes && text_plain_run(s, len) == len) {
		copy = arena_copy(arena, bytes, len);
		if (copy == NULL)
			return TEXT_EMPTY;
		return (struct text) {
			.s = copy, .len = (uint32_t)len, .width = (uint32_t)len
		};
	}
	keep = text_cut_at(s, len, max_bytes);
	return text_make(arena, s, keep, len - keep);
}

struct text
text_clean_str(struct arena *arena, const char *s)
{
	if (s == NULL)
		return TEXT_EMPTY;
	return text_clean(arena, s, strlen(s), TEXT_LINE_MAX);
}

struct text
text_clean_into(char *to, size_t cap, const void *bytes, size_t len)
{
	static const char ellipsis[] = { TEXT_ESC, '\xe2', '\x80', '\xa6' };
	struct text_out out = { .to = to };

	if (cap <= sizeof(ellipsis))
		return TEXT_EMPTY;
	out.cap = cap - sizeof(ellipsis) - 1;
	text_put_bytes(&out, bytes, len);
	if (out.full) {
		memcpy(to + out.len, ellipsis, sizeof(ellipsis));
		out.len += sizeof(ellipsis);
		out.width++;
	}
	to[out.len] = '\0';
	return (struct text) { .s = to, .len = out.len, .width = out.width };
}

struct text
text_lit(const char *ours)
{
	struct text_out out = { .to = NULL };
	size_t len = strlen(ours);

	if (len <= TEXT_INPUT_MAX)
		text_put_bytes(&out, (const unsigned char *)ours, len);
	if (out.changed || out.len != len)
		return (struct text)TEXT_INIT("?");
	return (struct text) { .s = ours, .len = out.len, .width = out.width };
}

struct text
text_fmt(struct arena *arena, const char *fmt, ...)
{
	char line[TEXT_FMT_MAX];
	const unsigned char *s = (const unsigned char *)line;
	size_t have, keep;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n <= 0)
		return TEXT_EMPTY;
	have = (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1;
	if (have == (size_t)n)
		return text_clean(arena, line, have, have);
	keep = text_cut_at(s, have, have - UTF8_MAX);
	return text_make(arena, s, keep, (size_t)n - keep);
}

struct text
text_join(struct arena *arena, const struct text *parts, size_t count)
{
	struct text whole = { .s = "" };
	size_t len = 0;
	char *to;

	for (size_t i = 0; i < count; i++)
		len += parts[i].len;
	if (len > UINT32_MAX)
		return TEXT_EMPTY;
	to = arena_alloc(arena, len + 1);
	if (to == NULL)
		return TEXT_EMPTY;
	whole.s = to;
	for (size_t i = 0; i < count; i++) {
		if (parts[i].len != 0)
			memcpy(to + whole.len, parts[i].s, parts[i].len);
		whole.len += parts[i].len;
		whole.width += parts[i].width;
	}
	return whole;
}

struct text
text_copy(struct arena *arena, struct text text)
{
	return text_join(arena, &text, 1);
}
