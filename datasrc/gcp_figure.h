/*
 * Figures of Google Cloud Monitoring: what Google is asked for each, one
 * question for each type of metric, and the points of its answer.
 *
 * A question is summed over revisions, nodes and, unless there are several,
 * regions. Latencies come as distributions, of which all quantiles are made
 * (gcp_distribution.h); CPU and memory as Google's own 99th percentile.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_GCP_FIGURE_H
#define SEV_DATASRC_GCP_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/num.h"
#include "base/opt.h"
#include "base/text.h"
#include "datasrc/gcp_turns.h"

struct arena;
struct buf;
struct build;
struct cJSON;
struct redactor;

enum {
	GCP_QUANTILES = 3
};

extern const double gcp_quantiles[GCP_QUANTILES];

struct gcp_figure {
	const char *name;     /* in `figures:`; several rows may share one */
	const char *type;     /* of the metric */
	const char *resource; /* "cloud_run_revision" */
	const char *subject;  /* its label that says what the figure is of */
	const char *place;    /* its label that says where */
	const char *part;     /* label of the metric to split by; or NULL */
	const char *aligner;
	const char *reducer;
	bool spread;	    /* quantiles of a distribution */
	double scale;	    /* to our unit; 0: it is in ours */
	const char *metric; /* ours */
	enum num_unit unit;
	const char *key;   /* our label of the subject */
	const char *split; /* our label of the part, or of fixed */
	const char *fixed; /* value of split where there is no part */
	unsigned every;	   /* asked in every so many polls */
};

extern const struct gcp_figure gcp_figures[];
extern const size_t gcp_figure_count;

/* The newest point of one subject and part. */
struct gcp_point {
	struct text subject;
	struct text region; /* empty: summed over them */
	struct text part;
	double values[GCP_QUANTILES]; /* a number is values[0] */
	double end_ms;
};

struct gcp_points {
	struct arena *arena; /* owns the texts; NULL: none yet */
	struct gcp_point *points;
	size_t count;
	size_t cap;
	bool starved; /* no memory for all of them */
};

/* A figure that is asked for, with the last good answer. */
struct gcp_question {
	struct gcp_due due;
	const struct gcp_figure *figure;
	struct gcp_points points;
	struct gcp_points known; /* whatever had points since the start */
	struct err why; /* of the last answer; code ERR_OK: it was good */
};

/* Which of them; borrowed. */
struct gcp_scope {
	const char *project;
	const struct opt_list *regions;	 /* empty: all, summed */
	const struct opt_list *services; /* empty: all */
	int64_t wall_ms;
	bool past; /* GCP_PAST_H by the hour: who is there, even if quiet now */
};

/*
 * Appends the question's path. It ends on a whole minute, so that no bucket
 * is half full. False: out is full.
 */
bool gcp_figure_path(struct buf *out, const struct gcp_figure *figure,
    const struct gcp_scope *scope);

/* The same for what is selected by words: one series, not split. */
bool gcp_selector_path(
    struct buf *out, const char *selector, const struct gcp_scope *scope);

/* Empties points; false: no memory. Fine on a struct that is all zero. */
bool gcp_points_clear(struct gcp_points *points);
void gcp_points_release(struct gcp_points *points);

/*
 * Adds one page of an answer. Of a series that is there twice, as one cut in
 * two by a page is, the newer point stays; more than GCP_POINTS_MAX are left
 * out. figure NULL: of a selector. points->starved tells of no memory.
 */
void gcp_points_add(struct gcp_points *points, const struct gcp_figure *figure,
    const struct gcp_scope *scope, const struct redactor *redactor,
    const struct cJSON *page);

/* Remembers who had points; false: no memory. */
bool gcp_points_keep(struct gcp_points *known, const struct gcp_points *points);

/* Of the same subject, region and part; NULL: there is none. */
const struct gcp_point *gcp_points_find(
    const struct gcp_points *points, const struct gcp_point *like);

/*
 * Metrics of all figures, and what services use now as table "use". Points
 * that ended before oldest_ms are left out. Where a figure is split, a part
 * that is behind the others by more than GCP_SPLIT_LATE_S is 0: Google
 * writes nothing where nothing was. Who had points before and has none now
 * has NaN, as there is nothing to measure; unless late, when all points are
 * older than that and nothing is known of now. False: no memory.
 */
bool gcp_figures_report(const struct gcp_question *questions, size_t count,
    double oldest_ms, bool late, struct build *build) ATTR_MUST_USE;

#endif
