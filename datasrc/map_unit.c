#include "datasrc/map_unit.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum {
	MAP_GROUP = 3 /* digits between two commas */
};

static bool
map_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

void
map_trim(const char **s, size_t *len)
{
	while (*len > 0 && strchr(" \t\r\n", (*s)[*len - 1]) != NULL)
		(*len)--;
	while (*len > 0 && strchr(" \t", **s) != NULL) {
		(*s)++;
		(*len)--;
	}
}

/* Whether the text is one of tail, ASCII letters in any case. */
bool
map_is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(s, word, len) == 0;
}

/* Drops word and the blanks before it from the end of s. */
static bool
map_drop_tail(const char *s, size_t *len, const char *word)
{
	size_t n = strlen(word);

	if (*len <= n || strncasecmp(s + *len - n, word, n) != 0)
		return false;
	*len -= n;
	while (*len > 0 && s[*len - 1] == ' ')
		(*len)--;
	return *len > 0;
}

/* "-" and other ways to say that there is nothing. */
bool
map_says_nothing(const char *s, size_t len)
{
	static const char *const words[] = { "", "-", "--", "n/a", "nan",
		"null", "none", "\xE2\x80\x94" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (map_is_word(s, len, words[i]))
			return true;
	return false;
}

/* "1204", "1,204", "-0.5"; finite. */
static bool
map_plain(const char *s, size_t len, double *ret)
{
	char text[NUM_TEXT_MAX];
	size_t n = 0, group = 0;
	bool grouped = false, point = false;

	if (len == 0 || len >= sizeof(text))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == ',') {
			if (point || group == 0 || group > MAP_GROUP ||
			    (grouped && group != MAP_GROUP))
				return false;
			grouped = true;
			group = 0;
			continue;
		}
		point |= s[i] == '.';
		if (!point && map_is_digit(s[i]))
			group++;
		text[n++] = s[i];
	}
	if (grouped && group != MAP_GROUP)
		return false;
	return num_parse_double(text, n, ret) && isfinite(*ret);
}

/* Spans, biggest first; each word also with an s behind. */
static const struct map_span {
	const char *word;
	double seconds;
	unsigned rank; /* equal: the same unit */
} map_spans[] = {
	{ "w", 604800, 0 },
	{ "week", 604800, 0 },
	{ "d", 86400, 1 },
	{ "day", 86400, 1 },
	{ "h", 3600, 2 },
	{ "hr", 3600, 2 },
	{ "hour", 3600, 2 },
	{ "m", 60, 3 },
	{ "min", 60, 3 },
	{ "minute", 60, 3 },
	{ "s", 1, 4 },
	{ "sec", 1, 4 },
	{ "second", 1, 4 },
	{ "ms", 1e-3, 5 },
	{ "millisecond", 1e-3, 5 },
	{ "us", 1e-6, 6 },
	{ "\xC2\xB5s", 1e-6, 6 },
	{ "ns", 1e-9, 7 },
};

static const struct map_span *
map_span_find(const char *s, size_t len)
{
	size_t bare = len > 2 && (s[len - 1] | 0x20) == 's' ? len - 1 : len;

	for (size_t i = 0; i < ARRAY_LEN(map_spans); i++) {
		const char *word = map_spans[i].word;

		/* 12M may be minutes or millions: not taken for either. */
		if (len == 1 && *s != *word)
			continue;
		if (map_is_word(s, len, word) ||
		    (bare > 2 && map_is_word(s, bare, word)))
			return &map_spans[i];
	}
	return NULL;
}

/* The unit below that of rank, for the minutes of "3h05". */
static const struct map_span *
map_span_below(unsigned rank)
{
	for (size_t i = 0; i < ARRAY_LEN(map_spans); i++)
		if (map_spans[i].rank == rank + 1)
			return &map_spans[i];
	return NULL;
}

/* "4.2s", "1h 5min", "3h05", "2 days"; units from big to small. */
static bool
map_span_read(const char *s, size_t len, double *ret_seconds)
{
	const struct map_span *span = NULL, *last = NULL;
	double total = 0, value;
	size_t at = 0;

	while (at < len) {
		size_t n = 0, letters = 0;

		while (at + n < len &&
		       (map_is_digit(s[at + n]) || s[at + n] == '.'))
			n++;
		if (!num_parse_double(s + at, n, &value))
			return false;
		at += n;
		while (at < len && s[at] == ' ')
			at++;
		while (at + letters < len && !map_is_digit(s[at + letters]) &&
		       s[at + letters] != ' ' && s[at + letters] != '.')
			letters++;
		span = letters > 0    ? map_span_find(s + at, letters)
		       : last != NULL ? map_span_below(last->rank)
				      : NULL;
		if (span == NULL || (last != NULL && span->rank <= last->rank))
			return false;
		total += value * span->seconds;
		last = span;
		at += letters;
		while (at < len && s[at] == ' ')
			at++;
	}
	*ret_seconds = total;
	return last != NULL;
}

/* "02:03", "1:02:03", "4-01:02:03" as ps writes them. */
static bool
map_clock_read(const char *s, size_t len, double *ret_seconds)
{
	double parts[4] = { 0 }, seconds;
	size_t count = 0, at = 0;
	bool days = false;

	for (;;) {
		size_t n = 0;
		uint64_t value;

		while (at + n < len && map_is_digit(s[at + n]))
			n++;
		if (count == ARRAY_LEN(parts) || n > 9 ||
		    !num_parse_u64(s + at, n, &value))
			return false;
		parts[count++] = (double)value;
		at += n;
		if (at == len)
			break;
		if (s[at] == '-' && count == 1)
			days = true;
		else if (s[at] != ':')
			return false;
		at++;
	}
	if (count < (days ? 4u : 2u) || (!days && count > 3))
		return false;
	seconds = parts[count - 1] + 60 * parts[count - 2];
	if (count >= 3)
		seconds += 3600 * parts[count - 3];
	if (days)
		seconds += 86400 * parts[0];
	*ret_seconds = seconds;
	return true;
}

/* A size whose letters can mean nothing else, unless bytes are wanted. */
static bool
map_size_read(const char *s, size_t len, bool wanted, double *ret_bytes)
{
	uint64_t bytes;

	if (len == 0 || (!wanted && (s[len - 1] | 0x20) != 'b' &&
			    (s[len - 1] | 0x20) != 'i'))
		return false;
	if (!num_parse_size(s, len, &bytes))
		return false;
	*ret_bytes = (double)bytes;
	return true;
}

/* A text that says what it is in. */
static bool
map_with_unit(const char *s, size_t len, int wanted, struct map_number *ret)
{
	double *value = &ret->value;

	if (len > 1 && *s == '$') {
		ret->unit = NUM_DOLLARS;
		return map_plain(s + 1, len - 1, value);
	}
	if (map_drop_tail(s, &len, "%")) {
		ret->unit = NUM_PERCENT;
		if (!map_plain(s, len, value))
			return false;
		*value /= 100;
		return true;
	}
	if (map_drop_tail(s, &len, "/s")) {
		ret->unit = NUM_PER_SECOND;
		if (map_plain(s, len, value))
			return true;
		ret->unit = NUM_BYTES_PER_SECOND;
		return map_size_read(s, len, true, value);
	}
	ret->unit = NUM_BYTES;
	if (map_size_read(s, len, wanted == NUM_BYTES, value))
		return true;
	ret->unit = NUM_SECONDS;
	return map_span_read(s, len, value) || map_clock_read(s, len, value);
}

bool
map_unit_read(const struct map_value *how, const char *s, size_t len,
    struct map_number *ret)
{
	map_trim(&s, &len);
	if (map_says_nothing(s, len)) {
		ret->value = NAN;
		return true;
	}
	if (map_plain(s, len, &ret->value)) {
		ret->value *= how->scale;
		return true;
	}
	return map_with_unit(s, len, how->unit, ret) &&
	       (how->unit == MAP_UNIT_NONE || how->unit == (int)ret->unit);
}
