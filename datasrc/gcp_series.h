/*
 * Answers of Google Cloud Monitoring (timeSeries.list, API v3): of each
 * series its newest point, which lags by one to three minutes. Points without
 * a plain number (distributions, texts) are left out.
 * thread: any.
 */
#ifndef SEV_DATASRC_GCP_SERIES_H
#define SEV_DATASRC_GCP_SERIES_H

#include <stdint.h>

#include "base/text.h"

struct arena;
struct cJSON;
struct redactor;

struct gcp_sample {
	struct text service; /* Cloud Run's service_name; may be empty */
	struct text class;   /* "5xx"; empty: not grouped by it */
	double value;
	double end_ms; /* wall clock */
};

typedef void gcp_sample_fn(void *ctx, const struct gcp_sample *sample);

/* Any document; texts live in the arena. */
void gcp_series_read(const struct cJSON *page, const struct redactor *redactor,
    struct arena *arena, int64_t wall_ms, gcp_sample_fn *take, void *ctx);

#endif
