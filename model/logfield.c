#include "model/logfield.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/*
 * In clean text a backslash behind our mark begins the escape of an unclean
 * byte; it is not the writer's.
 */
static bool
is_backslash(const char *s, size_t i)
{
	return s[i] == '\\' && (i == 0 || s[i - 1] != TEXT_ESC);
}

static bool
needs_quotes(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char ch = (unsigned char)s[i];

		if (ch <= ' ' || ch == '"' || ch == '=' || ch == '\\')
			return true;
	}
	return len == 0;
}

static bool
add_word(struct buf *out, const char *s, size_t len)
{
	size_t i, from = 0;

	if (!needs_quotes(s, len))
		return buf_add(out, s, len);
	buf_char(out, '"');
	for (i = 0; i < len; i++) {
		if (s[i] != '"' && s[i] != '\\')
			continue;
		buf_add(out, s + from, i - from);
		buf_char(out, '\\');
		from = i;
	}
	buf_add(out, s + from, len - from);
	return buf_char(out, '"');
}

bool
logfield_add(struct buf *out, const char *key, size_t key_len,
    const char *value, size_t value_len)
{
	if (out->len > 0)
		buf_char(out, ' ');
	add_word(out, key, key_len);
	buf_char(out, '=');
	return add_word(out, value, value_len);
}

/* Offset of the quote that ends the string begun at from, or len. */
static size_t
quote_end(const char *s, size_t len, size_t from)
{
	size_t i;

	for (i = from + 1; i < len && s[i] != '"'; i++) {
		if (is_backslash(s, i) && i + 1 < len)
			i++;
	}
	return i;
}

/* A bare or quoted word at *pos; stops at a blank or any of stop. */
static bool
word_at(const char *s, size_t len, size_t *pos, char stop, const char **ret,
    size_t *ret_len, bool *ret_quoted)
{
	size_t from = *pos, end = from;

	*ret_quoted = end < len && s[end] == '"';
	if (*ret_quoted) {
		end = quote_end(s, len, from);
		if (end >= len)
			return false;
		*ret = s + from + 1;
		*ret_len = end - from - 1;
		*pos = end + 1;
		return *pos == len || s[*pos] == ' ' || s[*pos] == stop;
	}
	while (end < len && s[end] != ' ' && s[end] != stop && s[end] != '"')
		end++;
	*ret = s + from;
	*ret_len = end - from;
	*pos = end;
	return end == len || s[end] != '"';
}

/* A field exactly at pos. */
static bool
field_at(const char *s, size_t len, size_t pos, struct logfield *field)
{
	bool quoted_key;
	size_t at = pos;

	if (!word_at(
		s, len, &at, '=', &field->key, &field->key_len, &quoted_key) ||
	    at >= len || s[at] != '=' || (field->key_len == 0 && !quoted_key))
		return false;
	at++;
	if (!word_at(s, len, &at, ' ', &field->value, &field->value_len,
		&field->quoted))
		return false;
	field->end = at;
	return true;
}

bool
logfield_next(
    const char *s, size_t len, size_t from, struct logfield *ret_field)
{
	struct logfield field;
	size_t pos = from;

	for (;;) {
		while (pos < len && s[pos] == ' ')
			pos++;
		if (pos >= len)
			return false;
		if (field_at(s, len, pos, &field)) {
			*ret_field = field;
			return true;
		}
		while (pos < len && s[pos] != ' ')
			pos++;
	}
}

bool
logfield_value(struct buf *out, const struct logfield *field)
{
	size_t i, from = 0;

	for (i = 0; field->quoted && i + 1 < field->value_len; i++) {
		if (!is_backslash(field->value, i))
			continue;
		buf_add(out, field->value + from, i - from);
		from = ++i;
	}
	return buf_add(out, field->value + from, field->value_len - from);
}

bool
logfield_all(const char *s, size_t len, size_t min)
{
	struct logfield field;
	size_t pos = 0, count = 0;

	for (;;) {
		while (pos < len && s[pos] == ' ')
			pos++;
		if (pos >= len)
			return count >= min;
		if (!field_at(s, len, pos, &field))
			return false;
		pos = field.end;
		count++;
	}
}

bool
logfield_find(const char *s, size_t len, const char *key, size_t key_len,
    struct logfield *ret_field)
{
	struct logfield field;
	size_t pos = 0;

	while (logfield_next(s, len, pos, &field)) {
		if (field.key_len == key_len &&
		    memcmp(field.key, key, key_len) == 0) {
			*ret_field = field;
			return true;
		}
		pos = field.end;
	}
	return false;
}
