/*
 * Memorystore for Redis v1: one instance, which can be looked at, exported,
 * imported and failed over, one thing at a time.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "sim/gcp.h"

#define REDIS_TYPE "type.googleapis.com/google.cloud.redis.v1."

enum { /* parts of the paths */
	REDIS_LOCATION = 1,
	REDIS_INSTANCE,
};

void
gcp_redis_make(struct gcp *gcp)
{
	const struct gcp_redis_conf *conf = gcp->conf->redis;
	cJSON *doc, *part;
	char text[SIM_GCP_PATH_MAX];

	if (conf == NULL)
		return;
	doc = gcp->redis = cJSON_CreateObject();
	snprintf(text, sizeof(text), "projects/%s/locations/%s/instances/%s",
	    gcp->conf->project, conf->region, conf->name);
	doc_put_str(doc, "name", text);
	doc_put_str(doc, "displayName", conf->name);
	snprintf(text, sizeof(text), "%s-a", conf->region);
	doc_put_str(doc, "locationId", text);
	doc_put_str(doc, "currentLocationId", text);
	snprintf(text, sizeof(text), "%s-b", conf->region);
	doc_put_str(doc, "alternativeLocationId", text);
	doc_put_str(doc, "redisVersion", "REDIS_7_0");
	doc_put_str(doc, "host", conf->host);
	doc_put_num(doc, "port", 6379);
	doc_put_time(
	    doc, "createTime", gcp->wall_ms - INT64_C(200) * 86400 * 1000);
	doc_put_str(doc, "state", "READY");
	doc_put_str(doc, "tier", conf->tier);
	doc_put_num(doc, "memorySizeGb", conf->memory_gb);
	snprintf(text, sizeof(text), "projects/%s/global/networks/default",
	    gcp->conf->project);
	doc_put_str(doc, "authorizedNetwork", text);
	snprintf(text, sizeof(text),
	    "serviceAccount:service-%s@cloud-redis.iam.gserviceaccount.com",
	    gcp->conf->number);
	doc_put_str(doc, "persistenceIamIdentity", text);
	doc_put_str(doc, "connectMode", "PRIVATE_SERVICE_ACCESS");
	doc_put_str(doc, "transitEncryptionMode", "DISABLED");
	part = doc_put_map(doc, "redisConfigs");
	doc_put_str(part, "maxmemory-policy", "noeviction");
	part = doc_put_map(doc, "persistenceConfig");
	doc_put_str(part, "persistenceMode", "DISABLED");
}

/* As it is at this moment. */
static void
redis_look(struct gcp *gcp)
{
	const char *now = json_string(json_member(gcp->redis, "state"));

	if (gcp->redis_busy)
		return;
	if (gcp_has(gcp, GCP_REDIS_GONE) && strcmp(now, "REPAIRING") != 0) {
		doc_put_str(gcp->redis, "state", "REPAIRING");
		doc_put_str(gcp->redis, "statusMessage",
		    "The primary node does not answer and is being replaced.");
	} else if (!gcp_has(gcp, GCP_REDIS_GONE) && strcmp(now, "READY") != 0) {
		doc_put_str(gcp->redis, "state", "READY");
		doc_put(gcp->redis, "statusMessage", NULL);
	}
}

/* Whether the request is for the instance there is; answered if not. */
static bool
redis_is_ours(struct gcp_call *call)
{
	const struct gcp_redis_conf *conf = call->gcp->conf->redis;

	if (conf != NULL &&
	    strcmp(call->part[REDIS_LOCATION], conf->region) == 0 &&
	    strcmp(call->part[REDIS_INSTANCE], conf->name) == 0) {
		redis_look(call->gcp);
		return true;
	}
	gcp_reply_error(call->reply, GCP_NOT_FOUND, NULL,
	    "Resource 'projects/%s/locations/%s/instances/%s' was not found",
	    call->gcp->conf->project, call->part[REDIS_LOCATION],
	    call->part[REDIS_INSTANCE]);
	return false;
}

void
gcp_redis_get(struct gcp_call *call)
{
	if (redis_is_ours(call))
		gcp_reply_copy(call->reply, call->gcp->redis);
}

void
gcp_redis_list(struct gcp_call *call)
{
	struct gcp_page page = gcp_page_begin(call, "instances", 100, 1000);
	const struct gcp_redis_conf *conf = call->gcp->conf->redis;
	const char *location = call->part[REDIS_LOCATION];

	if (conf != NULL && (strcmp(location, "-") == 0 ||
				strcmp(location, conf->region) == 0)) {
		redis_look(call->gcp);
		gcp_page_take(&page, call->gcp->redis);
	}
	gcp_page_end(&page, call);
}

static cJSON *
redis_any(const struct gcp *gcp)
{
	cJSON *doc = cJSON_Duplicate(gcp->redis, true);

	doc_put_str(doc, "@type", REDIS_TYPE "Instance");
	return doc;
}

static void
redis_begin(struct gcp_call *call, const char *verb, const char *state)
{
	struct gcp *gcp = call->gcp;
	char parent[SIM_GCP_PATH_MAX];
	struct gcp_op *op;
	cJSON *metadata;

	if (gcp->redis_busy) {
		gcp_reply_error(call->reply, GCP_FAILED_PRECONDITION, NULL,
		    "The instance has an operation that is not over yet.");
		return;
	}
	snprintf(parent, sizeof(parent), "projects/%s/locations/%s",
	    gcp->conf->project, gcp->conf->redis->region);
	op = gcp_op_new(gcp, GCP_OP_REDIS, parent,
	    clock_now() + gcp->settle_ms * NS_PER_MS);
	metadata = op->metadata = cJSON_CreateObject();
	doc_put_str(metadata, "@type", REDIS_TYPE "OperationMetadata");
	doc_put_time(metadata, "createTime", gcp->wall_ms);
	doc_put_str(
	    metadata, "target", json_string(json_member(gcp->redis, "name")));
	doc_put_str(metadata, "verb", verb);
	doc_put_str(metadata, "apiVersion", "v1");
	gcp->redis_busy = true;
	doc_put_str(gcp->redis, "state", state);
	gcp_reply_doc(call->reply, gcp_op_doc(op));
}

void
gcp_redis_failover(struct gcp_call *call)
{
	if (!redis_is_ours(call))
		return;
	if (strcmp(call->gcp->conf->redis->tier, "STANDARD_HA") == 0)
		redis_begin(call, "failover", "FAILING_OVER");
	else
		gcp_reply_error(call->reply, GCP_FAILED_PRECONDITION, NULL,
		    "Failover is only supported for instances of the standard "
		    "tier.");
}

/* The URI that the body must name. */
static bool
redis_uri(struct gcp_call *call, const char *config, const char *place)
{
	const char *uri = json_string(json_member(
	    json_member(json_member(call->body, config), place), "uri"));

	if (uri != NULL && strncmp(uri, "gs://", 5) == 0)
		return true;
	gcp_reply_error(call->reply, GCP_INVALID_ARGUMENT,
	    gcp_detail_field(NULL, config, "a gs:// URI is required"),
	    "%s.%s.uri: a gs:// URI is required", config, place);
	return false;
}

void
gcp_redis_export(struct gcp_call *call)
{
	if (redis_is_ours(call) &&
	    redis_uri(call, "outputConfig", "gcsDestination"))
		redis_begin(call, "export", "READY");
}

void
gcp_redis_import(struct gcp_call *call)
{
	if (redis_is_ours(call) && redis_uri(call, "inputConfig", "gcsSource"))
		redis_begin(call, "import", "IMPORTING");
}

/* A failover is what ends redis-gone, until it is switched on again. */
void
gcp_redis_settle(struct gcp *gcp, struct gcp_op *op)
{
	const char *verb = json_string(json_member(op->metadata, "verb"));

	op->done = true;
	gcp->redis_busy = false;
	doc_put_time(op->metadata, "endTime", gcp->wall_ms);
	if (gcp_has(gcp, GCP_LATE_FAILURE)) {
		op->code = GCP_INTERNAL;
		snprintf(op->message, sizeof(op->message),
		    "An internal error has occurred.");
	} else if (strcmp(verb, "failover") == 0) {
		cJSON *other =
		    cJSON_Duplicate(doc_get(gcp->redis, "locationId"), true);
		const char *now =
		    json_string(json_member(gcp->redis, "currentLocationId"));

		if (strcmp(now, json_string(other)) == 0) {
			cJSON_Delete(other);
			other = cJSON_Duplicate(
			    doc_get(gcp->redis, "alternativeLocationId"), true);
		}
		doc_put(gcp->redis, "currentLocationId", other);
		gcp->cured |= gcp->faults & UINT32_C(1) << GCP_REDIS_GONE;
	}
	redis_look(gcp);
	if (op->code == GCP_OK)
		op->response = redis_any(gcp);
}
