/*
 * The traffic model: requests per second with a slow wave and noise, spread
 * over routes, with log-normal durations and a share of errors. It counts
 * like an instrumented server does; a platform shows the counts in its own
 * shape. Steps are of fixed length, so the story depends on the seed and on
 * the moods given, never on how busy the machine is.
 * thread: owner. struct model_counts is plain data and may be copied.
 */
#ifndef SEV_SIM_MODEL_H
#define SEV_SIM_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/limits.h"
#include "sim/rng.h"

struct model_route {
	const char *method;
	const char *route;
	double weight;	    /* share of the traffic, any unit */
	double median_s;    /* half of the requests take less */
	double sigma;	    /* spread of the logarithm of the duration */
	unsigned ok_status; /* 200, 201, 204 */
};

/* What a fault does to the traffic. 0 means "as usual" in every field. */
struct model_mood {
	double traffic;	    /* factor on the request rate */
	double latency;	    /* factor on every duration */
	double error_share; /* 5xx in addition to the usual few */
	bool frozen;	    /* the process does nothing at all */
};

/* Upper bounds of the duration histogram, in seconds; +Inf comes last. */
extern const double model_bounds[SIM_BUCKETS];

/* Status codes that are counted, in ascending order. */
extern const unsigned model_status[SIM_STATUSES];

struct model_counts {
	uint64_t requests[SIM_ROUTES_MAX][SIM_STATUSES];
	uint64_t bucket[SIM_ROUTES_MAX][SIM_BUCKETS + 1]; /* not cumulative */
	double seconds[SIM_ROUTES_MAX];
};

struct model {
	const struct model_route *routes; /* borrowed, outlives the model */
	unsigned route_count;
	double base_rate; /* requests per second on the wave's middle */
	double weight_sum;
	double phase;	/* of the slow wave, from the seed */
	double drift;	/* slow noise */
	uint64_t steps; /* taken so far */
	struct rng rng;
	struct model_counts counts;
};

struct model_request {
	unsigned route; /* index */
	unsigned status;
	double seconds;
	uint64_t number; /* unique within one world */
};

/* Called for every request that a step makes. */
typedef void model_seen(void *arg, const struct model_request *request);

void model_init(struct model *model, const struct model_route *routes,
    unsigned route_count, double base_rate, uint64_t seed);

/* One step of SIM_TICK_MS. seen may be NULL. */
void model_step(struct model *model, const struct model_mood *mood,
    model_seen *seen, void *arg);

/* The requests per second that the last step aimed at. */
double model_rate(const struct model *model, const struct model_mood *mood);

/* Counts one request that the model did not make itself. */
void model_count(
    struct model *model, unsigned route, unsigned status, double seconds);

/* As if the server had been running factor times as long. */
void model_scale(struct model *model, uint64_t factor);

/* All counters to 0, as after a restart. */
void model_reset(struct model *model);

/* The moods of all faults that are on, put together. */
struct model_mood model_mood_add(struct model_mood a, struct model_mood b);

#endif
