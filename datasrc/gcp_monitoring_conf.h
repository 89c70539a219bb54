/*
 * The configuration of "gcp.monitoring": what is asked for, and how much of
 * the project's quota that may take.
 * thread: any; read-only after it was checked.
 */
#ifndef SEV_DATASRC_GCP_MONITORING_CONF_H
#define SEV_DATASRC_GCP_MONITORING_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "datasrc/gcp_conf.h"

struct gcp_monitoring_conf {
	struct gcp_conf gcp;	 /* first: GCP_CONF_ROWS */
	struct opt_list figures; /* of gcp_figures; empty: all */
	struct opt_list regions;
	struct opt_list services;
	struct opt_list windows; /* durations; empty: the usual ones */
	bool slos;
	int64_t quota; /* questions a minute */
	int64_t share; /* dashboards that share it */
	int64_t old_ns;
};

extern const struct opt_table gcp_monitoring_table;

/* Adds to errors what the rows can't say. node is the source's map. */
void gcp_monitoring_conf_check(const struct gcp_monitoring_conf *conf,
    const struct conf_node *node, struct conf_errors *errors);

#endif
