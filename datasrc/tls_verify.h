/*
 * What OpenSSL thought of a server's certificate, kept while the handshake
 * runs and put into words afterwards. Shared by the raw TLS client and by
 * the HTTP client, whose curl only says "verification failed".
 * thread: the one that runs the handshake.
 */
#ifndef SEV_DATASRC_TLS_VERIFY_H
#define SEV_DATASRC_TLS_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "datasrc/limits.h"

struct ssl_ctx_st;
struct ssl_st;

struct tls_verdict {
	bool seen;	/* a certificate has been looked at */
	int error;	/* X509_V_OK, or the first X509_V_ERR_* */
	int depth;	/* 0: the server's own; above: an authority's */
	int64_t from_s; /* validity of the one that failed, s since 1970 */
	int64_t until_s;
	char name[TLS_NAME_MAX];   /* whom the server's certificate is for */
	char issuer[TLS_NAME_MAX]; /* who signed the one that failed */
};

/*
 * From now on each handshake of ctx fills *verdict (borrowed; it must outlive
 * the connections of ctx). With insecure every certificate passes.
 * Renegotiation is off, so nothing is written after the handshake.
 */
void tls_verdict_watch(
    struct ssl_ctx_st *ctx, struct tls_verdict *verdict, bool insecure);

/* Words for a verdict that is not X509_V_OK. Returns ERR_TLS. */
enum err_code tls_verdict_explain(const struct tls_verdict *verdict,
    const char *host, int64_t wall_ms, struct err *err);

/* The same for a certificate that is good but not for this host. */
enum err_code tls_verdict_wrong_host(
    const struct tls_verdict *verdict, const char *host, struct err *err);

/*
 * Words for a handshake that failed before or beside the certificate;
 * openssl_error is from ERR_get_error() (0: not known).
 */
enum err_code tls_explain(
    unsigned long openssl_error, const char *host, struct err *err);

/*
 * End of the server's certificate, seconds since 1970; 0 when there is none.
 */
int64_t tls_cert_until_s(const struct ssl_st *ssl);

/* Whole days from wall_ms to until_s, rounded down: negative once past. */
int64_t tls_days_left(int64_t until_s, int64_t wall_ms);

#endif
