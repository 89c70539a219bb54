/*
 * A theme file that is accepted gives colours inside the palette and known
 * flags only, and one that is refused changes nothing and says why.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "themes/color.h"
#include "themes/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

static bool
color_is_good(int32_t color)
{
	return (color >= THEME_DEFAULT && color < 256) ||
	       (color & ~0xffffff) == THEME_RGB;
}

static void
check_look(const struct theme_look *look)
{
	check(color_is_good(look->fg) && color_is_good(look->bg));
	check(look->low_fg >= THEME_NEAREST && look->low_fg < 16);
	check(look->low_bg >= THEME_NEAREST && look->low_bg < 16);
	check((look->flags & ~0xf) == 0);
	for (int n = 8; n <= 256; n += n)
		check(color_of(look->fg, look->low_fg, n) < n);
	check(color_of(look->bg, look->low_bg, COLOR_ALL) < COLOR_ALL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf_errors errors;
	struct theme theme, before;
	enum err_code rc;

	memset(&before, 0x55, sizeof(before));
	theme = before;
	conf_errors_clear(&errors);
	rc = theme_parse("fuzz", data, size, &errors, &theme);
	if (rc != ERR_OK) {
		check(memcmp(&theme, &before, sizeof(theme)) == 0);
		check(rc != ERR_CONFIG || errors.errors > 0);
		return 0;
	}
	for (int i = 0; i < ROLE_COUNT; i++) {
		check_look(&theme.looks[THEME_DARK][i]);
		check_look(&theme.looks[THEME_LIGHT][i]);
	}
	return 0;
}
