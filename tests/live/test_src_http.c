/* Source type "http" from its configuration to its rows. */
#include "datasrc/source.h"

#include <signal.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/redact.h"
#include "tests/live/child.h"
#include "tests/tap.h"

enum {
	SHORT_MS = 1500,
	LONG_MS = 20000
};

static struct child server;

/* One source as the engine would hold it. */
struct rig {
	struct arena *arena;
	struct redactor *redactor;
	const struct source_ops *ops;
	struct source_env env;
	void *config;
	void *state;
	struct poll poll; /* of the last poll */
	struct err err;
	struct payload *payload; /* NULL after an error */
};

static void
rig_start(struct rig *rig, const char *key, const char *path, const char *more)
{
	struct conf_errors *errors = calloc(1, sizeof(*errors));
	const struct conf_node *root = NULL;
	struct buf out = BUF_INIT(4096);
	char yaml[1024];
	bool tls = strncmp(key, "TLS", 3) == 0;

	memset(rig, 0, sizeof(*rig));
	rig->arena = arena_new((size_t)1 << 20);
	rig->redactor = redactor_new();
	rig->ops = source_find("http");
	rig->config = arena_alloc(rig->arena, rig->ops->config_size);
	rig->env =
	    (struct source_env) { .name = "api", .redactor = rig->redactor };
	snprintf(yaml, sizeof(yaml), "{url: '%s://%s:%d%s'%s}",
	    tls ? "https" : "http", tls ? "localhost" : "127.0.0.1",
	    child_number(&server, key), path, more);
	if (conf_parse("t.yaml", yaml, strlen(yaml), NULL, rig->arena, errors,
		&root) == ERR_OK &&
	    opt_bind(rig->ops->options, root, rig->config, rig->arena,
		errors) == ERR_OK)
		rig->ops->check(&rig->env, rig->config, root, errors);
	if (errors->errors > 0) {
		conf_errors_print(errors, &out);
		ok(false, "%s", buf_cstr(&out));
	}
	buf_release(&out);
	free(errors);
	is_int(rig->ops->open(&rig->env, rig->config, &rig->state, &rig->err),
	    ERR_OK, "open");
}

static enum err_code
rig_poll(struct rig *rig, int ms)
{
	enum err_code code;

	err_clear(&rig->err);
	rig->payload = payload_unref(rig->payload);
	rig->poll = (struct poll) {
		.deadline = clock_now() + ms * NS_PER_MS,
		.wall_ms = clock_wall_ms(),
		.build = build_new(),
	};
	code = rig->ops->poll(rig->state, &rig->poll, &rig->err);
	if (code == ERR_OK)
		rig->payload = build_finish(rig->poll.build, &rig->err);
	build_free(rig->poll.build);
	return code;
}

static void
rig_end(struct rig *rig)
{
	rig->ops->close(rig->state);
	payload_unref(rig->payload);
	redactor_free(rig->redactor);
	arena_free(rig->arena);
}

static void
is_row(const struct rig *rig, const char *target, enum state state)
{
	size_t count = rig->payload != NULL ? rig->payload->health_count : 0;

	for (size_t i = 0; i < count; i++) {
		const struct health *health = &rig->payload->health[i];

		if (strcmp(health->target.s, target) != 0)
			continue;
		ok(health->state == state, "%s: %s", target, health->detail.s);
		return;
	}
	ok(false, "no row %s: %s", target, err_text(&rig->err));
}

/* Changes what the server says next. */
static void
server_set(const char *query)
{
	struct rig rig;
	char path[128];

	snprintf(path, sizeof(path), "/set?%s", query);
	rig_start(&rig, "HTTP", path, "");
	is_int(rig_poll(&rig, LONG_MS), ERR_OK, query);
	rig_end(&rig);
}

static void
test_readyz(void)
{
	struct rig rig;

	rig_start(&rig, "HTTP", "/readyz",
	    ", expect: {json: {status: ok, checks.database: ok, "
	    "checks.redis: ok}}");
	is_int(rig_poll(&rig, LONG_MS), ERR_OK, "all is well");
	is_row(&rig, "api", STATE_OK);
	is_row(&rig, "checks.redis", STATE_OK);
	server_set("broken=redis");
	is_int(rig_poll(&rig, LONG_MS), ERR_OK, "503 with a reason");
	is_row(&rig, "api", STATE_CRIT);
	is_row(&rig, "checks.redis", STATE_CRIT);
	is_row(&rig, "checks.database", STATE_OK);
	rig_end(&rig);
}

static void
test_deploy(void)
{
	struct rig rig;

	rig_start(&rig, "HTTP", "/ok",
	    ", version: version, uptime: uptime, expect: {json: {status: "
	    "ok}}");
	is_int(rig_poll(&rig, LONG_MS), ERR_OK, "first");
	is_int((int64_t)rig.payload->event_count, 0, "no event");
	server_set("version=2.0.0&uptime=0");
	is_int(rig_poll(&rig, LONG_MS), ERR_OK, "second");
	is_int((int64_t)rig.payload->event_count, 2, "two events");
	is_str(rig.payload->events[0].text.s, "1.0.0 to 2.0.0", "a deploy");
	is_int(rig.payload->events[1].kind, EVENT_RESTART, "a restart");
	is_int(rig_poll(&rig, LONG_MS), ERR_OK, "third");
	is_int((int64_t)rig.payload->event_count, 0, "told once");
	rig_end(&rig);
}

static void
test_failures(void)
{
	static const struct {
		const char *path;
		int ms;
		enum err_code code;
	} cases[] = {
		{ "/hang", SHORT_MS, ERR_TIMEOUT },
		{ "/endless", LONG_MS, ERR_TOOBIG },
		{ "/html", LONG_MS, ERR_BADDATA },
		{ "/cut-bare", LONG_MS, ERR_BADDATA },
		{ "/deep", LONG_MS, ERR_TOOBIG },
		{ "/bad-utf8", LONG_MS, ERR_BADDATA },
		{ "/redirect", LONG_MS, ERR_PROTOCOL },
		{ "/limited", LONG_MS, ERR_LIMITED },
		{ "/status/401", LONG_MS, ERR_AUTH },
		{ "/close", LONG_MS, ERR_CLOSED },
	};
	struct rig rig;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		rig_start(&rig, "HTTP", cases[i].path,
		    ", expect: {json: {status: ok}}");
		is_str(err_code_name(rig_poll(&rig, cases[i].ms)),
		    err_code_name(cases[i].code), cases[i].path);
		ok(rig.payload == NULL && rig.err.msg[0] != '\0', "%s",
		    rig.err.msg);
		if (cases[i].code == ERR_LIMITED)
			is_int(rig.poll.retry_after_ns, 7 * NS_PER_SEC,
			    "the wait that was asked for");
		rig_end(&rig);
	}
}

static void
test_max_body(void)
{
	struct rig rig;

	rig_start(&rig, "HTTP", "/deep", ", max_body: 64KiB");
	is_int(rig_poll(&rig, LONG_MS), ERR_TOOBIG, "a limit of its own");
	ok(strstr(rig.err.msg, "65536") != NULL, "%s", rig.err.msg);
	rig_end(&rig);
}

/* A token from a file; the server echoes it, and the screen must not. */
static void
test_secret(void)
{
	char path[] = "/tmp/sevtop-token-XXXXXX", more[256];
	struct rig rig;
	int fd = mkstemp(path);

	is_int(write(fd, "canary-t0ken\n", 13), 13, "a token file");
	close(fd);
	snprintf(more, sizeof(more),
	    ", auth: {bearer: 'file:%s'}, headers: {X-Team: ops}, expect: "
	    "{json: {headers.x-team: ops, headers.authorization: x}}",
	    path);
	rig_start(&rig, "HTTP", "/echo", more);
	is_int(rig_poll(&rig, LONG_MS), ERR_OK, "asked with it");
	is_row(&rig, "headers.x-team", STATE_OK);
	is_row(&rig, "headers.authorization", STATE_CRIT);
	for (size_t i = 0; i < rig.payload->health_count; i++)
		ok(strstr(rig.payload->health[i].detail.s, "canary") == NULL,
		    "redacted: %s", rig.payload->health[i].detail.s);
	rig_end(&rig);
	unlink(path);
	rig_start(&rig, "HTTP", "/echo", more);
	is_int(rig_poll(&rig, LONG_MS), ERR_NOTFOUND, "the file is gone");
	ok(strncmp(rig.err.msg, "bearer: ", 8) == 0, "%s", rig.err.msg);
	rig_end(&rig);
}

static void
test_tls(void)
{
	char more[512];
	struct rig rig;

	snprintf(more, sizeof(more), ", ca: %s", child_value(&server, "CA"));
	rig_start(&rig, "TLS_SOON", "/ok", more);
	is_int(rig_poll(&rig, LONG_MS), ERR_OK, "ten days left");
	is_row(&rig, "api", STATE_OK);
	is_row(&rig, "certificate", STATE_WARN);
	rig_end(&rig);
	snprintf(more, sizeof(more), ", ca: %s, cert_warn: 30, cert_crit: 11",
	    child_value(&server, "CA"));
	rig_start(&rig, "TLS_SOON", "/ok", more);
	is_int(rig_poll(&rig, LONG_MS), ERR_OK, "too few");
	is_row(&rig, "certificate", STATE_CRIT);
	rig_end(&rig);
	rig_start(&rig, "TLS_EXPIRED", "/ok", "");
	is_int(rig_poll(&rig, LONG_MS), ERR_TLS, "not trusted");
	rig_end(&rig);
	rig_start(&rig, "TLS_SELF", "/ok", ", insecure: true");
	is_int(rig_poll(&rig, LONG_MS), ERR_OK, "insecure");
	is_row(&rig, "certificate", STATE_WARN);
	rig_end(&rig);
}

static void
test_recovery(void)
{
	struct rig rig;

	rig_start(&rig, "HTTP", "/ok", "");
	is_int(rig_poll(&rig, LONG_MS), ERR_OK, "alive");
	child_signal(&server, SIGSTOP);
	is_int(rig_poll(&rig, SHORT_MS), ERR_TIMEOUT, "frozen");
	child_signal(&server, SIGCONT);
	is_int(rig_poll(&rig, LONG_MS), ERR_OK, "alive again");
	rig_end(&rig);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	if (!child_badserver(&server)) {
		ok(false, "badserver.py starts");
		return tap_done();
	}
	RUN(test_readyz);
	RUN(test_deploy);
	RUN(test_failures);
	RUN(test_max_body);
	RUN(test_secret);
	RUN(test_tls);
	RUN(test_recovery);
	child_stop(&server);
	return tap_done();
}
