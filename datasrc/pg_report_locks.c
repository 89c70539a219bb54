/*
 * Sessions, and who waits for whom. Both tables come from the answers of one
 * transaction, so that a session is in both or in none.
 */
#include "datasrc/pg_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/redact.h"
#include "base/text.h"
#include "base/textbuf.h"

/* Columns of PG_ASK_SESSIONS. */
enum {
	S_PID,
	S_START,
	S_USER,
	S_DATABASE,
	S_APP,
	S_CLIENT,
	S_TYPE,
	S_STATE,
	S_WAIT_TYPE,
	S_WAIT,
	S_QUERY_S,
	S_XACT_S,
	S_STATE_S,
	S_TEXT,
	S_KIND,
};

/* Columns of PG_ASK_EDGES. */
enum {
	E_WAITER,
	E_BLOCKER,
	E_WAITS_S,
	E_TYPE,
	E_MODE,
	E_RELATION,
};

#define NO_ROW SIZE_MAX

enum err_code
pg_locks_read(struct pg_locks *locks, const struct pg_result *sessions,
    const struct pg_result *edges, struct err *err)
{
	size_t rows = pg_result_rows(edges);
	struct pg_lock_edge *list = mem_calloc(rows + 1, sizeof(*list));

	*locks = (struct pg_locks) {
		.sessions = sessions,
		.edges = edges,
		.list = list,
		.count = rows,
	};
	if (list == NULL)
		return err_set(err, ERR_NOMEM, "postgres", "no memory");
	for (size_t i = 0; i < rows; i++) {
		int64_t waiter = pg_result_int(edges, i, E_WAITER, -1);
		int64_t blocker = pg_result_int(edges, i, E_BLOCKER, -1);
		bool good = waiter >= 0 && waiter <= INT32_MAX &&
			    blocker >= 0 && blocker <= INT32_MAX;

		/* Who waits for itself is left out of the tree. */
		list[i] = (struct pg_lock_edge) {
			.waiter = good ? (int32_t)waiter : -1,
			.blocker = good ? (int32_t)blocker : -1,
			.waits_s = pg_result_num(edges, i, E_WAITS_S),
		};
	}
	return pg_locktree_build(list, rows, &locks->tree, err);
}

void
pg_locks_release(struct pg_locks *locks)
{
	pg_locktree_release(&locks->tree);
	mem_free(locks->list);
	locks->list = NULL;
}

/* Row of a session, or NO_ROW. */
static size_t
session_of(const struct pg_locks *locks, int32_t pid)
{
	for (size_t i = 0; i < pg_result_rows(locks->sessions); i++)
		if (pg_result_int(locks->sessions, i, S_PID, -1) == pid)
			return i;
	return NO_ROW;
}

/* The first edge of one who waits, or NO_ROW. */
static size_t
edge_of(const struct pg_locks *locks, int32_t pid)
{
	for (size_t i = 0; i < locks->count; i++)
		if (locks->list[i].waiter == pid)
			return i;
	return NO_ROW;
}

static double
seconds(int64_t ns)
{
	return (double)ns / NS_PER_SEC;
}

static struct text
value(struct build *build, const struct pg_result *result, size_t row,
    size_t column, const struct redactor *redactor)
{
	return pg_result_text(
	    result, row, column, redactor, build_arena(build), PG_VALUE_MAX);
}

static bool
is(const struct pg_result *result, size_t row, size_t column, const char *word)
{
	const char *s;
	size_t len;

	return pg_result_str(result, row, column, &s, &len) &&
	       strcmp(s, word) == 0;
}

void
pg_cell_pid(struct build *build, size_t column, int64_t pid)
{
	build_cell_num(build, column, (double)pid);
	build_cell_text(build, column,
	    text_fmt(build_arena(build), "%lld", (long long)pid));
}

/* pid and start name a session for ever; a pid alone is used again. */
static struct text
session_key(struct build *build, const struct pg_result *sessions, size_t row)
{
	return text_fmt(build_arena(build), "%lld:%lld",
	    (long long)pg_result_int(sessions, row, S_PID, -1),
	    (long long)pg_result_int(sessions, row, S_START, 0));
}

/* "active", "idle in transaction (aborted)", or what else it is. */
static struct text
session_state(struct build *build, const struct pg_result *sessions, size_t row,
    const struct redactor *redactor)
{
	struct text state = value(build, sessions, row, S_STATE, redactor);

	if (state.len > 0)
		return state;
	if (is(sessions, row, S_TEXT, "<insufficient privilege>"))
		return TEXT("hidden");
	return value(build, sessions, row, S_TYPE, redactor);
}

/* "Lock: transactionid"; an idle client waits for nothing. */
static struct text
session_wait(struct build *build, const struct pg_result *sessions, size_t row,
    const struct redactor *redactor)
{
	struct text parts[] = {
		value(build, sessions, row, S_WAIT_TYPE, redactor),
		TEXT(": "),
		value(build, sessions, row, S_WAIT, redactor),
	};

	if (parts[0].len == 0 || is(sessions, row, S_WAIT_TYPE, "Activity") ||
	    is(sessions, row, S_WAIT_TYPE, "Client"))
		return TEXT_EMPTY;
	return text_join(build_arena(build), parts, ARRAY_LEN(parts));
}

/* Whom a session waits for: "123, 456 and 97 more". */
static struct text
session_blockers(struct build *build, const struct pg_locks *locks, int32_t pid)
{
	size_t i = edge_of(locks, pid);
	struct text_buf tb;
	int named = 0, more = 0;

	tb_init(&tb);
	for (; i < locks->count; i++) {
		if (locks->list[i].waiter != pid)
			continue;
		if (named == PG_BLOCKERS_NAMED)
			more++;
		else
			tb_fmt(&tb, "%s%d", named++ > 0 ? ", " : "",
			    locks->list[i].blocker);
	}
	if (more > 0)
		tb_fmt(&tb, " and %d more", more);
	return text_copy(build_arena(build), tb_end(&tb));
}

/* How bad the row of a session is, by its own doing and by who is behind. */
static enum state
session_judge(const struct pg_locks *locks, size_t row,
    const struct pg_lock_row *lock, const struct pg_limits *limits)
{
	const struct pg_result *s = locks->sessions;
	double lock_warn = seconds(limits->lock_warn_ns);
	double lock_crit = seconds(limits->lock_crit_ns);
	enum state state = STATE_OK;

	if (is(s, row, S_KIND, "idle in tx"))
		state = pg_state_of(pg_result_num(s, row, S_STATE_S),
		    seconds(limits->idle_warn_ns), 0);
	else if (is(s, row, S_KIND, "running"))
		state = pg_state_of(pg_result_num(s, row, S_QUERY_S),
		    seconds(limits->query_warn_ns), 0);
	if (lock != NULL)
		state = state_worst(state,
		    state_worst(
			pg_state_of(lock->waits_s, lock_warn, lock_crit),
			pg_state_of(lock->worst_s, lock_warn, lock_crit)));
	return state;
}

/* How many clients a name has; the names are few, the sessions many. */
struct app {
	const char *name;
	double count;
};

double
pg_sessions_app(const struct pg_result *sessions, char out[PG_NAME_MAX])
{
	struct app apps[PG_APPS_MAX];
	size_t n = 0, most = 0, len;

	out[0] = '\0';
	for (size_t row = 0; row < pg_result_rows(sessions); row++) {
		const char *name = "";
		size_t i = 0;

		pg_result_str(sessions, row, S_APP, &name, &len);
		if (name[0] == '\0' || is(sessions, row, S_KIND, "other"))
			continue;
		while (i < n && strcmp(apps[i].name, name) != 0)
			i++;
		if (i == PG_APPS_MAX)
			continue;
		if (i == n)
			apps[n++] = (struct app) { .name = name };
		apps[i].count++;
		if (apps[i].count > apps[most].count)
			most = i;
	}
	if (n == 0)
		return 0;
	snprintf(out, PG_NAME_MAX, "%s", apps[most].name);
	return apps[most].count;
}

static const struct column session_columns[] = {
	{ TEXT_INIT("pid"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("user"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("database"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("app"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("client"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("kind"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("wait"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("query_s"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("xact_s"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("state_s"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("blocked_by"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("blocks"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("query"), COLUMN_TEXT, NUM_NONE },
};

static void
session_row(struct build *build, const struct pg_locks *locks, size_t row,
    const struct pg_limits *limits, const struct redactor *redactor)
{
	const struct pg_result *s = locks->sessions;
	int64_t pid = pg_result_int(s, row, S_PID, -1);
	const struct pg_lock_row *lock =
	    pg_locktree_find(&locks->tree, (int32_t)pid);
	struct text app = value(build, s, row, S_APP, redactor);

	/* Workers of the server have no name of their own. */
	if (app.len == 0 && !is(s, row, S_TYPE, "client backend"))
		app = value(build, s, row, S_TYPE, redactor);
	build_row(build, session_key(build, s, row),
	    session_judge(locks, row, lock, limits));
	pg_cell_pid(build, 0, pid);
	build_cell_text(build, 1, value(build, s, row, S_USER, redactor));
	build_cell_text(build, 2, value(build, s, row, S_DATABASE, redactor));
	build_cell_text(build, 3, app);
	build_cell_text(build, 4, value(build, s, row, S_CLIENT, redactor));
	build_cell_text(build, 5, value(build, s, row, S_KIND, redactor));
	build_cell_text(build, 6, session_state(build, s, row, redactor));
	build_cell_text(build, 7, session_wait(build, s, row, redactor));
	build_cell_num(build, 8, pg_result_num(s, row, S_QUERY_S));
	build_cell_num(build, 9, pg_result_num(s, row, S_XACT_S));
	build_cell_num(build, 10, pg_result_num(s, row, S_STATE_S));
	if (lock != NULL)
		build_cell_text(
		    build, 11, session_blockers(build, locks, (int32_t)pid));
	build_cell_num(build, 12, lock != NULL ? lock->blocks : 0);
	build_cell_text(build, 13,
	    pg_result_text(
		s, row, S_TEXT, redactor, build_arena(build), PG_TEXT_MAX));
}

void
pg_report_sessions(struct build *build, const struct pg_locks *locks,
    const struct pg_limits *limits, const struct redactor *redactor)
{
	build_table(build, TEXT("sessions"), session_columns,
	    ARRAY_LEN(session_columns));
	for (size_t i = 0; i < pg_result_rows(locks->sessions); i++)
		session_row(build, locks, i, limits, redactor);
}

/* Locks ---------------------------------------------------------------------
 */

static const struct column lock_columns[] = {
	{ TEXT_INIT("depth"), COLUMN_NUMBER, NUM_NONE },
	{ TEXT_INIT("pid"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("user"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("app"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("waits_s"), COLUMN_NUMBER, NUM_SECONDS },
	{ TEXT_INIT("blocks"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("mode"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("relation"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("query"), COLUMN_TEXT, NUM_NONE },
};

/* The lock that is waited for: "row", "AccessExclusive", "advisory". */
static struct text
lock_mode(struct build *build, const struct pg_result *edges, size_t row,
    const struct redactor *redactor)
{
	struct text mode = value(build, edges, row, E_MODE, redactor);

	if (is(edges, row, E_TYPE, "transactionid") ||
	    is(edges, row, E_TYPE, "tuple"))
		return TEXT("row");
	if (!is(edges, row, E_TYPE, "relation"))
		return value(build, edges, row, E_TYPE, redactor);
	if (mode.len > 4 && memcmp(mode.s + mode.len - 4, "Lock", 4) == 0)
		mode = text_copy(
		    build_arena(build), text_cut(mode, mode.width - 4));
	return mode;
}

/* "orders" for public.orders. */
static struct text
lock_relation(struct build *build, const struct pg_result *edges, size_t row,
    const struct redactor *redactor)
{
	const char *s;
	size_t len;

	if (!pg_result_str(edges, row, E_RELATION, &s, &len))
		return TEXT_EMPTY;
	if (len > 7 && memcmp(s, "public.", 7) == 0) {
		s += 7;
		len -= 7;
	}
	return text_ingest(redactor, build_arena(build), s, len, PG_VALUE_MAX);
}

static struct text
lock_key(struct build *build, const struct pg_locks *locks,
    const struct pg_lock_row *lock, size_t row)
{
	int64_t start =
	    row != NO_ROW ? pg_result_int(locks->sessions, row, S_START, 0) : 0;

	if (lock->shared)
		return text_fmt(build_arena(build), "%d:%lld<%d", lock->pid,
		    (long long)start, lock->parent);
	return text_fmt(
	    build_arena(build), "%d:%lld", lock->pid, (long long)start);
}

static void
lock_row(struct build *build, const struct pg_locks *locks,
    const struct pg_lock_row *lock, const struct pg_limits *limits,
    const struct redactor *redactor)
{
	const struct pg_result *s = locks->sessions;
	size_t row = session_of(locks, lock->pid);
	size_t edge = lock->parent >= 0 ? edge_of(locks, lock->pid) : NO_ROW;
	double worst = isnan(lock->waits_s) ? lock->worst_s : lock->waits_s;

	build_row(build, lock_key(build, locks, lock, row),
	    pg_state_of(worst, seconds(limits->lock_warn_ns),
		seconds(limits->lock_crit_ns)));
	build_cell_num(build, 0, lock->depth);
	pg_cell_pid(build, 1, lock->pid);
	build_cell_num(build, 5, lock->waits_s);
	build_cell_num(build, 6, lock->blocks);
	if (edge != NO_ROW) {
		build_cell_text(
		    build, 7, lock_mode(build, locks->edges, edge, redactor));
		build_cell_text(build, 8,
		    lock_relation(build, locks->edges, edge, redactor));
	}
	if (lock->pid == 0)
		build_cell_text(build, 4, TEXT("prepared transaction"));
	if (row == NO_ROW)
		return;
	build_cell_text(build, 2, value(build, s, row, S_USER, redactor));
	build_cell_text(build, 3, value(build, s, row, S_APP, redactor));
	build_cell_text(build, 4, session_state(build, s, row, redactor));
	build_cell_text(build, 9,
	    pg_result_text(
		s, row, S_TEXT, redactor, build_arena(build), PG_TEXT_MAX));
}

/* Names the worst root: whom to look at, and what it does. */
static struct text
locks_words(struct build *build, const struct pg_locks *locks,
    const struct redactor *redactor)
{
	const struct pg_lock_row *root = &locks->tree.rows[0];
	size_t row = session_of(locks, root->pid);
	struct text_buf tb;

	tb_init(&tb);
	tb_fmt(&tb, "%zu wait, the longest ", locks->tree.waiters);
	tb_num(&tb, root->worst_s, NUM_SECONDS);
	if (root->pid == 0)
		tb_lit(&tb, "; a prepared transaction");
	else
		tb_fmt(&tb, "; pid %d", root->pid);
	if (row != NO_ROW) {
		tb_lit(&tb, ", ");
		tb_text(
		    &tb, value(build, locks->sessions, row, S_USER, redactor));
		tb_lit(&tb, ", ");
		tb_text(
		    &tb, session_state(build, locks->sessions, row, redactor));
	}
	tb_fmt(&tb, ", holds up %u", root->blocks);
	if (locks->tree.roots > 1)
		tb_fmt(&tb, ", %zu others the rest", locks->tree.roots - 1);
	return text_copy(build_arena(build), tb_end(&tb));
}

void
pg_report_locks(struct build *build, const struct pg_locks *locks,
    const struct pg_limits *limits, const struct redactor *redactor)
{
	const struct pg_locktree *tree = &locks->tree;
	double worst = 0;

	build_table(
	    build, TEXT("locks"), lock_columns, ARRAY_LEN(lock_columns));
	for (size_t i = 0; i < tree->count; i++) {
		lock_row(build, locks, &tree->rows[i], limits, redactor);
		worst = fmax(worst, tree->rows[i].waits_s);
	}
	build_gauge(
	    build, TEXT("pg_lock_waiters"), NUM_COUNT, (double)tree->waiters);
	build_gauge(build, TEXT("pg_lock_wait_seconds"), NUM_SECONDS, worst);
	if (tree->count == 0)
		build_health(build, TEXT("locks"), STATE_OK,
		    TEXT("nobody waits for a lock"), -1);
	else
		build_health(build, TEXT("locks"),
		    pg_state_of(worst, seconds(limits->lock_warn_ns),
			seconds(limits->lock_crit_ns)),
		    locks_words(build, locks, redactor), -1);
}
