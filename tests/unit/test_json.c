#include "base/json.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "tests/tap.h"

static struct cJSON *
parse(const char *text)
{
	struct cJSON *root = NULL;
	struct err err = ERR_INIT;
	enum err_code code = json_parse(text, strlen(text), &root, &err);

	ok(code == ERR_OK, "parses %s (%s)", text, err_text(&err));
	return root;
}

static void
test_values(void)
{
	struct cJSON *root = parse("\xEF\xBB\xBF {\"s\":\"x\",\"n\":1.5,"
				   "\"i\":-7,\"t\":true,\"z\":null,"
				   "\"a\":[1,2,3],\"o\":{}} \n");
	double d = -1;
	int64_t i = -1;
	bool b = false;

	is_str(json_string(json_member(root, "s")), "x", "string");
	ok(json_double(json_member(root, "n"), &d) && d == 1.5, "number");
	ok(json_int(json_member(root, "i"), &i) && i == -7, "whole number");
	ok(!json_int(json_member(root, "n"), &i), "1.5 is not whole");
	ok(json_bool(json_member(root, "t"), &b) && b, "true");
	ok(json_is_null(json_member(root, "z")), "null");
	is_int((int64_t)json_count(json_member(root, "a")), 3, "list");
	ok(json_is_object(json_member(root, "o")), "object");
	ok(json_member(root, "S") == NULL, "keys have a case");
	ok(json_string(json_member(root, "n")) == NULL, "number, no string");
	ok(!json_double(json_member(root, "none"), &d), "missing is not 0");
	ok(!json_bool(json_member(root, "i"), &b), "number, no truth");
	is_str(json_name(json_first(root)), "s", "order is kept");
	is_str(json_name(json_next(json_first(root))), "n", "next");
	is_str(json_kind(NULL), "nothing", "kind of what is missing");
	json_free(root);
}

static void
test_doubtful_values(void)
{
	struct cJSON *root = parse("{\"id\":1,\"id\":2,\"big\":1e999,"
				   "\"long\":9007199254740993,\"ok\":1}");
	double d = 7;
	int64_t i = 7;

	ok(json_member(root, "id") == NULL, "a key twice is no key");
	ok(!json_double(json_member(root, "big"), &d), "1e999 is no number");
	is_str(json_kind(json_member(root, "big")), "a number out of range",
	    "and says so");
	ok(!json_int(json_member(root, "ok2"), &i) && i == 7, "untouched");
	json_free(root);
	root = parse("[9007199254740994,-9007199254740992]");
	ok(!json_int(json_first(root), &i), "digits would be lost");
	ok(json_int(json_next(json_first(root)), &i), "-2^53 is exact");
	json_free(root);
}

static void
test_strings(void)
{
	struct cJSON *root = parse("[\"a\\u0000b\",\"\\ud83d\",\"\\ude00x\","
				   "\"\\ud83d\\ude00\",\"\\\\u0000\",\"\\n\"]");
	const struct cJSON *v = json_first(root);

	is_str(json_string(v),
	    "a\xEF\xBF\xBD"
	    "b",
	    "NUL does not cut");
	v = json_next(v);
	is_str(json_string(v), "\xEF\xBF\xBD", "lone high surrogate");
	v = json_next(v);
	is_str(json_string(v), "\xEF\xBF\xBDx", "lone low surrogate");
	v = json_next(v);
	is_str(json_string(v), "\xF0\x9F\x98\x80", "a pair");
	v = json_next(v);
	is_str(json_string(v), "\\u0000", "an escaped backslash");
	v = json_next(v);
	is_str(json_string(v), "\n", "newline");
	json_free(root);
}

static void
test_refused(void)
{
	static const struct {
		const char *text;
		const char *says;
	} bad[] = {
		{ "", "empty" },
		{ "<!DOCTYPE html><title>Log in</title>", "begins with" },
		{ "{\"a\":1,", "cut off" },
		{ "{\"a\":\"x", "cut off" },
		{ "{\"a\":tr", "cut off" },
		{ "\"\\u00", "cut off" },
		{ "{}x", "unknown word" },
		{ "{} {}", "after its end" },
		{ "[1,]", "bracket, comma" },
		{ "{\"a\" 1}", "bracket, comma" },
		{ "[1}", "bracket, comma" },
		{ "]", "begins with" },
		{ "[1]]", "closing bracket" },
		{ "[01]", "leading zero" },
		{ "[1.]", "point without" },
		{ "[1e]", "exponent" },
		{ "[-]", "sign" },
		{ "[.5]", "unknown word" },
		{ "[+1]", "unknown word" },
		{ "[NaN]", "unknown word" },
		{ "[True]", "unknown word" },
		{ "[\"\t\"]", "control byte" },
		{ "[\"\\x\"]", "wrong escape" },
		{ "[\"\\u12g4\"]", "wrong escape" },
		{ "[\"\xC0\xAF\"]", "UTF-8" },
		{ "[\"\xED\xA0\x80\"]", "UTF-8" },
		{ "[1,\xA0]", "unknown word" },
		{ "/* x */ {}", "begins with" },
		{ "[111111111111111111111111111111111111111111111111111111111"
		  "1111111111]",
		    "endless number" },
	};
	struct cJSON *root = NULL;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		err_clear(&err);
		is_int(
		    json_parse(bad[i].text, strlen(bad[i].text), &root, &err),
		    ERR_BADDATA, bad[i].text);
		ok(strstr(err.msg, bad[i].says) != NULL, "says \"%s\": %s",
		    bad[i].says, err.msg);
	}
	is_int(json_parse("[1]\0", 4, &root, &err), ERR_BADDATA,
	    "a NUL behind the end");
	ok(root == NULL, "the output is untouched");
}

static void
test_limits(void)
{
	struct cJSON *root = NULL;
	struct buf text;
	struct err err = ERR_INIT;

	buf_init(&text, (size_t)4 * 1024 * 1024);
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_char(&text, '[');
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_char(&text, ']');
	is_int(json_parse(text.data, text.len, &root, &err), ERR_OK,
	    "the deepest that is allowed");
	root = json_free(root);
	buf_clear(&text);
	for (int i = 0; i < 100000; i++)
		buf_char(&text, '[');
	is_int(
	    json_parse(text.data, text.len, &root, &err), ERR_TOOBIG, "deeper");
	buf_clear(&text);
	buf_char(&text, '[');
	for (int i = 0; i < JSON_VALUES_MAX; i++)
		buf_str(&text, "1,");
	buf_str(&text, "1]");
	is_int(json_parse(text.data, text.len, &root, &err), ERR_TOOBIG,
	    "too many values");
	buf_release(&text);
}

/* Every allocation fails once: the parse fails and nothing leaks. */
static void
test_no_memory(void)
{
	static const char text[] = "{\"a\":[1,\"\\u0000\",{\"b\":null}]}";
	struct cJSON *root = NULL;
	enum err_code code = ERR_NOMEM;
	size_t n;

	for (n = 1; n < 100 && code != ERR_OK; n++) {
		mem_fail_at(n, false);
		code = json_parse(text, sizeof(text) - 1, &root, NULL);
		mem_fail_at(0, false);
		if (code != ERR_OK && (root != NULL || code != ERR_NOMEM))
			break;
	}
	is_int(code, ERR_OK, "succeeds when nothing fails any more");
	ok(n > 5, "%zu allocations were failed", n - 2);
	json_free(root);
}

/* A document that is read, changed in one place and written again. */
static void
test_changed(void)
{
	static const char text[] =
	    "{\"a\":{\"keep\":[1,2.5],\"drop\":1},\"n\":\"7\"}";
	struct cJSON *root = NULL, *copy, *a;
	struct buf out = BUF_INIT(1024), small = BUF_INIT(4);

	is_int(json_parse(text, sizeof(text) - 1, &root, NULL), ERR_OK, "read");
	copy = json_copy(root);
	a = json_edit(copy, json_member(copy, "a"));
	json_remove(a, "drop");
	json_remove(a, "no such");
	ok(json_put(a, "new", json_new_number(3)), "added");
	ok(json_write(&out, copy), "written");
	is_str(buf_cstr(&out),
	    "{\"a\":{\"keep\":[1,2.5],\"new\":3},\"n\":\"7\"}", "as changed");
	buf_clear(&out);
	ok(json_write(&out, root), "and the first");
	is_str(buf_cstr(&out), text, "as it was");
	ok(json_copy(NULL) == NULL && json_edit(NULL, root) == NULL,
	    "nothing of nothing");
	ok(!json_write(&small, root), "no room");
	json_free(copy);
	json_free(root);
	buf_release(&out);
	buf_release(&small);
}

int
main(void)
{
	RUN(test_values);
	RUN(test_doubtful_values);
	RUN(test_strings);
	RUN(test_refused);
	RUN(test_limits);
	RUN(test_changed);
	RUN(test_no_memory);
	return tap_done();
}
