/*
 * The guard alone, and against hiredis' reader: what the guard lets through
 * the reader must understand, with the same number of replies.
 */
#include "datasrc/resp_guard.h"

#include <hiredis/hiredis.h>

#include "tests/tap.h"

static struct resp_guard
small_guard(void)
{
	struct resp_limits limits = {
		.total_max = 1000,
		.bulk_max = 100,
		.line_max = 40,
		.array_max = 10,
		.elements_max = 30,
		.depth_max = 3,
	};
	struct resp_guard guard;

	resp_guard_init(&guard, &limits);
	return guard;
}

static enum err_code
scan(const char *bytes, size_t *replies, struct err *err)
{
	struct resp_guard guard = small_guard();

	*replies = 0;
	return resp_guard_scan(&guard, bytes, strlen(bytes), replies, err);
}

static void
test_good(void)
{
	static const struct {
		const char *bytes;
		size_t replies;
	} cases[] = {
		{ "+PONG\r\n", 1 },
		{ "-ERR no\r\n", 1 },
		{ ":0\r\n:-1\r\n:9223372036854775807\r\n", 3 },
		{ ":-9223372036854775808\r\n", 1 },
		{ "$0\r\n\r\n", 1 },
		{ "$5\r\na\r\nb\r\r\n", 1 },
		{ "$-1\r\n", 1 },
		{ "*-1\r\n*0\r\n", 2 },
		{ "*2\r\n:1\r\n*2\r\n$1\r\na\r\n*0\r\n+OK\r\n", 2 },
		{ "*3\r\n:1\r\n", 0 },
		{ "+\r\n", 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t n, len = strlen(cases[i].bytes);
		struct resp_guard guard = small_guard();
		redisReader *reader = redisReaderCreate();
		size_t split = 0, read = 0;
		void *reply = NULL;

		is_int(scan(cases[i].bytes, &n, NULL), ERR_OK, "accepted");
		is_int((int64_t)n, (int64_t)cases[i].replies, "replies");
		for (size_t b = 0; b < len; b++) {
			size_t one = 0;

			ok(resp_guard_scan(&guard, cases[i].bytes + b, 1, &one,
			       NULL) == ERR_OK,
			    "byte %zu of case %zu", b, i);
			split += one;
		}
		is_int((int64_t)split, (int64_t)n, "same byte by byte");
		redisReaderFeed(reader, cases[i].bytes, len);
		while (redisReaderGetReply(reader, &reply) == REDIS_OK &&
		       reply != NULL) {
			read++;
			freeReplyObject(reply);
			reply = NULL;
		}
		is_int(reader->err, 0, "the reader agrees");
		is_int((int64_t)read, (int64_t)n, "and counts the same");
		redisReaderFree(reader);
	}
}

static void
test_refused(void)
{
	static const struct {
		const char *bytes;
		enum err_code code;
		const char *says; /* in the message */
	} cases[] = {
		{ "*1000000000\r\n:1\r\n", ERR_TOOBIG, "array" },
		{ "*11\r\n", ERR_TOOBIG, "limit of 10" },
		{ "$101\r\n", ERR_TOOBIG, "string" },
		{ "$99999999999999999999\r\n", ERR_PROTOCOL, "number" },
		{ "*1\r\n*1\r\n*1\r\n*1\r\n", ERR_TOOBIG, "nesting" },
		{ "$-2\r\n", ERR_PROTOCOL, "negative" },
		{ "*-2\r\n", ERR_PROTOCOL, "negative" },
		{ "$05\r\n", ERR_PROTOCOL, "number" },
		{ ":\r\n", ERR_PROTOCOL, "number" },
		{ ":+1\r\n", ERR_PROTOCOL, "number" },
		{ ":-0\r\n", ERR_PROTOCOL, "number" },
		{ ":1 \r\n", ERR_PROTOCOL, "number" },
		{ ":9223372036854775808\r\n", ERR_PROTOCOL, "number" },
		{ ":1111111111111111111111111\r\n", ERR_PROTOCOL, "number" },
		{ "+a\n", ERR_PROTOCOL, "line feed" },
		{ "+a\rb", ERR_PROTOCOL, "return" },
		{ "$1\r\nab\r\n", ERR_PROTOCOL, "end" },
		{ "+0123456789012345678901234567890123456789x", ERR_TOOBIG,
		    "line" },
		{ "HTTP/1.1 400 Bad Request\r\n", ERR_PROTOCOL,
		    "HTTP/1.1 400 Bad Request" },
		{ "%1\r\n", ERR_PROTOCOL, "not Redis" },
		{ "\x1b[2J\x9b", ERR_PROTOCOL, "\".[2J.\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		size_t n;

		ok(scan(cases[i].bytes, &n, &err) == cases[i].code,
		    "case %zu: %s", i, err_code_name(cases[i].code));
		ok(strstr(err.msg, cases[i].says) != NULL, "says: %s", err.msg);
	}
}

static void
test_totals(void)
{
	struct resp_guard guard = small_guard();
	char many[600];
	size_t n = 0;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < 100; i++)
		memcpy(many + 6 * i, "+OKx\r\n", 6);
	is_int(resp_guard_scan(&guard, many, 29 * 6, &n, &err), ERR_OK,
	    "29 values pass");
	resp_guard_reset(&guard);
	is_int(resp_guard_scan(&guard, many, 30 * 6, &n, &err), ERR_OK,
	    "30 more pass after a reset");
	is_int(resp_guard_scan(&guard, many, 6, &n, &err), ERR_TOOBIG,
	    "the next one is one too many");
	resp_guard_reset(&guard);
	is_int(resp_guard_scan(&guard, many, 6, &n, &err), ERR_TOOBIG,
	    "a refused stream stays refused");

	guard = small_guard();
	is_int(resp_guard_scan(&guard, "$99\r\n", 5, &n, &err), ERR_OK,
	    "a string starts");
	ok(!resp_guard_idle(&guard), "it is half read");
	is_int(resp_guard_scan(&guard, many, 600, &n, &err), ERR_PROTOCOL,
	    "its end is checked after 99 bytes");
	guard = small_guard();
	ok(resp_guard_idle(&guard), "nothing is half read at the start");
	guard.limits.total_max = 599;
	is_int(resp_guard_scan(&guard, many, 600, &n, &err), ERR_TOOBIG,
	    "bytes are counted");
}

int
main(void)
{
	RUN(test_good);
	RUN(test_refused);
	RUN(test_totals);
	return tap_done();
}
