#include "base/text.h"

#include <locale.h>
#include <wchar.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "tests/tap.h"
#include "tests/unescape.h"

/* Plain form of cleaned input, "^" before every escaped cell's byte. */
static const char *
shown(struct text text)
{
	static char out[1024];
	size_t n = 0;

	for (uint32_t i = 0; i < text.len && n < sizeof(out) - 1; i++) {
		char c = text.s[i];

		out[n++] = (char)(c == TEXT_ESC	  ? '^'
				  : c == TEXT_TAB ? '>'
						  : c);
	}
	out[n] = '\0';
	return out;
}

static struct text
clean(struct arena *arena, const char *bytes, size_t len)
{
	return text_clean(arena, bytes, len, TEXT_LINE_MAX);
}

#define CLEAN(arena, literal) clean((arena), (literal), sizeof(literal) - 1)

static void
test_escapes(void)
{
	struct arena *arena = arena_new(1 << 20);
	struct text t;

	is_str(shown(CLEAN(arena, "plain")), "plain", "ASCII stays");
	is_str(shown(CLEAN(arena, "\x1b[31m")), "^\\^x^1^b[31m", "ESC");
	is_str(shown(CLEAN(arena, "\\x1b")), "\\x1b", "literal is not marked");
	is_str(shown(CLEAN(arena, "\xc2\x9b")), "^\\^u^{^9^b^}", "C1 as UTF-8");
	is_str(shown(CLEAN(arena, "\x9b")), "^\\^x^9^b", "C1 byte");
	is_str(shown(CLEAN(arena, "\x7f")), "^\\^x^7^f", "DEL");
	is_str(shown(CLEAN(arena, "\x01\x02")), "^\\^x^0^1^\\^x^0^2",
	    "our marks can't come from outside");
	is_str(shown(CLEAN(arena, "\xe2\x80\xae")), "^\\^u^{^2^0^2^e^}", "RLO");
	is_str(shown(CLEAN(arena, "\xe2\xa0\x80")), "^\\^u^{^2^8^0^0^}",
	    "blank braille");
	is_str(
	    shown(CLEAN(arena, "\xc2\xa0")), "^\\^u^{^a^0^}", "no-break space");
	is_str(shown(CLEAN(arena, "a\tb")), "a>       b", "TAB to column 8");
	t = CLEAN(arena, "a\tb");
	is_int(t.width, 9, "width of a TAB");
	is_str(shown(CLEAN(arena, "\xcc\x81q")), "^\xe2\x97\x8c\xcc\x81q",
	    "stray mark gets a base");
	t = CLEAN(arena, "e\xcc\x81\xe4\xbd\xa0");
	is_int(t.width, 3, "mark takes no cell, wide takes two");
	t = CLEAN(arena, "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81");
	is_str(shown(t),
	    "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81^\\^u^{^3^0^1^}^\\^u^{^3^0^1^}",
	    "the fifth mark is escaped");
	t = text_clean(arena, "", 0, 10);
	ok(t.s != NULL && t.len == 0, "empty input");
	arena_free(arena);
}

static void
test_cut_input(void)
{
	struct arena *arena = arena_new(1 << 20);
	struct text t = text_clean(arena, "abcdef", 6, 4);

	is_str(shown(t), "abcd^\xe2\x80\xa6^[^+^2^ ^b^y^t^e^s^]", "cut");
	is_int(t.width, 15, "cut width");
	t = text_clean(arena, "ab\xe4\xbd\xa0q", 6, 4);
	is_str(shown(t), "ab^\xe2\x80\xa6^[^+^4^ ^b^y^t^e^s^]",
	    "cut before a character");
	t = text_clean(arena, "ab\xe4\xbd\xa0q", 6, 5);
	is_str(shown(t), "ab\xe4\xbd\xa0^\xe2\x80\xa6^[^+^1^ ^b^y^t^e^s^]",
	    "cut behind a character");
	arena_free(arena);
}

/* What is left of a character where words were cut is none. */
static void
test_mend(void)
{
	char cut[] = "f\xc3\xbcr \xe2\x82", odd[] = "\xbc"
						    "a\xf0\x9f\x98\x80";

	utf8_mend(cut);
	is_str(cut, "f\xc3\xbcr ??", "half a sign");
	utf8_mend(odd);
	is_str(odd, "?a\xf0\x9f\x98\x80", "the end of one, and a whole one");
}

/* Every code point: cleaned, valid, undone; width as the C library has it. */
static void
test_code_points(void)
{
	bool have = setlocale(LC_CTYPE, "C.UTF-8") != NULL;
	int invalid = 0, changed = 0, widths = 0;
	struct buf back = BUF_INIT(64);

	for (uint32_t cp = 1; cp < 0x110000; cp++) {
		struct arena *arena;
		char in[UTF8_MAX];
		size_t len = utf8_encode(cp, in);
		struct text t;

		if (len == 0)
			continue;
		arena = arena_new(4096);
		t = clean(arena, in, len);
		invalid += !text_is_valid(t) || t.len == 0;
		buf_clear(&back);
		changed += !unescape(&back, t) || back.len != len ||
			   memcmp(back.data, in, len) != 0;
		if (have && text_cp_width(cp) >= 0)
			widths += wcwidth((wchar_t)cp) != text_cp_width(cp);
		arena_free(arena);
	}
	setlocale(LC_CTYPE, "C");
	buf_release(&back);
	is_int(invalid, 0, "all code points clean to valid text");
	is_int(changed, 0, "and can be read back");
	if (have)
		is_int(widths, 0, "widths agree with the C library");
	else
		skip("no locale C.UTF-8");
}

static void
test_cells(void)
{
	struct arena *arena = arena_new(1 << 16);
	struct text t = CLEAN(arena, "a\xcc\x81\xe4\xbd\xa0\n\t.");
	struct text_iter iter = text_iter(t);
	struct text_cell cell;
	int cells = 0, width = 0, escaped = 0;

	ok(text_next(&iter, &cell) && cell.len == 3 && cell.cp == 'a',
	    "base with its mark is one cell");
	ok(text_next(&iter, &cell) && cell.width == 2, "wide cell");
	while (text_next(&iter, &cell)) {
		cells++;
		width += cell.width;
		escaped += cell.escaped;
	}
	is_int(escaped, 4, "four cells of \\x0a are escaped");
	is_int(width + 3, t.width, "cells add up to the width");
	is_int(text_cut(t, 2).width, 1, "no half of a wide character");
	is_int(text_cut(t, 3).width, 3, "cut behind it");
	is_int(text_cut(t, 5).width, 5, "cut inside an escape");
	ok(text_is_valid(text_cut(t, 5)), "which stays valid");
	is_int(text_cut(t, 999).len, t.len, "wider than it is");
	is_int(text_cut(TEXT("hello"), 2).len, 2, "ASCII is cut by count");
	arena_free(arena);
}

static void
test_make(void)
{
	static const struct text constant = TEXT_INIT("ok");
	struct arena *arena = arena_new(1 << 16);
	struct text parts[] = { TEXT("a "), constant, TEXT(" → b") };
	struct text t = text_join(arena, parts, 3);
	struct buf out = BUF_INIT(100);
	uint32_t len = 0;

	is_str(t.s, "a ok → b", "join");
	is_int(t.width, 8, "join width");
	is_str(text_lit("a\nb").s, "?", "a literal is ours and clean");
	is_str(text_lit("a\tb").s, "?", "no TAB in a literal");
	is_str(shown(text_fmt(arena, "%s=%d", "x\x1b", 3)), "x^\\^x^1^b=3",
	    "arguments of text_fmt are cleaned");
	t = text_fmt(arena, "%*s", 10000, "x");
	ok(text_is_valid(t) && t.len < 5000, "long format is cut");
	ok(strstr(shown(text_cut(t, 999)), "  ") != NULL, "with its start");
	ok(text_plain(&out, CLEAN(arena, "x\x1by\tz")) &&
		strcmp(buf_cstr(&out), "x\\x1by  z") == 0,
	    "plain form has no marks");
	ok(text_eq(TEXT("abc"), text_copy(arena, TEXT("abc"))), "eq, copy");
	ok(text_cmp(TEXT("abc"), TEXT("abd")) < 0, "cmp");
	ok(text_cmp(TEXT("ab"), TEXT("abc")) < 0, "prefix first");
	ok(text_cmp(TEXT("ab"), TEXT("ab")) == 0, "same");
	is_int(text_find(TEXT("An ERROR"), 0, TEXT("error"), &len), 3, "find");
	is_int(len, 5, "find length");
	is_int(text_find(TEXT("error"), 1, TEXT("error"), NULL), -1, "none");
	is_int(text_find(TEXT("error"), 0, TEXT(""), NULL), -1, "empty");
	t = CLEAN(arena, "a\x1b[m");
	is_int(text_find(t, 0, TEXT("\\x1b["), &len), 2, "find an escape");
	is_int(len, 8, "and how long it is");
	buf_release(&out);
	arena_free(arena);
}

static void
test_ascii(void)
{
	struct text_iter iter = text_iter(TEXT("— … · → ✗ ↑ ↓ ▸ − ⣿ █ ─ │ ┌"));
	struct text_cell cell;
	char out[64];
	size_t n = 0;

	while (text_next(&iter, &cell) && n < sizeof(out) - 1)
		out[n++] = text_ascii(&cell);
	out[n] = '\0';
	is_str(out, "- ~ - > x ^ v > - # # - | +", "ASCII twins");
	iter = text_iter(TEXT("é"));
	ok(text_next(&iter, &cell) && text_ascii(&cell) == '?',
	    "a letter has none");
}

static void
test_no_memory(void)
{
	struct arena *arena = arena_new(16);
	struct text t = CLEAN(arena, "this does not fit into sixteen bytes");

	ok(t.s != NULL && t.len == 0, "empty text without memory");
	ok(arena_failed(arena), "and the arena knows");
	t = CLEAN(arena, "\x1b\x1b\x1b\x1b\x1b\x1b");
	is_int(t.len, 0, "the same for escapes");
	arena_free(arena);
}

int
main(void)
{
	RUN(test_escapes);
	RUN(test_cut_input);
	RUN(test_mend);
	RUN(test_code_points);
	RUN(test_cells);
	RUN(test_make);
	RUN(test_ascii);
	RUN(test_no_memory);
	return tap_done();
}
