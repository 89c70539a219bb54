/* The parts of a tail of Cloud Logging: cursor, pace, entries, question. */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/conf_errors.h"
#include "base/json.h"
#include "base/mask_email.h"
#include "datasrc/gcp_cursor.h"
#include "datasrc/gcp_entry.h"
#include "datasrc/gcp_log_query.h"
#include "datasrc/gcp_pace.h"
#include "datasrc/limits.h"
#include "datasrc/source.h"
#include "model/platform.h"
#include "tests/tap.h"

static struct gcp_stamp
stamp(const char *s)
{
	struct gcp_stamp ret = { .s = -1 };

	if (!gcp_stamp_parse(s, &ret))
		ret.s = -1;
	return ret;
}

static void
test_stamps(void)
{
	char text[GCP_STAMP_LEN];
	struct gcp_stamp a = stamp("2026-01-02T03:04:05.123456789Z");

	is_str(gcp_stamp_text(a, text), "2026-01-02T03:04:05.123456789Z",
	    "nine digits");
	is_str(gcp_stamp_text(stamp("2026-01-02T03:04:05Z"), text),
	    "2026-01-02T03:04:05.000000000Z", "none");
	is_str(gcp_stamp_text(stamp("2026-01-02T05:04:05.5+02:00"), text),
	    "2026-01-02T03:04:05.500000000Z", "an offset");
	is_int(gcp_stamp_order(a, stamp("2026-01-02T03:04:05.123456788Z")), 1,
	    "the last digit counts");
	is_int(gcp_stamp_ms(gcp_stamp_of(1795356149114)), 1795356149114, "ms");
	is_int(stamp("yesterday").s, -1, "no time");
	is_int(stamp("2026-01-02").s, -1, "a day is none");
}

static struct gcp_mark
mark(int64_t s, uint64_t id)
{
	return (struct gcp_mark) { .at = { .s = s }, .id = id };
}

static void
test_cursor(void)
{
	const struct gcp_stamp now = { .s = 1000 };
	const struct gcp_mark first[] = { mark(990, 1), mark(995, 2) };
	const struct gcp_mark ahead[] = { mark(5000, 3) };
	struct gcp_mark *many = mem_calloc(30000, sizeof(*many));
	struct gcp_mark late = mark(980, 9);
	struct gcp_cursor c;

	gcp_cursor_init(&c, (struct gcp_stamp) { .s = 400 });
	ok(!gcp_cursor_seen(&c, &late), "not shown yet");
	ok(gcp_cursor_take(&c, first, 2, now), "two");
	ok(gcp_cursor_seen(&c, &first[0]), "shown");
	ok(!gcp_cursor_seen(&c, &late), "late, but not too late");
	is_int(c.newest.s, 995, "the newest");
	is_int(c.from.s, 995 - GCP_LOG_OVERLAP_S, "asks from before it");
	ok(gcp_cursor_take(&c, ahead, 1, now), "one from the future");
	is_int(c.newest.s, 1000, "moves it to now at most");
	ok(gcp_cursor_seen(&c, &ahead[0]), "and is known");
	for (int i = 0; i < 30000; i++)
		many[i] = (struct gcp_mark) { .at = { .s = 1000, .ns = i },
			.id = 100 + (uint64_t)i };
	ok(gcp_cursor_take(&c, many, 30000, now), "more than are remembered");
	is_int((int64_t)c.seen_count, GCP_LOG_SEEN_MAX, "as many as may be");
	for (int i = 0; i < 30000; i += 999)
		ok(gcp_cursor_seen(&c, &many[i]), "no %d is not shown again",
		    i);
	gcp_cursor_release(&c);
	mem_free(many);
}

/* In no minute more than the quota, by all together; and close to it. */
static void
test_pace(void)
{
	static const int dashboards[] = { 1, 2, 3, 7, 10, 12, 30, 60 };

	for (size_t d = 0; d < ARRAY_LEN(dashboards); d++) {
		struct gcp_pace pace;
		int64_t taken[400], now = 1;
		int count = 0, most = 0;

		gcp_pace_init(&pace, 60, dashboards[d], now);
		/* Idle at first, so that the bucket is full. */
		for (now = 120 * NS_PER_SEC; now < 420 * NS_PER_SEC;
		     now += NS_PER_SEC / 20) {
			if (gcp_pace_take(&pace, now))
				taken[count++] = now;
		}
		for (int i = 0, from = 0; i < count; i++) {
			while (taken[i] - taken[from] >= 60 * NS_PER_SEC)
				from++;
			if (i - from + 1 > most)
				most = i - from + 1;
		}
		ok(most * dashboards[d] <= 60, "%d dashboards: %d in a minute",
		    dashboards[d], most * dashboards[d]);
		ok(count * dashboards[d] >= 60 * 5 / 2, "and not too few: %d",
		    count * dashboards[d]);
	}
}

static void
test_slower(void)
{
	struct gcp_pace pace;

	gcp_pace_init(&pace, 60, 10, 1);
	is_int(pace.every_ns, 12 * NS_PER_SEC, "its share");
	is_int(gcp_pace_wait_ns(&pace, 1), 0, "at once");
	gcp_pace_refused(&pace);
	is_int(pace.every_ns, 24 * NS_PER_SEC, "half");
	ok(gcp_pace_wait_ns(&pace, 1) >= 24 * NS_PER_SEC, "and not at once");
	for (int i = 0; i < 5; i++)
		gcp_pace_refused(&pace);
	is_int(pace.every_ns, 60 * NS_PER_SEC, "no slower");
	for (int i = 0; i < GCP_PACE_CALM; i++)
		gcp_pace_answered(&pace);
	is_int(pace.every_ns, 30 * NS_PER_SEC, "faster again");
	ok(gcp_pace_is_slowed(&pace), "not yet as fast as it was");
	for (int i = 0; i < 3 * GCP_PACE_CALM; i++)
		gcp_pace_answered(&pace);
	is_int(pace.every_ns, 12 * NS_PER_SEC, "its share, and no more");
}

static void
is_masked(const char *s, const char *want)
{
	struct buf out = BUF_INIT(1024), again = BUF_INIT(1024);

	ok(mask_emails(&out, s, strlen(s)), "%s", s);
	is_str(buf_cstr(&out), want, s);
	ok(mask_emails(&again, out.data, out.len) || out.len == 0, "again");
	buf_release(&out);
	buf_release(&again);
}

static void
test_emails(void)
{
	is_masked("to ada.l+x@mail.example.com, bob@x.io.",
	    "to a…@mail.example.com, b…@x.io.");
	is_masked("?email=ada%40example.com&x", "?email=a…%40example.com&x");
	is_masked(
	    "run@p.iam.gserviceaccount.com", "run@p.iam.gserviceaccount.com");
	is_masked("a@b", "a@b");
	is_masked("@x.com user@ @ @@x.y", "@x.com user@ @ @@x.y");
	is_masked("Ünal@x.de", "…@x.de");
	is_masked("", "");
}

/* Message, fields and stack of an entry with ' for ". */
static void
is_entry(const char *quoted, const char *want, enum log_level level)
{
	struct buf json = BUF_INIT(64 * 1024), got = BUF_INIT(64 * 1024);
	struct arena *arena = arena_new(1024 * 1024);
	struct gcp_entry_reader reader;
	struct cJSON *root = NULL;
	struct gcp_mark at;
	struct gcp_entry e;

	for (const char *s = quoted; *s != '\0'; s++)
		buf_char(&json, *s == '\'' ? '"' : *s);
	gcp_entry_reader_init(&reader);
	if (json_parse(json.data, json.len, &root, NULL) != ERR_OK)
		ok(false, "%s", quoted);
	gcp_entry_mark(root, 1795356149000, &at);
	ok(gcp_entry_read(&reader, root, &at, "", arena, &e), "%s", quoted);
	buf_fmt(&got, "%.*s|%.*s|%.*s", (int)e.line.msg_len, e.line.msg,
	    (int)e.line.fields_len, e.line.fields, (int)e.line.stack_len,
	    e.line.stack);
	is_str(buf_cstr(&got), want, quoted);
	is_int(e.line.level, level, "level");
	gcp_entry_reader_release(&reader);
	json_free(root);
	arena_free(arena);
	buf_release(&json);
	buf_release(&got);
}

static void
test_entries(void)
{
	is_entry("{}", "||", LOG_LEVEL_NONE);
	is_entry("{'textPayload':'ERROR: no way\\n  at x\\n','severity':"
		 "'DEFAULT'}",
	    "no way||  at x", LOG_LEVEL_ERROR);
	is_entry("{'textPayload':'ERROR: but it says so','severity':'INFO'}",
	    "ERROR: but it says so||", LOG_LEVEL_INFO);
	is_entry("{'jsonPayload':{'msg':'hi','level':50,'n':{'a':1}}}",
	    "hi|n.a=1|", LOG_LEVEL_ERROR);
	is_entry("{'jsonPayload':{'a':{'b':{'c':{'d':{'e':{'f':1}}}}}}}",
	    "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":1}}}}}}||",
	    LOG_LEVEL_NONE);
	is_entry("{'jsonPayload':{'message':'slow'},'httpRequest':{'status':"
		 "200,'requestUrl':'http://h/p','requestMethod':'PUT'},"
		 "'severity':'NOTICE'}",
	    "slow|method=PUT path=/p status=200 host=h|", LOG_LEVEL_INFO);
	is_entry("{'httpRequest':{'status':404,'requestUrl':'/p','latency':"
		 "'0.25s'}}",
	    "404 /p|status=404 latency_s=0.25|", LOG_LEVEL_WARN);
	is_entry("{'protoPayload':{'methodName':'storage.buckets.create',"
		 "'authenticationInfo':{'principalEmail':'ada@x.com'},"
		 "'resourceName':'projects/_/buckets/b','status':{'code':7,"
		 "'message':'no'}},'logName':'projects/p/logs/cloudaudit."
		 "googleapis.com%2Factivity','resource':{'type':'gcs_bucket',"
		 "'labels':{'project_id':'p','bucket_name':'b'}}}",
	    "storage.buckets.create: no|who=a…@x.com "
	    "what=projects/_/buckets/b resource=gcs_bucket bucket_name=b "
	    "log=activity|",
	    LOG_LEVEL_ERROR);
	is_entry("{'severity':'EMERGENCY','trace':'projects/p/traces/t1',"
		 "'sourceLocation':{'file':'a.ts','line':'12'},'labels':{"
		 "'instanceId':'i'}}",
	    "|trace=t1 file=a.ts line=12 instanceId=i|", LOG_LEVEL_FATAL);
	is_entry("{'textPayload':7,'jsonPayload':[1],'httpRequest':'x',"
		 "'resource':'y','labels':[{}],'severity':9}",
	    "||", LOG_LEVEL_NONE);
}

static void
test_question(void)
{
	static const char *const names[] = { "we\"b", "api" };
	const struct opt_list services = { .items = names, .count = 2 },
			      none = { .count = 0 };
	const struct opt_pair pair = { "a", "x=1 -- end" };
	const struct opt_pairs filters = { .items = &pair, .count = 1 };
	struct gcp_log_query query = { .project = "demo",
		.resources = &none,
		.services = &services,
		.filter = "b OR c",
		.filters = &filters,
		.severity = "ERROR" };
	struct buf out = BUF_INIT(4096);

	ok(gcp_log_filter(&query, (struct gcp_stamp) { .s = 0, .ns = 5 }, &out),
	    "a filter");
	is_str(buf_cstr(&out),
	    "timestamp>=\"1970-01-01T00:00:00.000000005Z\" AND resource.type="
	    "\"cloud_run_revision\" AND resource.labels.service_name="
	    "(\"we\\\"b\" OR \"api\") AND (b OR c) AND (severity>=ERROR OR "
	    "(x=1 -- end\n))",
	    "in parentheses that nothing opens");
	buf_clear(&out);
	ok(gcp_log_body(&query, "f", 1000, "p\"", &out), "a body");
	is_str(buf_cstr(&out),
	    "{\"resourceNames\":[\"projects/demo\"],\"filter\":\"f\","
	    "\"orderBy\":\"timestamp desc\",\"pageSize\":1000,"
	    "\"pageToken\":\"p\\\"\"}",
	    "as Google wants it");
	buf_release(&out);
}

/* What is wrong with a source, before anybody asks Google. */
static void
test_mistakes(void)
{
	static const char yaml[] =
	    "platform: t\nenv: test\nlogs: {errors: level>=error}\nsources:\n"
	    "  a:\n    type: gcp.logging\n    project: p\n"
	    "    filter: jsonPayload.message=~'x'\n"
	    "    filters:\n"
	    "      errors: severity>=ERROR\n"
	    "      wide: SEARCH(\"x\") AND severity>=ERROR\n"
	    "      event: event=user_created\n";
	static const char *const wants[] = { "single quotes are no quotes",
		"logs: has a search called errors as well",
		"SEARCH() can't be counted here", "no entry has such a field" };
	struct conf_errors *errors = mem_calloc(1, sizeof(*errors));
	struct platform *platform = NULL;

	is_int(platform_parse("t.yaml", yaml, strlen(yaml), NULL, &source_types,
		   NULL, errors, &platform),
	    ERR_CONFIG, "refused");
	is_int((int64_t)errors->errors, ARRAY_LEN(wants), "all at once");
	for (size_t w = 0; w < ARRAY_LEN(wants); w++) {
		bool found = false;

		for (size_t i = 0; i < errors->count; i++)
			found = found ||
				strstr(errors->items[i].msg, wants[w]) != NULL;
		ok(found, "%s", wants[w]);
	}
	mem_free(errors);
}

int
main(void)
{
	RUN(test_stamps);
	RUN(test_cursor);
	RUN(test_pace);
	RUN(test_slower);
	RUN(test_emails);
	RUN(test_entries);
	RUN(test_question);
	RUN(test_mistakes);
	return tap_done();
}
