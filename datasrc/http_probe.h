/*
 * Judges the answer of a health endpoint against what was expected and puts
 * it into rows: one health row for the answer as a whole, one for each
 * expected JSON value (so that a readiness page says which dependency is
 * bad, also when it comes with HTTP 503), one for the certificate and one
 * for the server's clock. No I/O.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_HTTP_PROBE_H
#define SEV_DATASRC_HTTP_PROBE_H

#include "datasrc/http_session.h"

struct build;
struct redactor;

/* What the source type "http" has in its configuration. */
struct http_probe_conf {
	struct http_conf http; /* first: HTTP_CONF_ROWS */
	int method;	       /* index in http_probe_methods */
	const char *body;
	struct opt_list status; /* expected ones, at least one */
	struct opt_pairs json;	/* path and expected value */
	int64_t slow_ns;	/* warn above; 0: never */
	const char *version;	/* path; NULL: not followed */
	const char *uptime;	/* path of seconds; NULL: not followed */
	int64_t cert_warn_days;
	int64_t cert_crit_days;
};

extern const char *const http_probe_methods[];
extern const struct opt_table http_probe_table;

/* What is remembered from one poll to the next. */
struct http_probe {
	const struct http_probe_conf *conf; /* borrowed */
	const char *name;		    /* of the source; borrowed */
	const struct redactor *redactor;    /* borrowed; NULL: none */
	char version[HTTP_VERSION_MAX];	    /* last seen; "": none yet */
	double uptime;			    /* last seen; NaN: none yet */
	int64_t uptime_wall_ms;		    /* when it was seen */
};

void http_probe_init(struct http_probe *probe,
    const struct http_probe_conf *conf, const char *name,
    const struct redactor *redactor);

/*
 * Fills build from response. An error instead of rows where the answer says
 * nothing about the target's health: 401, 403, 404, 429, a redirect, or a
 * web page where JSON was expected.
 */
enum err_code http_probe_judge(struct http_probe *probe,
    const struct http_response *response, const char *host, int64_t wall_ms,
    struct build *build, struct err *err) ATTR_MUST_USE;

/* Adds to errors what the rows can't say. */
void http_probe_check(const struct http_probe_conf *conf,
    const struct conf_node *node, struct conf_errors *errors);

#endif
