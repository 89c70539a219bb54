/* Time and level at the start of lines that are no structure. */
#include <string.h>

#include "model/logfield.h"
#include "model/logparse_parts.h"

enum {
	LEVEL_SEARCH = 96, /* a level word further in is part of the text */
	CLF_SEARCH = 160,  /* address, identity and user before the time */
	HTTP_ERROR_FROM = '5',
};

/* What is left of the line while its start is taken off. */
struct rest {
	const char *s;
	size_t len;
};

static void
rest_skip(struct rest *rest, size_t n)
{
	rest->s += n;
	rest->len -= n;
}

static void
rest_blanks(struct rest *rest)
{
	while (rest->len > 0 && (rest->s[0] == ' ' || rest->s[0] == '\t'))
		rest_skip(rest, 1);
}

static bool
rest_starts(const struct rest *rest, const char *word)
{
	size_t n = strlen(word);

	return rest->len >= n && memcmp(rest->s, word, n) == 0;
}

static bool
is_upper(char ch)
{
	return ch >= 'A' && ch <= 'Z';
}

static bool
is_letter(char ch)
{
	return is_upper(ch) || (ch >= 'a' && ch <= 'z');
}

static bool
is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static void
set_time(const struct logtime *t, struct logparse_line *out)
{
	out->wall_ms = t->wall_ms;
	out->has_time = true;
	if (!t->has_zone)
		out->flags |= LOG_NO_ZONE;
}

/* <165>1 of RFC 5424, <34> of RFC 3164: facility * 8 + severity. */
static void
take_priority(struct rest *rest, struct logparse_line *out)
{
	char severity;
	size_t i = 1;
	int n = 0;

	if (rest->len < 3 || rest->s[0] != '<')
		return;
	for (; i < rest->len && i < 4 && is_digit(rest->s[i]); i++)
		n = n * 10 + (rest->s[i] - '0');
	if (i == 1 || i >= rest->len || rest->s[i] != '>' || n > 191)
		return;
	severity = (char)('0' + n % 8);
	out->level = log_level_parse(&severity, 1);
	rest_skip(rest, i + 1);
	if (rest_starts(rest, "1 "))
		rest_skip(rest, 2);
}

/* A time in brackets or bare; rest moves behind it. */
static bool
take_time(struct logparse *p, struct rest *rest, int64_t near_ms,
    struct logparse_line *out)
{
	struct rest at = *rest;
	struct logtime t;
	bool bracket = at.len > 0 && at.s[0] == '[';

	if (bracket)
		rest_skip(&at, 1);
	if (at.len < 10 || !logtime_parse(at.s, at.len, near_ms, p->zone, &t))
		return false;
	rest_skip(&at, t.len);
	if (bracket) {
		if (at.len == 0 || at.s[0] != ']')
			return false;
		rest_skip(&at, 1);
	} else if (at.len > 0 && is_digit(at.s[0])) {
		return false;
	}
	set_time(&t, out);
	*rest = at;
	return true;
}

/* The opening bracket of a level; what closes it, or NUL without one. */
static char
take_bracket(struct rest *rest)
{
	char open = rest->len > 0 ? rest->s[0] : '\0';

	if (open != '[' && open != '(')
		return '\0';
	rest_skip(rest, 1);
	rest_blanks(rest);
	return open == '[' ? ']' : ')';
}

/*
 * A level directly at the start: any case in brackets ("[error]"), upper
 * case or with a colon behind it when bare ("ERROR", "warn:").
 */
static bool
take_level(struct rest *rest, struct logparse_line *out)
{
	struct rest at = *rest;
	char close = take_bracket(&at);
	enum log_level level;
	size_t n;

	for (n = 0; n < at.len && is_letter(at.s[n]); n++)
		;
	if (n < 3 && close == '\0')
		return false;
	level = log_level_parse(at.s, n);
	if (level == LOG_LEVEL_NONE)
		return false;
	if (close == '\0' && !is_upper(at.s[n - 1]) &&
	    !(n < at.len && at.s[n] == ':'))
		return false;
	rest_skip(&at, n);
	if (close != '\0') {
		rest_blanks(&at);
		if (at.len == 0 || at.s[0] != close)
			return false;
		rest_skip(&at, 1);
	}
	if (at.len > 0 && at.s[0] == ':')
		rest_skip(&at, 1);
	if (at.len > 0 && at.s[0] != ' ' && at.s[0] != '\t')
		return false;
	out->level = level;
	*rest = at;
	return true;
}

/* An upper-case level word between others, or level=...; text stays. */
static enum log_level
find_level(const char *s, size_t len)
{
	struct logfield field;
	size_t i = 0, end = len < LEVEL_SEARCH ? len : LEVEL_SEARCH, from;
	enum log_level level;

	while (i < end) {
		if (!is_upper(s[i])) {
			i++;
			continue;
		}
		from = i;
		while (i < len && (is_letter(s[i]) || is_digit(s[i]) ||
				      s[i] == '_' || s[i] == '-'))
			i++;
		if (i - from < 3 || !is_upper(s[i - 1]) ||
		    (from > 0 &&
			(is_letter(s[from - 1]) || s[from - 1] == '_')))
			continue;
		level = log_level_parse(s + from, i - from);
		if (level != LOG_LEVEL_NONE)
			return level;
	}
	if (memchr(s, '=', len) != NULL &&
	    logfield_find(s, len, "level", 5, &field))
		return log_level_parse(field.value, field.value_len);
	return LOG_LEVEL_NONE;
}

/*
 * host - user [22/Nov/2026:14:02:29 +0000] "GET / HTTP/1.1" 500 ...: the
 * text stays whole, as every part of it is of use.
 */
static bool
access_log(struct logparse *p, const char *s, size_t len, int64_t near_ms,
    struct logparse_line *out)
{
	const char *open = memchr(s, '[', len < CLF_SEARCH ? len : CLF_SEARCH);
	const char *end = s + len, *quote;
	struct logtime t;

	if (open == NULL || open == s || end - open < 28 || open[3] != '/' ||
	    !logtime_parse(
		open + 1, (size_t)(end - open) - 1, near_ms, p->zone, &t) ||
	    (size_t)(end - open) < t.len + 4 || open[t.len + 1] != ']' ||
	    open[t.len + 3] != '"')
		return false;
	set_time(&t, out);
	open += t.len + 4;
	for (quote = open; quote < end && *quote != '"'; quote++) {
		if (*quote == '\\')
			quote++;
	}
	if (end - quote >= 5 && quote[1] == ' ' && is_digit(quote[2]) &&
	    is_digit(quote[3]) && is_digit(quote[4]) &&
	    quote[2] >= HTTP_ERROR_FROM)
		out->level = LOG_LEVEL_ERROR;
	return true;
}

/* 4711:M 22 Nov 2026 14:02:29.114 * Ready: the sign is the level. */
static bool
redis_line(struct logparse *p, const char *s, size_t len, int64_t near_ms,
    struct logparse_line *out)
{
	struct rest rest = { s, len };
	size_t n = 0;

	while (n < len && is_digit(s[n]))
		n++;
	if (n == 0 || len - n < 4 || s[n] != ':' || !is_upper(s[n + 1]) ||
	    s[n + 2] != ' ')
		return false;
	rest_skip(&rest, n + 3);
	if (!take_time(p, &rest, near_ms, out))
		return false;
	rest_blanks(&rest);
	if (rest.len > 2 && rest.s[1] == ' ') {
		out->level = rest.s[0] == '#'	? LOG_LEVEL_WARN
			     : rest.s[0] == '*' ? LOG_LEVEL_INFO
			     : rest.s[0] == '-' || rest.s[0] == '.'
				 ? LOG_LEVEL_DEBUG
				 : LOG_LEVEL_NONE;
		rest_skip(&rest, 2);
	}
	out->msg = rest.s;
	out->msg_len = rest.len;
	return true;
}

/* [Nest] 4711  - 11/22/2026, 2:02:29 PM     LOG [Context] text */
static bool
nest_line(struct logparse *p, const char *s, size_t len, int64_t near_ms,
    struct logparse_line *out)
{
	struct rest rest = { s, len };

	if (!rest_starts(&rest, "[Nest] "))
		return false;
	rest_skip(&rest, 7);
	while (rest.len > 0 && is_digit(rest.s[0]))
		rest_skip(&rest, 1);
	rest_blanks(&rest);
	if (rest.len < 2 || rest.s[0] != '-')
		return false;
	rest_skip(&rest, 1);
	rest_blanks(&rest);
	if (!take_time(p, &rest, near_ms, out))
		return false;
	rest_blanks(&rest);
	if (take_level(&rest, out))
		rest_blanks(&rest);
	out->msg = rest.s;
	out->msg_len = rest.len;
	return true;
}

/* E1122 14:02:29.123456 4711 file.go:12] text: the level of glog, klog. */
static bool
klog_line(const char *s, size_t len, struct logparse_line *out)
{
	size_t i;

	if (len < 15 || strchr("IWEF", s[0]) == NULL || s[5] != ' ' ||
	    s[8] != ':' || s[11] != ':' || s[14] != '.')
		return false;
	for (i = 1; i < 5; i++) {
		if (!is_digit(s[i]))
			return false;
	}
	out->level = log_level_parse(s, 1);
	return true;
}

/* What follows the time of a container runtime: the program's own line. */
static bool
container_rest(struct logparse *p, struct rest rest, int64_t near_ms,
    struct logparse_line *out)
{
	struct logparse_line inner = *out;

	if (!rest_starts(&rest, "stdout F ") &&
	    !rest_starts(&rest, "stderr F "))
		return false;
	rest_skip(&rest, 9);
	inner.msg = rest.s;
	inner.msg_len = rest.len;
	if (rest.len > 1 && rest.s[0] == '{' &&
	    logparse_json(p, rest.s, rest.len, near_ms, &inner)) {
		*out = inner;
	} else {
		out->level = find_level(rest.s, rest.len);
		out->msg = rest.s;
		out->msg_len = rest.len;
	}
	return true;
}

void
logparse_prefix(struct logparse *p, const char *s, size_t len, int64_t near_ms,
    struct logparse_line *out)
{
	struct rest rest = { s, len };

	if (len == 0 || nest_line(p, s, len, near_ms, out) ||
	    redis_line(p, s, len, near_ms, out) || klog_line(s, len, out))
		return;
	if (s[0] == ' ' || s[0] == '\t')
		return; /* goes on, or is a text that likes its indent */
	take_priority(&rest, out);
	if (take_time(p, &rest, near_ms, out)) {
		rest_blanks(&rest);
		if (container_rest(p, rest, near_ms, out))
			return;
	} else if (access_log(p, s, len, near_ms, out)) {
		return;
	}
	if (take_level(&rest, out)) {
		rest_blanks(&rest);
		/* "ERROR - text" */
		if (rest.len > 2 && rest.s[0] == '-' && rest.s[1] == ' ')
			rest_skip(&rest, 2);
	} else if (out->level == LOG_LEVEL_NONE) {
		out->level = find_level(rest.s, rest.len);
	}
	if (rest.len == 0)
		return; /* nothing but a time and a level: show it as it is */
	out->msg = rest.s;
	out->msg_len = rest.len;
}
