/*
 * The known values of a redactor, in every form in which they may turn up:
 * as they are, percent-encoded, JSON-escaped, and inside base64 at any of
 * the three places where a byte can begin there.
 * thread: any; adding and searching may happen at the same time.
 */
#ifndef SEV_BASE_REDACT_VALUE_H
#define SEV_BASE_REDACT_VALUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct redact_span {
	size_t from;
	size_t to;
};

struct redact_form;

enum {
	REDACT_BUCKETS = 512
};

/*
 * Only ever grows: forms are pushed on lists without a lock, so readers
 * never wait. pairs has a bit for each two bytes with which a form begins,
 * and one for each two that follow them.
 */
struct redact_values {
	_Atomic(struct redact_form *) bucket[REDACT_BUCKETS];
	atomic_uint pairs[2][65536 / 32];
	atomic_uint count; /* of values */
	atomic_bool any;
};

/* values must be zeroed memory. */
void redact_values_release(struct redact_values *values);

/* As redactor_add(). */
enum err_code redact_values_add(struct redact_values *values, const void *value,
    size_t len, struct err *err) ATTR_MUST_USE;

/*
 * The leftmost, there the longest, form in s at or after start; of a form
 * that was cut, what is there of it. A form is not seen where it would overlap
 * a "[redacted]" that is already there.
 */
bool redact_values_next(const struct redact_values *values,
    const unsigned char *s, size_t len, size_t start,
    struct redact_span *ret_span);

#endif
