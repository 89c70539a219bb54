/* Source type "json" against a server that answers, breaks and lies. */
#include "datasrc/source.h"

#include <signal.h>

#include "base/clock.h"
#include "base/redact.h"
#include "tests/live/child.h"
#include "tests/live/polled.h"
#include "tests/tap.h"

enum {
	SHORT_MS = 1500,
	LONG_MS = 20000
};

static struct child server;

static bool
source_open(struct polled *p, const char *path, const char *more)
{
	char yaml[2048];

	snprintf(yaml, sizeof(yaml), "{url: 'http://127.0.0.1:%d%s'%s}",
	    child_number(&server, "HTTP"), path, more);
	return ok(polled_open(p, &src_json, yaml), "%s is opened", path);
}

static enum err_code
ask(struct polled *p, int ms)
{
	return polled_once(p, ms * NS_PER_MS);
}

/* Changes what the server says next. */
static void
server_set(const char *query)
{
	struct polled p;
	char path[128];

	snprintf(path, sizeof(path), "/set?%s", query);
	if (source_open(&p, path, ", tables: {t: .}"))
		ok(ask(&p, LONG_MS) != ERR_NOMEM, "%s", query);
	polled_close(&p);
}

static void
is_row(const struct polled *p, const char *target, enum state state,
    const char *detail)
{
	const struct health *health = polled_health(p, target);

	if (!ok(health != NULL, "a row %s: %s", target, err_text(&p->err)))
		return;
	is_str(state_name(health->state), state_name(state), target);
	ok(strstr(health->detail.s, detail) != NULL, "%s: %s", target,
	    health->detail.s);
}

static void
test_values(void)
{
	struct polled p;

	if (!source_open(&p, "/ok",
		", metrics: {db_latency: {path: database.latency, unit: "
		"seconds, scale: 0.001}}, health: {api: {path: status, ok: "
		"ok}}, version: version, uptime: uptime, tables: {all: .}"))
		return;
	is_int(ask(&p, LONG_MS), ERR_OK, "answers");
	is_near(polled_metric(&p, "db_latency", NULL), 0.003, 1e-12, "metric");
	is_row(&p, "api", STATE_OK, "ok");
	is_row(&p, "here", STATE_OK, "HTTP 200");
	ok(polled_health(&p, "mapping") == NULL, "nothing is wrong");
	is_int(polled_rows(&p, "all"), 4, "the table");
	is_str(p.payload->note.s, "1.0.0", "the version is the note");
	server_set("version=2.0.0&uptime=0");
	is_int(ask(&p, LONG_MS), ERR_OK, "again");
	is_int(polled_events(&p, EVENT_DEPLOY), 1, "a deploy");
	is_int(polled_events(&p, EVENT_RESTART), 1, "a restart");
	ok(polled_starve(&p, LONG_MS * NS_PER_MS), "without memory");
	polled_close(&p);
}

static void
test_readyz(void)
{
	struct polled p;

	if (!source_open(&p, "/readyz",
		", health: {check: {path: checks.*, ok: ok}}, also_read: "
		"[503]"))
		return;
	is_int(ask(&p, LONG_MS), ERR_OK, "all is well");
	is_row(&p, "check redis", STATE_OK, "ok");
	server_set("broken=redis");
	is_int(ask(&p, LONG_MS), ERR_OK, "503 with a reason");
	is_row(&p, "here", STATE_CRIT, "HTTP 503");
	is_row(&p, "check redis", STATE_CRIT, "error, expected ok");
	is_row(&p, "check database", STATE_OK, "ok");
	polled_close(&p);
	if (!source_open(&p, "/readyz", ", health: {redis: checks.redis}"))
		return;
	is_int(ask(&p, LONG_MS), ERR_SERVER, "not read when nobody asked");
	polled_close(&p);
	server_set("broken=");
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
		{ "/hang-body", SHORT_MS, ERR_TIMEOUT },
		{ "/endless", LONG_MS, ERR_TOOBIG },
		{ "/bomb", LONG_MS, ERR_BADDATA },
		{ "/html", LONG_MS, ERR_BADDATA },
		{ "/garbage", LONG_MS, ERR_PROTOCOL },
		{ "/cut-bare", LONG_MS, ERR_BADDATA },
		{ "/deep", LONG_MS, ERR_TOOBIG },
		{ "/bad-utf8", LONG_MS, ERR_BADDATA },
		{ "/redirect", LONG_MS, ERR_PROTOCOL },
		{ "/limited", LONG_MS, ERR_LIMITED },
		{ "/status/401", LONG_MS, ERR_AUTH },
		{ "/status/403", LONG_MS, ERR_FORBIDDEN },
		{ "/status/404", LONG_MS, ERR_NOTFOUND },
		{ "/status/500", LONG_MS, ERR_SERVER },
		{ "/status/202", LONG_MS, ERR_PROTOCOL },
		{ "/close", LONG_MS, ERR_CLOSED },
	};
	struct polled p;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (!source_open(&p, cases[i].path, ", tables: {t: .}"))
			continue;
		is_str(err_code_name(ask(&p, cases[i].ms)),
		    err_code_name(cases[i].code), cases[i].path);
		ok(p.payload == NULL && p.err.msg[0] != '\0', "%s", p.err.msg);
		polled_close(&p);
	}
}

/* What a lying page says is shown, and does no harm. */
static void
test_lies(void)
{
	struct polled p;

	if (source_open(&p, "/controls",
		", health: {status: status}, version: version")) {
		is_int(ask(&p, LONG_MS), ERR_OK, "controls");
		is_row(&p, "status", STATE_UNKNOWN, "PWNED");
		ok(strchr(polled_health(&p, "status")->detail.s, '\x1b') ==
			NULL,
		    "no escape byte gets through");
	}
	polled_close(&p);
	if (source_open(&p, "/status/200",
		", metrics: {a: error}, health: {b: {path: b, ok: x}}")) {
		is_int(ask(&p, LONG_MS), ERR_OK, "another document");
		is_row(&p, "b", STATE_UNKNOWN,
		    "b: no such key; there are: "
		    "error");
		is_row(&p, "mapping", STATE_WARN, "1 more problem");
	}
	polled_close(&p);
}

static void
test_recovery(void)
{
	struct polled p;

	if (!source_open(&p, "/ok", ", tables: {t: .}"))
		return;
	is_int(ask(&p, LONG_MS), ERR_OK, "alive");
	child_signal(&server, SIGSTOP);
	is_int(ask(&p, SHORT_MS), ERR_TIMEOUT, "frozen");
	child_signal(&server, SIGCONT);
	is_int(ask(&p, LONG_MS), ERR_OK, "alive again");
	polled_close(&p);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	if (!child_badserver(&server)) {
		ok(false, "badserver.py starts");
		return tap_done();
	}
	RUN(test_values);
	RUN(test_readyz);
	RUN(test_failures);
	RUN(test_lies);
	RUN(test_recovery);
	child_stop(&server);
	return tap_done();
}
