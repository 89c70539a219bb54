/*
 * What was done to a Cloud Run service before anybody looked: its newest
 * revisions, each against the one before it, as the events that watching
 * would have made of them (gcp_run_watch.h), at the times that Google gives.
 * Whoever is called at night asks first what changed before that.
 * thread: owner fetcher.
 */
#ifndef SEV_DATASRC_GCP_RUN_PAST_H
#define SEV_DATASRC_GCP_RUN_PAST_H

#include <stdint.h>

struct build;
struct run_list;
struct run_service;

/*
 * Adds the changes of the last GCP_PAST_MS before wall_ms, at most
 * GCP_PAST_MAX revisions of them. Traffic that moved without a new revision
 * is one event without its old value, which Google does not keep.
 */
void run_past_service(const struct run_list *list,
    const struct run_service *service, int64_t wall_ms, struct build *build);

#endif
