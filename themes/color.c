#include "themes/color.h"

#include <limits.h>

#include "themes/theme.h"

uint32_t
color_palette(int index)
{
	static const uint32_t low[16] = { 0x000000, 0xcd0000, 0x00cd00,
		0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f,
		0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff,
		0xffffff };
	static const uint32_t level[6] = { 0, 95, 135, 175, 215, 255 };

	if (index < 16)
		return low[index];
	index -= 16;
	if (index < 216)
		return level[index / 36] << 16 | level[index / 6 % 6] << 8 |
		       level[index % 6];
	return (uint32_t)(8 + 10 * (index - 216)) * 0x010101;
}

/* The nearest of the palette's fixed part: the first 16 are the user's. */
static int
color_nearest(uint32_t want)
{
	int best = 16, best_distance = INT_MAX;

	for (int i = 16; i < 256; i++) {
		uint32_t rgb = color_palette(i);
		int distance = 0;

		for (int shift = 0; shift <= 16; shift += 8) {
			int d = (int)(rgb >> shift & 255) -
				(int)(want >> shift & 255);

			distance += d * d;
		}
		if (distance < best_distance) {
			best = i;
			best_distance = distance;
		}
	}
	return best;
}

/*
 * One of the 16 by hue: whatever shades their owner gave them, red stays
 * reddish. The distance of the shades would make a pale green grey.
 */
static int
color_by_hue(uint32_t rgb)
{
	int c[3] = { (int)(rgb >> 16), (int)(rgb >> 8 & 255),
		(int)(rgb & 255) };
	int top = c[0], bottom = c[0], hue = 0;

	for (int i = 1; i < 3; i++) {
		top = c[i] > top ? c[i] : top;
		bottom = c[i] < bottom ? c[i] : bottom;
	}
	if (top < 64)
		return 0;
	if ((top - bottom) * 20 < top * 7) /* as good as grey */
		return top < 160 ? 8 : top < 240 ? 7 : 15;
	for (int i = 0; i < 3; i++)
		hue |= 2 * c[i] > top + bottom ? 1 << i : 0;
	return top > 208 ? hue + 8 : hue;
}

static int
color_of_16(int32_t color, int low)
{
	if (low >= 0)
		return low;
	if (color & THEME_RGB)
		return color_by_hue((uint32_t)color & 0xffffff);
	return color < 16 ? color : color_by_hue(color_palette(color));
}

int
color_of(int32_t color, int low, int colors)
{
	if (color < 0 || colors < 8)
		return THEME_DEFAULT;
	if (colors < 16)
		return color_of_16(color, low) % 8;
	if (colors < 256)
		return color_of_16(color, low);
	if (colors < COLOR_ALL)
		return color & THEME_RGB
			   ? color_nearest((uint32_t)color & 0xffffff)
			   : color;
	if (color & THEME_RGB)
		color &= 0xffffff;
	else if (color >= 8)
		color = (int32_t)color_palette(color);
	else
		return color;
	return color < 8 ? 8 : color; /* black, but no index */
}
