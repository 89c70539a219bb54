/*
 * Changing the template of a Cloud Run service, which makes a new revision.
 * All that is not named stays as it was read, also what sevtop does not
 * know; only the template's own revision name goes, for it is taken.
 * thread: any.
 */
#ifndef SEV_ACTIONS_GCP_RUN_TEMPLATE_H
#define SEV_ACTIONS_GCP_RUN_TEMPLATE_H

#include "actions/gcp_run_act.h"

/* Environment variables by name; null: it goes. */
extern const struct run_edit run_env_edit;

/* What a revision may use; null: Google's default. */
#define RUN_CPU		"cpu"
#define RUN_MEMORY	"memory"
#define RUN_CONCURRENCY "concurrency"
#define RUN_TIMEOUT	"timeout"
#define RUN_MIN		"min_instances" /* of each revision, beside the service's */
#define RUN_MAX		"max_instances"
extern const struct run_edit run_limits_edit;

/* What a template has of that name, in out; NULL: Google's default. */
const char *run_limit_now(
    const struct cJSON *template, const char *name, char out[32]);

/* Whether two of that name mean the same ("2Gi" and "2048Mi"). */
bool run_limit_same(const char *name, const char *a, const char *b);

/* The words of a body with what is different in it: "A=1, without B". All of
 * that, or, when it did not fit, that the plan's lines say it. */
struct text run_template_words(
    struct arena *arena, const struct buf *different);

#endif
