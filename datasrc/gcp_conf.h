/*
 * What every Google Cloud source has in its configuration: the project, who
 * we are there, and other addresses than Google's (private endpoints,
 * tests). A source's own struct begins with struct gcp_conf.
 *
 * A token is only ever sent over https, or to this machine itself.
 * thread: any.
 */
#ifndef SEV_DATASRC_GCP_CONF_H
#define SEV_DATASRC_GCP_CONF_H

#include <stdbool.h>

#include "base/conf.h"
#include "base/opt.h"
#include "datasrc/limits.h"

/* Bound by GCP_CONF_ROWS; texts are borrowed from the configuration. */
struct gcp_conf {
	const char *project;
	const char *endpoint;	   /* URL; NULL: Google's of the service */
	const char *credentials;   /* path; NULL: as Google's clients find it */
	struct opt_list command;   /* prints a token; empty: none */
	const char *quota_project; /* NULL: what the credentials say */
	const char *token_url;	   /* NULL: what the credentials say */
	const char *metadata_url;  /* NULL: GCE_METADATA_HOST, or Google's */
	const char *ca;
	const char *proxy; /* not for the metadata server */
};

extern const struct opt_table gcp_auth_table;
extern const char *const gcp_schemes[];

/* The offsets hold because struct gcp_conf comes first. */
#define GCP_CONF_ROWS                                                          \
	{                                                                      \
		OPT_FIELD(struct gcp_conf, project, "project", OPT_STRING),    \
		.required = true,                                              \
		.min = 1,                                                      \
		.max = GCP_PROJECT_MAX,                                        \
		.help = "id of the Google Cloud project",                      \
	},                                                                     \
	    { OPT_GROUP_ROW("auth", &gcp_auth_table),                          \
		    .help = "who we are; without it as Google's own clients "  \
			    "find out" },                                      \
	    {                                                                  \
		    OPT_FIELD(struct gcp_conf, endpoint, "endpoint", OPT_URL), \
		    .choices = gcp_schemes,                                    \
		    .help = "another address of the API, such as a private "   \
			    "endpoint",                                        \
	    },                                                                 \
	    {                                                                  \
		    OPT_FIELD(struct gcp_conf, ca, "ca", OPT_PATH),            \
		    .help = "PEM file of the authority to trust; without it "  \
			    "the system's",                                    \
	    },                                                                 \
	{                                                                      \
		OPT_FIELD(struct gcp_conf, proxy, "proxy", OPT_URL),           \
		    .help = "proxy to go through; the environment's is not "   \
			    "used",                                            \
	}

/*
 * Adds to errors what the rows can't say: two kinds of credentials at once,
 * a token in clear text over a network. node is the source's map.
 */
void gcp_conf_check(const struct gcp_conf *conf, const struct conf_node *node,
    struct conf_errors *errors);

/* Whether a token may be sent there: https, or this machine. */
bool gcp_url_is_safe(const char *url);

#endif
