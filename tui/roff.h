/*
 * Text for manual pages in man(7) format.
 * thread: main.
 */
#ifndef SEV_TUI_ROFF_H
#define SEV_TUI_ROFF_H

#include <stdio.h>

/*
 * Writes s so that it stays what it is: roff takes a dash for a hyphen, a
 * dot or quote at the start of a line for a request, and knows letters beyond
 * ASCII by their numbers.
 */
void roff_text(FILE *out, const char *s);

#endif
