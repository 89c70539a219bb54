/*
 * What is asked of a PostgreSQL server: one text for each question, fit for
 * its version (12 to 18) and for what its extension and our role can do.
 * Every statement was run on each of these versions. Names of the extension's
 * schema are quoted; nothing else in a text comes from outside.
 *
 * The texts are kind to the server: sizes come from pg_class instead of the
 * size functions, which would wait behind an ACCESS EXCLUSIVE lock; the lock
 * table is read only while somebody waits.
 * thread: any.
 */
#ifndef SEV_DATASRC_PG_SQL_H
#define SEV_DATASRC_PG_SQL_H

#include <stdbool.h>

#include "base/buf.h"
#include "datasrc/limits.h"

/* The view pg_stat_statements as it was found. */
struct pg_extension {
	bool there;
	char schema[PG_NAME_MAX];
	bool exec_time; /* total_exec_time, not total_time */
	bool toplevel;
	bool shared_io; /* shared_blk_read_time, not blk_read_time */
	bool info;	/* pg_stat_statements_info is there */
};

/* What the texts depend on. */
struct pg_dialect {
	int version; /* 150018 */
	bool rights; /* all sessions may be seen: pg_read_all_stats */
	struct pg_extension statements;
};

/*
 * The questions and their columns, in this order.
 *
 * FACTS	standby, start, now (s since 1970), max_connections, reserved
 *		for superusers, reserved, role, database, rights, track_io
 * IDENTITY	system identifier
 * EXTENSION	version, schema, exec_time, toplevel, shared_io, info
 * COUNTS	kind, number, longest query, transaction, state (s), hidden
 * SESSIONS	pid, start (us since 1970), user, database, app, client, type,
 *		state, wait type, wait, query, xact, state (s), text, kind
 * EDGES	waiter, blocker, waits (s), lock type, mode, relation
 * DATABASES	name, hits, reads, commits, rollbacks, temp bytes, deadlocks,
 *		reset (s since 1970)
 * VACUUM	pid, relation, phase, done, since (s)
 * REPLICAS	name, client, state, sync, lag bytes, lag (s), pid
 * STANDBY	receivers, lag bytes, lag (s), paused
 * SLOTS	name, active, retained bytes, status
 * AGES		database, xid age, multixact age, freeze_max_age
 * STATEMENTS	queryid, user, database (OIDs), calls, ms, longest ms, rows,
 *		i/o ms, 15.x and older: null where unknown
 * RESETS	deallocations, reset (s since 1970)
 * TEXTS	queryid, text; $1: ids
 * RELATIONS	schema, name, bytes, live, dead, vacuum (s since 1970), xid age
 * BYTES	of the database, estimated
 */
enum pg_ask {
	PG_ASK_FACTS,
	PG_ASK_IDENTITY,
	PG_ASK_EXTENSION,
	PG_ASK_COUNTS,
	PG_ASK_SESSIONS,
	PG_ASK_EDGES,
	PG_ASK_DATABASES,
	PG_ASK_VACUUM,
	PG_ASK_REPLICAS,
	PG_ASK_STANDBY,
	PG_ASK_SLOTS,
	PG_ASK_AGES,
	PG_ASK_STATEMENTS,
	PG_ASK_RESETS,
	PG_ASK_TEXTS,
	PG_ASK_RELATIONS,
	PG_ASK_BYTES,
	PG_ASK_COUNT,
};

/*
 * Appends the text of a question; FACTS, IDENTITY and EXTENSION need no
 * dialect. False when out does not hold it.
 */
bool pg_sql_write(
    struct buf *out, enum pg_ask ask, const struct pg_dialect *dialect);

#endif
