/*
 * The control socket of a world: one line in ("fault on redis-gone"), an
 * answer of lines out, end of connection. The first line of an answer is
 * "ok" or "error: what to do about it".
 * thread: the world's; ctl_ask(): any.
 */
#ifndef SEV_SIM_CTL_H
#define SEV_SIM_CTL_H

#include <poll.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "sim/limits.h"

/* Answers one command into reply. line is borrowed. */
typedef void ctl_handler(void *arg, const char *line, struct buf *reply);

struct ctl;

/* Listens in dir, which the caller removes. arg is borrowed. */
enum err_code ctl_open(const char *dir, ctl_handler *handler, void *arg,
    struct ctl **ret_ctl, struct err *err) ATTR_MUST_USE;

/* Places to poll for; at most SIM_CTL_CLIENTS + 1. Returns how many. */
unsigned ctl_poll_set(
    const struct ctl *ctl, struct pollfd set[SIM_CTL_CLIENTS + 1]);

/* Takes in and answers what has come; drops clients that say nothing. */
void ctl_step(struct ctl *ctl, int64_t now);

/* NULL is allowed. Returns NULL. */
struct ctl *ctl_close(struct ctl *ctl);

/* The other end: sends a line, gets the answer. Waits SIM_CTL_WAIT_MS. */
enum err_code ctl_ask(const char *dir, const char *line, struct buf *ret_answer,
    struct err *err) ATTR_MUST_USE;

#endif
