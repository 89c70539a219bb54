/*
 * What the parts of the HTTP client share; private to datasrc/http*.c.
 *
 * A target is a prepared easy handle that is reused; a slot is what one
 * running request needs beside it (body, head, progress), so that a thousand
 * targets polled a hundred at a time hold a hundred bodies.
 */
#ifndef SEV_DATASRC_HTTP_IMPL_H
#define SEV_DATASRC_HTTP_IMPL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "datasrc/http.h"
#include "datasrc/http_head.h"
#include "datasrc/tls_verify.h"

/* How far a request came: says what a timeout was spent on. */
enum http_phase {
	HTTP_PHASE_LOOKUP,
	HTTP_PHASE_CONNECT, /* with the TLS handshake */
	HTTP_PHASE_SENT,
	HTTP_PHASE_HEAD,
	HTTP_PHASE_BODY,
};

/* Why one of our callbacks ended the transfer. */
enum http_refusal {
	HTTP_TAKEN,
	HTTP_HEAD_TOO_BIG,
	HTTP_BODY_TOO_BIG,
	HTTP_NO_MEMORY,
};

struct http_slot {
	struct http_target *target; /* NULL: free */
	size_t index;		    /* of the target in the run */
	int64_t started_at;
	enum http_phase phase;
	enum http_refusal refusal;
	struct buf body;
	struct http_head head;
	size_t head_bytes;
	size_t head_lines;
	int64_t cert_until_s;
};

/* What the loop knows about one descriptor. */
struct http_fd {
	bool ours;	  /* we open and close it, so closing is seen */
	uint8_t wanted;	  /* IO_* that curl waits for */
	uint8_t watching; /* IO_* that epoll reports */
};

struct http_client {
	CURLM *multi;
	int epoll;	 /* -1: none */
	int64_t wake_at; /* when curl wants its timers run; NONE: never */
	struct http_fd *fds;
	size_t fd_cap;
	struct http_slot *slots;
	size_t slot_cap;
	bool broken;	  /* an event could not be registered */
	int64_t ended_at; /* of the last run; 0: none yet */
	char *proxy;	  /* NULL: none */
	char *ca_file;	  /* NULL: the system's */
	bool insecure;
	int connect_ms;
	int64_t lookups_stuck[HTTP_LOOKUPS_MAX]; /* when; a ring */
	size_t lookups_at;
};

struct http_target {
	struct http_client *client;
	CURL *easy;
	struct http_slot *slot; /* while running */
	struct curl_slist *headers;
	char *body; /* of the request; NULL: none */
	size_t body_max;
	int timeout_ms;
	bool https;
	bool named; /* the host is a name that must be looked up */
	bool once;
	bool fresh;	  /* FRESH_CONNECT is set now */
	bool sent;	  /* the last request began to be sent */
	bool answered;	  /* the last request was */
	int64_t stuck_at; /* the last look-up never ended; 0: it did */
	struct tls_verdict verdict; /* of the last handshake */
	char host[HTTP_HOST_LEN];
	char error[CURL_ERROR_SIZE]; /* may quote the server */
};

/* Sets every option of target->easy that stays from poll to poll. */
enum err_code http_easy_setup(struct http_target *target,
    const struct http_request *request, struct err *err) ATTR_MUST_USE;

/* What curl calls to say what it waits for and how long. */
int http_on_socket(
    CURL *easy, curl_socket_t fd, int what, void *client, void *assigned);
int http_on_timer(CURLM *multi, long timeout_ms, void *client);

/* Sockets for curl: the table must see them opened and closed. */
curl_socket_t http_socket_open(
    void *target, curlsocktype purpose, struct curl_sockaddr *addr);
int http_socket_close(void *client, curl_socket_t fd);

/* One event of epoll, given to curl if it still wants it. False: give up. */
struct epoll_event;
bool http_fds_dispatch(
    struct http_client *client, const struct epoll_event *event);

/* Words for a request that ended with rc, which is not CURLE_OK. */
enum err_code http_explain(
    const struct http_target *target, CURLcode rc, struct err *err);

/* Words for one that the deadline ended. */
enum err_code http_explain_timeout(
    const struct http_target *target, struct err *err);

#endif
