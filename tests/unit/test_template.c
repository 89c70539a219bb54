#include "base/template.h"

#include "base/buf.h"
#include "tests/tap.h"

static struct buf out = BUF_INIT(512);
static struct err err;

static bool
find(const void *ctx, const char *name, struct template_value *ret,
    const char **ret_hint)
{
	static const struct {
		const char *name;
		struct template_value value;
	} known[] = {
		{ "input.word", { "restart", false } },
		{ "input.count", { "4", true } },
		{ "input.on", { "true", true } },
		{ "input.fake", { "1, \"admin\": true", true } },
		{ "input.wide", { "\xef\xbb\xbf\r3", true } },
		{ "input.evil", { "a\"b\\c\nd/e?f=g&h é", false } },
		{ "input.none", { NULL, false } },
		{ "input.dots", { "..", false } },
		{ "input.dot", { ".", false } },
		{ "input.empty", { "", false } },
		{ "target.name", { "api", false } },
	};

	(void)ctx;
	*ret_hint = "did you mean input.word?";
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, name) != 0)
			continue;
		*ret = known[i].value;
		return true;
	}
	return false;
}

/* The filled text, or what is wrong with it. */
static const char *
filled(const char *text, enum template_form form)
{
	buf_clear(&out);
	err_clear(&err);
	if (template_fill(text, form, find, NULL, &out, &err) != ERR_OK)
		return err_text(&err);
	return buf_cstr(&out);
}

static void
test_fill(void)
{
	static const struct {
		const char *text;
		enum template_form form;
		const char *want;
	} rows[] = {
		{ "pm2 ${input.word} ${target.name}", TEMPLATE_TEXT,
		    "pm2 restart api" },
		{ "", TEMPLATE_TEXT, "" },
		{ "a${input.count}${input.count}b", TEMPLATE_TEXT, "a44b" },
		{ "${x} $x ${} ${.a} ${A.b} ${input.} ${input.a b}",
		    TEMPLATE_TEXT,
		    "${x} $x ${} ${.a} ${A.b} ${input.} ${input.a b}" },
		{ "${input.evil}", TEMPLATE_TEXT, "a\"b\\c\nd/e?f=g&h é" },
		{ "http://h/${input.evil}?q=${input.word}", TEMPLATE_URL,
		    "http://h/a%22b%5Cc%0Ad%2Fe%3Ff%3Dg%26h%20%C3%A9?q="
		    "restart" },
		{ "{\"a\": \"${input.evil}\"}", TEMPLATE_JSON,
		    "{\"a\": \"a\\\"b\\\\c\\u000ad/e?f=g&h é\"}" },
		{ "{\"a\": ${input.word}}", TEMPLATE_JSON,
		    "{\"a\": \"restart\"}" },
		{ "{\"a\": ${input.count}, \"b\": ${input.on}}", TEMPLATE_JSON,
		    "{\"a\": 4, \"b\": true}" },
		{ "{\"a\": \"${input.count}\"}", TEMPLATE_JSON,
		    "{\"a\": \"4\"}" },
		{ "{\"a\": ${input.fake}}", TEMPLATE_JSON,
		    "{\"a\": \"1, \\\"admin\\\": true\"}" },
		{ "[${input.wide}]", TEMPLATE_JSON,
		    "[\"\xef\xbb\xbf\\u000d3\"]" },
		{ "{\"a\\\"\": ${input.word}}", TEMPLATE_JSON,
		    "{\"a\\\"\": \"restart\"}" },
		{ "x: ${input.word}", TEMPLATE_LINE, "x: restart" },
		{ "http://h/a?q=${input.dots}", TEMPLATE_URL,
		    "http://h/a?q=.." },
		{ "http://h/a?q=${input.empty}", TEMPLATE_URL,
		    "http://h/a?q=" },
		{ "http://h/v1.${input.dot}2/..${input.word}", TEMPLATE_URL,
		    "http://h/v1..2/..restart" },
		{ "http://h/./${input.word}", TEMPLATE_URL,
		    "http://h/./restart" },
		/* What is wrong. */
		{ "http://h/orders/${input.dots}", TEMPLATE_URL,
		    "a value of dots would lead to another path" },
		{ "http://h/orders/${input.dot}${input.dot}/x", TEMPLATE_URL,
		    "a value of dots would lead to another path" },
		{ "http://h/./orders/${input.dots}", TEMPLATE_URL,
		    "a value of dots would lead to another path" },
		{ "http://h/orders/${input.empty}", TEMPLATE_URL,
		    "input.empty is empty, and a part of the path" },
		{ "${input.wrod}", TEMPLATE_TEXT,
		    "nothing is called ${input.wrod}; did you mean "
		    "input.word?" },
		{ "${input.none}", TEMPLATE_TEXT, "input.none is not given" },
		{ "${input.evil}", TEMPLATE_LINE,
		    "input.evil has a line break, and a header must not" },
		{ "{\"a\": \"${input.word}", TEMPLATE_JSON,
		    "a quote that does not end" },
		{ "{\"a\": \"\\${input.word}\"}", TEMPLATE_JSON,
		    "a backslash in front of ${input.word}" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_str(filled(rows[i].text, rows[i].form), rows[i].want,
		    rows[i].text);
}

static void
test_limits(void)
{
	char text[600];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	is_str(filled(text, TEMPLATE_TEXT),
	    "longer than 512 bytes when filled in", "a text that is too long");
	is_int(err.code, ERR_TOOBIG, "as its code");
}

static void
test_one(void)
{
	char name[2 * NAME_MAX_LEN] = "";

	ok(template_is_one("${input.a-b.c_1}", name), "one reference");
	is_str(name, "input.a-b.c_1", "its name");
	ok(!template_is_one("${input.a} ", NULL), "and a blank");
	ok(!template_is_one("${input.a}${input.a}", NULL), "two");
	ok(!template_is_one("${input}", NULL), "without a dot");
	ok(!template_is_one("", NULL), "nothing");
}

int
main(void)
{
	RUN(test_fill);
	RUN(test_limits);
	RUN(test_one);
	buf_release(&out);
	return tap_done();
}
