#include "base/dotenv.h"

#include <string.h>

/* What is left of one line. */
struct dotenv_line {
	const char *at;
	const char *end;
};

static void
dotenv_skip_blanks(struct dotenv_line *line)
{
	while (line->at < line->end && (*line->at == ' ' || *line->at == '\t'))
		line->at++;
}

/* Passes over word when the line goes on with it. */
static bool
dotenv_take(struct dotenv_line *line, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(line->end - line->at) < len ||
	    memcmp(line->at, word, len) != 0)
		return false;
	line->at += len;
	return true;
}

/* Whether the line sets name; it then stands at the value. */
static bool
dotenv_sets(struct dotenv_line *line, const char *name)
{
	struct dotenv_line old;

	dotenv_skip_blanks(line);
	old = *line;
	if (dotenv_take(line, "export") && line->at < line->end &&
	    (*line->at == ' ' || *line->at == '\t'))
		dotenv_skip_blanks(line);
	else
		*line = old;
	if (!dotenv_take(line, name))
		return false;
	dotenv_skip_blanks(line);
	if (!dotenv_take(line, "="))
		return false;
	dotenv_skip_blanks(line);
	return true;
}

static char
dotenv_escape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	default:
		return c;
	}
}

/* Behind the opening quote. False: there is no closing one. */
static bool
dotenv_quoted(struct dotenv_line *line, char quote, struct buf *out)
{
	for (; line->at < line->end; line->at++) {
		if (*line->at == quote)
			return true;
		if (quote == '"' && *line->at == '\\' &&
		    line->at + 1 < line->end &&
		    strchr("nt\"\\$", line->at[1]) != NULL)
			buf_char(out, dotenv_escape(*++line->at));
		else
			buf_char(out, *line->at);
	}
	return false;
}

/* The value at which the line stands; it then stands behind it. */
static bool
dotenv_value(struct dotenv_line *line, struct buf *out)
{
	const char *p, *end = line->end;

	if (line->at < end && (*line->at == '\'' || *line->at == '"')) {
		char quote = *line->at++;

		if (!dotenv_quoted(line, quote, out))
			return false;
		line->at++;
		return true;
	}
	for (p = line->at; p < end; p++) {
		if (*p == '#' &&
		    (p == line->at || p[-1] == ' ' || p[-1] == '\t')) {
			end = p;
			break;
		}
	}
	while (end > line->at && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	p = line->at;
	line->at = end;
	return buf_add(out, p, (size_t)(end - p));
}

/*
 * Where a value ends that something else is to take the place of: behind it,
 * so that a comment stays; at the end of the line when there is anything
 * else, which would become a part of a value without quotes.
 */
static const char *
dotenv_value_end(struct dotenv_line line)
{
	const char *behind = line.at;

	dotenv_skip_blanks(&line);
	if (line.at == line.end || (*line.at == '#' && line.at > behind))
		return behind;
	return line.end;
}

bool
dotenv_find(const char *bytes, size_t len, const char *name,
    struct dotenv_place *ret_place)
{
	const char *at = bytes, *end = bytes + len, *newline;
	struct buf value = BUF_INIT(len + 1);
	struct dotenv_line line;
	bool found = false;

	/* A NUL ends no line and belongs into no variable. */
	if (len == 0 || name[0] == '\0' || memchr(bytes, '\0', len) != NULL)
		return false;
	while (at < end) {
		const char *begin = at, *start;

		newline = memchr(at, '\n', (size_t)(end - at));
		line.at = at;
		line.end = newline != NULL ? newline : end;
		at = newline != NULL ? newline + 1 : end;
		if (line.end > line.at && line.end[-1] == '\r')
			line.end--;
		if (!dotenv_sets(&line, name))
			continue;
		start = line.at;
		buf_clear(&value);
		found = dotenv_value(&line, &value) && !value.failed;
		*ret_place = (struct dotenv_place) {
			.line = (size_t)(begin - bytes),
			.value = (size_t)(start - bytes),
			.value_end = (size_t)(dotenv_value_end(line) - bytes),
			.end = (size_t)(at - bytes),
		};
	}
	buf_release(&value);
	return found;
}

bool
dotenv_quote(const char *value, struct buf *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-.,:/=@%+";

	if (strpbrk(value, "\r\n") != NULL)
		return false;
	if (value[strspn(value, plain)] == '\0')
		return buf_str(out, value);
	if (strchr(value, '\'') == NULL)
		return buf_fmt(out, "'%s'", value);
	/* A shell that reads the file would run what is between two. */
	if (strchr(value, '`') != NULL)
		return false;
	buf_char(out, '"');
	for (; *value != '\0'; value++) {
		if (strchr("\"\\$", *value) != NULL)
			buf_char(out, '\\');
		buf_char(out, *value);
	}
	return buf_char(out, '"');
}

bool
dotenv_get(const char *bytes, size_t len, const char *name, struct buf *out)
{
	const char *at = bytes, *end = bytes + len, *newline;
	struct dotenv_line line;
	bool found = false;

	buf_clear(out);
	/* A NUL ends no line and belongs into no variable. */
	if (len == 0 || name[0] == '\0' || memchr(bytes, '\0', len) != NULL)
		return false;
	while (at < end) {
		newline = memchr(at, '\n', (size_t)(end - at));
		line.at = at;
		line.end = newline != NULL ? newline : end;
		at = line.end + 1;
		if (line.end > line.at && line.end[-1] == '\r')
			line.end--;
		if (!dotenv_sets(&line, name))
			continue;
		buf_clear(out);
		found = dotenv_value(&line, out) && !out->failed;
	}
	if (!found)
		buf_clear(out);
	return found;
}
