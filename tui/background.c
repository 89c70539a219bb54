#include "tui/background.h"

#include <stdint.h>
#include <string.h>

const char background_question[] = "\033]11;?\033\\\033[c";

bool
background_may_ask(const char *type)
{
	static const char *const without[] = { "ansi", "cons", "dumb", "eterm",
		"hurd", "linux", "sun", "vt1", "vt2", "vt3", "vt4", "vt5",
		"wsvt" };

	if (type == NULL || type[0] == '\0')
		return false;
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		if (strncmp(type, without[i], strlen(without[i])) == 0)
			return false;
	}
	return true;
}

static int
background_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * One to four digits, a share of their greatest number (XParseColor(3)), as
 * 0 to 255. Moves *at behind them; -1: none, or too many.
 */
static int
background_channel(const char **at, const char *end)
{
	int value = 0, most = 0;

	for (; *at < end && background_hex(**at) >= 0; (*at)++) {
		value = value * 16 + background_hex(**at);
		most = most * 16 + 15;
		if (most > 0xffff)
			return -1;
	}
	return most > 0 ? value * 255 / most : -1;
}

enum background
background_reply(const char *text, size_t len)
{
	static const char rgb[] = "11;rgb:", rgba[] = "11;rgba:";
	const char *at = text, *end = text + len;
	int channel[3], luma;

	if (len >= sizeof(rgb) && memcmp(text, rgb, sizeof(rgb) - 1) == 0)
		at += sizeof(rgb) - 1;
	else if (len >= sizeof(rgba) &&
		 memcmp(text, rgba, sizeof(rgba) - 1) == 0)
		at += sizeof(rgba) - 1;
	else
		return BACKGROUND_UNKNOWN;
	for (int i = 0; i < 3; i++) {
		channel[i] = background_channel(&at, end);
		if (channel[i] < 0 || (i < 2 && (at == end || *at++ != '/')))
			return BACKGROUND_UNKNOWN;
	}
	if (at != end && *at != '/') /* rgba: the share of the picture behind */
		return BACKGROUND_UNKNOWN;
	/* ITU-R BT.601: what looks half as bright as white is near the middle
	 */
	luma = (299 * channel[0] + 587 * channel[1] + 114 * channel[2]) / 1000;
	return luma < 128 ? BACKGROUND_DARK : BACKGROUND_LIGHT;
}

enum background
background_env(const char *value)
{
	const char *last = value != NULL ? strrchr(value, ';') : NULL;
	size_t len;
	int color;

	if (last == NULL)
		return BACKGROUND_UNKNOWN;
	last++;
	len = strlen(last);
	if (len < 1 || len > 2 || strspn(last, "0123456789") != len)
		return BACKGROUND_UNKNOWN; /* "default" among others */
	color = last[0] - '0';
	if (len == 2)
		color = color * 10 + (last[1] - '0');
	if (color > 15)
		return BACKGROUND_UNKNOWN;
	return color < 7 || color == 8 ? BACKGROUND_DARK : BACKGROUND_LIGHT;
}
