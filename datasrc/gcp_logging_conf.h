/*
 * The configuration of "gcp.logging": what is asked for, and how much of the
 * project's quota that may take.
 * thread: any; read-only after it was checked.
 */
#ifndef SEV_DATASRC_GCP_LOGGING_CONF_H
#define SEV_DATASRC_GCP_LOGGING_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "datasrc/gcp_conf.h"
#include "datasrc/gcp_log_query.h"

struct platform;

struct gcp_logging_conf {
	struct gcp_conf gcp; /* first: GCP_CONF_ROWS */
	struct opt_list services;
	struct opt_list resources;
	const char *filter;
	struct opt_pairs filters;
	int severity; /* index in severities */
	int64_t history_ns;
	int64_t share; /* dashboards that ask */
	bool mask_emails;
};

extern const struct opt_table gcp_logging_table;

/* The question that it stands for; borrows from conf. */
struct gcp_log_query gcp_logging_query(const struct gcp_logging_conf *conf);

/*
 * Adds to errors what the rows can't say: mistakes in filters, with their
 * column. node is the source's map; platform may be NULL.
 */
void gcp_logging_conf_check(const struct gcp_logging_conf *conf,
    const struct platform *platform, const struct conf_node *node,
    struct conf_errors *errors);

#endif
