#include "datasrc/tls_verify.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/clock.h"

enum {
	SECONDS_PER_DAY = 86400,
	SECONDS_PER_HOUR = 3600
};

/* Seconds since 1970 of an ASN.1 time; 0 when it is malformed. */
static int64_t
tls_time_s(const ASN1_TIME *time)
{
	ASN1_TIME *epoch;
	int days = 0, seconds = 0;
	int64_t at = 0;

	if (time == NULL)
		return 0;
	epoch = ASN1_TIME_set(NULL, 0);
	if (epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1)
		at = (int64_t)days * SECONDS_PER_DAY + seconds;
	ASN1_TIME_free(epoch);
	return at;
}

/* Common name, or what there is instead of one. */
static void
tls_name_text(const X509_NAME *name, char out[TLS_NAME_MAX])
{
	int n = -1;

	out[0] = '\0';
	if (name != NULL)
		n = X509_NAME_get_text_by_NID(
		    name, NID_commonName, out, TLS_NAME_MAX);
	if (n <= 0 && name != NULL)
		n = X509_NAME_get_text_by_NID(
		    name, NID_organizationName, out, TLS_NAME_MAX);
	if (n <= 0)
		snprintf(out, TLS_NAME_MAX, "(no name)");
}

/* The first name that the certificate is for: clients ignore its CN. */
static void
tls_cert_name(X509 *cert, char out[TLS_NAME_MAX])
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type != GEN_DNS)
			continue;
		snprintf(out, TLS_NAME_MAX, "%.*s",
		    ASN1_STRING_length(name->d.dNSName),
		    (const char *)ASN1_STRING_get0_data(name->d.dNSName));
		found = true;
	}
	GENERAL_NAMES_free(names);
	if (!found)
		tls_name_text(X509_get_subject_name(cert), out);
}

static int
tls_verdict_take(X509_STORE_CTX *store, struct tls_verdict *verdict)
{
	int good = X509_verify_cert(store);
	X509 *leaf = X509_STORE_CTX_get0_cert(store);
	X509 *bad = X509_STORE_CTX_get_current_cert(store);

	memset(verdict, 0, sizeof(*verdict));
	verdict->seen = true;
	verdict->error = X509_STORE_CTX_get_error(store);
	if (good <= 0 && verdict->error == X509_V_OK)
		verdict->error = X509_V_ERR_UNSPECIFIED;
	verdict->depth = X509_STORE_CTX_get_error_depth(store);
	if (leaf != NULL)
		tls_cert_name(leaf, verdict->name);
	if (bad == NULL)
		bad = leaf;
	if (bad != NULL) {
		verdict->from_s = tls_time_s(X509_get0_notBefore(bad));
		verdict->until_s = tls_time_s(X509_get0_notAfter(bad));
		tls_name_text(X509_get_issuer_name(bad), verdict->issuer);
	}
	return good;
}

static int
tls_verify_strict(X509_STORE_CTX *store, void *arg)
{
	return tls_verdict_take(store, arg);
}

static int
tls_verify_insecure(X509_STORE_CTX *store, void *arg)
{
	tls_verdict_take(store, arg);
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

void
tls_verdict_watch(SSL_CTX *ctx, struct tls_verdict *verdict, bool insecure)
{
	memset(verdict, 0, sizeof(*verdict));
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_cert_verify_callback(
	    ctx, insecure ? tls_verify_insecure : tls_verify_strict, verdict);
}

/* "3 d" or, below two days, "31 h". */
static char *
tls_span(int64_t seconds, char *out, size_t cap)
{
	if (seconds < 2 * SECONDS_PER_DAY)
		snprintf(out, cap, "%lld h",
		    (long long)(seconds / SECONDS_PER_HOUR));
	else
		snprintf(
		    out, cap, "%lld d", (long long)(seconds / SECONDS_PER_DAY));
	return out;
}

static enum err_code
tls_explain_expired(const struct tls_verdict *verdict, const char *host,
    int64_t now_s, struct err *err)
{
	char span[32];

	tls_span(now_s - verdict->until_s, span, sizeof(span));
	if (verdict->depth > 0)
		return err_set(err, ERR_TLS, "tls",
		    "%s: an authority's certificate in its chain expired %s "
		    "ago (signed by %s); the server must send a newer chain",
		    host, span, verdict->issuer);
	return err_set(err, ERR_TLS, "tls",
	    "%s: its certificate expired %s ago; renew it", host, span);
}

enum err_code
tls_verdict_wrong_host(
    const struct tls_verdict *verdict, const char *host, struct err *err)
{
	return err_set(err, ERR_TLS, "tls",
	    "%s: wrong name, the certificate is for %s; "
	    "use that name or issue a certificate for this one",
	    host, verdict->name[0] != '\0' ? verdict->name : "another host");
}

enum err_code
tls_verdict_explain(const struct tls_verdict *verdict, const char *host,
    int64_t wall_ms, struct err *err)
{
	int64_t now_s = wall_ms / 1000;
	char span[32];

	switch (verdict->error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return tls_explain_expired(verdict, host, now_s, err);
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return err_set(err, ERR_TLS, "tls",
		    "%s: its certificate is not valid for another %s; "
		    "is the clock of this machine right?",
		    host,
		    tls_span(verdict->from_s - now_s, span, sizeof(span)));
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return tls_verdict_wrong_host(verdict, host, err);
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return err_set(err, ERR_TLS, "tls",
		    "%s: its certificate is self-signed; if that is meant, "
		    "name the certificate's file as ca",
		    host);
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return err_set(err, ERR_TLS, "tls",
		    "%s: unknown authority, its certificate is signed by %s; "
		    "if that is yours, name the authority's file as ca",
		    host, verdict->issuer);
	default:
		return err_set(err, ERR_TLS, "tls",
		    "%s: certificate refused: %s", host,
		    X509_verify_cert_error_string(verdict->error));
	}
}

enum err_code
tls_explain(unsigned long openssl_error, const char *host, struct err *err)
{
	const char *reason = ERR_reason_error_string(openssl_error);

	switch (ERR_GET_REASON(openssl_error)) {
	case 0:
	case SSL_R_UNEXPECTED_EOF_WHILE_READING:
		return err_set(err, ERR_TLS, "tls",
		    "%s closed the connection during the TLS handshake", host);
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_PACKET_LENGTH_TOO_LONG:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_UNEXPECTED_MESSAGE:
		return err_set(err, ERR_TLS, "tls",
		    "%s does not speak TLS on that port; "
		    "is it the port for plain connections?",
		    host);
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
	case SSL_R_NO_PROTOCOLS_AVAILABLE:
		return err_set(err, ERR_TLS, "tls",
		    "%s speaks no TLS 1.2 or newer; upgrade the server", host);
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
		return err_set(err, ERR_TLS, "tls",
		    "%s wants a client certificate that it trusts (%s)", host,
		    reason != NULL ? reason : "no reason given");
	default:
		return err_set(err, ERR_TLS, "tls",
		    "%s: TLS handshake failed: %s", host,
		    reason != NULL ? reason : "no reason given");
	}
}

int64_t
tls_cert_until_s(const SSL *ssl)
{
	const X509 *cert = SSL_get0_peer_certificate(ssl);

	return cert != NULL ? tls_time_s(X509_get0_notAfter(cert)) : 0;
}

int64_t
tls_days_left(int64_t until_s, int64_t wall_ms)
{
	int64_t left = until_s - wall_ms / 1000, days = left / SECONDS_PER_DAY;

	return left % SECONDS_PER_DAY < 0 ? days - 1 : days;
}
