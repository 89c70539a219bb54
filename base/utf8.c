#include "base/utf8.h"

#include <string.h>

/* Bytes of the character that begins so; 0 when none does. */
static size_t
utf8_need(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

/*
 * The second byte alone decides about overlong forms, surrogates and the
 * upper end (RFC 3629, section 4); all later ones are 80 to BF.
 */
static int
utf8_second_fits(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return second >= 0x80 && second <= 0xbf;
	}
}

size_t
utf8_decode(const void *s, size_t len, uint32_t *ret_cp)
{
	const unsigned char *p = s;
	size_t need;
	uint32_t cp;

	if (len == 0)
		return 0;
	need = utf8_need(p[0]);
	if (need == 0 || need > len)
		return 0;
	if (need == 1) {
		*ret_cp = p[0];
		return 1;
	}
	if (!utf8_second_fits(p[0], p[1]))
		return 0;
	cp = p[0] & (0x7fU >> need);
	for (size_t i = 1; i < need; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (p[i] & 0x3fU);
	}
	*ret_cp = cp;
	return need;
}

bool
utf8_is_valid(const void *s, size_t len)
{
	const char *at = s;
	uint32_t cp;

	while (len > 0) {
		size_t one = utf8_decode(at, len, &cp);

		if (one == 0)
			return false;
		at += one;
		len -= one;
	}
	return true;
}

void
utf8_mend(char *s)
{
	size_t left = strlen(s);
	uint32_t cp;

	while (left > 0) {
		size_t n = utf8_decode(s, left, &cp);

		if (n == 0) {
			*s = '?';
			n = 1;
		}
		s += n;
		left -= n;
	}
}

size_t
utf8_encode(uint32_t cp, char out[UTF8_MAX])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp >= 0xd800 && cp <= 0xdfff)
		return 0;
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	if (cp > 0x10ffff)
		return 0;
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}
