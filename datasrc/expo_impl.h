/*
 * What the two halves of the exposition parser share: expo.c reads sample
 * lines, expo_meta.c comment lines and remembers the families' types.
 * Private to them. All functions that return a position return NULL after
 * expo_bad().
 */
#ifndef SEV_DATASRC_EXPO_IMPL_H
#define SEV_DATASRC_EXPO_IMPL_H

#include "datasrc/expo.h"

/* Classes of bytes, so that a run is one table look-up a byte. */
enum {
	EXPO_IS_LABEL = 1,     /* a-z A-Z 0-9 _ */
	EXPO_IS_NAME = 2,      /* the same and : */
	EXPO_IS_DIGIT = 4,     /* 0-9 */
	EXPO_IS_BLANK = 8,     /* space, tab */
	EXPO_ENDS_STRING = 16, /* " \ line feed NUL and bytes from 0x80 */
	EXPO_ENDS_WORD = 32,   /* space, tab, line feed, NUL */
};
extern const uint8_t expo_class[256];

static inline bool
expo_is(char c, unsigned class)
{
	return (expo_class[(uint8_t)c] & class) != 0;
}

static inline const char *
expo_blanks(const char *p)
{
	while (expo_is(*p, EXPO_IS_BLANK))
		p++;
	return p;
}

/* Reports "line N: " and what was wanted, got what is at p; returns NULL. */
const char *expo_bad(struct expo *expo, const char *p, const char *wanted);

/* The same for a whole sentence; code for limits. */
const char *expo_fail(struct expo *expo, enum err_code code, const char *fmt,
    ...) ATTR_PRINTF(3, 4);

/* The end of a string that began before p: the place of its quote. */
const char *expo_string(struct expo *expo, const char *p, const char *what);

/* Reads a comment line from its "#" and returns the place behind it. */
const char *expo_comment(struct expo *expo, const char *p);

/* Type and part for the name of a sample. */
void expo_classify(struct expo *expo, const char *name, size_t len);

/* Forgets all families but keeps their memory. */
void expo_forget(struct expo *expo);

#endif
