/*
 * Memorystore, VPC connectors and builds: rows, what changes, and every way
 * in which Google may not tell all of it.
 */
#include "datasrc/source.h"

#include "base/clock.h"
#include "base/redact.h"
#include "tests/live/child.h"
#include "tests/live/google.h"
#include "tests/live/polled.h"
#include "tests/tap.h"

#define PATIENCE (20 * NS_PER_SEC)

static struct child server;
static struct source_env env = { .name = "here" };

static bool
source_open(struct polled *p, const struct source_ops *ops, const char *more)
{
	char yaml[1024];

	snprintf(yaml, sizeof(yaml),
	    "{project: demo, endpoint: 'http://127.0.0.1:%d', auth: "
	    "{credentials: %s}%s}",
	    child_number(&server, "PORT"), child_value(&server, "KEY"), more);
	google_set(&server, "infra=good&cache=READY&zone=-a&reason=&connector="
			    "READY&build=");
	return ok(
	    polled_open_in(p, ops, &env, yaml), "%s {%s}", ops->name, more);
}

static enum err_code
ask(struct polled *p)
{
	return polled_once(p, PATIENCE);
}

static void
is_health(const struct polled *p, const char *target, enum state state,
    const char *words)
{
	const struct health *health = polled_health(p, target);

	if (!ok(health != NULL, "a health row \"%s\"", target))
		return;
	is_int((int)health->state, (int)state, target);
	is_str(health->detail.s, words, target);
}

static const char *
event_text(const struct polled *p)
{
	if (p->payload == NULL || p->payload->event_count == 0)
		return "";
	return p->payload->events[0].text.s;
}

static void
test_redis(void)
{
	struct polled p;

	if (!source_open(&p, &src_gcp_redis, ""))
		return;
	is_int(ask(&p), ERR_OK, err_text(&p.err));
	is_str(p.payload->note.s,
	    "Memorystore, service account watch@demo.iam.gserviceaccount.com",
	    "who asks");
	is_int(polled_rows(&p, "memorystore"), 3, "of all regions and pages");
	is_health(&p, "cache", STATE_OK, "standard ha, 5 GB, Redis 7.0");
	is_str(
	    polled_text(&p, "memorystore", "cache", "state"), "ready", "state");
	is_str(polled_text(&p, "memorystore", "cache", "host"), "10.0.0.3:6379",
	    "host");
	is_str(polled_text(&p, "memorystore", "spare", "region"),
	    "europe-west4", "region");
	is_str(polled_text(&p, "memorystore", "cache", "snapshots"), "one hour",
	    "snapshots");
	is_near(polled_num(&p, "memorystore", "cache", "memory"),
	    5.0 * 1024 * 1024 * 1024, 0, "memory");
	google_set(&server, "cache=FAILING_OVER&reason=zone%20a%20is%20down");
	is_int(ask(&p), ERR_OK, "fails over");
	is_health(&p, "cache", STATE_CRIT, "failing over: zone a is down");
	is_int(polled_events(&p, EVENT_OTHER), 3, "events");
	is_str(event_text(&p), "ready to failing over", "that say so");
	google_set(&server, "cache=READY&reason=&zone=-b");
	is_int(ask(&p), ERR_OK, "over");
	is_health(&p, "cache", STATE_OK,
	    "standard ha, 5 GB, Redis 7.0; failed over from europe-west1-a to "
	    "europe-west1-b");
	google_set(&server, "cache=SINGING&zone=-a");
	is_int(ask(&p), ERR_OK, "a state that is not known");
	is_health(
	    &p, "cache", STATE_WARN, "singing: standard ha, 5 GB, Redis 7.0");
	ok(polled_starve(&p, PATIENCE), "without memory");
	polled_close(&p);
	if (!source_open(&p, &src_gcp_redis,
		", regions: [europe-west1, europe-west4], instances: [cache, "
		"spare]"))
		return;
	is_int(ask(&p), ERR_OK, "two regions");
	is_int(polled_rows(&p, "memorystore"), 2, "those that are named");
	is_str(polled_text(&p, "memorystore", "europe-west4/spare", "tier"),
	    "standard ha", "a key with its region");
	polled_close(&p);
}

static void
test_vpc(void)
{
	struct polled p;

	if (!source_open(
		&p, &src_gcp_vpc, ", regions: [europe-west1, nowhere-1]"))
		return;
	is_int(ask(&p), ERR_OK, err_text(&p.err));
	is_health(&p, "europe-west1/serverless", STATE_OK,
	    "default 10.8.0.0/28, 2 to 10 machines");
	is_health(&p, "region nowhere-1", STATE_UNKNOWN,
	    "VPC connectors in nowhere-1: HTTP 404: Location nowhere-1 is not "
	    "found");
	google_set(&server, "connector=ERROR");
	is_int(ask(&p), ERR_OK, "fails");
	is_health(&p, "europe-west1/serverless", STATE_CRIT,
	    "error: nothing behind it is reached");
	is_str(event_text(&p), "ready to error", "an event");
	polled_close(&p);
}

static void
test_build(void)
{
	struct polled p;

	if (!source_open(&p, &src_gcp_build, ""))
		return;
	is_int(ask(&p), ERR_OK, err_text(&p.err));
	is_int(polled_rows(&p, "builds"), 2, "builds");
	is_int((int)p.payload->event_count, 0, "none of them is news");
	is_str(polled_text(&p, "builds", "b-2", "state"), "failed", "state");
	is_str(polled_text(&p, "builds", "b-2", "of"), "web", "of what");
	ok(strstr(polled_text(&p, "builds", "b-2", "image"), "hunter22") ==
		NULL,
	    "no password in an image's address");
	is_near(polled_num(&p, "builds", "b-2", "took"), 140.5, 1e-9, "took");
	is_str(polled_text(&p, "builds", "b-2", "detail"),
	    "step 2 exited with 1", "why");
	google_set(&server, "build=WORKING");
	is_int(ask(&p), ERR_OK, "a new one");
	is_str(event_text(&p), "build began (main 1a2b3c4)", "is told");
	ok(polled_num(&p, "builds", "b-3", "took") > 0, "still at it");
	google_set(&server, "build=FAILURE");
	is_int(ask(&p), ERR_OK, "it fails");
	is_str(event_text(&p),
	    "build failed after 2m20s (main 1a2b3c4): step 2 exited with 1",
	    "is told");
	if (p.payload->event_count == 1) {
		is_str(p.payload->events[0].subject.s, "web", "of the service");
		is_int(p.payload->events[0].wall_ms, 1767398730500,
		    "when it ended");
	}
	is_int(ask(&p), ERR_OK, "again");
	is_int((int)p.payload->event_count, 0, "once");
	polled_close(&p);
	if (!source_open(&p, &src_gcp_build, ", keep: 1"))
		return;
	is_int(ask(&p), ERR_OK, "the newest");
	is_int(polled_rows(&p, "builds"), 1, "alone");
	polled_close(&p);
}

static void
test_faults(void)
{
	static const struct {
		const char *set;
		enum err_code code;
		const char *words;
	} cases[] = {
		{ "infra=limited", ERR_LIMITED, "it asks to wait 30s" },
		{ "infra=disabled", ERR_FORBIDDEN, "gcloud services enable" },
		{ "infra=forbidden", ERR_FORBIDDEN, "the permission" },
		{ "infra=500", ERR_SERVER, "HTTP 500" },
		{ "infra=html", ERR_SERVER, "HTTP 502" },
		{ "infra=garbage", ERR_BADDATA, "Memorystore in all regions" },
		{ "infra=array", ERR_BADDATA, "no object" },
		{ "infra=odd", ERR_BADDATA, "\"instances\" is no list" },
		{ "infra=loop", ERR_BADDATA,
		    "Memorystore in all regions: a page of the list names "
		    "itself as the next" },
		{ "infra=good&refuse=1", ERR_OK, "" },
	};
	const struct health *health;
	struct polled p;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (!source_open(&p, &src_gcp_redis, ""))
			continue;
		google_set(&server, cases[i].set);
		is_str(err_code_name(ask(&p)), err_code_name(cases[i].code),
		    cases[i].set);
		ok(strstr(p.err.msg, cases[i].words) != NULL, "%s", p.err.msg);
		polled_close(&p);
	}
	if (!source_open(&p, &src_gcp_redis, ""))
		return;
	google_set(&server, "infra=part");
	is_int(ask(&p), ERR_OK, "a region out of reach");
	is_int(polled_rows(&p, "memorystore"), 3, "the others are shown");
	is_health(&p, "region us-east1", STATE_UNKNOWN,
	    "Google could not reach it; what is there is not shown");
	google_set(&server, "infra=many");
	is_int(ask(&p), ERR_OK, "pages without an end");
	health = polled_health(&p, "list of -");
	ok(health != NULL && strstr(health->detail.s, "more than 10 pages of "
						      "instances") != NULL,
	    "are cut, and that is told");
	polled_close(&p);
}

int
main(void)
{
	if (!google_start(&server))
		return tap_done();
	env.redactor = redactor_new();
	RUN(test_redis);
	RUN(test_vpc);
	RUN(test_build);
	RUN(test_faults);
	google_judge(child_value(&server, "REQUESTS"));
	redactor_free(env.redactor);
	child_stop(&server);
	return tap_done();
}
