#include "sim/gcp_routes.h"

#include <string.h>

#include "base/attr.h"
#include "sim/gcp.h"

#define LOCATION   "/projects/{}/locations/{}"
#define RUN	   "run.googleapis.com"
#define LOGGING	   "logging.googleapis.com"
#define MONITORING "monitoring.googleapis.com"
#define REDIS	   "redis.googleapis.com"
#define VPC	   "vpcaccess.googleapis.com"
#define BUILD	   "cloudbuild.googleapis.com"
#define PAGES	   "pageSize pageToken"

/* Every method takes these. */
static const char gcp_system_args[] =
    "$alt $prettyPrint $.xgafv alt fields key prettyPrint quotaUser "
    "userProject";

static const struct gcp_route gcp_routes[] = {
	{ "GET", "/v2" LOCATION "/services", RUN, gcp_run_list, NULL,
	    PAGES " showDeleted" },
	{ "GET", "/v2" LOCATION "/services/{}", RUN, gcp_run_get, NULL, NULL },
	{ "PATCH", "/v2" LOCATION "/services/{}", RUN, gcp_run_patch,
	    "run.services.update",
	    "updateMask validateOnly allowMissing forceNewRevision" },
	{ "GET", "/v2" LOCATION "/services/{}/revisions", RUN,
	    gcp_run_revisions, NULL, PAGES " showDeleted" },
	{ "GET", "/v2" LOCATION "/services/{}/revisions/{}", RUN,
	    gcp_run_revision, NULL, NULL },
	{ "GET", "/v2" LOCATION "/operations", RUN, gcp_op_list, NULL,
	    PAGES " filter" },
	{ "GET", "/v2" LOCATION "/operations/{}", RUN, gcp_op_get, NULL, NULL },
	{ "POST", "/v2" LOCATION "/operations/{}:wait", RUN, gcp_op_wait, NULL,
	    NULL },
	{ "POST", "/v2/entries:list", LOGGING, gcp_logging_list, NULL, NULL },
	{ "GET", "/v3/projects/{}/timeSeries", MONITORING, gcp_monitoring_list,
	    NULL,
	    PAGES " filter view orderBy interval.startTime interval.endTime "
		  "aggregation.alignmentPeriod aggregation.perSeriesAligner "
		  "aggregation.crossSeriesReducer aggregation.groupByFields" },
	{ "GET", "/v3/projects/{}/services", MONITORING, gcp_slo_services, NULL,
	    PAGES " filter" },
	{ "GET", "/v3/projects/{}/services/{}/serviceLevelObjectives",
	    MONITORING, gcp_slo_list, NULL, PAGES " filter view" },
	{ "GET", "/v1" LOCATION "/instances", REDIS, gcp_redis_list, NULL,
	    PAGES },
	{ "GET", "/v1" LOCATION "/instances/{}", REDIS, gcp_redis_get, NULL,
	    NULL },
	{ "POST", "/v1" LOCATION "/instances/{}:failover", REDIS,
	    gcp_redis_failover, "redis.instances.failover", NULL },
	{ "POST", "/v1" LOCATION "/instances/{}:export", REDIS,
	    gcp_redis_export, "redis.instances.export", NULL },
	{ "POST", "/v1" LOCATION "/instances/{}:import", REDIS,
	    gcp_redis_import, "redis.instances.import", NULL },
	{ "GET", "/v1" LOCATION "/operations", REDIS, gcp_op_list, NULL,
	    PAGES " filter" },
	{ "GET", "/v1" LOCATION "/operations/{}", REDIS, gcp_op_get, NULL,
	    NULL },
	{ "GET", "/v1" LOCATION "/connectors", VPC, gcp_vpc_list, NULL, PAGES },
	{ "GET", "/v1" LOCATION "/connectors/{}", VPC, gcp_vpc_get, NULL,
	    NULL },
	{ "GET", "/v1" LOCATION "/builds", BUILD, gcp_build_list, NULL,
	    PAGES " filter" },
	{ "GET", "/v1/projects/{}/builds", BUILD, gcp_build_list, NULL,
	    PAGES " filter" },
};

/* Fits path to the pattern; the parts go to part. */
static bool
route_fits(const char *pattern, const char *path,
    char part[SIM_GCP_PARTS_MAX][SIM_GCP_NAME_MAX])
{
	size_t n = 0;

	while (*pattern != '\0' && *path != '\0') {
		size_t len = strcspn(path, "/:");

		if (strncmp(pattern, "{}", 2) != 0) {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		if (len == 0 || len >= SIM_GCP_NAME_MAX ||
		    n == SIM_GCP_PARTS_MAX)
			return false;
		memcpy(part[n], path, len);
		part[n++][len] = '\0';
		pattern += 2;
		path += len;
	}
	return *pattern == '\0' && *path == '\0';
}

const struct gcp_route *
gcp_route_find(const struct httpd_request *request,
    char part[SIM_GCP_PARTS_MAX][SIM_GCP_NAME_MAX])
{
	for (size_t i = 0; i < ARRAY_LEN(gcp_routes); i++)
		if (strcmp(gcp_routes[i].method, request->method) == 0 &&
		    route_fits(gcp_routes[i].path, request->path, part))
			return &gcp_routes[i];
	return NULL;
}

static bool
route_lists(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (list != NULL && *list != '\0') {
		size_t next = strcspn(list, " ");

		if (next == len && strncmp(list, word, len) == 0)
			return true;
		list += next + strspn(list + next, " ");
	}
	return false;
}

bool
gcp_route_takes(const struct gcp_route *route,
    const struct httpd_request *request, struct httpd_reply *reply)
{
	for (size_t i = 0; i < request->arg_count; i++) {
		const char *name = request->args[i].name;

		if (name[0] == '\0' || route_lists(route->args, name) ||
		    route_lists(gcp_system_args, name))
			continue;
		gcp_reply_error(reply, GCP_INVALID_ARGUMENT,
		    gcp_detail_field(NULL, name, "Cannot find field."),
		    "Invalid JSON payload received. Unknown name \"%.*s\": "
		    "Cannot bind query parameter. Field could not be found in "
		    "request message.",
		    SIM_GCP_NAME_MAX, name);
		return false;
	}
	return true;
}
