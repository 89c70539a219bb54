#include "datasrc/expo.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "datasrc/limits.h"
#include "tests/ref_expo.h"
#include "tests/tap.h"

/* Error text of a page, or "ok"; valid until the next call. */
static const char *
verdict(enum expo_format format, const char *page, size_t len)
{
	static struct err err;
	struct expo expo = EXPO_INIT;
	struct expo_sample sample;
	enum err_code code;

	err_clear(&err);
	expo_start(&expo, format, page, len);
	do
		code = expo_next(&expo, &sample, &err);
	while (code == ERR_OK && sample.line != 0);
	expo_release(&expo);
	return err_text(&err);
}

static const char *
text_verdict(const char *page)
{
	return verdict(EXPO_TEXT, page, strlen(page));
}

static const char *
om_verdict(const char *page)
{
	return verdict(EXPO_OPENMETRICS, page, strlen(page));
}

/* The first sample of a page; line 0 when there is none. */
static struct expo_sample
first(enum expo_format format, const char *page)
{
	struct expo expo = EXPO_INIT;
	struct expo_sample sample;

	expo_start(&expo, format, page, strlen(page));
	if (expo_next(&expo, &sample, NULL) != ERR_OK)
		sample.line = 0;
	expo_release(&expo);
	return sample;
}

static bool
slice_is(const char *p, size_t len, const char *want)
{
	return len == strlen(want) && memcmp(p, want, len) == 0;
}

static void
test_sample(void)
{
	struct expo_sample s =
	    first(EXPO_TEXT, "\n# a comment\n\n"
			     "http_total { method = \"post\",code=\"2\\\"0\", }"
			     "\t1.5e3  1395066363000 \n");
	struct expo_labels labels;
	struct expo_label label;
	char out[8];

	is_int(s.line, 4, "line");
	is_near(s.value, 1500, 0, "value");
	is_int(s.time_ms, INT64_C(1395066363000), "milliseconds");
	ok(slice_is(s.name, s.name_len, "http_total"), "name");
	ok(slice_is(s.series, s.series_len,
	       "http_total { method = \"post\",code=\"2\\\"0\", }"),
	    "series is the text up to the brace");
	labels = expo_labels(&s);
	ok(expo_labels_next(&labels, &label) &&
		slice_is(label.name, label.name_len, "method") &&
		slice_is(label.value, label.value_len, "post"),
	    "first label");
	ok(expo_labels_next(&labels, &label) &&
		slice_is(label.name, label.name_len, "code"),
	    "second label");
	is_int((int64_t)expo_unescape(label.value, label.value_len, out), 3,
	    "unescaped length");
	ok(memcmp(out, "2\"0", 3) == 0, "unescaped value");
	ok(!expo_labels_next(&labels, &label), "no third");
	s = first(EXPO_TEXT, "a 1");
	ok(s.line == 1 && s.labels_len == 0 && s.time_ms == EXPO_NO_TIME,
	    "a bare sample, its line feed missing");
	s = first(EXPO_TEXT, "{\"my.metric\",\"la bel\"=\"x\"} 1\n");
	ok(slice_is(s.name, s.name_len, "my.metric"), "quoted name");
	labels = expo_labels(&s);
	ok(expo_labels_next(&labels, &label) &&
		slice_is(label.name, label.name_len, "la bel"),
	    "quoted label name, the metric's own name passed over");
	s = first(EXPO_OPENMETRICS, "a 1 1520879607.789\n# EOF\n");
	is_int(s.time_ms, INT64_C(1520879607789), "seconds in OpenMetrics");
}

static void
test_values(void)
{
	static const struct {
		const char *text;
		double value;
	} rows[] = {
		{ "0", 0 },
		{ "-0.5", -0.5 },
		{ "+3", 3 },
		{ ".5", 0.5 },
		{ "5.", 5 },
		{ "1e3", 1e3 },
		{ "1E-3", 1e-3 },
		{ "0.1", 0.1 },
		{ "0.30000000000000004", 0.30000000000000004 },
		{ "9007199254740993", 9007199254740992.0 },
		{ "9007199254740995", 9007199254740996.0 },
		{ "1.7976931348623157e308", 1.7976931348623157e308 },
		{ "1e400", INFINITY },
		{ "-1e400", -INFINITY },
		{ "4.9e-324", 4.9e-324 },
		{ "1e-400", 0 },
		{ "123456789012345678901234567890", 1.2345678901234568e29 },
		{ "18446744073709551616", 18446744073709551616.0 },
		{ "NaN", NAN },
		{ "Nan", NAN },
		{ "nan", NAN },
		{ "-nan", NAN },
		{ "+Inf", INFINITY },
		{ "-Inf", -INFINITY },
		{ "iNf", INFINITY },
		{ "infinity", INFINITY },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		char page[80];
		struct expo_sample s;

		snprintf(page, sizeof(page), "a %s\n", rows[i].text);
		s = first(EXPO_TEXT, page);
		is_near(
		    s.line == 1 ? s.value : 42, rows[i].value, 0, rows[i].text);
	}
}

/*
 * Promtool 2.42 says the same, but for the last four, and for #TYPE without
 * a blank, which Prometheus itself takes for a plain comment.
 */
static void
test_odd_lines(void)
{
	static const struct {
		const char *page;
		const char *verdict;
	} rows[] = {
		{ "a{x=\"1\"}1\n", "ok" },
		{ " a 1\n", "ok" },
		{ "a\t1\n", "ok" },
		{ "a{} 1\n", "ok" },
		{ "a {x=\"1\"} 1\n", "ok" },
		{ "a{ x = \"1\" , } 1\n", "ok" },
		{ "a 1 -5\n", "ok" },
		{ "#\n# foo\n#TYPE a bla\n# TYPE a\n# HELP\n# HELP a\n", "ok" },
		{ "a{x=\"1\"", "line 1: expected comma or right brace, got the "
			       "end of the page" },
		{ "a{x=1} 2\n", "line 1: expected label value, got \"1} 2\"" },
		{ "a{x=\"\"y=\"\"} 1\n", "line 1: expected comma or right "
					 "brace, got \"y=\\\"\\\"} 1\"" },
		{ "a{,} 1\n", "line 1: expected label name, got \",} 1\"" },
		{ "a{x=\"1\",,} 1\n",
		    "line 1: expected label name, got \",} 1\"" },
		{ "a{a:b=\"1\"} 1\n", "line 1: expected equal sign behind "
				      "label name, got \":b=\\\"1\\\"} 1\"" },
		{ "a{1x=\"1\"} 1\n",
		    "line 1: expected label name, got \"1x=\\\"1\\\"} 1\"" },
		{ "a{x=\"\\t\"} 1\n", "line 1: expected one of \\\\, \\\" and "
				      "\\n, got \"\\\\t\\\"} 1\"" },
		{ "a{x=\"b\n\"} 1\n",
		    "line 1: label value has no closing quote on its line" },
		{ "a{x=\"\xff\"} 1\n",
		    "line 1: expected valid UTF-8, got \"\\xff\\\"} 1\"" },
		{ "a{x=\"1\",y=\"2\",x=\"3\"} 1\n",
		    "line 1: label \"x\" is there twice" },
		{ "a\n1\n", "line 1: expected value, got the end of the line" },
		{ "a 0x10\n", "line 1: expected value, got \"0x10\"" },
		{ "a 1e\n", "line 1: expected value, got \"1e\"" },
		{ "a 1_0\n", "line 1: expected value, got \"1_0\"" },
		{ "a 1\r\n", "line 1: expected value, got \"1\\x0d\"" },
		{ "a 1 5 6\n", "line 1: expected the end of the line, got "
			       "\"6\"" },
		{ "a 1 5.5\n", "line 1: expected the end of the line, got "
			       "\".5\"" },
		{ "ok 1\n1a 1\n",
		    "line 2: expected a metric name, got \"1a 1\"" },
		{ "{x=\"1\"} 1\n", "line 1: labels without a metric name" },
		{ "# TYPE a bla\n",
		    "line 1: expected a metric type, got \"bla\"" },
		{ "# TYPE 1a gauge\n",
		    "line 1: expected a metric name, got \"1a gauge\"" },
		{ "# HELP 1a x\n",
		    "line 1: expected a metric name, got \"1a x\"" },
		{ "<!DOCTYPE html>\n<html>\n",
		    "line 1: expected metrics, got \"<!DOCTYPE html>\"" },
		{ "a{x=\"1\"} -nan\n", "ok" },
		{ "# TYPE  a  counter \n", "ok" },
		{ "a 1", "ok" },
		{ "{\"a b\"} 1\n", "ok" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		is_str(
		    text_verdict(rows[i].page), rows[i].verdict, rows[i].page);
	is_str(verdict(EXPO_TEXT, "a 1\0\nb 2\n", 9),
	    "line 1: expected timestamp, got \"\\x00\"", "NUL in the page");
}

static void
test_openmetrics(void)
{
	static const struct {
		const char *page;
		const char *verdict;
	} rows[] = {
		{ "# TYPE a counter\na_total 1 # {t=\"x\"} 0.5 1.5\n# EOF\n",
		    "ok" },
		{ "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n"
		  "a_seconds 1\n# EOF",
		    "ok" },
		{ "a 1\n", "line 2: data does not end with # EOF: the answer "
			   "is cut off" },
		{ "", "line 1: data does not end with # EOF: the answer is "
		      "cut off" },
		{ "a 1", "line 1: expected the end of the line, got the end "
			 "of the page" },
		{ "# EOF\na 1\n", "line 2: unexpected data after # EOF" },
		{ "a  1\n# EOF\n", "line 1: expected value, got \" 1\"" },
		{ " a 1\n# EOF\n",
		    "line 1: expected a metric name, got \" a 1\"" },
		{ "\n# EOF\n",
		    "line 1: expected a metric name, got the end of the line" },
		{ "a{x=\"1\",} 1\n# EOF\n",
		    "line 1: expected label name, got \"} 1\"" },
		{ "# just words\n# EOF\n",
		    "line 1: expected HELP, TYPE, UNIT or EOF, got \"# just "
		    "words\"" },
		{ "# TYPE a untyped\n# EOF\n",
		    "line 1: expected a metric type, got \"untyped\"" },
		{ "# UNIT a seconds\n# EOF\n",
		    "line 1: expected a unit that ends the name, got "
		    "\"seconds\"" },
		{ "a 1 NaN\n# EOF\n",
		    "line 1: expected timestamp, got \" NaN\"" },
		{ "a 1 # {t=\"x\"}\n# EOF\n",
		    "line 1: expected one space, got the end of the line" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		is_str(om_verdict(rows[i].page), rows[i].verdict, rows[i].page);
	is_int(
	    expo_format_of("application/openmetrics-text; version=1.0.0; x=y"),
	    EXPO_OPENMETRICS, "format by its type");
	is_int(expo_format_of("text/plain; version=0.0.4"), EXPO_TEXT, "text");
	is_int(expo_format_of(NULL), EXPO_TEXT, "text when nothing is said");
}

static void
test_types(void)
{
	static const char page[] = "# TYPE h histogram\n"
				   "# TYPE s summary\n"
				   "# TYPE c counter\n"
				   "# TYPE g_sum gauge\n"
				   "h_bucket{le=\"1\"} 1\n"
				   "h_sum 2\n"
				   "h_count 3\n"
				   "s{quantile=\"0.5\"} 4\n"
				   "s_count 5\n"
				   "s_bucket 6\n"
				   "c 7\n"
				   "c_total 8\n"
				   "g_sum 9\n"
				   "u 10\n"
				   "# TYPE u gauge\n"
				   "u 11\n";
	static const struct {
		enum expo_type type;
		enum expo_part part;
	} want[] = {
		{ EXPO_HISTOGRAM, EXPO_BUCKET },
		{ EXPO_HISTOGRAM, EXPO_SUM },
		{ EXPO_HISTOGRAM, EXPO_COUNT },
		{ EXPO_SUMMARY, EXPO_VALUE },
		{ EXPO_SUMMARY, EXPO_COUNT },
		{ EXPO_UNTYPED, EXPO_VALUE },
		{ EXPO_COUNTER, EXPO_VALUE },
		{ EXPO_COUNTER, EXPO_VALUE },
		{ EXPO_GAUGE, EXPO_VALUE },
		{ EXPO_UNTYPED, EXPO_VALUE },
		{ EXPO_GAUGE, EXPO_VALUE },
	};
	struct expo expo = EXPO_INIT;
	struct expo_sample s;
	size_t i;

	expo_start(&expo, EXPO_TEXT, page, sizeof(page) - 1);
	for (i = 0; i < ARRAY_LEN(want); i++)
		if (expo_next(&expo, &s, NULL) == ERR_OK)
			ok(s.type == want[i].type && s.part == want[i].part,
			    "%.*s: %s", (int)s.name_len, s.name,
			    expo_type_name(want[i].type));
	ok(expo_next(&expo, &s, NULL) == ERR_OK && s.line == 0, "end");
	is_int((int64_t)expo.samples, ARRAY_LEN(want), "samples counted");
	expo_start(&expo, EXPO_TEXT, "h_sum 1\n", 8);
	ok(expo_next(&expo, &s, NULL) == ERR_OK && s.type == EXPO_UNTYPED,
	    "types of the last page are forgotten");
	expo_release(&expo);
}

static void
test_limits(void)
{
	struct buf page = BUF_INIT(8 << 20);
	int i;

	buf_str(&page, "a{");
	for (i = 0; i < EXPO_LABELS_MAX; i++)
		buf_fmt(&page, "l%d=\"\",", i);
	buf_str(&page, "} 1\n");
	is_str(text_verdict(buf_cstr(&page)), "ok", "as many labels as may be");
	buf_clear(&page);
	buf_str(&page, "a{");
	for (i = 0; i < 1000000; i++)
		buf_fmt(&page, "l%d=\"\",", i);
	buf_str(&page, "} 1\n");
	is_str(text_verdict(buf_cstr(&page)), "line 1: more than 64 labels",
	    "a million labels");
	buf_clear(&page);
	buf_str(&page, "a{b=\"");
	for (i = 0; i < EXPO_LABEL_BYTES_MAX; i++)
		buf_char(&page, 'x');
	buf_str(&page, "\"} 1\n");
	is_str(text_verdict(buf_cstr(&page)),
	    "line 1: labels of more than 16384 bytes", "long labels");
	buf_clear(&page);
	buf_str(&page, "# HELP ");
	for (i = 0; i < EXPO_LINE_MAX; i++)
		buf_char(&page, 'x');
	is_str(text_verdict(buf_cstr(&page)),
	    "line 1: the line is longer than 65536 bytes", "long comment");
	buf_clear(&page);
	for (i = 0; i <= EXPO_FAMILIES_MAX; i++)
		buf_fmt(&page, "# TYPE f%d gauge\n", i);
	is_str(text_verdict(buf_cstr(&page)),
	    "line 65537: more than 65536 families", "families");
	buf_release(&page);
}

static void
test_no_memory(void)
{
	static const char page[] = "# TYPE a gauge\na 1\n";
	struct expo expo = EXPO_INIT;
	struct expo_sample s;

	expo_start(&expo, EXPO_TEXT, page, sizeof(page) - 1);
	mem_fail_at(1, true);
	is_int(expo_next(&expo, &s, NULL), ERR_NOMEM, "no memory");
	mem_fail_at(0, false);
	expo_start(&expo, EXPO_TEXT, page, sizeof(page) - 1);
	is_int(expo_next(&expo, &s, NULL), ERR_OK, "and again with some");
	is_int(s.type, EXPO_GAUGE, "type");
	expo_release(&expo);
}

static void
test_hint(void)
{
	static const struct {
		const char *hint;
		const char *page;
		bool hinted;
		enum expo_format format;
		enum expo_type type;
	} rows[] = {
		{ "a{x=\"1\"}", "a{x=\"1\"} 5\n", .hinted = true },
		{ "a{x=\"1\"}", "a{x=\"2\"} 5\n", .hinted = false },
		{ "a{x=\"1\"}", "a{x=\"1\"", .hinted = false },
		{ "a", "a 5\n", .hinted = true },
		{ "a", "ab 5\n", .hinted = false },
		{ "a", "a{x=\"1\"} 5\n", .hinted = false },
		{ "a", "a {x=\"1\"} 5\n", .hinted = false },
		{ "a", "a 5\n", .hinted = false, .format = EXPO_OPENMETRICS },
		{ "a", "a 5\n", .hinted = false, .type = EXPO_GAUGE },
		{ "a", "# TYPE a gauge\na 5\n", .hinted = true,
		    .type = EXPO_GAUGE },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct expo expo = EXPO_INIT;
		struct expo_sample s;
		struct expo_known known = {
			.series = rows[i].hint,
			.series_len = (uint32_t)strlen(rows[i].hint),
			.name_len = 1,
			.format = rows[i].format,
			.type = rows[i].type,
		};
		enum err_code code;

		expo_start(
		    &expo, EXPO_TEXT, rows[i].page, strlen(rows[i].page));
		expo_hint(&expo, &known);
		code = expo_next(&expo, &s, NULL);
		ok(code != ERR_OK ? !rows[i].hinted
				  : s.hinted == rows[i].hinted && s.value == 5,
		    "%s before %s", rows[i].hint, rows[i].page);
		expo_release(&expo);
	}
}

/* Long pages meet the reference too: eight bytes at a time, table growth. */
static void
test_reference(void)
{
	struct buf page = BUF_INIT(4 << 20), want = BUF_INIT(16 << 20),
		   got = BUF_INIT(16 << 20);
	struct err err = ERR_INIT;
	uint32_t random = 1;
	int i;

	for (i = 0; i < 4000; i++) {
		random = random * 1664525 + 1013904223;
		if (random >> 28 == 0)
			buf_fmt(&page, "# TYPE fam%d %s\n", i % 300,
			    i % 2 != 0 ? "counter" : "histogram");
		buf_fmt(&page,
		    "fam%d%s{p=\"%.*s\\\"\xc3\xa9\",q=\"%d\"} %.*g\n", i % 300,
		    i % 3 != 0 ? "_bucket" : "", (int)(random % 40),
		    "0123456789012345678901234567890123456789", i,
		    (int)(random % 19), (double)random / 1e7);
	}
	is_int(ref_expo(EXPO_TEXT, page.data, page.len, &want), 0,
	    "good to the reference");
	is_int(ref_expo_real(EXPO_TEXT, page.data, page.len, &got, &err), 0,
	    "good to the parser");
	ok(want.len > 100000 && want.len == got.len &&
		memcmp(want.data, got.data, got.len) == 0,
	    "the same %zu bytes of samples", want.len);
	buf_release(&page);
	buf_release(&want);
	buf_release(&got);
}

int
main(void)
{
	RUN(test_sample);
	RUN(test_values);
	RUN(test_odd_lines);
	RUN(test_openmetrics);
	RUN(test_types);
	RUN(test_limits);
	RUN(test_no_memory);
	RUN(test_hint);
	RUN(test_reference);
	return tap_done();
}
