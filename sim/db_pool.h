/*
 * The connection pool of one modelled program: it opens connections when
 * they are needed, up to its size, and closes them when they have been idle
 * for a while. It runs single statements, which wait in line for a free
 * connection, and scripts, which keep theirs between their steps: sessions
 * that are idle in a transaction, that block others, that were never given
 * back. What happens to it in the server is real, so an administrator who
 * ends a session ends what it did here.
 * thread: owner. Nothing here blocks.
 */
#ifndef SEV_SIM_DB_POOL_H
#define SEV_SIM_DB_POOL_H

#include <stdint.h>

#include "sim/db_conn.h"

/* Rows are constant. */
struct db_statement {
	const char *sql;
	unsigned params; /* $1, $2 and so on; at most SIM_DB_PARAMS_MAX */
};

enum {
	DB_REST_LONG = -1, /* until db_pool_release() */
};

struct db_step {
	const char *sql; /* NULL: the script is over */
	int rest_ms;	 /* what the session does nothing for after it */
};

struct db_ask {
	const struct db_statement *statement; /* borrowed for ever */
	char params[SIM_DB_PARAMS_MAX][SIM_DB_PARAM_CAP];
	int64_t since; /* filled by the pool */
};

struct db_pool_conf {
	const char *app; /* application_name */
	unsigned size;	 /* connections at most */
	unsigned keep;	 /* stay open without work */
	int wait_ms;	 /* a statement gives up then; 0: it never does */
};

struct db_pool_figures {
	unsigned open;	  /* connections */
	unsigned taken;	  /* of them: by a statement or a script */
	unsigned stuck;	  /* of them: for longer than SIM_DB_STUCK_MS */
	unsigned waiting; /* statements in line */
	unsigned scripts; /* at work or in line */
	bool refused;	  /* a connection is missing and could not be had */
	uint64_t done;
	uint64_t failed;    /* by an error, or as below */
	uint64_t timed_out; /* nobody gave a connection back in time */
};

struct db_pool;

/* conf and target are borrowed until db_pool_free(). NULL: no memory. */
struct db_pool *db_pool_new(const struct db_pool_conf *conf,
    const struct db_target *target) ATTR_MUST_USE;

/* ask is copied. A line that is full loses it; that counts as failed. */
void db_pool_ask(struct db_pool *pool, const struct db_ask *ask, int64_t now);

/* steps are borrowed for ever. */
void db_pool_play(struct db_pool *pool, const struct db_step *steps);

/* Scripts that rest for long go on; those that wait in line are dropped. */
void db_pool_release(struct db_pool *pool);

/* A size other than its own for a while; 0: its own again. */
void db_pool_set_size(struct db_pool *pool, unsigned size);

/* Fills one entry per place and returns how many: SIM_DB_PLACES_MAX. */
unsigned db_pool_poll(const struct db_pool *pool, struct pollfd *set);

/* set is as db_pool_poll() filled it, after poll(). now: clock_now(). */
void db_pool_step(struct db_pool *pool, const struct pollfd *set, int64_t now);

void db_pool_look(const struct db_pool *pool, int64_t now,
    struct db_pool_figures *ret_figures);

/* Why the last connection could not be had or was lost; "": none was. */
const char *db_pool_why(const struct db_pool *pool);

/* NULL is allowed. Closes everything. Returns NULL. */
struct db_pool *db_pool_free(struct db_pool *pool);

#endif
