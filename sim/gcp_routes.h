/*
 * Which methods of which APIs there are, and what they may be asked with.
 * thread: any; everything is constant.
 */
#ifndef SEV_SIM_GCP_ROUTES_H
#define SEV_SIM_GCP_ROUTES_H

#include <stdbool.h>

#include "sim/limits.h"

struct gcp_call;
struct httpd_reply;
struct httpd_request;

struct gcp_route {
	const char *method;
	const char *path; /* {} is one part, without / and : */
	const char *api;  /* "run.googleapis.com" */
	void (*answer)(struct gcp_call *call);
	const char *permission; /* of a change; NULL: it only reads */
	const char *args; /* of the query, with blanks between; NULL: none */
};

/* NULL: there is no such method. The parts of the path go to part. */
const struct gcp_route *gcp_route_find(const struct httpd_request *request,
    char part[SIM_GCP_PARTS_MAX][SIM_GCP_NAME_MAX]);

/* False, and it is answered, when the query has what the method has not. */
bool gcp_route_takes(const struct gcp_route *route,
    const struct httpd_request *request, struct httpd_reply *reply);

#endif
