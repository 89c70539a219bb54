/*
 * The load on the services: requests come in waves, are spread over the
 * revisions by their shares of the traffic, take time, fail and are logged.
 * What a revision's image and variables are and how many instances there may
 * be decides how they fare. Steps are of fixed length and seeded.
 * thread: the one whose turn it is (sim/gcp.h).
 */
#ifndef SEV_SIM_GCP_LOAD_H
#define SEV_SIM_GCP_LOAD_H

#include <stdint.h>

#include "sim/rng.h"

struct gcp;
struct gcp_service;

struct gcp_load {
	struct rng rng;
	double phase, drift;
	double time_s;	  /* of the load, since its beginning */
	double instances; /* those that run, fractions on their way */
	double rate;	  /* requests per second of the last step */
	double use;	  /* of what the instances can do; 1: all */
	double slowness;  /* factor on durations that comes of it */
	uint64_t number;  /* of the last request */
	double all, bad;  /* requests since the start, for the SLOs */
};

/* An hour of past for every service, the last minutes of it logged. */
void gcp_load_warm_up(struct gcp *gcp);

/* One step of all services. seconds: how long it is. */
void gcp_load_step(struct gcp *gcp, double seconds);

#endif
