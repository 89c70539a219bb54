/*
 * Members of Google's documents in the shapes that rows need: names come as
 * whole paths, 64-bit numbers as texts, what is 0 or empty not at all.
 * thread: any.
 */
#ifndef SEV_DATASRC_GCP_VALUE_H
#define SEV_DATASRC_GCP_VALUE_H

#include <stdint.h>

#include "base/text.h"

struct arena;
struct cJSON;
struct redactor;

/* Where texts come to live. Borrowed. */
struct gcp_value {
	const struct redactor *redactor;
	struct arena *arena;
	int64_t wall_ms;
};

/* A text; empty for anything else. */
struct text gcp_value_text(
    const struct gcp_value *to, const struct cJSON *v, const char *key);

/* What is behind the last slash of it. */
struct text gcp_value_base(
    const struct gcp_value *to, const struct cJSON *v, const char *key);

/* absent: where nothing is there; NaN for what is no number. */
double gcp_value_number(const struct cJSON *v, const char *key, double absent);

/* Wall clock ms, NaN. */
double gcp_value_time(
    const struct gcp_value *to, const struct cJSON *v, const char *key);

/* "FAILING_OVER" as "failing over"; unknown ones as they come. */
struct text gcp_value_word(
    const struct gcp_value *to, const struct cJSON *v, const char *key);

#endif
