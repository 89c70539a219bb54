/*
 * A private PostgreSQL as a child process: the newest one installed, on
 * loopback and a free port that stays its own, with random passwords, its
 * files in one folder, nothing synced to disk. It dies with its parent (on
 * Linux).
 *
 * PostgreSQL refuses to run as root. Started by root it therefore runs as
 * the user postgres, or else nobody, who owns its folder but can't enter the
 * folders above: it is given an open descriptor of it, and its path is
 * /proc/self/fd/N for itself (on Linux; elsewhere there is none for root).
 *
 * thread: pg_server_new(), before the others, and pg_server_port(): any; all
 * else the thread that starts the server.
 */
#ifndef SEV_SIM_PG_SERVER_H
#define SEV_SIM_PG_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"
#include "sim/db_conn.h"

struct pg_server;

/*
 * Looks for the programs in the folder that SEVTOP_SIM_PG_BIN names, else on
 * PATH, else in /usr/lib/postgresql; ERR_NOTFOUND when there are none. dir
 * is copied and must exist. Takes the port; starts nothing.
 */
enum err_code pg_server_new(const char *dir, struct pg_server **ret_server,
    struct err *err) ATTR_MUST_USE;

/* Makes the data folder; takes half a second, SIM_PG_INIT_MS at most. */
enum err_code pg_server_prepare(struct pg_server *server,
    const struct cancel *cancel, struct err *err) ATTR_MUST_USE;

/*
 * Waits until it takes connections, SIM_PG_START_MS at most. aside: on
 * another port that nobody knows, to be filled.
 */
enum err_code pg_server_start(struct pg_server *server, bool aside,
    const struct cancel *cancel, struct err *err) ATTR_MUST_USE;

/*
 * Ends it: all sessions are cut. keep: with all its data written, for the
 * next start. Waits SIM_PG_STOP_MS and then kills.
 */
void pg_server_halt(struct pg_server *server, bool keep);

/* False once it has ended, by whomever. */
bool pg_server_alive(struct pg_server *server);

pid_t pg_server_pid(const struct pg_server *server); /* 0: not running */

/* Where it is known to be, not aside. */
unsigned pg_server_port(const struct pg_server *server);

/* The superuser, in the database "postgres", on the port of the last start;
 * borrowed. */
const struct db_target *pg_server_super(const struct pg_server *server);

/* The extension's library was loaded with the server. */
bool pg_server_has_statements(const struct pg_server *server);

/* NULL is allowed. Ends it without keeping data. Returns NULL. */
struct pg_server *pg_server_free(struct pg_server *server);

#endif
