/*
 * Who a Google Cloud source is: finds credentials as Google's own clients
 * do and gets access tokens with them, through the process's cache.
 *
 *	auth: {command: [...]}		a program that prints a token
 *	auth: {credentials: PATH}	a file (gcp_key.h)
 *	GOOGLE_APPLICATION_CREDENTIALS	the same
 *	gcloud's login			application_default_credentials.json
 *	none of these			the metadata server of the machine
 *
 * The first that is there counts; when it does not work no other is tried.
 * Every token is made known to the redactor, and so are the keys.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_GCP_AUTH_H
#define SEV_DATASRC_GCP_AUTH_H

#include <stdint.h>

#include "base/err.h"

struct cancel;
struct gcp_auth;
struct gcp_conf;
struct gcp_token;
struct gcp_tokens;
struct redactor;

/*
 * shared NULL: a cache of its own. Everything is borrowed. *ret_auth:
 * returned (free with gcp_auth_free()). No I/O.
 */
enum err_code gcp_auth_new(const struct gcp_conf *conf,
    struct gcp_tokens *shared, struct redactor *redactor,
    struct gcp_auth **ret_auth, struct err *err) ATTR_MUST_USE;
struct gcp_auth *gcp_auth_free(struct gcp_auth *auth); /* NULL is allowed */

/*
 * A token that is good for now, as a reference. ERR_AUTH, ERR_CONFIG,
 * ERR_NOTFOUND: a person has to do what the words say; others may pass.
 */
enum err_code gcp_auth_token(struct gcp_auth *auth, int64_t deadline,
    const struct cancel *cancel, struct gcp_token **ret_token,
    struct err *err) ATTR_MUST_USE;

/* A server said 401 to the token: the next one is asked for anew. */
void gcp_auth_refused(struct gcp_auth *auth, const struct gcp_token *token);

/* Project for x-goog-user-project; NULL: none. After a token. */
const char *gcp_auth_quota_project(const struct gcp_auth *auth);

/* Who we are, in words: "service account x@y"; "" before a token. */
const char *gcp_auth_who(const struct gcp_auth *auth);

/* What is wrong with how the credentials are kept; "": nothing. */
const char *gcp_auth_warning(const struct gcp_auth *auth);

#endif
