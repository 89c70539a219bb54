/* Cloud Run's documents as rows, and what changed between two of them. */
#include "datasrc/gcp_run.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/opt.h"
#include "datasrc/gcp_run_past.h"
#include "datasrc/gcp_run_watch.h"
#include "model/build.h"
#include "tests/show.h"
#include "tests/tap.h"

#define NOW_MS INT64_C(1795356149000) /* 2026-11-22T14:02:29Z */
#define NAME   "'name':'projects/p/locations/r/services/web'"
#define READY                                                                  \
	"'terminalCondition':{'type':'Ready','state':'CONDITION_SUCCEEDED'}"

static struct run_watch watch;
static char shown[64 * 1024];

static struct cJSON *
document(const char *quoted)
{
	struct buf json = BUF_INIT(64 * 1024);
	struct cJSON *root = NULL;

	for (const char *s = quoted; *s != '\0'; s++)
		buf_char(&json, *s == '\'' ? '"' : *s);
	if (json_parse(json.data, json.len, &root, NULL) != ERR_OK)
		ok(false, "%s", quoted);
	buf_release(&json);
	return root;
}

/* All rows that a service and a revision (NULL: none) make. */
static const char *
rows(const char *service, const char *revision)
{
	static const char *const named[] = { "MODEL" };
	const struct opt_list flags = { .items = named, .count = 1 };
	struct buf out = BUF_INIT(sizeof(shown) - 1);
	struct build *build = build_new();
	const struct run_reader reader = { .arena = build_arena(build),
		.flags = &flags,
		.region = "r",
		.wall_ms = NOW_MS };
	struct cJSON *root = document(service);
	struct cJSON *second = document(revision != NULL ? revision : "{}");
	struct run_service s;
	struct run_revision rev;
	struct run_list list = { .services = &s, .revisions = &rev };
	struct payload *payload;

	if (run_service_read(&reader, root, &s)) {
		list.service_count = 1;
		run_watch_service(&watch, &s, NOW_MS, build);
	}
	if (run_revision_read(&reader, second, &rev))
		list.revision_count = 1;
	run_report(&list, build);
	payload = build_finish(build, NULL);
	show_payload(&out, payload);
	snprintf(shown, sizeof(shown), "%s", buf_cstr(&out));
	payload_unref(payload);
	build_free(build);
	buf_release(&out);
	json_free(root);
	json_free(second);
	return shown;
}

static void
has(const char *line)
{
	int len = (int)strcspn(line, "\n");

	if (!ok(strstr(shown, line) != NULL, "%.*s", len, line))
		printf("%s", shown);
}

static void
test_service(void)
{
	rows("{" NAME ",'generation':'8','observedGeneration':'8',"
	     "'lastModifier':'ada@x','updateTime':'2026-01-03T00:00:00Z',"
	     "'template':{'containers':[{'image':'side:9'},{'image':"
	     "'eu/web@sha256:0123456789abcdef','ports':[{'containerPort':80}],"
	     "'resources':{'limits':{'cpu':'500m','memory':'2Gi'}},'env':["
	     "{'name':'USE_X','value':'True'},{'name':'URL','value':"
	     "'http://u:p@h'},{'name':'MODEL','value':'large'},{'name':'K',"
	     "'valueSource':{'secretKeyRef':{'secret':'projects/1/secrets/k',"
	     "'version':'7'}}},{'name':'E'}]}],"
	     "'scaling':{'maxInstanceCount':30}},"
	     "'trafficStatuses':[{'type':'X_LATEST','percent':80},{'type':"
	     "'X_REVISION','revision':'web-1','percent':20},{'tag':'t',"
	     "'revision':'web-0'}]," READY ",'latestReadyRevision':'a/web-2',"
	     "'latestCreatedRevision':'a/web-2'}",
	    "{'name':'a/b/web-2','service':'web','createTime':"
	    "'2026-01-03T00:00:00Z','creator':'ada@x','containers':[{'image':"
	    "'i:1','resources':{'limits':{'cpu':'4','memory':'512M'}}}],"
	    "'maxInstanceRequestConcurrency':80,'conditions':[{'type':'Ready',"
	    "'state':'CONDITION_SUCCEEDED'},{'type':'Active','severity':'INFO',"
	    "'state':'CONDITION_FAILED'}]}");
	has("health web ok: ready\n");
	has("metric run_max_instances{service=\"web\"} = 30 count gauge\n");
	has("web-2 80 %, web-1 20 %");
	has("USE_X=True MODEL=large");
	has("0123456789ab |");
	has("[web/URL] ok: web | URL | set, not shown\n");
	has("[web/K] ok: web | K | secret k version 7\n");
	has("[web/E] ok: web | E | empty\n");
	has("[web/web-2] ok: web | web-2 | ");
	ok(strstr(shown, "u:p") == NULL, "no value that may be a secret");
}

static void
test_states(void)
{
#define COMMON NAME ",'generation':'2','observedGeneration':'2'"
	static const struct {
		const char *json;
		const char *row;
	} cases[] = {
		{ "{" COMMON "}", "health web unknown: unknown\n" },
		{ "{" COMMON ",'terminalCondition':{'type':'Ready','state':"
		  "'CONDITION_FAILED','message':'no port'}}",
		    "health web critical: Ready failed: no port\n" },
		{ "{" COMMON ",'reconciling':true,'terminalCondition':{'type':"
		  "'Ready','state':'CONDITION_RECONCILING'}}",
		    "health web warning: Ready deploying\n" },
		{ "{" COMMON ",'reconciling':true," READY "}",
		    "health web warning: deploying\n" },
		{ "{" NAME ",'generation':'3','observedGeneration':'2'," READY
		  "}",
		    "health web warning: deploying\n" },
		{ "{" COMMON "," READY ",'latestReadyRevision':'web-1',"
		  "'latestCreatedRevision':'web-2'}",
		    "health web warning: web-2 is not ready; web-1 is the "
		    "latest that is\n" },
		{ "{" COMMON "," READY ",'latestReadyRevision':'web-2',"
		  "'latestCreatedRevision':'web-2','traffic':[{'type':"
		  "'X_REVISION','revision':'web-1','percent':100}]}",
		    "health web ok: pinned: web-2 is ready and gets no "
		    "traffic\n" },
		{ "{" NAME ",'generation':[],'template':7,'conditions':{},"
		  "'traffic':[7,{}]}",
		    "health web " },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		rows(cases[i].json, NULL);
		has(cases[i].row);
	}
	rows("{'name':7}", "{'name':{}}");
	has("table services 0/0");
	has("table revisions 0/0");
}

static void
test_changes(void)
{
#define SERVICE(image, revision, flag, max)                                    \
	"{" NAME ",'lastModifier':'ada','template':{'containers':[{'image':"   \
	"'" image "','env':[{'name':'USE_X','value':'" flag "'}]}]},"          \
	"'scaling':{'maxInstanceCount':" max "},'latestReadyRevision':"        \
	"'" revision "','latestCreatedRevision':'" revision "',"               \
	"'trafficStatuses':[{'type':'X_LATEST','percent':100}]," READY "}"
	run_watch_release(&watch);
	run_watch_init(&watch);
	rows(SERVICE("i:1", "web-1", "true", "10"), NULL);
	ok(strstr(shown, "event") == NULL, "the first sight is no change");
	rows(SERVICE("i:2", "web-2", "true", "10"), NULL);
	has("event deploy web: 1 to 2 by ada\n");
	has("event deploy web: traffic web-1 100 % to web-2 100 % by ada\n");
	rows(SERVICE("i:2", "web-2", "false", "10"), NULL);
	has("event flag web: USE_X true to false by ada\n");
	rows(SERVICE("i:2", "web-2", "false", "50"), NULL);
	has("event scale web: max 10 to 50 by ada\n");
	rows(SERVICE("j:2", "web-2", "false", "50"), NULL);
	has("event deploy web: image i:2 to j:2 by ada\n");
	rows(SERVICE("j:2", "web-3", "false", "50"), NULL);
	has("event deploy web: same image, revision web-2 to web-3 by ada\n");
	rows(SERVICE("j:2", "web-3", "false", "50"), NULL);
	ok(strstr(shown, "event") == NULL, "no news");
}

/* Before sevtop looked
 * ---------------------------------------------------------
 */

/* The events of a service and of revisions, newest first. */
static const char *
past(const char *service, const char *const *revisions, size_t count)
{
	struct buf out = BUF_INIT(sizeof(shown) - 1);
	struct build *build = build_new();
	const struct run_reader reader = { .arena = build_arena(build),
		.flags = &(struct opt_list) { .count = 0 },
		.region = "r",
		.wall_ms = NOW_MS };
	struct cJSON *roots[16] = { document(service) };
	struct run_service s;
	struct run_revision revs[15];
	struct run_list list = { .services = &s, .revisions = revs };
	struct payload *payload;

	if (!run_service_read(&reader, roots[0], &s))
		ok(false, "%s", service);
	for (size_t i = 0; i < count; i++) {
		roots[i + 1] = document(revisions[i]);
		list.revision_count +=
		    run_revision_read(&reader, roots[i + 1], &revs[i]);
	}
	list.service_count = 1;
	run_past_service(&list, &s, NOW_MS, build);
	payload = build_finish(build, NULL);
	show_payload(&out, payload);
	snprintf(shown, sizeof(shown), "%s", buf_cstr(&out));
	for (size_t i = 0; i < payload->event_count; i++)
		ok(payload->events[i].wall_ms < NOW_MS, "in the past");
	payload_unref(payload);
	build_free(build);
	buf_release(&out);
	for (size_t i = 0; i <= count; i++)
		json_free(roots[i]);
	return shown;
}

#define REVISION(service, name, time, image, flag)                             \
	"{'name':'projects/p/locations/r/services/" service "/revisions/" name \
	"','service':'" service "','createTime':'" time                        \
	"','creator':'ada','containers':[{'image':'i:" image                   \
	"','env':[{'name':'USE_X','value':'" flag                              \
	"'},{'name':'KEY','value':'hunter2'}]}]}"

static void
test_past(void)
{
#define QUIET "{" NAME ",'updateTime':'2026-11-20T13:50:00Z'," READY "}"
	static const char *const three[] = {
		REVISION("web", "web-4", "2026-11-22T13:59:00Z", "3", "false"),
		REVISION("job", "job-9", "2026-11-22T13:58:00Z", "9", "true"),
		REVISION("web", "web-3", "2026-11-22T13:50:00Z", "2", "false"),
		REVISION("web", "web-2", "2026-11-22T13:40:00Z", "2", "true"),
		REVISION("web", "web-1", "2026-11-22T13:30:00Z", "2", "true"),
		REVISION("web", "web-0", "2026-11-20T13:30:00Z", "1", "true"),
	};
	static const char *const old[] = {
		REVISION("web", "web-2", "2026-11-21T13:40:00Z", "2", "true"),
		REVISION("web", "web-1", "2026-11-20T13:30:00Z", "1", "true"),
	};
	const char *of[20];

	past(QUIET, three, ARRAY_LEN(three));
	has("event deploy web: 2 to 3 by ada\n");
	has("event flag web: USE_X true to false by ada\n");
	has("event deploy web: same image, revision web-1 to web-2 by ada\n");
	has("event deploy web: 1 to 2 by ada\n");
	ok(strstr(shown, "job") == NULL && strstr(shown, "9") == NULL,
	    "another service is another story");
	ok(strstr(shown, "hunter2") == NULL, "no secrets");
	past(QUIET, three + 4, 1);
	ok(strstr(shown, "event") == NULL, "its first is no change");
	past(QUIET, old, ARRAY_LEN(old));
	ok(strstr(shown, "event") == NULL, "nor is what is long ago");
	past("{" NAME
	     ",'lastModifier':'bob','updateTime':'2026-11-22T13:59:00Z',"
	     "'trafficStatuses':[{'type':'TRAFFIC_TARGET_ALLOCATION_TYPE_"
	     "REVISION','revision':'web-1','percent':100}]," READY "}",
	    old, ARRAY_LEN(old));
	has("event deploy web: traffic or bounds, now web-1 100 % by bob\n");
	for (size_t i = 0; i < 15; i++)
		of[i] = REVISION(
		    "web", "web-1", "2026-11-22T13:59:00Z", "1", "true");
	past(QUIET, of, 15);
	ok(strstr(shown, "event") == NULL, "all at once is no order");
	past("{" NAME ",'updateTime':'2027-11-22T13:59:00Z'," READY "}", NULL,
	    0);
	ok(strstr(shown, "event") == NULL, "nor is the future a past");
}

static void
test_quantities(void)
{
	static const struct {
		const char *s;
		double value;
	} cases[] = { { "2", 2 }, { "500m", 0.5 }, { "1.5", 1.5 },
		{ "512Mi", 536870912 }, { "2Gi", 2147483648.0 }, { "1G", 1e9 },
		{ "64Ki", 65536 }, { "3k", 3000 } };
	double value;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ok(run_quantity(cases[i].s, &value), "%s", cases[i].s);
		is_near(value, cases[i].value, 1e-9, "as a number");
	}
	ok(!run_quantity("", &value), "nothing");
	ok(!run_quantity("Gi", &value), "no digits");
	ok(!run_quantity("1X", &value), "no unit");
	ok(!run_quantity("1..2", &value), "no number");
}

int
main(void)
{
	run_watch_init(&watch);
	RUN(test_service);
	RUN(test_states);
	RUN(test_changes);
	RUN(test_past);
	RUN(test_quantities);
	run_watch_release(&watch);
	return tap_done();
}
