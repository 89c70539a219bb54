#include "base/redact.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/redact_shape.h"
#include "base/redact_value.h"
#include "base/secret.h"

/*
 * Two passes: values first, then shapes over what is left. In one pass a
 * shape could end in the middle of a value, and redacting the result again
 * would find more.
 */
struct redactor {
	struct redact_values values;
};

struct redactor *
redactor_new(void)
{
	return mem_calloc(1, sizeof(struct redactor));
}

struct redactor *
redactor_free(struct redactor *redactor)
{
	if (redactor == NULL)
		return NULL;
	redact_values_release(&redactor->values);
	mem_free(redactor);
	return NULL;
}

enum err_code
redactor_add(
    struct redactor *redactor, const void *value, size_t len, struct err *err)
{
	return redact_values_add(&redactor->values, value, len, err);
}

enum err_code
redactor_add_secret(
    struct redactor *redactor, const struct secret *secret, struct err *err)
{
	return redactor_add(
	    redactor, secret_reveal(secret), secret_len(secret), err);
}

/* Replaces first and all later values. */
static bool
redact_hide_values(const struct redact_values *values, struct buf *out,
    const unsigned char *s, size_t len, struct redact_span span)
{
	size_t at = 0;

	do {
		buf_add(out, s + at, span.from - at);
		buf_str(out, REDACTED);
		at = span.to;
	} while (redact_values_next(values, s, len, at, &span));
	return buf_add(out, s + at, len - at);
}

/* Replaces what looks like a secret. */
static bool
redact_hide_shapes(struct buf *out, const unsigned char *s, size_t len)
{
	struct redact_span span;
	size_t at = 0;

	while (redact_shape_next(s, len, at, &span)) {
		buf_add(out, s + at, span.from - at);
		buf_str(out, REDACTED);
		at = span.to;
	}
	return buf_add(out, s + at, len - at);
}

bool
redact_bytes(const struct redactor *redactor, struct buf *out,
    const void *bytes, size_t len)
{
	const unsigned char *s = bytes;
	struct buf left = BUF_INIT(len);
	struct redact_span span;
	bool good;

	if (redactor == NULL ||
	    !redact_values_next(&redactor->values, s, len, 0, &span))
		return redact_hide_shapes(out, s, len);
	/* A value may be shorter than what stands for it. */
	left.max = len / REDACT_SECRET_MIN * strlen(REDACTED) + len;
	good =
	    redact_hide_values(&redactor->values, &left, s, len, span) &&
	    redact_hide_shapes(out, (const unsigned char *)left.data, left.len);
	if (!good)
		out->failed = true;
	buf_release(&left);
	return good;
}

struct text
text_ingest(const struct redactor *redactor, struct arena *arena,
    const void *bytes, size_t len, size_t max_bytes)
{
	/* "://:x@" grows most: one byte becomes ten. */
	struct buf clean = BUF_INIT(len * 3);
	struct text text = TEXT_EMPTY;
	struct redact_span span;

	if ((redactor == NULL ||
		!redact_values_next(&redactor->values, bytes, len, 0, &span)) &&
	    !redact_shape_next(bytes, len, 0, &span))
		return text_clean(arena, bytes, len, max_bytes);
	if (redact_bytes(redactor, &clean, bytes, len))
		text = text_clean(arena, clean.data, clean.len, max_bytes);
	else
		(void)!arena_alloc(arena, SIZE_MAX); /* fails; that is known */
	buf_release(&clean);
	return text;
}
