#include "datasrc/http.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "datasrc/http_impl.h"
#include "datasrc/url.h"

/* curl's own set-up, once for the process. */
static pthread_once_t http_curl_once = PTHREAD_ONCE_INIT;

static void
http_curl_init(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* For http_fetch_target(): where the only result goes. */
struct http_one {
	enum err_code code;
	struct http_response response;
	struct err err;
};

static void
http_one_done(void *ctx, size_t index ATTR_UNUSED, enum err_code code,
    const struct http_response *response, const struct err *err)
{
	struct http_one *one = ctx;

	one->code = code;
	one->err = *err;
	if (response != NULL)
		one->response = *response;
}

enum err_code
http_fetch_target(struct http_target *target, int64_t deadline,
    const struct cancel *cancel, struct http_response *ret_response,
    struct err *err)
{
	struct http_one one = { .code = ERR_NOMEM };
	enum err_code code;

	/* The target's own error says more than the run's. */
	code = http_fetch_many(target->client, &target, 1, 1, http_one_done,
	    &one, deadline, cancel, NULL);
	if (one.code != ERR_OK)
		code = one.code;
	if (code == ERR_OK)
		*ret_response = one.response;
	else if (err != NULL)
		*err = one.err;
	return code;
}

enum err_code
http_fetch(struct http_client *client, const struct http_request *request,
    int64_t deadline, const struct cancel *cancel,
    struct http_response *ret_response, struct err *err)
{
	struct http_target *target = NULL;
	enum err_code code;

	code = http_target_new(client, request, &target, err);
	if (code == ERR_OK)
		code = http_fetch_target(
		    target, deadline, cancel, ret_response, err);
	http_target_free(target);
	return code;
}

/* Fills host and what is known about it from the URL. */
static enum err_code
http_target_place(struct http_target *target, const char *text, struct err *err)
{
	struct url url = { .port = 0 };
	unsigned char addr[sizeof(struct in6_addr)];
	enum err_code code = url_parse(text, &url, err);
	int len;

	if (code != ERR_OK)
		return code;
	target->https = strcmp(url.scheme, "https") == 0;
	if (!target->https && strcmp(url.scheme, "http") != 0) {
		code = err_set(err, ERR_CONFIG, "http",
		    "the URL must begin with http:// or https://");
		goto out;
	}
	target->named = target->client->proxy == NULL &&
			inet_pton(AF_INET, url.host, addr) != 1 &&
			inet_pton(AF_INET6, url.host, addr) != 1;
	len = snprintf(target->host, sizeof(target->host),
	    strchr(url.host, ':') != NULL ? "[%s]:%u" : "%s:%u", url.host,
	    url.port);
	if (len < 0 || (size_t)len >= sizeof(target->host))
		code = err_set(err, ERR_CONFIG, "http",
		    "host names have at most %zu characters",
		    sizeof(target->host) - sizeof("[]:65535"));
out:
	url_release(&url);
	return code;
}

enum err_code
http_target_new(struct http_client *client, const struct http_request *request,
    struct http_target **ret_target, struct err *err)
{
	struct http_target *target = mem_calloc(1, sizeof(*target));
	enum err_code code;

	if (target == NULL)
		return err_set(err, ERR_NOMEM, "http", "setting up a request");
	target->client = client;
	target->timeout_ms = request->timeout_ms;
	target->once = request->once;
	target->body_max =
	    request->body_max != 0 ? request->body_max : HTTP_BODY_DEFAULT;
	if (target->body_max > HTTP_BODY_MAX)
		target->body_max = HTTP_BODY_MAX;
	code = http_target_place(target, request->url, err);
	if (code == ERR_OK)
		code = http_easy_setup(target, request, err);
	if (code == ERR_OK)
		*ret_target = target;
	else
		http_target_free(target);
	return code;
}

struct http_target *
http_target_free(struct http_target *target)
{
	if (target == NULL)
		return NULL;
	curl_easy_cleanup(target->easy);
	for (struct curl_slist *at = target->headers; at != NULL; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(target->headers);
	mem_free(target->body);
	mem_free(target);
	return NULL;
}

bool
http_target_sent(const struct http_target *target)
{
	return target != NULL && target->sent;
}

const char *
http_target_host(const struct http_target *target)
{
	return target->host;
}

/* Copies what may be NULL. */
static bool
http_copy(const char *s, char **ret)
{
	if (s != NULL)
		*ret = mem_strdup(s);
	return s == NULL || *ret != NULL;
}

static bool
http_multi_setup(struct http_client *client, size_t connections)
{
	CURLM *multi = client->multi;

	return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION,
		   http_on_socket) == CURLM_OK &&
	       curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client) ==
		   CURLM_OK &&
	       curl_multi_setopt(
		   multi, CURLMOPT_TIMERFUNCTION, http_on_timer) == CURLM_OK &&
	       curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client) ==
		   CURLM_OK &&
	       curl_multi_setopt(multi, CURLMOPT_PIPELINING,
		   (long)CURLPIPE_NOTHING) == CURLM_OK &&
	       curl_multi_setopt(
		   multi, CURLMOPT_MAXCONNECTS, (long)connections) == CURLM_OK;
}

enum err_code
http_client_new(const struct http_options *options,
    struct http_client **ret_client, struct err *err)
{
	struct http_client *client;
	size_t connections = options->connections;
	bool good;

	pthread_once(&http_curl_once, http_curl_init);
	if (connections == 0)
		connections = HTTP_KEEP_DEFAULT;
	if (connections > HTTP_KEEP_MAX)
		connections = HTTP_KEEP_MAX;
	client = mem_calloc(1, sizeof(*client));
	if (client == NULL)
		return err_set(err, ERR_NOMEM, "http", "setting up a client");
	client->wake_at = DEADLINE_NONE;
	client->insecure = options->insecure;
	client->connect_ms =
	    options->connect_ms > 0 ? options->connect_ms : HTTP_CONNECT_MS;
	client->epoll = epoll_create1(EPOLL_CLOEXEC);
	client->multi = curl_multi_init();
	good = client->epoll >= 0 && client->multi != NULL &&
	       http_copy(options->proxy, &client->proxy) &&
	       http_copy(options->ca_file, &client->ca_file) &&
	       http_multi_setup(client, connections);
	if (!good) {
		http_client_free(client);
		return err_set(err, ERR_NOMEM, "http", "setting up a client");
	}
	*ret_client = client;
	return ERR_OK;
}

struct http_client *
http_client_free(struct http_client *client)
{
	if (client == NULL)
		return NULL;
	/* Closes the kept connections, which calls http_socket_close(). */
	curl_multi_cleanup(client->multi);
	if (client->epoll >= 0)
		close(client->epoll);
	for (size_t i = 0; i < client->slot_cap; i++)
		buf_release(&client->slots[i].body);
	mem_free(client->slots);
	mem_free(client->fds);
	if (client->proxy != NULL)
		explicit_bzero(client->proxy, strlen(client->proxy));
	mem_free(client->proxy);
	mem_free(client->ca_file);
	mem_free(client);
	return NULL;
}
