/*
 * A second reader of exposition text, slow and plain, against which the
 * real one is held: the same page must give the same samples and the same
 * verdict on the same line. Both are rendered as text and compared.
 */
#ifndef SEV_TESTS_REF_EXPO_H
#define SEV_TESTS_REF_EXPO_H

#include "base/buf.h"
#include "datasrc/expo.h"

/*
 * One line per sample into out. Returns 0 when the page is good, or the
 * number of the first bad line (one behind the last for a missing # EOF).
 */
unsigned ref_expo(
    enum expo_format format, const char *page, size_t len, struct buf *out);

/* The same from datasrc/expo.h; err says what was bad. */
unsigned ref_expo_real(enum expo_format format, const char *page, size_t len,
    struct buf *out, struct err *err);

#endif
