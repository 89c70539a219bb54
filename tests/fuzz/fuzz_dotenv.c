/*
 * .env files. The first line is the name to look for, the rest the file.
 * Whatever it holds: a value has no NUL, is never longer than the file,
 * comes out the same twice, and a line that is added in front changes
 * nothing unless the name was not found. A value that is put in the place of
 * another is read back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/dotenv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good)
{
	if (!good)
		abort();
}

/* The value put into the place that was found is read back, and all else
 * stays. */
static void
check_place(const char *text, size_t len, const char *name, const char *value)
{
	struct buf out = BUF_INIT(1 << 21), got = BUF_INIT(1 << 20);
	struct dotenv_place place;

	if (!dotenv_find(text, len, name, &place)) {
		must(!dotenv_get(text, len, name, &got));
		buf_release(&got);
		return;
	}
	must(place.line <= place.value && place.value <= place.value_end &&
	     place.value_end <= place.end && place.end <= len);
	buf_add(&out, text, place.value);
	if (!dotenv_quote(value, &out)) {
		must(strpbrk(value, "\r\n`") != NULL);
		buf_release(&out);
		return;
	}
	buf_add(&out, text + place.value_end, len - place.value_end);
	must(dotenv_get(buf_cstr(&out), out.len, name, &got));
	must(strcmp(buf_cstr(&got), value) == 0);
	buf_release(&out);
	buf_release(&got);
}

/* The same with the file's own beginning as the value. */
static void
check_any(const char *text, size_t len, const char *name)
{
	char value[40];
	size_t keep = len < sizeof(value) ? len : sizeof(value) - 1;

	memcpy(value, text, keep);
	value[keep] = '\0';
	check_place(text, len, name, value);
}

static void
check(const char *text, size_t len, const char *name)
{
	struct buf one = BUF_INIT(1 << 20), two = BUF_INIT(1 << 20);
	struct buf longer = BUF_INIT(1 << 21);
	bool found = dotenv_get(text, len, name, &one);

	must(found || one.len == 0);
	must(one.len <= len && strlen(buf_cstr(&one)) == one.len);
	buf_fmt(&longer, "%s='first'\n", name);
	buf_add(&longer, text, len);
	must(dotenv_get(buf_cstr(&longer), longer.len, name, &two) || !found);
	if (found)
		must(strcmp(buf_cstr(&one), buf_cstr(&two)) == 0);
	buf_clear(&longer);
	buf_add(&longer, text, len);
	buf_fmt(&longer, "\n%s='last'\n", name);
	if (memchr(text, '\0', len) == NULL) {
		must(dotenv_get(buf_cstr(&longer), longer.len, name, &two));
		must(strcmp(buf_cstr(&two), "last") == 0);
	}
	buf_release(&one);
	buf_release(&two);
	buf_release(&longer);
	check_place(text, len, name, "a 'b' \"c\" $d\\e #f");
	check_any(text, len, name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *newline = size > 0 ? memchr(text, '\n', size) : NULL;
	char name[32];
	size_t len, i;

	if (newline == NULL)
		return 0;
	len = (size_t)(newline - text);
	if (len == 0 || len >= sizeof(name))
		return 0;
	for (i = 0; i < len; i++) {
		if (!((text[i] >= 'A' && text[i] <= 'Z') || text[i] == '_'))
			return 0;
		name[i] = text[i];
	}
	name[len] = '\0';
	check(newline + 1, size - len - 1, name);
	return 0;
}
