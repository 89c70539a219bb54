/*
 * Distributions in answers of Google Cloud Monitoring: how many values lie
 * in each bucket, between bounds that are counted out, evenly spaced or
 * stated (google.api.Distribution).
 * thread: any; pure.
 */
#ifndef SEV_DATASRC_GCP_DISTRIBUTION_H
#define SEV_DATASRC_GCP_DISTRIBUTION_H

#include <stddef.h>

#include "datasrc/limits.h"

struct cJSON;

/* Bucket i lies below bounds[i], the last one above all of them. */
struct gcp_distribution {
	double counts[GCP_BUCKETS_MAX];
	double bounds[GCP_BUCKETS_MAX];
	size_t bound_count; /* counts has one more; 0: no distribution */
	double total;	    /* of counts */
};

/* Any document; what is no distribution, or has too many buckets, is none. */
void gcp_distribution_read(
    const struct cJSON *value, struct gcp_distribution *ret);

/*
 * The value that a share q of them lies below, 0 to 1: evenly spread within
 * a bucket, as Google has it. The first bucket begins at 0, the last one
 * ends where it begins. NaN: there are no values.
 */
double gcp_distribution_quantile(
    const struct gcp_distribution *distribution, double q);

#endif
