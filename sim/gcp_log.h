/*
 * Log entries of a practice world: a ring of the newest, kept small and made
 * into documents only when somebody reads them. Texts are static, or names
 * that live as long as the world.
 * thread: the one whose turn it is (sim/gcp.h).
 */
#ifndef SEV_SIM_GCP_LOG_H
#define SEV_SIM_GCP_LOG_H

#include <stdint.h>

#include "sim/gcp_filter.h"
#include "sim/limits.h"

struct cJSON;
struct gcp;
struct gcp_harm;
struct gcp_revision;
struct gcp_service;

enum gcp_entry_kind {
	GCP_ENTRY_REQUEST, /* of the platform, with httpRequest */
	GCP_ENTRY_APP,	   /* of the app, with jsonPayload */
	GCP_ENTRY_SYSTEM,  /* of the instance, with textPayload */
	GCP_ENTRY_AUDIT,   /* who changed what, with protoPayload */
};

struct gcp_entry {
	int64_t ns;	   /* wall */
	uint64_t number;   /* of the entry, in its insertId */
	uint32_t lag_ms;   /* until it can be read */
	uint16_t severity; /* rank */
	uint16_t status;   /* REQUEST */
	uint8_t kind;
	uint8_t route;
	uint8_t line;  /* APP: 1 + the service's line; 0: none */
	uint32_t roll; /* names of jobs and brands come of it */
	float seconds; /* REQUEST, APP */
	const struct gcp_service *service;
	const char *revision;
	const char *message; /* NULL: that of the line */
	const char *stack;   /* NULL: none */
	const char *who;     /* AUDIT */
};

struct gcp_log {
	struct gcp_entry ring[SIM_GCP_ENTRIES_MAX];
	uint64_t count;	 /* ever written */
	unsigned minute; /* of the quota */
	unsigned asked;	 /* in that minute */
	double flood;	 /* entries that are due */
};

/* A request that has ended. */
struct gcp_done {
	struct gcp_service *service;
	struct gcp_revision *revision;
	const struct gcp_harm *harm; /* NULL: none */
	unsigned status;
	double seconds;
	uint64_t number;
	uint64_t roll;
};

void gcp_log_request(struct gcp *gcp, const struct gcp_done *done);
void gcp_log_started(struct gcp *gcp, struct gcp_service *service,
    const struct gcp_revision *revision);
void gcp_log_killed(struct gcp *gcp, const struct gcp_service *service,
    const struct gcp_revision *revision);
void gcp_log_changed(
    struct gcp *gcp, const struct gcp_service *service, const char *who);
void gcp_log_failed(struct gcp *gcp, const struct gcp_service *service,
    const struct gcp_revision *revision);

/* What comes without a request. */
void gcp_log_step(struct gcp *gcp, double seconds);

/* An entry as it is, for the fixtures of gcp-demo. */
void gcp_log_add(struct gcp *gcp, const struct gcp_entry *entry);

/* For gcp_filter_match(); subject: struct gcp_entry. */
void gcp_entry_value(
    const void *subject, const char *field, struct gcp_value *ret_value);

/* google.logging.v2.LogEntry; free with cJSON_Delete(). */
struct cJSON *gcp_entry_doc(const struct gcp_entry *entry);

#endif
