/*
 * Service level objectives as metrics and as the table "slos".
 */
#include "datasrc/gcp_slo.h"

#include <math.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/textbuf.h"
#include "model/build.h"

enum slo_column {
	COL_SLO,
	COL_SERVICE,
	COL_STATE,
	COL_GOAL,
	COL_COMPLIANCE,
	COL_BUDGET,
	COL_PERIOD,
	COL_DETAIL,
	COL_BURN, /* over the first window; the others follow */
	COL_COUNT = COL_BURN + GCP_SLO_WINDOWS_MAX,
};

/* NaN: not known, or too old to be told as of now. */
static double
ask_value(const struct gcp_slo *slo, size_t ask, double oldest_ms)
{
	const struct gcp_slo_ask *of = &slo->asks[ask];

	return of->end_ms >= oldest_ms ? of->value : NAN;
}

static void
report_metrics(const struct gcp_slo *slo, const struct gcp_slo_windows *windows,
    double oldest_ms, struct build *build)
{
	struct label *labels = arena_array(
	    build_arena(build), 2 + 3 * windows->count, sizeof(*labels));

	if (labels == NULL)
		return;
	labels[0] =
	    (struct label) { .key = TEXT("service"), .value = slo->service };
	labels[1] = (struct label) { .key = TEXT("slo"), .value = slo->title };
	build_metric(build, TEXT("slo_compliance"), NUM_PERCENT, METRIC_GAUGE,
	    ask_value(slo, GCP_SLO_COMPLIANCE, oldest_ms), labels, 2);
	build_metric(build, TEXT("slo_budget_left_ratio"), NUM_PERCENT,
	    METRIC_GAUGE, ask_value(slo, GCP_SLO_BUDGET, oldest_ms), labels, 2);
	for (size_t i = 0; i < windows->count; i++) {
		struct label *own = labels + 2 + 3 * i;

		own[0] = labels[0];
		own[1] = labels[1];
		own[2] = (struct label) { .key = TEXT("window"),
			.value = text_clean_str(
			    build_arena(build), windows->names[i]) };
		build_metric(build, TEXT("slo_burn_rate"), NUM_NONE,
		    METRIC_GAUGE, ask_value(slo, GCP_SLO_BURN + i, oldest_ms),
		    own, 3);
	}
}

/* Its state, and in words what that means. */
struct slo_verdict {
	enum state state;
	struct text word;
	struct text detail;
};

static struct slo_verdict
judge(const struct gcp_slo *slo, const struct gcp_slo_windows *windows,
    double oldest_ms, struct arena *arena)
{
	double left = ask_value(slo, GCP_SLO_BUDGET, oldest_ms);
	double burn =
	    windows->count > 0 ? ask_value(slo, GCP_SLO_BURN, oldest_ms) : NAN;
	double spent_s = left * slo->period_s / burn;
	struct slo_verdict verdict = {
		.state = STATE_OK, .word = TEXT("met"), .detail = TEXT_EMPTY
	};
	char when[NUM_TEXT_MAX];

	if (isnan(left)) {
		verdict.state = STATE_UNKNOWN;
		verdict.word = TEXT("no data");
		verdict.detail =
		    TEXT("no traffic, or Google has not counted yet");
	} else if (left <= 0) {
		verdict.state = STATE_CRIT;
		verdict.word = TEXT("missed");
		verdict.detail =
		    TEXT("the error budget of this period is spent");
	} else if (burn > 1 && isfinite(spent_s)) {
		if (spent_s < slo->period_s / 10) {
			verdict.state = STATE_WARN;
			verdict.word = TEXT("burning");
		}
		/* More seconds than that are no nanoseconds. */
		num_duration(when, (int64_t)fmin(spent_s, 9e9) * NS_PER_SEC);
		verdict.detail =
		    text_fmt(arena, "spent in %s at the pace of the last %s",
			when, windows->names[0]);
	}
	return verdict;
}

static void
report_row(const struct gcp_slo *slo, const struct gcp_slo_windows *windows,
    double oldest_ms, struct build *build)
{
	struct arena *arena = build_arena(build);
	const struct text key[] = { slo->service, TEXT("/"), slo->title };
	struct slo_verdict verdict = judge(slo, windows, oldest_ms, arena);

	build_row(build, text_join(arena, key, 3), verdict.state);
	build_cell_text(build, COL_SLO, slo->title);
	build_cell_text(build, COL_SERVICE, slo->service);
	build_cell_state(build, COL_STATE, verdict.state, verdict.word);
	build_cell_num(build, COL_GOAL, slo->goal);
	build_cell_num(build, COL_COMPLIANCE,
	    ask_value(slo, GCP_SLO_COMPLIANCE, oldest_ms));
	build_cell_num(
	    build, COL_BUDGET, ask_value(slo, GCP_SLO_BUDGET, oldest_ms));
	build_cell_text(build, COL_PERIOD, slo->period);
	build_cell_text(build, COL_DETAIL, verdict.detail);
	for (size_t i = 0; i < windows->count; i++)
		build_cell_num(build, COL_BURN + i,
		    ask_value(slo, GCP_SLO_BURN + i, oldest_ms));
}

/* With texts that live as long as the payload, not as the list. */
static struct gcp_slo
copy_of(const struct gcp_slo *slo, struct arena *arena)
{
	struct gcp_slo own = *slo;

	own.title = text_copy(arena, slo->title);
	own.service = text_copy(arena, slo->service);
	own.period = text_copy(arena, slo->period);
	return own;
}

void
gcp_slos_report(const struct gcp_slos *slos,
    const struct gcp_slo_windows *windows, double oldest_ms,
    struct build *build)
{
	static const struct column fixed[COL_BURN] = {
		[COL_SLO] = { TEXT_INIT("slo"), COLUMN_TEXT, NUM_NONE },
		[COL_SERVICE] = { TEXT_INIT("service"), COLUMN_TEXT, NUM_NONE },
		[COL_STATE] = { TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
		[COL_GOAL] = { TEXT_INIT("goal"), COLUMN_NUMBER, NUM_PERCENT },
		[COL_COMPLIANCE] = { TEXT_INIT("compliance"), COLUMN_NUMBER,
		    NUM_PERCENT },
		[COL_BUDGET] = { TEXT_INIT("budget_left"), COLUMN_NUMBER,
		    NUM_PERCENT },
		[COL_PERIOD] = { TEXT_INIT("period"), COLUMN_TEXT, NUM_NONE },
		[COL_DETAIL] = { TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
	};
	struct arena *arena = build_arena(build);
	struct column *columns =
	    arena_array(arena, COL_COUNT, sizeof(*columns));

	if (slos->count == 0 || columns == NULL)
		return;
	for (size_t i = 0; i < COL_BURN; i++)
		columns[i] = fixed[i];
	for (size_t i = 0; i < windows->count; i++) {
		const struct text name[] = { TEXT("burn_"),
			text_clean_str(arena, windows->names[i]) };

		columns[COL_BURN + i] = (struct column) {
			.name = text_join(arena, name, 2),
			.kind = COLUMN_NUMBER,
		};
	}
	build_table(build, TEXT("slos"), columns, COL_BURN + windows->count);
	for (size_t i = 0; i < slos->count; i++) {
		struct gcp_slo slo = copy_of(&slos->list[i], arena);

		report_row(&slo, windows, oldest_ms, build);
		report_metrics(&slo, windows, oldest_ms, build);
	}
}
