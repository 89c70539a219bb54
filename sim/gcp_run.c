/*
 * Cloud Run Admin API v2: services and their revisions, read and changed.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"
#include "sim/gcp.h"
#include "sim/gcp_check.h"
#include "sim/gcp_mask.h"
#include "sim/gcp_schema.h"

#define ANY_SERVICE "type.googleapis.com/google.cloud.run.v2.Service"

enum { /* parts of the paths */
	RUN_LOCATION = 1,
	RUN_SERVICE,
	RUN_REVISION,
};

/* A token is how many items come before; only we read it. */
struct gcp_page
gcp_page_begin(
    struct gcp_call *call, const char *key, size_t preset, size_t max)
{
	const char *size = httpd_arg(call->request, "pageSize");
	const char *token = httpd_arg(call->request, "pageToken");
	struct gcp_page page = { .root = cJSON_CreateObject(), .size = preset };
	int64_t number;

	page.list = doc_put_list(page.root, key);
	if (token != NULL && token[0] != '\0') {
		if (token[0] != 'p' ||
		    !num_parse_i64(token + 1, strlen(token + 1), &number) ||
		    number < 0)
			page.bad = true;
		else
			page.skip = (size_t)number;
	}
	if (size != NULL &&
	    (!num_parse_i64(size, strlen(size), &number) || number < 0))
		page.bad = true;
	else if (size != NULL && number > 0)
		page.size = (size_t)number < max ? (size_t)number : max;
	if (page.bad)
		gcp_reply_error(call->reply, GCP_INVALID_ARGUMENT, NULL,
		    "The page size or page token is not valid.");
	return page;
}

void
gcp_page_take(struct gcp_page *page, const cJSON *item)
{
	size_t at = page->seen++;

	if (!page->bad && at >= page->skip && at < page->skip + page->size)
		cJSON_AddItemToArray(page->list, cJSON_Duplicate(item, true));
}

void
gcp_page_end(struct gcp_page *page, struct gcp_call *call)
{
	char token[NUM_TEXT_MAX];

	if (page->bad) {
		cJSON_Delete(page->root);
		return;
	}
	if (page->seen > page->skip + page->size) {
		snprintf(token, sizeof(token), "p%zu", page->skip + page->size);
		doc_put_str(page->root, "nextPageToken", token);
	}
	doc_prune(page->root);
	gcp_reply_doc(call->reply, page->root);
}

void
gcp_run_list(struct gcp_call *call)
{
	struct gcp_page page = gcp_page_begin(call, "services", 100, 1000);
	struct gcp *gcp = call->gcp;

	for (size_t i = 0; i < gcp->service_count; i++)
		if (strcmp(gcp->services[i].conf->region,
			call->part[RUN_LOCATION]) == 0)
			gcp_page_take(&page, gcp->services[i].doc);
	gcp_page_end(&page, call);
}

static bool
run_is(const char *name, const char *given)
{
	return name != NULL && strcmp(name, given) == 0;
}

/* The service that is asked for; NULL when it is answered already. */
static struct gcp_service *
run_service(struct gcp_call *call)
{
	struct gcp *gcp = call->gcp;
	const char *name = call->part[RUN_SERVICE];
	struct gcp_service *service;

	if (run_is(gcp->conf->limited, name)) {
		gcp_reply_error(call->reply, GCP_RESOURCE_EXHAUSTED,
		    gcp_detail_info(NULL, "RATE_LIMIT_EXCEEDED", call->api,
			"quota_limit", "ReadPerMinutePerProjectRegion"),
		    "Quota exceeded for quota metric 'Read requests'.");
		return NULL;
	}
	if (run_is(gcp->conf->flaky, name)) {
		if (gcp->asked)
			return &gcp->services[0];
		gcp->asked = true;
		gcp_reply_error(call->reply, GCP_UNAVAILABLE, NULL,
		    "The service is currently unavailable.");
		return NULL;
	}
	service = gcp_service_find(gcp, call->part[RUN_LOCATION], name);
	if (service == NULL)
		gcp_reply_error(call->reply, GCP_NOT_FOUND, NULL,
		    "Resource '%s' of kind 'SERVICE' in region '%s' in project "
		    "'%s' does not exist.",
		    name, call->part[RUN_LOCATION], gcp->conf->project);
	return service;
}

void
gcp_run_get(struct gcp_call *call)
{
	const struct gcp_service *service = run_service(call);

	if (service != NULL)
		gcp_reply_copy(call->reply, service->doc);
}

static void
run_take_revisions(struct gcp_page *page, const struct gcp_service *service)
{
	for (size_t i = service->revision_count; i-- > 0;)
		gcp_page_take(page, service->revisions[i]->doc);
}

void
gcp_run_revisions(struct gcp_call *call)
{
	struct gcp *gcp = call->gcp;
	bool all = strcmp(call->part[RUN_SERVICE], "-") == 0;
	const struct gcp_service *service = all ? NULL : run_service(call);
	struct gcp_page page;

	if (!all && service == NULL)
		return;
	page = gcp_page_begin(call, "revisions", 100, 1000);
	if (service != NULL)
		run_take_revisions(&page, service);
	for (size_t i = 0; all && i < gcp->service_count; i++)
		if (strcmp(gcp->services[i].conf->region,
			call->part[RUN_LOCATION]) == 0)
			run_take_revisions(&page, &gcp->services[i]);
	gcp_page_end(&page, call);
}

void
gcp_run_revision(struct gcp_call *call)
{
	const struct gcp_service *service = run_service(call);
	const struct gcp_revision *revision;

	if (service == NULL)
		return;
	revision = gcp_revision_find(service, call->part[RUN_REVISION]);
	if (revision != NULL)
		gcp_reply_copy(call->reply, revision->doc);
	else
		gcp_reply_error(call->reply, GCP_NOT_FOUND, NULL,
		    "Revision '%s' of service '%s' does not exist.",
		    call->part[RUN_REVISION], call->part[RUN_SERVICE]);
}

static bool
run_wants(const struct gcp_call *call, const char *name)
{
	const char *value = httpd_arg(call->request, name);

	return value != NULL && strcmp(value, "true") == 0;
}

static void
run_refuse(struct gcp_call *call, const struct gcp_fault_at *fault)
{
	gcp_reply_error(call->reply, GCP_INVALID_ARGUMENT,
	    gcp_detail_field(NULL, fault->field, fault->what), "%s: %s",
	    fault->field, fault->what);
}

/* The version that was read must be the one that is there. */
static bool
run_etag_fits(struct gcp_call *call, const struct gcp_service *service)
{
	const char *given = json_string(json_member(call->body, "etag"));
	const char *now = json_string(json_member(service->doc, "etag"));

	if (given == NULL || given[0] == '\0' || strcmp(given, now) == 0)
		return true;
	gcp_reply_error(call->reply, GCP_ABORTED, NULL,
	    "Conflict for resource '%s': the etag %.64s was specified but the "
	    "current etag is %s.",
	    service->conf->name, given, now);
	return false;
}

/* True, and answered, when there is no room for one more revision. */
static bool
run_is_full(
    struct gcp_call *call, const struct gcp_service *service, bool fresh)
{
	if (!fresh || service->revision_count < SIM_GCP_REVISIONS_MAX)
		return false;
	gcp_reply_error(call->reply, GCP_RESOURCE_EXHAUSTED, NULL,
	    "Service '%s' has too many revisions; delete some.",
	    service->conf->name);
	return true;
}

/*
 * The name of a revision that the body asks for: 0: there is none, or it is
 * free; 1: it is that of what is there, and nothing changes; -1: answered.
 */
static int
run_named(struct gcp_call *call, const struct gcp_service *service,
    const cJSON *doc, bool changed)
{
	const char *name =
	    json_string(json_member(json_member(doc, "template"), "revision"));
	size_t len = strlen(service->conf->name);

	if (name == NULL)
		return 0;
	if (strncmp(name, service->conf->name, len) != 0 || name[len] != '-') {
		gcp_reply_error(call->reply, GCP_INVALID_ARGUMENT, NULL,
		    "template.revision: must start with '%s-'.",
		    service->conf->name);
		return -1;
	}
	if (gcp_revision_find(service, name) == NULL)
		return 0;
	if (!changed)
		return 1;
	gcp_reply_error(call->reply, GCP_ALREADY_EXISTS, NULL,
	    "Revision named '%s' with different configuration already exists.",
	    name);
	return -1;
}

/* A change of the template makes a new revision, whatever it is called. */
static bool
run_template_differs(const cJSON *before, const cJSON *after)
{
	cJSON *a = cJSON_Duplicate(json_member(before, "template"), true);
	cJSON *b = cJSON_Duplicate(json_member(after, "template"), true);
	bool differs;

	doc_put(a, "revision", NULL);
	doc_put(b, "revision", NULL);
	differs = !cJSON_Compare(a, b, true);
	cJSON_Delete(a);
	cJSON_Delete(b);
	return differs;
}

/* Only tried: what would come out, as an operation that is over. */
static void
run_reply_tried(struct gcp_call *call, cJSON *doc)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *response = cJSON_Duplicate(doc, true);

	doc_put_str(response, "@type", ANY_SERVICE);
	doc_put(root, "metadata", cJSON_Duplicate(response, true));
	doc_put(root, "done", cJSON_CreateTrue());
	doc_put(root, "response", response);
	gcp_reply_doc(call->reply, root);
}

/* The service as it would be; NULL when it is answered already. */
static cJSON *
run_merge(struct gcp_call *call, const struct gcp_service *service,
    const struct gcp_mask *mask)
{
	cJSON *body = cJSON_Duplicate(call->body, true);
	cJSON *doc = cJSON_Duplicate(service->doc, true);
	struct gcp_fault_at fault;
	bool good;

	if (body == NULL)
		body = cJSON_CreateObject();
	good = gcp_body_take(body, &gcp_run_service, &fault);
	if (good) {
		gcp_mask_merge(doc, body, &gcp_run_service, mask);
		good = gcp_check_service(service, doc, &fault);
	}
	cJSON_Delete(body);
	if (good)
		return doc;
	cJSON_Delete(doc);
	run_refuse(call, &fault);
	return NULL;
}

void
gcp_run_patch(struct gcp_call *call)
{
	struct gcp_service *service = run_service(call);
	struct gcp *gcp = call->gcp;
	struct gcp_fault_at fault;
	struct gcp_mask mask;
	bool changed, fresh;
	cJSON *doc;
	int named;

	if (service == NULL)
		return;
	if (gcp->conflict && !run_wants(call, "validateOnly")) {
		gcp->conflict = false;
		gcp_service_touch(gcp, service, "colleague@example.com");
	}
	if (!run_etag_fits(call, service))
		return;
	if (!gcp_mask_parse(httpd_arg(call->request, "updateMask"),
		&gcp_run_service, &mask, &fault)) {
		run_refuse(call, &fault);
		return;
	}
	doc = run_merge(call, service, &mask);
	if (doc == NULL)
		return;
	changed = run_template_differs(service->doc, doc);
	fresh = changed || run_wants(call, "forceNewRevision");
	named = run_is_full(call, service, fresh)
		    ? -1
		    : run_named(call, service, doc, changed);
	if (named < 0 || run_wants(call, "validateOnly")) {
		if (named >= 0)
			run_reply_tried(call, doc);
		cJSON_Delete(doc);
		return;
	}
	gcp_reply_doc(call->reply, gcp_op_doc(gcp_service_change(gcp, service,
				       doc, fresh && named == 0, call->who)));
}
