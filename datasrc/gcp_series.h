/*
 * Answers of Google Cloud Monitoring (timeSeries.list, API v3): of each
 * series its newest point, which lags by one to three minutes.
 * thread: any.
 */
#ifndef SEV_DATASRC_GCP_SERIES_H
#define SEV_DATASRC_GCP_SERIES_H

#include <stdint.h>

#include "base/text.h"

struct arena;
struct cJSON;
struct redactor;

/* Borrowed from the answer. */
struct gcp_sample {
	const struct cJSON *series;
	double value;			  /* NaN: it is a distribution */
	const struct cJSON *distribution; /* NULL: it is a number */
	double end_ms;			  /* wall clock */
};

typedef void gcp_sample_fn(void *ctx, const struct gcp_sample *sample);

/* Any document. Points that are neither (texts, flags) are left out. */
void gcp_series_read(
    const struct cJSON *page, int64_t wall_ms, gcp_sample_fn *take, void *ctx);

/*
 * A label of a sample's "metric" or "resource", of a whole path its last
 * part; may be empty.
 */
struct text gcp_series_label(const struct gcp_sample *sample, const char *of,
    const char *key, const struct redactor *redactor, struct arena *arena);

#endif
