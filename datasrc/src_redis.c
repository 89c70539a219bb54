/*
 * Source type "redis": is the server there, how fast does it answer, and
 * what does it say about itself. Two round trips a poll: PING alone, because
 * a pipeline is answered as a whole, then everything else.
 */
#include "datasrc/source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "datasrc/redis_report.h"
#include "datasrc/redis_session.h"

struct src_redis {
	const struct source_env *env;
	struct redis_session session;
	struct redis_sample last;
	int64_t slow_id;
	struct redis_info info;
};

static enum err_code
src_redis_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	struct src_redis *s = mem_calloc(1, sizeof(*s));

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "redis", "no memory");
	s->env = env;
	s->slow_id = INT64_MIN;
	redis_session_init(&s->session, config);
	*ret_state = s;
	return ERR_OK;
}

static void
src_redis_close(void *state)
{
	struct src_redis *s = state;

	if (s == NULL)
		return;
	redis_session_close(&s->session);
	mem_free(s);
}

/* Errors after which nothing else can be asked. */
static bool
src_redis_is_fatal(enum err_code code)
{
	return code == ERR_AUTH || code == ERR_LIMITED || code == ERR_PROTOCOL;
}

/* PING; *ret_state and *ret_why are what the server's health row says. */
static enum err_code
src_redis_ping(struct src_redis *s, const struct poll *poll, int64_t *ret_took,
    struct err *ret_why, struct err *err)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct redis_batch batch;
	enum err_code code;

	redis_batch_init(&batch);
	redis_batch_cmd(&batch, "PING", NULL);
	code = redis_session_run(
	    &s->session, &batch, poll->deadline, poll->cancel, &replies, err);
	if (code == ERR_OK) {
		const struct redisReply *reply = redis_replies_at(&replies, 0);

		*ret_took = replies.took_ns;
		redis_reply_check(reply, ret_why);
		if (src_redis_is_fatal(ret_why->code))
			code = redis_reply_check(reply, err);
	}
	redis_replies_release(&replies);
	redis_batch_release(&batch);
	return code;
}

enum {
	ASK_INFO,
	ASK_DBSIZE,
	ASK_SLOWLOG,
	ASK_LATENCY,
	ASK_TIME,
};

static enum err_code
src_redis_ask(struct src_redis *s, const struct poll *poll,
    struct redis_replies *ret_replies, struct err *err)
{
	struct redis_batch batch;
	enum err_code code;

	redis_batch_init(&batch);
	redis_batch_cmd(&batch, "INFO", NULL);
	redis_batch_cmd(&batch, "DBSIZE", NULL);
	redis_batch_cmd(&batch, "SLOWLOG", "GET", "32", NULL);
	redis_batch_cmd(&batch, "LATENCY", "LATEST", NULL);
	redis_batch_cmd(&batch, "TIME", NULL);
	code = redis_session_run(&s->session, &batch, poll->deadline,
	    poll->cancel, ret_replies, err);
	redis_batch_release(&batch);
	return code;
}

/* The row that stands for the server: its version, age and rate. */
static void
src_redis_health(struct src_redis *s, struct build *build, int64_t took,
    const struct err *why, bool info_known)
{
	struct arena *arena = build_arena(build);
	struct redis_word version = redis_info_word(&s->info, "redis_version");
	double ops = redis_info_num(&s->info, "instantaneous_ops_per_sec");
	double up = redis_info_num(&s->info, "uptime_in_seconds");
	struct text name = text_clean_str(arena, s->env->name);
	enum state state = STATE_OK;
	char a[NUM_TEXT_MAX], b[NUM_TEXT_MAX];

	if (s->session.conf->insecure)
		state = STATE_WARN;
	if (why->code != ERR_OK) {
		state = why->code == ERR_FORBIDDEN ? STATE_WARN : STATE_CRIT;
		build_health(build, name, state,
		    text_clean_str(arena, err_text(why)), took);
		return;
	}
	if (!info_known) {
		build_health(build, name, STATE_WARN,
		    TEXT("answers; INFO is not permitted: the user needs "
			 "+info"),
		    took);
		return;
	}
	build_note(build, text_fmt(arena, "redis %.*s", (int)version.len,
			      version.at != NULL ? version.at : ""));
	build_health(build, name, state,
	    text_fmt(arena, "up %s, %s%s",
		isnan(up) ? "?" : num_duration(a, (int64_t)up * NS_PER_SEC),
		num_human(b, ops, NUM_PER_SECOND),
		state == STATE_WARN ? ", the certificate is not checked" : ""),
	    took);
}

/* A clock that is off makes every age shown from this server wrong. */
static void
src_redis_clock(struct build *build, const struct redisReply *time)
{
	int64_t s, us, skew, now = clock_wall_ms();
	char a[NUM_TEXT_MAX];

	if (!redis_reply_int(redis_reply_at(time, 0), &s) ||
	    !redis_reply_int(redis_reply_at(time, 1), &us) || s < 0 ||
	    s > UINT32_MAX || us < 0 || us > 999999)
		return;
	skew = s * 1000 + us / 1000 - now;
	build_gauge(build, TEXT("redis_clock_skew_seconds"), NUM_SECONDS,
	    (double)skew / 1000);
	if (llabs(skew) > REDIS_SKEW_WARN_MS)
		build_health(build, TEXT("clock"), STATE_WARN,
		    text_fmt(build_arena(build),
			"the server's clock is %s %s ours",
			num_duration(a, llabs(skew) * NS_PER_MS),
			skew > 0 ? "ahead of" : "behind"),
		    -1);
}

static void
src_redis_publish(struct src_redis *s, struct poll *poll,
    const struct redis_replies *replies, int64_t took, const struct err *why)
{
	struct build *build = poll->build;
	int64_t days;

	src_redis_health(s, build, took, why, s->info.count > 0);
	build_gauge(build, TEXT("redis_ping_seconds"), NUM_SECONDS,
	    (double)took / NS_PER_SEC);
	if (s->info.count > 0)
		redis_report_info(build, &s->info, &s->last, poll->wall_ms);
	build_gauge(build, TEXT("redis_keys"), NUM_COUNT,
	    redis_reply_or_nan(redis_replies_at(replies, ASK_DBSIZE)));
	redis_report_slowlog(build, redis_replies_at(replies, ASK_SLOWLOG),
	    s->env->redactor, &s->slow_id);
	redis_report_latency(build, redis_replies_at(replies, ASK_LATENCY));
	src_redis_clock(build, redis_replies_at(replies, ASK_TIME));
	if (redis_conn_cert_days(s->session.conn, poll->wall_ms, &days))
		build_gauge(build, TEXT("redis_certificate_days"), NUM_COUNT,
		    (double)days);
}

static enum err_code
src_redis_poll(void *state, struct poll *poll, struct err *err)
{
	struct src_redis *s = state;
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct err why = ERR_INIT;
	char loading[REDIS_LOADING_TEXT_LEN];
	const char *text = "";
	size_t len = 0;
	int64_t took = -1;
	enum err_code code;

	code = src_redis_ping(s, poll, &took, &why, err);
	if (code == ERR_OK)
		code = src_redis_ask(s, poll, &replies, err);
	if (code != ERR_OK)
		goto out;
	redis_reply_str(redis_replies_at(&replies, ASK_INFO), &text, &len);
	redis_info_parse(&s->info, text, len);
	if (redis_info_num(&s->info, "loading") > 0) {
		code = err_set(err, ERR_SERVER, "redis", "%s",
		    redis_report_loading(&s->info, loading));
		goto out;
	}
	src_redis_publish(s, poll, &replies, took, &why);
out:
	/* The parsed lines point into the replies. */
	s->info.count = 0;
	redis_replies_release(&replies);
	return code;
}

static void
src_redis_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	const struct redis_conf *conf = config;

	(void)env;
	if (conf->url == NULL)
		conf_errors_add(errors, node->key_pos, "url: env:REDIS_URL",
		    "a redis source needs a url");
	else
		redis_conf_check(conf, node, errors);
}

static const struct opt src_redis_options[] = {
	REDIS_CONF_OPTS(
	    struct redis_conf, url, password, ca, cert, key, insecure),
};

static const struct opt_table src_redis_table = OPT_TABLE(src_redis_options);

const struct source_ops src_redis = {
	.name = "redis",
	.help = "a Redis server: latency, memory, clients, hit rate, "
		"persistence, replication, slow log",
	.options = &src_redis_table,
	.config_size = sizeof(struct redis_conf),
	.every_ns = 5 * NS_PER_SEC,
	.timeout_ns = 3 * NS_PER_SEC,
	.open = src_redis_open,
	.poll = src_redis_poll,
	.close = src_redis_close,
	.check = src_redis_check,
};
