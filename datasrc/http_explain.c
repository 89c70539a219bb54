#include <errno.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "datasrc/http_impl.h"

/* OpenSSL's code out of curl's message "... error:0A00010B:SSL ..."; or 0. */
static unsigned long
http_openssl_error(const char *message)
{
	const char *at = strstr(message, "error:");

	return at != NULL ? strtoul(at + strlen("error:"), NULL, 16) : 0;
}

static enum err_code
http_explain_tls(const struct http_target *target, CURLcode rc, struct err *err)
{
	const struct tls_verdict *verdict = &target->verdict;

	if (verdict->seen && verdict->error != X509_V_OK &&
	    !target->client->insecure)
		return tls_verdict_explain(
		    verdict, target->host, clock_wall_ms(), err);
	if (rc == CURLE_PEER_FAILED_VERIFICATION)
		return tls_verdict_wrong_host(verdict, target->host, err);
	return tls_explain(
	    http_openssl_error(target->error), target->host, err);
}

static enum err_code
http_explain_connect(const struct http_target *target, struct err *err)
{
	long saved_errno = 0;

	curl_easy_getinfo(target->easy, CURLINFO_OS_ERRNO, &saved_errno);
	switch (saved_errno) {
	case ECONNREFUSED:
	case 0:
		return err_set(err, ERR_REFUSED, "http",
		    "%s refused the connection; is the server running there?",
		    target->host);
	case ETIMEDOUT:
		return err_set(err, ERR_TIMEOUT, "http",
		    "%s: connecting timed out; is a firewall in between?",
		    target->host);
	case EMFILE:
	case ENFILE:
		return err_set_errno(err, ERR_LIMIT, "http", (int)saved_errno,
		    "%s: no descriptor for a connection", target->host);
	default:
		return err_set_errno(err, ERR_REFUSED, "http", (int)saved_errno,
		    "%s can't be reached", target->host);
	}
}

/* Ended by one of our callbacks. */
static enum err_code
http_explain_refusal(const struct http_target *target, struct err *err)
{
	switch (target->slot->refusal) {
	case HTTP_HEAD_TOO_BIG:
		return err_set(err, ERR_TOOBIG, "http",
		    "%s sent more than %d bytes or %d lines of headers",
		    target->host, HTTP_HEAD_MAX, HTTP_HEAD_LINES_MAX);
	case HTTP_BODY_TOO_BIG:
		return err_set(err, ERR_TOOBIG, "http",
		    "%s sent more than %zu bytes; raise max_body if that is "
		    "meant",
		    target->host, target->body_max);
	default:
		return err_set(err, ERR_NOMEM, "http",
		    "%s: no memory for the answer", target->host);
	}
}

enum err_code
http_explain_timeout(const struct http_target *target, struct err *err)
{
	switch (target->slot->phase) {
	case HTTP_PHASE_LOOKUP:
		return err_set(err, ERR_DNS, "http",
		    "%s: the name server did not answer in time", target->host);
	case HTTP_PHASE_CONNECT:
		return err_set(err, ERR_TIMEOUT, "http",
		    "%s: connecting timed out; is a firewall in between or "
		    "the server frozen?",
		    target->host);
	case HTTP_PHASE_SENT:
		return err_set(err, ERR_TIMEOUT, "http",
		    "%s took the request and did not answer in time",
		    target->host);
	case HTTP_PHASE_HEAD:
	case HTTP_PHASE_BODY:
	default:
		return err_set(err, ERR_TIMEOUT, "http",
		    "%s: too slow, the answer did not end in time (%zu bytes "
		    "came)",
		    target->host, target->slot->body.len);
	}
}

/* An answer that began and did not end well. */
static enum err_code
http_explain_answer(
    const struct http_target *target, CURLcode rc, struct err *err)
{
	switch (rc) {
	case CURLE_PARTIAL_FILE:
		return err_set(err, ERR_BADDATA, "http",
		    "%s: cut off, the answer ended after %zu bytes",
		    target->host, target->slot->body.len);
	case CURLE_BAD_CONTENT_ENCODING:
		return err_set(err, ERR_BADDATA, "http",
		    "%s: the compressed answer is damaged", target->host);
	case CURLE_GOT_NOTHING:
		return err_set(err, ERR_CLOSED, "http",
		    "%s closed the connection without an answer", target->host);
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		if (strstr(target->error, "chunked-encoding") != NULL)
			return err_set(err, ERR_BADDATA, "http",
			    "%s: damaged answer (chunked encoding)",
			    target->host);
		if (target->slot->phase >= HTTP_PHASE_HEAD)
			return err_set(err, ERR_CLOSED, "http",
			    "%s dropped the connection in the middle of the "
			    "answer",
			    target->host);
		return err_set(err, ERR_CLOSED, "http",
		    "%s dropped the connection without an answer",
		    target->host);
	default:
		return err_set(err, ERR_PROTOCOL, "http",
		    "%s does not speak HTTP%s", target->host,
		    target->https ? ""
				  : "; is it a TLS port? then write https://");
	}
}

enum err_code
http_explain(const struct http_target *target, CURLcode rc, struct err *err)
{
	switch (rc) {
	case CURLE_OUT_OF_MEMORY:
		return err_set(
		    err, ERR_NOMEM, "http", "%s: no memory", target->host);
	case CURLE_COULDNT_RESOLVE_HOST:
		return err_set(err, ERR_DNS, "http",
		    "%s: no such name; check the spelling or the DNS record",
		    target->host);
	case CURLE_COULDNT_RESOLVE_PROXY:
		return err_set(err, ERR_DNS, "http",
		    "the proxy's name can't be looked up");
	case CURLE_PROXY:
		return err_set(err, ERR_REFUSED, "http",
		    "the proxy did not connect to %s", target->host);
	case CURLE_COULDNT_CONNECT:
		return http_explain_connect(target, err);
	case CURLE_OPERATION_TIMEDOUT:
		return http_explain_timeout(target, err);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_ISSUER_ERROR:
		return http_explain_tls(target, rc, err);
	case CURLE_SSL_CACERT_BADFILE:
		return err_set(err, ERR_CONFIG, "http",
		    "ca file %s can't be read as PEM certificates",
		    target->client->ca_file != NULL ? target->client->ca_file
						    : "of the system");
	case CURLE_WRITE_ERROR:
		return http_explain_refusal(target, err);
	case CURLE_URL_MALFORMAT:
		return err_set(err, ERR_CONFIG, "http", "no valid URL");
	default:
		return http_explain_answer(target, rc, err);
	}
}

int64_t
http_retry_after_ns(const struct http_response *response)
{
	if (response->retry_after_s <= 0 ||
	    (response->status != 429 && response->status != 503))
		return 0;
	return response->retry_after_s * NS_PER_SEC;
}

enum err_code
http_expect_status(
    const struct http_response *response, const char *host, struct err *err)
{
	int status = response->status;

	if (status >= 200 && status < 300)
		return ERR_OK;
	if (status == 429 || (status == 503 && response->retry_after_s > 0)) {
		if (response->retry_after_s < 0)
			return err_set(err, ERR_LIMITED, "http",
			    "%s: too many requests (HTTP %d)", host, status);
		return err_set(err, ERR_LIMITED, "http",
		    "%s asks to wait %lld s (HTTP %d)", host,
		    (long long)response->retry_after_s, status);
	}
	if (status >= 300 && status < 400)
		return err_set(err, ERR_PROTOCOL, "http",
		    "%s redirects to %s (HTTP %d); if that is meant, put the "
		    "new address into the configuration",
		    host,
		    response->location[0] != '\0' ? response->location
						  : "another path",
		    status);
	switch (status) {
	case 401:
		return err_set(err, ERR_AUTH, "http",
		    "%s refused the credentials (HTTP 401)", host);
	case 403:
		return err_set(err, ERR_FORBIDDEN, "http",
		    "%s: these credentials may not do that (HTTP 403)", host);
	case 404:
		return err_set(err, ERR_NOTFOUND, "http",
		    "%s has no such path (HTTP 404); is the URL right?", host);
	default:
		return err_set(err,
		    status >= 500 && status < 600 ? ERR_SERVER : ERR_PROTOCOL,
		    "http", "%s answered HTTP %d", host, status);
	}
}

enum err_code
http_expect(const struct http_response *response, const char *host,
    enum http_want want, struct err *err)
{
	enum err_code code = http_expect_status(response, host, err);
	const char *type = response->type;
	bool html = strcmp(type, "text/html") == 0 ||
		    strcmp(type, "application/xhtml+xml") == 0;

	if (code != ERR_OK || want == HTTP_WANT_ANY)
		return code;
	/* Many servers send JSON as text/plain or without a type. */
	if (html)
		return err_set(err, ERR_BADDATA, "http",
		    "%s sent a web page (text/html) instead of %s; a login "
		    "page?",
		    host, want == HTTP_WANT_JSON ? "JSON" : "text");
	return ERR_OK;
}
