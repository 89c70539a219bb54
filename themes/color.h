/*
 * Colours of themes in what a terminal has: 8, 16, 256 or all of them.
 * thread: any. Allocates nothing.
 */
#ifndef SEV_THEMES_COLOR_H
#define SEV_THEMES_COLOR_H

#include <stdint.h>

enum {
	COLOR_ALL = 1 << 24, /* colours of a terminal that takes red, green,
			      * blue instead of an index */
};

/*
 * color is THEME_DEFAULT, 0 to 255 or THEME_RGB | 0xrrggbb; low is what it
 * is with 16 colours or 8, or THEME_NEAREST. Returns -1 for the default,
 * else a number below colors; with COLOR_ALL 0xrrggbb, where 0 to 7 stay the
 * first eight of the palette, as terminfo has it.
 */
int color_of(int32_t color, int low, int colors);

/* 0xrrggbb of a colour of xterm's palette, which most terminals have. */
uint32_t color_palette(int index);

#endif
