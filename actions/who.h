/*
 * Who acts, as the system knows it: for the audit, where "somebody on that
 * host" is no answer.
 * thread: filled once at the start, then read by any.
 */
#ifndef SEV_ACTIONS_WHO_H
#define SEV_ACTIONS_WHO_H

#include <stdbool.h>

#include "actions/limits.h"
#include "base/limits.h"

/* Plain UTF-8; "" for what there is not. */
struct who {
	char uid[24];
	char user[NAME_MAX_LEN];
	char sudo_user[NAME_MAX_LEN];
	char ssh[WHO_TEXT_MAX]; /* address that the session came from */
	char tty[WHO_TEXT_MAX];
	char host[WHO_TEXT_MAX];
	char process[48]; /* pid, ":", when it started: pids are used again */
	char boot[48];	  /* of this run of the system */
};

void who_read(struct who *who);

/* "alice", "root (sudo by alice)"; returns out. */
char *who_short(const struct who *who, char out[WHO_TEXT_MAX]);

/*
 * Whether a process of this host, named as in struct who, still runs. False
 * as well for what is no such name.
 */
bool who_is_alive(const char *process);

#endif
