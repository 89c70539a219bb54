/*
 * The HTTP endpoints of the AI Visibility platform. Everything here runs in
 * the server's thread, on a copy of the figures.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/clock.h"
#include "sim/aiv.h"

enum {
	AIV_BACKLOG = 500, /* more waiting than this is not healthy */
	AIV_HEAP_MB = 512,
};

/* Takes root. */
static void
aiv_reply_json(struct httpd_reply *reply, unsigned status, cJSON *root)
{
	char *text = cJSON_PrintUnformatted(root);

	reply->status = status;
	if (text == NULL || !buf_str(&reply->body, text))
		reply->body.failed = true;
	cJSON_free(text);
	cJSON_Delete(root);
}

static double
aiv_uptime_s(const struct aiv_view *view)
{
	return floor((double)(view->wall_ms - view->started_ms) / 1e3);
}

static void
aiv_http_healthz(const struct aiv_view *view, struct httpd_reply *reply)
{
	char when[CLOCK_RFC3339_LEN];
	cJSON *root = cJSON_CreateObject();

	cJSON_AddStringToObject(root, "status", "ok");
	cJSON_AddStringToObject(
	    root, "timestamp", clock_rfc3339(clock_wall_ms(), when));
	cJSON_AddNumberToObject(root, "uptime", aiv_uptime_s(view));
	cJSON_AddStringToObject(root, "version", view->version);
	aiv_reply_json(reply, 200, root);
}

static const char *
aiv_queues_word(const struct aiv_view *view)
{
	if (!view->redis_ok)
		return "unhealthy";
	for (unsigned q = 0; q < AIV_QUEUES; q++)
		if (view->queues[q].waiting + view->queues[q].prioritized >
		    AIV_BACKLOG)
			return "degraded";
	return "healthy";
}

static const char *
aiv_connected(bool yes)
{
	return yes ? "connected" : "disconnected";
}

/* While the database starts nobody can say; the answer waits for it. */
static void
aiv_http_readyz(const struct aiv_view *view, struct httpd_reply *reply)
{
	bool ready = view->redis_ok && view->db_ok;
	cJSON *root;

	if (view->db_starting) {
		reply->later = true;
		return;
	}
	root = cJSON_CreateObject();
	cJSON_AddStringToObject(root, "status", ready ? "ready" : "not ready");
	cJSON_AddStringToObject(root, "database", aiv_connected(view->db_ok));
	cJSON_AddStringToObject(root, "redis", aiv_connected(view->redis_ok));
	cJSON_AddStringToObject(root, "queues", aiv_queues_word(view));
	aiv_reply_json(reply, ready ? 200 : 503, root);
}

/* A public key of which nobody has the other half. */
static void
aiv_http_jwks(struct httpd_reply *reply)
{
	static const char modulus[] =
	    "1Td-oz1fwx_yUsFd-viD3occruauoes2oH2ssgi9MOGXR6o73QznaTCiJMMO"
	    "tH5Axf9DzxyCpW4vIv6C0zlEK7_JybslZoQD3_tm_e954J4jFNNm0ji9xLje"
	    "b74J3u1FaMR6a_SCLRmNrOYIlCtZZE8JtfuF7a9F_LvgW_BBrIZURBgMT70R"
	    "8-"
	    "reC0PlTL2ISB7lCXFWcB1Tt9nSD9fYjyFHv3JHuabhTNPEzVa1pYndqyNmL1"
	    "FyxxCt_iKdkyC6Rv_ddu1P2KZbXs3SzM5-TYH4nru-"
	    "Fb_mmPoPAFtAQL5vufJ8xIzbFJ47TWwX6Z1dtyCYLMt9EKF8USjnQuRJKw";
	cJSON *root = cJSON_CreateObject(), *key;

	key = cJSON_CreateObject();
	cJSON_AddItemToArray(cJSON_AddArrayToObject(root, "keys"), key);
	cJSON_AddStringToObject(key, "kty", "RSA");
	cJSON_AddStringToObject(key, "use", "sig");
	cJSON_AddStringToObject(key, "alg", "RS256");
	cJSON_AddStringToObject(key, "kid", "ai-visibility-1");
	cJSON_AddStringToObject(key, "n", modulus);
	cJSON_AddStringToObject(key, "e", "AQAB");
	aiv_reply_json(reply, 200, root);
}

static void
aiv_add_queues(const struct aiv_view *view, cJSON *to)
{
	cJSON *all = cJSON_AddObjectToObject(to, "queues");

	for (unsigned q = 0; q < AIV_QUEUES; q++) {
		const struct queue_counts *c = &view->queues[q];
		cJSON *one;

		if (!c->known) /* missing is not zero */
			continue;
		one = cJSON_AddObjectToObject(all, aiv_queues[q].name);
		cJSON_AddNumberToObject(
		    one, "waiting", c->waiting + c->paused + c->prioritized);
		cJSON_AddNumberToObject(one, "active", c->active);
		cJSON_AddNumberToObject(one, "completed", c->completed);
	}
}

static void
aiv_add_providers(const struct aiv_view *view, cJSON *to)
{
	cJSON *all = cJSON_AddObjectToObject(to, "providers");

	for (unsigned p = 0; p < AIV_PROVIDERS; p++) {
		cJSON *one = cJSON_AddObjectToObject(all, aiv_providers[p]);
		double share = view->remaining[p] / aiv_provider_limit[p];
		char left[32];

		cJSON_AddStringToObject(one, "status",
		    share <= 0	  ? "rate_limited"
		    : share < 0.2 ? "degraded"
				  : "healthy");
		snprintf(left, sizeof(left), "%.0f/%u",
		    floor(view->remaining[p]), aiv_provider_limit[p]);
		cJSON_AddStringToObject(one, "rateLimit", left);
	}
}

/* The limits for each caller, as the platform's notes set them. */
static void
aiv_add_limits(const struct aiv_view *view, cJSON *to)
{
	cJSON *limits = cJSON_AddObjectToObject(to, "rateLimits");
	uint64_t limited = 0;

	for (unsigned s = 0; s < SIM_STATUSES; s++)
		for (unsigned r = 0; r < aiv_route_count; r++)
			if (model_status[s] == 429)
				limited += view->counts.requests[r][s];
	cJSON_AddNumberToObject(limits, "requestsPerMinute", 100);
	cJSON_AddNumberToObject(limits, "burst", 200);
	cJSON_AddNumberToObject(limits, "limited", (double)limited);
}

static void
aiv_http_system(const struct aiv *aiv, const struct aiv_view *view,
    const char *authorization, struct httpd_reply *reply)
{
	cJSON *root = cJSON_CreateObject(), *system, *part;
	char text[32];

	/* without a token it answers, as the platform's own notes call it */
	if (authorization != NULL &&
	    (strncmp(authorization, "Bearer ", 7) != 0 ||
		strcmp(authorization + 7, aiv->token) != 0)) {
		cJSON_AddNumberToObject(root, "statusCode", 401);
		cJSON_AddStringToObject(root, "message", "Unauthorized");
		aiv_reply_json(reply, 401, root);
		return;
	}
	system = cJSON_AddObjectToObject(root, "system");
	cJSON_AddNumberToObject(system, "uptime", aiv_uptime_s(view));
	part = cJSON_AddObjectToObject(system, "memory");
	snprintf(text, sizeof(text), "%.0fMB", view->rss_bytes / 1e6);
	cJSON_AddStringToObject(part, "used", text);
	snprintf(text, sizeof(text), "%dMB", AIV_HEAP_MB);
	cJSON_AddStringToObject(part, "total", text);
	part = cJSON_AddObjectToObject(system, "database");
	cJSON_AddNumberToObject(part, "connections", view->db_connections);
	cJSON_AddNumberToObject(part, "maxConnections", AIV_DB_POOL);
	aiv_add_queues(view, system);
	aiv_add_providers(view, system);
	aiv_add_limits(view, system);
	aiv_reply_json(reply, 200, root);
}

static void
aiv_prom_head(
    struct buf *out, const char *name, const char *type, const char *help)
{
	buf_fmt(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
aiv_prom_one(struct buf *out, const char *name, const char *type,
    const char *help, double value)
{
	aiv_prom_head(out, name, type, help);
	buf_fmt(out, "%s %.15g\n", name, value);
}

static void
aiv_prom_requests(const struct aiv_view *view, struct buf *out)
{
	static const char name[] = "http_requests_total";

	aiv_prom_head(out, name, "counter", "Total HTTP requests");
	for (unsigned r = 0; r < aiv_route_count; r++)
		for (unsigned s = 0; s < SIM_STATUSES; s++)
			if (view->counts.requests[r][s] > 0)
				buf_fmt(out,
				    "%s{method=\"%s\",route=\"%s\","
				    "status=\"%u\"} %llu\n",
				    name, aiv_routes[r].method,
				    aiv_routes[r].route, model_status[s],
				    (unsigned long long)
					view->counts.requests[r][s]);
}

static void
aiv_prom_duration(const struct aiv_view *view, struct buf *out)
{
	static const char name[] = "http_request_duration_seconds";

	aiv_prom_head(
	    out, name, "histogram", "Duration of HTTP requests in seconds");
	for (unsigned r = 0; r < aiv_route_count; r++) {
		const char *method = aiv_routes[r].method;
		const char *route = aiv_routes[r].route;
		unsigned long long sum = 0;

		for (unsigned b = 0; b <= SIM_BUCKETS; b++)
			sum += view->counts.bucket[r][b];
		if (sum == 0) /* as the library: no labels, no series */
			continue;
		sum = 0;
		for (unsigned b = 0; b < SIM_BUCKETS; b++) {
			sum += view->counts.bucket[r][b];
			buf_fmt(out,
			    "%s_bucket{le=\"%g\",method=\"%s\",route=\"%s\"} "
			    "%llu\n",
			    name, model_bounds[b], method, route, sum);
		}
		sum += view->counts.bucket[r][SIM_BUCKETS];
		buf_fmt(out,
		    "%s_bucket{le=\"+Inf\",method=\"%s\",route=\"%s\"} %llu\n",
		    name, method, route, sum);
		buf_fmt(out, "%s_sum{method=\"%s\",route=\"%s\"} %.15g\n", name,
		    method, route, view->counts.seconds[r]);
		buf_fmt(out, "%s_count{method=\"%s\",route=\"%s\"} %llu\n",
		    name, method, route, sum);
	}
}

static void
aiv_prom_jobs(const struct aiv_view *view, struct buf *out)
{
	static const char *const ends[AIV_ENDS] = { "completed", "failed",
		"retried" };

	aiv_prom_head(out, "queue_jobs_total", "counter",
	    "Jobs that ended, by queue and how");
	for (unsigned q = 0; q < AIV_QUEUES; q++)
		for (unsigned e = 0; e < AIV_ENDS; e++)
			buf_fmt(out,
			    "queue_jobs_total{queue=\"%s\",status=\"%s\"} "
			    "%llu\n",
			    aiv_queues[q].name, ends[e],
			    (unsigned long long)view->jobs[q][e]);
}

static void
aiv_prom_providers(const struct aiv_view *view, struct buf *out)
{
	static const char *const calls[AIV_CALLS] = { "200", "429", "error" };

	aiv_prom_head(out, "provider_api_calls_total", "counter",
	    "Calls to answer engines, by provider and outcome");
	for (unsigned p = 0; p < AIV_PROVIDERS; p++)
		for (unsigned c = 0; c < AIV_CALLS; c++)
			buf_fmt(out,
			    "provider_api_calls_total{provider=\"%s\","
			    "status=\"%s\"} %llu\n",
			    aiv_providers[p], calls[c],
			    (unsigned long long)view->calls[p][c]);
	aiv_prom_head(out, "provider_cost_usd_total", "counter",
	    "Cost of calls in US dollars");
	for (unsigned p = 0; p < AIV_PROVIDERS; p++)
		buf_fmt(out, "provider_cost_usd_total{provider=\"%s\"} %.15g\n",
		    aiv_providers[p], view->cost[p]);
	aiv_prom_head(out, "provider_rate_limit_remaining", "gauge",
	    "Calls that the provider still allows");
	for (unsigned p = 0; p < AIV_PROVIDERS; p++)
		buf_fmt(out,
		    "provider_rate_limit_remaining{provider=\"%s\"} %.0f\n",
		    aiv_providers[p], floor(view->remaining[p]));
	aiv_prom_head(out, "provider_rate_limit_limit", "gauge",
	    "Calls that the provider allows in all");
	for (unsigned p = 0; p < AIV_PROVIDERS; p++)
		buf_fmt(out, "provider_rate_limit_limit{provider=\"%s\"} %u\n",
		    aiv_providers[p], aiv_provider_limit[p]);
}

static void
aiv_http_metrics(const struct aiv_view *view, struct httpd_reply *reply)
{
	struct buf *out = &reply->body;

	reply->type = "text/plain; version=0.0.4; charset=utf-8";
	aiv_prom_one(out, "process_cpu_seconds_total", "counter",
	    "Total user and system CPU time spent in seconds.", view->cpu_s);
	aiv_prom_one(out, "process_start_time_seconds", "gauge",
	    "Start time of the process since unix epoch in seconds.",
	    floor((double)view->started_ms / 1e3));
	aiv_prom_one(out, "process_resident_memory_bytes", "gauge",
	    "Resident memory size in bytes.", floor(view->rss_bytes));
	aiv_prom_one(out, "process_open_fds", "gauge",
	    "Number of open file descriptors.", 31 + view->db_connections);
	aiv_prom_one(out, "process_max_fds", "gauge",
	    "Maximum number of open file descriptors.", 1048576);
	aiv_prom_one(out, "nodejs_eventloop_lag_seconds", "gauge",
	    "Lag of event loop in seconds.", view->loop_lag_s);
	aiv_prom_one(out, "nodejs_active_handles", "gauge",
	    "Number of active libuv handles.", 12 + view->db_connections);
	aiv_prom_one(out, "nodejs_heap_size_used_bytes", "gauge",
	    "Process heap size used from Node.js in bytes.",
	    floor(view->rss_bytes * 0.61));
	aiv_prom_head(
	    out, "nodejs_version_info", "gauge", "Node.js version info.");
	buf_str(out, "nodejs_version_info{version=\"v20.11.1\",major=\"20\","
		     "minor=\"11\",patch=\"1\"} 1\n");
	aiv_prom_head(
	    out, "app_version_info", "gauge", "Version of the application.");
	buf_fmt(out, "app_version_info{version=\"%s\"} 1\n", view->version);
	aiv_prom_one(out, "database_connections_active", "gauge",
	    "Active database connections", view->db_connections);
	aiv_prom_requests(view, out);
	aiv_prom_duration(view, out);
	aiv_prom_jobs(view, out);
	aiv_prom_providers(view, out);
}

static void
aiv_http_unknown(const char *path, struct httpd_reply *reply)
{
	cJSON *root = cJSON_CreateObject();
	char text[160];

	snprintf(text, sizeof(text), "Cannot GET %.100s", path);
	cJSON_AddStringToObject(root, "message", text);
	cJSON_AddStringToObject(root, "error", "Not Found");
	cJSON_AddNumberToObject(root, "statusCode", 404);
	aiv_reply_json(reply, 404, root);
}

void
aiv_http(
    void *arg, const struct httpd_request *request, struct httpd_reply *reply)
{
	struct aiv *aiv = arg;
	struct aiv_view view;
	unsigned own = AIV_OWN;

	pthread_mutex_lock(&aiv->lock);
	view = aiv->shown;
	pthread_mutex_unlock(&aiv->lock);
	for (unsigned i = 0; i < AIV_OWN; i++)
		if (strcmp(request->path, aiv_routes[i].route) == 0)
			own = i;
	if (own < AIV_OWN)
		atomic_fetch_add(&aiv->seen[own], 1);
	switch (own) {
	case AIV_HEALTHZ:
		aiv_http_healthz(&view, reply);
		break;
	case AIV_READYZ:
		aiv_http_readyz(&view, reply);
		break;
	case AIV_SYSTEM:
		aiv_http_system(aiv, &view, request->authorization, reply);
		break;
	case AIV_JWKS:
		aiv_http_jwks(reply);
		break;
	case AIV_METRICS:
		aiv_http_metrics(&view, reply);
		break;
	default:
		aiv_http_unknown(request->path, reply);
	}
}
