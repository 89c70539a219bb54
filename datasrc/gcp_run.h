/*
 * Cloud Run services and revisions as the Admin API v2 tells them, read into
 * structs that the source reports and compares. Bytes from outside: every
 * function takes any document. What is absent is NaN or the empty text, but
 * for counts that the API leaves out when they are 0.
 *
 * Values of environment variables are secrets unless they are known to be
 * none: switches ("true", "off", "1"), and those whose names are configured.
 * thread: any; everything lives in the arena of the reader.
 */
#ifndef SEV_DATASRC_GCP_RUN_H
#define SEV_DATASRC_GCP_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "model/state.h"

struct arena;
struct build;
struct cJSON;
struct opt_list;
struct redactor;

/* Borrowed. */
struct run_reader {
	const struct redactor *redactor;
	struct arena *arena;
	const struct opt_list *flags; /* variables whose values are shown */
	const char *region;
	bool regions; /* there are several: keys name them */
	int64_t wall_ms;
};

/* Part of the traffic; percent is of 100. */
struct run_share {
	struct text revision; /* short name; of LATEST the ready one */
	struct text tag;
	double percent;
	bool latest;
};

struct run_condition {
	struct text type;
	enum state state;
	struct text word; /* "ready", "failed", "pending" */
	struct text reason;
	struct text message;
	double since_ms;
};

struct run_variable {
	struct text name;
	struct text value; /* as it may be shown */
	bool shown;	   /* value is the real one */
};

/* What a template or a revision says about its containers. */
struct run_spec {
	struct text image;
	struct text version; /* tag of the image, or the digest's beginning */
	double cpu;	     /* limit in cores */
	double memory;	     /* limit in bytes */
	double min;
	double max; /* NaN: Google's default */
	double concurrency;
	const struct run_variable *variables;
	size_t variable_count;
};

struct run_service {
	struct text key; /* "web", or "europe-west1/web" */
	struct text name;
	enum state state;
	struct text word; /* "ready", "deploying", "failed" */
	struct text detail;
	double generation;
	double observed;
	struct text ready; /* short name of the latest ready revision */
	struct text created;
	struct run_spec spec;
	double min; /* of the service, else of the template */
	double max;
	const struct run_share *shares; /* as it is served now */
	size_t share_count;
	bool pinned;	 /* no share goes to whatever is latest */
	struct text who; /* changed it last */
	double changed_ms;
	const struct run_condition *conditions;
	size_t condition_count;
};

struct run_revision {
	struct text key; /* of its service, "/", its name */
	struct text service;
	struct text service_key;
	struct text name;
	enum state state;
	struct text word;
	struct text detail;
	double created_ms;
	struct run_spec spec;
	struct text who;
};

/*
 * Parts of a document as Google sent it, for those who edit it. A spec is a
 * service's template, or a revision.
 */

/* What is behind the last slash; NULL: v is no text. Borrowed from v. */
const char *run_base(const struct cJSON *v);

/* The container that takes the requests: the one with a port, or the first. */
const struct cJSON *run_main_container(const struct cJSON *spec);

/* A limit of it, "cpu" or "memory", as Google writes it; NULL: none. */
const char *run_limit(const struct cJSON *spec, const char *key);

/* Whether a value is that of a switch ("true", "off", "1"), so no secret; the
 * other position of it, NULL when it is none. */
bool run_is_switch(const char *value);
const char *run_switch_other(const char *value);

/* Its variable of that name, an object; NULL: there is none. */
const struct cJSON *run_env(const struct cJSON *spec, const char *name);

/* False: it has no name, or there was no memory. */
bool run_service_read(const struct run_reader *reader, const struct cJSON *v,
    struct run_service *ret);
bool run_revision_read(const struct run_reader *reader, const struct cJSON *v,
    struct run_revision *ret);

/* "2", "500m" as cores; "512Mi", "2G" as bytes (Kubernetes quantities). */
bool run_quantity(const char *s, double *ret_value);

/* Percent of the traffic that a revision of service gets; NaN: none known. */
double run_share_of(const struct run_service *service, struct text revision);

/* Services and revisions of one answer. */
struct run_list {
	struct run_service *services;
	size_t service_count;
	struct run_revision *revisions;
	size_t revision_count;
};

/* The tables services, revisions, conditions and variables, and a health
 * row for each service. */
void run_report(const struct run_list *list, struct build *build);

/* "web-00010 80 %, web-00011 20 %" */
struct text run_traffic(struct arena *arena, const struct run_service *service);

#endif
