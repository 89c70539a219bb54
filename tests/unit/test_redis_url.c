#include "datasrc/redis_url.h"

#include "tests/tap.h"

static void
test_good(void)
{
	static const struct {
		const char *url, *host, *path, *user, *pass, *text;
		int port, db;
		bool tls;
	} cases[] = {
		{ "redis://h", "h", "", "", "", "h:6379", 6379, 0, false },
		{ "redis://", "127.0.0.1", "", "", "", "127.0.0.1:6379", 6379,
		    0, false },
		{ "redis://h:1/2", "h", "", "", "", "h:1/2", 1, 2, false },
		{ "redis://h/", "h", "", "", "", "h:6379", 6379, 0, false },
		{ "rediss://u:p@h:7/0?family=0", "h", "", "u", "p", "h:7", 7, 0,
		    true },
		{ "redis://:p%40%2f%25@h", "h", "", "", "p@/%", "h:6379", 6379,
		    0, false },
		{ "redis://u:a:b@h", "h", "", "u", "a:b", "h:6379", 6379, 0,
		    false },
		{ "redis://u:a@b@h", "h", "", "u", "a@b", "h:6379", 6379, 0,
		    false },
		{ "redis://u@h", "h", "", "u", "", "h:6379", 6379, 0, false },
		{ "redis://[::1]:6380/3", "::1", "", "", "", "::1:6380/3", 6380,
		    3, false },
		{ "unix:///tmp/r.sock", "", "/tmp/r.sock", "", "",
		    "/tmp/r.sock", 0, 0, false },
		{ "unix://u:p@/r%20x?db=4", "", "/r x", "u", "p", "/r x", 0, 4,
		    false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct redis_target t;
		struct err err = ERR_INIT;
		char text[REDIS_TARGET_TEXT_LEN];

		ok(redis_url_parse(cases[i].url, &t, &err) == ERR_OK, "%s: %s",
		    cases[i].url, err_text(&err));
		is_str(t.host, cases[i].host, "host");
		is_str(t.path, cases[i].path, "path");
		is_str(t.user, cases[i].user, "user");
		is_str(t.pass, cases[i].pass, "password");
		is_int(t.port, cases[i].port, "port");
		is_int(t.db, cases[i].db, "database");
		is_int(t.tls, cases[i].tls, "TLS");
		is_str(redis_target_text(&t, text), cases[i].text, "text");
		redis_target_wipe(&t);
		is_str(t.pass, "", "wiped");
	}
}

static void
test_bad(void)
{
	static const char *const cases[] = {
		"",
		"localhost:6379",
		"http://h",
		"redis:/h",
		"redis://h:0",
		"redis://h:65536",
		"redis://h:1x",
		"redis://h/x",
		"redis://h/1000000",
		"redis://[::1",
		"redis://[::1]x",
		"redis://u:canary%4@h",
		"redis://u:canary%zz@h",
		"redis://u:canary%00@h",
		"redis://u:canary%",
		"redis://u:canary@h:x",
		"unix://relative",
		"unix://u:canaryx/tmp/s",
		"unix:///p?db=x",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct redis_target t = { .port = 7 };
		struct err err = ERR_INIT;

		ok(redis_url_parse(cases[i], &t, &err) == ERR_CONFIG,
		    "refused: %s", cases[i]);
		ok(t.port == 7, "output untouched");
		ok(err.msg[0] != '\0' && strstr(err.msg, "canary") == NULL,
		    "without the secret: %s", err.msg);
	}
}

/* Nothing is written past the ends of the fields. */
static void
test_long(void)
{
	static char url[10000];
	struct redis_target t;

	for (size_t n = 100; n < sizeof(url) - 20; n += 97) {
		memcpy(url, "redis://", 8);
		memset(url + 8, 'x', n);
		strncpy(url + 8 + n, "@h", 3);
		ok((redis_url_parse(url, &t, NULL) == ERR_OK) ==
			(n < REDIS_USER_MAX),
		    "user of %zu bytes", n);
		url[8] = ':';
		ok((redis_url_parse(url, &t, NULL) == ERR_OK) ==
			(n - 1 < REDIS_SECRET_MAX),
		    "password of %zu bytes", n - 1);
		url[8] = 'x';
		url[8 + n] = '\0';
		ok((redis_url_parse(url, &t, NULL) == ERR_OK) ==
			(n < NET_HOST_MAX),
		    "host of %zu bytes", n);
	}
}

int
main(void)
{
	RUN(test_good);
	RUN(test_bad);
	RUN(test_long);
	return tap_done();
}
