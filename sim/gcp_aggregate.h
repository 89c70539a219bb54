/*
 * How Cloud Monitoring makes points of samples: an aligner makes one value of
 * each window of a series, a reducer makes one of several series.
 * thread: any; pure.
 */
#ifndef SEV_SIM_GCP_AGGREGATE_H
#define SEV_SIM_GCP_AGGREGATE_H

#include <stdbool.h>

#include "sim/gcp_metric.h"

enum gcp_aligner {
	GCP_ALIGN_NONE,
	GCP_ALIGN_DELTA,
	GCP_ALIGN_RATE,
	GCP_ALIGN_INTERPOLATE,
	GCP_ALIGN_NEXT_OLDER,
	GCP_ALIGN_MIN,
	GCP_ALIGN_MAX,
	GCP_ALIGN_MEAN,
	GCP_ALIGN_COUNT,
	GCP_ALIGN_SUM,
	GCP_ALIGN_99,
	GCP_ALIGN_95,
	GCP_ALIGN_50,
	GCP_ALIGN_05,
};

enum gcp_reducer {
	GCP_REDUCE_NONE,
	GCP_REDUCE_MEAN,
	GCP_REDUCE_MIN,
	GCP_REDUCE_MAX,
	GCP_REDUCE_SUM,
	GCP_REDUCE_COUNT,
	GCP_REDUCE_99,
	GCP_REDUCE_95,
	GCP_REDUCE_50,
	GCP_REDUCE_05,
};

/* A name or, as Google's own clients send it, a number. NULL: NONE. */
bool gcp_aligner_read(const char *text, enum gcp_aligner *ret);
bool gcp_reducer_read(const char *text, enum gcp_reducer *ret);

/* Whether the aligner can be asked of the metric. */
bool gcp_align_fits(enum gcp_aligner aligner, const struct gcp_metric *metric);

/* What comes out, from the metric to the aligned and the reduced value. */
enum gcp_shape gcp_align_shape(
    enum gcp_aligner aligner, const struct gcp_metric *metric);
enum gcp_shape gcp_reduce_shape(
    enum gcp_reducer reducer, enum gcp_shape aligned);

/* In place. seconds: length of the window. */
void gcp_align(enum gcp_aligner aligner, const struct gcp_metric *metric,
    double seconds, struct gcp_sample *sample);

/* Several samples that become one. Zeroed: none yet. */
struct gcp_reduced {
	unsigned count;
	double sum, min, max;
	struct gcp_dist dist;
};

void gcp_reduce_add(
    struct gcp_reduced *reduced, const struct gcp_sample *sample);

/* Of a distribution that stays one, reduced->dist counts. */
double gcp_reduce_number(
    enum gcp_reducer reducer, const struct gcp_reduced *reduced);

#endif
