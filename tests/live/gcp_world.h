/*
 * The actions of the program on the service "shop" of tests/live/gcpserver.py
 * (gcprun.py), and what is true there.
 * thread: main.
 */
#ifndef SEV_TESTS_GCP_WORLD_H
#define SEV_TESTS_GCP_WORLD_H

#include "tests/actions/fake.h"

struct cJSON;

/* The server; false: said why. */
bool gcp_start(void);
void gcp_stop(void);

/*
 * Asks /run of it: "reset=1", "pinned=REVISION", "lie=NAME". What is true,
 * which lives until the next call.
 */
const struct cJSON *gcp_truth(const char *query);
const char *gcp_truth_text(const char *key);
int64_t gcp_truth_number(const char *key);

/* A platform with that source, and what more says in YAML. */
bool gcp_begin(struct fake_world *world, const char *more);
void gcp_end(struct fake_world *world);

/* Plans; the job, whose view has the plan or says why there is none. */
uint64_t gcp_plan(struct fake_world *world, const char *action,
    const char *target, const struct request_value *values, size_t count,
    struct job_view *view);

/* Does what is planned, and waits for the end of it. */
void gcp_confirm(struct fake_world *world, uint64_t job, struct job_view *view);

/* The line of a plan with this label (NULL: none), and what it says. */
const struct plan_line *gcp_line(const struct plan *plan, const char *label);
void gcp_is_line(const struct plan *plan, const char *label, const char *old,
    const char *new);
bool gcp_has_trap(const struct plan *plan, const char *words);

/* The one request that will be sent has these words. */
void gcp_sends(const struct plan *plan, const char *words);

#endif
