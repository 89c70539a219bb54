/*
 * The database of a practice platform: a private PostgreSQL, the pools of
 * the programs that use it, and what can be wrong with it. All of that runs
 * in one thread of its own, which also is the server's parent: the world's
 * thread only leaves orders and takes figures, and never waits.
 *
 * The server takes a moment to be made. Orders wait for it, and the figures
 * say that it is still starting.
 * thread: the world's, for every call.
 */
#ifndef SEV_SIM_DB_H
#define SEV_SIM_DB_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "sim/db_pool.h"

enum {
	DB_POOLS = 2, /* the API's and the workers' */
};

/* What is wrong on purpose. */
enum db_trouble {
	DB_STOPPED = 1, /* the server is stopped, with its data */
	DB_LEAK = 2,	/* connections are taken and never given back */
	DB_PILE = 4,	/* sessions wait behind each other for locks */
	DB_SLOW = 8,	/* one statement takes long */
};

/* Who takes part in a pile-up, in this order. */
struct db_part {
	unsigned pool;
	const struct db_step *steps; /* NULL: the list is over */
};

/* Constant. */
struct db_conf {
	const char *name;   /* of the database and of the role that owns it */
	const char *schema; /* SQL, run by that role */
	struct db_pool_conf pools[DB_POOLS];
	const struct db_step *leak;
	const struct db_part *pile;
	const char *slow_on; /* SQL that makes one statement slow */
	const char *slow_off;
};

enum db_state {
	DB_STARTING,
	DB_UP,
	DB_DOWN,
};

struct db_view {
	enum db_state state; /* of the server */
	bool reachable;	     /* a statement was answered lately */
	pid_t pid;	     /* 0: not running */
	struct db_pool_figures pools[DB_POOLS];
	char why[SIM_DB_WHY_MAX]; /* of the last failure; "": none */
};

struct db;

/*
 * conf is borrowed until db_free(), dir (must exist) is copied. Starts the
 * thread and returns at once. ERR_NOTFOUND when no server is installed.
 */
enum err_code db_new(const struct db_conf *conf, const char *dir,
    struct db **ret_db, struct err *err) ATTR_MUST_USE;

/* How the platform's programs, and everybody, connect; borrowed. */
const struct db_target *db_target(const struct db *db);

/* The parameters are cut at SIM_DB_PARAM_CAP. Too many orders are dropped. */
void db_ask(struct db *db, unsigned pool, const struct db_statement *statement,
    const char *const params[]);
void db_play(struct db *db, unsigned pool, const struct db_step *steps);

/* Every switching takes effect, however soon the next one comes. */
void db_switch(struct db *db, enum db_trouble trouble, bool on);

/* Stops the server and starts it again, once. */
void db_restart(struct db *db);

void db_look(struct db *db, struct db_view *ret_view);

/* NULL is allowed. Ends the server and the thread. Returns NULL. */
struct db *db_free(struct db *db);

#endif
