/*
 * UTF-8 as RFC 3629 defines it, strict: no overlong forms, no surrogates,
 * nothing above U+10FFFF. No locale and no state between calls, so that a
 * sequence cut at the end of one string never joins the next one.
 * thread: any.
 */
#ifndef SEV_BASE_UTF8_H
#define SEV_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	UTF8_MAX = 4 /* bytes of the longest character */
};

/*
 * Length of the character at s (1 to 4), its code point in *ret_cp.
 * 0 when no valid character starts there or len is 0: the first byte is
 * then to be treated alone, and the next one tried.
 */
size_t utf8_decode(const void *s, size_t len, uint32_t *ret_cp);

/* Whether all len bytes are such characters. */
bool utf8_is_valid(const void *s, size_t len);

/*
 * Puts a question mark in place of every byte that belongs to no character,
 * such as what is left of one where a message was cut. Ends at a NUL.
 */
void utf8_mend(char *s);

/* Writes cp into out and returns its length; 0 for no character. */
size_t utf8_encode(uint32_t cp, char out[UTF8_MAX]);

#endif
