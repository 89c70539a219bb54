/*
 * How often a source may ask, where a quota of Google's is shared with
 * others: a share of it, kept as a bucket of questions that fills up at an
 * even pace. All dashboards together, in any minute, stay within it.
 *
 * When Google says nevertheless that there were too many, others use the
 * quota, too: the pace is halved, down to GCP_PACE_SLOWEST_S, and doubled
 * again after GCP_PACE_CALM good answers.
 * thread: owner.
 */
#ifndef SEV_DATASRC_GCP_PACE_H
#define SEV_DATASRC_GCP_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct gcp_pace {
	int64_t own_ns; /* from one question to the next, undisturbed */
	int64_t every_ns;
	double capacity; /* questions */
	double left;	 /* the same, at filled_at */
	int64_t filled_at;
	unsigned calm; /* good answers since the pace last changed */
};

/* quota: questions a minute of all; dashboards: how many share it. */
void gcp_pace_init(
    struct gcp_pace *pace, double quota, int64_t dashboards, int64_t now);

/* Takes one question; false: it is not yet time. */
bool gcp_pace_take(struct gcp_pace *pace, int64_t now);

/* How long until there is one; 0: there is. */
int64_t gcp_pace_wait_ns(const struct gcp_pace *pace, int64_t now);

/* Google said that there were too many; or answered. */
void gcp_pace_refused(struct gcp_pace *pace);
void gcp_pace_answered(struct gcp_pace *pace);

/* Whether it is slower than its share allows. */
bool gcp_pace_is_slowed(const struct gcp_pace *pace);

#endif
