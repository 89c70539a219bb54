#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "sim/aiv.h"
#include "sim/token.h"

#define AIV_VERSION	   "1.4.2"
#define AIV_VERSION_BAD	   "1.5.0"
#define AIV_THROTTLED_PACE 0.6	/* of the jobs that come in */
#define AIV_WARM_UP_STEPS  1200 /* two minutes of traffic before the start */

const struct model_route aiv_routes[] = {
	[AIV_HEALTHZ] = { "GET", "/healthz", 0, 0.002, 0.3, 200 },
	[AIV_READYZ] = { "GET", "/readyz", 0, 0.006, 0.3, 200 },
	[AIV_SYSTEM] = { "GET", "/v1/admin/system", 0, 0.009, 0.3, 200 },
	[AIV_METRICS] = { "GET", "/metrics", 0, 0.011, 0.3, 200 },
	[AIV_JWKS] = { "GET", "/.well-known/jwks.json", 0, 0.003, 0.3, 200 },
	{ "GET", "/v1/metrics/overview", 28, 0.062, 0.7, 200 },
	{ "GET", "/v1/prompts", 22, 0.034, 0.6, 200 },
	{ "POST", "/v1/prompts/:id/run", 9, 0.088, 0.6, 201 },
	{ "GET", "/v1/engines", 13, 0.018, 0.5, 200 },
	{ "GET", "/v1/alerts", 11, 0.021, 0.5, 200 },
	{ "POST", "/v1/copilot/plan", 3, 0.140, 0.8, 201 },
	{ "GET", "/v1/reports/:id", 6, 0.110, 0.7, 200 },
	{ "POST", "/v1/auth/login", 8, 0.074, 0.4, 200 },
};
const unsigned aiv_route_count = ARRAY_LEN(aiv_routes);

const char *const aiv_providers[AIV_PROVIDERS] = {
	[AIV_PERPLEXITY] = "perplexity",
	[AIV_AIO] = "aio",
	[AIV_BRAVE] = "brave",
};

const unsigned aiv_provider_limit[AIV_PROVIDERS] = {
	[AIV_PERPLEXITY] = 100,
	[AIV_AIO] = 1000,
	[AIV_BRAVE] = 100,
};

static void
aiv_seen_request(void *arg, const struct model_request *request)
{
	struct aiv *aiv = arg;

	aiv_log_request(aiv, request, aiv->now.wall_ms);
}

/* Requests that came in for real count like the modelled ones. */
static void
aiv_count_own(struct aiv *aiv)
{
	for (unsigned i = 0; i < AIV_OWN; i++) {
		unsigned n = atomic_exchange(&aiv->seen[i], 0);

		for (; n > 0; n--)
			model_count(&aiv->model, i, 200,
			    rng_lognormal(&aiv->rng, aiv_routes[i].median_s,
				aiv_routes[i].sigma));
	}
}

/* How much of each provider's allowance is left: it follows the traffic,
 * and falls to nothing within seconds when a provider refuses. */
static void
aiv_step_providers(struct aiv *aiv)
{
	double load = model_rate(&aiv->model, &aiv->mood) / AIV_REQUEST_RATE;

	for (unsigned p = 0; p < AIV_PROVIDERS; p++) {
		double limit = aiv_provider_limit[p];
		double used =
		    (0.08 + 0.05 * p) * load + 0.02 * rng_normal(&aiv->rng);
		double goal = limit * (1.0 - (used > 0 ? used : 0));

		if (p == AIV_PERPLEXITY && aiv_has(aiv, AIV_PROVIDER_LIMIT))
			goal = 0;
		else if (p == AIV_PERPLEXITY && aiv->held)
			goal = limit * (1.0 - aiv->threshold + 0.05);
		aiv->now.remaining[p] += 0.05 * (goal - aiv->now.remaining[p]);
		if (aiv->now.remaining[p] < 0.5 && goal <= 0)
			aiv->now.remaining[p] = 0;
	}
}

static void
aiv_step_process(struct aiv *aiv)
{
	double rate = model_rate(&aiv->model, &aiv->mood);
	double step_s = SIM_TICK_MS / 1000.0;
	bool slow = aiv_has(aiv, AIV_SLOW_API);
	double age_s = (double)(aiv->now.wall_ms - aiv->now.started_ms) / 1e3;

	aiv->now.rss_bytes = 1e6 * (98.0 + 9.0 * sin(age_s / 41.0) +
				       40.0 * slow + 1.5 * rng_unit(&aiv->rng));
	aiv->now.cpu_s += step_s * (0.04 + rate / 1500.0);
	aiv->now.loop_lag_s =
	    rng_lognormal(&aiv->rng, slow ? 0.42 : 0.0016, slow ? 0.3 : 0.5);
}

/*
 * Workers that hang on a provider are freed when their queue is left alone
 * for a while: the calls time out, and none comes in behind them. They stay
 * well until the fault is switched on again.
 */
static void
aiv_step_stuck(struct aiv *aiv)
{
	if (!aiv_has(aiv, AIV_STUCK_QUEUE)) {
		aiv->unstuck = false;
		aiv->rested_ms = 0;
	} else if (!aiv->now.queues[AIV_RUN_PROMPT].held) {
		aiv->rested_ms = 0;
	} else {
		aiv->rested_ms += SIM_TICK_MS;
		if (aiv->rested_ms >= SIM_UNSTICK_MS)
			aiv->unstuck = true;
	}
}

static void
aiv_step_queues(struct aiv *aiv)
{
	enum queue_work work = QUEUE_WORKS;

	if (aiv->queues == NULL) {
		aiv->now.redis_ok = !aiv_has(aiv, AIV_REDIS_GONE);
		return;
	}
	aiv_step_stuck(aiv);
	if (aiv_has(aiv, AIV_WORKER_CRASH))
		work = QUEUE_GONE;
	else if (aiv_is_stuck(aiv))
		work = QUEUE_HUNG;
	queue_set_work(aiv->queues, AIV_RUN_PROMPT, work);
	(void)redis_server_alive(aiv->redis); /* takes note if it was killed */
	queue_set_step(aiv->queues, aiv->now.wall_ms);
	aiv->now.redis_ok = queue_set_connected(aiv->queues);
	for (unsigned q = 0; q < AIV_QUEUES; q++)
		queue_set_counts(aiv->queues, q, &aiv->now.queues[q]);
}

static void
aiv_show(struct aiv *aiv)
{
	pthread_mutex_lock(&aiv->lock);
	aiv->shown = aiv->now;
	aiv->shown.counts = aiv->model.counts;
	pthread_mutex_unlock(&aiv->lock);
}

/* One step of the API process: nothing at all moves in it while it hangs. */
static void
aiv_step_api(struct aiv *aiv)
{
	if (aiv->mood.frozen) {
		if (aiv->frozen_ms == 0)
			aiv->frozen_ms = aiv->now.wall_ms;
		aiv->model.steps++;
		return;
	}
	if (aiv->frozen_ms != 0)
		aiv_log_api(aiv, AIV_WARN, aiv->now.wall_ms, "EventLoop",
		    "event loop was blocked, requests have been waiting");
	aiv->frozen_ms = 0;
	model_step(&aiv->model, &aiv->mood, aiv_seen_request, aiv);
	aiv_count_own(aiv);
	aiv_step_process(aiv);
}

/*
 * What is felt of the faults. Programs that throttle themselves stay within
 * what the provider allows, so it refuses nothing; there are fewer jobs then.
 */
static uint64_t
aiv_felt(struct aiv *aiv, uint64_t faults)
{
	const uint64_t limit = UINT64_C(1) << AIV_PROVIDER_LIMIT;
	const uint64_t stuck = UINT64_C(1) << AIV_STUCK_QUEUE;

	aiv->held = aiv->throttled && (faults & limit) != 0;
	if (aiv->queues != NULL)
		queue_set_pace(aiv->queues, AIV_RUN_PROMPT,
		    aiv->throttled && (faults & (limit | stuck)) != 0
			? AIV_THROTTLED_PACE
			: 1.0);
	return aiv->held ? faults & ~limit : faults;
}

static void
aiv_step(void *state, uint64_t faults, int64_t wall_ms)
{
	struct aiv *aiv = state;
	uint64_t felt = aiv_felt(aiv, faults);
	struct fault sum = platform_mood(&platform_ai_visibility, felt);

	aiv->now.wall_ms = wall_ms;
	aiv->now.faults = felt;
	aiv->mood = model_mood_add(sum.mood, aiv_db_mood(aiv));
	aiv->steps++;
	aiv_step_providers(aiv);
	aiv_step_api(aiv);
	aiv_step_queues(aiv);
	aiv_db_step(aiv);
	aiv_log_troubles(aiv, wall_ms);
	aiv_show(aiv);
	httpd_set_mood(aiv->httpd, sum.hold_ms, sum.hung);
	httpd_tick(aiv->httpd, clock_now());
	logs_flush(aiv->api_log);
	logs_flush(aiv->jobs_log);
}

/* A new API process: uptime and counters begin again. */
static void
aiv_restart(void *state, bool on, int64_t wall_ms)
{
	struct aiv *aiv = state;

	(void)on;
	model_reset(&aiv->model);
	memset(aiv->now.calls, 0, sizeof(aiv->now.calls));
	memset(aiv->now.jobs, 0, sizeof(aiv->now.jobs));
	memset(aiv->now.cost, 0, sizeof(aiv->now.cost));
	aiv->now.cpu_s = 0.9;
	aiv->now.started_ms = wall_ms;
	aiv_log_api(aiv, AIV_INFO, wall_ms, "Bootstrap",
	    "SIGTERM received, closing connections");
	aiv_log_api(aiv, AIV_INFO, wall_ms, "NestApplication",
	    "Nest application successfully started, version %s",
	    aiv->now.version);
}

/* As a supervisor does it: false when it has no service of that name. */
static bool
aiv_service(void *state, const char *name, int64_t wall_ms)
{
	struct aiv *aiv = state;

	if (strcmp(name, "api") == 0)
		aiv_restart(state, true, wall_ms);
	else if (strcmp(name, "jobs") == 0)
		aiv_log_jobs(aiv, "INFO", wall_ms, "jobs",
		    "SIGTERM received; workers start with their new settings");
	else
		return false;
	aiv_env_read(aiv);
	if (aiv->queues != NULL)
		queue_set_concurrency(
		    aiv->queues, AIV_RUN_PROMPT, aiv->concurrency);
	return true;
}

/* Off is the rollback: the version before, in a new process. */
static void
aiv_release(void *state, bool on, int64_t wall_ms)
{
	struct aiv *aiv = state;

	aiv->now.version = on ? AIV_VERSION_BAD : AIV_VERSION;
	aiv_restart(state, on, wall_ms);
}

static void
aiv_redis(void *state, bool on, int64_t wall_ms)
{
	struct aiv *aiv = state;

	(void)wall_ms;
	if (aiv->redis == NULL)
		return;
	if (on) {
		queue_set_leave(aiv->queues);
		redis_server_halt(aiv->redis, true);
		return;
	}
	/* if it won't start, the world shows what it is: without Redis */
	if (redis_server_restart(aiv->redis, NULL) == ERR_OK)
		queue_set_target(aiv->queues, redis_server_port(aiv->redis),
		    redis_server_password(aiv->redis));
}

static const struct fault aiv_fault_table[AIV_FAULTS] = {
	[AIV_REDIS_GONE] = {
		.name = "redis-gone",
		.help = "Redis stops; off starts it again with its data",
		.mood = { .latency = 1.8, .error_share = 0.03 },
		.set = aiv_redis,
	},
	[AIV_PROVIDER_LIMIT] = {
		.name = "provider-limit",
		.help = "perplexity answers 429 and its allowance falls to 0",
		.mood = { .error_share = 0.008 },
	},
	[AIV_STUCK_QUEUE] = {
		.name = "stuck-queue",
		.help = "runPrompt workers hang: backlog grows; a pause of "
			"10 s frees them",
	},
	[AIV_WORKER_CRASH] = {
		.name = "worker-crash",
		.help = "runPrompt workers vanish: their jobs stall",
	},
	[AIV_ERROR_BURST] = {
		.name = "error-burst",
		.help = "about 10 % of the requests end with 5xx",
		.mood = { .error_share = 0.10 },
	},
	[AIV_SLOW_API] = {
		.name = "slow-api",
		.help = "p95 above 2 s; real answers come 1.5 s later too",
		.mood = { .latency = 24.0, .error_share = 0.004 },
		.hold_ms = 1500,
	},
	[AIV_HUNG_API] = {
		.name = "hung-api",
		.help = "the API accepts connections and never answers",
		.mood = { .frozen = true },
		.hung = true,
	},
	[AIV_BAD_RELEASE] = {
		.name = "bad-release",
		.help = "version 1.5.0 goes live and fails; off rolls back",
		.mood = { .latency = 1.6, .error_share = 0.07 },
		.set = aiv_release,
	},
	[AIV_RESTART] = {
		.name = "restart",
		.help = "the API restarts once: uptime falls, counters reset",
		.once = true,
		.set = aiv_restart,
	},
	[AIV_POOL_EXHAUSTED] = {
		.name = "pool-exhausted",
		.help = "connections leak until the server has no more",
		.set = aiv_db_leak,
	},
	[AIV_LOCK_PILEUP] = {
		.name = "lock-pileup",
		.help = "an open transaction: sessions wait behind each other",
		.set = aiv_db_pile,
	},
	[AIV_SLOW_STATEMENT] = {
		.name = "slow-statement",
		.help = "the ranking of prompts takes 4 s",
		.set = aiv_db_slow,
	},
	[AIV_DB_GONE] = {
		.name = "db-gone",
		.help = "PostgreSQL stops; off starts it again with its data",
		.set = aiv_db_gone,
	},
	[AIV_DB_RESTART] = {
		.name = "db-restart",
		.help = "PostgreSQL restarts once: all sessions are cut",
		.once = true,
		.set = aiv_db_restart,
	},
	[AIV_COST_RUNAWAY] = {
		.name = "cost-runaway",
		.help = "perplexity's calls cost two dollars a second",
		.set = aiv_db_runaway,
	},
};

static const struct scenario_step aiv_provider_storm[] = {
	{ 30, "provider-limit", true },
	{ 75, "stuck-queue", true },
	{ 180, "stuck-queue", false },
	{ 240, "provider-limit", false },
	{ 0, NULL, false },
};

static const struct scenario_step aiv_bad_friday[] = {
	{ 30, "bad-release", true },
	{ 90, "slow-api", true },
	{ 150, "slow-api", false },
	{ 300, "bad-release", false },
	{ 0, NULL, false },
};

static const struct scenario_step aiv_redis_blink[] = {
	{ 20, "redis-gone", true },
	{ 50, "redis-gone", false },
	{ 0, NULL, false },
};

static const struct scenario_step aiv_worst_night[] = {
	{ 20, "error-burst", true },
	{ 40, "worker-crash", true },
	{ 70, "redis-gone", true },
	{ 100, "hung-api", true },
	{ 140, "hung-api", false },
	{ 160, "redis-gone", false },
	{ 180, "worker-crash", false },
	{ 200, "error-burst", false },
	{ 0, NULL, false },
};

static const struct scenario_step aiv_lock_monday[] = {
	{ 30, "slow-statement", true },
	{ 60, "lock-pileup", true },
	{ 150, "lock-pileup", false },
	{ 180, "slow-statement", false },
	{ 0, NULL, false },
};

static const struct scenario_step aiv_leaky_release[] = {
	{ 20, "bad-release", true },
	{ 40, "pool-exhausted", true },
	{ 120, "bad-release", false },
	{ 125, "pool-exhausted", false },
	{ 150, "db-restart", true },
	{ 0, NULL, false },
};

static const struct scenario_step aiv_costly_day[] = {
	{ 15, "cost-runaway", true },
	{ 90, "provider-limit", true },
	{ 120, "cost-runaway", false },
	{ 150, "provider-limit", false },
	{ 0, NULL, false },
};

static const struct scenario aiv_scenarios[] = {
	{ "provider-storm",
	    "30 s calm, perplexity refuses, then runPrompt gets stuck",
	    aiv_provider_storm },
	{ "bad-friday", "a release fails, then the API gets slow as well",
	    aiv_bad_friday },
	{ "redis-blink", "Redis is away for half a minute", aiv_redis_blink },
	{ "lock-monday", "a slow statement, then an open transaction as well",
	    aiv_lock_monday },
	{ "leaky-release", "a release that leaks every database connection",
	    aiv_leaky_release },
	{ "costly-day", "money runs away until the provider refuses",
	    aiv_costly_day },
	{ "worst-night", "one thing after another, then all recovers",
	    aiv_worst_night },
};

static void
aiv_env(void *state, struct buf *out)
{
	struct aiv *aiv = state;

	buf_fmt(out, "API_URL=http://127.0.0.1:%u\n", httpd_port(aiv->httpd));
	buf_fmt(out, "ADMIN_TOKEN=%s\n", aiv->token);
	aiv_env_servers(aiv, out);
	buf_fmt(out, "LOG_DIR=%s\n", aiv->log_dir);
	buf_fmt(
	    out, "ENV_FILE=%s\nSERVICE_CTL=%s\n", aiv->env_file, aiv->service);
}

static void
aiv_status(void *state, struct buf *out)
{
	struct aiv *aiv = state;

	buf_fmt(out, "version %s\nrequests %.0f /s\nheld requests %u\n",
	    aiv->now.version, model_rate(&aiv->model, &aiv->mood),
	    httpd_held(aiv->httpd));
	if (aiv->throttled)
		buf_fmt(out, "throttled at %.0f %% of an allowance\n",
		    100 * aiv->threshold);
	if (aiv->redis == NULL)
		buf_str(out, "redis not installed\n");
	else if (aiv->now.redis_ok)
		buf_fmt(out, "redis pid %ld, port %u\n",
		    (long)redis_server_pid(aiv->redis),
		    redis_server_port(aiv->redis));
	else
		buf_str(out, "redis gone\n");
	aiv_db_status(aiv, out);
	for (unsigned q = 0; q < AIV_QUEUES; q++) {
		const struct queue_counts *c = &aiv->now.queues[q];

		if (c->known)
			buf_fmt(out,
			    "queue %s %u waiting, %u active, %u failed%s\n",
			    aiv_queues[q].name,
			    c->waiting + c->paused + c->prioritized, c->active,
			    c->failed, c->held ? ", paused" : "");
	}
}

static void
aiv_stop(void *state)
{
	struct aiv *aiv = state;

	if (aiv == NULL)
		return;
	aiv->httpd = httpd_stop(aiv->httpd);
	aiv->queues = queue_set_free(aiv->queues);
	aiv->redis = redis_server_free(aiv->redis);
	aiv->db = db_free(aiv->db);
	aiv->api_log = logs_close(aiv->api_log);
	aiv->jobs_log = logs_close(aiv->jobs_log);
	pthread_mutex_destroy(&aiv->lock);
	mem_free(aiv);
}

/* The user's own token if there is one, else a new one. */
static enum err_code
aiv_make_token(struct aiv *aiv, struct err *err)
{
	const char *given = getenv("ADMIN_TOKEN");

	if (given != NULL && given[0] != '\0' &&
	    strlen(given) < sizeof(aiv->token) &&
	    strpbrk(given, " \r\n") == NULL) {
		snprintf(aiv->token, sizeof(aiv->token), "%s", given);
		return ERR_OK;
	}
	return token_make(aiv->token, err);
}

/* A running service has a past: two minutes of log lines, and counters as
 * after the uptime that it shows. */
static void
aiv_warm_up(struct aiv *aiv, int64_t wall_ms)
{
	struct rng rng = rng_make(aiv->seed, 3);
	uint64_t factor = 300 + rng_below(&rng, 3000);
	int64_t past_ms = AIV_WARM_UP_STEPS * SIM_TICK_MS;

	aiv->now.started_ms = wall_ms - (int64_t)factor * past_ms;
	for (int i = 0; i < AIV_WARM_UP_STEPS; i++) {
		aiv->now.wall_ms = wall_ms - past_ms + i * SIM_TICK_MS;
		aiv_step_providers(aiv);
		aiv_step_api(aiv);
		logs_flush(aiv->api_log);
	}
	model_scale(&aiv->model, factor);
	aiv->now.cpu_s *= (double)factor;
	for (unsigned p = 0; p < AIV_PROVIDERS; p++) {
		aiv->now.calls[p][AIV_CALL_OK] = factor * (470 - 110 * p);
		aiv->now.calls[p][AIV_CALL_ERROR] = factor * (3 + p);
		aiv->now.cost[p] =
		    aiv_price[p] * (double)aiv->now.calls[p][AIV_CALL_OK];
	}
	for (unsigned q = 0; q < AIV_QUEUES; q++) {
		double jobs = aiv_queues[q].rate * (double)past_ms / 1e3;

		aiv->now.jobs[q][AIV_COMPLETED] =
		    (uint64_t)(jobs * (double)factor);
		aiv->now.jobs[q][AIV_FAILED] =
		    (uint64_t)(jobs * (double)factor * 0.004);
		aiv->now.jobs[q][AIV_RETRIED] =
		    (uint64_t)(jobs * (double)factor * 0.012);
	}
}

static enum err_code
aiv_start_redis(
    struct aiv *aiv, const struct platform_start *start, struct err *err)
{
	struct queue_hooks hooks = aiv_hooks;
	char path[PATH_MAX];
	struct err why = ERR_INIT;
	enum err_code rc = dir_sub(start->dir, "redis", path, err);

	if (rc != ERR_OK)
		return rc;
	if (redis_server_start(path, &aiv->redis, &why) != ERR_OK) {
		buf_fmt(start->notes,
		    "sevtop-sim: %s; the drill runs without queues\n",
		    err_text(&why));
		return ERR_OK;
	}
	hooks.arg = aiv;
	rc = queue_set_new(
	    aiv_queues, AIV_QUEUES, &hooks, aiv->seed, &aiv->queues, err);
	if (rc == ERR_OK)
		queue_set_target(aiv->queues, redis_server_port(aiv->redis),
		    redis_server_password(aiv->redis));
	return rc;
}

static enum err_code
aiv_start(const struct platform_start *start, void **ret_state, struct err *err)
{
	struct aiv *aiv = mem_calloc(1, sizeof(*aiv));
	enum err_code rc;

	if (aiv == NULL)
		return err_set(err, ERR_NOMEM, "sim", "starting");
	pthread_mutex_init(&aiv->lock, NULL);
	aiv->seed = start->seed;
	aiv->rng = rng_make(start->seed, 2);
	aiv->now.version = AIV_VERSION;
	aiv->now.redis_ok = true; /* in the past that is made up */
	for (unsigned p = 0; p < AIV_PROVIDERS; p++)
		aiv->now.remaining[p] = 0.9 * aiv_provider_limit[p];
	model_init(&aiv->model, aiv_routes, aiv_route_count, AIV_REQUEST_RATE,
	    start->seed);
	rc = aiv_make_token(aiv, err);
	if (rc == ERR_OK)
		rc = dir_sub(start->dir, "logs", aiv->log_dir, err);
	if (rc == ERR_OK)
		rc = logs_open(aiv->log_dir, "api.log", &aiv->api_log, err);
	if (rc == ERR_OK)
		rc = logs_open(aiv->log_dir, "jobs.log", &aiv->jobs_log, err);
	if (rc == ERR_OK)
		rc = aiv_db_start(aiv, start, err);
	if (rc == ERR_OK)
		rc = aiv_start_redis(aiv, start, err);
	if (rc == ERR_OK)
		rc = aiv_env_write(aiv, start->dir->path, err);
	if (rc != ERR_OK)
		goto out;
	aiv_env_read(aiv);
	aiv_warm_up(aiv, start->wall_ms);
	aiv->now.wall_ms = start->wall_ms;
	aiv_step_queues(aiv);
	aiv_db_step(aiv);
	aiv_show(aiv);
	rc = httpd_start(aiv_http, aiv, false, &aiv->httpd, err);
out:
	if (rc != ERR_OK)
		aiv_stop(aiv);
	else
		*ret_state = aiv;
	return rc;
}

const struct platform platform_ai_visibility = {
	.name = "ai-visibility",
	.help = "NestJS API, BullMQ workers, Redis, PostgreSQL, answer engines",
	.faults = aiv_fault_table,
	.fault_count = ARRAY_LEN(aiv_fault_table),
	.scenarios = aiv_scenarios,
	.scenario_count = ARRAY_LEN(aiv_scenarios),
	.start = aiv_start,
	.env = aiv_env,
	.step = aiv_step,
	.restart = aiv_service,
	.status = aiv_status,
	.stop = aiv_stop,
};
