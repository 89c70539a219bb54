/*
 * The dashboard as lines: for screen readers, pipes and terminals that can't
 * be drawn on. Prints the board when its state changes, and once a minute.
 * thread: main.
 */
#ifndef SEV_TUI_PLAIN_H
#define SEV_TUI_PLAIN_H

#include <stdint.h>

struct engine;
struct wake;

/*
 * Starts the engine and prints until INT, TERM, HUP or until nobody reads.
 * every_ns 0: a minute between boards without a change. news is borrowed
 * until engine_stop(). Returns the exit status.
 */
int plain_run(struct engine *engine, struct wake *news, int64_t every_ns);

#endif
