#include "panels/pattern.h"

#include <string.h>

#include "base/regex.h"

void
pattern_release(struct pattern *pattern)
{
	for (size_t i = 0; i < pattern->count; i++)
		regex_free(pattern->words[i].regex);
	memset(pattern, 0, sizeof(*pattern));
}

/* Length of the next word; /.../ may hold spaces. */
static size_t
word_len(const char *s)
{
	size_t at = s[0] == '!' ? 1 : 0;

	if (s[at] == '/') {
		const char *end = strchr(s + at + 1, '/');

		if (end != NULL)
			return (size_t)(end - s) + 1;
	}
	return strcspn(s, " ");
}

static const char *
pattern_add(struct pattern *pattern, char *s, size_t len)
{
	struct pattern_word *word = &pattern->words[pattern->count];
	struct err err = ERR_INIT;

	if (pattern->count == PATTERN_WORDS_MAX)
		return "too many words";
	word->exclude = s[0] == '!';
	s += word->exclude;
	len -= word->exclude;
	if (len == 0)
		return NULL;
	word->text = (struct text) { s, (uint32_t)len, (uint32_t)len };
	if (len > 2 && s[0] == '/' && s[len - 1] == '/' &&
	    regex_new(s + 1, len - 2, REGEX_ICASE, &word->regex, &err) !=
		ERR_OK)
		return "not a regular expression";
	pattern->count++;
	return NULL;
}

const char *
pattern_set(struct pattern *pattern, const char *bytes)
{
	const char *wrong = NULL;
	char *at = pattern->bytes;

	if (strlen(bytes) >= sizeof(pattern->bytes))
		return "too long";
	/* Words point into the pattern's own bytes, so it is filled in place.
	 */
	pattern_release(pattern);
	memcpy(pattern->bytes, bytes, strlen(bytes) + 1);
	while (*at != '\0' && wrong == NULL) {
		size_t len = word_len(at);

		if (len > 0)
			wrong = pattern_add(pattern, at, len);
		at += len;
		at += strspn(at, " ");
	}
	if (wrong != NULL)
		pattern_release(pattern);
	return wrong;
}

bool
pattern_match(const struct pattern *pattern, struct text text, bool *ret_costly)
{
	for (size_t i = 0; i < pattern->count; i++) {
		const struct pattern_word *word = &pattern->words[i];
		bool hit;

		if (word->regex == NULL) {
			hit = text_find(text, 0, word->text, NULL) >= 0;
		} else {
			enum regex_result result = regex_match(
			    word->regex, text.s, text.len, 0, NULL, NULL);

			if (result == REGEX_TOO_COSTLY)
				*ret_costly = true;
			hit = result == REGEX_MATCH;
		}
		if (hit == word->exclude)
			return false;
	}
	return true;
}
