/*
 * Cloud Monitoring's figures and objectives, whole, in part, late, wrong and
 * not at all, from a server that refuses what Google refuses.
 */
#include "datasrc/source.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/redact.h"
#include "tests/live/child.h"
#include "tests/live/google.h"
#include "tests/live/polled.h"
#include "tests/tap.h"

#define PATIENCE (20 * NS_PER_SEC)

static struct child server;
static struct source_env env = { .name = "here" };

static bool
source_open(struct polled *p, const char *more)
{
	char yaml[1024];

	snprintf(yaml, sizeof(yaml),
	    "{project: demo, endpoint: 'http://127.0.0.1:%d', auth: "
	    "{credentials: %s}, %s}",
	    child_number(&server, "PORT"), child_value(&server, "KEY"), more);
	return ok(
	    polled_open_in(p, &src_gcp_monitoring, &env, yaml), "{%s}", more);
}

static enum err_code
ask(struct polled *p)
{
	return polled_once(p, PATIENCE);
}

static const char *
health_of(const struct polled *p, const char *target)
{
	const struct health *health = polled_health(p, target);

	return health != NULL ? health->detail.s : "";
}

/* Turns by themselves, so that two in a second are two. */
#define MUCH "quota: 100000"

static void
test_figures(void)
{
	struct polled p;

	if (!source_open(&p, MUCH))
		return;
	is_int(ask(&p), ERR_OK, err_text(&p.err));
	is_near(polled_metric(&p, "run_requests", "5xx"), 1, 0, "requests");
	is_near(
	    polled_metric(&p, "run_error_ratio", "web"), 0.1, 1e-12, "errors");
	is_near(polled_metric(&p, "run_latency_seconds", "0.5"), 0.04, 1e-12,
	    "p50");
	is_near(polled_metric(&p, "run_latency_seconds", "0.95"), 0.25, 1e-12,
	    "p95");
	is_near(polled_metric(&p, "run_latency_seconds", "0.99"), 0.9, 1e-12,
	    "p99");
	is_near(polled_metric(&p, "run_instances", "web"), 3, 0, "instances");
	is_near(
	    polled_metric(&p, "run_instances_active", "web"), 2, 0, "active");
	is_near(polled_metric(&p, "run_instances_idle", "web"), 1, 0, "idle");
	is_near(polled_metric(&p, "run_cpu_ratio", "web"), 0.5, 0, "CPU");
	is_near(polled_metric(&p, "run_memory_ratio", "web"), 0.5, 0, "memory");
	is_near(polled_metric(&p, "run_network_bytes", "in"), 2048, 0, "in");
	is_near(polled_metric(&p, "run_network_bytes", "out"), 4096, 0, "out");
	is_near(polled_metric(&p, "run_startup_seconds", "0.95"), 0.25, 1e-12,
	    "startup");
	is_near(polled_metric(&p, "redis_memory_ratio", "cache"), 0.5, 0,
	    "memory of Redis");
	is_near(polled_metric(&p, "redis_clients", "cache"), 12, 0, "clients");
	ok(polled_metric(&p, "run_sample_age_seconds", NULL) < 180, "age");
	is_near(polled_num(&p, "use", "web", "instances"), 3, 0, "use");
	is_near(polled_num(&p, "use", "web", "p95"), 0.25, 1e-12, "p95 in it");
	ok(polled_num(&p, "use", "web", "sampled") > 0, "when it was so");
	is_str(health_of(&p, "pace"),
	    "10.8 of 10000 questions a minute (one of 10 dashboards)",
	    "the pace");
	polled_close(&p);
}

static void
test_objectives(void)
{
	static const struct {
		const char *set;
		const char *word;
		const char *detail;
	} cases[] = {
		{ "slos=good", "met", "" },
		{ "slos=burning", "burning",
		    "spent in 50m00s at the pace of the last 1h" },
		{ "slos=huge", "met",
		    "spent in 104166d at the pace of the last 1h" },
		{ "slos=spent", "missed",
		    "the error budget of this period is spent" },
		{ "slos=nodata", "no data",
		    "no traffic, or Google has not counted yet" },
	};
	static const char key[] = "web/availability";
	struct polled p;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		google_set(&server, cases[i].set);
		if (!source_open(&p, MUCH ", figures: [requests]"))
			continue;
		is_int(ask(&p), ERR_OK, cases[i].set);
		is_str(polled_text(&p, "slos", key, "state"), cases[i].word,
		    "its state");
		is_str(polled_text(&p, "slos", key, "detail"), cases[i].detail,
		    "in words");
		polled_close(&p);
	}
	google_set(&server, "slos=burning");
	if (!source_open(&p, MUCH ", windows: [1h, 6h, 3d]"))
		return;
	is_int(ask(&p), ERR_OK, "burning");
	is_near(polled_num(&p, "slos", key, "goal"), 0.99, 0, "goal");
	is_near(polled_num(&p, "slos", key, "compliance"), 0.995, 0, "so far");
	is_near(polled_num(&p, "slos", key, "budget_left"), 0.5, 0, "left");
	is_near(polled_num(&p, "slos", key, "burn_1h"), 14.4, 0, "in an hour");
	is_near(polled_num(&p, "slos", key, "burn_3d"), 1, 0, "in 3 days");
	is_str(polled_text(&p, "slos", key, "period"), "1 day", "period");
	is_near(polled_metric(&p, "slo_budget_left_ratio", "web"), 0.5, 0,
	    "a metric");
	google_set(&server, "slos=spent");
	is_int(ask(&p), ERR_OK, "then it is");
	is_near(polled_num(&p, "slos", key, "burn_1h"), 30, 0, "asked anew");
	is_near(polled_num(&p, "slos", key, "budget_left"), 0.5, 0,
	    "what moves slowly is not yet");
	polled_close(&p);
	google_set(&server, "slos=good");
}

/* Only what is wanted is asked for, where it is wanted. */
static void
test_choice(void)
{
	struct polled p;

	if (!source_open(&p, MUCH ", figures: [cpu], slos: false, services: "
				  "[web], regions: [europe-west1, us-east1]"))
		return;
	is_int(ask(&p), ERR_OK, "one figure");
	is_near(polled_metric(&p, "run_cpu_ratio", "europe-west1"), 0.5, 0,
	    "by region");
	is_near(polled_num(&p, "use", "europe-west1/web", "cpu"), 0.5, 0,
	    "called as gcp.run calls it");
	is_int(polled_rows(&p, "slos"), -1, "no objectives");
	is_near(polled_metric(&p, "run_requests", "2xx"), NAN, 0, "no others");
	polled_close(&p);
}

/* What can't be asked is refused before anything is asked. */
static void
test_wrong_choice(void)
{
	static const char *const wrong[] = { "figures: [reqests]",
		"regions: ['europe\"west']", "services: [Web]",
		"windows: [1h, soon]", "windows: [10s]",
		"windows: [1h, 2h, 3h, 4h, 5h, 6h, 7h]", "share: 0",
		"old: 1h" };
	struct polled p;
	char yaml[256];

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		snprintf(yaml, sizeof(yaml), "{project: demo, %s}", wrong[i]);
		ok(!polled_open_in(&p, &src_gcp_monitoring, &env, yaml), "%s",
		    wrong[i]);
		polled_close(&p);
	}
}

static void
test_pace(void)
{
	struct polled p;

	if (!source_open(&p, "quota: 30, share: 10, slos: false"))
		return;
	is_int(ask(&p), ERR_OK, "three questions a minute");
	is_near(polled_metric(&p, "run_requests", "2xx"), 9, 0, "the first");
	is_near(polled_metric(&p, "run_instances", "web"), 3, 0, "the third");
	is_near(polled_metric(&p, "run_cpu_ratio", "web"), NAN, 0,
	    "not the fourth");
	is_str(health_of(&p, "pace"),
	    "8.5 of 3 questions a minute: each comes every 2m50s (one of 10 "
	    "dashboards)",
	    "is said");
	is_int(ask(&p), ERR_OK, "none is left");
	is_near(
	    polled_metric(&p, "run_requests", "2xx"), 9, 0, "what was known");
	polled_close(&p);
}

/* One bad answer after the other, and what is told of it. */
static void
test_faults(void)
{
	static const struct {
		const char *set;
		enum err_code code;
		const char *words;
	} cases[] = {
		{ "run=limited", ERR_LIMITED,
		    "request_count: too many questions for the quota "
		    "ReadPerMinute; it asks to wait 30s" },
		{ "run=unmonitored", ERR_FORBIDDEN,
		    "request_count: the permission monitoring.timeSeries.list "
		    "is missing; ask for roles/monitoring.viewer" },
		{ "run=503", ERR_SERVER, "HTTP 503: The service is" },
		{ "run=500", ERR_SERVER, "HTTP 500: broken" },
		{ "run=html", ERR_SERVER, "request_count: HTTP 502" },
		{ "run=garbage", ERR_BADDATA, "request_count" },
		{ "run=array", ERR_BADDATA, "no object" },
		{ "run=good&series=cut", ERR_BADDATA, "request_count" },
		{ "series=wrong", ERR_OK, "" },
		{ "series=none", ERR_OK, "" },
		{ "deny=1", ERR_AUTH, "the token was refused (HTTP 401)" },
		{ "deny=0&refuse=1", ERR_OK, "" },
	};
	struct polled p;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		google_set(&server, cases[i].set);
		if (!source_open(&p, MUCH ", slos: false"))
			continue;
		is_str(err_code_name(ask(&p)), err_code_name(cases[i].code),
		    cases[i].set);
		ok(strstr(p.err.msg, cases[i].words) != NULL, "%s", p.err.msg);
		is_near(polled_metric(&p, "run_requests", "2xx"), NAN, 0,
		    "no value is not 0");
		polled_close(&p);
	}
	google_set(&server, "series=good");
}

static void
test_parts(void)
{
	struct polled p;

	if (!source_open(&p, MUCH))
		return;
	google_set(&server, "series=part");
	is_int(ask(&p), ERR_OK, "some fail");
	is_str(health_of(&p, "run_instances"),
	    "container/instance_count: HTTP 500: broken", "that is told");
	is_near(polled_metric(&p, "run_requests", "2xx"), 9, 0, "the others");
	google_set(&server, "series=pages");
	is_int(ask(&p), ERR_OK, "two pages");
	is_near(polled_metric(&p, "run_requests", "5xx"), 1, 0,
	    "the newest of both");
	is_str(health_of(&p, "run_instances"), "", "and all is well again");
	google_set(&server, "series=quiet");
	is_int(ask(&p), ERR_OK, "no errors any more");
	is_near(polled_metric(&p, "run_requests", "5xx"), 0, 0, "are none");
	is_near(polled_metric(&p, "run_error_ratio", "web"), 0, 0, "and 0 %");
	google_set(&server, "series=good");
	ok(polled_starve(&p, PATIENCE), "without memory");
	polled_close(&p);
}

/* Points that are too old are no value of now. */
static void
test_late(void)
{
	struct polled p;

	google_set(&server, "series=late");
	if (!source_open(&p, MUCH ", figures: [requests]"))
		return;
	is_int(ask(&p), ERR_OK, "six minutes behind");
	is_near(
	    polled_metric(&p, "run_requests", "2xx"), NAN, 0, "is not shown");
	ok(strstr(health_of(&p, "samples"), "too old to be shown") != NULL,
	    "%s", health_of(&p, "samples"));
	polled_close(&p);
	if (!source_open(&p, MUCH ", figures: [requests], old: 10m"))
		return;
	is_int(ask(&p), ERR_OK, "unless it may be");
	is_near(polled_metric(&p, "run_requests", "2xx"), 9, 0, "is shown");
	polled_close(&p);
	google_set(&server, "series=good");
}

/* Whoever had samples and has none now is quiet, not unknown. */
static void
test_quiet(void)
{
	struct polled p;

	if (!source_open(&p, MUCH ", figures: [requests, instances, startup]"))
		return;
	is_int(ask(&p), ERR_OK, "traffic");
	google_set(&server, "series=none");
	is_int(ask(&p), ERR_OK, "none any more");
	ok(polled_has_metric(&p, "run_requests", "2xx"), "there");
	is_near(polled_metric(&p, "run_requests", "2xx"), NAN, 0, "no value");
	ok(polled_has_metric(&p, "run_error_ratio", "web"), "there");
	ok(polled_has_metric(&p, "run_instances", "web"), "there");
	google_set(&server, "series=late");
	is_int(ask(&p), ERR_OK, "and then Google is late");
	is_int(ask(&p), ERR_OK, "with all figures");
	ok(!polled_has_metric(&p, "run_requests", "2xx"), "nothing is known");
	ok(!polled_has_metric(&p, "run_instances", "web"), "of nothing");
	polled_close(&p);
	google_set(&server, "series=night");
	if (!source_open(&p, MUCH ", slos: false"))
		return;
	is_int(ask(&p), ERR_OK, "no traffic since the start");
	ok(polled_has_metric(&p, "run_error_ratio", "web"), "but yesterday");
	ok(polled_has_metric(&p, "run_latency_seconds", "0.95"), "of all");
	ok(polled_has_metric(&p, "run_cpu_ratio", "web"), "figures");
	is_near(polled_metric(&p, "run_error_ratio", "web"), NAN, 0, "none");
	google_set(&server, "series=good");
	polled_close(&p);
}

/* A token that ends between two questions costs a question, no figure. */
static void
test_token_ends(void)
{
	struct polled p;
	struct cJSON *before = google_ask(&server, "/count"), *after;
	int64_t asked = 0, again = 0;

	google_set(&server, "expire=3");
	if (!source_open(&p, MUCH ", slos: false"))
		return;
	is_int(ask(&p), ERR_OK, "a token ends");
	is_near(polled_metric(&p, "run_requests", "2xx"), 9, 0, "before");
	is_near(polled_metric(&p, "run_cpu_ratio", "web"), 0.5, 0, "then");
	is_near(polled_metric(&p, "run_startup_seconds", "0.5"), 0.04, 1e-12,
	    "and after");
	after = google_ask(&server, "/count");
	ok(json_int(json_member(before, "count"), &asked) &&
		json_int(json_member(after, "count"), &again),
	    "counts");
	is_int(again - asked, 2, "tokens asked for");
	json_free(before);
	json_free(after);
	polled_close(&p);
}

/* Refused after the third question: those are told, and a pause is kept. */
static void
test_limited_later(void)
{
	struct polled p;

	google_set(&server, "allow=3");
	if (!source_open(&p, MUCH))
		return;
	is_int(ask(&p), ERR_OK, "three are answered");
	is_near(polled_metric(&p, "run_instances", "web"), 3, 0, "the third");
	is_near(polled_metric(&p, "run_cpu_ratio", "web"), NAN, 0,
	    "not the fourth");
	is_str(health_of(&p, "pace"),
	    "container/cpu/utilizations: too many questions for the quota "
	    "ReadPerMinute; it asks to wait 30s",
	    "why");
	is_int(ask(&p), ERR_LIMITED, "all are refused");
	google_set(&server, "allow=-1");
	polled_close(&p);
}

int
main(void)
{
	if (!google_start(&server))
		return tap_done();
	env.redactor = redactor_new();
	RUN(test_figures);
	RUN(test_objectives);
	RUN(test_choice);
	RUN(test_wrong_choice);
	RUN(test_pace);
	RUN(test_faults);
	RUN(test_parts);
	RUN(test_late);
	RUN(test_quiet);
	RUN(test_token_ends);
	RUN(test_limited_later);
	redactor_free(env.redactor);
	google_judge(child_value(&server, "REQUESTS"));
	child_stop(&server);
	return tap_done();
}
