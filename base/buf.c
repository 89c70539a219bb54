#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

void
buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf)BUF_INIT(max);
}

void
buf_release(struct buf *buf)
{
	mem_free(buf->data);
	buf_init(buf, buf->max);
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

char *
buf_reserve(struct buf *buf, size_t len)
{
	size_t cap = buf->cap != 0 ? buf->cap : 128;
	char *data;

	if (buf->failed || len > buf->max - buf->len) {
		buf->failed = true;
		return NULL;
	}
	while (cap < buf->len + len + 1)
		cap *= 2;
	if (cap > buf->max + 1)
		cap = buf->max + 1;
	if (cap > buf->cap) {
		data = mem_realloc(buf->data, cap, 1);
		if (data == NULL) {
			buf->failed = true;
			return NULL;
		}
		buf->data = data;
		buf->cap = cap;
	}
	return buf->data + buf->len;
}

bool
buf_add(struct buf *buf, const void *bytes, size_t len)
{
	char *to = buf_reserve(buf, len);

	if (to == NULL)
		return false;
	if (len != 0)
		memcpy(to, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return true;
}

bool
buf_str(struct buf *buf, const char *s)
{
	return buf_add(buf, s, strlen(s));
}

bool
buf_char(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

static bool ATTR_PRINTF(2, 0)
    buf_fmtv(struct buf *buf, const char *fmt, va_list ap)
{
	va_list again;
	char *to;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0) {
		buf->failed = true;
		return false;
	}
	to = buf_reserve(buf, (size_t)n);
	if (to == NULL)
		return false;
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	buf->len += (size_t)n;
	return true;
}

bool
buf_fmt(struct buf *buf, const char *fmt, ...)
{
	va_list ap;
	bool fits;

	va_start(ap, fmt);
	fits = buf_fmtv(buf, fmt, ap);
	va_end(ap);
	return fits;
}

void
buf_consume(struct buf *buf, size_t len)
{
	if (len > buf->len)
		len = buf->len;
	buf->len -= len;
	if (buf->data != NULL) {
		memmove(buf->data, buf->data + len, buf->len);
		buf->data[buf->len] = '\0';
	}
}

const char *
buf_cstr(const struct buf *buf)
{
	return buf->data != NULL && buf->len != 0 ? buf->data : "";
}
