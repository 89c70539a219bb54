/*
 * What was typed after / or f: words that must match, all of them; "!word"
 * must not; "/re/" is a regular expression. Letters without case.
 * thread: UI.
 */
#ifndef SEV_PANELS_PATTERN_H
#define SEV_PANELS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum {
	PATTERN_MAX = 256,
	PATTERN_WORDS_MAX = 8
};

struct regex;

struct pattern {
	char bytes[PATTERN_MAX]; /* as typed; "" matches everything */
	struct pattern_word {
		struct text text;    /* borrowed from bytes */
		struct regex *regex; /* NULL: text is searched for */
		bool exclude;
	} words[PATTERN_WORDS_MAX];
	size_t count;
};

/*
 * Replaces what was there. Returns NULL, or in words what is wrong; the
 * pattern is then empty.
 */
const char *pattern_set(struct pattern *pattern, const char *bytes);
void pattern_release(struct pattern *pattern);

/* A too costly expression matches nothing and sets *ret_costly. */
bool pattern_match(
    const struct pattern *pattern, struct text text, bool *ret_costly);

#endif
