/* TLS over a raw descriptor, against good and bad servers. */
#include "datasrc/tls.h"

#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "datasrc/net.h"
#include "tests/live/child.h"
#include "tests/tap.h"

enum {
	SHORT_MS = 1500,
	LONG_MS = 20000,
	SLACK_MS = 5000,
	BIG = 300000 /* more than the socket's buffers hold */
};

static struct child server;

static int64_t
in_ms(int ms)
{
	return clock_now() + ms * NS_PER_MS;
}

static int
dial(const char *key)
{
	int fd = -1;
	struct err err = ERR_INIT;

	if (net_connect("127.0.0.1", (uint16_t)child_number(&server, key),
		in_ms(LONG_MS), NULL, &fd, &err) != ERR_OK)
		ok(false, "connect: %s", err.msg);
	return fd;
}

static void
test_handshake(void)
{
	static const struct {
		const char *key;
		const char *host;
		bool own_ca;
		bool insecure;
		enum err_code code;
		const char *says;
	} cases[] = {
		{ "TLS_GOOD", "localhost", true, false, ERR_OK, "" },
		{ "TLS_GOOD", "127.0.0.1", true, false, ERR_OK, "" },
		{ "TLS_GOOD", "LOCALHOST", true, false, ERR_OK, "" },
		{ "TLS_GOOD", "127.0.0.2", true, false, ERR_TLS, "wrong name" },
		{ "TLS_GOOD", "localhost", false, false, ERR_TLS,
		    "signed by badserver authority" },
		{ "TLS_GOOD", "localhost", false, true, ERR_OK, "" },
		{ "TLS_EXPIRED", "localhost", true, false, ERR_TLS,
		    "expired 2 d ago" },
		{ "TLS_EXPIRED", "localhost", true, true, ERR_OK, "" },
		{ "TLS_NAME", "localhost", true, false, ERR_TLS,
		    "is for other.example" },
		{ "TLS_SELF", "localhost", true, false, ERR_TLS,
		    "self-signed" },
		{ "TLS_OLD", "localhost", true, false, ERR_TLS, "TLS 1.2" },
		{ "TLS_OLD", "localhost", true, true, ERR_TLS, "TLS 1.2" },
		{ "TLS_CLOSE", "localhost", true, false, ERR_CLOSED,
		    "dropped" },
		{ "TLS_SILENT", "localhost", true, false, ERR_TIMEOUT,
		    "handshake" },
		{ "HTTP", "localhost", true, false, ERR_TLS,
		    "does not speak TLS" },
		{ "TALK", "localhost", true, false, ERR_TLS,
		    "does not speak TLS" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tls_options options = { .host = cases[i].host,
			.insecure = cases[i].insecure };
		int ms = cases[i].code == ERR_TIMEOUT ? SHORT_MS : LONG_MS;
		int fd = dial(cases[i].key);
		int64_t start = clock_now();
		struct err err = ERR_INIT;
		struct tls *tls = NULL;
		enum err_code code;

		if (cases[i].own_ca)
			options.ca_file = child_value(&server, "CA");
		code = tls_connect(fd, &options, in_ms(ms), NULL, &tls, &err);
		is_str(err_code_name(code), err_code_name(cases[i].code),
		    cases[i].key);
		ok(strstr(err.msg, cases[i].says) != NULL, "says \"%s\": %s",
		    cases[i].says, err.msg);
		ok(clock_now() - start < (ms + SLACK_MS) * NS_PER_MS,
		    "in time");
		ok((tls != NULL) == (code == ERR_OK), "output fits");
		tls_free(tls);
		close(fd);
	}
}

/* Sends a request with a body of len bytes; returns what comes back. */
static enum err_code
talk(struct tls *tls, const char *path, size_t len, char *got, size_t cap,
    int ms, struct err *err)
{
	static char request[BIG + 200];
	size_t have = 0, n = 0;
	enum err_code code;
	int head = snprintf(request, sizeof(request),
	    "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", path,
	    len);

	memset(request + head, 'y', len);
	code =
	    tls_write(tls, request, (size_t)head + len, in_ms(ms), NULL, err);
	while (code == ERR_OK && have + 1 < cap) {
		code = tls_read(
		    tls, got + have, cap - 1 - have, in_ms(ms), NULL, &n, err);
		if (code != ERR_OK)
			break;
		have += n;
		got[have] = '\0';
		if (strstr(got, "\r\n\r\n{") != NULL && got[have - 1] == '}')
			return ERR_OK;
	}
	got[have] = '\0';
	return code;
}

static void
test_talk(void)
{
	struct tls_options options = { .host = "localhost",
		.ca_file = child_value(&server, "CA") };
	struct err err = ERR_INIT;
	struct tls *tls = NULL;
	static char got[BIG * 2];
	int fd = dial("TLS_SOON");

	is_int(tls_connect(fd, &options, in_ms(LONG_MS), NULL, &tls, &err),
	    ERR_OK, "handshake");
	is_int(tls_cert_days_left(tls, clock_wall_ms()), 10, "days left");
	is_int(talk(tls, "/ok", 0, got, sizeof(got), LONG_MS, &err), ERR_OK,
	    "small");
	ok(strstr(got, "\"status\": \"ok\"") != NULL, "answer");
	is_int(talk(tls, "/echo", BIG, got, sizeof(got), LONG_MS, &err), ERR_OK,
	    "more than fits in the socket");
	ok(strlen(got) > BIG, "comes back whole");
	is_int(talk(tls, "/hang", 0, got, sizeof(got), SHORT_MS, &err),
	    ERR_TIMEOUT, "no answer");
	ok(strstr(err.msg, "waiting for an answer") != NULL, "%s", err.msg);
	tls_free(tls);
	close(fd);
}

static void
test_ends(void)
{
	struct tls_options options = { .host = "localhost",
		.ca_file = child_value(&server, "CA") };
	struct err err = ERR_INIT;
	struct cancel cancel;
	struct tls *tls = NULL;
	char got[512];
	size_t n = 0;
	int fd = dial("TLS_GOOD");

	is_int(tls_connect(fd, &options, in_ms(LONG_MS), NULL, &tls, &err),
	    ERR_OK, "handshake");
	is_int(talk(tls, "/close", 0, got, sizeof(got), LONG_MS, &err),
	    ERR_CLOSED, "the server closes");
	tls_free(tls);
	close(fd);
	fd = dial("TLS_GOOD");
	is_int(cancel_init(&cancel, &err), ERR_OK, "token");
	is_int(tls_connect(fd, &options, in_ms(LONG_MS), &cancel, &tls, &err),
	    ERR_OK, "handshake");
	cancel_fire(&cancel);
	is_int(
	    tls_read(tls, got, sizeof(got), DEADLINE_NONE, &cancel, &n, &err),
	    ERR_CANCELLED, "the token ends the wait");
	cancel_release(&cancel);
	tls_free(tls);
	close(fd);
}

static void
test_client_certificate(void)
{
	struct tls_options options = { .host = "localhost",
		.ca_file = child_value(&server, "CA"),
		.cert_file = child_value(&server, "CLIENT"),
		.key_file = child_value(&server, "CLIENT_KEY") };
	struct err err = ERR_INIT;
	struct tls *tls = NULL;
	char got[512];
	enum err_code code;
	size_t n = 0;
	int fd = dial("TLS_CLIENT");

	is_int(tls_connect(fd, &options, in_ms(LONG_MS), NULL, &tls, &err),
	    ERR_OK, "with a certificate");
	is_int(talk(tls, "/ok", 0, got, sizeof(got), LONG_MS, &err), ERR_OK,
	    "talk");
	tls = tls_free(tls);
	close(fd);
	options.cert_file = options.key_file = NULL;
	fd = dial("TLS_CLIENT");
	code = tls_connect(fd, &options, in_ms(LONG_MS), NULL, &tls, &err);
	/* TLS 1.3 lets the client learn of it only when it reads. */
	if (code == ERR_OK)
		code = tls_read(
		    tls, got, sizeof(got), in_ms(LONG_MS), NULL, &n, &err);
	is_int(code, ERR_TLS, "without one");
	ok(strstr(err.msg, "client certificate") != NULL, "%s", err.msg);
	tls_free(tls);
	close(fd);
}

static void
test_files(void)
{
	static const struct tls_options wrong[] = {
		{ .host = "x", .ca_file = "/nonexistent" },
		{ .host = "x", .cert_file = "/nonexistent" },
		{ .host = "x", .ca_file = "/etc/hostname" },
		{ .host = "" },
	};
	struct err err = ERR_INIT;
	struct tls *tls = NULL;
	int fd = dial("TLS_GOOD");

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		is_int(tls_connect(
			   fd, &wrong[i], in_ms(LONG_MS), NULL, &tls, &err),
		    ERR_CONFIG, "a file or name that can't be used");
	close(fd);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	if (!child_badserver(&server)) {
		ok(false, "badserver.py starts");
		return tap_done();
	}
	RUN(test_handshake);
	RUN(test_talk);
	RUN(test_ends);
	RUN(test_client_certificate);
	RUN(test_files);
	child_stop(&server);
	return tap_done();
}
