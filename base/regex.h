/*
 * Regular expressions typed by users, over PCRE2: Perl syntax, with limits
 * on the pattern and on the work of one match, so that a bad pattern costs
 * a message and not the screen. "Too costly" is an answer of its own; it
 * never reads as "no match". The subject may hold invalid UTF-8.
 * thread: any; a struct regex is immutable and may be shared.
 */
#ifndef SEV_BASE_REGEX_H
#define SEV_BASE_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct regex;

enum {
	REGEX_ICASE = 1
};

enum regex_result {
	REGEX_NO_MATCH,
	REGEX_MATCH,
	REGEX_TOO_COSTLY /* a limit or memory ended the search */
};

/*
 * Compiles len bytes into *ret_regex (returned, free with regex_free()).
 * ERR_CONFIG names the place in the pattern, counted in bytes from 1.
 */
enum err_code regex_new(const char *pattern, size_t len, int flags,
    struct regex **ret_regex, struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct regex *regex_free(struct regex *regex);

/*
 * Searches from byte start on. On a match [*ret_from, *ret_to) is what
 * matched (NULL where not wanted; may be empty).
 */
enum regex_result regex_match(const struct regex *regex, const void *subject,
    size_t len, size_t start, size_t *ret_from, size_t *ret_to);

/* A group with a name: (?<name>...). The name belongs to the regex. */
struct regex_group {
	const char *name;
	size_t number;
};

/* Named groups in the order of their numbers, at most max; returns how many. */
size_t regex_groups(
    const struct regex *regex, struct regex_group *out, size_t max);

/* Where a group matched; from is SIZE_MAX where it took no part. */
struct regex_span {
	size_t from;
	size_t to;
};

/* As regex_match() from the start, with the spans of groups 0 to count - 1. */
enum regex_result regex_capture(const struct regex *regex, const void *subject,
    size_t len, struct regex_span *out, size_t count);

#endif
