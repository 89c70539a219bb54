/*
 * The inside of a connection, shared by the file that opens it and the one
 * that asks. thread: owner.
 */
#ifndef SEV_DATASRC_PG_IMPL_H
#define SEV_DATASRC_PG_IMPL_H

#include "datasrc/pg_conn.h"

struct pg_conn;

struct pg_connection {
	struct pg_conn *pq; /* libpq's PGconn */
	int64_t statement_ms;
	int64_t lock_ms;
	const char *search_path; /* borrowed; NULL: that of the role */
	size_t max_bytes;
	bool write;
	bool wrap;    /* limits and BEGIN in each group of questions */
	bool refused; /* start-up parameters were: a pooler */
	bool dead;
	uint64_t run_bytes;  /* received before this run */
	uint64_t seen_bytes; /* by FIONREAD, where TCP can't be asked */
	char place[PG_TARGET_TEXT_LEN];
};

#endif
