/* The lists of the database panel: which rows, in which order and columns. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "model/section.h"
#include "panels/database_impl.h"
#include "panels/pick.h"

/* The innermost levels of the tree are drawn, "…" for those outside. */
enum {
	TREE_LEVELS = 5
};

static bool
is_kind(const struct table *table, size_t row, const char *kind)
{
	return text_eq(pick_text(table, row, "kind"), text_lit(kind));
}

/* A root blocker comes before everything else, the one with most behind. */
#define RANK_ROOT 1e12

/* Who waits may be hidden from us; that it waits is not. */
static bool
is_waiting(const struct table *table, size_t row)
{
	return is_kind(table, row, "waiting") ||
	       pick_text(table, row, "blocked_by").len > 0;
}

static double
rank_all(const struct table *table, size_t row)
{
	struct table_ref ref = { .table = table, .row = row };
	double blocks = pick_num(table, row, "blocks");
	double doing = database_doing_s(&ref);

	if (blocks > 0 && pick_text(table, row, "blocked_by").len == 0)
		return RANK_ROOT + blocks * 1e6;
	if (!is_waiting(table, row) &&
	    (is_kind(table, row, "idle") || is_kind(table, row, "other")))
		return -1;
	return isnan(doing) ? 0 : doing;
}

static double
rank_running(const struct table *table, size_t row)
{
	double rank = rank_all(table, row);

	return rank < 0 ? NAN : rank;
}

static double
rank_waiting(const struct table *table, size_t row)
{
	struct table_ref ref = { .table = table, .row = row };
	double doing = database_doing_s(&ref);

	if (!is_waiting(table, row))
		return NAN;
	return isnan(doing) ? 0 : doing;
}

double
database_doing_s(const struct table_ref *ref)
{
	bool idle = is_kind(ref->table, ref->row, "idle") ||
		    is_kind(ref->table, ref->row, "idle in tx");

	return ref_num(ref, idle ? "state_s" : "query_s");
}

void
database_put_who(struct text_buf *out, const struct table_ref *ref)
{
	struct text user = ref_text(ref, "user"), app = ref_text(ref, "app");

	tb_text(out, app.len > 0 ? app : user);
	if (app.len > 0 && user.len > 0 && !text_eq(app, user)) {
		tb_lit(out, " (");
		tb_text(out, user);
		tb_lit(out, ")");
	}
}

void
database_put_doing(struct text_buf *out, const struct table_ref *ref)
{
	struct text by = ref_text(ref, "blocked_by");
	struct text wait = ref_text(ref, "wait");
	double blocks = ref_num(ref, "blocks");

	if (by.len > 0) {
		tb_lit(out, "waits for ");
		tb_text(out, by);
		return;
	}
	if (blocks > 0) {
		tb_lit(out, "blocks ");
		tb_num(out, blocks, NUM_COUNT);
		tb_lit(out, ", ");
	}
	if (wait.len > 0 && !(blocks > 0) &&
	    !is_kind(ref->table, ref->row, "idle") &&
	    !is_kind(ref->table, ref->row, "idle in tx"))
		tb_text(out, wait);
	else
		tb_text(out, ref_text(ref, "kind"));
}

static void
put_who(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	(void)rows;
	database_put_who(out, ref);
}

static void
put_doing(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	(void)rows;
	database_put_doing(out, ref);
}

static void
put_doing_s(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	(void)rows;
	put_seconds(out, database_doing_s(ref));
}

/* Whether the row, or one below it on that level, has a sibling below. */
static bool
goes_on(const struct table *table, size_t row, double level)
{
	for (size_t i = row + 1; i < table->row_count; i++) {
		double depth = pick_num(table, i, "depth");

		if (!(depth > level))
			return depth == level;
	}
	return false;
}

/* "│ ├─4715": who waits behind whom. */
static void
put_branch(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	double depth = ref_num(ref, "depth");
	double level = fmax(1, depth - TREE_LEVELS + 1);

	(void)rows;
	if (level > 1) {
		tb_lit(out, "… ");
		level++;
	}
	for (; level < depth; level++)
		tb_text(out, goes_on(ref->table, ref->row, level) ? TEXT("│ ")
								  : TEXT("  "));
	if (depth >= 1)
		tb_text(out, goes_on(ref->table, ref->row, depth) ? TEXT("├─")
								  : TEXT("└─"));
	/* What was prepared waits for its commit without a session. */
	if (ref_num(ref, "pid") == 0)
		tb_lit(out, "prepared");
	else
		tb_fmt(out, "%.0f", ref_num(ref, "pid"));
}

/* The longest wait behind a session that waits for nobody itself. */
static double
behind_s(const struct table_ref *ref)
{
	double depth = ref_num(ref, "depth"), longest = NAN;

	for (size_t i = ref->row + 1; i < ref->table->row_count &&
				      pick_num(ref->table, i, "depth") > depth;
	     i++)
		longest = fmax(longest, pick_num(ref->table, i, "waits_s"));
	return longest;
}

static double
lock_s(const struct table_ref *ref)
{
	return ref_num(ref, "depth") > 0 ? ref_num(ref, "waits_s")
					 : behind_s(ref);
}

static void
put_lock(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	double blocks = ref_num(ref, "blocks");
	bool root = !(ref_num(ref, "depth") > 0);

	(void)rows;
	if (!root) {
		tb_lit(out, "waits ");
		put_seconds(out, lock_s(ref));
	}
	if (blocks > 0) {
		tb_text(out, root ? TEXT("blocks ") : TEXT(", blocks "));
		tb_num(out, blocks, NUM_COUNT);
	}
	if (root && blocks > 0) {
		tb_lit(out, " for ");
		put_seconds(out, lock_s(ref));
	}
}

/* Number for number as the server counts them, without separators. */
static void
put_pid(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	(void)rows;
	tb_fmt(out, "%.0f", ref_num(ref, "pid"));
}

static void
put_ms(struct text_buf *out, double ms)
{
	tb_num(out, ms / 1000, NUM_SECONDS);
}

static void
put_mean(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	(void)rows;
	put_ms(out, ref_num(ref, "mean_ms"));
}

static void
put_max(const struct table_rows *rows, const struct table_ref *ref,
    struct text_buf *out)
{
	(void)rows;
	put_ms(out, ref_num(ref, "max_ms"));
}

#define SERVER(rank)                                                           \
	{                                                                      \
		.list = { TEXT_INIT("server"), 8, 20, rank, false },           \
		.source = true                                                 \
	}

static const struct rows_column session_columns[] = {
	{ .column = "pid",
	    .list = { TEXT_INIT("pid"), 7, 7, 0, true },
	    .put = put_pid },
	SERVER(1),
	{ .list = { TEXT_INIT("app (user)"), 12, 18, 3, false },
	    .put = put_who },
	{ .list = { TEXT_INIT("state"), 20, 24, 0, false }, .put = put_doing },
	{ .list = { TEXT_INIT("for"), 6, 6, 0, true },
	    .put = put_doing_s,
	    .num = database_doing_s },
	{ .column = "xact_s",
	    .list = { TEXT_INIT("transaction"), 11, 11, 5, true },
	    .age = true },
	{ .column = "database",
	    .list = { TEXT_INIT("database"), 12, 16, 6, false } },
	{ .column = "client",
	    .list = { TEXT_INIT("client"), 20, 24, 7, false } },
	{ .column = "query", .list = { TEXT_INIT("query"), 20, 0, 2, false } },
};

static const struct rows_column lock_columns[] = {
	{ .list = { TEXT_INIT("pid"), 17, 17, 0, false }, .put = put_branch },
	SERVER(1),
	{ .list = { TEXT_INIT("app (user)"), 12, 18, 3, false },
	    .put = put_who },
	{ .list = { TEXT_INIT("lock"), 21, 24, 0, false },
	    .put = put_lock,
	    .num = lock_s },
	{ .column = "mode", .list = { TEXT_INIT("mode"), 12, 24, 6, false } },
	{ .column = "relation", .list = { TEXT_INIT("of"), 12, 24, 5, false } },
	{ .column = "state", .list = { TEXT_INIT("state"), 10, 20, 4, false } },
	{ .column = "query", .list = { TEXT_INIT("query"), 20, 0, 2, false } },
};

static const struct rows_column statement_columns[] = {
	{ .column = "time_share",
	    .list = { TEXT_INIT("time"), 6, 7, 0, true } },
	{ .column = "calls_s", .list = { TEXT_INIT("calls"), 7, 8, 1, true } },
	{ .column = "mean_ms",
	    .list = { TEXT_INIT("mean"), 7, 8, 0, true },
	    .put = put_mean },
	{ .column = "max_ms",
	    .list = { TEXT_INIT("max"), 7, 8, 3, true },
	    .put = put_max },
	{ .column = "rows_s", .list = { TEXT_INIT("rows"), 7, 8, 5, true } },
	{ .column = "io_share", .list = { TEXT_INIT("disk"), 6, 7, 4, true } },
	SERVER(2),
	{ .column = "query",
	    .list = { TEXT_INIT("statement"), 20, 0, 0, false } },
};

static const struct rows_column relation_columns[] = {
	{ .column = "relation",
	    .list = { TEXT_INIT("table"), 20, 0, 0, false } },
	SERVER(1),
	{ .column = "bytes", .list = { TEXT_INIT("size"), 8, 10, 0, true } },
	{ .column = "live",
	    .list = { TEXT_INIT("live rows"), 9, 12, 4, true } },
	{ .column = "dead",
	    .list = { TEXT_INIT("dead rows"), 9, 12, 3, true } },
	{ .column = "dead_ratio",
	    .list = { TEXT_INIT("dead"), 6, 8, 2, true } },
	{ .column = "last_vacuum",
	    .list = { TEXT_INIT("last vacuum"), 14, 20, 5, false } },
	{ .column = "xid_age",
	    .list = { TEXT_INIT("xid age"), 8, 12, 6, true } },
};

static const struct rows_column vacuum_columns[] = {
	{ .column = "relation",
	    .list = { TEXT_INIT("table"), 20, 0, 0, false } },
	SERVER(1),
	{ .column = "phase", .list = { TEXT_INIT("phase"), 18, 30, 2, false } },
	{ .column = "done_ratio",
	    .list = { TEXT_INIT("done"), 6, 8, 0, true } },
	{ .column = "seconds",
	    .list = { TEXT_INIT("for"), 7, 8, 1, true },
	    .age = true },
	{ .column = "pid",
	    .list = { TEXT_INIT("pid"), 7, 8, 3, true },
	    .put = put_pid },
};

static const struct rows_column replica_columns[] = {
	{ .column = "name", .list = { TEXT_INIT("replica"), 14, 0, 0, false } },
	SERVER(1),
	{ .column = "state", .list = { TEXT_INIT("state"), 10, 14, 1, false } },
	{ .column = "lag_s",
	    .list = { TEXT_INIT("behind"), 8, 8, 0, true },
	    .age = true },
	{ .column = "lag_bytes",
	    .list = { TEXT_INIT("bytes"), 8, 10, 2, true } },
	{ .column = "sync", .list = { TEXT_INIT("sync"), 8, 10, 3, false } },
	{ .column = "addr",
	    .list = { TEXT_INIT("address"), 12, 24, 4, false } },
};

static const struct rows_column database_columns[] = {
	{ .column = "name",
	    .list = { TEXT_INIT("database"), 14, 0, 0, false } },
	SERVER(1),
	{ .column = "hit_ratio", .list = { TEXT_INIT("hit"), 8, 10, 0, true } },
	{ .column = "commits_s",
	    .list = { TEXT_INIT("commits"), 8, 10, 1, true } },
	{ .column = "rollbacks_s",
	    .list = { TEXT_INIT("rollbacks"), 9, 10, 2, true } },
	{ .column = "temp_bytes_s",
	    .list = { TEXT_INIT("temporary"), 9, 12, 3, true } },
	{ .column = "deadlocks",
	    .list = { TEXT_INIT("deadlocks"), 9, 10, 4, true } },
};

#define ROWS_TAGS(name, list, state, order, can_tag)                           \
	{                                                                      \
		.table = (name), .columns = (list),                            \
		.column_count = ARRAY_LEN(list), .state_column = (state),      \
		.rank = (order), .match = table_rows_words, .tags = (can_tag)  \
	}
#define ROWS(name, list, state, order)                                         \
	ROWS_TAGS(name, list, state, order, false)
#define SESSIONS(order) ROWS_TAGS("sessions", session_columns, 3, order, true)

/* Roots only: they are what has to be looked at. */
static bool
is_root(const struct table *table, size_t row)
{
	return pick_num(table, row, "depth") == 0;
}

const struct server_view database_views[DB_VIEWS] = {
	[DB_RUNNING] = { .name = "running",
	    .none = "no session is at work",
	    .rows = SESSIONS(rank_running) },
	[DB_WAITING] = { .name = "waiting",
	    .none = "no session waits for a lock",
	    .rows = SESSIONS(rank_waiting),
	    .alarm = true },
	[DB_BLOCKING] = { .name = "blocking",
	    .none = "no session blocks another",
	    .target = "locks",
	    .rows = ROWS_TAGS("locks", lock_columns, 3, NULL, true),
	    .counts = is_root,
	    .alarm = true },
	[DB_ALL] = { .name = "all",
	    .none = "no sessions",
	    .target = "connections",
	    .rows = SESSIONS(rank_all) },
	[DB_SLOW] = { .name = "slow",
	    .missing = "statements were not read yet",
	    .target = "statements",
	    .rows = ROWS("statements", statement_columns, -1, NULL) },
	[DB_SIZES] = { .name = "sizes",
	    .none = "this database has no tables of its own",
	    .missing = "sizes were not read yet: they are asked for rarely",
	    .target = "wraparound",
	    .rows = ROWS("relations", relation_columns, -1, NULL) },
	[DB_VACUUM] = { .name = "vacuum",
	    .none = "no vacuum is running",
	    .rows = ROWS("vacuum", vacuum_columns, -1, NULL) },
	[DB_REPLICAS] = { .name = "replicas",
	    .none = "no replica is connected",
	    .target = "replication",
	    .rows = ROWS("replicas", replica_columns, 2, NULL) },
	[DB_DATABASES] = { .name = "databases",
	    .none = "no databases",
	    .rows = ROWS("databases", database_columns, -1, NULL) },
};
