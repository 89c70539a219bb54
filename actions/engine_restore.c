/*
 * What earlier processes left in the record: intents without an outcome,
 * which are read back and never sent again, and what is in force.
 */
#include <stdio.h>
#include <string.h>

#include "actions/engine_impl.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/num.h"
#include "model/platform.h"

struct restored *
restored_free(struct restored *list)
{
	while (list != NULL) {
		struct restored *next = list->next;

		plan_unref(list->plan);
		mem_free(list);
		list = next;
	}
	return NULL;
}

/* Where a walk over the record puts what it finds. */
struct gather {
	const struct actions *actions;
	struct restored **end;
	size_t count;
	bool open;
	bool failed;
};

/* "2026-11-22T14:02:31.114Z" as written by clock_rfc3339(); 0: no such. */
static int64_t
wall_from_text(const char *at)
{
	struct tm tm = { .tm_year = 0 };
	const char *rest = strptime(at, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t ms = 0;

	if (rest == NULL || rest[0] != '.' ||
	    !num_parse_i64(rest + 1, strspn(rest + 1, "0123456789"), &ms))
		return 0;
	return (int64_t)timegm(&tm) * 1000 + ms;
}

/* Whether what is open belongs to a process that will end it itself. */
static bool
is_others(const struct who *who, const struct audit_row *row, int64_t wall_ms)
{
	if (strcmp(row->field[AUDIT_HOST], who->host) == 0)
		return strcmp(row->field[AUDIT_PROCESS], who->process) == 0 ||
		       who_is_alive(row->field[AUDIT_PROCESS]);
	/* Another host can't be asked: it had its time. */
	return clock_wall_ms() - wall_ms < AUDIT_FOREIGN_MS;
}

static void
gather_when(
    struct restored *one, const struct who *who, const struct audit_row *row)
{
	const char *boot = row->field[AUDIT_BOOT];
	size_t len = strlen(who->boot);

	one->same_boot = len > 0 && strncmp(boot, who->boot, len) == 0 &&
			 boot[len] == ':' &&
			 num_parse_i64(boot + len + 1, strlen(boot + len + 1),
			     &one->sent_at);
	snprintf(one->reason, sizeof(one->reason), "%.*s",
	    ACTION_REASON_MAX - 1, row->field[AUDIT_REASON]);
	snprintf(one->who, sizeof(one->who), "%.60s",
	    row->field[AUDIT_USER][0] != '\0' ? row->field[AUDIT_USER]
					      : row->field[AUDIT_UID]);
}

/*
 * Whether a row is about something that is watched here: a platform in the
 * same environment, and of practice worlds the one that is there now. What
 * belongs to others is left to them.
 */
static bool
is_watched(
    const struct actions *actions, const struct audit_row *row, bool open)
{
	const struct actions_options *options = &actions->options;

	for (size_t i = 0; i < options->platform_count; i++) {
		const struct platform *platform = options->platforms[i];

		if (strcmp(platform->name, row->field[AUDIT_PLATFORM]) != 0 ||
		    strcmp(platform->env, row->field[AUDIT_ENV]) != 0)
			continue;
		return open || strcmp(platform->env, "drill") != 0 ||
		       wall_from_text(row->field[AUDIT_AT]) >=
			   options->drill_since_ms;
	}
	return false;
}

static bool
gather_row(void *ctx, const struct audit_row *row)
{
	struct gather *gather = ctx;
	const struct who *who = &gather->actions->who;
	int64_t wall_ms = wall_from_text(row->field[AUDIT_AT]);
	const char *json = row->field[AUDIT_PLAN];
	struct restored *one;
	struct plan *plan = NULL;

	if (!is_watched(gather->actions, row, gather->open) ||
	    (gather->open && is_others(who, row, wall_ms)))
		return true;
	/* What no version of ours wrote can't be shown; the record keeps it.
	 */
	if (plan_parse(json, strlen(json), &plan, NULL) != ERR_OK)
		return true;
	one = mem_calloc(1, sizeof(*one));
	if (one == NULL || (!gather->open && plan->undo == NULL)) {
		gather->failed = gather->failed || one == NULL;
		mem_free(one);
		plan_unref(plan);
		return !gather->failed;
	}
	one->open = gather->open;
	one->plan = plan;
	one->wall_ms = wall_ms;
	snprintf(one->id, sizeof(one->id), "%.*s", AUDIT_ID_LEN - 1,
	    row->field[AUDIT_ID]);
	snprintf(one->undo_of, sizeof(one->undo_of), "%.*s", AUDIT_ID_LEN - 1,
	    row->field[AUDIT_UNDO_OF]);
	gather_when(one, who, row);
	*gather->end = one;
	gather->end = &one->next;
	return ++gather->count < AUDIT_FORCE_MAX;
}

enum err_code
restore_run(struct call *call)
{
	struct gather gather = {
		.actions = call->actions,
		.end = &call->restored,
		.open = true,
	};
	struct audit *audit = NULL;
	struct audit_conf conf;
	enum err_code code;

	ledger_conf(call->actions, call->ledger, &conf);
	code = audit_open(&conf, &call->cancel, &audit, &call->err);
	if (code == ERR_OK)
		code =
		    audit_open_intents(audit, gather_row, &gather, &call->err);
	gather.open = false;
	gather.count = 0;
	if (code == ERR_OK)
		code = audit_in_force(audit, gather_row, &gather, &call->err);
	audit_close(audit);
	if (code == ERR_OK && gather.failed)
		code = err_set(&call->err, ERR_NOMEM, "action", "no memory");
	return code;
}

/* A job that only reads back what was sent before. */
static struct job *
adopt_job(struct actions *actions, const struct restored *one, int64_t now)
{
	struct job *job = job_new(actions, one->plan->request, one->id);
	int64_t long_ago =
	    now - (int64_t)ACTION_SETTLE_MS * NS_PER_MS / actions->hurry;
	struct err err = ERR_INIT;

	if (job == NULL)
		return NULL;
	job->adopted = job->recorded = true;
	snprintf(job->undo_of, sizeof(job->undo_of), "%s", one->undo_of);
	job->plan = plan_ref(one->plan);
	job->state = JOB_DOUBT;
	job->since = now;
	job->wall_ms = job->since_wall_ms = one->wall_ms;
	snprintf(job->who, sizeof(job->who), "%s", one->who);
	snprintf(job->reason, sizeof(job->reason), "%s", one->reason);
	job->judge.sent_at = one->same_boot ? one->sent_at : long_ago;
	job->judge.doubt = true;
	job->read_at = now;
	snprintf(job->words, sizeof(job->words),
	    "an earlier sevtop ended before its outcome was known: reading "
	    "back");
	if (job_bind(actions, job, &err) != ERR_OK || !one->plan->whole) {
		job->bound.ops = NULL;
		job->judge.unresolved = true;
		job->outcome = OUTCOME_UNRESOLVED;
		snprintf(job->words, sizeof(job->words),
		    "it can't be read back from here (%.100s): look yourself, "
		    "then close it",
		    err.code != ERR_OK ? err_text(&err) : "nothing to go by");
	}
	return job;
}

/* Known already, or for lack of room left to a later look. Under the lock. */
static bool
adopt_later(const struct actions *actions, const char *id)
{
	for (size_t i = 0; i < actions->job_count; i++) {
		if (strcmp(actions->jobs[i]->id, id) == 0)
			return true;
	}
	/* Half of the places stay free for what people want done. */
	return actions->job_count >= ACTIONS_JOBS_MAX / 2;
}

static void
adopt_open(struct actions *actions, const struct restored *list, int64_t now)
{
	for (const struct restored *one = list; one != NULL; one = one->next) {
		struct job *job;
		bool later;

		if (!one->open)
			continue;
		job = adopt_job(actions, one, now);
		if (job == NULL)
			return;
		pthread_mutex_lock(&actions->lock);
		later = adopt_later(actions, one->id);
		if (!later) {
			job->number = ++actions->numbers;
			actions->jobs[actions->job_count++] = job;
		}
		pthread_mutex_unlock(&actions->lock);
		if (later)
			job_free(job);
	}
}

/* The entry of an action in force, a new one if need be; NULL: no room. */
static struct force *
force_entry(struct actions *actions, const struct ledger *ledger,
    const struct restored *one)
{
	struct force *force = actions->force;

	for (size_t i = 0; i < actions->force_count; i++, force++) {
		if (strcmp(force->id, one->id) == 0)
			return force;
	}
	if (actions->force_count == AUDIT_FORCE_MAX)
		return NULL;
	actions->force_count++;
	*force = (struct force) {
		.ledger = ledger,
		.plan = plan_ref(one->plan),
	};
	snprintf(force->id, sizeof(force->id), "%s", one->id);
	snprintf(force->who, sizeof(force->who), "%s", one->who);
	force->wall_ms = one->wall_ms;
	return force;
}

/*
 * What the record says is in force, by whomever, is; what it said before and
 * does not say any more was undone elsewhere. Ours of this moment may not be
 * in there yet and stay.
 */
static void
adopt_force(struct actions *actions, const struct ledger *ledger,
    const struct restored *list)
{
	struct plan *gone[AUDIT_FORCE_MAX];
	size_t gone_count = 0;

	pthread_mutex_lock(&actions->lock);
	for (size_t i = 0; i < actions->force_count; i++)
		actions->force[i].seen = false;
	for (const struct restored *one = list; one != NULL; one = one->next) {
		struct force *force;

		if (one->open)
			continue;
		force = force_entry(actions, ledger, one);
		if (force != NULL)
			force->seen = force->on_record = true;
	}
	for (size_t i = 0; i < actions->force_count;) {
		struct force *force = &actions->force[i];

		if (force->seen || !force->on_record ||
		    force->ledger != ledger) {
			i++;
			continue;
		}
		gone[gone_count++] = force->plan;
		*force = actions->force[--actions->force_count];
	}
	actions->changed = true;
	pthread_mutex_unlock(&actions->lock);
	while (gone_count > 0)
		plan_unref(gone[--gone_count]);
}

/* The look at a record is over. */
static void
restore_ended(struct actions *actions, struct ledger *ledger, int64_t now)
{
	struct call *call = ledger->restorer;
	bool good = call->code == ERR_OK;
	struct audit_head head;

	thread_join(&call->thread);
	ledger->restorer = NULL;
	ledger->known = true;
	ledger->restore_at =
	    now + (good ? ACTIONS_RESTORE_MS : ACTIONS_RETRY_MS) * NS_PER_MS;
	ledger_say(actions, ledger, good ? "" : err_text(&call->err));
	if (good) {
		adopt_open(actions, call->restored, now);
		ledger->write_at = now; /* its store is back */
	}
	/* What we added since then may say that something was undone. */
	ledger_head(actions, ledger, &head);
	if (good &&
	    (head.seq != call->head_seq || ledger_pending(actions, ledger)))
		ledger->restore_at = now + ACTIONS_TICK_MS * NS_PER_MS;
	else if (good)
		adopt_force(actions, ledger, call->restored);
	call_free(call);
}

/* One record. Who leaves does not wait for what it would find there. */
static int64_t
restore_one(
    struct actions *actions, struct ledger *ledger, bool leaving, int64_t now)
{
	struct call *call = ledger->restorer;
	struct audit_head head;

	if (call != NULL && atomic_load(&call->ended)) {
		restore_ended(actions, ledger, now);
		return now; /* for the jobs that came with it */
	}
	if (call != NULL && leaving)
		cancel_fire(&call->cancel);
	if (call != NULL || leaving)
		return INT64_MAX;
	if (now < ledger->restore_at)
		return ledger->restore_at;
	ledger->restore_at = now + ACTIONS_RETRY_MS * NS_PER_MS;
	ledger_head(actions, ledger, &head);
	call = call_new(actions, CALL_RESTORE, NULL);
	if (call != NULL) {
		call->ledger = ledger;
		call->head_seq = head.seq;
		if (call_start(call, 0, NULL) == ERR_OK) {
			ledger->restorer = call;
			return INT64_MAX;
		}
	}
	call_free(call);
	return ledger->restore_at;
}

int64_t
restore_step(struct actions *actions, int64_t now)
{
	int64_t next = INT64_MAX;
	bool leaving;

	pthread_mutex_lock(&actions->lock);
	leaving = actions->leave_by != 0;
	pthread_mutex_unlock(&actions->lock);
	for (size_t i = 0; i < actions->ledger_count; i++) {
		int64_t at =
		    restore_one(actions, &actions->ledgers[i], leaving, now);

		if (at < next)
			next = at;
	}
	return next;
}
