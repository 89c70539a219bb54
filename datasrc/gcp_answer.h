/*
 * Answers of Google's servers that every client of them must read: a token,
 * a refusal of the token endpoint (RFC 6749, section 5.2), and the error
 * envelope of the APIs (google.rpc.Status with its details). Bytes from
 * outside: every function takes any input.
 * thread: any.
 */
#ifndef SEV_DATASRC_GCP_ANSWER_H
#define SEV_DATASRC_GCP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct secret;

/*
 * {"access_token", "expires_in"}. *ret_token: returned (free with
 * secret_free()); *ret_life_ns: at most GCP_TOKEN_LIFE_MAX_S, above 0.
 * ERR_BADDATA otherwise; the words never quote the answer.
 */
enum err_code gcp_answer_token(const char *body, size_t len,
    struct secret **ret_token, int64_t *ret_life_ns,
    struct err *err) ATTR_MUST_USE;

/*
 * A token endpoint's answer other than 2xx: ERR_AUTH for what only a new
 * login or key can mend, ERR_LIMITED, ERR_SERVER, ERR_PROTOCOL. remedy says
 * what to do about ERR_AUTH.
 */
enum err_code gcp_answer_refusal(int status, const char *body, size_t len,
    const char *remedy, struct err *err);

/*
 * An API's answer other than 2xx; what names the question ("Cloud Run in
 * europe-west1"). ERR_FORBIDDEN names the missing permission and a role that
 * has it, or the API that is switched off. *ret_retry_ns: how long it asks
 * to wait, untouched when it does not say.
 */
enum err_code gcp_answer_error(int status, const char *body, size_t len,
    const char *what, int64_t *ret_retry_ns, struct err *err);

/*
 * Whether a 401 is Google's own word that the token is not good, and a 409
 * that the etag is old (ABORTED) and not another conflict: an envelope says
 * so, a proxy's page does not.
 */
bool gcp_answer_is(const char *body, size_t len, const char *status);

#endif
