/*
 * The way of a log line from bytes to the log store: taken apart, redacted,
 * cleaned, appended in batches. Everything is counted.
 * thread: owner.
 */
#ifndef SEV_DATASRC_LOGINGEST_H
#define SEV_DATASRC_LOGINGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/logparse.h"
#include "model/logstore.h"

struct logcount;
struct redactor;
struct logingest;

/* What came through since the start. */
struct logingest_counts {
	uint64_t lines;			    /* heads; what goes on apart */
	uint64_t by_level[LOG_LEVEL_COUNT]; /* of these */
	uint64_t timeless;		    /* of these, without a time */
	uint64_t bytes;
	uint64_t lost; /* for want of memory; the store counts them, too */
};

/* redactor (may be NULL) and logs are borrowed. */
enum err_code logingest_new(struct logstore *logs, uint16_t source,
    const struct redactor *redactor, enum logparse_format format,
    enum logtime_zone zone, struct logingest **ret_ingest,
    struct err *err) ATTR_MUST_USE;

/* Drops what was not flushed. NULL is allowed. Returns NULL. */
struct logingest *logingest_free(struct logingest *ingest);

/* Every line from now on is shown to count as well; borrowed, may be NULL. */
void logingest_count(struct logingest *ingest, struct logcount *count);

/* Time of the lines to come: clock_now() and clock_wall_ms(). */
void logingest_at(struct logingest *ingest, int64_t now, int64_t wall_ms);

/*
 * One line without its line feed. cut: bytes of it that were left out.
 * flags: LOG_OPEN: its end is not there yet; LOG_CONT: it goes on with the
 * line before, whatever it looks like.
 */
void logingest_line(struct logingest *ingest, const char *bytes, size_t len,
    uint64_t cut, unsigned flags);

/* One line that its source has taken apart; borrowed for the call. */
void logingest_parsed(
    struct logingest *ingest, const struct logparse_line *parsed);

/* A line of sevtop's own; what comes then goes on with nothing before. */
void logingest_notice(struct logingest *ingest, struct text words);

/* Appends what is batched. */
void logingest_flush(struct logingest *ingest);

/* Borrowed; valid as long as ingest. */
const struct logingest_counts *logingest_counts(const struct logingest *ingest);

#endif
