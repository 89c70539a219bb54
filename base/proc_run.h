/*
 * Runs one program from its words, never through a shell, and hands over
 * what it writes piece by piece. Used for secrets, for sources and for
 * everything else that starts a command.
 *
 * The program gets a session of its own, so that it can't ask on our
 * terminal and so that all of it can be ended together; an empty standard
 * input, or what it is given to read; no open file but its own three; no
 * signal blocked or ignored. The
 * end of the program ends the run, even when a process that it left behind
 * keeps the pipe open: such a rest is ended, too, unless it may stay.
 *
 * At the deadline, when the token is fired, or when the reader has enough,
 * the whole session's group gets SIGTERM and, after the grace, SIGKILL. The
 * program is always reaped; one that the kernel does not let go (a dead file
 * server) is kept in struct proc, and no other is started before it ended.
 *
 * thread: any; a struct proc belongs to one at a time.
 */
#ifndef SEV_BASE_PROC_RUN_H
#define SEV_BASE_PROC_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"

struct cancel;

enum proc_stream {
	PROC_OUT,
	PROC_ERR,
};

/*
 * Takes a piece of what the program wrote, in order within its stream.
 * False: that is enough; the program is ended. bytes are wiped afterwards.
 */
typedef bool proc_chunk_fn(
    void *ctx, enum proc_stream stream, const char *bytes, size_t len);

/* Everything is borrowed for the call. */
struct proc_spec {
	const char *const *argv; /* ended by NULL; [0] found through PATH */
	const char *dir;	 /* to run in; NULL: ours */
	char *const *env;	 /* all of it, ended by NULL; NULL: ours */
	const void *input;	 /* of its standard input */
	size_t input_len;	 /* 0: none; at most PROC_INPUT_MAX */
	int64_t deadline;
	int64_t grace_ns; /* from SIGTERM to SIGKILL; 0: SIGKILL at once */
	bool keep_rest;	  /* processes that it left behind may stay */
	bool no_errors;	  /* what it writes to standard error is dropped */
	proc_chunk_fn *chunk;
	void *ctx;
};

/* How the program ended. */
struct proc_end {
	int status;	/* exit status; -1: it was ended by a signal */
	int signal;	/* 0: none */
	int64_t ran_ns; /* from its start to its end */
};

/* Zeroed: nothing ran yet. */
struct proc {
	pid_t stuck; /* killed, but not ended; 0: none */
};

/*
 * ERR_OK: the program ended by itself, whatever its status; *ret_end is
 * filled. ERR_NOTFOUND: no such program or folder; ERR_FORBIDDEN: it may not
 * be run; ERR_CONFIG: it is no program; ERR_TIMEOUT, ERR_CANCELLED,
 * ERR_TOOBIG (the reader had enough), ERR_LIMIT (the last one is stuck),
 * ERR_IO, ERR_NOMEM. Words name the program, never its other arguments.
 */
enum err_code proc_run(struct proc *proc, const struct proc_spec *spec,
    const struct cancel *cancel, struct proc_end *ret_end,
    struct err *err) ATTR_MUST_USE;

#endif
