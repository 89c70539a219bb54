/*
 * Distributions as Cloud Monitoring writes them: counts in exponential
 * buckets (milliseconds) or in a hundred even ones (shares from 0 to 1).
 * thread: owner; plain data.
 */
#ifndef SEV_SIM_GCP_DIST_H
#define SEV_SIM_GCP_DIST_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/limits.h"

struct cJSON;

struct gcp_dist {
	bool even; /* 0 to 1; else exponential */
	double count;
	double sum;
	double buckets[SIM_GCP_DIST_BUCKETS];
};

/* Counts values that lie at `value`. */
void gcp_dist_put(struct gcp_dist *dist, double value, double count);

/* both of one kind, or into is empty. */
void gcp_dist_add(struct gcp_dist *into, const struct gcp_dist *dist);

/* As many times as much. */
void gcp_dist_scale(struct gcp_dist *dist, double factor);

/* q from 0 to 1; 0 when it is empty. */
double gcp_dist_quantile(const struct gcp_dist *dist, double q);

/* google.api.Distribution; free with cJSON_Delete(). */
struct cJSON *gcp_dist_doc(const struct gcp_dist *dist);

#endif
