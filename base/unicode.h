/*
 * What cleaning must know of a code point: may it be drawn, and in how many
 * cells. Widths follow UAX #11 with ambiguous as narrow; non-spacing and
 * enclosing marks take no cell.
 * thread: any.
 */
#ifndef SEV_BASE_UNICODE_H
#define SEV_BASE_UNICODE_H

#include <stdint.h>

#include "base/attr.h"

enum unicode_kind {
	UNICODE_ESCAPE, /* shown as \u{H} */
	UNICODE_MARK,	/* shares the cell of its base */
	UNICODE_ONE,
	UNICODE_TWO
};

enum unicode_kind unicode_kind(uint32_t cp) ATTR_PURE;

#endif
