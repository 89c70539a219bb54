/*
 * A server of the practice world as a child process: it dies with its
 * parent (on Linux), has nothing of ours open, and its end, by whomever, is
 * noticed without polling: it and its own children inherit the write end of
 * a pipe (their lifeline) that nobody writes to. End of file on the read
 * end means that all of them have gone.
 * thread: the one that started it, for every call; that thread must live as
 * long as the child, because the kernel takes its end for the parent's.
 */
#ifndef SEV_SIM_CHILD_H
#define SEV_SIM_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"

struct cancel;

struct child {
	pid_t pid;    /* 0: not running */
	int lifeline; /* read end; -1 when not running */
};

#define CHILD_INIT                                                             \
	{                                                                      \
		.lifeline = -1                                                 \
	}

/* Whom a child runs as when it must not run as we do. */
struct child_user {
	uid_t uid;
	gid_t gid;
};

struct child_opt {
	const char *const *argv;       /* argv[0] is a path */
	const struct child_user *user; /* NULL: as we are */
	const char *log; /* file for what it prints; NULL: nowhere */
	int keep_fd;	 /* stays open under its number; -1: none */
	int orphaned;	 /* signal that it gets when its parent dies */
};

/* Everything in opt is borrowed for the call. */
enum err_code child_start(struct child *child, const struct child_opt *opt,
    struct err *err) ATTR_MUST_USE;

/* False once it has ended, by whomever. */
bool child_alive(struct child *child);

/*
 * Waits until it has ended or the deadline. ERR_OK: it has ended, and
 * *ret_status is that of waitpid(). Else ERR_TIMEOUT or ERR_CANCELLED.
 */
enum err_code child_wait(struct child *child, int64_t deadline,
    const struct cancel *cancel, int *ret_status);

/* Waits ms, less if it ends earlier or the token (NULL: none) is fired. */
void child_pause(
    const struct child *child, int ms, const struct cancel *cancel);

/*
 * Ends it: sends the signal (0: it was told by other means), and after
 * grace_ms kills it with its process group. Nothing happens when it isn't
 * running.
 */
void child_end(struct child *child, int signal, int grace_ms);

#endif
