/*
 * The metrics of Cloud Monitoring that the practice world has, and the time
 * series of each: who they are of, and their value in a window of time.
 * thread: the one whose turn it is (sim/gcp.h).
 */
#ifndef SEV_SIM_GCP_METRIC_H
#define SEV_SIM_GCP_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/gcp_dist.h"
#include "sim/gcp_filter.h"

struct gcp;
struct gcp_slot;

enum gcp_shape {
	GCP_SHAPE_INT,
	GCP_SHAPE_DOUBLE,
	GCP_SHAPE_DIST,
};

/* A number, or a distribution. */
struct gcp_sample {
	bool any; /* false: there is none in the window */
	double number;
	struct gcp_dist dist;
};

struct gcp_metric;

/* One time series. */
struct gcp_series {
	const struct gcp *gcp;
	const struct gcp_metric *metric;
	const struct gcp_service *service; /* NULL: of Memorystore */
	const struct gcp_revision *revision;
	unsigned part; /* class of an answer, or state of instances */
};

/* A window (from_ms, to_ms] of wall time. */
struct gcp_window {
	int64_t from_ms, to_ms;
	double factor; /* what is counted in it stands for so much more */
};

struct gcp_metric {
	const char *type;
	const char *resource;
	const char *unit;
	bool delta; /* else it is a gauge */
	enum gcp_shape shape;
	const char *label;	  /* of the metric, by part; NULL: none */
	unsigned parts;		  /* at least 1 */
	const char *const *names; /* of the parts; "": there is no such part */
	void (*get)(const struct gcp_series *series, const struct gcp_slot *sum,
	    struct gcp_sample *ret_sample);
};

/* NULL: there is no such metric. */
const struct gcp_metric *gcp_metric_find(const char *type);

/* Series one after the other; *state begins at 0. False: that was all. */
bool gcp_series_next(const struct gcp *gcp, const struct gcp_metric *metric,
    size_t *state, struct gcp_series *ret_series);

void gcp_series_get(const struct gcp_series *series,
    const struct gcp_window *window, struct gcp_sample *ret_sample);

/* For gcp_filter_match(); subject: struct gcp_series. */
void gcp_series_value(
    const void *subject, const char *field, struct gcp_value *ret_value);

/* Labels, as "metric" and "resource" of a TimeSeries have them. */
struct cJSON *gcp_series_metric(const struct gcp_series *series);
struct cJSON *gcp_series_resource(const struct gcp_series *series);

#endif
