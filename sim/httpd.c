#include "sim/httpd.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "sim/limits.h"
#include "sim/rng.h"

#define HTTPD_FLAVOR "Metadata-Flavor"

/* One request, from its first line until its answer has left. */
struct httpd_call {
	bool begun; /* headers were seen, the body (if any) is awaited */
	bool held;  /* has been held back once: answer now */
	bool drop;  /* close instead of answering */
	bool again; /* the handler has said "later" */
	int64_t since;
	char *url;
	struct buf body;
};

/* A held request. Its connection is suspended until it leaves the table. */
struct httpd_hold {
	struct MHD_Connection *connection; /* NULL: free place */
	struct httpd_call *call;
	int64_t due;	/* answer then */
	int64_t expire; /* a hung request is closed then */
	bool hung;
};

struct httpd {
	struct MHD_Daemon *daemon;
	httpd_handler *handler;
	void *arg;
	bool writes;
	unsigned port;
	atomic_uint hold_ms;
	atomic_bool hung;
	atomic_uint calls;
	pthread_mutex_t lock; /* leaf: guards holds only */
	struct httpd_hold holds[SIM_HTTP_CONNECTIONS];
};

/* Suspends a request for a while; it goes on at once if the table is full. */
static void
httpd_suspend(struct httpd *httpd, struct MHD_Connection *connection,
    struct httpd_call *call, int64_t wait_ms, bool hung)
{
	int64_t now = clock_now();
	bool placed = false;

	MHD_suspend_connection(connection);
	pthread_mutex_lock(&httpd->lock);
	for (unsigned i = 0; i < SIM_HTTP_CONNECTIONS && !placed; i++) {
		struct httpd_hold *hold = &httpd->holds[i];

		if (hold->connection != NULL)
			continue;
		hold->connection = connection;
		hold->call = call;
		hold->hung = hung;
		hold->due = now + wait_ms * NS_PER_MS;
		hold->expire = now + SIM_HTTP_HOLD_MS * NS_PER_MS;
		placed = true;
	}
	pthread_mutex_unlock(&httpd->lock);
	if (!placed)
		MHD_resume_connection(connection);
}

/* True when the mood wants the request held back. */
static bool
httpd_hold_back(struct httpd *httpd, struct MHD_Connection *connection,
    struct httpd_call *call)
{
	unsigned ms = atomic_load(&httpd->hold_ms);
	bool hung = atomic_load(&httpd->hung);
	struct rng rng = rng_make(7, atomic_fetch_add(&httpd->calls, 1));
	double part = 0.67 + 0.66 * rng_unit(&rng);

	if (!hung && ms == 0)
		return false;
	call->held = true;
	httpd_suspend(httpd, connection, call, (int64_t)(ms * part), hung);
	return true;
}

const char *
httpd_arg(const struct httpd_request *request, const char *name)
{
	for (size_t i = 0; i < request->arg_count; i++)
		if (strcmp(request->args[i].name, name) == 0)
			return request->args[i].value;
	return NULL;
}

static enum MHD_Result
httpd_send(struct MHD_Connection *connection, const struct httpd_reply *reply)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    reply->body.len, (void *)(uintptr_t)buf_cstr(&reply->body),
	    MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(
	    response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
	if (reply->flavored)
		MHD_add_response_header(response, HTTPD_FLAVOR, "Google");
	result = MHD_queue_response(connection, reply->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
httpd_answer(struct httpd *httpd, struct MHD_Connection *connection,
    struct httpd_call *call, const struct httpd_request *request)
{
	struct httpd_reply reply = { .status = MHD_HTTP_OK,
		.type = "application/json; charset=utf-8" };
	enum MHD_Result result = MHD_NO;

	buf_init(&reply.body, SIM_HTTP_BODY_MAX);
	if (!httpd->writes &&
	    strcmp(request->method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(request->method, MHD_HTTP_METHOD_HEAD) != 0) {
		reply.status = MHD_HTTP_METHOD_NOT_ALLOWED;
		buf_str(&reply.body, "{\"statusCode\":405,"
				     "\"message\":\"Method Not Allowed\"}");
	} else {
		httpd->handler(httpd->arg, request, &reply);
	}
	if (reply.later) {
		call->again = true;
		httpd_suspend(
		    httpd, connection, call, SIM_HTTP_LATER_MS, false);
		result = MHD_YES;
	} else if (!reply.body.failed && !reply.drop) {
		result = httpd_send(connection, &reply);
	}
	buf_release(&reply.body);
	return result;
}

/* The arguments of the query, as many as there is room for. */
struct httpd_args {
	struct httpd_arg list[SIM_HTTP_ARGS_MAX];
	size_t count;
};

static enum MHD_Result
httpd_take_arg(
    void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct httpd_args *args = arg;

	(void)kind;
	if (args->count == SIM_HTTP_ARGS_MAX)
		return MHD_NO;
	args->list[args->count++] = (struct httpd_arg) { .name = name,
		.value = value != NULL ? value : "" };
	return MHD_YES;
}

static const char *
httpd_header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result
httpd_access(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_len, void **ret_call)
{
	struct httpd *httpd = arg;
	struct httpd_call *call = *ret_call;
	struct httpd_args args;
	struct httpd_request request;

	(void)version;
	if (call == NULL)
		return MHD_NO;
	if (!call->begun) {
		call->begun = true;
		return MHD_YES;
	}
	if (*upload_len > 0) { /* one that is too large is cut, and fails */
		if (httpd->writes)
			buf_add(&call->body, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	if (!call->held && httpd_hold_back(httpd, connection, call))
		return MHD_YES;
	if (call->drop)
		return MHD_NO;
	args.count = 0;
	MHD_get_connection_values(
	    connection, MHD_GET_ARGUMENT_KIND, httpd_take_arg, &args);
	request = (struct httpd_request) { .method = method,
		.path = url,
		.url = call->url,
		.authorization =
		    httpd_header(connection, MHD_HTTP_HEADER_AUTHORIZATION),
		.flavor = httpd_header(connection, HTTPD_FLAVOR),
		.args = args.list,
		.arg_count = args.count,
		.body = buf_cstr(&call->body),
		.body_len = call->body.len,
		.cut = call->body.failed,
		.since = call->since,
		.again = call->again };
	return httpd_answer(httpd, connection, call, &request);
}

/* MHD keeps the returned value as the request's own pointer. */
static void *
httpd_begin(void *arg, const char *uri, struct MHD_Connection *connection)
{
	struct httpd_call *call = mem_calloc(1, sizeof(*call));

	(void)arg;
	(void)connection;
	if (call == NULL)
		return NULL;
	call->since = clock_now();
	call->url = mem_strdup(uri);
	buf_init(&call->body, SIM_HTTP_UPLOAD_MAX);
	if (call->url == NULL) {
		mem_free(call);
		return NULL;
	}
	return call;
}

static void
httpd_end(void *arg, struct MHD_Connection *connection, void **ret_call,
    enum MHD_RequestTerminationCode why)
{
	struct httpd_call *call = *ret_call;

	(void)arg;
	(void)connection;
	(void)why;
	if (call == NULL)
		return;
	buf_release(&call->body);
	mem_free(call->url);
	mem_free(call);
	*ret_call = NULL;
}

/* MHD would print to standard error, which a dashboard may share. */
static void
httpd_silent(void *arg, const char *fmt, va_list ap)
{
	(void)arg;
	(void)fmt;
	(void)ap;
}

enum err_code
httpd_start(httpd_handler *handler, void *arg, bool writes,
    struct httpd **ret_httpd, struct err *err)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct httpd *httpd = mem_calloc(1, sizeof(*httpd));
	const union MHD_DaemonInfo *info;

	if (httpd == NULL)
		return err_set(err, ERR_NOMEM, "httpd", "starting");
	httpd->handler = handler;
	httpd->arg = arg;
	httpd->writes = writes;
	pthread_mutex_init(&httpd->lock, NULL);
	httpd->daemon = MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD |
					     MHD_ALLOW_SUSPEND_RESUME |
					     MHD_USE_ERROR_LOG,
	    0, NULL, NULL, httpd_access, httpd, MHD_OPTION_EXTERNAL_LOGGER,
	    httpd_silent, NULL, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&addr,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)SIM_HTTP_CONNECTIONS,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SIM_HTTP_IDLE_S,
	    MHD_OPTION_URI_LOG_CALLBACK, httpd_begin, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, httpd_end, NULL, MHD_OPTION_END);
	info = httpd->daemon == NULL ? NULL
				     : MHD_get_daemon_info(httpd->daemon,
					   MHD_DAEMON_INFO_BIND_PORT);
	if (info == NULL) {
		httpd_stop(httpd);
		return err_set(err, ERR_IO, "httpd",
		    "no HTTP server could be started on 127.0.0.1");
	}
	httpd->port = info->port;
	*ret_httpd = httpd;
	return ERR_OK;
}

unsigned
httpd_port(const struct httpd *httpd)
{
	return httpd->port;
}

void
httpd_set_mood(struct httpd *httpd, unsigned hold_ms, bool hung)
{
	atomic_store(&httpd->hold_ms, hold_ms);
	atomic_store(&httpd->hung, hung);
}

/* Takes one request out of the table whose time has come. */
static struct MHD_Connection *
httpd_take_due(struct httpd *httpd, int64_t now, bool all)
{
	bool hung = atomic_load(&httpd->hung);
	struct MHD_Connection *found = NULL;

	pthread_mutex_lock(&httpd->lock);
	for (unsigned i = 0; i < SIM_HTTP_CONNECTIONS && found == NULL; i++) {
		struct httpd_hold *hold = &httpd->holds[i];
		bool expired = now >= hold->expire;

		if (hold->connection == NULL)
			continue;
		if (!all && !expired &&
		    (now < hold->due || (hung && hold->hung)))
			continue;
		hold->call->drop = all || (expired && hold->hung);
		found = hold->connection;
		hold->connection = NULL;
	}
	pthread_mutex_unlock(&httpd->lock);
	return found;
}

static void
httpd_release(struct httpd *httpd, int64_t now, bool all)
{
	struct MHD_Connection *connection;

	while ((connection = httpd_take_due(httpd, now, all)) != NULL)
		MHD_resume_connection(connection);
}

void
httpd_tick(struct httpd *httpd, int64_t now)
{
	httpd_release(httpd, now, false);
}

unsigned
httpd_held(struct httpd *httpd)
{
	unsigned n = 0;

	pthread_mutex_lock(&httpd->lock);
	for (unsigned i = 0; i < SIM_HTTP_CONNECTIONS; i++)
		n += httpd->holds[i].connection != NULL;
	pthread_mutex_unlock(&httpd->lock);
	return n;
}

struct httpd *
httpd_stop(struct httpd *httpd)
{
	if (httpd == NULL)
		return NULL;
	if (httpd->daemon != NULL) {
		/* MHD ends the program when one is still suspended. */
		httpd_set_mood(httpd, 0, false);
		MHD_quiesce_daemon(httpd->daemon);
		httpd_release(httpd, clock_now(), true);
		MHD_stop_daemon(httpd->daemon);
	}
	pthread_mutex_destroy(&httpd->lock);
	mem_free(httpd);
	return NULL;
}
