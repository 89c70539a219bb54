#include "tui/term_caps.h"

#include <curses.h>
#include <string.h>
#include <term.h>

#include "base/buf.h"

/* NULL when there is none; terminfo says -1 for names it does not know. */
static const char *
term_caps_get(const char *name)
{
	const char *cap = tigetstr(name);

	return cap == (char *)-1 ? NULL : cap;
}

void
term_caps_add(struct buf *out, const char *name)
{
	const char *cap = term_caps_get(name);

	while (cap != NULL && *cap != '\0') {
		const char *end =
		    strncmp(cap, "$<", 2) == 0 ? strchr(cap, '>') : NULL;

		if (end != NULL)
			cap = end + 1;
		else
			buf_char(out, *cap++);
	}
}

bool
term_caps_is(const char *name, const char *start)
{
	const char *cap = term_caps_get(name);

	return cap != NULL && strncmp(cap, start, strlen(start)) == 0;
}

bool
term_caps_flag(const char *name)
{
	return tigetflag(name) == 1;
}

bool
term_caps_palette(void)
{
	const char *fg = term_caps_get("setaf"), *bg = term_caps_get("setab");
	const char *made;

	made = fg != NULL ? tiparm(fg, 200) : NULL;
	if (made == NULL || strcmp(made, "\033[38;5;200m") != 0)
		return false;
	made = bg != NULL ? tiparm(bg, 200) : NULL;
	return made != NULL && strcmp(made, "\033[48;5;200m") == 0;
}

bool
term_caps_usable(const char *type, int fd)
{
	TERMINAL *before = set_curterm(NULL), *mine;
	int found = 0;
	bool good;

	good = setupterm(type, fd, &found) == OK && found == 1 &&
	       term_caps_is("cup", "");
	mine = set_curterm(before);
	if (mine != NULL)
		del_curterm(mine);
	return good;
}
