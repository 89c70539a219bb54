/*
 * Signals. Handlers only write their number to a pipe; all meaning is in the
 * loop. A second INT, TERM or HUP while the first has not ended the program
 * leaves by the crash path, so that nothing can hold it.
 *
 * A crash (SEGV, BUS, ILL, FPE, ABRT, SYS) gives the terminal back with
 * tty_emergency(), says one line on the real standard error, and dies by the
 * same signal under whatever handler was there before (a sanitizer's, a core
 * dump): the parent sees the true cause.
 *
 * The pipe and the saved handlers are globals: handlers have no other way.
 * thread: UI. Install before other threads start and before curses does.
 */
#ifndef SEV_TUI_SIGNALS_H
#define SEV_TUI_SIGNALS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * Installs the handlers; PIPE and XFSZ are ignored (a write says EPIPE or
 * EFBIG instead). One at a time.
 */
enum err_code signals_init(struct err *err) ATTR_MUST_USE;

/* Puts everything back as it was. Harmless when not installed. */
void signals_release(void);

/* Readable when a signal came. */
int signals_fd(void);

/* The next signal's number, 0 when there is none. */
int signals_next(void);

/*
 * Stops this process, with group all of its group as the terminal's ^Z
 * would, and returns when it is continued. A process that can't be stopped
 * (no shell is there to continue it) goes on at once.
 */
void signals_stop(bool group);

/*
 * Stops until the terminal is ours, as reading from it would. False: it
 * stays with others and nobody can stop us; there is nothing to draw on.
 */
bool signals_wait_foreground(int tty);

/*
 * Sends standard error to fd (borrowed) until signals_stderr_back(): what
 * libraries print must not reach the screen. The crash line still goes to
 * the true one.
 */
enum err_code signals_stderr_to(int fd, struct err *err) ATTR_MUST_USE;
void signals_stderr_back(void);

#endif
