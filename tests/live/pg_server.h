/*
 * A private PostgreSQL for a live test: initdb into a temporary folder, a
 * Unix socket there and a free port of 127.0.0.1, gone with the test. The
 * server refuses to run as root; it then runs as "postgres", or "nobody".
 * SEV_PG_BIN names the folder of another version than the system's newest,
 * SEV_PG_LIB that of its libraries.
 * thread: main.
 */
#ifndef SEV_TESTS_PG_SERVER_H
#define SEV_TESTS_PG_SERVER_H

#include <stdbool.h>

#include "tests/live/child.h"

struct pg_conn; /* libpq's PGconn */

enum {
	PG_SERVER_ARGS_MAX = 48,
	PG_SERVER_PATH_MAX = 80,
	PG_SERVER_TEXT_MAX = 512
};

struct pg_server {
	struct child child;
	char dir[PG_SERVER_PATH_MAX]; /* of the socket; dir/data is its data */
	char url[PG_SERVER_PATH_MAX + 80]; /* through the socket, superuser */
	int port;			   /* the socket's and that of TCP */
	const char *args[PG_SERVER_ARGS_MAX];
	char own[4][PG_SERVER_TEXT_MAX]; /* texts of args */
};

/* False when there is no server to run; then the tests skip. */
bool pg_server_available(void);

/*
 * Makes the folder and starts the server with more (ended by NULL) behind
 * our own arguments; returns when it takes connections. more is borrowed
 * until pg_server_remove(). Who comes through the socket is trusted, who
 * comes by TCP needs a password. False with a TAP comment.
 */
bool pg_server_start(struct pg_server *server, const char *const *more);

/*
 * Makes and starts a standby from a copy of primary, which is stopped for it
 * and started again. False with a TAP comment.
 */
bool pg_server_copy(struct pg_server *server, struct pg_server *primary);

/* Starts it again in the same place; ended it must be. */
bool pg_server_again(struct pg_server *server);

/* Ends it at once, sessions included; the folder stays. */
void pg_server_stop(struct pg_server *server);

/* Ends it and removes the folder. */
void pg_server_remove(struct pg_server *server);

/*
 * Writes dir/data/name, which belongs to the server then, and has it read
 * its configuration again.
 */
bool pg_server_file(
    struct pg_server *server, const char *name, const char *text);

/* Runs argv (ended by NULL) as the server's user; true when it succeeds. */
bool pg_server_run(const char *const *argv);

/* The same, but it stays and is not waited for. */
bool pg_server_child(struct child *child, const char *const *argv);

/* A session; more is appended to the url ("&user=app"). NULL: it failed. */
struct pg_conn *pg_server_connect(
    const struct pg_server *server, const char *more);

/* Runs a statement; true when it succeeds, else with a TAP comment. */
bool pg_do(struct pg_conn *conn, const char *sql);

/* Starts a statement and does not wait. */
bool pg_begin(struct pg_conn *conn, const char *sql);

#endif
