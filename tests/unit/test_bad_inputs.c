/*
 * The bad inputs of tests/fuzz/make-bad-inputs, each through every way that
 * makes drawable text of it: nothing that a terminal obeys comes out, and
 * nothing that came in is lost.
 */
#include <dirent.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/redact.h"
#include "base/text.h"
#include "base/textbuf.h"
#include "tests/tap.h"
#include "tests/unescape.h"

enum {
	BAD_MAX = 64 * 1024,
	BAD_COUNT = 63 /* number 62 is made below */
};

/* What may never be in drawable bytes, whatever the table of Unicode says. */
static bool
obeyed_by_terminals(struct text text)
{
	for (uint32_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.s[i];
		unsigned char next =
		    i + 1 < text.len ? (unsigned char)text.s[i + 1] : 0;

		if ((c < 0x20 && c != TEXT_ESC && c != TEXT_TAB) || c == 0x7f)
			return true;
		if (c == 0xc2 && next < 0xa0)
			return true;
	}
	return false;
}

static bool
tells_all(struct text text, const char *bytes, size_t len)
{
	struct buf back = BUF_INIT(len + 1);
	bool same = unescape(&back, text) && back.len == len &&
		    memcmp(buf_cstr(&back), bytes, len) == 0;

	buf_release(&back);
	return same;
}

static bool
adds_up(struct text text)
{
	struct text_iter iter = text_iter(text);
	struct text_cell cell;
	uint32_t width = 0;

	while (text_next(&iter, &cell))
		width += cell.width;
	return width == text.width && iter.pos == text.len;
}

static void
check_input(const char *name, const char *bytes, size_t len)
{
	struct arena *arena = arena_new(4 << 20);
	char room[200];
	struct text_buf tb;
	struct text text = text_clean(arena, bytes, len, BAD_MAX);
	struct text ingested = text_ingest(NULL, arena, bytes, len, BAD_MAX);
	struct text into = text_clean_into(room, sizeof(room), bytes, len);
	struct text made = text_fmt(arena, "[%.*s]", (int)len, bytes);

	ok(text.len > 0 && text_is_valid(text) && !obeyed_by_terminals(text),
	    "%s: clean", name);
	ok(tells_all(text, bytes, len), "%s: every byte is told", name);
	ok(adds_up(text), "%s: as wide as its cells", name);
	ok(text_eq(text, ingested), "%s: ingested alike", name);
	ok(text_is_valid(into) && !obeyed_by_terminals(into),
	    "%s: cleaned in place", name);
	ok(text_is_valid(made) && !obeyed_by_terminals(made),
	    "%s: cleaned when formatted", name);
	tb_init(&tb);
	tb_fmt(&tb, "%.*s", (int)len, bytes);
	tb_text(&tb, text);
	ok(text_is_valid(tb_end(&tb)) && !obeyed_by_terminals(tb_end(&tb)),
	    "%s: put together", name);
	arena_free(arena);
}

static void
test_files(void)
{
	const char *srcdir = getenv("SEV_SRCDIR");
	char folder[512], path[1024];
	static char bytes[BAD_MAX];
	struct dirent *entry;
	int count = 0;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/text",
	    srcdir != NULL ? srcdir : ".");
	dir = opendir(folder);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		FILE *file;
		size_t len;

		if (strncmp(entry->d_name, "bad-", 4) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		file = fopen(path, "re");
		if (file == NULL)
			continue;
		len = fread(bytes, 1, sizeof(bytes), file);
		fclose(file);
		check_input(entry->d_name, bytes, len);
		count++;
	}
	if (dir != NULL)
		closedir(dir);
	is_int(count, BAD_COUNT, "all files were there");
}

/* 10 MB without a newline: the start, and how much is missing. */
static void
test_endless_line(void)
{
	const size_t len = (size_t)10 << 20;
	struct arena *arena = arena_new(8 << 20);
	char *line = malloc(len);
	struct text text;

	memset(line, '\0', len);
	text = text_clean(arena, line, len, TEXT_LINE_MAX);
	ok(text_is_valid(text), "zeros: valid");
	is_int(text.width, TEXT_LINE_MAX * 4 + 18, "zeros: escaped, then cut");
	memset(line, 'x', len);
	text = text_clean(arena, line, len, TEXT_LINE_MAX);
	is_int(text.width, TEXT_LINE_MAX + 18, "letters: cut");
	ok(strcmp(text.s + text.len - 4, "\001s\001]") == 0, "and it is said");
	free(line);
	arena_free(arena);
}

int
main(void)
{
	RUN(test_files);
	RUN(test_endless_line);
	return tap_done();
}
