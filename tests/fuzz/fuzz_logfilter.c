/*
 * The first line is a filter, the rest one log line. A filter is read or
 * refused with a column; what it says about a line is the same twice, and
 * spans lie in the text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/limits.h"
#include "model/logfilter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
check_spans(const struct logfilter *filter, struct text text)
{
	size_t at = 0, from, to;
	int n;

	for (n = 0; n < 100 && at < text.len; n++) {
		if (!logfilter_span(filter, text, at, &from, &to))
			break;
		check(from >= at && to > from && to <= text.len);
		at = to;
	}
}

static void
check_match(const char *expr, const char *rest, size_t len)
{
	struct arena *arena = arena_new(8 << 20);
	struct buf scratch = BUF_INIT(1 << 20);
	struct logfilter *filter = NULL;
	struct err err = ERR_INIT;
	enum logfilter_result first;
	enum err_code code;
	struct log_line line = { .level = LOG_LEVEL_WARN };

	if (arena == NULL)
		return;
	line.text = text_clean(arena, rest, len, 65536);
	line.fields = line.text;
	code = logfilter_new(expr, &filter, &err);
	check(code == ERR_OK || code == ERR_CONFIG || code == ERR_NOMEM);
	if (code == ERR_CONFIG)
		check(strncmp(err.msg, "column ", 7) == 0 ||
		      strlen(expr) > LOGFILTER_EXPR_MAX);
	if (code == ERR_OK) {
		first = logfilter_match(filter, &line, TEXT("api"), &scratch);
		check(first ==
		      logfilter_match(filter, &line, TEXT("api"), &scratch));
		if (logfilter_is_empty(filter))
			check(first == LOGFILTER_YES);
		check_spans(filter, line.text);
	}
	logfilter_free(filter);
	buf_release(&scratch);
	arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	const char *lf = size > 0 ? memchr(s, '\n', size) : NULL;
	char *expr;
	size_t n;

	if (lf == NULL)
		return 0;
	n = (size_t)(lf - s);
	expr = mem_alloc(n + 1);
	if (expr == NULL)
		return 0;
	memcpy(expr, s, n);
	expr[n] = '\0';
	check_match(expr, lf + 1, size - n - 1);
	mem_free(expr);
	return 0;
}
