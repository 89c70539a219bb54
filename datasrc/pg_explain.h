/*
 * What a PostgreSQL server, a pooler in front of it or libpq itself said,
 * as a code and a line that says what to do. Sources: errcodes.txt of
 * PostgreSQL 12 to 18, postmaster.c, auth.c, proc.c; client.c and objects.c
 * of PgBouncer; fe-connect.c and fe-secure-openssl.c of libpq.
 *
 *	53300, "no more connections allowed"	ERR_LIMITED: exhausted
 *	57P03 starting up, shutting down	ERR_SERVER
 *	57P01 ended by an administrator		ERR_CLOSED
 *	28P01, 28000				ERR_AUTH
 *	42501, 25006				ERR_FORBIDDEN
 *	3D000, 42P01				ERR_NOTFOUND
 *	57014, 55P03				ERR_TIMEOUT
 *	TLS and certificates			ERR_TLS
 *	anything that is no PostgreSQL		ERR_PROTOCOL
 * Texts from outside stay in the message; whoever shows it cleans it.
 * thread: any.
 */
#ifndef SEV_DATASRC_PG_EXPLAIN_H
#define SEV_DATASRC_PG_EXPLAIN_H

#include <stdbool.h>

#include "base/err.h"

/*
 * An error of a server: its SQLSTATE ("" or NULL: none) and its first line,
 * which may be in the server's language. Never ERR_OK.
 */
enum err_code pg_explain_server(
    const char *sqlstate, const char *text, struct err *err);

/*
 * PQerrorMessage() of a connection that did not come about, or broke, with
 * the verbosity PQERRORS_VERBOSE ("FATAL:  53300: sorry, ..."). where is
 * "host:port". Never ERR_OK.
 */
enum err_code pg_explain_connect(
    const char *message, const char *where, struct err *err);

/* The server or pooler refuses the start-up parameter "options". */
bool pg_explain_no_options(const char *message);

/* libpq refused the certificate, without saying why. */
bool pg_explain_is_certificate(const char *message);

#endif
