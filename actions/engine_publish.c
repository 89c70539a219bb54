/*
 * What the engine shows: a section like any source's, with the tables that
 * panels look for by name.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/engine_impl.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/redact.h"
#include "model/build.h"
#include "model/platform.h"

enum jobs_column {
	JOBS_JOB,
	JOBS_ACTION,
	JOBS_TARGET,
	JOBS_PLATFORM,
	JOBS_CLASS,
	JOBS_STATE,
	JOBS_SINCE,
	JOBS_TOOK,
	JOBS_OUTCOME,
	JOBS_WORDS,
	JOBS_CHECK,
	JOBS_REASON,
	JOBS_WHO,
	JOBS_ID,
	JOBS_COLUMNS,
};

static const struct column jobs_columns[JOBS_COLUMNS] = {
	[JOBS_JOB] = { TEXT_INIT("job"), COLUMN_NUMBER, NUM_NONE },
	[JOBS_ACTION] = { TEXT_INIT("action"), COLUMN_TEXT, NUM_NONE },
	[JOBS_TARGET] = { TEXT_INIT("target"), COLUMN_TEXT, NUM_NONE },
	[JOBS_PLATFORM] = { TEXT_INIT("platform"), COLUMN_TEXT, NUM_NONE },
	[JOBS_CLASS] = { TEXT_INIT("class"), COLUMN_TEXT, NUM_NONE },
	[JOBS_STATE] = { TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	[JOBS_SINCE] = { TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
	[JOBS_TOOK] = { TEXT_INIT("took"), COLUMN_NUMBER, NUM_SECONDS },
	[JOBS_OUTCOME] = { TEXT_INIT("outcome"), COLUMN_TEXT, NUM_NONE },
	[JOBS_WORDS] = { TEXT_INIT("words"), COLUMN_TEXT, NUM_NONE },
	[JOBS_CHECK] = { TEXT_INIT("check"), COLUMN_TEXT, NUM_NONE },
	[JOBS_REASON] = { TEXT_INIT("reason"), COLUMN_TEXT, NUM_NONE },
	[JOBS_WHO] = { TEXT_INIT("who"), COLUMN_TEXT, NUM_NONE },
	[JOBS_ID] = { TEXT_INIT("id"), COLUMN_TEXT, NUM_NONE },
};

enum force_column {
	FORCE_ACTION,
	FORCE_TARGET,
	FORCE_PLATFORM,
	FORCE_SINCE,
	FORCE_WHO,
	FORCE_UNDO,
	FORCE_COLUMNS,
};

static const struct column force_columns[FORCE_COLUMNS] = {
	[FORCE_ACTION] = { TEXT_INIT("action"), COLUMN_TEXT, NUM_NONE },
	[FORCE_TARGET] = { TEXT_INIT("target"), COLUMN_TEXT, NUM_NONE },
	[FORCE_PLATFORM] = { TEXT_INIT("platform"), COLUMN_TEXT, NUM_NONE },
	[FORCE_SINCE] = { TEXT_INIT("since"), COLUMN_WALL, NUM_NONE },
	[FORCE_WHO] = { TEXT_INIT("who"), COLUMN_TEXT, NUM_NONE },
	[FORCE_UNDO] = { TEXT_INIT("undo"), COLUMN_TEXT, NUM_NONE },
};

enum gates_column {
	GATES_PLATFORM,
	GATES_ENV,
	GATES_STATE,
	GATES_UNTIL,
	GATES_REASON,
	GATES_COLUMNS,
};

static const struct column gates_columns[GATES_COLUMNS] = {
	[GATES_PLATFORM] = { TEXT_INIT("platform"), COLUMN_TEXT, NUM_NONE },
	[GATES_ENV] = { TEXT_INIT("env"), COLUMN_TEXT, NUM_NONE },
	[GATES_STATE] = { TEXT_INIT("state"), COLUMN_STATE, NUM_NONE },
	[GATES_UNTIL] = { TEXT_INIT("until"), COLUMN_WALL, NUM_NONE },
	[GATES_REASON] = { TEXT_INIT("reason"), COLUMN_TEXT, NUM_NONE },
};

enum output_column {
	OUTPUT_JOB,
	OUTPUT_LINE,
	OUTPUT_COLUMNS,
};

static const struct column output_columns[OUTPUT_COLUMNS] = {
	[OUTPUT_JOB] = { TEXT_INIT("job"), COLUMN_NUMBER, NUM_NONE },
	[OUTPUT_LINE] = { TEXT_INIT("line"), COLUMN_TEXT, NUM_NONE },
};

/* One picture being made. */
struct show {
	struct actions *actions;
	struct build *build;
	struct arena *arena; /* of build */
	int64_t now;
	int64_t wall_ms;
};

const struct signal *
actions_signal(
    const struct actions *actions, const char *platform, const char *name)
{
	const struct frame *frame = &actions->frame;
	const struct section *watch =
	    frame->slot_count > 0 ? frame->sections[frame->slot_count - 1]
				  : NULL;

	if (watch == NULL || watch->payload == NULL)
		return NULL;
	for (size_t i = 0; i < watch->payload->signal_count; i++) {
		const struct signal *row = &watch->payload->signals[i];

		if (text_eq(row->name, text_lit(name)) &&
		    text_eq(row->platform, text_lit(platform)))
			return row;
	}
	return NULL;
}

/* Words that may hold bytes from outside. */
static struct text
show_text(struct show *show, const char *s)
{
	return text_ingest(show->actions->options.redactor, show->arena, s,
	    strlen(s), PLAN_TEXT_MAX);
}

/* "runPrompt", "a, b, c", or the source when there is no target. */
static struct text
show_target(struct show *show, const struct request *request)
{
	struct buf names = BUF_INIT(PLAN_TEXT_MAX * 2);
	struct text text;

	for (size_t i = 0; i < request->is.target_count; i++)
		buf_fmt(&names, "%s%s", i > 0 ? ", " : "",
		    request->is.targets[i].name);
	if (request->is.target_count == 0 && request->is.source != NULL)
		buf_str(&names, request->is.source);
	text = show_text(show, buf_cstr(&names));
	buf_release(&names);
	return text;
}

static enum state
job_row_state(const struct job *job)
{
	if (job->missing)
		return STATE_CRIT;
	switch (job->outcome) {
	case OUTCOME_FAILED:
	case OUTCOME_REFUSED:
		return STATE_WARN;
	case OUTCOME_PARTLY:
	case OUTCOME_BROKEN:
	case OUTCOME_UNRESOLVED:
		return STATE_CRIT;
	default:
		return job->state == JOB_DOUBT ? STATE_CRIT : STATE_OK;
	}
}

static double
job_took(const struct job *job, int64_t now)
{
	int64_t end = job->state == JOB_ENDED ? job->ended_at : now;

	if (job->judge.sent_at == 0 || job->adopted)
		return NAN;
	return (double)(end - job->judge.sent_at) / (double)NS_PER_SEC;
}

/* The engine's thread is the only one that changes what is read here. */
static void
show_job(struct show *show, const struct job *job)
{
	struct build *b = show->build;
	struct buf check = BUF_INIT(ERR_MSG_MAX);
	enum state state = job_row_state(job);

	build_row(b,
	    text_fmt(show->arena, "%llu", (unsigned long long)job->number),
	    state);
	build_cell_num(b, JOBS_JOB, (double)job->number);
	build_cell_text(
	    b, JOBS_ACTION, show_text(show, job->request->is.action));
	build_cell_text(b, JOBS_TARGET, show_target(show, job->request));
	build_cell_text(
	    b, JOBS_PLATFORM, show_text(show, job->request->is.platform));
	if (job->plan != NULL)
		build_cell_text(b, JOBS_CLASS,
		    text_lit(action_class_word(job->plan->class)));
	build_cell_state(
	    b, JOBS_STATE, state, text_lit(job_state_word(job->state)));
	build_cell_num(b, JOBS_SINCE, (double)job->since_wall_ms);
	build_cell_num(b, JOBS_TOOK, job_took(job, show->now));
	build_cell_text(
	    b, JOBS_OUTCOME, text_lit(job_outcome_word(job->outcome)));
	build_cell_text(b, JOBS_WORDS, show_text(show, job->words));
	check_words(&job->check, show->now, &check);
	build_cell_text(b, JOBS_CHECK, show_text(show, buf_cstr(&check)));
	build_cell_text(b, JOBS_REASON, show_text(show, job->reason));
	build_cell_text(b, JOBS_WHO, show_text(show, job->who));
	build_cell_text(b, JOBS_ID, text_lit(job->id));
	buf_release(&check);
}

static void
show_force(struct show *show, const struct force *force)
{
	struct build *b = show->build;
	const struct plan *plan = force->plan;
	struct buf undo = BUF_INIT(PLAN_TEXT_MAX * 2);

	build_row(b, text_fmt(show->arena, "%s", force->id), STATE_WARN);
	build_cell_text(
	    b, FORCE_ACTION, show_text(show, plan->request->is.action));
	build_cell_text(b, FORCE_TARGET, show_target(show, plan->request));
	build_cell_text(
	    b, FORCE_PLATFORM, show_text(show, plan->request->is.platform));
	build_cell_num(
	    b, FORCE_SINCE, force->wall_ms > 0 ? (double)force->wall_ms : NAN);
	build_cell_text(b, FORCE_WHO, show_text(show, force->who));
	request_words(plan->undo, &undo);
	build_cell_text(b, FORCE_UNDO, show_text(show, buf_cstr(&undo)));
	buf_release(&undo);
}

static void
show_forces(struct show *show)
{
	struct actions *actions = show->actions;
	struct force *copy = mem_calloc(AUDIT_FORCE_MAX, sizeof(*copy));
	size_t count = 0;

	build_table(
	    show->build, TEXT("in_force"), force_columns, FORCE_COLUMNS);
	if (copy == NULL)
		return;
	pthread_mutex_lock(&actions->lock);
	for (; count < actions->force_count; count++) {
		copy[count] = actions->force[count];
		plan_ref(copy[count].plan);
	}
	pthread_mutex_unlock(&actions->lock);
	for (size_t i = 0; i < count; i++) {
		show_force(show, &copy[i]);
		plan_unref(copy[i].plan);
	}
	mem_free(copy);
}

static void
show_gate(
    struct show *show, const struct platform *platform, const struct gate *gate)
{
	struct build *b = show->build;
	int64_t left = gate_left_ns(gate, show->now);
	struct text word = TEXT("read-only");

	if (gate->mode == GATE_READONLY)
		word = TEXT("locked");
	else if (left > 0)
		word = TEXT("armed");
	build_row(b, show_text(show, platform->name), STATE_OK);
	build_cell_text(b, GATES_PLATFORM, show_text(show, platform->name));
	build_cell_text(b, GATES_ENV, show_text(show, platform->env));
	build_cell_state(
	    b, GATES_STATE, left > 0 ? STATE_WARN : STATE_OK, word);
	build_cell_num(b, GATES_UNTIL,
	    left > 0 && left != INT64_MAX
		? (double)(show->wall_ms + left / NS_PER_MS)
		: NAN);
	build_cell_text(b, GATES_REASON, show_text(show, gate->reason));
}

/* Lines of one job, the newest of them; returns how many it took. */
static size_t
show_output(struct show *show, const struct job *job, char *scratch, size_t max)
{
	size_t len = 0, lines = 0, first = 0, at = 0;

	pthread_mutex_lock(&show->actions->lock);
	if (job->output != NULL) {
		len = job->output->len;
		memcpy(scratch, job->output->bytes, len);
		first = job->output->dropped;
	}
	pthread_mutex_unlock(&show->actions->lock);
	for (size_t i = 0; i < len; i++)
		lines += scratch[i] == '\n';
	for (size_t i = 0; i < lines; i++) {
		const char *nl = memchr(scratch + at, '\n', len - at);
		size_t end = (size_t)(nl - scratch);

		if (lines - i <= max) {
			build_row(show->build,
			    text_fmt(show->arena, "%llu:%zu",
				(unsigned long long)job->number, first + i),
			    STATE_OK);
			build_cell_num(
			    show->build, OUTPUT_JOB, (double)job->number);
			build_cell_text(show->build, OUTPUT_LINE,
			    text_clean(show->arena, scratch + at, end - at,
				ACTIONS_LINE_MAX));
		}
		at = end + 1;
	}
	return lines < max ? lines : max;
}

static void
show_outputs(struct show *show, struct job *const *jobs, size_t count)
{
	char *scratch = mem_alloc(ACTIONS_OUTPUT_MAX);
	size_t left = ACTIONS_LINES_SHOWN;

	build_table(
	    show->build, TEXT("output"), output_columns, OUTPUT_COLUMNS);
	for (size_t i = count; scratch != NULL && i > 0 && left > 0; i--)
		left -= show_output(show, jobs[i - 1], scratch, left);
	mem_free(scratch);
}

/* Tables, from what the lock guards and what is the engine's own. */
static void
show_tables(struct show *show)
{
	struct actions *actions = show->actions;
	const struct actions_options *options = &actions->options;
	struct gate gate;
	size_t count;

	pthread_mutex_lock(&actions->lock);
	count = actions->job_count;
	pthread_mutex_unlock(&actions->lock);
	build_table(show->build, TEXT("jobs"), jobs_columns, JOBS_COLUMNS);
	for (size_t i = count; i > 0; i--) {
		if (actions->jobs[i - 1]->arg[0] == '\0')
			show_job(show, actions->jobs[i - 1]);
	}
	show_forces(show);
	build_table(show->build, TEXT("gates"), gates_columns, GATES_COLUMNS);
	for (size_t i = 0; i < options->platform_count; i++) {
		if (actions_gate(actions, options->platforms[i]->name, &gate))
			show_gate(show, options->platforms[i], &gate);
	}
	show_outputs(show, actions->jobs, count);
	detail_publish(actions, show->build, actions->jobs, count);
}

static void
show_events(struct show *show)
{
	struct actions *actions = show->actions;

	for (size_t i = 0; i < actions->event_count; i++) {
		const struct action_event *event =
		    &actions->events[(actions->event_first + i) %
				     ACTIONS_EVENTS_MAX];

		build_event(show->build, event->wall_ms, EVENT_ACTION,
		    show_text(show, event->subject),
		    show_text(show, event->text));
	}
}

/*
 * Whether something can be recorded, a row for each platform; and one more
 * when rows are missing for good.
 */
static void
show_records(struct show *show)
{
	struct actions *actions = show->actions;
	const struct actions_options *options = &actions->options;
	bool one = actions->ledger_count == 1;
	char words[ERR_MSG_MAX];
	size_t missing;

	for (size_t i = 0; i < options->platform_count; i++) {
		const char *why = actions->ledgers[actions->ledger_of[i]].words;
		struct text name =
		    text_clean_str(show->arena, options->platforms[i]->name);

		if (why[0] == '\0')
			build_health(
			    show->build, name, STATE_OK, TEXT_EMPTY, -1);
		else
			build_health(show->build, name, STATE_CRIT,
			    text_fmt(show->arena,
				"nothing can be recorded%s%s, so nothing can "
				"be done%s: %s",
				one ? "" : " for ",
				one ? "" : options->platforms[i]->name,
				one ? "" : " there", why),
			    -1);
	}
	pthread_mutex_lock(&actions->lock);
	missing = actions->missing_count;
	memcpy(words, actions->missing[0], sizeof(words));
	pthread_mutex_unlock(&actions->lock);
	if (missing > 0)
		build_health(show->build, TEXT("not on record"), STATE_CRIT,
		    text_fmt(show->arena, "not on record: %zu row%s: %s",
			missing, missing == 1 ? "" : "s", words),
		    -1);
}

static struct section *
show_section(struct show *show)
{
	struct section *section = section_new();

	if (section == NULL)
		return NULL;
	section->payload = build_finish(show->build, NULL);
	if (section->payload == NULL)
		return section_unref(section);
	snprintf(section->name, sizeof(section->name), "actions");
	snprintf(section->type, sizeof(section->type), "actions");
	snprintf(section->key, sizeof(section->key), "/actions");
	/* It is as new as what it shows, however long nothing happens. */
	section->every_ns = INT64_MAX / 8;
	section->started_at = show->actions->started_at;
	section->tried_at = section->good_at = show->now;
	section->good_wall_ms = show->wall_ms;
	section->polls = ++show->actions->published;
	section->why = TEXT_EMPTY;
	return section;
}

void
actions_publish(struct actions *actions, int64_t now, int64_t wall_ms)
{
	struct show show = {
		.actions = actions,
		.build = build_new(),
		.now = now,
		.wall_ms = wall_ms,
	};
	struct section *section;

	if (show.build == NULL)
		return;
	show.arena = build_arena(show.build);
	show_records(&show);
	show_tables(&show);
	show_events(&show);
	section = show_section(&show);
	build_free(show.build);
	if (section != NULL)
		store_publish_actions(actions->options.store, section);
}
