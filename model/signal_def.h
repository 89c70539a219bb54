/*
 * The definition of a signal: a metric expression with thresholds, as the
 * configuration states it. Evaluation lives with the watch thread; the
 * selectors stay text here and are parsed by model/selector.h.
 *
 *	error_rate:
 *	  ratio: {of: 'http_requests_total{status=~"5.."}',
 *	    to: http_requests_total}
 *	  window: 5m
 *	  warn: "> 1%"
 *	  crit: "> 5%"
 *	  for: 5m
 *
 * thread: read-only after loading, so any.
 */
#ifndef SEV_MODEL_SIGNAL_DEF_H
#define SEV_MODEL_SIGNAL_DEF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/conf.h"
#include "base/num.h"
#include "base/opt.h"
#include "model/section.h"

/* kind, its key in the configuration, what it is (help) */
#define SIGNAL_KINDS(X)                                                        \
	X(VALUE, "value", "the newest value of a gauge")                       \
	X(RATE, "rate", "increase per second of a counter in the window")      \
	X(GROWTH, "growth", "newest minus oldest value in the window")         \
	X(RATIO, "ratio", "rate of one counter by the rate of another")        \
	X(SHARE, "share", "value of one gauge by the value of another")        \
	X(QUANTILE, "quantile", "quantile of a histogram in the window")

enum signal_kind {
#define X(kind, key, help) SIGNAL_##kind,
	SIGNAL_KINDS(X)
#undef X
	SIGNAL_KIND_COUNT,
};

/* How the values of several matching series become one. */
enum signal_agg {
	SIGNAL_SUM,
	SIGNAL_MAX,
	SIGNAL_MIN,
	SIGNAL_AVG,
};

/* A selector as text, with its place for the message of its parser. */
struct signal_selector {
	const char *text; /* NULL: this kind has none here */
	struct conf_pos pos;
};

struct signal_def {
	const char *name;
	const char *title;  /* never NULL: the name, when not stated */
	enum num_unit unit; /* stated, or taken from thresholds and kind */
	const char *source; /* only series of this source; NULL: of any */
	enum signal_kind kind;
	enum signal_agg agg;	   /* sum unless stated */
	struct signal_selector of; /* always there */
	struct signal_selector to; /* ratio and share */
	double q;		   /* quantile: 0 to 1 */
	int64_t window_ns;	   /* 0 for value and share */
	struct threshold warn;	   /* either may be unset; both: shown only */
	struct threshold crit;
	struct threshold recover; /* unset: as soon as warn or crit is false */
	int64_t for_ns;		  /* true this long before it counts */
	int64_t recover_for_ns;	  /* good this long before it is over */
	bool optional;		  /* not there before a series matches */
	struct conf_pos pos;	  /* of its name in the file */
};

/* Rows of one signal, for help and schemas. */
extern const struct opt_table signal_def_opts;

/*
 * Reads one signal from its map node (key: its name) into *ret, which the
 * caller zeroed. Problems go to errors. ERR_OK, ERR_CONFIG or ERR_NOMEM.
 */
enum err_code signal_def_read(const struct conf_node *node, struct arena *arena,
    struct conf_errors *errors, struct signal_def *ret) ATTR_MUST_USE;

/*
 * "> 5%", ">= 2s", "< 1", "== 0", "> 64MiB", "> 3/s". Percentages become
 * shares of 1, times seconds, sizes bytes, "/m" and "/h" per second.
 * *ret_unit is what the unit says, NUM_NONE without one. False, with the
 * outputs untouched, when text is no comparison.
 */
bool signal_threshold_parse(const char *text, struct threshold *ret,
    enum num_unit *ret_unit) ATTR_MUST_USE;

/* Whether value is past the threshold; false when unset or NaN. */
bool signal_threshold_hit(const struct threshold *threshold, double value);

/* Words as the configuration writes them; never NULL. */
const char *signal_kind_name(enum signal_kind kind);
const char *signal_compare_text(enum compare compare); /* ">=" */

#endif
