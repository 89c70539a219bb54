/*
 * Source type "sql": any query that only reads, as metrics, health and
 * tables. It runs in a read-only transaction of its own, whatever the role
 * may do, with time-outs that the server keeps.
 */
#include "datasrc/source.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "datasrc/pg_session.h"
#include "datasrc/postgres_conf.h"
#include "datasrc/sql_map.h"
#include "model/platform.h"

struct sql_conf {
	const char *db; /* name of a postgres source; NULL: own url */
	struct pg_conf pg;
	const char *query;
	int64_t statement_ns;
	struct sql_map_conf map;
};

struct src_sql {
	const struct source_env *env;
	const struct sql_conf *conf;
	struct pg_session session;
	struct sql_map *map;
};

/* The connection options: our own, or those of the source we refer to. */
static const struct pg_conf *
sql_pg_conf(const struct source_env *env, const struct sql_conf *conf)
{
	const struct platform_source *source;
	const struct postgres_conf *other;

	if (conf->db == NULL)
		return &conf->pg;
	source = env->platform != NULL
		     ? platform_source_find(env->platform, conf->db)
		     : NULL;
	if (source == NULL || strcmp(source->type, "postgres") != 0)
		return NULL;
	other = source->config;
	return &other->pg;
}

static void
src_sql_close(void *state)
{
	struct src_sql *s = state;

	if (s == NULL)
		return;
	pg_session_close(&s->session);
	sql_map_free(s->map);
	mem_free(s);
}

static enum err_code
src_sql_open(const struct source_env *env, const void *config, void **ret_state,
    struct err *err)
{
	const struct sql_conf *conf = config;
	const struct pg_conf *pg = sql_pg_conf(env, conf);
	struct src_sql *s;
	enum err_code code;

	if (pg == NULL || pg->url == NULL)
		return err_set(err, ERR_CONFIG, "sql",
		    "no server to ask: set db to the name of a postgres "
		    "source, or url");
	s = mem_calloc(1, sizeof(*s));
	if (s == NULL)
		return err_set(err, ERR_NOMEM, "sql", "no memory");
	s->env = env;
	s->conf = conf;
	pg_session_init(&s->session, pg, env->redactor, conf->statement_ns);
	/* Read-only is the transaction then, not a default of the session. */
	s->session.options.wrap = true;
	code = sql_map_new(&conf->map, env->redactor, &s->map, err);
	if (code == ERR_OK)
		*ret_state = s;
	else
		src_sql_close(s);
	return code;
}

static void
src_sql_publish(struct src_sql *s, struct poll *poll,
    const struct pg_result *result, int64_t took_ns)
{
	struct arena *arena = build_arena(poll->build);
	size_t rows = pg_result_rows(result);
	char took[NUM_TEXT_MAX];

	build_health(poll->build, text_clean_str(arena, s->env->name), STATE_OK,
	    text_fmt(arena, "%zu row%s in %s", rows, rows == 1 ? "" : "s",
		num_human(took, (double)took_ns / NS_PER_SEC, NUM_SECONDS)),
	    took_ns);
	sql_map_fill(s->map, result, poll->wall_ms, poll->build);
}

static enum err_code
src_sql_poll(void *state, struct poll *poll, struct err *err)
{
	struct src_sql *s = state;
	const struct pg_question question = { .sql = s->conf->query };
	struct pg_answers answers = PG_ANSWERS_INIT;
	enum err_code code = pg_session_run(&s->session, &question, 1,
	    poll->deadline, poll->cancel, &answers, err);

	if (code != ERR_OK)
		return code;
	code = answers.list[0].why.code;
	if (code != ERR_OK) {
		*err = answers.list[0].why;
		err_prefix(err, "%s", pg_conn_place(s->session.conn));
	} else {
		src_sql_publish(
		    s, poll, answers.list[0].result, answers.took_ns);
	}
	pg_answers_release(&answers);
	return code;
}

static void
src_sql_check(const struct source_env *env, const void *config,
    const struct conf_node *node, struct conf_errors *errors)
{
	const struct sql_conf *conf = config;

	(void)env;
	if (conf->db == NULL && conf->pg.url == NULL)
		conf_errors_add(errors, node->key_pos, "db: NAME",
		    "a sql source needs the name of a postgres source, or a "
		    "url");
	if (conf->db != NULL && conf->pg.url != NULL)
		conf_errors_add(errors, node->key_pos, "keep one of them",
		    "both db and url are given");
	if (conf->pg.url != NULL)
		pg_conf_check(&conf->pg, node, errors);
	sql_map_check(&conf->map, errors);
}

static const struct opt sql_opts[] = {
	{
	    OPT_FIELD(struct sql_conf, db, "db", OPT_REF),
	    .refers = "postgres",
	    .help = "the postgres source whose server is asked",
	},
	PG_CONF_OPTS(
	    struct sql_conf, pg.url, pg.password, pg.ca, pg.cert, pg.key),
	{
	    OPT_FIELD(struct sql_conf, query, "query", OPT_STRING),
	    .required = true,
	    .max = SQL_QUERY_MAX,
	    .min = 1,
	    .help = "one statement, run in a read-only transaction",
	},
	{
	    OPT_FIELD(struct sql_conf, statement_ns, "statement_timeout",
		OPT_DURATION),
	    .preset = "5s",
	    .min = 100 * NS_PER_MS,
	    .max = 600 * NS_PER_SEC,
	    .help = "the server ends the query after that",
	},
	SQL_MAP_ROWS(struct sql_conf, map),
};

static const struct opt_table sql_table = OPT_TABLE(sql_opts);

const struct source_ops src_sql = {
	.name = "sql",
	.help = "a query of PostgreSQL that is mapped into health, metrics and "
		"tables",
	.options = &sql_table,
	.config_size = sizeof(struct sql_conf),
	.every_ns = 60 * NS_PER_SEC,
	.timeout_ns = 10 * NS_PER_SEC,
	.open = src_sql_open,
	.poll = src_sql_poll,
	.close = src_sql_close,
	.check = src_sql_check,
};
