/*
 * The server of a postgres source, as the variables by which libpq's own
 * programs (psql, pg_dump, pg_restore) find it: PGHOST, PGUSER, PGPASSWORD.
 * So no part of a URL, and no password, is among the words of a command,
 * which every user of the machine can read.
 * thread: owner.
 */
#ifndef SEV_DATASRC_PG_ENV_H
#define SEV_DATASRC_PG_ENV_H

#include "base/err.h"
#include "base/opt.h"
#include "datasrc/pg_target.h"

struct cancel;
struct pg_conf;
struct redactor;
struct secret;

enum {
	PG_ENV_MAX = 64 /* libpq has 30 variables */
};

struct pg_env {
	struct opt_pair items[PG_ENV_MAX]; /* names and values, borrowed */
	size_t count;
	struct pg_target target; /* owns most of the values */
	struct secret *password;
};

#define PG_ENV_INIT                                                            \
	{                                                                      \
		.count = 0                                                     \
	}

/*
 * Fills env, which is released or new; redactor learns the password. Errors
 * of secret_from_ref() and pg_target_parse(); on failure it is released.
 */
enum err_code pg_env_make(struct pg_env *env, const struct pg_conf *conf,
    struct redactor *redactor, const struct cancel *cancel,
    struct err *err) ATTR_MUST_USE;

/* Wipes the password. Fine on PG_ENV_INIT. */
void pg_env_release(struct pg_env *env);

#endif
