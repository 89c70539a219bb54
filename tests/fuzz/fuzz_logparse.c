/*
 * The first byte chooses the format, the rest is lines. Whatever comes out
 * must be sound: fields that read back, a level and a time that exist, and
 * a message that is the end of its line unless it came out of a structure.
 * What is drawn of it must be clean.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "model/logfield.h"
#include "model/logparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NEAR	 INT64_C(1795356151000)
#define YEAR2201 INT64_C(7289654400000)

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_clean(const char *bytes, size_t len)
{
	struct arena *arena = arena_new(64 << 20);

	if (arena == NULL)
		return;
	check(text_is_valid(text_clean(arena, bytes, len, 65536)));
	arena_free(arena);
}

static void
check_line(const struct logparse *p, const char *line, size_t len,
    const struct logparse_line *out)
{
	bool whole = out->msg == line && out->msg_len == len;

	check(out->level < LOG_LEVEL_COUNT);
	check(out->has_time || out->wall_ms == NEAR);
	check(out->wall_ms > -86400000 && out->wall_ms < YEAR2201);
	check((out->flags & ~(LOG_CONT | LOG_NO_ZONE)) == 0);
	if (p->format == LOGPARSE_PLAIN)
		check(whole && out->level == LOG_LEVEL_NONE && !out->has_time);
	if (out->fields_len > 0)
		check(logfield_all(out->fields, out->fields_len, 1));
	/* A message of the line's own is the line, or its end. */
	if (out->msg != buf_cstr(&p->message)) {
		check(out->msg + out->msg_len <= line + len);
		if (out->fields_len == 0 && out->stack_len == 0)
			check(whole || out->msg + out->msg_len == line + len);
	}
	check_clean(out->msg, out->msg_len);
	check_clean(out->fields, out->fields_len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct logparse a, b;
	struct logparse_line x, y;
	const char *s, *end, *lf;

	if (size == 0)
		return 0;
	logparse_init(&a, (enum logparse_format)(data[0] % 4), LOGTIME_UTC);
	logparse_init(&b, (enum logparse_format)(data[0] % 4), LOGTIME_UTC);
	s = (const char *)data + 1;
	for (end = (const char *)data + size; s < end; s = lf + 1) {
		lf = memchr(s, '\n', (size_t)(end - s));
		if (lf == NULL)
			lf = end;
		logparse_line(&a, s, (size_t)(lf - s), NEAR, &x);
		check_line(&a, s, (size_t)(lf - s), &x);
		logparse_line(&b, s, (size_t)(lf - s), NEAR, &y);
		check(x.level == y.level && x.wall_ms == y.wall_ms &&
		      x.msg_len == y.msg_len &&
		      memcmp(x.msg, y.msg, x.msg_len) == 0);
	}
	logparse_release(&a);
	logparse_release(&b);
	return 0;
}
