/*
 * One connection to the practice world's PostgreSQL, through libpq, which
 * never blocks here: whoever owns it polls its socket and calls
 * db_conn_step() when there is something to do. For the few statements that
 * set a server up there are two calls that wait, with a deadline and a
 * cancel token.
 * thread: owner.
 */
#ifndef SEV_SIM_DB_CONN_H
#define SEV_SIM_DB_CONN_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "sim/limits.h"

struct cancel;
struct pg_conn;

/* Where to connect to and as whom; borrowed while a connection is opened. */
struct db_target {
	unsigned port; /* on 127.0.0.1 */
	const char *user;
	const char *password;
	const char *database;
};

enum db_conn_state {
	DB_CLOSED,
	DB_CONNECTING,
	DB_IDLE,
	DB_BUSY, /* a statement is under way */
};

enum db_event {
	DB_NOTHING,
	DB_OPENED,
	DB_DONE, /* the statement ended, well or not: see failed */
	DB_LOST, /* closed by the other side or refused: see why */
};

struct db_conn {
	struct pg_conn *pg; /* libpq's PGconn; NULL when closed */
	enum db_conn_state state;
	short events;		  /* POLLIN, POLLOUT: what to poll for */
	bool failed;		  /* the last statement ended with an error */
	int64_t since;		  /* in this state, clock_now() */
	char why[SIM_DB_WHY_MAX]; /* of the last failure; one line */
};

/* Begins to connect. False, and closed, when it can't even begin. */
bool db_conn_open(
    struct db_conn *conn, const struct db_target *target, const char *app);

/* An entry for poll(); fd -1 when closed. */
struct pollfd db_conn_poll(const struct db_conn *conn);

/* Goes on after poll() found the socket ready. */
enum db_event db_conn_step(struct db_conn *conn);

/*
 * Sends one statement on an idle connection, with count parameters as text.
 * Without parameters the text may hold several statements. False: lost.
 */
bool db_conn_send(struct db_conn *conn, const char *sql, unsigned count,
    const char *const params[]);

void db_conn_close(struct db_conn *conn);

/* Connects and waits for it. */
enum err_code db_conn_connect(struct db_conn *conn,
    const struct db_target *target, const char *app, int64_t deadline,
    const struct cancel *cancel, struct err *err) ATTR_MUST_USE;

/* Runs sql and waits for its end; an error of the server is ERR_SERVER. */
enum err_code db_conn_run(struct db_conn *conn, const char *sql,
    int64_t deadline, const struct cancel *cancel,
    struct err *err) ATTR_MUST_USE;

#endif
