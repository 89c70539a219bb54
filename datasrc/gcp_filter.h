/*
 * Filters in the language of Google Cloud Logging, read so that mistakes are
 * found before Google refuses them, and matched against entries that came
 * back, so that one question serves many named filters:
 *
 *	severity>=ERROR AND jsonPayload.message=~"rate.*limit"
 *	jsonPayload.phase=("crawling" OR "extracting") -textPayload:healthz
 *
 * Of the language: = != > >= < <= : =~ !~ on any field of a LogEntry, lists
 * of values, field:* (is there), words for any field, log_id(), AND, OR, NOT
 * and "-", parentheses, comments. OR binds closer than AND, as it does
 * there. Letters count as the same in any case but in patterns. A field that
 * is missing fails every comparison in payloads and labels; elsewhere it
 * has its default.
 *
 * Other functions (SEARCH, sample, ip_in_net) are read and can't be matched.
 * https://cloud.google.com/logging/docs/view/logging-query-language
 * thread: any; a filter is immutable.
 */
#ifndef SEV_DATASRC_GCP_FILTER_H
#define SEV_DATASRC_GCP_FILTER_H

#include "base/err.h"

struct cJSON;
struct gcp_filter;

/*
 * *ret_filter: returned (free with gcp_filter_free()). ERR_CONFIG says what
 * is wrong and at which column, counted from 1; ERR_NOMEM.
 */
enum err_code gcp_filter_new(const char *expr, struct gcp_filter **ret_filter,
    struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct gcp_filter *gcp_filter_free(struct gcp_filter *filter);

/* The function that keeps it from being matched here; NULL: none does. */
const char *gcp_filter_unmatched(const struct gcp_filter *filter);

enum gcp_filter_result {
	GCP_FILTER_NO,
	GCP_FILTER_YES,
	GCP_FILTER_COSTLY /* no answer within the limits of patterns */
};

/* entry: a LogEntry; any document is taken. */
enum gcp_filter_result gcp_filter_match(
    const struct gcp_filter *filter, const struct cJSON *entry);

/* 0 for DEFAULT to 8 for EMERGENCY; -1: no such severity. */
int gcp_severity_rank(const char *word);

#endif
