#include "model/logparse.h"

#include <string.h>

#include "model/limits.h"
#include "model/logfield.h"
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

/* A line of one program, whatever it is like. */
static void
line_any(struct logparse *p, const char *line, size_t len, int64_t near_ms,
    struct logparse_line *ret)
{
	const struct logparse_line plain = *ret;

	if (line_json(p, line, len, near_ms, ret))
		return;
	*ret = plain;
	if (p->format == LOGPARSE_JSON ||
	    line_logfmt(p, line, len, near_ms, ret))
		return;
	*ret = plain;
	line_plain(p, line, len, near_ms, ret);
}

/*
 * Bytes of the "NAME  | " with which docker compose says whose line it is;
 * 0: there is none. *ret_name is the length of the name.
 */
static size_t
service_prefix(const char *line, size_t len, size_t *ret_name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t name = 0, at;

	while (name < len && line[name] != '\0' &&
	       strchr(letters, line[name]) != NULL)
		name++;
	for (at = name; at < len && line[at] == ' '; at++)
		;
	if (name == 0 || name >= LOGPARSE_SERVICE_MAX || at < name + 2 ||
	    at == len || line[at] != '|')
		return 0;
	*ret_name = name;
	at++;
	return at < len && line[at] == ' ' ? at + 1 : at;
}

/* The line of one service among others, with a time before it or not. */
static void
line_service(struct logparse *p, const char *line, size_t len, size_t prefix,
    size_t name, int64_t near_ms, struct logparse_line *ret)
{
	struct logtime time = { .len = 0 };
	const char *rest = line + prefix;
	size_t rest_len = len - prefix;

	/* What goes on does so with a line of its own service. */
	if (strlen(p->service) != name || memcmp(p->service, line, name) != 0)
		logparse_reset(p);
	memcpy(p->service, line, name);
	p->service[name] = '\0';
	if (logtime_parse(rest, rest_len, near_ms, p->zone, &time) &&
	    time.len < rest_len && rest[time.len] == ' ' && time.has_zone) {
		rest += time.len + 1;
		rest_len -= time.len + 1;
	} else {
		time.len = 0;
	}
	ret->msg = rest;
	ret->msg_len = rest_len;
	line_any(p, rest, rest_len, near_ms, ret);
	/* The time of the container, unless the program has one itself. */
	if (time.len > 0 &&
	    (!ret->has_time || (ret->flags & LOG_NO_ZONE) != 0)) {
		ret->has_time = true;
		ret->wall_ms = time.wall_ms;
		ret->flags &= (uint8_t)~LOG_NO_ZONE;
	}
	logfield_add(&p->fields, "service", 7, line, name);
	ret->fields = buf_cstr(&p->fields);
	ret->fields_len = p->fields.len;
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
	size_t prefix = 0, name = 0;

	buf_clear(&p->message);
	buf_clear(&p->fields);
	buf_clear(&p->stack);
	*ret = plain;
	if (p->format == LOGPARSE_PLAIN)
		return;
	if (p->format == LOGPARSE_SERVICES)
		prefix = service_prefix(line, len, &name);
	if (prefix > 0)
		line_service(p, line, len, prefix, name, near_ms, ret);
	else
		line_any(p, line, len, near_ms, ret);
	if (p->message.failed || p->fields.failed || p->stack.failed)
		*ret = plain;
	line_remember(p, ret);
}
