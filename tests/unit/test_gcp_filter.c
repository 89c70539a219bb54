/* Google's filter language: what is refused, and what matches an entry. */
#include "datasrc/gcp_filter.h"

#include "base/buf.h"
#include "base/json.h"
#include "datasrc/limits.h"
#include "tests/tap.h"

static const char entry[] =
    "{'logName':'projects/p/logs/run.googleapis.com%2Fstderr',"
    "'resource':{'type':'cloud_run_revision','labels':{'service_name':'web'}},"
    "'timestamp':'2026-11-22T14:02:29.114Z','severity':'WARNING',"
    "'labels':{'k8s-pod/app':'x'},'trace':'projects/p/traces/t',"
    "'httpRequest':{'status':503,'latency':'1.251s','requestSize':'912'},"
    "'jsonPayload':{'message':'Rate LIMIT reached','event':'login_attempt',"
    "'responseTime':1204.5,'ok':true,'none':null,'tags':['a','beta'],"
    "'steps':[{'name':'crawl'},{'name':'extract'}],'Big':'12'}}";

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

static void
test_match(void)
{
	static const struct {
		const char *filter;
		bool yes;
	} cases[] = {
		{ "", true },
		{ "severity>=WARNING", true },
		{ "severity>=\"error\"", false },
		{ "severity=WARNING AND severity<400", false },
		{ "severity<=400", true },
		{ "jsonPayload.message=\"rate limit reached\"", true },
		{ "jsonPayload.message:limit", true },
		{ "jsonPayload.message=~\"LIMIT\"", true },
		{ "jsonPayload.message=~\"limit\"", false },
		{ "jsonPayload.message=~\"(?i)rate.*limit\"", true },
		{ "jsonPayload.message!~\"^x\"", true },
		{ "jsonPayload.big=12", true },
		{ "jsonPayload.Big>9", true },
		{ "jsonPayload.responseTime>1000", true },
		{ "jsonPayload.responseTime>1204.5", false },
		{ "jsonPayload.ok=true", true },
		{ "jsonPayload.none=\"\"", false },
		{ "jsonPayload.tags=\"beta\"", true },
		{ "jsonPayload.tags:et", true },
		{ "jsonPayload.steps.name=\"extract\"", true },
		{ "jsonPayload.steps.name=\"load\"", false },
		{ "jsonPayload:limit", true },
		{ "labels:\"k8s-pod/app\"", true },
		{ "labels.\"k8s-pod/app\"=x", true },
		{ "labels.\"k8s-pod/app\"!=x", false },
		{ "resource.labels.service_name=(\"api\" OR \"web\")", true },
		{ "resource.labels.service_name=(\"api\" OR worker)", false },
		{ "jsonPayload.message:(rate AND limit)", true },
		{ "jsonPayload.message:(rate AND NOT limit)", false },
		{ "httpRequest.status>=500 httpRequest.status<600", true },
		{ "httpRequest.latency>\"1s\"", true },
		{ "httpRequest.latency>\"1.5s\"", false },
		{ "httpRequest.requestSize<1000", true },
		{ "timestamp>=\"2026-11-22T14:00:00Z\"", true },
		{ "timestamp<\"2026-11-22\"", false },
		{ "trace:*", true },
		{ "jsonPayload.nothing:*", false },
		/* Missing in a payload: fails whatever is asked. */
		{ "jsonPayload.nothing=x", false },
		{ "jsonPayload.nothing!=x", false },
		{ "NOT jsonPayload.nothing=x", true },
		{ "textPayload=\"\"", true },
		{ "spanId!=\"x\"", true },
		{ "log_id(\"run.googleapis.com/stderr\")", true },
		{ "log_id(\"run.googleapis.com/stdout\")", false },
		{ "\"login_attempt\"", true },
		{ "login AND 503", true },
		{ "LOGOUT", false },
		{ "-logout", true },
		{ "-jsonPayload.event=\"login_attempt\"", false },
		/* OR binds closer than AND. */
		{ "logout AND limit OR login", false },
		{ "limit OR logout login", true },
		{ "(logout AND limit) OR login", true },
		{ "NOT (logout OR nothing)", true },
		{ "severity>=ERROR -- AND nothing\n OR login", true },
		{ "jsonPayload.event=\"login\\\"x\"", false },
	};
	struct cJSON *root = document(entry);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct gcp_filter *filter = NULL;
		struct err err = ERR_INIT;

		if (!ok(gcp_filter_new(cases[i].filter, &filter, &err) ==
			    ERR_OK,
			"%s %s", cases[i].filter, err.msg))
			continue;
		is_int(gcp_filter_match(filter, root), cases[i].yes,
		    cases[i].filter);
		gcp_filter_free(filter);
	}
	json_free(root);
}

static void
test_mistakes(void)
{
	static const struct {
		const char *filter;
		const char *words;
	} cases[] = {
		{ "severity>=", "column 11: a value belongs here" },
		{ "jsonPayload.message=~'rate.*limit'",
		    "column 22: single quotes are no quotes" },
		{ "jsonPayload.message=~rate", "column 22: a pattern stands in "
					       "double quotes" },
		{ "jsonPayload.message=~\"(\"", "column 22: " },
		{ "jsonPayload.message=\"x", "column 21: these quotes have no "
					     "end" },
		{ "json_payload.message=x", "column 1: write jsonPayload" },
		{ "event=user_created", "jsonPayload.event" },
		{ "severity=WARN", "no such severity" },
		{ "(severity=ERROR", "column 1: this parenthesis is not "
				     "closed" },
		{ "severity=ERROR)", "column 15: nothing is open" },
		{ "severity=ERROR and \"x\"", "column 16: AND, OR and NOT" },
		{ "severity=ERROR AND", "column 19: something to look for" },
		{ "NOT", "something to look for" },
		{ "jsonPayload..x=1", "no such name of a field" },
		{ "log_id(\"x\"", "no closing )" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct gcp_filter *filter = NULL;
		struct err err = ERR_INIT;

		is_int(gcp_filter_new(cases[i].filter, &filter, &err),
		    ERR_CONFIG, cases[i].filter);
		ok(strstr(err.msg, cases[i].words) != NULL, "%s", err.msg);
		gcp_filter_free(filter);
	}
}

static void
test_limits(void)
{
	struct buf deep = BUF_INIT(GCP_FILTER_MAX + 10);
	struct gcp_filter *filter = NULL;
	struct cJSON *root = document("{'textPayload':'aaaaaaaaaaaaaaaaaaaaaa"
				      "aaaaaaaaaaaaaaaaaaaab'}");
	struct err err = ERR_INIT;

	while (deep.len < 1000)
		buf_char(&deep, '(');
	is_int(gcp_filter_new(buf_cstr(&deep), &filter, &err), ERR_CONFIG,
	    err.msg);
	buf_clear(&deep);
	while (deep.len < 10000)
		buf_str(&deep, "a ");
	is_int(gcp_filter_new(buf_cstr(&deep), &filter, &err), ERR_CONFIG,
	    err.msg);
	if (gcp_filter_new("NOT textPayload=~\"^(a+)+$\"", &filter, &err) ==
	    ERR_OK)
		is_int(gcp_filter_match(filter, root), GCP_FILTER_COSTLY,
		    "too costly is no answer");
	gcp_filter_free(filter);
	if (gcp_filter_new("SEARCH(\"a b\") severity=ERROR", &filter, &err) ==
	    ERR_OK)
		is_str(gcp_filter_unmatched(filter), "SEARCH", "not matched");
	gcp_filter_free(filter);
	json_free(root);
	buf_release(&deep);
}

int
main(void)
{
	RUN(test_match);
	RUN(test_mistakes);
	RUN(test_limits);
	return tap_done();
}
