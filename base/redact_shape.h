/*
 * What looks like a secret, whoever it belongs to: the shapes that
 * base/redact.h lists.
 * thread: any.
 */
#ifndef SEV_BASE_REDACT_SHAPE_H
#define SEV_BASE_REDACT_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/redact_value.h"

/*
 * The first secret by its shape at or after start. Bytes before floor, the
 * end of the span found last, were replaced and are not looked at.
 */
bool redact_shape_next(const unsigned char *s, size_t len, size_t floor,
    struct redact_span *ret_span);

#endif
