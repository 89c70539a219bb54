#include "datasrc/prom_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/redact.h"
#include "datasrc/limits.h"

/* All targets in numbers. */
struct totals {
	size_t up;
	size_t down;
	size_t waiting; /* not asked yet */
	size_t samples;
	const struct prom_target *slowest; /* NULL: none is up */
};

static bool
is_waiting(const struct prom_target *target)
{
	return target->code == ERR_OK && target->latency_ns < 0;
}

static bool
is_down(const struct prom_target *target)
{
	return target->code != ERR_OK;
}

static struct totals
totals_of(const struct prom_targets *targets)
{
	struct totals totals = { .slowest = NULL };
	size_t i;

	for (i = 0; i < targets->count; i++) {
		const struct prom_target *target = &targets->items[i];

		if (is_down(target)) {
			totals.down++;
			continue;
		}
		if (is_waiting(target)) {
			totals.waiting++;
			continue;
		}
		totals.up++;
		totals.samples += target->samples;
		if (totals.slowest == NULL ||
		    target->latency_ns > totals.slowest->latency_ns)
			totals.slowest = target;
	}
	return totals;
}

static struct text
detail_of(struct arena *arena, const struct prom_target *target,
    const struct redactor *redactor)
{
	size_t len = strlen(target->name);
	const char *why = target->why;
	char count[NUM_TEXT_MAX];

	if (is_down(target)) {
		/* The row begins with the name already. */
		if (strncmp(why, target->name, len) == 0 && why[len] == ' ')
			why += len + 1;
		return text_ingest(
		    redactor, arena, why, strlen(why), ERR_MSG_MAX);
	}
	if (is_waiting(target))
		return TEXT("not asked yet");
	return text_fmt(
	    arena, "%s samples", num_int(count, (int64_t)target->samples));
}

static enum state
state_of(const struct prom_target *target)
{
	if (is_down(target))
		return STATE_CRIT;
	return is_waiting(target) ? STATE_UNKNOWN : STATE_OK;
}

static void
health_row(struct build *build, const struct prom_target *target,
    enum state state, const struct redactor *redactor)
{
	struct arena *arena = build_arena(build);

	build_health(build, text_clean_str(arena, target->name), state,
	    detail_of(arena, target, redactor),
	    is_down(target) ? -1 : target->latency_ns);
}

/*
 * The row that stands for all, then the bad ones: one of many that is down
 * is a warning, and the first row says when most are.
 */
static void
health_of_many(struct build *build, const struct prom_targets *targets,
    const struct totals *totals, const struct redactor *redactor)
{
	struct arena *arena = build_arena(build);
	char up[NUM_TEXT_MAX], down[NUM_TEXT_MAX], slow[NUM_TEXT_MAX];
	enum state state = STATE_OK;
	struct text detail;
	size_t i, named = 0;

	if (totals->down != 0)
		state =
		    totals->down * 2 > targets->count ? STATE_CRIT : STATE_WARN;
	detail =
	    text_fmt(arena, "%s up, %s down", num_int(up, (int64_t)totals->up),
		num_int(down, (int64_t)totals->down));
	if (totals->slowest != NULL)
		detail = text_fmt(arena, "%s up, %s down, slowest %s %s", up,
		    down, totals->slowest->name,
		    num_duration(slow, totals->slowest->latency_ns));
	build_health(build, TEXT("targets"), state, detail,
	    totals->slowest != NULL ? totals->slowest->latency_ns : -1);
	for (i = 0; i < targets->count && named < PROM_NAMED_MAX; i++) {
		if (!is_down(&targets->items[i]))
			continue;
		health_row(build, &targets->items[i], STATE_WARN, redactor);
		named++;
	}
}

/* Down first, then the slow ones. */
static int
compare_targets(const void *a, const void *b)
{
	const struct prom_target *x = *(const struct prom_target *const *)a;
	const struct prom_target *y = *(const struct prom_target *const *)b;

	if (is_down(x) != is_down(y))
		return is_down(x) ? -1 : 1;
	if (!is_down(x) && x->latency_ns != y->latency_ns)
		return x->latency_ns > y->latency_ns ? -1 : 1;
	return strcmp(x->name, y->name);
}

static const struct column columns[] = {
	{ TEXT_INIT("target"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	{ TEXT_INIT("latency"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("samples"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("failures"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("detail"), COLUMN_TEXT, NUM_NONE },
};

/* The worst rows; sorting a few thousand pointers costs little. */
static void
table_of(struct build *build, const struct prom_targets *targets,
    const struct redactor *redactor)
{
	struct arena *arena = build_arena(build);
	const struct prom_target **order;
	size_t i;

	order = arena_array(arena, targets->count, sizeof(*order));
	if (order == NULL)
		return;
	for (i = 0; i < targets->count; i++)
		order[i] = &targets->items[i];
	qsort(order, targets->count, sizeof(*order), compare_targets);
	build_table(build, TEXT("targets"), columns, ARRAY_LEN(columns));
	for (i = 0; i < targets->count && i < PROM_ROWS_MAX; i++) {
		const struct prom_target *target = order[i];
		struct text name = text_clean_str(arena, target->name);
		bool down = is_down(target);

		build_row(build, name, state_of(target));
		build_cell_text(build, 0, name);
		build_cell_state(build, 1, state_of(target),
		    down		 ? TEXT("down")
		    : is_waiting(target) ? TEXT("waiting")
					 : TEXT("up"));
		build_cell_num(build, 2,
		    down || target->latency_ns < 0
			? NAN
			: (double)target->latency_ns / NS_PER_SEC);
		build_cell_num(build, 3, down ? NAN : (double)target->samples);
		build_cell_num(build, 4, target->failures);
		build_cell_text(build, 5,
		    down ? detail_of(arena, target, redactor) : TEXT_EMPTY);
	}
}

static void
note_of(struct build *build, const struct prom_targets *targets,
    const struct totals *totals, const struct series_usage *usage)
{
	struct arena *arena = build_arena(build);
	char count[NUM_TEXT_MAX], samples[NUM_TEXT_MAX], kept[NUM_TEXT_MAX],
	    left[NUM_TEXT_MAX];

	num_int(count, (int64_t)targets->count);
	num_int(samples, (int64_t)totals->samples);
	num_int(kept, (int64_t)usage->metrics);
	num_int(left, (int64_t)usage->left_out);
	if (usage->left_out != 0)
		build_note(build,
		    text_fmt(arena,
			"%s samples, %s series kept, %s left out: name what "
			"you need under keep",
			samples, kept, left));
	else if (targets->count > 1)
		build_note(build,
		    text_fmt(arena, "%s targets, %s samples, %s series kept",
			count, samples, kept));
	else
		build_note(build, text_fmt(arena, "%s samples, %s series kept",
				      samples, kept));
}

void
prom_report(struct build *build, const struct prom_targets *targets,
    const struct series_usage *usage, const struct err *list_err,
    const struct redactor *redactor)
{
	struct totals totals = totals_of(targets);
	size_t i;

	if (list_err->code != ERR_OK)
		build_health(build, TEXT("targets_file"), STATE_WARN,
		    text_fmt(build_arena(build), "the old list goes on: %s",
			err_text(list_err)),
		    -1);
	note_of(build, targets, &totals, usage);
	if (targets->count <= PROM_NAMED_MAX)
		for (i = 0; i < targets->count; i++)
			health_row(build, &targets->items[i],
			    state_of(&targets->items[i]), redactor);
	else
		health_of_many(build, targets, &totals, redactor);
	build_gauge(
	    build, TEXT("scrape_samples"), NUM_COUNT, (double)totals.samples);
	if (totals.slowest != NULL)
		build_gauge(build, TEXT("scrape_duration_seconds"), NUM_SECONDS,
		    (double)totals.slowest->latency_ns / NS_PER_SEC);
	if (targets->count == 1)
		return;
	build_gauge(
	    build, TEXT("scrape_targets_up"), NUM_COUNT, (double)totals.up);
	build_gauge(
	    build, TEXT("scrape_targets_down"), NUM_COUNT, (double)totals.down);
	table_of(build, targets, redactor);
}
