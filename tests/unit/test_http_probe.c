#include "datasrc/http_probe.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/redact.h"
#include "base/text.h"
#include "model/build.h"
#include "tests/tap.h"

#define DAY_MS INT64_C(86400000)
#define NOW_MS (INT64_C(20000) * DAY_MS)

static const char *const only_200[] = { "200" };
static const struct opt_pair dependencies[] = {
	{ "status", "ready" },
	{ ".checks.redis", "ok" },
	{ "workers", "4" },
	{ "writable", "true" },
};

static struct http_probe_conf
conf_new(void)
{
	return (struct http_probe_conf) {
		.http.url = "http://api.example/readyz",
		.status = { .items = only_200, .count = 1 },
		.json = { .items = dependencies,
		    .count = ARRAY_LEN(dependencies) },
		.instance.version = "version",
		.instance.uptime = "uptime",
		.cert_warn_days = 21,
		.cert_crit_days = 7,
	};
}

static struct http_response
response_new(int status, const char *body)
{
	struct http_response response = { .status = status,
		.body = body,
		.body_len = strlen(body),
		.total_ns = 12 * 1000 * 1000 };

	snprintf(response.type, sizeof(response.type), "application/json");
	return response;
}

/* The rows of one answer; NULL with the code in *ret_code on an error. */
static struct payload *
judge(struct http_probe *probe, const struct http_response *response,
    int64_t wall_ms, enum err_code *ret_code, struct err *err)
{
	struct build *build = build_new();
	struct payload *payload = NULL;
	struct cJSON *root = NULL;

	err_clear(err);
	*ret_code =
	    http_probe_read(probe, response, "api.example:80", &root, err);
	if (*ret_code == ERR_OK) {
		http_probe_report(probe, response, root, wall_ms, build);
		payload = build_finish(build, err);
	}
	json_free(root);
	build_free(build);
	return payload;
}

static const struct health *
row(const struct payload *payload, const char *target)
{
	for (size_t i = 0; payload != NULL && i < payload->health_count; i++)
		if (strcmp(payload->health[i].target.s, target) == 0)
			return &payload->health[i];
	return NULL;
}

static void
is_row(const struct payload *payload, const char *target, enum state state,
    const char *detail)
{
	const struct health *health = row(payload, target);

	if (!ok(health != NULL, "there is a row %s", target))
		return;
	is_str(state_name(health->state), state_name(state), target);
	is_str(health->detail.s, detail, target);
}

static void
test_good(void)
{
	struct http_probe_conf conf = conf_new();
	struct http_probe probe;
	struct http_response response = response_new(200,
	    "{\"status\":\"ready\",\"checks\":{\"redis\":\"ok\"},"
	    "\"workers\":4.0,\"writable\":true,\"version\":\"1.0.0\"}");
	struct err err = ERR_INIT;
	enum err_code code;
	struct payload *payload;

	http_probe_init(&probe, &conf, "api", NULL);
	payload = judge(&probe, &response, NOW_MS, &code, &err);
	is_int(code, ERR_OK, "good");
	is_row(payload, "api", STATE_OK, "HTTP 200 in 12 ms");
	is_row(payload, "status", STATE_OK, "ready");
	is_row(payload, "checks.redis", STATE_OK, "ok");
	is_row(payload, "workers", STATE_OK, "4");
	is_row(payload, "writable", STATE_OK, "true");
	ok(row(payload, "certificate") == NULL, "no TLS, no certificate");
	ok(row(payload, "clock") == NULL, "no Date, no clock");
	is_int((int64_t)payload->event_count, 0, "nothing happened");
	is_str(payload->note.s, "1.0.0", "the version is the note");
	is_near(payload_metric(payload, "http_latency_seconds")->value, 0.012,
	    1e-9, "latency");
	is_near(
	    payload_metric(payload, "http_status")->value, 200, 0, "status");
	payload_unref(payload);
}

static void
test_bad_values(void)
{
	struct http_probe_conf conf = conf_new();
	struct http_probe probe;
	struct http_response response = response_new(503,
	    "{\"status\":\"not\\u001b[31m\",\"checks\":{\"redis\":\"down\"},"
	    "\"workers\":\"4x\",\"workers\":1}");
	struct err err = ERR_INIT;
	enum err_code code;
	struct payload *payload;

	http_probe_init(&probe, &conf, "api", NULL);
	payload = judge(&probe, &response, NOW_MS, &code, &err);
	is_int(code, ERR_OK, "a 503 that says why is an answer");
	is_row(payload, "api", STATE_CRIT, "HTTP 503 in 12 ms, expected 200");
	is_row(payload, "checks.redis", STATE_CRIT, "down, expected ok");
	is_row(payload, "workers", STATE_UNKNOWN,
	    "workers: the key is there more than once");
	is_row(payload, "writable", STATE_UNKNOWN,
	    "writable: no such key; there are: status, checks, workers, "
	    "workers");
	ok(strchr(row(payload, "status")->detail.s, '\033') == NULL,
	    "no escape byte gets through");
	payload_unref(payload);
}

static void
test_not_json(void)
{
	struct http_probe_conf conf = conf_new();
	struct http_probe probe;
	struct http_response response = response_new(502, "<h1>Bad gateway");
	struct err err = ERR_INIT;
	enum err_code code;
	struct payload *payload;

	http_probe_init(&probe, &conf, "api", NULL);
	payload = judge(&probe, &response, NOW_MS, &code, &err);
	is_int(code, ERR_OK, "an error page with an error status");
	is_row(payload, "api", STATE_CRIT, "HTTP 502 in 12 ms, expected 200");
	is_row(payload, "status", STATE_UNKNOWN, "the answer was not JSON");
	payload_unref(payload);
	response = response_new(200, "<h1>Log in");
	ok(judge(&probe, &response, NOW_MS, &code, &err) == NULL &&
		code == ERR_BADDATA,
	    "the same with 200 is no answer: %s", err.msg);
	snprintf(response.type, sizeof(response.type), "text/html");
	ok(judge(&probe, &response, NOW_MS, &code, &err) == NULL &&
		code == ERR_BADDATA && strstr(err.msg, "login page") != NULL,
	    "a web page: %s", err.msg);
	response = response_new(200, "{\"status\":");
	ok(judge(&probe, &response, NOW_MS, &code, &err) == NULL &&
		code == ERR_BADDATA && strstr(err.msg, "cut off") != NULL,
	    "half an answer: %s", err.msg);
}

static void
test_errors(void)
{
	static const struct {
		int status;
		enum err_code code;
	} cases[] = { { 401, ERR_AUTH }, { 403, ERR_FORBIDDEN },
		{ 404, ERR_NOTFOUND }, { 429, ERR_LIMITED },
		{ 302, ERR_PROTOCOL } };
	static const char *const many[] = { "204", "401" };
	struct http_probe_conf conf = conf_new();
	struct http_probe probe;
	struct http_response response;
	struct err err = ERR_INIT;
	enum err_code code;
	struct payload *payload;

	http_probe_init(&probe, &conf, "api", NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		response = response_new(cases[i].status, "{}");
		ok(judge(&probe, &response, NOW_MS, &code, &err) == NULL,
		    "%d gives no rows", cases[i].status);
		is_str(
		    err_code_name(code), err_code_name(cases[i].code), err.msg);
	}
	conf.json.count = 0;
	conf.instance = (struct instance_conf) { .version = NULL };
	conf.status = (struct opt_list) { .items = many, .count = 2 };
	response = response_new(401, "no JSON at all");
	payload = judge(&probe, &response, NOW_MS, &code, &err);
	is_row(payload, "api", STATE_OK, "HTTP 401 in 12 ms");
	payload_unref(payload);
	response = response_new(200, "");
	payload = judge(&probe, &response, NOW_MS, &code, &err);
	is_row(payload, "api", STATE_WARN,
	    "HTTP 200 in 12 ms, expected 204 or others");
	payload_unref(payload);
}

static void
test_slow_and_certificate(void)
{
	static const struct {
		int days;
		bool insecure;
		enum state state;
		const char *detail;
	} cases[] = {
		{ 90, false, STATE_OK, "90 d left" },
		{ 21, false, STATE_OK, "21 d left" },
		{ 20, false, STATE_WARN, "20 d left; renew it" },
		{ 6, false, STATE_CRIT, "6 d left; renew it" },
		{ -3, false, STATE_CRIT, "expired 3 d ago; renew it" },
		{ 90, true, STATE_WARN,
		    "90 d left; not verified (insecure: true)" },
	};
	struct http_probe_conf conf = conf_new();
	struct http_probe probe;
	struct http_response response = response_new(200, "");
	struct err err = ERR_INIT;
	enum err_code code;
	struct payload *payload;

	conf.json.count = 0;
	conf.instance = (struct instance_conf) { .version = NULL };
	conf.slow_ns = 10 * 1000 * 1000;
	http_probe_init(&probe, &conf, "api", NULL);
	response.date_s = NOW_MS / 1000 + 3600;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		conf.http.insecure = cases[i].insecure;
		response.cert_until_s =
		    (NOW_MS + cases[i].days * DAY_MS) / 1000 + 60;
		payload = judge(&probe, &response, NOW_MS, &code, &err);
		is_row(payload, "certificate", cases[i].state, cases[i].detail);
		is_near(payload_metric(payload, "http_certificate_days")->value,
		    cases[i].days, 0, "days as a metric");
		payload_unref(payload);
	}
	payload = judge(&probe, &response, NOW_MS, &code, &err);
	is_row(
	    payload, "api", STATE_WARN, "HTTP 200 in 12 ms, slower than 10 ms");
	is_row(payload, "clock", STATE_WARN,
	    "the server's clock is 1h00 ahead of ours");
	payload_unref(payload);
}

/* The only event after an answer; its text, or "" when there is none. */
static const char *
event_after(struct http_probe *probe, const char *body, int64_t wall_ms,
    enum event_kind *ret_kind)
{
	static char text[200];
	struct http_response response = response_new(200, body);
	struct err err = ERR_INIT;
	enum err_code code;
	struct payload *payload = judge(probe, &response, wall_ms, &code, &err);

	text[0] = '\0';
	if (payload != NULL && payload->event_count == 1) {
		snprintf(text, sizeof(text), "%s", payload->events[0].text.s);
		*ret_kind = payload->events[0].kind;
	} else if (payload == NULL || payload->event_count > 1) {
		snprintf(text, sizeof(text), "%s", err_text(&err));
	}
	payload_unref(payload);
	return text;
}

static void
test_events(void)
{
	struct http_probe_conf conf = conf_new();
	struct http_probe probe;
	enum event_kind kind = EVENT_OTHER;
	int64_t at = NOW_MS;

	conf.json.count = 0;
	http_probe_init(&probe, &conf, "api", NULL);
	is_str(event_after(
		   &probe, "{\"version\":\"1\",\"uptime\":100}", at, &kind),
	    "", "the first answer is no news");
	is_str(event_after(&probe, "{\"version\":\"1\",\"uptime\":105}",
		   at += 5000, &kind),
	    "", "nor is the same again");
	is_str(event_after(&probe, "{\"uptime\":110}", at += 5000, &kind), "",
	    "a version that is not there");
	is_str(event_after(&probe, "{\"version\":\"2\",\"uptime\":115}",
		   at += 5000, &kind),
	    "1 to 2", "a new version");
	is_int(kind, EVENT_DEPLOY, "is a deploy");
	is_str(event_after(&probe, "{\"version\":\"2\",\"uptime\":3}",
		   at += 5000, &kind),
	    "up 3 s, was 1m55s", "uptime went back");
	is_int(kind, EVENT_RESTART, "is a restart");
	is_str(event_after(&probe, "{\"version\":\"2\",\"uptime\":9000}",
		   at += 5000, &kind),
	    "", "another instance, older");
	is_str(event_after(&probe, "{\"version\":\"2\",\"uptime\":13}",
		   at += 5000, &kind),
	    "", "the first again: too old to be a restart");
	is_str(event_after(&probe, "{\"version\":\"2\",\"uptime\":\"x\"}",
		   at += 5000, &kind),
	    "", "no number");
}

/* Version and start as a row for the services panel. */
static void
test_service(void)
{
	struct http_probe_conf conf = conf_new();
	struct http_response response =
	    response_new(200, "{\"version\":\"1.5\",\"uptime\":60}");
	struct http_response silent = response_new(200, "{}");
	struct http_probe probe;
	struct err err = ERR_INIT;
	enum err_code code;
	struct payload *payload;
	const struct table *table;

	conf.json.count = 0;
	http_probe_init(&probe, &conf, "api", NULL);
	payload = judge(&probe, &response, NOW_MS, &code, &err);
	table = payload_table(payload, "services");
	if (ok(table != NULL && table->row_count == 1, "one row")) {
		is_str(table->rows[0].key.s, "api", "the source");
		is_str(table->rows[0].cells[1].text.s, "1.5", "its version");
		is_near(table->rows[0].cells[2].num, NOW_MS - 60e3, 0,
		    "when it was started");
		is_int(table_column(table, "state"), -1,
		    "its state is the source's");
	}
	payload_unref(payload);
	payload = judge(&probe, &silent, NOW_MS, &code, &err);
	ok(payload_table(payload, "services") == NULL, "nothing told, no row");
	payload_unref(payload);
}

static void
test_secrets(void)
{
	struct http_probe_conf conf = conf_new();
	struct redactor *redactor = redactor_new();
	struct http_probe probe;
	struct http_response response =
	    response_new(200, "{\"status\":\"token s3cr3t-canary is bad\"}");
	struct err err = ERR_INIT;
	enum err_code code;
	struct payload *payload;

	is_int(redactor_add(redactor, "s3cr3t-canary", 13, &err), ERR_OK,
	    "a known secret");
	http_probe_init(&probe, &conf, "api", redactor);
	payload = judge(&probe, &response, NOW_MS, &code, &err);
	ok(row(payload, "status") != NULL &&
		strstr(row(payload, "status")->detail.s, "canary") == NULL,
	    "is not shown: %s", row(payload, "status")->detail.s);
	payload_unref(payload);
	redactor_free(redactor);
}

static void
test_options(void)
{
	struct err err = ERR_INIT;

	ok(opt_table_check(&http_probe_table, &err), "the rows are sound: %s",
	    err.msg);
}

static void
check_yaml(const char *yaml, size_t errors, const char *says)
{
	struct arena *arena = arena_new((size_t)1 << 20);
	struct conf_errors *list = calloc(1, sizeof(*list));
	struct http_probe_conf conf = { .body = NULL };
	const struct conf_node *root = NULL;
	struct buf out = BUF_INIT(8192);

	if (conf_parse("t.yaml", yaml, strlen(yaml), NULL, arena, list,
		&root) == ERR_OK &&
	    opt_bind(&http_probe_table, root, &conf, arena, list) == ERR_OK)
		http_probe_check(&conf, root, list);
	conf_errors_print(list, &out);
	is_int((int64_t)list->errors, (int64_t)errors, yaml);
	ok(strstr(buf_cstr(&out), says) != NULL, "says \"%s\": %s", says,
	    errors != 0 ? buf_cstr(&out) : "");
	buf_release(&out);
	free(list);
	arena_free(arena);
}

static void
test_configuration(void)
{
	check_yaml("{url: 'http://h/', expect: {status: [200, 204], json: "
		   "{.a.b: ok}}, auth: {bearer: 'env:T'}, headers: {X: y}}",
	    0, "");
	check_yaml("{url: 'ftp://h/'}", 1, "http");
	check_yaml("{expect: {status: 200}}", 1, "url");
	check_yaml(
	    "{url: 'http://h/', expect: {status: fine}}", 1, "no HTTP status");
	check_yaml(
	    "{url: 'http://h/', expect: {json: {a..b: x}}}", 1, "wrong at");
	check_yaml("{url: 'http://h/', version: 'a[x]'}", 1, "wrong at");
	check_yaml("{url: 'http://h/', headers: {'a b': x}}", 1,
	    "no name of a header");
	check_yaml("{url: 'http://h/', auth: {user: x}}", 1, "together");
	check_yaml("{url: 'http://h/', auth: {user: x, password: 'env:P', "
		   "bearer: 'env:T'}}",
	    1, "not both");
	check_yaml(
	    "{url: 'http://h/', cert_warn: 3, cert_crit: 9}", 1, "cert_crit");
	check_yaml("{url: 'http://h/', method: HEAD, version: v}", 1, "HEAD");
	check_yaml("{url: 'http://h/', expct: {}}", 1, "expect");
}

/* Each allocation fails once: an error or all of the rows, never some. */
static void
test_no_memory(void)
{
	struct http_probe_conf conf = conf_new();
	struct http_probe probe;
	struct http_response response = response_new(200,
	    "{\"status\":\"ready\",\"checks\":{\"redis\":\"ok\"},"
	    "\"workers\":4,\"writable\":true,\"version\":\"1\"}");
	struct payload *payload = NULL;
	struct cJSON *root = NULL;
	struct err err = ERR_INIT;
	enum err_code code = ERR_NOMEM;
	size_t n;

	for (n = 1; n < 300 && payload == NULL; n++) {
		struct build *build = build_new();

		http_probe_init(&probe, &conf, "api", NULL);
		mem_fail_at(n, false);
		code = http_probe_read(&probe, &response, "h", &root, &err);
		if (code == ERR_OK) {
			http_probe_report(
			    &probe, &response, root, NOW_MS, build);
			payload = build_finish(build, &err);
		}
		root = json_free(root);
		mem_fail_at(0, false);
		build_free(build);
		if (payload != NULL && payload->health_count != 5) {
			ok(false, "a part was published at %zu", n);
			break;
		}
	}
	ok(payload != NULL && n > 10, "%zu allocations were failed", n - 2);
	payload_unref(payload);
}

int
main(void)
{
	RUN(test_good);
	RUN(test_bad_values);
	RUN(test_not_json);
	RUN(test_errors);
	RUN(test_slow_and_certificate);
	RUN(test_events);
	RUN(test_service);
	RUN(test_secrets);
	RUN(test_options);
	RUN(test_configuration);
	RUN(test_no_memory);
	return tap_done();
}
