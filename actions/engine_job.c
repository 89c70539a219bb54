/*
 * The life of a job, on the engine's thread: what calls brought back, what
 * was ordered, what is due. No failure here leads back to sending.
 */
#include <stdio.h>
#include <string.h>

#include "actions/engine_impl.h"
#include "base/buf.h"
#include "base/clock.h"
#include "model/platform.h"

/* The plan is there: if it takes back what is in force, it says so. */
static void
job_find_undo(struct actions *actions, struct job *job)
{
	const char *of = job->request->is.undo_of;

	pthread_mutex_lock(&actions->lock);
	for (size_t i = 0; i < actions->force_count; i++) {
		const struct force *force = &actions->force[i];
		const struct request *undo = force->plan->undo;

		if (of != NULL ? strcmp(of, force->id) == 0
			       : request_same(undo, job->request))
			memcpy(job->undo_of, force->id, sizeof(job->undo_of));
	}
	pthread_mutex_unlock(&actions->lock);
}

/* Nothing was sent: was that a refusal, or could it not be done? */
static enum job_outcome
outcome_of_code(enum err_code code)
{
	switch (code) {
	case ERR_FORBIDDEN:
	case ERR_WAITING:
	case ERR_CLOSED:
	case ERR_UNSUPPORTED:
	case ERR_USAGE:
		return OUTCOME_REFUSED;
	case ERR_CANCELLED:
		return OUTCOME_DROPPED;
	default:
		return OUTCOME_FAILED;
	}
}

static void
ended_plan(
    struct actions *actions, struct job *job, struct call *call, int64_t now)
{
	if (call->code != ERR_OK) {
		job_end(actions, job, outcome_of_code(call->code),
		    err_text(&call->err), now);
		return;
	}
	job_find_undo(actions, job);
	pthread_mutex_lock(&actions->lock);
	job->plan = call->plan;
	call->plan = NULL;
	pthread_mutex_unlock(&actions->lock);
	if (job->plan->class != ACTION_LOOK || job->plan->nothing ||
	    job->request->is.dry) {
		job_set(actions, job, JOB_PLANNED, OUTCOME_NONE, "%s",
		    job->plan->nothing ? "nothing to do: it is so already"
				       : "");
		return;
	}
	/* Looking needs no confirmation. */
	pthread_mutex_lock(&actions->lock);
	job->confirmed_at = now;
	pthread_mutex_unlock(&actions->lock);
	job_set(actions, job, JOB_WAITING, OUTCOME_NONE, "%s", "");
}

/* The time is over and it is not settled: why, and what to do. */
static const char *
unresolved_words(const struct judge *judge)
{
	if (!judge->read)
		return "it can't be read back: look yourself; this goes on "
		       "trying every two minutes";
	if (judge->may_come)
		return "it does not show, but what sends it hangs and may go "
		       "on one day: look yourself, then close it";
	return "the server said yes, but it does not show: look yourself, "
	       "then close it";
}

/* After sending and after every read-back: what the judge says. */
static void
job_judged(struct actions *actions, struct job *job, enum judge_next next,
    int64_t at, enum job_outcome outcome, const struct err *err, int64_t now)
{
	char words[ERR_MSG_MAX];
	bool was_late = job->outcome == OUTCOME_UNRESOLVED;

	job_targets_words(job, words, sizeof(words));
	if (words[0] == '\0' && err->code != ERR_OK)
		snprintf(words, sizeof(words), "%s", err_text(err));
	if (next == JUDGE_END) {
		job_end(actions, job, outcome, words, now);
		return;
	}
	job->read_at = at;
	if (job->judge.unresolved && !was_late)
		job_doubt(actions, job,
		    err->code == ERR_UNSUPPORTED
			? err_text(err)
			: unresolved_words(&job->judge));
	else if (job->judge.doubt && job->state != JOB_DOUBT)
		job_doubt(actions, job,
		    err->code != ERR_OK ? err_text(err)
					: "sent, and no word of what came of "
					  "it");
	else if (!job->judge.doubt && !job->judge.unresolved)
		job_set(actions, job, JOB_VERIFYING, OUTCOME_NONE, "%s", words);
}

static void
ended_apply(
    struct actions *actions, struct job *job, struct call *call, int64_t now)
{
	enum job_outcome outcome = OUTCOME_NONE;
	enum judge_next next;
	int64_t at = now;

	job->recorded = call->recorded;
	if (!call->sent) {
		job_end(actions, job,
		    call->code == ERR_CANCELLED ? OUTCOME_DROPPED
						: OUTCOME_REFUSED,
		    err_text(&call->err), now);
		return;
	}
	memcpy(job->targets, call->targets,
	    job->judge.count * sizeof(*job->targets));
	job->judge.sent_at = call->sent_at;
	next = judge_sent(&job->judge, now, &at, &outcome);
	job_judged(actions, job, next, at, outcome, &call->err, now);
}

/* A person may have closed it while it was being read: then that counts. */
static bool
is_being_read(const struct job *job)
{
	return job->state == JOB_VERIFYING || job->state == JOB_DOUBT;
}

static void
ended_verify(
    struct actions *actions, struct job *job, struct call *call, int64_t now)
{
	enum job_outcome outcome = OUTCOME_NONE;
	enum judge_next next;
	int64_t at = now;

	if (!is_being_read(job))
		return;
	memcpy(job->targets, call->targets,
	    job->judge.count * sizeof(*job->targets));
	job->looked = true;
	/* Waiting would not make it any clearer. */
	if (call->code == ERR_UNSUPPORTED)
		job->judge.unresolved = true;
	next =
	    judge_read(&job->judge, call->code == ERR_OK, now, &at, &outcome);
	job_judged(actions, job, next, at, outcome, &call->err, now);
}

static void
ended_choices(
    struct actions *actions, struct job *job, struct call *call, int64_t now)
{
	if (call->code != ERR_OK) {
		job_end(
		    actions, job, OUTCOME_FAILED, err_text(&call->err), now);
		return;
	}
	pthread_mutex_lock(&actions->lock);
	job->choices = call->choices;
	call->choices = NULL;
	pthread_mutex_unlock(&actions->lock);
	job_end(actions, job, OUTCOME_DONE, "", now);
}

static void
job_ended_call(
    struct actions *actions, struct job *job, struct call *call, int64_t now)
{
	if (call->kind == CALL_PLAN)
		ended_plan(actions, job, call, now);
	else if (call->kind == CALL_CHOICES)
		ended_choices(actions, job, call, now);
	else if (call->kind == CALL_APPLY)
		ended_apply(actions, job, call, now);
	else
		ended_verify(actions, job, call, now);
}

/* A call that hangs past all its time is left behind, as if it had failed
 * without a word. Its own thread may end one day; nobody listens then. */
static void
job_give_up(struct actions *actions, struct job *job, int64_t now)
{
	struct call *call = job->call;
	enum job_outcome outcome = OUTCOME_NONE;
	struct err err = ERR_INIT;
	enum judge_next next;
	int64_t at = now;

	job->call = NULL;
	cancel_fire(&call->cancel);
	actions->lost[actions->lost_count++] = call;
	err_set(&err, ERR_HUNG, "action", "no answer at all, it hangs");
	if (call->kind == CALL_PLAN || call->kind == CALL_CHOICES) {
		job_end(actions, job, OUTCOME_FAILED, err_text(&err), now);
	} else if (call->kind == CALL_VERIFY) {
		if (!is_being_read(job))
			return;
		next = judge_read(&job->judge, false, now, &at, &outcome);
		job_judged(actions, job, next, at, outcome, &err, now);
	} else if (atomic_load(&call->phase) == JOB_SENDING) {
		job->recorded = true;
		job->judge.may_come = true;
		job->judge.sent_at = call->sent_at;
		next = judge_sent(&job->judge, now, &at, &outcome);
		job_judged(actions, job, next, at, outcome, &err, now);
	} else {
		/* It is too late for it to be sent, whenever it wakes up. */
		job_end(actions, job, OUTCOME_REFUSED,
		    "cannot record: the record does not answer", now);
	}
}

static bool
names_overlap(const struct request *a, const struct request *b)
{
	if (a->is.target_count == 0 || b->is.target_count == 0)
		return true;
	for (size_t i = 0; i < a->is.target_count; i++) {
		for (size_t k = 0; k < b->is.target_count; k++) {
			if (strcmp(a->is.targets[i].name,
				b->is.targets[k].name) == 0)
				return true;
		}
	}
	return false;
}

/* Whether the other job holds what this one wants. */
static bool
job_holds(const struct job *other, const struct job *job)
{
	bool busy = other->state == JOB_RECORDING ||
		    other->state == JOB_SENDING ||
		    other->state == JOB_VERIFYING ||
		    other->state == JOB_DOUBT || other->state == JOB_ENDING;

	char held[BOUND_LOCK_LEN], wanted[BOUND_LOCK_LEN];

	if (!busy && other->state == JOB_WAITING)
		busy = other->confirmed_at < job->confirmed_at ||
		       (other->confirmed_at == job->confirmed_at &&
			   other->number < job->number);
	if (!busy || other == job || other->bound.ops == NULL)
		return false;
	bound_lock(&other->bound, other->request, held);
	bound_lock(&job->bound, job->request, wanted);
	return strcmp(held, wanted) == 0 &&
	       names_overlap(other->request, job->request);
}

/* Starts a call; a job that can't start one has failed with the reason. */
static void
job_call(
    struct actions *actions, struct job *job, enum call_kind kind, int64_t now)
{
	struct call *call = NULL;
	struct err err = ERR_INIT;
	enum err_code code = ERR_NOMEM;

	if (kind == CALL_VERIFY)
		judge_reading(&job->judge, now);
	if (actions->lost_count < ACTIONS_LOST_MAX)
		call = call_new(actions, kind, job);
	else
		code = err_set(&err, ERR_LIMIT, "action",
		    "%d calls hang already: start sevtop anew",
		    ACTIONS_LOST_MAX);
	if (call != NULL)
		code = call_start(call,
		    kind == CALL_APPLY ? 3 * AUDIT_NET_MS * NS_PER_MS
				       : ACTION_PLAN_MS * NS_PER_MS,
		    &err);
	if (code == ERR_OK) {
		job->call = call;
		pthread_mutex_lock(&actions->lock);
		if (job->output == NULL)
			job->output = output_ref(call->output);
		pthread_mutex_unlock(&actions->lock);
		return;
	}
	call_free(call);
	if (kind == CALL_VERIFY)
		job->read_at = now + ACTIONS_RETRY_MS * NS_PER_MS;
	else
		job_end(actions, job, OUTCOME_REFUSED, err_text(&err), now);
}

/* The watched signal as it is before anything is sent. */
static void
job_check_start(struct actions *actions, struct job *job, int64_t now)
{
	const struct platform_action *configured = job->bound.configured;
	const char *name = job->request->is.signal;
	int64_t for_ns = 0;

	if (configured != NULL && name == NULL)
		name = configured->watch;
	if (configured != NULL)
		for_ns = configured->watch_ns;
	else if (name == NULL && job->bound.ops->watch != NULL)
		name = job->bound.ops->watch(job->bound.platform, job->request);
	if (name == NULL || job->plan->class == ACTION_LOOK)
		return;
	frame_acquire(&actions->frame, actions->options.store);
	check_start(&job->check, name,
	    actions_signal(actions, job->request->is.platform, name), for_ns,
	    actions->hurry, now);
}

/* Whether it counts among those that are sent at once. A record that does
 * not answer holds up only what goes there. */
static bool
is_under_way(
    struct actions *actions, const struct job *job, const struct ledger *ledger)
{
	return job->state == JOB_SENDING ||
	       (job->state == JOB_RECORDING &&
		   ledger_find(actions, job->bound.platform) == ledger);
}

/* Left by another process, and one look may tell what came of it. */
static bool
is_being_settled(const struct job *job)
{
	return job->adopted && !job->looked;
}

/* A confirmed job: its turn, its end, or the time until which it may wait. */
static int64_t
job_wait_turn(
    struct actions *actions, struct job *job, size_t count, int64_t now)
{
	int64_t late_at = job->confirmed_at + ACTIONS_LATE_MS * NS_PER_MS;
	const struct job *holder = NULL;
	struct ledger *ledger = ledger_find(actions, job->bound.platform);
	/* What others left has to be known first, and the end of the one before
	 * on record. */
	bool writing = job->plan->class != ACTION_LOOK &&
		       (!ledger->known || ledger_pending(actions, ledger));
	size_t sending = 0;
	char words[ERR_MSG_MAX];

	for (size_t i = 0; i < count; i++) {
		const struct job *other = actions->jobs[i];

		sending += is_under_way(actions, other, ledger);
		if (holder == NULL && job_holds(other, job))
			holder = other;
	}
	if (holder == NULL && sending < ACTIONS_PARALLEL && !writing &&
	    now < late_at) {
		job_check_start(actions, job, now);
		job_set(actions, job, JOB_RECORDING, OUTCOME_NONE, "%s", "");
		job_call(actions, job, CALL_APPLY, now);
		return INT64_MAX;
	}
	if (now < late_at && (holder == NULL || holder->state != JOB_DOUBT ||
				 is_being_settled(holder)))
		return late_at;
	if (holder != NULL)
		snprintf(words, sizeof(words),
		    "%.60s of the same target is %s: it was not sent",
		    holder->request->is.action, job_state_word(holder->state));
	else if (writing)
		snprintf(words, sizeof(words), "cannot record: %.150s",
		    ledger->words[0] != '\0' ? ledger->words
					     : "the record does not answer");
	else
		snprintf(words, sizeof(words),
		    "%d actions are being sent already: it was not, look "
		    "again",
		    ACTIONS_PARALLEL);
	job_end(actions, job, OUTCOME_REFUSED, words, now);
	return INT64_MAX;
}

/* Looks at the signal after it was done. */
static int64_t
job_check(struct actions *actions, struct job *job, int64_t now)
{
	struct buf words = BUF_INIT(ERR_MSG_MAX);
	const struct signal *row;

	if (job->check.state != CHECK_WATCHING)
		return INT64_MAX;
	frame_acquire(&actions->frame, actions->options.store);
	row = actions_signal(
	    actions, job->request->is.platform, job->check.signal);
	pthread_mutex_lock(&actions->lock);
	actions->changed = true;
	pthread_mutex_unlock(&actions->lock);
	if (!check_step(&job->check, row, now))
		return now + ACTIONS_TICK_MS * NS_PER_MS / actions->hurry;
	check_words(&job->check, now, &words);
	actions_event(
	    actions, job, "%s: %s", job->request->is.action, buf_cstr(&words));
	(void)record_queue(actions,
	    job_record(actions, job, AUDIT_KIND_CHECK,
		check_state_word(job->check.state), buf_cstr(&words)),
	    NULL);
	buf_release(&words);
	return INT64_MAX;
}

/* What others ordered. */
static void
job_orders(struct actions *actions, struct job *job, bool leaving, int64_t now)
{
	char note[ACTION_REASON_MAX];
	bool cancel, close, confirmed;

	pthread_mutex_lock(&actions->lock);
	cancel = job->cancel || leaving;
	close = job->close;
	confirmed = job->confirmed;
	job->close = false;
	memcpy(note, job->note, sizeof(note));
	pthread_mutex_unlock(&actions->lock);
	if (close && job->state == JOB_DOUBT) {
		job_end(actions, job, OUTCOME_CLOSED, note, now);
	} else if (cancel && job->call != NULL &&
		   (leaving || job->call->kind != CALL_VERIFY)) {
		cancel_fire(&job->call->cancel);
	} else if (cancel &&
		   (job->state == JOB_PLANNING || job->state == JOB_PLANNED ||
		       job->state == JOB_WAITING)) {
		job_end(actions, job, OUTCOME_DROPPED,
		    leaving ? "sevtop ended" : "dropped", now);
	} else if (confirmed && job->state == JOB_PLANNED) {
		memcpy(job->reason, job->given, sizeof(job->reason));
		job_set(actions, job, JOB_WAITING, OUTCOME_NONE, "%s", "");
	}
}

/* One look at one job. Returns when to look again. */
static int64_t
job_step(struct actions *actions, struct job *job, size_t count, bool leaving,
    int64_t now)
{
	struct call *call = job->call;
	int64_t drop_at;

	if (call != NULL && atomic_load(&call->ended)) {
		job->call = NULL;
		thread_join(&call->thread);
		job_ended_call(actions, job, call, now);
		call_free(call);
	} else if (call != NULL && now >= atomic_load(&call->give_up_at) &&
		   actions->lost_count < ACTIONS_LOST_MAX) {
		job_give_up(actions, job, now);
	} else if (call != NULL && call->kind == CALL_APPLY &&
		   job->state == JOB_RECORDING &&
		   atomic_load(&call->phase) == JOB_SENDING) {
		job_set(actions, job, JOB_SENDING, OUTCOME_NONE, "%s", "");
		actions_event(actions, job, "%s sent", job->request->is.action);
	}
	if (job->call != NULL)
		return atomic_load(&job->call->give_up_at);
	if (call != NULL)
		return now; /* orders may have come meanwhile */
	switch (job->state) {
	case JOB_PLANNING:
		job_call(actions, job,
		    job->arg[0] != '\0' ? CALL_CHOICES : CALL_PLAN, now);
		return job->call != NULL ? atomic_load(&job->call->give_up_at)
					 : now;
	case JOB_PLANNED:
		drop_at = job->since + ACTIONS_PLAN_DROP_MS * NS_PER_MS;
		if (now < drop_at)
			return drop_at;
		job_end(actions, job, OUTCOME_DROPPED,
		    "nobody decided: it was dropped", now);
		return INT64_MAX;
	case JOB_WAITING:
		return job_wait_turn(actions, job, count, now);
	case JOB_VERIFYING:
	case JOB_DOUBT:
		if (leaving || job->bound.ops == NULL)
			return INT64_MAX;
		if (now < job->read_at)
			return job->read_at;
		job_call(actions, job, CALL_VERIFY, now);
		return job->call != NULL ? atomic_load(&job->call->give_up_at)
					 : job->read_at;
	case JOB_ENDED:
		return job_check(actions, job, now);
	default:
		return INT64_MAX;
	}
}

/* Ended jobs make room, the oldest first. */
static void
jobs_prune(struct actions *actions)
{
	struct job *gone = NULL;

	pthread_mutex_lock(&actions->lock);
	for (size_t i = 0;
	     i < actions->job_count &&
	     actions->job_count > ACTIONS_JOBS_MAX / 2 && gone == NULL;
	     i++) {
		struct job *job = actions->jobs[i];

		if (job->state != JOB_ENDED || job->call != NULL ||
		    job->check.state == CHECK_WATCHING)
			continue;
		gone = job;
		memmove(&actions->jobs[i], &actions->jobs[i + 1],
		    (actions->job_count - i - 1) * sizeof(actions->jobs[0]));
		actions->job_count--;
	}
	pthread_mutex_unlock(&actions->lock);
	job_free(gone);
}

/* Calls that were left behind and have ended all the same. */
static void
lost_collect(struct actions *actions)
{
	for (size_t i = 0; i < actions->lost_count;) {
		struct call *call = actions->lost[i];
		struct record *record = NULL;

		if (!atomic_load(&call->ended)) {
			i++;
			continue;
		}
		thread_join(&call->thread);
		for (size_t k = 0; k < actions->job_count; k++) {
			if (strcmp(actions->jobs[k]->id, call->id) == 0)
				actions->jobs[k]->judge.may_come = false;
		}
		/* Recorded after all, and never sent: the intent ends here. */
		if (call->kind == CALL_APPLY && call->recorded && !call->sent) {
			record = record_new(actions, AUDIT_KIND_OUTCOME,
			    call->bound.platform, call->id);
			record_job(actions, record, &call->bound, call->request,
			    call->plan->class);
			record_set(actions, record, AUDIT_RESULT,
			    job_outcome_word(OUTCOME_REFUSED));
			record_set(actions, record, AUDIT_DETAIL,
			    err_text(&call->err));
			(void)record_queue(actions, record, NULL);
		}
		call_free(call);
		actions->lost[i] = actions->lost[--actions->lost_count];
	}
}

int64_t
actions_step(struct actions *actions, int64_t now)
{
	int64_t next = INT64_MAX;
	bool leaving;
	size_t count;

	jobs_prune(actions);
	lost_collect(actions);
	pthread_mutex_lock(&actions->lock);
	count = actions->job_count;
	leaving = actions->leave_by != 0;
	pthread_mutex_unlock(&actions->lock);
	/* All orders first: who was confirmed first goes first. */
	for (size_t i = 0; i < count; i++)
		job_orders(actions, actions->jobs[i], leaving, now);
	for (size_t i = 0; i < count; i++) {
		int64_t at =
		    job_step(actions, actions->jobs[i], count, leaving, now);

		if (at < next)
			next = at;
	}
	return next;
}
