/* The grammar of log filters, its errors, and what matches. */
#include "model/logfilter.h"

#include <string.h>

#include "base/buf.h"
#include "model/limits.h"
#include "model/logsearch.h"
#include "model/platform.h"
#include "tests/tap.h"

static struct arena *arena;
static struct buf scratch;

static struct log_line
line_of(const char *level, const char *text, const char *fields)
{
	return (struct log_line) {
		.level = (uint8_t)log_level_parse(level, strlen(level)),
		.text = text_clean_str(arena, text),
		.fields = text_clean_str(arena, fields),
	};
}

struct match_row {
	const char *expr;
	const char *level;
	const char *text;
	const char *fields;
	enum logfilter_result want;
};

#define Y LOGFILTER_YES
#define N LOGFILTER_NO

static const struct match_row rows[] = {
	{ "", "", "anything", "", Y },
	{ "   ", "", "anything", "", Y },
	{ "timeout", "", "connect Timeout", "", Y },
	{ "timeout", "", "connect", "why=timeout", Y },
	{ "timeout", "", "connect", "", N },
	{ "api", "", "x", "", Y },
	{ "error", "error", "x", "", Y },
	{ "error|warn", "warn", "x", "", Y },
	{ "error|warn", "fatal", "x", "", Y },
	{ "errors", "fatal", "x", "", N },
	{ "error|warn", "info", "x", "", N },
	{ "error|warn !healthz", "warn", "GET /healthz", "", N },
	{ "error|warn !healthz", "warn", "GET /jobs", "", Y },
	{ "!healthz|ready", "", "ready", "", N },
	{ "!healthz|ready", "", "x", "", Y },
	{ "a b", "", "b a", "", Y },
	{ "a b", "", "a", "", N },
	{ "\"a b\"", "", "b a", "", N },
	{ "\"a b\"", "", "xa bx", "", Y },
	{ "\"a|b\"", "", "a|b", "", Y },
	{ "\"say \\\"hi\\\"\"", "", "say \"hi\"", "", Y },
	{ "/retry [0-9]+\\/5/", "", "retry 12/5", "", Y },
	{ "/retry [0-9]+\\/5/", "", "retry x/5", "", N },
	{ "/RETRY/", "", "retry", "", N },
	{ "/RETRY/i", "", "retry", "", Y },
	{ "/^job=1$/", "", "x", "job=1", Y },
	{ "!/x/", "", "x", "", N },
	{ "/a|b/", "", "b", "", Y },
	{ "level>=warn", "error", "x", "", Y },
	{ "level>=warn", "warn", "x", "", Y },
	{ "level>=warn", "info", "x", "", N },
	{ "level>=warn", "", "x", "", N },
	{ "level=none", "", "x", "", Y },
	{ "level!=error", "", "x", "", Y },
	{ "level<warn", "debug", "x", "", Y },
	{ "level=50", "error", "x", "", Y },
	{ "source=api", "", "x", "", Y },
	{ "source=API", "", "x", "", Y },
	{ "source=ap", "", "x", "", N },
	{ "source!=api", "", "x", "", N },
	{ "source!=jobs", "", "x", "", Y },
	{ "job=18231", "", "x", "a=1 job=18231", Y },
	{ "job=18231", "", "x", "job=182311", N },
	{ "job=18231", "", "x job=18231 y", "", Y },
	{ "job=18231", "", "x", "", N },
	{ "job!=18231", "", "x", "job=1", Y },
	{ "job=2", "", "x", "job=1 job=2", Y },
	{ "job!=2", "", "x", "job=1 job=2", N },
	{ "job>1", "", "x", "job=1 job=2", Y },
	{ "job=1", "", "job=1", "job=2", N },
	{ "job!=18231", "", "x", "", N },
	{ "!job=18231", "", "x", "", Y },
	{ "q=\"a b\"", "", "x", "q=\"a b\"", Y },
	{ "status>=500", "", "x", "status=503", Y },
	{ "status>=500", "", "x", "status=404", N },
	{ "status<500", "", "x", "status=404", Y },
	{ "status>=500", "", "x", "status=bad", N },
	{ "status>=500", "", "x", "", N },
	{ "status>1|level=error", "error", "x", "", Y },
	{ "http://a/b?c=d", "", "http://a/b?c=d", "", Y },
	{ "A\\x1bB", "", "A\033B", "", Y },
	{ "/A\\\\x1bB/", "", "A\033B", "", Y },
	{ "\xc3\xa9", "", "caf\xc3\xa9", "", Y },
};

static void
test_match(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		const struct match_row *row = &rows[i];
		struct log_line line =
		    line_of(row->level, row->text, row->fields);
		struct logfilter *filter = NULL;
		struct err err = ERR_INIT;

		if (logfilter_new(row->expr, &filter, &err) != ERR_OK) {
			ok(false, "\"%s\": %s", row->expr, err_text(&err));
			continue;
		}
		ok(logfilter_match(filter, &line, TEXT("api"), &scratch) ==
			row->want,
		    "\"%s\" on \"%s\" \"%s\" \"%s\"", row->expr, row->level,
		    row->text, row->fields);
		logfilter_free(filter);
	}
}

static void
test_errors(void)
{
	static const struct {
		const char *expr;
		const char *want;
	} bad[] = {
		{ "a \"b", "column 3: this quote has no end" },
		{ "a \"b\"c", "column 6: a blank belongs here" },
		{ "a \"\"", "column 3: nothing to look for" },
		{ "/ab", "column 1: this pattern has no closing /" },
		{ "x //", "column 3: nothing to look for" },
		{ "/a/b/", "column 4: a blank belongs here; a slash in a "
			   "pattern is \\/" },
		{ "a !", "column 4: nothing to look for" },
		{ "a| b", "column 3: nothing to look for" },
		{ "|a", "column 1: nothing to look for" },
		{ "level>=warm", "column 8: no such level; there are trace, "
				 "debug, info, warn, error, fatal and none" },
		{ "source>api", "column 7: a source is compared with = or !=" },
		{ "status>=x", "column 9: a number belongs here" },
		{ "job=", "column 5: a value belongs here" },
		{ "job= x", "column 5: nothing to look for" },
	};
	struct logfilter *filter = NULL;
	struct err err;
	char *big;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		err = (struct err)ERR_INIT;
		ok(logfilter_new(bad[i].expr, &filter, &err) == ERR_CONFIG,
		    "\"%s\" is refused", bad[i].expr);
		is_str(err_text(&err), bad[i].want, bad[i].expr);
	}
	err = (struct err)ERR_INIT;
	ok(logfilter_new("x /a(/", &filter, &err) == ERR_CONFIG &&
		strncmp(err.msg, "column 3: ", 10) == 0,
	    "a wrong pattern says where: %s", err.msg);
	ok(logfilter_new("a a a a a a a a a a a a a a a a a", &filter, &err) ==
		ERR_CONFIG,
	    "too many terms");
	big = mem_alloc(LOGFILTER_EXPR_MAX + 2);
	memset(big, 'a', LOGFILTER_EXPR_MAX + 1);
	big[LOGFILTER_EXPR_MAX + 1] = '\0';
	ok(logfilter_new(big, &filter, &err) == ERR_CONFIG, "too long");
	mem_free(big);
	ok(filter == NULL, "the output was left alone");
}

static void
test_costly(void)
{
	struct logfilter *filter = NULL;
	struct log_line line = line_of("",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "");

	if (logfilter_new("/^(a+)+$/", &filter, NULL) != ERR_OK)
		return;
	ok(logfilter_match(filter, &line, TEXT_EMPTY, &scratch) ==
		LOGFILTER_COSTLY,
	    "a costly pattern is no \"no match\"");
	logfilter_free(filter);
	if (logfilter_new("!/^(a+)+$/", &filter, NULL) != ERR_OK)
		return;
	ok(logfilter_match(filter, &line, TEXT_EMPTY, &scratch) ==
		LOGFILTER_COSTLY,
	    "nor is it a match when it excludes");
	logfilter_free(filter);
}

static void
test_span(void)
{
	struct logfilter *filter = NULL;
	size_t from = 0, to = 0;
	struct text text = TEXT("one two three two");

	if (logfilter_new("two|/thr../ !one level>=warn", &filter, NULL) !=
	    ERR_OK)
		return;
	ok(logfilter_span(filter, text, 0, &from, &to) && from == 4 && to == 7,
	    "first word");
	ok(logfilter_span(filter, text, 7, &from, &to) && from == 8 && to == 13,
	    "then the pattern");
	ok(logfilter_span(filter, text, 13, &from, &to) && from == 14,
	    "then the word again");
	ok(!logfilter_span(filter, text, 17, &from, &to), "then nothing");
	ok(logfilter_wants_text(filter) && !logfilter_is_empty(filter),
	    "it asks for text");
	logfilter_free(filter);
	if (logfilter_new("!x level>=warn", &filter, NULL) != ERR_OK)
		return;
	ok(!logfilter_wants_text(filter), "this one does not");
	logfilter_free(filter);
}

static void
test_no_memory(void)
{
	size_t n;
	int good = 0;

	for (n = 1; n < 60; n++) {
		struct logfilter *filter = NULL;
		struct err err = ERR_INIT;

		mem_fail_at(n, false);
		if (logfilter_new("a \"b c\" /d/ k=v", &filter, &err) == ERR_OK)
			good++;
		else if (filter != NULL)
			ok(false, "half a filter");
		mem_fail_at(0, false);
		logfilter_free(filter);
	}
	ok(good > 0 && good < 59, "fails while memory does, never by half");
}

static void
is_expanded(const char *expr, const char *want)
{
	static const struct platform_search searches[] = {
		{ .name = "errors", .expr = "level>=error" },
		{ .name = "db", .expr = "\"Database failed\"" },
	};
	static const struct platform one = { .searches = searches,
		.search_count = 1 };
	/* As of a source of type gcp.logging. */
	static const struct conf_node rates = { .key = "rates" };
	static const struct conf_node filters = { .first = &rates };
	static const struct platform_source sources[] = {
		{ .name = "log" },
		{ .name = "cloud", .filters = &filters },
	};
	static const struct platform two = { .searches = searches + 1,
		.search_count = 1,
		.sources = sources,
		.source_count = 2 };
	const struct platform *platforms[] = { &one, &two };
	struct buf out = BUF_INIT(256);
	struct err err = ERR_INIT;

	if (logsearch_expand(platforms, 2, expr, &out, &err) != ERR_OK)
		is_str(err_text(&err), want, expr);
	else
		is_str(buf_cstr(&out), want, expr);
	buf_release(&out);
}

static void
test_named(void)
{
	struct buf out = BUF_INIT(4);
	struct err err = ERR_INIT;

	is_expanded("", "");
	is_expanded("a  b", "a  b");
	is_expanded("@errors", "level>=error");
	is_expanded(
	    "!x @db  @errors y", "!x \"Database failed\"  level>=error y");
	is_expanded("\"a @errors\" /x @db/ a@errors @",
	    "\"a @errors\" /x @db/ a@errors @");
	is_expanded("x @error",
	    "column 3: no search is called @error; there are @errors, @db, "
	    "@rates");
	is_expanded("@rates x", "filter=rates x");
	ok(logsearch_expand(NULL, 0, "too long", &out, &err) == ERR_NOMEM,
	    "too long for the filter");
	buf_release(&out);
}

int
main(void)
{
	arena = arena_new(1 << 20);
	buf_init(&scratch, 1 << 16);
	RUN(test_match);
	RUN(test_errors);
	RUN(test_costly);
	RUN(test_span);
	RUN(test_named);
	RUN(test_no_memory);
	arena_free(arena);
	buf_release(&scratch);
	return tap_done();
}
