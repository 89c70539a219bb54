#include "model/logparse.h"

#include <string.h>

#include "base/limits.h"
#include "model/logparse_parts.h"

void
logparse_init(
    struct logparse *p, enum logparse_format format, enum logtime_zone zone)
{
	*p = (struct logparse) { .format = format, .zone = zone };
	buf_init(&p->message, LOGPARSE_BUF_MAX);
	buf_init(&p->fields, LOGPARSE_BUF_MAX);
	buf_init(&p->stack, LOGPARSE_BUF_MAX);
}

void
logparse_release(struct logparse *p)
{
	buf_release(&p->message);
	buf_release(&p->fields);
	buf_release(&p->stack);
}

void
logparse_reset(struct logparse *p)
{
	p->has_head = false;
	p->in_traceback = false;
}

static bool
starts_with(const char *s, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && memcmp(s, word, n) == 0;
}

/*
 * Whether a line that has neither time nor level of its own goes on with
 * the one before. Only signs that no logger uses for a new record count.
 */
static bool
goes_on(struct logparse *p, const char *line, size_t len)
{
	bool indented = len > 0 && (line[0] == ' ' || line[0] == '\t');

	if (!p->has_head)
		return false;
	if (starts_with(line, len, "Traceback (most recent call last):")) {
		p->in_traceback = true;
		return true;
	}
	/* "ValueError: ..." ends a traceback. */
	if (p->in_traceback && !indented && len > 0) {
		p->in_traceback = false;
		return true;
	}
	return indented || starts_with(line, len, "Caused by: ") ||
	       starts_with(line, len, "... ");
}

static void
line_plain(struct logparse *p, const char *line, size_t len, int64_t near_ms,
    struct logparse_line *out)
{
	logparse_prefix(p, line, len, near_ms, out);
	if (out->has_time || out->level != LOG_LEVEL_NONE)
		return;
	if (goes_on(p, line, len)) {
		out->flags |= LOG_CONT;
		out->level = p->head_level;
		out->has_time = p->head_has_time;
		out->wall_ms = p->head_wall_ms;
		out->flags |= p->head_flags & LOG_NO_ZONE;
	}
}

static bool
line_logfmt(struct logparse *p, const char *line, size_t len, int64_t near_ms,
    struct logparse_line *out)
{
	/* Most lines are none: look at the first word before the rest. */
	const char *eq = memchr(line, '=', len < 64 ? len : 64);
	const char *blank = memchr(line, ' ', len < 64 ? len : 64);

	if (eq == NULL || (blank != NULL && blank < eq) || eq == line)
		return false;
	return logparse_logfmt(p, line, len, near_ms, out);
}

static bool
line_json(struct logparse *p, const char *line, size_t len, int64_t near_ms,
    struct logparse_line *out)
{
	size_t from = 0, end = len;

	while (from < end && line[from] == ' ')
		from++;
	while (end > from && line[end - 1] == ' ')
		end--;
	if (end - from < 2 || line[from] != '{' || line[end - 1] != '}')
		return false;
	return logparse_json(p, line + from, end - from, near_ms, out);
}

static void
line_remember(struct logparse *p, const struct logparse_line *out)
{
	if ((out->flags & LOG_CONT) != 0)
		return;
	p->has_head = true;
	p->in_traceback = starts_with(
	    out->msg, out->msg_len, "Traceback (most recent call last):");
	p->head_level = out->level;
	p->head_has_time = out->has_time;
	p->head_wall_ms = out->wall_ms;
	p->head_flags = out->flags;
}

void
logparse_line(struct logparse *p, const char *line, size_t len, int64_t near_ms,
    struct logparse_line *ret)
{
	const struct logparse_line plain = {
		.msg = line,
		.msg_len = len,
		.fields = "",
		.stack = "",
		.wall_ms = near_ms,
	};

	buf_clear(&p->message);
	buf_clear(&p->fields);
	buf_clear(&p->stack);
	*ret = plain;
	if (p->format == LOGPARSE_PLAIN)
		return;
	if (!line_json(p, line, len, near_ms, ret)) {
		*ret = plain;
		if (p->format == LOGPARSE_JSON)
			return;
		if (!line_logfmt(p, line, len, near_ms, ret)) {
			*ret = plain;
			line_plain(p, line, len, near_ms, ret);
		}
	}
	if (p->message.failed || p->fields.failed || p->stack.failed)
		*ret = plain;
	line_remember(p, ret);
}
