/*
 * HTTP client over one curl multi handle: one client per source, which
 * keeps connections alive between polls and runs many requests at once.
 *
 * Rules that hold for every request: redirects are reported, never
 * followed (headers with secrets would travel along); the environment's
 * proxy and netrc play no part; only http and https, HTTP/1.1; TLS 1.2 or
 * newer and verified; no compression unless asked for, because a small
 * answer can unpack to any size; decoded bytes and headers are counted and
 * capped. Name look-up runs in curl's helper thread, which is left behind at
 * the deadline. After a failure the connection is not used again. Errors
 * name the host and never hold a header, a query or a password.
 *
 * A request ends in one of two ways: with an error (no complete answer), or
 * with a response of whatever status, which http_expect() can judge.
 * Deadlines are absolute on clock_now(); a cancel token may be NULL.
 * thread: owner fetcher; a client and its targets belong to one thread.
 */
#ifndef SEV_DATASRC_HTTP_H
#define SEV_DATASRC_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/thread.h"

struct http_client;
struct http_target;

/* Strings are borrowed for the call of http_client_new(). */
struct http_options {
	const char *proxy;   /* URL; NULL: none */
	const char *ca_file; /* PEM; NULL: the system's authorities */
	bool insecure;	     /* accept any certificate */
	int connect_ms;	     /* longest wait for a connection; 0: 3000 */
	size_t connections;  /* kept alive at most; 0: HTTP_KEEP_DEFAULT */
};

struct http_header {
	const char *name;
	const char *value;
	bool secret; /* only a hint to whoever prints requests */
};

/* All pointers are borrowed for the call that takes the request. */
struct http_request {
	const char *url;
	const char *method; /* NULL: GET, or POST with a body */
	const struct http_header *headers;
	size_t header_count;
	const char *bearer; /* token; NULL: none */
	const char *user;   /* with password: basic authentication */
	const char *password;
	const void *body; /* NULL: none */
	size_t body_len;
	const char *content_type; /* of body; NULL: application/json */
	size_t body_max;	  /* of the answer; 0: HTTP_BODY_DEFAULT */
	int timeout_ms;		  /* of this request alone; 0: the deadline's */
	bool compressed; /* accept gzip; body_max counts decoded bytes */
	bool once;	 /* fresh connection, so that curl never sends twice */
};

enum {
	HTTP_TYPE_LEN = 64,
	HTTP_HOST_LEN = 128,
	HTTP_ETAG_LEN = 128
};

struct http_response {
	int status;
	char type[HTTP_TYPE_LEN];     /* "application/json"; "" if absent */
	char location[HTTP_HOST_LEN]; /* host of a redirect; "" if none */
	char etag[HTTP_ETAG_LEN];     /* strong, with quotes; "" if none */
	bool metadata;		      /* Google's metadata server said so */
	int64_t retry_after_s;	      /* -1: not given; capped */
	int64_t date_s;		      /* Date, seconds since 1970; 0: none */
	const char *body;	      /* followed by a NUL, never NULL */
	size_t body_len;
	bool reused; /* no new connection was needed */
	/* From the start of the request, ns; 0 when the step was not taken. */
	int64_t dns_ns;
	int64_t connect_ns;
	int64_t tls_ns;
	int64_t first_byte_ns;
	int64_t total_ns;
	int64_t cert_until_s; /* end of the certificate; 0: no TLS */
};

/* *ret_client: returned (free with http_client_free()). */
enum err_code http_client_new(const struct http_options *options,
    struct http_client **ret_client, struct err *err) ATTR_MUST_USE;

/*
 * Its targets must be freed before. Never waits. NULL is allowed. Returns
 * NULL.
 */
struct http_client *http_client_free(struct http_client *client);

/*
 * One request. *ret_response is filled on ERR_OK; its body lives until the
 * next call with this client. ERR_REFUSED, ERR_TIMEOUT, ERR_DNS, ERR_TLS,
 * ERR_CLOSED, ERR_PROTOCOL (no HTTP server), ERR_BADDATA (cut off),
 * ERR_TOOBIG, ERR_CONFIG (of the request), ERR_CANCELLED, ERR_NOMEM.
 */
enum err_code http_fetch(struct http_client *client,
    const struct http_request *request, int64_t deadline,
    const struct cancel *cancel, struct http_response *ret_response,
    struct err *err) ATTR_MUST_USE;

/*
 * A prepared request for asking again and again, without setting it up each
 * time. *ret_target: returned (free with http_target_free() before the
 * client).
 */
enum err_code http_target_new(struct http_client *client,
    const struct http_request *request, struct http_target **ret_target,
    struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct http_target *http_target_free(struct http_target *target);

/* "host:port", without secrets; borrowed from target. */
const char *http_target_host(const struct http_target *target);

/*
 * Whether the last request may have reached the server, in part at least.
 * False: it never began to be sent, so nothing was done.
 */
bool http_target_sent(const struct http_target *target);

/* As http_fetch(). */
enum err_code http_fetch_target(struct http_target *target, int64_t deadline,
    const struct cancel *cancel, struct http_response *ret_response,
    struct err *err) ATTR_MUST_USE;

/*
 * Called exactly once for each target, in the order in which they end, also
 * for those that the deadline or the token cut off. response is NULL unless
 * code is ERR_OK; it and its body live until the return. Must not call back
 * into the client.
 */
typedef void http_done_fn(void *ctx, size_t index, enum err_code code,
    const struct http_response *response, const struct err *err);

/*
 * Runs count targets of one client, at most parallel of them at a time (at
 * least 1, at most HTTP_PARALLEL_MAX). ERR_OK when all got their call
 * before the deadline, whatever their outcome; ERR_TIMEOUT, ERR_CANCELLED,
 * ERR_NOMEM otherwise.
 */
enum err_code http_fetch_many(struct http_client *client,
    struct http_target *const *targets, size_t count, size_t parallel,
    http_done_fn *done, void *ctx, int64_t deadline,
    const struct cancel *cancel, struct err *err) ATTR_MUST_USE;

/* What http_expect() wants to see in the body. */
enum http_want {
	HTTP_WANT_ANY,
	HTTP_WANT_JSON,
	HTTP_WANT_TEXT, /* not HTML: that is a login or an error page */
};

/*
 * ERR_OK for a 2xx answer of the wanted kind, else the error that it stands
 * for: 401 ERR_AUTH, 403 ERR_FORBIDDEN, 404 ERR_NOTFOUND, 429 and 503 with
 * Retry-After ERR_LIMITED, 5xx ERR_SERVER, a redirect ERR_PROTOCOL, HTML
 * instead of JSON ERR_BADDATA. host is for the words.
 */
enum err_code http_expect(const struct http_response *response,
    const char *host, enum http_want want, struct err *err);

/* How long the server asked to wait, for struct poll; 0: it did not. */
int64_t http_retry_after_ns(const struct http_response *response);

/* http_expect() for the status alone. */
enum err_code http_expect_status(
    const struct http_response *response, const char *host, struct err *err);

#endif
