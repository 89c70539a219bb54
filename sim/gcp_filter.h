/*
 * The filter language of Cloud Logging, of which that of Cloud Monitoring is
 * a dialect, as far as dashboards use it:
 *
 *	field OP value		OP is one of = != > < >= <= : =~ !~
 *	field OP (a OR b)	field:*
 *	"words anywhere"	NOT x, -x, x AND y, x y, x OR y, ( )
 *	log_id("run.googleapis.com/stderr")	SEARCH("words")
 *	field = one_of("a", "b"), starts_with(), ends_with(),
 *	    has_substring(), monitoring.regex.full_match()
 *	select_slo_burn_rate("SLO", "3600s") and its sisters
 *
 * OR binds closer than AND. A comparison with a field that is not there is
 * false, != and !~ included. Texts are compared without regard to case,
 * severities by rank, times as times.
 * thread: any; a filter belongs to its owner.
 */
#ifndef SEV_SIM_GCP_FILTER_H
#define SEV_SIM_GCP_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "sim/limits.h"

struct gcp_filter;

enum gcp_value_kind {
	GCP_VALUE_NONE, /* there is no such field */
	GCP_VALUE_TEXT,
	GCP_VALUE_NUMBER,
	GCP_VALUE_TIME,
	GCP_VALUE_RANK, /* a severity */
	GCP_VALUE_MAP,	/* is there, and compares with nothing */
};

struct gcp_value {
	enum gcp_value_kind kind;
	const char *text; /* TEXT; may be in store */
	double number;	  /* NUMBER, RANK */
	int64_t ns;	  /* TIME, since 1970 */
	char store[SIM_GCP_VALUE_MAX];
};

/* The value of a field of subject; "*" asks for all its text. */
typedef void gcp_value_fn(
    const void *subject, const char *field, struct gcp_value *ret_value);

/*
 * text "" matches everything. ERR_CONFIG with "column N: ..." for what is no
 * filter; ERR_TOOBIG for more than SIM_GCP_FILTER_NODES comparisons.
 */
enum err_code gcp_filter_parse(const char *text, struct gcp_filter **ret_filter,
    struct err *err) ATTR_MUST_USE;

/* NULL is allowed. Returns NULL. */
struct gcp_filter *gcp_filter_free(struct gcp_filter *filter);

bool gcp_filter_match(
    const struct gcp_filter *filter, gcp_value_fn *value, const void *subject);

/* Nothing before it can match: ns since 1970; INT64_MIN: no such bound. */
int64_t gcp_filter_since(const struct gcp_filter *filter);

/*
 * What the filter demands a field to be, by a plain = that is not below OR
 * or NOT; NULL: nothing.
 */
const char *gcp_filter_demand(
    const struct gcp_filter *filter, const char *field);

/* The words of a call of a function; false: the filter is not one. */
bool gcp_filter_call(const struct gcp_filter *filter, const char **ret_name,
    const char **ret_first, const char **ret_second);

/* "2026-01-02T03:04:05.123Z", up to nanoseconds, Z or an offset. */
bool gcp_time_parse(const char *text, int64_t *ret_ns) ATTR_MUST_USE;

/* DEFAULT 0 to EMERGENCY 800; below 0 for what is none. */
int gcp_severity_rank(const char *name);

#endif
