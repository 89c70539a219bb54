#include "actions/pg_backend.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/textbuf.h"
#include "datasrc/pg_result.h"
#include "datasrc/pg_sql.h"

enum {
	QUERY_MAX = 240, /* bytes of a statement in a plan: two lines */
};

/* Columns of the question below. */
enum {
	B_PID,
	B_START,
	B_QUERY,
	B_XACT,
	B_CHANGE,
	B_QUERY_S,
	B_XACT_S,
	B_CHANGE_S,
	B_USER,
	B_DATABASE,
	B_APP,
	B_CLIENT,
	B_TYPE,
	B_STATE,
	B_TEXT,
	B_OWN,
	B_SUPERUSER,
	B_PEER,
	B_MAY,
	B_HERE,
	B_WRITES,
	B_WAITS,
	B_DUMP,
	B_UPKEEP,
};

/* clang-format off */
#define US(time)    "(extract(epoch FROM a." time ") * 1000000)::bigint, "
#define SINCE(time) "extract(epoch FROM clock_timestamp() - a." time "), "

/* A statement that begins with one of these words, behind any comments. */
#define BEGINS(words)                                                          \
	"(a.state = 'active' AND coalesce(a.query ~* "                         \
	"'^(\\s|/\\*.*?\\*/|--[^\\n]*\\n)*(" words ")\\M', false))"

/*
 * Run on 12 to 18. Who may signal whom is what pg_signal_backend() of
 * signalfuncs.c asks.
 */
static const char backends_sql[] =
    "SELECT a.pid, "
    US("backend_start") US("query_start") US("xact_start") US("state_change")
    SINCE("query_start") SINCE("xact_start") SINCE("state_change")
    "a.usename, a.datname, a.application_name, "
    "coalesce(host(a.client_addr), "
	"CASE WHEN a.client_port = -1 THEN 'local' END), "
    "a.backend_type, a.state, left(a.query, 240), "
    "a.pid = pg_backend_pid() OR a.application_name = 'sevtop', "
    "coalesce(r.rolsuper, false), a.usename = current_user, "
    "me.rolsuper OR coalesce(NOT r.rolsuper AND ("
	"pg_has_role(current_user, a.usesysid, 'USAGE') OR "
	"pg_has_role(current_user, 'pg_signal_backend', 'USAGE')), false), "
    "a.datname = current_database(), a.backend_xid IS NOT NULL, "
    "a.wait_event_type = 'Lock', "
    "a.application_name ~ '^pg_(dump|dumpall|restore|basebackup)' "
	"OR " BEGINS("copy") ", "
    BEGINS("create|alter|drop|truncate|reindex|vacuum|analyze|cluster|refresh")
    " FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid "
    "JOIN pg_roles me ON me.rolname = current_user "
    "ORDER BY CASE WHEN a.state = 'active' THEN a.query_start "
	"ELSE a.state_change END NULLS LAST, a.pid";
/* clang-format on */

const char *
pg_exempt_words(enum pg_exempt exempt)
{
	static const char *const words[] = {
#define X(exempt, words) words,
		PG_EXEMPTS(X)
#undef X
	};

	return (unsigned)exempt < PG_EXEMPT_COUNT ? words[exempt] : "";
}

static enum pg_doing
doing_of(struct text state)
{
	if (text_eq(state, TEXT("active")) ||
	    text_eq(state, TEXT("fastpath function call")))
		return PG_DOING_ACTIVE;
	if (text_eq(state, TEXT("idle")))
		return PG_DOING_IDLE;
	if (text_eq(state, TEXT("idle in transaction")) ||
	    text_eq(state, TEXT("idle in transaction (aborted)")))
		return PG_DOING_IDLE_IN_TX;
	return PG_DOING_OTHER;
}

static enum pg_exempt
exempt_of(const struct pg_backend *b, const struct pg_result *rows, size_t row)
{
	if (pg_result_bool(rows, row, B_OWN))
		return PG_EXEMPT_OWN;
	/* What it is and when it began is not shown to everybody. */
	if (b->start_us == 0)
		return PG_EXEMPT_HIDDEN;
	if (!text_eq(b->type, TEXT("client backend")))
		return PG_EXEMPT_SERVER;
	if (pg_result_bool(rows, row, B_SUPERUSER) && !b->peer)
		return PG_EXEMPT_SUPERUSER;
	return pg_result_bool(rows, row, B_MAY) ? PG_EXEMPT_NOT
						: PG_EXEMPT_RIGHT;
}

static void
backend_read(const struct action_ctx *ctx, const struct pg_result *rows,
    size_t row, const struct pg_locktree *tree, struct pg_backend *b)
{
	const struct {
		int column;
		struct text *to;
	} texts[] = {
		{ B_USER, &b->user },
		{ B_DATABASE, &b->database },
		{ B_APP, &b->app },
		{ B_CLIENT, &b->client },
		{ B_TYPE, &b->type },
		{ B_STATE, &b->state },
		{ B_TEXT, &b->query },
	};
	const struct pg_lock_row *lock;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i].to =
		    pg_result_text(rows, row, (size_t)texts[i].column,
			ctx->redactor, ctx->arena, QUERY_MAX);
	b->pid = (int32_t)pg_result_int(rows, row, B_PID, -1);
	b->start_us = pg_result_int(rows, row, B_START, 0);
	b->query_us = pg_result_int(rows, row, B_QUERY, 0);
	b->xact_us = pg_result_int(rows, row, B_XACT, 0);
	b->change_us = pg_result_int(rows, row, B_CHANGE, 0);
	b->query_s = pg_result_num(rows, row, B_QUERY_S);
	b->xact_s = pg_result_num(rows, row, B_XACT_S);
	b->change_s = pg_result_num(rows, row, B_CHANGE_S);
	b->doing = doing_of(b->state);
	b->peer = pg_result_bool(rows, row, B_PEER) &&
		  pg_result_bool(rows, row, B_SUPERUSER);
	b->here = pg_result_bool(rows, row, B_HERE);
	b->writes = pg_result_bool(rows, row, B_WRITES);
	b->waits = pg_result_bool(rows, row, B_WAITS);
	b->dump = pg_result_bool(rows, row, B_DUMP);
	b->upkeep = pg_result_bool(rows, row, B_UPKEEP);
	b->exempt = exempt_of(b, rows, row);
	lock = pg_locktree_find(tree, b->pid);
	b->blocks = lock != NULL ? lock->blocks : 0;
}

/* Both answers, or why there is one without. */
static enum err_code
ask_both(struct pg_act *act, struct pg_answers *ret_answers, struct err *err)
{
	const struct pg_dialect dialect = {
		.version = act->facts.version,
		.rights = act->facts.rights,
	};
	struct buf edges = BUF_INIT(PG_SQL_MAX);
	struct pg_question questions[2] = {
		{ .sql = backends_sql },
		{ .joined = true },
	};
	enum err_code code = ERR_OK;

	if (!pg_sql_write(&edges, PG_ASK_EDGES, &dialect))
		code = err_set(err, ERR_NOMEM, "postgres", "no memory");
	questions[1].sql = buf_cstr(&edges);
	if (code == ERR_OK)
		code = pg_act_ask(act, questions, 2, ret_answers, err);
	for (size_t i = 0; code == ERR_OK && i < 2; i++) {
		code = ret_answers->list[i].why.code;
		if (code != ERR_OK)
			*err = ret_answers->list[i].why;
	}
	buf_release(&edges);
	return code;
}

enum err_code
pg_backends_read(
    struct pg_act *act, struct pg_backends *ret_backends, struct err *err)
{
	struct pg_backends backends = { .tree = PG_LOCKTREE_INIT };
	struct pg_answers answers = PG_ANSWERS_INIT;
	struct pg_locks locks = { .tree = PG_LOCKTREE_INIT };
	const struct pg_result *rows;
	enum err_code code = ask_both(act, &answers, err);

	if (code == ERR_OK)
		code = pg_locks_read(&locks, answers.list[0].result,
		    answers.list[1].result, err);
	if (code == ERR_OK) {
		rows = answers.list[0].result;
		backends.count = pg_result_rows(rows);
		backends.list = arena_array(act->ctx->arena, backends.count + 1,
		    sizeof(*backends.list));
		if (backends.list == NULL)
			code = err_set(err, ERR_NOMEM, "postgres", "no memory");
	}
	for (size_t i = 0; code == ERR_OK && i < backends.count; i++)
		backend_read(act->ctx, rows, i, &locks.tree, &backends.list[i]);
	if (code == ERR_OK) {
		backends.tree = locks.tree;
		locks.tree = (struct pg_locktree)PG_LOCKTREE_INIT;
		*ret_backends = backends;
	}
	pg_locks_release(&locks);
	pg_answers_release(&answers);
	return code;
}

void
pg_backends_release(struct pg_backends *backends)
{
	pg_locktree_release(&backends->tree);
}

const struct pg_backend *
pg_backends_find(const struct pg_backends *backends, int32_t pid)
{
	for (size_t i = 0; i < backends->count; i++)
		if (backends->list[i].pid == pid)
			return &backends->list[i];
	return NULL;
}

static bool
is_listed(const struct pg_backend *const *list, size_t count, int32_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (list[i]->pid == pid)
			return true;
	return false;
}

size_t
pg_backends_behind(const struct pg_backends *backends,
    const struct pg_backend *const *list, size_t count)
{
	const struct pg_locktree *tree = &backends->tree;
	uint32_t below = UINT32_MAX; /* depth of a listed one above */
	size_t behind = 0;

	for (size_t i = 0; i < tree->count; i++) {
		const struct pg_lock_row *row = &tree->rows[i];

		if (row->depth <= below)
			below = UINT32_MAX;
		if (is_listed(list, count, row->pid)) {
			if (below == UINT32_MAX)
				below = row->depth;
		} else if (below != UINT32_MAX &&
			   pg_locktree_find(tree, row->pid) == row) {
			behind++;
		}
	}
	return behind;
}

bool
pg_target_read(const char *text, int32_t *ret_pid, int64_t *ret_start)
{
	size_t pid_len = strcspn(text, ":");
	const char *start = text[pid_len] == ':' ? text + pid_len + 1 : "0";
	int64_t pid, us;

	if (!num_parse_i64(text, pid_len, &pid) || pid < 0 || pid > INT32_MAX ||
	    !num_parse_i64(start, strcspn(start, "<"), &us) || us < 0)
		return false;
	*ret_pid = (int32_t)pid;
	*ret_start = us;
	return true;
}

enum err_code
pg_backends_target(const struct pg_backends *backends,
    const struct request_target *target, const struct pg_backend **ret_backend,
    struct err *err)
{
	const char *text = target->key != NULL ? target->key : target->name;
	const struct pg_backend *b;
	int64_t start;
	int32_t pid;

	if (!pg_target_read(text, &pid, &start))
		return err_set(err, ERR_USAGE, "postgres",
		    "a session is named by its pid, not \"%.64s\"", text);
	if (pid == 0)
		return err_set(err, ERR_UNSUPPORTED, "postgres",
		    "a prepared transaction has no session: look into "
		    "pg_prepared_xacts, then ROLLBACK PREPARED or COMMIT "
		    "PREPARED");
	b = pg_backends_find(backends, pid);
	if (b == NULL)
		return err_set(err, ERR_NOTFOUND, "postgres",
		    "no session has pid %d any more", pid);
	if (start != 0 && b->start_us != 0 && b->start_us != start)
		return err_set(err, ERR_CLOSED, "postgres",
		    "changed since you looked: pid %d is another session now, "
		    "the one that was picked is gone",
		    pid);
	*ret_backend = b;
	return ERR_OK;
}

enum err_code
pg_backend_may(
    const struct pg_act *act, const struct pg_backend *b, struct err *err)
{
	const char *role = act->facts.role;

	switch (b->exempt) {
	case PG_EXEMPT_OWN:
		return err_set(err, ERR_UNSUPPORTED, "postgres",
		    "pid %d is a session of sevtop itself: leave sevtop to end "
		    "it",
		    b->pid);
	case PG_EXEMPT_HIDDEN:
		return err_set(err, ERR_FORBIDDEN, "postgres",
		    "role %s may not see what pid %d is, so it can't be told "
		    "from a later session: GRANT pg_monitor, "
		    "pg_signal_backend TO %s",
		    role, b->pid, role);
	case PG_EXEMPT_SERVER:
		return err_set(err, ERR_UNSUPPORTED, "postgres",
		    "pid %d is no client's session but a process of the "
		    "server (%.40s): replication and autovacuum are left "
		    "alone",
		    b->pid, b->type.s);
	case PG_EXEMPT_SUPERUSER:
		return err_set(err, ERR_UNSUPPORTED, "postgres",
		    "pid %d is a session of the superuser %.63s: those are "
		    "left to their owners",
		    b->pid, b->user.s);
	case PG_EXEMPT_RIGHT:
		return err_set(err, ERR_FORBIDDEN, "postgres",
		    "role %s may not end sessions of %.63s: GRANT "
		    "pg_signal_backend TO %s",
		    role, b->user.s, role);
	default:
		return ERR_OK;
	}
}

struct text
pg_backend_does(struct arena *arena, const struct pg_backend *b)
{
	double age = b->doing == PG_DOING_ACTIVE ? b->query_s : b->change_s;
	struct text_buf tb;

	tb_init(&tb);
	tb_text(&tb, b->state);
	if (!isnan(age)) {
		tb_lit(&tb, " for ");
		tb_duration(&tb, (int64_t)(fmax(age, 0) * NS_PER_SEC));
	}
	if (b->waits)
		tb_lit(&tb, ", waits for a lock");
	return text_copy(arena, tb_end(&tb));
}

struct text
pg_backend_who(struct arena *arena, const struct pg_backend *b)
{
	struct text_buf tb;

	tb_init(&tb);
	if (b->app.len > 0) {
		tb_text(&tb, b->app);
		tb_lit(&tb, " of ");
	}
	tb_text(&tb, b->user);
	if (b->client.len > 0 && text_eq(b->client, TEXT("local")))
		tb_lit(&tb, ", local");
	else if (b->client.len > 0) {
		tb_lit(&tb, " at ");
		tb_text(&tb, b->client);
	}
	return text_copy(arena, tb_end(&tb));
}
