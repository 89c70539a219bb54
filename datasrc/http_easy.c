#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <string.h>

#include "base/alloc.h"
#include "datasrc/http_impl.h"

static size_t
http_on_header(char *line, size_t size, size_t count, void *opaque)
{
	struct http_target *target = opaque;
	struct http_slot *slot = target->slot;
	struct curl_tlssessioninfo *tls = NULL;
	size_t len = size * count;

	slot->head_bytes += len;
	slot->head_lines++;
	if (slot->head_bytes > HTTP_HEAD_MAX ||
	    slot->head_lines > HTTP_HEAD_LINES_MAX) {
		slot->refusal = HTTP_HEAD_TOO_BIG;
		return CURL_WRITEFUNC_ERROR;
	}
	slot->phase = HTTP_PHASE_HEAD;
	http_head_line(&slot->head, line, len);
	/* The connection is alive for certain only now. */
	if (target->https && slot->head_lines == 1 &&
	    curl_easy_getinfo(target->easy, CURLINFO_TLS_SSL_PTR, &tls) ==
		CURLE_OK &&
	    tls != NULL && tls->internals != NULL)
		slot->cert_until_s = tls_cert_until_s(tls->internals);
	return len;
}

static size_t
http_on_body(char *bytes, size_t size, size_t count, void *opaque)
{
	struct http_target *target = opaque;
	struct http_slot *slot = target->slot;
	size_t len = size * count;

	slot->phase = HTTP_PHASE_BODY;
	if (len > slot->body.max - slot->body.len) {
		slot->refusal = HTTP_BODY_TOO_BIG;
		return CURL_WRITEFUNC_ERROR;
	}
	if (!buf_add(&slot->body, bytes, len)) {
		slot->refusal = HTTP_NO_MEMORY;
		return CURL_WRITEFUNC_ERROR;
	}
	return len;
}

/* The connection stands, new or kept; the request goes out next. */
static int
http_on_connected(void *opaque, char *peer_ip ATTR_UNUSED,
    char *local_ip ATTR_UNUSED, int peer_port ATTR_UNUSED,
    int local_port ATTR_UNUSED)
{
	struct http_target *target = opaque;

	target->slot->phase = HTTP_PHASE_SENT;
	target->sent = true;
	return CURL_PREREQFUNC_OK;
}

static CURLcode
http_on_ssl_ctx(CURL *easy ATTR_UNUSED, void *ctx, void *opaque)
{
	struct http_target *target = opaque;

	tls_verdict_watch(ctx, &target->verdict, target->client->insecure);
	return CURLE_OK;
}

static bool
http_header_sound(const struct http_header *header)
{
	return header->name[0] != '\0' &&
	       strpbrk(header->name, " \t\r\n:") == NULL &&
	       strpbrk(header->value, "\r\n") == NULL;
}

/* Adds "name: value"; the line may be secret, so our copy is wiped. */
static bool
http_header_add(struct http_target *target, const char *name, const char *value)
{
	struct buf line = BUF_INIT(HTTP_HEAD_MAX);
	struct curl_slist *list = NULL;

	/* curl sends an empty header only when it ends in a semicolon. */
	if (value[0] != '\0' ? buf_fmt(&line, "%s: %s", name, value)
			     : buf_fmt(&line, "%s;", name))
		list = curl_slist_append(target->headers, buf_cstr(&line));
	if (line.data != NULL)
		OPENSSL_cleanse(line.data, line.cap);
	buf_release(&line);
	if (list == NULL)
		return false;
	target->headers = list;
	return true;
}

static enum err_code
http_headers_set(struct http_target *target, const struct http_request *request,
    struct err *err)
{
	const char *type = request->content_type;
	struct buf bearer = BUF_INIT(HTTP_HEAD_MAX);
	bool good = true;

	for (size_t i = 0; good && i < request->header_count; i++) {
		const struct http_header *header = &request->headers[i];

		if (!http_header_sound(header))
			return err_set(err, ERR_CONFIG, "http",
			    "header %zu: names have no blanks or colons, "
			    "values no line breaks",
			    i + 1);
		good = http_header_add(target, header->name, header->value);
	}
	if (request->bearer != NULL) {
		if (strpbrk(request->bearer, "\r\n") != NULL)
			return err_set(err, ERR_CONFIG, "http",
			    "the bearer token has a line break");
		good =
		    good && buf_fmt(&bearer, "Bearer %s", request->bearer) &&
		    http_header_add(target, "Authorization", buf_cstr(&bearer));
		if (bearer.data != NULL)
			OPENSSL_cleanse(bearer.data, bearer.cap);
		buf_release(&bearer);
	}
	if (request->body != NULL) {
		good = good && http_header_add(target, "Content-Type",
				   type != NULL ? type : "application/json");
		/* No "Expect: 100-continue": one round trip is enough. */
		good = good && curl_slist_append(target->headers, "Expect:");
	}
	return good ? ERR_OK
		    : err_set(err, ERR_NOMEM, "http", "setting headers");
}

/* Notes the first option that fails; the rest is then skipped. */
#define SET(option, value)                                                     \
	do {                                                                   \
		if (rc == CURLE_OK)                                            \
			rc = curl_easy_setopt(easy, option, value);            \
	} while (0)

static CURLcode
http_set_callbacks(struct http_target *target)
{
	CURL *easy = target->easy;
	CURLcode rc = CURLE_OK;

	SET(CURLOPT_PRIVATE, target);
	SET(CURLOPT_ERRORBUFFER, target->error);
	SET(CURLOPT_HEADERFUNCTION, http_on_header);
	SET(CURLOPT_HEADERDATA, target);
	SET(CURLOPT_WRITEFUNCTION, http_on_body);
	SET(CURLOPT_WRITEDATA, target);
	SET(CURLOPT_PREREQFUNCTION, http_on_connected);
	SET(CURLOPT_PREREQDATA, target);
	SET(CURLOPT_OPENSOCKETFUNCTION, http_socket_open);
	SET(CURLOPT_OPENSOCKETDATA, target);
	SET(CURLOPT_CLOSESOCKETFUNCTION, http_socket_close);
	SET(CURLOPT_CLOSESOCKETDATA, target->client);
	SET(CURLOPT_NOPROGRESS, 1L);
	return rc;
}

static CURLcode
http_set_rules(struct http_target *target)
{
	const struct http_client *client = target->client;
	CURL *easy = target->easy;
	CURLcode rc = CURLE_OK;

	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_QUICK_EXIT, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_PROXY, client->proxy != NULL ? client->proxy : "");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	/*
	 * An address is looked up anew for each connection, so a moved
	 * service is found at once; and curl, which walks its whole cache
	 * after every request, has nothing to walk.
	 */
	SET(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)client->connect_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)target->timeout_ms);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_BUFFERSIZE, (long)HTTP_READ_SIZE);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, client->insecure ? 0L : 1L);
	SET(CURLOPT_SSL_VERIFYHOST, client->insecure ? 0L : 2L);
	SET(CURLOPT_SSL_CTX_FUNCTION, http_on_ssl_ctx);
	SET(CURLOPT_SSL_CTX_DATA, target);
	if (client->ca_file != NULL)
		SET(CURLOPT_CAINFO, client->ca_file);
	if (target->once)
		SET(CURLOPT_FORBID_REUSE, 1L);
	return rc;
}

static CURLcode
http_set_request(struct http_target *target, const struct http_request *request)
{
	CURL *easy = target->easy;
	CURLcode rc = CURLE_OK;

	SET(CURLOPT_URL, request->url);
	SET(CURLOPT_USERAGENT, "sevtop");
	if (request->compressed)
		SET(CURLOPT_ACCEPT_ENCODING, "gzip");
	if (target->body != NULL) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
		SET(CURLOPT_POSTFIELDS, target->body);
	}
	if (request->method != NULL && strcmp(request->method, "HEAD") == 0)
		SET(CURLOPT_NOBODY, 1L);
	else if (request->method != NULL)
		SET(CURLOPT_CUSTOMREQUEST, request->method);
	SET(CURLOPT_HTTPHEADER, target->headers);
	if (request->user != NULL) {
		SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		SET(CURLOPT_USERNAME, request->user);
		SET(CURLOPT_PASSWORD,
		    request->password != NULL ? request->password : "");
	}
	return rc;
}

enum err_code
http_easy_setup(struct http_target *target, const struct http_request *request,
    struct err *err)
{
	enum err_code code;
	CURLcode rc;

	target->easy = curl_easy_init();
	if (target->easy == NULL)
		return err_set(err, ERR_NOMEM, "http", "setting up a request");
	if (request->body != NULL) {
		target->body = mem_alloc(request->body_len + 1);
		if (target->body == NULL)
			return err_set(
			    err, ERR_NOMEM, "http", "setting up a request");
		memcpy(target->body, request->body, request->body_len);
	}
	code = http_headers_set(target, request, err);
	if (code != ERR_OK)
		return code;
	rc = http_set_callbacks(target);
	if (rc == CURLE_OK)
		rc = http_set_rules(target);
	if (rc == CURLE_OK)
		rc = http_set_request(target, request);
	if (rc == CURLE_OUT_OF_MEMORY)
		return err_set(err, ERR_NOMEM, "http", "setting up a request");
	if (rc != CURLE_OK)
		return err_set(err, ERR_CONFIG, "http",
		    "this request can't be made: %s", curl_easy_strerror(rc));
	return ERR_OK;
}
