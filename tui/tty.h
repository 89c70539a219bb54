/*
 * The terminal as a file: opened afresh (never the shell's descriptors, so
 * that O_NONBLOCK can't leak into them), its modes saved and restored, and
 * a queue of bytes that are written as far as the terminal takes them.
 *
 * The saved state is also kept where a crash handler can reach it: that and
 * the signal pipe are the only globals of the terminal engine.
 * thread: UI, except tty_emergency().
 */
#ifndef SEV_TUI_TTY_H
#define SEV_TUI_TTY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct tty;

/*
 * Opens the controlling terminal, else the one behind standard output, and
 * saves its modes. ERR_UNSUPPORTED when there is none. One at a time.
 */
enum err_code tty_open(struct tty **ret, struct err *err) ATTR_MUST_USE;

/* Leaves the screen if it was entered. NULL is allowed. Returns NULL. */
struct tty *tty_close(struct tty *tty);

int tty_fd(const struct tty *tty);

/*
 * Size in cells, now. 0x0 (a serial line, a broken pty) counts as 80x24;
 * capped at CANVAS_H_MAX and CANVAS_W_MAX. False: the terminal is gone.
 */
bool tty_size(const struct tty *tty, int *ret_h, int *ret_w);

/*
 * Sets the bytes that make the terminal ours and that give it back; copied,
 * each at most TTY_BYTES_MAX.
 */
enum err_code tty_set_bytes(struct tty *tty, const char *enter,
    const char *leave, struct err *err) ATTR_MUST_USE;

/* Raw mode (no ^S stop, no signals from keys) and the enter bytes. */
enum err_code tty_enter(struct tty *tty, struct err *err) ATTR_MUST_USE;

/*
 * Finishes the queue as far as the terminal takes it within TTY_LEAVE_MS,
 * writes the leave bytes, restores the modes and drops unread input (a
 * paste must not run in the shell). No-op when not entered.
 */
void tty_leave(struct tty *tty);

/* Appends to the queue. False: no memory, or over TTY_QUEUE_MAX. */
bool tty_queue(struct tty *tty, const void *bytes, size_t len) ATTR_MUST_USE;

/* Whether bytes wait in the queue. */
bool tty_wants_write(const struct tty *tty);

/* Writes what the terminal takes. False: it is gone. */
bool tty_flush(struct tty *tty);

/*
 * Reads what is there: the number of bytes, 0 for none at the moment, -1
 * when the terminal is gone.
 */
int tty_read(struct tty *tty, void *buf, size_t cap);

/*
 * Gives the terminal back if it is ours: only write(), poll() and
 * tcsetattr() of what was saved. thread: any, also in a signal handler.
 */
void tty_emergency(void);

#endif
