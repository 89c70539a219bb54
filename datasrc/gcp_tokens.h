/*
 * Access tokens of the process: one for each credential, shared by all
 * sources that use it. Whoever finds none, or one that is soon to expire,
 * gets the turn to ask for a new one; the others go on with the old one
 * while it is good and wait for the new one when it is not. A failed turn
 * fails those who waited for it; the next one asks again.
 *
 * A credential is known by a digest of what it is made of, so that a changed
 * file or another endpoint never gets another's token.
 * thread: any.
 */
#ifndef SEV_DATASRC_GCP_TOKENS_H
#define SEV_DATASRC_GCP_TOKENS_H

#include <stdint.h>

#include "base/err.h"

struct cancel;
struct gcp_token;
struct gcp_tokens;
struct secret;

enum {
	GCP_ID_LEN = 32 /* SHA-256 */
};

/* A token with one reference; takes secret. NULL: no memory, and it is gone. */
struct gcp_token *gcp_token_new(
    struct secret *secret, int64_t now, int64_t life_ns) ATTR_MUST_USE;
struct gcp_token *gcp_token_unref(struct gcp_token *token); /* returns NULL */

/* Borrowed; only for the call that sends it. */
const char *gcp_token_reveal(const struct gcp_token *token);

struct gcp_tokens *gcp_tokens_new(void) ATTR_MUST_USE; /* NULL: no memory */
struct gcp_tokens *gcp_tokens_free(struct gcp_tokens *tokens);

/*
 * ERR_OK with a token (a reference), or with *ret_token NULL: it is the
 * caller's turn, who ends it with gcp_tokens_put() in any case. The turn is
 * lost at the deadline. Otherwise the error of the turn that was waited for;
 * ERR_TIMEOUT, ERR_CANCELLED; ERR_LIMIT: GCP_TOKENS_MAX are being asked for.
 */
enum err_code gcp_tokens_get(struct gcp_tokens *tokens,
    const unsigned char id[GCP_ID_LEN], int64_t deadline,
    const struct cancel *cancel, struct gcp_token **ret_token,
    struct err *err) ATTR_MUST_USE;

/*
 * Ends a turn: with a new token (taken), or NULL and why. Returns a
 * reference to what is to be used now: the new one, the old one while it is
 * good; NULL: there is none.
 */
struct gcp_token *gcp_tokens_put(struct gcp_tokens *tokens,
    const unsigned char id[GCP_ID_LEN], struct gcp_token *token,
    const struct err *why) ATTR_MUST_USE;

/* Forgets a token that a server refused, unless there is a newer one. */
void gcp_tokens_drop(struct gcp_tokens *tokens,
    const unsigned char id[GCP_ID_LEN], const struct gcp_token *refused);

#endif
