/*
 * What happens to services: every change of a template makes a revision,
 * which is ready after a while, and takes traffic if the traffic goes to the
 * latest. A change is seen at once in the service and is in force when its
 * operation has ended.
 */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/json.h"
#include "sim/gcp.h"
#include "sim/gcp_revision.h"

#define ANY_SERVICE "type.googleapis.com/google.cloud.run.v2.Service"

struct gcp_service *
gcp_service_find(struct gcp *gcp, const char *region, const char *name)
{
	for (size_t i = 0; i < gcp->service_count; i++)
		if (strcmp(gcp->services[i].conf->region, region) == 0 &&
		    strcmp(gcp->services[i].conf->name, name) == 0)
			return &gcp->services[i];
	return NULL;
}

struct gcp_revision *
gcp_revision_find(const struct gcp_service *service, const char *name)
{
	const char *slash = strrchr(name, '/');

	name = slash != NULL ? slash + 1 : name;
	for (size_t i = 0; i < service->revision_count; i++)
		if (strcmp(service->revisions[i]->name, name) == 0)
			return service->revisions[i];
	return NULL;
}

struct gcp_revision *
gcp_service_serving(const struct gcp_service *service)
{
	struct gcp_revision *best = NULL;

	for (size_t i = 0; i < service->revision_count; i++) {
		struct gcp_revision *revision = service->revisions[i];

		if (revision->share > (best != NULL ? best->share : 0))
			best = revision;
	}
	return best;
}

static void
service_condition(struct gcp *gcp, struct gcp_service *service,
    const char *state, const char *message)
{
	static const char *const types[] = { "RoutesReady",
		"ConfigurationsReady" };
	cJSON *list = doc_put_list(service->doc, "conditions");
	cJSON *ready = gcp_condition("Ready", state, message, gcp->wall_ms);

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		cJSON_AddItemToArray(list,
		    gcp_condition(types[i], state, message, gcp->wall_ms));
	doc_put(service->doc, "terminalCondition", ready);
}

/* Who gets how much, by what is served and not by what is wanted. */
static void
service_share(struct gcp_service *service)
{
	const cJSON *list = json_member(service->doc, "trafficStatuses");
	const char *ready =
	    json_string(json_member(service->doc, "latestReadyRevision"));

	for (size_t i = 0; i < service->revision_count; i++)
		service->revisions[i]->share = 0;
	for (const cJSON *t = json_first(list); t != NULL; t = json_next(t)) {
		const char *name = json_string(json_member(t, "revision"));
		struct gcp_revision *revision =
		    gcp_revision_find(service, name != NULL    ? name
					       : ready != NULL ? ready
							       : "");

		if (revision != NULL)
			revision->share +=
			    doc_number(json_member(t, "percent"), 0) / 100;
	}
	for (size_t i = 0; i < service->revision_count; i++)
		gcp_revision_active(service->revisions[i]);
}

static void
service_put_revision(
    struct gcp_service *service, const char *key, const char *name)
{
	char path[SIM_GCP_PATH_MAX];

	snprintf(path, sizeof(path), "%.*s/revisions/%s",
	    SIM_GCP_PATH_MAX - SIM_GCP_NAME_MAX - 16, service->path, name);
	doc_put_str(service->doc, key, path);
}

static void
service_stamp(struct gcp *gcp, struct gcp_service *service, const char *who)
{
	char etag[SIM_GCP_NAME_MAX];

	service->generation++;
	snprintf(etag, sizeof(etag), "\"%08" PRIx64 "/%" PRIu64 "\"",
	    rng_next(&gcp->rng) >> 32, ++gcp->etags);
	doc_put_str(service->doc, "etag", etag);
	doc_put_i64(service->doc, "generation", service->generation);
	doc_put_time(service->doc, "updateTime", gcp->wall_ms);
	doc_put_str(service->doc, "lastModifier", who);
}

/* The newest revision there can be; NULL: there are too many. */
static struct gcp_revision *
service_add_revision(
    struct gcp *gcp, struct gcp_service *service, const char *who)
{
	struct gcp_revision *revision;

	if (service->revision_count == SIM_GCP_REVISIONS_MAX)
		return NULL;
	revision = gcp_revision_new(gcp, service, who, gcp->wall_ms);
	if (revision == NULL)
		return NULL;
	service->revisions[service->revision_count++] = revision;
	service_put_revision(service, "latestCreatedRevision", revision->name);
	return revision;
}

static cJSON *
service_any(const struct gcp_service *service)
{
	cJSON *doc = cJSON_Duplicate(service->doc, true);

	doc_put_str(doc, "@type", ANY_SERVICE);
	return doc;
}

struct gcp_op *
gcp_service_change(struct gcp *gcp, struct gcp_service *service, cJSON *doc,
    bool fresh, const char *who)
{
	bool same = !fresh && cJSON_Compare(service->doc, doc, true);
	unsigned ms = same ? 0 : fresh ? gcp->settle_ms : gcp->settle_ms / 3;
	char parent[SIM_GCP_PATH_MAX];
	struct gcp_op *op;

	snprintf(parent, sizeof(parent), "projects/%s/locations/%s",
	    gcp->conf->project, service->conf->region);
	op = gcp_op_new(gcp, GCP_OP_RUN, parent, clock_now() + ms * NS_PER_MS);
	op->service = service;
	if (!same && gcp_has(gcp, GCP_IGNORED_CHANGE)) {
		/* its operation shows what was asked for, and ends well */
		doc_put_str(doc, "@type", ANY_SERVICE);
		op->metadata = doc;
		op->generation = service->generation;
		return op;
	}
	if (same) {
		cJSON_Delete(doc);
	} else {
		cJSON_Delete(service->doc);
		service->doc = doc;
		service_stamp(gcp, service, who);
		doc_put(doc, "reconciling", cJSON_CreateTrue());
		service_condition(gcp, service, "CONDITION_RECONCILING", "");
		gcp_log_changed(gcp, service, who);
	}
	if (fresh)
		op->revision = service_add_revision(gcp, service, who);
	op->generation = service->generation;
	op->metadata = service_any(service);
	if (same)
		gcp_service_settle(gcp, op);
	return op;
}

static void
service_fail(struct gcp *gcp, struct gcp_op *op)
{
	struct gcp_service *service = op->service;
	struct gcp_revision *revision = op->revision;

	op->code = revision != NULL ? GCP_FAILED_PRECONDITION : GCP_INTERNAL;
	if (revision != NULL)
		snprintf(op->message, sizeof(op->message),
		    "Revision '%s' is not ready and cannot serve traffic. The "
		    "user-provided container failed to start and listen on the "
		    "port defined by the PORT=8080 environment variable within "
		    "the allocated timeout.",
		    revision->name);
	else
		snprintf(op->message, sizeof(op->message),
		    "Internal system error, the change is not in force.");
	if (revision != NULL) {
		gcp_revision_settle(
		    gcp, revision, "CONDITION_FAILED", op->message);
		gcp_log_failed(gcp, service, revision);
	}
	if (op->generation != service->generation)
		return;
	doc_put(service->doc, "reconciling", NULL);
	doc_put_i64(service->doc, "observedGeneration", service->generation);
	service_condition(gcp, service, "CONDITION_FAILED", op->message);
}

void
gcp_service_settle(struct gcp *gcp, struct gcp_op *op)
{
	struct gcp_service *service = op->service;
	struct gcp_revision *revision = op->revision;

	op->done = true;
	if (gcp_has(gcp, GCP_LATE_FAILURE)) {
		service_fail(gcp, op);
		return;
	}
	if (revision != NULL) {
		gcp_revision_settle(gcp, revision, "CONDITION_SUCCEEDED", "");
		service_put_revision(
		    service, "latestReadyRevision", revision->name);
	}
	/* a newer change is on its way, and will have the last word */
	if (op->generation == service->generation) {
		doc_put(service->doc, "trafficStatuses",
		    cJSON_Duplicate(
			json_member(service->doc, "traffic"), true));
		doc_put(service->doc, "reconciling", NULL);
		doc_put_i64(
		    service->doc, "observedGeneration", service->generation);
		service_condition(gcp, service, "CONDITION_SUCCEEDED", "");
	}
	service_share(service);
	op->response = service_any(service);
	cJSON_Delete(op->metadata);
	op->metadata = cJSON_Duplicate(op->response, true);
}

void
gcp_service_ail(struct gcp *gcp, struct gcp_service *service, bool on)
{
	struct gcp_revision *serving = gcp_service_serving(service);
	char message[SIM_GCP_MESSAGE_MAX] = "";

	if (on && serving != NULL)
		snprintf(message, sizeof(message),
		    "Revision '%s' is not ready and cannot serve traffic. The "
		    "container exited with an error.",
		    serving->name);
	service_condition(gcp, service,
	    on ? "CONDITION_FAILED" : "CONDITION_SUCCEEDED", message);
}

/* The only target, to a revision or (NULL) to the latest. */
static void
service_aim(cJSON *doc, const char *revision)
{
	cJSON *target = doc_add_map(doc_put_list(doc, "traffic"));

	doc_put_str(target, "type",
	    revision != NULL ? "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"
			     : "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST");
	if (revision != NULL)
		doc_put_str(target, "revision", revision);
	doc_put_num(target, "percent", 100);
}

void
gcp_service_release(
    struct gcp *gcp, struct gcp_service *service, const char *tag)
{
	cJSON *doc = cJSON_Duplicate(service->doc, true);
	cJSON *template = doc_get(doc, "template");
	cJSON *containers = doc_get(template, "containers");
	char image[SIM_GCP_PATH_MAX];

	snprintf(image, sizeof(image), "%s:%s", service->conf->image, tag);
	gcp_build_add(gcp, service->conf, tag, SIM_GCP_BUILD_MS, "SUCCESS");
	doc_put(template, "revision", NULL);
	if (containers != NULL)
		doc_put_str(containers->child, "image", image);
	(void)gcp_service_change(gcp, service, doc, true, gcp->conf->builder);
}

void
gcp_service_pin(struct gcp *gcp, struct gcp_service *service, bool on)
{
	const struct gcp_revision *serving = gcp_service_serving(service);
	cJSON *doc = cJSON_Duplicate(service->doc, true);

	service_aim(doc, on && serving != NULL ? serving->name : NULL);
	(void)gcp_service_change(
	    gcp, service, doc, false, "colleague@example.com");
}

/* Off: what was set is taken back, unless somebody has changed it since. */
void
gcp_service_cap(struct gcp *gcp, struct gcp_service *service, bool on)
{
	cJSON *doc = cJSON_Duplicate(service->doc, true);
	double max = doc_number(
	    json_member(json_member(doc, "scaling"), "maxInstanceCount"), 0);
	cJSON *scaling = doc_put_map(doc, "scaling");

	if (!on && max != SIM_GCP_CAP) {
		cJSON_Delete(doc);
		return;
	}
	doc_put_num(scaling, "minInstanceCount", on ? 1 : service->conf->min);
	doc_put_num(
	    scaling, "maxInstanceCount", on ? SIM_GCP_CAP : service->conf->max);
	(void)gcp_service_change(
	    gcp, service, doc, false, "finance-bot@example.com");
}

/* Releases that followed each other quickly, and were all good. */
void
gcp_service_crowd(struct gcp *gcp, struct gcp_service *service, size_t count)
{
	while (service->revision_count < count) {
		struct gcp_revision *revision;

		doc_put(doc_get(service->doc, "template"), "revision", NULL);
		service_stamp(gcp, service, service->conf->people[0]);
		revision = service_add_revision(
		    gcp, service, service->conf->people[0]);
		if (revision == NULL)
			return;
		gcp_revision_settle(gcp, revision, "CONDITION_SUCCEEDED", "");
		service_put_revision(
		    service, "latestReadyRevision", revision->name);
	}
	doc_put_i64(service->doc, "observedGeneration", service->generation);
	service_share(service);
}

void
gcp_service_touch(struct gcp *gcp, struct gcp_service *service, const char *who)
{
	cJSON *doc = cJSON_Duplicate(service->doc, true);
	cJSON *labels = doc_get(doc, "labels");

	if (labels == NULL)
		labels = doc_put_map(doc, "labels");
	doc_put_i64(labels, "touched", gcp->wall_ms);
	(void)gcp_service_change(gcp, service, doc, false, who);
}

/* As it has been for a while: made, settled, with its older revisions. */
static void
service_make(struct gcp *gcp, struct gcp_service *service)
{
	const struct gcp_service_conf *conf = service->conf;
	cJSON *template;

	service->doc = gcp_service_doc(gcp, service);
	template = doc_get(service->doc, "template");
	for (size_t i = 0; i < conf->tag_count; i++) {
		char image[SIM_GCP_PATH_MAX];
		struct gcp_revision *revision;
		int64_t age_h = (int64_t)(conf->tag_count - 1 - i) * 37 + 5;

		snprintf(
		    image, sizeof(image), "%s:%s", conf->image, conf->tags[i]);
		doc_put_str(
		    doc_get(template, "containers")->child, "image", image);
		doc_put(template, "revision", NULL);
		gcp->wall_ms -= age_h * 3600 * 1000;
		service_stamp(
		    gcp, service, conf->people[i % conf->people_count]);
		revision = service_add_revision(
		    gcp, service, conf->people[i % conf->people_count]);
		if (revision != NULL) {
			gcp_revision_settle(
			    gcp, revision, "CONDITION_SUCCEEDED", "");
			service_put_revision(
			    service, "latestReadyRevision", revision->name);
			/* as gcloud leaves it behind */
			doc_put_str(template, "revision", revision->name);
		}
		service_condition(gcp, service, "CONDITION_SUCCEEDED", "");
		gcp->wall_ms += age_h * 3600 * 1000;
	}
	service_aim(service->doc, NULL);
	doc_put(service->doc, "trafficStatuses",
	    cJSON_Duplicate(json_member(service->doc, "traffic"), true));
	doc_put_i64(service->doc, "observedGeneration", service->generation);
	service_share(service);
}

void
gcp_services_make(struct gcp *gcp)
{
	for (size_t i = 0; i < gcp->conf->service_count; i++) {
		struct gcp_service *service = &gcp->services[i];

		service->conf = &gcp->conf->services[i];
		service->cloud = gcp->conf;
		service->next_number = service->conf->first_number;
		snprintf(service->path, sizeof(service->path),
		    "projects/%s/locations/%s/services/%s", gcp->conf->project,
		    service->conf->region, service->conf->name);
		gcp->service_count++;
		service_make(gcp, service);
	}
}

void
gcp_services_free(struct gcp *gcp)
{
	for (size_t i = 0; i < gcp->service_count; i++) {
		struct gcp_service *service = &gcp->services[i];

		for (size_t r = 0; r < service->revision_count; r++)
			service->revisions[r] =
			    gcp_revision_free(service->revisions[r]);
		cJSON_Delete(service->doc);
	}
}
