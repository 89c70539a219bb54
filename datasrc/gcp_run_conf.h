/*
 * The configuration of a source of type gcp.run, for those who act on what
 * it shows as well.
 * thread: any.
 */
#ifndef SEV_DATASRC_GCP_RUN_CONF_H
#define SEV_DATASRC_GCP_RUN_CONF_H

#include "base/opt.h"
#include "datasrc/gcp_conf.h"

/* Address of the Admin API, unless the configuration has another. */
#define GCP_RUN_ROOT "https://run.googleapis.com"

struct gcp_run_conf {
	struct gcp_conf gcp; /* first: GCP_CONF_ROWS */
	struct opt_list regions;
	struct opt_list services;
	struct opt_list flags; /* variables whose values may be shown */
};

#endif
