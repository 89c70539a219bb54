#include "datasrc/resp_guard.h"

#include <string.h>

enum resp_state {
	RESP_TYPE,    /* the first byte of a value */
	RESP_LINE,    /* the rest of its line */
	RESP_LINE_LF, /* the LF of that line */
	RESP_BULK,    /* the bytes of a string */
	RESP_BULK_CR,
	RESP_BULK_LF,
};

struct resp_limits
resp_limits_default(void)
{
	return (struct resp_limits) {
		.total_max = RESP_TOTAL_MAX,
		.bulk_max = RESP_BULK_MAX,
		.line_max = RESP_LINE_MAX,
		.array_max = RESP_ARRAY_MAX,
		.elements_max = RESP_ELEMENTS_MAX,
		.depth_max = RESP_DEPTH_MAX,
	};
}

void
resp_guard_init(struct resp_guard *guard, const struct resp_limits *limits)
{
	*guard = (struct resp_guard) { .limits = *limits };
	if (guard->limits.depth_max > RESP_DEPTH_MAX)
		guard->limits.depth_max = RESP_DEPTH_MAX;
	guard->state = RESP_TYPE;
	guard->refused = ERR_OK;
}

void
resp_guard_reset(struct resp_guard *guard)
{
	guard->total = 0;
	guard->elements = 0;
}

bool
resp_guard_idle(const struct resp_guard *guard)
{
	return guard->state == RESP_TYPE && guard->depth == 0;
}

/* The start of what came instead of a reply, so that it can be recognised. */
static enum err_code
resp_not_redis(const char *bytes, size_t len, struct err *err)
{
	char seen[41];
	size_t n = len < sizeof(seen) - 1 ? len : sizeof(seen) - 1;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];

		seen[i] = c >= 0x20 && c < 0x7f ? (char)c : '.';
	}
	seen[n] = '\0';
	return err_set(err, ERR_PROTOCOL, "redis",
	    "the answer is not Redis protocol, it reads \"%s\": "
	    "check host, port and redis:// or rediss://",
	    seen);
}

static enum err_code
resp_malformed(struct err *err, const char *what)
{
	return err_set(err, ERR_PROTOCOL, "redis",
	    "malformed reply (%s): a proxy or another protocol is in between",
	    what);
}

static enum err_code
resp_over(struct err *err, const char *what, size_t max)
{
	return err_set(err, ERR_TOOBIG, "redis",
	    "%s is over the limit of %zu; the reply was not read", what, max);
}

/*
 * Decimal number as Redis writes it: no plus, no leading zero, within
 * int64_t.
 */
static bool
resp_number(const char *s, size_t len, int64_t *ret)
{
	bool minus = len > 0 && s[0] == '-';
	uint64_t limit = (uint64_t)INT64_MAX + (minus ? 1 : 0);
	uint64_t v = 0;
	size_t i = minus ? 1 : 0;

	if (i == len || (s[i] == '0' && (len > i + 1 || minus)))
		return false;
	for (; i < len; i++) {
		unsigned int d = (unsigned int)(s[i] - '0');

		if (s[i] < '0' || s[i] > '9')
			return false;
		if (v > (limit - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*ret = minus ? -(int64_t)(v - 1) - 1 : (int64_t)v;
	return true;
}

/* A value is complete: close the arrays that it was the last one of. */
static void
resp_value_end(struct resp_guard *guard, size_t *replies)
{
	guard->state = RESP_TYPE;
	while (guard->depth > 0) {
		if (--guard->left[guard->depth - 1] > 0)
			return;
		guard->depth--;
	}
	(*replies)++;
}

static enum err_code
resp_bulk_start(
    struct resp_guard *guard, int64_t n, size_t *replies, struct err *err)
{
	if (n == -1) {
		resp_value_end(guard, replies);
		return ERR_OK;
	}
	if (n < 0)
		return resp_malformed(err, "negative string length");
	if ((uint64_t)n > guard->limits.bulk_max)
		return resp_over(
		    err, "a string (bytes)", guard->limits.bulk_max);
	guard->bulk_left = (size_t)n;
	guard->state = n > 0 ? RESP_BULK : RESP_BULK_CR;
	return ERR_OK;
}

static enum err_code
resp_array_start(
    struct resp_guard *guard, int64_t n, size_t *replies, struct err *err)
{
	if (guard->depth == guard->limits.depth_max)
		return resp_over(err, "nesting", guard->limits.depth_max);
	if (n == -1 || n == 0) {
		resp_value_end(guard, replies);
		return ERR_OK;
	}
	if (n < 0)
		return resp_malformed(err, "negative array length");
	if ((uint64_t)n > guard->limits.array_max)
		return resp_over(
		    err, "an array (elements)", guard->limits.array_max);
	if ((uint64_t)n > guard->limits.elements_max - guard->elements)
		return resp_over(
		    err, "the answer (values)", guard->limits.elements_max);
	guard->left[guard->depth++] = (size_t)n;
	guard->state = RESP_TYPE;
	return ERR_OK;
}

/* The line of a value is whole; what follows depends on its type. */
static enum err_code
resp_line_end(struct resp_guard *guard, size_t *replies, struct err *err)
{
	int64_t n;

	if (guard->type == '+' || guard->type == '-') {
		resp_value_end(guard, replies);
		return ERR_OK;
	}
	if (!resp_number(guard->digits, guard->line_len, &n))
		return resp_malformed(err, "bad number");
	switch (guard->type) {
	case '$':
		return resp_bulk_start(guard, n, replies, err);
	case '*':
		return resp_array_start(guard, n, replies, err);
	default:
		resp_value_end(guard, replies);
		return ERR_OK;
	}
}

/* One byte of a line: text is only counted, digits are kept. */
static enum err_code
resp_line_byte(struct resp_guard *guard, char c, struct err *err)
{
	bool text = guard->type == '+' || guard->type == '-';

	if (c == '\r') {
		guard->state = RESP_LINE_LF;
		return ERR_OK;
	}
	if (c == '\n')
		return resp_malformed(err, "line feed without return");
	if (text) {
		if (guard->line_len == guard->limits.line_max)
			return resp_over(
			    err, "a line (bytes)", guard->limits.line_max);
	} else {
		if (guard->line_len == sizeof(guard->digits))
			return resp_malformed(err, "bad number");
		guard->digits[guard->line_len] = c;
	}
	guard->line_len++;
	return ERR_OK;
}

static enum err_code
resp_type_byte(
    struct resp_guard *guard, const char *bytes, size_t len, struct err *err)
{
	if (memchr("+-:$*", bytes[0], 5) == NULL)
		return resp_not_redis(bytes, len, err);
	if (guard->elements == guard->limits.elements_max)
		return resp_over(
		    err, "the answer (values)", guard->limits.elements_max);
	guard->elements++;
	guard->type = bytes[0];
	guard->line_len = 0;
	guard->state = RESP_LINE;
	return ERR_OK;
}

/* Follows one byte, or for strings a run; *used is how many. */
static enum err_code
resp_step(struct resp_guard *guard, const char *bytes, size_t len, size_t *used,
    size_t *replies, struct err *err)
{
	*used = 1;
	switch ((enum resp_state)guard->state) {
	case RESP_TYPE:
		return resp_type_byte(guard, bytes, len, err);
	case RESP_LINE:
		return resp_line_byte(guard, bytes[0], err);
	case RESP_LINE_LF:
		if (bytes[0] != '\n')
			return resp_malformed(err, "return without line feed");
		return resp_line_end(guard, replies, err);
	case RESP_BULK:
		*used = len < guard->bulk_left ? len : guard->bulk_left;
		guard->bulk_left -= *used;
		if (guard->bulk_left == 0)
			guard->state = RESP_BULK_CR;
		return ERR_OK;
	case RESP_BULK_CR:
		if (bytes[0] != '\r')
			return resp_malformed(err, "string without its end");
		guard->state = RESP_BULK_LF;
		return ERR_OK;
	case RESP_BULK_LF:
		if (bytes[0] != '\n')
			return resp_malformed(err, "string without its end");
		resp_value_end(guard, replies);
		return ERR_OK;
	}
	return resp_malformed(err, "state");
}

enum err_code
resp_guard_scan(struct resp_guard *guard, const char *bytes, size_t len,
    size_t *ret_replies, struct err *err)
{
	size_t replies = 0, used = 0;
	enum err_code code = ERR_OK;

	if (guard->refused != ERR_OK)
		return err_set(err, guard->refused, "redis",
		    "an earlier reply on this connection was refused");
	if (len > guard->limits.total_max - guard->total) {
		guard->refused = ERR_TOOBIG;
		return resp_over(
		    err, "the answer (bytes)", guard->limits.total_max);
	}
	guard->total += len;
	while (len > 0 && code == ERR_OK) {
		code = resp_step(guard, bytes, len, &used, &replies, err);
		bytes += used;
		len -= used;
	}
	guard->refused = code;
	if (code == ERR_OK)
		*ret_replies = replies;
	return code;
}
