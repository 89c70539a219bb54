#include "datasrc/pg_report.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "base/textbuf.h"

/* Columns of PG_ASK_REPLICAS. */
enum {
	R_NAME,
	R_ADDR,
	R_STATE,
	R_SYNC,
	R_BYTES,
	R_LAG,
	R_PID,
};

/* Columns of PG_ASK_STANDBY. */
enum {
	S_RECEIVERS,
	S_BYTES,
	S_LAG,
	S_PAUSED,
};

/* Columns of PG_ASK_SLOTS; those that retain the most come first. */
enum {
	L_NAME,
	L_ACTIVE,
	L_RETAINED,
	L_STATUS,
};

/* What the row "replication" is made of. */
struct tally {
	struct text_buf tb;
	enum state state;
	double lag_s;
	double lag_bytes;
};

static struct text
value(struct build *build, const struct pg_result *result, size_t row,
    size_t column)
{
	return pg_result_text(
	    result, row, column, NULL, build_arena(build), PG_VALUE_MAX);
}

static enum state
lag_state(double lag_s, const struct pg_limits *limits)
{
	return pg_state_of(lag_s, (double)limits->lag_warn_ns / NS_PER_SEC,
	    (double)limits->lag_crit_ns / NS_PER_SEC);
}

static const struct column replica_columns[] = {
	{ TEXT_INIT("name"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("addr"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("state"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("sync"), COLUMN_TEXT, NUM_NONE },
	{ TEXT_INIT("lag_bytes"), COLUMN_NUMBER, NUM_BYTES },
	{ TEXT_INIT("lag_s"), COLUMN_NUMBER, NUM_SECONDS },
};

/* A replica that has all has no lag, though the server gives none. */
static double
replica_lag(const struct pg_result *replicas, size_t row)
{
	double lag = pg_result_num(replicas, row, R_LAG);

	if (isnan(lag) && pg_result_num(replicas, row, R_BYTES) <= 0)
		return 0;
	return lag;
}

static void
replica_row(struct build *build, const struct pg_result *replicas, size_t row,
    const struct pg_limits *limits, struct tally *tally)
{
	double bytes = pg_result_num(replicas, row, R_BYTES);
	double lag = replica_lag(replicas, row);
	enum state state = lag_state(lag, limits);
	struct text word = value(build, replicas, row, R_STATE);

	if (word.len > 0 && !text_eq(word, TEXT("streaming")))
		state = state_worst(state, STATE_WARN);
	build_row(build,
	    text_fmt(build_arena(build), "%lld",
		(long long)pg_result_int(replicas, row, R_PID, -1)),
	    state);
	build_cell_text(build, 0, value(build, replicas, row, R_NAME));
	build_cell_text(build, 1, value(build, replicas, row, R_ADDR));
	build_cell_text(build, 2, word);
	build_cell_text(build, 3, value(build, replicas, row, R_SYNC));
	build_cell_num(build, 4, bytes);
	build_cell_num(build, 5, lag);
	tally->state = state_worst(tally->state, state);
	tally->lag_s = fmax(tally->lag_s, lag);
	tally->lag_bytes = fmax(tally->lag_bytes, bytes);
}

static void
report_replicas(struct build *build, const struct pg_result *replicas,
    const struct pg_limits *limits, struct tally *tally)
{
	size_t count = pg_result_rows(replicas);

	build_table(build, TEXT("replicas"), replica_columns,
	    ARRAY_LEN(replica_columns));
	for (size_t i = 0; i < count; i++)
		replica_row(build, replicas, i, limits, tally);
	if (count == 0)
		return;
	tb_fmt(&tally->tb, "%zu replica%s, at most ", count,
	    count == 1 ? "" : "s");
	tb_num(&tally->tb, tally->lag_s, NUM_SECONDS);
	tb_lit(&tally->tb, " behind");
}

static void
report_standby(const struct pg_result *standby, const struct pg_limits *limits,
    struct tally *tally)
{
	double lag = pg_result_num(standby, 0, S_LAG);
	bool fed = pg_result_num(standby, 0, S_RECEIVERS) > 0;
	bool streams = !isnan(pg_result_num(standby, 0, S_BYTES));

	tally->lag_s = fmax(tally->lag_s, lag);
	tally->lag_bytes =
	    fmax(tally->lag_bytes, pg_result_num(standby, 0, S_BYTES));
	tally->state = state_worst(tally->state, lag_state(lag, limits));
	tb_lit(&tally->tb, "standby, ");
	tb_num(&tally->tb, lag, NUM_SECONDS);
	tb_lit(&tally->tb, " behind");
	if (pg_result_bool(standby, 0, S_PAUSED)) {
		tb_lit(&tally->tb, ", replay is paused");
		tally->state = state_worst(tally->state, STATE_WARN);
	}
	if (!fed && streams) {
		tb_lit(&tally->tb, ", its primary is not connected");
		tally->state = STATE_CRIT;
	} else if (!fed) {
		tb_lit(&tally->tb, ", reads from the archive");
	}
}

/* A slot that nobody reads keeps WAL until the disk is full. */
static void
report_slots(struct build *build, const struct pg_result *slots,
    const struct pg_limits *limits, struct tally *tally)
{
	double retained = pg_result_num(slots, 0, L_RETAINED);

	if (pg_result_rows(slots) == 0)
		return;
	build_gauge(build, TEXT("pg_slot_retained_bytes"), NUM_BYTES, retained);
	for (size_t i = 0; i < pg_result_rows(slots); i++) {
		double bytes = pg_result_num(slots, i, L_RETAINED);
		struct text status = value(build, slots, i, L_STATUS);
		bool lost = text_eq(status, TEXT("lost"));
		bool soon = text_eq(status, TEXT("unreserved"));
		bool big =
		    limits->slot_warn > 0 && bytes >= (double)limits->slot_warn;

		if (!lost && !soon && !big)
			continue;
		tb_fmt(&tally->tb, "%sslot ", tally->tb.len > 0 ? "; " : "");
		tb_text(&tally->tb, value(build, slots, i, L_NAME));
		if (lost)
			tb_lit(&tally->tb, " has lost its WAL");
		else if (soon)
			tb_lit(&tally->tb, " is about to lose its WAL");
		else
			tb_lit(&tally->tb, " keeps ");
		if (big && !lost && !soon)
			tb_num(&tally->tb, bytes, NUM_BYTES);
		if (!pg_result_bool(slots, i, L_ACTIVE))
			tb_lit(&tally->tb, ", nobody reads it");
		tally->state =
		    state_worst(tally->state, lost ? STATE_CRIT : STATE_WARN);
	}
}

void
pg_report_replication(struct build *build, const struct pg_facts *facts,
    const struct pg_result *replicas, const struct pg_result *standby,
    const struct pg_result *slots, const struct pg_limits *limits)
{
	struct tally tally = {
		.state = STATE_OK,
		.lag_s = NAN,
		.lag_bytes = NAN,
	};

	if (replicas == NULL)
		return;
	tb_init(&tally.tb);
	if (facts->standby)
		report_standby(standby, limits, &tally);
	report_replicas(build, replicas, limits, &tally);
	report_slots(build, slots, limits, &tally);
	if (!isnan(tally.lag_s))
		build_gauge(build, TEXT("pg_replication_lag_seconds"),
		    NUM_SECONDS, tally.lag_s);
	if (!isnan(tally.lag_bytes))
		build_gauge(build, TEXT("pg_replication_lag_bytes"), NUM_BYTES,
		    tally.lag_bytes);
	if (tally.tb.len == 0 && pg_result_rows(slots) == 0)
		return;
	if (tally.tb.len == 0)
		tb_fmt(&tally.tb, "%zu slots, none holds much",
		    pg_result_rows(slots));
	build_health(build, TEXT("replication"), tally.state,
	    text_copy(build_arena(build), tb_end(&tally.tb)), -1);
}
