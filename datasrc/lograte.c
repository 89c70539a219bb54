#include "datasrc/lograte.h"

#include "base/clock.h"
#include "datasrc/logingest.h"
#include "model/build.h"

static void
report_levels(const struct logingest_counts *told,
    const struct logingest_counts *counts, double seconds, struct build *build)
{
	static const struct {
		const char *name;
		enum log_level from, to;
	} levels[] = {
		{ "error", LOG_LEVEL_ERROR, LOG_LEVEL_FATAL },
		{ "warn", LOG_LEVEL_WARN, LOG_LEVEL_WARN },
		{ "info", LOG_LEVEL_INFO, LOG_LEVEL_INFO },
		{ "other", LOG_LEVEL_NONE, LOG_LEVEL_DEBUG },
	};

	build_gauge(build, TEXT("lines_per_s"), NUM_PER_SECOND,
	    (double)(counts->lines - told->lines) / seconds);
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		uint64_t lines = 0;

		for (int k = (int)levels[i].from; k <= (int)levels[i].to; k++)
			lines += counts->by_level[k] - told->by_level[k];
		build_gauge_of(build, TEXT("lines_per_s_by_level"),
		    NUM_PER_SECOND, (double)lines / seconds, TEXT("level"),
		    text_lit(levels[i].name));
	}
}

void
lograte_report(const struct logingest_counts *told,
    const struct logingest_counts *counts, int64_t told_at, int64_t now,
    struct build *build)
{
	if (told_at != 0 && now > told_at)
		report_levels(told, counts,
		    (double)(now - told_at) / (double)NS_PER_SEC, build);
	build_metric(build, TEXT("lines"), NUM_COUNT, METRIC_COUNTER,
	    (double)counts->lines, NULL, 0);
	build_metric(build, TEXT("lines_dropped"), NUM_COUNT, METRIC_COUNTER,
	    (double)counts->lost, NULL, 0);
}
