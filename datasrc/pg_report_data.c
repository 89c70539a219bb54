#include "datasrc/pg_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

/* From where on a table is worth a look: a third dead, and not a few rows. */
#define DEAD_RATIO_WARN 0.33
#define DEAD_ROWS_WARN	50000

/* Transactions that fit before the oldest must be frozen. */
#define XID_ROOM 2147483647.0

/* a / b, missing when either is or b is zero. */
static double
ratio(double a, double b)
{
	return b > 0 ? a / b : NAN;
}

/* Growth since last; missing when the counter began anew. */
static double
grown(double now, double last)
{
	return now >= last ? now - last : NAN;
}

/* Databases -----------------------------------------------------------------
 */

/* Columns of PG_ASK_DATABASES. */
enum {
	D_NAME,
	D_HITS,
	D_READS,
	D_COMMITS,
	D_ROLLBACKS,
	D_TEMP,
	D_DEADLOCKS,
};

static const struct column database_columns[] = {
	{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("hit_ratio"), COLUMN_NUMBER, NUM_PERCENT },
	{ TEXT_INIT("commits_s"), COLUMN_NUMBER, NUM_PER_SECOND },
	{ TEXT_INIT("rollbacks_s"), COLUMN_NUMBER, NUM_PER_SECOND },
	{ TEXT_INIT("temp_bytes_s"), COLUMN_NUMBER, NUM_BYTES_PER_SECOND },
	{ TEXT_INIT("deadlocks"), COLUMN_NUMBER, NUM_COUNT },
};

static void
database_read(struct pg_database *d, const struct pg_result *result, size_t row)
{
	const char *name = "";
	size_t len = 0;

	pg_result_str(result, row, D_NAME, &name, &len);
	snprintf(d->name, sizeof(d->name), "%.*s", (int)len, name);
	d->hits = pg_result_num(result, row, D_HITS);
	d->reads = pg_result_num(result, row, D_READS);
	d->commits = pg_result_num(result, row, D_COMMITS);
	d->rollbacks = pg_result_num(result, row, D_ROLLBACKS);
	d->temp_bytes = pg_result_num(result, row, D_TEMP);
}

/* The same database at the last poll; all missing when it is new. */
static struct pg_database
database_before(const struct pg_databases *last, const char *name)
{
	for (size_t i = 0; i < last->count; i++)
		if (strcmp(last->list[i].name, name) == 0)
			return last->list[i];
	return (struct pg_database) {
		.hits = NAN,
		.reads = NAN,
		.commits = NAN,
		.rollbacks = NAN,
		.temp_bytes = NAN,
	};
}

static void
database_row(struct build *build, const struct pg_result *result, size_t row,
    const struct pg_database *now, const struct pg_database *last, double span)
{
	struct text name = text_clean_str(build_arena(build), now->name);
	double hits = grown(now->hits, last->hits);

	build_row(build, name, STATE_OK);
	build_cell_text(build, 0, name);
	build_cell_num(
	    build, 1, ratio(hits, hits + grown(now->reads, last->reads)));
	build_cell_num(
	    build, 2, ratio(grown(now->commits, last->commits), span));
	build_cell_num(
	    build, 3, ratio(grown(now->rollbacks, last->rollbacks), span));
	build_cell_num(
	    build, 4, ratio(grown(now->temp_bytes, last->temp_bytes), span));
	build_cell_num(build, 5, pg_result_num(result, row, D_DEADLOCKS));
}

/* Sum of a column; NaN where one database has no number. */
static double
column_sum(const struct pg_result *result, size_t column)
{
	double sum = 0;

	for (size_t i = 0; i < pg_result_rows(result); i++)
		sum += pg_result_num(result, i, column);
	return sum;
}

static void
databases_counters(struct build *build, const struct pg_result *result)
{
	build_metric(build, TEXT("pg_commits"), NUM_COUNT, METRIC_COUNTER,
	    column_sum(result, D_COMMITS), NULL, 0);
	build_metric(build, TEXT("pg_rollbacks"), NUM_COUNT, METRIC_COUNTER,
	    column_sum(result, D_ROLLBACKS), NULL, 0);
	build_metric(build, TEXT("pg_deadlocks"), NUM_COUNT, METRIC_COUNTER,
	    column_sum(result, D_DEADLOCKS), NULL, 0);
	build_metric(build, TEXT("pg_temp_bytes"), NUM_BYTES, METRIC_COUNTER,
	    column_sum(result, D_TEMP), NULL, 0);
}

void
pg_report_databases(struct build *build, struct pg_databases *last,
    const struct pg_result *result, double now_s)
{
	struct pg_databases now = { .count = 0, .at_s = now_s };
	double span = now_s > last->at_s ? now_s - last->at_s : NAN;
	double hits = 0, reads = 0;

	if (result == NULL)
		return;
	build_table(build, TEXT("databases"), database_columns,
	    ARRAY_LEN(database_columns));
	for (size_t i = 0; i < pg_result_rows(result) && i < PG_DATABASES_MAX;
	     i++) {
		struct pg_database *d = &now.list[now.count++], before;

		database_read(d, result, i);
		before = database_before(last, d->name);
		hits += isnan(before.hits) ? 0 : grown(d->hits, before.hits);
		reads +=
		    isnan(before.reads) ? 0 : grown(d->reads, before.reads);
		if (strncmp(d->name, "template", 8) != 0)
			database_row(build, result, i, d, &before, span);
	}
	databases_counters(build, result);
	build_gauge(build, TEXT("pg_hit_ratio"), NUM_PERCENT,
	    ratio(hits, hits + reads));
	*last = now;
}

/* Relations -----------------------------------------------------------------
 */

/* Columns of PG_ASK_RELATIONS. */
enum {
	R_SCHEMA,
	R_NAME,
	R_BYTES,
	R_LIVE,
	R_DEAD,
	R_VACUUM,
	R_XID,
};

static const struct column relation_columns[] = {
	{ TEXT_INIT("relation"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("bytes"), COLUMN_NUMBER, NUM_BYTES },
	{ TEXT_INIT("live"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("dead"), COLUMN_NUMBER, NUM_COUNT },
	{ TEXT_INIT("dead_ratio"), COLUMN_NUMBER, NUM_PERCENT },
	{ TEXT_INIT("last_vacuum"), COLUMN_WALL, NUM_NONE },
	{ TEXT_INIT("xid_age"), COLUMN_NUMBER, NUM_COUNT },
};

static void
relation_row(struct build *build, const struct pg_result *result, size_t row)
{
	struct arena *arena = build_arena(build);
	struct text schema =
	    pg_result_text(result, row, R_SCHEMA, NULL, arena, PG_VALUE_MAX);
	struct text name =
	    pg_result_text(result, row, R_NAME, NULL, arena, PG_VALUE_MAX);
	struct text parts[] = { schema, TEXT("."), name };
	struct text full = text_join(arena, parts, ARRAY_LEN(parts));
	double live = pg_result_num(result, row, R_LIVE);
	double dead = pg_result_num(result, row, R_DEAD);
	double share = ratio(dead, live + dead);
	bool bloated = share >= DEAD_RATIO_WARN && dead >= DEAD_ROWS_WARN;

	build_row(build, full, bloated ? STATE_WARN : STATE_OK);
	build_cell_text(
	    build, 0, text_eq(schema, TEXT("public")) ? name : full);
	build_cell_num(build, 1, pg_result_num(result, row, R_BYTES));
	build_cell_num(build, 2, live);
	build_cell_num(build, 3, dead);
	build_cell_num(build, 4, share);
	build_cell_num(build, 5, pg_result_num(result, row, R_VACUUM) * 1000);
	build_cell_num(build, 6, pg_result_num(result, row, R_XID));
}

void
pg_report_relations(struct build *build, const struct pg_result *relations,
    const struct pg_result *bytes)
{
	if (relations != NULL)
		build_table(build, TEXT("relations"), relation_columns,
		    ARRAY_LEN(relation_columns));
	for (size_t i = 0; i < pg_result_rows(relations); i++)
		relation_row(build, relations, i);
	if (bytes != NULL)
		build_gauge(build, TEXT("pg_database_bytes"), NUM_BYTES,
		    pg_result_num(bytes, 0, 0));
}

/* Upkeep --------------------------------------------------------------------
 */

static const struct column vacuum_columns[] = {
	{ TEXT_INIT("pid"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("relation"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("phase"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("done_ratio"), COLUMN_NUMBER, NUM_PERCENT },
	{ TEXT_INIT("seconds"), COLUMN_NUMBER, NUM_SECONDS },
};

void
pg_report_vacuum(struct build *build, const struct pg_result *result)
{
	struct arena *arena = build_arena(build);

	if (result == NULL)
		return;
	build_table(
	    build, TEXT("vacuum"), vacuum_columns, ARRAY_LEN(vacuum_columns));
	for (size_t i = 0; i < pg_result_rows(result); i++) {
		int64_t pid = pg_result_int(result, i, 0, -1);

		build_row(
		    build, text_fmt(arena, "%lld", (long long)pid), STATE_OK);
		pg_cell_pid(build, 0, pid);
		build_cell_text(build, 1,
		    pg_result_text(result, i, 1, NULL, arena, PG_VALUE_MAX));
		build_cell_text(build, 2,
		    pg_result_text(result, i, 2, NULL, arena, PG_VALUE_MAX));
		build_cell_num(build, 3, pg_result_num(result, i, 3));
		build_cell_num(build, 4, pg_result_num(result, i, 4));
	}
}

void
pg_report_ages(struct build *build, const struct pg_result *result,
    const struct pg_limits *limits)
{
	struct arena *arena = build_arena(build);
	double xid = pg_result_num(result, 0, 1);
	double multi = pg_result_num(result, 0, 2);
	double age = fmax(xid, multi);
	enum state state;
	char a[NUM_TEXT_MAX], b[NUM_TEXT_MAX];

	if (isnan(age))
		return;
	state = pg_state_of(
	    age, (double)limits->xid_warn, (double)limits->xid_crit);
	build_gauge(build, TEXT("pg_xid_age"), NUM_COUNT, age);
	build_health(build, TEXT("wraparound"), state,
	    text_join(arena,
		(const struct text[]) {
		    pg_result_text(result, 0, 0, NULL, arena, PG_VALUE_MAX),
		    text_fmt(arena, ": %s of %s %s used%s",
			num_human(a, age, NUM_COUNT),
			num_human(b, XID_ROOM, NUM_COUNT),
			multi > xid ? "multixacts" : "transaction ids",
			state != STATE_OK
			    ? "; vacuum does not keep up: look for old "
			      "transactions, slots and prepared ones"
			    : "") },
		2),
	    -1);
}
