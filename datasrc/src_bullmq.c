/*
 * Source type "bullmq": the queues of BullMQ and Bull, as they are in Redis.
 * A poll is two round trips for all queues together: counts and ids, then
 * the few job hashes and locks that these lead to. Read-only.
 */
#include "datasrc/source.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "datasrc/bullmq_conf.h"
#include "datasrc/bullmq_find.h"
#include "datasrc/bullmq_read.h"
#include "datasrc/bullmq_view.h"
#include "datasrc/redis_info.h"
#include "datasrc/redis_session.h"
#include "model/platform.h"

struct src_bullmq {
	const struct source_env *env;
	const struct bullmq_conf *conf;
	struct redis_session session;
	struct bullmq_find find;
	struct bullmq_track *tracks[BULLMQ_QUEUES_MAX];
	size_t count;
	int64_t list_due; /* clock_now() when CLIENT LIST is asked again */
	bool list_known;  /* it was not refused */
	size_t fails_ask; /* reasons to read in a poll; less after TOOBIG */
	int64_t first_ns; /* how long the first pass took */
	char policy[BULLMQ_POLICY_MAX]; /* maxmemory_policy; "" unknown */
	struct redis_info info;
	struct bullmq_queue queues[BULLMQ_QUEUES_MAX];
	struct bullmq_view views[BULLMQ_QUEUES_MAX];
};

/* Adds a queue to those that are read; ERR_NOMEM only. */
static enum err_code
bullmq_track(struct src_bullmq *s, const char *name, struct err *err)
{
	struct bullmq_track *track;

	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->tracks[i]->name, name) == 0)
			return ERR_OK;
	if (s->count == BULLMQ_QUEUES_MAX)
		return ERR_OK;
	track = mem_calloc(1, sizeof(*track));
	if (track == NULL)
		return err_set(err, ERR_NOMEM, "bullmq", "no memory");
	if (bullmq_track_init(track, s->conf->prefix, name))
		s->tracks[s->count++] = track;
	else
		mem_free(track);
	return ERR_OK;
}

static void
src_bullmq_close(void *state)
{
	struct src_bullmq *s = state;

	if (s == NULL)
		return;
	redis_session_close(&s->session);
	for (size_t i = 0; i < s->count; i++)
		mem_free(s->tracks[i]);
	mem_free(s);
}

static enum err_code
src_bullmq_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	const struct bullmq_conf *conf = config;
	const struct redis_conf *redis;
	struct src_bullmq *s;
	enum err_code code =
	    bullmq_conf_redis(env->platform, conf, &redis, err);

	if (code != ERR_OK)
		return code;
	s = mem_calloc(1, sizeof(*s));
	if (s == NULL)
		return err_set(err, ERR_NOMEM, "bullmq", "no memory");
	s->env = env;
	s->conf = conf;
	s->fails_ask = BULLMQ_FAILS_ASK;
	redis_session_init(&s->session, redis);
	bullmq_find_init(&s->find, conf->prefix);
	for (size_t i = 0; i < conf->queues.count && code == ERR_OK; i++)
		code = bullmq_track(s, conf->queues.items[i], err);
	if (code != ERR_OK) {
		src_bullmq_close(s);
		return code;
	}
	*ret_state = s;
	return ERR_OK;
}

/* First pass ----------------------------------------------------------------
 */

/* What is asked before the queues: the server, and now and then who works. */
static size_t
bullmq_ask_server(struct src_bullmq *s, struct redis_batch *batch)
{
	redis_batch_cmd(batch, "INFO", "memory", NULL);
	if (clock_now() < s->list_due)
		return 1;
	redis_batch_cmd(batch, "CLIENT", "LIST", NULL);
	return 2;
}

static void
bullmq_read_policy(struct src_bullmq *s, const struct redisReply *reply)
{
	struct redis_word policy;
	const char *text;
	size_t len;

	if (!redis_reply_str(reply, &text, &len))
		return;
	redis_info_parse(&s->info, text, len);
	policy = redis_info_word(&s->info, "maxmemory_policy");
	if (policy.at == NULL || policy.len >= sizeof(s->policy))
		return;
	memcpy(s->policy, policy.at, policy.len);
	s->policy[policy.len] = '\0';
}

/* A long list costs the server time: it is then asked for more rarely. */
static void
bullmq_read_list(struct src_bullmq *s, const struct redisReply *reply)
{
	struct bullmq_workers workers[BULLMQ_QUEUES_MAX];
	const char *names[BULLMQ_QUEUES_MAX];
	const char *text;
	size_t len;

	s->list_known = redis_reply_str(reply, &text, &len);
	s->list_due = 0;
	if (!s->list_known || len > BULLMQ_LIST_FAST)
		s->list_due = clock_now() + BULLMQ_LIST_SLOW_MS * NS_PER_MS;
	if (!s->list_known)
		return;
	for (size_t i = 0; i < s->count; i++)
		names[i] = s->tracks[i]->client;
	bullmq_workers_count(text, len, names, s->count, workers);
	for (size_t i = 0; i < s->count; i++)
		s->tracks[i]->workers = workers[i];
}

/* Nothing could be read of any queue: then the reason is the poll's. */
static enum err_code
bullmq_common_error(const struct src_bullmq *s, struct err *err)
{
	if (s->count == 0)
		return ERR_OK;
	for (size_t i = 0; i < s->count; i++)
		if (s->queues[i].code == ERR_OK)
			return ERR_OK;
	return err_set(err, s->queues[0].code, "redis", "%s", s->queues[0].why);
}

static enum err_code
bullmq_first(struct src_bullmq *s, const struct poll *poll,
    struct redis_replies *replies, size_t *ret_at, int64_t *ret_now,
    struct err *err)
{
	struct redis_batch batch;
	size_t server, at;
	enum err_code code;

	code =
	    redis_session_ready(&s->session, poll->deadline, poll->cancel, err);
	if (code != ERR_OK)
		return code;
	*ret_now = clock_wall_ms() + s->session.skew_ms;
	redis_batch_init(&batch);
	server = bullmq_ask_server(s, &batch);
	for (size_t i = 0; i < s->count; i++)
		bullmq_ask_first(&batch, s->tracks[i], *ret_now);
	code = redis_session_run(
	    &s->session, &batch, poll->deadline, poll->cancel, replies, err);
	redis_batch_release(&batch);
	if (code != ERR_OK)
		return code;
	s->first_ns = replies->took_ns;
	bullmq_read_policy(s, redis_replies_at(replies, 0));
	if (server > 1)
		bullmq_read_list(s, redis_replies_at(replies, 1));
	at = *ret_at = server;
	for (size_t i = 0; i < s->count; i++)
		at =
		    bullmq_read_first(&s->queues[i], s->tracks[i], replies, at);
	return bullmq_common_error(s, err);
}

/* Second pass ---------------------------------------------------------------
 */

static enum err_code
bullmq_second(struct src_bullmq *s, const struct poll *poll,
    const struct redis_replies *first, size_t first_at, int64_t now,
    struct err *err)
{
	struct redis_replies second = REDIS_REPLIES_INIT;
	struct redis_batch batch;
	size_t left = s->fails_ask, at = 0, step;
	enum err_code code;

	step = s->count > 0 ? (first->count - first_at) / s->count : 0;
	redis_batch_init(&batch);
	for (size_t i = 0; i < s->count; i++)
		bullmq_ask_second(&batch, s->tracks[i], &s->queues[i], first,
		    first_at + i * step, &left);
	code = redis_session_run(
	    &s->session, &batch, poll->deadline, poll->cancel, &second, err);
	redis_batch_release(&batch);
	for (size_t i = 0; i < s->count && code == ERR_OK; i++)
		at = bullmq_read_second(&s->queues[i], s->tracks[i], first,
		    first_at + i * step, &second, at, now, s->env->redactor);
	redis_replies_release(&second);
	return code;
}

/*
 * Reasons of failures can be of any length. When they are too long to be
 * read together, fewer are asked for; the counts are good either way.
 */
static enum err_code
bullmq_second_or_less(struct src_bullmq *s, struct poll *poll,
    const struct redis_replies *first, size_t first_at, int64_t now,
    struct err *err)
{
	struct err own = ERR_INIT;
	enum err_code code = bullmq_second(s, poll, first, first_at, now, &own);

	if (code == ERR_OK)
		return code;
	if (code != ERR_TOOBIG) {
		*err = own;
		return code;
	}
	s->fails_ask /= 2;
	build_health(poll->build, TEXT("jobs"), STATE_WARN,
	    TEXT("job hashes are too big to read: ages, stalled jobs and "
		 "reasons are missing"),
	    -1);
	return ERR_OK;
}

/* Publishing ----------------------------------------------------------------
 */

static void
bullmq_publish_server(struct src_bullmq *s, struct build *build)
{
	struct arena *arena = build_arena(build);
	struct text name = text_clean_str(arena, s->env->name);
	bool looking = s->conf->queues.count == 0 && !s->find.complete;

	if (s->policy[0] != '\0' && strcmp(s->policy, "noeviction") != 0)
		build_health(build, TEXT("maxmemory-policy"), STATE_WARN,
		    text_fmt(arena,
			"%s: Redis may evict job data; queues need noeviction",
			s->policy),
		    -1);
	if (s->find.more)
		build_health(build, TEXT("discovery"), STATE_WARN,
		    text_fmt(arena,
			"more than %d queues: list the ones to watch under "
			"queues",
			BULLMQ_QUEUES_MAX),
		    -1);
	if (s->count > 0)
		build_health(build, name, STATE_OK,
		    text_fmt(arena, "%zu queue%s%s, workers %s", s->count,
			s->count == 1 ? "" : "s",
			looking ? " so far, still looking" : "",
			s->list_known ? "counted"
				      : "unknown: CLIENT LIST is refused"),
		    s->first_ns);
	else
		build_health(build, name, STATE_UNKNOWN,
		    s->find.complete
			? text_fmt(arena,
			      "no queues under %s: wrong prefix or database?",
			      s->conf->prefix)
			: TEXT("looking for queues"),
		    s->first_ns);
	build_gauge(build, TEXT("queue_poll_seconds"), NUM_SECONDS,
	    (double)s->first_ns / NS_PER_SEC);
}

static void
bullmq_publish(struct src_bullmq *s, struct build *build, int64_t now)
{
	for (size_t i = 0; i < s->count; i++) {
		struct bullmq_rate rate =
		    bullmq_rate_add(&s->tracks[i]->rates, &s->queues[i].count);

		bullmq_view_fill(&s->views[i], &s->queues[i], s->tracks[i],
		    &rate, now, s->list_known, s->conf->backlog_ns);
	}
	if (s->count > 0 && s->queues[0].exists)
		build_note(build,
		    text_clean_str(build_arena(build),
			s->queues[0].evidence.version[0] != '\0'
			    ? s->queues[0].evidence.version
			    : bullmq_dialect_name(s->queues[0].dialect)));
	bullmq_publish_server(s, build);
	for (size_t i = 0; i < s->count; i++) {
		bullmq_view_health(build, &s->views[i]);
		bullmq_view_metrics(build, &s->views[i]);
		bullmq_view_changes(build, &s->views[i], s->tracks[i], now);
	}
	bullmq_view_table(build, s->views, s->count);
	bullmq_view_failures(build, s->views, s->count);
	bullmq_view_jobs(build, s->views, s->count);
}

static enum err_code
bullmq_discover(struct src_bullmq *s, const struct poll *poll, struct err *err)
{
	enum err_code code;

	if (s->conf->queues.count > 0)
		return ERR_OK;
	code = bullmq_find_some(
	    &s->find, &s->session, poll->deadline, poll->cancel, err);
	if (code == ERR_FORBIDDEN) {
		err_prefix(err, "queues can't be found, list them");
		return code;
	}
	for (size_t i = 0; i < s->find.count && code == ERR_OK; i++)
		code = bullmq_track(s, s->find.names[i], err);
	if (code != ERR_OK || s->count > 0 || !s->env->optional)
		return code;
	if (!s->find.complete)
		return err_set(
		    err, ERR_WAITING, "bullmq", "still looking for queues");
	return err_set(
	    err, ERR_NOTFOUND, "bullmq", "no queues under %s", s->conf->prefix);
}

static enum err_code
src_bullmq_poll(void *state, struct poll *poll, struct err *err)
{
	struct src_bullmq *s = state;
	struct redis_replies first = REDIS_REPLIES_INIT;
	size_t at = 0;
	int64_t now = 0;
	enum err_code code = bullmq_discover(s, poll, err);

	if (code == ERR_OK)
		code = bullmq_first(s, poll, &first, &at, &now, err);
	if (code == ERR_OK && s->count > 0)
		code = bullmq_second_or_less(s, poll, &first, at, now, err);
	if (code == ERR_OK)
		bullmq_publish(s, poll->build, now);
	redis_replies_release(&first);
	return code;
}

static void
src_bullmq_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	const struct bullmq_conf *conf = config;
	struct bullmq_track track;

	(void)env;
	if (conf->source == NULL && conf->redis.url == NULL)
		conf_errors_add(errors, node->key_pos, "redis: NAME",
		    "a bullmq source needs the name of a redis source, or a "
		    "url");
	if (conf->source != NULL && conf->redis.url != NULL)
		conf_errors_add(errors, node->key_pos, "keep one of them",
		    "both redis and url are given");
	if (conf->redis.url != NULL)
		redis_conf_check(&conf->redis, node, errors);
	for (size_t i = 0; i < conf->queues.count; i++)
		if (!bullmq_track_init(
			&track, conf->prefix, conf->queues.items[i]) ||
		    strchr(conf->queues.items[i], ':') != NULL)
			conf_errors_add(errors, node->pos, NULL,
			    "\"%s\" can't be the name of a queue: names are "
			    "at most %d bytes and hold no colon",
			    conf->queues.items[i], BULLMQ_NAME_MAX - 1);
}

static const struct opt src_bullmq_options[] = {
	{
	    OPT_FIELD(struct bullmq_conf, source, "redis", OPT_REF),
	    .refers = "redis",
	    .help = "the redis source whose server holds the queues",
	},
	REDIS_CONF_OPTS(struct bullmq_conf, redis.url, redis.password, redis.ca,
	    redis.cert, redis.key, redis.insecure),
	{
	    OPT_FIELD(struct bullmq_conf, queues, "queues", OPT_LIST),
	    .min = 0,
	    .max = BULLMQ_QUEUES_MAX,
	    .help = "names of the queues; without it they are searched for",
	},
	{
	    OPT_FIELD(struct bullmq_conf, prefix, "prefix", OPT_STRING),
	    .preset = "bull",
	    .min = 1,
	    .max = BULLMQ_PREFIX_MAX - 1,
	    .help = "what the keys of all queues begin with",
	},
	{
	    OPT_FIELD(struct bullmq_conf, backlog_ns, "backlog", OPT_DURATION),
	    .preset = "5m",
	    .min = 0,
	    .max = 7 * 24 * 3600 * NS_PER_SEC,
	    .help = "warn when the next job waits longer; 0 never",
	},
};

static const struct opt_table src_bullmq_table = OPT_TABLE(src_bullmq_options);

const struct source_ops src_bullmq = {
	.name = "bullmq",
	.help = "queues of BullMQ 1 to 6 and Bull 4 in Redis",
	.options = &src_bullmq_table,
	.config_size = sizeof(struct bullmq_conf),
	.every_ns = 5 * NS_PER_SEC,
	.timeout_ns = 5 * NS_PER_SEC,
	.open = src_bullmq_open,
	.poll = src_bullmq_poll,
	.close = src_bullmq_close,
	.check = src_bullmq_check,
};
