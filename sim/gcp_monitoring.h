/*
 * Cloud Monitoring v3: intervals cut into windows, and service level
 * objectives, whose figures are read with selectors instead of a metric.
 * thread: the one whose turn it is (sim/gcp.h).
 */
#ifndef SEV_SIM_GCP_MONITORING_H
#define SEV_SIM_GCP_MONITORING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;
struct gcp;
struct gcp_call;
struct gcp_filter;
struct gcp_window;

struct gcp_interval {
	int64_t to_ms;
	int64_t period_ms;
	size_t count; /* windows, the newest is 0 */
};

/* Of the request's arguments; false when it is answered already. */
bool gcp_interval_read(struct gcp_call *call, struct gcp_interval *ret);

/* False: there can be no sample of it yet. */
bool gcp_interval_window(const struct gcp *gcp,
    const struct gcp_interval *interval, size_t i, struct gcp_window *ret);

/* Puts "interval" into a point. delta: with its beginning. */
void gcp_interval_doc(const struct gcp_interval *interval, size_t i, bool delta,
    struct cJSON *doc);

/* Whether the filter is a selector, and the answer to it. */
bool gcp_slo_is_asked(const struct gcp_filter *filter);
void gcp_slo_series(struct gcp_call *call, const struct gcp_filter *filter);

#endif
