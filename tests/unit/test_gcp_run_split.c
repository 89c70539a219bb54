/* Shares of traffic: read, asked for, filled up, and sent. */
#include "actions/gcp_run_split.h"

#include "base/buf.h"
#include "base/json.h"
#include "tests/tap.h"

/* "LATEST=80,a=20" as a split. */
static struct run_split
split_of(const char *text)
{
	struct run_split split = { .count = 0 };
	const struct run_split none = { .count = 0 };

	is_int(run_split_parse(text, &none, &split, NULL), ERR_OK, text);
	return split;
}

static void
is_split(const struct run_split *split, const char *want, const char *name)
{
	struct buf out = BUF_INIT(1024);

	run_split_text(split, &out);
	is_str(buf_cstr(&out), want, name);
	buf_release(&out);
}

static void
test_parse(void)
{
	static const struct {
		const char *now;
		const char *asked;
		const char *want; /* NULL: refused */
	} rows[] = {
		{ "latest", "latest", "latest" },
		{ "a=100", "LATEST=100", "latest" },
		{ "latest", "a=20", "a=20,LATEST=80" },
		{ "a=50,b=50", "c=1", "c=1,a=50,b=49" },
		{ "a=33,b=33,c=34", "d=50", "d=50,a=17,b=16,c=17" },
		{ "a=1,b=99", "c=50", "c=50,a=1,b=49" },
		{ "a=80,b=20", "a=0", "b=100" },
		{ "a=80,b=20", "b=30", "b=30,a=70" },
		{ "a=100", " a=40 ,, b=60 ", "a=40,b=60" },
		{ "a=100", "a=99", NULL },
		{ "a=100", "b=101", NULL },
		{ "a=100", "b=60 c=60", NULL },
		{ "a=100", "b=-1", NULL },
		{ "a=100", "b=", NULL },
		{ "a=100", "=5", NULL },
		{ "a=100", "b", NULL },
		{ "a=100", "b=5 b=6", NULL },
		{ "a=100", "b=5%", NULL },
		{ "a=100", "b/c=5", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run_split now = split_of(rows[i].now), to;
		enum err_code code =
		    run_split_parse(rows[i].asked, &now, &to, NULL);

		is_int(code, rows[i].want != NULL ? ERR_OK : ERR_USAGE,
		    rows[i].asked);
		if (code == ERR_OK && rows[i].want != NULL)
			is_split(&to, rows[i].want, rows[i].asked);
	}
}

/* Whatever is asked for, the parts are a hundred. */
static void
test_fill(void)
{
	for (int a = 0; a <= 100; a++) {
		for (int b = 0; a + b <= 100; b++) {
			char now[64], asked[64];
			struct run_split from, to;
			int total = 0;

			snprintf(now, sizeof(now), "x=%d y=%d z=%d", a, b,
			    100 - a - b);
			snprintf(
			    asked, sizeof(asked), "w=%d", (a * 7 + b) % 90);
			if (run_split_parse(now, &(struct run_split) { 0 },
				&from, NULL) != ERR_OK ||
			    run_split_parse(asked, &from, &to, NULL) !=
				ERR_OK) {
				ok(false, "%s: %s", now, asked);
				return;
			}
			for (size_t i = 0; i < to.count; i++)
				total += to.parts[i].percent;
			if (total != 100 || to.count == 0) {
				is_int(total, 100, now);
				return;
			}
		}
	}
	ok(true, "a hundred in all of 5151 cases");
}

static void
test_documents(void)
{
	static const char text[] =
	    "{\"generation\":\"3\",\"observedGeneration\":\"3\",\"traffic\":["
	    "{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST\",\"tag\":"
	    "\"live\",\"percent\":70},"
	    "{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION\","
	    "\"revision\":\"a\",\"percent\":30},"
	    "{\"revision\":\"b\",\"tag\":\"test\"}],\"trafficStatuses\":["
	    "{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST\",\"revision\":"
	    "\"z\",\"percent\":100}]}";
	struct cJSON *doc = NULL, *wants, *body = json_new_object();
	struct run_split split, pinned, to = split_of("a=100");
	struct buf out = BUF_INIT(4096);

	is_int(json_parse(text, sizeof(text) - 1, &doc, NULL), ERR_OK, "a doc");
	ok(run_split_read(doc, "traffic", &split), "is read");
	is_split(&split, "LATEST=70,a=30", "what is asked for");
	ok(run_split_read(doc, "trafficStatuses", &split), "is read");
	is_split(&split, "latest", "what is");
	run_split_pin(&split, "z", &pinned);
	is_split(&pinned, "z=100", "the revision that it stands for");
	wants = run_split_wants(&to);
	is_int(run_split_edit.put(doc, wants, body, NULL), ERR_OK, "put");
	ok(json_write(&out, body), "written");
	is_str(buf_cstr(&out),
	    "{\"traffic\":[{\"type\":\"TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"
	    "\",\"revision\":\"a\",\"percent\":100},{\"type\":\"TRAFFIC_TARGET_"
	    "ALLOCATION_TYPE_LATEST\",\"tag\":\"live\"},{\"type\":\"TRAFFIC_"
	    "TARGET_ALLOCATION_TYPE_REVISION\",\"revision\":\"b\",\"tag\":"
	    "\"test\"}]}",
	    "with the tags");
	is_int(run_split_edit.shown(doc, wants), RUN_ABSENT, "not shown");
	json_free(wants);
	to = split_of("LATEST=70,a=30");
	wants = run_split_wants(&to);
	is_int(run_split_edit.shown(doc, wants), RUN_ASKED, "asked for");
	json_free(wants);
	json_free(body);
	json_free(doc);
	buf_release(&out);
}

static void
test_bad_documents(void)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ "{}", true },
		{ "{\"traffic\":[]}", true },
		{ "{\"traffic\":7}", true },
		{ "{\"traffic\":[7]}", false },
		{ "{\"traffic\":[{\"percent\":5}]}", false },
		{ "{\"traffic\":[{\"revision\":\"a\",\"percent\":101}]}",
		    false },
		{ "{\"traffic\":[{\"revision\":\"a\",\"percent\":\"5\"}]}",
		    false },
		{ "{\"traffic\":[{\"revision\":\"x/b\",\"percent\":100}]}",
		    true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cJSON *doc = NULL;
		struct run_split split;

		is_int(
		    json_parse(rows[i].text, strlen(rows[i].text), &doc, NULL),
		    ERR_OK, "a doc");
		is_int(run_split_read(doc, "traffic", &split), rows[i].good,
		    rows[i].text);
		json_free(doc);
	}
}

/* Which service a name means. */
static void
test_names(void)
{
	static const char *const one[] = { "europe-west1" };
	static const char *const two[] = { "europe-west1", "us-central1" };
	struct gcp_run_conf conf = { .regions = { .items = one, .count = 1 } };
	static const struct {
		const char *name;
		bool rest;
		bool both;	  /* regions */
		const char *want; /* REGION SERVICE REST; NULL: refused */
	} rows[] = {
		{ "web", false, false, "europe-west1 web " },
		{ "europe-west1/web", false, false, "europe-west1 web " },
		{ "web/web-1", true, false, "europe-west1 web web-1" },
		{ "web/web-1", false, false, NULL },
		{ "us-central1/web", true, true, "us-central1 web " },
		{ "us-central1/web/web-1", true, true,
		    "us-central1 web web-1" },
		{ "web", true, true, NULL },
		{ "mars/web", true, true, NULL },
		{ "", true, false, NULL },
		{ "/", true, false, NULL },
		{ "web/", true, false, "europe-west1 web " },
		{ "x/b/c/d", true, false, NULL },
		/* They would climb out of the path. */
		{ "..", true, false, NULL },
		{ "web/..", true, false, NULL },
		{ "./web", true, false, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run_ref ref = { .region = "" };
		char got[256];
		enum err_code code;

		conf.regions.items = rows[i].both ? two : one;
		conf.regions.count = rows[i].both ? 2 : 1;
		code =
		    run_ref_read(&conf, rows[i].name, rows[i].rest, &ref, NULL);
		is_int(code, rows[i].want != NULL ? ERR_OK : ERR_USAGE,
		    rows[i].name);
		snprintf(got, sizeof(got), "%s %s %s", ref.region, ref.service,
		    ref.rest);
		if (rows[i].want != NULL)
			is_str(got, rows[i].want, rows[i].name);
	}
}

int
main(void)
{
	RUN(test_parse);
	RUN(test_fill);
	RUN(test_documents);
	RUN(test_bad_documents);
	RUN(test_names);
	return tap_done();
}
