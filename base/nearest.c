#include "base/nearest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"

static char
nearest_fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t
nearest_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
nearest_distance(const char *a, const char *b)
{
	/* Three rows of the table: two back for a swap, one back, this one. */
	size_t rows[3][NAME_MAX_LEN + 1];
	size_t *old = rows[0], *last = rows[1], *now = rows[2], *spare;
	size_t a_len = strnlen(a, NAME_MAX_LEN + 1);
	size_t b_len = strnlen(b, NAME_MAX_LEN + 1);
	size_t i, j;

	if (a_len > NAME_MAX_LEN || b_len > NAME_MAX_LEN)
		return SIZE_MAX;
	memset(rows, 0, sizeof(rows));
	for (j = 0; j <= b_len; j++)
		last[j] = j;
	for (i = 1; i <= a_len; i++) {
		char x = nearest_fold(a[i - 1]);

		now[0] = i;
		for (j = 1; j <= b_len; j++) {
			char y = nearest_fold(b[j - 1]);

			now[j] = nearest_min(last[j - 1] + (x != y),
			    nearest_min(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && x == nearest_fold(b[j - 2]) &&
			    y == nearest_fold(a[i - 2]))
				now[j] = nearest_min(now[j], old[j - 2] + 1);
		}
		spare = old;
		old = last;
		last = now;
		now = spare;
	}
	return last[b_len];
}

void
nearest_offer(struct nearest *near, const char *known)
{
	size_t distance, longer, len;

	if (known == NULL || near->word == NULL)
		return;
	distance = nearest_distance(near->word, known);
	len = strnlen(near->word, NAME_MAX_LEN);
	longer = strnlen(known, NAME_MAX_LEN);
	if (longer < len)
		longer = len;
	/* One slip is forgiven even in a word of two letters. */
	if (distance > (longer < 3 ? 1 : longer / 3))
		return;
	if (near->best == NULL || distance < near->distance) {
		near->best = known;
		near->distance = distance;
	}
}
