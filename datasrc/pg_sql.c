#include "datasrc/pg_sql.h"

#include <string.h>

#include "base/attr.h"

/* Seconds since a time of the server's, on its own clock. */
#define SINCE(t) "extract(epoch FROM clock_timestamp() - " t ")"

/* Numbers of the limits as texts. */
#define TEXT_OF_(n) #n
#define TEXT_OF(n)  TEXT_OF_(n)

/* Sessions of clients, as far as we may see what they are. */
#define HIDDEN "query = '<insufficient privilege>'"
#define CLIENT                                                                 \
	"(backend_type = 'client backend' OR " HIDDEN                          \
	" AND datid IS NOT NULL AND usesysid IS NOT NULL)"

/* In the words of the column "kind" of the table of sessions. */
#define KIND                                                                   \
	"CASE WHEN NOT " CLIENT " OR state IS NULL THEN 'other'"               \
	" WHEN state = 'idle' THEN 'idle'"                                     \
	" WHEN state LIKE 'idle in transaction%' THEN 'idle in tx'"            \
	" WHEN state NOT IN ('active', 'fastpath function call') THEN 'other'" \
	" WHEN wait_event_type = 'Lock' THEN 'waiting' ELSE 'running' END"

#define WAL_NOW                                                                \
	"CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() "        \
	"ELSE pg_current_wal_lsn() END"

/* A relation by name where its catalogue is ours to read. */
#define RELATION(db, oid)                                                      \
	"CASE WHEN " db " IN (0, (SELECT oid FROM pg_database WHERE datname "  \
	"= current_database())) THEN (" oid ")::regclass::text END"

/* It cuts what stands between two macros into pieces of four letters. */
/* clang-format off */
/* Texts that are the same for all versions; NULL: written by a function. */
static const char *const fixed[PG_ASK_COUNT] = {
	[PG_ASK_FACTS] =
	    "SELECT pg_is_in_recovery(), extract(epoch FROM "
	    "pg_postmaster_start_time()), extract(epoch FROM "
	    "clock_timestamp()), current_setting('max_connections'), "
	    "current_setting('superuser_reserved_connections'), "
	    "coalesce(current_setting('reserved_connections', true), '0'), "
	    "current_user, current_database(), pg_has_role(current_user, "
	    "'pg_read_all_stats', 'USAGE'), "
	    "current_setting('track_io_timing') = 'on'",
	[PG_ASK_IDENTITY] =
	    "SELECT system_identifier FROM pg_control_system()",
	[PG_ASK_EXTENSION] =
	    "SELECT e.extversion, n.nspname, coalesce(bool_or(a.attname = "
	    "'total_exec_time'), false), coalesce(bool_or(a.attname = "
	    "'toplevel'), false), coalesce(bool_or(a.attname = "
	    "'shared_blk_read_time'), false), "
	    "to_regclass(quote_ident(n.nspname) || "
	    "'.pg_stat_statements_info') IS NOT NULL FROM pg_extension e "
	    "JOIN pg_namespace n ON n.oid = e.extnamespace LEFT JOIN "
	    "pg_attribute a ON a.attnum > 0 AND a.attrelid = "
	    "to_regclass(quote_ident(n.nspname) || '.pg_stat_statements') "
	    "WHERE e.extname = 'pg_stat_statements' GROUP BY 1, 2",
	[PG_ASK_COUNTS] =
	    "SELECT kind, count(*), max(query_s) FILTER (WHERE kind IN "
	    "('running', 'waiting')), max(xact_s), max(state_s) FILTER "
	    "(WHERE kind = 'idle in tx'), count(*) FILTER (WHERE hidden) "
	    "FROM (SELECT " KIND " AS kind, " SINCE("query_start")
	    " AS query_s, " SINCE("xact_start") " AS xact_s, "
	    SINCE("state_change") " AS state_s, " HIDDEN
	    " AS hidden FROM pg_stat_activity WHERE " CLIENT
	    " AND pid <> pg_backend_pid()) s GROUP BY 1",
	[PG_ASK_SESSIONS] =
	    "SELECT pid, (extract(epoch FROM backend_start) * "
	    "1000000)::bigint, usename, datname, application_name, "
	    "coalesce(host(client_addr), CASE WHEN client_port = -1 THEN "
	    "'local' END), backend_type, state, wait_event_type, "
	    "wait_event, CASE WHEN kind IN ('running', 'waiting', 'other') "
	    "THEN " SINCE("query_start") " END, " SINCE("xact_start") ", "
	    SINCE("state_change")
	    ", left(query, CASE kind WHEN 'idle' THEN 200 ELSE " TEXT_OF(1000)
	    " END), kind FROM (SELECT *, " KIND
	    " AS kind FROM pg_stat_activity) s WHERE pid <> "
	    "pg_backend_pid() AND (datid IS NOT NULL OR backend_type = "
	    "'walsender') ORDER BY CASE kind WHEN 'waiting' THEN 0 WHEN "
	    "'running' THEN 1 WHEN 'idle in tx' THEN 2 WHEN 'other' THEN 3 "
	    "ELSE 4 END, coalesce(CASE WHEN kind LIKE 'idle%' THEN "
	    "state_change END, query_start), pid LIMIT 1000",
	[PG_ASK_DATABASES] =
	    "SELECT datname, blks_hit, blks_read, xact_commit, "
	    "xact_rollback, temp_bytes, deadlocks, extract(epoch FROM "
	    "stats_reset) FROM pg_stat_database WHERE datname IS NOT NULL "
	    "ORDER BY xact_commit DESC, datname LIMIT 200",
	[PG_ASK_REPLICAS] =
	    "SELECT application_name, host(client_addr), state, "
	    "sync_state, pg_wal_lsn_diff(" WAL_NOW
	    ", replay_lsn), extract(epoch FROM replay_lag), pid FROM "
	    "pg_stat_replication ORDER BY application_name, pid LIMIT 50",
	[PG_ASK_STANDBY] =
	    "SELECT (SELECT count(*) FROM pg_stat_wal_receiver), "
	    "pg_wal_lsn_diff(pg_last_wal_receive_lsn(), "
	    "pg_last_wal_replay_lsn()), CASE WHEN "
	    "pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 "
	    "ELSE " SINCE("pg_last_xact_replay_timestamp()")
	    " END, CASE WHEN pg_is_in_recovery() THEN "
	    "pg_is_wal_replay_paused() END WHERE pg_is_in_recovery()",
	[PG_ASK_AGES] =
	    "SELECT datname, age(datfrozenxid), mxid_age(datminmxid), "
	    "current_setting('autovacuum_freeze_max_age') FROM pg_database "
	    "ORDER BY greatest(age(datfrozenxid), mxid_age(datminmxid)) "
	    "DESC LIMIT 1",
	[PG_ASK_RELATIONS] =
	    "SELECT n.nspname, c.relname, (c.relpages + coalesce((SELECT "
	    "sum(x.relpages) FROM pg_class x WHERE x.oid = "
	    "c.reltoastrelid), 0) + coalesce((SELECT sum(x.relpages) FROM "
	    "pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE "
	    "i.indrelid IN (c.oid, c.reltoastrelid)), 0)) * "
	    "current_setting('block_size')::bigint, "
	    "pg_stat_get_live_tuples(c.oid), "
	    "pg_stat_get_dead_tuples(c.oid), extract(epoch FROM "
	    "greatest(pg_stat_get_last_vacuum_time(c.oid), "
	    "pg_stat_get_last_autovacuum_time(c.oid))), CASE WHEN "
	    "c.relfrozenxid <> '0'::xid THEN age(c.relfrozenxid) END FROM "
	    "(SELECT oid, relname, relnamespace, relpages::bigint, "
	    "reltoastrelid, relfrozenxid FROM pg_class WHERE relkind IN "
	    "('r', 'm') AND relpersistence <> 't' AND relnamespace NOT IN "
	    "(SELECT oid FROM pg_namespace WHERE nspname IN ('pg_catalog', "
	    "'information_schema')) ORDER BY relpages DESC, oid LIMIT 50) "
	    "c JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY "
	    "c.relpages DESC, c.oid",
	[PG_ASK_BYTES] =
	    "SELECT sum(relpages::bigint) * "
	    "current_setting('block_size')::bigint FROM pg_class",
};

/*
 * Only those who wait are looked up: pg_blocking_pids() holds up the lock
 * manager for each. A role without rights does not see who waits; the lock
 * table tells everybody. The relation of a wait for a row is that of the
 * row lock that the waiter holds meanwhile.
 */
static bool
write_edges(struct buf *out, const struct pg_dialect *dialect)
{
	bool since = dialect->version >= 140000;

	return buf_fmt(out,
	    "WITH w AS MATERIALIZED (%s LIMIT 200), l AS MATERIALIZED "
	    "(SELECT pid, %s AS since, min(locktype) FILTER (WHERE NOT "
	    "granted) AS type, min(mode) FILTER (WHERE NOT granted) AS "
	    "mode, min(database) AS database, coalesce(min(relation) "
	    "FILTER (WHERE NOT granted), min(relation)) AS relation FROM "
	    "pg_locks WHERE (NOT granted OR locktype = 'tuple') AND "
	    "(SELECT count(*) FROM w) > 0 GROUP BY pid) SELECT w.pid, "
	    "b.pid, " SINCE("coalesce(l.since, w.since)") ", l.type, l.mode, "
	    RELATION("l.database", "l.relation")
	    " FROM w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS "
	    "b(pid) LEFT JOIN l ON l.pid = w.pid LIMIT 20000",
	    dialect->rights
		? "SELECT pid, state_change AS since FROM pg_stat_activity "
		  "WHERE wait_event_type = 'Lock' ORDER BY state_change"
		: "SELECT DISTINCT pid, NULL::timestamptz AS since "
		  "FROM pg_locks WHERE NOT granted",
	    since ? "min(waitstart)" : "NULL::timestamptz");
}

/* How much of the phase is done; of indexes only 17 tells. */
static bool
write_vacuum(struct buf *out, const struct pg_dialect *dialect)
{
	return buf_fmt(out,
	    "SELECT p.pid, coalesce(" RELATION("p.datid", "p.relid")
	    ", p.datname || ' ' || p.relid), p.phase, CASE WHEN p.phase = "
	    "'scanning heap' THEN p.heap_blks_scanned::float8 / "
	    "nullif(p.heap_blks_total, 0) WHEN p.phase = 'vacuuming heap' "
	    "THEN p.heap_blks_vacuumed::float8 / nullif(p.heap_blks_total, "
	    "0) %sEND, " SINCE("a.query_start")
	    " FROM pg_stat_progress_vacuum p LEFT JOIN pg_stat_activity a "
	    "ON a.pid = p.pid ORDER BY p.pid LIMIT 50",
	    dialect->version >= 170000
		? "WHEN p.indexes_total > 0 THEN "
		  "p.indexes_processed::float8 / p.indexes_total "
		: "");
}
/* clang-format on */

static bool
write_slots(struct buf *out, const struct pg_dialect *dialect)
{
	return buf_fmt(out,
	    "SELECT slot_name, active, pg_wal_lsn_diff(" WAL_NOW
	    ", restart_lsn), %s FROM pg_replication_slots "
	    "ORDER BY 3 DESC NULLS LAST LIMIT 50",
	    dialect->version >= 130000 ? "wal_status" : "NULL::text");
}

/* "schema".pg_stat_statements */
static void
write_view(struct buf *out, const struct pg_extension *extension)
{
	buf_char(out, '"');
	for (const char *c = extension->schema; *c != '\0'; c++) {
		if (*c == '"')
			buf_char(out, '"');
		buf_char(out, *c);
	}
	buf_str(out, "\".pg_stat_statements");
}

static bool
write_statements(struct buf *out, const struct pg_dialect *dialect)
{
	const struct pg_extension *extension = &dialect->statements;
	const char *exec = extension->exec_time ? "_exec" : "";
	const char *io = extension->shared_io ? "shared_" : "";

	buf_fmt(out,
	    "SELECT queryid, userid, dbid, calls, total%s_time, max%s_time, "
	    "rows, %sblk_read_time + %sblk_write_time FROM ",
	    exec, exec, io, io);
	write_view(out, extension);
	return buf_fmt(out,
	    "(false) WHERE queryid IS NOT NULL%s "
	    "ORDER BY total%s_time DESC LIMIT 10000",
	    extension->toplevel ? " AND toplevel" : "", exec);
}

static bool
write_texts(struct buf *out, const struct pg_dialect *dialect)
{
	buf_str(out, "SELECT DISTINCT ON (queryid) queryid, "
		     "left(query, " TEXT_OF(1000) ") FROM ");
	write_view(out, &dialect->statements);
	return buf_str(
	    out, "(true) WHERE queryid = ANY ($1::bigint[]) ORDER BY queryid");
}

static bool
write_resets(struct buf *out, const struct pg_dialect *dialect)
{
	if (!dialect->statements.info)
		return buf_str(out, "SELECT NULL::bigint, NULL::float8");
	buf_str(out, "SELECT dealloc, extract(epoch FROM stats_reset) FROM ");
	write_view(out, &dialect->statements);
	return buf_str(out, "_info");
}

bool
pg_sql_write(struct buf *out, enum pg_ask ask, const struct pg_dialect *dialect)
{
	switch (ask) {
	case PG_ASK_EDGES:
		return write_edges(out, dialect);
	case PG_ASK_VACUUM:
		return write_vacuum(out, dialect);
	case PG_ASK_SLOTS:
		return write_slots(out, dialect);
	case PG_ASK_STATEMENTS:
		return write_statements(out, dialect);
	case PG_ASK_TEXTS:
		return write_texts(out, dialect);
	case PG_ASK_RESETS:
		return write_resets(out, dialect);
	default:
		return buf_str(out, fixed[ask]);
	}
}
