#include "base/unicode.h"

#include "base/unicode_table.h"

enum unicode_kind
unicode_kind(uint32_t cp)
{
	size_t low = 0, high = unicode_run_count;

	if (cp < 0x7f)
		return cp >= 0x20 ? UNICODE_ONE : UNICODE_ESCAPE;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (unicode_runs[mid] >> 2 <= cp)
			low = mid;
		else
			high = mid;
	}
	return (enum unicode_kind)(unicode_runs[low] & 3);
}
