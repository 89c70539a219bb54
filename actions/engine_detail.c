/*
 * What the section tells of each job beyond its row: what it would do or
 * did, line by line, and each of its targets.
 */
#include <string.h>

#include "actions/engine_impl.h"
#include "base/buf.h"
#include "base/redact.h"
#include "model/build.h"

enum targets_column {
	TARGETS_JOB,
	TARGETS_TARGET,
	TARGETS_STATE,
	TARGETS_WORDS,
	TARGETS_COLUMNS,
};

static const struct column targets_columns[TARGETS_COLUMNS] = {
	[TARGETS_JOB] = { TEXT_INIT("job"), COLUMN_NUMBER, NUM_NONE },
	[TARGETS_TARGET] = { TEXT_INIT("target"), COLUMN_TEXT, NUM_NONE },
	[TARGETS_STATE] = { TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	[TARGETS_WORDS] = { TEXT_INIT("words"), COLUMN_TEXT, NUM_NONE },
};

enum plans_column {
	PLANS_JOB,
	PLANS_LABEL,
	PLANS_TEXT,
	PLANS_COLUMNS,
};

static const struct column plans_columns[PLANS_COLUMNS] = {
	[PLANS_JOB] = { TEXT_INIT("job"), COLUMN_NUMBER, NUM_NONE },
	[PLANS_LABEL] = { TEXT_INIT("label"), COLUMN_TEXT, NUM_NONE },
	[PLANS_TEXT] = { TEXT_INIT("text"), COLUMN_TEXT, NUM_NONE },
};

/* The rows of one job's plan. */
struct detail {
	struct build *build;
	struct arena *arena;
	const struct redactor *redactor;
	uint64_t job;
	size_t row;
};

static enum state
target_row_state(enum target_state state)
{
	switch (state) {
	case TARGET_DONE:
		return STATE_OK;
	case TARGET_UNCHANGED:
	case TARGET_PARTLY:
		return STATE_WARN;
	default:
		return STATE_UNKNOWN;
	}
}

static struct text
detail_text(const struct detail *detail, const char *s)
{
	return text_ingest(
	    detail->redactor, detail->arena, s, strlen(s), PLAN_TEXT_MAX);
}

static void
detail_targets(struct detail *detail, const struct job *job)
{
	const struct request_spec *is = &job->request->is;

	for (size_t i = 0; i < is->target_count && i < job->judge.count; i++) {
		const struct judge_target *target = &job->targets[i];

		build_row(detail->build,
		    text_fmt(detail->arena, "%llu:%zu",
			(unsigned long long)detail->job, i),
		    target_row_state(target->state));
		build_cell_num(detail->build, TARGETS_JOB, (double)detail->job);
		build_cell_text(detail->build, TARGETS_TARGET,
		    detail_text(detail, is->targets[i].name));
		build_cell_state(detail->build, TARGETS_STATE,
		    target_row_state(target->state),
		    text_lit(target_state_words(target->state)));
		build_cell_text(detail->build, TARGETS_WORDS,
		    detail_text(detail, target->note));
	}
}

/* text belongs to the plan, so it is copied. */
static void
detail_row(struct detail *detail, struct text label, struct text text)
{
	if (detail->row == ACTIONS_PLAN_ROWS || text.len == 0)
		return;
	build_row(detail->build,
	    text_fmt(detail->arena, "%llu:%zu", (unsigned long long)detail->job,
		detail->row++),
	    STATE_OK);
	build_cell_num(detail->build, PLANS_JOB, (double)detail->job);
	build_cell_text(
	    detail->build, PLANS_LABEL, text_copy(detail->arena, label));
	build_cell_text(
	    detail->build, PLANS_TEXT, text_copy(detail->arena, text));
}

/* "running → paused   1,204 waiting" */
static struct text
detail_line(const struct detail *detail, const struct plan_line *line)
{
	bool both = line->old.len > 0 && line->new.len > 0;
	struct text parts[5] = { line->old, both ? TEXT(" → ") : TEXT_EMPTY,
		line->new, line->note.len > 0 ? TEXT("   ") : TEXT_EMPTY,
		line->note };

	return text_join(detail->arena, parts, ARRAY_LEN(parts));
}

static void
detail_texts(struct detail *detail, struct text label, const struct text *texts,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		detail_row(detail, i == 0 ? label : TEXT_EMPTY, texts[i]);
}

static void
detail_plan(struct detail *detail, const struct plan *plan)
{
	char number[NUM_TEXT_MAX];
	struct buf undo = BUF_INIT(PLAN_TEXT_MAX);

	for (size_t i = 0; i < plan->line_count; i++)
		detail_row(detail, plan->lines[i].label,
		    detail_line(detail, &plan->lines[i]));
	detail_row(detail, TEXT("effect"), plan->effect);
	for (size_t i = 0; i < plan->reach_count; i++) {
		struct text parts[] = { text_fmt(detail->arena, "%s ",
					    num_human(number,
						plan->reach[i].value,
						plan->reach[i].unit)),
			plan->reach[i].label };

		detail_row(detail, i == 0 ? TEXT("reach") : TEXT_EMPTY,
		    text_join(detail->arena, parts, ARRAY_LEN(parts)));
	}
	detail_texts(detail, TEXT("mind"), plan->traps, plan->trap_count);
	detail_texts(detail, TEXT("sent"), plan->sends, plan->send_count);
	if (plan->undo != NULL) {
		request_words(plan->undo, &undo);
		detail_row(
		    detail, TEXT("undo"), detail_text(detail, buf_cstr(&undo)));
	}
	buf_release(&undo);
}

void
detail_publish(const struct actions *actions, struct build *build,
    struct job *const *jobs, size_t count)
{
	struct detail detail = {
		.build = build,
		.arena = build_arena(build),
		.redactor = actions->options.redactor,
	};
	size_t first =
	    count > ACTIONS_PLANS_SHOWN ? count - ACTIONS_PLANS_SHOWN : 0;

	build_table(build, TEXT("targets"), targets_columns, TARGETS_COLUMNS);
	for (size_t i = first; i < count; i++) {
		detail.job = jobs[i]->number;
		if (jobs[i]->targets != NULL)
			detail_targets(&detail, jobs[i]);
	}
	build_table(build, TEXT("plans"), plans_columns, PLANS_COLUMNS);
	for (size_t i = first; i < count; i++) {
		detail.job = jobs[i]->number;
		detail.row = 0;
		if (jobs[i]->plan != NULL)
			detail_plan(&detail, jobs[i]->plan);
	}
}
