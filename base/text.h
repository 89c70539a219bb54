/*
 * Text that is safe to draw. struct text is valid UTF-8 without controls
 * and with a known width in cells; drawing functions take nothing else.
 * Bytes from outside become text in text_clean() (or text_ingest() in
 * base/redact.h, which hides secrets first) and nowhere else.
 *
 * Nothing is lost in cleaning: letters, marks, numbers, punctuation,
 * symbols and U+0020 stay (general categories L M N P S); all else becomes
 * visible as an escape: \xHH for a control below U+0080 and for a byte that
 * is no UTF-8, \u{H} for other code points (C1 controls, format and private
 * characters, unassigned ones, separators, default-ignorable ones, the blank
 * U+2800). So that
 * the four letters \x1b differ from the byte 1B, each cell that cleaning
 * put in has the byte TEXT_ESC before it, which can't come from outside and
 * takes no cell: text_next() reports such cells as escaped, and the canvas
 * draws them in reverse. They are the escapes, the U+25CC that a mark
 * without a base gets, and the end "…[+N bytes]" of a long input. A TAB is
 * TEXT_TAB and spaces to the next stop of 8 cells of this text. So texts can
 * be cut and joined between any two cells, and cleaning can be undone.
 *
 * Unicode version and widths are pinned in base/unicode_table.c; the locale
 * plays no part. In width, East Asian ambiguous characters count one cell.
 * Ownership: a struct text borrows its bytes; from an arena they live as
 * long as it does and are followed by a NUL (text_cut() results are not).
 * thread: any.
 *
 * To put texts together without an arena see base/textbuf.h.
 */
#ifndef SEV_BASE_TEXT_H
#define SEV_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct arena;
struct buf;

#define TEXT_ESC '\001'
#define TEXT_TAB '\002'

struct text {
	const char *s; /* never NULL when made by the functions below */
	uint32_t len;  /* bytes, marks included */
	uint32_t width;
};

/* Any literal of ours, ASCII or not, as an expression. */
#define TEXT(literal) text_lit("" literal "")

/* An ASCII literal as a constant initialiser. */
#define TEXT_INIT(ascii)                                                       \
	{                                                                      \
		.s = "" ascii "", .len = sizeof(ascii) - 1,                    \
		.width = sizeof(ascii) - 1                                     \
	}

#define TEXT_EMPTY ((struct text)TEXT_INIT(""))

/*
 * Cleans len bytes. Input past max_bytes is cut at a character and the end
 * says how much is missing. At most four marks stay on one base. Without
 * memory the result is the empty text and the arena is failed.
 */
struct text text_clean(
    struct arena *arena, const void *bytes, size_t len, size_t max_bytes);

/* text_clean() of a C string; NULL gives the empty text. */
struct text text_clean_str(struct arena *arena, const char *s);

/*
 * Cleans into cap bytes of the caller's, for a line that is drawn at once.
 * What does not fit is cut at a cell and "…" ends it.
 */
struct text text_clean_into(
    char *to, size_t cap, const void *bytes, size_t len);

/*
 * A string of the program's own (a table, the configuration's schema);
 * borrowed. What would need cleaning reads "?": it never gets through.
 */
struct text text_lit(const char *ours);

/*
 * Formats, then cleans the whole: arguments may be bytes from outside. A
 * struct text must not be passed through %s (its marks would be escaped):
 * join it with text_join() or struct text_buf.
 */
struct text text_fmt(struct arena *arena, const char *fmt, ...)
    ATTR_PRINTF(2, 3);

/* The parts one after the other. */
struct text text_join(
    struct arena *arena, const struct text *parts, size_t count);

/* A copy in another arena. */
struct text text_copy(struct arena *arena, struct text text);

/* Longest prefix of at most width cells; never half a wide character. */
struct text text_cut(struct text text, uint32_t width);

/*
 * One cell: a base with its marks, or one character of an escape. width is
 * 1 or 2; bytes hold no mark byte.
 */
struct text_cell {
	const char *bytes; /* borrowed, not terminated */
	uint32_t len;
	uint32_t cp; /* the base */
	uint8_t width;
	bool escaped; /* draw in reverse */
};

struct text_iter {
	struct text text;
	uint32_t pos; /* byte at which the next cell begins */
};

struct text_iter text_iter(struct text text);

/* The next cell; false at the end. */
bool text_next(struct text_iter *iter, struct text_cell *ret_cell);

/* Appends without marks: for JSON, copies and files. False: buf is full. */
bool text_plain(struct buf *out, struct text text);

/*
 * Keeps a text in size bytes of the caller's, NUL-terminated, cut at a cell;
 * and takes it back as a text that borrows them.
 */
void text_keep(char *out, size_t size, struct text text);
struct text text_kept(const char *kept);

bool text_eq(struct text a, struct text b);

/* Order of code points, as for memcmp(). */
int text_cmp(struct text a, struct text b);

/*
 * Byte offset of the first occurrence at or after from, ASCII letters of
 * both sides compared without case; -1 when there is none. *ret_len (may be
 * NULL) is how many bytes of text matched. Escapes are found by what they
 * look like. An empty needle is found nowhere.
 */
ptrdiff_t text_find(
    struct text text, uint32_t from, struct text needle, uint32_t *ret_len);

/* Whether text keeps every promise above (tests and fuzz targets). */
bool text_is_valid(struct text text);

/*
 * The ASCII character that stands for a cell under --ascii, one per cell:
 * itself, the twin of a drawing symbol of ours, or '?'. A wide cell takes
 * it twice.
 */
char text_ascii(const struct text_cell *cell);

/* Cells of one code point: 0 for a mark, 1, 2; -1 if it would be escaped. */
int text_cp_width(uint32_t cp);

#endif
