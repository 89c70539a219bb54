/*
 * A template and a value. Whatever the value is, it stays a value: JSON that
 * was sound with a plain word is sound with it and has as many values; a URL
 * gets nothing but unreserved characters; a header gets no line break; text
 * without a reference comes out as it went in.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/template.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	FILLED_MAX = 64 * 1024
};

static void
check(bool good)
{
	if (!good)
		abort();
}

static bool
find(const void *ctx, const char *name, struct template_value *ret,
    const char **ret_hint)
{
	*ret_hint = "there is only input.a";
	*ret = *(const struct template_value *)ctx;
	return strcmp(name, "input.a") == 0;
}

static bool
fill(const char *text, enum template_form form, const char *value, bool bare,
    struct buf *out)
{
	const struct template_value with = { value, bare };
	struct err err = ERR_INIT;
	bool good = template_fill(text, form, find, &with, out, &err) == ERR_OK;

	check(good == (err.code == ERR_OK) && (good || err.msg[0] != '\0'));
	return good;
}

/* Values of a document, itself included. */
static size_t
count(const struct cJSON *value)
{
	size_t n = 1;

	for (const struct cJSON *child = json_first(value); child != NULL;
	     child = json_next(child))
		n += count(child);
	return n;
}

/* 0: no JSON. */
static size_t
values_of(const struct buf *text)
{
	struct cJSON *root = NULL;
	size_t n = 0;

	if (json_parse(buf_cstr(text), text->len, &root, NULL) == ERR_OK)
		n = count(root);
	json_free(root);
	return n;
}

static void
check_json(const char *text, const char *value, bool bare)
{
	struct buf plain = BUF_INIT(FILLED_MAX), out = BUF_INIT(FILLED_MAX);
	size_t values;

	if (fill(text, TEMPLATE_JSON, "x", false, &plain)) {
		values = values_of(&plain);
		if (values > 0 && fill(text, TEMPLATE_JSON, value, bare, &out))
			check(values_of(&out) == values);
	}
	buf_release(&plain);
	buf_release(&out);
}

static void
check_url(const char *value)
{
	struct buf out = BUF_INIT(FILLED_MAX);

	if (fill("${input.a}", TEMPLATE_URL, value, false, &out))
		check(strspn(buf_cstr(&out),
			  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			  "0123456789-._~%") == out.len);
	buf_clear(&out);
	if (fill("${input.a}", TEMPLATE_LINE, value, false, &out))
		check(strpbrk(buf_cstr(&out), "\r\n") == NULL);
	buf_release(&out);
}

static void
check_text(const char *text, const char *value)
{
	struct buf out = BUF_INIT(FILLED_MAX);
	const char *at = text;
	bool open = false;
	size_t len;

	while ((at = strstr(at, "${")) != NULL) {
		at += 2;
		open = open || template_reference(at, &len);
	}
	if (fill(text, TEMPLATE_TEXT, value, true, &out) && !open)
		check(strcmp(buf_cstr(&out), text) == 0);
	check(!template_is_one(text, NULL) || open);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	const char *value;

	if (size < 1)
		return 0;
	text = mem_alloc(size + 1);
	if (text == NULL)
		return 0;
	/* Template, NUL, value. */
	memcpy(text, data + 1, size - 1);
	text[size - 1] = text[size] = '\0';
	value = text + strlen(text) + (strlen(text) + 1 < size ? 1 : 0);
	if (utf8_is_valid(text, strlen(text)) &&
	    utf8_is_valid(value, strlen(value))) {
		check_json(text, value, (data[0] & 1) != 0);
		check_url(value);
		check_text(text, value);
	}
	mem_free(text);
	return 0;
}
