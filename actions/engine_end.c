/*
 * A job as a thing: made and freed, its state, its end, and what that leaves
 * behind: a row of the record, an event, something in force.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "actions/engine_impl.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/redact.h"
#include "base/utf8.h"
#include "model/platform.h"

struct job *
job_new(const struct actions *actions, struct request *request, const char *id)
{
	struct job *job = mem_calloc(1, sizeof(*job));
	size_t count =
	    request->is.target_count > 0 ? request->is.target_count : 1;

	if (job == NULL)
		return NULL;
	job->targets = mem_calloc(count, sizeof(*job->targets));
	if (job->targets == NULL) {
		mem_free(job);
		return NULL;
	}
	job->request = request_ref(request);
	snprintf(job->id, sizeof(job->id), "%s", id);
	job->since = clock_now();
	job->wall_ms = job->since_wall_ms = clock_wall_ms();
	who_short(&actions->who, job->who);
	job->judge = (struct judge) {
		.targets = job->targets,
		.count = count,
		.settle_ns = ACTION_SETTLE_MS * NS_PER_MS,
		.hurry = actions->hurry,
	};
	return job;
}

enum err_code
job_bind(const struct actions *actions, struct job *job, struct err *err)
{
	enum err_code code = bind_request(actions->options.table,
	    actions->options.platforms, actions->options.platform_count,
	    job->request, &job->bound, err);

	if (code != ERR_OK)
		return code;
	job->judge.partial = job->bound.ops->partial;
	if (job->bound.ops->settle_ns > 0)
		job->judge.settle_ns = job->bound.ops->settle_ns;
	if (job->bound.configured != NULL &&
	    job->bound.configured->settle_ns > 0)
		job->judge.settle_ns = job->bound.configured->settle_ns;
	return ERR_OK;
}

enum err_code
job_check_args(const struct job *job, struct err *err)
{
	struct arena *arena = arena_new(ACTION_SCRATCH_MAX);
	enum err_code code = err_set(err, ERR_NOMEM, "action", "no memory");
	const void *args;

	if (arena != NULL) {
		err_clear(err);
		code = bind_args(&job->bound, job->request, arena, &args, err);
	}
	arena_free(arena);
	return code;
}

struct job *
job_free(struct job *job)
{
	if (job == NULL)
		return NULL;
	request_unref(job->request);
	plan_unref(job->plan);
	choices_unref(job->choices);
	output_unref(job->output);
	mem_free(job->targets);
	mem_free(job);
	return NULL;
}

/* Words may quote a server: redacted, without escapes, whole characters. */
static void
words_keep(
    const struct actions *actions, const char *words, char out[ERR_MSG_MAX])
{
	struct arena *arena = arena_new(ERR_MSG_MAX * 16);
	struct buf plain = BUF_INIT(ERR_MSG_MAX * 8);

	if (arena != NULL)
		text_plain(&plain, text_ingest(actions->options.redactor, arena,
				       words, strlen(words), ERR_MSG_MAX));
	snprintf(out, ERR_MSG_MAX, "%s", buf_cstr(&plain));
	utf8_mend(out);
	buf_release(&plain);
	arena_free(arena);
}

void
job_set(struct actions *actions, struct job *job, enum job_state state,
    enum job_outcome outcome, const char *fmt, ...)
{
	char said[ERR_MSG_MAX], words[ERR_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
	words_keep(actions, said, words);
	pthread_mutex_lock(&actions->lock);
	if (job->state != state || job->outcome != outcome) {
		job->since = clock_now();
		job->since_wall_ms = clock_wall_ms();
	}
	job->state = state;
	job->outcome = outcome;
	memcpy(job->words, words, sizeof(words));
	actions->changed = true;
	pthread_mutex_unlock(&actions->lock);
}

/* "runPrompt", "3 targets", or the platform when there is none. */
static void
job_subject(const struct job *job, char *out, size_t size)
{
	const struct request_spec *is = &job->request->is;

	if (is->target_count == 1)
		snprintf(out, size, "%s", is->targets[0].name);
	else if (is->target_count > 1)
		snprintf(out, size, "%zu targets", is->target_count);
	else
		snprintf(out, size, "%s",
		    is->source != NULL ? is->source : is->platform);
}

void
actions_event(
    struct actions *actions, const struct job *job, const char *fmt, ...)
{
	size_t to =
	    (actions->event_first + actions->event_count) % ACTIONS_EVENTS_MAX;
	struct action_event *event = &actions->events[to];
	int64_t wall_ms = clock_wall_ms();
	va_list ap;

	if (actions->event_count == ACTIONS_EVENTS_MAX)
		actions->event_first =
		    (actions->event_first + 1) % ACTIONS_EVENTS_MAX;
	else
		actions->event_count++;
	/* Events are told apart by their time. */
	if (wall_ms <= actions->event_ms)
		wall_ms = actions->event_ms + 1;
	actions->event_ms = event->wall_ms = wall_ms;
	job_subject(job, event->subject, sizeof(event->subject));
	va_start(ap, fmt);
	vsnprintf(event->text, sizeof(event->text), fmt, ap);
	va_end(ap);
}

/* What came of the targets, for one line. */
void
job_targets_words(const struct job *job, char *out, size_t size)
{
	const struct judge *judge = &job->judge;
	const struct judge_target *odd = NULL;
	size_t done = 0, odd_at = 0;

	for (size_t i = 0; i < judge->count; i++) {
		if (judge->targets[i].state == TARGET_DONE)
			done++;
		else if (odd == NULL || odd->note[0] == '\0') {
			odd = &judge->targets[i];
			odd_at = i;
		}
	}
	out[0] = '\0';
	if (judge->count == 1) {
		snprintf(out, size, "%s", judge->targets[0].note);
	} else if (odd != NULL) {
		snprintf(out, size, "%zu of %zu done; %.60s %s%s%.80s", done,
		    judge->count, job->request->is.targets[odd_at].name,
		    target_state_words(odd->state),
		    odd->note[0] != '\0' ? ": " : "", odd->note);
	}
}

/* A row about a job; NULL without memory. */
struct record *
job_record(const struct actions *actions, const struct job *job,
    enum audit_kind kind, const char *result, const char *detail)
{
	const struct platform *platform = job->bound.platform;
	struct record *record;

	for (size_t i = 0; platform == NULL; i++) {
		if (i == actions->options.platform_count)
			return NULL;
		if (strcmp(actions->options.platforms[i]->name,
			job->request->is.platform) == 0)
			platform = actions->options.platforms[i];
	}
	record = record_new(actions, kind, platform, job->id);
	record_job(actions, record, &job->bound, job->request,
	    job->plan != NULL ? job->plan->class : ACTION_REVERSIBLE);
	record_set(actions, record, AUDIT_RESULT, result);
	record_set(actions, record, AUDIT_DETAIL, detail);
	record_set(actions, record, AUDIT_UNDO_OF, job->undo_of);
	return record;
}

/* It was done: it takes something back, or is in force itself. */
static void
job_force(struct actions *actions, struct job *job)
{
	const struct ledger *ledger = ledger_find(actions, job->bound.platform);
	struct plan *drop = NULL;
	struct force *force;

	if (job->plan == NULL || job->plan->class == ACTION_LOOK)
		return;
	pthread_mutex_lock(&actions->lock);
	if (job->undo_of[0] != '\0' && job->outcome == OUTCOME_DONE) {
		for (size_t i = 0; i < actions->force_count; i++) {
			force = &actions->force[i];
			if (strcmp(force->id, job->undo_of) != 0)
				continue;
			drop = force->plan;
			*force = actions->force[--actions->force_count];
			break;
		}
	} else if (job->undo_of[0] == '\0' && job->plan->undo != NULL &&
		   actions->force_count < AUDIT_FORCE_MAX) {
		force = &actions->force[actions->force_count++];
		memcpy(force->id, job->id, sizeof(force->id));
		memcpy(force->who, job->who, sizeof(force->who));
		force->ledger = ledger;
		force->plan = plan_ref(job->plan);
		force->on_record = force->seen = false;
		force->wall_ms = job->since_wall_ms;
	}
	pthread_mutex_unlock(&actions->lock);
	plan_unref(drop);
}

/* From now on its outcome is known to all. why: it is not on record. */
static void
job_close(struct actions *actions, struct job *job, const char *why)
{
	bool first = job->state != JOB_ENDED;

	job->missing = why[0] != '\0';
	if (!job->missing)
		job_set(
		    actions, job, JOB_ENDED, job->end, "%s", job->end_words);
	else
		job_set(actions, job, JOB_ENDED, job->end,
		    "%.*s%snot on record: %.90s", ERR_MSG_MAX - 110,
		    job->end_words, job->end_words[0] != '\0' ? "; " : "", why);
	if (!first)
		return;
	if (job->end == OUTCOME_DONE || job->end == OUTCOME_PARTLY)
		job_force(actions, job);
	else
		job->check.state = CHECK_NONE;
	if (job->recorded)
		actions_event(actions, job, "%s: %s", job->request->is.action,
		    job_outcome_word(job->end));
}

void
job_recorded(struct actions *actions, const char *id, const char *why)
{
	size_t count;

	pthread_mutex_lock(&actions->lock);
	count = actions->job_count;
	pthread_mutex_unlock(&actions->lock);
	for (size_t i = 0; i < count; i++) {
		struct job *job = actions->jobs[i];

		if (strcmp(job->id, id) == 0 &&
		    (job->state == JOB_ENDING || job->state == JOB_ENDED))
			job_close(actions, job, why);
	}
}

void
job_end(struct actions *actions, struct job *job, enum job_outcome outcome,
    const char *words, int64_t now)
{
	char took[24];
	struct record *record;
	struct err err = ERR_INIT;

	job->ended_at = now;
	job->end = outcome;
	snprintf(job->end_words, sizeof(job->end_words), "%s", words);
	if (!job->recorded) {
		job_close(actions, job, "");
		return;
	}
	job_set(actions, job, JOB_ENDING, OUTCOME_NONE, "%s", "");
	record = job_record(
	    actions, job, AUDIT_KIND_OUTCOME, job_outcome_word(outcome), words);
	if (job->judge.sent_at > 0 && !job->adopted) {
		snprintf(took, sizeof(took), "%lld",
		    (long long)((now - job->judge.sent_at) / NS_PER_MS));
		record_set(actions, record, AUDIT_TOOK_MS, took);
	}
	if (record_queue(actions, record, &err) != ERR_OK)
		job_close(actions, job, err_text(&err));
}

/* In doubt, or unresolved after all: as loud as failed, and on record. */
void
job_doubt(struct actions *actions, struct job *job, const char *words)
{
	bool late = job->judge.unresolved;
	const char *result = late ? "unresolved" : "in doubt";

	job_set(actions, job, JOB_DOUBT,
	    late ? OUTCOME_UNRESOLVED : OUTCOME_NONE, "%s", words);
	actions_event(actions, job, "%s: %s", job->request->is.action, result);
	(void)record_queue(actions,
	    job_record(actions, job, AUDIT_KIND_DOUBT, result, words), NULL);
}
