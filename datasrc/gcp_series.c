#include "datasrc/gcp_series.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "datasrc/json_value.h"

static bool
point_value(const struct cJSON *point, double *ret)
{
	const struct cJSON *value = json_member(point, "value");
	const char *s = json_string(json_member(value, "int64Value"));
	int64_t i;

	if (s != NULL && num_parse_i64(s, strlen(s), &i)) {
		*ret = (double)i;
		return true;
	}
	return json_double(json_member(value, "doubleValue"), ret);
}

/* The newest of them: they come in that order, which nobody has to trust. */
static bool
series_newest(
    const struct cJSON *series, int64_t wall_ms, struct gcp_sample *sample)
{
	const struct cJSON *point = json_first(json_member(series, "points"));
	bool found = false;

	for (; point != NULL; point = json_next(point)) {
		const struct map_scalar end = json_scalar(
		    json_member(json_member(point, "interval"), "endTime"));
		double end_ms, value;

		if (!map_value_time(&end, wall_ms, &end_ms) || isnan(end_ms) ||
		    (found && end_ms <= sample->end_ms) ||
		    !point_value(point, &value))
			continue;
		sample->end_ms = end_ms;
		sample->value = value;
		found = true;
	}
	return found;
}

static struct text
series_label(const struct cJSON *series, const char *of, const char *key,
    const struct redactor *redactor, struct arena *arena)
{
	return json_text(redactor, arena,
	    json_member(json_member(json_member(series, of), "labels"), key));
}

void
gcp_series_read(const struct cJSON *page, const struct redactor *redactor,
    struct arena *arena, int64_t wall_ms, gcp_sample_fn *take, void *ctx)
{
	const struct cJSON *series =
	    json_first(json_member(page, "timeSeries"));

	for (; series != NULL; series = json_next(series)) {
		struct gcp_sample sample = { .value = NAN };

		if (!series_newest(series, wall_ms, &sample))
			continue;
		sample.service = series_label(
		    series, "resource", "service_name", redactor, arena);
		sample.class = series_label(
		    series, "metric", "response_code_class", redactor, arena);
		take(ctx, &sample);
	}
}
