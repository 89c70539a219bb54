/*
 * Answers of Google's REST APIs: documents, and the error envelope
 * (google.rpc.Status with its details). Beside them the few calls with which
 * the documents of the practice world are changed.
 * thread: the server's for answers; documents belong to their owner.
 */
#ifndef SEV_SIM_GCP_REPLY_H
#define SEV_SIM_GCP_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "sim/httpd.h"

struct cJSON;

/* google.rpc.Code, the numbers that an operation's error carries. */
enum gcp_code {
	GCP_OK = 0,
	GCP_INVALID_ARGUMENT = 3,
	GCP_NOT_FOUND = 5,
	GCP_ALREADY_EXISTS = 6,
	GCP_PERMISSION_DENIED = 7,
	GCP_RESOURCE_EXHAUSTED = 8,
	GCP_FAILED_PRECONDITION = 9,
	GCP_ABORTED = 10,
	GCP_UNIMPLEMENTED = 12,
	GCP_INTERNAL = 13,
	GCP_UNAVAILABLE = 14,
	GCP_UNAUTHENTICATED = 16,
};

/* Answers with 200 and root, which is taken. */
void gcp_reply_doc(struct httpd_reply *reply, struct cJSON *root);

/* The same with a copy of what the world keeps. */
void gcp_reply_copy(struct httpd_reply *reply, const struct cJSON *root);

/* The error envelope. details: a list, taken; NULL: none. */
void gcp_reply_error(struct httpd_reply *reply, enum gcp_code code,
    struct cJSON *details, const char *fmt, ...) ATTR_PRINTF(4, 5);

/* Details. Each adds one to the list (NULL: a new one) and returns it. */
struct cJSON *gcp_detail_info(struct cJSON *details, const char *reason,
    const char *service, const char *key, const char *value);
struct cJSON *gcp_detail_retry(struct cJSON *details, unsigned seconds);
struct cJSON *gcp_detail_field(
    struct cJSON *details, const char *field, const char *what);

/* Member of an object, to be changed; NULL when there is none. */
struct cJSON *doc_get(struct cJSON *doc, const char *key);

/* Puts item (taken; NULL removes) in the place of what is there. */
void doc_put(struct cJSON *doc, const char *key, struct cJSON *item);
void doc_put_str(struct cJSON *doc, const char *key, const char *value);
void doc_put_num(struct cJSON *doc, const char *key, double value);

/* 64 bits are texts in Google's JSON. */
void doc_put_i64(struct cJSON *doc, const char *key, int64_t value);
void doc_put_time(struct cJSON *doc, const char *key, int64_t wall_ms);

/* A new object or list in the place of what is there. */
struct cJSON *doc_put_map(struct cJSON *doc, const char *key);
struct cJSON *doc_put_list(struct cJSON *doc, const char *key);
struct cJSON *doc_add_map(struct cJSON *list);

/*
 * Removes what proto3 does not write: null, "", 0, false, empty maps and
 * lists. What is left of a message says the same.
 */
void doc_prune(struct cJSON *doc);

/* A number that may be written as a text; fallback for anything else. */
double doc_number(const struct cJSON *value, double fallback);

#endif
