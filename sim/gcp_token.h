/*
 * Who may ask: the token endpoint, the metadata server and the access tokens
 * of a practice world of Google Cloud. A service account's key is made with
 * the world; what it signs is verified as Google does: RS256 by our key, the
 * constant audience, whole seconds, at most an hour, not of the future. A
 * login is good for refresh tokens. Tokens end when they are told to.
 * thread: the one whose turn it is (sim/gcp.h).
 */
#ifndef SEV_SIM_GCP_TOKEN_H
#define SEV_SIM_GCP_TOKEN_H

#include <stdint.h>

#include "base/err.h"
#include "sim/httpd.h"

struct dir;
struct gcp_tokens;

/* project is borrowed for the call. */
enum err_code gcp_tokens_new(const char *project,
    struct gcp_tokens **ret_tokens, struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct gcp_tokens *gcp_tokens_free(struct gcp_tokens *tokens);

/*
 * Writes key.json (service account) and login.json (authorized_user) into
 * the folder; token_url is where they are good. Mode 0600.
 */
enum err_code gcp_tokens_write(const struct gcp_tokens *tokens,
    const struct dir *dir, const char *token_url,
    struct err *err) ATTR_MUST_USE;

/* POST /token. */
void gcp_tokens_grant(struct gcp_tokens *tokens,
    const struct httpd_request *request, struct httpd_reply *reply);

/* GET /computeMetadata/v1/... */
void gcp_tokens_metadata(struct gcp_tokens *tokens,
    const struct httpd_request *request, struct httpd_reply *reply);

/*
 * Who asks, by the header's value (NULL: none): an address, valid as long as
 * the tokens; NULL: nobody that we know, or not any more.
 */
const char *gcp_tokens_who(
    const struct gcp_tokens *tokens, const char *authorization);

/* None that was given so far is good any more. */
void gcp_tokens_revoke(struct gcp_tokens *tokens);

#endif
