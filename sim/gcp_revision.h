/*
 * Documents of a service and its revisions, and the state of a revision.
 * thread: the one whose turn it is (sim/gcp.h).
 */
#ifndef SEV_SIM_GCP_REVISION_H
#define SEV_SIM_GCP_REVISION_H

#include <stdint.h>

#include "sim/gcp.h"

/* A condition, free with cJSON_Delete(). message "": none. */
struct cJSON *gcp_condition(
    const char *type, const char *state, const char *message, int64_t wall_ms);

/* The service as its configuration says, without revisions or traffic. */
struct cJSON *gcp_service_doc(
    const struct gcp *gcp, const struct gcp_service *service);

/*
 * A revision of the service's template as it is now, which is not ready yet.
 * Its name is the template's, else the next one. NULL: no memory.
 */
struct gcp_revision *gcp_revision_new(struct gcp *gcp,
    struct gcp_service *service, const char *who, int64_t wall_ms);

/* NULL is allowed. Returns NULL. */
struct gcp_revision *gcp_revision_free(struct gcp_revision *revision);

/* It has become ready, or has failed. */
void gcp_revision_settle(const struct gcp *gcp, struct gcp_revision *revision,
    const char *state, const char *message);

/* Says in its conditions whether it has traffic. */
void gcp_revision_active(struct gcp_revision *revision);

#endif
