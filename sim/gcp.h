/*
 * Inside of a practice platform on Google Cloud: what its files share. One
 * engine plays every such platform; a platform is a struct gcp_conf with its
 * services, figures, harms and faults.
 *
 * Two threads work on struct gcp and take turns: the world's at every step,
 * the server's for every request. Who has the turn may touch everything, and
 * gives it back before it waits for anything. thread: the one whose turn it
 * is, unless said otherwise.
 */
#ifndef SEV_SIM_GCP_H
#define SEV_SIM_GCP_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/dir.h"
#include "sim/gcp_load.h"
#include "sim/gcp_log.h"
#include "sim/gcp_reply.h"
#include "sim/httpd.h"
#include "sim/limits.h"
#include "sim/platform.h"
#include "sim/rng.h"

struct cJSON;
struct gcp;
struct gcp_slots;
struct gcp_tokens;

/* What can be wrong, by the names of the fault rows (gcp_fault_names). */
enum gcp_fault {
	GCP_FIRECRAWL_DOWN,
	GCP_REDIS_GONE,
	GCP_BAD_RELEASE,
	GCP_TOO_FEW,
	GCP_PINNED,
	GCP_QUOTA,
	GCP_CONFLICT,
	GCP_LATE_FAILURE,
	GCP_STUCK_OPERATION,
	GCP_NO_PERMISSION,
	GCP_TOKEN_EXPIRED,
	GCP_LAG,
	GCP_LOG_FLOOD,
	GCP_MANY_REVISIONS,
	GCP_CONNECTOR_DOWN,
	GCP_API_LIMITED,
	GCP_MEMORY_HIGH,
	GCP_LOST_ANSWER,
	GCP_IGNORED_CHANGE,
	GCP_HTML_ANSWERS,
	GCP_UNAVAILABLE_API,
	GCP_REGION_DOWN,
	GCP_FAULTS,
	GCP_ALWAYS = GCP_FAULTS, /* of a harm that needs no fault */
};

extern const char *const gcp_fault_names[GCP_FAULTS];

struct gcp_variable {
	const char *name;
	const char *value;  /* NULL: a secret */
	const char *secret; /* its name */
};

/* What hurts requests of a service, and of which of its revisions. */
struct gcp_harm {
	enum gcp_fault fault; /* while it is on */
	const char *variable; /* where it is "true"; NULL: everywhere */
	const char *tag;      /* of the image; NULL: every one */
	double error_share;
	double latency;	     /* factor; 0: none */
	const char *message; /* in the log; static text */
	const char *stack;   /* NULL: none */
};

/* A path of the app; all are asked for equally often. */
struct gcp_path {
	const char *method;
	const char *path;
};

/* A line that the app logs now and then. */
struct gcp_line {
	const char *severity;
	const char *message;
	const char *event; /* NULL: none */
	const char *phase; /* of a job; NULL: of none */
	double rate;	   /* a second */
};

struct gcp_service_conf {
	const char *name;
	const char *region;
	const char *image;	 /* without its tag */
	const char *const *tags; /* of the revisions, oldest first */
	size_t tag_count;
	unsigned first_number;	   /* of the oldest revision */
	bool bare_names;	   /* revisions without a random end */
	const char *const *people; /* who made them, in turn */
	size_t people_count;
	const struct gcp_variable *variables;
	size_t variable_count;
	const char *cpu;
	const char *memory;
	const char *timeout;
	unsigned concurrency;
	unsigned min, max;     /* of the service */
	const char *connector; /* NULL: none */
	const struct gcp_harm *harms;
	size_t harm_count; /* at most 32 */
	double rate;	 /* requests per second on the wave's middle; 0: none */
	double median_s; /* half of the requests take less */
	double sigma;	 /* spread of the logarithm of the duration */
	double per_cpu;	 /* requests per second that a core can do */
	double memory_use;	  /* share of the limit, at rest */
	const char *needed_by;	  /* asked only where this variable of the first
				   * service's revision is "true"; or NULL */
	const char *slow_message; /* about a request above 1 s; or NULL */
	const struct gcp_path *routes;
	size_t route_count;
	const struct gcp_line *lines;
	size_t line_count;
	const char *bad_tag; /* of the release that bad-release makes */
	const char *fix_tag; /* of the one that mends it */
};

/* Memorystore. */
struct gcp_redis_conf {
	const char *name;
	const char *region;
	const char *host;
	const char *tier; /* STANDARD_HA or BASIC */
	unsigned memory_gb;
};

/* A service level objective. */
struct gcp_slo_conf {
	const char *service_id; /* those of one service side by side */
	size_t of;		/* index of the service in Cloud Run */
	const char *id;
	const char *title;
	double goal;
	const char *period; /* "86400s" */
	double threshold_s; /* of the latency; 0: it is of availability */
};

struct gcp_conf {
	const char *project;
	const char *number;  /* of the project */
	const char *builder; /* account that releases */
	const struct platform *platform;
	const struct gcp_service_conf *services;
	size_t service_count;		    /* at most SIM_GCP_SERVICES_MAX */
	const struct gcp_redis_conf *redis; /* NULL: none */
	const struct gcp_slo_conf *slos;
	size_t slo_count;
	bool crawler;	     /* the app has one, with a health endpoint */
	bool any_token;	     /* whoever brings one may ask */
	const char *limited; /* a service that is one question too many */
	const char *flaky;   /* the first one's, which fails once; or NULL */
	unsigned settle_ms;  /* of a new revision; 0: SIM_GCP_SETTLE_MS */
};

struct gcp_revision {
	char name[SIM_GCP_NAME_MAX];
	char tag[SIM_GCP_TAG_MAX];
	struct cJSON *doc;
	uint32_t harms; /* bit i: the service's harm i can hurt it */
	bool ready;
	bool failed;
	uint32_t feeds; /* bit i: service i gets requests of it */
	double cpu;	/* cores */
	double memory;	/* bytes */
	double concurrency;
	double share;		 /* of the traffic, 0 to 1 */
	struct gcp_slots *slots; /* NULL: it never had traffic */
};

struct gcp_service {
	const struct gcp_service_conf *conf;
	const struct gcp_conf *cloud;
	struct gcp_load load;
	char path[SIM_GCP_PATH_MAX]; /* projects/P/locations/L/services/S */
	struct cJSON *doc;	     /* as GET answers it */
	struct gcp_revision *revisions[SIM_GCP_REVISIONS_MAX];
	size_t revision_count; /* oldest first */
	unsigned next_number;
	int64_t generation;
};

enum gcp_op_kind {
	GCP_OP_RUN,
	GCP_OP_REDIS,
};

/* A long-running operation. */
struct gcp_op {
	char name[SIM_GCP_PATH_MAX];
	enum gcp_op_kind kind;
	struct cJSON *metadata;
	struct cJSON *response;	       /* NULL until it has ended well */
	struct gcp_service *service;   /* RUN */
	struct gcp_revision *revision; /* RUN; NULL: none is made */
	int64_t generation;	       /* RUN: of the service */
	enum gcp_code code;	       /* not OK: it has failed */
	char message[SIM_GCP_MESSAGE_MAX];
	int64_t due; /* clock_now() */
	bool done;
};

struct gcp {
	const struct gcp_conf *conf;
	pthread_mutex_t turn;
	uint64_t seed;
	struct rng rng;
	struct gcp_log log;
	struct httpd *httpd;
	struct gcp_tokens *tokens;
	char dir[PATH_MAX];
	int requests_fd; /* requests.jsonl; -1: it can't be written */
	size_t requests_len;
	struct cJSON *redis; /* Memorystore's instance; NULL: none */
	bool redis_busy;     /* with an operation */
	struct cJSON *builds[SIM_GCP_BUILDS_MAX]; /* oldest first */
	size_t build_count;
	uint32_t cured;	 /* faults that somebody has ended, as below */
	uint32_t faults; /* bit: enum gcp_fault */
	int8_t fault_of[SIM_FAULTS_MAX]; /* row of the platform: gcp_fault */
	bool conflict; /* somebody will be faster than the next PATCH */
	bool lost;     /* the next change is made, and its answer gets lost */
	int64_t wall_ms;
	struct gcp_service services[SIM_GCP_SERVICES_MAX];
	size_t service_count;
	struct gcp_op ops[SIM_GCP_OPS_MAX]; /* a ring, oldest goes first */
	size_t op_count;		    /* ever made */
	uint64_t etags;
	bool asked;	    /* conf->flaky has failed already */
	unsigned settle_ms; /* of a new revision; other changes take a third */
};

static inline bool
gcp_has(const struct gcp *gcp, enum gcp_fault fault)
{
	uint32_t faults = gcp->faults & ~gcp->cured;

	return fault == GCP_ALWAYS || (faults >> fault & 1) != 0;
}

/* One request to an API, on its way. */
struct gcp_call {
	struct gcp *gcp;
	const struct httpd_request *request;
	struct httpd_reply *reply;
	const struct cJSON *body; /* NULL: none */
	const char *who;	  /* its address */
	const char *api;	  /* "run.googleapis.com" */
	char part[SIM_GCP_PARTS_MAX][SIM_GCP_NAME_MAX]; /* for each {} */
};

/* gcp_http.c. thread: the server's. arg: struct gcp. */
void gcp_http(
    void *arg, const struct httpd_request *request, struct httpd_reply *reply);

/* gcp_run.c: Cloud Run Admin v2, one function for each method. */
void gcp_run_list(struct gcp_call *call);
void gcp_run_get(struct gcp_call *call);
void gcp_run_patch(struct gcp_call *call);
void gcp_run_revisions(struct gcp_call *call);
void gcp_run_revision(struct gcp_call *call);

/*
 * A page of a list in the order that items come: begin, then take each item
 * (a copy is made when it is on this page), then end. size 0: all.
 */
struct gcp_page {
	struct cJSON *root, *list;
	size_t skip, size, seen;
	bool bad; /* the token is none of ours; answered already */
};
struct gcp_page gcp_page_begin(
    struct gcp_call *call, const char *key, size_t preset, size_t max);
void gcp_page_take(struct gcp_page *page, const struct cJSON *item);
void gcp_page_end(struct gcp_page *page, struct gcp_call *call);

/* gcp_ops.c */
struct gcp_op *gcp_op_new(
    struct gcp *gcp, enum gcp_op_kind kind, const char *parent, int64_t due);
struct cJSON *gcp_op_doc(const struct gcp_op *op); /* free with cJSON_Delete */
void gcp_ops_step(struct gcp *gcp, int64_t now);
void gcp_ops_free(struct gcp *gcp);
void gcp_op_get(struct gcp_call *call);
void gcp_op_list(struct gcp_call *call);
void gcp_op_wait(struct gcp_call *call);

/* gcp_monitoring.c, gcp_slo.c */
void gcp_monitoring_list(struct gcp_call *call);
void gcp_slo_services(struct gcp_call *call);
void gcp_slo_list(struct gcp_call *call);

/* gcp_logging.c */
void gcp_logging_list(struct gcp_call *call);

/* gcp_redis.c: Memorystore */
void gcp_redis_make(struct gcp *gcp);
void gcp_redis_settle(struct gcp *gcp, struct gcp_op *op);
void gcp_redis_list(struct gcp_call *call);
void gcp_redis_get(struct gcp_call *call);
void gcp_redis_failover(struct gcp_call *call);
void gcp_redis_export(struct gcp_call *call);
void gcp_redis_import(struct gcp_call *call);

/* gcp_estate.c: connectors and builds */
void gcp_vpc_list(struct gcp_call *call);
void gcp_vpc_get(struct gcp_call *call);
void gcp_build_list(struct gcp_call *call);
void gcp_builds_make(struct gcp *gcp);
void gcp_builds_free(struct gcp *gcp);

/* A build that began age_ms ago. status: "WORKING", "SUCCESS", "FAILURE". */
void gcp_build_add(struct gcp *gcp, const struct gcp_service_conf *service,
    const char *tag, int64_t age_ms, const char *status);

/* gcp_app.c: true when it was a request of theirs. */
bool gcp_app_answers(struct gcp *gcp, const struct httpd_request *request,
    struct httpd_reply *reply);

/* gcp_deploy.c: what happens to services. */
void gcp_services_make(struct gcp *gcp);
void gcp_services_free(struct gcp *gcp);
struct gcp_service *gcp_service_find(
    struct gcp *gcp, const char *region, const char *name);
struct gcp_revision *gcp_revision_find(
    const struct gcp_service *service, const char *name);

/* A share of the traffic of at least so much, largest first; NULL: none. */
struct gcp_revision *gcp_service_serving(const struct gcp_service *service);

/*
 * Puts doc (taken) in the place of the service's, as a change by `who`, with
 * a new revision when `fresh`, and returns the operation that settles it.
 */
struct gcp_op *gcp_service_change(struct gcp *gcp, struct gcp_service *service,
    struct cJSON *doc, bool fresh, const char *who);

/* The end of that operation. */
void gcp_service_settle(struct gcp *gcp, struct gcp_op *op);

/* What everybody can see of a service whose containers fail. */
void gcp_service_ail(struct gcp *gcp, struct gcp_service *service, bool on);

/* A change of that kind by somebody else, at the moment a fault comes. */
void gcp_service_release(
    struct gcp *gcp, struct gcp_service *service, const char *tag);
void gcp_service_cap(struct gcp *gcp, struct gcp_service *service, bool on);
void gcp_service_crowd(
    struct gcp *gcp, struct gcp_service *service, size_t count);
void gcp_service_pin(struct gcp *gcp, struct gcp_service *service, bool on);
void gcp_service_touch(
    struct gcp *gcp, struct gcp_service *service, const char *who);

/* gcp_world.c: the functions of a platform's row. */
enum err_code gcp_start(const struct gcp_conf *conf,
    const struct platform_start *start, void **ret_state,
    struct err *err) ATTR_MUST_USE;
void gcp_env(void *state, struct buf *out);
void gcp_told(void *state, uint64_t faults);
void gcp_step(void *state, uint64_t faults, int64_t wall_ms);
void gcp_status(void *state, struct buf *out);
void gcp_stop(void *state);

/* Functions of fault rows that change something at once. */
void gcp_on_bad_release(void *state, bool on, int64_t wall_ms);
void gcp_on_lost_answer(void *state, bool on, int64_t wall_ms);
void gcp_on_region_down(void *state, bool on, int64_t wall_ms);
void gcp_on_firecrawl_down(void *state, bool on, int64_t wall_ms);
void gcp_on_pinned(void *state, bool on, int64_t wall_ms);
void gcp_on_conflict(void *state, bool on, int64_t wall_ms);
void gcp_on_many_revisions(void *state, bool on, int64_t wall_ms);
void gcp_on_too_few(void *state, bool on, int64_t wall_ms);
void gcp_on_token_expired(void *state, bool on, int64_t wall_ms);

/* Fault rows that every such platform has. */
#define GCP_FAULT_ROWS                                                         \
	{                                                                      \
		.name = "bad-release",                                         \
		.help = "a release goes live and fails; off releases a fix",   \
		.set = gcp_on_bad_release,                                     \
	},                                                                     \
	    {                                                                  \
		    .name = "memory-high",                                     \
		    .help = "instances reach their memory limit; a higher "    \
			    "one helps",                                       \
	    },                                                                 \
	    {                                                                  \
		    .name = "pinned",                                          \
		    .help = "traffic names a revision: new ones get none",     \
		    .set = gcp_on_pinned,                                      \
	    },                                                                 \
	    {                                                                  \
		    .name = "quota",                                           \
		    .help = "the APIs answer 429 with RetryInfo",              \
	    },                                                                 \
	    {                                                                  \
		    .name = "conflict",                                        \
		    .help = "somebody is faster than the next PATCH, once",    \
		    .once = true,                                              \
		    .set = gcp_on_conflict,                                    \
	    },                                                                 \
	    {                                                                  \
		    .name = "late-failure",                                    \
		    .help = "operations end in an error",                      \
	    },                                                                 \
	    {                                                                  \
		    .name = "stuck-operation",                                 \
		    .help = "operations do not end while it is on",            \
	    },                                                                 \
	    {                                                                  \
		    .name = "ignored-change",                                  \
		    .help = "changes end well and are not made",               \
	    },                                                                 \
	    {                                                                  \
		    .name = "lost-answer",                                     \
		    .help = "the next change is made, but its answer is "      \
			    "lost, once",                                      \
		    .once = true,                                              \
		    .set = gcp_on_lost_answer,                                 \
	    },                                                                 \
	    {                                                                  \
		    .name = "unavailable",                                     \
		    .help = "the APIs answer 503",                             \
	    },                                                                 \
	    {                                                                  \
		    .name = "html-answers",                                    \
		    .help = "the APIs answer with a page to log in, as "       \
			    "proxies do",                                      \
	    },                                                                 \
	    {                                                                  \
		    .name = "no-permission",                                   \
		    .help = "changes get 403 with the missing permission",     \
	    },                                                                 \
	    {                                                                  \
		    .name = "token-expired",                                   \
		    .help = "no access token given so far is good any more, "  \
			    "once",                                            \
		    .once = true,                                              \
		    .set = gcp_on_token_expired,                               \
	    },                                                                 \
	    {                                                                  \
		    .name = "lag",                                             \
		    .help = "figures 3 minutes old, log entries 10 s, as at "  \
			    "Google",                                          \
	    },                                                                 \
	    {                                                                  \
		    .name = "log-flood",                                       \
		    .help = "500 log entries a second",                        \
	    },                                                                 \
	    {                                                                  \
		    .name = "many-revisions",                                  \
		    .help = "the service has 200 revisions, once",             \
		    .once = true,                                              \
		    .set = gcp_on_many_revisions,                              \
	    },                                                                 \
	    {                                                                  \
		    .name = "slow-api",                                        \
		    .help = "answers of all APIs come 1.5 s later",            \
		    .hold_ms = 1500,                                           \
	    },                                                                 \
	{                                                                      \
		.name = "hung-api",                                            \
		.help = "the APIs accept connections and never answer",        \
		.hung = true,                                                  \
	}

#endif
