/* The HTTP client against servers that stall, drip and lie. */
#include "datasrc/http.h"

#include <dirent.h>
#include <signal.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/json_path.h"
#include "tests/live/child.h"
#include "tests/tap.h"

enum {
	SHORT_MS = 1500, /* deadline of requests that hang */
	LONG_MS = 20000, /* of those that end by themselves */
	SLACK_MS = 5000, /* a busy machine, sanitizers */
	MANY = 60
};

static struct child server;

static int64_t
in_ms(int ms)
{
	return clock_now() + ms * NS_PER_MS;
}

static struct http_client *
client_new(const char *ca, bool insecure)
{
	struct http_options options = { .ca_file = ca, .insecure = insecure };
	struct http_client *client = NULL;
	struct err err = ERR_INIT;

	if (http_client_new(&options, &client, &err) != ERR_OK) {
		printf("Bail out! %s\n", err.msg);
		exit(1);
	}
	return client;
}

static char *
url_of(const char *scheme, const char *key, const char *path, char out[256])
{
	snprintf(out, 256, "%s://%s:%d%s", scheme,
	    strcmp(scheme, "https") == 0 ? "localhost" : "127.0.0.1",
	    child_number(&server, key), path);
	return out;
}

/* A GET and its judgement, as a source makes it. */
static enum err_code
get(struct http_client *client, const char *url, int ms,
    struct http_response *response, struct err *err)
{
	struct http_request request = { .url = url };
	enum err_code code;

	err_clear(err);
	code = http_fetch(client, &request, in_ms(ms), NULL, response, err);
	if (code == ERR_OK)
		code = http_expect(response, "HOST", HTTP_WANT_JSON, err);
	return code;
}

static void
test_modes(void)
{
	static const struct {
		const char *path;
		int ms;
		enum err_code code;
		const char *says;
	} modes[] = {
		{ "/ok", LONG_MS, ERR_OK, "" },
		{ "/slow", LONG_MS, ERR_OK, "" },
		{ "/interim", LONG_MS, ERR_OK, "" },
		{ "/length-short", LONG_MS, ERR_OK, "" },
		{ "/drip", SHORT_MS, ERR_TIMEOUT, "too slow" },
		{ "/drip-head", SHORT_MS, ERR_TIMEOUT, "in time" },
		{ "/hang", SHORT_MS, ERR_TIMEOUT, "did not answer" },
		{ "/hang-body", SHORT_MS, ERR_TIMEOUT, "7 bytes came" },
		{ "/cut-length", LONG_MS, ERR_BADDATA, "after 7 bytes" },
		{ "/cut-chunked", LONG_MS, ERR_BADDATA, "cut off" },
		{ "/endless", LONG_MS, ERR_TOOBIG, "4194304 bytes" },
		{ "/endless-chunked", LONG_MS, ERR_TOOBIG, "max_body" },
		{ "/giant-chunk", LONG_MS, ERR_TOOBIG, "max_body" },
		{ "/chunk-bad", LONG_MS, ERR_BADDATA, "damaged" },
		{ "/garbage", LONG_MS, ERR_PROTOCOL, "not speak HTTP" },
		{ "/http09", LONG_MS, ERR_PROTOCOL, "not speak HTTP" },
		{ "/html", LONG_MS, ERR_BADDATA, "login page" },
		{ "/redirect", LONG_MS, ERR_PROTOCOL, "login.example:8443" },
		{ "/redirect-path", LONG_MS, ERR_PROTOCOL, "another path" },
		{ "/status/401", LONG_MS, ERR_AUTH, "credentials" },
		{ "/status/403", LONG_MS, ERR_FORBIDDEN, "403" },
		{ "/status/404", LONG_MS, ERR_NOTFOUND, "URL" },
		{ "/status/500", LONG_MS, ERR_SERVER, "HTTP 500" },
		{ "/status/503", LONG_MS, ERR_SERVER, "HTTP 503" },
		{ "/status/418", LONG_MS, ERR_PROTOCOL, "HTTP 418" },
		{ "/limited", LONG_MS, ERR_LIMITED, "wait 7 s" },
		{ "/limited-date", LONG_MS, ERR_LIMITED, "wait 42 s" },
		{ "/limited-503", LONG_MS, ERR_LIMITED, "wait 600 s" },
		{ "/huge-header", LONG_MS, ERR_TOOBIG, "headers" },
		{ "/many-headers", LONG_MS, ERR_TOOBIG, "headers" },
		{ "/length-bad", LONG_MS, ERR_PROTOCOL, "not speak HTTP" },
		{ "/reset", LONG_MS, ERR_CLOSED, "middle of the answer" },
		{ "/reset-early", LONG_MS, ERR_CLOSED, "without an answer" },
		{ "/close", LONG_MS, ERR_CLOSED, "without an answer" },
	};
	struct http_client *client = client_new(NULL, false);
	struct http_response response;
	struct err err = ERR_INIT;
	char url[256];

	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		int64_t start = clock_now(), took;
		enum err_code code;

		url_of("http", "HTTP", modes[i].path, url);
		code = get(client, url, modes[i].ms, &response, &err);
		took = (clock_now() - start) / NS_PER_MS;
		is_str(err_code_name(code), err_code_name(modes[i].code),
		    modes[i].path);
		ok(strstr(err.msg, modes[i].says) != NULL, "%s says \"%s\": %s",
		    modes[i].path, modes[i].says, err.msg);
		ok(took < modes[i].ms + SLACK_MS, "%s took %d ms",
		    modes[i].path, (int)took);
		ok(strstr(err.msg, "secret") == NULL &&
			strstr(err.msg, "pw") == NULL,
		    "%s keeps secrets", modes[i].path);
	}
	http_client_free(client);
}

/* What the client can't see is caught by the strict JSON reader. */
static void
test_bodies(void)
{
	static const struct {
		const char *path;
		enum err_code code;
		const char *says;
	} bodies[] = {
		{ "/cut-bare", ERR_BADDATA, "cut off" },
		{ "/deep", ERR_TOOBIG, "deeper" },
		{ "/bad-utf8", ERR_BADDATA, "UTF-8" },
	};
	struct http_client *client = client_new(NULL, false);
	struct http_response response;
	struct cJSON *root = NULL;
	struct err err = ERR_INIT;
	char url[256];

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		url_of("http", "HTTP", bodies[i].path, url);
		is_int(get(client, url, LONG_MS, &response, &err), ERR_OK,
		    bodies[i].path);
		is_int(
		    json_parse(response.body, response.body_len, &root, &err),
		    bodies[i].code, "is no JSON");
		ok(strstr(err.msg, bodies[i].says) != NULL, "says \"%s\": %s",
		    bodies[i].says, err.msg);
	}
	http_client_free(client);
}

static void
test_answer(void)
{
	struct http_client *client = client_new(NULL, false);
	struct http_response response;
	struct err err = ERR_INIT;
	char url[256];

	is_int(get(client, url_of("http", "HTTP", "/ok", url), LONG_MS,
		   &response, &err),
	    ERR_OK, "get");
	is_int(response.status, 200, "status");
	is_str(response.type, "application/json", "type");
	is_int(response.retry_after_s, -1, "no Retry-After");
	is_int((int64_t)strlen(response.body), (int64_t)response.body_len,
	    "the body ends with a NUL");
	ok(!response.reused, "first connection");
	ok(response.total_ns >= response.first_byte_ns &&
		response.first_byte_ns >= response.connect_ns &&
		response.connect_ns > 0,
	    "times are in order");
	is_int(response.cert_until_s, 0, "no certificate");
	is_int(get(client, url, LONG_MS, &response, &err), ERR_OK, "again");
	ok(response.reused, "on the same connection");
	is_int(get(client, url_of("http", "HTTP", "/hang-body", url), SHORT_MS,
		   &response, &err),
	    ERR_TIMEOUT, "a time-out");
	is_int(get(client, url_of("http", "HTTP", "/ok", url), LONG_MS,
		   &response, &err),
	    ERR_OK, "after it");
	ok(!response.reused, "the connection is not used again");
	is_int(get(client, url_of("http", "HTTP", "/drop-kept", url), LONG_MS,
		   &response, &err),
	    ERR_OK, "a server that then drops the connection");
	is_int(get(client, url_of("http", "HTTP", "/ok", url), LONG_MS,
		   &response, &err),
	    ERR_OK, "costs no error later");
	http_client_free(client);
}

static void
test_compressed(void)
{
	struct http_client *client = client_new(NULL, false);
	struct http_response response;
	struct err err = ERR_INIT;
	char url[256];
	struct http_request request = { .url = url };

	url_of("http", "HTTP", "/bomb", url);
	is_int(
	    http_fetch(client, &request, in_ms(LONG_MS), NULL, &response, &err),
	    ERR_OK, "a bomb that was not asked for");
	ok(response.body_len < 1000000, "stays packed: %zu bytes",
	    response.body_len);
	request.compressed = true;
	is_int(
	    http_fetch(client, &request, in_ms(LONG_MS), NULL, &response, &err),
	    ERR_TOOBIG, "asked for, it is stopped at the limit");
	url_of("http", "HTTP", "/gzip", url);
	is_int(
	    http_fetch(client, &request, in_ms(LONG_MS), NULL, &response, &err),
	    ERR_OK, "a small one");
	is_str(response.body, "{\"status\":\"ok\"}", "is unpacked");
	url_of("http", "HTTP", "/gzip-bad", url);
	is_int(
	    http_fetch(client, &request, in_ms(LONG_MS), NULL, &response, &err),
	    ERR_BADDATA, "a damaged one");
	http_client_free(client);
}

/* One value out of the server's echo of our request. */
static void
is_echoed(
    const struct http_response *response, const char *path, const char *want)
{
	struct cJSON *root = NULL;
	const struct cJSON *v = NULL;
	struct err err = ERR_INIT;

	if (json_parse(response->body, response->body_len, &root, &err) ==
	    ERR_OK)
		if (json_lookup(root, path, &v, &err) != ERR_OK)
			v = NULL;
	is_str(json_string(v), want, path);
	json_free(root);
}

static void
test_request(void)
{
	struct http_client *client = client_new(NULL, false);
	static const struct http_header headers[] = {
		{ .name = "X-Api-Key", .value = "k1", .secret = true },
		{ .name = "X-Empty", .value = "" },
	};
	char url[256];
	struct http_request request = { .url = url,
		.headers = headers,
		.header_count = ARRAY_LEN(headers),
		.bearer = "t0ken" };
	struct http_response response;
	struct err err = ERR_INIT;

	setenv("http_proxy", "http://127.0.0.1:9", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
	url_of("http", "HTTP", "/echo?a=%20b", url);
	is_int(
	    http_fetch(client, &request, in_ms(LONG_MS), NULL, &response, &err),
	    ERR_OK, "the environment's proxy plays no part");
	is_echoed(&response, ".method", "GET");
	is_echoed(&response, ".query", "a=%20b");
	is_echoed(&response, ".headers.authorization", "Bearer t0ken");
	is_echoed(&response, ".headers[\"x-api-key\"]", "k1");
	is_echoed(&response, ".headers[\"x-empty\"]", "");
	is_echoed(&response, ".headers[\"user-agent\"]", "sevtop");
	ok(strstr(response.body, "accept-encoding") == NULL,
	    "no compression is offered");
	request = (struct http_request) { .url = url,
		.body = "{\"on\":false}",
		.body_len = 12,
		.user = "ops",
		.password = "pw" };
	is_int(
	    http_fetch(client, &request, in_ms(LONG_MS), NULL, &response, &err),
	    ERR_OK, "a body makes a POST");
	is_echoed(&response, ".method", "POST");
	is_echoed(&response, ".body", "{\"on\":false}");
	is_echoed(&response, ".headers[\"content-type\"]", "application/json");
	is_echoed(&response, ".headers.authorization", "Basic b3BzOnB3");
	ok(strstr(response.body, "\"expect\"") == NULL, "no Expect");
	request.method = "PATCH";
	is_int(
	    http_fetch(client, &request, in_ms(LONG_MS), NULL, &response, &err),
	    ERR_OK, "another method");
	is_echoed(&response, ".method", "PATCH");
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	http_client_free(client);
}

static void
test_wrong_requests(void)
{
	static const struct http_header split = { .name = "X",
		.value = "a\r\nHost: evil" };
	static const struct http_header named = { .name = "X: y\r\nZ",
		.value = "a" };
	static const struct http_request wrong[] = {
		{ .url = "ftp://127.0.0.1/" },
		{ .url = "file:///etc/passwd" },
		{ .url = "127.0.0.1" },
		{ .url = "http://127.0.0.1/",
		    .headers = &split,
		    .header_count = 1 },
		{ .url = "http://127.0.0.1/",
		    .headers = &named,
		    .header_count = 1 },
		{ .url = "http://127.0.0.1/", .bearer = "x\ny" },
	};
	struct http_client *client = client_new(NULL, false);
	struct http_target *target = NULL;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		is_int(http_target_new(client, &wrong[i], &target, &err),
		    ERR_CONFIG, err.msg);
	ok(target == NULL, "the output is untouched");
	http_client_free(client);
}

static void
test_nobody_there(void)
{
	struct http_client *client = client_new(NULL, false);
	struct http_response response;
	struct err err = ERR_INIT;
	char url[256];

	/* Port 9 (discard) is reserved and nobody listens on it here. */
	is_int(get(client, "http://127.0.0.1:9/", LONG_MS, &response, &err),
	    ERR_REFUSED, "nobody listens");
	ok(strstr(err.msg, "127.0.0.1:9 refused") != NULL, "%s", err.msg);
	is_int(get(client, url_of("http", "TALK", "/", url), LONG_MS, &response,
		   &err),
	    ERR_PROTOCOL, "a mail server");
	is_int(get(client, url_of("http", "TLS_GOOD", "/ok", url), LONG_MS,
		   &response, &err),
	    ERR_CLOSED, "plain HTTP to a TLS port");
	is_int(get(client,
		   "http://abcdefghijklmnopabcdefghijklmnopabcdefghijklmnop"
		   "abcdefghijklmnop0/",
		   LONG_MS, &response, &err),
	    ERR_DNS, "a name that can't exist");
	ok(strstr(err.msg, "no such name") != NULL, "%s", err.msg);
	http_client_free(client);
}

static void
test_tls(void)
{
	const char *ca = child_value(&server, "CA");
	static const struct {
		const char *key;
		bool own_ca;
		int ms;
		enum err_code code;
		const char *says;
	} cases[] = {
		{ "TLS_GOOD", true, LONG_MS, ERR_OK, "" },
		{ "TLS_SOON", true, LONG_MS, ERR_OK, "" },
		{ "TLS_GOOD", false, LONG_MS, ERR_TLS, "unknown authority" },
		{ "TLS_EXPIRED", true, LONG_MS, ERR_TLS, "expired 2 d ago" },
		{ "TLS_NAME", true, LONG_MS, ERR_TLS, "for other.example" },
		{ "TLS_SELF", true, LONG_MS, ERR_TLS, "self-signed" },
		{ "TLS_OLD", true, LONG_MS, ERR_TLS, "TLS 1.2" },
		{ "TLS_CLOSE", true, LONG_MS, ERR_TLS, "during the TLS" },
		{ "TLS_SILENT", true, SHORT_MS, ERR_TIMEOUT, "connecting" },
		{ "HTTP", true, LONG_MS, ERR_TLS, "does not speak TLS" },
	};
	struct http_response response;
	struct err err = ERR_INIT;
	char url[256];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_client *client =
		    client_new(cases[i].own_ca ? ca : NULL, false);
		enum err_code code;

		url_of("https", cases[i].key, "/ok", url);
		code = get(client, url, cases[i].ms, &response, &err);
		is_str(err_code_name(code), err_code_name(cases[i].code),
		    cases[i].key);
		ok(strstr(err.msg, cases[i].says) != NULL, "%s says \"%s\": %s",
		    cases[i].key, cases[i].says, err.msg);
		http_client_free(client);
	}
}

static void
test_certificate(void)
{
	const char *ca = child_value(&server, "CA");
	struct http_client *client = client_new(ca, false);
	struct http_response response;
	struct err err = ERR_INIT;
	int64_t left;
	char url[256];

	url_of("https", "TLS_SOON", "/ok", url);
	is_int(get(client, url, LONG_MS, &response, &err), ERR_OK, "get");
	left = response.cert_until_s - clock_wall_ms() / 1000;
	ok(left > 10 * 86400 - 3600 && left < 11 * 86400,
	    "ten days left: %lld s", (long long)left);
	ok(response.tls_ns > 0, "the handshake was timed");
	is_int(get(client, url, LONG_MS, &response, &err), ERR_OK, "again");
	ok(response.reused && response.cert_until_s > 0,
	    "known on a kept connection, too");
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/ok",
	    child_number(&server, "TLS_GOOD"));
	is_int(get(client, url, LONG_MS, &response, &err), ERR_OK,
	    "by address, which is in the certificate");
	http_client_free(client);
	client = client_new(NULL, true);
	url_of("https", "TLS_EXPIRED", "/ok", url);
	is_int(get(client, url, LONG_MS, &response, &err), ERR_OK,
	    "insecure: accepted");
	ok(response.cert_until_s < clock_wall_ms() / 1000,
	    "and still seen to be over");
	http_client_free(client);
	client = client_new("/nonexistent.pem", false);
	is_int(get(client, url, LONG_MS, &response, &err), ERR_CONFIG,
	    "a ca file that is not there");
	http_client_free(client);
}

struct tally {
	int called[MANY];
	int good;
	int cancelled;
	int late;
	struct cancel *fire; /* fired at the first result, when set */
};

static void
count_one(void *ctx, size_t index, enum err_code code,
    const struct http_response *response, const struct err *err)
{
	struct tally *tally = ctx;

	tally->called[index]++;
	tally->good +=
	    code == ERR_OK && response != NULL && response->status == 200;
	tally->cancelled += code == ERR_CANCELLED;
	tally->late += code == ERR_TIMEOUT && err->msg[0] != '\0';
	if (tally->fire != NULL)
		cancel_fire(tally->fire);
}

static void
targets_new(struct http_client *client, const char *path,
    struct http_target *targets[MANY])
{
	struct err err = ERR_INIT;
	char url[256];
	struct http_request request = { .url = url };

	for (int i = 0; i < MANY; i++) {
		targets[i] = NULL;
		url_of("http", "HTTP", path, url);
		/* Every third one hangs when asked to. */
		if (path[0] == '\0')
			url_of(
			    "http", "HTTP", i % 3 == 0 ? "/hang" : "/ok", url);
		request.timeout_ms = path[0] == '\0' ? SHORT_MS : 0;
		if (http_target_new(client, &request, &targets[i], &err) !=
		    ERR_OK)
			ok(false, "target: %s", err.msg);
	}
}

static void
targets_free(struct http_target *targets[MANY])
{
	for (int i = 0; i < MANY; i++)
		targets[i] = http_target_free(targets[i]);
}

static bool
all_called_once(const struct tally *tally)
{
	for (int i = 0; i < MANY; i++)
		if (tally->called[i] != 1)
			return false;
	return true;
}

static void
test_many(void)
{
	struct http_client *client = client_new(NULL, false);
	struct http_target *targets[MANY];
	struct cancel cancel;
	struct tally tally = { .good = 0 };
	struct err err = ERR_INIT;

	targets_new(client, "/ok", targets);
	for (int round = 0; round < 3; round++) {
		tally = (struct tally) { .good = 0 };
		is_int(http_fetch_many(client, targets, MANY, 8, count_one,
			   &tally, in_ms(LONG_MS), NULL, &err),
		    ERR_OK, "a round");
		is_int(tally.good, MANY, "all good");
		ok(all_called_once(&tally), "each once");
	}
	is_int(http_fetch_many(client, targets, 0, 8, count_one, &tally,
		   in_ms(LONG_MS), NULL, &err),
	    ERR_OK, "none at all");
	tally = (struct tally) { .good = 0 };
	is_int(http_fetch_many(client, targets, MANY, 8, count_one, &tally,
		   clock_now(), NULL, &err),
	    ERR_TIMEOUT, "a deadline that has passed");
	ok(tally.late == MANY && all_called_once(&tally), "tells each");
	is_int(cancel_init(&cancel, NULL), ERR_OK, "token");
	tally = (struct tally) { .fire = &cancel };
	is_int(http_fetch_many(client, targets, MANY, 8, count_one, &tally,
		   DEADLINE_NONE, &cancel, &err),
	    ERR_CANCELLED, "a token fired at the first result");
	ok(tally.cancelled > 0 && all_called_once(&tally), "tells each");
	cancel_release(&cancel);
	targets_free(targets);
	targets_new(client, "", targets);
	tally = (struct tally) { .good = 0 };
	is_int(http_fetch_many(client, targets, MANY, 8, count_one, &tally,
		   in_ms(LONG_MS), NULL, &err),
	    ERR_OK, "some hang, each with a time of its own");
	is_int(tally.good, MANY - MANY / 3, "the others are good");
	is_int(tally.late, MANY / 3, "those are late");
	targets_free(targets);
	http_client_free(client);
}

static void *
fire_soon(void *arg)
{
	/* Not a synchronisation: the request hangs until this is done. */
	io_wait(-1, 0, in_ms(100), NULL, NULL);
	cancel_fire(arg);
	return NULL;
}

static void
test_cancel(void)
{
	struct http_client *client = client_new(NULL, false);
	struct http_response response;
	struct cancel cancel;
	struct thread thread;
	struct err err = ERR_INIT;
	char url[256];
	struct http_request request = { .url = url };
	int64_t start = clock_now();

	url_of("http", "HTTP", "/hang", url);
	is_int(cancel_init(&cancel, &err), ERR_OK, "token");
	is_int(thread_start(&thread, "fire", fire_soon, &cancel, &err), ERR_OK,
	    "thread");
	is_int(http_fetch(
		   client, &request, DEADLINE_NONE, &cancel, &response, &err),
	    ERR_CANCELLED, "another thread ends the wait");
	ok(clock_now() - start < SLACK_MS * NS_PER_MS, "at once");
	thread_join(&thread);
	cancel_release(&cancel);
	http_client_free(client);
}

static void
test_frozen(void)
{
	struct http_client *client = client_new(NULL, false);
	struct http_response response;
	struct err err = ERR_INIT;
	char url[256];

	url_of("http", "HTTP", "/ok", url);
	is_int(get(client, url, LONG_MS, &response, &err), ERR_OK, "alive");
	child_signal(&server, SIGSTOP);
	is_int(
	    get(client, url, SHORT_MS, &response, &err), ERR_TIMEOUT, "frozen");
	child_signal(&server, SIGCONT);
	is_int(
	    get(client, url, LONG_MS, &response, &err), ERR_OK, "alive again");
	http_client_free(client);
}

static int
count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		closedir(dir);
	return n;
}

/* Each allocation of ours fails once; nothing crashes, leaks or stays. */
static void
test_no_memory(void)
{
	int before = count_fds();
	struct http_client *client = NULL;
	struct http_options options = { .connect_ms = 0 };
	struct http_response response;
	char url[256];
	struct http_request request = { .url = url };
	enum err_code code = ERR_NOMEM;
	struct err err = ERR_INIT;
	size_t n;

	url_of("http", "HTTP", "/ok", url);
	for (n = 1; n < 200 && code != ERR_OK; n++) {
		mem_fail_at(n, false);
		client = NULL;
		code = http_client_new(&options, &client, &err);
		if (code == ERR_OK)
			code = http_fetch(client, &request, in_ms(LONG_MS),
			    NULL, &response, &err);
		mem_fail_at(0, false);
		if (code != ERR_OK && code != ERR_NOMEM && code != ERR_REFUSED)
			break;
		if (code == ERR_OK)
			is_int(response.status, 200, "good when none fails");
		http_client_free(client);
	}
	is_int(code, ERR_OK, "ends well");
	ok(n > 8, "%zu allocations were failed", n - 2);
	is_int(count_fds(), before, "no descriptor is left");
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	if (!child_badserver(&server)) {
		ok(false, "badserver.py starts");
		return tap_done();
	}
	RUN(test_modes);
	RUN(test_bodies);
	RUN(test_answer);
	RUN(test_compressed);
	RUN(test_request);
	RUN(test_wrong_requests);
	RUN(test_nobody_there);
	RUN(test_tls);
	RUN(test_certificate);
	RUN(test_many);
	RUN(test_cancel);
	RUN(test_frozen);
	RUN(test_no_memory);
	child_stop(&server);
	return tap_done();
}
