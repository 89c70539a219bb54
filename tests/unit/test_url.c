#include "datasrc/url.h"

#include "base/buf.h"
#include "tests/tap.h"

static void
test_parts(void)
{
	struct url url = { .port = 0 };
	struct err err = ERR_INIT;

	is_int(url_parse("rediss://app:p%40ss%2f@[2001:db8::1]:6390/2?x=%20",
		   &url, &err),
	    ERR_OK, "all parts");
	is_str(url.scheme, "rediss", "scheme");
	is_str(url.user, "app", "user");
	is_str(url.password, "p@ss/", "password, decoded");
	is_str(url.host, "2001:db8::1", "IPv6 without brackets");
	is_int(url.port, 6390, "port");
	is_str(url.path, "/2", "path");
	is_str(url.query, "x=%20", "query, still encoded");
	url_release(&url);
	url_release(&url);
	is_int(url_parse("HTTPS://Example.org", &url, &err), ERR_OK, "short");
	is_str(url.scheme, "https", "scheme in lower case");
	is_int(url.port, 443, "the default port of https");
	ok(!url.port_given, "is not a given one");
	is_str(url.path, "/", "path");
	ok(url.user == NULL && url.password == NULL && url.query == NULL,
	    "what is absent is NULL");
	url_release(&url);
	is_int(url_parse("redis://h", &url, &err), ERR_OK, "other scheme");
	is_int(url.port, 0, "has no default port");
	url_release(&url);
}

static void
test_refused(void)
{
	static const char *const bad[] = { "", "localhost:80", "http://",
		"http://h:99999/", "http://h:x/", "http://a b/",
		"http://u:pw%0d@h/", "http://h/%00", "http://h/\r\nX: y",
		"http://[::1", "redis://:pw%zz@h%20h/" };
	struct url url = { .port = 7 };
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		is_int(url_parse(bad[i], &url, &err), ERR_CONFIG, "refused");
		ok(strstr(err.msg, "pw") == NULL, "no password: %s", err.msg);
	}
	is_int(url.port, 7, "the output is untouched");
}

static void
test_show(void)
{
	struct buf out = BUF_INIT(200);

	ok(url_show(
	       &out, "https://u:secret@api.example:8443/v1/x?key=secret#f"),
	    "shown");
	is_str(buf_cstr(&out), "https://api.example:8443/v1/x",
	    "without what may be secret");
	buf_clear(&out);
	ok(url_show(&out, "http://[::1]/"), "IPv6");
	is_str(buf_cstr(&out), "http://[::1]/", "keeps its brackets");
	buf_clear(&out);
	ok(!url_show(&out, "nothing"), "no URL");
	ok(url_encode(&out, "a/b c&d%"), "encode");
	is_str(buf_cstr(&out), "a%2Fb%20c%26d%25", "one part");
	buf_release(&out);
}

int
main(void)
{
	RUN(test_parts);
	RUN(test_refused);
	RUN(test_show);
	return tap_done();
}
