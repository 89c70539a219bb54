/* When two lines say the same. */
#include "model/limits.h"
#include "model/logview.h"

enum {
	ID_DIGITS_MIN = 2, /* that make a word an identifier */
};

/* Words that hold this many digits are identifiers: blanked as a whole. */
static bool
is_word(unsigned char ch)
{
	return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
	       (ch >= 'A' && ch <= 'Z');
}

static bool
word_is_id(const char *s, size_t len)
{
	size_t i, digits = 0;

	for (i = 0; i < len; i++) {
		if (s[i] >= '0' && s[i] <= '9')
			digits++;
	}
	return digits == len || digits >= ID_DIGITS_MIN;
}

static uint64_t
hash_bytes(uint64_t hash, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)s[i]) * UINT64_C(1099511628211);
	return hash;
}

static uint64_t
hash_text(uint64_t hash, struct text text, bool blank)
{
	const char *s = text.s;
	size_t len = text.len < LOGVIEW_KEY_MAX ? text.len : LOGVIEW_KEY_MAX;
	size_t i = 0, from;

	while (i < len) {
		from = i;
		if (!is_word((unsigned char)s[i])) {
			hash = hash_bytes(hash, s + i++, 1);
			continue;
		}
		while (i < len && is_word((unsigned char)s[i]))
			i++;
		if (blank && word_is_id(s + from, i - from))
			hash = hash_bytes(hash, "#", 1);
		else
			hash = hash_bytes(hash, s + from, i - from);
	}
	return hash_bytes(hash, "", 1);
}

uint64_t
logview_key(const struct log_line *line)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	bool blank = line->level >= LOG_LEVEL_WARN;

	hash = hash_bytes(hash, (const char *)&line->level, 1);
	hash =
	    hash_bytes(hash, (const char *)&line->source, sizeof(line->source));
	hash = hash_text(hash, line->text, blank);
	return hash_text(hash, line->fields, blank);
}
