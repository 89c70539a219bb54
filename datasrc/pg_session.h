/*
 * How the configuration names a PostgreSQL server, and a connection to it
 * that is opened when it is needed, kept between polls (so that we are in
 * when no slot is left) and opened again after it failed. Used by everything
 * that talks to PostgreSQL.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_PG_SESSION_H
#define SEV_DATASRC_PG_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/opt.h"
#include "base/thread.h"
#include "datasrc/pg_conn.h"

struct redactor;

/*
 * What a source says of its server; other types that refer to such a source
 * read it from there. Texts are borrowed from the configuration.
 */
struct pg_conf {
	const char *url;      /* or a reference: "env:DATABASE_URL" */
	const char *password; /* reference; NULL: as the url says */
	const char *ca;	      /* NULL: as the url says, else the system's */
	const char *cert;
	const char *key;
};

/*
 * Option rows that fill a struct pg_conf; the arguments are the paths of its
 * fields in type ("url", or "pg.url" when it is a member).
 */
#define PG_CONF_OPTS(type, url_, password_, ca_, cert_, key_)                  \
	{                                                                      \
		OPT_FIELD(type, url_, "url", OPT_SECRET),                      \
		.help = "postgres://[user[:password]@]host[:port]/database, "  \
			"or env:NAME",                                         \
	},                                                                     \
	    {                                                                  \
		    OPT_FIELD(type, password_, "password", OPT_SECRET),        \
		    .help = "password, when it is not part of the url",        \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(type, ca_, "ca", OPT_PATH),                      \
		    .help = "authorities to trust (PEM); the certificate is "  \
			    "then checked, name included",                     \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(type, cert_, "cert", OPT_PATH),                  \
		    .help = "own certificate (PEM)",                           \
	    },                                                                 \
	{                                                                      \
		OPT_FIELD(type, key_, "key", OPT_PATH),                        \
		    .help = "key of the own certificate (PEM)",                \
	}

/*
 * Adds to errors what the rows can't say: a url that is none. conf->url is
 * not NULL; node is the map of the source.
 */
void pg_conf_check(const struct pg_conf *conf, const struct conf_node *node,
    struct conf_errors *errors);

struct pg_session {
	const struct pg_conf *conf;	/* borrowed */
	struct redactor *redactor;	/* borrowed; learns the password */
	struct pg_conn_options options; /* may be changed before opening */
	struct pg_connection *conn;	/* NULL: not open */
	uint32_t opened;		/* connections so far */
};

/* Read-only and with modest limits; the caller may change the options. */
void pg_session_init(struct pg_session *session, const struct pg_conf *conf,
    struct redactor *redactor, int64_t statement_ns);
void pg_session_close(struct pg_session *session);

/*
 * Opens the connection unless a usable one is there. Secrets are resolved
 * anew each time, so that a changed password is picked up. Errors of
 * secret_from_ref(), pg_target_parse() and pg_conn_open().
 */
enum err_code pg_session_ready(struct pg_session *session, int64_t deadline,
    const struct cancel *cancel, struct err *err) ATTR_MUST_USE;

/*
 * pg_session_ready(), then pg_conn_run(). When a connection that was kept
 * turns out to be gone, the questions are asked once more on a new one,
 * unless the session may write.
 */
enum err_code pg_session_run(struct pg_session *session,
    const struct pg_question *questions, size_t count, int64_t deadline,
    const struct cancel *cancel, struct pg_answers *ret_answers,
    struct err *err) ATTR_MUST_USE;

#endif
