/*
 * A growing log file that rotates by size: NAME, NAME.1, NAME.2. Lines are
 * collected and written once per step, as a busy service's logger does.
 * thread: owner.
 */
#ifndef SEV_SIM_LOGS_H
#define SEV_SIM_LOGS_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

struct logs;

/* dir and name are copied; the file is created, mode 0600. */
enum err_code logs_open(const char *dir, const char *name,
    struct logs **ret_logs, struct err *err) ATTR_MUST_USE;

/* Where to append lines, each with its newline, until the next flush. */
struct buf *logs_buf(struct logs *logs);

/*
 * Writes what was appended and rotates when the file has grown to
 * SIM_LOG_FILE_MAX. A full disk loses lines, never the world.
 */
void logs_flush(struct logs *logs);

/* NULL is allowed. Returns NULL. */
struct logs *logs_close(struct logs *logs);

#endif
