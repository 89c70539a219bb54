#include "actions/pg_act.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/json_out.h"
#include "datasrc/pg_sql.h"
#include "datasrc/postgres_conf.h"
#include "model/platform.h"

/* Who the server is; two groups, for not everybody may see its identity. */
static enum err_code
act_facts(struct pg_act *act, struct err *err)
{
	struct buf facts = BUF_INIT(PG_SQL_MAX),
		   identity = BUF_INIT(PG_SQL_MAX);
	struct pg_answers answers = PG_ANSWERS_INIT;
	struct pg_question questions[2] = { { .sql = NULL } };
	enum err_code code = ERR_NOMEM;

	if (pg_sql_write(&facts, PG_ASK_FACTS, NULL) &&
	    pg_sql_write(&identity, PG_ASK_IDENTITY, NULL)) {
		questions[0].sql = buf_cstr(&facts);
		questions[1].sql = buf_cstr(&identity);
		code = pg_act_ask(act, questions, 2, &answers, err);
	}
	if (code == ERR_OK && answers.list[0].why.code != ERR_OK) {
		*err = answers.list[0].why;
		code = err->code;
	}
	if (code == ERR_OK) {
		pg_facts_read(&act->facts, answers.list[0].result);
		pg_facts_identify(&act->facts, answers.list[1].result);
	}
	pg_answers_release(&answers);
	buf_release(&facts);
	buf_release(&identity);
	return code;
}

enum err_code
pg_act_open(struct pg_act *act, const struct action_ctx *ctx, struct err *err)
{
	const struct postgres_conf *conf = ctx->source->config;
	enum err_code code;

	*act = (struct pg_act) { .ctx = ctx, .place = "" };
	pg_session_init(
	    &act->session, &conf->pg, ctx->redactor, conf->statement_ns);
	act->session.options.search_path = "pg_catalog";
	code = pg_session_ready(&act->session, ctx->deadline, ctx->cancel, err);
	if (code != ERR_OK)
		return code;
	act->place = pg_conn_place(act->session.conn);
	act->facts.version = pg_conn_version(act->session.conn);
	if (act->facts.version < PG_VERSION_MIN)
		return err_set(err, ERR_UNSUPPORTED, "postgres",
		    "%s is PostgreSQL %d; sevtop needs %d or newer", act->place,
		    act->facts.version / 10000, PG_VERSION_MIN / 10000);
	code = act_facts(act, err);
	if (code != ERR_OK)
		return code;
	act->server = (struct pg_server) {
		.standby = act->facts.standby,
		.started_us = llround(act->facts.started_s * 1e6),
	};
	memcpy(act->server.identity, act->facts.identity,
	    sizeof(act->server.identity));
	return ERR_OK;
}

void
pg_act_close(struct pg_act *act)
{
	pg_session_close(&act->session);
}

enum err_code
pg_act_ask(struct pg_act *act, const struct pg_question *questions,
    size_t count, struct pg_answers *ret_answers, struct err *err)
{
	/* Not pg_session_run(), which would ask again on a new connection. */
	return pg_conn_run(act->session.conn, questions, count,
	    act->ctx->deadline, act->ctx->cancel, ret_answers, err);
}

enum err_code
pg_act_rows(struct pg_act *act, const struct pg_question *question,
    struct pg_result **ret_result, struct err *err)
{
	struct pg_answers answers = PG_ANSWERS_INIT;
	enum err_code code = pg_act_ask(act, question, 1, &answers, err);

	if (code != ERR_OK)
		return code;
	if (answers.list[0].why.code != ERR_OK) {
		*err = answers.list[0].why;
		code = err->code;
	} else {
		*ret_result = answers.list[0].result;
		answers.list[0].result = NULL;
	}
	pg_answers_release(&answers);
	return code;
}

enum err_code
pg_act_known(
    const struct pg_act *act, const struct pg_server *then, struct err *err)
{
	const char *now = act->server.identity;

	if (now[0] != '\0' && then->identity[0] != '\0' &&
	    strcmp(now, then->identity) != 0)
		return err_set(err, ERR_CLOSED, "postgres",
		    "changed since you looked: another database server answers "
		    "at %s now",
		    act->place);
	return ERR_OK;
}

enum err_code
pg_act_same(
    const struct pg_act *act, const struct pg_server *then, struct err *err)
{
	const struct pg_server *now = &act->server;
	enum err_code code = pg_act_known(act, then, err);

	if (code != ERR_OK)
		return code;
	if (now->standby != then->standby)
		return err_set(err, ERR_CLOSED, "postgres",
		    "changed since you looked: a failover, %s is a %s now",
		    act->place, now->standby ? "standby" : "primary");
	if (now->started_us != then->started_us)
		return err_set(err, ERR_CLOSED, "postgres",
		    "changed since you looked: %s was restarted, or a failover "
		    "put another in its place; the sessions of before are gone",
		    act->place);
	return ERR_OK;
}

void
pg_act_basis(const struct pg_act *act, struct plan *plan)
{
	plan->basis = text_fmt(plan->arena,
	    "%s, PostgreSQL %d, %s; nothing is sent to a session that is "
	    "another by then, or after a failover",
	    act->place, act->facts.version / 10000,
	    act->server.standby ? "standby" : "primary");
}

void
pg_server_keep(
    struct json_out *out, struct cJSON *to, const struct pg_server *server)
{
	json_out_str(out, to, "identity", server->identity);
	json_out_num(out, to, "standby", server->standby);
	json_out_num(out, to, "started", (double)server->started_us);
}

bool
pg_server_read(const struct cJSON *json, struct pg_server *ret_server)
{
	const char *identity = json_string(json_member(json, "identity"));
	struct pg_server server = { .standby = false };
	int64_t standby;

	if (identity == NULL || strlen(identity) >= sizeof(server.identity) ||
	    !json_int(json_member(json, "standby"), &standby) ||
	    !json_int(json_member(json, "started"), &server.started_us))
		return false;
	snprintf(server.identity, sizeof(server.identity), "%s", identity);
	server.standby = standby != 0;
	*ret_server = server;
	return true;
}
