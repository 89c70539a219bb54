/*
 * The fields of google.cloud.run.v2.Service as far as the practice world
 * looks at them (source: the protos in @google-cloud/run 3.3.0). A field that
 * is not here does not exist: a request with it is refused, as Google does.
 * thread: any; everything is constant.
 */
#ifndef SEV_SIM_GCP_SCHEMA_H
#define SEV_SIM_GCP_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

enum gcp_kind {
	GCP_STRING,
	GCP_INT,
	GCP_BOOL,
	GCP_DURATION, /* "300s" */
	GCP_ENUM,     /* a name, or a number that stands for it */
	GCP_MESSAGE,
	GCP_TEXTS,  /* a map of texts */
	GCP_ANY,    /* not looked into */
	GCP_OUTPUT, /* written by the server, ignored in a request */
};

struct gcp_message;

struct gcp_field {
	const char *name; /* lowerCamelCase; NULL ends the list */
	enum gcp_kind kind;
	bool list;
	const struct gcp_message *message; /* MESSAGE */
	const char *const *names; /* ENUM, by number; "": unused, NULL ends */
};

struct gcp_message {
	const char *name;
	const struct gcp_field *fields;
};

extern const struct gcp_message gcp_run_service;

/* name may be written in snake_case. NULL: there is no such field. */
const struct gcp_field *gcp_field_find(
    const struct gcp_message *message, const char *name, size_t len);

#endif
