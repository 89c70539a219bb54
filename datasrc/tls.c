#include "datasrc/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "datasrc/tls_verify.h"

struct tls {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;			    /* borrowed */
	bool broken;		    /* no goodbye may be sent any more */
	struct tls_verdict verdict; /* ctx points here */
	char host[NET_HOST_MAX];
};

static bool
tls_host_is_ip(const char *host)
{
	unsigned char addr[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, addr) == 1 ||
	       inet_pton(AF_INET6, host, addr) == 1;
}

static enum err_code
tls_load_files(SSL_CTX *ctx, const struct tls_options *options, struct err *err)
{
	const char *key = options->key_file;

	if (key == NULL)
		key = options->cert_file;
	if (options->ca_file != NULL) {
		if (SSL_CTX_load_verify_file(ctx, options->ca_file) != 1)
			return err_set(err, ERR_CONFIG, "tls",
			    "ca file %s can't be read as PEM certificates",
			    options->ca_file);
	} else if (SSL_CTX_set_default_verify_paths(ctx) != 1) {
		return err_set(err, ERR_CONFIG, "tls",
		    "the system's certificate authorities can't be read; "
		    "install ca-certificates or name a ca file");
	}
	if (options->cert_file == NULL)
		return ERR_OK;
	if (SSL_CTX_use_certificate_chain_file(ctx, options->cert_file) != 1)
		return err_set(err, ERR_CONFIG, "tls",
		    "certificate file %s can't be read as PEM",
		    options->cert_file);
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return err_set(err, ERR_CONFIG, "tls",
		    "key file %s can't be read or is not the key of %s", key,
		    options->cert_file);
	return ERR_OK;
}

/* The name in the certificate is checked by OpenSSL in the handshake. */
static bool
tls_expect_host(SSL *ssl, const char *host)
{
	if (tls_host_is_ip(host))
		return X509_VERIFY_PARAM_set1_ip_asc(
			   SSL_get0_param(ssl), host) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, host) == 1 &&
	       SSL_set_tlsext_host_name(ssl, host) == 1;
}

static enum err_code
tls_new(int fd, const struct tls_options *options, struct tls **ret_tls,
    struct err *err)
{
	struct tls *tls = mem_calloc(1, sizeof(*tls));
	size_t len = strlen(options->host);
	enum err_code code = ERR_NOMEM;

	if (tls == NULL)
		goto out;
	tls->fd = fd;
	tls->broken = true; /* until the handshake is done */
	if (len == 0 || len >= sizeof(tls->host)) {
		code = err_set(err, ERR_CONFIG, "tls", "no host name");
		goto out;
	}
	memcpy(tls->host, options->host, len + 1);
	tls->ctx = SSL_CTX_new(TLS_client_method());
	if (tls->ctx == NULL ||
	    SSL_CTX_set_min_proto_version(tls->ctx, TLS1_2_VERSION) != 1)
		goto out;
	SSL_CTX_set_mode(tls->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
				       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	code = tls_load_files(tls->ctx, options, err);
	if (code != ERR_OK)
		goto out;
	SSL_CTX_set_verify(tls->ctx,
	    options->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	tls_verdict_watch(tls->ctx, &tls->verdict, options->insecure);
	code = ERR_NOMEM;
	tls->ssl = SSL_new(tls->ctx);
	if (tls->ssl == NULL || SSL_set_fd(tls->ssl, fd) != 1 ||
	    !tls_expect_host(tls->ssl, tls->host))
		goto out;
	code = ERR_OK;
	*ret_tls = tls;
	tls = NULL;
out:
	if (code == ERR_NOMEM)
		err_set(err, code, "tls", "setting up TLS: out of memory");
	tls_free(tls);
	return code;
}

/*
 * After an OpenSSL call returned rc <= 0: waits and returns ERR_OK when the
 * call is to be made again, else the error.
 */
static enum err_code
tls_again(struct tls *tls, int rc, int saved_errno, int64_t deadline,
    const struct cancel *cancel, const char *what, struct err *err)
{
	unsigned long why;
	enum err_code code;
	int events;

	switch (SSL_get_error(tls->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		events = IO_READ;
		break;
	case SSL_ERROR_WANT_WRITE:
		events = IO_WRITE;
		break;
	case SSL_ERROR_ZERO_RETURN:
		return err_set(
		    err, ERR_CLOSED, "tls", "the server closed the connection");
	case SSL_ERROR_SYSCALL:
		tls->broken = true;
		if (saved_errno == ECONNRESET || saved_errno == EPIPE ||
		    saved_errno == 0)
			return err_set(err, ERR_CLOSED, "tls",
			    "%s: the server dropped the connection", what);
		return err_set_errno(
		    err, ERR_IO, "tls", saved_errno, "%s", what);
	default:
		tls->broken = true;
		why = ERR_peek_error();
		if (ERR_GET_REASON(why) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
			return err_set(err, ERR_CLOSED, "tls",
			    "%s: the server dropped the connection", what);
		return tls_explain(why, tls->host, err);
	}
	code = io_wait(tls->fd, events, deadline, cancel, NULL);
	if (code != ERR_OK)
		err_set(err, code, "tls", "%s: %s", what, err_code_text(code));
	return code;
}

enum err_code
tls_connect(int fd, const struct tls_options *options, int64_t deadline,
    const struct cancel *cancel, struct tls **ret_tls, struct err *err)
{
	struct tls *tls = NULL;
	enum err_code code;
	int rc;

	code = tls_new(fd, options, &tls, err);
	while (code == ERR_OK) {
		ERR_clear_error();
		errno = 0;
		rc = SSL_connect(tls->ssl);
		if (rc == 1)
			break;
		if (tls->verdict.seen && tls->verdict.error != X509_V_OK &&
		    !options->insecure)
			code = tls_verdict_explain(
			    &tls->verdict, tls->host, clock_wall_ms(), err);
		else
			code = tls_again(tls, rc, errno, deadline, cancel,
			    "TLS handshake", err);
	}
	if (code == ERR_OK) {
		tls->broken = false;
		*ret_tls = tls;
	} else {
		tls_free(tls);
	}
	ERR_clear_error();
	return code;
}

enum err_code
tls_read(struct tls *tls, void *to, size_t cap, int64_t deadline,
    const struct cancel *cancel, size_t *ret_len, struct err *err)
{
	enum err_code code = ERR_OK;

	while (code == ERR_OK) {
		int rc;

		ERR_clear_error();
		errno = 0;
		rc = SSL_read_ex(tls->ssl, to, cap, ret_len);
		if (rc == 1)
			break;
		code = tls_again(tls, rc, errno, deadline, cancel,
		    "waiting for an answer", err);
	}
	return code;
}

enum err_code
tls_write(struct tls *tls, const void *from, size_t len, int64_t deadline,
    const struct cancel *cancel, struct err *err)
{
	const char *at = from;
	enum err_code code = ERR_OK;

	while (code == ERR_OK && len > 0) {
		size_t n = 0;
		int rc;

		ERR_clear_error();
		errno = 0;
		rc = SSL_write_ex(tls->ssl, at, len, &n);
		if (rc == 1) {
			at += n;
			len -= n;
			continue;
		}
		code =
		    tls_again(tls, rc, errno, deadline, cancel, "sending", err);
	}
	return code;
}

int64_t
tls_cert_days_left(const struct tls *tls, int64_t wall_ms)
{
	return tls_days_left(tls_cert_until_s(tls->ssl), wall_ms);
}

struct tls *
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return NULL;
	if (tls->ssl != NULL && !tls->broken)
		SSL_shutdown(tls->ssl);
	SSL_free(tls->ssl);
	SSL_CTX_free(tls->ctx);
	mem_free(tls);
	ERR_clear_error();
	return NULL;
}
