#include "sim/db_setup.h"

#include <stdio.h>

#include "base/clock.h"

enum {
	SETUP_SQL_MAX = 512,
};

/* Names and password are our own words: letters, digits, underscores. */
static enum err_code
setup_role(struct db_conn *conn, const struct db_target *target,
    int64_t deadline, const struct cancel *cancel, struct err *err)
{
	char sql[SETUP_SQL_MAX];
	enum err_code rc;

	snprintf(sql, sizeof(sql),
	    "CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE pg_monitor",
	    target->user, target->password);
	rc = db_conn_run(conn, sql, deadline, cancel, err);
	if (rc != ERR_OK)
		return rc;
	snprintf(sql, sizeof(sql), "CREATE DATABASE %s OWNER %s",
	    target->database, target->user);
	return db_conn_run(conn, sql, deadline, cancel, err);
}

/* Connects, runs one text, closes. */
static enum err_code
setup_run(const struct db_target *target, const char *sql, int64_t deadline,
    const struct cancel *cancel, struct err *err)
{
	struct db_conn conn = { .pg = NULL };
	enum err_code rc =
	    db_conn_connect(&conn, target, "setup", deadline, cancel, err);

	if (rc == ERR_OK)
		rc = db_conn_run(&conn, sql, deadline, cancel, err);
	db_conn_close(&conn);
	return rc;
}

enum err_code
db_setup(const struct pg_server *server, const struct db_target *target,
    const char *schema, const struct cancel *cancel, struct err *err)
{
	int64_t deadline = clock_now() + SIM_PG_START_MS * NS_PER_MS;
	struct db_target super = *pg_server_super(server), role = *target;
	struct db_conn conn = { .pg = NULL };
	bool statements = pg_server_has_statements(server);
	enum err_code rc;

	rc = db_conn_connect(&conn, &super, "setup", deadline, cancel, err);
	if (rc == ERR_OK)
		rc = setup_role(&conn, target, deadline, cancel, err);
	db_conn_close(&conn);
	super.database = target->database;
	role.port = super.port;
	if (rc == ERR_OK && statements)
		rc = setup_run(&super, "CREATE EXTENSION pg_stat_statements",
		    deadline, cancel, err);
	if (rc == ERR_OK)
		rc = setup_run(&role, schema, deadline, cancel, err);
	/* what was done here, and the password in it, is nobody's statement */
	if (rc == ERR_OK && statements)
		rc = setup_run(&super, "SELECT pg_stat_statements_reset()",
		    deadline, cancel, err);
	return rc;
}
