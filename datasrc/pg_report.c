#include "datasrc/pg_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"

/* NaN stays missing, what is there counts. */
static double
add(double sum, double value)
{
	return isnan(value) ? sum : sum + value;
}

enum state
pg_state_of(double value, double warn, double crit)
{
	if (crit > 0 && value >= crit)
		return STATE_CRIT;
	return warn > 0 && value >= warn ? STATE_WARN : STATE_OK;
}

/* Copies a value, cut to cap - 1 bytes; "" for NULL. */
static void
keep(const struct pg_result *result, size_t column, char *out, size_t cap)
{
	const char *value = "";
	size_t len = 0;

	pg_result_str(result, 0, column, &value, &len);
	snprintf(out, cap, "%.*s", (int)len, value);
}

void
pg_facts_read(struct pg_facts *facts, const struct pg_result *result)
{
	double max = pg_result_num(result, 0, 3);

	facts->known = pg_result_rows(result) == 1;
	facts->standby = pg_result_bool(result, 0, 0);
	facts->started_s = pg_result_num(result, 0, 1);
	facts->now_s = pg_result_num(result, 0, 2);
	facts->reserved =
	    add(pg_result_num(result, 0, 4), pg_result_num(result, 0, 5));
	facts->room = max - facts->reserved;
	keep(result, 6, facts->role, sizeof(facts->role));
	keep(result, 7, facts->database, sizeof(facts->database));
	facts->rights = pg_result_bool(result, 0, 8);
	facts->io_timing = pg_result_bool(result, 0, 9);
}

void
pg_facts_identify(struct pg_facts *facts, const struct pg_result *result)
{
	keep(result, 0, facts->identity, sizeof(facts->identity));
}

/* The number that a kind is counted in; NULL: no kind of ours. */
static double *
counts_of(struct pg_counts *counts, const char *kind)
{
	const struct {
		const char *kind;
		double *at;
	} kinds[] = {
		{ "running", &counts->running },
		{ "waiting", &counts->waiting },
		{ "idle", &counts->idle },
		{ "idle in tx", &counts->idle_in_tx },
		{ "other", &counts->other },
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return kinds[i].at;
	return NULL;
}

void
pg_counts_read(struct pg_counts *counts, const struct pg_result *result,
    const struct pg_result *sessions)
{
	*counts = (struct pg_counts) {
		.known = result != NULL,
		.used = 1,
		.query_s = NAN,
		.xact_s = NAN,
		.idle_s = NAN,
	};
	for (size_t i = 0; i < pg_result_rows(result); i++) {
		double n = pg_result_num(result, i, 1);
		const char *kind = "";
		double *at;
		size_t len;

		pg_result_str(result, i, 0, &kind, &len);
		at = counts_of(counts, kind);
		if (at == NULL || isnan(n))
			continue;
		*at += n;
		counts->used += n;
		counts->query_s =
		    fmax(counts->query_s, pg_result_num(result, i, 2));
		counts->xact_s =
		    fmax(counts->xact_s, pg_result_num(result, i, 3));
		counts->idle_s =
		    fmax(counts->idle_s, pg_result_num(result, i, 4));
		counts->hidden =
		    add(counts->hidden, pg_result_num(result, i, 5));
	}
	counts->app_count = pg_sessions_app(sessions, counts->app);
}

char *
pg_counts_text(const struct pg_counts *counts, char out[PG_COUNTS_TEXT_LEN])
{
	const struct {
		double n;
		const char *what;
	} parts[] = {
		{ counts->running, "running" },
		{ counts->waiting, "waiting" },
		{ counts->idle_in_tx, "idle in tx" },
		{ counts->idle, "idle" },
		{ counts->other, "other" },
	};
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		int n;

		if (!(parts[i].n > 0))
			continue;
		n = snprintf(out + len, PG_COUNTS_TEXT_LEN - len, "%s%.0f %s",
		    len > 0 ? ", " : "", parts[i].n, parts[i].what);
		if (n < 0 || (size_t)n >= PG_COUNTS_TEXT_LEN - len)
			break;
		len += (size_t)n;
	}
	/* Whom to ask, where one has more than the others together. */
	if (counts->app_count > 1 && counts->app_count > counts->used / 2)
		snprintf(out + len, PG_COUNTS_TEXT_LEN - len,
		    "; %.0f are of %s", counts->app_count, counts->app);
	return out;
}

/* A clock that is off makes every time of day shown from here wrong. */
static void
report_clock(struct build *build, const struct pg_facts *facts)
{
	double skew = facts->now_s - (double)clock_wall_ms() / 1000;
	char a[NUM_TEXT_MAX];

	if (isnan(skew))
		return;
	build_gauge(build, TEXT("pg_clock_skew_seconds"), NUM_SECONDS, skew);
	if (fabs(skew) * 1000 > PG_SKEW_WARN_MS)
		build_health(build, TEXT("clock"), STATE_WARN,
		    text_fmt(build_arena(build),
			"the server's clock is %s %s ours",
			num_human(a, fabs(skew), NUM_SECONDS),
			skew > 0 ? "ahead of" : "behind"),
		    -1);
}

void
pg_report_server(struct build *build, const char *name,
    const struct pg_facts *facts, const struct pg_link *link)
{
	struct arena *arena = build_arena(build);
	double up = facts->now_s - facts->started_s;
	char a[NUM_TEXT_MAX];

	build_note(build, text_fmt(arena, "postgres %d.%d",
			      facts->version / 10000, facts->version % 10000));
	build_health(build, text_clean_str(arena, name), STATE_OK,
	    text_fmt(arena, "up %s, %s, database %s%s%s",
		num_human(a, up, NUM_SECONDS),
		facts->standby ? "standby" : "primary", facts->database,
		link->pooled ? ", through a pooler" : "",
		link->open_text ? ", not encrypted" : ""),
	    link->took_ns);
	build_gauge(build, TEXT("pg_ping_seconds"), NUM_SECONDS,
	    (double)link->took_ns / NS_PER_SEC);
	build_gauge(build, TEXT("pg_uptime_seconds"), NUM_SECONDS, up);
	build_gauge(build, TEXT("pg_is_standby"), NUM_NONE, facts->standby);
	report_clock(build, facts);
}

void
pg_report_changes(struct build *build, const struct pg_facts *last,
    const struct pg_facts *now, int64_t wall_ms)
{
	struct arena *arena = build_arena(build);
	double ago = now->now_s - now->started_s;
	bool other = last->identity[0] != '\0' && now->identity[0] != '\0' &&
		     strcmp(last->identity, now->identity) != 0;

	if (!last->known)
		return;
	if (!(ago >= 0 && ago < PG_UPTIME_MAX_S))
		ago = 0;
	if (other)
		build_event(build, wall_ms, EVENT_STATE, TEXT("postgres"),
		    text_fmt(arena, "another server answers: system %s, was %s",
			now->identity, last->identity));
	else if (fabs(now->started_s - last->started_s) > 0)
		build_event(build, wall_ms - (int64_t)(ago * 1000),
		    EVENT_RESTART, TEXT("postgres"),
		    TEXT("the server was restarted"));
	if (last->standby != now->standby)
		build_event(build, wall_ms, EVENT_STATE, TEXT("postgres"),
		    now->standby ? TEXT("failover: primary to standby")
				 : TEXT("failover: standby to primary"));
}

static void
report_rights(struct build *build, const struct pg_facts *facts,
    const struct pg_counts *counts)
{
	if (!(counts->hidden > 0))
		return;
	build_health(build, TEXT("rights"), STATE_WARN,
	    text_fmt(build_arena(build),
		"%.0f of %.0f sessions are hidden from us: "
		"GRANT pg_monitor TO %s",
		counts->hidden, counts->used, facts->role),
	    -1);
}

static void
report_connections(struct build *build, const struct pg_facts *facts,
    const struct pg_counts *counts, const struct pg_limits *limits)
{
	struct arena *arena = build_arena(build);
	double ratio = facts->room > 0 ? counts->used / facts->room : NAN;
	char words[PG_COUNTS_TEXT_LEN], a[NUM_TEXT_MAX];

	build_health(build, TEXT("connections"),
	    pg_state_of(ratio * 100, (double)limits->connections_warn,
		(double)limits->connections_crit),
	    text_fmt(arena, "%.0f of %.0f (%s)%s%s", counts->used, facts->room,
		num_human(a, ratio, NUM_PERCENT), counts->used > 1 ? ": " : "",
		pg_counts_text(counts, words)),
	    -1);
	build_gauge(
	    build, TEXT("pg_connections_used"), NUM_COUNT, counts->used);
	build_gauge(build, TEXT("pg_connections_max"), NUM_COUNT, facts->room);
	build_gauge(
	    build, TEXT("pg_connections_reserved"), NUM_COUNT, facts->reserved);
	build_gauge(
	    build, TEXT("pg_connections_used_ratio"), NUM_PERCENT, ratio);
	build_gauge_of(build, TEXT("pg_connections"), NUM_COUNT,
	    counts->running, TEXT("state"), TEXT("running"));
	build_gauge_of(build, TEXT("pg_connections"), NUM_COUNT,
	    counts->waiting, TEXT("state"), TEXT("waiting"));
	build_gauge_of(build, TEXT("pg_connections"), NUM_COUNT, counts->idle,
	    TEXT("state"), TEXT("idle"));
	build_gauge_of(build, TEXT("pg_connections"), NUM_COUNT,
	    counts->idle_in_tx, TEXT("state"), TEXT("idle in tx"));
	build_gauge_of(build, TEXT("pg_connections"), NUM_COUNT, counts->other,
	    TEXT("state"), TEXT("other"));
}

/* Nobody does it: that is 0 seconds. We may not see it: missing. */
static double
longest(const struct pg_counts *counts, double value)
{
	if (isnan(value) && counts->hidden == 0)
		return 0;
	return value;
}

static void
report_transactions(struct build *build, const struct pg_counts *counts,
    const struct pg_limits *limits)
{
	double query = longest(counts, counts->query_s);
	double xact = longest(counts, counts->xact_s);
	double idle = longest(counts, counts->idle_s);
	double query_warn = (double)limits->query_warn_ns / NS_PER_SEC;
	double idle_warn = (double)limits->idle_warn_ns / NS_PER_SEC;
	enum state state = state_worst(
	    pg_state_of(query, query_warn, 0), pg_state_of(idle, idle_warn, 0));
	char a[NUM_TEXT_MAX], b[NUM_TEXT_MAX], c[NUM_TEXT_MAX];

	build_health(build, TEXT("transactions"), state,
	    text_fmt(build_arena(build),
		"longest query %s, transaction %s, idle in transaction %s%s",
		num_human(a, query, NUM_SECONDS),
		num_human(b, xact, NUM_SECONDS),
		num_human(c, idle, NUM_SECONDS),
		idle_warn > 0 && idle >= idle_warn ? ": it keeps its locks"
						   : ""),
	    -1);
	build_gauge(
	    build, TEXT("pg_longest_query_seconds"), NUM_SECONDS, query);
	build_gauge(
	    build, TEXT("pg_longest_transaction_seconds"), NUM_SECONDS, xact);
	build_gauge(build, TEXT("pg_idle_in_transaction"), NUM_COUNT,
	    counts->idle_in_tx);
	build_gauge(
	    build, TEXT("pg_idle_in_transaction_seconds"), NUM_SECONDS, idle);
}

void
pg_report_counts(struct build *build, const struct pg_facts *facts,
    const struct pg_counts *counts, const struct pg_limits *limits)
{
	if (!counts->known)
		return;
	report_connections(build, facts, counts, limits);
	report_transactions(build, counts, limits);
	report_rights(build, facts, counts);
}
