#include "sim/queue.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "sim/limits.h"
#include "sim/queue_link.h"
#include "sim/rng.h"

#define QUEUE_VERSION "bullmq:5.81.5"

enum {
	QUEUE_ID_MAX = 64,
	QUEUE_BASE_MAX = NAME_MAX_LEN + 8,
	QUEUE_LOCK_MS = 30 * 1000,  /* as the library's default */
	QUEUE_RENEW_MS = 15 * 1000, /* half of it, as the library does */
	QUEUE_CHECK_MS = 30 * 1000, /* stalled check, as the default */
	QUEUE_KEEP_OK = 1000,
	QUEUE_KEEP_BAD = 500,
	QUEUE_PAST_S = 60,
	QUEUE_MINUTES = 60,
	QUEUE_LOOK_STEPS = 4, /* look at a quiet queue that often only */
};

/* A job that one of our workers has taken. */
struct queue_slot {
	char id[QUEUE_ID_MAX]; /* empty: free */
	struct queue_job job;  /* its id points to the field above */
	struct queue_fate fate;
	int64_t due_ms;	  /* wall: finished then */
	int64_t renew_ms; /* wall: the lock needs it then */
	bool finishing;	  /* part of the request that is under way */
};

struct queue {
	const struct queue_conf *conf;
	char base[QUEUE_BASE_MAX];
	struct rng rng;
	enum queue_work work;
	unsigned concurrency;
	double pace;  /* share of the jobs that come in */
	bool unknown; /* Redis has no such queue: found it anew */
	struct queue_counts counts;
	struct queue_slot slots[SIM_QUEUE_SLOTS];
};

struct queue_set {
	struct queue queues[SIM_QUEUES_MAX];
	unsigned count;
	struct queue_hooks hooks;
	uint64_t seed;
	uint64_t steps;
	char token[40];
	struct queue_link *link;
	bool told_past; /* the hooks have heard of the history */
};

enum err_code
queue_set_new(const struct queue_conf *conf, unsigned count,
    const struct queue_hooks *hooks, uint64_t seed, struct queue_set **ret_set,
    struct err *err)
{
	struct queue_set *set = mem_calloc(1, sizeof(*set));

	if (set == NULL || count > SIM_QUEUES_MAX)
		goto fail;
	set->link = queue_link_new();
	if (set->link == NULL)
		goto fail;
	set->count = count;
	set->hooks = *hooks;
	set->seed = seed;
	snprintf(set->token, sizeof(set->token), "%016" PRIx64 ":jobs",
	    rng_hash((const char *)&seed, sizeof(seed)));
	for (unsigned q = 0; q < count; q++) {
		struct queue *queue = &set->queues[q];

		queue->conf = &conf[q];
		queue->rng = rng_make(seed, 100 + q);
		queue->unknown = true;
		queue->pace = 1;
		queue->concurrency = conf[q].concurrency;
		snprintf(
		    queue->base, sizeof(queue->base), "bull:%s:", conf[q].name);
	}
	*ret_set = set;
	return ERR_OK;
fail:
	queue_set_free(set);
	return err_set(err, ERR_NOMEM, "queue", "starting the queues");
}

void
queue_set_target(struct queue_set *set, unsigned port, const char *password)
{
	queue_link_target(set->link, port, password);
}

void
queue_set_leave(struct queue_set *set)
{
	queue_link_target(set->link, 0, NULL);
	for (unsigned q = 0; q < set->count; q++)
		set->queues[q].counts.known = false;
}

static void
queue_forget_jobs(struct queue *queue)
{
	for (unsigned s = 0; s < SIM_QUEUE_SLOTS; s++)
		queue->slots[s].id[0] = '\0';
}

void
queue_set_work(struct queue_set *set, unsigned queue, enum queue_work work)
{
	struct queue *it = &set->queues[queue];

	if (work == QUEUE_GONE)
		queue_forget_jobs(it);
	it->work = work;
}

void
queue_set_concurrency(
    struct queue_set *set, unsigned queue, unsigned concurrency)
{
	set->queues[queue].concurrency = concurrency;
}

void
queue_set_pace(struct queue_set *set, unsigned queue, double pace)
{
	set->queues[queue].pace = pace;
}

bool
queue_set_connected(const struct queue_set *set)
{
	return queue_link_is_up(set->link);
}

void
queue_set_counts(const struct queue_set *set, unsigned queue,
    struct queue_counts *ret_counts)
{
	*ret_counts = set->queues[queue].counts;
}

/* The same attempt at the same job has the same fate in every run. */
static uint64_t
queue_roll(
    const struct queue_set *set, unsigned q, const char *id, unsigned tried)
{
	struct rng rng = rng_make(
	    set->seed ^ rng_hash(id, strlen(id)), 1000 + 16 * q + (tried & 15));

	return rng_next(&rng);
}

static void
queue_add_opts(
    cJSON *to, const struct queue *queue, unsigned priority, unsigned delay)
{
	char text[200];
	int n = snprintf(text, sizeof(text),
	    "{\"attempts\":%u,\"backoff\":{\"type\":\"fixed\",\"delay\":%u},"
	    "\"removeOnComplete\":{\"count\":%d}",
	    queue->conf->attempts, queue->conf->backoff_ms, QUEUE_KEEP_OK);

	if (priority > 0)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    ",\"priority\":%u", priority);
	if (delay > 0)
		n += snprintf(
		    text + n, sizeof(text) - (size_t)n, ",\"delay\":%u", delay);
	snprintf(text + n, sizeof(text) - (size_t)n, "}");
	cJSON_AddStringToObject(to, "opts", text);
}

/* The outcome, in the words of the script. */
static void
queue_add_outcome(cJSON *to, const struct queue_fate *fate)
{
	if (fate->reason != NULL) {
		cJSON_AddStringToObject(to, "reason", fate->reason);
		cJSON_AddStringToObject(to, "stack",
		    fate->stack != NULL ? fate->stack : fate->reason);
	} else {
		cJSON_AddStringToObject(
		    to, "value", fate->value != NULL ? fate->value : "null");
	}
}

static unsigned
queue_waiting(const struct queue_counts *counts)
{
	return counts->waiting + counts->paused + counts->prioritized;
}

static void
queue_build_adds(struct queue_set *set, unsigned q, cJSON *adds)
{
	struct queue *queue = &set->queues[q];
	const struct queue_conf *conf = queue->conf;
	double t = (double)set->steps * SIM_TICK_MS / 1000.0;
	double rate = conf->rate * queue->pace * (1.0 + 0.3 * sin(t / 48.0));
	unsigned n = rng_poisson(&queue->rng, rate * SIM_TICK_MS / 1000.0);

	for (unsigned i = 0; i < n; i++) {
		double x = rng_unit(&queue->rng), y = rng_unit(&queue->rng);
		uint64_t roll = rng_next(&queue->rng);
		unsigned priority =
		    x < conf->priority_share ? 1 + (unsigned)(roll & 1) : 0;
		unsigned delay = y < conf->delayed_share
				     ? 5000 + (unsigned)(roll % 25000)
				     : 0;
		cJSON *job;

		/* producers give up before Redis runs out of memory */
		if (queue_waiting(&queue->counts) >= SIM_BACKLOG_MAX)
			continue;
		job = cJSON_CreateObject();
		cJSON_AddStringToObject(job, "name", conf->job);
		cJSON_AddStringToObject(
		    job, "data", set->hooks.data(set->hooks.arg, q, roll));
		queue_add_opts(job, queue, priority, delay);
		cJSON_AddNumberToObject(job, "priority", priority);
		cJSON_AddNumberToObject(job, "delay", delay);
		cJSON_AddItemToArray(adds, job);
	}
}

static bool
queue_again(const struct queue *queue, const struct queue_slot *slot)
{
	return slot->fate.reason != NULL &&
	       slot->job.tried + 1 < queue->conf->attempts;
}

/* What our workers have done since the last step; returns places taken. */
static unsigned
queue_build_work(
    struct queue *queue, cJSON *finish, cJSON *renew, int64_t wall_ms)
{
	unsigned used = 0;

	for (unsigned s = 0; s < SIM_QUEUE_SLOTS; s++) {
		struct queue_slot *slot = &queue->slots[s];
		cJSON *item;

		slot->finishing = false;
		if (slot->id[0] == '\0')
			continue;
		if (queue->work != QUEUE_WORKS || wall_ms < slot->due_ms) {
			used++;
			if (wall_ms < slot->renew_ms)
				continue;
			slot->renew_ms = wall_ms + QUEUE_RENEW_MS;
			cJSON_AddItemToArray(
			    renew, cJSON_CreateString(slot->id));
			continue;
		}
		slot->finishing = true;
		item = cJSON_CreateObject();
		cJSON_AddStringToObject(item, "id", slot->id);
		queue_add_outcome(item, &slot->fate);
		if (queue_again(queue, slot))
			cJSON_AddNumberToObject(
			    item, "retry", queue->conf->backoff_ms);
		cJSON_AddItemToArray(finish, item);
	}
	return used;
}

/* One job of the history, told to the platform once. */
static cJSON *
queue_past_job(
    struct queue_set *set, unsigned q, unsigned number, int64_t stop_ms)
{
	struct queue *queue = &set->queues[q];
	char id[QUEUE_ID_MAX];
	struct queue_job job = { .queue = q, .id = id, .past = true };
	struct queue_fate fate = { .run_ms = 0 };
	cJSON *item = cJSON_CreateObject();

	snprintf(id, sizeof(id), "%u", number);
	job.roll = queue_roll(set, q, id, 0);
	set->hooks.plan(set->hooks.arg, &job, &fate);
	cJSON_AddStringToObject(item, "name", queue->conf->job);
	cJSON_AddStringToObject(
	    item, "data", set->hooks.data(set->hooks.arg, q, job.roll));
	queue_add_opts(item, queue, 0, 0);
	cJSON_AddNumberToObject(item, "stop", (double)stop_ms);
	cJSON_AddNumberToObject(item, "start", (double)(stop_ms - fate.run_ms));
	cJSON_AddNumberToObject(
	    item, "at", (double)(stop_ms - fate.run_ms - 40));
	queue_add_outcome(item, &fate);
	if (!set->told_past)
		set->hooks.done(set->hooks.arg, &job, &fate, false, stop_ms);
	return item;
}

/* The last minute of all queues in one order of time. seeds[q] may be NULL. */
static void
queue_build_past(struct queue_set *set, cJSON *const seeds[], int64_t wall_ms)
{
	unsigned numbers[SIM_QUEUES_MAX] = { 0 };
	struct rng rng = rng_make(set->seed, 99);

	for (int64_t ms = -QUEUE_PAST_S * 1000; ms < 0; ms += SIM_TICK_MS) {
		for (unsigned q = 0; q < set->count; q++) {
			double rate = set->queues[q].conf->rate;
			unsigned n =
			    rng_poisson(&rng, rate * SIM_TICK_MS / 1000.0);

			for (; n > 0 && seeds[q] != NULL; n--)
				cJSON_AddItemToArray(
				    seeds[q], queue_past_job(set, q,
						  ++numbers[q], wall_ms + ms));
		}
	}
	set->told_past = true;
}

static void
queue_build_minutes(struct queue_set *set, unsigned q, cJSON *to)
{
	double mean = set->queues[q].conf->rate * 60;
	struct rng rng = rng_make(set->seed, 200 + q);
	cJSON *good = cJSON_AddArrayToObject(to, "minutes");
	cJSON *bad = cJSON_AddArrayToObject(to, "minutes_bad");

	for (int i = 0; i < QUEUE_MINUTES; i++) {
		cJSON_AddItemToArray(
		    good, cJSON_CreateNumber(rng_poisson(&rng, mean)));
		cJSON_AddItemToArray(
		    bad, cJSON_CreateNumber(rng_poisson(&rng, mean * 0.015)));
	}
}

/* What does not change from step to step. Takes seed (may be NULL). */
static void
queue_build_frame(struct queue_set *set, unsigned q, cJSON *root, cJSON *seed)
{
	struct queue *queue = &set->queues[q];

	cJSON_AddStringToObject(root, "token", set->token);
	cJSON_AddNumberToObject(root, "lock", QUEUE_LOCK_MS);
	cJSON_AddBoolToObject(root, "work", queue->work != QUEUE_GONE);
	cJSON_AddNumberToObject(root, "check", QUEUE_CHECK_MS);
	cJSON_AddNumberToObject(root, "keep_ok", QUEUE_KEEP_OK);
	cJSON_AddNumberToObject(root, "keep_bad", QUEUE_KEEP_BAD);
	if (queue->conf->worker_name != NULL)
		cJSON_AddStringToObject(root, "by", queue->conf->worker_name);
	if (seed != NULL) {
		cJSON_AddStringToObject(root, "version", QUEUE_VERSION);
		queue_build_minutes(set, q, root);
		cJSON_AddItemToObject(root, "seed", seed);
	}
}

/*
 * The argument of one queue's step; returned, free with cJSON_free(). NULL
 * when there is nothing to say this time. Takes seed.
 */
static char *
queue_build(struct queue_set *set, unsigned q, cJSON *seed, int64_t wall_ms)
{
	struct queue *queue = &set->queues[q];
	cJSON *root = cJSON_CreateObject();
	cJSON *finish = cJSON_AddArrayToObject(root, "finish");
	cJSON *adds = cJSON_AddArrayToObject(root, "add");
	cJSON *renew = cJSON_AddArrayToObject(root, "renew");
	unsigned places = queue->conf->workers * queue->concurrency;
	unsigned used = queue_build_work(queue, finish, renew, wall_ms);
	char *text = NULL;

	if (places > SIM_QUEUE_SLOTS)
		places = SIM_QUEUE_SLOTS;
	queue_build_adds(set, q, adds);
	cJSON_AddNumberToObject(root, "now", (double)wall_ms);
	cJSON_AddNumberToObject(
	    root, "take", places > used ? places - used : 0);
	queue_build_frame(set, q, root, seed);
	if (seed != NULL || cJSON_GetArraySize(finish) > 0 ||
	    cJSON_GetArraySize(adds) > 0 || cJSON_GetArraySize(renew) > 0 ||
	    set->steps % QUEUE_LOOK_STEPS == q % QUEUE_LOOK_STEPS)
		text = cJSON_PrintUnformatted(root);
	cJSON_Delete(root);
	return text;
}

static unsigned
queue_number(const cJSON *reply, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(reply, name);

	return cJSON_IsNumber(item) && item->valuedouble > 0
		   ? (unsigned)item->valuedouble
		   : 0;
}

static void
queue_read_counts(struct queue *queue, const cJSON *reply)
{
	queue->counts = (struct queue_counts) {
		.known = true,
		.held = cJSON_IsTrue(
		    cJSON_GetObjectItemCaseSensitive(reply, "held")),
		.waiting = queue_number(reply, "wait"),
		.paused = queue_number(reply, "paused"),
		.active = queue_number(reply, "active"),
		.delayed = queue_number(reply, "delayed"),
		.prioritized = queue_number(reply, "prioritized"),
		.completed = queue_number(reply, "completed"),
		.failed = queue_number(reply, "failed"),
	};
}

/* A lost job belongs to someone else: forget it without a word. */
static void
queue_drop_lost(struct queue *queue, const cJSON *lost)
{
	const cJSON *item;

	cJSON_ArrayForEach(item,
	    lost) for (unsigned s = 0; s < SIM_QUEUE_SLOTS;
		       s++) if (cJSON_IsString(item) &&
				strcmp(queue->slots[s].id, item->valuestring) ==
				    0) queue->slots[s]
	    .id[0] = '\0';
}

static void
queue_take(
    struct queue_set *set, unsigned q, const cJSON *item, int64_t wall_ms)
{
	struct queue *queue = &set->queues[q];
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "id");
	struct queue_slot *slot = NULL;

	for (unsigned s = 0; s < SIM_QUEUE_SLOTS && slot == NULL; s++)
		if (queue->slots[s].id[0] == '\0')
			slot = &queue->slots[s];
	/* an id that is too long stays in `active` until it counts as stalled
	 */
	if (slot == NULL || !cJSON_IsString(id) ||
	    strlen(id->valuestring) >= sizeof(slot->id))
		return;
	memset(slot, 0, sizeof(*slot));
	snprintf(slot->id, sizeof(slot->id), "%s", id->valuestring);
	slot->job.queue = q;
	slot->job.id = slot->id;
	slot->job.tried = queue_number(item, "tried");
	slot->job.roll = queue_roll(set, q, slot->id, slot->job.tried);
	set->hooks.plan(set->hooks.arg, &slot->job, &slot->fate);
	slot->due_ms = wall_ms + slot->fate.run_ms;
	slot->renew_ms = wall_ms + QUEUE_RENEW_MS;
}

static void
queue_read(
    struct queue_set *set, unsigned q, const cJSON *reply, int64_t wall_ms)
{
	struct queue *queue = &set->queues[q];
	const cJSON *item;

	queue_read_counts(queue, reply);
	queue->unknown =
	    !queue->unknown &&
	    !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(reply, "known"));
	if (queue->unknown) /* someone emptied Redis: our jobs are gone */
		queue_forget_jobs(queue);
	queue_drop_lost(queue, cJSON_GetObjectItemCaseSensitive(reply, "lost"));
	for (unsigned s = 0; s < SIM_QUEUE_SLOTS; s++) {
		struct queue_slot *slot = &queue->slots[s];

		if (slot->id[0] == '\0' || !slot->finishing)
			continue;
		set->hooks.done(set->hooks.arg, &slot->job, &slot->fate,
		    queue_again(queue, slot), wall_ms);
		slot->id[0] = '\0';
	}
	cJSON_ArrayForEach(
	    item, cJSON_GetObjectItemCaseSensitive(reply, "taken"))
	    queue_take(set, q, item, wall_ms);
}

/* Runs the steps that were built; texts[q] NULL: none for that queue. */
static void
queue_set_send(struct queue_set *set, char *const texts[], int64_t wall_ms)
{
	cJSON *replies[SIM_QUEUES_MAX] = { NULL };
	const char *keys[SIM_QUEUES_MAX], *args[SIM_QUEUES_MAX];
	unsigned of[SIM_QUEUES_MAX], n = 0;

	for (unsigned q = 0; q < set->count; q++) {
		if (texts[q] == NULL)
			continue;
		keys[n] = set->queues[q].base;
		args[n] = texts[q];
		of[n++] = q;
	}
	if (n > 0)
		(void)queue_link_run(set->link, n, keys, args, replies);
	for (unsigned i = 0; i < n; i++) {
		set->queues[of[i]].counts.known = false;
		if (replies[i] != NULL)
			queue_read(set, of[i], replies[i], wall_ms);
		cJSON_Delete(replies[i]);
	}
}

static void
queue_set_run(struct queue_set *set, int64_t wall_ms)
{
	cJSON *seeds[SIM_QUEUES_MAX] = { NULL };
	char *texts[SIM_QUEUES_MAX] = { NULL };
	bool any = false;

	for (unsigned q = 0; q < set->count; q++)
		if (set->queues[q].unknown) {
			seeds[q] = cJSON_CreateArray();
			any = true;
		}
	if (any)
		queue_build_past(set, seeds, wall_ms);
	for (unsigned q = 0; q < set->count; q++)
		texts[q] = queue_build(set, q, seeds[q], wall_ms);
	queue_set_send(set, texts, wall_ms);
	for (unsigned q = 0; q < set->count; q++)
		cJSON_free(texts[q]);
}

void
queue_set_step(struct queue_set *set, int64_t wall_ms)
{
	bool fresh;

	set->steps++;
	if (!queue_link_up(set->link, &fresh)) {
		for (unsigned q = 0; q < set->count; q++)
			set->queues[q].counts.known = false;
		return;
	}
	if (fresh)
		for (unsigned q = 0; q < set->count; q++)
			set->queues[q].unknown = true;
	queue_set_run(set, wall_ms);
	for (unsigned q = 0; q < set->count; q++) {
		const struct queue *queue = &set->queues[q];
		const struct queue_counts *c = &queue->counts;

		if (queue_set_connected(set))
			queue_link_workers(set->link, q, queue->base,
			    queue->conf->name, queue->conf->worker_name,
			    queue->work == QUEUE_GONE ? 0
						      : queue->conf->workers,
			    queue->work == QUEUE_WORKS && c->waiting == 0 &&
				c->prioritized == 0);
	}
}

struct queue_set *
queue_set_free(struct queue_set *set)
{
	if (set == NULL)
		return NULL;
	set->link = queue_link_free(set->link);
	mem_free(set);
	return NULL;
}
