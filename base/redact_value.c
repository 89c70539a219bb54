#include "base/redact_value.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/redact.h"

struct redact_form {
	struct redact_form *next; /* in its bucket; fixed once pushed */
	size_t len;
	unsigned char bytes[];
};

enum {
	REDACT_MARK_LEN = sizeof(REDACTED) - 1,
	REDACT_LINE_MIN = 16, /* of a secret of many lines */
	REDACT_HEAD = 4,      /* bytes that choose the bucket */
	REDACT_CUT_MIN = 12   /* of a value that was cut: more than a word */
};

static unsigned
redact_bucket(const unsigned char *s)
{
	uint32_t head;

	memcpy(&head, s, REDACT_HEAD);
	return (head * UINT32_C(2654435761)) >> 23;
}

static unsigned
redact_pair(const unsigned char *s)
{
	return (unsigned)s[0] << 8 | s[1];
}

static void
redact_pair_set(atomic_uint *pairs, const unsigned char *s)
{
	unsigned pair = redact_pair(s);

	atomic_fetch_or(&pairs[pair / 32], 1U << pair % 32);
}

static bool
redact_pair_known(const atomic_uint *pairs, const unsigned char *s)
{
	unsigned pair = redact_pair(s);
	/* Pairs with the setting: who sees the bit finds the form. */
	unsigned bits =
	    atomic_load_explicit(&pairs[pair / 32], memory_order_acquire);

	return (bits >> pair % 32 & 1) != 0;
}

void
redact_values_release(struct redact_values *values)
{
	for (size_t i = 0; i < REDACT_BUCKETS; i++) {
		struct redact_form *form = atomic_load(&values->bucket[i]);

		while (form != NULL) {
			struct redact_form *next = form->next;

			explicit_bzero(form->bytes, form->len);
			mem_free(form);
			form = next;
		}
	}
}

static bool
redact_form_known(
    const struct redact_values *values, const unsigned char *bytes, size_t len)
{
	const struct redact_form *form =
	    atomic_load(&values->bucket[redact_bucket(bytes)]);

	for (; form != NULL; form = form->next) {
		if (form->len == len && memcmp(form->bytes, bytes, len) == 0)
			return true;
	}
	return false;
}

static enum err_code
redact_form_add(struct redact_values *values, const void *bytes, size_t len,
    struct err *err)
{
	struct redact_form *form;
	unsigned bucket;

	if (len < REDACT_SECRET_MIN || redact_form_known(values, bytes, len))
		return ERR_OK;
	form = mem_alloc(sizeof(*form) + len);
	if (form == NULL)
		return err_set(
		    err, ERR_NOMEM, "redact", "no memory to hide a secret");
	form->len = len;
	memcpy(form->bytes, bytes, len);
	bucket = redact_bucket(form->bytes);
	form->next = atomic_load(&values->bucket[bucket]);
	while (!atomic_compare_exchange_weak(
	    &values->bucket[bucket], &form->next, form))
		continue;
	/* After the form: who sees the bits finds the form. */
	redact_pair_set(values->pairs[1], form->bytes + 2);
	redact_pair_set(values->pairs[0], form->bytes);
	atomic_store(&values->any, true);
	return ERR_OK;
}

/*
 * The characters of base64 that depend on value alone when lead (0 to 2)
 * unknown bytes stand before it in a group of three.
 */
static void
redact_base64(struct buf *out, const unsigned char *value, size_t len,
    unsigned lead, const char *alphabet)
{
	size_t bit = (6 - lead * 8 % 6) % 6, bits = len * 8;

	buf_clear(out);
	for (; bit + 6 <= bits; bit += 6) {
		size_t at = bit / 8;
		unsigned two = (unsigned)value[at] << 8 |
			       (at + 1 < len ? value[at + 1] : 0);

		buf_char(out, alphabet[two >> (10 - bit % 8) & 63]);
	}
}

static void
redact_percent(struct buf *out, const unsigned char *value, size_t len,
    const char *hex, const char *space)
{
	buf_clear(out);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = value[i];
		const char escape[3] = { '%', hex[c >> 4], hex[c & 15] };

		if (c == ' ' && space != NULL)
			buf_str(out, space);
		else if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			 (c >= 'a' && c <= 'z') ||
			 (c != '\0' && strchr("-._~", c) != NULL))
			buf_char(out, (char)c);
		else
			buf_add(out, escape, sizeof(escape));
	}
}

/* As most programs write it: only what has to be is escaped. */
static void
redact_json(struct buf *out, const unsigned char *value, size_t len)
{
	static const char special[] = "\"\\\n\r\t\b\f";
	static const char letter[] = "\"\\nrtbf";

	buf_clear(out);
	for (size_t i = 0; i < len; i++) {
		const char *at =
		    value[i] != '\0' ? strchr(special, value[i]) : NULL;

		if (at != NULL) {
			buf_char(out, '\\');
			buf_char(out, letter[at - special]);
		} else {
			buf_char(out, (char)value[i]);
		}
	}
}

static enum err_code
redact_add_forms(struct redact_values *values, const unsigned char *value,
    size_t len, struct buf *form, struct err *err)
{
	static const char base64[2][65] = {
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_",
	};
	static const struct {
		const char *hex;
		const char *space;
	} percent[] = {
		{ "0123456789ABCDEF", NULL },
		{ "0123456789abcdef", NULL },
		{ "0123456789ABCDEF", "+" },
		{ "0123456789abcdef", "+" },
	};
	enum err_code code = redact_form_add(values, value, len, err);

	for (size_t i = 0; i < ARRAY_LEN(percent) && code == ERR_OK; i++) {
		redact_percent(
		    form, value, len, percent[i].hex, percent[i].space);
		code = redact_form_add(values, form->data, form->len, err);
	}
	for (unsigned i = 0; i < 6 && code == ERR_OK; i++) {
		redact_base64(form, value, len, i / 2, base64[i % 2]);
		code = redact_form_add(values, form->data, form->len, err);
	}
	if (code == ERR_OK) {
		redact_json(form, value, len);
		code = redact_form_add(values, form->data, form->len, err);
	}
	return code;
}

/* Each long line of a value of many lines: logs come line by line. */
static enum err_code
redact_add_lines(struct redact_values *values, const unsigned char *value,
    size_t len, struct err *err)
{
	enum err_code code = ERR_OK;
	size_t from = 0, to;

	for (; from < len && code == ERR_OK; from = to + 1) {
		const unsigned char *end =
		    memchr(value + from, '\n', len - from);

		to = end != NULL ? (size_t)(end - value) : len;
		if (to - from < len && to - from >= REDACT_LINE_MIN)
			code = redact_form_add(
			    values, value + from, to - from, err);
	}
	return code;
}

/*
 * A value that is a URL with a password in it: the password may turn up
 * alone, in a message of the client library.
 */
static enum err_code
redact_add_url(struct redact_values *values, const unsigned char *value,
    size_t len, struct buf *form, struct err *err)
{
	const unsigned char *end = value + len, *host, *at, *colon;

	host = memmem(value, len, "://", 3);
	if (host == NULL)
		return ERR_OK;
	host += 3;
	at = memrchr(host, '@', (size_t)(end - host));
	colon = at != NULL ? memchr(host, ':', (size_t)(at - host)) : NULL;
	if (colon == NULL || (size_t)(at - colon - 1) < REDACT_SECRET_MIN)
		return ERR_OK;
	return redact_add_forms(
	    values, colon + 1, (size_t)(at - colon - 1), form, err);
}

enum err_code
redact_values_add(struct redact_values *values, const void *value, size_t len,
    struct err *err)
{
	/* Percent-encoding is the longest form. */
	struct buf form = BUF_INIT(len * 3);
	enum err_code code;

	if (len < REDACT_SECRET_MIN)
		return err_set(err, ERR_LIMIT, "redact",
		    "a secret shorter than %d bytes can't be hidden where it "
		    "turns up; use a longer one",
		    REDACT_SECRET_MIN);
	if (len > REDACT_SECRET_MAX)
		return err_set(err, ERR_TOOBIG, "redact",
		    "a secret longer than %d bytes can't be hidden",
		    REDACT_SECRET_MAX);
	if (redact_form_known(values, value, len))
		return ERR_OK;
	if (atomic_fetch_add(&values->count, 1) >= REDACT_SECRETS_MAX)
		return err_set(err, ERR_LIMIT, "redact",
		    "more than %d secrets can't be hidden", REDACT_SECRETS_MAX);
	/* At once, for growing would leave a copy behind. */
	if (buf_reserve(&form, form.max) == NULL)
		return err_set(
		    err, ERR_NOMEM, "redact", "no memory to hide a secret");
	code = redact_add_forms(values, value, len, &form, err);
	if (code == ERR_OK)
		code = redact_add_lines(values, value, len, err);
	if (code == ERR_OK)
		code = redact_add_url(values, value, len, &form, err);
	explicit_bzero(form.data, form.cap);
	buf_release(&form);
	return code;
}

/* Whether s[from, to) and a "[redacted]" in s have bytes in common. */
static bool
redact_overlaps_mark(const unsigned char *s, size_t len, size_t from, size_t to)
{
	size_t low = from >= REDACT_MARK_LEN ? from - REDACT_MARK_LEN + 1 : 0;
	size_t high = to + REDACT_MARK_LEN - 1;

	if (high > len)
		high = len;
	return memmem(s + low, high - low, REDACTED, REDACT_MARK_LEN) != NULL;
}

/* Whether a text ends here, or says that it was cut: abc... or "abc"... */
static bool
redact_is_cut(const unsigned char *s, size_t left)
{
	if (left == 0)
		return true;
	if (s[0] == '"') {
		s++;
		left--;
	}
	return left >= 3 && memcmp(s, "...", 3) == 0;
}

/*
 * Bytes of the form that stand at s: all of it, or its head where s was cut;
 * 0: another text.
 */
static size_t
redact_form_at(
    const struct redact_form *form, const unsigned char *s, size_t left)
{
	size_t n = 0;

	while (n < form->len && n < left && form->bytes[n] == s[n])
		n++;
	if (n == form->len ||
	    (n >= REDACT_CUT_MIN && redact_is_cut(s + n, left - n)))
		return n;
	return 0;
}

/* The longest form at s[at]; 0: none. */
static size_t
redact_value_at(const struct redact_values *values, const unsigned char *s,
    size_t len, size_t at)
{
	const struct redact_form *form = atomic_load_explicit(
	    &values->bucket[redact_bucket(s + at)], memory_order_acquire);
	size_t best = 0;

	for (; form != NULL; form = form->next) {
		size_t n = redact_form_at(form, s + at, len - at);

		if (n > best && !redact_overlaps_mark(s, len, at, at + n))
			best = n;
	}
	return best;
}

bool
redact_values_next(const struct redact_values *values, const unsigned char *s,
    size_t len, size_t start, struct redact_span *ret_span)
{
	if (!atomic_load(&values->any) || len < REDACT_SECRET_MIN)
		return false;
	for (size_t i = start; i <= len - REDACT_SECRET_MIN; i++) {
		size_t n;

		if (!redact_pair_known(values->pairs[0], s + i) ||
		    !redact_pair_known(values->pairs[1], s + i + 2))
			continue;
		n = redact_value_at(values, s, len, i);
		if (n != 0) {
			*ret_span = (struct redact_span) { i, i + n };
			return true;
		}
	}
	return false;
}
