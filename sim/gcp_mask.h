/*
 * Changing a document as google.protobuf.FieldMask says: what is named in
 * the mask is taken from the body, and cleared when the body does not have
 * it; all else stays, whatever the body says of it. Without a mask the body
 * replaces everything that can be set.
 * thread: any.
 */
#ifndef SEV_SIM_GCP_MASK_H
#define SEV_SIM_GCP_MASK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "sim/limits.h"

struct cJSON;
struct gcp_message;

/* What is wrong with a body or a mask. */
struct gcp_fault_at {
	char field[SIM_GCP_PATH_MAX];
	char what[SIM_GCP_MESSAGE_MAX];
};

/* Fills it, and is false, so that who finds a fault can return it. */
bool gcp_fault_say(struct gcp_fault_at *fault, const char *field,
    const char *fmt, ...) ATTR_PRINTF(3, 4);

struct gcp_mask {
	char paths[SIM_GCP_MASK_MAX][SIM_GCP_NAME_MAX]; /* lowerCamelCase */
	size_t count;
	bool all; /* no mask, or "*" */
};

/* text NULL or "": all. False with *ret_fault: it names no field. */
bool gcp_mask_parse(const char *text, const struct gcp_message *message,
    struct gcp_mask *ret_mask, struct gcp_fault_at *ret_fault);

bool gcp_mask_names(const struct gcp_mask *mask, const char *field);

/*
 * Brings a body into the form in which it is kept: names in lowerCamelCase,
 * enums by name, without what proto3 does not write and what the server
 * writes. False with *ret_fault: a field or a value that does not exist.
 */
bool gcp_body_take(struct cJSON *body, const struct gcp_message *message,
    struct gcp_fault_at *ret_fault);

/* body as gcp_body_take() left it. */
void gcp_mask_merge(struct cJSON *doc, const struct cJSON *body,
    const struct gcp_message *message, const struct gcp_mask *mask);

#endif
