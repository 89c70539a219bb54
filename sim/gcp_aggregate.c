#include "sim/gcp_aggregate.h"

#include <math.h>
#include <string.h>

#include "base/attr.h"
#include "base/num.h"

/* Names behind ALIGN_ and REDUCE_, and the numbers of the enums. */
struct aggregate_name {
	const char *name;
	int64_t number;
	int value;
};

static const struct aggregate_name aligners[] = {
	{ "NONE", 0, GCP_ALIGN_NONE },
	{ "DELTA", 1, GCP_ALIGN_DELTA },
	{ "RATE", 2, GCP_ALIGN_RATE },
	{ "INTERPOLATE", 3, GCP_ALIGN_INTERPOLATE },
	{ "NEXT_OLDER", 4, GCP_ALIGN_NEXT_OLDER },
	{ "MIN", 10, GCP_ALIGN_MIN },
	{ "MAX", 11, GCP_ALIGN_MAX },
	{ "MEAN", 12, GCP_ALIGN_MEAN },
	{ "COUNT", 13, GCP_ALIGN_COUNT },
	{ "SUM", 14, GCP_ALIGN_SUM },
	{ "PERCENTILE_99", 18, GCP_ALIGN_99 },
	{ "PERCENTILE_95", 19, GCP_ALIGN_95 },
	{ "PERCENTILE_50", 20, GCP_ALIGN_50 },
	{ "PERCENTILE_05", 21, GCP_ALIGN_05 },
};

static const struct aggregate_name reducers[] = {
	{ "NONE", 0, GCP_REDUCE_NONE },
	{ "MEAN", 1, GCP_REDUCE_MEAN },
	{ "MIN", 2, GCP_REDUCE_MIN },
	{ "MAX", 3, GCP_REDUCE_MAX },
	{ "SUM", 4, GCP_REDUCE_SUM },
	{ "COUNT", 6, GCP_REDUCE_COUNT },
	{ "PERCENTILE_99", 9, GCP_REDUCE_99 },
	{ "PERCENTILE_95", 10, GCP_REDUCE_95 },
	{ "PERCENTILE_50", 11, GCP_REDUCE_50 },
	{ "PERCENTILE_05", 12, GCP_REDUCE_05 },
};

static bool
aggregate_read(const struct aggregate_name *names, size_t count,
    const char *prefix, const char *text, int *ret)
{
	size_t len = strlen(prefix);
	int64_t number = -1;

	if (text == NULL) {
		*ret = names[0].value;
		return true;
	}
	if (strncmp(text, prefix, len) == 0)
		text += len;
	else if (!num_parse_i64(text, strlen(text), &number))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (names[i].number != number &&
		    (number >= 0 || strcmp(names[i].name, text) != 0))
			continue;
		*ret = names[i].value;
		return true;
	}
	return false;
}

bool
gcp_aligner_read(const char *text, enum gcp_aligner *ret)
{
	int value;

	if (!aggregate_read(
		aligners, ARRAY_LEN(aligners), "ALIGN_", text, &value))
		return false;
	*ret = (enum gcp_aligner)value;
	return true;
}

bool
gcp_reducer_read(const char *text, enum gcp_reducer *ret)
{
	int value;

	if (!aggregate_read(
		reducers, ARRAY_LEN(reducers), "REDUCE_", text, &value))
		return false;
	*ret = (enum gcp_reducer)value;
	return true;
}

static bool
align_is_percentile(enum gcp_aligner aligner)
{
	return aligner >= GCP_ALIGN_99;
}

bool
gcp_align_fits(enum gcp_aligner aligner, const struct gcp_metric *metric)
{
	switch (aligner) {
	case GCP_ALIGN_DELTA:
		return metric->delta;
	case GCP_ALIGN_RATE:
		return metric->delta && metric->shape != GCP_SHAPE_DIST;
	case GCP_ALIGN_MIN:
	case GCP_ALIGN_MAX:
	case GCP_ALIGN_INTERPOLATE:
		return !metric->delta;
	case GCP_ALIGN_99:
	case GCP_ALIGN_95:
	case GCP_ALIGN_50:
	case GCP_ALIGN_05:
		return metric->shape == GCP_SHAPE_DIST || !metric->delta;
	default:
		return true;
	}
}

enum gcp_shape
gcp_align_shape(enum gcp_aligner aligner, const struct gcp_metric *metric)
{
	switch (aligner) {
	case GCP_ALIGN_NONE:
	case GCP_ALIGN_DELTA:
	case GCP_ALIGN_NEXT_OLDER:
	case GCP_ALIGN_MIN:
	case GCP_ALIGN_MAX:
	case GCP_ALIGN_SUM:
		return metric->shape;
	case GCP_ALIGN_COUNT:
		return GCP_SHAPE_INT;
	default:
		return GCP_SHAPE_DOUBLE;
	}
}

enum gcp_shape
gcp_reduce_shape(enum gcp_reducer reducer, enum gcp_shape aligned)
{
	switch (reducer) {
	case GCP_REDUCE_NONE:
	case GCP_REDUCE_SUM:
		return aligned;
	case GCP_REDUCE_MIN:
	case GCP_REDUCE_MAX:
		return aligned == GCP_SHAPE_DIST ? GCP_SHAPE_DOUBLE : aligned;
	case GCP_REDUCE_COUNT:
		return GCP_SHAPE_INT;
	default:
		return GCP_SHAPE_DOUBLE;
	}
}

static double
align_quantile(enum gcp_aligner aligner)
{
	switch (aligner) {
	case GCP_ALIGN_99:
		return 0.99;
	case GCP_ALIGN_95:
		return 0.95;
	case GCP_ALIGN_50:
		return 0.5;
	default:
		return 0.05;
	}
}

void
gcp_align(enum gcp_aligner aligner, const struct gcp_metric *metric,
    double seconds, struct gcp_sample *sample)
{
	bool dist = metric->shape == GCP_SHAPE_DIST;

	if (!sample->any)
		return;
	if (align_is_percentile(aligner) && dist)
		sample->number =
		    gcp_dist_quantile(&sample->dist, align_quantile(aligner));
	else if (aligner == GCP_ALIGN_MEAN && dist)
		sample->number = sample->dist.sum / sample->dist.count;
	else if (aligner == GCP_ALIGN_RATE)
		sample->number /= seconds;
	else if (aligner == GCP_ALIGN_COUNT)
		sample->number = dist ? round(sample->dist.count) : 1;
}

void
gcp_reduce_add(struct gcp_reduced *reduced, const struct gcp_sample *sample)
{
	bool first = reduced->count == 0;
	double number = sample->number;

	if (!sample->any)
		return;
	reduced->count++;
	reduced->sum += number;
	reduced->min = first ? number : fmin(reduced->min, number);
	reduced->max = first ? number : fmax(reduced->max, number);
	gcp_dist_add(&reduced->dist, &sample->dist);
}

double
gcp_reduce_number(enum gcp_reducer reducer, const struct gcp_reduced *reduced)
{
	static const double quantiles[] = { 0.99, 0.95, 0.5, 0.05 };
	const struct gcp_dist *dist = &reduced->dist;

	if (reducer == GCP_REDUCE_COUNT)
		return reduced->count;
	if (reducer == GCP_REDUCE_MEAN && dist->count > 0)
		return dist->sum / dist->count;
	if (reducer >= GCP_REDUCE_99 && dist->count > 0)
		return gcp_dist_quantile(
		    dist, quantiles[reducer - GCP_REDUCE_99]);
	switch (reducer) {
	case GCP_REDUCE_MIN:
	case GCP_REDUCE_05:
		return reduced->min;
	case GCP_REDUCE_MAX:
	case GCP_REDUCE_99: /* of a handful of numbers it is the largest */
	case GCP_REDUCE_95:
		return reduced->max;
	case GCP_REDUCE_MEAN:
	case GCP_REDUCE_50:
		return reduced->sum / reduced->count;
	default:
		return reduced->sum;
	}
}
