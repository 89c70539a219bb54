/*
 * Google's credentials and Cloud Run against a server that refuses what
 * Google refuses, and then some.
 */
#include "datasrc/source.h"

#include <signal.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/redact.h"
#include "datasrc/gcp_tokens.h"
#include "datasrc/http.h"
#include "tests/live/child.h"
#include "tests/live/google.h"
#include "tests/live/polled.h"
#include "tests/tap.h"

enum {
	SHORT_MS = 700,
	LONG_MS = 20000
};

static struct child server;
static struct source_env env = { .name = "here" };

static void
server_set(const char *query)
{
	google_set(&server, query);
}

/* How often it was asked for a token. */
static int
token_count(void)
{
	struct cJSON *root = google_ask(&server, "/count");
	int64_t count = -1;

	if (!json_int(json_member(root, "count"), &count))
		ok(false, "a count");
	json_free(root);
	return (int)count;
}

static bool
source_open_at(struct polled *p, int port, const char *auth, const char *more)
{
	char yaml[2048];

	snprintf(yaml, sizeof(yaml),
	    "{project: demo, regions: [europe-west1], endpoint: "
	    "'http://127.0.0.1:%d/', auth: {%s}%s}",
	    port, auth, more);
	return ok(polled_open_in(p, &src_gcp_run, &env, yaml), "{%s}", auth);
}

static bool
source_open(struct polled *p, const char *auth, const char *more)
{
	return source_open_at(p, child_number(&server, "PORT"), auth, more);
}

static bool
source_open_key(struct polled *p)
{
	char auth[512];

	snprintf(
	    auth, sizeof(auth), "credentials: %s", child_value(&server, "KEY"));
	return source_open(p, auth, "");
}

static enum err_code
ask(struct polled *p, int ms)
{
	return polled_once(p, ms * NS_PER_MS);
}

/* Every way to a token leads to the same rows. */
static void
test_credentials(void)
{
	char auths[4][512];
	static const char *const who[] = {
		"Cloud Run, service account watch@demo.iam.gserviceaccount.com",
		"Cloud Run, a login",
		"Cloud Run, the machine's service account",
		"Cloud Run, command /usr/bin/python3",
	};
	int port = child_number(&server, "PORT");

	snprintf(auths[0], 512, "credentials: %s", child_value(&server, "KEY"));
	snprintf(auths[1], 512,
	    "credentials: %s, token_url: "
	    "'http://127.0.0.1:%d/token'",
	    child_value(&server, "USER"), port);
	snprintf(auths[2], 512, "metadata_url: 'http://127.0.0.1:%d'", port);
	snprintf(auths[3], 512,
	    "command: [/usr/bin/python3, -c, 'import "
	    "urllib.request as u, json; r = u.Request(\"http://127.0.0.1:%d"
	    "/computeMetadata/v1/x\", headers={\"Metadata-Flavor\": "
	    "\"Google\"}); print(json.load(u.urlopen(r))[\"access_token\"])']",
	    port);
	for (size_t i = 0; i < ARRAY_LEN(who); i++) {
		struct polled p;

		if (!source_open(&p, auths[i], ""))
			continue;
		is_int(ask(&p, LONG_MS), ERR_OK, err_text(&p.err));
		if (p.payload != NULL)
			is_str(p.payload->note.s, who[i], "who we are");
		is_int(polled_rows(&p, "services"), 1, "services");
		is_int(polled_rows(&p, "revisions"), 2, "revisions");
		polled_close(&p);
	}
}

static void
test_rows(void)
{
	struct polled p;
	struct cJSON *count;

	if (!source_open_key(&p))
		return;
	is_int(ask(&p, LONG_MS), ERR_OK, "answers");
	is_str(
	    polled_text(&p, "services", "web", "version"), "1.0.0", "version");
	is_str(polled_text(&p, "services", "web", "traffic"), "web-00002 100 %",
	    "traffic");
	is_str(polled_text(&p, "services", "web", "flags"),
	    "USE_FIRECRAWL=true", "flags");
	is_str(polled_text(&p, "variables", "web/DATABASE_URL", "value"),
	    "set, not shown", "a value that may be a secret");
	is_str(polled_text(&p, "variables", "web/KEY", "value"),
	    "secret key version latest", "a secret's name");
	is_near(polled_num(&p, "revisions", "web/web-00002", "traffic"), 1, 0,
	    "all of the traffic");
	is_near(polled_num(&p, "revisions", "web/web-00001", "memory_limit"),
	    512.0 * 1024 * 1024, 0, "memory");
	count = google_ask(&server, "/count");
	is_str(json_string(json_member(count, "quota")), "payer",
	    "the quota project is sent");
	json_free(count);
	server_set("image=img:1.0.1&created=web-00003&ready=web-00003");
	is_int(ask(&p, LONG_MS), ERR_OK, "a release");
	is_int(polled_events(&p, EVENT_DEPLOY), 2, "deploy and traffic");
	server_set("flag=false&max=50");
	is_int(ask(&p, LONG_MS), ERR_OK, "a flag, and more instances");
	is_int(polled_events(&p, EVENT_FLAG), 1, "flag");
	is_int(polled_events(&p, EVENT_SCALE), 1, "scale");
	is_int(polled_events(&p, EVENT_DEPLOY), 0, "no deploy");
	server_set("latest=web-00002");
	is_int(ask(&p, LONG_MS), ERR_OK, "rolled back");
	is_int(polled_events(&p, EVENT_DEPLOY), 1, "traffic");
	is_str(polled_text(&p, "services", "web", "detail"),
	    "pinned: web-00003 is ready and gets no traffic", "the pin");
	ok(polled_starve(&p, LONG_MS * NS_PER_MS), "without memory");
	polled_close(&p);
}

static void
test_token_life(void)
{
	struct polled p;
	int before = token_count();

	if (!source_open_key(&p))
		return;
	is_int(ask(&p, LONG_MS), ERR_OK, "first");
	is_int(ask(&p, LONG_MS), ERR_OK, "second");
	is_int(token_count() - before, 1, "one token for both");
	server_set("refuse=1");
	is_int(ask(&p, LONG_MS), ERR_OK, "a refused token is replaced");
	is_int(token_count() - before, 2, "by one question");
	server_set("refuse=1&token=revoked");
	is_int(ask(&p, LONG_MS), ERR_AUTH, "revoked");
	ok(strstr(p.err.msg, "invalid_grant: Token has been expired or "
			     "revoked.") != NULL,
	    "%s", p.err.msg);
	server_set("token=good&life=1");
	is_int(ask(&p, LONG_MS), ERR_OK, "a short life");
	before = token_count();
	server_set("life=3599");
	io_wait(-1, 0, clock_now() + NS_PER_SEC, NULL, NULL);
	is_int(ask(&p, LONG_MS), ERR_OK, "and after it");
	is_int(token_count() - before, 1, "a new one");
	polled_close(&p);
}

/* Sources with the same credential share its token, others do not. */
static void
test_sharing(void)
{
	struct polled a, b;
	char auth[512];
	int before = token_count();

	env.tokens = gcp_tokens_new();
	snprintf(auth, sizeof(auth),
	    "credentials: %s, token_url: "
	    "'http://127.0.0.1:%d/token'",
	    child_value(&server, "USER"), child_number(&server, "PORT"));
	if (source_open_key(&a) && source_open_key(&b)) {
		is_int(ask(&a, LONG_MS), ERR_OK, "one");
		is_int(ask(&b, LONG_MS), ERR_OK, "another");
		is_int(token_count() - before, 1, "one token");
	}
	polled_close(&b);
	if (source_open(&b, auth, "")) {
		is_int(ask(&b, LONG_MS), ERR_OK, "a third");
		is_int(token_count() - before, 2, "has its own");
	}
	polled_close(&a);
	polled_close(&b);
	env.tokens = gcp_tokens_free(env.tokens);
}

static void
test_faults(void)
{
	static const struct {
		const char *set;
		int ms;
		enum err_code code;
		const char *words;
	} cases[] = {
		{ "token=busy", LONG_MS, ERR_SERVER, "HTTP 503" },
		{ "token=garbage", LONG_MS, ERR_BADDATA, "holds none" },
		{ "token=empty", LONG_MS, ERR_BADDATA, "holds none" },
		{ "token=silent", SHORT_MS, ERR_TIMEOUT, "" },
		{ "token=slow", LONG_MS, ERR_OK, "" },
		{ "token=good&run=limited", LONG_MS, ERR_LIMITED,
		    "quota ReadPerMinute; it asks to wait 30s" },
		{ "run=forbidden", LONG_MS, ERR_FORBIDDEN,
		    "the permission run.services.list is missing; ask for "
		    "roles/run.viewer" },
		{ "run=disabled", LONG_MS, ERR_FORBIDDEN,
		    "gcloud services enable run.googleapis.com" },
		{ "run=503", LONG_MS, ERR_SERVER, "unavailable" },
		{ "run=garbage", LONG_MS, ERR_BADDATA,
		    "Cloud Run in europe-west1" },
		{ "run=array", LONG_MS, ERR_BADDATA, "no object" },
		{ "run=html", LONG_MS, ERR_SERVER, "HTTP 502" },
		{ "run=good", LONG_MS, ERR_OK, "" },
	};
	struct polled p;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		server_set(cases[i].set);
		if (!source_open_key(&p))
			continue;
		is_str(err_code_name(ask(&p, cases[i].ms)),
		    err_code_name(cases[i].code), cases[i].set);
		ok(strstr(p.err.msg, cases[i].words) != NULL, "%s", p.err.msg);
		ok(strstr(p.err.msg, "ya29.") == NULL, "without a token");
		polled_close(&p);
	}
}

static void
test_commands(void)
{
	static const struct {
		const char *auth;
		enum err_code code;
		const char *words;
	} cases[] = {
		{ "command: [/bin/sh, -c, 'echo first >&2; echo login "
		  "needed, password=hunter22 >&2; exit 1']",
		    ERR_AUTH,
		    "/bin/sh ended with status 1: login needed, "
		    "password=[redacted]" },
		{ "command: ['true']", ERR_BADDATA,
		    "true printed no access token" },
		{ "command: [echo, a b]", ERR_BADDATA,
		    "echo printed no access token" },
		{ "command: [sleep, 60]", ERR_TIMEOUT, "sleep" },
		{ "command: [/no/such]", ERR_NOTFOUND, "/no/such" },
		{ "credentials: /no/such", ERR_NOTFOUND,
		    "credentials /no/such: No such file or directory" },
		{ "metadata_url: 'http://127.0.0.1:1'", ERR_NOTFOUND,
		    "no Google credentials here; run: gcloud auth" },
	};
	struct polled p;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (!source_open(&p, cases[i].auth, ""))
			continue;
		is_str(err_code_name(ask(&p, SHORT_MS)),
		    err_code_name(cases[i].code), cases[i].auth);
		ok(strstr(p.err.msg, cases[i].words) != NULL, "%s", p.err.msg);
		polled_close(&p);
	}
}

/* A region that fails is told of; the others are shown. */
static void
test_regions(void)
{
	const struct health *health;
	struct polled p;
	char yaml[1024];

	snprintf(yaml, sizeof(yaml),
	    "{project: demo, regions: [nowhere-1, europe-west1], endpoint: "
	    "'http://127.0.0.1:%d', auth: {credentials: %s}}",
	    child_number(&server, "PORT"), child_value(&server, "KEY"));
	if (!ok(polled_open_in(&p, &src_gcp_run, &env, yaml), "two regions"))
		return;
	is_int(ask(&p, LONG_MS), ERR_OK, "one of them answers");
	health = polled_health(&p, "region nowhere-1");
	if (ok(health != NULL, "the other is told of"))
		is_str(health->detail.s,
		    "Cloud Run in nowhere-1: HTTP 404: Requested entity was "
		    "not found",
		    "with the reason");
	is_str(polled_text(&p, "services", "europe-west1/web", "pin"), "pinned",
	    "a key with its region");
	polled_close(&p);
}

/* Something else at the address of the metadata server gets no trust. */
static void
test_metadata(void)
{
	struct polled p;
	char auth[128];

	snprintf(auth, sizeof(auth), "metadata_url: 'http://127.0.0.1:%d'",
	    child_number(&server, "PORT"));
	server_set("flavor=Other");
	if (!source_open(&p, auth, ""))
		return;
	is_int(ask(&p, LONG_MS), ERR_PROTOCOL, "another server");
	is_str(p.err.msg, "what answers there is not Google's metadata server",
	    "is named");
	polled_close(&p);
	server_set("flavor=Google");
}

/* Our assertions before a judge that Google's own library holds true. */
static void
test_official_judge(void)
{
	const char *argv[] = { "node", NULL, NULL };
	struct child judge;
	char auths[3][512];
	int port;

	if (!google_has_judges())
		return;
	argv[1] = child_source_path("tests/gcp/auth.mjs");
	if (!ok(child_start(&judge, argv, true), "the judge"))
		return;
	port = child_number(&judge, "PORT");
	snprintf(auths[0], 512, "credentials: %s", child_value(&judge, "KEY"));
	snprintf(auths[1], 512,
	    "credentials: %s, token_url: 'http://127.0.0.1:%d/token'",
	    child_value(&judge, "USER"), port);
	snprintf(auths[2], 512, "metadata_url: 'http://127.0.0.1:%d'", port);
	for (size_t i = 0; i < ARRAY_LEN(auths); i++) {
		struct polled p;

		if (!source_open_at(&p, port, auths[i], ""))
			continue;
		ok(ask(&p, LONG_MS) == ERR_OK, "gets a token: %s",
		    err_text(&p.err));
		polled_close(&p);
	}
	child_stop(&judge);
}

static void
test_recovery(void)
{
	struct polled p;

	if (!source_open_key(&p))
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
	if (!google_start(&server))
		return tap_done();
	env.redactor = redactor_new();
	RUN(test_credentials);
	RUN(test_rows);
	RUN(test_token_life);
	RUN(test_sharing);
	RUN(test_faults);
	RUN(test_commands);
	RUN(test_regions);
	RUN(test_metadata);
	RUN(test_official_judge);
	RUN(test_recovery);
	google_judge(child_value(&server, "REQUESTS"));
	redactor_free(env.redactor);
	child_stop(&server);
	return tap_done();
}
