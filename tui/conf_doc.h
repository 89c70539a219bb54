/*
 * What a configuration may say, printed from the rows that check it, so that
 * the description can't drift from the program.
 * thread: main.
 */
#ifndef SEV_TUI_CONF_DOC_H
#define SEV_TUI_CONF_DOC_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Prints the keys of a topic: "platform" (the file's own), "source" (of
 * every source), "signal", "service", "action", "flag" (with its backends),
 * or a type of sources or actions. False: no such topic.
 */
bool conf_doc_print(FILE *out, const char *topic);

/* The manual page sevtop.yaml(5) in man(7) format. */
void conf_doc_manual(FILE *out);

#endif
