#include "sim/db_conn.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/thread.h"

/* libpq would print notices to standard error, which a dashboard may share. */
static void
conn_silent(void *arg, const char *message)
{
	(void)arg;
	(void)message;
}

/* The first line of what libpq or the server said. */
static void
conn_note(struct db_conn *conn, const char *message)
{
	const char *text = message != NULL ? message : "connection lost";

	snprintf(conn->why, sizeof(conn->why), "%.*s", (int)strcspn(text, "\n"),
	    text);
}

static void
conn_enter(struct db_conn *conn, enum db_conn_state state, short events)
{
	conn->state = state;
	conn->events = events;
	conn->since = clock_now();
}

void
db_conn_close(struct db_conn *conn)
{
	if (conn->pg != NULL)
		PQfinish(conn->pg);
	conn->pg = NULL;
	conn_enter(conn, DB_CLOSED, 0);
}

static enum db_event
conn_lost(struct db_conn *conn)
{
	conn_note(conn, PQerrorMessage(conn->pg));
	db_conn_close(conn);
	return DB_LOST;
}

bool
db_conn_open(
    struct db_conn *conn, const struct db_target *target, const char *app)
{
	char port[16];
	const char *const names[] = { "hostaddr", "port", "user", "password",
		"dbname", "application_name", "sslmode", "gssencmode",
		"client_encoding", NULL };
	const char *const values[] = { "127.0.0.1", port, target->user,
		target->password, target->database, app, "disable", "disable",
		"UTF8", NULL };

	snprintf(port, sizeof(port), "%u", target->port);
	conn->pg = PQconnectStartParams(names, values, 0);
	if (conn->pg == NULL) {
		conn_note(conn, "out of memory");
		return false;
	}
	if (PQstatus(conn->pg) == CONNECTION_BAD) {
		(void)conn_lost(conn);
		return false;
	}
	PQsetNoticeProcessor(conn->pg, conn_silent, NULL);
	conn_enter(conn, DB_CONNECTING, POLLOUT);
	return true;
}

struct pollfd
db_conn_poll(const struct db_conn *conn)
{
	return (struct pollfd) {
		.fd = conn->pg != NULL ? PQsocket(conn->pg) : -1,
		.events = conn->events,
	};
}

static enum db_event
conn_step_connect(struct db_conn *conn)
{
	switch (PQconnectPoll(conn->pg)) {
	case PGRES_POLLING_READING:
		conn->events = POLLIN;
		return DB_NOTHING;
	case PGRES_POLLING_WRITING:
		conn->events = POLLOUT;
		return DB_NOTHING;
	case PGRES_POLLING_OK:
		if (PQsetnonblocking(conn->pg, 1) != 0)
			return conn_lost(conn);
		conn_enter(conn, DB_IDLE, POLLIN);
		return DB_OPENED;
	default:
		return conn_lost(conn);
	}
}

/* Takes the results that are there; true at the end of the statement. */
static bool
conn_drain(struct db_conn *conn)
{
	while (!PQisBusy(conn->pg)) {
		PGresult *result = PQgetResult(conn->pg);

		if (result == NULL)
			return true;
		if (PQresultStatus(result) == PGRES_FATAL_ERROR) {
			conn->failed = true;
			conn_note(conn, PQresultErrorMessage(result));
		}
		PQclear(result);
	}
	return false;
}

static enum db_event
conn_step_busy(struct db_conn *conn)
{
	int left = PQflush(conn->pg);

	if (left < 0 || !PQconsumeInput(conn->pg))
		return conn_lost(conn);
	conn->events = left > 0 ? POLLIN | POLLOUT : POLLIN;
	if (!conn_drain(conn))
		return DB_NOTHING;
	if (PQstatus(conn->pg) == CONNECTION_BAD)
		return conn_lost(conn);
	conn_enter(conn, DB_IDLE, POLLIN);
	return DB_DONE;
}

enum db_event
db_conn_step(struct db_conn *conn)
{
	switch (conn->state) {
	case DB_CONNECTING:
		return conn_step_connect(conn);
	case DB_BUSY:
		return conn_step_busy(conn);
	case DB_IDLE: /* a notice, or the end */
		return PQconsumeInput(conn->pg) ? DB_NOTHING : conn_lost(conn);
	default:
		return DB_NOTHING;
	}
}

bool
db_conn_send(struct db_conn *conn, const char *sql, unsigned count,
    const char *const params[])
{
	int sent = count == 0 ? PQsendQuery(conn->pg, sql)
			      : PQsendQueryParams(conn->pg, sql, (int)count,
				    NULL, params, NULL, NULL, 0);

	conn->failed = false;
	if (!sent || PQflush(conn->pg) < 0) {
		(void)conn_lost(conn);
		return false;
	}
	conn_enter(conn, DB_BUSY, POLLIN | POLLOUT);
	return true;
}

/* Until the state is left that it is in now. */
static enum err_code
conn_await(struct db_conn *conn, int64_t deadline, const struct cancel *cancel,
    struct err *err)
{
	enum db_conn_state state = conn->state;

	while (conn->state == state) {
		struct pollfd set = db_conn_poll(conn);
		int events = (set.events & POLLIN ? IO_READ : 0) |
			     (set.events & POLLOUT ? IO_WRITE : 0);
		enum err_code rc =
		    io_wait(set.fd, events, deadline, cancel, NULL);

		if (rc != ERR_OK) {
			db_conn_close(conn);
			return err_set(err, rc, "postgres", "no answer");
		}
		(void)db_conn_step(conn);
	}
	if (conn->state == DB_CLOSED)
		return err_set(err, ERR_REFUSED, "postgres", "%s", conn->why);
	return ERR_OK;
}

enum err_code
db_conn_connect(struct db_conn *conn, const struct db_target *target,
    const char *app, int64_t deadline, const struct cancel *cancel,
    struct err *err)
{
	if (!db_conn_open(conn, target, app))
		return err_set(err, ERR_REFUSED, "postgres", "%s", conn->why);
	return conn_await(conn, deadline, cancel, err);
}

enum err_code
db_conn_run(struct db_conn *conn, const char *sql, int64_t deadline,
    const struct cancel *cancel, struct err *err)
{
	enum err_code rc;

	if (!db_conn_send(conn, sql, 0, NULL))
		return err_set(err, ERR_CLOSED, "postgres", "%s", conn->why);
	rc = conn_await(conn, deadline, cancel, err);
	if (rc == ERR_OK && conn->failed)
		return err_set(err, ERR_SERVER, "postgres", "%s", conn->why);
	return rc;
}
