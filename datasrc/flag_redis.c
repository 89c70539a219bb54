/* Flags in Redis: a string, or a field of a hash. */
#include "datasrc/flag_type.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "datasrc/limits.h"
#include "datasrc/redis_reply.h"
#include "model/limits.h"
#include "model/platform.h"

static const char origin[] = "flag";

static void
ask(struct redis_batch *batch, const struct flag_redis_conf *conf)
{
	if (conf->field != NULL)
		redis_batch_cmd(batch, "HGET", conf->key, conf->field, NULL);
	else
		redis_batch_cmd(batch, "GET", conf->key, NULL);
	redis_batch_cmd(batch, "PTTL", conf->key, NULL);
}

static enum err_code
take(const struct flag_ask *read, const struct redis_replies *replies,
    struct flag_state *state, struct err *err)
{
	const struct redisReply *value = redis_replies_at(replies, 0);
	const char *bytes;
	int64_t ttl = 0;
	size_t len;

	if (redis_reply_is_nil(value))
		return ERR_OK;
	if (redis_reply_check(value, err) != ERR_OK)
		return err->code;
	if (!redis_reply_str(value, &bytes, &len) || len >= FLAG_VALUE_MAX ||
	    memchr(bytes, '\0', len) != NULL)
		return err_set(err, ERR_TOOBIG, origin,
		    "what is kept there is no value of a flag");
	state->stored = arena_copy(read->arena, bytes, len);
	if (redis_reply_int(redis_replies_at(replies, 1), &ttl) && ttl > 0)
		state->expires_ms = ttl;
	return state->stored != NULL
		   ? ERR_OK
		   : err_set(err, ERR_NOMEM, origin, "no memory");
}

static enum err_code
redis_read(
    const struct flag_ask *read, struct flag_state *state, struct err *err)
{
	const struct flag_redis_conf *conf = read->flag->config;
	struct redis_replies replies = REDIS_REPLIES_INIT;
	struct redis_session *session = NULL;
	struct redis_batch batch;
	enum err_code code = flag_link_redis(read->links, conf, &session, err);

	if (session == NULL)
		return code;
	redis_batch_init(&batch);
	ask(&batch, conf);
	code = redis_session_run(
	    session, &batch, read->deadline, read->cancel, &replies, err);
	redis_batch_release(&batch);
	if (code == ERR_OK)
		code = take(read, &replies, state, err);
	redis_replies_release(&replies);
	return code;
}

static void
redis_place(const struct platform_flag *flag, struct buf *out)
{
	const struct flag_redis_conf *conf = flag->config;

	buf_fmt(out, "redis %s%s%s", conf->key, conf->field != NULL ? " " : "",
	    conf->field != NULL ? conf->field : "");
}

static void
redis_check(const struct platform *platform, const struct platform_flag *flag,
    struct conf_errors *errors)
{
	const struct flag_redis_conf *conf = flag->config;
	const struct platform_source *source =
	    conf->source != NULL ? platform_source_find(platform, conf->source)
				 : NULL;
	const struct conf_node *at = conf_get(flag->node, "source");

	if ((conf->source != NULL) == (conf->redis.url != NULL))
		conf_errors_add(errors, flag->pos, "source: redis",
		    "\"%.40s\" wants either a source or a url", flag->name);
	else if (conf->source == NULL)
		redis_conf_check(&conf->redis, flag->node, errors);
	else if (source == NULL || strcmp(source->type, "redis") != 0)
		conf_errors_add(errors, at->pos, NULL,
		    "no redis source is named \"%.60s\"", conf->source);
}

static const struct opt redis_rows[] = {
	{
	    OPT_FIELD(struct flag_redis_conf, source, "source", OPT_STRING),
	    .help = "name of the redis source that has it; else url",
	},
	REDIS_CONF_OPTS(struct flag_redis_conf, redis.url, redis.password,
	    redis.ca, redis.cert, redis.key, redis.insecure),
	{
	    OPT_FIELD(struct flag_redis_conf, key, "name", OPT_STRING),
	    .required = true,
	    .max = ACTION_TARGET_MAX,
	    .min = 1,
	    .help = "key of the string or of the hash",
	},
	{
	    OPT_FIELD(struct flag_redis_conf, field, "field", OPT_STRING),
	    .max = ACTION_TARGET_MAX,
	    .min = 1,
	    .help = "field of the hash; without it, name is a string",
	},
};
static const struct opt_table redis_table = OPT_TABLE(redis_rows);

const struct flag_type flag_redis = {
	.name = "redis",
	.help = "a string of Redis, or a field of a hash",
	.kind = FLAG_REDIS,
	.options = &redis_table,
	.config_size = sizeof(struct flag_redis_conf),
	.read = redis_read,
	.place = redis_place,
	.check = redis_check,
};
