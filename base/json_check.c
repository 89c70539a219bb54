#include "base/json_check.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

enum {
	ESCAPE_LEN = 6 /* \uXXXX */
};

static enum err_code
json_bad(const struct json_check *check, struct err *err, const char *what)
{
	return err_set(err, ERR_BADDATA, "json", "not JSON: %s at byte %zu",
	    what, check->at + 1);
}

static enum err_code
json_cut(const struct json_check *check, struct err *err)
{
	return err_set(err, ERR_BADDATA, "json",
	    "cut off: the JSON does not end within its %zu bytes", check->len);
}

static bool
json_is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static void
json_skip_digits(struct json_check *check)
{
	while (check->at < check->len && json_is_digit(check->s[check->at]))
		check->at++;
}

/* True, and past it, when the next byte is one of set. */
static bool
json_accept(struct json_check *check, const char *set)
{
	if (check->at == check->len || check->s[check->at] == '\0' ||
	    strchr(set, check->s[check->at]) == NULL)
		return false;
	check->at++;
	return true;
}

static enum err_code
json_check_number(struct json_check *check, struct err *err)
{
	size_t from = check->at, digits;

	json_accept(check, "-");
	digits = check->at;
	if (!json_accept(check, "0"))
		json_skip_digits(check);
	else if (check->at < check->len && json_is_digit(check->s[check->at]))
		return json_bad(check, err, "a number with a leading zero");
	if (check->at == digits)
		return json_bad(check, err, "a sign without a number");
	if (json_accept(check, ".")) {
		digits = check->at;
		json_skip_digits(check);
		if (check->at == digits)
			return json_bad(check, err, "a point without digits");
	}
	if (json_accept(check, "eE")) {
		json_accept(check, "+-");
		digits = check->at;
		json_skip_digits(check);
		if (check->at == digits)
			return json_bad(
			    check, err, "an exponent without digits");
	}
	if (check->at - from > JSON_NUMBER_MAX)
		return json_bad(check, err, "an endless number");
	return ERR_OK;
}

static enum err_code
json_check_word(struct json_check *check, struct err *err)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);

		if (check->len - check->at < n) {
			n = check->len - check->at;
			if (memcmp(check->s + check->at, words[i], n) == 0)
				return json_cut(check, err);
		} else if (memcmp(check->s + check->at, words[i], n) == 0) {
			check->at += n;
			return ERR_OK;
		}
	}
	return json_bad(check, err, "an unknown word");
}

/* Code unit of the \uXXXX at s, or -1. */
static int32_t
json_unit(const unsigned char *s, size_t len)
{
	int32_t unit = 0;

	if (len < ESCAPE_LEN || s[0] != '\\' || s[1] != 'u')
		return -1;
	for (size_t i = 2; i < ESCAPE_LEN; i++) {
		static const char hex[] = "0123456789abcdef";
		const char *at = s[i] != '\0' ? strchr(hex, s[i] | 0x20) : NULL;

		if (at == NULL)
			return -1;
		unit = unit * 16 + (int32_t)(at - hex);
	}
	return unit;
}

/* Length of the escape at s; *ret_hole when its characters can't be. */
static size_t
json_escape_len(const unsigned char *s, size_t len, bool *ret_hole)
{
	int32_t unit = json_unit(s, len), low;

	*ret_hole = false;
	if (unit < 0)
		return len >= 2 && s[1] != '\0' &&
			       strchr("\"\\/bfnrt", s[1]) != NULL
			   ? 2
			   : 0;
	if (unit >= 0xD800 && unit <= 0xDBFF) {
		low = json_unit(s + ESCAPE_LEN, len - ESCAPE_LEN);
		if (low >= 0xDC00 && low <= 0xDFFF)
			return 2 * ESCAPE_LEN;
		*ret_hole = true;
	}
	if (unit == 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
		*ret_hole = true;
	return ESCAPE_LEN;
}

static enum err_code
json_check_string(struct json_check *check, struct err *err)
{
	check->at++;
	while (check->at < check->len) {
		const unsigned char *s = check->s + check->at;
		size_t left = check->len - check->at, n = 1;
		uint32_t cp;
		bool hole;

		if (*s == '"') {
			check->at++;
			return ERR_OK;
		}
		if (*s < 0x20)
			return json_bad(
			    check, err, "a control byte in a string");
		if (*s == '\\') {
			n = json_escape_len(s, left, &hole);
			if (n == 0 &&
			    (left < 2 || (s[1] == 'u' && left < ESCAPE_LEN)))
				return json_cut(check, err);
			if (n == 0)
				return json_bad(check, err, "a wrong escape");
			check->holes += hole;
		} else if (*s >= 0x80) {
			n = utf8_decode(s, left, &cp);
			if (n == 0)
				return json_bad(
				    check, err, "a byte that is no UTF-8");
		}
		check->at += n;
	}
	return json_cut(check, err);
}

/* Brackets and commas: cJSON checks that they match, here they are counted. */
static enum err_code
json_check_mark(struct json_check *check, struct err *err)
{
	unsigned char c = check->s[check->at];

	if ((c == '[' || c == '{') && ++check->depth > JSON_DEPTH_MAX)
		return err_set(err, ERR_TOOBIG, "json",
		    "JSON nested deeper than %d levels", JSON_DEPTH_MAX);
	if ((c == ']' || c == '}') && check->depth-- == 0)
		return json_bad(
		    check, err, "a closing bracket without an opening one");
	if (c != ':' && ++check->values > JSON_VALUES_MAX)
		return err_set(err, ERR_TOOBIG, "json",
		    "JSON with more than %d values", JSON_VALUES_MAX);
	check->at++;
	return ERR_OK;
}

enum err_code
json_check(struct json_check *check, struct err *err)
{
	enum err_code code = ERR_OK;

	check->at = check->depth = check->values = check->holes = 0;
	while (code == ERR_OK && check->at < check->len) {
		unsigned char c = check->s[check->at];

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
			check->at++;
		else if (c == '"')
			code = json_check_string(check, err);
		else if (c == '-' || json_is_digit(c))
			code = json_check_number(check, err);
		else if (c != '\0' && strchr("[]{},:", c) != NULL)
			code = json_check_mark(check, err);
		else
			code = json_check_word(check, err);
	}
	if (code == ERR_OK && check->depth > 0)
		code = json_cut(check, err);
	return code;
}

void
json_check_fill(char *copy, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t n;
		bool hole;

		if (copy[at] != '\\') {
			at++;
			continue;
		}
		n = json_escape_len(
		    (unsigned char *)copy + at, len - at, &hole);
		if (hole)
			memcpy(copy + at, "\\ufffd", ESCAPE_LEN);
		at += n != 0 ? n : 1;
	}
}
