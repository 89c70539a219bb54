/*
 * The first byte chooses the format, the rest is a page. The real parser and
 * the reference must agree on every sample and on the first bad line; a
 * second reading that is hinted with what the first returned gives the same
 * values.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/ref_expo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

/* Reads twice in step; the second is told what the first returned. */
static void
check_hints(enum expo_format format, const char *page, size_t len)
{
	struct expo plain = EXPO_INIT, hinted = EXPO_INIT;
	struct expo_sample a, b;
	struct err err_a = ERR_INIT, err_b = ERR_INIT;
	struct expo_known known;
	enum err_code code_a, code_b;

	expo_start(&plain, format, page, len);
	expo_start(&hinted, format, page, len);
	do {
		code_a = expo_next(&plain, &a, &err_a);
		if (code_a == ERR_OK && a.line != 0) {
			known = expo_known(&plain, &a, a.series);
			expo_hint(&hinted, &known);
		}
		code_b = expo_next(&hinted, &b, &err_b);
		check(code_a == code_b && a.line == b.line);
		check(code_a == ERR_OK || strcmp(err_a.msg, err_b.msg) == 0);
		if (code_a != ERR_OK || a.line == 0)
			break;
		check(b.hinted && a.series == b.series &&
		      a.series_len == b.series_len && a.time_ms == b.time_ms);
		check(memcmp(&a.value, &b.value, sizeof(a.value)) == 0);
	} while (true);
	expo_release(&plain);
	expo_release(&hinted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf want = BUF_INIT(16 << 20), got = BUF_INIT(16 << 20);
	enum expo_format format;
	struct err err = ERR_INIT;
	unsigned want_line, got_line;
	char *page;

	if (size == 0)
		return 0;
	format = data[0] == 'O' ? EXPO_OPENMETRICS : EXPO_TEXT;
	/* A block of its own, so that reading past its NUL is seen. */
	page = mem_alloc(size);
	if (page == NULL)
		return 0;
	memcpy(page, data + 1, size - 1);
	page[size - 1] = '\0';
	want_line = ref_expo(format, page, size - 1, &want);
	got_line = ref_expo_real(format, page, size - 1, &got, &err);
	if (want_line != got_line || want.len != got.len ||
	    strcmp(buf_cstr(&want), buf_cstr(&got)) != 0 ||
	    (got_line != 0) != (err.code != ERR_OK)) {
		fprintf(stderr, "reference, bad line %u:\n%s", want_line,
		    buf_cstr(&want));
		fprintf(stderr, "parser, bad line %u (%s):\n%s", got_line,
		    err_text(&err), buf_cstr(&got));
		abort();
	}
	check_hints(format, page, size - 1);
	mem_free(page);
	buf_release(&want);
	buf_release(&got);
	return 0;
}
