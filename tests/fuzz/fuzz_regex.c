/*
 * The first line is a pattern, its first byte chooses the flags, the rest
 * is searched from match to match. Matches stay inside and move on, errors
 * name their place.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
search(const struct regex *regex, const uint8_t *subject, size_t len)
{
	size_t start = 0, from, to;

	for (int tries = 0; tries < 50; tries++) {
		enum regex_result result =
		    regex_match(regex, subject, len, start, &from, &to);

		if (result != REGEX_MATCH)
			break;
		check(from <= to && to <= len);
		/* \K and lookbehind may begin earlier, never end so. */
		check(to >= start || from < start);
		start = to > start ? to : start + 1;
	}
	check(regex_match(regex, subject, len, len + 1, NULL, NULL) ==
	      REGEX_NO_MATCH);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
	struct regex *regex = NULL;
	struct err err = ERR_INIT;
	enum err_code code;
	size_t len;

	if (line == NULL || line == data)
		return 0;
	len = (size_t)(line - data) - 1;
	code =
	    regex_new((const char *)data + 1, len, data[0] & 1, &regex, &err);
	if (code == ERR_OK) {
		search(regex, line + 1, size - len - 2);
	} else {
		check(code == ERR_CONFIG && regex == NULL);
		check(strncmp(err_text(&err), "the pattern is ", 15) == 0);
	}
	regex_free(regex);
	return 0;
}
