/*
 * What the answers of a PostgreSQL server mean, as rows of a payload. No I/O:
 * the same answers give the same rows. The columns of an answer are those
 * that pg_sql.h lists; an answer that is NULL, or lacks a column, leaves its
 * values missing. Ages come from the server's clock.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_PG_REPORT_H
#define SEV_DATASRC_PG_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "datasrc/limits.h"
#include "datasrc/pg_locktree.h"
#include "datasrc/pg_result.h"
#include "model/build.h"

struct redactor;

/* From where on something is a warning or an alarm; 0: never. */
struct pg_limits {
	int64_t connections_warn; /* % of what ordinary roles may have */
	int64_t connections_crit;
	int64_t lock_warn_ns; /* longest wait for a lock */
	int64_t lock_crit_ns;
	int64_t query_warn_ns; /* a statement that runs */
	int64_t idle_warn_ns;  /* a transaction that idles */
	int64_t lag_warn_ns;   /* of a replica */
	int64_t lag_crit_ns;
	int64_t slot_warn; /* bytes that a slot retains */
	int64_t xid_warn;  /* transactions since the oldest frozen one */
	int64_t xid_crit;
};

/* The server as it said of itself. */
struct pg_facts {
	bool known;
	bool standby;
	bool rights;	/* we may see all sessions */
	bool io_timing; /* times of reads and writes are kept */
	int version;
	double started_s; /* since 1970 */
	double now_s;	  /* the server's clock */
	double room;	  /* connections that ordinary roles may have */
	double reserved;  /* and others beside them */
	char role[PG_NAME_MAX];
	char database[PG_NAME_MAX];
	char identity[PG_IDENTITY_MAX]; /* "": not to be had */
};

/* From PG_ASK_FACTS; identity and version stay as they are. */
void pg_facts_read(struct pg_facts *facts, const struct pg_result *result);

/* From PG_ASK_IDENTITY; NULL: it was refused. */
void pg_facts_identify(struct pg_facts *facts, const struct pg_result *result);

/* Sessions by what they do, and the longest of each; NaN: none. */
struct pg_counts {
	bool known;
	double running, waiting, idle, idle_in_tx, other;
	double used;   /* all of them and we ourselves */
	double hidden; /* of other, for lack of rights */
	double query_s, xact_s, idle_s;
	char app[PG_NAME_MAX]; /* that has the most of them; "": unknown */
	double app_count;
};

/* From PG_ASK_COUNTS, and PG_ASK_SESSIONS for who has the most. */
void pg_counts_read(struct pg_counts *counts, const struct pg_result *result,
    const struct pg_result *sessions);

/* The application that most clients give as their name, cut to out. */
double pg_sessions_app(const struct pg_result *sessions, char out[PG_NAME_MAX]);

/* "12 running, 40 idle; 38 are api's": what there is of each. */
enum {
	PG_COUNTS_TEXT_LEN = 160
};
char *pg_counts_text(
    const struct pg_counts *counts, char out[PG_COUNTS_TEXT_LEN]);

/* How the connection to the server is; for the row that stands for it. */
struct pg_link {
	int64_t took_ns; /* of the shortest question */
	bool pooled;
	bool open_text;
};

/* The server's row and note, metrics of its latency and age, its clock. */
void pg_report_server(struct build *build, const char *name,
    const struct pg_facts *facts, const struct pg_link *link);

/* Events of a restart, a failover, another server; last may be unknown. */
void pg_report_changes(struct build *build, const struct pg_facts *last,
    const struct pg_facts *now, int64_t wall_ms);

/* Rows "connections", "transactions" and "rights", and their metrics. */
void pg_report_counts(struct build *build, const struct pg_facts *facts,
    const struct pg_counts *counts, const struct pg_limits *limits);

/* Who waits for whom, and the sessions to look the names up in. */
struct pg_locks {
	const struct pg_result *sessions; /* PG_ASK_SESSIONS */
	const struct pg_result *edges;	  /* PG_ASK_EDGES */
	struct pg_lock_edge *list;	  /* the same, read */
	size_t count;
	struct pg_locktree tree;
};

/* Makes the tree; release also after a failure. ERR_NOMEM. */
enum err_code pg_locks_read(struct pg_locks *locks,
    const struct pg_result *sessions, const struct pg_result *edges,
    struct err *err) ATTR_MUST_USE;
void pg_locks_release(struct pg_locks *locks);

/* Tables "sessions" and "locks", row "locks", metrics of waiting. */
void pg_report_sessions(struct build *build, const struct pg_locks *locks,
    const struct pg_limits *limits, const struct redactor *redactor);
void pg_report_locks(struct build *build, const struct pg_locks *locks,
    const struct pg_limits *limits, const struct redactor *redactor);

/* Counters of one database at the last poll. */
struct pg_database {
	char name[PG_NAME_MAX];
	double hits, reads, commits, rollbacks, temp_bytes;
};

/* What the next report is compared with; zeroed before the first. */
struct pg_databases {
	struct pg_database list[PG_DATABASES_MAX];
	size_t count;
	double at_s; /* the server's clock */
};

/* Table "databases", counters, the hit ratio since the last poll. */
void pg_report_databases(struct build *build, struct pg_databases *last,
    const struct pg_result *result, double now_s);

/* Table "relations", pg_database_bytes. */
void pg_report_relations(struct build *build, const struct pg_result *relations,
    const struct pg_result *bytes);

/* Table "vacuum". */
void pg_report_vacuum(struct build *build, const struct pg_result *result);

/* Row "wraparound", pg_xid_age. */
void pg_report_ages(struct build *build, const struct pg_result *result,
    const struct pg_limits *limits);

/* Table "replicas", row "replication", metrics of lag and of slots. */
void pg_report_replication(struct build *build, const struct pg_facts *facts,
    const struct pg_result *replicas, const struct pg_result *standby,
    const struct pg_result *slots, const struct pg_limits *limits);

/* A pid: all its digits, and the number. */
void pg_cell_pid(struct build *build, size_t column, int64_t pid);

/* STATE_OK below warn; a limit of 0 is never reached. */
enum state pg_state_of(double value, double warn, double crit);

#endif
