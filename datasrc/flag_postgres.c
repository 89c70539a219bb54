/*
 * Flags in PostgreSQL: a statement that reads one row, and one that changes
 * it. The value is the column "value", or the first; "since" and "who" are
 * taken by name.
 */
#include "datasrc/flag_type.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "datasrc/limits.h"
#include "datasrc/map_value.h"
#include "datasrc/pg_result.h"
#include "model/platform.h"

static const char origin[] = "flag";

/* A column by name; NULL: there is none, or it is NULL. */
static const char *
text_of(const struct flag_ask *ask, const struct pg_result *result,
    const char *name)
{
	int column = pg_result_column(result, name);
	const char *value;
	size_t len;

	if (column < 0 ||
	    !pg_result_str(result, 0, (size_t)column, &value, &len))
		return NULL;
	return arena_copy(ask->arena, value, len);
}

enum {
	PG_BOOL = 16 /* its OID in pg_type.dat */
};

/* A boolean comes as t or f, and is written as true or false. */
static const char *
bool_word(const struct pg_result *result, size_t column, const char *value)
{
	if (pg_result_type(result, column) != PG_BOOL)
		return value;
	return value[0] == 't' ? "true" : "false";
}

static enum err_code
take(const struct flag_ask *ask, const struct pg_result *result,
    struct flag_state *state, struct err *err)
{
	int named = pg_result_column(result, "value");
	size_t column = named >= 0 ? (size_t)named : 0;
	const char *value, *since = text_of(ask, result, "since");
	struct map_scalar at = { .kind = MAP_SCALAR_TEXT };
	double since_ms;
	size_t len;

	if (pg_result_rows(result) > 1)
		return err_set(err, ERR_BADDATA, origin,
		    "the statement found %zu rows; one is wanted",
		    pg_result_rows(result));
	state->no_place = pg_result_rows(result) == 0;
	if (state->no_place)
		return ERR_OK;
	state->who = text_of(ask, result, "who");
	if (since != NULL) {
		at.s = since;
		at.len = strlen(since);
		if (map_value_time(&at, 0, &since_ms) && since_ms > 0)
			state->since_ms = (int64_t)since_ms;
	}
	if (!pg_result_str(result, 0, column, &value, &len))
		return ERR_OK;
	value = bool_word(result, column, value);
	len = strlen(value);
	if (len >= FLAG_VALUE_MAX)
		return err_set(err, ERR_TOOBIG, origin,
		    "a value of %zu bytes is none of a flag", len);
	state->stored = arena_copy(ask->arena, value, len);
	return arena_failed(ask->arena)
		   ? err_set(err, ERR_NOMEM, origin, "no memory")
		   : ERR_OK;
}

static enum err_code
postgres_read(
    const struct flag_ask *ask, struct flag_state *state, struct err *err)
{
	const struct flag_postgres_conf *conf = ask->flag->config;
	const struct pg_question question = { .sql = conf->read };
	struct pg_answers answers = PG_ANSWERS_INIT;
	struct pg_session *session = NULL;
	enum err_code code = flag_link_pg(ask->links, conf, &session, err);

	if (session == NULL)
		return code;
	code = pg_session_run(
	    session, &question, 1, ask->deadline, ask->cancel, &answers, err);
	if (code != ERR_OK)
		return code;
	if (answers.list[0].why.code != ERR_OK)
		code = err_set(err, answers.list[0].why.code, origin, "%s",
		    err_text(&answers.list[0].why));
	else
		code = take(ask, answers.list[0].result, state, err);
	pg_answers_release(&answers);
	return code;
}

static void
postgres_place(const struct platform_flag *flag, struct buf *out)
{
	const struct flag_postgres_conf *conf = flag->config;

	buf_fmt(out, "postgres%s%s", conf->db != NULL ? " " : "",
	    conf->db != NULL ? conf->db : "");
}

static void
postgres_check(const struct platform *platform,
    const struct platform_flag *flag, struct conf_errors *errors)
{
	const struct flag_postgres_conf *conf = flag->config;
	const struct platform_source *source =
	    conf->db != NULL ? platform_source_find(platform, conf->db) : NULL;
	const struct conf_node *at = conf_get(flag->node, "db");
	const struct conf_node *set = conf_get(flag->node, "write");

	if ((conf->db != NULL) == (conf->pg.url != NULL))
		conf_errors_add(errors, flag->pos, "db: database",
		    "\"%.40s\" wants either a db or a url", flag->name);
	else if (conf->db == NULL)
		pg_conf_check(&conf->pg, flag->node, errors);
	else if (source == NULL || strcmp(source->type, "postgres") != 0)
		conf_errors_add(errors, at->pos, NULL,
		    "no postgres source is named \"%.60s\"", conf->db);
	if (strstr(conf->write, "$1") == NULL ||
	    strstr(conf->write, "$2") == NULL)
		conf_errors_add(errors, set->pos,
		    "update flags set value = $1 where name = 'x' and value "
		    "is not distinct from $2",
		    "\"write\" wants $1, the new value, and $2, the old one, "
		    "so that nothing is overwritten that changed meanwhile");
	if (strchr(conf->write, ';') != NULL)
		conf_errors_add(errors, set->pos, NULL,
		    "\"write\" is one statement, without \";\"");
}

static const struct opt postgres_rows[] = {
	{
	    OPT_FIELD(struct flag_postgres_conf, db, "db", OPT_STRING),
	    .help = "name of the postgres source that has it; else url",
	},
	PG_CONF_OPTS(struct flag_postgres_conf, pg.url, pg.password, pg.ca,
	    pg.cert, pg.key),
	{
	    OPT_FIELD(struct flag_postgres_conf, read, "read", OPT_STRING),
	    .required = true,
	    .max = PG_SQL_MAX,
	    .min = 1,
	    .help = "statement that reads one row: value, and if there are, "
		    "since and who",
	},
	{
	    OPT_FIELD(struct flag_postgres_conf, write, "write", OPT_STRING),
	    .required = true,
	    .max = PG_SQL_MAX,
	    .min = 1,
	    .help = "statement that changes it: $1 the new value, $2 the old",
	},
};
static const struct opt_table postgres_table = OPT_TABLE(postgres_rows);

const struct flag_type flag_postgres = {
	.name = "postgres",
	.help = "a value of one row of PostgreSQL",
	.kind = FLAG_POSTGRES,
	.options = &postgres_table,
	.config_size = sizeof(struct flag_postgres_conf),
	.read = postgres_read,
	.place = postgres_place,
	.check = postgres_check,
};
