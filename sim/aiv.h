/*
 * Inside of the AI Visibility practice platform: what its files share.
 * The world's thread owns struct aiv. Once a step it copies the figures that
 * the HTTP side shows into `shown`, under the only lock; the server's thread
 * copies them out again and renders without a lock.
 */
#ifndef SEV_SIM_AIV_H
#define SEV_SIM_AIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "sim/db.h"
#include "sim/httpd.h"
#include "sim/logs.h"
#include "sim/model.h"
#include "sim/platform.h"
#include "sim/queue.h"
#include "sim/redis_server.h"

enum aiv_queue {
	AIV_RUN_PROMPT,
	AIV_RUN_BATCH,
	AIV_DAILY,
	AIV_COPILOT,
	AIV_QUEUES,
};

enum aiv_provider {
	AIV_PERPLEXITY,
	AIV_AIO,
	AIV_BRAVE,
	AIV_PROVIDERS,
	AIV_NO_PROVIDER = AIV_PROVIDERS,
};

/* Rows of the fault table, by which the other files ask what is wrong. */
enum aiv_fault {
	AIV_REDIS_GONE,
	AIV_PROVIDER_LIMIT,
	AIV_STUCK_QUEUE,
	AIV_WORKER_CRASH,
	AIV_ERROR_BURST,
	AIV_SLOW_API,
	AIV_HUNG_API,
	AIV_BAD_RELEASE,
	AIV_RESTART,
	AIV_POOL_EXHAUSTED,
	AIV_LOCK_PILEUP,
	AIV_SLOW_STATEMENT,
	AIV_DB_GONE,
	AIV_DB_RESTART,
	AIV_COST_RUNAWAY,
	AIV_FAULTS,
};

/* How a job ended, as the label of queue_jobs_total says it. */
enum aiv_end {
	AIV_COMPLETED,
	AIV_FAILED,
	AIV_RETRIED,
	AIV_ENDS,
};

/* How a provider's call ended, likewise. */
enum aiv_call {
	AIV_CALL_OK,
	AIV_CALL_LIMITED,
	AIV_CALL_ERROR,
	AIV_CALLS,
};

/* Requests that really come in, before the modelled ones in the table. */
enum aiv_own {
	AIV_HEALTHZ,
	AIV_READYZ,
	AIV_SYSTEM,
	AIV_METRICS,
	AIV_JWKS,
	AIV_OWN,
};

/* Programs with a pool of connections. */
enum aiv_program {
	AIV_API,
	AIV_JOBS,
};

enum {
	AIV_DB_POOL = 20,      /* connections of the API at most */
	AIV_DB_WAIT_MS = 3000, /* for one of them */
	AIV_WORKSPACES = 40,
};

#define AIV_REQUEST_RATE 180.0 /* a second, on the wave's middle */

extern const struct model_route aiv_routes[];
extern const unsigned aiv_route_count;
extern const struct queue_conf aiv_queues[AIV_QUEUES];
extern const char *const aiv_providers[AIV_PROVIDERS];
extern const unsigned aiv_provider_limit[AIV_PROVIDERS];
extern const double aiv_price[AIV_PROVIDERS]; /* dollars a call */
extern const struct queue_hooks aiv_hooks;    /* without its arg */

/* The figures of the modelled processes; plain data. */
struct aiv_view {
	int64_t wall_ms;
	int64_t started_ms; /* of the API process, wall */
	const char *version;
	uint64_t faults;
	bool redis_ok;
	bool db_ok;
	bool db_starting; /* neither well nor ill yet */
	struct model_counts counts;
	uint64_t jobs[AIV_QUEUES][AIV_ENDS];
	struct queue_counts queues[AIV_QUEUES];
	uint64_t calls[AIV_PROVIDERS][AIV_CALLS];
	double cost[AIV_PROVIDERS];	 /* US dollars */
	double remaining[AIV_PROVIDERS]; /* of the allowance */
	double db_connections;
	double rss_bytes;
	double cpu_s;
	double loop_lag_s;
};

struct aiv {
	uint64_t seed;
	char log_dir[PATH_MAX];
	char token[64];
	char dir[PATH_MAX];	      /* of the world */
	char env_file[PATH_MAX + 16]; /* .env of the API and the workers */
	char service[PATH_MAX + 16];  /* program that restarts them */
	bool throttled;	      /* they keep to the providers' allowance */
	double threshold;     /* the share of it that they use at most */
	unsigned concurrency; /* jobs at a time of a runPrompt worker */
	bool held;	      /* by that: the provider would refuse them */
	struct model model;
	struct model_mood mood; /* of the faults that are on */
	struct rng rng;
	struct httpd *httpd;
	struct redis_server *redis; /* NULL: none installed */
	bool unstuck; /* a pause freed the workers that stuck-queue hangs */
	unsigned rested_ms;	  /* runPrompt has been paused so long */
	struct queue_set *queues; /* NULL with redis */
	struct db *db;		  /* NULL: none installed */
	struct db_view db_view;
	struct rng db_rng;
	double db_stuck;  /* of the API's pool, smoothed */
	double db_failed; /* of the API's statements, smoothed */
	double overspent; /* dollars that a runaway has booked */
	struct logs *api_log;
	struct logs *jobs_log;
	uint64_t steps;
	int64_t frozen_ms; /* since when the API hangs, wall; 0: it doesn't */
	struct aiv_view now;
	char data[160];		   /* of the job that is being added */
	char value[96];		   /* of the job that is being planned */
	atomic_uint seen[AIV_OWN]; /* real requests since the last step */
	pthread_mutex_t lock;	   /* leaf: guards shown only */
	struct aiv_view shown;
};

static inline bool
aiv_has(const struct aiv *aiv, enum aiv_fault fault)
{
	return aiv->now.faults >> fault & 1;
}

/* Whether the workers hang: the fault is on, and no pause has freed them. */
static inline bool
aiv_is_stuck(const struct aiv *aiv)
{
	return !aiv->unstuck && aiv_has(aiv, AIV_STUCK_QUEUE);
}

/* Writes both files into the world's folder. */
enum err_code aiv_env_write(
    struct aiv *aiv, const char *dir, struct err *err) ATTR_MUST_USE;

/* REDIS_URL and DATABASE_URL, of those that there are. */
void aiv_env_servers(const struct aiv *aiv, struct buf *out);

/* What the programs do as they start: they read their environment. */
void aiv_env_read(struct aiv *aiv);

/* Starts the database; without one it leaves a note. */
enum err_code aiv_db_start(struct aiv *aiv, const struct platform_start *start,
    struct err *err) ATTR_MUST_USE;

/* One step: statements go out, the figures come in. */
void aiv_db_step(struct aiv *aiv);

/* What the modelled requests feel of it. */
struct model_mood aiv_db_mood(const struct aiv *aiv);

/* What a provider's call costs, in the counter and in the ledger. */
void aiv_db_book(
    struct aiv *aiv, unsigned provider, const struct queue_job *job);

/* What its faults do when they are switched; state: struct aiv. */
void aiv_db_gone(void *state, bool on, int64_t wall_ms);
void aiv_db_leak(void *state, bool on, int64_t wall_ms);
void aiv_db_pile(void *state, bool on, int64_t wall_ms);
void aiv_db_slow(void *state, bool on, int64_t wall_ms);
void aiv_db_restart(void *state, bool on, int64_t wall_ms);
void aiv_db_runaway(void *state, bool on, int64_t wall_ms);

void aiv_db_status(const struct aiv *aiv, struct buf *out);

/* thread: the server's. arg: struct aiv. */
void aiv_http(
    void *arg, const struct httpd_request *request, struct httpd_reply *reply);

/* pino's numbers for levels. */
enum {
	AIV_INFO = 30,
	AIV_WARN = 40,
	AIV_ERROR = 50,
};

/* The programs have a database and can't reach it. */
static inline bool
aiv_db_lost(const struct aiv *aiv)
{
	return !aiv->now.db_ok && !aiv->now.db_starting;
}

/* A line of api.log for a modelled request. */
void aiv_log_request(
    struct aiv *aiv, const struct model_request *request, int64_t wall_ms);

/* A line of api.log about something else. */
void aiv_log_api(struct aiv *aiv, int level, int64_t wall_ms,
    const char *context, const char *fmt, ...) ATTR_PRINTF(5, 6);

/* An error with its stack; provider NULL: none is concerned. */
void aiv_log_api_error(struct aiv *aiv, int64_t wall_ms, const char *type,
    const char *message, const char *stack, const char *provider);

/* A line of jobs.log. context: the queue's name or "jobs". */
void aiv_log_jobs(struct aiv *aiv, const char *level, int64_t wall_ms,
    const char *context, const char *fmt, ...) ATTR_PRINTF(5, 6);

/* Stack lines below the last line of jobs.log, indented. */
void aiv_log_jobs_stack(struct aiv *aiv, const char *stack);

/* What is wrong right now, said about once a second by both processes. */
void aiv_log_troubles(struct aiv *aiv, int64_t wall_ms);

#endif
