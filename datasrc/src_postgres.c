/*
 * Source type "postgres": is the server there, who is connected, who waits
 * for whom, and what it costs. A poll is two round trips: a short question
 * alone, whose time is the latency, then everything else. What changes
 * slowly or costs more (sizes, statements) is asked at a slower pace and
 * shown again meanwhile. One connection, kept open between polls.
 */
#include "datasrc/source.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/redact.h"
#include "base/text.h"
#include "datasrc/pg_report.h"
#include "datasrc/pg_session.h"
#include "datasrc/pg_sql.h"
#include "datasrc/pg_statements.h"
#include "datasrc/postgres_conf.h"

struct src_postgres {
	const struct source_env *env;
	const struct postgres_conf *conf;
	struct pg_session session;
	uint32_t seen; /* connections whose server was asked who it is */
	struct pg_dialect dialect;
	struct buf sql[PG_ASK_COUNT];

	struct pg_facts facts; /* of the last good poll */
	struct pg_counts counts;
	int64_t counts_at; /* clock_now() of it; 0: never */
	struct pg_databases databases;

	int64_t sizes_due;
	struct pg_result *relations; /* kept between two readings */
	struct pg_result *bytes;

	int64_t statements_due;
	struct pg_statements statements;
	struct err statements_why; /* of the last reading */
	bool look;		   /* for the extension, in the next poll */
};

static void
sql_release(struct src_postgres *s)
{
	for (size_t i = 0; i < PG_ASK_COUNT; i++)
		buf_release(&s->sql[i]);
}

/* The texts for this server; ERR_NOMEM. */
static enum err_code
sql_make(struct src_postgres *s, struct err *err)
{
	for (size_t i = 0; i < PG_ASK_COUNT; i++) {
		buf_release(&s->sql[i]);
		buf_init(&s->sql[i], PG_SQL_MAX);
		if (!pg_sql_write(&s->sql[i], (enum pg_ask)i, &s->dialect))
			return err_set(err, ERR_NOMEM, "postgres", "no memory");
	}
	return ERR_OK;
}

static void
src_postgres_close(void *state)
{
	struct src_postgres *s = state;

	if (s == NULL)
		return;
	pg_session_close(&s->session);
	pg_statements_release(&s->statements);
	pg_result_free(s->relations);
	pg_result_free(s->bytes);
	sql_release(s);
	mem_free(s);
}

static enum err_code
src_postgres_open(const struct source_env *env, const void *config,
    void **ret_state, struct err *err)
{
	struct src_postgres *s = mem_calloc(1, sizeof(*s));
	enum err_code code;

	if (s == NULL)
		return err_set(err, ERR_NOMEM, "postgres", "no memory");
	s->env = env;
	s->conf = config;
	s->statements = (struct pg_statements)PG_STATEMENTS_INIT;
	pg_session_init(
	    &s->session, &s->conf->pg, env->redactor, s->conf->statement_ns);
	s->session.options.search_path = "pg_catalog";
	code = sql_make(s, err);
	if (code != ERR_OK) {
		src_postgres_close(s);
		return code;
	}
	*ret_state = s;
	return ERR_OK;
}

/* What a poll asks, and where its answers are. */
struct ask {
	struct pg_question list[PG_QUESTIONS_MAX];
	int at[PG_ASK_COUNT]; /* place in the list; -1: not asked */
	size_t count;
};

static void
ask_init(struct ask *ask)
{
	ask->count = 0;
	for (size_t i = 0; i < PG_ASK_COUNT; i++)
		ask->at[i] = -1;
}

static void
ask_add(const struct src_postgres *s, struct ask *ask, enum pg_ask what,
    bool joined)
{
	ask->at[what] = (int)ask->count;
	ask->list[ask->count++] = (struct pg_question) {
		.sql = buf_cstr(&s->sql[what]),
		.joined = joined,
	};
}

static struct pg_answer *
answer_of(const struct ask *ask, struct pg_answers *answers, enum pg_ask what)
{
	int at = ask->at[what];

	return at >= 0 && (size_t)at < answers->count ? &answers->list[at]
						      : NULL;
}

/* The rows of an answer; NULL: not asked, or refused. */
static const struct pg_result *
rows_of(const struct ask *ask, struct pg_answers *answers, enum pg_ask what)
{
	const struct pg_answer *answer = answer_of(ask, answers, what);

	return answer != NULL ? answer->result : NULL;
}

/* The same, kept by the caller in the place of an older one. */
static void
rows_keep(const struct ask *ask, struct pg_answers *answers, enum pg_ask what,
    struct pg_result **to)
{
	struct pg_answer *answer = answer_of(ask, answers, what);

	if (answer == NULL || answer->result == NULL)
		return;
	pg_result_free(*to);
	*to = answer->result;
	answer->result = NULL;
}

/* What the server said against a question without which nothing can be shown.
 */
static enum err_code
answer_check(const struct src_postgres *s, const struct ask *ask,
    struct pg_answers *answers, enum pg_ask what, struct err *err)
{
	const struct pg_answer *answer = answer_of(ask, answers, what);

	if (answer == NULL || answer->why.code == ERR_OK)
		return ERR_OK;
	*err = answer->why;
	err_prefix(err, "%s", pg_conn_place(s->session.conn));
	return answer->why.code;
}

/* First round trip -----------------------------------------------------------
 */

/* The extension as it was found; the questions change with it. */
static void
extension_read(struct pg_extension *extension, const struct pg_result *rows)
{
	const char *schema = "";
	size_t len = 0;

	*extension = (struct pg_extension) {
		.there = pg_result_rows(rows) > 0,
		.exec_time = pg_result_bool(rows, 0, 2),
		.toplevel = pg_result_bool(rows, 0, 3),
		.shared_io = pg_result_bool(rows, 0, 4),
		.info = pg_result_bool(rows, 0, 5),
	};
	pg_result_str(rows, 0, 1, &schema, &len);
	snprintf(extension->schema, sizeof(extension->schema), "%.*s", (int)len,
	    schema);
}

static enum err_code
facts_take(struct src_postgres *s, const struct ask *ask,
    struct pg_answers *answers, struct pg_facts *facts, struct err *err)
{
	enum err_code code = answer_check(s, ask, answers, PG_ASK_FACTS, err);

	if (code != ERR_OK)
		return code;
	*facts = s->facts;
	facts->version = pg_conn_version(s->session.conn);
	pg_facts_read(facts, rows_of(ask, answers, PG_ASK_FACTS));
	if (facts->version < PG_VERSION_MIN)
		return err_set(err, ERR_UNSUPPORTED, "postgres",
		    "%s is PostgreSQL %d; sevtop needs %d or newer",
		    pg_conn_place(s->session.conn), facts->version / 10000,
		    PG_VERSION_MIN / 10000);
	if (ask->at[PG_ASK_IDENTITY] >= 0)
		pg_facts_identify(
		    facts, rows_of(ask, answers, PG_ASK_IDENTITY));
	return ERR_OK;
}

/*
 * Who the server is; on a new connection also its identity, and now and then
 * whether the extension is there.
 */
static enum err_code
facts_ask(struct src_postgres *s, const struct poll *poll,
    struct pg_facts *facts, int64_t *ret_took, struct err *err)
{
	struct pg_answers answers = PG_ANSWERS_INIT;
	struct ask ask;
	uint32_t opened;
	enum err_code code =
	    pg_session_ready(&s->session, poll->deadline, poll->cancel, err);

	if (code != ERR_OK)
		return code;
	opened = s->session.opened;
	ask_init(&ask);
	ask_add(s, &ask, PG_ASK_FACTS, false);
	if (opened != s->seen)
		ask_add(s, &ask, PG_ASK_IDENTITY, false);
	if (opened != s->seen || s->look)
		ask_add(s, &ask, PG_ASK_EXTENSION, false);
	code = pg_session_run(&s->session, ask.list, ask.count, poll->deadline,
	    poll->cancel, &answers, err);
	if (code != ERR_OK)
		return code;
	*ret_took = answers.took_ns;
	code = facts_take(s, &ask, &answers, facts, err);
	if (code == ERR_OK) {
		s->dialect.version = facts->version;
		s->dialect.rights = facts->rights;
		if (ask.at[PG_ASK_EXTENSION] >= 0)
			extension_read(&s->dialect.statements,
			    rows_of(&ask, &answers, PG_ASK_EXTENSION));
		s->look = !s->dialect.statements.there;
		code = sql_make(s, err);
	}
	if (code == ERR_OK)
		s->seen = opened;
	pg_answers_release(&answers);
	return code;
}

/* Second round trip ----------------------------------------------------------
 */

static void
ask_rest(struct src_postgres *s, struct ask *ask, int64_t now)
{
	ask_init(ask);
	ask_add(s, ask, PG_ASK_COUNTS, false);
	ask_add(s, ask, PG_ASK_SESSIONS, true);
	ask_add(s, ask, PG_ASK_EDGES, true);
	ask_add(s, ask, PG_ASK_DATABASES, false);
	ask_add(s, ask, PG_ASK_AGES, true);
	ask_add(s, ask, PG_ASK_VACUUM, true);
	ask_add(s, ask, PG_ASK_REPLICAS, false);
	ask_add(s, ask, PG_ASK_STANDBY, true);
	ask_add(s, ask, PG_ASK_SLOTS, true);
	if (s->conf->sizes_ns > 0 && now >= s->sizes_due) {
		ask_add(s, ask, PG_ASK_RELATIONS, false);
		ask_add(s, ask, PG_ASK_BYTES, true);
		s->sizes_due = now + s->conf->sizes_ns;
	}
	if (s->conf->statements_ns > 0 && s->dialect.statements.there &&
	    now >= s->statements_due) {
		ask_add(s, ask, PG_ASK_STATEMENTS, false);
		ask_add(s, ask, PG_ASK_RESETS, true);
	}
}

/* The texts of statements that have come up, in a round trip of their own. */
static enum err_code
texts_ask(struct src_postgres *s, const struct poll *poll, struct err *err)
{
	struct pg_answers answers = PG_ANSWERS_INIT;
	char ids[PG_IDS_TEXT_LEN];
	const char *params[] = { ids };
	const struct pg_question question = {
		.sql = buf_cstr(&s->sql[PG_ASK_TEXTS]),
		.params = params,
		.param_count = 1,
	};
	enum err_code code;

	if (!pg_statements_missing(&s->statements, ids))
		return ERR_OK;
	code = pg_session_run(&s->session, &question, 1, poll->deadline,
	    poll->cancel, &answers, err);
	if (code == ERR_OK)
		code = pg_statements_texts(
		    &s->statements, answers.list[0].result, err);
	pg_answers_release(&answers);
	return code;
}

/*
 * A first reading only serves the next one, which therefore comes with the
 * next poll.
 */
static enum err_code
statements_take(struct src_postgres *s, const struct ask *ask,
    struct pg_answers *answers, const struct pg_facts *facts,
    const struct poll *poll, struct err *err)
{
	struct pg_answer *answer = answer_of(ask, answers, PG_ASK_STATEMENTS);
	bool first = s->statements.last_s == 0;
	enum err_code code;

	if (answer == NULL)
		return ERR_OK;
	s->statements_why = answer->why;
	/* It may be another version now, or none. */
	s->look = answer->result == NULL;
	if (!first || answer->result == NULL)
		s->statements_due = clock_now() + s->conf->statements_ns;
	if (answer->result == NULL)
		return ERR_OK;
	code = pg_statements_read(&s->statements, answer->result,
	    rows_of(ask, answers, PG_ASK_RESETS), facts->now_s, err);
	return code == ERR_OK ? texts_ask(s, poll, err) : code;
}

/* Rows ------------------------------------------------------------------------
 */

/* Words of the server, which may quote what nobody else should see. */
static struct text
why_text(
    const struct src_postgres *s, struct build *build, const struct err *why)
{
	const char *words = err_text(why);

	return text_ingest(s->env->redactor, build_arena(build), words,
	    strlen(words), ERR_MSG_MAX);
}

static void
report_statements(const struct src_postgres *s, const struct pg_facts *facts,
    struct build *build)
{
	if (s->conf->statements_ns == 0)
		return;
	/* How the server is set up, not how it is: no alarm for years. */
	if (!s->dialect.statements.there)
		build_health(build, TEXT("statements"), STATE_OK,
		    text_fmt(build_arena(build),
			"not watched: pg_stat_statements is not in database "
			"%s (CREATE EXTENSION pg_stat_statements)",
			facts->database),
		    -1);
	else if (s->statements_why.code == ERR_OK)
		pg_statements_report(
		    build, &s->statements, facts->io_timing, s->env->redactor);
	else
		build_health(build, TEXT("statements"), STATE_UNKNOWN,
		    why_text(s, build, &s->statements_why), -1);
}

/* A part that the server refuses, in the row that would stand for it. */
static void
report_refused(struct src_postgres *s, struct build *build,
    const struct ask *ask, struct pg_answers *answers, enum pg_ask what,
    struct text target)
{
	const struct pg_answer *answer = answer_of(ask, answers, what);

	if (answer != NULL && answer->why.code != ERR_OK)
		build_health(build, target, STATE_UNKNOWN,
		    why_text(s, build, &answer->why), -1);
}

static enum err_code
publish(struct src_postgres *s, struct poll *poll, const struct ask *ask,
    struct pg_answers *answers, const struct pg_facts *facts, int64_t took,
    struct err *err)
{
	const struct pg_limits *limits = &s->conf->limits;
	struct build *build = poll->build;
	const struct pg_link link = {
		.took_ns = took,
		.pooled = pg_conn_is_pooled(s->session.conn),
		.open_text = pg_conn_is_open_text(s->session.conn),
	};
	struct pg_locks locks;
	int64_t days;
	enum err_code code =
	    pg_locks_read(&locks, rows_of(ask, answers, PG_ASK_SESSIONS),
		rows_of(ask, answers, PG_ASK_EDGES), err);

	if (code != ERR_OK)
		goto out;
	pg_report_server(build, s->env->name, facts, &link);
	pg_report_changes(build, &s->facts, facts, poll->wall_ms);
	pg_report_counts(build, facts, &s->counts, limits);
	pg_report_locks(build, &locks, limits, s->env->redactor);
	pg_report_sessions(build, &locks, limits, s->env->redactor);
	pg_report_databases(build, &s->databases,
	    rows_of(ask, answers, PG_ASK_DATABASES), facts->now_s);
	pg_report_ages(build, rows_of(ask, answers, PG_ASK_AGES), limits);
	pg_report_vacuum(build, rows_of(ask, answers, PG_ASK_VACUUM));
	pg_report_replication(build, facts,
	    rows_of(ask, answers, PG_ASK_REPLICAS),
	    rows_of(ask, answers, PG_ASK_STANDBY),
	    rows_of(ask, answers, PG_ASK_SLOTS), limits);
	report_refused(
	    s, build, ask, answers, PG_ASK_DATABASES, TEXT("databases"));
	report_refused(
	    s, build, ask, answers, PG_ASK_REPLICAS, TEXT("replication"));
	report_refused(
	    s, build, ask, answers, PG_ASK_RELATIONS, TEXT("relations"));
	pg_report_relations(build, s->relations, s->bytes);
	report_statements(s, facts, build);
	if (pg_conn_cert_days(s->session.conn, poll->wall_ms, &days))
		build_gauge(build, TEXT("pg_certificate_days"), NUM_COUNT,
		    (double)days);
out:
	pg_locks_release(&locks);
	return code;
}

/* Sessions are what this source is for: without them the poll has failed. */
static enum err_code
sessions_check(struct src_postgres *s, const struct ask *ask,
    struct pg_answers *answers, struct err *err)
{
	enum err_code code = ERR_OK;

	for (int what = PG_ASK_COUNTS; what <= PG_ASK_EDGES && code == ERR_OK;
	     what++)
		code = answer_check(s, ask, answers, (enum pg_ask)what, err);
	if (code != ERR_OK)
		return code;
	pg_counts_read(&s->counts, rows_of(ask, answers, PG_ASK_COUNTS),
	    rows_of(ask, answers, PG_ASK_SESSIONS));
	s->counts_at = clock_now();
	return ERR_OK;
}

/* No room is the finding itself: what was there when we last got in? */
static void
add_last_known(const struct src_postgres *s, struct err *err)
{
	char words[PG_COUNTS_TEXT_LEN], ago[NUM_TEXT_MAX];
	size_t used = strlen(err->msg);

	if (err->code != ERR_LIMITED || s->counts_at == 0)
		return;
	snprintf(err->msg + used, sizeof(err->msg) - used,
	    "; %s ago %.0f of %.0f: %s",
	    num_duration(ago, clock_now() - s->counts_at), s->counts.used,
	    s->facts.room, pg_counts_text(&s->counts, words));
}

static enum err_code
src_postgres_poll(void *state, struct poll *poll, struct err *err)
{
	struct src_postgres *s = state;
	struct pg_answers answers = PG_ANSWERS_INIT;
	struct pg_facts facts;
	struct ask ask;
	int64_t took = -1;
	enum err_code code = facts_ask(s, poll, &facts, &took, err);

	if (code == ERR_OK) {
		ask_rest(s, &ask, clock_now());
		code = pg_session_run(&s->session, ask.list, ask.count,
		    poll->deadline, poll->cancel, &answers, err);
	}
	if (code == ERR_OK)
		code = sessions_check(s, &ask, &answers, err);
	if (code == ERR_OK) {
		rows_keep(&ask, &answers, PG_ASK_RELATIONS, &s->relations);
		rows_keep(&ask, &answers, PG_ASK_BYTES, &s->bytes);
		code = statements_take(s, &ask, &answers, &facts, poll, err);
	}
	if (code == ERR_OK)
		code = publish(s, poll, &ask, &answers, &facts, took, err);
	if (code == ERR_OK)
		s->facts = facts;
	else
		add_last_known(s, err);
	pg_answers_release(&answers);
	return code;
}

const struct source_ops src_postgres = {
	.name = "postgres",
	.help = "a PostgreSQL server: sessions, locks, slow statements, sizes, "
		"replication",
	.options = &postgres_conf_table,
	.config_size = sizeof(struct postgres_conf),
	.every_ns = 5 * NS_PER_SEC,
	.timeout_ns = 5 * NS_PER_SEC,
	.open = src_postgres_open,
	.poll = src_postgres_poll,
	.close = src_postgres_close,
	.check = postgres_conf_check,
};
