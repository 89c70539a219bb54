/*
 * Starts a server for a live test and reads what it prints: lines KEY=value
 * (ports, paths), then READY. The server ends with the test, whatever
 * happens: the kernel sends it SIGTERM when the test dies, and its standard
 * input is a pipe that closes then.
 * thread: main, before others are started.
 */
#ifndef SEV_TESTS_CHILD_H
#define SEV_TESTS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

enum {
	CHILD_LINES_MAX = 64,
	CHILD_READY_S = 60, /* a busy machine makes keys slowly */
	CHILD_END_S = 3,
};

struct child {
	pid_t pid; /* 0: none */
	int in;	   /* our end of its standard input */
	char *lines[CHILD_LINES_MAX];
	int line_count;
};

/*
 * Starts argv (ended by NULL, found through PATH) and returns when it said
 * READY. With wait_ready false it returns at once: for servers that say
 * nothing. False, with a TAP comment, when that fails.
 */
bool child_start(
    struct child *child, const char *const argv[], bool wait_ready);

/* Value of KEY=value, or NULL. */
const char *child_value(const struct child *child, const char *key);

/* The same as a number, 0 when there is none. */
int child_number(const struct child *child, const char *key);

/* A signal; after SIGSTOP it returns when the server is frozen. */
void child_signal(const struct child *child, int number);

/* SIGTERM, then SIGKILL; waits for its end. Fine on a struct that is all zero.
 */
void child_stop(struct child *child);

/* A file of the source tree, such as "tests/live/badserver.py". */
const char *child_source_path(const char *name);

/* Starts tests/live/badserver.py. */
bool child_badserver(struct child *child);

#endif
