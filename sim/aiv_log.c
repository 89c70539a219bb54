/*
 * The two log files of the AI Visibility platform: api.log as the pino
 * logger writes it (one JSON object a line), jobs.log as plain lines.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/clock.h"
#include "sim/aiv.h"

enum {
	AIV_LOG_SAMPLE = 20, /* one in so many good requests has a line */
	AIV_LOG_TEXT_MAX = 512,
	AIV_PID = 31,
	AIV_STEPS_PER_S = 1000 / SIM_TICK_MS,
};

static cJSON *
aiv_log_begin(int level, int64_t wall_ms)
{
	cJSON *line = cJSON_CreateObject();

	cJSON_AddNumberToObject(line, "level", level);
	cJSON_AddNumberToObject(line, "time", (double)wall_ms);
	cJSON_AddNumberToObject(line, "pid", AIV_PID);
	cJSON_AddStringToObject(line, "hostname", "api-7c9f5d");
	return line;
}

/* Takes line. */
static void
aiv_log_end(struct aiv *aiv, cJSON *line, const char *msg)
{
	struct buf *buf = logs_buf(aiv->api_log);
	char *text;

	cJSON_AddStringToObject(line, "msg", msg);
	text = cJSON_PrintUnformatted(line);
	cJSON_Delete(line);
	if (text != NULL && buf->len + strlen(text) + 1 <= buf->max) {
		buf_str(buf, text);
		buf_char(buf, '\n');
	}
	cJSON_free(text);
}

static void
aiv_log_add_error(
    cJSON *line, const char *type, const char *message, const char *stack)
{
	cJSON *error = cJSON_AddObjectToObject(line, "err");

	cJSON_AddStringToObject(error, "type", type);
	cJSON_AddStringToObject(error, "message", message);
	if (stack != NULL)
		cJSON_AddStringToObject(error, "stack", stack);
}

void
aiv_log_api(struct aiv *aiv, int level, int64_t wall_ms, const char *context,
    const char *fmt, ...)
{
	char msg[AIV_LOG_TEXT_MAX];
	cJSON *line = aiv_log_begin(level, wall_ms);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	cJSON_AddStringToObject(line, "context", context);
	aiv_log_end(aiv, line, msg);
}

void
aiv_log_api_error(struct aiv *aiv, int64_t wall_ms, const char *type,
    const char *message, const char *stack, const char *provider)
{
	char msg[AIV_LOG_TEXT_MAX];
	cJSON *line = aiv_log_begin(AIV_ERROR, wall_ms);

	aiv_log_add_error(line, type, message, stack);
	if (provider != NULL)
		cJSON_AddStringToObject(line, "provider", provider);
	snprintf(msg, sizeof(msg), "%s %s%s%s", type,
	    provider != NULL ? provider : "", provider != NULL ? " " : "",
	    message);
	aiv_log_end(aiv, line, msg);
}

/* What a request that ended with 5xx died of, by what is wrong. */
static void
aiv_log_cause(struct aiv *aiv, cJSON *line, uint64_t number)
{
	bool release = aiv_has(aiv, AIV_BAD_RELEASE);

	if (release && number % 4 != 0)
		aiv_log_add_error(line, "TypeError",
		    "Cannot read properties of undefined (reading "
		    "'workspaceId')",
		    "TypeError: Cannot read properties of undefined (reading "
		    "'workspaceId')\n"
		    "    at MetricsService.overview "
		    "(/app/dist/metrics/metrics.service.js:131:44)\n"
		    "    at async MetricsController.overview "
		    "(/app/dist/metrics/metrics.controller.js:39:16)");
	else if (aiv_db_lost(aiv) && number % 4 != 0)
		aiv_log_add_error(line, "PrismaClientInitializationError",
		    "Database connection failed: can't reach the server", NULL);
	else if (aiv->db_failed > 0.02 && number % 4 != 0)
		aiv_log_add_error(line, "PrismaClientKnownRequestError",
		    "Timed out fetching a new connection from the connection "
		    "pool",
		    number % 5 != 0
			? NULL
			: "PrismaClientKnownRequestError: Timed out fetching a "
			  "new connection from the connection pool\n"
			  "    at PrismaService.query "
			  "(/app/dist/common/prisma.service.js:41:17)\n"
			  "    at async PromptsService.list "
			  "(/app/dist/prompts/prompts.service.js:58:20)");
	else if (!aiv->now.redis_ok && number % 3 != 0)
		aiv_log_add_error(line, "MaxRetriesPerRequestError",
		    "Redis connection failed: reached the max retries per "
		    "request limit",
		    NULL);
	else
		aiv_log_add_error(line, "InternalServerErrorException",
		    "upstream answered 502",
		    number % 5 != 0
			? NULL
			: "InternalServerErrorException: upstream answered "
			  "502\n"
			  "    at HttpClient.request "
			  "(/app/dist/common/http.client.js:74:15)\n"
			  "    at async PromptsService.list "
			  "(/app/dist/prompts/prompts.service.js:58:20)");
}

void
aiv_log_request(
    struct aiv *aiv, const struct model_request *request, int64_t wall_ms)
{
	const struct model_route *route = &aiv_routes[request->route];
	bool bad = request->status >= 500, odd = request->status >= 400;
	bool slow = request->seconds > 2.0;
	uint64_t number = request->number >> 8;
	cJSON *line, *part;
	char id[24];

	if (!bad && number % (odd ? 4 : slow ? 3 : AIV_LOG_SAMPLE) != 0)
		return;
	line = aiv_log_begin(bad	   ? AIV_ERROR
			     : odd || slow ? AIV_WARN
					   : AIV_INFO,
	    wall_ms);
	snprintf(id, sizeof(id), "req-%08x", (unsigned)number);
	part = cJSON_AddObjectToObject(line, "req");
	cJSON_AddStringToObject(part, "id", id);
	cJSON_AddStringToObject(part, "method", route->method);
	cJSON_AddStringToObject(part, "url", route->route);
	part = cJSON_AddObjectToObject(line, "res");
	cJSON_AddNumberToObject(part, "statusCode", request->status);
	if (bad)
		aiv_log_cause(aiv, line, number);
	cJSON_AddNumberToObject(
	    line, "responseTime", floor(request->seconds * 1e3));
	aiv_log_end(aiv, line,
	    bad			     ? "request errored"
	    : request->status == 401 ? "auth: token was not accepted"
	    : slow		     ? "slow request"
				     : "request completed");
}

void
aiv_log_jobs(struct aiv *aiv, const char *level, int64_t wall_ms,
    const char *context, const char *fmt, ...)
{
	struct buf *buf = logs_buf(aiv->jobs_log);
	char when[CLOCK_RFC3339_LEN], text[AIV_LOG_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (buf->len + sizeof(when) + sizeof(text) + NAME_MAX_LEN <= buf->max)
		buf_fmt(buf, "%s %-5s [%s] %s\n", clock_rfc3339(wall_ms, when),
		    level, context, text);
}

void
aiv_log_jobs_stack(struct aiv *aiv, const char *stack)
{
	struct buf *buf = logs_buf(aiv->jobs_log);
	const char *end;

	/* its first line says what the line above has said */
	while ((end = strchr(stack, '\n')) != NULL) {
		size_t len = strcspn(end + 1, "\n");

		stack = end + 1;
		if (buf->len + len + 1 <= buf->max) {
			buf_add(buf, stack, len);
			buf_char(buf, '\n');
		}
	}
}

static void
aiv_log_redis_trouble(struct aiv *aiv, int64_t wall_ms)
{
	unsigned port =
	    aiv->redis != NULL ? redis_server_port(aiv->redis) : 6379;
	char message[96];

	snprintf(message, sizeof(message),
	    "Redis connection failed: connect ECONNREFUSED 127.0.0.1:%u", port);
	if (!aiv->mood.frozen) {
		aiv_log_api_error(
		    aiv, wall_ms, "RedisError", message, NULL, NULL);
		aiv_log_api(aiv, AIV_WARN, wall_ms, "CacheService",
		    "cache miss, going to the database");
	}
	aiv_log_jobs(aiv, "ERROR", wall_ms, "jobs", "%s", message);
}

/* The workers may be refused while the API still has its connections. */
static void
aiv_log_db_trouble(struct aiv *aiv, int64_t wall_ms)
{
	const struct db_view *view = &aiv->db_view;
	const struct db_pool_figures *api = &view->pools[AIV_API];
	bool lost = aiv_db_lost(aiv);
	char message[SIM_DB_WHY_MAX + 32];

	snprintf(message, sizeof(message), "Database connection failed: %s",
	    view->why[0] != '\0' ? view->why : "can't reach the server");
	if (lost && !aiv->mood.frozen)
		aiv_log_api_error(
		    aiv, wall_ms, "DatabaseError", message, NULL, NULL);
	if (lost || view->pools[AIV_JOBS].refused)
		aiv_log_jobs(aiv, "ERROR", wall_ms, "jobs", "%s", message);
	if (api->stuck > 0 && api->waiting > 0 && !aiv->mood.frozen)
		aiv_log_api(aiv, AIV_WARN, wall_ms, "Prisma",
		    "connection pool is used up: %u of %d connections taken, "
		    "%u requests wait at most %d ms",
		    api->taken, AIV_DB_POOL, api->waiting, AIV_DB_WAIT_MS);
}

/* What takes long, said every few seconds. */
static void
aiv_log_slowness(struct aiv *aiv, int64_t wall_ms)
{
	if (aiv_has(aiv, AIV_SLOW_API))
		aiv_log_api(aiv, AIV_WARN, wall_ms, "Prisma",
		    "query took %.0f ms", 1e3 * aiv->now.loop_lag_s + 1500);
	if (aiv_has(aiv, AIV_SLOW_STATEMENT) && !aiv_db_lost(aiv))
		aiv_log_api(aiv, AIV_WARN, wall_ms, "Prisma",
		    "query took %.0f ms: SELECT prompt_id, prompt_title, rank "
		    "FROM prompt_ranking($1)",
		    4000 + 1e3 * aiv->now.loop_lag_s);
}

void
aiv_log_troubles(struct aiv *aiv, int64_t wall_ms)
{
	const struct queue_counts *prompts = &aiv->now.queues[AIV_RUN_PROMPT];

	if (aiv->steps % AIV_STEPS_PER_S != 0)
		return;
	if (!aiv->now.redis_ok)
		aiv_log_redis_trouble(aiv, wall_ms);
	aiv_log_db_trouble(aiv, wall_ms);
	if (aiv_has(aiv, AIV_PROVIDER_LIMIT) && !aiv->mood.frozen &&
	    aiv->now.remaining[AIV_PERPLEXITY] <
		0.1 * aiv_provider_limit[AIV_PERPLEXITY])
		aiv_log_api(aiv, AIV_WARN, wall_ms, "RateLimiter",
		    "provider perplexity has %.0f of %u requests left",
		    aiv->now.remaining[AIV_PERPLEXITY],
		    aiv_provider_limit[AIV_PERPLEXITY]);
	if (aiv->steps % (5 * AIV_STEPS_PER_S) != 0)
		return;
	if (aiv_is_stuck(aiv) && prompts->known)
		aiv_log_jobs(aiv, "WARN", wall_ms, "runPrompt",
		    "%u jobs are active without progress, %u wait",
		    prompts->active, prompts->waiting);
	if (!aiv->mood.frozen)
		aiv_log_slowness(aiv, wall_ms);
	if (!aiv_has(aiv, AIV_WORKER_CRASH))
		aiv_log_jobs(aiv, "INFO", wall_ms, "jobs", "heartbeat");
}
