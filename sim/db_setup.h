/*
 * Fills a new PostgreSQL: role, database, extension, schema.
 * thread: the server's.
 */
#ifndef SEV_SIM_DB_SETUP_H
#define SEV_SIM_DB_SETUP_H

#include "sim/pg_server.h"

/*
 * The server has been started aside, and target tells where it will be.
 * Makes the role of target (with its password and the right to see what
 * monitoring needs), its database, and there runs the schema as that role.
 */
enum err_code db_setup(const struct pg_server *server,
    const struct db_target *target, const char *schema,
    const struct cancel *cancel, struct err *err) ATTR_MUST_USE;

#endif
