/*
 * The record in PostgreSQL, for a team: a table of the schema "sevtop". A
 * row is added by one statement under an advisory lock, and only if the
 * newest row is still the one that its hash continues; who lost that race
 * looks again. The server has to make a commit durable.
 *
 * When the connection is lost while a row is added, a new one tells whether
 * it is there: its number and hash are its own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "actions/audit_impl.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "datasrc/pg_result.h"
#include "datasrc/pg_session.h"

/* "sevtop" in ASCII; taken by whoever adds a row. */
#define ADVISORY_LOCK "SELECT pg_catalog.pg_advisory_xact_lock(126879346520944)"

static const char origin[] = "audit";

struct audit_pg {
	struct pg_conf conf;
	struct pg_session session;
	const struct cancel *cancel; /* borrowed */
};

/* clang-format off */
#define X(field, name) ", i.\"" name "\""
static const char select_sql[] =
    "SELECT i.seq, i.prev, i.hash" AUDIT_FIELDS(X) " FROM audit i ";
#undef X
#define X(field, name) ", \"" name "\" text NOT NULL"
static const char schema_sql[] =
    "DO $do$ BEGIN"
    " IF pg_catalog.to_regclass('sevtop.audit') IS NULL THEN"
    " CREATE SCHEMA IF NOT EXISTS sevtop;"
    " CREATE TABLE sevtop.audit (seq bigint PRIMARY KEY,"
    " prev text NOT NULL, hash text NOT NULL" AUDIT_FIELDS(X) ");"
    " CREATE UNIQUE INDEX audit_intent ON sevtop.audit (id)"
    " WHERE kind = 'intent';"
    " CREATE UNIQUE INDEX audit_outcome ON sevtop.audit (id)"
    " WHERE kind = 'outcome';"
    " CREATE INDEX audit_lock ON sevtop.audit (lock) WHERE kind = 'intent';"
    " CREATE INDEX audit_undo ON sevtop.audit (undo_of)"
    " WHERE kind = 'intent';"
    " CREATE INDEX audit_keep ON sevtop.audit (id) WHERE kind = 'keep';"
    " CREATE FUNCTION sevtop.audit_refuse() RETURNS trigger"
    " LANGUAGE plpgsql AS $fn$ BEGIN"
    " RAISE EXCEPTION 'the record is append-only'; END $fn$;"
    " CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON sevtop.audit"
    " FOR EACH ROW EXECUTE FUNCTION sevtop.audit_refuse();"
    " CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON sevtop.audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION sevtop.audit_refuse();"
    " END IF; END $do$";
#undef X
/* clang-format on */

/* Questions with one deadline; the first answer that is an error counts. */
static enum err_code
pg_ask(struct audit_pg *pg, const struct pg_question *questions, size_t count,
    struct pg_answers *answers, struct err *err)
{
	enum err_code code = pg_session_run(&pg->session, questions, count,
	    clock_now() + AUDIT_NET_MS * NS_PER_MS, pg->cancel, answers, err);

	for (size_t i = 0; code == ERR_OK && i < answers->count; i++) {
		const struct err *why = &answers->list[i].why;

		if (why->code != ERR_OK)
			code = err_set(
			    err, why->code, origin, "%s", err_text(why));
	}
	return code;
}

static void
pg_close(void *store)
{
	struct audit_pg *pg = store;

	if (pg == NULL)
		return;
	pg_session_close(&pg->session);
	mem_free(pg);
}

/* The table, and whether a commit is one here. */
static enum err_code
pg_prepare(struct audit_pg *pg, struct err *err)
{
	static const struct pg_question questions[] = {
		{ .sql = "SELECT pg_catalog.current_setting('fsync'), "
			 "pg_catalog.pg_is_in_recovery()" },
		{ .sql = ADVISORY_LOCK },
		{ .sql = schema_sql, .joined = true },
	};
	struct pg_answers answers = PG_ANSWERS_INIT;
	const char *fsync = "";
	size_t len;
	enum err_code code =
	    pg_ask(pg, questions, ARRAY_LEN(questions), &answers, err);

	if (code == ERR_OK &&
	    (!pg_result_str(answers.list[0].result, 0, 0, &fsync, &len) ||
		strcmp(fsync, "on") != 0))
		code = err_set(err, ERR_UNSUPPORTED, origin,
		    "the store loses rows when it crashes: fsync is off");
	if (code == ERR_OK && pg_result_bool(answers.list[0].result, 0, 1))
		code = err_set(err, ERR_FORBIDDEN, origin,
		    "the store is a standby and can't be written");
	pg_answers_release(&answers);
	return code;
}

static enum err_code
pg_open(const struct audit_conf *conf, const struct cancel *cancel,
    void **ret_store, struct err *err)
{
	struct audit_pg *pg = mem_calloc(1, sizeof(*pg));
	enum err_code code;

	if (pg == NULL)
		return err_set(err, ERR_NOMEM, origin, "no memory");
	pg->conf.url = conf->store;
	pg->cancel = cancel;
	pg_session_init(
	    &pg->session, &pg->conf, conf->redactor, AUDIT_NET_MS * NS_PER_MS);
	pg->session.options.write = true;
	pg->session.options.lock_ms = AUDIT_BUSY_MS;
	pg->session.options.search_path = "sevtop";
	pg->session.options.max_bytes = AUDIT_PAGE_BYTES;
	code = pg_prepare(pg, err);
	if (code == ERR_OK) {
		*ret_store = pg;
	} else {
		err_prefix(err, "the team's store");
		pg_close(pg);
	}
	return code;
}

/* One statement adds a row; there is nothing to begin or to end. */
static enum err_code
pg_begin(void *store, struct err *err)
{
	(void)store;
	(void)err;
	return ERR_OK;
}

static enum err_code
pg_end(void *store, bool commit, struct err *err)
{
	(void)store;
	(void)commit;
	(void)err;
	return ERR_OK;
}

/* A row of an answer to select_sql. False: it is none. */
static bool
pg_row(const struct pg_result *result, size_t at, struct audit_row *row)
{
	const char *prev, *hash;
	size_t len;

	row->seq = pg_result_int(result, at, 0, 0);
	if (row->seq < 1 || !pg_result_str(result, at, 1, &prev, &len) ||
	    !pg_result_str(result, at, 2, &hash, &len))
		return false;
	snprintf(row->prev, sizeof(row->prev), "%s", prev);
	snprintf(row->hash, sizeof(row->hash), "%s", hash);
	for (size_t i = 0; i < AUDIT_FIELD_COUNT; i++) {
		if (!pg_result_str(result, at, 3 + i, &row->field[i], &len))
			return false;
	}
	return true;
}

/* Visits the rows of one page; *ret_last is the last number, 0: none. */
static enum err_code
pg_page(struct audit_pg *pg, const char *tail, const char *const *params,
    int param_count, audit_fn *fn, void *ctx, int64_t *ret_last,
    struct err *err)
{
	struct pg_answers answers = PG_ANSWERS_INIT;
	struct buf sql = BUF_INIT(PG_SQL_MAX);
	struct pg_question question = {
		.params = params,
		.param_count = param_count,
	};
	const struct pg_result *result;
	enum err_code code = ERR_NOMEM;

	*ret_last = 0;
	buf_str(&sql, select_sql);
	if (buf_str(&sql, tail)) {
		question.sql = buf_cstr(&sql);
		code = pg_ask(pg, &question, 1, &answers, err);
	}
	result = code == ERR_OK ? answers.list[0].result : NULL;
	for (size_t i = 0; code == ERR_OK && i < pg_result_rows(result); i++) {
		struct audit_row row;

		if (!pg_row(result, i, &row))
			code = err_set(err, ERR_BADDATA, origin,
			    "the store's table has other columns");
		*ret_last = row.seq;
		if (code == ERR_OK && !fn(ctx, &row)) {
			*ret_last = 0;
			break;
		}
	}
	pg_answers_release(&answers);
	buf_release(&sql);
	return code;
}

static enum err_code
pg_head(void *store, struct audit_head *ret_head, struct err *err)
{
	int64_t last;

	*ret_head = (struct audit_head) { .seq = 0 };
	return pg_page(store, "ORDER BY i.seq DESC LIMIT 1", NULL, 0,
	    audit_note_head, ret_head, &last, err);
}

/* Which rows, and in which order; where names $1, the number to begin at. */
struct pg_pages {
	const char *where;
	const char *order;
	int64_t begin;
	int64_t step;	   /* from the last number of a page to the next $1 */
	const char *value; /* $2; NULL: there is none */
};

#define OLDEST_FIRST " ORDER BY i.seq LIMIT 50"
#define NEWEST_FIRST " ORDER BY i.seq DESC LIMIT 50"

/* Visits them all, a page at a time, so that memory has a bound. */
static enum err_code
pg_rows(struct audit_pg *pg, const struct pg_pages *pages, audit_fn *fn,
    void *ctx, struct err *err)
{
	struct buf tail = BUF_INIT(PG_SQL_MAX);
	char number[24];
	const char *const params[] = { number, pages->value };
	int64_t at = pages->begin, last = 0;
	enum err_code code = ERR_NOMEM;

	buf_str(&tail, pages->where);
	if (buf_str(&tail, pages->order)) {
		/* Until a page is empty: its last number is 0 then. */
		do {
			snprintf(number, sizeof(number), "%" PRId64, at);
			code = pg_page(pg, buf_cstr(&tail), params,
			    pages->value != NULL ? 2 : 1, fn, ctx, &last, err);
			at = last + pages->step;
		} while (code == ERR_OK && last > 0);
	}
	buf_release(&tail);
	return code;
}

static enum err_code
pg_walk(void *store, int64_t from, audit_fn *fn, void *ctx, struct err *err)
{
	const struct pg_pages pages = {
		.where = "WHERE i.seq >= $1::bigint",
		.order = OLDEST_FIRST,
		.begin = from,
		.step = 1,
	};

	return pg_rows(store, &pages, fn, ctx, err);
}

/*
 * Whether a row that may have been added is there. What still adds it holds
 * the lock, so that it is waited for.
 */
static bool
pg_has(struct audit_pg *pg, const struct audit_row *row)
{
	static const struct pg_question lock = { .sql = ADVISORY_LOCK };
	struct pg_answers answers = PG_ANSWERS_INIT;
	struct audit_head found = { .seq = 0 };
	enum err_code code = pg_ask(pg, &lock, 1, &answers, NULL);

	pg_answers_release(&answers);
	return code == ERR_OK &&
	       pg_walk(pg, row->seq, audit_note_head, &found, NULL) == ERR_OK &&
	       found.seq == row->seq && strcmp(found.hash, row->hash) == 0;
}

static bool
pg_insert_sql(struct buf *sql)
{
	buf_str(sql, "INSERT INTO audit SELECT $1::bigint, $2, $3");
	for (int i = 0; i < AUDIT_FIELD_COUNT; i++)
		buf_fmt(sql, ", $%d", 4 + i);
	return buf_str(sql,
	    " WHERE (SELECT coalesce(max(seq), 0) FROM audit) = $1::bigint - 1"
	    " RETURNING seq");
}

/* Whether the server itself says no to the row, and will again. */
static bool
is_refusal(enum err_code code)
{
	return code == ERR_FORBIDDEN || code == ERR_BADDATA;
}

static enum err_code
pg_insert(void *store, struct audit_row *row, struct err *err)
{
	struct audit_pg *pg = store;
	struct pg_answers answers = PG_ANSWERS_INIT;
	const char *params[3 + AUDIT_FIELD_COUNT];
	struct buf sql = BUF_INIT(PG_SQL_MAX);
	struct pg_question questions[] = {
		{ .sql = ADVISORY_LOCK },
		{ .sql = "SELECT pg_catalog.set_config('synchronous_commit', "
			 "'on', true)",
		    .joined = true },
		{ .params = params,
		    .param_count = ARRAY_LEN(params),
		    .joined = true },
	};
	char seq[24];
	enum err_code code = ERR_NOMEM;

	snprintf(seq, sizeof(seq), "%" PRId64, row->seq);
	params[0] = seq;
	params[1] = row->prev;
	params[2] = row->hash;
	for (size_t i = 0; i < AUDIT_FIELD_COUNT; i++)
		params[3 + i] = row->field[i];
	if (pg_insert_sql(&sql)) {
		questions[2].sql = buf_cstr(&sql);
		code =
		    pg_ask(pg, questions, ARRAY_LEN(questions), &answers, err);
	}
	if (code == ERR_OK && pg_result_rows(answers.list[2].result) == 0)
		code = AUDIT_AGAIN;
	else if (code != ERR_OK && answers.count == ARRAY_LEN(questions) &&
		 is_refusal(answers.list[2].why.code))
		row->refused = true;
	else if (code != ERR_OK && pg_has(pg, row))
		code = ERR_OK;
	if (code == ERR_OK)
		err_clear(err);
	pg_answers_release(&answers);
	buf_release(&sql);
	return code;
}

static enum err_code
pg_blocker(
    void *store, const char *lock, audit_fn *fn, void *ctx, struct err *err)
{
	const struct pg_pages pages = {
		.where = AUDIT_SQL_OPEN " AND i.seq >= $1::bigint"
					" AND i.lock = $2",
		.order = OLDEST_FIRST,
		.step = 1,
		.value = lock,
	};

	return pg_rows(store, &pages, fn, ctx, err);
}

static enum err_code
pg_ended(void *store, const char *id, bool *ret_ended, struct err *err)
{
	const char *const params[] = { id };
	int64_t last;

	*ret_ended = false;
	return pg_page(store, "WHERE i.kind = 'outcome' AND i.id = $1", params,
	    1, audit_note_found, ret_ended, &last, err);
}

static enum err_code
pg_open_intents(void *store, audit_fn *fn, void *ctx, struct err *err)
{
	static const struct pg_pages pages = {
		.where = AUDIT_SQL_OPEN " AND i.seq >= $1::bigint",
		.order = OLDEST_FIRST,
		.step = 1,
	};

	return pg_rows(store, &pages, fn, ctx, err);
}

static enum err_code
pg_in_force(void *store, audit_fn *fn, void *ctx, struct err *err)
{
	static const struct pg_pages pages = {
		.where = AUDIT_SQL_IN_FORCE " AND i.seq <= $1::bigint",
		.order = NEWEST_FIRST,
		.begin = INT64_MAX,
		.step = -1,
	};

	return pg_rows(store, &pages, fn, ctx, err);
}

static enum err_code
pg_check(void *store, struct err *err)
{
	static const struct pg_question question = {
		.sql = "SELECT count(*) FROM pg_catalog.pg_trigger WHERE "
		       "tgrelid = 'sevtop.audit'::regclass AND tgenabled <> "
		       "'D' AND tgname IN ('audit_no_change', "
		       "'audit_no_truncate')",
	};
	struct pg_answers answers = PG_ANSWERS_INIT;
	enum err_code code = pg_ask(store, &question, 1, &answers, err);

	if (code == ERR_OK &&
	    pg_result_int(answers.list[0].result, 0, 0, 0) != 2)
		code = err_set(err, ERR_BADDATA, origin,
		    "the triggers that keep rows from being changed are gone");
	pg_answers_release(&answers);
	return code;
}

const struct audit_store_ops audit_pg = {
	.open = pg_open,
	.close = pg_close,
	.begin = pg_begin,
	.end = pg_end,
	.head = pg_head,
	.insert = pg_insert,
	.blocker = pg_blocker,
	.ended = pg_ended,
	.walk = pg_walk,
	.open_intents = pg_open_intents,
	.in_force = pg_in_force,
	.check = pg_check,
};
