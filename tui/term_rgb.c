#include "tui/term_rgb.h"

#include <string.h>

#include "base/buf.h"

void
term_rgb_clear(struct term_rgb *map)
{
	memset(map, 0, sizeof(*map));
}

void
term_rgb_reserve(struct term_rgb *map, int index)
{
	map->taken[index] = true;
}

int
term_rgb_slot(struct term_rgb *map, uint32_t rgb)
{
	for (int i = 0; i < 256; i++) {
		if (map->stands[i] && map->rgb[i] == rgb)
			return i;
	}
	for (int i = 16; i < 256; i++) { /* below: other sequences */
		if (map->taken[i])
			continue;
		map->taken[i] = map->stands[i] = true;
		map->rgb[i] = rgb;
		map->count++;
		return i;
	}
	return -1;
}

/* Length of the digits at the start, and their value up to 999. */
static size_t
rgb_number(const char *at, size_t len, int *ret)
{
	size_t n = 0;

	*ret = 0;
	for (; n < len && n < 3 && at[n] >= '0' && at[n] <= '9'; n++)
		*ret = *ret * 10 + (at[n] - '0');
	return n;
}

/*
 * "38;5;N" or "48;5;N" at the start of a parameter: appends it, or what N
 * stands for, and returns its length; 0: something else.
 */
static size_t
rgb_replace(
    const struct term_rgb *map, const char *at, size_t len, struct buf *out)
{
	size_t n;
	int index;
	uint32_t rgb;

	if (len < 6 || (at[0] != '3' && at[0] != '4') ||
	    memcmp(at + 1, "8;5;", 4) != 0)
		return 0;
	n = 5 + rgb_number(at + 5, len - 5, &index);
	if (index > 255 || !map->stands[index]) {
		buf_add(out, at, n);
		return n;
	}
	rgb = map->rgb[index];
	buf_fmt(out, "%c8;2;%u;%u;%u", at[0], (unsigned)(rgb >> 16),
	    (unsigned)(rgb >> 8 & 255), (unsigned)(rgb & 255));
	return n;
}

/* Length of ESC [ digits and ";" m at the start; 0: something else. */
static size_t
rgb_sgr(const char *at, size_t len)
{
	size_t n = 2;

	if (len < 3 || at[0] != '\033' || at[1] != '[')
		return 0;
	while (n < len && ((at[n] >= '0' && at[n] <= '9') || at[n] == ';'))
		n++;
	return n < len && at[n] == 'm' ? n + 1 : 0;
}

/* One such sequence of len bytes, parameter by parameter. */
static void
rgb_sgr_rewrite(
    const struct term_rgb *map, const char *at, size_t len, struct buf *out)
{
	size_t done = 2;

	buf_add(out, at, done);
	while (done < len) {
		size_t n = rgb_replace(map, at + done, len - done, out);

		if (n == 0) { /* to the next parameter, or the end */
			while (done + n < len && at[done + n] != ';')
				n++;
			buf_add(out, at + done, n);
		}
		done += n;
		if (done < len)
			buf_char(out, at[done++]);
	}
}

bool
term_rgb_rewrite(
    const struct term_rgb *map, const char *bytes, size_t len, struct buf *out)
{
	size_t at = 0;

	while (at < len) {
		const char *esc = memchr(bytes + at, '\033', len - at);
		size_t plain =
		    esc != NULL ? (size_t)(esc - bytes) - at : len - at;
		size_t sgr;

		buf_add(out, bytes + at, plain);
		at += plain;
		sgr = rgb_sgr(bytes + at, len - at);
		if (sgr > 0)
			rgb_sgr_rewrite(map, bytes + at, sgr, out);
		else if (at < len)
			buf_char(out, bytes[at]);
		at += sgr > 0 ? sgr : at < len;
	}
	return !out->failed;
}
