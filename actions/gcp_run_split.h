/*
 * How the traffic of a Cloud Run service is divided, as arithmetic: percents
 * of 100 by revision, "LATEST" being whichever is the latest that is ready.
 *
 * What is asked for is rounded and filled up as gcloud does it: the others
 * keep their proportions, the largest remainders get what is left. Tags are
 * addresses of their own: their targets stay, with no share.
 * Source: googlecloudsdk command_lib/run/traffic.py of release 578.0.0.
 * thread: any.
 */
#ifndef SEV_ACTIONS_GCP_RUN_SPLIT_H
#define SEV_ACTIONS_GCP_RUN_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "actions/gcp_run_act.h"
#include "datasrc/limits.h"

struct buf;
struct cJSON;

#define RUN_LATEST "LATEST"

struct run_part {
	char
	    name[GCP_SERVICE_MAX]; /* short name of a revision, or RUN_LATEST */
	int percent;
};

struct run_split {
	struct run_part parts[GCP_SHARES_MAX];
	size_t count;
};

/*
 * The shares in a list of a service, "traffic" or "trafficStatuses", each
 * name once, without those that get nothing. A service that says nothing
 * sends all to the latest. False: more than GCP_SHARES_MAX, or no numbers.
 */
bool run_split_read(
    const struct cJSON *doc, const char *list, struct run_split *ret);

/* Percents of name; 0 when it is not in it. */
int run_split_of(const struct run_split *split, const char *name);

/* All of it together, in percent. */
int run_split_total(const struct run_split *split);

/* The same with LATEST as the revision ready, which it stands for now. */
void run_split_pin(
    const struct run_split *split, const char *ready, struct run_split *ret);

/*
 * "latest", or parts such as "web-00010=20 LATEST=80" between blanks or
 * commas, on the base of what is now. ERR_USAGE with what is wrong.
 */
enum err_code run_split_parse(const char *text, const struct run_split *now,
    struct run_split *ret, struct err *err) ATTR_MUST_USE;

bool run_split_same(const struct run_split *a, const struct run_split *b);

/* Appends what run_split_parse() reads as exactly this. */
void run_split_text(const struct run_split *split, struct buf *out);

/* As what a plan wants; NULL: no memory. The caller's. */
struct cJSON *run_split_wants(const struct run_split *split);

/* Changing it. */
extern const struct run_edit run_split_edit;

#endif
