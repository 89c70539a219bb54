#include "datasrc/redis_info.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

bool
redis_word_is(struct redis_word word, const char *text)
{
	return word.at != NULL && word.len == strlen(text) &&
	       memcmp(word.at, text, word.len) == 0;
}

bool
redis_word_starts(struct redis_word word, const char *text)
{
	size_t n = strlen(text);

	return word.at != NULL && word.len >= n &&
	       memcmp(word.at, text, n) == 0;
}

static double
word_num(struct redis_word word)
{
	double v;

	if (word.at == NULL || !num_parse_double(word.at, word.len, &v) ||
	    !isfinite(v))
		return NAN;
	return v;
}

/* The next line without its end; *at moves behind it. */
static struct redis_word
line_next(const char **at, const char *end)
{
	struct redis_word line = { *at, 0 };
	const char *nl = memchr(*at, '\n', (size_t)(end - *at));

	line.len = (size_t)((nl != NULL ? nl : end) - *at);
	*at = nl != NULL ? nl + 1 : end;
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

void
redis_info_parse(struct redis_info *info, const char *text, size_t len)
{
	const char *at = text, *end = text + len;

	info->count = 0;
	info->cut = 0;
	while (at < end) {
		struct redis_word line = line_next(&at, end);
		const char *colon =
		    line.len > 0 ? memchr(line.at, ':', line.len) : NULL;
		size_t n = info->count;

		if (colon == NULL || colon == line.at || line.at[0] == '#')
			continue;
		if (n == REDIS_INFO_LINES_MAX) {
			info->cut++;
			continue;
		}
		info->lines[n].key.at = line.at;
		info->lines[n].key.len = (size_t)(colon - line.at);
		info->lines[n].value.at = colon + 1;
		info->lines[n].value.len =
		    line.len - info->lines[n].key.len - 1;
		info->count++;
	}
}

struct redis_word
redis_info_word(const struct redis_info *info, const char *key)
{
	for (size_t i = 0; i < info->count; i++)
		if (redis_word_is(info->lines[i].key, key))
			return info->lines[i].value;
	return (struct redis_word) { NULL, 0 };
}

double
redis_info_num(const struct redis_info *info, const char *key)
{
	return word_num(redis_info_word(info, key));
}

bool
redis_info_is(const struct redis_info *info, const char *key, const char *value)
{
	return redis_word_is(redis_info_word(info, key), value);
}

/* Value behind "name=" among parts split at stop; at NULL when missing. */
static struct redis_word
word_part(struct redis_word word, char stop, const char *name)
{
	const char *at = word.at;
	const char *end = at != NULL ? at + word.len : NULL;
	size_t n = strlen(name);

	while (at != NULL && at < end) {
		const char *next = memchr(at, stop, (size_t)(end - at));
		const char *part_end = next != NULL ? next : end;

		if ((size_t)(part_end - at) > n && at[n] == '=' &&
		    memcmp(at, name, n) == 0)
			return (struct redis_word) {
				at + n + 1,
				(size_t)(part_end - at) - n - 1,
			};
		at = next != NULL ? next + 1 : end;
	}
	return (struct redis_word) { NULL, 0 };
}

double
redis_word_field(struct redis_word value, const char *name)
{
	return word_num(word_part(value, ',', name));
}

bool
redis_client_next(
    const char **at, const char *end, struct redis_client *ret_client)
{
	while (*at < end) {
		struct redis_word line = line_next(at, end);

		if (line.len == 0)
			continue;
		ret_client->name = word_part(line, ' ', "name");
		ret_client->addr = word_part(line, ' ', "addr");
		ret_client->cmd = word_part(line, ' ', "cmd");
		return true;
	}
	return false;
}
