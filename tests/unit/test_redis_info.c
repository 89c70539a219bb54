/* INFO and CLIENT LIST as text, and what the reports make of them. */
#include "datasrc/redis_info.h"

#include "tests/tap.h"

static struct redis_info info;

static void
parse(const char *text)
{
	redis_info_parse(&info, text, strlen(text));
}

static void
test_info(void)
{
	parse("# Server\r\nredis_version:7.0.15\r\n\r\nused_memory:1024\r\n"
	      "ratio:1.25\nempty:\r\n:nokey\r\nnocolon\r\nconfig_file:a:b\r\n"
	      "db0:keys=5,expires=1,avg_ttl=20\r\nused_memory:7\r\ncut:1");
	is_int((int64_t)info.count, 8, "lines with a key");
	ok(redis_info_is(&info, "redis_version", "7.0.15"), "a text");
	is_near(redis_info_num(&info, "used_memory"), 1024, 0,
	    "a number, of the first line with this key");
	is_near(redis_info_num(&info, "ratio"), 1.25, 0, "a bare line feed");
	ok(isnan(redis_info_num(&info, "empty")), "empty is missing");
	ok(isnan(redis_info_num(&info, "absent")), "absent is missing");
	ok(isnan(redis_info_num(&info, "redis_version")),
	    "a text is no number");
	ok(redis_info_is(&info, "config_file", "a:b"), "only the first colon");
	is_near(redis_info_num(&info, "cut"), 1, 0, "a last line without end");
	ok(!redis_info_is(&info, "redis", "7.0.15"), "no prefix of a key");
	parse("");
	is_int((int64_t)info.count, 0, "nothing");
	parse("a:nan\nb:inf\nc:1e3\nd: 1\n");
	ok(isnan(redis_info_num(&info, "a")), "nan is missing");
	ok(isnan(redis_info_num(&info, "b")), "inf is missing");
	is_near(redis_info_num(&info, "c"), 1000, 0, "an exponent");
	ok(isnan(redis_info_num(&info, "d")), "a blank is no number");
}

static void
test_fields(void)
{
	struct redis_word w;

	parse("db0:keys=5,expires=1,avg_ttl=20\n");
	w = redis_info_word(&info, "db0");
	is_near(redis_word_field(w, "keys"), 5, 0, "first");
	is_near(redis_word_field(w, "avg_ttl"), 20, 0, "last");
	ok(isnan(redis_word_field(w, "key")), "no prefix");
	ok(isnan(redis_word_field(w, "ttl")), "no suffix");
	ok(isnan(redis_word_field((struct redis_word) { NULL, 0 }, "keys")),
	    "of nothing");
}

static void
test_limit(void)
{
	static char text[8 * (REDIS_INFO_LINES_MAX + 10)];
	size_t len = 0;

	for (int i = 0; i < REDIS_INFO_LINES_MAX + 5; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "k%d:1\n", i);
	redis_info_parse(&info, text, len);
	is_int((int64_t)info.count, REDIS_INFO_LINES_MAX, "lines are bounded");
	is_int((int64_t)info.cut, 5, "the rest is counted");
}

static void
test_clients(void)
{
	static const char list[] =
	    "id=3 addr=10.0.0.7:5000 laddr=x fd=8 name= age=1 flags=N "
	    "cmd=client|list user=default\r\n"
	    "\r\n"
	    "id=4 addr=/tmp/s:0 name=bull:cnVuUHJvbXB0:w:a cmd=bzpopmin\n"
	    "id=5 noname=x addr=10.0.0.8:1";
	const char *at = list, *end = list + sizeof(list) - 1;
	struct redis_client c;

	ok(redis_client_next(&at, end, &c), "first");
	ok(redis_word_is(c.name, ""), "an empty name");
	ok(redis_word_is(c.addr, "10.0.0.7:5000"), "address, not laddr");
	ok(redis_word_is(c.cmd, "client|list"), "command");
	ok(redis_client_next(&at, end, &c), "second");
	ok(redis_word_is(c.name, "bull:cnVuUHJvbXB0:w:a"), "a name");
	ok(redis_client_next(&at, end, &c), "third");
	ok(c.name.at == NULL && c.cmd.at == NULL, "missing words");
	ok(!redis_client_next(&at, end, &c), "no fourth");
}

int
main(void)
{
	RUN(test_info);
	RUN(test_fields);
	RUN(test_limit);
	RUN(test_clients);
	return tap_done();
}
