/*
 * The signed word of a service account for which Google gives a token: a
 * JSON web token (RFC 7519) with RS256 (RFC 7515), made through OpenSSL.
 * thread: any.
 */
#ifndef SEV_DATASRC_GCP_JWT_H
#define SEV_DATASRC_GCP_JWT_H

#include <stdint.h>

#include "base/err.h"

struct buf;
struct gcp_key;

#define GCP_SCOPE     "https://www.googleapis.com/auth/cloud-platform"
#define GCP_TOKEN_URL "https://oauth2.googleapis.com/token"

/*
 * Appends the assertion of a GCP_KEY_SERVICE at now_s, seconds since 1970.
 * ERR_CONFIG: the private key is none, or no RSA key. The caller wipes out.
 */
enum err_code gcp_jwt_make(const struct gcp_key *key, int64_t now_s,
    struct buf *out, struct err *err) ATTR_MUST_USE;

#endif
