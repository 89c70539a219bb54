#include "datasrc/pg_session.h"

#include <string.h>

#include "base/clock.h"
#include "base/redact.h"
#include "base/secret.h"

void
pg_conf_check(const struct pg_conf *conf, const struct conf_node *node,
    struct conf_errors *errors)
{
	const struct conf_node *url = conf_get(node, "url");
	struct conf_pos pos = url != NULL ? url->pos : node->pos;
	struct pg_target target;
	struct err err = ERR_INIT;

	if (secret_ref_kind(conf->url) != SECRET_LITERAL)
		return;
	if (pg_target_parse(conf->url, &target, &err) != ERR_OK) {
		conf_errors_add(errors, pos, NULL, "%s", err.msg);
		return;
	}
	pg_target_release(&target);
}

void
pg_session_init(struct pg_session *session, const struct pg_conf *conf,
    struct redactor *redactor, int64_t statement_ns)
{
	*session = (struct pg_session) {
		.conf = conf,
		.redactor = redactor,
		.options = {
			.statement_ms = statement_ns / NS_PER_MS,
			.lock_ms = PG_LOCK_MS,
			.max_bytes = PG_BYTES_MAX,
		},
	};
}

void
pg_session_close(struct pg_session *session)
{
	session->conn = pg_conn_close(session->conn);
}

/* The value is hidden wherever it turns up; too short a one can't be. */
static enum err_code
session_hide(
    const struct pg_session *session, const char *password, struct err *err)
{
	struct err own = ERR_INIT;
	enum err_code code;

	if (session->redactor == NULL || password == NULL)
		return ERR_OK;
	code =
	    redactor_add(session->redactor, password, strlen(password), &own);
	if (code == ERR_OK || code == ERR_LIMIT)
		return ERR_OK;
	*err = own;
	return code;
}

/* The password option wins over the one in the url. */
static enum err_code
session_open(struct pg_session *session, const struct secret *url,
    const struct secret *password, int64_t deadline,
    const struct cancel *cancel, struct err *err)
{
	struct pg_target target = PG_TARGET_INIT;
	enum err_code code = pg_target_parse(secret_reveal(url), &target, err);

	if (code != ERR_OK)
		return code;
	target.ca_file = session->conf->ca;
	target.cert_file = session->conf->cert;
	target.key_file = session->conf->key;
	target.password = password != NULL
			      ? secret_reveal(password)
			      : pg_target_option(&target, "password");
	code = session_hide(session, target.password, err);
	if (code == ERR_OK)
		code = pg_conn_open(&target, &session->options, deadline,
		    cancel, &session->conn, err);
	pg_target_release(&target);
	return code;
}

enum err_code
pg_session_ready(struct pg_session *session, int64_t deadline,
    const struct cancel *cancel, struct err *err)
{
	struct secret *url = NULL, *password = NULL;
	enum err_code code;

	if (pg_conn_usable(session->conn))
		return ERR_OK;
	pg_session_close(session);
	code = secret_from_ref(session->conf->url, cancel, &url, err);
	if (code != ERR_OK)
		err_prefix(err, "url");
	if (code == ERR_OK && session->conf->password != NULL) {
		code = secret_from_ref(
		    session->conf->password, cancel, &password, err);
		if (code != ERR_OK)
			err_prefix(err, "password");
	}
	if (code == ERR_OK)
		code =
		    session_open(session, url, password, deadline, cancel, err);
	secret_free(url);
	secret_free(password);
	if (code == ERR_OK) {
		session->opened++;
		/* A pooler that refused once is not asked again. */
		session->options.pooled = pg_conn_is_pooled(session->conn);
	}
	return code;
}

enum err_code
pg_session_run(struct pg_session *session, const struct pg_question *questions,
    size_t count, int64_t deadline, const struct cancel *cancel,
    struct pg_answers *ret_answers, struct err *err)
{
	bool kept = pg_conn_usable(session->conn);
	enum err_code code = pg_session_ready(session, deadline, cancel, err);

	if (code == ERR_OK)
		code = pg_conn_run(session->conn, questions, count, deadline,
		    cancel, ret_answers, err);
	if (kept && !session->options.write &&
	    (code == ERR_CLOSED || code == ERR_IO)) {
		pg_session_close(session);
		code = pg_session_ready(session, deadline, cancel, err);
		if (code == ERR_OK)
			code = pg_conn_run(session->conn, questions, count,
			    deadline, cancel, ret_answers, err);
	}
	if (code != ERR_OK && !pg_conn_usable(session->conn))
		pg_session_close(session);
	return code;
}
