/*
 * What Cloud Run refuses of a service that could be written: traffic that is
 * not 100 percent or names no revision, limits and bounds out of range.
 * thread: the one whose turn it is.
 */
#ifndef SEV_SIM_GCP_CHECK_H
#define SEV_SIM_GCP_CHECK_H

#include <stdbool.h>

#include "sim/gcp_mask.h"

struct cJSON;
struct gcp_service;

/*
 * doc is the service as it would be; its traffic is brought into the full
 * form (no targets: all to the latest). False with *ret_fault.
 */
bool gcp_check_service(const struct gcp_service *service, struct cJSON *doc,
    struct gcp_fault_at *ret_fault);

/* "2", "500m", "2Gi": cores or bytes; below 0 for what is neither. */
double gcp_quantity(const char *text);

#endif
