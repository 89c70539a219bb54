/*
 * A practice world: one platform with its folder, its control socket, its
 * faults and the clock that makes it move. It lives until SIGTERM, SIGINT
 * or SIGHUP, `ctl stop`, or the end of standard input or of the parent if
 * asked for, and then leaves nothing behind.
 * thread: main.
 */
#ifndef SEV_SIM_WORLD_H
#define SEV_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "sim/platform.h"

struct world_opt {
	const struct platform *platform;
	const struct scenario *scenario; /* NULL: none */
	uint64_t seed;
	uint64_t faults; /* on from the start */
	const char *dir; /* NULL: a new one */
	bool until_eof;	 /* end with standard input, and with the parent */
};

/*
 * Runs until the end. Prints KEY=value lines, then READY, on standard
 * output, and notes before READY on standard error; silent after READY.
 */
enum err_code world_run(
    const struct world_opt *opt, struct err *err) ATTR_MUST_USE;

#endif
