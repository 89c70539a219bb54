#include "model/selector.h"

#include "base/alloc.h"
#include "model/section.h"
#include "tests/tap.h"

static const struct label labels[] = {
	{ TEXT_INIT("code"), TEXT_INIT("503") },
	{ TEXT_INIT("method"), TEXT_INIT("GET") },
	{ TEXT_INIT("path"), TEXT_INIT("/v1/\"q\"") },
};

/* Result for http_total{code="503",method="GET",path="/v1/\"q\""}. */
static int
matches(const char *text)
{
	struct selector *selector;
	struct err err = ERR_INIT;
	enum regex_result result;

	if (selector_parse(text, &selector, &err) != ERR_OK) {
		printf("# %s: %s\n", text, err_text(&err));
		return -1;
	}
	result = selector_match(
	    selector, TEXT("http_total"), labels, ARRAY_LEN(labels));
	selector_free(selector);
	return (int)result;
}

/* What parsing says; valid until the next call. */
static const char *
verdict(const char *text)
{
	static struct err err;
	struct selector *selector = NULL;

	err_clear(&err);
	if (selector_parse(text, &selector, &err) == ERR_OK)
		selector_free(selector);
	return err_text(&err);
}

static void
test_match(void)
{
	static const struct {
		const char *text;
		int result;
	} rows[] = {
		{ "http_total", REGEX_MATCH },
		{ " http_total { } ", REGEX_MATCH },
		{ "http_tota", REGEX_NO_MATCH },
		{ "http_totals", REGEX_NO_MATCH },
		{ "http_total{code=\"503\"}", REGEX_MATCH },
		{ "http_total{code='503',}", REGEX_MATCH },
		{ "http_total{code=`503`}", REGEX_MATCH },
		{ "http_total{code=\"50\"}", REGEX_NO_MATCH },
		{ "http_total{code!=\"503\"}", REGEX_NO_MATCH },
		{ "http_total{code!=\"200\"}", REGEX_MATCH },
		{ "http_total{code=~\"5..\"}", REGEX_MATCH },
		{ "http_total{code=~\"5\"}", REGEX_NO_MATCH },
		{ "http_total{code=~\"4..|5..\"}", REGEX_MATCH },
		{ "http_total{code=~\"5|503\"}", REGEX_MATCH },
		{ "http_total{code!~\"5..\"}", REGEX_NO_MATCH },
		{ "http_total{code!~\"5\"}", REGEX_MATCH },
		{ "http_total{code=~\"5..\",method=\"GET\"}", REGEX_MATCH },
		{ "http_total{code=~\"5..\",method=\"PUT\"}", REGEX_NO_MATCH },
		{ "http_total{pod=\"\"}", REGEX_MATCH },
		{ "http_total{pod!=\"\"}", REGEX_NO_MATCH },
		{ "http_total{pod=~\".*\"}", REGEX_MATCH },
		{ "http_total{pod=~\".+\"}", REGEX_NO_MATCH },
		{ "http_total{path=\"/v1/\\\"q\\\"\"}", REGEX_MATCH },
		{ "http_total{path=~\"/v1/\\\\W.*\"}", REGEX_MATCH },
		{ "http_total{path=~`/v1/\\W.*`}", REGEX_MATCH },
		{ "{code=\"503\"}", REGEX_MATCH },
		{ "{\"http_total\"}", REGEX_MATCH },
		{ "{\"http_total\",code=\"200\"}", REGEX_NO_MATCH },
		{ "{__name__=~\"http_.*\"}", REGEX_MATCH },
		{ "{\"code\"=\"503\"}", REGEX_MATCH },
		{ "http_total{path=~\"(.*)*x\"}", REGEX_NO_MATCH },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		is_int(matches(rows[i].text), rows[i].result, rows[i].text);
}

static void
test_errors(void)
{
	static const struct {
		const char *text;
		const char *verdict;
	} rows[] = {
		{ "", "column 1: expected a metric name or {, got the end" },
		{ "5xx", "column 1: expected a metric name or {, got \"5xx\"" },
		{ "a b", "column 3: expected the end, got \"b\"" },
		{ "a{", "column 3: expected a label, got the end" },
		{ "a{b", "column 4: expected one of = != =~ !~, got the end" },
		{ "a{b>\"1\"}",
		    "column 4: expected one of = != =~ !~, got \">\"1\"}\"" },
		{ "a{b=5}",
		    "column 5: expected a value in quotes, got \"5}\"" },
		{ "a{b=\"5}", "column 5: expected a closing quote for this "
			      "one, got \"\"5}\"" },
		{ "a{b=\"5\" c=\"6\"}",
		    "column 9: expected a comma or }, got \"c=\"6\"}\"" },
		{ "a{b=~\"\\d\"}",
		    "column 7: expected one of \\\\ \\\" \\' \\n \\t (a "
		    "regular expression's \\ is written \\\\), got "
		    "\"\\d\"}\"" },
		{ "{}", "column 1: this matches every series: give a name or "
			"a matcher that refuses the empty string" },
		{ "{a=~\".*\"}",
		    "column 1: this matches every series: give a name or a "
		    "matcher that refuses the empty string" },
	};
	char longer[5000], many[2000] = "a{";
	size_t i;
	const char *text;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		is_str(verdict(rows[i].text), rows[i].verdict, rows[i].text);
	text = verdict("a{b=~\"5(\"}");
	ok(strncmp(text, "column 6: ", 10) == 0, "regex: %s", text);
	text = verdict("a{b=~\"5)(\"}");
	ok(strncmp(text, "column 6: ", 10) == 0,
	    "an expression can't leave its brackets: %s", text);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ok(strstr(verdict(longer), "at most 4096 bytes") != NULL, "too long");
	for (i = 0; i < 40; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many),
		    "l%zu=\"1\",", i);
	ok(strstr(verdict(many), "more than 32 matchers") != NULL,
	    "too many matchers");
}

static void
test_names(void)
{
	struct selector *selector = NULL;
	struct metric metric = {
		.name = TEXT_INIT("http_total"),
		.labels = labels,
		.label_count = ARRAY_LEN(labels),
	};

	is_int(selector_parse("http_total{a!=\"\"}", &selector, NULL), ERR_OK,
	    "parses");
	is_str(selector_name(selector), "http_total", "its one name");
	is_str(selector_text(selector), "http_total{a!=\"\"}", "its text");
	selector_free(selector);
	is_int(
	    selector_parse("{\"my.name\"}", &selector, NULL), ERR_OK, "quoted");
	is_str(selector_name(selector), "my.name", "quoted name");
	selector_free(selector);
	is_int(selector_parse("{__name__=~\"a|b\"}", &selector, NULL), ERR_OK,
	    "by expression");
	is_str(selector_name(selector), NULL, "no one name");
	is_int(
	    selector_match_metric(selector, &metric), REGEX_NO_MATCH, "metric");
	selector_free(selector);
	is_str(selector_free(NULL) == NULL ? "" : "x", "", "NULL is allowed");
}

/* Each allocation fails once. */
static void
test_no_memory(void)
{
	const char *text = "a{b=~\"x.*\",\"c\"!=\"y\"}";
	struct selector *selector = NULL;
	size_t n, failures = 0;
	enum err_code code = ERR_NOMEM;

	for (n = 1; code != ERR_OK && n < 100; n++) {
		mem_fail_at(n, false);
		code = selector_parse(text, &selector, NULL);
		failures += code == ERR_NOMEM;
		if (code != ERR_OK && code != ERR_NOMEM)
			break;
	}
	mem_fail_at(0, false);
	is_int(code, ERR_OK, "parses in the end");
	ok(failures > 5, "%zu allocations failed before", failures);
	if (code == ERR_OK)
		selector_free(selector);
}

int
main(void)
{
	RUN(test_match);
	RUN(test_errors);
	RUN(test_names);
	RUN(test_no_memory);
	return tap_done();
}
