#include "panels/table.h"

#include <stddef.h>

const struct panel_ops *const panel_table[] = {
	&panel_overview,
	&panel_metrics,
	&panel_logs,
	&panel_queues,
	&panel_database,
	&panel_cache,
	&panel_services,
	&panel_dependencies,
	&panel_sources,
	&panel_jobs,
	&panel_flags,
	NULL,
};
