#include "datasrc/gcp_series.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "base/redact.h"
#include "datasrc/json_value.h"
#include "datasrc/limits.h"

/* A number, or the distribution in *ret; false: neither. */
static bool
point_value(const struct cJSON *point, struct gcp_sample *ret)
{
	const struct cJSON *value = json_member(point, "value");
	const struct cJSON *whole = json_member(value, "int64Value");
	const char *s = json_string(whole);
	int64_t i;

	ret->value = NAN;
	ret->distribution = json_member(value, "distributionValue");
	if (ret->distribution != NULL)
		return json_is_object(ret->distribution);
	if (s != NULL && num_parse_i64(s, strlen(s), &i)) {
		ret->value = (double)i;
		return true;
	}
	return json_double(whole, &ret->value) ||
	       json_double(json_member(value, "doubleValue"), &ret->value);
}

/* The newest of them: they come in that order, which nobody has to trust. */
static bool
series_newest(
    const struct cJSON *series, int64_t wall_ms, struct gcp_sample *newest)
{
	const struct cJSON *point = json_first(json_member(series, "points"));
	struct gcp_sample sample = { .series = series };
	bool found = false;

	for (; point != NULL; point = json_next(point)) {
		const struct map_scalar end = json_scalar(
		    json_member(json_member(point, "interval"), "endTime"));

		if (!map_value_time(&end, wall_ms, &sample.end_ms) ||
		    isnan(sample.end_ms) ||
		    (found && sample.end_ms <= newest->end_ms) ||
		    !point_value(point, &sample))
			continue;
		*newest = sample;
		found = true;
	}
	return found;
}

struct text
gcp_series_label(const struct gcp_sample *sample, const char *of,
    const char *key, const struct redactor *redactor, struct arena *arena)
{
	const struct cJSON *labels =
	    json_member(json_member(sample->series, of), "labels");
	const char *s = json_string(json_member(labels, key)), *slash;

	if (s == NULL)
		return TEXT_EMPTY;
	slash = strrchr(s, '/');
	if (slash != NULL)
		s = slash + 1;
	return text_ingest(redactor, arena, s, strlen(s), JSON_TEXT_MAX);
}

void
gcp_series_read(
    const struct cJSON *page, int64_t wall_ms, gcp_sample_fn *take, void *ctx)
{
	const struct cJSON *series =
	    json_first(json_member(page, "timeSeries"));
	struct gcp_sample sample;

	for (; series != NULL; series = json_next(series)) {
		if (series_newest(series, wall_ms, &sample))
			take(ctx, &sample);
	}
}
