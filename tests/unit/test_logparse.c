/* Lines as loggers write them, taken apart. */
#include "model/logparse.h"

#include <string.h>

#include "base/clock.h"
#include "model/logfield.h"
#include "tests/tap.h"

/* 2026-11-22T14:02:31Z, when all lines here are read. */
#define NEAR INT64_C(1795356151000)

struct time_row {
	const char *in;
	const char *want; /* RFC 3339, or NULL: no time */
	bool zone;
	size_t len; /* 0: the whole */
};

static const struct time_row time_rows[] = {
	{ "2026-11-22T14:02:29.114Z", "2026-11-22T14:02:29.114Z", true, 0 },
	{ "2026-11-22T14:02:29Z x", "2026-11-22T14:02:29.000Z", true, 20 },
	{ "2026-11-22T14:02:29.123456789+01:00", "2026-11-22T13:02:29.123Z",
	    true, 0 },
	{ "2026-11-22 14:02:29,114", "2026-11-22T14:02:29.114Z", false, 0 },
	{ "2026-11-22 14:02:29.114 -0530", "2026-11-22T19:32:29.114Z", true,
	    0 },
	{ "2026-11-22 14:02:29.114 UTC [4711]", "2026-11-22T14:02:29.114Z",
	    true, 27 },
	{ "2026-11-22T14:02:29+01", "2026-11-22T13:02:29.000Z", true, 0 },
	{ "2026-11-22 14:02:29 - text", "2026-11-22T14:02:29.000Z", false, 19 },
	{ "2026/11/22 14:02:29 [error]", "2026-11-22T14:02:29.000Z", false,
	    19 },
	{ "22/Nov/2026:14:02:29 +0000]", "2026-11-22T14:02:29.000Z", true, 26 },
	{ "22 Nov 2026 14:02:29.114 *", "2026-11-22T14:02:29.114Z", false, 24 },
	{ "Nov 22 14:02:29 host", "2026-11-22T14:02:29.000Z", false, 15 },
	{ "Nov  2 14:02:29 host", "2026-11-02T14:02:29.000Z", false, 15 },
	{ "Jan  1 00:00:01 host", "2026-01-01T00:00:01.000Z", false, 15 },
	{ "Nov 25 00:00:01 host", "2026-11-25T00:00:01.000Z", false, 15 },
	{ "Dec 25 00:00:01 host", "2025-12-25T00:00:01.000Z", false, 15 },
	{ "Feb 29 00:00:01 host", "2024-02-29T00:00:01.000Z", false, 15 },
	{ "Feb  1 00:00:01 host", "2026-02-01T00:00:01.000Z", false, 15 },
	{ "11/22/2026, 2:02:29 PM", "2026-11-22T14:02:29.000Z", false, 0 },
	{ "11/22/2026, 12:02:29 AM", "2026-11-22T00:02:29.000Z", false, 0 },
	{ "1795356149", "2026-11-22T14:02:29.000Z", true, 0 },
	{ "1795356149.114 x", "2026-11-22T14:02:29.114Z", true, 14 },
	{ "1795356149114", "2026-11-22T14:02:29.114Z", true, 0 },
	{ "1795356149114123456", "2026-11-22T14:02:29.114Z", true, 0 },
	{ "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z", true, 0 },
	{ "2026-03-29 02:30:00", "2026-03-29T02:30:00.000Z", false, 0 },
	{ "2026-12-31T23:59:60Z", "2027-01-01T00:00:00.000Z", true, 0 },
	{ "2026-02-29T00:00:00Z", NULL, false, 0 },
	{ "2026-13-01T00:00:00Z", NULL, false, 0 },
	{ "2026-11-22T25:00:00Z", NULL, false, 0 },
	{ "2026-11-22T14:60:00Z", NULL, false, 0 },
	{ "2026-11-22", NULL, false, 0 },
	{ "0000-11-22T14:02:29Z", NULL, false, 0 },
	{ "20261-11-22T14:02:29Z", NULL, false, 0 },
	{ "11/22/2026, 14:02:29 PM", NULL, false, 0 },
	{ "12345", NULL, false, 0 },
	{ "17953561491", NULL, false, 0 },
	{ "1795356149abc", NULL, false, 0 },
	{ "99999999999999999999999", NULL, false, 0 },
	{ "", NULL, false, 0 },
};

static void
test_times(void)
{
	char text[CLOCK_RFC3339_LEN];
	size_t i;

	for (i = 0; i < ARRAY_LEN(time_rows); i++) {
		const struct time_row *row = &time_rows[i];
		struct logtime t = { .wall_ms = -1 };
		bool got = logtime_parse(
		    row->in, strlen(row->in), NEAR, LOGTIME_UTC, &t);

		if (row->want == NULL) {
			ok(!got && t.wall_ms == -1, "no time: \"%s\"", row->in);
			continue;
		}
		ok(got, "time: \"%s\"", row->in);
		is_str(clock_rfc3339(t.wall_ms, text), row->want, row->in);
		ok(t.has_zone == row->zone, "zone of \"%s\"", row->in);
		is_int((int64_t)t.len,
		    (int64_t)(row->len != 0 ? row->len : strlen(row->in)),
		    row->in);
	}
}

static void
test_local_zone(void)
{
	struct logtime t;
	char text[CLOCK_RFC3339_LEN];

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	ok(logtime_parse("2026-07-01 12:00:00", 19, NEAR, LOGTIME_LOCAL, &t),
	    "summer");
	is_str(clock_rfc3339(t.wall_ms, text), "2026-07-01T10:00:00.000Z",
	    "summer time of its own day");
	ok(logtime_parse("2026-12-01 12:00:00", 19, NEAR, LOGTIME_LOCAL, &t),
	    "winter");
	is_str(clock_rfc3339(t.wall_ms, text), "2026-12-01T11:00:00.000Z",
	    "winter time of its own day");
	ok(logtime_parse("2026-07-01T12:00:00Z", 20, NEAR, LOGTIME_LOCAL, &t),
	    "with a zone");
	is_str(clock_rfc3339(t.wall_ms, text), "2026-07-01T12:00:00.000Z",
	    "a zone in the line wins");
	setenv("TZ", "UTC", 1);
}

struct level_row {
	const char *in;
	enum log_level want;
};

static void
test_levels(void)
{
	static const struct level_row rows[] = {
		{ "ERROR", LOG_LEVEL_ERROR },
		{ "err", LOG_LEVEL_ERROR },
		{ "Warning", LOG_LEVEL_WARN },
		{ "information", LOG_LEVEL_INFO },
		{ "CRITICAL", LOG_LEVEL_FATAL },
		{ "notice", LOG_LEVEL_INFO },
		{ "10", LOG_LEVEL_TRACE },
		{ "30", LOG_LEVEL_INFO },
		{ "35", LOG_LEVEL_INFO },
		{ "50", LOG_LEVEL_ERROR },
		{ "60", LOG_LEVEL_FATAL },
		{ "99", LOG_LEVEL_NONE },
		{ "0", LOG_LEVEL_FATAL },
		{ "3", LOG_LEVEL_ERROR },
		{ "7", LOG_LEVEL_DEBUG },
		{ "8", LOG_LEVEL_NONE },
		{ "500", LOG_LEVEL_ERROR },
		{ "200", LOG_LEVEL_INFO },
		{ "123", LOG_LEVEL_NONE },
		{ "1000", LOG_LEVEL_NONE },
		{ "errors", LOG_LEVEL_NONE },
		{ "", LOG_LEVEL_NONE },
		{ "5x", LOG_LEVEL_NONE },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		is_int(log_level_parse(rows[i].in, strlen(rows[i].in)),
		    rows[i].want, rows[i].in);
	is_str(log_level_name(LOG_LEVEL_WARN), "WARN", "name of a level");
	is_str(log_level_name((enum log_level)99), "", "no level, no name");
}

struct line_row {
	const char *in;
	const char *msg;
	const char *fields;
	const char *stack;
	const char *time; /* NULL: none */
	enum log_level level;
	unsigned flags;
};

#define T114 "2026-11-22T14:02:29.114Z"
#define T000 "2026-11-22T14:02:29.000Z"

static const struct line_row line_rows[] = {
	{ "{\"level\":50,\"time\":1795356149114,\"pid\":7,\"msg\":\"ProviderErr"
	  "or\",\"job\":18231}",
	    "ProviderError", "job=18231 pid=7", "", T114, LOG_LEVEL_ERROR, 0 },
	{ "{\"severity\":\"WARNING\",\"message\":\"slow\",\"timestamp\":\"" T114
	  "\",\"httpRequest\":{\"status\":200,\"url\":\"/a b\"}}",
	    "slow", "httpRequest.status=200 httpRequest.url=\"/a b\"", "", T114,
	    LOG_LEVEL_WARN, 0 },
	{ "{\"msg\":\"x\",\"err\":{\"message\":\"boom\",\"stack\":\"Error: "
	  "boom\\n"
	  "    at f (a.js:1:2)\"}}",
	    "x", "err.message=boom", "Error: boom\n    at f (a.js:1:2)", NULL,
	    LOG_LEVEL_NONE, 0 },
	{ "{\"message\":\"x\",\"stackTrace\":\"E: x\\n  at g\"}", "x", "",
	    "E: x\n  at g", NULL, LOG_LEVEL_NONE, 0 },
	{ "{\"msg\":\"a\\nb\\nc\",\"level\":\"info\"}", "a", "", "b\nc", NULL,
	    LOG_LEVEL_INFO, 0 },
	{ "{\"msg\":\"m\",\"level\":\"loud\",\"time\":\"noon\",\"ok\":true,"
	  "\"n\":null"
	  ",\"tags\":[\"a\",1,\"\\\"\"],\"e\":{},\"f\":0.1}",
	    "m",
	    "level=loud time=noon ok=true n=null "
	    "tags=\"[\\\"a\\\",1,\\\"\\\\\\\"\\\"]\" e={} f=0.1",
	    "", NULL, LOG_LEVEL_NONE, 0 },
	{ "{\"msg\":\"m\",\"time\":\"2026-11-22 14:02:29,114\"}", "m", "", "",
	    T114, LOG_LEVEL_NONE, LOG_NO_ZONE },
	/* In doubt: kept as written, with what is sure. */
	{ "{\"msg\":\"m\",\"level\":30,\"id\":18014398509481985}",
	    "{\"msg\":\"m\",\"level\":30,\"id\":18014398509481985}", "", "",
	    NULL, LOG_LEVEL_INFO, 0 },
	{ "{\"msg\":\"a\",\"msg\":\"b\"}", "{\"msg\":\"a\",\"msg\":\"b\"}", "",
	    "", NULL, LOG_LEVEL_NONE, 0 },
	{ "{\"msg\":\"a\"", "{\"msg\":\"a\"", "", "", NULL, LOG_LEVEL_NONE, 0 },
	{ "{\"msg\":\"a\"} x", "{\"msg\":\"a\"} x", "", "", NULL,
	    LOG_LEVEL_NONE, 0 },
	{ "{\"level\":\"error\",\"a\":1}", "{\"level\":\"error\",\"a\":1}", "",
	    "", NULL, LOG_LEVEL_ERROR, 0 },
	/* logfmt */
	{ "time=" T114 " level=warn msg=\"retry 2/5\" job=18231 q=\"a \\\"b\"",
	    "retry 2/5", "job=18231 q=\"a \\\"b\"", "", T114, LOG_LEVEL_WARN,
	    0 },
	{ "a=1 b=2", "a=1 b=2", "", "", NULL, LOG_LEVEL_NONE, 0 },
	{ "a=1 and then level=error", "a=1 and then level=error", "", "", NULL,
	    LOG_LEVEL_ERROR, 0 },
	/* plain */
	{ T114 " ERROR ProviderError 429 job=1", "ProviderError 429 job=1", "",
	    "", T114, LOG_LEVEL_ERROR, 0 },
	{ "2026-11-22 14:02:29,114 - WARNING - slow", "- WARNING - slow", "",
	    "", T114, LOG_LEVEL_WARN, LOG_NO_ZONE },
	{ "[" T114 "] [error] boom", "boom", "", "", T114, LOG_LEVEL_ERROR, 0 },
	{ "2026/11/22 14:02:29 [error] 7#0: *1 connect() failed",
	    "7#0: *1 connect() failed", "", "", T000, LOG_LEVEL_ERROR,
	    LOG_NO_ZONE },
	{ "2026-11-22 14:02:29.114 UTC [4711] ERROR:  no relation",
	    "[4711] ERROR:  no relation", "", "", T114, LOG_LEVEL_ERROR, 0 },
	{ "<11>Nov 22 14:02:29 web1 api[7]: boom", "web1 api[7]: boom", "", "",
	    T000, LOG_LEVEL_ERROR, LOG_NO_ZONE },
	{ "<165>1 " T114 " web1 api 7 - - boom", "web1 api 7 - - boom", "", "",
	    T114, LOG_LEVEL_INFO, 0 },
	{ "1.2.3.4 - bob [22/Nov/2026:14:02:29 +0000] \"GET / HTTP/1.1\" 503 1",
	    "1.2.3.4 - bob [22/Nov/2026:14:02:29 +0000] \"GET / HTTP/1.1\" "
	    "503 1",
	    "", "", T000, LOG_LEVEL_ERROR, 0 },
	{ "1.2.3.4 - - [22/Nov/2026:14:02:29 +0000] \"GET / HTTP/1.1\" 200 5",
	    "1.2.3.4 - - [22/Nov/2026:14:02:29 +0000] \"GET / HTTP/1.1\" "
	    "200 5",
	    "", "", T000, LOG_LEVEL_NONE, 0 },
	{ "4711:M 22 Nov 2026 14:02:29.114 # WARNING overcommit",
	    "WARNING overcommit", "", "", T114, LOG_LEVEL_WARN, LOG_NO_ZONE },
	{ "[Nest] 4711  - 11/22/2026, 2:02:29 PM     LOG [App] up", "[App] up",
	    "", "", T000, LOG_LEVEL_INFO, LOG_NO_ZONE },
	{ "E1122 14:02:29.123456   4711 a.go:12] boom",
	    "E1122 14:02:29.123456   4711 a.go:12] boom", "", "", NULL,
	    LOG_LEVEL_ERROR, 0 },
	{ T114 " stderr F {\"msg\":\"in\",\"level\":\"error\"}", "in", "", "",
	    T114, LOG_LEVEL_ERROR, 0 },
	{ "warn: low", "low", "", "", NULL, LOG_LEVEL_WARN, 0 },
	{ "info desk is open", "info desk is open", "", "", NULL,
	    LOG_LEVEL_NONE, 0 },
	{ "no ERRORS here", "no ERRORS here", "", "", NULL, LOG_LEVEL_NONE, 0 },
	{ "MY_ERROR x", "MY_ERROR x", "", "", NULL, LOG_LEVEL_NONE, 0 },
	{ "[red]x[/red] [YELLOW]", "[red]x[/red] [YELLOW]", "", "", NULL,
	    LOG_LEVEL_NONE, 0 },
	{ "", "", "", "", NULL, LOG_LEVEL_NONE, 0 },
	{ T114, T114, "", "", T114, LOG_LEVEL_NONE, 0 },
	{ "    at f (a.js)", "    at f (a.js)", "", "", NULL, LOG_LEVEL_NONE,
	    0 },
};

static void
check_bytes(const char *got, size_t len, const char *want, const char *name)
{
	char text[512];

	snprintf(text, sizeof(text), "%.*s", (int)len, got);
	is_str(text, want, name);
}

static void
test_lines(void)
{
	char text[CLOCK_RFC3339_LEN];
	size_t i;

	for (i = 0; i < ARRAY_LEN(line_rows); i++) {
		const struct line_row *row = &line_rows[i];
		struct logparse p;
		struct logparse_line out;

		logparse_init(&p, LOGPARSE_AUTO, LOGTIME_UTC);
		logparse_line(&p, row->in, strlen(row->in), NEAR, &out);
		check_bytes(out.msg, out.msg_len, row->msg, row->in);
		check_bytes(out.fields, out.fields_len, row->fields, "fields");
		check_bytes(out.stack, out.stack_len, row->stack, "stack");
		is_int(out.has_time, row->time != NULL, "has a time");
		if (row->time != NULL)
			is_str(clock_rfc3339(out.wall_ms, text), row->time,
			    "time");
		else
			is_int(out.wall_ms, NEAR, "no time: when it was read");
		is_int(out.level, row->level, "level");
		is_int(out.flags, row->flags, "flags");
		logparse_release(&p);
	}
}

/* Lines of several services in one output, as docker compose prints them. */
static void
test_services(void)
{
	static const struct line_row rows[] = {
		{ "api-1   | " T114 " ERROR ProviderError", "ProviderError",
		    "service=api-1", "", T114, LOG_LEVEL_ERROR, 0 },
		{ "api-1   | 2026-11-22T14:02:29.114567890Z {\"level\":40,"
		  "\"msg\":\"slow\",\"ms\":12}",
		    "slow", "ms=12 service=api-1", "", T114, LOG_LEVEL_WARN,
		    0 },
		{ "api-1   |     at f (a.js:1:2)", "    at f (a.js:1:2)",
		    "service=api-1", "", T114, LOG_LEVEL_WARN, LOG_CONT },
		{ "jobs_1  |     at f (a.js:1:2)", "    at f (a.js:1:2)",
		    "service=jobs_1", "", NULL, LOG_LEVEL_NONE, 0 },
		{ "jobs_1  | 2026-11-22T14:02:29.114Z [Nest] 4711  - "
		  "11/22/2026, 2:02:28 PM     LOG [Main] up",
		    "[Main] up", "service=jobs_1", "", T114, LOG_LEVEL_INFO,
		    0 },
		{ "jobs_1  |", "", "service=jobs_1", "", NULL, LOG_LEVEL_NONE,
		    0 },
		{ "id | name  | x", "id | name  | x", "", "", NULL,
		    LOG_LEVEL_NONE, 0 },
		{ "two words  | x", "two words  | x", "", "", NULL,
		    LOG_LEVEL_NONE, 0 },
	};
	char text[CLOCK_RFC3339_LEN];
	struct logparse p;
	struct logparse_line out;

	logparse_init(&p, LOGPARSE_SERVICES, LOGTIME_UTC);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct line_row *row = &rows[i];

		logparse_line(&p, row->in, strlen(row->in), NEAR, &out);
		check_bytes(out.msg, out.msg_len, row->msg, row->in);
		check_bytes(out.fields, out.fields_len, row->fields, "fields");
		is_int(out.has_time, row->time != NULL, "has a time");
		if (row->time != NULL)
			is_str(clock_rfc3339(out.wall_ms, text), row->time,
			    "time");
		is_int(out.level, row->level, "level");
		is_int(out.flags, row->flags, "flags");
	}
	logparse_release(&p);
}

static void
test_goes_on(void)
{
	static const struct {
		const char *in;
		bool cont;
	} rows[] = {
		{ "  first of all", false },
		{ T114 " ERROR boom", false },
		{ "    at f (a.js:1:2)", true },
		{ "\tat Java.main(A.java:1)", true },
		{ "Caused by: java.io.IOException", true },
		{ "... 12 more", true },
		{ "next thing", false },
		{ "Traceback (most recent call last):", true },
		{ "  File \"a.py\", line 1, in <module>", true },
		{ "ValueError: bad", true },
		{ "after it", false },
		{ "{\"msg\":\"x\"}", false },
	};
	struct logparse p;
	struct logparse_line out;
	size_t i;

	logparse_init(&p, LOGPARSE_AUTO, LOGTIME_UTC);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		logparse_line(&p, rows[i].in, strlen(rows[i].in), NEAR, &out);
		ok(((out.flags & LOG_CONT) != 0) == rows[i].cont,
		    "goes on: \"%s\"", rows[i].in);
		if (i == 2) {
			is_int(out.level, LOG_LEVEL_ERROR, "level of its head");
			ok(out.has_time && out.wall_ms == NEAR - 1886,
			    "time of its head");
		}
	}
	logparse_reset(&p);
	logparse_line(&p, "  at x", 6, NEAR, &out);
	ok((out.flags & LOG_CONT) == 0, "nothing to go on with after a reset");
	logparse_release(&p);
}

static void
test_formats(void)
{
	struct logparse p;
	struct logparse_line out;
	const char *json = "{\"msg\":\"x\",\"level\":50}";

	logparse_init(&p, LOGPARSE_PLAIN, LOGTIME_UTC);
	logparse_line(&p, json, strlen(json), NEAR, &out);
	check_bytes(out.msg, out.msg_len, json, "plain takes nothing apart");
	is_int(out.level, LOG_LEVEL_NONE, "and no level");
	logparse_release(&p);
	logparse_init(&p, LOGPARSE_JSON, LOGTIME_UTC);
	logparse_line(&p, "ERROR x", 7, NEAR, &out);
	check_bytes(out.msg, out.msg_len, "ERROR x", "json only reads objects");
	is_int(out.level, LOG_LEVEL_NONE, "and no level words");
	logparse_line(&p, json, strlen(json), NEAR, &out);
	is_int(out.level, LOG_LEVEL_ERROR, "an object it does");
	logparse_release(&p);
}

static void
test_no_memory(void)
{
	const char *json = "{\"msg\":\"x\",\"level\":50,\"a\":{\"b\":[1,2]}}";
	struct logparse p;
	struct logparse_line out;
	size_t n;
	int whole = 0, apart = 0;

	for (n = 1; n < 40; n++) {
		logparse_init(&p, LOGPARSE_AUTO, LOGTIME_UTC);
		mem_fail_at(n, true);
		logparse_line(&p, json, strlen(json), NEAR, &out);
		mem_fail_at(0, false);
		if (out.msg_len == strlen(json) &&
		    memcmp(out.msg, json, out.msg_len) == 0)
			whole++;
		else if (out.msg_len == 1 && out.fields_len == 9)
			apart++;
		logparse_release(&p);
	}
	is_int(whole + apart, 39, "whole as text, or all of it apart");
	ok(whole > 0 && apart > 0, "both happened");
}

static void
test_fields(void)
{
	struct buf out = BUF_INIT(1024);
	struct logfield f;

	logfield_add(&out, "a", 1, "1", 1);
	logfield_add(&out, "b c", 3, "x \"y\" \\", 7);
	logfield_add(&out, "e", 1, "", 0);
	is_str(buf_cstr(&out), "a=1 \"b c\"=\"x \\\"y\\\" \\\\\" e=\"\"",
	    "fields are written");
	ok(logfield_find(out.data, out.len, "b c", 3, &f), "and found");
	{
		struct buf value = BUF_INIT(64);

		logfield_value(&value, &f);
		is_str(buf_cstr(&value), "x \"y\" \\", "value as it was");
		buf_release(&value);
	}
	ok(logfield_find(out.data, out.len, "e", 1, &f) && f.value_len == 0,
	    "an empty one too");
	ok(!logfield_find(out.data, out.len, "b", 1, &f), "not half a key");
	ok(logfield_all(out.data, out.len, 3), "all of it is fields");
	ok(!logfield_all("a=1 b", 5, 1), "a bare word is none");
	ok(!logfield_all("a=\"1", 4, 1), "nor is an open quote");
	ok(!logfield_next("x y z", 5, 0, &f), "words have no fields");
	ok(!logfield_next("=1", 2, 0, &f), "no key, no field");
	buf_release(&out);
}

int
main(void)
{
	setenv("TZ", "UTC", 1);
	RUN(test_times);
	RUN(test_local_zone);
	RUN(test_levels);
	RUN(test_lines);
	RUN(test_services);
	RUN(test_goes_on);
	RUN(test_formats);
	RUN(test_no_memory);
	RUN(test_fields);
	return tap_done();
}
