#include "datasrc/reason_fold.h"

#include <stdbool.h>

/* From this length on a run of hexadecimal digits is an id. */
#define HEX_ID_MIN 8

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* Hexadecimal digits and inner dashes with a digit among them: uuid, hash. */
static size_t
id_run(const char *s, size_t len)
{
	size_t n = 0, hex = 0;
	bool digit = false;

	while (n < len && (is_hex(s[n]) || (s[n] == '-' && n > 0))) {
		digit = digit || is_digit(s[n]);
		hex += s[n] != '-';
		n++;
	}
	while (n > 0 && s[n - 1] == '-')
		n--;
	if (!digit || hex < HEX_ID_MIN || (n < len && is_word(s[n])))
		return 0;
	return n;
}

/* Digits with dots or colons between them: 30000, 1.5, 10.0.0.5:5432. */
static size_t
number_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len &&
	       (is_digit(s[n]) || ((s[n] == '.' || s[n] == ':') &&
				      n + 1 < len && is_digit(s[n + 1]))))
		n++;
	return n;
}

/* 100 to 599, alone. */
static bool
is_status(const char *s, size_t run, size_t len)
{
	return run == 3 && s[0] >= '1' && s[0] <= '5' &&
	       (len == run || (!is_word(s[run]) && s[run] != '-'));
}

/* Length of out[0..n) without a character that was cut in its middle. */
static size_t
whole_chars(const char *out, size_t n)
{
	while (n > 0 && ((unsigned char)out[n - 1] & 0xc0) == 0x80)
		n--;
	if (n > 0 && (unsigned char)out[n - 1] >= 0xc0)
		n--;
	return n;
}

size_t
reason_fold(const char *text, size_t len, char *out, size_t cap)
{
	size_t n = 0, i = 0, run;

	while (i < len && n + 1 < cap && text[i] != '\n' && text[i] != '\r') {
		bool start = i == 0 || !is_word(text[i - 1]);

		run = start && is_hex(text[i]) ? id_run(text + i, len - i) : 0;
		if (run == 0 && is_digit(text[i])) {
			run = number_run(text + i, len - i);
			if (start && is_status(text + i, run, len - i) &&
			    n + run < cap && (i == 0 || text[i - 1] != '-')) {
				for (; run > 0; run--)
					out[n++] = text[i++];
				continue;
			}
		}
		if (run == 0) {
			out[n++] = text[i++];
			continue;
		}
		out[n++] = '#';
		i += run;
	}
	if (i < len && ((unsigned char)text[i] & 0xc0) == 0x80)
		n = whole_chars(out, n);
	out[n] = '\0';
	return n;
}
