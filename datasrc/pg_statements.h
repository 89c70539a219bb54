/*
 * What statements cost between two readings of pg_stat_statements. Its
 * counters grow for ever, so their totals say what was slow last month; the
 * difference of two readings says what is slow now.
 *
 * An entry that was evicted or reset and came back counts from zero, which
 * then is its growth. An entry that was not there before has grown by all it
 * shows, provided that the reading before was a whole one.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_PG_STATEMENTS_H
#define SEV_DATASRC_PG_STATEMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "datasrc/limits.h"
#include "datasrc/pg_result.h"
#include "model/build.h"

struct redactor;

/* One statement in the span between two readings. */
struct pg_statement {
	int64_t id;
	double calls;
	double ms;
	double max_ms; /* since its entry was made: all there is */
	double rows;
	double io_ms; /* reading and writing blocks */
};

struct pg_statement_entry; /* as it was read */
struct pg_statement_text;  /* kept, because asking for texts is costly */

struct pg_statements {
	struct pg_statement_entry *last; /* by id, user, database */
	size_t last_count;
	bool last_whole; /* nothing was cut off */
	double last_s;	 /* the server's clock; 0: nothing read yet */
	double evicted;	 /* entries, since the server's start; NaN */

	struct pg_statement top[PG_TOP_MAX]; /* by time, most first */
	size_t top_count;
	double span_s; /* of the differences; 0: none yet */
	double calls;  /* of all statements in the span */
	double ms;
	size_t count;	  /* statements that ran */
	double evictions; /* in the span; NaN: unknown */

	struct pg_statement_text *texts;
};

#define PG_STATEMENTS_INIT                                                     \
	{                                                                      \
		.last = NULL                                                   \
	}

void pg_statements_release(struct pg_statements *s);

/*
 * Takes a reading (PG_ASK_STATEMENTS, PG_ASK_RESETS) of the time now_s on
 * the server's clock. ERR_NOMEM: nothing has changed.
 */
enum err_code pg_statements_read(struct pg_statements *s,
    const struct pg_result *result, const struct pg_result *resets,
    double now_s, struct err *err) ATTR_MUST_USE;

/*
 * Parameter for PG_ASK_TEXTS: the ids of top whose text is not known, as
 * "{1,2}". False: there is nothing to ask.
 */
enum {
	PG_IDS_TEXT_LEN = PG_TOP_MAX * 21 + 2
};
bool pg_statements_missing(
    const struct pg_statements *s, char out[PG_IDS_TEXT_LEN]);

/* Takes the answer to it. ERR_NOMEM. */
enum err_code pg_statements_texts(struct pg_statements *s,
    const struct pg_result *result, struct err *err) ATTR_MUST_USE;

/*
 * Table "statements", row "statements", pg_statement_seconds. io_timing: the
 * server keeps the times of reads and writes.
 */
void pg_statements_report(struct build *build, const struct pg_statements *s,
    bool io_timing, const struct redactor *redactor);

#endif
