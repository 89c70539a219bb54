#include "datasrc/gcp_distribution.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"

/* int64 comes as text; some servers write a number. */
static bool
whole(const struct cJSON *v, double *ret)
{
	const char *s = json_string(v);
	int64_t i;

	if (s == NULL)
		return json_double(v, ret);
	if (!num_parse_i64(s, strlen(s), &i))
		return false;
	*ret = (double)i;
	return true;
}

/* Bounds by a rule: count + 1 of them. */
static void
read_ruled(
    const struct cJSON *rule, bool exponential, struct gcp_distribution *ret)
{
	const struct cJSON *at = json_member(rule, "numFiniteBuckets");
	double count, step, from = 0;

	if (!whole(at, &count) || !(count >= 1) ||
	    count + 2 > GCP_BUCKETS_MAX ||
	    !json_double(
		json_member(rule, exponential ? "growthFactor" : "width"),
		&step))
		return;
	/* A linear one may begin at 0, which is left out. */
	if (!json_double(
		json_member(rule, exponential ? "scale" : "offset"), &from) &&
	    exponential)
		return;
	for (double i = 0; i <= count; i++)
		ret->bounds[ret->bound_count++] =
		    exponential ? from * pow(step, i) : from + step * i;
}

static void
read_stated(const struct cJSON *bounds, struct gcp_distribution *ret)
{
	const struct cJSON *bound = json_first(bounds);

	for (; bound != NULL; bound = json_next(bound)) {
		double value;

		if (ret->bound_count + 1 == GCP_BUCKETS_MAX ||
		    !json_double(bound, &value)) {
			ret->bound_count = 0;
			return;
		}
		ret->bounds[ret->bound_count++] = value;
	}
}

static bool
bounds_rise(const struct gcp_distribution *d)
{
	for (size_t i = 0; i < d->bound_count; i++) {
		if (!isfinite(d->bounds[i]) ||
		    (i > 0 && d->bounds[i] <= d->bounds[i - 1]))
			return false;
	}
	return d->bound_count > 0;
}

/* Empty buckets at the end are left out. */
static bool
read_counts(const struct cJSON *counts, struct gcp_distribution *ret)
{
	const struct cJSON *count = json_first(counts);
	size_t n = 0;

	for (; count != NULL; count = json_next(count)) {
		if (n > ret->bound_count || !whole(count, &ret->counts[n]) ||
		    !(ret->counts[n] >= 0))
			return false;
		ret->total += ret->counts[n++];
	}
	return true;
}

void
gcp_distribution_read(const struct cJSON *value, struct gcp_distribution *ret)
{
	const struct cJSON *options = json_member(value, "bucketOptions");
	const struct cJSON *rule;

	*ret = (struct gcp_distribution) { .bound_count = 0 };
	if ((rule = json_member(options, "exponentialBuckets")) != NULL)
		read_ruled(rule, true, ret);
	else if ((rule = json_member(options, "linearBuckets")) != NULL)
		read_ruled(rule, false, ret);
	else
		read_stated(json_member(json_member(options, "explicitBuckets"),
				"bounds"),
		    ret);
	if (!bounds_rise(ret) ||
	    !read_counts(json_member(value, "bucketCounts"), ret)) {
		ret->bound_count = 0;
		ret->total = 0;
	}
}

double
gcp_distribution_quantile(const struct gcp_distribution *d, double q)
{
	double rank = q * d->total, below = 0;

	if (d->bound_count == 0 || !(d->total > 0))
		return NAN;
	for (size_t i = 0; i < d->bound_count; i++) {
		double from = i > 0 ? d->bounds[i - 1] : 0;
		double to = d->bounds[i];

		/* Values below 0 have no lower end to count from. */
		if (from > to)
			from = to;
		if (d->counts[i] > 0 && below + d->counts[i] >= rank)
			return from +
			       (to - from) * (rank - below) / d->counts[i];
		below += d->counts[i];
	}
	return d->bounds[d->bound_count - 1];
}
