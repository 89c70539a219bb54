/*
 * Log lines of all sources, merged in the order of arrival, bounded in
 * bytes. The oldest make room, and how many went is counted: what is dropped
 * is never dropped in silence. Every line has a sequence number that never
 * comes again, so a view keeps its place while lines come and go.
 * thread: any. Lock: the log store's own, a leaf; texts are copied in and
 * out under it, nothing else happens there.
 */
#ifndef SEV_MODEL_LOGSTORE_H
#define SEV_MODEL_LOGSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/text.h"
#include "base/thread.h"

/* Severity of a line, from whatever words the source uses for it. */
enum log_level {
	LOG_LEVEL_NONE, /* not said */
	LOG_LEVEL_TRACE,
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_FATAL,
	LOG_LEVEL_COUNT,
};

/* Flags of a line. */
enum {
	LOG_CONT = 1,	 /* goes on with the source's line before: a stack */
	LOG_NOTICE = 2,	 /* sevtop's own words: "truncated" */
	LOG_NO_ZONE = 4, /* wall_ms was without a zone; taken as configured */
	LOG_OPEN = 8,	 /* its end was not written yet when it was shown */
};

struct log_line {
	uint64_t seq;	    /* set by the store */
	int64_t wall_ms;    /* from the line itself, else when it was read */
	int64_t read_at;    /* clock_now() when it was read */
	bool has_time;	    /* wall_ms was in the line */
	uint8_t level;	    /* enum log_level */
	uint8_t flags;	    /* LOG_* */
	uint16_t source;    /* number from logstore_add_source() */
	struct text text;   /* the message, clean */
	struct text fields; /* "key=value key=value" of a structured line */
};

enum {
	LOG_SOURCES_MAX = 64
};

struct logstore;

struct logstore *logstore_new(size_t max_bytes, struct err *err) ATTR_MUST_USE;
struct logstore *logstore_free(struct logstore *logs); /* NULL is allowed */

/* Registers a source by name (cleaned, cut to NAME_MAX_LEN). */
enum err_code logstore_add_source(struct logstore *logs, const char *name,
    uint16_t *ret_source, struct err *err) ATTR_MUST_USE;

/* Name of a source; valid as long as the store. */
struct text logstore_source_name(const struct logstore *logs, uint16_t source);

/* Appends copies in order and wakes the subscriber. */
void logstore_append(
    struct logstore *logs, const struct log_line *lines, size_t count);

/* Counts lines that a source had to leave out before they got here. */
void logstore_count_dropped(struct logstore *logs, uint64_t count);

struct logstore_stats {
	uint64_t first_seq; /* oldest line still here */
	uint64_t next_seq;  /* the next line's number */
	uint64_t evicted;   /* lines that made room */
	uint64_t dropped;   /* lines that sources left out */
	size_t bytes;
	size_t max_bytes;
};
void logstore_stats(struct logstore *logs, struct logstore_stats *ret_stats);

/*
 * Copies lines seq, seq + 1, ... into out (at most max), texts into arena.
 * Starts at the oldest line when seq is gone already. Returns the count; it
 * is less than what is there only when arena has no room for more. Texts of
 * more than LOG_TEXT_MAX bytes were cut when they were appended.
 */
size_t logstore_copy(struct logstore *logs, uint64_t seq, struct log_line *out,
    size_t max, struct arena *arena);

/*
 * Borrowed; signalled after appends until NULL takes its place. One at most.
 * A signal may still be on its way then: the wake stays valid until the
 * threads that append have ended.
 */
void logstore_subscribe(struct logstore *logs, struct wake *wake);
bool logstore_has_subscriber(struct logstore *logs);

/*
 * Who reads lines for the store is told when a subscriber comes or goes:
 * without one there is no hurry. Borrowed for as long as the store lives.
 */
void logstore_tell_reader(struct logstore *logs, struct wake *wake);

/* Signals the subscriber, for a view that found something to draw. */
void logstore_notify(struct logstore *logs);

/*
 * For the thread of a view. While one watches, appends wake it instead of
 * the subscriber, who is then notified of results instead of raw lines and
 * draws once, not twice.
 */
void logstore_watch(struct logstore *logs, bool on);

/*
 * Waits until a line behind seq is there, somebody pokes, or the deadline.
 * pokes: what logstore_pokes() said before the caller looked for work.
 */
void logstore_wait(
    struct logstore *logs, uint64_t seq, uint64_t pokes, int64_t deadline);
uint64_t logstore_pokes(struct logstore *logs);
void logstore_poke(struct logstore *logs);

/* Lines a second that arrived in the five whole seconds before now. */
double logstore_rate(struct logstore *logs, int64_t now);

/* "ERROR", "WARN", ... for screen and JSON; "" for none. */
const char *log_level_name(enum log_level level);

/* From any usual spelling or number (pino 50, syslog "err"); else NONE. */
enum log_level log_level_parse(const char *s, size_t len);

#endif
