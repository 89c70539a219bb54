#include "datasrc/series.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "datasrc/limits.h"
#include "model/selector.h"
#include "tests/tap.h"

enum {
	TARGETS = 3
};
static const char *const targets[TARGETS] = { "a:1", "b:1", "c:1" };

/* A table under test with what it was told. */
struct fixture {
	struct series *series;
	struct series_rules rules;
	struct selector *keep[4];
	struct selector *per_target[4];
	struct payload *payload;
};

static struct selector *
select_or_die(const char *text)
{
	struct selector *selector = NULL;

	if (selector_parse(text, &selector, NULL) != ERR_OK)
		abort();
	return selector;
}

/* target_count 1 keeps everything; else what keep and per_target say. */
static void
setup(struct fixture *f, size_t target_count, const char *keep,
    const char *per_target)
{
	*f = (struct fixture) { .series = NULL };
	f->rules.targets = targets;
	f->rules.target_count = target_count;
	f->rules.all = target_count == 1;
	f->rules.keep = f->keep;
	f->rules.per_target = f->per_target;
	if (keep != NULL)
		f->keep[f->rules.keep_count++] = select_or_die(keep);
	if (per_target != NULL)
		f->per_target[f->rules.per_target_count++] =
		    select_or_die(per_target);
	if (series_new(&f->rules, &f->series, NULL) != ERR_OK)
		abort();
}

static void
teardown(struct fixture *f)
{
	size_t i;

	payload_unref(f->payload);
	series_free(f->series);
	for (i = 0; i < f->rules.keep_count; i++)
		selector_free(f->keep[i]);
	for (i = 0; i < f->rules.per_target_count; i++)
		selector_free(f->per_target[i]);
}

static struct series_page
take(struct fixture *f, size_t target, const char *page)
{
	struct series_page seen = { .samples = 0 };
	struct err err = ERR_INIT;

	if (series_read(f->series, target, EXPO_TEXT, page, strlen(page), &seen,
		&err) != ERR_OK)
		ok(false, "page of %zu: %s", target, err_text(&err));
	return seen;
}

static const struct payload *
publish(struct fixture *f)
{
	struct build *build = build_new();

	if (build == NULL)
		abort();
	series_publish(f->series, build);
	payload_unref(f->payload);
	f->payload = build_finish(build, NULL);
	build_free(build);
	return f->payload;
}

/* The metric that a selector finds, or NULL; more than one is a failure. */
static const struct metric *
find(const struct fixture *f, const char *text)
{
	struct selector *selector = select_or_die(text);
	const struct metric *found = NULL;
	size_t i, count = 0;

	for (i = 0; i < f->payload->metric_count; i++)
		if (selector_match_metric(selector, &f->payload->metrics[i]) ==
		    REGEX_MATCH) {
			found = &f->payload->metrics[i];
			count++;
		}
	selector_free(selector);
	return count == 1 ? found : NULL;
}

static double
value(const struct fixture *f, const char *text)
{
	const struct metric *metric = find(f, text);

	return metric != NULL ? metric->value : NAN;
}

static void
test_one_target(void)
{
	struct fixture f;
	struct series_page seen;
	const struct metric *metric;

	setup(&f, 1, NULL, NULL);
	series_round(f.series);
	seen = take(&f, 0,
	    "# TYPE http_total counter\n"
	    "http_total{method=\"GET\",code=\"200\"} 5\n"
	    "http_total{method=\"GET\",code=\"500\"} 1\n"
	    "# TYPE up_bytes gauge\nup_bytes 2048\n"
	    "# TYPE t_seconds histogram\n"
	    "t_seconds_bucket{le=\"+Inf\"} 3\nt_seconds_sum 1.5\n"
	    "t_seconds_count 3\nother_total 7\n"
	    "plain{x=\"a\\\\b\\\"\x1b[31m\"} NaN\n");
	is_int((int64_t)seen.samples, 8, "samples");
	publish(&f);
	is_int((int64_t)f.payload->metric_count, 7,
	    "all are kept, NaN is missing");
	metric = find(&f, "http_total{code='500'}");
	ok(metric != NULL && metric->value == 1 &&
		metric->kind == METRIC_COUNTER && metric->unit == NUM_COUNT,
	    "counter");
	is_str(metric != NULL ? metric->labels[0].key.s : "", "code",
	    "labels are sorted");
	metric = find(&f, "up_bytes");
	ok(metric != NULL && metric->kind == METRIC_GAUGE &&
		metric->unit == NUM_BYTES,
	    "gauge");
	metric = find(&f, "t_seconds_bucket");
	ok(metric != NULL && metric->kind == METRIC_BUCKET &&
		metric->unit == NUM_COUNT,
	    "bucket");
	metric = find(&f, "t_seconds_sum");
	ok(metric != NULL && metric->kind == METRIC_COUNTER &&
		metric->unit == NUM_SECONDS,
	    "sum of a histogram");
	metric = find(&f, "other_total");
	ok(metric != NULL && metric->kind == METRIC_COUNTER,
	    "untyped, but a counter by its name");
	series_round(f.series);
	take(&f, 0, "plain{x=\"a\\\\b\\\"\x1b[31m\"} 9\n");
	publish(&f);
	is_int((int64_t)f.payload->metric_count, 1, "what is gone is gone");
	metric = &f.payload->metrics[0];
	ok(metric->value == 9 && text_is_valid(metric->labels[0].value),
	    "label with an escape sequence is clean: %s",
	    metric->labels[0].value.s);
	teardown(&f);
}

/* Same series, other order, other labels order, other blanks. */
static void
test_order(void)
{
	struct fixture f;
	uint64_t id;

	setup(&f, 1, NULL, NULL);
	series_round(f.series);
	take(&f, 0, "a{x=\"1\",y=\"2\"} 1\nb 2\nc 3\n");
	publish(&f);
	id = find(&f, "a")->id;
	series_round(f.series);
	take(&f, 0, "c 6\na{x=\"1\",y=\"2\"} 4\nd 7\nb 5\n");
	publish(&f);
	ok(value(&f, "a") == 4 && value(&f, "b") == 5 && value(&f, "c") == 6 &&
		value(&f, "d") == 7,
	    "another order");
	series_round(f.series);
	take(&f, 0, "a{ y = \"2\", x=\"1\" } 8\n");
	publish(&f);
	ok(value(&f, "a") == 8 && find(&f, "a")->id == id,
	    "labels in another order are the same metric");
	series_round(f.series);
	is_int((int64_t)take(&f, 0,
		   "a{x=\"1\",y=\"2\"} 1\nb 1\n"
		   "a{x=\"1\",y=\"2\"} 2\n")
		   .repeated,
	    1, "a repeated series is counted");
	publish(&f);
	is_near(value(&f, "a"), 1, 0, "and the first counts");
	series_round(f.series);
	take(&f, 0, "# TYPE a counter\na{x=\"1\",y=\"2\"} 3\n");
	publish(&f);
	is_near(value(&f, "a"), 3, 0, "a type that changes");
	teardown(&f);
}

static void
test_sums(void)
{
	static const char page[] = "# TYPE c counter\nc{code=\"5\"} %d\n"
				   "# TYPE g gauge\ng %d\nnoise{x=\"%d\"} 1\n";
	struct fixture f;
	char text[200];
	int i;

	setup(&f, 3, "{__name__=~\"c|g\"}", NULL);
	series_round(f.series);
	for (i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), page, 100 * (i + 1), i, i);
		take(&f, (size_t)i, text);
	}
	publish(&f);
	is_int((int64_t)f.payload->metric_count, 2, "only what is named");
	is_near(value(&f, "c{code='5'}"), 600, 0, "counters add up");
	is_near(value(&f, "g"), 3, 0, "gauges too");
	/* The second restarts, the third does not answer. */
	series_round(f.series);
	take(&f, 0, "# TYPE c counter\nc{code=\"5\"} 110\n");
	is_int(
	    (int64_t)take(&f, 1, "# TYPE c counter\nc{code=\"5\"} 7\n").resets,
	    1, "a counter that went back is a reset");
	publish(&f);
	is_near(value(&f, "c"), 617, 0, "the sum never goes back");
	ok(find(&f, "g") == NULL, "nobody had it: not there, not 0");
	series_round(f.series);
	take(&f, 2, "# TYPE c counter\nc{code=\"5\"} 320\n");
	publish(&f);
	is_near(value(&f, "c"), 637, 0, "it comes back in time: all counts");
	for (i = 0; i <= SERIES_GAP_ROUNDS; i++) {
		series_round(f.series);
		take(&f, 2, "# TYPE c counter\nc{code=\"5\"} 320\n");
	}
	take(&f, 0, "# TYPE c counter\nc{code=\"5\"} 99110\n");
	publish(&f);
	is_near(value(&f, "c"), 637, 0, "after a long silence it is no burst");
	series_round(f.series);
	take(&f, 0, "# TYPE c counter\nc{code=\"5\"} 99111\n");
	publish(&f);
	is_near(value(&f, "c"), 638, 0, "and goes on from there");
	series_round(f.series);
	take(&f, 0,
	    "# TYPE c counter\nc{code=\"5\"} 99111\n"
	    "c{code=\"9\"} 2\n");
	publish(&f);
	is_near(value(&f, "c{code='9'}"), 2, 0,
	    "a new series of a known target counts from zero");
	series_round(f.series);
	take(&f, 0, "# TYPE c counter\nc{code=\"9\"} 2\n");
	take(&f, 1, "# TYPE c counter\nc{code=\"9\"} 500\n");
	publish(&f);
	is_near(value(&f, "c{code='9'}"), 2, 0,
	    "but not the past of a target that was away");
	series_round(f.series);
	take(&f, 1, "# TYPE c counter\n");
	series_round(f.series);
	take(&f, 1, "# TYPE c counter\nc{code=\"9\"} 501\n");
	publish(&f);
	is_near(value(&f, "c{code='9'}"), 3, 0,
	    "a series that is missing on one page goes on");
	teardown(&f);
}

static void
test_gauges(void)
{
	static const struct {
		enum series_gauges gauges;
		double want;
	} rows[] = {
		{ SERIES_SUM, 12 },
		{ SERIES_AVG, 4 },
		{ SERIES_MAX, 9 },
		{ SERIES_MIN, -2 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f;

		setup(&f, 3, "g", NULL);
		series_free(f.series);
		f.rules.gauges = rows[i].gauges;
		if (series_new(&f.rules, &f.series, NULL) != ERR_OK)
			abort();
		series_round(f.series);
		take(&f, 0, "g 9\n");
		take(&f, 1, "g -2\n");
		take(&f, 2, "g 5\n");
		publish(&f);
		is_near(value(&f, "g"), rows[i].want, 0, "gauges of three");
		teardown(&f);
	}
}

static void
test_per_target(void)
{
	struct fixture f;

	setup(&f, 3, "a", "b{x=\"1\"}");
	series_round(f.series);
	take(&f, 0, "a 1\nb{x=\"1\"} 1\nb{x=\"2\"} 50\n");
	take(&f, 1, "a 2\nb{x=\"1\",target=\"mine\"} 2\n");
	take(&f, 2, "a 3\nb{x=\"1\"} 3\n");
	publish(&f);
	is_int((int64_t)f.payload->metric_count, 4, "one sum, three rows");
	is_near(value(&f, "a"), 6, 0, "sum");
	is_near(value(&f, "b{target='a:1'}"), 1, 0, "first");
	is_near(value(&f, "b{target='b:1'}"), 2, 0, "second");
	is_near(value(&f, "b{exported_target='mine'}"), 2, 0,
	    "a label of the page that would be hidden is renamed");
	series_round(f.series);
	take(&f, 2, "b{x=\"1\"} 4\n");
	publish(&f);
	is_int((int64_t)f.payload->metric_count, 1, "only who answered");
	teardown(&f);
}

/* The list of targets changes; sums go on without a jump. */
static void
test_retarget(void)
{
	static const char *const names[] = { "c:1", "new:1" };
	static const size_t from[] = { 2, SERIES_NEW };
	struct fixture f;
	int i;

	setup(&f, 3, "c_total", "g");
	series_round(f.series);
	for (i = 0; i < 3; i++)
		take(&f, (size_t)i, "c_total 100\ng 1\n");
	is_int(series_retarget(f.series, names, from, 2, NULL), ERR_OK,
	    "another list");
	series_round(f.series);
	take(&f, 0, "c_total 105\ng 2\n");
	take(&f, 1, "c_total 7000\ng 3\n");
	publish(&f);
	is_near(value(&f, "c_total"), 305, 0, "only what grew");
	is_near(value(&f, "g{target='c:1'}"), 2, 0, "an old target");
	is_near(value(&f, "g{target='new:1'}"), 3, 0, "a new one");
	is_int((int64_t)f.payload->metric_count, 3, "none of the others");
	series_round(f.series);
	take(&f, 1, "c_total 7001\n");
	publish(&f);
	is_near(value(&f, "c_total"), 306, 0, "and it counts from now on");
	teardown(&f);
}

static void
test_without(void)
{
	static const char *const without[] = { "pod" };
	struct fixture f;

	setup(&f, 1, NULL, NULL);
	series_free(f.series);
	f.rules.without = without;
	f.rules.without_count = 1;
	if (series_new(&f.rules, &f.series, NULL) != ERR_OK)
		abort();
	series_round(f.series);
	take(&f, 0,
	    "a{pod=\"1\",c=\"x\"} 1\na{pod=\"2\",c=\"x\"} 2\n"
	    "a{pod=\"1\",c=\"y\"} 4\n");
	publish(&f);
	is_int((int64_t)f.payload->metric_count, 2, "two remain");
	is_near(value(&f, "a{c='x'}"), 3, 0, "summed over the label");
	is_near(value(&f, "a{c='y',pod=''}"), 4, 0, "which is not shown");
	teardown(&f);
}

static void
test_bad_page(void)
{
	static const char bad[] = "a 5\nb{ 6\n";
	struct fixture f;
	struct err err = ERR_INIT;

	setup(&f, 1, NULL, NULL);
	series_round(f.series);
	take(&f, 0, "a 1\n");
	is_int(series_read(
		   f.series, 0, EXPO_TEXT, bad, sizeof(bad) - 1, NULL, &err),
	    ERR_BADDATA, "refused");
	is_str(err_text(&err), "line 2: expected label name, got \"6\"",
	    "with the reason");
	publish(&f);
	is_near(value(&f, "a"), 1, 0, "nothing of it counts");
	teardown(&f);
}

static void
test_restart(void)
{
	struct fixture f;

	setup(&f, 3, "a", NULL);
	series_round(f.series);
	ok(!take(&f, 0, "process_start_time_seconds 1000\n").restarted,
	    "first seen: no restart");
	series_round(f.series);
	ok(!take(&f, 0, "process_start_time_seconds 1000\n").restarted,
	    "the same");
	series_round(f.series);
	ok(take(&f, 0, "process_start_time_seconds 2000\n").restarted,
	    "restarted, though nobody keeps the series");
	teardown(&f);
}

/* More series than fit: counted, bounded, and room is made again. */
static void
test_bounds(void)
{
	struct fixture f;
	struct series_usage usage;
	struct buf page = BUF_INIT(64 << 20);
	int i, round;

	setup(&f, 1, "named", NULL);
	for (i = 0; i < SERIES_ALL_MAX + 500; i++)
		buf_fmt(&page, "m{i=\"%d\"} 1\n", i);
	buf_str(&page, "named 1\n");
	for (round = 0; round < 2; round++) {
		series_round(f.series);
		take(&f, 0, page.data);
		series_usage(f.series, &usage);
		is_int((int64_t)usage.metrics, SERIES_ALL_MAX + 1,
		    "kept up to the limit, and what is named");
		is_int((int64_t)usage.left_out, 500, "the rest is counted");
	}
	publish(&f);
	is_near(value(&f, "named"), 1, 0, "named at the end");
	for (round = 0; round < 2 * SERIES_FORGET_ROUNDS + 3; round++) {
		series_round(f.series);
		take(&f, 0, "new{x=\"1\"} 5\nm{i=\"1\"} 2\n");
	}
	series_usage(f.series, &usage);
	is_int((int64_t)usage.left_out, 0, "nothing is left out");
	ok(usage.known < 10, "old series are forgotten: %zu", usage.known);
	publish(&f);
	is_near(value(&f, "new"), 5, 0, "a new one has room");
	is_near(value(&f, "m{i='1'}"), 2, 0, "an old one is still there");
	teardown(&f);

	/* Endless new label values, as a request id as a label makes. */
	setup(&f, 3, "id_total", NULL);
	for (round = 0; round < 40; round++) {
		buf_clear(&page);
		for (i = 0; i < 2000; i++)
			buf_fmt(&page,
			    "id_total{id=\"%d.%d\"} 1\nno{id=\"%d.%d\"} 1\n",
			    round, i, round, i);
		series_round(f.series);
		take(&f, 0, page.data);
	}
	series_usage(f.series, &usage);
	ok(usage.metrics <= SERIES_KEPT_MAX &&
		usage.known <= SERIES_ENTRIES_MAX,
	    "%zu known, %zu kept", usage.known, usage.metrics);
	ok(usage.bytes < 64U << 20, "%zu bytes", usage.bytes);
	buf_release(&page);
	teardown(&f);
}

/* Each allocation fails once; the table stays sound and goes on. */
static void
test_no_memory(void)
{
	static const char page[] = "# TYPE a counter\na{x=\"1\"} 1\nb 2\n";
	size_t n, failures = 0;

	for (n = 1; n < 60; n++) {
		struct fixture f;
		enum err_code code;
		double want;

		setup(&f, 3, "a", "b");
		series_round(f.series);
		mem_fail_at(n, false);
		code = series_read(
		    f.series, 0, EXPO_TEXT, page, sizeof(page) - 1, NULL, NULL);
		mem_fail_at(0, false);
		failures += code == ERR_NOMEM;
		series_round(f.series);
		take(&f, 0, page);
		take(&f, 1, page);
		publish(&f);
		/* The second only joins a sum that had begun. */
		want = code == ERR_OK ? 1 : 2;
		if (value(&f, "a") != want || value(&f, "b{target='a:1'}") != 2)
			ok(false, "after allocation %zu: %g", n,
			    value(&f, "a"));
		teardown(&f);
	}
	ok(failures > 3, "%zu failures were survived", failures);
}

int
main(void)
{
	RUN(test_one_target);
	RUN(test_order);
	RUN(test_sums);
	RUN(test_gauges);
	RUN(test_per_target);
	RUN(test_retarget);
	RUN(test_without);
	RUN(test_bad_page);
	RUN(test_restart);
	RUN(test_bounds);
	RUN(test_no_memory);
	return tap_done();
}
