/*
 * Moving the traffic of a Cloud Run service: what run.traffic and
 * run.rollback share.
 * thread: owner.
 */
#ifndef SEV_ACTIONS_GCP_RUN_TRAFFIC_H
#define SEV_ACTIONS_GCP_RUN_TRAFFIC_H

#include "actions/gcp_run_split.h"

/* Revisions of a service, the newest first; in the arena of the call. */
struct run_revisions {
	struct run_revision *list;
	size_t count;
	size_t cap;
};

/* A move that is being planned. */
struct run_move {
	struct run_act act;
	struct run_revisions revisions;
	struct run_split now;	 /* as it is asked for */
	struct run_split served; /* as it is, LATEST as the revision it is */
	char ready[GCP_SERVICE_MAX]; /* the latest that is; "": none */
};

/*
 * Reads the service of the first target and its revisions. Close it also
 * after a failure, with run_act_close(&move->act).
 */
enum err_code run_move_open(struct run_move *move, struct action_ctx *ctx,
    struct err *err) ATTR_MUST_USE;

/* NULL: there is none of that name. */
const struct run_revision *run_move_find(
    const struct run_move *move, const char *name);

/* Whether the names are those of revisions that can take traffic. */
enum err_code run_move_check(const struct run_move *move,
    const struct run_split *to, struct err *err) ATTR_MUST_USE;

/* Everything of the plan: lines, reach, traps, what is sent, and the undo. */
enum err_code run_move_plan(struct run_move *move, const struct run_split *to,
    struct plan *plan, struct err *err) ATTR_MUST_USE;

/* Name of a revision as its bytes, in out. */
const char *run_revision_name(
    const struct run_revision *revision, char out[GCP_SERVICE_MAX]);

#endif
