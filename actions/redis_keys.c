#include "actions/redis_keys.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/redact.h"
#include "base/textbuf.h"
#include "model/limits.h"

void
redis_walk_init(
    struct redis_walk *walk, struct redis_act *act, const char *pattern)
{
	*walk = (struct redis_walk) { .act = act, .pattern = pattern };
	snprintf(walk->cursor, sizeof(walk->cursor), "0");
}

enum err_code
redis_walk_next(struct redis_walk *walk, struct redis_replies *ret_replies,
    const struct redisReply **ret_keys, struct err *err)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	const struct redisReply *reply;
	struct redis_batch batch;
	const char *cursor;
	size_t len;
	enum err_code code;

	redis_batch_init(&batch);
	redis_batch_cmd(&batch, "SCAN", walk->cursor, "MATCH", walk->pattern,
	    "COUNT", REDIS_SCAN_COUNT, NULL);
	code = redis_act_ask(walk->act, &batch, &replies, err);
	reply = redis_replies_at(&replies, 0);
	if (code == ERR_OK)
		code = redis_reply_check(reply, err);
	if (code == ERR_OK &&
	    (!redis_reply_str(redis_reply_at(reply, 0), &cursor, &len) ||
		len >= sizeof(walk->cursor)))
		code = err_set(err, ERR_PROTOCOL, "redis",
		    "the answer to SCAN has no cursor");
	if (code == ERR_OK) {
		memcpy(walk->cursor, cursor, len + 1);
		walk->steps++;
		walk->done = strcmp(walk->cursor, "0") == 0;
		if (!walk->done)
			code = action_rest(
			    walk->act->ctx, clock_now() + replies.took_ns, err);
	}
	if (code != ERR_OK) {
		redis_replies_release(&replies);
		return code;
	}
	*ret_replies = replies;
	*ret_keys = redis_reply_at(reply, 1);
	return ERR_OK;
}

static void
found_take(struct arena *arena, struct redis_found *found,
    const struct redisReply *keys)
{
	const char *key;
	size_t len;

	for (size_t i = 0; i < redis_reply_count(keys); i++) {
		if (!redis_reply_str(redis_reply_at(keys, i), &key, &len))
			continue;
		found->count++;
		redis_queues_key(&found->queues, key, len);
		if (found->sampled == PLAN_SAMPLES_MAX ||
		    len >= ACTION_TARGET_MAX)
			continue;
		key = arena_copy(arena, key, len);
		if (key != NULL)
			found->keys[found->sampled++] =
			    (struct redis_key) { key, len };
	}
}

enum err_code
redis_keys_find(struct redis_act *act, const char *pattern, int64_t until,
    bool few, struct redis_found **ret_found, struct err *err)
{
	struct redis_found *found =
	    arena_alloc(act->ctx->arena, sizeof(*found));
	struct redis_walk walk;
	enum err_code code = ERR_OK;

	if (found == NULL)
		return err_set(err, ERR_NOMEM, "redis", "no memory");
	*found = (struct redis_found) { .count = 0 };
	redis_walk_init(&walk, act, pattern);
	while (code == ERR_OK && !walk.done && clock_now() < until &&
	       !(few && found->sampled == PLAN_SAMPLES_MAX)) {
		struct redis_replies replies = REDIS_REPLIES_INIT;
		const struct redisReply *keys = NULL;

		code = redis_walk_next(&walk, &replies, &keys, err);
		if (code == ERR_OK)
			found_take(act->ctx->arena, found, keys);
		redis_replies_release(&replies);
	}
	found->whole = walk.done;
	if (code == ERR_OK)
		*ret_found = found;
	return code;
}

enum err_code
redis_keys_count(struct redis_act *act, int64_t *ret_count, struct err *err)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct redis_batch batch;
	int64_t count = 0;
	enum err_code code;

	redis_batch_init(&batch);
	redis_batch_cmd(&batch, "DBSIZE", NULL);
	code = redis_act_ask(act, &batch, &replies, err);
	if (code == ERR_OK)
		code = redis_reply_check(redis_replies_at(&replies, 0), err);
	if (code == ERR_OK &&
	    redis_reply_int(redis_replies_at(&replies, 0), &count))
		*ret_count = count;
	redis_replies_release(&replies);
	return code;
}

/* Samples -------------------------------------------------------------------
 */

enum {
	LOOK_TYPE,
	LOOK_TTL,
	LOOK_BYTES,
	LOOK_COUNT,
};

static void
ask_look(struct redis_batch *batch, const struct redis_key *key)
{
	const char *type[] = { "TYPE", key->at };
	const char *ttl[] = { "PTTL", key->at };
	const char *bytes[] = { "MEMORY", "USAGE", key->at };

	redis_batch_argv(batch, 2, type, (size_t[]) { 4, key->len });
	redis_batch_argv(batch, 2, ttl, (size_t[]) { 4, key->len });
	redis_batch_argv(batch, 3, bytes, (size_t[]) { 6, 5, key->len });
}

static void
look_add(const struct action_ctx *ctx, struct plan *plan,
    const struct redis_key *key, const struct redis_replies *replies,
    size_t first, struct redis_looks *looks)
{
	double bytes =
	    redis_reply_or_nan(redis_replies_at(replies, first + LOOK_BYTES));
	double ttl =
	    redis_reply_or_nan(redis_replies_at(replies, first + LOOK_TTL));
	const char *type = "", *at;
	struct text_buf tb;
	size_t len = 0;

	/* It was there a moment ago, and is not any more. */
	if (ttl == -2)
		return;
	if (redis_reply_str(
		redis_replies_at(replies, first + LOOK_TYPE), &at, &len))
		type = at;
	tb_init(&tb);
	tb_text(&tb, text_ingest(ctx->redactor, plan->arena, key->at, key->len,
			 PLAN_TEXT_MAX / 4));
	tb_fmt(&tb, "  %s", type);
	if (!isnan(bytes)) {
		tb_lit(&tb, ", ");
		tb_num(&tb, bytes, NUM_BYTES);
	}
	if (ttl >= 0) {
		tb_lit(&tb, ", expires in ");
		tb_duration(&tb, (int64_t)ttl * NS_PER_MS);
	} else if (ttl == -1) {
		tb_lit(&tb, ", no expiry");
		looks->forever++;
	}
	looks->count++;
	looks->bytes += bytes;
	plan_sample(plan, text_copy(plan->arena, tb_end(&tb)));
}

enum err_code
redis_keys_look(struct redis_act *act, const struct redis_found *found,
    struct plan *plan, struct redis_looks *ret_looks, struct err *err)
{
	size_t count = found->sampled;
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct redis_looks looks = { .count = 0 };
	struct redis_batch batch;
	enum err_code code = ERR_OK;

	redis_batch_init(&batch);
	for (size_t i = 0; i < count; i++)
		ask_look(&batch, &found->keys[i]);
	if (count > 0)
		code = redis_act_ask(act, &batch, &replies, err);
	for (size_t i = 0; code == ERR_OK && i < count; i++)
		look_add(act->ctx, plan, &found->keys[i], &replies,
		    i * LOOK_COUNT, &looks);
	looks.bytes = looks.count > 0 ? looks.bytes / (double)looks.count : NAN;
	if (code == ERR_OK)
		*ret_looks = looks;
	redis_replies_release(&replies);
	return code;
}

/* Queues --------------------------------------------------------------------
 */

/* Keys behind the base of a queue; those that all versions have come first. */
static const char *const queue_parts[] = { "meta", "id", "wait", "active",
	"paused", "delayed", "prioritized", "priority", "completed", "failed",
	"events", "stalled", "stalled-check", "marker", "limiter", "pc",
	"repeat", "waiting-children" };

enum {
	QUEUE_HAS_META, /* what is asked of each: see ask_queue() */
	QUEUE_HAS_ID,
	QUEUE_HAS_JOBS,
	QUEUE_ASKED,
};

static bool
is_part(const char *s, size_t len)
{
	size_t digits = 0;

	for (size_t i = 0; i < ARRAY_LEN(queue_parts); i++)
		if (strlen(queue_parts[i]) == len &&
		    memcmp(queue_parts[i], s, len) == 0)
			return true;
	while (digits < len && isdigit((unsigned char)s[digits]))
		digits++;
	return len > 0 && digits == len;
}

void
redis_queues_key(struct redis_queues *queues, const char *key, size_t len)
{
	const char *colon = memrchr(key, ':', len);
	size_t base = colon != NULL ? (size_t)(colon - key) + 1 : 0;

	if (base < 3 || base >= BULLMQ_BASE_MAX ||
	    memchr(key, '\0', base) != NULL ||
	    memchr(key, ':', base - 1) == NULL ||
	    !is_part(key + base, len - base))
		return;
	for (size_t i = 0; i < queues->count; i++)
		if (strlen(queues->bases[i]) == base &&
		    memcmp(queues->bases[i], key, base) == 0)
			return;
	if (queues->count == BULLMQ_QUEUES_MAX) {
		queues->more = true;
		return;
	}
	memcpy(queues->bases[queues->count], key, base);
	queues->bases[queues->count++][base] = '\0';
}

/*
 * BullMQ writes how long its event stream may be when a queue is made; Bull
 * has a counter of ids beside its lists.
 */
static void
ask_queue(struct redis_batch *batch, const char *base)
{
	static const char *const jobs[] = { "wait", "active", "delayed",
		"completed", "failed", "stalled-check", "events" };
	char names[ARRAY_LEN(jobs)][BULLMQ_BASE_MAX + 16];
	const char *argv[ARRAY_LEN(jobs) + 1] = { "EXISTS" };
	char key[BULLMQ_BASE_MAX + 16];

	snprintf(key, sizeof(key), "%smeta", base);
	redis_batch_cmd(batch, "HEXISTS", key, "opts.maxLenEvents", NULL);
	snprintf(key, sizeof(key), "%sid", base);
	redis_batch_cmd(batch, "EXISTS", key, NULL);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		snprintf(names[i], sizeof(names[i]), "%s%s", base, jobs[i]);
		argv[i + 1] = names[i];
	}
	redis_batch_argv(batch, ARRAY_LEN(argv), argv, NULL);
}

/* A number above zero; a refusal or another type is not. */
static bool
has(const struct redis_replies *replies, size_t at)
{
	return redis_reply_or_nan(redis_replies_at(replies, at)) > 0;
}

enum err_code
redis_queues_check(
    struct redis_act *act, struct redis_queues *queues, struct err *err)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct redis_batch batch;
	size_t kept = 0;
	enum err_code code;

	if (queues->count == 0)
		return ERR_OK;
	redis_batch_init(&batch);
	for (size_t i = 0; i < queues->count; i++)
		ask_queue(&batch, queues->bases[i]);
	code = redis_act_ask(act, &batch, &replies, err);
	for (size_t i = 0; code == ERR_OK && i < queues->count; i++) {
		size_t first = i * QUEUE_ASKED;

		if (!has(&replies, first + QUEUE_HAS_META) &&
		    !(has(&replies, first + QUEUE_HAS_ID) &&
			has(&replies, first + QUEUE_HAS_JOBS)))
			continue;
		memmove(queues->bases[kept++], queues->bases[i],
		    sizeof(queues->bases[i]));
	}
	if (code == ERR_OK)
		queues->count = kept;
	redis_replies_release(&replies);
	return code;
}

void
redis_queues_trap(const struct redis_queues *queues, struct plan *plan)
{
	struct text_buf tb;

	if (queues->count == 0)
		return;
	tb_init(&tb);
	tb_fmt(&tb,
	    "%zu queue%s in there, all jobs of which are lost for good: ",
	    queues->count, queues->count == 1 ? " is" : "s are");
	for (size_t i = 0; i < queues->count && i < REDIS_QUEUES_NAMED; i++)
		tb_fmt(&tb, "%s%.*s", i > 0 ? ", " : "",
		    (int)strlen(queues->bases[i]) - 1, queues->bases[i]);
	if (queues->count > REDIS_QUEUES_NAMED || queues->more)
		tb_lit(&tb, " and others");
	plan_trap(plan, text_copy(plan->arena, tb_end(&tb)));
}
