/*
 * One connection to a PostgreSQL server. libpq speaks the protocol; names
 * are resolved, waits ended and sizes limited here, because libpq's own
 * time-outs don't hold in its asynchronous use: a stopped server or a dead
 * name server would keep a thread for ever.
 *
 * Questions are sent together and answered together (pipeline mode), each
 * in a read-only transaction of its own or joined to the one before. Time-outs
 * for statements and locks and "read only" are start-up parameters. A pooler
 * that refuses those (PgBouncer) gets them inside each transaction instead:
 * set on the session they would leak to other clients.
 *
 * After a failure the connection is dead: close it and open another. The
 * server ends a statement that nobody waits for by its time-out; PQcancel(),
 * which can't be limited in time, is never used.
 * thread: owner.
 */
#ifndef SEV_DATASRC_PG_CONN_H
#define SEV_DATASRC_PG_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/thread.h"
#include "datasrc/limits.h"
#include "datasrc/pg_target.h"

struct pg_connection;
struct pg_result;

struct pg_conn_options {
	int64_t statement_ms;	 /* a statement may take that long */
	int64_t lock_ms;	 /* and wait that long for a lock */
	const char *search_path; /* NULL: that of the role */
	size_t max_bytes;	 /* of the answers to one run */
	bool write;		 /* false: nothing can be changed through it */
	bool wrap;   /* limits go into each transaction, not to the start */
	bool pooled; /* known to refuse start-up parameters; implies wrap */
};

/*
 * Connects to the first server of the list that answers and is what the URL
 * wants. *ret_conn: returned (free with pg_conn_close()). Codes as
 * pg_explain.h lists them, errors of net_resolve(), and ERR_TIMEOUT,
 * ERR_CANCELLED, ERR_NOMEM.
 */
enum err_code pg_conn_open(const struct pg_target *target,
    const struct pg_conn_options *options, int64_t deadline,
    const struct cancel *cancel, struct pg_connection **ret_conn,
    struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct pg_connection *pg_conn_close(struct pg_connection *conn);

/*
 * False after a failure, when the server has closed it meanwhile, and for
 * NULL. Does not wait.
 */
bool pg_conn_usable(struct pg_connection *conn);

/* 150018 for 15.18; of the server behind a pooler, as far as it says so. */
int pg_conn_version(const struct pg_connection *conn);

/* Start-up parameters were refused: a pooler is in between. */
bool pg_conn_is_pooled(const struct pg_connection *conn);

/* "host:port/database" that was reached. Borrowed. */
const char *pg_conn_place(const struct pg_connection *conn);

/* Whether others on the way could read along: no TLS, and another machine. */
bool pg_conn_is_open_text(const struct pg_connection *conn);

/* Days until the server's certificate ends; false without TLS. */
bool pg_conn_cert_days(
    const struct pg_connection *conn, int64_t wall_ms, int64_t *ret_days);

/* One statement with parameters $1, $2, ... as texts; borrowed. */
struct pg_question {
	const char *sql;
	const char *const *params;
	int param_count;
	bool joined; /* in the transaction of the question before */
};

/* In the order of the questions. */
struct pg_answer {
	struct pg_result *result; /* NULL: there is none, why says why */
	struct err why;		  /* ERR_OK: it went well */
};

struct pg_answers {
	struct pg_answer list[PG_QUESTIONS_MAX];
	size_t count;
	int64_t took_ns; /* from the first byte sent to the last read */
};

#define PG_ANSWERS_INIT                                                        \
	{                                                                      \
		.count = 0                                                     \
	}

void pg_answers_release(struct pg_answers *answers);

/*
 * Sends the questions, at most PG_QUESTIONS_MAX, and waits for all answers.
 * An answer that is an error is an answer. *ret_answers: returned (free with
 * pg_answers_release()). ERR_TIMEOUT, ERR_CANCELLED, ERR_CLOSED, ERR_TOOBIG,
 * ERR_PROTOCOL, ERR_NOMEM, and what the server says when it ends the
 * connection.
 */
enum err_code pg_conn_run(struct pg_connection *conn,
    const struct pg_question *questions, size_t count, int64_t deadline,
    const struct cancel *cancel, struct pg_answers *ret_answers,
    struct err *err) ATTR_MUST_USE;

#endif
