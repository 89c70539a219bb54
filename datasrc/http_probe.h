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
#include "datasrc/instance.h"

struct build;
struct cJSON;
struct redactor;

/* What the source type "http" has in its configuration. */
struct http_probe_conf {
	struct http_conf http; /* first: HTTP_CONF_ROWS */
	int method;	       /* index in http_probe_methods */
	const char *body;
	struct opt_list paths;	/* candidates; none: the URL as it is */
	struct opt_list status; /* expected ones, at least one */
	struct opt_pairs json;	/* path and expected value */
	int64_t slow_ns;	/* warn above; 0: never */
	struct instance_conf instance;
	int64_t cert_warn_days;
	int64_t cert_crit_days;
};

extern const char *const http_probe_methods[];
extern const struct opt_table http_probe_table;
extern const struct opt_table http_expect_table;

/* All its rows, for a source whose struct begins with an http_probe_conf. */
#define HTTP_PROBE_ROWS                                                        \
	HTTP_CONF_ROWS,                                                        \
	    {                                                                  \
		    OPT_FIELD(                                                 \
			struct http_probe_conf, method, "method", OPT_CHOICE), \
		    .choices = http_probe_methods,                             \
		    .preset = "GET",                                           \
		    .help = "request method",                                  \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(                                                 \
			struct http_probe_conf, body, "body", OPT_STRING),     \
		    .min = 1,                                                  \
		    .max = HTTP_HEAD_MAX,                                      \
		    .help = "what to send with POST",                          \
	    },                                                                 \
	    { OPT_GROUP_ROW("expect", &http_expect_table),                     \
		    .help = "what is good" },                                  \
	    INSTANCE_ROWS(struct http_probe_conf, instance),                   \
	    {                                                                  \
		    OPT_FIELD(struct http_probe_conf, cert_warn_days,          \
			"cert_warn", OPT_INT),                                 \
		    .min = 0,                                                  \
		    .max = 366,                                                \
		    .preset = "21",                                            \
		    .unit = "days",                                            \
		    .help = "warn when the certificate has fewer days left",   \
	    },                                                                 \
	{                                                                      \
		OPT_FIELD(struct http_probe_conf, cert_crit_days, "cert_crit", \
		    OPT_INT),                                                  \
		    .min = 0, .max = 366, .preset = "7", .unit = "days",       \
		    .help = "critical when the certificate has fewer days "    \
			    "left",                                            \
	}

/* What is remembered from one poll to the next. */
struct http_probe {
	const struct http_probe_conf *conf; /* borrowed */
	const char *name;		    /* of the source; borrowed */
	const struct redactor *redactor;    /* borrowed; NULL: none */
	struct instance instance;
	bool json; /* the answer is to be JSON in any case */
};

void http_probe_init(struct http_probe *probe,
    const struct http_probe_conf *conf, const char *name,
    const struct redactor *redactor);

/* Adds what is no status to errors; the list stands under key of node. */
void http_status_check(const struct opt_list *statuses,
    const struct conf_node *node, const char *key, struct conf_errors *errors);

/*
 * Parses the answer's body where JSON is wanted of it. *ret_root: returned
 * (free with json_free()); NULL: none was wanted, or it comes with a bad
 * status and is no JSON. An error where the answer says nothing about the
 * target's health: 401, 403, 404, 429, a redirect, or a web page where JSON
 * was expected.
 */
enum err_code http_probe_read(const struct http_probe *probe,
    const struct http_response *response, const char *host,
    struct cJSON **ret_root, struct err *err) ATTR_MUST_USE;

/* Fills build from what was read. */
void http_probe_report(struct http_probe *probe,
    const struct http_response *response, const struct cJSON *root,
    int64_t wall_ms, struct build *build);

/* Adds to errors what the rows can't say. */
void http_probe_check(const struct http_probe_conf *conf,
    const struct conf_node *node, struct conf_errors *errors);

#endif
