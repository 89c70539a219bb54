/*
 * TLS client (OpenSSL) over a connected non-blocking descriptor. TLS 1.2 or
 * newer; the certificate is verified against the host name or IP address
 * unless the options say insecure. Deadlines are absolute on clock_now(); a
 * cancel token may be NULL. Only one thread at a time may use a struct tls,
 * the same for reading and writing. SIGPIPE must be blocked or ignored, as
 * it is in every thread of thread_start().
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_TLS_H
#define SEV_DATASRC_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/thread.h"

/* All pointers are borrowed for the call of tls_connect() only. */
struct tls_options {
	const char *host;      /* name or IP address that must be in it */
	const char *ca_file;   /* PEM; NULL: the system's authorities */
	const char *cert_file; /* own certificate, PEM; NULL: none */
	const char *key_file;  /* its key, PEM; NULL: in cert_file */
	bool insecure;	       /* accept any certificate */
};

struct tls;

/*
 * Handshake over fd (borrowed: closing it stays with the caller, after
 * tls_free()). *ret_tls: returned (free with tls_free()).
 * ERR_TLS: certificate or protocol refused, the message says what to do;
 * ERR_CONFIG: a file of the options can't be used; ERR_TIMEOUT, ERR_CLOSED,
 * ERR_CANCELLED, ERR_NOMEM.
 */
enum err_code tls_connect(int fd, const struct tls_options *options,
    int64_t deadline, const struct cancel *cancel, struct tls **ret_tls,
    struct err *err) ATTR_MUST_USE;

/*
 * Reads what is there, at most cap bytes, waiting for the first one.
 * ERR_CLOSED: the other side ended the connection.
 */
enum err_code tls_read(struct tls *tls, void *to, size_t cap, int64_t deadline,
    const struct cancel *cancel, size_t *ret_len,
    struct err *err) ATTR_MUST_USE;

/* Writes all of it. After an error an unknown part has been sent. */
enum err_code tls_write(struct tls *tls, const void *from, size_t len,
    int64_t deadline, const struct cancel *cancel,
    struct err *err) ATTR_MUST_USE;

/*
 * Whole days until the server's certificate ends, negative when it has;
 * wall_ms is the time now.
 */
int64_t tls_cert_days_left(const struct tls *tls, int64_t wall_ms);

/*
 * Says goodbye if that can be sent at once, never waits. NULL is allowed.
 * Returns NULL.
 */
struct tls *tls_free(struct tls *tls);

#endif
