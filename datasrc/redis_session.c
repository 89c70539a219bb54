#include "config.h"

#include "datasrc/redis_session.h"

#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

void
redis_conf_check(const struct redis_conf *conf, const struct conf_node *node,
    struct conf_errors *errors)
{
	const struct conf_node *url = conf_get(node, "url");
	struct conf_pos pos = url != NULL ? url->pos : node->pos;
	struct redis_target target;
	struct err err = ERR_INIT;

	if (secret_ref_kind(conf->url) != SECRET_LITERAL)
		return;
	if (redis_url_parse(conf->url, &target, &err) != ERR_OK) {
		conf_errors_add(errors, pos, NULL, "%s", err.msg);
		return;
	}
	redis_target_wipe(&target);
}

void
redis_session_init(struct redis_session *session, const struct redis_conf *conf)
{
	*session = (struct redis_session) { .conf = conf, .other_db = -1 };
}

void
redis_session_close(struct redis_session *session)
{
	session->conn = redis_conn_close(session->conn);
}

/* The password option wins over the one in the url. */
static enum err_code
session_password(const struct redis_conf *conf, const struct cancel *cancel,
    struct redis_target *target, struct err *err)
{
	struct secret *secret = NULL;
	enum err_code code;

	if (conf->password == NULL)
		return ERR_OK;
	code = secret_from_ref(conf->password, cancel, &secret, err);
	if (code != ERR_OK) {
		err_prefix(err, "password");
		return code;
	}
	if (secret_len(secret) < sizeof(target->pass))
		memcpy(target->pass, secret_reveal(secret),
		    secret_len(secret) + 1);
	else
		code = err_set(err, ERR_CONFIG, "redis",
		    "the password is longer than %zu bytes",
		    sizeof(target->pass) - 1);
	secret_free(secret);
	return code;
}

static enum err_code
session_target(const struct redis_conf *conf, const struct cancel *cancel,
    struct redis_target *target, struct err *err)
{
	struct secret *url = NULL;
	enum err_code code = secret_from_ref(conf->url, cancel, &url, err);

	if (code != ERR_OK) {
		err_prefix(err, "url");
		return code;
	}
	code = redis_url_parse(secret_reveal(url), target, err);
	secret_free(url);
	if (code != ERR_OK)
		return code;
	target->ca_file = conf->ca;
	target->cert_file = conf->cert;
	target->key_file = conf->key;
	target->insecure = conf->insecure;
	return session_password(conf, cancel, target, err);
}

/* TIME may be refused to our user; ages then use our own clock. */
static enum err_code
session_clock(struct redis_session *session, int64_t deadline,
    const struct cancel *cancel, struct err *err)
{
	struct redis_replies replies = REDIS_REPLIES_INIT;
	const struct redisReply *time;
	struct redis_batch batch;
	int64_t s, us;
	enum err_code code;

	redis_batch_init(&batch);
	redis_batch_cmd(&batch, "TIME", NULL);
	code = redis_conn_run(
	    session->conn, &batch, deadline, cancel, &replies, err);
	time = redis_replies_at(&replies, 0);
	session->skew_known =
	    code == ERR_OK && redis_reply_int(redis_reply_at(time, 0), &s) &&
	    redis_reply_int(redis_reply_at(time, 1), &us) && s >= 0 &&
	    s < INT32_MAX && us >= 0 && us < 1000000;
	session->skew_ms = 0;
	if (session->skew_known)
		session->skew_ms = s * 1000 + us / 1000 - clock_wall_ms();
	redis_replies_release(&replies);
	redis_batch_release(&batch);
	return code;
}

enum err_code
redis_session_ready(struct redis_session *session, int64_t deadline,
    const struct cancel *cancel, struct err *err)
{
	struct redis_target target = { .port = 0 };
	enum err_code code;

	if (redis_conn_usable(session->conn))
		return ERR_OK;
	redis_session_close(session);
	code = session_target(session->conf, cancel, &target, err);
	if (code == ERR_OK) {
		if (session->other_db >= 0)
			target.db = (uint32_t)session->other_db;
		session->db = target.db;
		redis_target_text(&target, session->place);
		code = redis_conn_open(
		    &target, deadline, cancel, &session->conn, err);
	}
	redis_target_wipe(&target);
	if (code == ERR_OK)
		session->opened++;
	if (code == ERR_OK)
		code = session_clock(session, deadline, cancel, err);
	return code;
}

enum err_code
redis_session_run(struct redis_session *session,
    const struct redis_batch *batch, int64_t deadline,
    const struct cancel *cancel, struct redis_replies *ret_replies,
    struct err *err)
{
	enum err_code code =
	    redis_session_ready(session, deadline, cancel, err);

	if (code == ERR_OK) {
		code = redis_conn_run(
		    session->conn, batch, deadline, cancel, ret_replies, err);
		if (code != ERR_OK)
			err_prefix(err, "%s", session->place);
	}
	if (code != ERR_OK && !redis_conn_usable(session->conn))
		redis_session_close(session);
	return code;
}
