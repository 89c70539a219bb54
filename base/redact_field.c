#include <string.h>

#include "base/attr.h"
#include "base/redact.h"
#include "base/redact_look.h"

enum {
	REDACT_GAP_MAX = 8,   /* blanks around ':' and '=' */
	REDACT_DIGIT_MAX = 64 /* a token without a digit so far is a word */
};

int
redact_before(const struct redact_in *in, size_t at)
{
	if (at > in->floor)
		return in->s[at - 1];
	return in->floor != 0 ? ']' : 0;
}

static int
redact_fold(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

bool
redact_is(const struct redact_in *in, size_t at, const char *word)
{
	size_t n = strlen(word);

	return at <= in->len && n <= in->len - at &&
	       memcmp(in->s + at, word, n) == 0;
}

bool
redact_is_any(const struct redact_in *in, size_t at, const char *word)
{
	size_t i = 0;

	while (word[i] != '\0' && at + i < in->len &&
	       redact_fold(in->s[at + i]) == word[i])
		i++;
	return word[i] == '\0';
}

bool
redact_ends_any(const struct redact_in *in, size_t at, const char *word)
{
	size_t n = strlen(word);

	return at >= in->floor && at - in->floor >= n &&
	       redact_is_any(in, at - n, word);
}

bool
redact_in_class(int c, enum redact_class class)
{
	bool digit = c >= '0' && c <= '9', capital = c >= 'A' && c <= 'Z';
	bool alnum = digit || capital || (c >= 'a' && c <= 'z');

	switch (class) {
	case REDACT_DIGIT:
		return digit;
	case REDACT_ALNUM:
		return alnum;
	case REDACT_CAPITAL:
		return digit || capital;
	case REDACT_TOKEN:
		return alnum || c == '-' || c == '_';
	case REDACT_BEARER:
		return alnum || (c != 0 && strchr("-._~+/=", c) != NULL);
	case REDACT_PLAIN:
		return alnum || (c > ' ' && strchr("&,;\"'<>)}\\", c) == NULL);
	case REDACT_HOST:
		return alnum || (c > ' ' && strchr("/?#\"'<>\\", c) == NULL);
	}
	return false;
}

size_t
redact_run(const struct redact_in *in, size_t from, enum redact_class class)
{
	while (from < in->len && redact_in_class(in->s[from], class))
		from++;
	return from;
}

bool
redact_has_digit(const struct redact_in *in, size_t from, size_t to)
{
	for (size_t i = from; i < to && i - from < REDACT_DIGIT_MAX; i++) {
		if (redact_in_class(in->s[i], REDACT_DIGIT))
			return true;
	}
	return false;
}

static size_t
redact_blanks(const struct redact_in *in, size_t at)
{
	size_t from = at;

	while (at < in->len && at - from < REDACT_GAP_MAX &&
	       (in->s[at] == ' ' || in->s[at] == '\t'))
		at++;
	return at;
}

/* Length of the quote at position at: " ' or, inside JSON text, \" */
static size_t
redact_quote(const struct redact_in *in, size_t at)
{
	if (at < in->len && (in->s[at] == '"' || in->s[at] == '\''))
		return 1;
	return redact_is(in, at, "\\\"") ? 2 : 0;
}

/*
 * From the end of a name to the beginning of its value; the quote before
 * it, if any, is *ret_quote bytes long. False: this is no field.
 */
static bool
redact_to_value(
    const struct redact_in *in, size_t at, size_t *ret_value, size_t *ret_quote)
{
	at += redact_quote(in, at);
	at = redact_blanks(in, at);
	if (at >= in->len || (in->s[at] != ':' && in->s[at] != '='))
		return false;
	at++;
	if (at < in->len && (in->s[at] == '=' || in->s[at] == '>'))
		at++; /* "=>", ":=", "==" */
	at = redact_blanks(in, at);
	*ret_quote = redact_quote(in, at);
	*ret_value = at + *ret_quote;
	return true;
}

/* The end of a quoted value: its quote again, or the end of the line. */
static size_t
redact_quoted_end(const struct redact_in *in, size_t value, size_t quote)
{
	const unsigned char *mark = in->s + value - quote;
	size_t at = value;

	for (; at < in->len && in->s[at] != '\n'; at++) {
		if (in->len - at >= quote &&
		    memcmp(in->s + at, mark, quote) == 0)
			break;
		if (in->s[at] == '\\' && quote == 1 && at + 1 < in->len)
			at++;
	}
	return at < in->len ? at : in->len;
}

static size_t
redact_line_end(const struct redact_in *in, size_t at)
{
	while (at < in->len && in->s[at] != '\n' && in->s[at] != '\r' &&
	       in->s[at] != '"' && in->s[at] != '\'' && in->s[at] != '\\')
		at++;
	return at;
}

/* What says that there is no secret. */
static bool
redact_is_nothing(const struct redact_in *in, size_t from, size_t to)
{
	static const char *const words[] = { "null", "nil", "none", "true",
		"false", "undefined" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (to - from == strlen(words[i]) &&
		    redact_is_any(in, from, words[i]))
			return true;
	}
	return in->s[from] == '{' ||
	       (in->s[from] == '[' && !redact_is(in, from, REDACTED));
}

bool
redact_field(
    const struct redact_in *in, size_t at, struct redact_span *ret_span)
{
	size_t value, quote, end;

	if (!redact_to_value(in, at, &value, &quote))
		return false;
	end = quote != 0 ? redact_quoted_end(in, value, quote)
			 : redact_run(in, value, REDACT_PLAIN);
	if (end == value || (quote == 0 && redact_is_nothing(in, value, end)))
		return false;
	*ret_span = (struct redact_span) { value, end };
	return true;
}

/* Authorization: [scheme] credentials (RFC 9110, section 11.6.2) */
bool
redact_header(
    const struct redact_in *in, size_t at, struct redact_span *ret_span)
{
	static const char *const one_word[] = { "bearer", "basic", "token",
		"apikey", "negotiate", "key" };
	static const char *const many_words[] = { "digest", "signature",
		"aws4-hmac-sha256", "hmac", "oauth", "scram-sha-256" };
	size_t value, quote, end;

	if (!redact_to_value(in, at, &value, &quote))
		return false;
	end = redact_run(in, value, REDACT_PLAIN);
	for (size_t i = 0; i < ARRAY_LEN(many_words); i++) {
		if (end - value == strlen(many_words[i]) &&
		    redact_is_any(in, value, many_words[i]))
			end = redact_line_end(in, end);
	}
	for (size_t i = 0; i < ARRAY_LEN(one_word); i++) {
		if (end - value != strlen(one_word[i]) ||
		    !redact_is_any(in, value, one_word[i]))
			continue;
		end = redact_run(in, redact_blanks(in, end), REDACT_PLAIN);
		break;
	}
	if (quote != 0)
		end = redact_quoted_end(in, value, quote);
	if (end == value)
		return false;
	*ret_span = (struct redact_span) { value, end };
	return true;
}

/* Cookie: name=value; name=value */
bool
redact_cookie(
    const struct redact_in *in, size_t at, struct redact_span *ret_span)
{
	size_t value, quote, end;

	if (!redact_to_value(in, at, &value, &quote))
		return false;
	end = redact_run(in, value, REDACT_PLAIN);
	if (memchr(in->s + value, '=', end - value) == NULL)
		return false;
	end = quote != 0 ? redact_quoted_end(in, value, quote)
			 : redact_line_end(in, end);
	*ret_span = (struct redact_span) { value, end };
	return true;
}
