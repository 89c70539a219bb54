/*
 * What else belongs to a project: connectors of Serverless VPC Access v1, and
 * builds of Cloud Build v1, of which every release is one.
 */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "sim/gcp.h"
#include "sim/gcp_filter.h"

enum {
	ESTATE_LOCATION = 1,
	ESTATE_CONNECTOR,
	ESTATE_APART_H = 9, /* between two builds of the past */
};

/* NULL: the service has none. Free with cJSON_Delete(). */
static cJSON *
estate_connector(const struct gcp *gcp, const struct gcp_service_conf *conf)
{
	cJSON *doc = cJSON_CreateObject();
	char name[SIM_GCP_PATH_MAX];

	snprintf(name, sizeof(name), "projects/%s/locations/%s/connectors/%s",
	    gcp->conf->project, conf->region, conf->connector);
	doc_put_str(doc, "name", name);
	doc_put_str(doc, "network", "default");
	doc_put_str(doc, "ipCidrRange", "10.8.0.0/28");
	doc_put_str(
	    doc, "state", gcp_has(gcp, GCP_CONNECTOR_DOWN) ? "ERROR" : "READY");
	doc_put_num(doc, "minThroughput", 200);
	doc_put_num(doc, "maxThroughput", 300);
	doc_put_num(doc, "minInstances", 2);
	doc_put_num(doc, "maxInstances", 3);
	doc_put_str(doc, "machineType", "e2-micro");
	cJSON_AddItemToArray(doc_put_list(doc, "connectedProjects"),
	    cJSON_CreateString(gcp->conf->project));
	return doc;
}

/* Services share connectors: the first that has it speaks for it. */
static bool
estate_is_first(const struct gcp_conf *conf, size_t at)
{
	const struct gcp_service_conf *own = &conf->services[at];

	for (size_t i = 0; i < at; i++)
		if (conf->services[i].connector != NULL &&
		    strcmp(conf->services[i].connector, own->connector) == 0 &&
		    strcmp(conf->services[i].region, own->region) == 0)
			return false;
	return true;
}

void
gcp_vpc_list(struct gcp_call *call)
{
	struct gcp_page page = gcp_page_begin(call, "connectors", 100, 1000);
	const struct gcp_conf *conf = call->gcp->conf;

	for (size_t i = 0; i < conf->service_count; i++) {
		const struct gcp_service_conf *own = &conf->services[i];
		cJSON *doc;

		if (own->connector == NULL || !estate_is_first(conf, i) ||
		    (strcmp(call->part[ESTATE_LOCATION], own->region) != 0 &&
			strcmp(call->part[ESTATE_LOCATION], "-") != 0))
			continue;
		doc = estate_connector(call->gcp, own);
		gcp_page_take(&page, doc);
		cJSON_Delete(doc);
	}
	gcp_page_end(&page, call);
}

void
gcp_vpc_get(struct gcp_call *call)
{
	const struct gcp_conf *conf = call->gcp->conf;

	for (size_t i = 0; i < conf->service_count; i++) {
		const struct gcp_service_conf *own = &conf->services[i];

		if (own->connector == NULL ||
		    strcmp(own->connector, call->part[ESTATE_CONNECTOR]) != 0 ||
		    strcmp(own->region, call->part[ESTATE_LOCATION]) != 0)
			continue;
		gcp_reply_doc(call->reply, estate_connector(call->gcp, own));
		return;
	}
	gcp_reply_error(call->reply, GCP_NOT_FOUND, NULL,
	    "Resource 'projects/%s/locations/%s/connectors/%s' was not found",
	    conf->project, call->part[ESTATE_LOCATION],
	    call->part[ESTATE_CONNECTOR]);
}

void
gcp_build_add(struct gcp *gcp, const struct gcp_service_conf *service,
    const char *tag, int64_t age_ms, const char *status)
{
	cJSON *doc = cJSON_CreateObject(), *part;
	int64_t begun = gcp->wall_ms - age_ms;
	char text[SIM_GCP_PATH_MAX], id[SIM_GCP_NAME_MAX];

	snprintf(id, sizeof(id), "%08" PRIx64 "-4c1f-4a7e-9d21-%012" PRIx64,
	    rng_next(&gcp->rng) >> 32, rng_next(&gcp->rng) >> 16);
	doc_put_str(doc, "id", id);
	doc_put_str(doc, "projectId", gcp->conf->project);
	doc_put_str(doc, "status", status);
	doc_put_time(doc, "createTime", begun);
	doc_put_time(doc, "startTime", begun + 1500);
	if (strcmp(status, "WORKING") != 0)
		doc_put_time(doc, "finishTime", begun + SIM_GCP_BUILD_MS);
	if (strcmp(status, "FAILURE") == 0) {
		part = doc_put_map(doc, "failureInfo");
		doc_put_str(part, "type", "USER_BUILD_STEP");
		doc_put_str(part, "detail",
		    "Build step failure: build step 1 \"npm\" failed: step "
		    "exited with non-zero status: 1");
		doc_put_str(doc, "statusDetail", "npm test exited with 1");
	}
	doc_put_str(doc, "buildTriggerId", "push-to-main");
	snprintf(text, sizeof(text), "%s:%s", service->image, tag);
	cJSON_AddItemToArray(
	    doc_put_list(doc, "images"), cJSON_CreateString(text));
	part = doc_put_map(doc, "substitutions");
	doc_put_str(part, "REPO_NAME", service->name);
	doc_put_str(part, "BRANCH_NAME", "main");
	doc_put_str(part, "TAG_NAME", tag);
	snprintf(
	    text, sizeof(text), "%07" PRIx64, rng_next(&gcp->rng) & 0xfffffff);
	doc_put_str(part, "SHORT_SHA", text);
	snprintf(text, sizeof(text),
	    "https://console.cloud.google.com/cloud-build/builds/%s?project=%s",
	    id, gcp->conf->number);
	doc_put_str(doc, "logUrl", text);
	doc_put_str(doc, "timeout", "600s");
	if (gcp->build_count == SIM_GCP_BUILDS_MAX) {
		cJSON_Delete(gcp->builds[0]);
		memmove(gcp->builds, gcp->builds + 1,
		    (SIM_GCP_BUILDS_MAX - 1) * sizeof(gcp->builds[0]));
		gcp->build_count--;
	}
	gcp->builds[gcp->build_count++] = doc;
}

static int
estate_older(const void *a, const void *b)
{
	const cJSON *const *x = a, *const *y = b;

	return strcmp(json_string(json_member(*x, "createTime")),
	    json_string(json_member(*y, "createTime")));
}

/* Those of the revisions there are, and one that failed before it was good. */
void
gcp_builds_make(struct gcp *gcp)
{
	const int64_t hour_ms = 3600 * 1000;

	for (size_t s = 0; s < gcp->service_count; s++) {
		const struct gcp_service_conf *conf = gcp->services[s].conf;

		for (size_t i = 0; i < conf->tag_count; i++) {
			int64_t age_ms =
			    (int64_t)((s + 1) * (conf->tag_count - i)) *
			    ESTATE_APART_H * hour_ms;

			gcp_build_add(
			    gcp, conf, conf->tags[i], age_ms, "SUCCESS");
			if (s == 0 && i == 1)
				gcp_build_add(gcp, conf, conf->tags[i],
				    age_ms + hour_ms / 2, "FAILURE");
		}
	}
	qsort(gcp->builds, gcp->build_count, sizeof(gcp->builds[0]),
	    estate_older);
}

void
gcp_builds_free(struct gcp *gcp)
{
	for (size_t i = 0; i < gcp->build_count; i++)
		cJSON_Delete(gcp->builds[i]);
}

/* For the filter; subject: a build's document. Names in snake_case, too. */
static void
estate_value(
    const void *subject, const char *field, struct gcp_value *ret_value)
{
	static const char *const names[][2] = {
		{ "build_trigger_id", "buildTriggerId" },
		{ "trigger_id", "buildTriggerId" },
		{ "create_time", "createTime" }, { "finish_time", "finishTime" }
	};
	const char *text;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(field, names[i][0]) == 0)
			field = names[i][1];
	text = json_string(json_member(subject, field));
	ret_value->kind = GCP_VALUE_NONE;
	if (text == NULL)
		return;
	ret_value->kind = gcp_time_parse(text, &ret_value->ns) ? GCP_VALUE_TIME
							       : GCP_VALUE_TEXT;
	ret_value->text = text;
}

void
gcp_build_list(struct gcp_call *call)
{
	const char *text = httpd_arg(call->request, "filter");
	struct gcp_filter *filter = NULL;
	struct err err = ERR_INIT;
	struct gcp_page page;

	if (gcp_filter_parse(text != NULL ? text : "", &filter, &err) !=
	    ERR_OK) {
		gcp_reply_error(call->reply, GCP_INVALID_ARGUMENT, NULL,
		    "filter: %s", err_text(&err));
		return;
	}
	page = gcp_page_begin(call, "builds", 20, 1000);
	for (size_t i = call->gcp->build_count; i-- > 0;)
		if (gcp_filter_match(
			filter, estate_value, call->gcp->builds[i]))
			gcp_page_take(&page, call->gcp->builds[i]);
	gcp_filter_free(filter);
	gcp_page_end(&page, call);
}
