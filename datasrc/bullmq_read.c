#include "datasrc/bullmq_read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "datasrc/bullmq_impl.h"

/* Arguments that depend on the time of the poll. */
#define FROM_5M	    "@5m"
#define FROM_WINDOW "@window"

/* Fields of meta, in the order of BULLMQ_ASK_META's answer. */
enum {
	META_PAUSED,
	META_VERSION,
	META_CONCURRENCY,
	META_MAX,
	META_MAX_LEN,
};

/* Command, key behind the queue's base, arguments behind the key. */
static const struct {
	const char *command;
	const char *key;
	const char *args[6];
} asks[BULLMQ_ASK_COUNT] = {
	[BULLMQ_ASK_META] = { "HMGET", "meta",
	    { "paused", "version", "concurrency", "max",
		"opts.maxLenEvents" } },
	[BULLMQ_ASK_META_PAUSED] = { "EXISTS", "meta-paused", { NULL } },
	[BULLMQ_ASK_ID] = { "GET", "id", { NULL } },
	[BULLMQ_ASK_EVENTS] = { "EXISTS", "events", { NULL } },
	[BULLMQ_ASK_MARKER] = { "EXISTS", "marker", { NULL } },
	[BULLMQ_ASK_PRIORITY] = { "EXISTS", "priority", { NULL } },
	[BULLMQ_ASK_REPEAT] = { "EXISTS", "repeat", { NULL } },
	[BULLMQ_ASK_STRAY] = { "EXISTS", "waiting", { NULL } },
	[BULLMQ_ASK_WAIT] = { "LLEN", "wait", { NULL } },
	[BULLMQ_ASK_HELD] = { "LLEN", "paused", { NULL } },
	[BULLMQ_ASK_ACTIVE] = { "LLEN", "active", { NULL } },
	[BULLMQ_ASK_DELAYED] = { "ZCARD", "delayed", { NULL } },
	[BULLMQ_ASK_PRIORITIZED] = { "ZCARD", "prioritized", { NULL } },
	[BULLMQ_ASK_FAILED] = { "ZCARD", "failed", { NULL } },
	[BULLMQ_ASK_COMPLETED] = { "ZCARD", "completed", { NULL } },
	[BULLMQ_ASK_CHILDREN] = { "ZCARD", "waiting-children", { NULL } },
	[BULLMQ_ASK_WAIT_TAIL] = { "LRANGE", "wait", { "-3", "-1" } },
	[BULLMQ_ASK_WAIT_HEAD] = { "LRANGE", "wait", { "0", "0" } },
	[BULLMQ_ASK_HELD_TAIL] = { "LRANGE", "paused", { "-3", "-1" } },
	[BULLMQ_ASK_HELD_HEAD] = { "LRANGE", "paused", { "0", "0" } },
	[BULLMQ_ASK_PRIORITIZED_HEAD] = { "ZRANGE", "prioritized",
	    { "0", "2" } },
	[BULLMQ_ASK_DELAYED_HEAD] = { "ZRANGE", "delayed",
	    { "0", "0", "WITHSCORES" } },
	[BULLMQ_ASK_CHECK] = { "PTTL", "stalled-check", { NULL } },
	[BULLMQ_ASK_LIMITER] = { "GET", "limiter", { NULL } },
	[BULLMQ_ASK_LIMITER_TTL] = { "PTTL", "limiter", { NULL } },
	[BULLMQ_ASK_ACTIVE_IDS] = { "LRANGE", "active",
	    { BULLMQ_ACTIVE_FROM, "-1" } },
	[BULLMQ_ASK_FAILED_IDS] = { "ZREVRANGE", "failed",
	    { "0", BULLMQ_FAILS_LAST, "WITHSCORES" } },
	[BULLMQ_ASK_COMPLETED_ID] = { "ZREVRANGE", "completed", { "0", "0" } },
	[BULLMQ_ASK_FAILED_5M] = { "ZCOUNT", "failed", { FROM_5M, "+inf" } },
	[BULLMQ_ASK_FAILED_WINDOW] = { "ZCOUNT", "failed",
	    { FROM_WINDOW, "+inf" } },
	[BULLMQ_ASK_COMPLETED_WINDOW] = { "ZCOUNT", "completed",
	    { FROM_WINDOW, "+inf" } },
	[BULLMQ_ASK_METRICS_COMPLETED] = { "HGET", "metrics:completed",
	    { "count" } },
	[BULLMQ_ASK_METRICS_FAILED] = { "HGET", "metrics:failed", { "count" } },
};

bool
bullmq_track_init(
    struct bullmq_track *track, const char *prefix, const char *name)
{
	int n;

	*track = (struct bullmq_track) { .check_ms = NAN };
	if (strlen(name) >= sizeof(track->name) ||
	    !bullmq_client_name(prefix, name, track->client))
		return false;
	snprintf(track->name, sizeof(track->name), "%s", name);
	n = snprintf(track->base, sizeof(track->base), "%s:%s:", prefix, name);
	return n > 0 && (size_t)n < sizeof(track->base);
}

void
bullmq_ask_first(
    struct redis_batch *batch, const struct bullmq_track *track, int64_t now_ms)
{
	char key[BULLMQ_BASE_MAX + 32], from_5m[24], from_window[24];

	snprintf(from_5m, sizeof(from_5m), "%lld",
	    (long long)(now_ms - 5 * 60 * 1000));
	snprintf(from_window, sizeof(from_window), "%lld",
	    (long long)(now_ms - BULLMQ_WINDOW_MS));
	for (size_t i = 0; i < BULLMQ_ASK_COUNT; i++) {
		const char *argv[8] = { asks[i].command, key };
		size_t argc = 2;

		snprintf(key, sizeof(key), "%s%s", track->base, asks[i].key);
		for (; argc < 8 && asks[i].args[argc - 2] != NULL; argc++) {
			const char *arg = asks[i].args[argc - 2];

			if (strcmp(arg, FROM_5M) == 0)
				arg = from_5m;
			else if (strcmp(arg, FROM_WINDOW) == 0)
				arg = from_window;
			argv[argc] = arg;
		}
		redis_batch_argv(batch, argc, argv, NULL);
	}
}

static bool
reply_true(const struct redisReply *reply)
{
	double v;

	return redis_reply_num(reply, &v) && v > 0;
}

/* A field that is there and not "0". */
static bool
reply_flag(const struct redisReply *reply)
{
	const char *s;
	size_t len;

	return redis_reply_str(reply, &s, &len) && !(len == 1 && s[0] == '0');
}

/* How many of the waiting list's ids are markers; they stand at its ends. */
static double
count_markers(
    const struct redisReply *tail, const struct redisReply *head, double total)
{
	double n = 0;
	const char *id;
	size_t len;

	for (size_t i = 0; i < redis_reply_count(tail); i++)
		if (redis_reply_str(redis_reply_at(tail, i), &id, &len) &&
		    bullmq_is_marker(id, len))
			n++;
	if (total > 3 && redis_reply_str(redis_reply_at(head, 0), &id, &len) &&
	    bullmq_is_marker(id, len))
		n++;
	return n;
}

static void
read_evidence(struct bullmq_queue *q, const struct bullmq_track *track,
    const struct redisReply *const *r)
{
	struct bullmq_evidence *e = &q->evidence;
	const struct redisReply *meta = r[BULLMQ_ASK_META];
	const char *s;
	size_t len;

	if (redis_reply_str(redis_reply_at(meta, META_VERSION), &s, &len))
		snprintf(e->version, sizeof(e->version), "%s", s);
	e->max_len =
	    redis_reply_str(redis_reply_at(meta, META_MAX_LEN), &s, &len);
	e->events = reply_true(r[BULLMQ_ASK_EVENTS]);
	e->id = redis_reply_str(r[BULLMQ_ASK_ID], &s, &len);
	e->repeat = reply_true(r[BULLMQ_ASK_REPEAT]);
	e->meta_paused = reply_true(r[BULLMQ_ASK_META_PAUSED]);
	e->marker = reply_true(r[BULLMQ_ASK_MARKER]);
	e->priority = reply_true(r[BULLMQ_ASK_PRIORITY]);
	e->worker_bzpopmin = track->workers.bzpopmin;
	e->worker_brpoplpush = track->workers.brpoplpush;
	q->dialect = bullmq_dialect_of(e, &q->dialect_sure);
}

/* Lengths of the lists and sets, and which key is of a wrong type. */
static void
read_counts(struct bullmq_queue *q, const struct redisReply *const *r)
{
	const struct {
		size_t ask;
		double *to;
	} counts[] = {
		{ BULLMQ_ASK_WAIT, &q->wait },
		{ BULLMQ_ASK_HELD, &q->held },
		{ BULLMQ_ASK_ACTIVE, &q->active },
		{ BULLMQ_ASK_DELAYED, &q->delayed },
		{ BULLMQ_ASK_PRIORITIZED, &q->prioritized },
		{ BULLMQ_ASK_FAILED, &q->failed },
		{ BULLMQ_ASK_COMPLETED, &q->completed },
		{ BULLMQ_ASK_CHILDREN, &q->children },
	};

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		const struct redisReply *reply = r[counts[i].ask];

		*counts[i].to = redis_reply_or_nan(reply);
		if (*counts[i].to > 0)
			q->exists = true;
		if (redis_reply_is_error(reply, "WRONGTYPE"))
			q->broken = asks[counts[i].ask].key;
	}
	q->wait -= count_markers(
	    r[BULLMQ_ASK_WAIT_TAIL], r[BULLMQ_ASK_WAIT_HEAD], q->wait);
	q->held -= count_markers(
	    r[BULLMQ_ASK_HELD_TAIL], r[BULLMQ_ASK_HELD_HEAD], q->held);
}

double
bullmq_waiting(const struct bullmq_queue *q)
{
	double waiting = q->wait;

	if (q->paused && bullmq_has_paused_list(q->dialect))
		waiting += q->held;
	if (bullmq_has_prioritized(q->dialect))
		waiting += q->prioritized;
	return waiting;
}

/* A PTTL; NaN for -2 (no such key); a key without end counts as endless. */
static double
read_ttl(const struct redisReply *reply)
{
	double ms = redis_reply_or_nan(reply);

	if (ms == -1)
		return INFINITY;
	return ms >= 0 ? ms : NAN;
}

static void
read_limits(struct bullmq_queue *q, const struct redisReply *const *r)
{
	double max =
	    redis_reply_or_nan(redis_reply_at(r[BULLMQ_ASK_META], META_MAX));
	double used = redis_reply_or_nan(r[BULLMQ_ASK_LIMITER]);
	double ttl = read_ttl(r[BULLMQ_ASK_LIMITER_TTL]);
	double score =
	    redis_reply_or_nan(redis_reply_at(r[BULLMQ_ASK_DELAYED_HEAD], 1));

	q->concurrency = redis_reply_or_nan(
	    redis_reply_at(r[BULLMQ_ASK_META], META_CONCURRENCY));
	q->check_ms = read_ttl(r[BULLMQ_ASK_CHECK]);
	/* 2^53 - 1: a job called rateLimit(); without a known max, unsure */
	q->limited_ms = NAN;
	if (used >= 9007199254740991.0 || (max > 0 && used >= max))
		q->limited_ms = ttl;
	q->due_ms = floor(score / 4096);
	q->failed_5m = redis_reply_or_nan(r[BULLMQ_ASK_FAILED_5M]);
}

/* Sum of a and b; NaN stands for 0 unless both are missing. */
static double
sum_known(double a, double b)
{
	if (isnan(a))
		return b;
	return isnan(b) ? a : a + b;
}

static void
read_rate_counters(struct bullmq_queue *q, const struct redisReply *const *r)
{
	struct bullmq_count *c = &q->count;

	c->at = clock_now();
	c->added = redis_reply_or_nan(r[BULLMQ_ASK_ID]);
	/* A queue that is there without the counter has had no job yet. */
	if (q->exists && redis_reply_is_nil(r[BULLMQ_ASK_ID]))
		c->added = 0;
	c->done = sum_known(redis_reply_or_nan(r[BULLMQ_ASK_METRICS_COMPLETED]),
	    redis_reply_or_nan(r[BULLMQ_ASK_METRICS_FAILED]));
	c->pending = q->wait + q->held + q->active + q->delayed +
		     q->prioritized + q->children;
	c->in_window = redis_reply_or_nan(r[BULLMQ_ASK_COMPLETED_WINDOW]) +
		       redis_reply_or_nan(r[BULLMQ_ASK_FAILED_WINDOW]);
	c->kept = q->completed + q->failed;
}

size_t
bullmq_read_first(struct bullmq_queue *q, const struct bullmq_track *track,
    const struct redis_replies *replies, size_t at)
{
	const struct redisReply *r[BULLMQ_ASK_COUNT];
	struct err err = ERR_INIT;

	*q = (struct bullmq_queue) {
		.oldest_s = NAN,
		.running_s = NAN,
		.stalled = NAN,
	};
	for (size_t i = 0; i < BULLMQ_ASK_COUNT; i++)
		r[i] = redis_replies_at(replies, at + i);
	if (redis_reply_is_error(r[BULLMQ_ASK_META], "WRONGTYPE"))
		q->broken = asks[BULLMQ_ASK_META].key;
	else
		q->code = redis_reply_check(r[BULLMQ_ASK_META], &err);
	snprintf(q->why, sizeof(q->why), "%s", err.msg);
	read_evidence(q, track, r);
	q->paused = q->evidence.meta_paused ||
		    reply_flag(redis_reply_at(r[BULLMQ_ASK_META], META_PAUSED));
	read_counts(q, r);
	q->waiting = bullmq_waiting(q);
	read_limits(q, r);
	q->stray_waiting = reply_true(r[BULLMQ_ASK_STRAY]);
	if (q->evidence.id || q->evidence.max_len || q->evidence.repeat ||
	    q->evidence.version[0] != '\0' || q->paused || q->broken != NULL)
		q->exists = true;
	read_rate_counters(q, r);
	return at + BULLMQ_ASK_COUNT;
}
