#include "sim/gcp_check.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/num.h"
#include "sim/gcp.h"

#define TO_LATEST   "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
#define TO_REVISION "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"

enum {
	CHECK_TIMEOUT_S = 3600,
	CHECK_CONCURRENCY = 1000,
	CHECK_INSTANCES = 1000,
};

#define GIB (1024.0 * 1024 * 1024)

static bool
check_target(const struct gcp_service *service, cJSON *target,
    struct gcp_fault_at *fault)
{
	const char *type = json_string(json_member(target, "type"));
	const char *revision = json_string(json_member(target, "revision"));
	double percent = doc_number(json_member(target, "percent"), 0);
	const struct gcp_revision *found;

	if (percent < 0 || percent > 100)
		return gcp_fault_say(fault, "service.traffic.percent",
		    "must be between 0 and 100");
	if (type == NULL)
		doc_put_str(
		    target, "type", revision != NULL ? TO_REVISION : TO_LATEST);
	else if ((strcmp(type, TO_LATEST) == 0) != (revision == NULL))
		return gcp_fault_say(fault, "service.traffic.revision",
		    revision == NULL ? "a target of type REVISION must name a "
				       "revision"
				     : "a target of type LATEST must not name "
				       "a revision");
	if (revision == NULL)
		return true;
	found = gcp_revision_find(service, revision);
	if (found == NULL)
		return gcp_fault_say(fault, "service.traffic.revision",
		    "Revision '%s' does not exist or is deleted.", revision);
	if (found->failed && percent > 0)
		return gcp_fault_say(fault, "service.traffic.revision",
		    "Revision '%s' is not ready and cannot serve traffic.",
		    revision);
	return true;
}

static bool
check_traffic(
    const struct gcp_service *service, cJSON *doc, struct gcp_fault_at *fault)
{
	cJSON *list = doc_get(doc, "traffic");
	double sum = 0;

	if (json_count(list) == 0) {
		list = doc_add_map(doc_put_list(doc, "traffic"));
		doc_put_str(list, "type", TO_LATEST);
		doc_put_num(list, "percent", 100);
		return true;
	}
	for (cJSON *target = list->child; target != NULL;
	     target = target->next) {
		const char *tag = json_string(json_member(target, "tag"));

		if (!check_target(service, target, fault))
			return false;
		sum += doc_number(json_member(target, "percent"), 0);
		for (const cJSON *other = list->child;
		     tag != NULL && other != target; other = other->next) {
			const char *used =
			    json_string(json_member(other, "tag"));

			if (used != NULL && strcmp(used, tag) == 0)
				return gcp_fault_say(fault,
				    "service.traffic.tag",
				    "tag '%s' is used twice", tag);
		}
	}
	return sum == 100 || gcp_fault_say(fault, "service.traffic",
				 "Traffic percentages must add up to 100, but "
				 "are %g.",
				 sum);
}

double
gcp_quantity(const char *text)
{
	static const struct {
		const char *suffix;
		double factor;
	} units[] = { { "", 1 }, { "m", 0.001 }, { "k", 1e3 }, { "M", 1e6 },
		{ "G", 1e9 }, { "Ki", 1024 }, { "Mi", GIB / 1024 },
		{ "Gi", GIB } };
	size_t digits = strspn(text, "0123456789.");
	double value;

	if (!num_parse_double(text, digits, &value))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strcmp(text + digits, units[i].suffix) == 0)
			return value * units[i].factor;
	return -1;
}

static bool
check_limits(const cJSON *container, struct gcp_fault_at *fault)
{
	static const char field[] =
	    "service.template.containers.resources.limits";
	const cJSON *limits =
	    json_member(json_member(container, "resources"), "limits");
	const char *cpu_text = json_string(json_member(limits, "cpu"));
	const char *memory_text = json_string(json_member(limits, "memory"));
	double cpu = cpu_text != NULL ? gcp_quantity(cpu_text) : 1;
	double memory =
	    memory_text != NULL ? gcp_quantity(memory_text) : GIB / 2;

	if (cpu < 0.08 ||
	    (cpu > 1 && cpu != 2 && cpu != 4 && cpu != 6 && cpu != 8))
		return gcp_fault_say(fault, field,
		    "Invalid value specified for cpu. Must be 1, 2, 4, 6 or 8, "
		    "or less than 1.");
	if (memory < GIB / 8 || memory > 32 * GIB)
		return gcp_fault_say(fault, field,
		    "Invalid value specified for memory. Must be between "
		    "128Mi and 32Gi.");
	if ((cpu >= 4 && memory < 2 * GIB) || (cpu >= 6 && memory < 4 * GIB))
		return gcp_fault_say(fault, field,
		    "Invalid value specified for cpu. For the specified value, "
		    "%s, memory must be at least %s.",
		    cpu_text, cpu >= 6 ? "4Gi" : "2Gi");
	return true;
}

static bool
check_container(const cJSON *container, struct gcp_fault_at *fault)
{
	const cJSON *env = json_member(container, "env");

	if (json_string(json_member(container, "image")) == NULL)
		return gcp_fault_say(
		    fault, "service.template.containers.image", "must be set");
	for (const cJSON *v = json_first(env); v != NULL; v = json_next(v)) {
		const char *name = json_string(json_member(v, "name"));

		if (name == NULL)
			return gcp_fault_say(fault,
			    "service.template.containers.env.name",
			    "must be set");
		for (const cJSON *o = json_first(env); o != v; o = json_next(o))
			if (strcmp(json_string(json_member(o, "name")), name) ==
			    0)
				return gcp_fault_say(fault,
				    "service.template.containers.env",
				    "'%s' is set twice", name);
	}
	return check_limits(container, fault);
}

static bool
check_bounds(
    const cJSON *scaling, const char *field, struct gcp_fault_at *fault)
{
	double min = doc_number(json_member(scaling, "minInstanceCount"), 0);
	double max = doc_number(json_member(scaling, "maxInstanceCount"), 0);

	if (min < 0 || max < 0 || min > CHECK_INSTANCES ||
	    max > CHECK_INSTANCES)
		return gcp_fault_say(
		    fault, field, "must be between 0 and %d", CHECK_INSTANCES);
	if (max > 0 && min > max)
		return gcp_fault_say(fault, field,
		    "minInstanceCount %g is larger than maxInstanceCount %g",
		    min, max);
	return true;
}

static bool
check_template(const cJSON *template, struct gcp_fault_at *fault)
{
	const char *timeout = json_string(json_member(template, "timeout"));
	double concurrency = doc_number(
	    json_member(template, "maxInstanceRequestConcurrency"), 80);
	const cJSON *list = json_member(template, "containers");
	double seconds = 300;

	if (json_count(list) == 0)
		return gcp_fault_say(fault, "service.template.containers",
		    "must have at least one container");
	for (const cJSON *c = json_first(list); c != NULL; c = json_next(c))
		if (!check_container(c, fault))
			return false;
	if (concurrency < 1 || concurrency > CHECK_CONCURRENCY)
		return gcp_fault_say(fault,
		    "service.template.maxInstanceRequestConcurrency",
		    "must be between 1 and %d", CHECK_CONCURRENCY);
	if (timeout != NULL &&
	    !num_parse_double(timeout, strcspn(timeout, "s"), &seconds))
		seconds = 0;
	if (seconds < 1 || seconds > CHECK_TIMEOUT_S)
		return gcp_fault_say(fault, "service.template.timeout",
		    "must be between 1 and %d seconds", CHECK_TIMEOUT_S);
	return check_bounds(json_member(template, "scaling"),
	    "service.template.scaling", fault);
}

bool
gcp_check_service(const struct gcp_service *service, cJSON *doc,
    struct gcp_fault_at *ret_fault)
{
	return check_template(json_member(doc, "template"), ret_fault) &&
	       check_bounds(
		   json_member(doc, "scaling"), "service.scaling", ret_fault) &&
	       check_traffic(service, doc, ret_fault);
}
