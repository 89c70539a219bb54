#include "datasrc/bullmq_read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "datasrc/bullmq_impl.h"

/* Fields of a waiting job's hash, in the order of the answer. */
enum {
	JOB_TIMESTAMP,
	JOB_PROCESSED,
	JOB_OPTS,
};

/* Fields of a failed job's hash; the attempts are in one of the last two. */
enum {
	FAIL_REASON,
	FAIL_NAME,
	FAIL_TIMESTAMP,
	FAIL_ATM,
	FAIL_ATTEMPTS_MADE,
	FAIL_FIELDS,
};

/* A job's id in the first answers; borrowed. */
struct job_id {
	const char *s;
	size_t len;
};

/* Markers and ids that no library would make are left out. */
static bool
job_id_of(const struct redisReply *reply, struct job_id *ret)
{
	struct job_id id;

	if (!redis_reply_str(reply, &id.s, &id.len) || id.len == 0 ||
	    id.len > BULLMQ_ID_MAX || bullmq_is_marker(id.s, id.len))
		return false;
	*ret = id;
	return true;
}

/* "HMGET <base><id><suffix> fields..." and the like; ids hold any bytes. */
static void
ask_job(struct redis_batch *batch, const struct bullmq_track *track,
    const char *command, struct job_id id, const char *suffix,
    const char *const *fields, size_t field_count)
{
	char key[BULLMQ_BASE_MAX + BULLMQ_ID_MAX + 16];
	const char *argv[2 + FAIL_FIELDS] = { command, key };
	size_t lens[2 + FAIL_FIELDS] = { strlen(command) };
	size_t base = strlen(track->base), tail = strlen(suffix);

	memcpy(key, track->base, base);
	memcpy(key + base, id.s, id.len);
	memcpy(key + base + id.len, suffix, tail);
	lens[1] = base + id.len + tail;
	for (size_t i = 0; i < field_count && i < FAIL_FIELDS; i++) {
		argv[2 + i] = fields[i];
		lens[2 + i] = strlen(fields[i]);
	}
	redis_batch_argv(batch, 2 + field_count, argv, lens);
}

/* The ids whose ages are looked at: both ends of the lists, the first of
 * the prioritized. Returns how many. */
static size_t
head_ids(const struct bullmq_queue *q, const struct redis_replies *first,
    size_t at, struct job_id out[BULLMQ_HEADS_MAX])
{
	const size_t lists[] = {
		BULLMQ_ASK_WAIT_TAIL,
		BULLMQ_ASK_WAIT_HEAD,
		BULLMQ_ASK_HELD_TAIL,
		BULLMQ_ASK_HELD_HEAD,
		BULLMQ_ASK_PRIORITIZED_HEAD,
	};
	bool held = q->paused && bullmq_has_paused_list(q->dialect);
	size_t n = 0;

	for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
		const struct redisReply *ids =
		    redis_replies_at(first, at + lists[l]);
		size_t count = redis_reply_count(ids);
		bool is_held = lists[l] == BULLMQ_ASK_HELD_TAIL ||
			       lists[l] == BULLMQ_ASK_HELD_HEAD;

		if ((is_held && !held) ||
		    (lists[l] == BULLMQ_ASK_PRIORITIZED_HEAD &&
			!bullmq_has_prioritized(q->dialect)))
			continue;
		for (size_t i = 0; i < count && n < BULLMQ_HEADS_MAX; i++)
			if (job_id_of(redis_reply_at(ids, i), &out[n]))
				n++;
	}
	return n;
}

/* A finished job to tell the dialect by, when that is still open. */
static bool
trace_id(const struct bullmq_queue *q, const struct redis_replies *first,
    size_t at, struct job_id *ret)
{
	if (q->evidence.version[0] != '\0')
		return false;
	return job_id_of(redis_reply_at(redis_replies_at(first,
					    at + BULLMQ_ASK_COMPLETED_ID),
			     0),
		   ret) ||
	       job_id_of(
		   redis_reply_at(
		       redis_replies_at(first, at + BULLMQ_ASK_FAILED_IDS), 0),
		   ret);
}

/* Brings the list of failures up to date with the failed set. */
static void
fails_update(struct bullmq_track *track, const struct redisReply *ids)
{
	uint64_t hashes[BULLMQ_FAILS_MAX];
	double ats[BULLMQ_FAILS_MAX];
	size_t n = 0;
	const char *id;
	size_t len;

	while (n < BULLMQ_FAILS_MAX &&
	       redis_reply_str(redis_reply_at(ids, 2 * n), &id, &len) &&
	       redis_reply_num(redis_reply_at(ids, 2 * n + 1), &ats[n])) {
		hashes[n] = bullmq_id_hash(id, len);
		n++;
	}
	bullmq_fails_set(&track->fails, hashes, ats, n);
}

static void
ask_fails(struct redis_batch *batch, struct bullmq_track *track,
    const struct redisReply *ids, size_t *left)
{
	static const char *const fields[FAIL_FIELDS] = {
		[FAIL_REASON] = "failedReason",
		[FAIL_NAME] = "name",
		[FAIL_TIMESTAMP] = "timestamp",
		[FAIL_ATM] = "atm",
		[FAIL_ATTEMPTS_MADE] = "attemptsMade",
	};
	struct job_id id;

	fails_update(track, ids);
	for (size_t i = 0; i < track->fails.count; i++) {
		struct bullmq_fail *fail = &track->fails.list[i];

		fail->asked = false;
		if (fail->known || *left == 0 ||
		    !job_id_of(redis_reply_at(ids, 2 * i), &id))
			continue;
		ask_job(batch, track, "HMGET", id, "", fields, FAIL_FIELDS);
		fail->asked = true;
		(*left)--;
	}
}

/* What is asked about one active job: is it locked, when did it start. */
static void
ask_active(struct redis_batch *batch, const struct bullmq_track *track,
    const struct redisReply *active)
{
	static const char *const started[] = { "processedOn" };
	char key[BULLMQ_BASE_MAX + 16];
	struct job_id id;

	for (size_t i = 0;
	     i < redis_reply_count(active) && i < BULLMQ_ACTIVE_MAX; i++) {
		if (!job_id_of(redis_reply_at(active, i), &id))
			continue;
		ask_job(batch, track, "EXISTS", id, ":lock", NULL, 0);
		ask_job(batch, track, "HMGET", id, "", started, 1);
	}
	/* Asked again behind the locks: a job that ended in between is gone. */
	snprintf(key, sizeof(key), "%sactive", track->base);
	redis_batch_cmd(batch, "LRANGE", key, BULLMQ_ACTIVE_FROM, "-1", NULL);
}

void
bullmq_ask_second(struct redis_batch *batch, struct bullmq_track *track,
    const struct bullmq_queue *q, const struct redis_replies *first, size_t at,
    size_t *fails_left)
{
	static const char *const job[] = { "timestamp", "processedOn", "opts" };
	static const char *const trace[] = { "atm", "attemptsMade" };
	struct job_id ids[BULLMQ_HEADS_MAX], id;
	size_t heads = head_ids(q, first, at, ids);

	for (size_t i = 0; i < heads; i++)
		ask_job(batch, track, "HMGET", ids[i], "", job, ARRAY_LEN(job));
	if (trace_id(q, first, at, &id))
		ask_job(batch, track, "HMGET", id, "", trace, ARRAY_LEN(trace));
	ask_active(
	    batch, track, redis_replies_at(first, at + BULLMQ_ASK_ACTIVE_IDS));
	ask_fails(batch, track,
	    redis_replies_at(first, at + BULLMQ_ASK_FAILED_IDS), fails_left);
}

/* The delay that was asked for, from the options of a job (JSON). */
static double
opts_delay(const struct redisReply *reply)
{
	struct cJSON *root = NULL;
	double delay = 0;
	const char *s;
	size_t len;

	if (!redis_reply_str(reply, &s, &len) || len > BULLMQ_OPTS_MAX ||
	    json_parse(s, len, &root, NULL) != ERR_OK)
		return 0;
	if (!json_double(json_member(root, "delay"), &delay) || delay < 0)
		delay = 0;
	json_free(root);
	return delay;
}

/*
 * Seconds that a job has been ready to run: since it was added, its delay
 * was over, or its last attempt began, whichever came last.
 */
static double
job_age(const struct redisReply *job, double now)
{
	double added = redis_reply_or_nan(redis_reply_at(job, JOB_TIMESTAMP));
	double begun = redis_reply_or_nan(redis_reply_at(job, JOB_PROCESSED));
	double delay = opts_delay(redis_reply_at(job, JOB_OPTS));
	double ready = added;

	if (isnan(added))
		return NAN;
	/* Promoted by hand when the delay is not over yet. */
	if (added + delay <= now)
		ready = added + delay;
	if (begun > ready)
		ready = begun;
	return ready < now ? (now - ready) / 1000 : 0;
}

static size_t
read_heads(struct bullmq_queue *q, size_t heads,
    const struct redis_replies *second, size_t at, double now)
{
	for (size_t i = 0; i < heads; i++) {
		double age = job_age(redis_replies_at(second, at + i), now);

		if (!isnan(age) && !(age < q->oldest_s))
			q->oldest_s = age;
	}
	return at + heads;
}

static void
read_trace(struct bullmq_queue *q, const struct redisReply *reply)
{
	const char *s;
	size_t len;

	if (redis_reply_str(redis_reply_at(reply, 0), &s, &len))
		q->evidence.finished = BULLMQ_TRACE_ATM;
	else if (redis_reply_str(redis_reply_at(reply, 1), &s, &len))
		q->evidence.finished = BULLMQ_TRACE_MADE;
	q->dialect = bullmq_dialect_of(&q->evidence, &q->dialect_sure);
	q->waiting = bullmq_waiting(q);
}

static bool
list_has(const struct redisReply *list, struct job_id id)
{
	const char *s;
	size_t len;

	for (size_t i = 0; i < redis_reply_count(list); i++)
		if (redis_reply_str(redis_reply_at(list, i), &s, &len) &&
		    len == id.len && memcmp(s, id.s, len) == 0)
			return true;
	return false;
}

static bool
was_lockless(const struct bullmq_track *track, uint64_t hash)
{
	for (size_t i = 0; i < track->lockless_count; i++)
		if (track->lockless[i] == hash)
			return true;
	return false;
}

/*
 * An active job without a lock has lost its worker. Where a worker locks
 * late, it may just have been taken: then only if it started long ago or
 * had none at the last poll either.
 */
static bool
is_stalled(const struct bullmq_queue *q, const struct bullmq_track *track,
    uint64_t hash, double running_s)
{
	return !bullmq_locks_late(q->dialect) ||
	       running_s > BULLMQ_LATE_LOCK_S || was_lockless(track, hash);
}

/* Locks and starts of the active jobs; *at moves behind their answers. */
static void
read_active(struct bullmq_queue *q, struct bullmq_track *track,
    const struct redisReply *active, const struct redis_replies *second,
    size_t *at, double now)
{
	uint64_t lockless[BULLMQ_ACTIVE_MAX];
	size_t count = 0, asked = 0;
	const struct redisReply *again;
	struct job_id id;

	for (size_t i = 0;
	     i < redis_reply_count(active) && i < BULLMQ_ACTIVE_MAX; i++)
		asked += job_id_of(redis_reply_at(active, i), &id);
	again = redis_replies_at(second, *at + 2 * asked);
	q->stalled = redis_reply_check(again, NULL) == ERR_OK ? 0 : NAN;
	q->active_cut = q->active > BULLMQ_ACTIVE_MAX;
	for (size_t i = 0;
	     i < redis_reply_count(active) && i < BULLMQ_ACTIVE_MAX; i++) {
		double lock, start, running;
		uint64_t hash;

		if (!job_id_of(redis_reply_at(active, i), &id))
			continue;
		lock = redis_reply_or_nan(redis_replies_at(second, (*at)++));
		start = redis_reply_or_nan(
		    redis_reply_at(redis_replies_at(second, (*at)++), 0));
		running = start < now ? (now - start) / 1000 : NAN;
		if (!list_has(again, id))
			continue;
		if (!isnan(running) && !(running < q->running_s))
			q->running_s = running;
		hash = bullmq_id_hash(id.s, id.len);
		if (lock == 0)
			lockless[count++] = hash;
		if (lock == 0 && is_stalled(q, track, hash, running))
			q->stalled++;
	}
	(*at)++;
	memcpy(track->lockless, lockless, count * sizeof(lockless[0]));
	track->lockless_count = count;
}

/* Takes over what was read of the failed jobs; returns the next answer. */
static size_t
read_fails(struct bullmq_track *track, const struct redisReply *ids,
    const struct redis_replies *second, size_t at,
    const struct redactor *redactor)
{
	for (size_t i = 0; i < track->fails.count; i++) {
		struct bullmq_fail_facts facts = { .job = NULL };
		const struct redisReply *job;

		if (!track->fails.list[i].asked)
			continue;
		track->fails.list[i].asked = false;
		job = redis_replies_at(second, at++);
		if (redis_reply_check(job, NULL) != ERR_OK)
			continue;
		redis_reply_str(
		    redis_reply_at(ids, 2 * i), &facts.job, &facts.job_len);
		redis_reply_str(redis_reply_at(job, FAIL_REASON), &facts.reason,
		    &facts.reason_len);
		redis_reply_str(redis_reply_at(job, FAIL_NAME), &facts.name,
		    &facts.name_len);
		facts.added =
		    redis_reply_or_nan(redis_reply_at(job, FAIL_TIMESTAMP));
		facts.attempts =
		    redis_reply_or_nan(redis_reply_at(job, FAIL_ATM));
		if (isnan(facts.attempts))
			facts.attempts = redis_reply_or_nan(
			    redis_reply_at(job, FAIL_ATTEMPTS_MADE));
		bullmq_fails_learn(&track->fails, i, &facts, redactor);
	}
	return at;
}

size_t
bullmq_read_second(struct bullmq_queue *q, struct bullmq_track *track,
    const struct redis_replies *first, size_t first_at,
    const struct redis_replies *second, size_t at, int64_t now_ms,
    const struct redactor *redactor)
{
	struct job_id ids[BULLMQ_HEADS_MAX], id;
	size_t heads = head_ids(q, first, first_at, ids);
	double now = (double)now_ms;

	at = read_heads(q, heads, second, at, now);
	if (trace_id(q, first, first_at, &id))
		read_trace(q, redis_replies_at(second, at++));
	read_active(q, track,
	    redis_replies_at(first, first_at + BULLMQ_ASK_ACTIVE_IDS), second,
	    &at, now);
	return read_fails(track,
	    redis_replies_at(first, first_at + BULLMQ_ASK_FAILED_IDS), second,
	    at, redactor);
}
