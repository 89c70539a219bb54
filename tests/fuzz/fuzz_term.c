/*
 * Answers about the background, and what is replaced in frames: bytes in
 * which no stand-in occurs come out as they went in, and none that does is
 * left.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tui/background.h"
#include "tui/term_rgb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct buf same = BUF_INIT(size), other = BUF_INIT(3 * size + 1);
	struct term_rgb none, map;
	char text[64];

	term_rgb_clear(&none);
	term_rgb_clear(&map);
	term_rgb_slot(&map, 0x102030);
	check(background_reply(bytes, size) == BACKGROUND_UNKNOWN ||
	      (size >= 12 && memcmp(bytes, "11;rgb", 6) == 0));
	if (size < sizeof(text)) {
		memcpy(text, data, size);
		text[size] = '\0';
		check(background_env(text) == BACKGROUND_UNKNOWN ||
		      strchr(text, ';') != NULL);
	}
	check(term_rgb_rewrite(&none, bytes, size, &same));
	check(same.len == size &&
	      (size == 0 || memcmp(same.data, data, size) == 0));
	check(term_rgb_rewrite(&map, bytes, size, &other));
	check(strstr(buf_cstr(&other), "\033[38;5;16m") == NULL);
	buf_release(&same);
	buf_release(&other);
	return 0;
}
