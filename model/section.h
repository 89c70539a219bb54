/*
 * A section is one source's latest answer: who was asked, when, how it went,
 * and a payload with the rows that came back. Both are immutable once they
 * are published and reference counted, so any thread may read them for as
 * long as it holds a reference.
 *
 * A failed poll publishes a section too: it carries the payload of the last
 * good answer and says since when it is old and why. Old rows are therefore
 * never mistaken for new ones: the age of what is shown is now - good_at.
 *
 * Every source answers in the same shapes, so that a new source needs no
 * new panel and a new panel no new source: health, metric, table, event.
 * Log lines, the fifth shape, go to the log store (model/logstore.h).
 *
 * thread: any for reading. Rows are made with model/build.h.
 */
#ifndef SEV_MODEL_SECTION_H
#define SEV_MODEL_SECTION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/text.h"
#include "model/state.h"

/* One thing that is well or not: a probe, a queue, a replica. */
struct health {
	struct text target; /* unique within the section */
	enum state state;
	struct text detail; /* words that say why; may be empty */
	int64_t latency_ns; /* -1: not measured */
};

struct label {
	struct text key;
	struct text value;
};

enum metric_kind {
	METRIC_GAUGE,	/* drawn as it is */
	METRIC_COUNTER, /* only grows; drawn as a rate, reset-aware */
	METRIC_BUCKET,	/* counter of a histogram, with a label le */
};

struct metric {
	struct text name;
	const struct label *labels; /* sorted by key */
	uint32_t label_count;
	enum metric_kind kind;
	enum num_unit unit;
	double value; /* NaN: known to be missing */
	uint64_t id;  /* same name and labels: same id, in every poll */
};

enum column_kind {
	COLUMN_TEXT,
	COLUMN_NUMBER, /* with the column's unit; NaN is missing */
	COLUMN_STATE,  /* enum state in num, word in text */
	COLUMN_WALL,   /* wall clock ms in num; NaN is missing */
};

struct column {
	struct text name; /* stable: sorted by, and a key in JSON */
	enum column_kind kind;
	enum num_unit unit;
};

struct table_cell {
	struct text text;
	double num;
};

struct table_row {
	struct text key;  /* unique and stable: selection sticks to it */
	enum state state; /* colours the row */
	const struct table_cell *cells; /* column_count of them */
};

struct table {
	struct text name; /* unique within the section */
	const struct column *columns;
	size_t column_count;
	const struct table_row *rows;
	size_t row_count;
	size_t row_total; /* before the cap; more than row_count if cut */
};

enum event_kind {
	EVENT_DEPLOY,
	EVENT_RESTART,
	EVENT_FLAG,
	EVENT_SCALE,
	EVENT_STATE,  /* something turned bad or good */
	EVENT_ACTION, /* a mitigation */
	EVENT_OTHER,
	EVENT_KIND_COUNT,
};

/* Something that changed at a point in time. */
struct event {
	int64_t wall_ms;
	enum event_kind kind;
	struct text subject; /* what changed: "api", "runPrompt" */
	struct text text;    /* how: "1.0.0 to 1.0.1" */
};

enum compare {
	COMPARE_GT,
	COMPARE_GE,
	COMPARE_LT,
	COMPARE_LE,
	COMPARE_EQ
};

struct threshold {
	bool set;
	enum compare compare;
	double value;
};

/* A metric with thresholds, as the watch thread sees it now. */
struct signal {
	struct text name;
	struct text title;
	struct text platform;
	struct text why; /* why there is no value; empty when there is */
	enum num_unit unit;
	double value; /* NaN: unknown */
	bool idle; /* no value because nothing happened that could be judged */
	enum state state;
	int64_t since_wall_ms; /* of this state; 0: never evaluated */
	int64_t read_at; /* clock_now() of the newest answer in it; 0: none */
	struct threshold warn;
	struct threshold crit;
	uint64_t history; /* key in model/history.h */
};

enum alert_state {
	ALERT_PENDING,
	ALERT_FIRING,
	ALERT_RESOLVED
};

struct alert {
	struct text name; /* of the signal or the source that it is about */
	struct text title;
	struct text platform;
	struct text detail;  /* words; may be empty */
	enum state severity; /* STATE_WARN or STATE_CRIT, UNKNOWN for lost */
	enum alert_state state;
	int64_t since_wall_ms; /* when the condition became true */
	int64_t since;	       /* the same on clock_now() */
	enum num_unit unit;
	double value; /* NaN: has none */
	struct threshold threshold;
	bool is_signal; /* false: about a source or a health row */
};

/* Rows of one answer; constant once published. */
struct payload {
	atomic_uint refs;
	struct arena *arena; /* owns the rows */
	struct pool *pool;   /* may be NULL; owns texts that polls share */
	const struct health *health;
	size_t health_count;
	const struct metric *metrics;
	size_t metric_count;
	size_t metric_total; /* before the cap */
	const struct table *tables;
	size_t table_count;
	const struct event *events;
	size_t event_count;
	const struct signal *signals; /* the watch thread's section only */
	size_t signal_count;
	const struct alert *alerts; /* the watch thread's section only */
	size_t alert_count;
	struct text note; /* "redis 7.0.15", "bullmq 5.81"; may be empty */
};

struct section {
	atomic_uint refs;
	char name[NAME_MAX_LEN]; /* of the source; clean */
	char type[NAME_MAX_LEN]; /* source type: "redis" */
	char platform[NAME_MAX_LEN];
	char key[2 * NAME_MAX_LEN]; /* "platform/name": this source's alone */
	bool logs;		    /* it puts lines into the log store */
	uint64_t seq;		    /* grows with every publish of this slot */
	int64_t every_ns;   /* wanted interval, as the source keeps it */
	int64_t started_at; /* when the source was first asked */
	int64_t tried_at;   /* end of the last attempt; 0: none ended yet */
	int64_t good_at;    /* when payload was read; 0: never */
	int64_t good_wall_ms;
	int64_t failing_since; /* first failure of the present run; 0: none */
	int64_t next_at;    /* when the next attempt starts; 0: running now */
	int64_t latency_ns; /* of the last attempt; -1: unknown */
	uint32_t failures;  /* in a row */
	uint64_t polls;
	bool optional;		 /* not missed before it has answered once */
	enum err_code code;	 /* of the last attempt; ERR_OK is good */
	struct text why;	 /* clean, redacted; empty when good */
	struct arena *arena;	 /* owns why */
	struct payload *payload; /* NULL until the first good answer */
};

/* How far the rows of a section can be trusted at clock_now() time now. */
enum freshness {
	FRESH_ABSENT, /* optional, asked, and has never answered */
	FRESH_FIRST,  /* no answer yet, and none failed yet */
	FRESH_OK,
	FRESH_STALE, /* last poll failed, or older than twice its interval */
	FRESH_DOWN,  /* failing with no good answer for five intervals */
};
enum freshness section_freshness(const struct section *section, int64_t now);

/* One word for the kind of failure: "DOWN", "AUTH", "LIMITED", "BAD DATA". */
const char *section_word(const struct section *section);

struct section *section_new(void) ATTR_MUST_USE;
struct section *section_ref(struct section *section);
struct section *section_unref(struct section *section); /* returns NULL */

struct payload *payload_ref(struct payload *payload);
struct payload *payload_unref(struct payload *payload); /* NULL is allowed */

/* Finds by name; NULL when there is none. payload may be NULL. */
const struct table *payload_table(
    const struct payload *payload, const char *name);
const struct metric *payload_metric(
    const struct payload *payload, const char *name);

/* Column index by name, or -1. */
int table_column(const struct table *table, const char *name);

/* Value of a label, or the empty text. */
struct text metric_label(const struct metric *metric, const char *key);

/* Same name and labels: same id. labels are sorted by key. */
uint64_t metric_id(
    struct text name, const struct label *labels, uint32_t label_count);

/*
 * Texts that stay the same from poll to poll (series names, labels), shared
 * by payloads instead of copied. Only its maker adds to the arena.
 */
struct pool {
	atomic_uint refs;
	struct arena *arena;
};
struct pool *pool_new(size_t max) ATTR_MUST_USE;
struct pool *pool_ref(struct pool *pool);
struct pool *pool_unref(struct pool *pool); /* NULL is allowed */

#endif
