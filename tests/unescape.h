/*
 * Undoes text_clean(), for tests: what is on the screen must tell every
 * byte that came in.
 */
#ifndef SEV_TESTS_UNESCAPE_H
#define SEV_TESTS_UNESCAPE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"

__attribute__((unused)) static int
unescape_hex(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, c);

	return c != '\0' && at != NULL ? (int)(at - digits) : -1;
}

/* The character of the escaped cell at *pos, which moves behind it; 0: none. */
__attribute__((unused)) static char
unescape_cell(struct text text, uint32_t *pos)
{
	if (*pos + 1 >= text.len || text.s[*pos] != TEXT_ESC)
		return '\0';
	*pos += 2;
	return text.s[*pos - 1];
}

/* One escape, whose backslash was read. False when it is malformed. */
__attribute__((unused)) static bool
unescape_one(struct buf *out, struct text text, uint32_t *pos)
{
	char kind = unescape_cell(text, pos), utf8[UTF8_MAX];
	uint32_t cp = 0;
	int digit, digits = 0;

	while (kind == 'x' && digits++ < 2) {
		digit = unescape_hex(unescape_cell(text, pos));
		if (digit < 0)
			return false;
		cp = cp << 4 | (uint32_t)digit;
	}
	if (kind == 'x')
		return buf_char(out, (char)cp);
	if (kind != 'u' || unescape_cell(text, pos) != '{')
		return false;
	while ((kind = unescape_cell(text, pos)) != '}') {
		digit = unescape_hex(kind);
		if (digit < 0 || digits++ >= 6)
			return false;
		cp = cp << 4 | (uint32_t)digit;
	}
	return buf_add(out, utf8, utf8_encode(cp, utf8));
}

/* A TAB: its spaces end at the next stop of 8 cells. */
__attribute__((unused)) static bool
unescape_tab(struct buf *out, struct text text, uint32_t *pos, uint32_t *cell)
{
	do {
		if (*pos >= text.len || text.s[*pos] != ' ')
			return false;
		++*pos;
		++*cell;
	} while (*cell % 8 != 0);
	return buf_char(out, '\t');
}

/*
 * Appends what was cleaned into text; stops at the note about cut bytes.
 * False when text is not something that text_clean() makes.
 */
__attribute__((unused)) static bool
unescape(struct buf *out, struct text text)
{
	uint32_t pos = 0, cell = 0, cp;

	while (pos < text.len) {
		uint32_t from = pos;
		size_t n;

		if (text.s[pos] == TEXT_TAB) {
			pos++;
			if (!unescape_tab(out, text, &pos, &cell))
				return false;
			continue;
		}
		pos += text.s[pos] == TEXT_ESC;
		n = utf8_decode(text.s + pos, text.len - pos, &cp);
		if (n == 0)
			return false;
		pos += (uint32_t)n;
		if (text.s[from] != TEXT_ESC) {
			buf_add(out, text.s + from, n);
			cell += (uint32_t)text_cp_width(cp);
		} else if (cp == 0x2026) {
			break;
		} else if (cp == '\\') {
			if (!unescape_one(out, text, &pos))
				return false;
			cell += (pos - from) / 2;
		} else if (cp == 0x25cc) {
			cell++;
		} else {
			return false;
		}
	}
	return !out->failed;
}

#endif
