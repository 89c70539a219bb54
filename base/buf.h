/*
 * A growing byte buffer with a maximum that is set once. Appending past the
 * maximum, or without memory, changes nothing and makes the buffer failed;
 * a failed buffer stays failed until buf_clear(), so a run of appends needs
 * one check at its end. The bytes are always followed by a NUL.
 * thread: owner.
 */
#ifndef SEV_BASE_BUF_H
#define SEV_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf {
	char *data; /* NULL while empty and never grown */
	size_t len;
	size_t cap;
	size_t max; /* len never passes this */
	bool failed;
};

#define BUF_INIT(limit)                                                        \
	{                                                                      \
		.max = (limit)                                                 \
	}

void buf_init(struct buf *buf, size_t max);
void buf_release(struct buf *buf);

/* Empties, keeps the memory, forgets a failure. */
void buf_clear(struct buf *buf);

/* False (and failed) when it does not fit. */
bool buf_add(struct buf *buf, const void *bytes, size_t len);
bool buf_str(struct buf *buf, const char *s);
bool buf_char(struct buf *buf, char c);
bool buf_fmt(struct buf *buf, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Room for len more bytes at the returned place; NULL when it can't be. */
char *buf_reserve(struct buf *buf, size_t len);

/* Drops len bytes from the front. */
void buf_consume(struct buf *buf, size_t len);

/* The bytes as a C string; "" when empty. Valid until the next change. */
const char *buf_cstr(const struct buf *buf);

#endif
