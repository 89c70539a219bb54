#include "sim/gcp_revision.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "sim/gcp_check.h"
#include "sim/gcp_slots.h"

cJSON *
gcp_condition(
    const char *type, const char *state, const char *message, int64_t wall_ms)
{
	cJSON *condition = cJSON_CreateObject();

	doc_put_str(condition, "type", type);
	doc_put_str(condition, "state", state);
	if (message[0] != '\0')
		doc_put_str(condition, "message", message);
	doc_put_time(condition, "lastTransitionTime", wall_ms);
	return condition;
}

static void
service_put_variables(cJSON *container, const struct gcp_service_conf *conf)
{
	cJSON *list = doc_put_list(container, "env");

	for (size_t i = 0; i < conf->variable_count; i++) {
		const struct gcp_variable *variable = &conf->variables[i];
		cJSON *entry = doc_add_map(list), *ref;

		doc_put_str(entry, "name", variable->name);
		if (variable->value != NULL) {
			doc_put_str(entry, "value", variable->value);
			continue;
		}
		ref = doc_put_map(
		    doc_put_map(entry, "valueSource"), "secretKeyRef");
		doc_put_str(ref, "secret", variable->secret);
		doc_put_str(ref, "version", "latest");
	}
}

static void
service_put_template(
    const struct gcp *gcp, cJSON *doc, const struct gcp_service_conf *conf)
{
	cJSON *template = doc_put_map(doc, "template");
	cJSON *container = doc_add_map(doc_put_list(template, "containers"));
	cJSON *resources = doc_put_map(container, "resources");
	cJSON *limits = doc_put_map(resources, "limits"), *part;
	char path[SIM_GCP_PATH_MAX];

	doc_put_str(limits, "cpu", conf->cpu);
	doc_put_str(limits, "memory", conf->memory);
	doc_put(resources, "cpuIdle", cJSON_CreateTrue());
	doc_put(resources, "startupCpuBoost", cJSON_CreateTrue());
	part = doc_add_map(doc_put_list(container, "ports"));
	doc_put_str(part, "name", "http1");
	doc_put_num(part, "containerPort", 8080);
	if (conf->variable_count > 0)
		service_put_variables(container, conf);
	doc_put_str(template, "timeout", conf->timeout);
	doc_put_num(
	    template, "maxInstanceRequestConcurrency", conf->concurrency);
	snprintf(path, sizeof(path), "%s@%s.iam.gserviceaccount.com",
	    conf->name, gcp->conf->project);
	doc_put_str(template, "serviceAccount", path);
	if (conf->connector == NULL)
		return;
	part = doc_put_map(template, "vpcAccess");
	snprintf(path, sizeof(path), "projects/%s/locations/%s/connectors/%s",
	    gcp->conf->project, conf->region, conf->connector);
	doc_put_str(part, "connector", path);
	doc_put_str(part, "egress", "PRIVATE_RANGES_ONLY");
}

cJSON *
gcp_service_doc(const struct gcp *gcp, const struct gcp_service *service)
{
	const struct gcp_service_conf *conf = service->conf;
	cJSON *doc = cJSON_CreateObject(), *scaling;
	char text[SIM_GCP_PATH_MAX];

	doc_put_str(doc, "name", service->path);
	snprintf(text, sizeof(text), "%08" PRIx64 "-0000-4000-8000-%012" PRIx64,
	    rng_hash(service->path, strlen(service->path)) >> 32,
	    rng_hash(conf->name, strlen(conf->name)) >> 16);
	doc_put_str(doc, "uid", text);
	doc_put_time(
	    doc, "createTime", gcp->wall_ms - INT64_C(200) * 24 * 3600 * 1000);
	doc_put_str(doc, "creator", conf->people[0]);
	doc_put_str(doc, "client", "gcloud");
	doc_put_str(doc, "clientVersion", "578.0.0");
	doc_put_str(doc, "ingress", "INGRESS_TRAFFIC_ALL");
	doc_put_str(doc, "launchStage", "GA");
	snprintf(text, sizeof(text), "https://%s-%s.%s.run.app", conf->name,
	    gcp->conf->number, conf->region);
	doc_put_str(doc, "uri", text);
	cJSON_AddItemToArray(
	    doc_put_list(doc, "urls"), cJSON_CreateString(text));
	service_put_template(gcp, doc, conf);
	scaling = doc_put_map(doc, "scaling");
	if (conf->min > 0)
		doc_put_num(scaling, "minInstanceCount", conf->min);
	if (conf->max > 0)
		doc_put_num(scaling, "maxInstanceCount", conf->max);
	return doc;
}

static bool
revision_is_on(const cJSON *container, const char *variable)
{
	const cJSON *v = json_first(json_member(container, "env"));

	for (; v != NULL; v = json_next(v)) {
		const char *name = json_string(json_member(v, "name"));
		const char *value = json_string(json_member(v, "value"));

		if (name != NULL && strcmp(name, variable) == 0)
			return value != NULL && strcmp(value, "true") == 0;
	}
	return false;
}

/* What the load has to know of it: image, variables, limits. */
static void
revision_look(const struct gcp *gcp, struct gcp_revision *revision,
    const struct gcp_service_conf *conf)
{
	const cJSON *container =
	    json_first(json_member(revision->doc, "containers"));
	const char *image = json_string(json_member(container, "image"));
	const char *tag = image != NULL ? strrchr(image, ':') : NULL;
	const cJSON *limits =
	    json_member(json_member(container, "resources"), "limits");
	const char *cpu = json_string(json_member(limits, "cpu"));
	const char *memory = json_string(json_member(limits, "memory"));

	snprintf(revision->tag, sizeof(revision->tag), "%s",
	    tag != NULL ? tag + 1 : "");
	revision->cpu = cpu != NULL ? gcp_quantity(cpu) : 1;
	revision->memory = gcp_quantity(memory != NULL ? memory : "512Mi");
	revision->concurrency = doc_number(
	    json_member(revision->doc, "maxInstanceRequestConcurrency"), 80);
	for (size_t i = 0; i < conf->harm_count; i++) {
		const struct gcp_harm *harm = &conf->harms[i];

		if ((harm->tag == NULL ||
			strcmp(harm->tag, revision->tag) == 0) &&
		    (harm->variable == NULL ||
			revision_is_on(container, harm->variable)))
			revision->harms |= UINT32_C(1) << i;
	}
	for (size_t i = 0; i < gcp->conf->service_count; i++) {
		const char *variable = gcp->conf->services[i].needed_by;

		if (variable != NULL && revision_is_on(container, variable))
			revision->feeds |= UINT32_C(1) << i;
	}
}

/* vistralai-00042-qez, or what the template calls it. */
static void
revision_name(struct gcp *gcp, struct gcp_service *service, char *out)
{
	static const char letters[] = "bcdfghjkmnpqrstvwxz";
	const char *given = json_string(
	    json_member(json_member(service->doc, "template"), "revision"));
	char end[5] = "-";

	for (size_t i = 1; i < 4; i++)
		end[i] = letters[rng_below(&gcp->rng, sizeof(letters) - 1)];
	if (given != NULL)
		snprintf(out, SIM_GCP_NAME_MAX, "%s", given);
	else
		snprintf(out, SIM_GCP_NAME_MAX, "%.80s-%05u%s",
		    service->conf->name, service->next_number,
		    service->conf->bare_names ? "" : end);
	service->next_number++;
}

struct gcp_revision *
gcp_revision_new(struct gcp *gcp, struct gcp_service *service, const char *who,
    int64_t wall_ms)
{
	struct gcp_revision *revision = mem_calloc(1, sizeof(*revision));
	char path[SIM_GCP_PATH_MAX];
	cJSON *doc;

	if (revision == NULL)
		return NULL;
	revision_name(gcp, service, revision->name);
	doc = cJSON_Duplicate(json_member(service->doc, "template"), true);
	if (doc == NULL) {
		mem_free(revision);
		return NULL;
	}
	revision->doc = doc;
	doc_put(doc, "revision", NULL);
	snprintf(path, sizeof(path), "%.*s/revisions/%s",
	    SIM_GCP_PATH_MAX - SIM_GCP_NAME_MAX - 16, service->path,
	    revision->name);
	doc_put_str(doc, "name", path);
	snprintf(path, sizeof(path), "%08" PRIx64 "-0000-4000-8000-%012" PRIx64,
	    rng_next(&gcp->rng) >> 32, rng_next(&gcp->rng) >> 16);
	doc_put_str(doc, "uid", path);
	doc_put_str(doc, "generation", "1");
	doc_put_str(doc, "service", service->conf->name);
	doc_put_str(doc, "creator", who);
	doc_put_time(doc, "createTime", wall_ms);
	doc_put_time(doc, "updateTime", wall_ms);
	doc_put(doc, "reconciling", cJSON_CreateTrue());
	cJSON_AddItemToArray(doc_put_list(doc, "conditions"),
	    gcp_condition("Ready", "CONDITION_RECONCILING",
		"Deploying revision.", wall_ms));
	revision_look(gcp, revision, service->conf);
	return revision;
}

struct gcp_revision *
gcp_revision_free(struct gcp_revision *revision)
{
	if (revision == NULL)
		return NULL;
	cJSON_Delete(revision->doc);
	mem_free(revision->slots);
	mem_free(revision);
	return NULL;
}

void
gcp_revision_settle(const struct gcp *gcp, struct gcp_revision *revision,
    const char *state, const char *message)
{
	static const char *const types[] = { "Ready", "ContainerHealthy",
		"ResourcesAvailable" };
	cJSON *list = doc_put_list(revision->doc, "conditions");
	bool good = strcmp(state, "CONDITION_SUCCEEDED") == 0;

	revision->ready = good;
	revision->failed = !good;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		bool fine = good || i == 2; /* resources are never short */
		cJSON *condition = gcp_condition(types[i],
		    fine ? "CONDITION_SUCCEEDED" : state, fine ? "" : message,
		    gcp->wall_ms);

		if (!fine)
			doc_put_str(condition, "revisionReason",
			    "HEALTH_CHECK_CONTAINER_ERROR");
		cJSON_AddItemToArray(list, condition);
	}
	doc_put(revision->doc, "reconciling", NULL);
	doc_put_str(revision->doc, "observedGeneration", "1");
	doc_put_time(revision->doc, "updateTime", gcp->wall_ms);
}

void
gcp_revision_active(struct gcp_revision *revision)
{
	cJSON *list = doc_get(revision->doc, "conditions");
	const char *updated =
	    json_string(json_member(revision->doc, "updateTime"));
	bool active = revision->share > 0;
	cJSON *condition = list != NULL ? list->child : NULL, *next;

	for (; condition != NULL; condition = next) {
		const char *type = json_string(json_member(condition, "type"));

		next = condition->next;
		if (type != NULL && strcmp(type, "Active") == 0)
			cJSON_Delete(
			    cJSON_DetachItemViaPointer(list, condition));
	}
	if (!revision->ready)
		return;
	condition = cJSON_CreateObject();
	doc_put_str(condition, "type", "Active");
	doc_put_str(condition, "state",
	    active ? "CONDITION_SUCCEEDED" : "CONDITION_FAILED");
	doc_put_str(condition, "lastTransitionTime",
	    updated != NULL ? updated : "1970-01-01T00:00:00Z");
	if (!active) {
		doc_put_str(condition, "severity", "INFO");
		doc_put_str(condition, "revisionReason", "RETIRED");
		doc_put_str(condition, "message", "Revision retired.");
	}
	cJSON_AddItemToArray(list, condition);
}
