#include "sim/gcp_dist.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>

#include "sim/gcp_reply.h"
#include "sim/gcp_slots.h"

enum {
	DIST_EVEN = 100, /* finite buckets of that kind */
	DIST_EXPONENTIAL = SIM_GCP_BUCKETS - 2,
};

/* The first bucket lies below all, the last one above. */
static unsigned
dist_last(const struct gcp_dist *dist)
{
	return dist->even ? DIST_EVEN + 1 : DIST_EXPONENTIAL + 1;
}

/* Where bucket i ends. */
static double
dist_bound(const struct gcp_dist *dist, unsigned i)
{
	return dist->even ? i / (double)DIST_EVEN : pow(GCP_GROWTH, i);
}

void
gcp_dist_put(struct gcp_dist *dist, double value, double count)
{
	unsigned bucket = dist->even
			      ? (unsigned)(fmax(value, 0) * DIST_EVEN) + 1
			      : gcp_bucket_of(value);

	if (bucket > dist_last(dist))
		bucket = dist_last(dist);
	dist->buckets[bucket] += count;
	dist->count += count;
	dist->sum += value * count;
}

void
gcp_dist_add(struct gcp_dist *into, const struct gcp_dist *dist)
{
	into->even = dist->even;
	into->count += dist->count;
	into->sum += dist->sum;
	for (unsigned i = 0; i < SIM_GCP_DIST_BUCKETS; i++)
		into->buckets[i] += dist->buckets[i];
}

void
gcp_dist_scale(struct gcp_dist *dist, double factor)
{
	dist->count *= factor;
	dist->sum *= factor;
	for (unsigned i = 0; i < SIM_GCP_DIST_BUCKETS; i++)
		dist->buckets[i] *= factor;
}

double
gcp_dist_quantile(const struct gcp_dist *dist, double q)
{
	double left = q * dist->count;

	if (!(dist->count > 0))
		return 0;
	for (unsigned i = 0; i <= dist_last(dist); i++) {
		double low = i > 0 ? dist_bound(dist, i - 1) : 0;
		double high = dist_bound(dist, i);

		if (left > dist->buckets[i] || dist->buckets[i] <= 0) {
			left -= dist->buckets[i];
			continue;
		}
		return low + (high - low) * left / dist->buckets[i];
	}
	return dist_bound(dist, dist_last(dist) - 1);
}

cJSON *
gcp_dist_doc(const struct gcp_dist *dist)
{
	cJSON *doc = cJSON_CreateObject(), *options, *list;
	unsigned last = dist_last(dist);

	doc_put_i64(doc, "count", (int64_t)llround(dist->count));
	if (dist->count > 0)
		doc_put_num(doc, "mean", dist->sum / dist->count);
	options = doc_put_map(doc, "bucketOptions");
	options = doc_put_map(
	    options, dist->even ? "linearBuckets" : "exponentialBuckets");
	doc_put_num(options, "numFiniteBuckets",
	    dist->even ? DIST_EVEN : DIST_EXPONENTIAL);
	if (dist->even) {
		doc_put_num(options, "width", 1.0 / DIST_EVEN);
	} else {
		doc_put_num(options, "growthFactor", GCP_GROWTH);
		doc_put_num(options, "scale", 1);
	}
	/* empty ones at the end are left out */
	while (last > 0 && llround(dist->buckets[last]) == 0)
		last--;
	list = doc_put_list(doc, "bucketCounts");
	for (unsigned i = 0; i <= last; i++) {
		char text[24];

		(void)snprintf(
		    text, sizeof(text), "%lld", llround(dist->buckets[i]));
		cJSON_AddItemToArray(list, cJSON_CreateString(text));
	}
	return doc;
}
