#include "actions/engine.h"

#include <stdio.h>
#include <string.h>

#include "actions/engine_impl.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "datasrc/gcp_tokens.h"
#include "model/platform.h"

static const char origin[] = "action";

const char *
job_state_word(enum job_state state)
{
	static const char *const words[] = {
#define X(state, word) word,
		JOB_STATES(X)
#undef X
	};

	return (unsigned)state < JOB_STATE_COUNT ? words[state] : "";
}

const char *
job_outcome_word(enum job_outcome outcome)
{
	static const char *const words[] = {
#define X(outcome, word, exit) word,
		JOB_OUTCOMES(X)
#undef X
	};

	return (unsigned)outcome < OUTCOME_COUNT ? words[outcome] : "";
}

int
job_outcome_exit(enum job_outcome outcome)
{
	static const int exits[] = {
#define X(outcome, word, exit) exit,
		JOB_OUTCOMES(X)
#undef X
	};

	return (unsigned)outcome < OUTCOME_COUNT ? exits[outcome] : 2;
}

enum err_code
actions_open(const struct actions_options *options,
    struct actions **ret_actions, struct err *err)
{
	struct actions *actions = mem_calloc(1, sizeof(*actions));
	int64_t now = clock_now();
	enum err_code code;

	if (actions == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	pthread_mutex_init(&actions->lock, NULL);
	actions->options = *options;
	actions->hurry = options->hurry > 0 ? options->hurry : 1;
	actions->started_at = now;
	actions->changed = true;
	actions->wake.fd[0] = actions->wake.fd[1] = -1;
	who_read(&actions->who);
	actions->gates =
	    mem_calloc(options->platform_count, sizeof(*actions->gates));
	actions->tokens = gcp_tokens_new();
	if (!ledgers_open(actions) || actions->gates == NULL ||
	    actions->tokens == NULL) {
		code = err_set(err, ERR_NOMEM, origin, "no memory");
		goto out;
	}
	for (size_t i = 0; i < options->platform_count; i++)
		gate_init(&actions->gates[i], options->gate,
		    options->platforms[i]->prod, now);
	code = frame_init(&actions->frame, options->store, err);
	if (code == ERR_OK)
		code = wake_init(&actions->wake, err);
out:
	if (code == ERR_OK)
		*ret_actions = actions;
	else
		actions_free(actions);
	return code;
}

/* One look at everything. Returns when to look again. */
static int64_t
engine_look(struct actions *actions, int64_t now)
{
	int64_t due[5] = { 0 };
	int64_t next = INT64_MAX;
	bool publish;

	due[0] = restore_step(actions, now);
	due[1] = ledgers_step(actions, now);
	due[2] = actions_step(actions, now);
	due[3] = due[4] = INT64_MAX;
	pthread_mutex_lock(&actions->lock);
	for (size_t i = 0; i < actions->options.platform_count; i++) {
		const struct gate *gate = &actions->gates[i];

		/* It closes by itself: others have to see that. */
		if (gate->armed && gate->until > now && gate->until < due[3])
			due[3] = gate->until;
	}
	/* However many lines come, the screen shows a few times a second. */
	if (actions->said)
		due[4] = actions->published_at + ACTIONS_SHOW_MS * NS_PER_MS;
	publish = actions->changed || now >= actions->gate_at || now >= due[4];
	if (publish) {
		actions->changed = actions->said = false;
		due[4] = INT64_MAX;
	}
	pthread_mutex_unlock(&actions->lock);
	actions->gate_at = due[3];
	if (publish) {
		actions_publish(actions, now, clock_wall_ms());
		actions->published_at = clock_now();
	}
	for (size_t i = 0; i < ARRAY_LEN(due); i++) {
		if (due[i] < next)
			next = due[i];
	}
	return next;
}

/* Whether a call runs, or is lost. */
static bool
engine_calls(struct actions *actions)
{
	bool calls = ledgers_have_calls(actions) || actions->lost_count > 0;

	pthread_mutex_lock(&actions->lock);
	for (size_t i = 0; i < actions->job_count; i++)
		calls = calls || actions->jobs[i]->call != NULL;
	pthread_mutex_unlock(&actions->lock);
	return calls;
}

/*
 * Whether all is done that has to be before leaving. Rows that can't be
 * written now, either, are left: their intents stay open.
 */
static bool
engine_may_leave(struct actions *actions, int64_t leave_by, int64_t now)
{
	if (leave_by == 0)
		return false;
	return now >= leave_by ||
	       (!engine_calls(actions) && ledgers_settled(actions));
}

static void *
engine_main(void *opaque)
{
	struct actions *actions = opaque;
	int64_t leave_by = 0;

	for (;;) {
		int64_t now = clock_now();
		int64_t next = engine_look(actions, now);

		pthread_mutex_lock(&actions->lock);
		leave_by = actions->leave_by;
		pthread_mutex_unlock(&actions->lock);
		if (engine_may_leave(actions, leave_by, now))
			break;
		if (leave_by != 0 && leave_by < next)
			next = leave_by;
		/* Every order and every end of a call signals the wake. */
		(void)io_wait(
		    wake_fd(&actions->wake), IO_READ, next, NULL, NULL);
		wake_drain(&actions->wake);
	}
	actions->stuck = engine_calls(actions);
	return NULL;
}

enum err_code
actions_start(struct actions *actions, struct err *err)
{
	enum err_code code = thread_start(
	    &actions->thread, "actions", engine_main, actions, err);

	actions->started = code == ERR_OK;
	return code;
}

bool
actions_stop(struct actions *actions, int64_t deadline)
{
	if (!actions->started)
		return !actions->stuck;
	actions->started = false;
	pthread_mutex_lock(&actions->lock);
	actions->leave_by = deadline > 0 ? deadline : 1;
	pthread_mutex_unlock(&actions->lock);
	wake_signal(&actions->wake);
	thread_join(&actions->thread);
	return !actions->stuck;
}

struct actions *
actions_free(struct actions *actions)
{
	if (actions == NULL || actions->stuck)
		return NULL;
	for (size_t i = 0; i < actions->job_count; i++)
		job_free(actions->jobs[i]);
	for (size_t i = 0; i < actions->force_count; i++)
		plan_unref(actions->force[i].plan);
	if (actions->frame.sections != NULL)
		frame_release(&actions->frame);
	wake_release(&actions->wake);
	gcp_tokens_free(actions->tokens);
	mem_free(actions->gates);
	ledgers_free(actions);
	pthread_mutex_destroy(&actions->lock);
	mem_free(actions);
	return NULL;
}

/* Lists a job, which is the engine's then; ERR_LIMIT: there is no place. */
static enum err_code
engine_add(struct actions *actions, struct job *job, uint64_t *ret_number,
    struct err *err)
{
	bool added = false;

	pthread_mutex_lock(&actions->lock);
	if (actions->leave_by == 0 && actions->job_count < ACTIONS_JOBS_MAX) {
		job->number = *ret_number = ++actions->numbers;
		actions->jobs[actions->job_count++] = job;
		actions->changed = true;
		added = true;
	}
	pthread_mutex_unlock(&actions->lock);
	if (!added)
		return err_set(err, ERR_LIMIT, origin,
		    "%d actions are open: end some first", ACTIONS_JOBS_MAX);
	wake_signal(&actions->wake);
	return ERR_OK;
}

/* What is asked for, in full. */
static enum err_code
engine_request(const struct actions *actions, const struct request_spec *spec,
    struct request **ret_request, struct err *err)
{
	const struct actions_options *options = &actions->options;
	const struct action_ops *ops =
	    spec->action != NULL ? action_find(options->table, spec->action)
				 : NULL;
	struct request_spec whole = *spec;
	struct arena *arena;
	enum err_code code = ERR_OK;

	if (ops == NULL || ops->expand == NULL || spec->platform == NULL)
		return request_new(spec, ret_request, err);
	arena = arena_new(ACTION_SCRATCH_MAX);
	if (arena == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	for (size_t i = 0; i < options->platform_count; i++) {
		if (strcmp(options->platforms[i]->name, spec->platform) == 0)
			code = ops->expand(
			    options->platforms[i], spec, arena, &whole, err);
	}
	if (code == ERR_OK)
		code = request_new(&whole, ret_request, err);
	arena_free(arena);
	return code;
}

/* arg "": it wants a plan; else words for that argument. */
static enum err_code
engine_ask(struct actions *actions, const struct request_spec *spec,
    const char *arg, uint64_t *ret_job, struct err *err)
{
	struct request *request = NULL;
	struct job *job = NULL;
	char id[AUDIT_ID_LEN];
	enum err_code code = engine_request(actions, spec, &request, err);

	if (code != ERR_OK)
		return code;
	if (audit_new_id(id))
		job = job_new(actions, request, id);
	request_unref(request);
	if (job == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	snprintf(job->arg, sizeof(job->arg), "%s", arg);
	code = job_bind(actions, job, err);
	if (code == ERR_OK && arg[0] == '\0')
		code = job_check_args(job, err);
	else if (code == ERR_OK && job->bound.ops->choices == NULL)
		code = err_set(err, ERR_UNSUPPORTED, origin,
		    "%s offers nothing to choose from", spec->action);
	if (code == ERR_OK)
		code = engine_add(actions, job, ret_job, err);
	/* Once it is listed it is the engine's, and may be gone already. */
	if (code != ERR_OK)
		job_free(job);
	return code;
}

enum err_code
actions_plan(struct actions *actions, const struct request_spec *spec,
    uint64_t *ret_job, struct err *err)
{
	return engine_ask(actions, spec, "", ret_job, err);
}

enum err_code
actions_choices(struct actions *actions, const struct request_spec *spec,
    const char *arg, uint64_t *ret_job, struct err *err)
{
	return engine_ask(actions, spec, arg, ret_job, err);
}

/* By number, under the lock; NULL: there is none. */
static struct job *
engine_find(const struct actions *actions, uint64_t number)
{
	for (size_t i = 0; i < actions->job_count; i++) {
		if (actions->jobs[i]->number == number)
			return actions->jobs[i];
	}
	return NULL;
}

/* By name, under the lock; NULL: there is none. */
static struct gate *
engine_gate(const struct actions *actions, const char *platform)
{
	for (size_t i = 0; i < actions->options.platform_count; i++) {
		if (strcmp(actions->options.platforms[i]->name, platform) == 0)
			return &actions->gates[i];
	}
	return NULL;
}

/* No words, or none that a record could hold. */
static bool
is_blank(const char *s)
{
	return s == NULL || s[strspn(s, " \t")] == '\0' ||
	       !utf8_is_valid(s, strlen(s));
}

/* Whether a person has given all that the class asks for. */
static enum err_code
check_given(const struct plan *plan, const char *reason, const char *typed,
    struct err *err)
{
	if ((plan->class >= ACTION_DISRUPTIVE ||
		(reason != NULL && reason[0] != '\0')) &&
	    is_blank(reason))
		return err_set(err, ERR_USAGE, origin,
		    "it is %s: it needs a reason, in UTF-8",
		    action_class_word(plan->class));
	if (plan->class == ACTION_DESTRUCTIVE &&
	    (typed == NULL || strcmp(typed, plan->word) != 0))
		return err_set(err, ERR_USAGE, origin,
		    "it is destructive: type \"%.80s\" to do it", plan->word);
	return ERR_OK;
}

/* Under the lock. */
static enum err_code
check_confirm(const struct actions *actions, const struct job *job,
    const struct plan *shown, int64_t now, struct err *err)
{
	if (job == NULL || job->state != JOB_PLANNED || job->confirmed ||
	    job->cancel || job->plan != shown)
		return err_set(err, ERR_CLOSED, origin,
		    "this plan does not wait any more: look again");
	if (shown->nothing)
		return err_set(err, ERR_CLOSED, origin,
		    "there is nothing to do: it is so already");
	if (now - shown->read_at > ACTIONS_PLAN_OLD_MS * NS_PER_MS)
		return err_set(err, ERR_CLOSED, origin,
		    "the plan is over %d s old: look again",
		    ACTIONS_PLAN_OLD_MS / 1000);
	return gate_check(engine_gate(actions, job->request->is.platform),
	    shown->class, now, err);
}

enum err_code
actions_confirm(struct actions *actions, uint64_t number,
    const struct plan *shown, const char *reason, const char *typed,
    struct err *err)
{
	enum err_code code = check_given(shown, reason, typed, err);
	int64_t now = clock_now();
	struct job *job;

	if (code != ERR_OK)
		return code;
	pthread_mutex_lock(&actions->lock);
	job = engine_find(actions, number);
	code = check_confirm(actions, job, shown, now, err);
	if (code == ERR_OK) {
		job->confirmed = true;
		job->confirmed_at = now;
		snprintf(job->given, sizeof(job->given), "%s",
		    reason != NULL ? reason : "");
	}
	pthread_mutex_unlock(&actions->lock);
	wake_signal(&actions->wake);
	return code;
}

void
actions_cancel(struct actions *actions, uint64_t number)
{
	struct job *job;

	pthread_mutex_lock(&actions->lock);
	job = engine_find(actions, number);
	if (job != NULL)
		job->cancel = true;
	pthread_mutex_unlock(&actions->lock);
	wake_signal(&actions->wake);
}

enum err_code
actions_close(
    struct actions *actions, uint64_t number, const char *note, struct err *err)
{
	enum err_code code = ERR_OK;
	struct job *job;

	if (is_blank(note))
		return err_set(err, ERR_USAGE, origin,
		    "say what you found: closing it needs a note");
	pthread_mutex_lock(&actions->lock);
	job = engine_find(actions, number);
	if (job == NULL || job->state != JOB_DOUBT) {
		code = err_set(err, ERR_CLOSED, origin,
		    "only what is in doubt can be closed");
	} else {
		job->close = true;
		snprintf(job->note, sizeof(job->note), "%s", note);
	}
	pthread_mutex_unlock(&actions->lock);
	wake_signal(&actions->wake);
	return code;
}

/* A reference to the plan of what is in force; NULL: it is not. */
static struct plan *
engine_force(struct actions *actions, const char *id)
{
	struct plan *plan = NULL;

	pthread_mutex_lock(&actions->lock);
	for (size_t i = 0; i < actions->force_count; i++) {
		if (strcmp(actions->force[i].id, id) == 0)
			plan = plan_ref(actions->force[i].plan);
	}
	pthread_mutex_unlock(&actions->lock);
	return plan;
}

/* Takes it off the list of what is in force. */
static void
engine_forget(struct actions *actions, const char *id)
{
	struct plan *plan = NULL;

	pthread_mutex_lock(&actions->lock);
	for (size_t i = 0; i < actions->force_count && plan == NULL; i++) {
		if (strcmp(actions->force[i].id, id) != 0)
			continue;
		plan = actions->force[i].plan;
		actions->force[i] = actions->force[--actions->force_count];
	}
	actions->changed = true;
	pthread_mutex_unlock(&actions->lock);
	plan_unref(plan);
}

enum err_code
actions_undo(
    struct actions *actions, const char *id, uint64_t *ret_job, struct err *err)
{
	struct plan *plan = engine_force(actions, id);
	struct request_spec spec;
	enum err_code code;

	if (plan == NULL)
		return err_set(
		    err, ERR_NOTFOUND, origin, "that is not in force any more");
	spec = plan->undo->is;
	spec.undo_of = id;
	code = actions_plan(actions, &spec, ret_job, err);
	plan_unref(plan);
	return code;
}

enum err_code
actions_keep(struct actions *actions, const char *id, const char *reason,
    struct err *err)
{
	struct plan *plan;
	struct record *record;
	struct bound bound;
	enum err_code code;

	if (is_blank(reason))
		return err_set(
		    err, ERR_USAGE, origin, "keeping it needs a reason");
	plan = engine_force(actions, id);
	if (plan == NULL)
		return err_set(
		    err, ERR_NOTFOUND, origin, "that is not in force any more");
	code = bind_request(actions->options.table, actions->options.platforms,
	    actions->options.platform_count, plan->request, &bound, err);
	if (code == ERR_OK) {
		record =
		    record_new(actions, AUDIT_KIND_KEEP, bound.platform, id);
		record_job(actions, record, &bound, plan->request, plan->class);
		record_set(actions, record, AUDIT_REASON, reason);
		code = record_queue(actions, record, err);
	}
	if (code == ERR_OK)
		engine_forget(actions, id);
	plan_unref(plan);
	return code;
}

/* Puts on record that a gate was opened or closed. */
static enum err_code
record_gate(struct actions *actions, size_t platform, const char *result,
    const char *reason, struct err *err)
{
	struct record *record = record_new(
	    actions, AUDIT_KIND_GATE, actions->options.platforms[platform], "");

	record_set(actions, record, AUDIT_RESULT, result);
	record_set(actions, record, AUDIT_REASON, reason);
	return record_queue(actions, record, err);
}

enum err_code
actions_arm(struct actions *actions, const char *platform, const char *reason,
    int64_t for_ns, struct err *err)
{
	enum err_code code = ERR_NOTFOUND;

	for (size_t i = 0; i < actions->options.platform_count; i++) {
		struct gate before;

		if (platform != NULL &&
		    strcmp(actions->options.platforms[i]->name, platform) != 0)
			continue;
		pthread_mutex_lock(&actions->lock);
		before = actions->gates[i];
		code = gate_arm(
		    &actions->gates[i], reason, for_ns, clock_now(), err);
		pthread_mutex_unlock(&actions->lock);
		if (code != ERR_OK)
			return code;
		code = record_gate(actions, i, "armed", reason, err);
		if (code != ERR_OK) {
			pthread_mutex_lock(&actions->lock);
			actions->gates[i] = before;
			pthread_mutex_unlock(&actions->lock);
			return code;
		}
		pthread_mutex_lock(&actions->lock);
		actions->changed = true;
		pthread_mutex_unlock(&actions->lock);
	}
	if (code == ERR_NOTFOUND)
		err_set(err, code, origin, "no platform is called %s",
		    platform != NULL ? platform : "");
	return code;
}

void
actions_disarm(struct actions *actions, const char *platform)
{
	for (size_t i = 0; i < actions->options.platform_count; i++) {
		bool was;

		if (platform != NULL &&
		    strcmp(actions->options.platforms[i]->name, platform) != 0)
			continue;
		pthread_mutex_lock(&actions->lock);
		was = gate_is_open(&actions->gates[i], clock_now());
		gate_disarm(&actions->gates[i], clock_now());
		actions->changed = true;
		pthread_mutex_unlock(&actions->lock);
		/* It is closed either way; a row that is missing is told. */
		if (was)
			(void)record_gate(actions, i, "read-only", "", NULL);
	}
}

bool
actions_gate(
    struct actions *actions, const char *platform, struct gate *ret_gate)
{
	const struct gate *gate;

	pthread_mutex_lock(&actions->lock);
	gate = engine_gate(actions, platform);
	if (gate != NULL)
		*ret_gate = *gate;
	pthread_mutex_unlock(&actions->lock);
	return gate != NULL;
}

bool
actions_job(struct actions *actions, uint64_t number, struct job_view *ret_view)
{
	const struct job *job;

	pthread_mutex_lock(&actions->lock);
	job = engine_find(actions, number);
	if (job != NULL) {
		*ret_view = (struct job_view) {
			.job = number,
			.state = job->state,
			.outcome = job->outcome,
			.since = job->since,
			.plan = job->plan != NULL ? plan_ref(job->plan) : NULL,
			.choices = job->choices != NULL
				       ? choices_ref(job->choices)
				       : NULL,
			.has_output =
			    job->output != NULL && job->output->len > 0,
		};
		memcpy(ret_view->id, job->id, sizeof(ret_view->id));
		memcpy(ret_view->words, job->words, sizeof(ret_view->words));
	}
	pthread_mutex_unlock(&actions->lock);
	return job != NULL;
}

void
job_view_release(struct job_view *view)
{
	view->plan = plan_unref(view->plan);
	view->choices = choices_unref(view->choices);
}

size_t
actions_in_force_count(struct actions *actions)
{
	size_t count;

	pthread_mutex_lock(&actions->lock);
	count = actions->force_count;
	pthread_mutex_unlock(&actions->lock);
	return count;
}

size_t
actions_running_count(struct actions *actions)
{
	size_t count = 0;

	pthread_mutex_lock(&actions->lock);
	for (size_t i = 0; i < actions->job_count; i++) {
		const struct job *job = actions->jobs[i];

		count += job->state >= JOB_WAITING && job->state < JOB_ENDED;
	}
	pthread_mutex_unlock(&actions->lock);
	return count;
}

bool
actions_audit_head(
    struct actions *actions, size_t platform, struct audit_head *ret_head)
{
	if (platform >= actions->options.platform_count)
		return false;
	ledger_head(
	    actions, &actions->ledgers[actions->ledger_of[platform]], ret_head);
	return true;
}
