/*
 * How the configuration names a Redis server, and a connection to it that is
 * opened when it is needed and again after it failed. Used by every source
 * that talks to Redis.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_REDIS_SESSION_H
#define SEV_DATASRC_REDIS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/opt.h"
#include "base/thread.h"
#include "datasrc/redis_conn.h"

/*
 * The configuration of source type "redis"; other types that refer to such a
 * source read it from there. Texts are borrowed from the configuration.
 */
struct redis_conf {
	const char *url;      /* or a reference: "env:REDIS_URL" */
	const char *password; /* reference; NULL: as the url says */
	const char *ca;	      /* NULL: the system's authorities */
	const char *cert;
	const char *key;
	bool insecure;
};

/*
 * Option rows that fill a struct redis_conf; the arguments are the paths of
 * its fields in type ("url", or "redis.url" when it is a member).
 */
#define REDIS_CONF_OPTS(type, url_, password_, ca_, cert_, key_, insecure_)    \
	{                                                                      \
		OPT_FIELD(type, url_, "url", OPT_SECRET),                      \
		.help = "redis://[user[:password]@]host[:port][/db], "         \
			"rediss:// for TLS, unix:///path, or env:NAME",        \
	},                                                                     \
	    {                                                                  \
		    OPT_FIELD(type, password_, "password", OPT_SECRET),        \
		    .help = "password, when it is not part of the url",        \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(type, ca_, "ca", OPT_PATH),                      \
		    .help =                                                    \
			"authorities to trust instead of the system's (PEM)",  \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(type, cert_, "cert", OPT_PATH),                  \
		    .help = "own certificate (PEM)",                           \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(type, key_, "key", OPT_PATH),                    \
		    .help = "key of the own certificate (PEM)",                \
	    },                                                                 \
	{                                                                      \
		OPT_FIELD(type, insecure_, "insecure", OPT_BOOL),              \
		    .preset = "false",                                         \
		    .help = "accept any certificate; shown as a warning",      \
	}

/*
 * Adds to errors what the rows can't say: a url that is none. conf->url is
 * not NULL; node is the map of the source.
 */
void redis_conf_check(const struct redis_conf *conf,
    const struct conf_node *node, struct conf_errors *errors);

struct redis_session {
	const struct redis_conf *conf; /* borrowed */
	struct redis_conn *conn;       /* NULL: not open */
	uint32_t opened;	       /* connections so far */
	int64_t skew_ms; /* the server's clock minus ours; 0 if refused */
	bool skew_known;
	int64_t other_db; /* instead of the url's; -1: the url's */
	uint32_t db;	  /* that was selected, once it is open */
	char place[REDIS_TARGET_TEXT_LEN]; /* "host:port", for messages */
};

void redis_session_init(
    struct redis_session *session, const struct redis_conf *conf);
void redis_session_close(struct redis_session *session);

/*
 * Opens the connection unless a usable one is there; a new one is asked for
 * the server's time. Secrets are resolved anew each time, so that a changed
 * password is picked up. Errors of secret_from_ref(), redis_url_parse() and
 * redis_conn_open().
 */
enum err_code redis_session_ready(struct redis_session *session,
    int64_t deadline, const struct cancel *cancel,
    struct err *err) ATTR_MUST_USE;

/* redis_session_ready(), then redis_conn_run(). */
enum err_code redis_session_run(struct redis_session *session,
    const struct redis_batch *batch, int64_t deadline,
    const struct cancel *cancel, struct redis_replies *ret_replies,
    struct err *err) ATTR_MUST_USE;

#endif
