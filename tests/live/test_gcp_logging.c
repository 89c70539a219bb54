/*
 * Cloud Logging against a server that refuses what Google refuses: every
 * entry once, in order, whatever happens, and never more questions than the
 * share.
 */
#include "datasrc/source.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/redact.h"
#include "datasrc/gcp_tokens.h"
#include "model/logstore.h"
#include "tests/live/child.h"
#include "tests/live/google.h"
#include "tests/live/polled.h"
#include "tests/tap.h"

enum {
	SHORT_MS = 700,
	LONG_MS = 20000,
	LINES_MAX = 20000
};

static struct child server;
static struct source_env env = { .name = "logs" };
static struct log_line lines[LINES_MAX];
static struct arena *texts;
static uint64_t seen; /* lines of the store that a test is done with */

static void
server_set(const char *query)
{
	google_set(&server, query);
}

static void
server_add(const char *query)
{
	char path[1024];

	snprintf(path, sizeof(path), "/log/add?%s", query);
	json_free(google_ask(&server, path));
}

static int
asked(void)
{
	struct cJSON *root = google_ask(&server, "/log/asked");
	int64_t count = -1;

	if (!json_int(json_member(root, "count"), &count))
		ok(false, "a count");
	json_free(root);
	return (int)count;
}

/* Opens with an empty server and nothing wrong. */
static bool
source_open(struct polled *p, const char *more)
{
	struct logstore_stats stats;
	char yaml[2048];

	snprintf(yaml, sizeof(yaml),
	    "{project: demo, endpoint: 'http://127.0.0.1:%d', auth: "
	    "{credentials: %s}%s}",
	    child_number(&server, "PORT"), child_value(&server, "KEY"), more);
	server_set("logs=good&skew=0");
	json_free(google_ask(&server, "/log/clear"));
	logstore_stats(env.logs, &stats);
	seen = stats.next_seq;
	return polled_open_in(p, &src_gcp_logging, &env, yaml) ||
	       ok(false, "{%s} is opened", more);
}

static enum err_code
ask(struct polled *p)
{
	return polled_once(p, LONG_MS * NS_PER_MS);
}

/* What came into the store since the source was opened. */
static size_t
stored(void)
{
	arena_free(texts);
	texts = arena_new(64 * 1024 * 1024);
	return logstore_copy(env.logs, seen, lines, LINES_MAX, texts);
}

static size_t
stored_like(const char *words)
{
	size_t n = stored(), found = 0;

	for (size_t i = 0; i < n; i++)
		found += strstr(lines[i].text.s, words) != NULL;
	return found;
}

static void
health_has(const struct polled *p, const char *target, enum state state,
    const char *words)
{
	const struct health *health = polled_health(p, target);

	if (!ok(health != NULL, "a health row \"%s\"", target))
		return;
	is_int((int)health->state, (int)state, target);
	ok(strstr(health->detail.s, words) != NULL, "%s", health->detail.s);
}

static void
test_tail(void)
{
	struct polled p;
	size_t n;

	if (!source_open(&p, ", share: 1"))
		return;
	server_add("n=3&from=30&to=20&text=old");
	server_add("from=900&text=ancient");
	is_int(ask(&p), ERR_OK, err_text(&p.err));
	is_int((int)stored(), 3, "the history, and no more of it");
	ok(lines[0].wall_ms < lines[1].wall_ms && lines[0].has_time,
	    "in the order of time");
	server_add("n=2&from=2&to=1&text=new");
	server_add("from=18&text=late");
	server_add("from=17&text=twin&id=i1");
	is_int(ask(&p), ERR_OK, "again");
	n = stored();
	is_int((int)n, 7, "each entry once");
	is_int((int)stored_like("late"), 1, "what came late is found");
	is_int((int)stored_like("twin"), 1, "an id at another time is another");
	is_int(ask(&p), ERR_OK, "and nothing new");
	is_int((int)stored(), 7, "adds nothing");
	is_near(polled_metric(&p, "lines", NULL), 7, 0, "counted");
	health_has(&p, "pace", STATE_OK,
	    "at most a question every 1s: 60 a minute, shared by 1 dashboard");
	health_has(&p, "entries", STATE_OK, "the newest is ");
	polled_close(&p);
}

static void
test_forms(void)
{
	struct polled p;

	if (!source_open(&p, ""))
		return;
	server_add("from=9&severity=ERROR&json={\"message\":\"boom%20for%20"
		   "ada@example.com\",\"jobId\":7,\"stack\":\"E%5Cn%20%20at%20"
		   "f\"}");
	server_add("from=8&http={\"requestMethod\":\"GET\",\"status\":503,"
		   "\"latency\":\"0.251s\",\"requestUrl\":\"https://x.dev/a?b"
		   "%26token=abcdefghijkl\"}");
	server_add("from=7&text=plain%0Asecond");
	server_add("from=6&json={\"event\":\"onboarding_complete\",\"brandId\":"
		   "12}");
	server_add("from=5&json={\"phase\":\"crawling\",\"jobId\":\"j1\"}");
	server_add("from=4&text=%1b[31mred");
	is_int(ask(&p), ERR_OK, err_text(&p.err));
	is_int((int)stored(), 9, "lines, three of which go on");
	is_str(lines[0].text.s, "boom for a…@example.com", "the message");
	is_int(lines[0].level, LOG_LEVEL_ERROR, "the severity");
	ok(strncmp(lines[0].fields.s,
	       "service=web jobId=7 revision=web-00002 log=stdout trace=t",
	       55) == 0,
	    "%s", lines[0].fields.s);
	is_int(lines[1].flags & LOG_CONT, LOG_CONT, "a stack goes on");
	is_str(lines[3].text.s, "GET 503 /a?b&token=[redacted]", "a request");
	is_int(lines[3].level, LOG_LEVEL_ERROR, "that failed");
	is_int(lines[5].flags & LOG_CONT, LOG_CONT, "a text of two lines");
	is_str(lines[6].text.s, "onboarding_complete", "an event");
	is_str(lines[7].text.s, "phase=crawling jobId=j1", "only fields");
	ok(strchr(lines[8].text.s, '\x1b') == NULL &&
		strstr(lines[8].text.s, "[31mred") != NULL,
	    "no controls: %s", lines[8].text.s);
	polled_close(&p);
}

/* A floor, and what is wanted from below it; both counted. */
static void
test_named(void)
{
	struct polled p;
	struct cJSON *root;

	if (!source_open(&p,
		", share: 1, severity: warning, services: [web], filters: "
		"{limits: 'jsonPayload.message=~\"rare.*limit\"', "
		"errors: severity>=ERROR, both: jsonPayload.message:rare}"))
		return;
	server_add("n=2&json={\"message\":\"a%20rare%20limit\"}&severity=INFO");
	server_add("n=3&json={\"message\":\"bad\"}&severity=ALERT");
	server_add("n=4&text=noise&severity=INFO");
	is_int(ask(&p), ERR_OK, err_text(&p.err));
	is_int((int)stored(), 5, "without the noise");
	is_near(polled_metric(&p, "log_matches", "limits"), 2, 0, "a pattern");
	is_near(polled_metric(&p, "log_matches", "errors"), 3, 0, "a level");
	is_near(polled_metric(&p, "log_matches", "both"), 2, 0, "a word");
	ok(strstr(lines[0].fields.s, "filter=limits filter=both") != NULL ||
		strstr(lines[4].fields.s, "filter=limits filter=both") != NULL,
	    "a line says which");
	root = google_ask(&server, "/log/asked");
	ok(strstr(json_string(json_member(root, "filter")),
	       " AND resource.type=\"cloud_run_revision\" AND resource.labels."
	       "service_name=(\"web\") AND (severity>=WARNING OR "
	       "(jsonPayload.message=~\"rare.*limit\") OR (severity>=ERROR) OR "
	       "(jsonPayload.message:rare))") != NULL,
	    "one question for all of it");
	json_free(root);
	is_int(ask(&p), ERR_OK, "again");
	is_near(polled_metric(&p, "log_matches", "errors"), 3, 0,
	    "none is counted twice");
	polled_close(&p);
}

/* More than the share lets be read: the newest are, the rest is counted. */
static void
test_flood(void)
{
	struct logstore_stats before, after;
	struct polled p;
	int64_t began;

	if (!source_open(&p, ""))
		return;
	server_add("from=20");
	is_int(ask(&p), ERR_OK, err_text(&p.err));
	logstore_stats(env.logs, &before);
	server_add("n=5000&from=10&to=0&text=flood");
	began = clock_now();
	is_int(ask(&p), ERR_OK, "a flood");
	printf("# 1000 of 5000 entries read in %lld ms\n",
	    (long long)((clock_now() - began) / NS_PER_MS));
	is_int((int)stored_like("flood"), 1000, "a page of the newest");
	ok(stored_like("flood 5") > 0, "up to now");
	is_int((int)stored_like("entries were left out here"), 1,
	    "a line says that some are missing");
	logstore_stats(env.logs, &after);
	ok(after.dropped - before.dropped > 4000 &&
		after.dropped - before.dropped < 12000,
	    "about %d were", (int)(after.dropped - before.dropped));
	health_has(&p, "left out", STATE_WARN, "entries at last");
	health_has(&p, "pace", STATE_OK,
	    "a question every 12s: 60 a minute, shared by 10 dashboards");
	polled_close(&p);
}

/* All of 500 a second, by one that has the quota to itself. */
static void
test_fast(void)
{
	struct polled p;
	int64_t began;

	if (!source_open(&p, ", share: 1"))
		return;
	server_add("from=30");
	is_int(ask(&p), ERR_OK, err_text(&p.err));
	server_add("n=3000&from=6&to=0&text=fast");
	began = clock_now();
	is_int(ask(&p), ERR_OK, "six seconds of 500 a second");
	printf("# 3000 entries in %lld ms\n",
	    (long long)((clock_now() - began) / NS_PER_MS));
	is_int((int)stored_like("fast"), 3000, "every one of them");
	for (size_t i = 1, n = stored(); i < n; i++) {
		if (lines[i].wall_ms < lines[i - 1].wall_ms)
			ok(false, "line %zu is out of order", i);
	}
	is_near(polled_metric(&p, "lines_dropped", NULL), 0, 0, "none lost");
	polled_close(&p);
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
		{ "logs=limited", LONG_MS, ERR_LIMITED,
		    "quota ReadPerMinute; it asks to wait 30s" },
		{ "logs=forbidden", LONG_MS, ERR_FORBIDDEN, "the permission" },
		{ "logs=no-logs", LONG_MS, ERR_FORBIDDEN,
		    "the permission logging.logEntries.list is missing; ask "
		    "for roles/logging.viewer" },
		{ "logs=500", LONG_MS, ERR_SERVER, "HTTP 500" },
		{ "logs=html", LONG_MS, ERR_SERVER, "HTTP 502" },
		{ "logs=garbage", LONG_MS, ERR_BADDATA, "Cloud Logging" },
		{ "logs=array", LONG_MS, ERR_BADDATA, "no object" },
		{ "logs=odd", LONG_MS, ERR_BADDATA, "\"entries\" is no list" },
		{ "logs=half", LONG_MS, ERR_BADDATA, "Cloud Logging" },
		{ "logs=silent", SHORT_MS, ERR_TIMEOUT, "Cloud Logging" },
		{ "logs=good&refuse=1&token=revoked", LONG_MS, ERR_AUTH,
		    "expired or revoked" },
		{ "logs=good&token=good", LONG_MS, ERR_OK, "" },
	};
	struct polled p;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (!source_open(&p, ", share: 1"))
			continue;
		server_add("n=2");
		server_set(cases[i].set);
		is_str(err_code_name(polled_once(&p, cases[i].ms * NS_PER_MS)),
		    err_code_name(cases[i].code), cases[i].set);
		ok(strstr(p.err.msg, cases[i].words) != NULL, "%s", p.err.msg);
		is_int((int)stored(), cases[i].code == ERR_OK ? 2 : 0, "lines");
		server_set("logs=good&token=good");
		if (cases[i].code == ERR_LIMITED) /* asks again later */
			io_wait(
			    -1, 0, clock_now() + 1300 * NS_PER_MS, NULL, NULL);
		is_int(ask(&p), ERR_OK, "and after it");
		is_int((int)stored(), 2, "nothing is lost");
		if (cases[i].code == ERR_LIMITED)
			health_has(&p, "pace", STATE_WARN,
			    "slowed to a question every 2s: others use the "
			    "quota as well");
		polled_close(&p);
	}
}

/* Pages that lead nowhere. */
static void
test_pages(void)
{
	struct polled p;
	int before;

	if (!source_open(&p, ", share: 1"))
		return;
	server_add("n=3");
	server_set("logs=hollow");
	is_int(ask(&p), ERR_OK, "an empty page that goes on");
	is_int((int)stored(), 3, "is followed");
	polled_close(&p);
	if (!source_open(&p, ", share: 1"))
		return;
	server_add("n=3");
	server_set("logs=loop");
	before = asked();
	is_int(ask(&p), ERR_OK, "pages in a circle");
	is_int((int)stored_like("line"), 3, "each entry once");
	ok(asked() - before <= 7, "%d questions", asked() - before);
	polled_close(&p);
}

/* Entries so large that fewer of them are asked for at once. */
static void
test_large(void)
{
	struct polled p;

	if (!source_open(&p, ", share: 1"))
		return;
	server_add("n=2");
	server_set("logs=big");
	is_int(ask(&p), ERR_TOOBIG, "1000 are too many");
	is_int(ask(&p), ERR_TOOBIG, "and so are 500");
	is_int(ask(&p), ERR_OK, err_text(&p.err));
	is_int((int)stored(), 2, "all of them");
	health_has(&p, "page", STATE_WARN, "only 250 are asked for at once");
	polled_close(&p);
}

/* A quota that ends between two pages: the newest entries are shown. */
static void
test_short(void)
{
	struct polled p;

	if (!source_open(&p, ", share: 1"))
		return;
	server_add("from=20");
	is_int(ask(&p), ERR_OK, "alive");
	server_add("n=1500&from=15&to=0&text=flood");
	server_set("logs=short");
	is_int(ask(&p), ERR_OK, err_text(&p.err));
	is_int((int)stored_like("flood"), 1000, "those of the first page");
	is_int((int)stored_like("left out here"), 1, "and that some are not");
	health_has(&p, "pace", STATE_WARN, "slowed to a question every 2s");
	health_has(&p, "left out", STATE_WARN, "entries at last");
	polled_close(&p);
}

/* However often it is polled, it asks no more than its share. */
static void
test_pace(void)
{
	struct polled p;
	int before;

	if (!source_open(&p, ""))
		return;
	server_add("n=1");
	before = asked();
	is_int(ask(&p), ERR_OK, "the first poll");
	server_add("n=4");
	for (int i = 0; i < 5; i++)
		is_int(ask(&p), ERR_OK, "a poll");
	is_int(asked() - before, 2, "questions");
	is_int((int)stored(), 5, "lines");
	ok(polled_metric(&p, "lines_per_s", NULL) > 0,
	    "their rate stays while nothing is asked");
	polled_close(&p);
	if (!source_open(&p, ""))
		return;
	server_set("logs=limited");
	is_int(ask(&p), ERR_LIMITED, "refused");
	before = asked();
	is_int(ask(&p), ERR_LIMITED, "is not asked again at once");
	is_int(asked() - before, 0, "questions");
	polled_close(&p);
}

/* A clock that is wrong by an hour, ours or that of an application. */
static void
test_clocks(void)
{
	struct polled p;

	if (!source_open(&p, ", share: 1"))
		return;
	server_set("skew=-3600");
	server_add("n=2&from=5&to=1");
	is_int(ask(&p), ERR_OK, "ours is ahead");
	is_int(ask(&p), ERR_OK, "then it is known");
	is_int((int)stored(), 2, "and lines are found");
	health_has(&p, "clock", STATE_WARN, "this machine is ");
	polled_close(&p);
	if (!source_open(&p, ", share: 1"))
		return;
	server_set("skew=150000000000");
	server_add("n=2&from=5&to=1");
	is_int(ask(&p), ERR_OK, "a year that no clock has");
	ok(polled_health(&p, "clock") == NULL, "is not believed");
	is_int((int)stored(), 2, "and lines are found");
	polled_close(&p);
	if (!source_open(&p, ", share: 1"))
		return;
	server_add("from=-3600&text=future");
	is_int(ask(&p), ERR_OK, "an entry of the future");
	server_add("from=1&text=now");
	is_int(ask(&p), ERR_OK, "and one of now");
	is_int((int)stored_like("now"), 1, "does not hide what comes");
	is_int(ask(&p), ERR_OK, "and once more");
	is_int((int)stored(), 2, "each once");
	polled_close(&p);
}

/* A poll that lacks memory anywhere says so, and the next one has it all. */
static void
test_starved(void)
{
	size_t n = 0, made = 0;
	int failed = 0, odd = 0;

	env.tokens = gcp_tokens_new();
	do {
		struct polled p;
		struct logstore_stats before, after;
		enum err_code code;

		if (!source_open(&p, ", filters: {a: 'textPayload=~\"x\"'}"))
			break;
		logstore_stats(env.logs, &before);
		server_add("n=2&severity=ERROR");
		mem_fail_at(++n, false);
		code = ask(&p);
		made = mem_fail_at(0, false);
		failed += code != ERR_OK;
		odd += ask(&p) != ERR_OK;
		logstore_stats(env.logs, &after);
		odd += stored() + (after.dropped - before.dropped) != 2;
		polled_close(&p);
	} while (made >= n && n < POLLED_STARVE_MAX);
	printf("# each of %zu allocations failed once\n", n);
	is_int(odd, 0, "polls lost a line in silence");
	ok(failed > 10, "%d polls failed", failed);
	env.tokens = gcp_tokens_free(env.tokens);
}

int
main(void)
{
	if (!google_start(&server))
		return tap_done();
	env.redactor = redactor_new();
	env.logs = logstore_new(64 * 1024 * 1024, NULL);
	if (env.logs == NULL || logstore_add_source(env.logs, "logs",
				    &env.log_source, NULL) != ERR_OK)
		ok(false, "a store");
	RUN(test_tail);
	RUN(test_forms);
	RUN(test_named);
	RUN(test_flood);
	RUN(test_fast);
	RUN(test_faults);
	RUN(test_pages);
	RUN(test_large);
	RUN(test_short);
	RUN(test_pace);
	RUN(test_clocks);
	RUN(test_starved);
	google_judge(child_value(&server, "REQUESTS"));
	arena_free(texts);
	logstore_free(env.logs);
	redactor_free(env.redactor);
	child_stop(&server);
	return tap_done();
}
