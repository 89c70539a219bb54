/*
 * A private redis-server for a live test: in a temporary folder, on a Unix
 * socket and if wanted on a free port, gone with the test.
 * thread: main.
 */
#ifndef SEV_TESTS_REDIS_SERVER_H
#define SEV_TESTS_REDIS_SERVER_H

#include <stdbool.h>

#include "datasrc/redis_conn.h"
#include "tests/live/child.h"

enum {
	REDIS_SERVER_ARGS_MAX = 32,
	REDIS_SERVER_PATH_MAX = 80
};

struct redis_server {
	struct child child;
	char dir[REDIS_SERVER_PATH_MAX];
	char socket[REDIS_SERVER_PATH_MAX + 8];
	char url[REDIS_SERVER_PATH_MAX + 16]; /* unix://... */
	int port;			      /* 0: no TCP */
	const char *args[REDIS_SERVER_ARGS_MAX];
};

/* False when there is no redis-server to run; then the tests skip. */
bool redis_server_available(void);

/*
 * Makes the folder and starts the server with more (ended by NULL) behind
 * our own arguments; returns when it takes connections. more is borrowed
 * until redis_server_remove(). False with a TAP comment.
 */
bool redis_server_start(struct redis_server *server, const char *const *more);

/* Ends it and starts it again in the same place with the same arguments. */
bool redis_server_restart(struct redis_server *server);

/* Ends it; the folder stays. */
void redis_server_stop(struct redis_server *server);

/* Ends it and removes the folder. */
void redis_server_remove(struct redis_server *server);

/* A connection to url that must succeed; NULL with a TAP comment. */
struct redis_conn *redis_server_connect(const char *url);

/*
 * Runs one command of words split at blanks; true when the answer is no
 * error. The integer or first text of the answer goes to ret (may be NULL).
 */
bool redis_server_do(struct redis_conn *conn, const char *words, char ret[64]);

/* A port of 127.0.0.1 that nobody listens on just now. */
int redis_server_free_port(void);

#endif
