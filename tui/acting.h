/*
 * The engine of the actions as a command of the command line uses it: where
 * the record is, what the flags say about the gate.
 * thread: main.
 */
#ifndef SEV_TUI_ACTING_H
#define SEV_TUI_ACTING_H

#include <limits.h>

#include "actions/engine.h"
#include "base/err.h"
#include "tui/cli.h"
#include "tui/load.h"

struct acting {
	char audit_path[PATH_MAX];
	struct actions *actions; /* NULL: not open */
};

/* Path of the record in the state folder, which is made. */
enum err_code acting_audit_path(
    char out[PATH_MAX], struct err *err) ATTR_MUST_USE;

/* Makes and starts the engine; everything given is borrowed until close. */
enum err_code acting_open(struct acting *acting, const struct cli *cli,
    const struct loaded *loaded, struct store *store, struct redactor *redactor,
    struct err *err) ATTR_MUST_USE;

/*
 * Ends it until the deadline and says on standard error where the record
 * stands, if anything was added to it. False when it is stuck: the process
 * has to end by _exit() then.
 */
bool acting_close(struct acting *acting, int64_t deadline);

#endif
