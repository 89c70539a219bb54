/*
 * Strings of the terminal that curses has opened, from terminfo(5). Apart
 * from tui/term.c because curses' <term.h> has a struct term of its own.
 * thread: UI.
 */
#ifndef SEV_TUI_TERM_CAPS_H
#define SEV_TUI_TERM_CAPS_H

#include <stdbool.h>

struct buf;

/* Appends a string capability without its padding ("$<5/>"), if it exists. */
void term_caps_add(struct buf *out, const char *name);

/* Whether the capability exists and starts so. */
bool term_caps_is(const char *name, const char *start);

/* Whether the terminal has this flag; extended ones ("Tc", "RGB") too. */
bool term_caps_flag(const char *name);

/* Whether it writes colours of the palette as ESC [ 38 ; 5 ; N m. */
bool term_caps_palette(void);

/*
 * Whether a terminal of this type is known and can place its cursor. Ask
 * before newterm(), which leaks what it began when it fails.
 */
bool term_caps_usable(const char *type, int fd);

#endif
