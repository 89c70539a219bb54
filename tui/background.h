/*
 * Whether the terminal's background is dark or light, asked from it: OSC 11
 * (xterm's ctlseqs), and behind it a question that every terminal answers,
 * so that the end of the answers is known (primary device attributes, DA1).
 * thread: any. Allocates nothing.
 */
#ifndef SEV_TUI_BACKGROUND_H
#define SEV_TUI_BACKGROUND_H

#include <stdbool.h>
#include <stddef.h>

enum background {
	BACKGROUND_UNKNOWN,
	BACKGROUND_DARK,
	BACKGROUND_LIGHT,
};

/* The two questions; the answers come as INPUT_REPLY_OSC, INPUT_REPLY_DA. */
extern const char background_question[];

/*
 * Whether a terminal of this type (TERM) takes the question for what it is.
 * Consoles without OSC would show it.
 */
bool background_may_ask(const char *type);

/* Reads "11;rgb:ffff/ffff/ffff", the text of an OSC; else UNKNOWN. */
enum background background_reply(const char *text, size_t len);

/* Reads COLORFGBG ("15;0", rxvt and others set it); NULL: UNKNOWN. */
enum background background_env(const char *value);

#endif
