/*
 * What every source that speaks HTTP has in its configuration, and the
 * session made from it: a client with one prepared request whose secrets are
 * resolved. A source's own struct begins with struct http_conf:
 *
 *	struct my_conf {
 *		struct http_conf http;
 *		...
 *	};
 *	static const struct opt my_rows[] = {
 *		HTTP_CONF_ROWS, ...
 *	};
 *
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_HTTP_SESSION_H
#define SEV_DATASRC_HTTP_SESSION_H

#include "base/conf.h"
#include "base/opt.h"
#include "datasrc/http.h"
#include "datasrc/limits.h"

struct redactor;

/* Bound by HTTP_CONF_ROWS; texts are borrowed from the configuration. */
struct http_conf {
	const char *url;
	struct opt_pairs headers; /* values may refer to secrets */
	const char *bearer;	  /* secret reference; NULL: none */
	const char *user;	  /* with password: basic authentication */
	const char *password;	  /* secret reference */
	const char *ca;
	const char *proxy;
	int64_t max_body;
	bool insecure;
};

extern const struct opt_table http_auth_table;
extern const char *const http_schemes[];

/*
 * The offsets hold because struct http_conf comes first. A source that can
 * do without a url has a row of its own for it and HTTP_CONF_MORE_ROWS.
 */
#define HTTP_CONF_ROWS                                                         \
	{                                                                      \
		OPT_FIELD(struct http_conf, url, "url", OPT_URL),              \
		.required = true,                                              \
		.choices = http_schemes,                                       \
		.help = "what to ask for",                                     \
	},                                                                     \
	    HTTP_CONF_MORE_ROWS

#define HTTP_CONF_MORE_ROWS                                                    \
	{                                                                      \
		OPT_FIELD(struct http_conf, headers, "headers", OPT_PAIRS),    \
		.help = "more request headers; values may be env:NAME, "       \
			"file:PATH or cmd:[...]",                              \
	},                                                                     \
	    HTTP_CONF_TRUST_ROWS

/* Without the headers, for who has a row of its own for those, too. */
#define HTTP_CONF_TRUST_ROWS                                                   \
	{ OPT_GROUP_ROW("auth", &http_auth_table), .help = "who we are" },     \
	    {                                                                  \
		    OPT_FIELD(struct http_conf, ca, "ca", OPT_PATH),           \
		    .help = "PEM file of the authority to trust; without it "  \
			    "the system's",                                    \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(struct http_conf, proxy, "proxy", OPT_URL),      \
		    .help = "proxy to go through; the environment's is not "   \
			    "used",                                            \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(                                                 \
			struct http_conf, max_body, "max_body", OPT_SIZE),     \
		    .min = 1024,                                               \
		    .max = HTTP_BODY_MAX,                                      \
		    .preset = "4MiB",                                          \
		    .help = "largest answer that is read",                     \
	    },                                                                 \
	{                                                                      \
		OPT_FIELD(struct http_conf, insecure, "insecure", OPT_BOOL),   \
		    .preset = "false",                                         \
		    .help = "accept any certificate; shown as a warning",      \
	}

/*
 * Adds to errors what the rows can't say: headers that can't be sent, two
 * ways to authenticate at once. node is the source's map.
 */
void http_conf_check(const struct http_conf *conf, const struct conf_node *node,
    struct conf_errors *errors);

/* What to send beside what the configuration says. */
struct http_ask {
	const char *method; /* NULL: GET */
	const char *url;    /* NULL: the configured one */
	const char *body;   /* NULL: none */
	const char *type;   /* of the body; NULL: application/json */
	const char *accept; /* NULL: anything */
	bool compressed;    /* accept gzip */
	bool once;	    /* it changes something: never sent twice */
};

struct http_session {
	const struct http_conf *conf; /* borrowed */
	struct redactor *redactor;    /* borrowed; NULL: none */
	size_t connections; /* kept alive at most; 0: HTTP_KEEP_DEFAULT */
	struct http_client *client; /* NULL: not made yet */
	struct http_target *target; /* NULL: not made yet */
	char host[HTTP_HOST_LEN];   /* "host:port"; "" before the first ask */
	bool sent;		    /* the last ask */
};

void http_session_init(struct http_session *session,
    const struct http_conf *conf, struct redactor *redactor);
void http_session_release(struct http_session *session);

/*
 * Sends ask, the same in each call (but see below), and fills *ret_response as
 * http_fetch() does. Secrets are resolved at the first call, made known to the
 * redactor, and resolved anew after a 401 or 403, so that a changed token is
 * picked up. ERR_CONFIG and others of secret_from_ref(); errors of
 * http_fetch().
 */
enum err_code http_session_ask(struct http_session *session,
    const struct http_ask *ask, int64_t deadline, const struct cancel *cancel,
    struct http_response *ret_response, struct err *err) ATTR_MUST_USE;

/* Whether the last ask may have reached the server; as http_target_sent(). */
bool http_session_sent(const struct http_session *session);

/* The next ask may be another one. */
void http_session_forget(struct http_session *session);

/*
 * The client and prepared targets for a source with many of them: resolves
 * the secrets once and sets ret_targets[i] to a target for urls[i], each
 * returned (free with http_target_free() before http_session_release()).
 * On failure none is left.
 */
enum err_code http_session_targets(struct http_session *session,
    const struct http_ask *ask, const char *const *urls, size_t count,
    const struct cancel *cancel, struct http_target **ret_targets,
    struct err *err) ATTR_MUST_USE;

#endif
