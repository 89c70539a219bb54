/*
 * The prometheus.scrape source against real exporters: Debian's
 * prometheus-node-exporter, many small targets, pages that are odd, hostile
 * or cut off.
 */
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "datasrc/http.h"
#include "datasrc/prom_conf.h"
#include "model/selector.h"
#include "tests/live/child.h"
#include "tests/ref_expo.h"
#include "tests/tap.h"

enum {
	POLL_S = 30, /* deadline of one poll: a busy machine, sanitizers */
	MANY = 300,
	GONE = 3
};

static struct child server;
static const struct source_env env = { .name = "metrics" };

/* A source under test. */
struct fixture {
	const struct source_ops *ops;
	struct prom_conf conf;
	void *state;
	struct payload *payload; /* of the last poll; NULL: it failed */
	struct err err;
	char url[256];
};

static void
setup(struct fixture *f, const char *path)
{
	*f = (struct fixture) { .ops = source_find("prometheus.scrape") };
	snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d%s",
	    child_number(&server, "PORT"), path);
	f->conf = (struct prom_conf) {
		.http.url = f->url,
		.path = "/metrics",
		.http.max_body = 16 << 20,
	};
}

static enum err_code
poll_once(struct fixture *f)
{
	struct build *build = build_new();
	struct poll poll = {
		.deadline = clock_now() + POLL_S * NS_PER_SEC,
		.wall_ms = clock_wall_ms(),
		.build = build,
	};
	enum err_code code = ERR_OK;

	payload_unref(f->payload);
	f->payload = NULL;
	err_clear(&f->err);
	if (f->state == NULL)
		code = f->ops->open(&env, &f->conf, &f->state, &f->err);
	if (code == ERR_OK)
		code = f->ops->poll(f->state, &poll, &f->err);
	if (code == ERR_OK)
		f->payload = build_finish(build, &f->err);
	build_free(build);
	return code;
}

static void
teardown(struct fixture *f)
{
	payload_unref(f->payload);
	f->ops->close(f->state);
}

static const struct metric *
find(const struct fixture *f, const char *text)
{
	struct selector *selector = NULL;
	const struct metric *found = NULL;
	size_t i;

	if (f->payload == NULL ||
	    selector_parse(text, &selector, NULL) != ERR_OK)
		return NULL;
	for (i = 0; i < f->payload->metric_count; i++)
		if (selector_match_metric(selector, &f->payload->metrics[i]) ==
		    REGEX_MATCH)
			found = &f->payload->metrics[i];
	selector_free(selector);
	return found;
}

static double
value(const struct fixture *f, const char *text)
{
	const struct metric *metric = find(f, text);

	return metric != NULL ? metric->value : NAN;
}

static const struct health *
find_health(const struct fixture *f, const char *target)
{
	size_t i;

	for (i = 0; f->payload != NULL && i < f->payload->health_count; i++)
		if (strcmp(f->payload->health[i].target.s, target) == 0)
			return &f->payload->health[i];
	return NULL;
}

static void
test_pages(void)
{
	static const struct {
		const char *path;
		enum err_code code;
		const char *says;
	} rows[] = {
		{ "/om", ERR_OK, "" },
		{ "/odd", ERR_OK, "" },
		{ "/empty", ERR_OK, "" },
		{ "/om-cut", ERR_BADDATA,
		    "line 3: data does not end with # EOF: the answer is cut "
		    "off" },
		{ "/million", ERR_TOOBIG, "line 1: more than 64 labels" },
		{ "/html", ERR_BADDATA, "" },
		{ "/html-text", ERR_BADDATA,
		    "line 1: expected metrics, got \"<!DOCTYPE html>" },
		{ "/bad", ERR_BADDATA,
		    "line 2: expected label value, got \"INVALID} 1\"" },
		{ "/503", ERR_SERVER, "503" },
		{ "/404", ERR_NOTFOUND, "" },
		{ "/auth", ERR_AUTH, "" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f;

		setup(&f, rows[i].path);
		is_int(poll_once(&f), rows[i].code, rows[i].path);
		ok(strstr(f.err.msg, rows[i].says) != NULL, "says: %s",
		    f.err.msg);
		teardown(&f);
	}
}

static void
test_values(void)
{
	struct fixture f;
	const struct metric *metric;

	setup(&f, "/odd");
	poll_once(&f);
	ok(find(&f, "nan") == NULL, "NaN is missing");
	ok(isinf(value(&f, "inf")) && value(&f, "neg") < 0, "infinities");
	is_near(value(&f, "esc{p=~'a.b\"c.*d'}"), 1.5, 0, "escapes");
	metric = find(&f, "evil");
	ok(metric != NULL && text_is_valid(metric->labels[0].value) &&
		strchr(metric->labels[0].value.s, '\x1b') == NULL,
	    "no control byte gets through");
	teardown(&f);
	setup(&f, "/big");
	f.conf.http.max_body = 1 << 20;
	is_int(poll_once(&f), ERR_TOOBIG, "max_body");
	teardown(&f);
	setup(&f, "/auth");
	f.conf.http.bearer = "s3cr3t-token";
	is_int(poll_once(&f), ERR_OK, "a bearer token");
	teardown(&f);
}

static void
test_restart(void)
{
	struct fixture f, other;
	double before;

	setup(&f, "/count");
	poll_once(&f);
	before = value(&f, "jobs_total");
	poll_once(&f);
	is_near(value(&f, "jobs_total"), before + 10, 0, "a counter grows");
	is_int(find(&f, "jobs_total")->kind, METRIC_COUNTER, "and is one");
	is_int((int64_t)f.payload->event_count, 0, "nothing happened");
	setup(&other, "/restart");
	poll_once(&other);
	teardown(&other);
	poll_once(&f);
	is_near(value(&f, "jobs_total"), 10, 0, "it began anew");
	ok(f.payload->event_count == 1 &&
		f.payload->events[0].kind == EVENT_RESTART,
	    "which is an event");
	is_int(f.payload->health[0].state, STATE_OK, "and no illness");
	poll_once(&f);
	is_int((int64_t)f.payload->event_count, 0, "once");
	teardown(&f);
}

/* Polls until the exporter listens; false when it never does. */
static bool
poll_until_up(struct fixture *f)
{
	int64_t give_up = clock_now() + POLL_S * NS_PER_SEC;

	while (poll_once(f) != ERR_OK && clock_now() < give_up)
		io_wait(-1, 0, clock_now() + 20 * NS_PER_MS, NULL, NULL);
	return f->payload != NULL;
}

/* A port that was free a moment ago. */
static int
free_port(void)
{
	return child_number(&server, "FREE");
}

static void
test_node_exporter(void)
{
	char listen[64], url[256];
	const char *argv[] = { "prometheus-node-exporter", listen,
		"--log.level=error", "--no-collector.systemd", NULL };
	struct http_request request = { .url = url };
	struct http_response response;
	struct http_client *client = NULL;
	struct child exporter = { .pid = 0 };
	struct buf want = BUF_INIT(32 << 20), got = BUF_INIT(32 << 20);
	struct fixture f;
	struct err err = ERR_INIT;
	double total;

	if (access("/usr/bin/prometheus-node-exporter", X_OK) != 0) {
		skip("prometheus-node-exporter is not installed");
		return;
	}
	snprintf(listen, sizeof(listen), "--web.listen-address=127.0.0.1:%d",
	    free_port());
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/metrics", free_port());
	setup(&f, "");
	f.conf.http.url = url;
	if (!child_start(&exporter, argv, false) || !poll_until_up(&f)) {
		ok(false, "the exporter answers: %s", f.err.msg);
		goto out;
	}
	ok(f.payload->metric_count > 200, "%zu metrics",
	    f.payload->metric_count);
	total = value(&f, "node_memory_MemTotal_bytes");
	is_near(total,
	    (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE),
	    total / 100, "memory of this machine");
	is_int(find(&f, "node_cpu_seconds_total{cpu='0',mode='idle'}")->kind,
	    METRIC_COUNTER, "a counter of two labels");
	is_int(find(&f, "go_gc_duration_seconds{quantile='0.5'}")->unit,
	    NUM_SECONDS, "a quantile in seconds");
	/* Its page by both parsers. */
	if (http_client_new(&(struct http_options) { .proxy = NULL }, &client,
		&err) != ERR_OK ||
	    http_fetch(client, &request, clock_now() + POLL_S * NS_PER_SEC,
		NULL, &response, &err) != ERR_OK) {
		ok(false, "fetch: %s", err_text(&err));
		goto out;
	}
	is_int(ref_expo(expo_format_of(response.type), response.body,
		   response.body_len, &want),
	    0, "good to the reference");
	is_int(ref_expo_real(expo_format_of(response.type), response.body,
		   response.body_len, &got, &err),
	    0, "good to the parser");
	ok(want.len > 10000 && want.len == got.len &&
		memcmp(want.data, got.data, got.len) == 0,
	    "the same samples");
	child_stop(&exporter);
	is_int(poll_once(&f), ERR_REFUSED, "a dead exporter");
out:
	http_client_free(client);
	child_stop(&exporter);
	buf_release(&want);
	buf_release(&got);
	teardown(&f);
}

/* Writes a list of so many targets; the server has only MANY. */
static bool
write_targets(const char *path, int port, int count)
{
	FILE *file = fopen(path, "we");
	int i;

	if (file == NULL)
		return false;
	fprintf(
	    file, "# targets of a test\n\n%s", port == 0 ? "ftp://x\n" : "");
	for (i = 0; i < count; i++)
		fprintf(file, "127.1.%d.%d:%d\n", i / 250, i % 250 + 1, port);
	fclose(file);
	return true;
}

static void
test_many(void)
{
	char path[] = "/tmp/sevtop-targets-XXXXXX", count[16];
	const char *argv[] = { "tests/bench/targets_server", count, "3000",
		NULL };
	const char *keep[] = { "http_requests_total{code='500'}" };
	const char *per[] = { "http_requests_total{path='/v1/orders/1'}" };
	struct child many = { .pid = 0 };
	struct fixture f;
	double first;
	int fd = mkstemp(path);
	size_t i, named = 0;

	snprintf(count, sizeof(count), "%d", MANY);
	setup(&f, "");
	f.conf.http.url = NULL;
	f.conf.targets_file = path;
	f.conf.keep.items = keep;
	f.conf.keep.count = 1;
	f.conf.per_target.items = per;
	f.conf.per_target.count = 1;
	if (fd < 0 || !child_start(&many, argv, true) ||
	    !write_targets(path, child_number(&many, "PORT"), MANY)) {
		ok(false, "the targets start");
		goto out;
	}
	is_int(poll_once(&f), ERR_OK, "all answer");
	is_str(f.payload->note.s, "300 targets, 9,000 samples, 6 series kept",
	    "note");
	is_int((int64_t)f.payload->health_count, 1, "one row says it");
	ok(strncmp(f.payload->health[0].detail.s, "300 up, 0 down, slowest ",
	       24) == 0,
	    "%s", f.payload->health[0].detail.s);
	is_int((int64_t)payload_table(f.payload, "targets")->row_total, 100,
	    "the table is bounded");
	first = value(&f, "http_requests_total{path='/v1/orders/5'}");
	ok(first > 3e11, "a sum over all: %g", first);
	poll_once(&f);
	ok(value(&f, "http_requests_total{path='/v1/orders/5'}") >=
		first + MANY,
	    "it grows");
	for (i = 0; i < f.payload->metric_count; i++)
		named +=
		    metric_label(&f.payload->metrics[i], "target").len != 0;
	is_int((int64_t)named, MANY, "one kept for each target");
	/* The file changes: three more, which nobody serves. */
	write_targets(path, child_number(&many, "PORT"), MANY + GONE);
	is_int(poll_once(&f), ERR_OK, "some are down");
	is_int(f.payload->health[0].state, STATE_WARN, "a warning");
	is_int((int64_t)f.payload->health_count, 1 + GONE, "they are named");
	ok(strncmp(f.payload->health[1].detail.s, "refused", 7) == 0, "%s %s",
	    f.payload->health[1].target.s, f.payload->health[1].detail.s);
	is_near(value(&f, "scrape_targets_down"), GONE, 0, "counted");
	/* A list that is no list: the old one goes on. */
	write_targets(path, 0, 1);
	is_int(poll_once(&f), ERR_OK, "a bad list stops nothing");
	ok(find_health(&f, "targets_file") != NULL, "and is told");
	is_near(value(&f, "scrape_targets_up"), MANY, 0, "all are asked");
	write_targets(path, child_number(&many, "PORT"), MANY + GONE);
	first = value(&f, "http_requests_total{path='/v1/orders/5'}");
	is_int(poll_once(&f), ERR_OK, "the list is good again");
	ok(find_health(&f, "targets_file") == NULL, "nothing to tell");
	is_near(value(&f, "http_requests_total{path='/v1/orders/5'}"),
	    first + MANY * MANY, 0, "no jump in the sum");
	child_stop(&many);
	is_int(poll_once(&f), ERR_REFUSED, "all are gone");
	ok(strncmp(f.err.msg, "all 303 targets are down: ", 26) == 0, "all");
out:
	child_stop(&many);
	teardown(&f);
	if (fd >= 0) {
		close(fd);
		unlink(path);
	}
}

/* A dead target is asked less and less often, and again when it is back. */
static void
test_patience(void)
{
	char good[64], dead[64];
	const char *list[] = { good, dead };
	const struct table *table;
	struct fixture f;
	int round;

	snprintf(good, sizeof(good), "127.0.0.1:%d/om",
	    child_number(&server, "PORT"));
	snprintf(dead, sizeof(dead), "127.0.0.1:%d", free_port());
	setup(&f, "");
	f.conf.http.url = NULL;
	f.conf.targets.items = list;
	f.conf.targets.count = 2;
	for (round = 0; round < 40; round++)
		if (poll_once(&f) != ERR_OK)
			ok(false, "round %d: %s", round, f.err.msg);
	table = payload_table(f.payload, "targets");
	ok(table->rows[0].cells[4].num >= 5 && table->rows[0].cells[4].num < 12,
	    "asked %g times in 40 rounds", table->rows[0].cells[4].num);
	is_int(table->rows[0].state, STATE_CRIT, "and down all the time");
	is_int(table->rows[1].state, STATE_OK, "the other is up");
	teardown(&f);
}

int
main(void)
{
	const char *argv[] = { "/usr/bin/python3",
		child_source_path("tests/live/metricserver.py"), NULL };

	if (!child_start(&server, argv, true)) {
		ok(false, "the server starts");
		return tap_done();
	}
	RUN(test_pages);
	RUN(test_values);
	RUN(test_restart);
	RUN(test_node_exporter);
	RUN(test_patience);
	RUN(test_many);
	child_stop(&server);
	return tap_done();
}
